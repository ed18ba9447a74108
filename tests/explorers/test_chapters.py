"""What the explorers of the chapters claim, held against the model."""

import pytest

from kafkabook.explorers.chapters import (
    events_and_the_log,
    log_files,
)
from kafkabook.log.config import LogConfig
from kafkabook.log.examples import a_log
from kafkabook.viz.figure import Figure


def test_a_slow_reader_holds_nobody_back() -> None:
    """After eight seconds billing has read all eight records, whatever audit does."""
    for every_s in (1, 2, 4, 8):
        last = events_and_the_log.two_readers_of_one_log(audit_reads_every_s=every_s)[-1]
        assert (
            f"billing reads on at 8, has committed 8: lag 0. audit reads on at {8 // every_s}"
            in (last.text)
        )


@pytest.mark.parametrize(
    ("flushed", "accident", "left"),
    [(3, "the power fails", 3), (0, "the power fails", 0), (0, "the process is killed", 5)],
)
def test_only_what_is_flushed_survives_the_power(flushed: int, accident: str, left: int) -> None:
    """A killed process leaves the memory of the operating system as it is."""
    *_, struck, restarted = events_and_the_log.five_records(flushed, accident)
    assert f"After the restart the log has {left} of 5 records." in restarted.sentence
    ghosts = [it.text.count("gone") for it in (struck, restarted)]
    assert [5 - left, 0] == ghosts == [it.text.count("= lost") for it in (struck, restarted)]


def test_a_record_is_in_memory_until_the_log_is_flushed() -> None:
    """The picture after the second record, and the one after the third, which is flushed."""
    pictures = events_and_the_log.five_records()
    assert [(2, 0), (0, 3)] == [
        (it.text.count("= memory"), it.text.count("= disk")) for it in pictures[2:4]
    ]
    assert [3] == [n for n, it in enumerate(pictures) if "The log is flushed" in it.sentence]


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


@pytest.mark.parametrize("field", ["base offset", "leader epoch"])
def test_the_checksum_misses_a_bit_of_what_a_leader_writes(field: str) -> None:
    """Both fields stand before the bytes that it covers."""
    assert "The checksum fits" in log_files.one_bit(flipped_bit_in=field)[1].sentence


@pytest.mark.parametrize("field", ["timestamp", "value"])
def test_the_checksum_notices_a_bit_of_what_a_producer_writes(field: str) -> None:
    """The batch as it was written is fine, and with one bit flipped Kafka refuses it."""
    written, flipped = log_files.one_bit(flipped_bit_in=field)
    assert "The checksum fits" in written.sentence
    assert "Kafka refuses the batch" in flipped.sentence


def test_a_bit_is_flipped_in_any_byte_of_a_batch_and_nowhere_else() -> None:
    """From both ends, as Python counts; one byte beyond either end is refused."""
    batch = log_files.two_records()
    for at_byte in (0, batch.size_bytes - 1, -1, -batch.size_bytes):
        assert batch.data[at_byte] ^ 1 == log_files.flip_bit(batch, at_byte)[at_byte]
    for beyond in (batch.size_bytes, -batch.size_bytes - 1):
        with pytest.raises(ValueError, match=f"not {beyond}"):
            log_files.flip_bit(batch, beyond)


def test_bytes_are_counted_from_the_index_entry_to_the_end_of_the_batch() -> None:
    """Offset 2 has an entry and is read at once; offset 1 has none and is behind offset 0."""
    log = a_log(sizes_bytes=(80, 80, 80), config=LogConfig(index_interval_bytes=100))
    assert [80, 160, 80] == [log_files.bytes_scanned(log, offset) for offset in range(3)]


@pytest.mark.parametrize("offset", [1, 3])
def test_no_bytes_are_counted_for_an_offset_that_the_log_does_not_hold(offset: int) -> None:
    """Below the log start, and at the log end."""
    log = a_log(sizes_bytes=(80, 80, 80))
    log.delete_records_before(2)
    with pytest.raises(LookupError, match=f"orders-0 holds no offset {offset}"):
        log_files.bytes_scanned(log, offset)


def test_a_sparser_index_costs_a_read_one_interval_and_one_batch_at_most() -> None:
    """The chart is measured on the log; its worst line obeys the rule that the exercise asks."""
    chart = log_files.bytes_scanned_chart()
    assert isinstance(chart, Figure)
    for interval in log_files.INTERVALS:
        worst = max(log_files._scan_bytes(interval))
        assert worst <= interval + 2 * log_files.CHART_BATCH_BYTES
