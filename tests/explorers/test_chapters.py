"""What the explorers of the chapters claim, held against the model."""

import pytest

from kafkabook.explorers.chapters import (
    events_and_the_log,
    log_files,
)
from kafkabook.viz.figure import Figure


def test_a_slow_reader_holds_nobody_back() -> None:
    """After eight seconds billing has read all eight records, whatever audit does."""
    for every_s in (1, 2, 4, 8):
        last = events_and_the_log.two_readers_of_one_log(audit_reads_every_s=every_s)[-1]
        assert (
            f"billing reads on at 8, has committed 8: lag 0. audit reads on at {8 // every_s}"
            in (last.text)
        )


@pytest.mark.parametrize(("partitions", "readers", "rounds"), [(1, 3, 12), (3, 1, 12), (3, 3, 4)])
def test_partitions_bound_how_many_readers_work(partitions: int, readers: int, rounds: int) -> None:
    """Twelve records: readers beyond the number of partitions change nothing."""
    pictures = events_and_the_log.partitions_are_lanes(partitions=partitions, readers=readers)
    assert f"After {rounds} rounds 12 of 12 are read." in pictures[-1].text
    assert rounds + 1 == len(pictures)


def test_large_segments_outlive_their_retention() -> None:
    """Two weeks of records with a week's retention: all kept in one file, or the last few days."""
    month, day = 30 * 86_400_000, 86_400_000
    week = 7 * day
    kept = events_and_the_log.retention_by_segments(segment_ms=month, retention_ms=week)[-1]
    assert "Day 14: 15 records kept, 7 of them older than retention.ms." in kept.text
    gone = events_and_the_log.retention_by_segments(segment_ms=day, retention_ms=week)[-1]
    assert "0 of them older" in gone.text or "1 of them older" in gone.text


@pytest.mark.parametrize(
    ("flushed", "lucky_bytes", "there"), [(3, 0, 3), (3, 68, 3), (3, 90, 4), (0, 0, 0), (5, 0, 5)]
)
def test_what_is_whole_or_flushed_survives(flushed: int, lucky_bytes: int, there: int) -> None:
    """A batch of 69 bytes is kept whole or not at all."""
    pictures = log_files.power_cut(flushed_records=flushed, lucky_bytes=lucky_bytes)
    assert f"{there} of 5 records are there" in pictures[-1].text


def test_a_sparser_index_costs_a_read_one_interval_and_one_batch_at_most() -> None:
    """The chart is measured on the log; its worst line obeys the rule that the exercise asks."""
    chart = log_files.bytes_scanned_chart()
    assert isinstance(chart, Figure)
    for interval in log_files.INTERVALS:
        worst = max(log_files._scan_bytes(interval))
        assert worst <= interval + 2 * log_files.CHART_BATCH_BYTES
