"""The decisions of the log cleaner, each a plain function: parts of `LogRules`.

Source: kafka, storage `Cleaner`, `LogCleanerManager.cleanableOffsets`; KIP-58 (minimum lag),
KIP-534 (delete horizon); notes, Part 1 ch 03 §04.
"""

from collections.abc import Sequence
from typing import NamedTuple

from kafkabook.log.config import LogConfig
from kafkabook.log.facts import SegmentFacts
from kafkabook.records.batch_encoder import encode_batch
from kafkabook.records.batch_header import BatchHeader, TimestampType
from kafkabook.records.compression import Codec
from kafkabook.records.record import Record


class Candidate(NamedTuple):
    """A record with a key, as the cleaner looks at it."""

    offset: int
    newest_offset: int  # of its key in the part of the log that was mapped; -1 if not there
    is_tombstone: bool
    tombstone_expired: bool  # whether its batch says that tombstones may go by now
    segment_last_offset: int


def keep_record(candidate: Candidate) -> bool:
    """Say whether compaction keeps a record: the newest of its key, tombstones for a while.

    >>> keep_record(Candidate(5, 9, False, False, 9)), keep_record(Candidate(9, 9, True, True, 9))
    (False, False)
    """
    is_newest = candidate.offset >= candidate.newest_offset
    return is_newest and not (candidate.is_tombstone and candidate.tombstone_expired)


def tombstone_expired(delete_horizon_ms: int | None, now_ms: int) -> bool:
    """Say whether the tombstones of a batch, or its marker, may go.

    The first cleaning that meets them sets the horizon, so they survive at least one (KIP-534).

    >>> tombstone_expired(None, 10), tombstone_expired(10, 9), tombstone_expired(10, 10)
    (False, False, True)
    """
    return delete_horizon_ms is not None and now_ms >= delete_horizon_ms


def first_uncleanable(
    segments: Sequence[SegmentFacts], config: LogConfig, last_stable_offset: int, now_ms: int
) -> int:
    """Return the offset from which on nothing may be cleaned.

    The least of: the active segment; the last stable offset, for what is undecided may yet be
    aborted; the first segment with a record younger than `min.compaction.lag.ms`.

    Args:
        segments: from the one with the first dirty offset on, oldest first, the active one last.
    """
    newest_ms = now_ms - config.min_compaction_lag_ms
    young = (
        segment.base_offset
        for segment in segments
        if config.min_compaction_lag_ms > 0 and segment.largest_timestamp_ms > newest_ms
    )
    active_base = segments[-1].base_offset
    return min(last_stable_offset, active_base, next(young, active_base))


def rebuild_batch(
    header: BatchHeader, records: Sequence[Record], delete_horizon_ms: int | None = None
) -> bytes:
    """Return the batch with only `records` left in it; nothing else about it changes.

    Its offsets still span what they did, so that the producer's last sequence can be computed; a
    horizon takes the place of the base timestamp, while every record keeps its own. A batch
    without records keeps its largest timestamp, and no horizon.

    >>> len(rebuild_batch(BatchHeader(4, 0, 0, 2, 0, 0, 0, -1, 9, 7, 0, 0, 1), []))
    61
    """
    keeps_maximum = not records or header.timestamp_type is TimestampType.LOG_APPEND_TIME
    return encode_batch(
        records,
        base_offset=header.base_offset,
        partition_leader_epoch=header.partition_leader_epoch,
        codec=header.codec if records else Codec.NONE,
        timestamp_type=header.timestamp_type,
        producer_id=header.producer_id,
        producer_epoch=header.producer_epoch,
        base_sequence=header.base_sequence,
        is_transactional=header.is_transactional,
        is_control=header.is_control,
        delete_horizon_ms=delete_horizon_ms,
        last_offset_delta=header.last_offset_delta,
        max_timestamp_ms=header.max_timestamp_ms if keeps_maximum else None,
    )
