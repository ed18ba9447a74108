"""A follower's term over a real log: where it cuts, what it copies, and when it waits."""

import pytest

from kafkabook.protocol.records_api import (
    EpochEndOffset,
    EpochLookup,
    FetchedPartition,
    FetchPartition,
)
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.facts import Reconcile
from kafkabook.replication.following import Following, Phase
from kafkabook.replication.rules import ReplicationRules
from tests.replication.replicas import SomeReplicas


def a_follower(
    *values: str, high_watermark: int = 0, reconcile: Reconcile = Reconcile.FETCH
) -> tuple[SomeReplicas, Following]:
    """Replica 2, which wrote these values in epoch 0 and follows broker 1 in epoch 1."""
    some = SomeReplicas(ReplicationRules(reconcile=reconcile))
    some.elect(2)
    some.append(2, *values)
    if high_watermark:
        some.replicas[2].stored.move_high_watermark(high_watermark, leader_epoch=0)
    some.elect(1)
    following = some.replicas[2].following
    assert following is not None
    return some, following


def batch_at(offset: int, epoch: int, value: str) -> RecordBatch:
    """What a leader of that epoch would send."""
    record = Record(value=value.encode(), timestamp_ms=1)
    return RecordBatch.of([record]).stamped(base_offset=offset, partition_leader_epoch=epoch)


ASKED = FetchPartition("orders-0", 2, 1, 0)


def test_it_asks_from_its_log_end_and_says_how_its_log_ends() -> None:
    """With its term, so that a leader of another one can refuse."""
    _, following = a_follower("a", "b")
    assert ASKED == following.wants(0)


@pytest.mark.parametrize(("diverging", "left"), [((0, 1), ["a"]), ((0, 0), []), ((-1, -1), ["a"])])
def test_it_cuts_where_the_leader_says_that_the_logs_part(
    diverging: tuple[int, int], left: list[str]
) -> None:
    """A leader that knows no such epoch leaves it what it knows to be committed."""
    some, following = a_follower("a", "b", high_watermark=1)
    answer = FetchedPartition("orders-0", diverging=diverging)
    assert not following.take(answer, ASKED, retry_ms=10)
    assert left == some.values(2)


def test_it_never_lets_its_mark_pass_its_log() -> None:
    """The leader's high watermark may be far ahead of what has been copied."""
    some, following = a_follower("a", "b")
    following.take(FetchedPartition("orders-0", high_watermark=9), ASKED, retry_ms=10)
    assert 2 == some.marks()[1]


def test_its_mark_does_not_go_back() -> None:
    """A new leader learns it later than its followers knew it."""
    some, following = a_follower("a", "b", high_watermark=2)
    following.take(FetchedPartition("orders-0", high_watermark=1), ASKED, retry_ms=10)
    assert 2 == some.marks()[1]


@pytest.mark.parametrize(
    "asked", [FetchPartition("orders-0", 1, 1, 0), FetchPartition("orders-0", 2, 0, 0)]
)
def test_an_answer_to_what_is_no_longer_the_question_is_dropped(asked: FetchPartition) -> None:
    """Its log end or its term has changed since."""
    some, following = a_follower("a", "b")
    parts = FetchedPartition("orders-0", diverging=(0, 0))
    assert not following.take(parts, asked, retry_ms=10)
    assert ["a", "b"] == some.values(2)


@pytest.mark.parametrize(
    ("log_start", "log_end", "wants_from", "left"),
    [
        (0, 1, 1, ["a"]),  # the leader's log ends before this one: an unclean election
        (5, 9, 5, []),  # the leader has deleted what this one would need
        (0, 9, 2, ["a", "b"]),  # it is in range by now
    ],
)
def test_out_of_range_it_goes_where_the_leaders_log_is(
    log_start: int, log_end: int, wants_from: int, left: list[str]
) -> None:
    """And throws away no more than it must."""
    some, following = a_follower("a", "b")
    answer = FetchedPartition(
        "orders-0", "OFFSET_OUT_OF_RANGE", 0, log_start=log_start, log_end=log_end
    )
    following.take(answer, ASKED, retry_ms=10)
    wish = following.wants(0)
    assert isinstance(wish, FetchPartition)
    assert (wants_from, left) == (wish.fetch_offset, some.values(2))


@pytest.mark.parametrize("error", ["UNKNOWN_LEADER_EPOCH", "NOT_LEADER_OR_FOLLOWER"])
def test_most_errors_pass_and_it_asks_again_later(error: str) -> None:
    """The leader may not have heard of its election yet."""
    _, following = a_follower("a", "b")
    following.take(FetchedPartition("orders-0", error), ASKED, retry_ms=10)
    assert (None, ASKED) == (following.wants(9), following.wants(10))


def test_fenced_it_waits_for_the_controller() -> None:
    """Its term is over, and asking would not change that; the next term begins anew."""
    some, following = a_follower("a", "b")
    following.take(FetchedPartition("orders-0", "FENCED_LEADER_EPOCH"), ASKED, retry_ms=10)
    assert (Phase.WAIT, None) == (following.phase, following.wants(99))
    some.elect(1)
    assert FetchPartition("orders-0", 2, 2, 0) == some.wish(2)


def test_records_that_leave_a_gap_stop_it() -> None:
    """Kafka marks such a partition as failed: better no copy than a wrong one."""
    some, following = a_follower("a", "b")
    answer = FetchedPartition("orders-0", batches=(batch_at(3, 1, "d"),))
    following.take(answer, ASKED, retry_ms=10)
    assert (Phase.WAIT, ["a", "b"]) == (following.phase, some.values(2))


def test_before_kip_101_it_cuts_to_its_own_mark_and_asks_nobody() -> None:
    """What the leader would have kept is lost here, too."""
    some, following = a_follower("a", "b", high_watermark=1, reconcile=Reconcile.HIGH_WATERMARK)
    assert ["a"] == some.values(2)
    assert FetchPartition("orders-0", 1, 1, -1) == following.wants(0)


def test_before_2_7_it_cuts_where_its_last_epoch_ended_and_then_fetches() -> None:
    """KIP-101, with a request of its own."""
    some, following = a_follower("a", "b", reconcile=Reconcile.ASK)
    lookup = EpochLookup("orders-0", 1, 0)
    assert lookup == following.wants(0)
    following.take_lookup(EpochEndOffset("orders-0", "", 0, 1), lookup, retry_ms=10)
    assert (["a"], FetchPartition("orders-0", 1, 1)) == (some.values(2), following.wants(0))


def test_an_epoch_it_does_not_hold_makes_it_ask_again() -> None:
    """KIP-279: the two walk back together until they find an epoch that both have."""
    some, _ = a_follower("a", reconcile=Reconcile.ASK)
    some.elect(2)
    some.append(2, "b")
    some.elect(1)
    following = some.replicas[2].following
    assert following is not None
    lookup = EpochLookup("orders-0", 3, 2)
    assert lookup == following.wants(0)
    following.take_lookup(EpochEndOffset("orders-0", "", 1, 3), lookup, retry_ms=10)
    assert (["a"], EpochLookup("orders-0", 3, 0)) == (some.values(2), following.wants(0))


def test_a_lookup_of_an_earlier_term_is_dropped_and_an_error_waits() -> None:
    """Nothing is cut by an answer that says nothing."""
    some, following = a_follower("a", reconcile=Reconcile.ASK)
    end = EpochEndOffset("orders-0", "", 0, 0)
    following.take_lookup(end, EpochLookup("orders-0", 0, 0), retry_ms=10)
    error = EpochEndOffset("orders-0", "NOT_LEADER_OR_FOLLOWER")
    following.take_lookup(error, EpochLookup("orders-0", 1, 0), retry_ms=10)
    assert (Phase.ASK, ["a"], None) == (following.phase, some.values(2), following.wants(9))


def test_without_a_leader_there_is_nobody_to_ask() -> None:
    """The partition is offline."""
    some, _ = a_follower("a")
    some.elect(None)  # type: ignore[arg-type]
    assert None is some.wish(2)
