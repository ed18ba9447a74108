"""What a read_committed consumer is given: only what is decided, and decided for it."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.log.disk import MemoryDisk
from kafkabook.log.isolation import (
    Decisions,
    aborted_transactions,
    decisions_in,
    last_stable_offset,
    read_committed,
    read_uncommitted,
)
from kafkabook.log.transaction_index import AbortedTransaction, TransactionIndex
from kafkabook.records.control_records import ControlType, end_transaction_marker
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

COMMIT, ABORT = ControlType.COMMIT, ControlType.ABORT
Step = tuple[str, int]  # what ("data", "commit", "abort", "plain") and by which producer


def a_log(*steps: Step, records: int = 2) -> list[RecordBatch]:
    """Build batches; each record's value says who wrote it, and where it stands."""
    batches: list[RecordBatch] = []
    offset = 0
    for what, producer_id in steps:
        batches.append(_a_batch(what, producer_id, offset, records))
        offset = batches[-1].next_offset
    return batches


def _a_batch(what: str, producer_id: int, offset: int, records: int) -> RecordBatch:
    if what in ("commit", "abort"):
        return end_transaction_marker(
            COMMIT if what == "commit" else ABORT,
            producer_id=producer_id,
            producer_epoch=0,
            coordinator_epoch=0,
            timestamp_ms=0,
            base_offset=offset,
        )
    values = [b"%d@%d" % (producer_id, offset + n) for n in range(records)]
    return RecordBatch.of(
        [Record(value=value, timestamp_ms=0) for value in values],
        base_offset=offset,
        producer_id=producer_id,
        producer_epoch=0,
        base_sequence=offset,
        is_transactional=what == "data",
    )


def values(records: Iterable[Record]) -> list[bytes | None]:
    """What the application sees."""
    return [record.value for record in records]


@pytest.mark.parametrize(
    ("high_watermark", "first_undecided", "stable"),
    [(10, None, 10), (10, 4, 4), (10, 10, 10), (3, 4, 3)],
)
def test_stable_is_what_is_committed_and_decided(
    high_watermark: int, first_undecided: int | None, stable: int
) -> None:
    """A decision that a new leader may not know is none (T6)."""
    assert stable == last_stable_offset(high_watermark, first_undecided)


def test_aborted_records_and_markers_are_left_out_and_the_order_stays() -> None:
    """Two interleaved transactions, one of each fate, and a producer without any (T7)."""
    log = a_log(
        ("data", 1),
        ("data", 2),
        ("plain", 3),
        ("data", 1),
        ("abort", 1),
        ("data", 2),
        ("commit", 2),
    )
    aborted, first_undecided = decisions_in(log)
    assert (AbortedTransaction(1, 0, 8, 2),) == aborted
    assert None is first_undecided
    expected = [b"2@2", b"2@3", b"3@4", b"3@5", b"2@9", b"2@10"]
    assert expected == values(read_committed(log, aborted))


def test_the_next_transaction_of_the_same_producer_is_seen() -> None:
    """The abort marker ends the hiding, nothing else does."""
    log = a_log(("data", 1), ("abort", 1), ("data", 1), ("commit", 1))
    assert [b"1@3", b"1@4"] == values(read_committed(log, decisions_in(log).aborted))


def test_a_transaction_that_was_aborted_before_the_first_batch_hides_nothing() -> None:
    """Its marker will not come any more, so it must not be waited for."""
    log = a_log(("data", 1), ("abort", 1), ("data", 1), ("commit", 1))
    assert [b"1@3", b"1@4"] == values(read_committed(log[2:], decisions_in(log).aborted))


def test_a_position_within_a_batch_is_respected_on_both_sides() -> None:
    """A batch is never cut on disk, so its reader cuts it."""
    log = a_log(("plain", 1), ("plain", 1), records=3)
    assert [b"1@2", b"1@3"] == values(read_committed(log, (), from_offset=2, upper_offset=4))
    assert [b"1@2", b"1@3"] == values(read_uncommitted(log, from_offset=2, upper_offset=4))


def test_read_uncommitted_sees_aborted_records_but_no_marker() -> None:
    """Markers are for brokers and clients; no application ever gets one."""
    log = a_log(("data", 1), ("abort", 1))
    assert [b"1@0", b"1@1"] == values(read_uncommitted(log))


def test_an_open_transaction_is_where_readers_wait() -> None:
    """The second of two open ones counts once the first is decided (M27)."""
    open_two = (("data", 1), ("data", 2))
    assert Decisions((), 0) == decisions_in(a_log(*open_two))
    assert Decisions((), 2) == decisions_in(a_log(*open_two, ("commit", 1)))
    assert Decisions((), None) == decisions_in(a_log(*open_two, ("commit", 1), ("commit", 2)))


def test_aborted_transactions_are_collected_over_segments_until_all_is_decided() -> None:
    """The marker of a record in the first segment may lie in the third."""
    disk = MemoryDisk()
    indexes = [TransactionIndex(disk, f"orders-0/{base:020d}.txnindex") for base in (0, 10, 20, 30)]
    indexes[0].append(AbortedTransaction(1, 0, 5, 3))
    indexes[2].append(AbortedTransaction(2, 3, 25, 26))
    indexes[3].append(AbortedTransaction(3, 4, 35, 36))
    found = aborted_transactions(indexes, 0, 10)
    assert [1, 2] == [entry.producer_id for entry in found]


steps = st.lists(
    st.tuples(st.sampled_from(["data", "data", "plain", "commit", "abort"]), st.integers(1, 3)),
    max_size=30,
)


@given(steps=steps, start=st.integers(0, 40))
def test_a_reader_sees_what_a_list_of_decisions_says(steps: list[Step], start: int) -> None:
    """Beside a model that keeps, per producer, the records that wait for their marker."""
    log = a_log(
        *((w if w != "plain" else "plain", p if w != "plain" else p + 10) for w, p in steps)
    )
    expected = _told_by_a_model(log, start)
    aborted, first_undecided = decisions_in(log)
    end = log[-1].next_offset if log else 0
    stable = last_stable_offset(end, first_undecided)
    index = TransactionIndex(MemoryDisk(), "orders-0/00000000000000000000.txnindex")
    for entry in aborted:
        index.append(entry)
    fetched = [batch for batch in log if batch.last_offset >= start]
    known = aborted_transactions([index], start, stable)
    seen = read_committed(fetched, known, from_offset=start, upper_offset=stable)
    assert expected == values(seen)


def _told_by_a_model(log: list[RecordBatch], start: int) -> list[bytes | None]:
    waiting: dict[int, list[Record]] = {}
    seen: list[Record] = []
    for batch in log:
        producer_id = batch.header.producer_id
        if batch.header.is_control:
            decided = waiting.pop(producer_id, [])
            seen += decided if batch.records[0].key == b"\0\0\0\1" else []
        elif batch.header.is_transactional:
            waiting.setdefault(producer_id, []).extend(batch.records)
        else:
            seen += batch.records
    stable = min((records[0].offset for records in waiting.values()), default=1 << 62)
    kept = sorted((r for r in seen if start <= r.offset < stable), key=lambda r: r.offset)
    return [record.value for record in kept]
