"""The laws of retention: whole segments, oldest first, never what is not yet safe."""

from collections.abc import Sequence
from typing import Any

from kafkabook.base.units import DAY_MS, bytes_text, ms_text
from kafkabook.grading import draws
from kafkabook.grading.draws import Draw
from kafkabook.grading.laws.law import Law, Part, expect
from kafkabook.log.config import LogConfig
from kafkabook.log.facts import SegmentFacts

_NOW_MS = 100 * DAY_MS
_RETENTION_MS = 7 * DAY_MS
Arguments = tuple[list[SegmentFacts], LogConfig, int, int, int]


def a_log(
    ages_ms: Sequence[int],
    sizes_bytes: Sequence[int] = (),
    *,
    high_watermark: int | None = None,
    log_start: int = 0,
    oldest_ages_ms: Sequence[int] = (),
    **settings: Any,
) -> Arguments:
    """Return the arguments of a call: segments of ten offsets each, the last one active.

    `ages_ms` counts back from now to the youngest record of each segment, `oldest_ages_ms` to its
    first; sizes are 100 bytes where none are given.
    """
    sizes = list(sizes_bytes) or [100] * len(ages_ms)
    firsts = list(oldest_ages_ms) or ages_ms
    segments = [
        SegmentFacts(
            base_offset=10 * i,
            next_offset=10 * i + (10 if size else 0),
            size_bytes=size,
            first_timestamp_ms=_NOW_MS - first,
            largest_timestamp_ms=_NOW_MS - age,
            created_ms=_NOW_MS - first,
            is_active=i == len(ages_ms) - 1,
        )
        for i, (age, size, first) in enumerate(zip(ages_ms, sizes, firsts, strict=True))
    ]
    safe = segments[-1].next_offset if high_watermark is None else high_watermark
    config = LogConfig(**({"retention_ms": _RETENTION_MS} | settings))
    return segments, config, _NOW_MS, safe, log_start


def told(
    segments: Sequence[SegmentFacts],
    config: LogConfig,
    now_ms: int,
    high_watermark: int,
    log_start: int,
) -> tuple[str, ...]:
    """Show a call as the table of a log's segments."""
    age, size = _limit(config.retention_ms, ms_text), _limit(config.retention_bytes, bytes_text)
    kept = "" if config.deletes else ", no delete policy"
    marks = f"high watermark {high_watermark}, log start {log_start}"
    rows = (_row(segment, now_ms) for segment in segments)
    return (f"limits    retention_ms {age}, retention_bytes {size}{kept}, {marks}", *rows)


def _row(segment: SegmentFacts, now_ms: int) -> str:
    offsets = f"{segment.base_offset:>3}..{segment.next_offset - 1:<3}"
    youngest = f"youngest record {ms_text(now_ms - segment.largest_timestamp_ms)} old"
    size = f"{bytes_text(segment.size_bytes):>6}"
    return f"segment {offsets} {size}, {youngest}{', active' * segment.is_active}"


def _limit(value: int, text: Any) -> str:
    return "-1" if value < 0 else str(text(value))


def an_old_segment_goes(part: Part, *arguments: Any) -> None:
    """A segment goes when its youngest record is older than retention_ms."""
    _count(part, arguments, "Deletable are those whose youngest record is too old, from the front.")


def deletion_stops_at_the_first_that_stays(part: Part, *arguments: Any) -> None:
    """Only a run of the oldest segments goes: a log has no hole in its middle."""
    _count(part, arguments, "Behind a segment that stays, everything stays.")


def a_large_log_gives_up_its_oldest(part: Part, *arguments: Any) -> None:
    """By size a segment goes only if at least retention_bytes are left without it."""
    _count(part, arguments, "What is left must not be less than retention_bytes.")


def nothing_above_the_high_watermark_goes(part: Part, *arguments: Any) -> None:
    """A segment stays while the high watermark is below its end, however old it is."""
    _count(part, arguments, "A follower may still need what lies above the high watermark.")


def an_empty_active_segment_stays(part: Part, *arguments: Any) -> None:
    """The active segment goes only if it holds records; then a new one is rolled first."""
    _count(part, arguments, "Deleting an empty active segment would only make another one.")


def what_lies_below_the_log_start_goes(part: Part, *arguments: Any) -> None:
    """A segment that ends at or below the log start goes, whatever its age and size."""
    _count(part, arguments, "Nobody may read below the log start any more.")


def without_the_delete_policy_age_and_size_do_not_count(part: Part, *arguments: Any) -> None:
    """A log that is only compacted loses segments below its log start and no others."""
    _count(part, arguments, "cleanup_policy does not hold 'delete'.")


def every_count_is_kafkas(part: Part, *arguments: Any) -> None:
    """All conditions together: log start, size and time, from the front, up to the watermark."""
    _count(part, arguments, "")


def _count(part: Part, arguments: Any, because: str) -> None:
    expect(count(*arguments), part(*arguments), because)


def count(
    segments: Sequence[SegmentFacts],
    config: LogConfig,
    now_ms: int,
    high_watermark: int,
    log_start: int,
) -> int:
    """Return the right count by three passes, as Kafka makes them: log start, size, time."""
    safe = _run(
        segments, lambda s: s.next_offset <= high_watermark and (s.size_bytes or not s.is_active)
    )
    gone = _run(segments[:safe], lambda s: s.next_offset <= log_start and not s.is_active)
    if config.deletes and config.retention_bytes >= 0:
        left = sum(segment.size_bytes for segment in segments[gone:])
        while gone < safe and left - segments[gone].size_bytes >= config.retention_bytes:
            left -= segments[gone].size_bytes
            gone += 1
    if config.deletes and config.retention_ms >= 0:
        limit_ms = now_ms - config.retention_ms
        gone += _run(segments[gone:safe], lambda s: s.largest_timestamp_ms < limit_ms)
    return gone


def _run(segments: Sequence[SegmentFacts], holds: Any) -> int:
    """Return how many segments of the front `holds` is true for."""
    return next((n for n, s in enumerate(segments) if not holds(s)), len(segments))


_ages = draws.sampled_from((0, _RETENTION_MS, _RETENTION_MS + 1, 9 * DAY_MS))
_logs = draws.lists(_ages, min_size=1, max_size=5)
_sizes = draws.sampled_from((60, 100, 300))


@draws.composite
def _straddling(draw: Draw) -> Arguments:
    """Segments that began long ago; what decides is when they ended."""
    ages = draw(_logs)
    return a_log(ages, oldest_ages_ms=[age + 5 * DAY_MS for age in ages])


@draws.composite
def _sized(draw: Draw) -> Arguments:
    sizes = draw(draws.lists(_sizes, min_size=1, max_size=5))
    limit = sum(sizes[draw(draws.integers(0, len(sizes))) :]) + draw(draws.integers(-1, 1))
    return a_log([0] * len(sizes), sizes, retention_bytes=max(limit, 0))


@draws.composite
def _watermarked(draw: Draw) -> Arguments:
    ages = [9 * DAY_MS] * draw(draws.integers(1, 5))
    return a_log(ages, high_watermark=draw(draws.integers(0, 10 * len(ages))))


@draws.composite
def _ending_empty(draw: Draw) -> Arguments:
    full = draw(draws.integers(0, 4))
    last = draw(draws.sampled_from((0, 100)))
    return a_log([9 * DAY_MS] * (full + 1), [100] * full + [last])


@draws.composite
def _started(draw: Draw, /, **settings: Any) -> Arguments:
    ages = draw(_logs)
    return a_log(ages, log_start=draw(draws.integers(0, 10 * len(ages))), **settings)


@draws.composite
def _anything(draw: Draw) -> Arguments:
    sizes = draw(draws.lists(_sizes, min_size=1, max_size=5))
    sizes[-1] = draw(draws.sampled_from((0, 100)))
    return a_log(
        [draw(_ages) for _ in sizes],
        sizes,
        high_watermark=draw(draws.sampled_from((10 * len(sizes), 15))),
        log_start=draw(draws.sampled_from((0, 10, 15))),
        retention_ms=draw(draws.sampled_from((_RETENTION_MS, -1))),
        retention_bytes=draw(draws.sampled_from((-1, 0, 200))),
    )


_compacted = {"cleanup_policy": ("compact",), "retention_bytes": 50}
LAWS = (
    Law(an_old_segment_goes, _straddling(), told),
    Law(deletion_stops_at_the_first_that_stays, _logs.map(a_log), told),
    Law(a_large_log_gives_up_its_oldest, _sized(), told),
    Law(nothing_above_the_high_watermark_goes, _watermarked(), told),
    Law(an_empty_active_segment_stays, _ending_empty(), told),
    Law(what_lies_below_the_log_start_goes, _started(retention_ms=-1), told),
    Law(without_the_delete_policy_age_and_size_do_not_count, _started(**_compacted), told),
    Law(every_count_is_kafkas, _anything(), told, count=100),
)
