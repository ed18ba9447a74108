"""Idempotent producers: what is a duplicate, what a gap, who is fenced, what a snapshot keeps."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.units import DAY_MS, INT32_MAX
from kafkabook.log.events import ProducersExpired, TransactionCompleted, TransactionStarted
from kafkabook.log.producer_entry import BatchMetadata, Duplicate, ProducerEntry
from kafkabook.log.producer_snapshots import read_snapshot
from kafkabook.log.producer_state import CompletedTransaction, ProducerStates
from kafkabook.records.batch_header import BatchHeader
from tests.refusals import refused

TRANSACTIONAL, CONTROL = 1 << 4, 1 << 5


def a_header(
    offset: int = 0,
    sequence: int = 0,
    *,
    records: int = 1,
    producer_id: int = 7,
    epoch: int = 0,
    attributes: int = 0,
    timestamp_ms: int = 1_000,
) -> BatchHeader:
    """Build the header of a batch by producer 7, one record unless told."""
    return BatchHeader(
        offset,
        49,
        0,
        2,
        0,
        attributes,
        records - 1,
        timestamp_ms,
        timestamp_ms,
        producer_id,
        epoch,
        sequence,
        records,
    )


def a_marker(offset: int, *, producer_id: int = 7, epoch: int = 0) -> BatchHeader:
    """Build the header of a transaction marker."""
    return a_header(
        offset, -1, producer_id=producer_id, epoch=epoch, attributes=TRANSACTIONAL | CONTROL
    )


def having(*headers: BatchHeader) -> ProducerStates:
    """Build the state after these batches of data."""
    states = ProducerStates()
    for header in headers:
        states.update(header)
    return states


def test_the_next_number_is_accepted_and_nothing_is_answered() -> None:
    """Sequences count records, not batches."""
    states = having(a_header(0, 0, records=3))
    assert None is states.validate(a_header(sequence=3))


@pytest.mark.parametrize("sequence", [0, 1, 2, 4, 100])
def test_any_other_number_is_out_of_order(sequence: int) -> None:
    """A gap is a lost batch; a part of an old batch is not that batch."""
    states = having(a_header(0, 0, records=3))
    before = states.snapshot()
    with refused(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER, match=f"sequence {sequence}, expected 3"):
        states.validate(a_header(sequence=sequence))
    assert before == states.snapshot()


def test_after_the_largest_number_comes_zero() -> None:
    """A 32-bit counter wraps; a long-lived producer must not be refused for it."""
    states = having(a_header(0, INT32_MAX - 1, records=2))
    assert INT32_MAX == states.snapshot().producers[0].last_sequence
    assert None is states.validate(a_header(sequence=0))
    with refused(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER, match="expected 0"):
        states.validate(a_header(sequence=1))


def test_a_batch_across_the_wrap_is_recognised_when_it_comes_again() -> None:
    """Its first sequence is computed backwards from its last, over the wrap."""
    states = having(a_header(10, INT32_MAX, records=3))
    assert 1 == states.snapshot().producers[0].last_sequence
    again = states.validate(a_header(sequence=INT32_MAX, records=3))
    assert Duplicate(base_offset=10, last_offset=12, timestamp_ms=1_000) == again


def test_the_last_five_batches_are_answered_with_their_old_offsets() -> None:
    """A retry after a lost answer must not append twice; the sixth oldest is forgotten."""
    states = having(*(a_header(offset=100 + n, sequence=n) for n in range(6)))
    answers = [states.validate(a_header(sequence=n)) for n in range(1, 6)]
    assert [Duplicate(100 + n, 100 + n, 1_000) for n in range(1, 6)] == answers
    with refused(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER, match="sequence 0, expected 6"):
        states.validate(a_header(sequence=0))


def test_an_older_epoch_is_fenced() -> None:
    """Its transactional id belongs to a newer instance."""
    states = having(a_header(0, 0, epoch=2))
    with refused(Errors.INVALID_PRODUCER_EPOCH, match="sent epoch 1; epoch 2 has been seen"):
        states.validate(a_header(sequence=1, epoch=1))


def test_a_new_epoch_begins_at_zero_and_forgets_the_old_batches() -> None:
    """Sequences are counted per epoch."""
    states = having(a_header(0, 0), a_header(1, 1))
    with refused(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER, match="sequence 2, expected 0"):
        states.validate(a_header(sequence=2, epoch=1))
    assert None is states.validate(a_header(sequence=0, epoch=1))
    states.update(a_header(2, 0, epoch=1))
    entry = ProducerEntry(7, 1, (BatchMetadata(0, 2, 0, 1_000),), last_timestamp_ms=1_000)
    assert (entry,) == states.snapshot().producers


def test_an_unknown_producer_may_begin_anywhere() -> None:
    """Its records, and with them its state, may have been deleted (KIP-360)."""
    assert None is ProducerStates().validate(a_header(sequence=4_711, epoch=3))


def test_a_follower_takes_what_the_leader_wrote() -> None:
    """`update` judges nothing: the decision was made once, by the leader."""
    states = having(a_header(0, 0, epoch=2), a_header(1, 9, epoch=1))
    assert [(1, 9)] == [(e.epoch, e.last_sequence) for e in states.snapshot().producers]


def test_batches_without_a_producer_leave_no_trace() -> None:
    """Producer id -1 is a producer that is not idempotent."""
    states = having(a_header(0, -1, producer_id=-1))
    assert () == states.snapshot().producers
    assert None is states.validate(a_header(sequence=-1, producer_id=-1))


def test_readers_wait_for_the_earliest_open_transaction_and_then_for_the_next() -> None:
    """Two open transactions: deciding the first must not reveal the second (T6)."""
    states = having(
        a_header(10, 0, producer_id=1, attributes=TRANSACTIONAL),
        a_header(11, 0, producer_id=2, attributes=TRANSACTIONAL),
        a_header(12, 1, producer_id=1, attributes=TRANSACTIONAL),
    )
    assert 10 == states.first_undecided_offset
    ended = states.complete(a_marker(13, producer_id=1), is_aborted=True, coordinator_epoch=0)
    assert CompletedTransaction(1, 10, 13, is_aborted=True, last_stable_offset=11) == ended
    assert 10 == states.first_undecided_offset
    states.advance_high_watermark(13)
    assert 10 == states.first_undecided_offset
    states.advance_high_watermark(14)
    assert 11 == states.first_undecided_offset
    ended = states.complete(a_marker(14, producer_id=2), is_aborted=False, coordinator_epoch=0)
    assert CompletedTransaction(2, 11, 14, is_aborted=False, last_stable_offset=15) == ended
    states.advance_high_watermark(15)
    assert None is states.first_undecided_offset
    assert [
        TransactionStarted(1, 0, 10),
        TransactionStarted(2, 0, 11),
        TransactionCompleted(1, 10, 13, is_aborted=True, last_stable_offset=11),
        TransactionCompleted(2, 11, 14, is_aborted=False, last_stable_offset=15),
    ] == [entry.event for entry in states.trace]
    states.check()


def test_a_marker_without_data_completes_nothing_but_is_remembered() -> None:
    """It bumps the epoch, which is what fences the older instance."""
    states = having(a_header(0, 0))
    marker = a_marker(1, epoch=1)
    assert None is states.complete(marker, is_aborted=True, coordinator_epoch=5)
    entry = ProducerEntry(7, 1, coordinator_epoch=5, last_timestamp_ms=1_000)
    assert (entry,) == states.snapshot().producers
    with refused(Errors.INVALID_PRODUCER_EPOCH):
        states.validate(a_header(sequence=1))


def test_a_replaced_coordinator_may_not_write_markers() -> None:
    """Else a paused one could decide a transaction against what its successor said."""
    states = having(a_header(0, 0, attributes=TRANSACTIONAL))
    states.complete(a_marker(1), is_aborted=False, coordinator_epoch=5)
    assert None is states.validate(a_marker(0), coordinator_epoch=5)
    with refused(Errors.TRANSACTION_COORDINATOR_FENCED, match="coordinator epoch 4"):
        states.validate(a_marker(0), coordinator_epoch=4)


def test_a_marker_of_an_older_instance_is_fenced() -> None:
    """The transaction that it would end is not the one that is open."""
    states = having(a_header(0, 0, epoch=3, attributes=TRANSACTIONAL))
    with refused(Errors.INVALID_PRODUCER_EPOCH):
        states.validate(a_marker(0, epoch=2), coordinator_epoch=0)


def test_a_batch_outside_the_open_transaction_is_refused() -> None:
    """No marker would ever decide over it."""
    states = having(a_header(0, 0, attributes=TRANSACTIONAL))
    with refused(Errors.INVALID_TXN_STATE, match="open since offset 0"):
        states.validate(a_header(sequence=1))


def test_idle_producers_expire_but_not_in_a_transaction() -> None:
    """The limit itself is late enough; one millisecond earlier is not."""
    states = having(
        a_header(0, 0, producer_id=1, timestamp_ms=0),
        a_header(1, 0, producer_id=2, timestamp_ms=1),
        a_header(2, 0, producer_id=3, timestamp_ms=0, attributes=TRANSACTIONAL),
    )
    assert (1,) == states.expire(now_ms=DAY_MS)
    assert [2, 3] == [entry.producer_id for entry in states.snapshot().producers]
    assert ProducersExpired((1,), DAY_MS) == states.trace[-1].event
    assert None is states.validate(a_header(sequence=9, producer_id=1))


def test_a_snapshot_brings_back_the_last_batch_and_the_open_transaction() -> None:
    """Four of five batches are lost: after a restart only the last can be recognised."""
    states = having(
        a_header(4, 0, attributes=TRANSACTIONAL), a_header(5, 1, attributes=TRANSACTIONAL)
    )
    back = ProducerStates()
    back.load(states.take_snapshot())
    entry = states.snapshot().producers[0]
    assert (replace(entry, batches=entry.batches[-1:]),) == back.snapshot().producers
    assert ((4, 7),) == back.snapshot().open_transactions
    assert Duplicate(5, 5, 1_000) == back.validate(a_header(sequence=1, attributes=TRANSACTIONAL))
    back.check()


def test_loading_leaves_out_who_has_expired_by_now() -> None:
    """A broker that was down for a week starts with a short list."""
    states = having(a_header(0, 0, producer_id=1, timestamp_ms=0), a_header(1, 0, producer_id=2))
    back = ProducerStates()
    back.load(states.take_snapshot(), now_ms=DAY_MS)
    assert [2] == [entry.producer_id for entry in back.snapshot().producers]


def test_a_table_that_once_was_large_still_orders_the_snapshot() -> None:
    """Java's map never shrinks: 16 stands before 1 in 16 buckets, behind it in 32."""
    small, large = having(), having(*(a_header(n, 0, producer_id=100 + n) for n in range(13)))
    large.expire(now_ms=10 * DAY_MS)
    for states in (small, large):
        states.update(a_header(20, 0, producer_id=16))
        states.update(a_header(21, 0, producer_id=1))
    first_ids = [int.from_bytes(states.take_snapshot()[10:18]) for states in (small, large)]
    assert [16, 1] == first_ids


batches = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 4), st.booleans()), min_size=1, max_size=25
)


@given(sent=batches)
def test_whatever_is_sent_again_is_recognised_or_refused_never_appended(
    sent: list[tuple[int, int, bool]],
) -> None:
    """Exactly once per producer: every batch is retried at once and later, none gets in twice."""
    states, next_sequence, offset = ProducerStates(), dict.fromkeys(range(4), 0), 0
    appended: list[BatchHeader] = []
    for producer_id, records, retry_oldest in sent:
        header = a_header(
            offset, next_sequence[producer_id], records=records, producer_id=producer_id
        )
        assert None is states.validate(header)
        states.update(header)
        appended.append(header)
        next_sequence[producer_id] += records
        offset += records
        _assert_not_appended_again(states, header)
        if retry_oldest:
            _assert_not_appended_again(states, appended[0])
    states.check()


def _assert_not_appended_again(states: ProducerStates, header: BatchHeader) -> None:
    try:
        answer = states.validate(header)
    except KafkaError as error:
        assert error.error is Errors.OUT_OF_ORDER_SEQUENCE_NUMBER
        return
    assert Duplicate(header.base_offset, header.last_offset, 1_000) == answer


def test_a_restart_begins_with_a_small_table_again() -> None:
    """What orders a snapshot after a reload is who is left, not how many there once were."""
    states = having(
        *(a_header(n, 0, producer_id=100 + n, timestamp_ms=0) for n in range(13)),
        a_header(13, 0, producer_id=1, timestamp_ms=DAY_MS),
        a_header(14, 0, producer_id=16, timestamp_ms=DAY_MS),
    )
    states.reload(now_ms=DAY_MS)
    entries = read_snapshot(states.take_snapshot())
    assert [16, 1] == [entry.producer_id for entry in entries]
    states.check()
