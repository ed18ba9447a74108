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
PICTURED: tuple[type[Event], ...] = (
    BatchStored,
    FetchServed,
    HighWatermarkMoved,
    ProduceAnswered,
    PartitionChanged,
    ReplicaTruncated,
    IsrProposed,
    BecameLeader,
    BecameFollower,
    BrokerCrashed,
    BrokerFenced,
)
GHOSTS = 3  # pictures for which a cut record stays as a ghost


def only(*kinds: type[Event]) -> Told:
    """Return the sentences of some events, as `events.py` has them."""
    return {kind: kind.sentence for kind in kinds}


def without(*kinds: type[Event]) -> Told:
    """Return the sentences of all events that usually make a picture, but for some."""
    return only(*(kind for kind in PICTURED if kind not in kinds))


class PictureFilm:
    """Pictures of one partition of a lab, in the order of virtual time.

    Args:
        lab: the cluster; its only topic is filmed unless told otherwise.
        title: the question. sentences: which events make a picture, and what it
            says; those of `PICTURED` and what they say of themselves unless told otherwise.
        most: pictures at most; the film ends there.
    """

    def __init__(
        self,
        lab: Lab,
        *,
        title: str,
        topic: str = "",
        partition: int = 0,
        sentences: Told | None = None,
        most: int = 120,
    ) -> None:
        self.lab, self.title, self.most = lab, title, most
        self.sentences = without() if sentences is None else sentences
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
