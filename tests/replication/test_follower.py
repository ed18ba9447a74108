"""A follower's leader epoch over a real log: where it cuts, what it copies, and when it waits."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.protocol.admin_api import EARLIEST, LATEST, ListedOffset, ListOffsetsPartition
from kafkabook.protocol.records_api import (
    EpochEndOffset,
    EpochLookup,
    FetchedPartition,
    FetchPartition,
)
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.events import ReplicaFailed
from kafkabook.replication.facts import Reconcile
from kafkabook.replication.follower import Follower, Phase
from kafkabook.replication.rules import ReplicationRules
from tests.replication.replicas import ORDERS, SomeReplicas, a_batch


def a_follower(
    *values: str, high_watermark: int = 0, reconcile: Reconcile = Reconcile.FETCH
) -> tuple[SomeReplicas, Follower]:
    """Replica 2, which wrote these values in epoch 0 and follows broker 1 in epoch 1."""
    some = SomeReplicas(ReplicationRules(reconcile=reconcile))
    some.elect(2)
    some.append(2, *values)
    if high_watermark:
        replica_log = some.replicas[2].replica_log
        replica_log.move_high_watermark(high_watermark, some.context(), leader_epoch=0)
    some.elect(1)
    return some, some.follower(2)


def batch_at(offset: int, epoch: int, value: str) -> RecordBatch:
    """What a leader of that epoch would send."""
    return a_batch(value).stamped(base_offset=offset, partition_leader_epoch=epoch)


ASKED = FetchPartition(ORDERS, 2, 1, 0, None, 0)


def take(
    some: SomeReplicas, answer: FetchedPartition, asked: FetchPartition = ASKED
) -> list[object]:
    """Let replica 2 take an answer; return what changed."""
    context = some.context()
    some.follower(2).take(answer, asked, context, retry_ms=10)
    return list(context.changed_keys)


def take_offset(
    some: SomeReplicas,
    timestamp_ms: int,
    offset: int = -1,
    *,
    error: Errors = Errors.NONE,
    leader_epoch: int = 1,
) -> None:
    """Let replica 2 take the answer to a question for an end of the leader's log."""
    asked = ListOffsetsPartition(ORDERS, timestamp_ms, leader_epoch)
    answer = ListedOffset(ORDERS, offset, error=error)
    some.follower(2).take_offset(answer, asked, some.context(), retry_ms=10)


def take_lookup(some: SomeReplicas, answer: EpochEndOffset, asked: EpochLookup) -> None:
    """Let replica 2 take the answer to a lookup."""
    some.follower(2).take_lookup(answer, asked, some.context(), retry_ms=10)


def test_it_asks_from_its_log_end_and_says_how_its_log_ends() -> None:
    """With its leader epoch, so that a leader of another one can refuse."""
    _, follower = a_follower("a", "b")
    assert ASKED == follower.wants(0)


@pytest.mark.parametrize(("diverging", "left"), [((0, 1), ["a"]), ((0, 0), []), ((-1, -1), ["a"])])
def test_it_cuts_where_the_leader_says_that_the_logs_part(
    diverging: tuple[int, int], left: list[str]
) -> None:
    """A leader that knows no such epoch leaves it what it knows to be committed."""
    some, _ = a_follower("a", "b", high_watermark=1)
    answer = FetchedPartition(ORDERS, diverging=diverging)
    assert [] == take(some, answer)
    assert left == some.values(2)


def test_it_never_lets_its_mark_pass_its_log() -> None:
    """The leader's high watermark may be far ahead of what has been copied."""
    some, _ = a_follower("a", "b")
    assert ["orders-0"] == take(some, FetchedPartition(ORDERS, high_watermark=9))
    assert 2 == some.marks()[1]


def test_its_mark_does_not_go_back() -> None:
    """A new leader learns it later than its followers knew it."""
    some, _ = a_follower("a", "b", high_watermark=2)
    assert [] == take(some, FetchedPartition(ORDERS, high_watermark=1))
    assert 2 == some.marks()[1]


def test_what_the_leader_sent_is_copied_and_told_as_a_change() -> None:
    """Whoever waits for records of this replica looks again; with no record, nobody does."""
    some, follower = a_follower("a", "b")
    answer = FetchedPartition(ORDERS, batches=(batch_at(2, 1, "c"), batch_at(3, 1, "d")))
    assert ["orders-0"] == take(some, answer)
    assert (["a", "b", "c", "d"], 0) == (some.values(2), some.marks()[1])
    asked = follower.wants(0)
    assert FetchPartition(ORDERS, 4, 1, 1, None, 0) == asked
    assert [] == take(some, FetchedPartition(ORDERS), asked)


@pytest.mark.parametrize(
    "asked", [FetchPartition(ORDERS, 1, 1, 0, None, 0), FetchPartition(ORDERS, 2, 0, 0, None, 0)]
)
def test_an_answer_to_what_is_no_longer_the_question_is_dropped(asked: FetchPartition) -> None:
    """Its log end or its leader epoch has changed since."""
    some, _ = a_follower("a", "b")
    parts = FetchedPartition(ORDERS, diverging=(0, 0))
    assert [] == take(some, parts, asked)
    assert ["a", "b"] == some.values(2)


OUT_OF_RANGE = FetchedPartition(ORDERS, Errors.OFFSET_OUT_OF_RANGE)


@pytest.mark.parametrize(
    ("log_start", "log_end", "wants_from", "left"),
    [
        (0, 1, 1, ["a"]),  # the leader's log ends before this one: an unclean election
        (5, 9, 5, []),  # the leader has deleted what this one would need
        (0, 9, 2, ["a", "b"]),  # it is in range by now
        (2, 2, 2, ["a", "b"]),  # and here it has all there is
    ],
)
def test_out_of_range_it_asks_for_both_ends_and_goes_where_the_leaders_log_is(
    log_start: int, log_end: int, wants_from: int, left: list[str]
) -> None:
    """And throws away no more than it must; it asks for the start only if it needs that."""
    some, follower = a_follower("a", "b")
    take(some, OUT_OF_RANGE)
    assert ListOffsetsPartition(ORDERS, LATEST, 1) == follower.wants(0)
    take_offset(some, LATEST, log_end)
    if log_end >= 2:
        assert ListOffsetsPartition(ORDERS, EARLIEST, 1) == follower.wants(0)
        take_offset(some, EARLIEST, log_start)
    wish = follower.wants(0)
    assert isinstance(wish, FetchPartition)
    assert (wants_from, left) == (wish.fetch_offset, some.values(2))


@pytest.mark.parametrize("timestamp_ms", [LATEST, EARLIEST])
def test_an_end_that_nobody_could_tell_is_asked_for_after_another_fetch(timestamp_ms: int) -> None:
    """Which may be in range by then."""
    some, follower = a_follower("a", "b")
    take(some, OUT_OF_RANGE)
    if timestamp_ms == EARLIEST:
        take_offset(some, LATEST, 2)
    take_offset(some, timestamp_ms, error=Errors.NOT_LEADER_OR_FOLLOWER)
    assert (None, ASKED, ["a", "b"]) == (follower.wants(9), follower.wants(10), some.values(2))


def test_fenced_while_it_asks_for_an_end_it_waits() -> None:
    """Asking in this leader epoch is over."""
    some, follower = a_follower("a", "b")
    take(some, OUT_OF_RANGE)
    take_offset(some, LATEST, error=Errors.FENCED_LEADER_EPOCH)
    assert Phase.WAIT is follower.phase


@pytest.mark.parametrize(("timestamp_ms", "leader_epoch"), [(EARLIEST, 1), (LATEST, 0)])
def test_an_end_that_was_asked_for_otherwise_is_dropped(
    timestamp_ms: int, leader_epoch: int
) -> None:
    """The question that is open stays open."""
    some, follower = a_follower("a", "b")
    take(some, OUT_OF_RANGE)
    take_offset(some, timestamp_ms, 1, leader_epoch=leader_epoch)
    assert (Phase.LATEST, ["a", "b"]) == (follower.phase, some.values(2))


@pytest.mark.parametrize("error", [Errors.UNKNOWN_LEADER_EPOCH, Errors.NOT_LEADER_OR_FOLLOWER])
def test_most_errors_pass_and_it_asks_again_later(error: Errors) -> None:
    """The leader may not have heard of its election yet."""
    some, follower = a_follower("a", "b")
    take(some, FetchedPartition(ORDERS, error))
    assert (None, ASKED) == (follower.wants(9), follower.wants(10))


def test_fenced_it_waits_for_the_controller() -> None:
    """Its leader epoch is over, and asking would not change that; the next one begins anew."""
    some, follower = a_follower("a", "b")
    take(some, FetchedPartition(ORDERS, Errors.FENCED_LEADER_EPOCH))
    assert (Phase.WAIT, None) == (follower.phase, follower.wants(99))
    some.elect(1)
    assert FetchPartition(ORDERS, 2, 2, 0, None, 0) == some.wish(2)


def test_records_behind_a_gap_are_copied() -> None:
    """The cleaner of its leader has removed what would stand between."""
    some, follower = a_follower("a", "b")
    take(some, FetchedPartition(ORDERS, batches=(batch_at(3, 1, "d"),)))
    assert FetchPartition(ORDERS, 4, 1, 1, None, 0) == follower.wants(0)
    assert ["a", "b", "d"] == some.values(2)


def test_records_that_overlap_stop_it() -> None:
    """Kafka marks such a partition as failed; the next leader epoch begins anew."""
    some, follower = a_follower("a", "b")
    take(some, FetchedPartition(ORDERS, batches=(batch_at(1, 1, "x"),)))
    why = "a batch at offset 1 does not follow a log that ends at 2"
    assert ReplicaFailed("orders-0", 2, 1, 1, why) == some.trace[-1].event
    assert (Phase.WAIT, ["a", "b"]) == (follower.phase, some.values(2))
    some.elect(1)
    assert FetchPartition(ORDERS, 2, 2, 0, None, 0) == some.wish(2)


def test_damaged_records_are_fetched_again_later() -> None:
    """They may have been read while they were being written."""
    some, follower = a_follower("a", "b")
    whole = batch_at(2, 1, "c")
    torn = RecordBatch(whole.data[:-1] + b"?")
    take(some, FetchedPartition(ORDERS, batches=(torn,)))
    assert (None, ASKED, ["a", "b"]) == (follower.wants(9), follower.wants(10), some.values(2))


def test_a_log_that_starts_inside_a_batch_is_copied_whole() -> None:
    """An empty follower goes to the leader's start, and is sent all of the batch around it."""
    some = SomeReplicas()
    some.elect(1)
    some.leader(1).append(a_batch("a", "b", "c"), some.context())
    for follower in (2, 3, 2, 3):
        some.fetch(follower, 1)
    some.leader(1).delete_records(1, some.context())
    some.replicas[2].replica_log.start_anew(0, some.context(), leader_epoch=0, reason="disk lost")
    for _ in range(4):
        some.fetch(2, 1)
    logs = [some.replicas[broker].replica_log.log for broker in (1, 2)]
    assert [(1, 3, 3)] * 2 == [(log.log_start, log.log_end, log.high_watermark) for log in logs]
    assert list(logs[0].read(1)) == list(logs[1].read(1))


def test_before_kip_101_it_cuts_to_its_own_mark_and_asks_nobody() -> None:
    """What the leader would have kept is lost here, too."""
    some, follower = a_follower("a", "b", high_watermark=1, reconcile=Reconcile.HIGH_WATERMARK)
    assert ["a"] == some.values(2)
    assert FetchPartition(ORDERS, 1, 1, -1, None, 0) == follower.wants(0)


def test_before_2_7_it_cuts_where_its_last_epoch_ended_and_then_fetches() -> None:
    """KIP-101, with a request of its own."""
    some, follower = a_follower("a", "b", reconcile=Reconcile.ASK)
    lookup = EpochLookup(ORDERS, 1, 0)
    assert lookup == follower.wants(0)
    take_lookup(some, EpochEndOffset(ORDERS, Errors.NONE, 0, 1), lookup)
    assert (["a"], FetchPartition(ORDERS, 1, 1, log_start=0)) == (some.values(2), follower.wants(0))


def test_an_epoch_it_does_not_hold_makes_it_ask_again() -> None:
    """KIP-279: the two walk back together until they find an epoch that both have."""
    some, _ = a_follower("a", reconcile=Reconcile.ASK)
    some.elect(2)
    some.append(2, "b")
    some.elect(1)
    follower = some.follower(2)
    lookup = EpochLookup(ORDERS, 3, 2)
    assert lookup == follower.wants(0)
    take_lookup(some, EpochEndOffset(ORDERS, Errors.NONE, 1, 3), lookup)
    assert (["a"], EpochLookup(ORDERS, 3, 0)) == (some.values(2), follower.wants(0))


def test_a_lookup_of_an_earlier_epoch_is_dropped_and_an_error_waits() -> None:
    """Nothing is cut by an answer that says nothing."""
    some, follower = a_follower("a", reconcile=Reconcile.ASK)
    end = EpochEndOffset(ORDERS, Errors.NONE, 0, 0)
    take_lookup(some, end, EpochLookup(ORDERS, 0, 0))
    error = EpochEndOffset(ORDERS, Errors.NOT_LEADER_OR_FOLLOWER)
    take_lookup(some, error, EpochLookup(ORDERS, 1, 0))
    assert (Phase.ASK, ["a"], None) == (follower.phase, some.values(2), follower.wants(9))


def test_without_a_leader_there_is_nobody_to_ask() -> None:
    """The partition is offline."""
    some, _ = a_follower("a")
    some.elect(None)
    assert None is some.wish(2)


@pytest.mark.parametrize(("told", "begins"), [(1, 1), (0, 0), (3, 0)])
def test_its_log_begins_where_that_of_its_leader_does(told: int, begins: int) -> None:
    """Never above its high watermark; its next fetch says where."""
    some, follower = a_follower("a", "b")
    take(some, FetchedPartition(ORDERS, high_watermark=2, log_start=told))
    wish = follower.wants(0)
    assert isinstance(wish, FetchPartition)
    assert (begins, begins) == (follower.replica_log.log.log_start, wish.log_start)


@pytest.mark.parametrize("reconcile", [Reconcile.FETCH, Reconcile.ASK])
def test_a_log_of_which_no_epoch_is_known_keeps_what_is_committed(reconcile: Reconcile) -> None:
    """A power cut may take the epochs and leave records; no leader could say where it parts."""
    some, _ = a_follower("a", "b", high_watermark=1, reconcile=reconcile)
    some.replicas[2].replica_log.log.epochs.clear()
    some.elect(3)
    assert (["a"], Phase.FETCH) == (some.values(2), some.follower(2).phase)


@pytest.mark.parametrize("reconcile", list(Reconcile))
def test_where_nobody_leads_nothing_is_cut(reconcile: Reconcile) -> None:
    """Storm seed 618181: it may be the only one who has what was committed, and lead next."""
    some = SomeReplicas(ReplicationRules(reconcile=reconcile))
    some.elect(2)
    some.append(2, "a", "b")
    some.replicas[2].replica_log.log.epochs.clear()
    some.elect(None)
    assert (["a", "b"], Phase.FETCH) == (some.values(2), some.follower(2).phase)
