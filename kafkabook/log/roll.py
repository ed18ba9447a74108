"""When a new segment begins: the rule as a part.

Source: kafka, storage `LogSegment.java`; notes, Part 1 ch 02 §07.
"""

from kafkabook.base.units import INT32_MAX
from kafkabook.log.config import LogConfig
from kafkabook.log.facts import RollReason, SegmentFacts
from kafkabook.records.batch_header import BatchHeader


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
