"""Every setting the lecture notes name, and its neighbours: type, unit, default per version.

Defaults change, and so does what a book may claim: a sentence such as "acks is 1 by default" was
true until 2.8. The table beside this file (`settings.tsv`) holds the default of 2.8, 3.9 and 4.x,
and a chapter asserts on it instead of remembering.

Source: kafka, `ProducerConfig`, `ConsumerConfig`, `TopicConfig`, `KafkaConfig` and their parts of
the 2.8, 3.9 and 4.3 lines; KIPs as named in each row.
"""

import csv
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from itertools import chain
from textwrap import wrap
from typing import Literal

from kafkabook.base.door import at_the_door, listed_words, meant, must_be
from kafkabook.base.errors import UnknownName
from kafkabook.base.kafka_settings import KafkaSetting, kafka_settings, the_same, what_is_gone
from kafkabook.base.shown import Shown
from kafkabook.base.units import INT64_MAX, bytes_text, ms_text

Version = Literal["2.8", "3.9", "4.x"]
VERSIONS: tuple[Version, ...] = ("2.8", "3.9", "4.x")
Value = int | float | bool | str | tuple[str, ...] | None


class UnknownSetting(UnknownName):
    """No setting has this name; the message proposes the nearest ones."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: what Kafka calls it, what it may be, what it was and is by default."""

    name: str
    meaning: str  # what it decides, as a phrase; "" where only Kafka's own classes name it
    scope: str  # producer, consumer, admin, topic, broker, connect, registry, zookeeper, os, jvm
    type: str
    unit: str
    defaults: dict[str, str]  # version -> text as Kafka documents it
    valid: str
    notes_section: str
    kip: str
    misspelt: tuple[str, ...]
    note: str

    def default(self, version: Version = "4.x") -> Value:
        """Return the default of `version` as a Python value.

        Raises:
            UnknownSetting: this version has no such setting, or no default for it.
        """
        text = self.defaults[version]
        if text.startswith(("n/a", "removed", "(required)")):
            why = f"{text}, {self.gone}" if text == "removed" and self.gone else text
            raise UnknownSetting(f"{self.name} has no default in {version}: {why}")
        return _parsed(text, self.type)

    def line(self) -> str:
        """Say what it is and its default today, in a line.

        >>> find("linger.ms").line()[-29:]
        'sends a batch. Default: 5 ms.'
        """
        meaning = f": {self.meaning}" if self.meaning else ""
        return f"{self.name}{meaning}. {self.state()}"

    def state(self) -> str:
        """Say today's default, or that there is none any more, as a sentence.

        >>> find("linger.ms").state(), find("zookeeper.connect").state()
        ('Default: 5 ms.', 'Removed in Kafka 4.0.')
        """
        told = self.default_text()
        if not told.startswith("removed"):
            return f"Default: {told}."
        return f"Removed in Kafka {kafka_settings()[self.scope, self.name].gone}."

    @property
    def gone(self) -> str:
        """Since when it is gone, and what took its place; "" for one that is there."""
        return what_is_gone(self.scope, self.name)

    @property
    def same(self) -> str:
        """How a topic's setting is called at its broker, or the other way round; "" for none."""
        return the_same(self.scope, self.name)

    def default_text(self, version: Version = "4.x") -> str:
        """Write a default for a person, with its unit.

        >>> find("linger.ms").default_text(), find("flush.messages").default_text()
        ('5 ms', 'never')
        """
        text = self.defaults[version]
        if text == "null":
            return "none"
        if text == str(INT64_MAX):
            return "never" if self.name.startswith(("flush.", "log.flush.")) else "no limit"
        words = {"ms": ms_text, "bytes": bytes_text}.get(self.unit)
        if words and text.isdigit():
            return words(int(text))
        return f"{text} {self.unit}" if self.unit in ("s", "min", "h", "%") else text or "empty"

    @property
    def changed(self) -> bool:
        """Whether the default differs between the versions of the table."""
        return len({text.strip("[]") for text in self.defaults.values()}) > 1


@dataclass(frozen=True, slots=True)
class Explanation(Shown):
    """What `explain` answers; its text is what the command line prints."""

    asked: str
    settings: tuple[Setting, ...]

    def __str__(self) -> str:
        found = self.settings[0].name
        lead = [f"{self.asked!r} is a misspelling; Kafka says {found}.", ""]
        return "\n".join((lead if found != self.asked else []) + [*map(_told, self.settings)])

    __repr__ = __str__


@cache
def settings() -> tuple[Setting, ...]:
    """Return all rows, in the order of the table. Read once, 191 rows, about 1 ms."""
    table = files("kafkabook.base").joinpath("settings.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(map(_setting, rows))


@at_the_door
def find(name: str, scope: str | None = None) -> Setting:
    """Return the setting of that name, also by a spelling that the notes use.

    Args:
        scope: needed only where one name stands in several places (`compression.type` of a
            producer and of a topic); the first row of the table otherwise.

    Raises:
        UnknownSetting: with the three nearest names.

    >>> find("linger.ms").default("2.8"), find("linger.ms").default("4.x")
    (0, 5)
    """
    return explain(name, scope=scope).settings[0]


@at_the_door
def default_of(name: str, version: Version = "4.x", *, scope: str | None = None) -> Value:
    """Return a default as a value.

    >>> default_of("acks", "2.8"), default_of("acks")
    ('1', 'all')
    """
    if version not in VERSIONS:
        raise UnknownName(f"no version is called {version!r}; there are {listed_words(VERSIONS)}")
    return find(name, scope).default(version)


@at_the_door
def explain(name: str, *, scope: str | None = None) -> Explanation:
    """Tell all that the tables know of a setting: then, now, range, note, KIP.

    Of a setting that is gone: since when, and what took its place. Of one that a topic and its
    broker have in common: both names, and which counts.

    Raises:
        UnknownSetting: with the three nearest names. LookupError: there is no such scope.
    """
    must_be(str, "text", "explain", "name", name)
    scopes = dict.fromkeys(row.scope for row in chain(*_tables()))
    if scope is not None and scope not in scopes:
        hint = meant(scope, scopes) or f"; there are {', '.join(scopes)}"
        raise UnknownName(f"no setting stands in {scope!r}{hint}")
    asked = name.strip()
    told, others = ([row for row in rows if scope in (None, row.scope)] for rows in _tables())
    found = [row for row in told if row.name == asked]
    found = found or [row for row in told if asked in row.misspelt]
    found = found or [row for row in others if row.name == asked]
    if not found:
        raise UnknownSetting(_no_such(asked, scope, [*told, *others]))
    return Explanation(asked, tuple(found))


def _tables() -> tuple[tuple[Setting, ...], tuple[Setting, ...]]:
    """Return what this book explains, and what else Kafka's classes define."""
    return settings(), _others()


@cache
def _others() -> tuple[Setting, ...]:
    """Return the settings that Kafka's classes define, and of which the first table is silent."""
    told = {(row.scope, row.name) for row in settings()}
    return tuple(_plain(row) for key, row in kafka_settings().items() if key not in told)


def _plain(row: KafkaSetting) -> Setting:
    unit = next((unit for unit in ("ms", "bytes") if row.name.endswith(f".{unit}")), "")
    return Setting(row.name, "", row.scope, row.type, unit, row.defaults, "", "", "", (), "")


def _no_such(asked: str, scope: str | None, rows: list[Setting]) -> str:
    spellings = {spelling: row.name for row in rows for spelling in (row.name, *row.misspelt)}
    near = get_close_matches(asked, spellings, n=6, cutoff=0.5)
    names = list(dict.fromkeys(spellings[spelling] for spelling in near))[:3]
    hint = f"did you mean {', '.join(names)}?" if names else "none comes near."
    of_kafka = {row.scope for row in kafka_settings().values()}
    if scope is not None and scope not in of_kafka:
        return f"this book knows no {scope} setting {asked!r}; {hint}"
    owner = f"{scope} setting" if scope else "setting of a client, topic or broker"
    return f"no {owner} is called {asked!r} in Kafka 2.8 to 4.3; {hint}"


def _setting(row: dict[str, str]) -> Setting:
    return Setting(
        name=row["name"],
        meaning=row["meaning"],
        scope=row["scope"],
        type=row["type"],
        unit=row["unit"],
        defaults={version: row[version] for version in VERSIONS},
        valid=row["valid"],
        notes_section=row["notes"],
        kip=row["kip"],
        misspelt=tuple(row["misspelt"].split()),
        note=row["note"],
    )


def _parsed(text: str, kind: str) -> Value:
    if text == "null":
        return None
    if kind in ("int", "long", "short"):
        return int(text.split()[0])
    if kind == "double":
        return float(text)
    if kind == "boolean":
        return text == "true"
    return _list(text) if kind == "list" else text.strip('"')


def _list(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.strip('[]"').split(", ") if part)


def _told(row: Setting) -> str:
    unit = f" in {row.unit}" if row.unit else ""
    lines = [
        row.line(),
        f"  {row.scope}, {row.type}{unit}",
        *(f"  default {version:<4} {row.defaults[version]}" for version in VERSIONS),
        *([f"  valid        {row.valid}"] if row.valid else []),
        *_labelled("gone", row.gone.removeprefix("gone ")),
        *_labelled("same thing", row.same),
        *([f"  source       {row.kip}"] if row.kip else []),
        *([f"  notes        {row.notes_section}"] if row.notes_section else []),
        *wrap(row.note, 84, initial_indent="  ", subsequent_indent="  "),
    ]
    return "\n".join(lines)


def _labelled(label: str, text: str) -> list[str]:
    """Return a text in lines behind its label; none where there is nothing to say."""
    head, indent = f"  {label:<13}", " " * 15
    return wrap(text, 84, initial_indent=head, subsequent_indent=indent, break_on_hyphens=False)
