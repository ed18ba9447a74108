"""A fetcher asks one leader one thing at a time, and goes on only when it is answered."""

from dataclasses import replace

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


# --- fetch sessions -------------------------------------------------------------------------------

OTHER = FetchPartition(BILLS, 0, 0, -1, NEXT_ID, 0)


def tells(*answers: FetchedPartition, session_id: int = 5) -> FetchResponse:
    """An answer in a session."""
    return FetchResponse(answers, session_id=session_id)


def in_session() -> SomeBroker:
    """Broker 1 copies orders-0 and bills-0 in session 5, whose fetch 1 is on its way."""
    some = SomeBroker()
    some.learn(*orders(FOLLOWED), *bills(FOLLOWED))
    some.answer(tells(FetchedPartition(ORDERS), FetchedPartition(BILLS)), channel=FETCHER)
    return some


def next_fetch(some: SomeBroker) -> tuple[tuple[int, int], tuple[FetchPartition, ...], object]:
    """The fetch that was sent last: its session, what it names, what it forgets."""
    ((_, request),) = some.sent(FETCHER)
    return (request.session_id, request.session_epoch), request.partitions, request.forgotten


def test_in_a_session_it_names_what_it_wants_otherwise() -> None:
    """After records that is the new end of the log."""
    some = in_session()
    assert ((5, 1), (), ()) == next_fetch(some)
    news = FetchedPartition(ORDERS, Errors.NONE, 0, 0, records("a", epoch=0))
    some.answer(tells(news), channel=FETCHER)
    assert ((5, 2), (FetchPartition(ORDERS, 1, 0, 0, ID, 0),), ()) == next_fetch(some)
    some.answer(tells(), channel=FETCHER)
    assert ((5, 3), (), ()) == next_fetch(some)


def test_another_leader_epoch_is_named_to_the_same_leader() -> None:
    """Nothing of the log has changed."""
    some = in_session()
    some.learn(PartitionChangeRecord(ORDERS, replace(FOLLOWED, leader_epoch=1, partition_epoch=1)))
    some.answer(tells(), channel=FETCHER)
    assert ((5, 2), (FetchPartition(ORDERS, 0, 1, -1, ID, 0),), ()) == next_fetch(some)


def test_a_log_start_that_moved_by_itself_is_named() -> None:
    """The leader answers DeleteRecords with it."""
    some = in_session()
    news = FetchedPartition(ORDERS, Errors.NONE, 1, 0, records("a", epoch=0))
    some.answer(tells(news), channel=FETCHER)
    some.answer(tells(FetchedPartition(ORDERS, Errors.NONE, 1, 0)), channel=FETCHER)
    log = some.partition().replica_log
    some.perform(lambda context: log.delete_records(1, context, reason="retention"))
    some.answer(tells(), channel=FETCHER)
    assert (FetchPartition(ORDERS, 1, 0, 0, ID, 1),) == next_fetch(some)[1]


def test_what_waits_after_an_error_is_forgotten_and_named_again_after_it() -> None:
    """As Kafka's fetcher leaves a delayed partition out of a fetch."""
    some = in_session()
    failed = FetchedPartition(ORDERS, Errors.UNKNOWN_LEADER_EPOCH)
    some.answer(tells(failed), channel=FETCHER)
    assert ((5, 2), (), ((ORDERS, ID),)) == next_fetch(some)
    some.now_ms = 1_000
    some.answer(tells(), channel=FETCHER)
    assert ((5, 3), (FetchPartition(ORDERS, 0, 0, -1, ID, 0),), ()) == next_fetch(some)


def test_where_all_wait_the_leader_is_told_to_forget_them() -> None:
    """It closes the session; then nothing is left to ask for a while."""
    some = in_session()
    error = Errors.UNKNOWN_LEADER_EPOCH
    failed = FetchedPartition(ORDERS, error), FetchedPartition(BILLS, error)
    some.answer(tells(*failed), channel=FETCHER)
    assert ((5, 2), (), ((ORDERS, ID), (BILLS, NEXT_ID))) == next_fetch(some)
    some.answer(tells(session_id=0), channel=FETCHER)
    assert ([], [(("fetch", 2), 1_000)]) == (some.sent(FETCHER), some.armed())


@pytest.mark.parametrize(
    ("error", "session"),
    [
        (Errors.FETCH_SESSION_ID_NOT_FOUND, (0, 0)),
        (Errors.INVALID_FETCH_SESSION_EPOCH, (5, 0)),
    ],
)
def test_a_session_that_is_refused_is_begun_again_at_once(
    error: Errors, session: tuple[int, int]
) -> None:
    """With a full fetch, which closes what is left of it."""
    some = in_session()
    some.answer(FetchResponse((), error), channel=FETCHER)
    named = FetchPartition(ORDERS, 0, 0, -1, ID, 0), OTHER
    assert (session, named, ()) == next_fetch(some)


def test_after_a_lost_answer_the_next_fetch_is_full_and_closes_the_session() -> None:
    """Nobody knows whether the leader has counted the last one."""
    some = in_session()
    some.break_off(2, FETCHER)
    some.now_ms = 1_000
    some.wake("fetch", 2)
    named = FetchPartition(ORDERS, 0, 0, -1, ID, 0), OTHER
    assert ((5, 0), named, ()) == next_fetch(some)


def test_a_session_ends_when_nothing_is_left_to_copy() -> None:
    """Kafka ends the idle fetcher thread; whoever is followed next begins another."""
    some = in_session()
    some.learn(RemoveTopicRecord("orders"), RemoveTopicRecord("bills"))
    some.answer(tells(), channel=FETCHER)
    assert [] == some.sent(FETCHER)
    some.learn(*orders(FOLLOWED, NEXT_ID))
    assert ((0, 0), (FetchPartition(ORDERS, 0, 0, -1, NEXT_ID, 0),), ()) == next_fetch(some)
