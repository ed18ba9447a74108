"""Where a cluster with a reader's part and one with Kafka's own part from each other.

Both play the same lines. The worst that can be seen counts: a record that is lost, then a promise
that breaks, then a send that ends otherwise, then who leads and what is committed in the end, then
any step on the way.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields
from enum import IntEnum
from functools import lru_cache
from itertools import zip_longest
from typing import Any, NamedTuple

from kafkabook.base.errors import name_of
from kafkabook.base.in_order import in_order
from kafkabook.base.trace import Entry, Event
from kafkabook.base.units import ms_text, seconds_text
from kafkabook.cluster.events import PartitionChanged
from kafkabook.grading.laws.law import Part
from kafkabook.grading.laws.running_cluster import RememberingPart
from kafkabook.lab import Lab, Rules
from kafkabook.replication.events import (
    BatchStored,
    BecameLeader,
    HighWatermarkMoved,
    IsrProposed,
    ReplicaFailed,
    ReplicaTruncated,
)
from kafkabook.sim.faults import Fault
from kafkabook.storm.played import HEADS, begun, go_on

Lines = tuple[Fault, ...]
_STORY = (
    *(BatchStored, BecameLeader, HighWatermarkMoved, IsrProposed),
    *(PartitionChanged, ReplicaFailed, ReplicaTruncated),
)
_LOSSES = ("R8", "R11", "R12", "R14")  # what was committed or acknowledged is gone
_REMEMBERED = 400  # runs of Kafka's own parts, which many parts are held beside


class Worst(IntEnum):
    """How bad it is that two runs differ, from nothing to a record that was acknowledged."""

    NOTHING = 0
    A_STEP = 1
    THE_END = 2
    A_SEND = 3
    A_PROMISE = 4
    A_RECORD = 5


class Parting(NamedTuple):
    """What is the worst that differs, and how that is said; `name` is that of the promise.

    `promise` is the promise in words.
    """

    worst: Worst = Worst.NOTHING
    says: str = ""
    name: str = ""
    promise: str = ""


class RunSeen(NamedTuple):
    """What one run came to, as plain values.

    `broken` are names of promises, each with what was seen and what is promised; `sends` and `ends`
    are told by what they concern, `story` is what happened, each with its time.
    """

    broken: dict[str, tuple[str, str]]
    sends: dict[str, str]
    ends: dict[str, str]
    story: tuple[tuple[int, str, str], ...]


class KafkasRun(NamedTuple):
    """A run with Kafka's own parts, and all that the part of one slot was asked and answered."""

    seen: RunSeen
    asked: tuple[tuple[tuple[Any, ...], Any], ...]


def run_beside(lines: Lines, slot: str, part: Part) -> Parting:
    """Play lines with a part and without it, and say where the two part.

    Two runs are the same up to the first answer that differs. So the part is asked first what
    Kafka's own was asked, and a run in which no answer differs is not played again.

    Raises:
        PartRaised, PartImpure: the part did not just answer.
    """
    kafkas = reference_of(lines, slot)
    if all(_is_alike(part(*arguments), answer) for arguments, answer in kafkas.asked):
        return Parting()
    return compared(_seen_with(lines, slot, part), kafkas.seen)


def _is_alike(answer: Any, usual: Any) -> bool:
    return type(answer) is type(usual) and bool(answer == usual)


def _seen_with(lines: Lines, slot: str, part: Part) -> RunSeen:
    heard = RememberingPart(part)
    seen = _seen(lines, {slot: heard})
    if heard.raised is not None:
        raise heard.raised
    return seen


@lru_cache(maxsize=_REMEMBERED)
def reference_of(lines: Lines, slot: str) -> KafkasRun:
    """Play lines with Kafka's own parts, and note what that of a slot is asked."""
    rule, asked = Rules().part(slot), list[tuple[tuple[Any, ...], Any]]()

    def noted(*arguments: Any) -> Any:
        answer = rule(*arguments)
        asked.append((arguments, answer))
        return answer

    seen = _seen(lines, {slot: noted})
    return KafkasRun(seen, tuple(asked))


def _seen(lines: Lines, parts: dict[str, Callable[..., Any]]) -> RunSeen:
    lab, refused, error = begun(lines, parts=parts), list[str](), ""
    try:
        for line in lines:
            if line.verb not in HEADS:
                go_on(lab, line, refused)
    except Exception as raised:  # noqa: BLE001  whatever a broker makes of a wrong answer
        error = f"{name_of(raised)}: {raised}"
    return RunSeen(_broken(lab, error), _sends(lab), _ends(lab), tuple(_story(lab)))


def _broken(lab: Lab, error: str) -> dict[str, tuple[str, str]]:
    """Return what was promised and does not hold, the losses first."""
    found = [it for it in lab.watch.checkers if it.anomalies and not it.is_diagnostic]
    found.sort(key=lambda it: it.name not in _LOSSES)
    broken = {it.name: (it.anomalies[0].says, it.promise) for it in found}
    if error:
        broken["an error"] = (f"a broker cannot go on: {error}", "a broker goes on")
    return broken


def _sends(lab: Lab) -> dict[str, str]:
    """Say of each send how it ended."""
    told = {}
    for number, sent in enumerate(lab.sends):
        took = ms_text(sent.ended_ms - sent.sent_ms)
        where = f" at offset {sent.offset}" if sent.offset >= 0 else ""
        how = {
            "": "has no answer yet",
            "ok": f"is acknowledged{where} after {took}",
            "fail": f"is refused with {sent.error} after {took}",
            "info": f"ends with {sent.error} after {took}: it may be written or not",
        }[sent.outcome]
        asked = f"{sent.value} to {sent.partition} with acks={_acks(sent.acks)}"
        told[f"send {number + 1}, {asked},"] = how
    return told


def _acks(acks: int) -> str:
    return "all" if acks == -1 else str(acks)


def _ends(lab: Lab) -> dict[str, str]:
    """Say of each partition how it stands in the end."""
    view, told = lab.view, {}
    for name, state in view.partitions.items():
        who = "nobody leads" if state.leader is None else f"broker {state.leader} leads"
        isr = f"the ISR is {in_order(frozenset(state.isr))}"
        logs = [(it, view.replica(name, it)) for it in state.replicas]
        marks = ", ".join(f"broker {n} has {it.high_watermark} of {it.log_end}" for n, it in logs)
        told[str(name)] = f"{who}, {isr}, and of the records committed {marks}"
    return told


def _story(lab: Lab) -> Iterator[tuple[int, str, str]]:
    for entry in lab.trace:
        if isinstance(entry.event, _STORY):
            yield entry.at_ms, _facts(entry), entry.event.placed_sentence()


def _facts(entry: Entry) -> str:
    """Return an event without its reason, which everybody words as they like."""
    event: Event = entry.event
    told = (f"{it.name}={in_order(getattr(event, it.name))}" for it in fields(event))
    return " ".join((type(event).__name__, *(it for it in told if not it.startswith("reason="))))


def compared(yours: RunSeen, kafkas: RunSeen) -> Parting:
    """Say what is the worst in which two runs differ."""
    for name, (says, promise) in yours.broken.items():
        if name not in kafkas.broken:
            worst = Worst.A_RECORD if name in _LOSSES else Worst.A_PROMISE
            return Parting(worst, says, name, promise)
    for what, how in yours.sends.items():
        if (usual := kafkas.sends.get(what)) != how:
            return Parting(Worst.A_SEND, _beside(f"{what} {how}", f"it {usual or 'is not sent'}"))
    for what, how in yours.ends.items():
        if (usual := kafkas.ends.get(what)) != how:
            return Parting(
                Worst.THE_END, _beside(f"of {what} in the end {how}", usual or "it is gone")
            )
    for mine, its in zip_longest(yours.story, kafkas.story):
        if mine is None or its is None or mine[:2] != its[:2]:
            return Parting(Worst.A_STEP, _beside(_step(mine), _step(its)))
    return Parting()


def _beside(yours: str, kafkas: str) -> str:
    return f"{yours}. With Kafka's part: {kafkas}"


def _step(step: tuple[int, str, str] | None) -> str:
    return f"at {seconds_text(step[0])} {step[2].rstrip('.')}" if step else "nothing more happens"
