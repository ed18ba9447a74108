"""A lab on film: a picture of one partition after every event that changed something.

Explorers of replication are films of a few seconds of virtual time, cut to what matters.
"""

from collections.abc import Callable, Mapping
from typing import Any

from kafkabook.base.trace import Entry, Event
from kafkabook.cluster.events import BrokerCrashed, BrokerFenced, PartitionChanged
from kafkabook.lab import Lab
from kafkabook.replication.events import (
    BatchStored,
    BecameFollower,
    BecameLeader,
    FetchServed,
    HighWatermarkMoved,
    IsrProposed,
    ProduceAnswered,
    ReplicaTruncated,
)
from kafkabook.replication.snapshots import PartitionSnapshot
from kafkabook.viz.figure import Figure
from kafkabook.viz.replay import run_told
from kafkabook.viz.replica_lanes import replica_lanes

Told = Mapping[type[Event], Callable[[Any], str]]  # event → one sentence; "" leaves it out
GHOSTS = 3  # pictures for which a cut record stays as a ghost


def _stored(event: BatchStored) -> str:
    if event.is_leader:
        return f"Broker {event.broker}, the leader, appends at offset {event.base_offset}."
    span = f"offset {event.base_offset}"
    if event.last_offset > event.base_offset:
        span = f"offsets {event.base_offset} to {event.last_offset}"
    return f"Broker {event.broker} copies {span} into its own log."


def _served(event: FetchServed) -> str:
    has = "nothing yet" if event.fetch_offset == 0 else f"everything below {event.fetch_offset}"
    return f"Broker {event.follower} fetches at {event.fetch_offset}: so it has {has}."


def _mark(event: HighWatermarkMoved) -> str:
    if event.is_leader:
        return f"All in sync have everything below {event.to_offset}: the high watermark moves."
    return f"Broker {event.broker} learns of the high watermark {event.to_offset}."


def _answered(event: ProduceAnswered) -> str:
    if event.error:
        return f"An answer goes to the producer: {event.error}."
    return f"An answer goes to the producer: offset {event.base_offset} is safe."


def _changed(event: PartitionChanged) -> str:
    isr = ", ".join(map(str, sorted(event.isr)))
    if event.leader != event.was_leader:
        who = "nobody leads" if event.leader is None else f"broker {event.leader} leads"
        return f"The controller decides: {who}, epoch {event.leader_epoch}, in sync {{{isr}}}."
    return f"The controller confirms the in-sync set {{{isr}}}."


def _truncated(event: ReplicaTruncated) -> str:
    cut = event.from_offset - event.to_offset
    records = "1 record" if cut == 1 else f"{cut} records"
    return f"Broker {event.broker} cuts {records} off its log: {event.reason}."


def _proposed(event: IsrProposed) -> str:
    now = ", ".join(map(str, sorted(event.now)))
    return f"Broker {event.broker} proposes the in-sync set {{{now}}}."


def _follows(event: BecameFollower) -> str:
    whom = "nobody" if event.leader is None else f"broker {event.leader}"
    return f"Broker {event.broker} follows {whom} in epoch {event.leader_epoch}."


SENTENCES: Told = {
    BatchStored: _stored,
    FetchServed: _served,
    HighWatermarkMoved: _mark,
    ProduceAnswered: _answered,
    PartitionChanged: _changed,
    ReplicaTruncated: _truncated,
    IsrProposed: _proposed,
    BecameLeader: lambda e: f"Broker {e.broker} takes over in epoch {e.leader_epoch}.",
    BecameFollower: _follows,
    BrokerCrashed: lambda e: f"Broker {e.broker} is killed.",
    BrokerFenced: lambda e: f"Broker {e.broker} was not heard of: {e.reason}.",
}


class Film:
    """Pictures of one partition of a lab, in the order of virtual time.

    Args:
        lab: the cluster; its only topic is filmed unless told otherwise.
        title: the question. sentences: which events make a picture, and what it says.
        most: pictures at most; the film ends there.
    """

    def __init__(
        self,
        lab: Lab,
        *,
        title: str,
        topic: str = "",
        partition: int = 0,
        sentences: Told = SENTENCES,
        most: int = 120,
    ) -> None:
        self.lab, self.title, self.sentences, self.most = lab, title, sentences, most
        self._topic, self._partition = topic, partition
        self._name = lab.snapshot(topic, partition).partition
        self._seen: list[PartitionSnapshot] = []
        self._read = len(lab.trace)
        self._run = run_told(lab)
        self.figures: list[Figure] = []

    def snapshot(self) -> PartitionSnapshot:
        """Return the partition as it is now."""
        return self.lab.snapshot(self._topic, self._partition)

    def take(self, told: str) -> None:
        """Take a picture now."""
        now = self.snapshot()
        before = tuple(self._seen[-GHOSTS:])
        self._seen.append(now)
        when = f"{now.partition} · t = {now.at_ms} ms · {self._run}"
        figure = replica_lanes(now, title=self.title, subtitle=when, sentence=told, before=before)
        if len(self.figures) < self.most:
            self.figures.append(figure)

    def roll(self, done: Callable[[], bool], *, within_ms: int = 120_000) -> None:
        """Run event by event until `done()`, with a picture of each that has a sentence."""
        self.catch_up()
        self.lab.run_until(lambda: self.catch_up() or done(), within_ms=within_ms)

    def catch_up(self) -> bool:
        """Take the picture of what the last event told, if it is worth one; always false."""
        trace, began = self.lab.trace, self._read
        self._read = len(trace)
        told = [self._told(trace[number]) for number in range(began, len(trace))]
        told = [sentence for sentence in told if sentence]
        if told:
            self.take(" ".join(told))
        return False

    def _told(self, entry: Entry) -> str:
        event = entry.event
        if getattr(event, "partition", self._name) != self._name:
            return ""
        sentence = self.sentences.get(type(event))
        return "" if sentence is None else sentence(event)


def without(*kinds: type[Event]) -> Told:
    """Return the usual sentences but for those of some events."""
    return {kind: told for kind, told in SENTENCES.items() if kind not in kinds}


def only(*kinds: type[Event]) -> Told:
    """Return the usual sentences of some events."""
    return {kind: SENTENCES[kind] for kind in kinds}
