"""A scenario: one fixed script with two ends; playing it finds out which end it meets.

The script is the same for both; what differs is a setting or a part. Each end states exactly what a
consumer can read afterwards and which properties are broken, so that both ends are assertions and
not stories.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kafkabook.base.door import with_a_door
from kafkabook.base.errors import WrongValue
from kafkabook.base.plain import plain
from kafkabook.base.shown import Shown, made_of
from kafkabook.base.trace import Entry, Trace
from kafkabook.base.units import seconds_text
from kafkabook.checkers.all import CHECKERS
from kafkabook.checkers.anomaly import Anomaly
from kafkabook.lab.command import Command


class Step:
    """One line of a script: data, whose `str` is its sentence.

    Attributes: `is_fault` (a fault or a command that the bad end needs; not a look, not a wait).
    """

    __slots__ = ()
    is_fault = False

    @property
    def says(self) -> str:
        """Its sentence, under the name that a command has for it."""
        return str(self)


@dataclass(frozen=True, slots=True)
class End:
    """How a scenario is set up for one of its ends, and what is then true.

    Attributes: `says` (the end in words), `readable` (each record that a consumer is given, as
    `offset key=value`, or the error it meets instead), `broken` (names of the properties that do
    not hold). What is set up, and on what, is for `LogEnd` and `ClusterEnd` to say.
    """

    says: str
    readable: tuple[str, ...]
    broken: tuple[str, ...] = ()

    def play(self, scenario: "Scenario", steps: Sequence[Step | Command]) -> "Outcome":
        """Do `steps` with this setup."""
        raise NotImplementedError

    def differing(self, other: "End") -> list[str]:
        """Name what this end is set up with and the other one is not."""
        raise NotImplementedError


@with_a_door
@dataclass(frozen=True, slots=True)
class Scenario(Shown):
    """A named failure as data.

    Attributes: `id` (as in the book's list of failures), `title`, `question`, `steps`, the `bad`
    end, the `fix` in words, the `good` end, `source`.
    """

    id: str
    title: str
    question: str
    steps: tuple[Step | Command, ...]
    bad: End
    fix: str
    good: End
    source: str

    def play(self, end: str) -> "Outcome":
        """Run the script with the setup of one end.

        Args:
            end: "bad" or "good".

        Raises:
            ValueError: another word.
        """
        if end not in ("bad", "good"):
            raise WrongValue(f"a scenario has a 'bad' and a 'good' end, not {end!r}")
        return (self.bad if end == "bad" else self.good).play(self, self.steps)

    def film(self, *words: Any, **how: Any) -> Any:
        """Return a film of one end, or of both side by side; a notebook plays it.

        Args:
            words: the `end`, "bad" or "good". how: see `viz.films`.
        """
        return made_of(self, "film", *words, **how)

    def faults(self) -> tuple[int, ...]:
        """Return the places of the faults in the script."""
        return tuple(n for n, step in enumerate(self.steps) if step.is_fault)

    def __repr__(self) -> str:
        """Tell the script and not the ends: those are for the reader to guess."""
        script = "\n".join(f"  {n}. {step.says}" for n, step in enumerate(self.steps, 1))
        return f"{self.id} · {self.title}\n{self.question}\n{script}"


@dataclass(frozen=True, slots=True)
class Outcome(Shown):
    """What a run of a scenario came to.

    Attributes: `scenario` and the `end` that was set up; `readable`, each record as
    `offset key=value`; names of `broken` properties; `anomalies`: what the checkers saw, in words.
    """

    scenario: Scenario
    end: End
    readable: tuple[str, ...]
    broken: tuple[str, ...]
    anomalies: tuple[str, ...]
    trace: Trace = field(repr=False, compare=False)

    @property
    def as_expected(self) -> bool:
        """Whether exactly the stated records are readable and the stated properties broken."""
        return (self.readable, self.broken) == (self.end.readable, self.end.broken)

    @property
    def setup(self) -> str:
        """What this end has that the other has not: its settings and parts, or the repair."""
        if self.end == self.scenario.good:
            return f"Repaired: {self.scenario.fix}{self.chance}"
        return f"Set up with {' and '.join(self.end.differing(self.scenario.good))}.{self.chance}"

    @property
    def chance(self) -> str:
        """What decided whatever no step decides; a log alone leaves nothing open."""
        return ""

    @property
    def promises(self) -> tuple[str, ...]:
        """The broken properties as sentences, in the words of their checkers."""
        promised = {kind.name: kind.promise for kind in CHECKERS}
        return tuple(f"Broken promise {name}: {promised[name]}." for name in self.broken)

    def left(self) -> tuple[str, ...]:
        """Say what is left besides what a consumer is given."""
        return ()

    def __repr__(self) -> str:
        lines = [f"{self.scenario.id}: {self.end.says}", self.setup, "a consumer is given:"]
        lines += [f"    {record}" for record in self.readable] or ["    nothing"]
        return "\n".join((*lines, *self.left(), *self.promises, *self.anomalies))


def seen(anomaly: Anomaly) -> str:
    """Tell an anomaly by its evidence; when it would be no bug does not matter to one fixed run."""
    told = (f"    {seconds_text(it.at_ms)}  {_sentence(it)}" for it in anomaly.evidence[-8:])
    return "\n".join((f"{anomaly.name}: {anomaly.says}", *told))


def _sentence(entry: Entry) -> str:
    return plain(entry.event.placed_sentence())
