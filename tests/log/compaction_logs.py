"""Builders for logs that are compacted: from a list of steps, and what their readers see."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from kafkabook.log.config import LogConfig
from kafkabook.log.disk import Disk
from kafkabook.log.isolation import aborted_transactions, read_committed
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.rules import LogRules
from kafkabook.records.compression import Codec
from kafkabook.records.control_records import ControlType, end_transaction_marker
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

COMPACTED = LogConfig(
    segment_bytes=500,
    segment_index_bytes=240,
    index_interval_bytes=100,
    cleanup_policy=("compact",),
    delete_retention_ms=1_000,
)
Pairs = tuple[tuple[str, str | None], ...]  # key and value; no value is a tombstone


class Step(NamedTuple):
    """A batch: of records by an idempotent producer (negative: by none), or a marker."""

    pairs: Pairs = ()
    producer_id: int = -1
    ends: str = ""  # "commit" or "abort" makes it a marker
    in_transaction: bool = False
    codec: Codec = Codec.NONE


class Writer:
    """Appends steps to a log, with the sequence numbers that their producers would send."""

    def __init__(self, log: PartitionLog) -> None:
        self.log, self.clock_ms = log, 1_000
        self._next: dict[int, int] = {}

    def write(self, step: Step) -> None:
        """Append one step; the clock goes on by one millisecond."""
        self.clock_ms += 1
        batch = self._marker(step) if step.ends else self._data(step)
        self.log.append(batch, now_ms=self.clock_ms)
        self.log.advance_high_watermark()

    def _data(self, step: Step) -> RecordBatch:
        sequence = self._next.get(step.producer_id, 0)
        self._next[step.producer_id] = sequence + len(step.pairs)
        idempotent = step.producer_id >= 0
        return RecordBatch.of(
            [
                Record(key.encode(), None if value is None else value.encode(), self.clock_ms + n)
                for n, (key, value) in enumerate(step.pairs)
            ],
            producer_id=step.producer_id,
            producer_epoch=0 if idempotent else -1,
            base_sequence=sequence if idempotent else -1,
            is_transactional=step.in_transaction,
            codec=step.codec,
        )

    def _marker(self, step: Step) -> RecordBatch:
        return end_transaction_marker(
            ControlType.COMMIT if step.ends == "commit" else ControlType.ABORT,
            producer_id=step.producer_id,
            producer_epoch=0,
            coordinator_epoch=0,
            timestamp_ms=self.clock_ms,
        )


def a_compacted_log(
    *steps: Step,
    disk: Disk | None = None,
    rules: LogRules | None = None,
    **settings: object,
) -> PartitionLog:
    """Build a log after these steps; only what `settings` say differs from `COMPACTED`."""
    config = replace(COMPACTED, **settings)
    log = PartitionLog("orders-0", disk, config=config, rules=rules or LogRules())
    writer = Writer(log)
    for step in steps:
        writer.write(step)
    return log


def puts(*pairs: tuple[str, str | None]) -> Iterator[Step]:
    """One batch of one record per pair, by a producer that is not idempotent."""
    return (Step((pair,)) for pair in pairs)


def committed(log: PartitionLog, start: int | None = None) -> list[Record]:
    """Read a log as a read_committed consumer does, up to its last stable offset."""
    offset = log.log_start if start is None else start
    stable = log.last_stable_offset
    indexes = [s.aborted for s in log.segments[log.local.index_of(offset) :]]
    aborted = aborted_transactions(indexes, offset, stable)
    return list(read_committed(_batches(log, offset), aborted, upper_offset=stable))


def _batches(log: PartitionLog, offset: int) -> Iterator[RecordBatch]:
    while offset < log.log_end and (batches := log.read(offset)):
        yield from batches
        offset = batches[-1].next_offset


def table_of(records: Iterable[Record]) -> dict[bytes | None, bytes]:
    """What a reader of a changelog keeps: the newest value of each key that was not deleted."""
    newest = {record.key: record.value for record in records}
    return {key: value for key, value in newest.items() if value is not None}


def texts(records: Iterable[Record]) -> list[str]:
    """Say records as `offset:key=value`."""
    return [
        f"{r.offset}:{(r.key or b'-').decode()}={'null' if r.value is None else r.value.decode()}"
        for r in records
    ]
