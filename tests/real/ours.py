"""Directories of our own making, as a broker could have left them: what the oracle is to judge."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from kafkabook.log.compaction import Cleaner
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import DirectoryDisk
from kafkabook.log.partition_log import PartitionLog
from kafkabook.records.compression import Codec
from kafkabook.records.control_records import ControlType, end_transaction_marker
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

from .workload import LONG_AGO_MS, some_records

CONFIG = LogConfig(
    segment_bytes=8192, segment_index_bytes=64 * 1024, index_interval_bytes=1000, retention_ms=-1
)
NOW_MS = LONG_AGO_MS + 60_000


def open_log(root: Path, topic: str, config: LogConfig = CONFIG) -> PartitionLog:
    """The log of the topic's only partition, in a real directory below `root`."""
    return PartitionLog(f"{topic}-0", DirectoryDisk(root), config=config)


def as_record(told: dict[str, Any]) -> Record:
    """A record of the workload in our own type."""
    key, value = (text if text is None else text.encode() for text in (told["key"], told["value"]))
    return Record(key, value, told["timestamp"], tuple(told.get("headers", ())))


def in_batches(seed: str, count: int, sizes: Sequence[int]) -> Iterator[list[Record]]:
    """`count` records that differ in everything, in groups of these sizes, in turn."""
    records = iter([as_record(told) for told in some_records(seed, count)])
    for size in cycle(sizes):
        group = list(islice(records, size))
        if not group:
            return
        yield group


def plain(root: Path, topic: str) -> PartitionLog:
    """Several segments, and two epochs of a leader."""
    log = open_log(root, topic)
    for number, group in enumerate(in_batches("ours", 300, (1, 5, 12))):
        log.append(group, now_ms=NOW_MS, leader_epoch=number // 25)
    return log


def all_codecs(root: Path, topic: str) -> PartitionLog:
    """Every codec in turn."""
    log = open_log(root, topic)
    for codec, group in zip(cycle(Codec), in_batches("codecs", 400, (20, 9)), strict=False):
        log.append(RecordBatch.of(group, codec=codec), now_ms=NOW_MS)
    return log


class Producing:
    """A producer that numbers its batches, as an idempotent or transactional client does."""

    def __init__(self, log: PartitionLog, producer_id: int, *, is_transactional: bool) -> None:
        self.log, self.producer_id, self.is_transactional = log, producer_id, is_transactional
        self.sequence = 0

    def send(self, records: Sequence[Record]) -> None:
        """Append one batch."""
        batch = RecordBatch.of(
            records,
            producer_id=self.producer_id,
            producer_epoch=0,
            base_sequence=self.sequence,
            is_transactional=self.is_transactional,
        )
        self.log.append(batch, now_ms=NOW_MS)
        self.sequence += len(records)

    def end(self, control_type: ControlType) -> None:
        """Append the marker that ends the transaction."""
        marker = end_transaction_marker(
            control_type,
            producer_id=self.producer_id,
            producer_epoch=0,
            coordinator_epoch=3,
            timestamp_ms=NOW_MS,
        )
        self.log.append(marker, now_ms=NOW_MS)


def idempotent(root: Path, topic: str) -> PartitionLog:
    """Twenty producers in turn, so that snapshots hold more than one line."""
    log = open_log(root, topic)
    ids = [1000, 7, 1 << 40, *range(20, 37)]
    producers = cycle([Producing(log, number, is_transactional=False) for number in ids])
    for producer, group in zip(producers, in_batches("ids", 400, (3, 8)), strict=False):
        producer.send(group)
    return log


def transactional(root: Path, topic: str) -> PartitionLog:
    """Two producers whose transactions overlap, commit, abort; the last one is left open."""
    log = open_log(root, topic)
    first, second = (Producing(log, number, is_transactional=True) for number in (11, 12))
    groups = in_batches("transactions", 400, (4, 7))
    ends = cycle([ControlType.COMMIT, ControlType.ABORT, ControlType.ABORT, ControlType.COMMIT])
    for number, control_type in zip(range(14), ends, strict=False):
        first.send(next(groups))
        second.send(next(groups))
        log.append(next(groups), now_ms=NOW_MS)
        first.send(next(groups))
        (first if number % 3 else second).end(control_type)
    return log


def compacted(root: Path, topic: str) -> PartitionLog:
    """A log that our cleaner passed over twice: gaps, shells, markers, tombstones."""
    log = open_log(root, topic, replace(CONFIG, cleanup_policy=("compact",)))
    producer = Producing(log, 11, is_transactional=True)
    ends = cycle([ControlType.COMMIT, ControlType.ABORT])
    for told, control_type in zip(in_batches("keyed", 700, (9,)), ends, strict=False):
        keyed = [r._replace(key=b"key-%d" % (r.timestamp_ms % 20)) for r in told]
        log.append(keyed, now_ms=NOW_MS)
        producer.send([r._replace(key=b"in-%d" % (r.timestamp_ms % 9)) for r in told])
        producer.end(control_type)
    log.advance_high_watermark()
    for _ in range(2):
        assert Cleaner(witness=False).clean(log, now_ms=NOW_MS, even_if_not_due=True)
    log.local.unlink_deleted(now_ms=NOW_MS + CONFIG.file_delete_delay_ms)
    return log


def begins_late(root: Path, topic: str) -> PartitionLog:
    """A log whose first segments retention has deleted, so that it begins above offset 0."""
    log = plain(root, topic)
    log.advance_high_watermark()
    log.delete_records_before(log.segments[1].base_offset)
    log.delete_old_segments(now_ms=NOW_MS)
    log.delete_old_segments(now_ms=NOW_MS + CONFIG.file_delete_delay_ms)
    assert log.log_start > 0
    return log


def directory_of(log: PartitionLog) -> Path:
    """Where the log's files are."""
    assert isinstance(log.disk, DirectoryDisk)
    return log.disk.root / log.name


KINDS: Mapping[str, Callable[[Path, str], PartitionLog]] = {
    "ours-plain": plain,
    "ours-codecs": all_codecs,
    "ours-idempotent": idempotent,
    "ours-transactions": transactional,
    "ours-compacted": compacted,
    "ours-begins-late": begins_late,
    "ours-left-open": plain,
}
"""A log of each kind, by the topic in whose place a broker is given it."""

LEFT_OPEN = ("ours-left-open",)
"""Not closed, as a process leaves it that is killed: its newest indexes are not trimmed."""


def all_kinds(root: Path) -> dict[str, PartitionLog]:
    """One log of each kind in real directories below `root`; all is committed."""
    logs = {topic: make(root, topic) for topic, make in KINDS.items()}
    for topic, log in logs.items():
        log.advance_high_watermark()
        if topic not in LEFT_OPEN:
            log.close()
    return logs
