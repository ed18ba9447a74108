"""Records into a batch: the header's numbers, the records' bytes, the checksum over both.

Source: KIP-98; kafka, clients `MemoryRecordsBuilder`, `DefaultRecordBatch.writeHeader`.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO
from itertools import pairwise
from typing import TypedDict

from kafkabook.base.door import at_the_door
from kafkabook.records.batch_header import (
    APPEND_TIME_BIT,
    CONTROL_BIT,
    FROM_CRC_START,
    HEADER,
    HEADER_BYTES,
    HORIZON_BIT,
    LENGTH_END,
    MAGIC,
    TRANSACTIONAL_BIT,
    TimestampType,
)
from kafkabook.records.checksum import crc32c
from kafkabook.records.compression import Codec, compress
from kafkabook.records.record import Record
from kafkabook.records.record_encoder import Columns, encode_records

_NO_TIMESTAMP_MS = -1


class BatchFields(TypedDict, total=False):
    """What `encode_batch` can be told beside the records."""

    base_offset: int
    partition_leader_epoch: int
    codec: Codec
    timestamp_type: TimestampType
    producer_id: int
    producer_epoch: int
    base_sequence: int
    is_transactional: bool
    is_control: bool
    delete_horizon_ms: int | None
    last_offset_delta: int | None
    max_timestamp_ms: int | None


@at_the_door
def encode_batch(
    records: Iterable[Record],
    *,
    base_offset: int = 0,
    partition_leader_epoch: int = -1,
    codec: Codec = Codec.NONE,
    timestamp_type: TimestampType = TimestampType.CREATE_TIME,
    producer_id: int = -1,
    producer_epoch: int = -1,
    base_sequence: int = -1,
    is_transactional: bool = False,
    is_control: bool = False,
    delete_horizon_ms: int | None = None,
    last_offset_delta: int | None = None,
    max_timestamp_ms: int | None = None,
) -> bytes:
    """Return the batch that holds `records`, byte for byte as Kafka's own clients write it.

    Args:
        records: a record with an offset keeps it; one without (-1) gets `base_offset` plus its
            place. Offsets must grow from record to record.
        base_offset: offset that the others are counted from; also stands if its record is gone.
        delete_horizon_ms: time from which compaction may drop tombstones; timestamps are then
            counted from it, and stay what they are.
        last_offset_delta: last offset that the batch stands for, relative; the last record's if
            omitted. An empty batch, which compaction leaves behind, cannot omit it.
        max_timestamp_ms: the largest of the records if omitted, -1 without any.

    Raises:
        ValueError: the offsets do not grow, leave the batch, or a number does not fit its field.

    Source: KIP-98, KIP-534; kafka, clients `MemoryRecordsBuilder`.
    """
    kept = records if isinstance(records, (list, tuple)) else tuple(records)
    columns = Columns.of(kept)
    offset_deltas = _offset_deltas(columns.offsets, base_offset)
    last_delta = _last_delta(offset_deltas, last_offset_delta)
    timestamps = columns.timestamps_ms
    base_ms = timestamps[0] if timestamps else _NO_TIMESTAMP_MS
    if delete_horizon_ms is not None:
        base_ms = delete_horizon_ms
    if max_timestamp_ms is None:
        max_timestamp_ms = max(timestamps, default=_NO_TIMESTAMP_MS)
    codec = codec if kept else Codec.NONE  # as Kafka, which compresses no empty batch
    pieces = encode_records(columns, offset_deltas, base_ms)
    if codec is not Codec.NONE:
        pieces = (compress(codec, b"".join(pieces)),)
    bits = codec | (APPEND_TIME_BIT if timestamp_type else 0) | (CONTROL_BIT if is_control else 0)
    bits |= TRANSACTIONAL_BIT if is_transactional else 0
    bits |= HORIZON_BIT if delete_horizon_ms is not None else 0
    producer = (producer_id, producer_epoch, base_sequence, len(kept))
    covered = (bits, last_delta, base_ms, max_timestamp_ms, *producer)
    return _sealed(pieces, base_offset, partition_leader_epoch, covered)


def _sealed(
    pieces: Iterable[bytes], base_offset: int, epoch: int, covered: tuple[int, ...]
) -> bytes:
    """Put the header before the records.

    The checksum is known last and stands first. A stream lets it be written into the joined bytes
    where they are, which saves a second copy of the batch.
    """
    stream = BytesIO(b"".join((bytes(HEADER_BYTES), *pieces)))
    with stream.getbuffer() as batch:
        crc = crc32c(batch[HEADER_BYTES:], crc32c(FROM_CRC_START.pack(*covered)))
        length = len(batch) - LENGTH_END
        HEADER.pack_into(batch, 0, base_offset, length, epoch, MAGIC, crc, *covered)
    return stream.getvalue()


def _offset_deltas(offsets: Sequence[int], base_offset: int) -> Sequence[int]:
    if max(offsets, default=-1) < 0:
        return range(len(offsets))
    deltas = [i if offset < 0 else offset - base_offset for i, offset in enumerate(offsets)]
    if deltas[0] < 0 or any(a >= b for a, b in pairwise(deltas)):
        raise ValueError(f"offsets must grow from {base_offset} on: {offsets[:9]}")
    return deltas


def _last_delta(offset_deltas: Sequence[int], wanted: int | None) -> int:
    if wanted is None:
        if not offset_deltas:
            raise ValueError("an empty batch needs its last_offset_delta")
        return offset_deltas[-1]
    if offset_deltas and wanted < offset_deltas[-1]:
        raise ValueError(f"a record has delta {offset_deltas[-1]}, the batch ends at {wanted}")
    return wanted
