"""A copy of a partition tells all that happens to it, and nothing else."""

import pytest

from kafkabook.base.errors import Errors, UnexpectedAppendOffset
from kafkabook.base.machine import Context
from kafkabook.base.trace import Event, Trace
from kafkabook.log.partition_log import PartitionLog
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.events import (
    BatchStored,
    BatchTold,
    HighWatermarkFell,
    HighWatermarkMoved,
    ReplicaFlushed,
    ReplicaOpened,
    ReplicaTruncated,
)
from kafkabook.replication.facts import FollowerLog
from kafkabook.replication.replica_log import ReplicaLog, batches_of, told_of
from tests.refusals import refused

RECORDS = (Record(value=b"a", timestamp_ms=1), Record(value=b"b", timestamp_ms=1))
BATCH = RecordBatch.of(RECORDS)
CRC = BATCH.header.crc


class Listening(Context):
    """The handling of an event, and all that was told in it."""

    def __init__(self, now_ms: int = 5) -> None:
        self.trace = Trace()
        super().__init__(now_ms, self.trace)

    def events(self) -> list[Event]:
        """What was told."""
        return [entry.event for entry in self.trace]

    def changed_names(self) -> list[object]:
        """Whoever waits for one of these looks again."""
        return list(self.changed_keys)


def a_copy(batches: int = 0) -> ReplicaLog:
    """Broker 2's copy of orders-0, with batches of two records of epoch 3."""
    stored = ReplicaLog(2, PartitionLog("orders-0"), Listening())
    for _ in range(batches):
        stored.append(BATCH, Listening(), leader_epoch=3)
    return stored


def test_an_opened_log_tells_all_that_it_holds() -> None:
    """A checker must know what survived a crash."""
    log, context = a_copy(2).log, Listening(9)
    again = ReplicaLog(2, PartitionLog("orders-0", log.disk), context)
    batches = (BatchTold(0, 1, 3, CRC), BatchTold(2, 3, 3, CRC))
    assert [ReplicaOpened("orders-0", 2, 0, 4, 0, batches)] == context.events()
    assert 9 == context.trace[0].at_ms
    assert ("orders-0", "orders", 0) == (
        again.partition,
        again.partition.topic,
        again.partition.partition,
    )


def test_a_leaders_append_is_told_with_its_epoch_and_checksum() -> None:
    """At the time of its event; fetches that wait for the log end look again."""
    stored, context = a_copy(), Listening(7)
    appended = stored.append(BATCH, context, leader_epoch=3)
    assert (0, 2) == (appended.base_offset, appended.log_end)
    assert [BatchStored("orders-0", 2, 0, 1, 3, CRC, 3, True)] == context.events()
    assert 7 == context.trace[0].at_ms
    assert ["orders-0"] == context.changed_names()


def test_a_batch_that_is_there_already_is_told_to_nobody() -> None:
    """A producer sent it twice: the log is what it was."""
    stored, context = a_copy(), Listening()
    batch = RecordBatch.of(RECORDS, producer_id=7, producer_epoch=0, base_sequence=0)
    stored.append(batch, Listening(), leader_epoch=3)
    appended = stored.append(batch, context, leader_epoch=3)
    assert (0, [], []) == (appended.base_offset, context.events(), context.changed_names())


def test_a_batch_that_the_log_refuses_is_told_to_nobody() -> None:
    """Nothing was appended."""
    stored, context = a_copy(), Listening()
    batch = RecordBatch.of(RECORDS, producer_id=7, producer_epoch=1, base_sequence=0)
    stored.append(batch, Listening(), leader_epoch=3)
    older = RecordBatch.of(RECORDS, producer_id=7, producer_epoch=0, base_sequence=2)
    with refused(Errors.INVALID_PRODUCER_EPOCH):
        stored.append(older, context, leader_epoch=3)
    assert ([], []) == (context.events(), context.changed_names())


def test_a_follower_appends_the_same_bytes_under_the_epoch_of_their_batch() -> None:
    """What was written in epoch 3 is told as such in leader epoch 4."""
    leader, follower, context = a_copy(2), a_copy(), Listening()
    follower.append_fetched(batches_of(leader.log), context, leader_epoch=4)
    assert list(batches_of(leader.log)) == list(batches_of(follower.log))
    stored = [BatchStored("orders-0", 2, at, at + 1, 3, CRC, 4, False) for at in (0, 2)]
    assert stored == context.events()
    assert ["orders-0"] == context.changed_names()


def test_an_answer_without_records_changes_nothing() -> None:
    """Most fetches bring none."""
    stored, context = a_copy(1), Listening()
    stored.append_fetched((), context, leader_epoch=4)
    assert ([], []) == (context.events(), context.changed_names())


def test_a_gap_is_no_reason_to_refuse_a_batch() -> None:
    """The leader's log may have been compacted."""
    leader, follower, context = a_copy(3), a_copy(), Listening()
    first, _, third = batches_of(leader.log)
    follower.append_fetched((first, third), context, leader_epoch=4)
    assert [first, third] == list(batches_of(follower.log))
    stored = [BatchStored("orders-0", 2, at, at + 1, 3, CRC, 4, False) for at in (0, 4)]
    assert (stored, 6) == (context.events(), follower.log.log_end)


def test_an_overlap_is_refused_and_nothing_of_the_answer_is_kept() -> None:
    """Also where only the last batch does not follow."""
    leader, follower, context = a_copy(3), a_copy(), Listening()
    first, second, _ = batches_of(leader.log)
    with pytest.raises(UnexpectedAppendOffset):
        follower.append_fetched((second, first), context, leader_epoch=4)
    assert ([], [], 0) == (context.events(), context.changed_names(), follower.log.log_end)


@pytest.mark.parametrize("start", [3, 5])
def test_an_empty_log_inside_what_was_fetched_begins_anew_at_its_base(start: int) -> None:
    """The leader's log starts inside a batch; Kafka counts up to the last batch of the answer."""
    leader, follower, context = a_copy(3), a_copy(), Listening()
    follower.log.truncate_fully_and_start_at(start)
    fetched = list(batches_of(leader.log))[1:]
    follower.append_fetched(fetched, context, leader_epoch=4)
    reason = "the leader's log starts inside a batch"
    assert [
        ReplicaTruncated("orders-0", 2, start, 2, 4, start, reason),
        HighWatermarkFell("orders-0", 2, start, 2, is_leader=False, reason=reason),
        *(BatchStored("orders-0", 2, at, at + 1, 3, CRC, 4, False) for at in (2, 4)),
    ] == context.events()
    assert (2, fetched) == (follower.log.log_start, list(batches_of(follower.log)))


def test_an_empty_log_behind_all_that_was_fetched_refuses_it() -> None:
    """There would be nothing at its end."""
    leader, follower = a_copy(3), a_copy()
    follower.log.truncate_fully_and_start_at(6)
    with pytest.raises(UnexpectedAppendOffset):
        follower.append_fetched(batches_of(leader.log), Listening(), leader_epoch=4)
    assert (6, 6) == (follower.log.log_start, follower.log.log_end)


def test_a_log_that_holds_something_does_not_begin_anew() -> None:
    """A batch that spans its end contradicts what it holds."""
    leader, follower = a_copy(1), a_copy()
    follower.append(RecordBatch.of(RECORDS[:1]), Listening(), leader_epoch=3)
    with pytest.raises(UnexpectedAppendOffset):
        follower.append_fetched(batches_of(leader.log), Listening(), leader_epoch=4)
    assert (0, 1) == (follower.log.log_start, follower.log.log_end)


def test_a_cut_is_told_with_what_was_known_to_be_committed() -> None:
    """And how far that fell; a cut that cuts nothing is not told."""
    stored, context = a_copy(2), Listening()
    stored.move_high_watermark(3, Listening(), leader_epoch=3)
    stored.truncate_to(4, context, leader_epoch=4, reason="nothing")
    assert [] == context.events()
    stored.truncate_to(2, context, leader_epoch=4, reason="they part")
    assert [
        ReplicaTruncated("orders-0", 2, 4, 2, 4, 3, "they part"),
        HighWatermarkFell("orders-0", 2, 3, 2, is_leader=False, reason="they part"),
    ] == context.events()
    assert 2 == stored.log.high_watermark


def test_starting_anew_drops_everything() -> None:
    """The leader has deleted what came before."""
    stored, context = a_copy(2), Listening()
    stored.start_anew(9, context, leader_epoch=4, reason="why")
    assert [ReplicaTruncated("orders-0", 2, 4, 9, 4, 0, "why")] == context.events()
    assert (9, 9) == (stored.log.log_start, stored.log.log_end)


def test_after_a_new_beginning_flushes_are_told_from_there() -> None:
    """What was on the platter before is gone from it."""
    stored, context = a_copy(2), Listening()
    stored.log.flush()
    stored.flushed(Listening())
    stored.start_anew(1, Listening(), leader_epoch=4, reason="why")
    batch = BATCH.stamped(base_offset=1, partition_leader_epoch=3)
    stored.append_fetched((batch,), Listening(), leader_epoch=4)
    stored.log.flush()
    stored.flushed(context)
    assert [ReplicaFlushed("orders-0", 2, 3)] == context.events()


def test_a_mark_moves_forward_only_and_says_for_whom_it_waited() -> None:
    """A follower's says nothing of the ISR, which it does not know."""
    stored, context = a_copy(2), Listening()
    both = frozenset({1, 2})
    held_back_by = frozenset({1})
    moved = [
        stored.move_high_watermark(
            2, context, leader_epoch=3, isr=both, counted=both, held_back_by=held_back_by
        ),
        stored.move_high_watermark(2, context, leader_epoch=3),
        stored.move_high_watermark(1, context, leader_epoch=3),
        stored.move_high_watermark(3, context, leader_epoch=3),
    ]
    assert [True, False, False, True] == moved
    told_of = ("orders-0", 2)
    expected = [
        HighWatermarkMoved(
            *told_of, 0, 2, 4, 3, is_leader=True, isr=both, counted=both, held_back_by=held_back_by
        ),
        HighWatermarkMoved(*told_of, 2, 3, 4, 3, is_leader=False, isr=frozenset()),
    ]
    assert expected == context.events()


@pytest.mark.parametrize(("offset", "expected"), [(3, ["orders-0"]), (2, []), (1, [])])
def test_only_a_mark_that_moved_is_a_change(offset: int, expected: list[str]) -> None:
    """Producers wait for it, and consumers for what lies below it."""
    stored, context = a_copy(2), Listening()
    stored.move_high_watermark(2, Listening(), leader_epoch=3)
    stored.move_high_watermark(offset, context, leader_epoch=3)
    assert expected == context.changed_names()


def test_a_mark_beyond_the_end_is_told_though_the_log_does_not_follow() -> None:
    """Only a wrong rule asks for it, and a checker must see that."""
    stored, context = a_copy(1), Listening()
    stored.move_high_watermark(2, Listening(), leader_epoch=3)
    assert not stored.move_high_watermark(3, context, leader_epoch=3)
    assert [HighWatermarkMoved("orders-0", 2, 2, 3, 2, 3, is_leader=False)] == context.events()
    assert ([], 2) == (context.changed_names(), stored.log.high_watermark)


def test_a_flush_is_told_once() -> None:
    """What a power cut can no longer take."""
    stored, context = a_copy(2), Listening()
    stored.flushed(context)
    assert [] == context.events()
    stored.log.flush()
    stored.flushed(context), stored.flushed(context)
    assert [ReplicaFlushed("orders-0", 2, 4)] == context.events()


def test_a_rule_sees_how_a_log_ends() -> None:
    """Its epochs, its end, and its mark."""
    stored = a_copy(1)
    view = stored.view()
    assert FollowerLog(stored.log.epochs.entries, 2, 0) == view
    assert 3 == view.latest_epoch


def test_a_batch_is_named_by_offsets_epoch_and_checksum() -> None:
    """Two batches of the same name hold the same bytes."""
    (batch,) = batches_of(a_copy(1).log)
    assert BatchTold(0, 1, 3, CRC) == told_of(batch)
