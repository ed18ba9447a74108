"""A copy of a partition tells a trace of all that happens to it, and of nothing else."""

import pytest

from kafkabook.base.errors import UnexpectedAppendOffset
from kafkabook.base.trace import Event, Trace
from kafkabook.log.partition_log import PartitionLog
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.events import (
    BatchStored,
    BatchTold,
    HighWatermarkMoved,
    ReplicaFlushed,
    ReplicaOpened,
    ReplicaTruncated,
)
from kafkabook.replication.facts import FollowerLog
from kafkabook.replication.stored import StoredReplica, batches_of, told

BATCH = RecordBatch.of([Record(value=b"a", timestamp_ms=1), Record(value=b"b", timestamp_ms=1)])
CRC = BATCH.header.crc


def a_copy(batches: int = 0) -> StoredReplica:
    """Broker 2's copy of orders-0, with batches of two records of epoch 3; its trace is empty."""
    stored = StoredReplica(2, PartitionLog("orders-0"), trace=Trace(), now_ms=5)
    for _ in range(batches):
        stored.append(BATCH, leader_epoch=3)
    stored.trace = Trace()
    return stored


def events(stored: StoredReplica) -> list[Event]:
    """What was told."""
    return [entry.event for entry in stored.trace]


def test_an_opened_log_tells_all_that_it_holds() -> None:
    """A checker must know what survived a crash."""
    log = a_copy(2).log
    again, trace = PartitionLog("orders-0", log.disk), Trace()
    StoredReplica(2, again, trace=trace, now_ms=9)
    batches = (BatchTold(0, 1, 3, CRC), BatchTold(2, 3, 3, CRC))
    assert ReplicaOpened("orders-0", 2, 0, 4, 0, batches) == trace[0].event
    assert 9 == trace[0].at_ms


def test_a_leaders_append_is_told_with_its_epoch_and_checksum() -> None:
    """At the time that the replica was given."""
    stored = a_copy()
    stored.now_ms = 7
    appended = stored.append(BATCH, leader_epoch=3)
    assert (0, 2) == (appended.base_offset, appended.log_end)
    assert [BatchStored("orders-0", 2, 0, 1, 3, CRC, 3, True)] == events(stored)
    assert 7 == stored.trace[0].at_ms


def test_a_follower_appends_the_same_bytes_under_the_epoch_of_their_batch() -> None:
    """What was written in epoch 3 is told as such in the term of epoch 4."""
    leader, follower = a_copy(2), a_copy()
    follower.append_fetched(batches_of(leader.log), leader_epoch=4)
    assert list(batches_of(leader.log)) == list(batches_of(follower.log))
    stored = [BatchStored("orders-0", 2, at, at + 1, 3, CRC, 4, False) for at in (0, 2)]
    assert stored == events(follower)


def test_a_gap_is_refused_and_what_came_before_it_stays() -> None:
    """A follower's log has no holes."""
    leader, follower = a_copy(3), a_copy()
    first, _, third = batches_of(leader.log)
    with pytest.raises(UnexpectedAppendOffset):
        follower.append_fetched((first, third), leader_epoch=4)
    assert (2, 1) == (follower.log.log_end, len(follower.trace))


def test_a_cut_is_told_with_what_was_known_to_be_committed() -> None:
    """And a cut that cuts nothing is not told."""
    stored = a_copy(2)
    stored.move_high_watermark(3, leader_epoch=3)
    stored.truncate_to(4, leader_epoch=4, reason="nothing")
    stored.truncate_to(2, leader_epoch=4, reason="they part")
    cut = ReplicaTruncated("orders-0", 2, 4, 2, 4, 3, "they part")
    assert [cut] == [e for e in events(stored) if isinstance(e, ReplicaTruncated)]
    assert 2 == stored.log.high_watermark


def test_starting_anew_drops_everything() -> None:
    """The leader has deleted what came before."""
    stored = a_copy(2)
    stored.start_anew(9, leader_epoch=4)
    reason = "the leader's log starts later"
    assert [ReplicaTruncated("orders-0", 2, 4, 9, 4, 0, reason)] == events(stored)
    assert (9, 9) == (stored.log.log_start, stored.log.log_end)


def test_a_mark_moves_forward_only_and_says_for_whom_it_waited() -> None:
    """A follower's says nothing of the in-sync set, which it does not know."""
    stored = a_copy(2)
    both = frozenset({1, 2})
    held_back_by = frozenset({1})
    moved = [
        stored.move_high_watermark(
            2, leader_epoch=3, isr=both, counted=both, held_back_by=held_back_by
        ),
        stored.move_high_watermark(2, leader_epoch=3),
        stored.move_high_watermark(1, leader_epoch=3),
        stored.move_high_watermark(3, leader_epoch=3),
    ]
    assert [True, False, False, True] == moved
    told_of = ("orders-0", 2)
    expected = [
        HighWatermarkMoved(
            *told_of, 0, 2, 4, 3, is_leader=True, isr=both, counted=both, held_back_by=held_back_by
        ),
        HighWatermarkMoved(*told_of, 2, 3, 4, 3, is_leader=False, isr=frozenset()),
    ]
    assert expected == events(stored)


def test_a_flush_is_told_once() -> None:
    """What a power cut can no longer take."""
    stored = a_copy(2)
    stored.flushed()
    assert [] == events(stored)
    stored.log.flush()
    stored.flushed(), stored.flushed()
    assert [ReplicaFlushed("orders-0", 2, 4)] == events(stored)


def test_a_rule_sees_how_a_log_ends() -> None:
    """Its epochs, its end, and its mark."""
    stored = a_copy(1)
    view = stored.view()
    assert FollowerLog(stored.log.epochs.entries, 2, 0) == view
    assert 3 == view.latest_epoch


def test_a_batch_is_named_by_offsets_epoch_and_checksum() -> None:
    """Two batches of the same name hold the same bytes."""
    (batch,) = batches_of(a_copy(1).log)
    assert BatchTold(0, 1, 3, CRC) == told(batch)
