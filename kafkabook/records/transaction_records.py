"""What transaction coordinators write into `__transaction_state`: one record per state.

Source: kafka, transaction-coordinator, `src/main/resources/common/message`; KIP-98, KIP-890.
"""

from dataclasses import dataclass
from enum import IntEnum

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.wire_fields import (
    INT8,
    INT16,
    INT32,
    INT64,
    FieldReader,
    FieldWriter,
    UndecodedValue,
    UnknownKey,
    checked_version,
    open_value,
    tagged_number,
    versioned_string,
)


class TransactionStatus(IntEnum):
    """Where a transaction stands, as its coordinator remembers it."""

    EMPTY = 0
    ONGOING = 1
    PREPARE_COMMIT = 2
    PREPARE_ABORT = 3
    COMPLETE_COMMIT = 4
    COMPLETE_ABORT = 5
    DEAD = 6
    PREPARE_EPOCH_FENCE = 7


@dataclass(frozen=True, slots=True)
class TransactionLogKey:
    """Whose transaction."""

    transactional_id: str

    def encode(self) -> bytes:
        """Return the key's bytes."""
        return versioned_string(0, self.transactional_id)


@dataclass(frozen=True, slots=True)
class TransactionPartitions:
    """The partitions of one topic that a transaction has written to."""

    topic: str
    partitions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TransactionLogValue:
    """A producer's transaction, as its coordinator remembers it.

    Source: kafka, `TransactionLogValue.json`; KIP-890 (the fields of version 1).
    """

    producer_id: int
    producer_epoch: int
    timeout_ms: int
    status: TransactionStatus
    partitions: tuple[TransactionPartitions, ...] | None  # None while nothing was written
    last_update_ms: int
    start_ms: int
    previous_producer_id: int = -1  # this and what follows: version 1, tagged
    next_producer_id: int = -1
    client_transaction_version: int = 0

    def encode(self, version: int = 1) -> bytes:
        """Return the value's bytes; 1 where transaction.version is 1 or more, else 0."""
        out = FieldWriter(flexible=checked_version(version, newest=1) >= 1)
        out.number(INT16, version)
        out.number(INT64, self.producer_id)
        out.number(INT16, self.producer_epoch)
        out.number(INT32, self.timeout_ms)
        out.number(INT8, self.status)
        _write_partitions(out, self.partitions)
        out.number(INT64, self.last_update_ms)
        out.number(INT64, self.start_ms)
        out.tags(self._tags())
        return out.data

    def _tags(self) -> dict[int, bytes]:
        """Return the tagged fields that differ from what their absence means."""
        fields = (
            (0, INT64, self.previous_producer_id, -1),
            (1, INT64, self.next_producer_id, -1),
            (2, INT16, self.client_transaction_version, 0),
        )
        return {tag: layout.pack(value) for tag, layout, value, absent in fields if value != absent}


def decode_transaction_key(data: bytes) -> TransactionLogKey | UnknownKey:
    """Read a key of `__transaction_state`; a type from the future becomes an `UnknownKey`.

    Raises:
        CorruptMessage: a field is cut off, or something follows the last one.
    """
    reader = FieldReader(data)
    key_type = reader.number(INT16)
    if key_type != 0:
        return UnknownKey(key_type, data[reader.at :])
    key = TransactionLogKey(reader.text())
    reader.end()
    return key


def decode_transaction_value(data: bytes) -> TransactionLogValue | UndecodedValue:
    """Read a transaction's state; a version from the future stays undecoded.

    Raises:
        CorruptMessage: a field is cut off or impossible, or something follows the last one.
    """
    opened = open_value(data, newest=1)
    if isinstance(opened, UndecodedValue):
        return opened
    reader, _ = opened
    producer_id, producer_epoch = reader.number(INT64), reader.number(INT16)
    timeout_ms, status = reader.number(INT32), _status(reader)
    partitions = _read_partitions(reader)
    last_update_ms, start_ms = reader.number(INT64), reader.number(INT64)
    tags = reader.tags()
    reader.end()
    return TransactionLogValue(
        producer_id,
        producer_epoch,
        timeout_ms,
        status,
        partitions,
        last_update_ms,
        start_ms,
        previous_producer_id=tagged_number(tags, 0, INT64, absent=-1),
        next_producer_id=tagged_number(tags, 1, INT64, absent=-1),
        client_transaction_version=tagged_number(tags, 2, INT16, absent=0),
    )


def _status(reader: FieldReader) -> TransactionStatus:
    number = reader.number(INT8)
    if number not in TransactionStatus._value2member_map_:
        raise CorruptMessage(f"no transaction status has number {number}", at_byte=reader.at - 1)
    return TransactionStatus(number)


def _read_partitions(reader: FieldReader) -> tuple[TransactionPartitions, ...] | None:
    count = reader.count()
    if count is None:
        return None
    return tuple(_read_topic(reader) for _ in range(count))


def _read_topic(reader: FieldReader) -> TransactionPartitions:
    topic = reader.text()
    numbers = tuple(reader.number(INT32) for _ in range(reader.count() or 0))
    reader.tags()
    return TransactionPartitions(topic, numbers)


def _write_partitions(
    out: FieldWriter, partitions: tuple[TransactionPartitions, ...] | None
) -> None:
    out.count(None if partitions is None else len(partitions))
    for topic in partitions or ():
        out.string(topic.topic)
        out.count(len(topic.partitions))
        for number in topic.partitions:
            out.number(INT32, number)
        out.tags()
