"""What Kafka's records hold in each version, as Kafka's own message definitions say.

The table beside this file (`messages.txt`) is made from the definitions in Kafka's jars. It has
every record of the cluster's metadata and of the internal topics, and the control records of KRaft.

Source: kafka, clients `src/main/resources/common/message/README.md`; KIP-482.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

from kafkabook.base.units import INT16_MAX

KEY, VALUE = "key", "value"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its type, and in which versions it is there, may be null, or is tagged.

    Attributes: `type` (that of an element where the field is an array; `struct` has `fields`),
    `tag` (-1 for none), `default` (as text; None where it is that of the type).
    """

    name: str
    type: str
    is_array: bool
    versions: range
    nullable: range
    tag: int
    tagged: range
    default: str | None
    fields: "tuple[Field, ...]" = ()


@dataclass(frozen=True, slots=True)
class Schema:
    """One message: which number names it, in which versions, and what it holds.

    Attributes: `kind` (`metadata`, `offsets`, `transactions`, `share-state`, `remote-log`,
    `control`), `part` (`key` or `value`), `flexible` (versions written the way of KIP-482).
    """

    kind: str
    part: str
    number: int
    name: str
    versions: range
    flexible: range
    fields: tuple[Field, ...]


@cache
def schemas() -> dict[tuple[str, str, int], Schema]:
    """Return every message by kind, part and number. Read once: 85 messages, about 5 ms."""
    text = files("kafkabook.records").joinpath("messages.txt").read_text(encoding="utf-8")
    blocks = (block for block in text.split("\n\n") if not block.startswith("#"))
    found = (_schema(block.splitlines()) for block in blocks)
    return {(schema.kind, schema.part, schema.number): schema for schema in found}


@cache
def schema_of(name: str) -> Schema:
    """Return the message of that name; `KeyError` if there is none.

    >>> schema_of("OffsetCommitValue").versions
    range(0, 5)
    """
    return {schema.name: schema for schema in schemas().values()}[name]


def versions_in(text: str) -> range:
    """Return the versions that a definition means.

    >>> versions_in("2"), versions_in("0-4"), versions_in("3+"), versions_in("none")
    (range(2, 3), range(0, 5), range(3, 32768), range(0, 0))
    """
    if text == "none":
        return range(0)
    first, _, last = text.removesuffix("+").partition("-")
    newest = INT16_MAX if text.endswith("+") else int(last or first)
    return range(int(first), newest + 1)


def _schema(lines: Sequence[str]) -> Schema:
    kind, part, number, name, versions, flexible = lines[0].split()
    ranges = versions_in(versions), versions_in(flexible)
    return Schema(kind, part, int(number), name, *ranges, tuple(_fields(lines[1:])))


def _fields(lines: Sequence[str]) -> Iterator[Field]:
    """Yield the fields that begin a line of the least depth, each with the lines below it."""
    starts = [at for at, line in enumerate(lines) if _depth(line) == _depth(lines[0])]
    for start, stop in pairwise([*starts, len(lines)]):
        yield _field(lines[start].split(), tuple(_fields(lines[start + 1 : stop])))


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _field(words: list[str], fields: tuple[Field, ...]) -> Field:
    name, kind, versions, *more = words

    def after(word: str, place: int, absent: str) -> str:
        return more[more.index(word) + place] if word in more else absent

    return Field(
        name=name,
        type=kind.removeprefix("[]"),
        is_array=kind.startswith("[]"),
        versions=versions_in(versions),
        nullable=versions_in(after("null", 1, "none")),
        tag=int(after("tag", 1, "-1")),
        tagged=versions_in(after("tag", 2, "none")),
        default=after("=", 1, "") or None,
        fields=fields,
    )
