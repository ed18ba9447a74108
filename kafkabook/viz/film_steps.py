"""The steps of a film: the events that matter, each with a sentence for somebody who is new here.

A word in braces wears a mark: `{leader:Broker 1}` has a leader's frame, and points at broker 1.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kafkabook.base.errors import Errors
from kafkabook.base.phrases import brokers_text, count_text
from kafkabook.base.plain import plain
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
from kafkabook.replication.events import (
    BatchStored,
    HighWatermarkMoved,
    IsrProposed,
    ReplicaTruncated,
)
from kafkabook.viz.stage_state import StageState

MOST_STEPS = 13
ASKED_MS = 20  # an answer within this time makes the question no step of its own


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
    "asked": StepKind(1.0, 6, 1),
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
    found = [step for step in found if not _is_answered(step, found)]
    order = sorted(range(len(found)), key=lambda n: _rank(found, n))
    return [found[n] for n in sorted(order[:most])]


def _is_answered(step: FilmStep, found: Sequence[FilmStep]) -> bool:
    """Say whether a step asks for what the controller notes a moment later."""
    ends_ms = step.at_ms + ASKED_MS
    return step.kind == "asked" and any(
        it.kind == "isr" and step.at_ms <= it.at_ms <= ends_ms for it in found
    )


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
    are, were = ("is", "it was") if len(lost) == 1 else ("are", "they were")
    told = [step.says] if step else []
    told.append(f"{listed(lost)} {are} in no log any more, though {were} {{acknowledged}}.")
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
    what = listed(values)
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
        return "refused", f"{value} is {{refused}}. {_error(event.error)}"
    return "refused", f"The {{producer}} gets no answer: it cannot know whether {value} is written."


def _crashed(event: BrokerCrashed, state: StageState) -> Told:
    return _down(event.broker, "is killed", state)


def _stopped(event: BrokerStopped, state: StageState) -> Told:
    return _down(event.broker, "has stopped cleanly", state)


def _powered_off(event: BrokerPoweredOff, state: StageState) -> Told:
    return _down(event.broker, "loses its power", state)


def _disk_lost(event: DiskLost, _: StageState) -> Told:
    return "killed", f"{{dead:Broker {event.broker}}} loses its disk, and all that was on it."


def _down(broker: int, what: str, state: StageState) -> Told:
    still = " The {controller} has not noticed it yet." if state.leader == broker else ""
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
    is_told = event.reason.endswith("proposed it")
    late = f", for {_they(left)} not caught up in time" if is_told else ""
    told = [f"{_brokers(left)} no longer {{isr:in sync}}{late}"] if left else []
    told += [f"{_brokers(joined)} {{isr:in sync}} again"] if joined else []
    who = f"Broker {event.leader} tells the {{controller}}" if is_told else "The {controller} notes"
    return "isr", f"{who}: {' and '.join(told)}."


def _proposed(event: IsrProposed, _: StageState) -> Told:
    joined, left = event.now - event.was, event.was - event.now
    wish = f"to drop {brokers_text(left)}" if left else f"to take {brokers_text(joined)} in again"
    why = f"{_they(left)} not caught up in time" if left else f"{_they(joined)} caught up"
    return "asked", f"{{leader:Broker {event.broker}}} asks the {{controller}} {wish}: {why}."


def _elected(event: PartitionChanged) -> str:
    if event.leader is None:
        return f"The {{controller}} finds nobody who may lead: {_why_nobody(event)}."
    told = f"The {{controller}} makes {{leader:broker {event.leader}}} the leader"
    return f"{told}, in epoch {event.leader_epoch}{_why(event)}."


def _why_nobody(event: PartitionChanged) -> str:
    if event.reason.endswith("unclean shutdown"):
        return f"{event.reason.split(' is back')[0]} may have lost records when it went down"
    holders = event.alive & frozenset(event.replicas)
    others = holders - event.isr - event.elr - {event.was_leader}
    told = [_silent(event)] if _silent(event) else []
    told += [f"{_brokers(others)} not {{isr:in sync}}"] if others else []
    told += ["no other broker has a copy"] if len(event.replicas) == 1 else []
    return ", and ".join(told) or "no broker is alive"


def _silent(event: PartitionChanged) -> str:
    """Name who was fenced: the controller has heard nothing from it for a session."""
    who, was_fenced, _ = event.reason.partition(" was fenced")
    return f"{who} is silent" if was_fenced else ""


def _why(event: PartitionChanged) -> str:
    """Say why this broker may lead, as the controller's reason has it."""
    if event.reason.endswith("the last known leader is alive"):
        return ": it led last, and nobody is {isr:in sync}; it may lack records"
    if event.is_unclean:
        return ", though it may lack records: an unclean election"
    if event.reason.endswith(" is to lead"):
        return ", as it was asked to"
    is_eligible = event.reason.endswith("member of the ELR leads")
    may = "has all that was committed" if is_eligible else "is {isr:in sync}"
    silent = f"{_silent(event)}, and " if _silent(event) else ""
    return f": {silent}broker {event.leader} {may}"


def _started(event: BrokerStarted, _: StageState) -> Told:
    return "started", f"{{follower:Broker {event.broker}}} starts again."


def _truncated(event: ReplicaTruncated, state: StageState) -> Told:
    if event.to_offset >= event.from_offset:
        return None
    gone = state.broker(event.broker).gone
    cut = [it.value for it in gone if event.to_offset <= it.offset < event.from_offset]
    why = _CUT_BY.get(event.reason, "").format(event.to_offset) or _EPOCH_ENDED.sub(
        r"\3 says that leader epoch \1 ended at offset \2", plain(event.reason)
    )
    return "lost", f"{{follower:Broker {event.broker}}} cuts {listed(cut)} off its log: {why}."


_EPOCH_ENDED = re.compile(r"epoch (\d+) ended at (\d+) on (broker \d+)")
_CUT_BY = {
    "to its own high watermark": "it keeps what is below its own {{hw:high watermark}}, {}",
    "the leader's log ends here": "the leader's log ends at offset {}",
}


def _power_left(event: PowerCutLeft, _: StageState) -> Told:
    if event.log_end >= event.log_end_before:
        return None
    lost = event.log_end_before - event.log_end
    were, are = ("was", "is") if lost == 1 else ("were", "are")
    what = f"{count_text(lost, 'record')} of {{dead:broker {event.broker}}}"
    return "lost", f"{what} {were} only in memory, and {are} gone."


def _read(event: ReadEnded, state: StageState) -> Told:
    if event.error:
        return "refused", f"The {{consumer}} is {{refused}}. {_error(event.error)}"
    given = listed(state.read or ()) if state.read else "nothing"
    return "read", f"The {{consumer}} reads {given}."


def listed(values: Sequence[str]) -> str:
    """List values as text, at most six of them: no brace of theirs becomes a mark."""
    shown = [_value(value) for value in values[:6]]
    more = len(values) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _value(value: str) -> str:
    """Return a value as text: a brace of it must not become a mark."""
    return plain(value, 24).replace("{", "\\x7b")


def _error(name: str) -> str:
    """Return Kafka's name of an error, and what it means."""
    return f"{name}: {Errors[name].says}" if name in Errors.__members__ else f"{name}."


def _brokers(brokers: frozenset[int]) -> str:
    return f"{brokers_text(brokers)} {'is' if len(brokers) == 1 else 'are'}"


def _they(brokers: frozenset[int]) -> str:
    return "it has" if len(brokers) == 1 else "they have"


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
    IsrProposed: _proposed,
    BrokerStarted: _started,
    ReplicaTruncated: _truncated,
    PowerCutLeft: _power_left,
    ReadEnded: _read,
}
