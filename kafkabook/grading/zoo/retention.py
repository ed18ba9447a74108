"""Wrong ways to count what retention deletes, and right ones that are not ours."""

from collections.abc import Sequence
from itertools import takewhile

from kafkabook.grading.zoo.variant import Variant
from kafkabook.log.config import LogConfig
from kafkabook.log.facts import SegmentFacts
from kafkabook.log.retention import deletable

Segments = Sequence[SegmentFacts]


def _old(segment: SegmentFacts, config: LogConfig, now_ms: int) -> bool:
    return 0 <= config.retention_ms < now_ms - segment.largest_timestamp_ms


def uses_the_oldest_timestamp(
    segments: Segments, config: LogConfig, now_ms: int, high_watermark: int, log_start: int
) -> int:
    """Deletes records that are still young, because their segment began early."""
    aged = [_aged(segment, segment.first_timestamp_ms) for segment in segments]
    return deletable(aged, config, now_ms, high_watermark, log_start)


def uses_the_age_of_the_file(
    segments: Segments, config: LogConfig, now_ms: int, high_watermark: int, log_start: int
) -> int:
    """Takes the file's time for the records' time."""
    aged = [_aged(segment, segment.created_ms) for segment in segments]
    return deletable(aged, config, now_ms, high_watermark, log_start)


def _aged(segment: SegmentFacts, largest_ms: int) -> SegmentFacts:
    numbers = (segment.base_offset, segment.next_offset, segment.size_bytes)
    return SegmentFacts(*numbers, -1, largest_ms, is_active=segment.is_active)


def counts_in_the_middle(
    segments: Segments, config: LogConfig, now_ms: int, high_watermark: int, log_start: int
) -> int:
    """Counts every old segment, also those behind one that stays."""
    least = deletable(segments, config, now_ms, high_watermark, log_start)
    safe = [s for s in segments if s.next_offset <= high_watermark and not s.is_active]
    old = [s for s in safe if config.deletes and _old(s, config, now_ms)]
    return max(least, len(old))


def deletes_at_the_limit(
    segments: Segments, config: LogConfig, now_ms: int, high_watermark: int, log_start: int
) -> int:
    """Takes retention_ms itself for too old."""
    return deletable(segments, config, now_ms + 1, high_watermark, log_start)


def never_deletes_the_active_one(
    segments: Segments, config: LogConfig, now_ms: int, high_watermark: int, log_start: int
) -> int:
    """Keeps the last segment for ever in a topic that nobody writes to any more."""
    return min(deletable(segments, config, now_ms, high_watermark, log_start), len(segments) - 1)


def deletes_an_empty_active_one(
    segments: Segments, config: LogConfig, now_ms: int, high_watermark: int, log_start: int
) -> int:
    """Makes a new empty file for every old one, again and again."""
    full = [*segments[:-1], _nonempty(segments[-1])]
    return deletable(full, config, now_ms, high_watermark, log_start)


def _nonempty(segment: SegmentFacts) -> SegmentFacts:
    numbers = (segment.base_offset, segment.next_offset, max(segment.size_bytes, 1))
    largest_ms, active = segment.largest_timestamp_ms, segment.is_active
    return SegmentFacts(*numbers, largest_timestamp_ms=largest_ms, is_active=active)


def goes_past_the_high_watermark(
    segments: Segments, config: LogConfig, now_ms: int, high_watermark: int, log_start: int
) -> int:
    """Deletes what a follower has not fetched."""
    end = max(high_watermark, segments[-1].next_offset)
    return deletable(segments, config, now_ms, end, log_start)


def compares_the_watermark_with_the_base(
    segments: Segments, config: LogConfig, now_ms: int, high_watermark: int, log_start: int
) -> int:
    """Asks where a segment begins instead of where it ends."""
    safe = max([s.next_offset for s in segments if s.base_offset < high_watermark], default=0)
    return deletable(segments, config, now_ms, max(safe, high_watermark), log_start)


def keeps_less_than_retention_bytes(
    segments: Segments, config: LogConfig, now_ms: int, high_watermark: int, log_start: int
) -> int:
    """Deletes until the log is at most as large as the limit."""
    gone = deletable(segments, config, now_ms, high_watermark, log_start)
    while 0 <= config.retention_bytes < sum(s.size_bytes for s in segments[gone:]):
        gone += 1
    return gone


def forgets_the_size(
    segments: Segments, config: LogConfig, now_ms: int, high_watermark: int, log_start: int
) -> int:
    """Knows time only."""
    safe = takewhile(lambda s: log_start <= s.next_offset <= high_watermark, segments)
    return len(list(takewhile(lambda s: _old(s, config, now_ms), safe)))


def forgets_the_log_start(
    segments: Segments, config: LogConfig, now_ms: int, high_watermark: int, log_start: int
) -> int:
    """Keeps files that nobody may read."""
    return deletable(segments, config, now_ms, high_watermark, 0 * log_start)


def deletes_in_compacted_logs(
    segments: Segments, config: LogConfig, now_ms: int, high_watermark: int, log_start: int
) -> int:
    """Ignores cleanup_policy."""
    both = LogConfig(retention_ms=config.retention_ms, retention_bytes=config.retention_bytes)
    return deletable(segments, both, now_ms, high_watermark, log_start)


def takes_minus_one_for_a_time(
    segments: Segments, config: LogConfig, now_ms: int, high_watermark: int, log_start: int
) -> int:
    """Deletes everything where nothing should ever be deleted."""
    old = takewhile(lambda s: now_ms - s.largest_timestamp_ms > config.retention_ms, segments)
    if config.retention_ms < 0 and config.deletes:
        return len([s for s in old if s.next_offset <= high_watermark])
    return deletable(segments, config, now_ms, high_watermark, log_start)


def knows_the_days_of_the_examples(
    segments: Segments, config: LogConfig, now_ms: int, high_watermark: int, log_start: int
) -> int:
    """Has seven days built in, which is what the examples have."""
    if config.deletes and config.retention_ms >= 0:
        config = LogConfig(retention_bytes=config.retention_bytes)
    return deletable(segments, config, now_ms, high_watermark, log_start)


WRONG = (
    Variant(uses_the_oldest_timestamp, "R1", "example 2"),
    Variant(uses_the_age_of_the_file, "R1", "example 2"),
    Variant(counts_in_the_middle, "R1", "example 3"),
    Variant(deletes_at_the_limit, "R2", "an old segment goes"),
    Variant(never_deletes_the_active_one, "R1", "example 4"),
    Variant(deletes_an_empty_active_one, "R2", "an empty active segment stays"),
    Variant(goes_past_the_high_watermark, "R1", "example 5"),
    Variant(compares_the_watermark_with_the_base, "R1", "example 5"),
    Variant(keeps_less_than_retention_bytes, "R2", "a large log gives up its oldest"),
    Variant(forgets_the_size, "R1", "example 6"),
    Variant(forgets_the_log_start, "R2", "what lies below the log start goes"),
    Variant(deletes_in_compacted_logs, "R2", "without the delete policy age and size do not count"),
    Variant(takes_minus_one_for_a_time, "R2", "what lies below the log start goes"),
    Variant(knows_the_days_of_the_examples, "R3", "a log that crashes stays whole"),
)


def by_one_pass(
    segments: Segments, config: LogConfig, now_ms: int, high_watermark: int, log_start: int
) -> int:
    """Walks once and keeps the size that is left."""
    left, gone = sum(s.size_bytes for s in segments), 0
    for segment in segments:
        left -= segment.size_bytes
        below = segment.next_offset <= log_start and not segment.is_active
        large = config.deletes and 0 <= config.retention_bytes <= left
        old = config.deletes and _old(segment, config, now_ms)
        kept = segment.next_offset > high_watermark or (
            segment.is_active and not segment.size_bytes
        )
        if kept or not (below or large or old):
            break
        gone += 1
    return gone


def by_recursion(
    segments: Segments, config: LogConfig, now_ms: int, high_watermark: int, log_start: int
) -> int:
    """Decides about the oldest, then asks again about the rest."""
    if not segments or segments[0].next_offset > high_watermark:
        return 0
    first, rest = segments[0], segments[1:]
    if first.is_active and first.size_bytes == 0:
        return 0
    reasons = [first.next_offset <= log_start and not first.is_active]
    if config.deletes:
        reasons.append(_old(first, config, now_ms))
        reasons.append(0 <= config.retention_bytes <= sum(s.size_bytes for s in rest))
    if not any(reasons):
        return 0
    return 1 + by_recursion(rest, config, now_ms, high_watermark, log_start)


RIGHT = (by_one_pass, by_recursion)
