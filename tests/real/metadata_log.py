"""What a real controller decided, read from its own log while it runs.

`__cluster_metadata-0` holds every change of a partition's leader, ISR and epochs, so no
client is asked and nothing is missed between two looks.

Source: kafka, metadata `PartitionRecord.json`, `PartitionChangeRecord.json`, `TopicRecord.json`,
`BrokerRegistrationChangeRecord.json`, `ClearElrRecord.json`; `PartitionRegistration.merge`.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.message_bytes import Message, Values
from kafkabook.records.metadata_records import decode_metadata_record
from kafkabook.records.record_batch import decode_batch
from kafkabook.records.scan import scan_headers

NO_LEADER = -1
FENCED, UNFENCED = 1, -1


@dataclass(frozen=True)
class PartitionState:
    """One partition as the controller has it; sets of brokers are sorted.

    `recovering` since a leader that was not in the ISR was elected, until it says that it
    has recovered, which it does with its next change of the ISR.
    """

    replicas: tuple[int, ...]
    isr: tuple[int, ...]
    leader: int
    leader_epoch: int
    partition_epoch: int
    elr: tuple[int, ...] = ()
    last_known_elr: tuple[int, ...] = ()
    recovering: bool = False


@dataclass
class MetadataLog:
    """A controller's log, followed as it grows.

    Args:
        path: the log's first segment; it is never rolled in runs as short as ours.

    Attributes: `history`: all states of a partition in order, by topic and number; `fenced`: the
    brokers that may not lead now; `fences`, `registrations`: how often each was fenced, and said
    that it is there anew; `changes`: records so far.
    """

    path: Path
    history: dict[tuple[str, int], list[PartitionState]] = field(default_factory=dict)
    fenced: set[int] = field(default_factory=set)
    fences: Counter[int] = field(default_factory=Counter)
    registrations: Counter[int] = field(default_factory=Counter)
    changes: int = 0
    _position: int = 0
    _names: dict[str, str] = field(default_factory=dict)

    def read_on(self) -> None:
        """Replay what was appended since the last call; half a batch is left for the next."""
        with self.path.open("rb") as log:
            log.seek(self._position)
            data = log.read()
        try:
            for at, header in scan_headers(data, check_crc=True):
                self._position += header.size_bytes
                if not header.is_control:
                    for record in decode_batch(data, at).records:
                        self._replay(record.value or b"")
        except CorruptMessage:
            return

    def states(self, topic: str) -> dict[int, PartitionState]:
        """The newest state of each partition of a topic."""
        return {
            number: states[-1] for (name, number), states in self.history.items() if name == topic
        }

    def _replay(self, value: bytes) -> None:
        record = decode_metadata_record(value)
        assert isinstance(record, Message)
        replay = {
            "TopicRecord": self._topic,
            "PartitionRecord": self._partition,
            "PartitionChangeRecord": self._partition_change,
            "RegisterBrokerRecord": self._registered,
            "BrokerRegistrationChangeRecord": self._broker_change,
            "ClearElrRecord": self._elr_cleared,
        }.get(record.name)
        if replay is not None:
            self.changes += 1
            replay(record.fields)

    def _topic(self, fields: Values) -> None:
        self._names[fields["topicId"]] = fields["name"]

    def _partition(self, fields: Values) -> None:
        state = PartitionState(
            replicas=tuple(fields["replicas"]),
            isr=tuple(sorted(fields["isr"])),
            leader=fields["leader"],
            leader_epoch=fields["leaderEpoch"],
            partition_epoch=fields["partitionEpoch"],
        )
        self.history[self._names[fields["topicId"]], fields["partitionId"]] = [state]

    def _partition_change(self, fields: Values) -> None:
        states = self.history[self._names[fields["topicId"]], fields["partitionId"]]
        states.append(changed(states[-1], fields))

    def _registered(self, fields: Values) -> None:
        self.fenced.add(fields["brokerId"])
        self.registrations[fields["brokerId"]] += 1

    def _broker_change(self, fields: Values) -> None:
        broker, fenced = fields["brokerId"], fields.get("fenced", 0)
        if fenced == FENCED:  # again, when the session of a broker that stopped cleanly ends
            self.fences[broker] += broker not in self.fenced
            self.fenced.add(broker)
        elif fenced == UNFENCED:
            self.fenced.discard(broker)

    def _elr_cleared(self, fields: Values) -> None:
        topic = fields["topicName"]  # empty for all topics
        for (name, _), states in self.history.items():
            if topic in (name, "") and (states[-1].elr or states[-1].last_known_elr):
                states.append(without_elr(states[-1]))


def without_elr(old: PartitionState) -> PartitionState:
    """The state after a minimum was altered: nobody is eligible any more who was."""
    return replace(old, elr=(), last_known_elr=(), partition_epoch=old.partition_epoch + 1)


def changed(old: PartitionState, fields: Values) -> PartitionState:
    """The state after one change: each is a new partition epoch, a leader also a leader epoch."""

    def brokers(name: str, unchanged: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(fields[name])) if name in fields else unchanged

    return replace(
        old,
        leader=fields.get("leader", old.leader),
        leader_epoch=old.leader_epoch + ("leader" in fields),
        partition_epoch=old.partition_epoch + 1,
        isr=brokers("isr", old.isr),
        elr=brokers("eligibleLeaderReplicas", old.elr),
        last_known_elr=brokers("lastKnownElr", old.last_known_elr),
        recovering=bool(fields.get("leaderRecoveryState", old.recovering)),
    )
