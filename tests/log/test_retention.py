"""Which segments retention gives up, each reason at its border."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.log.config import LogConfig
from kafkabook.log.facts import SegmentFacts
from kafkabook.log.retention import deletable, reasons_to_delete

CONFIG = LogConfig(retention_ms=100)


def a_row(*largest_ms: int, size_bytes: int = 100) -> list[SegmentFacts]:
    """Return segments of ten offsets each, with these newest records; the last is active."""
    return [
        SegmentFacts(
            base_offset=10 * number,
            next_offset=10 * number + 10,
            size_bytes=size_bytes,
            largest_timestamp_ms=newest_ms,
            is_active=number == len(largest_ms) - 1,
        )
        for number, newest_ms in enumerate(largest_ms)
    ]


@pytest.mark.parametrize(
    ("largest_ms", "now_ms", "high_watermark", "count"),
    [
        ((0, 50, 200), 100, 30, 0),  # 100 ms old is in time
        ((0, 50, 200), 101, 30, 1),
        ((0, 500, 0, 500), 150, 40, 1),  # stops at the first that stays
        ((0, 0, 0), 101, 20, 2),  # never past the high watermark
        ((0, 0, 0), 101, 19, 1),
        ((0, 0, 0), 101, 30, 3),  # the active one too, if it holds records
    ],
)
def test_retention_by_time(
    largest_ms: tuple[int, ...], now_ms: int, high_watermark: int, count: int
) -> None:
    """By the newest record of a segment, oldest segment first."""
    assert count == deletable(a_row(*largest_ms), CONFIG, now_ms, high_watermark, 0)


def test_an_empty_active_segment_stays() -> None:
    """There must be one to append to."""
    row = [*a_row(0, 0)[:1], SegmentFacts(10, 10, 0, largest_timestamp_ms=0, is_active=True)]
    assert 1 == deletable(row, CONFIG, 1000, 10, 0)


@pytest.mark.parametrize(("retention_bytes", "count"), [(300, 0), (299, 0), (200, 1), (0, 3)])
def test_retention_by_size_keeps_at_least_what_was_asked_for(
    retention_bytes: int, count: int
) -> None:
    """A segment goes only if what is left is still that much."""
    config = LogConfig(retention_ms=-1, retention_bytes=retention_bytes)
    assert count == deletable(a_row(0, 0, 0), config, 10**9, 30, 0)


def test_reasons_are_told_in_kafkas_order() -> None:
    """Log start first, then size, then time."""
    config = LogConfig(retention_ms=100, retention_bytes=200)
    reasons = reasons_to_delete(a_row(0, 0, 0, 500), config, 200, 40, log_start=10)
    assert ["log start", "retention.bytes", "retention.ms"] == reasons


def test_a_compacted_topic_deletes_below_the_log_start_only() -> None:
    """Its records live until their key is written again."""
    config = LogConfig(cleanup_policy=("compact",), retention_ms=0, retention_bytes=0)
    assert 1 == deletable(a_row(0, 0, 0), config, 10**9, 30, log_start=10)


def as_kafka_deletes(
    segments: list[SegmentFacts], config: LogConfig, now_ms: int, high_watermark: int, start: int
) -> list[str]:
    """Play Kafka's three passes over a log: each deletes before the next one looks."""
    left, reasons = list(segments), []
    for reason in ("log start", "retention.bytes", "retention.ms"):
        spare_bytes = sum(segment.size_bytes for segment in left) - config.retention_bytes
        while left and left[0].next_offset <= high_watermark:
            oldest = left[0]
            due = {
                "log start": len(left) > 1 and left[1].base_offset <= start,
                "retention.bytes": 0 <= config.retention_bytes and spare_bytes >= oldest.size_bytes,
                "retention.ms": 0 <= config.retention_ms < now_ms - oldest.largest_timestamp_ms,
            }[reason]
            if not due or (len(left) == 1 and oldest.size_bytes == 0):
                break
            spare_bytes -= oldest.size_bytes
            left.pop(0)
            reasons.append(reason)
    return reasons


@given(
    shapes=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=6),
    retention_bytes=st.integers(-1, 12),
    retention_ms=st.integers(-1, 5),
    high_watermark=st.integers(0, 60),
    start=st.integers(0, 60),
)
def test_one_call_gives_up_what_kafkas_three_passes_delete(
    shapes: list[tuple[int, int]],
    retention_bytes: int,
    retention_ms: int,
    high_watermark: int,
    start: int,
) -> None:
    """Which are three walks over the log, and as many prefixes of it, in this order."""
    segments = [
        replace(segment, size_bytes=size_bytes, largest_timestamp_ms=newest_ms)
        for segment, (size_bytes, newest_ms) in zip(a_row(*[0] * len(shapes)), shapes, strict=True)
    ]
    if not segments[-1].size_bytes:
        segments[-1] = replace(segments[-1], next_offset=segments[-1].base_offset)
    config = LogConfig(retention_bytes=retention_bytes, retention_ms=retention_ms)
    log = (segments, config, 5, high_watermark, start)
    assert as_kafka_deletes(*log) == reasons_to_delete(*log)
