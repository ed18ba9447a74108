"""A recording: what happened to one partition of a lab, as states, messages and steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kafkabook.base.trace import Entry
from kafkabook.cluster.events import RecordSent
from kafkabook.lab.code import CodeLine, code_of
from kafkabook.viz.film_steps import FilmStep, film_steps
from kafkabook.viz.flights import Flight, flights
from kafkabook.viz.stage_state import StageReader, StageState

if TYPE_CHECKING:
    from kafkabook.lab import Lab


BEFORE_MS, AFTER_MS = 10, 4  # how near to a step a message must be to be drawn


@dataclass(frozen=True, slots=True)
class StageChange:
    """A change: the entry that told it, and the state behind it."""

    entry: Entry
    state: StageState


@dataclass(frozen=True)
class Recording:
    """One lab's run, from some entry of its trace on.

    Attributes: `opening` (the state before), `seen` (every change since), `flights` (every message
    since), `steps` (the few that matter), `lines` (what was done to the lab), `began_ms`,
    `ends_ms`, `brokers` (their ids, in order).
    """

    partition: str
    opening: StageState
    seen: tuple[StageChange, ...]
    flights: tuple[Flight, ...]
    steps: tuple[FilmStep, ...]
    lines: tuple[CodeLine, ...]
    began_ms: int
    ends_ms: int
    brokers: tuple[int, ...]

    @property
    def records(self) -> int:
        """How many records the longest log ever held in sight."""
        states = [self.opening, *(it.state for it in self.seen)]
        return max(state.last_offset for state in states) + 1

    @property
    def last(self) -> StageState:
        """The state at the end."""
        return self.seen[-1].state if self.seen else self.opening

    @property
    def sent(self) -> tuple[str, ...]:
        """All that producers sent, in order."""
        return tuple(it.value for it in self.last.sends)

    @property
    def read(self) -> tuple[str, ...]:
        """The most that a consumer was given at once."""
        return max((it.state.read or () for it in self.seen), key=len, default=())

    @property
    def last_read(self) -> int:
        """How many records a consumer was given last."""
        reads = [it.state.read for it in self.seen if it.state.read is not None]
        return len(reads[-1]) if reads else 0

    @property
    def step_moments(self) -> tuple[int, ...]:
        """The milliseconds in which there are steps, each once."""
        return tuple(dict.fromkeys(step.at_ms for step in self.steps))

    def step_number(self, step: int | str) -> int:
        """Return the number of a step, which may be named by its kind: the first of those.

        Raises:
            ValueError: no step is of that kind.
        """
        if isinstance(step, int):
            return step
        kinds = [it.kind for it in self.steps]
        if step not in kinds:
            raise ValueError(f"no step is of kind {step!r}; there are: {', '.join(kinds)}")
        return kinds.index(step)

    @property
    def is_read(self) -> bool:
        """Whether a consumer is ever answered."""
        return any(it.state.read is not None for it in self.seen)


def record(
    lab: "Lab", *, partition: str = "", since: int | None = None, began_ms: int | None = None
) -> Recording:
    """Return what happened to a partition of a lab.

    Args:
        partition: such as "orders-0"; the only one of the lab if omitted.
        since: the entry of the trace at which the recording begins; before the first record was
            sent if omitted.
        began_ms: the time at which it begins; that of its first entry if omitted.
    """
    name = partition or next(iter(lab.view.partitions))
    entries = list(lab.trace)
    began = _first(entries, str(name)) if since is None else since
    reader = StageReader(str(name), tuple(it.id for it in lab.view.brokers))
    for entry in entries[:began]:
        reader.take(entry)
    opening, seen, told = reader.state, list[StageChange](), list[tuple[Entry, StageState]]()
    for entry in entries[began:]:
        if reader.take(entry):
            seen.append(StageChange(entry, reader.state))
        if getattr(entry.event, "partition", str(name)) == str(name):
            told.append((entry, reader.state))
    if began_ms is None:
        began_ms = entries[began].at_ms if began < len(entries) else lab.now_ms
    flown = [it for it in flights(entries, str(name)) if it.sent_ms >= began_ms]
    steps = film_steps(told, opening=opening)
    _keep_to_the_story(flown, steps)
    return Recording(
        str(name),
        opening,
        tuple(seen),
        tuple(flown),
        tuple(steps),
        tuple(code_of(lab)),
        began_ms,
        lab.now_ms,
        reader.brokers,
    )


def _keep_to_the_story(flown: Sequence[Flight], steps: Sequence[FilmStep]) -> None:
    """Leave to the quiet what travels far from every step: it would only make a film long."""
    moments = [step.at_ms for step in steps]
    for flight in flown:
        ends_ms = flight.sent_ms if flight.end_ms is None else flight.end_ms
        is_near = any(
            flight.sent_ms - AFTER_MS <= at_ms and at_ms - BEFORE_MS <= ends_ms for at_ms in moments
        )
        flight.matters = flight.matters and is_near


def _first(entries: Sequence[Entry], partition: str) -> int:
    for entry in entries:
        if isinstance(entry.event, RecordSent) and entry.event.partition == partition:
            return entry.number
    return len(entries)
