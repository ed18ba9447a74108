"""A sparse index of twelve bytes an entry, with one slot kept for the last word."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.facts import TimeIndexEntry
from kafkabook.log.time_index import TimeIndex
from tests.refusals import refused

PATH = "orders-0/00000000000000000100.timeindex"


def an_index(*entries: tuple[int, int], max_bytes: int = 1000) -> TimeIndex:
    """Return an index of the segment at 100 with these entries."""
    index = TimeIndex(MemoryDisk(), PATH, 100, max_bytes)
    index.reset()
    for entry in entries:
        index.maybe_append(TimeIndexEntry(*entry))
    return index


def test_a_new_index_is_rounded_down_to_whole_entries() -> None:
    """1000 bytes are 83 entries of twelve."""
    assert 996 == an_index().disk.size(PATH)


def test_an_entry_that_is_no_younger_is_left_out() -> None:
    """The file says how old the youngest is, not how old each is."""
    index = an_index((5, 101), (5, 102), (4, 103), (6, 104))
    assert [(5, 101), (6, 104)] == index.entries


@pytest.mark.parametrize(
    ("timestamp_ms", "found"), [(4, (-1, 100)), (5, (5, 101)), (8, (5, 101)), (9, (9, 107))]
)
def test_a_lookup_finds_the_floor(timestamp_ms: int, found: tuple[int, int]) -> None:
    """Nothing below the first: the scan begins at the segment's start."""
    assert found == an_index((5, 101), (9, 107)).lookup(timestamp_ms)


def test_the_last_slot_is_for_the_last_word() -> None:
    """Rolling must always be able to say how young the segment's youngest is."""
    index = an_index((1, 101), max_bytes=24)
    assert index.is_full
    with refused(Errors.KAFKA_STORAGE_ERROR):
        index.maybe_append(TimeIndexEntry(2, 102))
    assert index.maybe_append(TimeIndexEntry(2, 102), is_last=True)


def test_offsets_never_go_back() -> None:
    """A younger record further down would break every search."""
    with refused(Errors.KAFKA_STORAGE_ERROR):
        an_index((5, 105)).maybe_append(TimeIndexEntry(6, 104))


def test_truncation_forgets_the_offset_itself() -> None:
    """And keeps what ended before it."""
    index = an_index((5, 101), (9, 107))
    index.truncate_to(107)
    assert [(5, 101)] == index.entries


def test_a_record_of_the_year_1970_has_an_entry_too() -> None:
    """No time is younger than none."""
    index = an_index()
    assert index.maybe_append(TimeIndexEntry(0, index.base_offset))
