"""Which bytes of a record batch say what: names, places and decoded values, without drawing.

Source: KIP-98; kafka, clients `DefaultRecordBatch`, `DefaultRecord`.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from kafkabook.base.plain import plain_bytes
from kafkabook.records.batch_header import HEADER_BYTES, MAGIC, BatchHeader, TimestampType
from kafkabook.records.checksum import crc32c
from kafkabook.records.compression import Codec
from kafkabook.records.record_batch import RecordBatch
from kafkabook.records.varint import decode_varint, decode_varlong
from kafkabook.viz.moments import moment_text, since_text
from kafkabook.viz.theme import (
    CONSUMER,
    CONTROLLER,
    COORDINATOR,
    ERROR,
    FOLLOWER,
    INK,
    LEADER,
    MUTED,
    PRODUCER,
)

_MOST_SPANS = 100  # more would be thinner than a pixel, and heavier than a figure may be
_WRONG = "✗"
_CRC_FROM = 21  # the checksum covers everything from the attributes on
_FIELDS = (
    ("baseOffset", 8, LEADER),
    ("batchLength", 4, FOLLOWER),
    ("partitionLeaderEpoch", 4, MUTED),
    ("magic", 1, COORDINATOR),
    ("crc", 4, CONTROLLER),
    ("attributes", 2, COORDINATOR),
    ("lastOffsetDelta", 4, LEADER),
    ("baseTimestamp", 8, CONSUMER),
    ("maxTimestamp", 8, CONSUMER),
    ("producerId", 8, PRODUCER),
    ("producerEpoch", 2, PRODUCER),
    ("baseSequence", 4, PRODUCER),
    ("recordsCount", 4, FOLLOWER),
)


class Span(NamedTuple):
    """Some bytes of a batch: from `start` up to but not `stop`."""

    name: str
    start: int
    stop: int
    value: str
    colour: str


def header_spans(batch: RecordBatch) -> tuple[Span, ...]:
    """Return the thirteen fields of a batch's header, decoded, with units.

    Raises:
        ValueError: it is a message of magic 0 or 1, which has other fields.
    """
    if batch.header.magic != MAGIC:
        raise ValueError(f"only batches of magic {MAGIC} have a picture, {batch!r} is older")
    values = _header_values(batch)
    spans, at = [], 0
    for (name, size, colour), value in zip(_FIELDS, values, strict=True):
        is_wrong = value.endswith(_WRONG)
        spans.append(Span(name, at, at + size, value, ERROR if is_wrong else colour))
        at += size
    return tuple(spans)


def record_spans(batch: RecordBatch) -> tuple[Span, ...]:
    """Return every field of every record, or of many records one span each.

    A compressed batch has one span for all, and so has what follows the first hundred records.
    """
    if batch.header.codec is not Codec.NONE:
        told = f"{batch.header.codec}: {batch.header.records_count} records"
        return (Span("compressed records", HEADER_BYTES, batch.size_bytes, told, MUTED),)
    records = [*_records(batch)]
    if sum(map(len, records)) <= _MOST_SPANS:
        return tuple(span for fields in records for span in fields)
    whole = [
        Span(f"record {it.offset}", own[0].start, own[-1].stop, plain_bytes(it.value, 40), PRODUCER)
        for it, own in zip(batch.records, records[:_MOST_SPANS], strict=False)
    ]
    left = len(records) - len(whole)
    end, last = whole[-1].stop, batch.size_bytes
    return (*whole, *([Span(f"{left} more records", end, last, "", MUTED)] if left else []))


def first_records(batch: RecordBatch, most: int) -> list[list[Span]]:
    """Return the fields of the first records, one list a record; none of a compressed batch."""
    plain = batch.header.codec is Codec.NONE
    return list(islice(_records(batch), most)) if plain else []


def _records(batch: RecordBatch) -> Iterator[list[Span]]:
    at = HEADER_BYTES
    for record in batch.records:
        fields = _one_record(batch.data, at, record.offset)
        at = fields[-1].stop
        yield fields


def _header_values(batch: RecordBatch) -> tuple[str, ...]:
    header = batch.header
    is_whole = crc32c(batch.data[_CRC_FROM:]) == header.crc
    return (
        str(header.base_offset),
        f"{header.batch_length} B",
        str(header.partition_leader_epoch),
        str(header.magic),
        f"{header.crc:08x} {'✓' if is_whole else _WRONG}",
        _attributes(header),
        f"+{header.last_offset_delta}",
        moment_text(header.base_timestamp_ms, day_only=True),
        since_text(header.max_timestamp_ms, header.base_timestamp_ms),
        str(header.producer_id),
        str(header.producer_epoch),
        str(header.base_sequence),
        str(header.records_count),
    )


def _attributes(header: BatchHeader) -> str:
    told = [header.codec.name.lower()] if header.codec is not Codec.NONE else []
    told += ["append time"] if header.timestamp_type is TimestampType.LOG_APPEND_TIME else []
    told += ["txn"] if header.is_transactional else []
    told += ["control"] if header.is_control else []
    told += ["horizon"] if header.delete_horizon_ms is not None else []
    return " ".join(told) or "0"


def _one_record(data: bytes, at: int, offset: int) -> list[Span]:
    """Walk one record; each varint tells its value, each text itself."""
    spans: list[Span] = []

    def number(name: str, colour: str, decode: Callable[[bytes, int], tuple[int, int]]) -> int:
        start = spans[-1].stop if spans else at
        value, stop = decode(data, start)
        spans.append(Span(f"{offset} {name}", start, stop, str(value), colour))
        return value

    def sized(name: str, colour: str) -> None:
        size = number(f"{name} length", FOLLOWER, decode_varint)
        if size >= 0:
            start = spans[-1].stop
            told = plain_bytes(data[start : start + size], 40)
            spans.append(Span(f"{offset} {name}", start, start + size, told, colour))

    number("length", FOLLOWER, decode_varint)
    spans.append(Span(f"{offset} attributes", spans[-1].stop, spans[-1].stop + 1, "0", COORDINATOR))
    number("timestampDelta", CONSUMER, decode_varlong)
    number("offsetDelta", LEADER, decode_varint)
    sized("key", PRODUCER)
    sized("value", INK)
    for _ in range(number("headers", FOLLOWER, decode_varint)):
        sized("header key", MUTED)
        sized("header value", MUTED)
    return spans
