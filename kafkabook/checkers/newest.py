"""R24: what the cleaners of all brokers together must leave to whoever reads to the end."""

from dataclasses import dataclass, field

from kafkabook.base.trace import Entry
from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.history import ALL_ACKS
from kafkabook.checkers.replicas import Replicas, topic_of
from kafkabook.cluster.events import (
    Quiesced,
    ReadEnded,
    RecordRead,
    RecordSent,
    SendEnded,
    TopicDeleted,
)


@dataclass(slots=True)
class _Readings:
    """What one client has read of a partition since all its readings were over.

    Two readings at a time are told apart by nobody, so that neither counts.
    """

    offsets: dict[str, int] = field(default_factory=dict)  # by key, the highest
    records: int = 0
    ended_records: int = 0
    ended: int = 0


@dataclass(slots=True)
class _Keys:
    """What clients know of one partition.

    Attributes: `of` (the key of each value), `newest` (the record of each key that was acknowledged
    with the highest offset), `readings` (by client, those that are not over), `read` (the highest
    offset of each key in the last reading that is over), `upto` (where that one ended).
    """

    of: dict[str, str] = field(default_factory=dict)
    newest: dict[str, tuple[int, Entry]] = field(default_factory=dict)
    readings: dict[str, _Readings] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    upto: int = 0

    def take(self, event: RecordRead, client: str) -> None:
        """Note a record that a client was given."""
        reading = self.readings.setdefault(client, _Readings())
        reading.records += 1
        key = self.of.get(event.value)
        if key is not None:
            reading.offsets[key] = event.offset

    def end(self, event: ReadEnded, client: str) -> None:
        """Note the end of a reading; where it was the only one of its client, it counts."""
        reading = self.readings.setdefault(client, _Readings())
        reading.ended += 1
        reading.ended_records += event.records
        if reading.ended_records < reading.records:
            return
        if reading.ended == 1 and not event.error:
            self.read, self.upto = reading.offsets, event.next_offset
        del self.readings[client]


class NewestOfEachKeyStays(ClusterChecker):
    """R24: at rest a reader of a compacted log meets the newest value of each key.

    Each broker cleans by itself, and followers copy what their leader has left: of what acks=all
    acknowledged, the newest record of a key, or a newer one of that key, must still be there on
    whoever leads in the end. L2 asks that of each single cleaning.

    Source: Kafka's documentation, Log Compaction, "What guarantees does log compaction provide?".
    """

    name = "R24"
    promise = "at rest the newest acknowledged value of each key, or a newer one, can be read"
    scope = (
        "acks 0 or 1; unclean elections, losses beyond min.insync.replicas; what retention or an"
        " administrator took from the front; a last reading that did not begin at the log start"
    )
    kinds = (RecordSent, SendEnded, RecordRead, ReadEnded, Quiesced, TopicDeleted)

    def __init__(self, replicas: Replicas) -> None:
        super().__init__(replicas)
        self._partitions: dict[str, _Keys] = {}

    def observe(self, entry: Entry) -> None:
        """Collect keys, acknowledgements and the last reading; judge at rest."""
        match entry.event:
            case RecordSent(key=key) as event if key:
                self._of(event.partition).of[event.value] = key
            case SendEnded(outcome="ok", acks=acks, offset=at) as event if acks == ALL_ACKS:
                self._acknowledge(event.value, at, entry, self._of(event.partition))
            case RecordRead() as event:
                self._of(event.partition).take(event, entry.place)
            case ReadEnded() as event:
                self._of(event.partition).end(event, entry.place)
            case TopicDeleted(topic=topic):
                for name in [name for name in self._partitions if topic_of(name) == topic]:
                    del self._partitions[name]
            case Quiesced():
                for name in sorted(self._partitions):
                    self._judge(entry, name, self._partitions[name])

    def _of(self, partition: str) -> _Keys:
        return self._partitions.setdefault(partition, _Keys())

    def _acknowledge(self, value: str, offset: int, entry: Entry, keys: _Keys) -> None:
        key = keys.of.get(value)
        if key is not None and offset > keys.newest.get(key, (-1, entry))[0]:
            keys.newest[key] = offset, entry

    def _judge(self, entry: Entry, name: str, keys: _Keys) -> None:
        seen = self.replicas.partitions.get(name)
        if seen is None or not seen.is_compacted or seen.drops or seen.is_unsettled:
            return
        for key, (offset, told) in sorted(keys.newest.items()):
            if seen.removed_below <= offset < keys.upto:
                self.saw += 1
                if keys.read.get(key, -1) < offset:
                    says = (
                        f"{name}: the value of {key} at offset {offset} was acknowledged and is the"
                        " newest, but who reads to the end finds neither it nor a newer one"
                    )
                    self.report_once((name, key), says, told, entry)
