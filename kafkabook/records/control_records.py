"""Records that brokers write into a partition for each other: above all, ends of transactions.

Source: KIP-98; KIP-595, KIP-630 and KIP-853 (KRaft); kafka, clients `ControlRecordType`.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.message_bytes import Message, read_message
from kafkabook.records.message_schema import VALUE, schemas
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.records.wire_fields import INT16, FieldReader

_KEY = struct.Struct(">hh")  # version, type
_MARKER = struct.Struct(">hi")  # version, coordinator epoch
_VERSION = 0


class ControlType(IntEnum):
    """What a control record says; the number is its key's second field."""

    UNKNOWN = -1  # any number that this list does not have; readers pass over it
    ABORT = 0
    COMMIT = 1
    LEADER_CHANGE = 2
    SNAPSHOT_HEADER = 3
    SNAPSHOT_FOOTER = 4
    KRAFT_VERSION = 5
    KRAFT_VOTERS = 6


@dataclass(frozen=True, slots=True)
class ControlRecord:
    """A control record, read: its type, and for an end of a transaction who decided it."""

    type: ControlType
    coordinator_epoch: int | None  # None unless the type is ABORT or COMMIT
    value: bytes  # as it is in the log; `kraft_message` reads that of a KRaft type


def end_transaction_marker(
    control_type: ControlType,
    *,
    producer_id: int,
    producer_epoch: int,
    coordinator_epoch: int,
    timestamp_ms: int,
    base_offset: int = 0,
    partition_leader_epoch: int = -1,
) -> RecordBatch:
    """Return the batch of 78 bytes that ends a producer's transaction in one partition.

    Raises:
        ValueError: the type is neither ABORT nor COMMIT.

    >>> end_transaction_marker(ControlType.COMMIT, producer_id=1000, producer_epoch=0,
    ...                        coordinator_epoch=5, timestamp_ms=0)
    RecordBatch(offsets 0..0, 1 record, 78 bytes, transactional, control)
    """
    if control_type not in (ControlType.ABORT, ControlType.COMMIT):
        raise ValueError(f"{control_type.name} does not end a transaction")
    value = _MARKER.pack(_VERSION, coordinator_epoch)
    return RecordBatch.of(
        [Record(_KEY.pack(_VERSION, control_type), value, timestamp_ms)],
        base_offset=base_offset,
        partition_leader_epoch=partition_leader_epoch,
        producer_id=producer_id,
        producer_epoch=producer_epoch,
        is_transactional=True,
        is_control=True,
    )


def read_control(record: Record) -> ControlRecord:
    """Read a record of a control batch; a type or a version from the future is passed on.

    Raises:
        CorruptMessage: key or value is too short or has a negative version; the byte counts from
            the key's or the value's first.

    >>> read_control(Record(bytes.fromhex("00000001"), bytes.fromhex("000000000005"))).type
    <ControlType.COMMIT: 1>
    """
    _, number = _fields(_KEY, record.key, "key")
    known = number in ControlType._value2member_map_
    control_type = ControlType(number) if known else ControlType.UNKNOWN
    value = record.value or b""
    if control_type not in (ControlType.ABORT, ControlType.COMMIT):
        return ControlRecord(control_type, None, value)
    _, coordinator_epoch = _fields(_MARKER, record.value, "value")
    return ControlRecord(control_type, coordinator_epoch, value)


def kraft_message(control: ControlRecord) -> Message | None:
    """Read what a control record of KRaft says; None for the end of a transaction, and for others.

    The value begins with its version. Kafka, too, reads a later one as the newest that it knows.

    Raises:
        CorruptMessage: a field is cut off or impossible.
    """
    schema = schemas().get(("control", VALUE, control.type))
    if schema is None:
        return None
    version = FieldReader(control.value).number(INT16)
    known = min(max(version, schema.versions[0]), schema.versions[-1])
    return read_message(schema, FieldReader(control.value), known)


def _fields(layout: struct.Struct, data: bytes | None, part: str) -> tuple[int, int]:
    """Unpack what every version begins with; Kafka, too, reads a later one by the first's rule."""
    if data is None or len(data) < layout.size:
        there = "none" if data is None else str(len(data))
        raise CorruptMessage(f"a control record's {part} takes {layout.size} bytes, not {there}")
    version, number = layout.unpack_from(data)
    if version < 0:
        raise CorruptMessage(f"a control record's {part} has version {version}")
    return version, number
