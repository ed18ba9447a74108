"""A sparse index of eight bytes an entry, in a file that is long from the start."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.errors import Errors
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.facts import IndexEntry
from kafkabook.log.offset_index import OffsetIndex
from tests.refusals import refused

PATH = "orders-0/00000000000000000100.index"


def an_index(*entries: tuple[int, int], max_bytes: int = 1000) -> OffsetIndex:
    """Return an index of the segment at 100 with these entries."""
    index = OffsetIndex(MemoryDisk(), PATH, 100, max_bytes)
    index.reset([IndexEntry(*entry) for entry in entries])
    return index


@pytest.mark.parametrize(("max_bytes", "size_bytes"), [(1000, 1000), (1007, 1000), (24, 24)])
def test_a_new_index_is_as_long_as_it_may_get(max_bytes: int, size_bytes: int) -> None:
    """Rounded down to whole entries, all zeros."""
    index = an_index(max_bytes=max_bytes)
    assert bytes(size_bytes) == index.disk.read(PATH)
    index.trim()
    assert 0 == index.disk.size(PATH)


def test_entries_come_back_from_the_file() -> None:
    """With and without the room behind them."""
    index = an_index((105, 70), (110, 140))
    for _ in range(2):
        again = OffsetIndex(index.disk, PATH, 100, 1000)
        again.load()
        assert [IndexEntry(105, 70), IndexEntry(110, 140)] == again.entries
        assert again.is_sane()
        index.trim()


def test_a_full_index_takes_no_more() -> None:
    """The segment must have been rolled before."""
    index = an_index((101, 1), (102, 2), max_bytes=24)
    index.append(IndexEntry(103, 3))
    assert index.is_full
    with refused(Errors.KAFKA_STORAGE_ERROR, match="is full: 3 entries"):
        index.append(IndexEntry(104, 4))


def test_offsets_must_ascend() -> None:
    """Two entries of one offset would say two things."""
    index = an_index((105, 70))
    with refused(Errors.KAFKA_STORAGE_ERROR, match="105 does not follow 105"):
        index.append(IndexEntry(105, 80))


@pytest.mark.parametrize(("offset", "left"), [(100, 0), (105, 0), (106, 1), (110, 1), (111, 2)])
def test_truncation_forgets_the_offset_itself(offset: int, left: int) -> None:
    """And zeroes what it forgets, so that no later start finds it."""
    index = an_index((105, 70), (110, 140))
    index.truncate_to(offset)
    assert left == len(index)
    assert 8 * left == len(index.disk.read(PATH).rstrip(b"\0"))


@pytest.mark.parametrize("wrong", ["size", "order", "position"])
def test_an_index_that_cannot_be_is_not_sane(wrong: str) -> None:
    """Half an entry, an offset that falls, a position that falls."""
    entries = {
        "size": [(105, 70), (110, 140)],
        "order": [(110, 70), (105, 140)],
        "position": [(105, 140), (110, 70)],
    }
    index = an_index(*entries[wrong])
    index.trim()
    if wrong == "size":
        index.disk.truncate(PATH, 15)
    index.load()
    assert not index.is_sane()


@given(st.sets(st.integers(1, 10**6), max_size=30))
def test_what_is_added_is_what_is_loaded(offsets: set[int]) -> None:
    """Any ascending offsets."""
    index = an_index()
    for number, offset in enumerate(sorted(offsets), start=1):
        index.append(IndexEntry(100 + offset, number * 61))
    again = OffsetIndex(index.disk, PATH, 100, 1000)
    again.load()
    assert index.entries == again.entries
