"""J1 and J3: what a client alone can see, from its own sends and reads.

An outcome has three values. Only "ok" means that a record must be there: "info" may be either, and
calling it "fail" is the commonest mistake of a checker.

Source: jepsen, `tests/kafka.clj`.
"""

from typing import NamedTuple

from kafkabook.base.trace import Entry
from kafkabook.checkers.anomaly import Anomaly
from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.replicas import Replicas, topic_of
from kafkabook.cluster.events import Quiesced, RecordRead, SendEnded, TopicDeleted

ALL_ACKS = -1


class HistoryChecker(ClusterChecker):
    """A checker of clients' histories: what is no bug where less was promised, it sets apart.

    Attributes: `allowed` (anomalies that acks 0 or 1, an unclean election or a loss beyond
    min.insync.replicas explain). Only for this does it look at anything but the clients.
    """

    def __init__(self, replicas: Replicas) -> None:
        super().__init__(replicas)
        self.allowed: list[Anomaly] = []

    def _tell(self, partition: str, is_promised: bool, says: str, *evidence: Entry) -> None:
        if is_promised and not self._has_lost(partition):
            self.report_once((says,), says, *evidence)
        elif (says,) not in self._reported:
            self._reported.add((says,))
            self.allowed.append(Anomaly(self.name, says, evidence, self.scope))

    def _has_lost(self, partition: str) -> bool:
        seen = self.replicas.partitions.get(partition)
        return seen is None or bool(seen.drops) or seen.is_unsettled or seen.is_compacted


class LostWrite(HistoryChecker):
    """J1: whoever reads beyond an acknowledged record has met it, or somebody else has."""

    name = "J1"
    promise = "if consumers read past an acknowledged record, one of them was given it"
    scope = "acks 0 or 1, unclean elections, losses beyond min.insync.replicas, retention"
    kinds = (SendEnded, RecordRead, Quiesced, TopicDeleted)

    def __init__(self, replicas: Replicas) -> None:
        super().__init__(replicas)
        self._clients: dict[str, _Clients] = {}

    def observe(self, entry: Entry) -> None:
        """Collect what was acknowledged and what was read; judge at rest."""
        match entry.event:
            case SendEnded(outcome="ok", offset=offset) as event if offset >= 0:
                self._of(event.partition).acked[event.value] = event, entry
            case RecordRead() as event:
                self._of(event.partition).take(event, entry)
            case TopicDeleted(topic=topic):
                for name in [name for name in self._clients if topic_of(name) == topic]:
                    del self._clients[name]
            case Quiesced():
                self.finish()

    def finish(self) -> None:
        """Judge all that was acknowledged so far, as at the end of a run."""
        self.saw = 0
        for name in sorted(self._clients):
            clients = self._clients[name]
            if clients.furthest is not None:
                self._judge(clients, *clients.furthest)

    def _is_removed(self, event: SendEnded) -> bool:
        """Say whether retention or an administrator may have taken a record before it was read."""
        seen = self.replicas.partitions.get(event.partition)
        return seen is not None and event.offset < seen.removed_below

    def _of(self, partition: str) -> "_Clients":
        return self._clients.setdefault(partition, _Clients())

    def _judge(self, clients: "_Clients", furthest: RecordRead, read_by: Entry) -> None:
        for event, entry in clients.acked.values():
            if event.offset > furthest.offset or self._is_removed(event):
                continue
            self.saw += 1
            if event.value not in clients.values:
                says = (
                    f"{event.partition}: {event.value!r} was acknowledged at {event.offset} and"
                    f" never read, though offset {furthest.offset} was"
                )
                self._tell(event.partition, event.acks == ALL_ACKS, says, entry, read_by)


class _Clients:
    """What the clients of one partition know: acknowledged sends, values read, and how far."""

    def __init__(self) -> None:
        self.acked: dict[str, tuple[SendEnded, Entry]] = {}
        self.values: set[str] = set()
        self.furthest: tuple[RecordRead, Entry] | None = None

    def take(self, event: RecordRead, entry: Entry) -> None:
        """Note a read."""
        self.values.add(event.value)
        if self.furthest is None or event.offset > self.furthest[0].offset:
            self.furthest = event, entry


class _ToldValue(NamedTuple):
    """What stands at an offset, as a client was told."""

    value: str
    is_promised: bool
    entry: Entry


class InconsistentOffsets(HistoryChecker):
    """J3: an offset names one value, for whoever sent it and for whoever reads it."""

    name = "J3"
    promise = "one offset of a partition holds one value, for ever"
    scope = "acks 0 or 1, unclean elections, losses beyond min.insync.replicas"
    kinds = (SendEnded, RecordRead, TopicDeleted)

    def __init__(self, replicas: Replicas) -> None:
        super().__init__(replicas)
        self._told: dict[str, dict[int, _ToldValue]] = {}

    def observe(self, entry: Entry) -> None:
        """Compare what was told of an offset with what was told of it before."""
        match entry.event:
            case SendEnded(outcome="ok", offset=offset) as sent if offset >= 0:
                told = _ToldValue(sent.value, sent.acks == ALL_ACKS, entry)
                self._judge(sent.partition, offset, told)
            case RecordRead() as read:
                self._judge(read.partition, read.offset, _ToldValue(read.value, True, entry))
            case TopicDeleted(topic=topic):
                for name in [name for name in self._told if topic_of(name) == topic]:
                    del self._told[name]

    def _judge(self, partition: str, offset: int, told: _ToldValue) -> None:
        self.saw += 1
        before = self._told.setdefault(partition, {}).setdefault(offset, told)
        if before.value != told.value:
            says = f"{partition}: offset {offset} held {before.value!r} and {told.value!r}"
            is_promised = before.is_promised and told.is_promised
            self._tell(partition, is_promised, says, before.entry, told.entry)
        if told.is_promised and not before.is_promised:
            self._told[partition][offset] = told
