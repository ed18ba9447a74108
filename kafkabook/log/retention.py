"""Which old segments retention deletes: whole ones, from the front, only what is committed.

The rule as a part; `kafkabook.cluster.log_manager` says when a broker asks it.

Source: kafka, storage `UnifiedLog.deleteOldSegments`; notes, Part 1 ch 03 §04.
"""

from collections.abc import Sequence
from itertools import takewhile

from kafkabook.log.config import LogConfig
from kafkabook.log.facts import SegmentFacts


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
