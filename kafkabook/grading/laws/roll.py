"""The laws of rolling: when a segment takes no more, and that nothing else ends it."""

from typing import Any

from kafkabook.base.units import INT32_MAX
from kafkabook.grading import draws
from kafkabook.grading.draws import Draw
from kafkabook.grading.laws.law import Law, LawBroken, Part, expect
from kafkabook.log.config import LogConfig
from kafkabook.log.facts import RollReason, SegmentFacts
from kafkabook.records.batch_header import HEADER_BYTES, BatchHeader

_NOW_MS = 1_700_000_000_000
_SEGMENT_BYTES, _SEGMENT_MS = 1_000, 600_000
Arguments = tuple[SegmentFacts, BatchHeader, LogConfig, int, int]


def a_batch(
    size_bytes: int = 100, *, base_offset: int = 10, records: int = 1, max_timestamp_ms: int = 0
) -> BatchHeader:
    """Return the header of a batch; what it is not told is that of a plain producer."""
    numbers = (max_timestamp_ms, max_timestamp_ms, -1, -1, -1, records)
    return BatchHeader(base_offset, size_bytes - 12, 0, 2, 0, 0, records - 1, *numbers)


def a_case(
    filled_bytes: int = 500,
    batch_bytes: int = 100,
    *,
    waited_ms: int = 0,
    began_ms: int = _NOW_MS,
    now_ms: int = _NOW_MS,
    jitter_ms: int = 0,
    span: int = 10,
    **facts: Any,
) -> Arguments:
    """Return the arguments of a call: a segment, the batch that arrives, and the settings.

    `waited_ms` lies between the first record's timestamp and the batch's; `span` between the
    segment's base offset and the batch's.
    """
    known = {"first_timestamp_ms": began_ms, "created_ms": began_ms, "is_active": True}
    segment = SegmentFacts(40, 40 + span, filled_bytes, **(known | facts))
    batch = a_batch(batch_bytes, base_offset=40 + span, max_timestamp_ms=began_ms + waited_ms)
    config = LogConfig(segment_bytes=_SEGMENT_BYTES, segment_ms=_SEGMENT_MS)
    return segment, batch, config, now_ms, jitter_ms


def told(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> tuple[str, ...]:
    """Show a call in the words of the chapter."""
    full = ", an index is full" * (segment.offset_index_full or segment.time_index_full)
    jitter = f" less {jitter_ms:,} ms of jitter" if jitter_ms else ""
    made = f"file made {now_ms - segment.created_ms:,} ms ago"
    room, age = f"{config.segment_bytes:,} B", f"{config.segment_ms:,} ms"
    return (
        f"segment   from offset {segment.base_offset}, {segment.size_bytes:,} B, {made}{full}",
        f"batch     {batch.size_bytes} B, to offset {batch.last_offset:,}, {_when(segment, batch)}",
        f"limits    segment_bytes {room}, segment_ms {age}{jitter}",
    )


def _when(segment: SegmentFacts, batch: BatchHeader) -> str:
    if segment.first_timestamp_ms < 0:
        return "the segment's first record has no timestamp"
    waited_ms = batch.max_timestamp_ms - segment.first_timestamp_ms
    return f"{waited_ms:,} ms younger than the segment's first record"


def a_segment_without_room_rolls(part: Part, *arguments: Any) -> None:
    """A batch that would carry the segment past segment_bytes begins a new one."""
    expect(RollReason.SIZE, part(*arguments), _room(*arguments))


def a_segment_with_room_stays(part: Part, *arguments: Any) -> None:
    """A batch that fits, to the last byte, stays in the segment."""
    expect(None, part(*arguments), _room(*arguments))


def _room(segment: SegmentFacts, batch: BatchHeader, config: LogConfig, *_: int) -> str:
    after = segment.size_bytes + batch.size_bytes
    return f"With the batch the segment would hold {after} of {config.segment_bytes} bytes."


def an_old_segment_rolls(part: Part, *arguments: Any) -> None:
    """A segment whose first record is more than segment_ms older than the batch is closed."""
    expect(RollReason.AGE, part(*arguments), _age(*arguments))


def a_young_segment_stays(part: Part, *arguments: Any) -> None:
    """Age is the distance between record timestamps; the clock on the wall does not count."""
    expect(None, part(*arguments), _age(*arguments))


def _age(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, _: int, jitter_ms: int
) -> str:
    waited_ms = batch.max_timestamp_ms - segment.first_timestamp_ms
    limit_ms = config.segment_ms - jitter_ms
    return f"By its records the segment is {waited_ms} ms old; the limit is {limit_ms} ms."


def without_timestamps_the_file_has_the_age(part: Part, *arguments: Any) -> None:
    """Where the first record has no timestamp, age is now_ms less created_ms."""
    segment, _, config, now_ms, jitter_ms = arguments
    waited_ms, limit_ms = now_ms - segment.created_ms, config.segment_ms - jitter_ms
    should_be = RollReason.AGE if waited_ms > limit_ms else None
    why = f"The file is {waited_ms} ms old; the limit is {limit_ms} ms."
    expect(should_be, part(*arguments), why)


def an_empty_segment_never_ages(part: Part, *arguments: Any) -> None:
    """An empty segment is not rolled for its age: that would leave an empty file behind."""
    expect(None, part(*arguments), "The segment holds 0 bytes.")


def a_full_index_rolls(part: Part, *arguments: Any) -> None:
    """A segment whose offset index or time index has no room for an entry is closed."""
    expect(RollReason.INDEX_FULL, part(*arguments), "One of its two indexes is full.")


def offsets_fit_in_four_bytes(part: Part, *arguments: Any) -> None:
    """An index keeps offsets as 32 bits above the base, so a batch beyond them begins a segment."""
    segment, batch, *_ = arguments
    relative = batch.last_offset - segment.base_offset
    should_be = RollReason.OFFSET_OVERFLOW if relative > INT32_MAX else None
    why = f"The batch's last offset is {relative:,} above the base; 32 bits hold {INT32_MAX:,}."
    expect(should_be, part(*arguments), why)


def a_reason_is_true(part: Part, *arguments: Any) -> None:
    """A segment rolls exactly when a reason holds, and the reason given is one that holds."""
    yours, holding = part(*arguments), reasons(*arguments)
    if holding and yours not in holding:
        raise LawBroken(holding[0], yours, "These hold: " + ", ".join(map(str, holding)) + ".")
    if not holding:
        expect(None, yours, "No reason holds.")


def reasons(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int
) -> list[RollReason]:
    """Return every reason that holds, for more than one may."""
    first_ms, created_ms = segment.first_timestamp_ms, segment.created_ms
    waited_ms = batch.max_timestamp_ms - first_ms if first_ms >= 0 else now_ms - created_ms
    holding = {
        RollReason.SIZE: segment.size_bytes + batch.size_bytes > config.segment_bytes,
        RollReason.AGE: segment.size_bytes > 0 and waited_ms > config.segment_ms - jitter_ms,
        RollReason.INDEX_FULL: segment.offset_index_full or segment.time_index_full,
        RollReason.OFFSET_OVERFLOW: batch.last_offset - segment.base_offset > INT32_MAX,
    }
    return [reason for reason, holds in holding.items() if holds]


_batches = draws.integers(HEADER_BYTES + 7, 300)
_jitter = draws.sampled_from((0, 1, 60_000))
_clock = draws.integers(-_SEGMENT_MS * 3, _SEGMENT_MS * 3).map(lambda away: _NOW_MS + away)
_near = draws.one_of(draws.integers(-2, 2), draws.integers(-_SEGMENT_MS, _SEGMENT_MS))


@draws.composite
def _filled(draw: Draw, /, *, fits: bool) -> Arguments:
    batch_bytes = draw(_batches)
    most = _SEGMENT_BYTES - batch_bytes
    filled = draw(draws.integers(HEADER_BYTES, most) if fits else draws.integers(most + 1, 1_000))
    edge = most if fits else most + 1
    return a_case(draw(draws.sampled_from((edge, filled))), batch_bytes)


@draws.composite
def _aged(draw: Draw, /, *, old: bool, **facts: Any) -> Arguments:
    jitter_ms = draw(_jitter)
    limit_ms = _SEGMENT_MS - jitter_ms
    beyond_ms = draw(draws.integers(0, 2 * _SEGMENT_MS))
    waited_ms = limit_ms + 1 + beyond_ms if old else max(limit_ms - beyond_ms, -5)
    return a_case(waited_ms=waited_ms, now_ms=draw(_clock), jitter_ms=jitter_ms, **facts)


@draws.composite
def _timeless(draw: Draw) -> Arguments:
    jitter_ms = draw(_jitter)
    created_ms = _NOW_MS - (_SEGMENT_MS - jitter_ms) - draw(_near)
    waited_ms = draw(draws.sampled_from((0, 3 * _SEGMENT_MS)))
    known = {"first_timestamp_ms": -1, "created_ms": created_ms}
    return a_case(waited_ms=waited_ms, jitter_ms=jitter_ms, **known)


@draws.composite
def _anything(draw: Draw) -> Arguments:
    full = draw(draws.sampled_from(({}, {"time_index_full": True}, {"offset_index_full": True})))
    return a_case(
        draw(draws.sampled_from((0, 700, 900, 1_000))),
        draw(_batches),
        waited_ms=_SEGMENT_MS + draw(_near),
        now_ms=draw(_clock),
        jitter_ms=draw(_jitter),
        span=draw(draws.sampled_from((0, 5, INT32_MAX, INT32_MAX + 1))),
        **full,
    )


_full_indexes = draws.sampled_from(("offset_index_full", "time_index_full")).flatmap(
    lambda which: draws.builds(
        lambda filled, now_ms: a_case(filled, now_ms=now_ms, **{which: True}),
        draws.integers(HEADER_BYTES, 900),
        _clock,
    )
)
_spans = draws.one_of(draws.integers(-2, 2), draws.integers(-(10**6), 10**6)).map(
    lambda away: a_case(span=INT32_MAX + away)
)

LAWS = (
    Law(a_segment_without_room_rolls, _filled(fits=False), told),
    Law(a_segment_with_room_stays, _filled(fits=True), told),
    Law(an_old_segment_rolls, _aged(old=True), told),
    Law(a_young_segment_stays, _aged(old=False), told),
    Law(without_timestamps_the_file_has_the_age, _timeless(), told),
    Law(an_empty_segment_never_ages, _aged(old=True, filled_bytes=0, batch_bytes=68), told),
    Law(a_full_index_rolls, _full_indexes, told),
    Law(offsets_fit_in_four_bytes, _spans, told),
    Law(a_reason_is_true, _anything(), told, count=50),
)
