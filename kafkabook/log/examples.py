"""Logs for examples and tests, with what does not matter left out."""

from collections.abc import Sequence

from kafkabook.log.config import LogConfig
from kafkabook.log.disk import Disk
from kafkabook.log.partition_log import PartitionLog
from kafkabook.records.compression import Codec
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

FIRST_MS = 1_700_000_000_000  # 2023-11-14, so that timestamps look like timestamps
LEAST_BYTES = 68  # a batch of one record with an empty value


def a_log(
    batches: int = 0,
    *,
    sizes_bytes: Sequence[int] = (),
    records_per_batch: int = 1,
    every_ms: int = 1000,
    codec: Codec = Codec.NONE,
    leader_epoch: int = 0,
    name: str = "orders-0",
    disk: Disk | None = None,
    config: LogConfig | None = None,
) -> PartitionLog:
    """Return a log with batches in it, all of them committed.

    Args:
        batches: how many batches of `records_per_batch` records `key-N`, `value-N`.
        sizes_bytes: or else one batch of one record per number, of that encoded size, at least 68.
        every_ms: between the timestamps of two records, the first of which is of 2023-11-14.

    >>> a_log(batches=3, records_per_batch=2)
    PartitionLog('orders-0', 0..6, high watermark 6, 1 segments)
    """
    log = PartitionLog(name, disk, config=LogConfig() if config is None else config)
    values = [_value(size) for size in sizes_bytes]
    made = len(values) or batches * records_per_batch
    records = [
        Record(
            key=None if values else b"key-%d" % number,
            value=values[number] if values else b"value-%d" % number,
            timestamp_ms=FIRST_MS + number * every_ms,
        )
        for number in range(made)
    ]
    step = 1 if values else records_per_batch
    for first in range(0, made, step):
        log.append(
            RecordBatch.of(records[first : first + step], codec=codec), leader_epoch=leader_epoch
        )
    log.advance_high_watermark()
    return log


def _value(size_bytes: int) -> bytes:
    """Return the value that makes a batch of one record as large as asked."""
    for length in range(size_bytes - LEAST_BYTES, -1, -1):
        if RecordBatch.of([Record(value=bytes(length))]).size_bytes == size_bytes:
            return b"x" * length
    raise ValueError(f"no batch of one record takes {size_bytes} bytes; the least is {LEAST_BYTES}")
