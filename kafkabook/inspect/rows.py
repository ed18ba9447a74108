"""Batches and records as rows, by the names that Kafka itself uses for their fields."""

from collections.abc import Callable
from functools import lru_cache

from kafkabook.base.errors import CorruptMessage
from kafkabook.inspect.findings import Fields, Row
from kafkabook.inspect.internal_topics import plainly
from kafkabook.inspect.old_rows import message_fields, message_row
from kafkabook.records.batch_header import MAGIC
from kafkabook.records.control_records import kraft_message, read_control
from kafkabook.records.record import Record
from kafkabook.records.record_batch import BatchHeader

Decode = Callable[[Record], Fields]
_SEQUENCES = 2**31  # after the last one comes 0


def batch_row(file: str, position: int, header: BatchHeader, *, counts: bool) -> Row:
    """Return the heading of a batch, or of a message of magic 0 or 1."""
    if header.magic < MAGIC:
        return Row("message set", message_fields(file, position, header), counts)
    return Row("batch", batch_fields(file, position, header), counts)


def batch_fields(file: str, position: int, header: BatchHeader) -> Fields:
    """Return a batch's header: the 13 fields of the format, and what its attributes mean."""
    return {
        "file": file,
        "position": position,
        "baseOffset": header.base_offset,
        "lastOffset": header.last_offset,
        "batchLength": header.batch_length,
        "partitionLeaderEpoch": header.partition_leader_epoch,
        "magic": header.magic,
        "crc": header.crc,
        "attributes": header.attributes,
        "lastOffsetDelta": header.last_offset_delta,
        "baseTimestamp": header.base_timestamp_ms,
        "maxTimestamp": header.max_timestamp_ms,
        "producerId": header.producer_id,
        "producerEpoch": header.producer_epoch,
        "baseSequence": header.base_sequence,
        "recordsCount": header.records_count,
        **_meaning(header),
    }


def record_row(
    file: str, position: int, header: BatchHeader, record: Record, decode: Decode | None = None
) -> Row:
    """Return a record as a row; what stands in its batch's header is told again for each."""
    if header.magic < MAGIC:
        return message_row(file, position, header, record)
    fields = {
        "file": file,
        "position": position,
        "baseOffset": header.base_offset,
        "offset": record.offset,
        "timestamp": record.timestamp_ms,
        "key": record.key,
        "value": record.value,
        "headers": record.headers,
        "producerId": header.producer_id,
        "producerEpoch": header.producer_epoch,
        "sequence": _sequence(header, record.offset),
        "partitionLeaderEpoch": header.partition_leader_epoch,
        **_meaning(header),
    }
    decoded = control_fields if header.is_control else decode
    return Row("record", fields | (decoded(record) if decoded else {}))


def control_fields(record: Record) -> Fields:
    """Say what a control record says; one that cannot be read says why instead."""
    try:
        control = read_control(record)
    except CorruptMessage as error:
        return {"controlType": None, "undecoded": error.reason}
    told: Fields = {"controlType": control.type.name, "coordinatorEpoch": control.coordinator_epoch}
    try:
        told["decodedValue"] = plainly(kraft_message(control))
    except CorruptMessage as error:
        told["undecoded"] = error.reason
    return {name: value for name, value in told.items() if value is not None}


@lru_cache(maxsize=1)  # asked once a record, and the same for a whole batch
def _meaning(header: BatchHeader) -> Fields:
    horizon = header.delete_horizon_ms
    return {
        "isTransactional": header.is_transactional,
        "isControl": header.is_control,
        "compression": header.codec.name.lower(),
        "timestampType": "CreateTime" if not header.timestamp_type else "LogAppendTime",
    } | ({} if horizon is None else {"deleteHorizon": horizon})


def _sequence(header: BatchHeader, offset: int) -> int:
    """Return a record's own sequence number, which the format does not store."""
    if header.base_sequence < 0:
        return -1
    return (header.base_sequence + offset - header.base_offset) % _SEQUENCES
