"""Logs that are wrong in one place: each a part, and the law that must catch it, named in advance.

They are what a checker is measured by, what a chapter breaks, and what a reader's own test hunts.
The laws are L1 to L7 (see `kafkabook.checkers`), or for what one log alone shows, a sentence.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from types import MappingProxyType

from kafkabook.base.errors import CorruptSegment, Errors, KafkaError
from kafkabook.base.seeded_bug import SeededBug, seeded_bug
from kafkabook.log.compaction_rules import (
    Candidate,
    first_uncleanable,
    keep_record,
    rebuild_batch,
)
from kafkabook.log.config import LogConfig
from kafkabook.log.facts import EpochEntry, IndexEntry, Repair, RollReason, SegmentFacts
from kafkabook.log.producer_entry import (
    Duplicate,
    ProducerEntry,
    judge_batch,
    next_producer_state,
)
from kafkabook.log.producer_snapshots import write_snapshot
from kafkabook.log.producer_state import CompletedTransaction, first_undecided
from kafkabook.log.roll import should_roll
from kafkabook.log.rules import LogRules
from kafkabook.log.transaction_index import AbortedTransaction, index_entry
from kafkabook.records.batch_header import BatchHeader
from kafkabook.records.record import Record


def compare_last_offsets(batch: BatchHeader, log_end: int) -> bool:
    """A batch follows if it *ends* behind the log: up to 0.10, for compressed ones. Caught by R1.

    On its outside a compressed message set carried the offset of its last record only. The batch of
    message format 2 (KIP-98, 0.11) names its first one.
    Source: kafka 0.10, Log.scala `analyzeAndValidateMessageSet`.
    """
    return batch.last_offset >= log_end


def stop_silently(damage: CorruptSegment, size_bytes: int) -> Repair:  # noqa: ARG001
    """M39: damage in the middle is taken for the end of the log. Caught by L7."""
    return Repair(damage.at_byte, None)


def call_all_damage_a_torn_tail(damage: CorruptSegment, size_bytes: int) -> Repair:  # noqa: ARG001
    """Batches behind the damage are not looked for. Caught by L7."""
    damage.torn_tail = True
    return Repair(damage.at_byte, damage)


def keep_the_torn_batch(damage: CorruptSegment, size_bytes: int) -> Repair:
    """Recovery leaves the half batch in the file. Caught by L6 at the next crash: it hides more."""
    return Repair(size_bytes, damage)


def cut_at_a_kilobyte(damage: CorruptSegment, size_bytes: int) -> Repair:  # noqa: ARG001
    """Recovery cuts at a round number, through an intact batch. Caught by L6."""
    return Repair(damage.at_byte // 1024 * 1024, damage)


def use_without_bounds(*entries_and_lookups: object) -> bool:  # noqa: ARG001
    """M40: an index file is used without looking whether it fits the log. Caught by L5."""
    return True


def trust_a_stale_index(is_sound: bool, is_scanned: bool) -> bool:  # noqa: ARG001
    """After a crash an index is believed that may know more than the log. Caught by L5."""
    return True


def ceiling(entries: Sequence[IndexEntry], offset: int) -> int:
    """A lookup takes the entry above, not the one below: reads skip records."""
    above = bisect_left(entries, offset, key=attrgetter("offset"))
    return entries[min(above, len(entries) - 1)].position if entries else 0


def index_base_offsets(batch: BatchHeader, position: int) -> IndexEntry:
    """An entry holds the first offset of its batch, not the last. Caught by L5."""
    return IndexEntry(batch.base_offset, position)


def index_the_end(batch: BatchHeader, position: int) -> IndexEntry:
    """An entry points behind its batch. Caught by L5."""
    return IndexEntry(batch.last_offset, position + batch.size_bytes)


def index_first_batch_too(bytes_since_last_entry: int, config: LogConfig) -> bool:
    """A segment's first batch is indexed as well: not what Kafka's files hold."""
    return bytes_since_last_entry == 0 or bytes_since_last_entry > config.index_interval_bytes


def roll_after_append(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> RollReason | None:
    """The size is looked at without the batch, so that segments outgrow `segment.bytes`."""
    reason = should_roll(segment, batch, config, now_ms, jitter_ms)
    fits = segment.size_bytes <= config.segment_bytes
    return None if reason is RollReason.SIZE and fits else reason


def roll_by_wall_clock(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> RollReason | None:
    """A segment's age is that of its file, whatever its records say."""
    if segment.size_bytes > 0 and now_ms - segment.created_ms > config.segment_ms - jitter_ms:
        return RollReason.AGE
    reason = should_roll(segment, batch, config, now_ms, jitter_ms)
    return None if reason is RollReason.AGE else reason


def ignore_full_indexes(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> RollReason | None:
    """A full index does not end its segment: the rest of it is found by scanning only."""
    reason = should_roll(segment, batch, config, now_ms, jitter_ms)
    return None if reason is RollReason.INDEX_FULL else reason


def delete_by_oldest_record(
    segments: Sequence[SegmentFacts],
    config: LogConfig,
    now_ms: int,
    high_watermark: int,
    log_start: int,  # noqa: ARG001
) -> int:
    """A segment goes when its first record is too old, with all the younger ones. Caught by L4."""
    old = [now_ms - s.first_timestamp_ms > config.retention_ms for s in segments]
    committed = [s.next_offset <= high_watermark for s in segments]
    chosen = [a and b for a, b in zip(old, committed, strict=True)]
    return (*chosen, False).index(False)


def delete_uncommitted(
    segments: Sequence[SegmentFacts],
    config: LogConfig,
    now_ms: int,
    high_watermark: int,  # noqa: ARG001
    log_start: int,  # noqa: ARG001
) -> int:
    """Retention does not ask what is committed. Caught by L4."""
    old = [now_ms - s.largest_timestamp_ms > config.retention_ms for s in segments]
    return (*old, False).index(False)


def overwrite_epochs(
    entries: tuple[EpochEntry, ...],  # noqa: ARG001
    epoch: int,
    start_offset: int,
) -> tuple[EpochEntry, ...]:
    """A new leader epoch wipes out those before it: a follower truncates too much (R2)."""
    return (EpochEntry(epoch, start_offset),)


def keep_epochs(
    entries: tuple[EpochEntry, ...],
    end_offset: int,  # noqa: ARG001
) -> tuple[EpochEntry, ...]:
    """Truncation leaves the leader epochs of records that are gone (R2)."""
    return entries


def drop_the_last_of_a_segment(candidate: Candidate) -> bool:
    """M37: compaction loses the record at the end of each segment. Caught by L2."""
    return keep_record(candidate) and candidate.offset != candidate.segment_last_offset


def keep_only_older(candidate: Candidate) -> bool:
    """The comparison is the wrong way round: old values stay, the newest goes. Caught by L2."""
    if candidate.is_tombstone:
        return keep_record(candidate)
    return not 0 <= candidate.newest_offset <= candidate.offset


def drop_tombstones_at_once(candidate: Candidate) -> bool:
    """M38: a tombstone is removed by the first cleaning that meets it. Caught by L3."""
    return keep_record(candidate._replace(tombstone_expired=True))


def expire_at_the_horizons_start(delete_horizon_ms: int | None, now_ms: int) -> bool:  # noqa: ARG001
    """Any second cleaning removes tombstones, however soon it comes. Caught by L3."""
    return delete_horizon_ms is not None


def renumber(
    header: BatchHeader, records: Sequence[Record], delete_horizon_ms: int | None = None
) -> bytes:
    """Survivors close ranks and take the offsets of those that went. Caught by L2."""
    offsets = range(header.base_offset, header.next_offset)
    moved = [r._replace(offset=offset) for r, offset in zip(records, offsets, strict=False)]
    return rebuild_batch(header, moved, delete_horizon_ms)


def clean_the_active_segment(
    segments: Sequence[SegmentFacts],
    config: LogConfig,  # noqa: ARG001
    last_stable_offset: int,  # noqa: ARG001
    now_ms: int,  # noqa: ARG001
) -> int:
    """The cleaner goes on to the log end, under the feet of the appends. Caught by L1."""
    return segments[-1].next_offset


def clean_the_undecided(
    segments: Sequence[SegmentFacts],
    config: LogConfig,
    last_stable_offset: int,  # noqa: ARG001
    now_ms: int,
) -> int:
    """An open transaction supersedes committed values; its abort then loses both. Caught by a
    reader of committed records (T7)."""
    return first_uncleanable(segments, config, segments[-1].next_offset, now_ms)


def accept_any_sequence(
    entry: ProducerEntry | None,
    header: BatchHeader,
) -> None:
    """M24: sequence numbers are not looked at. Caught by T1: a retry is appended twice."""


def remember_one_batch(entry: ProducerEntry, header: BatchHeader) -> ProducerEntry:
    """M25: one batch is remembered, not five. Caught by T2: an older retry is refused."""
    after = next_producer_state(entry, header)
    return replace(after, batches=after.batches[-1:])


def fence_the_same_epoch(entry: ProducerEntry | None, header: BatchHeader) -> Duplicate | None:
    """M26: an epoch must be newer than the last one. Caught by T3: a producer fences itself."""
    if entry is not None and header.producer_epoch <= entry.epoch:
        raise KafkaError(
            Errors.INVALID_PRODUCER_EPOCH,
            f"producer {entry.producer_id} sent {header.producer_epoch}",
        )
    return judge_batch(entry, header)


def ignore_the_second_transaction(
    open_offsets: Sequence[int], decided_offsets: Sequence[int]
) -> int | None:
    """M27: readers wait for the newest open transaction only. Caught by T6."""
    return first_undecided(open_offsets[-1:], decided_offsets)


def forget_the_first_aborted(completed: CompletedTransaction) -> AbortedTransaction:
    """M28: the index is off by one, so that the first record is not hidden. Caught by T7."""
    return index_entry(completed)._replace(first_offset=completed.first_offset + 1)


def snapshot_without_sequences(entries: Iterable[ProducerEntry]) -> bytes:
    """A snapshot forgets the last batches. Caught by T1: a retry after a restart is not known."""
    return write_snapshot(replace(entry, batches=()) for entry in entries)


BUGS: Mapping[str, SeededBug[LogRules]] = MappingProxyType(
    {
        "last offsets compared": seeded_bug(
            "a batch follows if its last offset is behind the log end",
            "R1",
            follows=compare_last_offsets,
        ),
        "recovery stops silently": seeded_bug(
            "damage in the middle is taken for the end of the log", "L7", recover=stop_silently
        ),
        "all damage is a torn tail": seeded_bug(
            "nobody looks whether whole batches follow the damage",
            "L7",
            recover=call_all_damage_a_torn_tail,
        ),
        "recovery keeps the torn batch": seeded_bug(
            "recovery leaves the half batch in the file", "L6", recover=keep_the_torn_batch
        ),
        "recovery cuts at a kilobyte": seeded_bug(
            "recovery cuts at a round number, through an intact batch",
            "L6",
            recover=cut_at_a_kilobyte,
        ),
        "index used without bounds": seeded_bug(
            "an index file is used though it does not fit the log",
            "L5",
            check_index=use_without_bounds,
        ),
        "stale index trusted": seeded_bug(
            "after a crash an index is used that may know more than the log",
            "L5",
            trust_index=trust_a_stale_index,
        ),
        "lookup takes the ceiling": seeded_bug(
            "a lookup takes the entry above, and reads skip records", "reads", lookup=ceiling
        ),
        "index holds base offsets": seeded_bug(
            "an entry holds the first offset of its batch, not the last",
            "L5",
            index_entry=index_base_offsets,
        ),
        "index points behind the batch": seeded_bug(
            "an entry points behind its batch", "L5", index_entry=index_the_end
        ),
        "first batch indexed": seeded_bug(
            "the first batch of a segment is indexed too",
            "vectors",
            should_index=index_first_batch_too,
        ),
        "rolled after append": seeded_bug(
            "a segment is rolled after the batch that makes it too large",
            "segment.bytes",
            should_roll=roll_after_append,
        ),
        "rolled by wall clock": seeded_bug(
            "the age of a segment is that of its file", "segment.ms", should_roll=roll_by_wall_clock
        ),
        "full index ignored": seeded_bug(
            "a full index does not end its segment",
            "segment.index.bytes",
            should_roll=ignore_full_indexes,
        ),
        "retention by oldest record": seeded_bug(
            "a segment is deleted when its first record is too old",
            "L4",
            deletable=delete_by_oldest_record,
        ),
        "retention past the high watermark": seeded_bug(
            "retention deletes what is not committed", "L4", deletable=delete_uncommitted
        ),
        "epochs overwritten": seeded_bug(
            "a new leader epoch removes those before it", "R2", assign_epoch=overwrite_epochs
        ),
        "epochs kept after truncation": seeded_bug(
            "truncation leaves the epochs of records that are gone",
            "R2",
            truncate_epochs=keep_epochs,
        ),
        "compaction drops the last of a segment": seeded_bug(
            "compaction loses the last record of each segment",
            "L2",
            keep_record=drop_the_last_of_a_segment,
        ),
        "compaction keeps only older": seeded_bug(
            "compaction keeps old values and removes the newest", "L2", keep_record=keep_only_older
        ),
        "tombstones dropped at once": seeded_bug(
            "the first cleaning that meets a tombstone removes it",
            "L3",
            keep_record=drop_tombstones_at_once,
        ),
        "tombstones dropped at the second cleaning": seeded_bug(
            "the second cleaning removes a tombstone, however soon it comes",
            "L3",
            tombstone_expired=expire_at_the_horizons_start,
        ),
        "compaction renumbers": seeded_bug(
            "records that are left take the offsets of those that went",
            "L2",
            rebuild_batch=renumber,
        ),
        "active segment cleaned": seeded_bug(
            "the cleaner goes on into the active segment",
            "L1",
            first_uncleanable=clean_the_active_segment,
        ),
        "undecided records cleaned": seeded_bug(
            "an open transaction supersedes committed values",
            "T7",
            first_uncleanable=clean_the_undecided,
        ),
        "sequences not checked": seeded_bug(
            "sequence numbers are not compared", "T1", judge_batch=accept_any_sequence
        ),
        "one batch remembered": seeded_bug(
            "one batch of a producer is remembered, not five",
            "T2",
            next_producer_state=remember_one_batch,
        ),
        "same epoch fenced": seeded_bug(
            "a producer epoch must be newer than the last one",
            "T3",
            judge_batch=fence_the_same_epoch,
        ),
        "second transaction ignored": seeded_bug(
            "readers wait for the newest open transaction only",
            "T6",
            first_undecided=ignore_the_second_transaction,
        ),
        "aborted index off by one": seeded_bug(
            "the first record of an aborted transaction is not hidden",
            "T7",
            aborted_entry=forget_the_first_aborted,
        ),
        "snapshot forgets sequences": seeded_bug(
            "a producer snapshot has no batches", "T1", write_snapshot=snapshot_without_sequences
        ),
    }
)
