"""When a new segment begins, each reason at its border."""

from dataclasses import replace

import pytest

from kafkabook.base.units import INT32_MAX
from kafkabook.log.config import LogConfig
from kafkabook.log.facts import RollReason, SegmentFacts
from kafkabook.log.roll import should_roll
from kafkabook.records.record import Record
from kafkabook.records.record_batch import BatchHeader, RecordBatch

CONFIG = LogConfig(segment_bytes=1000, segment_ms=100)


def a_batch(*, timestamp_ms: int = 0, base_offset: int = 0) -> BatchHeader:
    """Return the header of a batch of 69 bytes with one record."""
    record = Record(value=b"v", timestamp_ms=timestamp_ms)
    return RecordBatch.of([record], base_offset=base_offset).header


def a_segment(size_bytes: int = 500, **facts: int) -> SegmentFacts:
    """Return the facts of a segment that is no reason to roll."""
    return SegmentFacts(0, 10, size_bytes, **facts)


@pytest.mark.parametrize(("size_bytes", "full"), [(931, False), (932, True)])
def test_a_segment_is_rolled_before_it_would_pass_its_size(size_bytes: int, full: bool) -> None:
    """931 + 69 bytes are 1000: the limit itself still fits."""
    reason = should_roll(a_segment(size_bytes), a_batch(), CONFIG, now_ms=0)
    assert (RollReason.SIZE if full else None) == reason


@pytest.mark.parametrize(("timestamp_ms", "old"), [(150, False), (151, True)])
def test_age_is_told_by_the_records(timestamp_ms: int, old: bool) -> None:
    """From the first batch of the segment to the new one; the clock is not asked."""
    segment = a_segment(first_timestamp_ms=50, created_ms=0)
    reason = should_roll(segment, a_batch(timestamp_ms=timestamp_ms), CONFIG, now_ms=10_000)
    assert (RollReason.AGE if old else None) == reason


def test_without_timestamps_the_clock_decides() -> None:
    """A segment whose first batch has none is as old as its file; jitter makes it older."""
    segment = a_segment(created_ms=0)
    assert should_roll(segment, a_batch(timestamp_ms=-1), CONFIG, now_ms=100) is None
    assert RollReason.AGE == should_roll(segment, a_batch(timestamp_ms=-1), CONFIG, 101)
    assert RollReason.AGE == should_roll(segment, a_batch(timestamp_ms=-1), CONFIG, 91, 10)


def test_an_empty_segment_never_rolls_by_size_or_age() -> None:
    """There would be nothing left to append to, again and again."""
    batch = a_batch(timestamp_ms=10**9)
    assert should_roll(a_segment(0, first_timestamp_ms=0), batch, CONFIG, now_ms=10**9) is None


@pytest.mark.parametrize("index", ["offset_index_full", "time_index_full"])
def test_either_index_being_full_ends_a_segment(index: str) -> None:
    """The next batch could not be found through it."""
    segment = SegmentFacts(0, 10, 500, **{index: True})
    assert RollReason.INDEX_FULL == should_roll(segment, a_batch(), CONFIG, now_ms=0)


@pytest.mark.parametrize(("offset", "over"), [(INT32_MAX, False), (INT32_MAX + 1, True)])
def test_a_relative_offset_must_fit_four_bytes(offset: int, over: bool) -> None:
    """An index entry has no more for it."""
    for base in (0, 3 * INT32_MAX):
        segment = replace(a_segment(), base_offset=base)
        reason = should_roll(segment, a_batch(base_offset=base + offset), CONFIG, now_ms=0)
        assert (RollReason.OFFSET_OVERFLOW if over else None) == reason
