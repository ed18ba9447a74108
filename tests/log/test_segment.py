"""One file of batches with its indexes: what is noted where, and what a damaged byte does."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from kafkabook.base.errors import CorruptSegment
from kafkabook.log.config import LogConfig
from kafkabook.log.events import IndexEntryAdded, TimeIndexEntryAdded
from kafkabook.log.examples import FIRST_MS, a_log
from kafkabook.log.facts import IndexEntry
from kafkabook.log.segment import Segment
from kafkabook.records.record import Record


def a_segment(sizes_bytes: tuple[int, ...], *, index_interval_bytes: int = 200) -> Segment:
    """Return a segment with one batch per size."""
    config = LogConfig(index_interval_bytes=index_interval_bytes)
    return a_log(sizes_bytes=sizes_bytes, config=config).segments[0]


def test_an_entry_comes_when_more_than_the_interval_lies_behind() -> None:
    """200 bytes are not more than 200; the first batch never has an entry."""
    segment = a_segment((100, 100, 100, 100, 100, 100, 100))
    assert [(3, 300), (6, 600)] == segment.index.entries


def test_a_time_index_is_full_before_the_offset_index_of_the_same_size() -> None:
    """Its entries are longer; each of the two is a reason to roll."""
    config = LogConfig(index_interval_bytes=0, segment_index_bytes=24)
    facts = a_log(sizes_bytes=(100, 100), config=config).local.facts()
    assert [(False, True)] == [(f.offset_index_full, f.time_index_full) for f in facts]


def test_each_entry_is_told_with_the_youngest_record_so_far() -> None:
    """The time index gets its entry when the offset index does."""
    segment = a_segment((100, 200, 100))
    told = [entry.event for entry in segment.trace.of(IndexEntryAdded, TimeIndexEntryAdded)]
    assert [IndexEntryAdded(0, 2, 300), TimeIndexEntryAdded(0, FIRST_MS + 2000, 2)] == told


@pytest.mark.parametrize("times", [[5, 3, 9, 7, 1, 12, 11, 12], [7, 7, 7, 7, 7]])
@pytest.mark.parametrize("index_interval_bytes", [0, 150, 10_000])
def test_a_search_by_time_is_the_same_through_any_index(
    times: list[int], index_interval_bytes: int
) -> None:
    """Timestamps that jump back and forth, or stand still: the first record that is not older."""
    log = a_log(config=LogConfig(index_interval_bytes=index_interval_bytes))
    for time_ms in times:
        log.append([Record(value=b"v", timestamp_ms=time_ms)])
    for wanted_ms in range(14):
        expected = next((i for i, time_ms in enumerate(times) if time_ms >= wanted_ms), None)
        found = log.segments[0].find_timestamp(wanted_ms, 0)
        assert expected == (None if found is None else found.offset)


def test_sealing_says_how_young_the_youngest_is() -> None:
    """Even where no batch was ever indexed; and the room behind the entries goes."""
    segment = a_segment((100, 100))
    segment.seal()
    assert [(FIRST_MS + 1000, 1)] == segment.time_index.entries
    assert (0, 12, 200) == tuple(
        segment.disk.size(path)
        for path in (segment.index.path, segment.time_index.path, segment.path)
    )


def test_a_segment_without_its_offset_index_says_so() -> None:
    """Kafka asks for no other sign that its indexes are to be made again."""
    segment = a_segment((100, 100))
    assert not segment.lacks_index()
    segment.disk.remove(segment.time_index.path)
    assert not segment.lacks_index()
    segment.disk.remove(segment.index.path)
    assert segment.lacks_index()


def test_a_time_index_that_is_lost_is_made_empty_and_the_youngest_found_by_a_walk() -> None:
    """A lookup by time begins at the first batch then; nothing is made again."""
    segment = a_segment((100, 100))
    segment.disk.remove(segment.time_index.path)
    segment.make_missing()
    assert segment.load(is_scanned=False)
    told = (segment.size_bytes, segment.disk.size(segment.time_index.path), segment.largest)
    assert (200, 0, (FIRST_MS + 1000, 1)) == told


def test_both_indexes_of_a_segment_that_was_sealed_get_their_room_again() -> None:
    """The active segment of a log that is opened again has files of full size, as a new one has."""
    segment = a_segment((100, 100))
    paths = (segment.index.path, segment.time_index.path)
    full = [segment.disk.size(path) for path in paths]
    segment.seal()
    segment.resume()
    assert full == [segment.disk.size(path) for path in paths]
    assert segment.disk.read(paths[1], 12, full[1]) == bytes(full[1] - 12)


@pytest.mark.parametrize("index_interval_bytes", [0, 10_000])
def test_of_equal_timestamps_the_first_stays_the_youngest_after_a_truncation(
    index_interval_bytes: int,
) -> None:
    """The time index names the batch where its time was first met, whoever asks after the cut."""
    log = a_log(config=LogConfig(index_interval_bytes=index_interval_bytes))
    for time_ms in (5, 7, 7, 9):
        log.append([Record(value=b"v", timestamp_ms=time_ms)])
    (segment,) = log.segments
    segment.truncate_to(3, now_ms=FIRST_MS)
    segment.seal()
    assert (7, 1) == segment.largest == segment.time_index.entries[-1]


def test_a_segment_that_ends_below_an_offset_has_nothing_to_cut() -> None:
    """Compaction may leave one that ends before its successor begins."""
    segment = a_segment((100, 100))
    segment.truncate_to(2, now_ms=FIRST_MS + 9_000)
    told = (segment.next_offset, segment.size_bytes, segment.modified_ms)
    assert (2, 200, FIRST_MS + 1_000) == told


def test_a_batch_that_was_damaged_since_is_never_served() -> None:
    """The error names the file and the byte where the batch begins (E2)."""
    log = a_log(batches=4)
    third = log.snapshot().segments[0].batches[2]
    log.disk.write(log.segments[0].path, third.position + 65, b"\xff")
    assert 2 == len(log.read(0, max_bytes=third.position))
    with pytest.raises(CorruptSegment) as raised:
        log.read(2)
    told = (raised.value.file, raised.value.at_byte, raised.value.batch_base)
    assert (log.segments[0].path, third.position, 2) == told


def test_the_last_batch_is_read_without_a_scan_until_it_is_cut_off() -> None:
    """Followers ask for it nearly always; what was cut off is nowhere, whoever remembers it."""
    segment = a_segment((100, 100, 100), index_interval_bytes=4_096)
    looked: list[int] = []

    def lookup(entries: Sequence[IndexEntry], offset: int) -> int:
        looked.append(offset)
        return today.lookup(entries, offset)

    today, segment.rules = segment.rules, replace(segment.rules, lookup=lookup)
    assert [2] == [b.base_offset for b in segment.read(2, max_bytes=1_000, upto=3)]
    assert [] == looked
    segment.truncate_to(2, now_ms=FIRST_MS)
    assert ([], [2]) == (segment.read(2, max_bytes=1_000, upto=3), looked)
