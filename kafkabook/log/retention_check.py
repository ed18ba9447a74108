"""One check of retention over a log: which segments go and why, and what it tells.

Source: kafka, storage `UnifiedLog.deleteOldSegments`; notes, Part 1 ch 03 §04.
"""

from kafkabook.log.events import RetentionChecked
from kafkabook.log.facts import SegmentFacts
from kafkabook.log.local_log import LocalLog
from kafkabook.log.retention import reasons_to_delete


def doomed_segments(
    local: LocalLog, *, high_watermark: int, log_start: int, now_ms: int
) -> list[tuple[SegmentFacts, str]]:
    """Return the segments that the log's rules give up, oldest first, each with the reason.

    How many is what the part `deletable` says. Why is what today's Kafka would say; a part that
    deletes more than that has only itself as a reason.
    """
    facts = local.facts()
    asked = (facts, local.config, now_ms, high_watermark, log_start)
    count = max(0, min(local.rules.deletable(*asked), len(facts)))
    reasons = reasons_to_delete(*asked) + ["the part says so"] * count
    return list(zip(facts[:count], reasons, strict=False))


def retention_told(
    local: LocalLog, deleted: int, *, high_watermark: int, log_start: int
) -> RetentionChecked:
    """Return what a finished check tells: above all, what the oldest segment left looks like."""
    oldest = local.facts()[0]
    return RetentionChecked(
        deleted=deleted,
        oldest_kept_base=oldest.base_offset,
        oldest_kept_next_offset=oldest.next_offset,
        oldest_kept_largest_timestamp_ms=oldest.largest_timestamp_ms,
        oldest_kept_size_bytes=oldest.size_bytes,
        oldest_kept_is_active=oldest.is_active,
        log_size_bytes=local.size_bytes,
        retention_ms=local.config.retention_ms,
        retention_bytes=local.config.retention_bytes,
        high_watermark=high_watermark,
        log_start=log_start,
    )
