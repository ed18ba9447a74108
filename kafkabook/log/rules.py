"""The decisions of a log, each a plain function, gathered in one frozen dataclass of parts.

Where Kafka decides something that a reader writes, that a bug gets wrong or that history changed,
the decision is a part. The reference is the default; `dataclasses.replace(LogRules(), lookup=mine)`
puts another in its place, and every log that is given these rules runs it.

Source: kafka, storage `LogSegment.java`, `OffsetIndex.java`, `UnifiedLog.java`,
`LeaderEpochFileCache.java`.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from operator import attrgetter

from kafkabook.base.errors import CorruptSegment
from kafkabook.base.units import INT32_MAX
from kafkabook.log.compaction_rules import (
    Candidate,
    first_uncleanable,
    keep_record,
    rebuild_batch,
    tombstone_expired,
)
from kafkabook.log.config import LogConfig
from kafkabook.log.facts import (
    Appended,
    EpochEntry,
    IndexEntry,
    Repair,
    RollReason,
    SegmentFacts,
    TimeIndexEntry,
)
from kafkabook.log.producer_entry import judge_batch, next_producer_state
from kafkabook.log.producer_snapshots import write_snapshot
from kafkabook.log.producer_state import (
    CompletedTransaction,
    Judge,
    Remember,
    Unstable,
    Write,
    first_undecided,
)
from kafkabook.log.transaction_index import AbortedTransaction
from kafkabook.log.transaction_index import index_entry as aborted_entry
from kafkabook.records.record import Record
from kafkabook.records.record_batch import BatchHeader, RecordBatch, decode_batch

__all__ = [
    "Appended",
    "EpochEntry",
    "IndexEntry",
    "LogRules",
    "Repair",
    "RollReason",
    "SegmentFacts",
]


def assign_offsets(records: Sequence[Record], log_end: int) -> Appended:
    """Give `records` the next free offsets, one each, in their order.

    Returns:
        The offset of the first, the records with their offsets, and the new log end, which is one
        more than the last offset given.

    >>> assign_offsets([Record(value=b"a"), Record(value=b"b")], log_end=7).log_end
    9
    """
    placed = tuple(record._replace(offset=log_end + i) for i, record in enumerate(records))
    return Appended(base_offset=log_end, records=placed, log_end=log_end + len(placed))


def follows(batch: BatchHeader, log_end: int) -> bool:
    """Say whether a batch that a leader wrote may stand behind `log_end`: it must not begin below.

    Source: kafka, `UnifiedLog.append`, firstOrLastOffsetOfFirstBatch.
    """
    return batch.base_offset >= log_end


def should_roll(
    segment: SegmentFacts,
    batch: BatchHeader,
    config: LogConfig,
    now_ms: int,
    jitter_ms: int = 0,
) -> RollReason | None:
    """Say why a new segment must begin before `batch` is appended, or None if it still fits.

    The age counts from the first batch of the segment to `batch`, both by their records' time; only
    a segment whose first batch has no timestamp is as old as its file.

    Source: kafka, `LogSegment.shouldRoll`; notes, Part 1 ch 02 §07.
    """
    if segment.size_bytes > config.segment_bytes - batch.size_bytes:
        return RollReason.SIZE
    oldest_ms = config.max_segment_ms - jitter_ms
    if segment.size_bytes > 0 and waited_ms(segment, batch, now_ms) > oldest_ms:
        return RollReason.AGE
    if segment.offset_index_full or segment.time_index_full:
        return RollReason.INDEX_FULL
    if batch.last_offset - segment.base_offset > INT32_MAX:
        return RollReason.OFFSET_OVERFLOW
    return None


def waited_ms(segment: SegmentFacts, batch: BatchHeader, now_ms: int) -> int:
    """Return for how long a segment has been filling when `batch` arrives."""
    if segment.first_timestamp_ms >= 0:
        return batch.max_timestamp_ms - segment.first_timestamp_ms
    return now_ms - segment.created_ms


def should_index(bytes_since_last_entry: int, config: LogConfig) -> bool:
    """Say whether the batch that is being appended gets an entry in the index.

    The bytes are those before the batch, so the first batch of a segment never gets one.
    """
    return bytes_since_last_entry > config.index_interval_bytes


def index_entry(batch: BatchHeader, position: int) -> IndexEntry:
    """Return the entry for a batch: its *last* offset, and the byte where it begins."""
    return IndexEntry(batch.last_offset, position)


def lookup(entries: Sequence[IndexEntry], offset: int) -> int:
    """Return the byte position where the scan for `offset` begins: that of the floor entry.

    Args:
        entries: ascending in offset and position, offsets absolute.

    Returns:
        The position of the last entry whose offset is at most `offset`; 0 if there is none.

    Cost: O(log n).
    """
    floor = bisect_right(entries, offset, key=attrgetter("offset"))
    return entries[floor - 1].position if floor else 0


def check_index(
    entries: Sequence[IndexEntry],
    time_entries: Sequence[TimeIndexEntry],
    header_at: Callable[[int], BatchHeader | None],
    find: Callable[[int], BatchHeader | None],
) -> bool:
    """Say whether the entries of both index files fit the log: each must name a batch as it is.

    Args:
        header_at: gives the batch that begins at a byte of the log, None if none does, also beyond
            its end: after a power cut an index may know more than the log.
        find: gives the batch that holds an offset, looked up through `entries`.

    Simplified: Kafka does not look into them. It makes both indexes anew for every segment that it
    recovers, and where the `.index` file is missing, and believes all others.
    Cost: one header per entry, and an interval of them per time index entry.
    """
    for entry in entries:
        header = header_at(entry.position)
        if header is None or header.last_offset != entry.offset:
            return False
    for youngest in time_entries:
        header = find(youngest.offset)
        if header is None or (header.max_timestamp_ms, header.last_offset) != youngest:
            return False
    return True


def trust_index(is_sound: bool, is_scanned: bool) -> bool:
    """Say whether an index file is used as it stands; else it is made again from the log.

    Args:
        is_sound: its entries ascend, and each points at the batch that it names.
        is_scanned: recovery has reason to read this segment batch by batch.
    """
    return is_sound and not is_scanned


def deletable(
    segments: Sequence[SegmentFacts],
    config: LogConfig,
    now_ms: int,
    high_watermark: int,
    log_start: int,
) -> int:
    """Return how many of the oldest segments retention deletes.

    Args:
        segments: oldest first; the last one is active. If the answer includes it, the log rolls
            first, so that there is always a segment to append to.

    Source: kafka, `UnifiedLog.deleteOldSegments`; notes, Part 1 ch 03 §04.
    """
    return len(reasons_to_delete(segments, config, now_ms, high_watermark, log_start))


def reasons_to_delete(
    segments: Sequence[SegmentFacts],
    config: LogConfig,
    now_ms: int,
    high_watermark: int,
    log_start: int,
) -> list[str]:
    """Return why, per deletable segment, oldest first.

    Three passes, as Kafka's: below the log start, too much, too old. Each goes on where the one
    before it ended, up to the first segment that it keeps.
    """
    upto_bytes, size_bytes = dict[int, int](), 0
    for segment in segments:
        size_bytes += segment.size_bytes
        upto_bytes[segment.base_offset] = size_bytes

    def is_below_start(segment: SegmentFacts) -> bool:
        return segment.next_offset <= log_start and not segment.is_active

    def is_too_much(segment: SegmentFacts) -> bool:
        return 0 <= config.retention_bytes <= size_bytes - upto_bytes[segment.base_offset]

    def is_too_old(segment: SegmentFacts) -> bool:
        return 0 <= config.retention_ms < now_ms - segment.largest_timestamp_ms

    passes = [("log start", is_below_start)]
    if config.deletes:
        passes += [("retention.bytes", is_too_much), ("retention.ms", is_too_old)]
    safe = [segment for segment in segments if segment.next_offset <= high_watermark]
    if safe and safe[-1].is_active and not safe[-1].size_bytes:
        safe.pop()
    reasons: list[str] = []
    for reason, is_due in passes:
        reasons += [reason for _ in takewhile(is_due, safe[len(reasons) :])]
    return reasons


def assign_epoch(
    entries: tuple[EpochEntry, ...], epoch: int, start_offset: int
) -> tuple[EpochEntry, ...]:
    """Return the epochs after a record of `epoch` was met at `start_offset`.

    The latest epoch already known changes nothing. A new one removes what contradicts it: entries
    of the same or a later epoch, and entries that start at or after it.
    """
    if entries and entries[-1].epoch == epoch and entries[-1].start_offset <= start_offset:
        return entries
    kept = (e for e in entries if e.epoch < epoch and e.start_offset < start_offset)
    return (*kept, EpochEntry(epoch, start_offset))


def truncate_epochs(entries: tuple[EpochEntry, ...], end_offset: int) -> tuple[EpochEntry, ...]:
    """Return the epochs of a log that now ends at `end_offset`."""
    return tuple(entry for entry in entries if entry.start_offset < end_offset)


def recover(damage: CorruptSegment, size_bytes: int) -> Repair:  # noqa: ARG001 - a wrong part may
    """Cut the file where the damage begins, and say so.

    Where the checksum shows the damage, Kafka cuts at the same place, with no more than a warning,
    also when whole batches followed. A wrong base offset or epoch it does not see at all.
    """
    return Repair(keep_bytes=damage.at_byte, reported=damage)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRules:
    """The parts of a log; the defaults are today's Kafka."""

    assign_offsets: Callable[[Sequence[Record], int], Appended] = assign_offsets
    follows: Callable[[BatchHeader, int], bool] = follows
    should_roll: Callable[..., RollReason | None] = should_roll
    should_index: Callable[[int, LogConfig], bool] = should_index
    index_entry: Callable[[BatchHeader, int], IndexEntry] = index_entry
    lookup: Callable[[Sequence[IndexEntry], int], int] = lookup
    check_index: Callable[..., bool] = check_index
    trust_index: Callable[[bool, bool], bool] = trust_index
    deletable: Callable[..., int] = deletable
    assign_epoch: Callable[..., tuple[EpochEntry, ...]] = assign_epoch
    truncate_epochs: Callable[..., tuple[EpochEntry, ...]] = truncate_epochs
    recover: Callable[[CorruptSegment, int], Repair] = recover
    decode_batch: Callable[..., RecordBatch] = decode_batch
    judge_batch: Judge = judge_batch
    next_producer_state: Remember = next_producer_state
    first_undecided: Unstable = first_undecided
    write_snapshot: Write = write_snapshot
    aborted_entry: Callable[[CompletedTransaction], AbortedTransaction] = aborted_entry
    keep_record: Callable[[Candidate], bool] = keep_record
    tombstone_expired: Callable[[int | None, int], bool] = tombstone_expired
    first_uncleanable: Callable[..., int] = first_uncleanable
    rebuild_batch: Callable[..., bytes] = rebuild_batch
