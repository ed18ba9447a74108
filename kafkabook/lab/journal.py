"""The journal of a lab: what it was told, so that the same can be done again.

Same journal, same seed: the same trace to the byte. Nothing is copied and nothing is pickled; going
back in time is doing everything again, and stopping earlier.
"""

from dataclasses import dataclass

from kafkabook.base.door import meant
from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.quick_init import with_quick_init
from kafkabook.base.trace import Entry
from kafkabook.base.units import ms_text
from kafkabook.lab.command import Command

Moment = Entry | int | str  # an entry of the trace, a virtual time in ms, or a label


@dataclass(frozen=True, slots=True)
class RanEvents:
    """A lab ran so many events: until something held that only this run could know."""

    events: int

    def __str__(self) -> str:
        return f"run {self.events} events"


@dataclass(frozen=True, slots=True)
class RanUntil:
    """A lab ran until a virtual time."""

    at_ms: int

    def __str__(self) -> str:
        return f"run until t={ms_text(self.at_ms)}"


@dataclass(frozen=True, slots=True)
class Marked:
    """A moment got a name."""

    label: str

    def __str__(self) -> str:
        return f"mark {self.label!r}"


@with_quick_init
@dataclass(frozen=True, slots=True)
class JournalLine:
    """One thing that a lab was told.

    Attributes: `entries` and `at_ms` say where the trace and the clock stood when it was done.
    """

    done: Command | RanEvents | RanUntil | Marked
    entries: int
    at_ms: int

    @property
    def is_time(self) -> bool:
        """Whether it let time pass."""
        return isinstance(self.done, RanEvents | RanUntil)

    def __str__(self) -> str:
        return str(self.done)


class Journal(list[JournalLine]):
    """The lines, in order."""

    def labelled(self, label: str) -> int:
        """Return how many lines there are up to a label.

        Raises:
            INVALID_REQUEST: there is no such label.
        """
        labels = self.labels()
        if label not in labels:
            known = ", ".join(map(repr, labels)) or "none yet; give one with lab.mark(…)"
            told = f"no moment is marked {label!r}; there are: {known}{meant(label, labels)}"
            raise KafkaError(Errors.INVALID_REQUEST, told)
        return labels[label]

    def labels(self) -> dict[str, int]:
        """Return how many lines there are up to each label."""
        return {it.done.label: n for n, it in enumerate(self, 1) if isinstance(it.done, Marked)}

    def __str__(self) -> str:
        return "\n".join(f"t={line.at_ms} {line}" for line in self)
