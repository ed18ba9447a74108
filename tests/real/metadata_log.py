"""What a real controller decided, read from its own log while it runs.

`__cluster_metadata-0` holds every change of a partition's leader, ISR and epochs, so no
client is asked and nothing is missed between two looks. A frame of version 1 stands before each
record: frame version, type of the record, version of the record, its fields.

Source: kafka, metadata `PartitionRecord.json`, `PartitionChangeRecord.json`, `TopicRecord.json`,
`BrokerRegistrationChangeRecord.json`, `ClearElrRecord.json`; `PartitionRegistration.merge`.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.record_batch import decode_batch
from kafkabook.records.scan import scan_headers
from kafkabook.records.varint import decode_unsigned_varint
from kafkabook.records.wire_fields import INT8, INT32, INT64, FieldReader, tagged_number

REGISTER_BROKER, TOPIC, PARTITION, PARTITION_CHANGE, BROKER_CHANGE = 0, 2, 3, 5, 17
CLEAR_ELR = 28
NO_LEADER, NO_LEADER_CHANGE = -1, -2
ISR_TAG, LEADER_TAG, RECOVERY_TAG, ELR_TAG, LAST_KNOWN_ELR_TAG = 0, 1, 5, 6, 7
FENCED_TAG = 0
FENCED, UNFENCED = 1, -1
Uuid = tuple[int, int]


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
    _names: dict[Uuid, str] = field(default_factory=dict)

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
        _, at = decode_unsigned_varint(value, 0)
        kind, at = decode_unsigned_varint(value, at)
        version, at = decode_unsigned_varint(value, at)
        reader = FieldReader(value[at:], flexible=True)
        replay = {
            TOPIC: self._topic,
            PARTITION: self._partition,
            PARTITION_CHANGE: self._partition_change,
            REGISTER_BROKER: self._registered,
            BROKER_CHANGE: self._broker_change,
            CLEAR_ELR: self._elr_cleared,
        }.get(kind)
        if replay is not None:
            self.changes += 1
            replay(reader, version)

    def _topic(self, reader: FieldReader, version: int) -> None:
        name = reader.text()
        self._names[uuid(reader)] = name

    def _partition(self, reader: FieldReader, version: int) -> None:
        number, topic = reader.number(INT32), uuid(reader)
        replicas, isr = brokers(reader), brokers(reader)
        brokers(reader), brokers(reader)  # removing, adding
        leader, epochs = reader.number(INT32), (reader.number(INT32), reader.number(INT32))
        state = PartitionState(replicas, tuple(sorted(isr)), leader, *epochs)
        self.history[self._names[topic], number] = [state]

    def _partition_change(self, reader: FieldReader, version: int) -> None:
        number, topic = reader.number(INT32), uuid(reader)
        tags = reader.tags()
        states = self.history[self._names[topic], number]
        states.append(changed(states[-1], tags))

    def _registered(self, reader: FieldReader, version: int) -> None:
        broker = reader.number(INT32)
        self.fenced.add(broker)
        self.registrations[broker] += 1

    def _broker_change(self, reader: FieldReader, version: int) -> None:
        broker, _ = reader.number(INT32), reader.number(INT64)
        fenced = tagged_number(reader.tags(), FENCED_TAG, INT8, absent=0)
        if fenced == FENCED:  # again, when the session of a broker that stopped cleanly ends
            self.fences[broker] += broker not in self.fenced
            self.fenced.add(broker)
        elif fenced == UNFENCED:
            self.fenced.discard(broker)

    def _elr_cleared(self, reader: FieldReader, version: int) -> None:
        topic = reader.text()  # empty for all topics
        for (name, _), states in self.history.items():
            if topic in (name, "") and (states[-1].elr or states[-1].last_known_elr):
                states.append(without_elr(states[-1]))


def without_elr(old: PartitionState) -> PartitionState:
    """The state after a minimum was altered: nobody is eligible any more who was."""
    return replace(old, elr=(), last_known_elr=(), partition_epoch=old.partition_epoch + 1)


def changed(old: PartitionState, tags: dict[int, bytes]) -> PartitionState:
    """The state after one change: each is a new partition epoch, a leader also a leader epoch."""
    leader = tagged_number(tags, LEADER_TAG, INT32, absent=NO_LEADER_CHANGE)
    recovery = tagged_number(tags, RECOVERY_TAG, INT8, absent=old.recovering)
    elected = leader != NO_LEADER_CHANGE
    return replace(
        old,
        leader=leader if elected else old.leader,
        leader_epoch=old.leader_epoch + elected,
        partition_epoch=old.partition_epoch + 1,
        isr=tagged_brokers(tags, ISR_TAG, old.isr),
        elr=tagged_brokers(tags, ELR_TAG, old.elr),
        last_known_elr=tagged_brokers(tags, LAST_KNOWN_ELR_TAG, old.last_known_elr),
        recovering=bool(recovery),
    )


def tagged_brokers(tags: dict[int, bytes], tag: int, unchanged: tuple[int, ...]) -> tuple[int, ...]:
    """The brokers of a tagged field, sorted; a field that is not there has not changed."""
    if tag not in tags:
        return unchanged
    return tuple(sorted(brokers(FieldReader(tags[tag], flexible=True))))


def brokers(reader: FieldReader) -> tuple[int, ...]:
    """An array of broker ids, in its order."""
    return tuple(reader.number(INT32) for _ in range(reader.count() or 0))


def uuid(reader: FieldReader) -> Uuid:
    """Sixteen bytes that name a topic."""
    return reader.number(INT64), reader.number(INT64)
