"""The steps of a film: the events that matter, each with a sentence for somebody who is new here.

A word in braces wears a mark: `{leader:Broker 1}` has a leader's frame, and points at broker 1.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kafkabook.base.trace import Entry, Event
from kafkabook.cluster.events import (
    BrokerCrashed,
    BrokerPaused,
    BrokerPoweredOff,
    BrokerResumed,
    BrokerStarted,
    BrokerStopped,
    DiskLost,
    LinkCut,
    LinkHealed,
    PartitionChanged,
    PowerCutLeft,
    ReadEnded,
    RecordSent,
    SendEnded,
)
from kafkabook.replication.events import BatchStored, HighWatermarkMoved, ReplicaTruncated
from kafkabook.viz.plain import plain
from kafkabook.viz.stage_state import StageState

MOST_STEPS = 12


class StepKind(NamedTuple):
    """A kind of step: how long the film stands still at it, and how much the story needs it.

    Each step of the same kind before it takes `again` from its weight.
    """

    stands_s: float
    weight: int
    again: int = 0


KINDS: Mapping[str, StepKind] = {
    "sent": StepKind(0.5, 3, 2),
    "stored": StepKind(0.6, 2, 2),
    "copied": StepKind(0.35, 1, 1),
    "committed": StepKind(0.9, 4, 3),
    "acked": StepKind(1.0, 6, 1),
    "refused": StepKind(1.2, 7),
    "killed": StepKind(1.6, 9),
    "cut": StepKind(1.0, 6, 1),
    "healed": StepKind(0.8, 4, 1),
    "elected": StepKind(1.3, 9),
    "isr": StepKind(1.0, 5, 1),
    "started": StepKind(0.9, 6, 1),
    "lost": StepKind(1.5, 8),
    "read": StepKind(1.2, 9),
}


@dataclass(frozen=True, slots=True)
class FilmStep:
    """One step: the entry that told it, when, its kind, and its sentence."""

    entry: int
    at_ms: int
    kind: str
    says: str


def film_steps(
    seen: Sequence[tuple[Entry, StageState]],
    *,
    opening: StageState | None = None,
    most: int = MOST_STEPS,
) -> list[FilmStep]:
    """Choose at most `most` steps, from which a newcomer can retell the story.

    Args:
        seen: entries of one partition in order, each with the state behind it.
        opening: the state before the first of them; nothing was lost there if omitted.
    """
    found, lost = list[FilmStep](), () if opening is None else opening.lost
    for entry, state in seen:
        step = _mourned(_step(entry, state), entry, [it for it in state.lost if it not in lost])
        lost = state.lost
        found += [] if step is None else [step]
    order = sorted(range(len(found)), key=lambda n: _rank(found, n))
    return [found[n] for n in sorted(order[:most])]


def _rank(found: Sequence[FilmStep], n: int) -> tuple[int, int]:
    """Order by weight; of one kind the first come first, for they are new."""
    kind = found[n].kind
    earlier = sum(step.kind == kind for step in found[:n])
    return earlier * KINDS[kind].again - KINDS[kind].weight, n


def _step(entry: Entry, state: StageState) -> FilmStep | None:
    told = _TOLD.get(type(entry.event))
    made = told(entry.event, state) if told is not None else None
    return FilmStep(entry.number, entry.at_ms, *made) if made else None


def _mourned(step: FilmStep | None, entry: Entry, lost: Sequence[str]) -> FilmStep | None:
    """Add what an entry has lost that was acknowledged; that makes a step of any entry."""
    if not lost:
        return step
    was = "It was" if len(lost) == 1 else "They were"
    told = [step.says] if step else []
    told.append(f"You lost {_listed(lost)}. {was} {{acknowledged}}.")
    return FilmStep(entry.number, entry.at_ms, "lost", " ".join(told))


Told = tuple[str, str] | None


def _sent(event: RecordSent, _: StageState) -> Told:
    return "sent", f"The {{producer}} sends {_value(event.value)}."


def _stored(event: BatchStored, state: StageState) -> Told:
    values = [
        cell.value
        for cell in state.broker(event.broker).cells
        if event.base_offset <= cell.offset <= event.last_offset
    ]
    what = _listed(values)
    if not event.is_leader:
        return "copied", f"{{follower:Broker {event.broker}}} has fetched {what}, and writes it."
    where = f"offset {event.base_offset}"
    return "stored", f"{{leader:Broker {event.broker}}} leads, and writes {what} at {where}."


def _committed(event: HighWatermarkMoved, _: StageState) -> Told:
    if not event.is_leader or event.to_offset <= event.from_offset:
        return None
    who = (
        f"broker {event.broker} alone is {{isr:in sync}}, and has all records below it"
        if len(event.isr) == 1
        else "all brokers that are {isr:in sync} have the records below it"
    )
    return "committed", f"The {{hw:high watermark}} moves to {event.to_offset}: {who}."


def _send_ended(event: SendEnded, _: StageState) -> Told:
    value = _value(event.value)
    if event.outcome == "ok":
        return "acked", f"The answer reaches the {{producer}}: {value} is {{acknowledged}}."
    if event.outcome == "fail":
        return "refused", f"{value} is {{refused}}: {event.error}."
    return "refused", f"The {{producer}} gets no answer: {value} may be written or not."


def _crashed(event: BrokerCrashed, state: StageState) -> Told:
    return _down(event.broker, "is killed", state)


def _stopped(event: BrokerStopped, state: StageState) -> Told:
    return _down(event.broker, "has stopped cleanly", state)


def _powered_off(event: BrokerPoweredOff, state: StageState) -> Told:
    return _down(event.broker, "loses its power", state)


def _disk_lost(event: DiskLost, state: StageState) -> Told:
    return _down(event.broker, "loses its disk", state)


def _down(broker: int, what: str, state: StageState) -> Told:
    still = " The controller still takes it for the leader." if state.leader == broker else ""
    return "killed", f"{{dead:Broker {broker}}} {what}.{still}"


def _paused(event: BrokerPaused, _: StageState) -> Told:
    return "killed", f"{{dead:Broker {event.broker}}} stands still: its process is paused."


def _resumed(event: BrokerResumed, _: StageState) -> Told:
    return "started", f"{{follower:Broker {event.broker}}} goes on."


def _cut(event: LinkCut, _: StageState) -> Told:
    return "cut", f"The link between {_node(event.one)} and {_node(event.other)} is cut."


def _healed(event: LinkHealed, _: StageState) -> Told:
    return "healed", f"The link between {_node(event.one)} and {_node(event.other)} is whole again."


def _changed(event: PartitionChanged, _: StageState) -> Told:
    if event.leader != event.was_leader:
        return "elected", _elected(event)
    joined, left = event.isr - event.was_isr, event.was_isr - event.isr
    if not joined and not left:
        return None
    told = [f"{_brokers(joined)} {{isr:in sync}} again"] if joined else []
    told += [f"{_brokers(left)} no longer {{isr:in sync}}"] if left else []
    return "isr", f"The {{controller}} notes it: {' and '.join(told)}."


def _elected(event: PartitionChanged) -> str:
    if event.leader is None:
        return "The {controller} finds nobody who may lead."
    told = f"The {{controller}} makes {{leader:broker {event.leader}}} the leader"
    told += f", in epoch {event.leader_epoch}."
    return told + (" It may lack records: an unclean election." if event.is_unclean else "")


def _started(event: BrokerStarted, _: StageState) -> Told:
    return "started", f"{{follower:Broker {event.broker}}} starts again."


def _truncated(event: ReplicaTruncated, _: StageState) -> Told:
    if event.to_offset >= event.from_offset:
        return None
    cut = f"{{dead:Broker {event.broker}}} cuts its log back to offset {event.to_offset}"
    return "lost", f"{cut}: {plain(event.reason)}."


def _power_left(event: PowerCutLeft, _: StageState) -> Told:
    if event.log_end >= event.log_end_before:
        return None
    lost = event.log_end_before - event.log_end
    what, were, are = ("1 record", "was", "is") if lost == 1 else (f"{lost} records", "were", "are")
    return (
        "lost",
        f"{what} of {{dead:broker {event.broker}}} {were} only in memory, and {are} gone.",
    )


def _read(event: ReadEnded, state: StageState) -> Told:
    if event.error:
        return "refused", f"The {{consumer}} is {{refused}}: {event.error}."
    given = _listed(state.read or ()) if state.read else "nothing"
    return "read", f"The {{consumer}} reads {given}."


def _listed(values: Sequence[str]) -> str:
    shown = [_value(value) for value in values[:6]]
    more = len(values) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _value(value: str) -> str:
    """Return a value as text: a brace of it must not become a mark."""
    return plain(value, 24).replace("{", "\\x7b")


def _brokers(brokers: frozenset[int]) -> str:
    named = ", ".join(map(str, sorted(brokers)))
    return f"broker {named} is" if len(brokers) == 1 else f"brokers {named} are"


def _node(name: str) -> str:
    return f"broker {name}" if name.isdigit() else f"the {name.rpartition('-')[0] or name}"


_TOLD: Mapping[type[Event], Callable[..., Told]] = {
    RecordSent: _sent,
    BatchStored: _stored,
    HighWatermarkMoved: _committed,
    SendEnded: _send_ended,
    BrokerCrashed: _crashed,
    BrokerStopped: _stopped,
    BrokerPoweredOff: _powered_off,
    DiskLost: _disk_lost,
    BrokerPaused: _paused,
    BrokerResumed: _resumed,
    LinkCut: _cut,
    LinkHealed: _healed,
    PartitionChanged: _changed,
    BrokerStarted: _started,
    ReplicaTruncated: _truncated,
    PowerCutLeft: _power_left,
    ReadEnded: _read,
}
