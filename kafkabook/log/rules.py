"""The decisions of a log, each a plain function, gathered in one frozen dataclass of parts.

Where Kafka decides something that a reader writes, that a bug gets wrong or that history changed,
the decision is a part. The reference is the default; `dataclasses.replace(LogRules(), lookup=mine)`
puts another in its place, and every log that is given these rules runs it.

Source: kafka, storage `LogSegment.java`, `OffsetIndex.java`, `UnifiedLog.java`,
`LeaderEpochFileCache.java`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kafkabook.base.errors import CorruptSegment
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
)
from kafkabook.log.index import check_index, index_entry, lookup, should_index, trust_index
from kafkabook.log.offsets import assign_offsets, follows
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
from kafkabook.log.retention import deletable
from kafkabook.log.roll import should_roll
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


def keeps_doubtful(reason: str) -> bool:  # noqa: ARG001 - another part may
    """Say whether recovery keeps a batch whose checksum holds and whose offset or epoch is strange.

    Kafka does not look at these, so it does.
    """
    return True


def cuts_doubtful(reason: str) -> bool:  # noqa: ARG001
    """Keep nothing that is strange, as `PartitionLog(strict=True)` asks for."""
    return False


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
    keeps_doubtful: Callable[[str], bool] = keeps_doubtful
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
