"""A fetcher asks one leader one thing at a time, and goes on only when it is answered."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.machine import NoAnswer
from kafkabook.cluster.metadata import PartitionChangeRecord, RemoveTopicRecord
from kafkabook.protocol.admin_api import (
    EARLIEST,
    LATEST,
    ListedOffset,
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
)
from kafkabook.protocol.records_api import (
    INITIAL_EPOCH,
    EpochEndOffset,
    EpochLookup,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    OffsetsForLeaderEpochRequest,
    OffsetsForLeaderEpochResponse,
)
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.facts import PartitionState, Reconcile
from kafkabook.replication.rules import ReplicationRules
from tests.cluster.brokers import (
    BILLS,
    FOLLOWED,
    ID,
    NEXT_ID,
    ORDERS,
    SomeBroker,
    batch,
    bills,
    orders,
)

FETCHER = "replica fetcher"
THREE = (1, 2, 3)


def led_by(leader: int | None, epoch: int) -> PartitionState:
    """The state of orders-0 on three brokers under a leader."""
    return PartitionState(THREE, frozenset(THREE), leader, epoch, epoch)


def change(leader: int | None, epoch: int) -> PartitionChangeRecord:
    """The record with which a leader epoch begins."""
    return PartitionChangeRecord(ORDERS, led_by(leader, epoch))


def following(**rules: object) -> SomeBroker:
    """Broker 1 holds "old" of epoch 0, and follows broker 2 in epoch 1."""
    some = SomeBroker(rules=ReplicationRules(**rules))  # type: ignore[arg-type]
    some.learn(*orders(led_by(1, 0)))
    some.append("old")
    some.learn(change(2, 1))
    return some


def asks(*wanted: FetchPartition) -> FetchRequest:
    """A fetch of broker 1 under broker epoch 7, that wants a session and has none."""
    return FetchRequest(
        1, 7, wanted, max_wait_ms=500, max_bytes=1_048_576, session_epoch=INITIAL_EPOCH
    )


def records(*values: str, base_offset: int = 0, epoch: int = 1) -> tuple[RecordBatch, ...]:
    """A batch as a leader's log holds it."""
    stamped = batch(*values).stamped(base_offset=base_offset, partition_leader_epoch=epoch)
    return (stamped,)


WANTED = FetchPartition(ORDERS, 1, 1, 0, ID, 0)


def test_it_asks_for_everything_that_follows_its_leader() -> None:
    """With its present broker epoch, so that the leader may tell the controller (KIP-903)."""
    some = following()
    assert [(2, asks(WANTED))] == some.sent(FETCHER)
    some.learn(*bills(FOLLOWED))
    assert [] == some.sent(FETCHER)
    some.answer(FetchResponse((FetchedPartition(ORDERS),)), channel=FETCHER)
    assert [(2, asks(WANTED, FetchPartition(BILLS, 0, 0, -1, NEXT_ID, 0)))] == some.sent(FETCHER)


def test_each_leader_is_asked_by_itself() -> None:
    """One that does not answer holds up nobody else."""
    some = following()
    some.learn(*bills(PartitionState((3, 1), frozenset({3, 1}), 3)))
    assert [(3, asks(FetchPartition(BILLS, 0, 0, -1, NEXT_ID, 0)))] == some.sent(FETCHER)


def test_records_are_appended_and_the_next_question_is_asked_at_once() -> None:
    """It asks from the new end on."""
    some = following()
    parts = FetchedPartition(ORDERS, diverging=(0, 0))
    some.answer(FetchResponse((parts,)), channel=FETCHER)
    assert [] == some.values()
    some.now_ms = 3
    news = FetchedPartition(ORDERS, Errors.NONE, 1, 0, records("a", "b"))
    some.answer(FetchResponse((news,)), channel=FETCHER)
    assert (["a", "b"], 1) == (some.values(), some.partition().replica_log.log.high_watermark)
    assert [(2, asks(FetchPartition(ORDERS, 2, 1, 1, ID, 0)))] == some.sent(FETCHER)


def test_an_answer_of_a_leader_that_was_left_is_dropped() -> None:
    """Its next leader may hold other records at these offsets."""
    some = following()
    some.learn(change(3, 2))
    assert [3] == [to for to, _ in some.sent(FETCHER)]
    parts = FetchedPartition(ORDERS, diverging=(0, 0))
    some.answer(FetchResponse((parts,)), to=2, channel=FETCHER)
    assert (["old"], []) == (some.values(), some.sent(FETCHER))


def test_an_answer_from_an_earlier_epoch_of_the_same_leader_is_dropped() -> None:
    """The question has changed since; it is asked anew."""
    some = following()
    some.learn(change(2, 2))
    parts = FetchedPartition(ORDERS, diverging=(0, 0))
    some.answer(FetchResponse((parts,)), channel=FETCHER)
    assert ["old"] == some.values()
    assert [(2, asks(FetchPartition(ORDERS, 1, 2, 0, ID, 0)))] == some.sent(FETCHER)


def test_a_deleted_partition_takes_no_answer() -> None:
    """It went while the request was on its way, and nothing is left to ask."""
    some = following()
    some.learn(RemoveTopicRecord("orders"))
    some.answer(FetchResponse((FetchedPartition(ORDERS),)), channel=FETCHER)
    assert ([], []) == (some.sent(FETCHER), some.armed())


@pytest.mark.parametrize("why", list(NoAnswer))
def test_a_leader_that_does_not_answer_is_asked_again_after_a_while(why: NoAnswer) -> None:
    """`replica.fetch.backoff.ms`: a dead one is not asked in a tight loop."""
    some = following()
    some.now_ms = 10
    if why is NoAnswer.TIMED_OUT:
        some.late(FETCHER)
    else:
        some.break_off(2, FETCHER, was_refused=why is NoAnswer.REFUSED)
    assert ([], [(("fetch", 2), 1_000)]) == (some.sent(FETCHER), some.armed())
    some.now_ms = 1_009
    some.learn(*bills(FOLLOWED))
    assert [] == some.sent(FETCHER)
    some.now_ms = 1_010
    some.wake("fetch", 2)
    assert [2] == [to for to, _ in some.sent(FETCHER)]


def test_who_is_followed_again_during_the_pause_is_asked_after_it() -> None:
    """It was not followed when its connection broke; no other news may come for a long time."""
    some = following()
    some.learn(change(1, 2))
    some.break_off(2, FETCHER)
    assert [(("fetch", 2), 1_000)] == some.armed()
    some.now_ms = 500
    some.learn(change(2, 3))
    assert [] == some.sent(FETCHER)
    some.now_ms = 1_000
    some.wake("fetch", 2)
    assert [2] == [to for to, _ in some.sent(FETCHER)]


def test_an_error_lets_one_partition_wait_and_not_the_others() -> None:
    """Until its own time."""
    some = following()
    some.learn(*bills(FOLLOWED))
    failed = FetchedPartition(ORDERS, Errors.UNKNOWN_LEADER_EPOCH)
    some.answer(FetchResponse((failed,)), channel=FETCHER)
    other = FetchPartition(BILLS, 0, 0, -1, NEXT_ID, 0)
    assert [(2, asks(other))] == some.sent(FETCHER)
    some.now_ms = 1_000
    some.answer(FetchResponse((FetchedPartition(BILLS),)), channel=FETCHER)
    ((_, request),) = some.sent(FETCHER)
    assert {WANTED, other} == set(request.partitions)


def test_where_every_partition_failed_it_waits_before_it_asks_again() -> None:
    """There is nothing else to ask."""
    some = following()
    failed = FetchedPartition(ORDERS, Errors.UNKNOWN_LEADER_EPOCH)
    some.answer(FetchResponse((failed,)), channel=FETCHER)
    assert ([], [(("fetch", 2), 1_000)]) == (some.sent(FETCHER), some.armed())
    some.now_ms = 1_000
    some.wake("fetch", 2)
    assert [(2, asks(WANTED))] == some.sent(FETCHER)


def test_before_2_7_it_asks_where_its_epoch_ended_and_then_fetches() -> None:
    """KIP-101: cut first, with a request of its own."""
    some = following(reconcile=Reconcile.ASK)
    lookup = OffsetsForLeaderEpochRequest(1, (EpochLookup(ORDERS, 1, 0),))
    assert [(2, lookup)] == some.sent(FETCHER)
    answer = OffsetsForLeaderEpochResponse((EpochEndOffset(ORDERS, Errors.NONE, 0, 0),))
    some.answer(answer, channel=FETCHER)
    assert [] == some.values()
    assert [(2, asks(FetchPartition(ORDERS, 0, 1, -1, ID, 0)))] == some.sent(FETCHER)


def test_out_of_range_it_lists_offsets_before_it_fetches_anything_else() -> None:
    """Kafka's thread waits for both answers; then all partitions are fetched again."""
    some = following()
    some.learn(*bills(FOLLOWED))
    out = FetchedPartition(ORDERS, Errors.OFFSET_OUT_OF_RANGE)
    some.answer(FetchResponse((out,)), channel=FETCHER)
    for timestamp_ms, offset in ((LATEST, 9), (EARLIEST, 5)):
        asked = ListOffsetsRequest((ListOffsetsPartition(ORDERS, timestamp_ms, 1),), 1)
        assert [(2, asked)] == some.sent(FETCHER)
        some.answer(ListOffsetsResponse((ListedOffset(ORDERS, offset),)), channel=FETCHER)
    wanted = FetchPartition(ORDERS, 5, 1, -1, ID, 5), FetchPartition(BILLS, 0, 0, -1, NEXT_ID, 0)
    ((_, request),) = some.sent(FETCHER)
    assert set(wanted) == set(request.partitions)


def test_an_offset_that_cannot_be_listed_lets_its_partition_wait() -> None:
    """Until `replica.fetch.backoff.ms` is over; then it is fetched again."""
    some = following()
    out = FetchedPartition(ORDERS, Errors.OFFSET_OUT_OF_RANGE)
    some.answer(FetchResponse((out,)), channel=FETCHER)
    failed = ListedOffset(ORDERS, error=Errors.NOT_LEADER_OR_FOLLOWER)
    some.answer(ListOffsetsResponse((failed,)), channel=FETCHER)
    assert ([], [(("fetch", 2), 1_000)]) == (some.sent(FETCHER), some.armed())
    some.now_ms = 1_000
    some.wake("fetch", 2)
    assert [(2, asks(WANTED))] == some.sent(FETCHER)
