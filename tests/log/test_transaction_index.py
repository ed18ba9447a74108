"""The aborted transactions of a segment, in 34 bytes each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.lib.pretty import pretty

from kafkabook.base.errors import CorruptMessage, Errors
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.transaction_index import (
    AbortedSearch,
    AbortedTransaction,
    TransactionIndex,
    aborted_in,
    read_transaction_index,
)
from tests.refusals import refused

A = AbortedTransaction(producer_id=1, first_offset=0, last_offset=10, last_stable_offset=5)
B = AbortedTransaction(producer_id=2, first_offset=5, last_offset=20, last_stable_offset=15)
C = AbortedTransaction(producer_id=3, first_offset=18, last_offset=30, last_stable_offset=31)
PATH = "orders-0/00000000000000000000.txnindex"


def an_index(*entries: AbortedTransaction) -> TransactionIndex:
    """Build an index in memory."""
    index = TransactionIndex(MemoryDisk(), PATH)
    for entry in entries:
        index.append(entry)
    return index


def test_a_notebook_shows_an_entry_as_a_sentence() -> None:
    """Four bare numbers say nothing to a reader; `repr` still has their names."""
    assert "producer 2 aborted the transaction of offsets 5 to 20" == pretty(B)
    assert "AbortedTransaction(producer_id=2, first_offset=5" in repr(B)


def test_there_is_no_file_before_the_first_entry() -> None:
    """Most segments see no aborted transaction, and so have no such file."""
    index = an_index()
    assert (0, (), False) == (len(index), tuple(index), index.disk.exists(PATH))
    index.truncate_to(0)
    assert index.is_sane(0)
    assert not index.disk.exists(PATH)


def test_every_field_stands_where_the_format_says() -> None:
    """Version, producer id, first offset, last offset, last stable offset; big-endian."""
    index = an_index(C)
    expected = "0000 0000000000000003 0000000000000012 000000000000001e 000000000000001f"
    assert bytes.fromhex(expected) == index.disk.read(PATH)
    assert (C,) == tuple(TransactionIndex(index.disk, PATH))


@pytest.mark.parametrize(
    ("from_offset", "upper", "found"),
    [
        (0, 5, AbortedSearch((A,), is_complete=True)),
        (0, 6, AbortedSearch((A, B), is_complete=True)),
        (10, 15, AbortedSearch((A, B), is_complete=True)),
        (11, 15, AbortedSearch((B,), is_complete=True)),
        (11, 16, AbortedSearch((B,), is_complete=True)),
        (11, 19, AbortedSearch((B, C), is_complete=True)),
        (30, 32, AbortedSearch((C,), is_complete=False)),
        (31, 99, AbortedSearch((), is_complete=False)),
    ],
)
def test_a_fetch_is_told_of_what_touches_its_range(
    from_offset: int, upper: int, found: AbortedSearch
) -> None:
    """As Kafka counts: the marker from below, the first offset from above."""
    assert found == an_index(A, B, C).aborted_in(from_offset, upper)


def test_the_search_stops_where_everything_below_the_bound_was_decided() -> None:
    """At the end of B all below 15 was stable, so C need not be looked at."""
    seen: list[AbortedTransaction] = []
    aborted_in((seen.append(e) or e for e in (A, B, C)), 0, 15)
    assert [A, B] == seen


@pytest.mark.parametrize(("offset", "left"), [(31, 3), (30, 2), (21, 2), (20, 1), (10, 0), (0, 0)])
def test_truncation_drops_the_markers_that_are_cut_off(offset: int, left: int) -> None:
    """A transaction whose marker is gone is open again, not aborted."""
    index = an_index(A, B, C)
    index.truncate_to(offset)
    assert (A, B, C)[:left] == tuple(index)


@pytest.mark.parametrize("again", [A, B])
def test_markers_come_in_order(again: AbortedTransaction) -> None:
    """The early stop of a search depends on it; and one offset holds one marker."""
    index = an_index(A, B)
    with pytest.raises(ValueError, match="does not end behind 20"):
        index.append(again)
    assert (A, B) == tuple(index)


def test_an_entry_below_its_segment_is_not_sane() -> None:
    """The marker of an entry lies in the segment whose index it is in."""
    index = an_index(A, B)
    assert (True, False) == (index.is_sane(10), index.is_sane(11))


def test_half_an_entry_at_the_end_is_none() -> None:
    """A power cut leaves that; Kafka looks at whole entries."""
    index = an_index(A, B)
    index.disk.truncate(PATH, 60)
    assert (True, False) == (index.is_sane(10), index.is_sane(11))


def test_an_entry_from_the_future_is_refused_with_its_remedy() -> None:
    """Kafka does not open such a log, and does not dare to make the file anew."""
    index = an_index(A, B)
    index.disk.write(PATH, 34, b"\0\1")
    with refused(Errors.KAFKA_STORAGE_ERROR, match="version 1 at byte 34, .*; remove the file"):
        index.is_sane(0)


@pytest.mark.parametrize(
    ("data", "at_byte", "reason"),
    [
        (bytes(35), 34, "1 bytes are left, an entry takes 34"),
        (b"\0\1" + bytes(32), 0, "version 1, expected 0"),
        (bytes(2 + 15) + b"\5" + bytes(16), 0, "ends before it begins"),
        (bytes(34) + bytes(34), 34, "does not end behind the entry before it"),
    ],
)
def test_damage_is_named_by_byte_and_reason(data: bytes, at_byte: int, reason: str) -> None:
    """A recovery makes the file anew; a person wants to know why."""
    with pytest.raises(CorruptMessage, match=reason) as caught:
        read_transaction_index(data)
    assert at_byte == caught.value.at_byte


@given(data=st.binary(max_size=120))
def test_no_bytes_make_it_fail_in_another_way(data: bytes) -> None:
    """Whatever the file holds, the answer is entries or `CorruptMessage`."""
    try:
        entries = read_transaction_index(data)
    except CorruptMessage:
        return
    assert len(data) == 34 * len(entries)
