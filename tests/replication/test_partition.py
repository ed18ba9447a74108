"""A leader and two followers, one fetch at a time, over real logs and without a cluster."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from kafkabook.base.errors import Errors
from kafkabook.protocol.control_api import ConfirmedIsr
from kafkabook.protocol.records_api import (
    EpochEndOffset,
    EpochLookup,
    FetchedPartition,
    FetchPartition,
)
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.events import (
    BecameFollower,
    BecameLeader,
    FetchRefused,
    FetchServed,
    HighWatermarkMoved,
    IsrProposed,
    ReplicaTruncated,
)
from kafkabook.replication.facts import LeaderFacts, Reconcile
from kafkabook.replication.high_watermark import high_watermark
from kafkabook.replication.history import HISTORY
from kafkabook.replication.rules import ReplicationRules
from tests.refusals import refused
from tests.replication.replicas import LAG_MS, ORDERS, SomeReplicas, a_batch


def three(**how: object) -> SomeReplicas:
    """Broker 1 leads in epoch 0, and everybody knows."""
    some = SomeReplicas(**how)  # type: ignore[arg-type]
    some.elect(1)
    return some


def isrs(some: SomeReplicas) -> list[list[int]]:
    """The ISRs that were submitted, oldest first."""
    return [[broker for broker, _ in proposal.isr] for proposal in some.proposals]


def shrink(some: SomeReplicas, leader: int = 1) -> list[list[int]]:
    """Let a leader look whether its members keep up; return what has been submitted."""
    some.replicas[leader].maybe_shrink_isr(some.context())
    return isrs(some)


# --- copying -------------------------------------------------------------------------------------


def test_a_copy_counts_one_fetch_later() -> None:
    """A leader learns what a follower has from the offset that it asks for next."""
    some = three()
    some.append(1, "a")
    some.fetch(2, 1), some.fetch(3, 1)
    assert ([1, 1, 1], [0, 0, 0]) == (some.ends(), some.marks())
    some.fetch(2, 1), some.fetch(3, 1)
    assert [1, 0, 0] == some.marks()
    some.fetch(2, 1), some.fetch(3, 1)
    assert [1, 1, 1] == some.marks()


def test_a_leader_alone_in_its_set_commits_at_once() -> None:
    """Nobody else is waited for; that is why min.insync.replicas exists."""
    some = three(isr=[1])
    some.now_ms = 10 * LAG_MS  # the others were heard of too long ago
    some.append(1, "a")
    assert [1, 0, 0] == some.marks()


def test_below_min_insync_replicas_nothing_is_committed() -> None:
    """Since 3.7 the mark stands still, whoever has the record."""
    some = three(isr=[1], min_insync_replicas=2)
    some.append(1, "a")
    some.fetch(2, 1), some.fetch(2, 1)
    assert [0, 0, 0] == some.marks()


def test_a_fetch_that_waited_is_read_again_and_counts_for_nothing() -> None:
    """What it said of the follower was heard when it came."""
    some = three(isr=[1, 2])
    wish = FetchPartition(ORDERS, 0, 0)
    some.hear(1, 2, wish)
    some.append(1, "a")
    some.elect(1, told=[])
    told = len(some.trace)
    answer = some.leader(1).fetch_again(wish, max_bytes=1_000)
    assert (0, 0) == (answer.high_watermark, answer.log_start)
    assert list(some.replicas[1].replica_log.log.read(0)) == list(answer.batches)
    assert (told, [0, 0, 0]) == (len(some.trace), some.marks())
    some.tell(1)
    fenced = FetchedPartition(ORDERS, Errors.FENCED_LEADER_EPOCH)
    assert fenced == some.leader(1).fetch_again(wish, max_bytes=1_000)


# --- what a fetch moves --------------------------------------------------------------------------


def watched() -> tuple[SomeReplicas, list[int]]:
    """Leader 1 with a record; and what follower 2 had, each time that it looks at the mark."""
    looks: list[int] = []

    def counted(leader: LeaderFacts, now_ms: int, lag_ms: int) -> int:
        looks.append(leader.followers[0].log_end)
        return high_watermark(leader, now_ms, lag_ms)

    some = three(rules=ReplicationRules(high_watermark=counted))
    some.append(1, "a")
    return some, looks


def test_a_fetch_without_news_does_not_look_at_the_high_watermark() -> None:
    """Only another log end of the follower can have moved what is committed."""
    some, looks = watched()
    looks.clear()
    for offset in (0, 0, 1, 1):
        some.hear(1, 2, FetchPartition(ORDERS, offset, 0))
    assert [0, 1] == looks


def test_a_refused_fetch_does_not_look_at_the_high_watermark() -> None:
    """Neither one of another leader epoch nor one of an older incarnation says anything."""
    some, looks = watched()
    some.hear(1, 2, FetchPartition(ORDERS, 0, 0), broker_epoch=9)
    looks.clear()
    errors = [
        some.hear(1, 2, FetchPartition(ORDERS, 1, epoch), broker_epoch=broker_epoch).error
        for epoch, broker_epoch in ((-1, 9), (1, 9), (0, 8))
    ]
    expected = [
        Errors.FENCED_LEADER_EPOCH,
        Errors.UNKNOWN_LEADER_EPOCH,
        Errors.NOT_LEADER_OR_FOLLOWER,
    ]
    assert (expected, []) == (errors, looks)


def appended(some: SomeReplicas) -> None:
    """The leader writes."""
    some.append(1, "b")


def fetched(some: SomeReplicas) -> None:
    """A follower is further than it was."""
    some.hear(1, 2, FetchPartition(ORDERS, 1, 0))


def set_anew(some: SomeReplicas) -> None:
    """The controller's word has a newer partition epoch."""
    some.alter(isr=frozenset({1}))


@pytest.mark.parametrize(("look", "expected"), [(appended, 2), (fetched, 1), (set_anew, 1)])
def test_a_lower_minimum_alone_moves_nothing(
    look: Callable[[SomeReplicas], None], expected: int
) -> None:
    """What is committed is looked at with the next append, news or ISR, as in Kafka."""
    some = three(isr=[1], min_insync_replicas=2)
    some.fenced |= {2, 3}
    some.append(1, "a")
    some.hear(1, 2, FetchPartition(ORDERS, 0, 0))
    some.least = 1
    context = some.tell(1)
    some.hear(1, 2, FetchPartition(ORDERS, 0, 0), context)
    assert (1, [], 0) == (
        some.leader(1).members.min_insync_replicas,
        list(context.changed_keys),
        some.marks()[0],
    )
    look(some)
    assert expected == some.marks()[0]


def test_a_set_that_changes_with_the_minimum_still_moves_the_mark_by_the_one_before() -> None:
    """Kafka's replica manager takes a change of the set before the new minimum is set."""
    some = three(isr=[1], min_insync_replicas=2)
    some.fenced |= {2, 3}
    some.append(1, "a")
    some.least = 1
    some.alter(isr=frozenset({1}))
    assert (1, 0) == (some.leader(1).members.min_insync_replicas, some.marks()[0])


def test_who_looks_for_lagging_members_moves_no_mark() -> None:
    """Nobody lags, so nothing is proposed, and nothing is looked at."""
    some = three(isr=[1], min_insync_replicas=2)
    some.append(1, "a")
    some.least = 1
    some.tell(1)
    some.replicas[1].maybe_shrink_isr(some.context())
    assert 0 == some.marks()[0]


def test_a_fetch_first_lets_its_follower_join_and_then_moves_the_mark() -> None:
    """What it has just proved counts for both, and the mark tells that it is waited for."""
    some = three(isr=[1])
    some.fenced.add(3)
    some.fetch(3, 1)
    some.fenced.clear()
    some.append(1, "a")
    assert (0, []) == (some.marks()[0], isrs(some))
    told, context = len(some.trace), some.context()
    some.hear(1, 3, FetchPartition(ORDERS, 1, 0, 0), context)
    alone, both = frozenset({1}), frozenset({1, 3})
    expected = [
        FetchServed("orders-0", 1, 3, 1, 0, 0, is_counted=True),
        IsrProposed(
            *("orders-0", 1),
            was=alone,
            now=both,
            counted=both,
            leader_epoch=0,
            partition_epoch=1,
            high_watermark=0,
            epoch_start_offset=0,
            log_ends=((1, 1), (2, -1), (3, 1)),
        ),
        HighWatermarkMoved(
            *("orders-0", 1, 0, 1, 1, 0),
            is_leader=True,
            isr=alone,
            counted=both,
            held_back_by=frozenset({3}),
        ),
    ]
    assert expected == [entry.event for entry in list(some.trace)[told:]]
    assert ["orders-0"] == list(context.changed_keys)


# --- what is told as a change --------------------------------------------------------------------


def test_an_append_is_a_change_and_a_refused_one_is_not() -> None:
    """Fetches wait for the log end."""
    some = three()
    good, bad, leader = some.context(), some.context(), some.leader(1)
    leader.append(a_batch("a"), good)
    late = RecordBatch.of([Record(value=b"b", timestamp_ms=1)], producer_id=7, base_sequence=0)
    damaged = RecordBatch(late.data[:-1] + bytes([late.data[-1] ^ 1]))
    with refused(Errors.CORRUPT_MESSAGE):
        leader.append(damaged, bad)
    assert (["orders-0"], []) == (list(good.changed_keys), list(bad.changed_keys))


def test_a_fetch_is_a_change_only_if_the_mark_moved() -> None:
    """Producers wait for the mark, not for what one follower has."""
    some = three(isr=[1, 2])
    some.append(1, "a")
    changed = []
    for offset in (0, 1, 1):
        context = some.context()
        some.hear(1, 2, FetchPartition(ORDERS, offset, 0), context)
        changed.append(list(context.changed_keys))
    assert [[], ["orders-0"], []] == changed


def test_a_new_role_is_a_change_and_the_same_word_again_is_not() -> None:
    """Who waits at a broker that leads no more is sent away."""
    some = SomeReplicas(isr=[1, 2])
    some.elect(1, told=[])
    changed = [list(some.tell(broker).changed_keys) for broker in (1, 2, 1, 2)]
    assert [["orders-0"], ["orders-0"], [], []] == changed
    members = frozenset({1, 2})
    told = [
        BecameLeader("orders-0", 1, 0, 0, 0, members, 1, 1),
        BecameFollower("orders-0", 2, 1, 0),
    ]
    assert told == [entry.event for entry in some.trace.of(BecameLeader, BecameFollower)]


def test_a_newer_in_sync_set_is_a_change_for_its_leader_alone() -> None:
    """A follower does not need to know it."""
    some = three()
    follower = some.follower(2)
    some.alter(told=[], isr=frozenset({1, 2}))
    changed = [list(some.tell(broker).changed_keys) for broker in (1, 2, 1)]
    assert [["orders-0"], [], []] == changed
    assert {1, 2} == some.leader(1).members.state.isr
    assert follower is some.follower(2)


# --- the ISR --------------------------------------------------------------------------------------


def test_a_member_that_keeps_up_is_never_dropped() -> None:
    """Reaching the leader's end now and then is enough, however much is written between."""
    some = three()
    for tick in range(5):
        some.now_ms = tick * LAG_MS
        some.append(1, f"m{tick}")
        for broker in (2, 3):
            some.fetch(broker, 1), some.fetch(broker, 1)
    assert [] == shrink(some)


def test_a_member_that_lacks_something_for_too_long_is_proposed_to_leave() -> None:
    """Longer than replica.lag.time.max.ms, counted from when it last had everything."""
    some = three()
    some.append(1, "a")
    some.now_ms = LAG_MS
    some.fetch(2, 1), some.fetch(2, 1)
    assert [] == shrink(some)
    some.now_ms = LAG_MS + 1
    assert [[1, 2]] == shrink(some)
    assert [[1, 2]] == shrink(some)  # one at a time
    assert {1, 2, 3} == some.leader(1).members.counted  # until the controller has answered


def test_a_follower_drops_nobody() -> None:
    """The set is its leader's care."""
    some = three()
    some.append(1, "a")
    some.now_ms = LAG_MS + 1
    assert [] == shrink(some, 2)


def test_an_accepted_proposal_lets_the_mark_go_on() -> None:
    """Once the controller has confirmed that 3 is out, nobody waits for it."""
    some = three()
    some.append(1, "a")
    some.now_ms = LAG_MS + 1
    some.fetch(2, 1), some.fetch(2, 1)
    shrink(some)
    assert 0 == some.marks()[0]
    context = some.confirm(1, some.proposals[0], 1, 2)
    assert ({1, 2}, 1) == (some.leader(1).members.state.isr, some.marks()[0])
    assert ["orders-0"] == list(context.changed_keys)


@pytest.mark.parametrize(
    ("error", "pending"),
    [(Errors.INVALID_UPDATE_VERSION, True), (Errors.INELIGIBLE_REPLICA, False)],
)
def test_a_refused_proposal_waits_for_news_or_is_dropped(error: Errors, pending: bool) -> None:
    """An old epoch means that metadata is on its way; an ineligible member is simply left out."""
    some = three(isr=[1, 2])
    some.fetch(3, 1)
    assert [[1, 2, 3]] == isrs(some)
    some.confirm(1, some.proposals[0], error=error)
    assert pending == (some.leader(1).members.proposed is not None)
    some.fetch(3, 1)  # a follower that may join is proposed again, without news
    assert [[1, 2, 3]] * (1 if pending else 2) == isrs(some)


@pytest.mark.parametrize("leader", [1, 2])
def test_an_answer_to_a_proposal_of_an_older_epoch_changes_nothing(leader: int) -> None:
    """Whether this broker leads again or follows now."""
    some = three(isr=[1, 2])
    some.fetch(3, 1)
    some.elect(leader)
    told, context = len(some.trace), some.context()
    answer = ConfirmedIsr(ORDERS, 0, 9, (1, 2, 3))
    some.replicas[1].isr_answered(some.proposals[0], answer, context)
    assert {1, 2} == some.leader(leader).members.counted
    assert (told, []) == (len(some.trace), list(context.changed_keys))


def test_a_joiner_needs_what_was_written_before_the_leader_epoch() -> None:
    """The new leader's mark is 0, but what it found in its log may have been committed."""
    some = three(isr=[1, 2])
    some.append(1, "a")
    some.fetch(2, 1), some.fetch(2, 1)
    some.elect(2, isr=frozenset({1, 2}))
    some.fetch(3, 2)
    assert (1, []) == (some.leader(2).members.epoch_start_offset, isrs(some))
    some.fetch(3, 2)
    assert [[1, 2, 3]] == isrs(some)


def test_a_fenced_follower_may_not_join() -> None:
    """Whoever the controller takes for dead is no member, however much it has."""
    some = three(isr=[1, 2])
    some.fenced.add(3)
    some.fetch(3, 1)
    assert [] == isrs(some)


def test_a_fetch_that_is_refused_lets_nobody_join() -> None:
    """It has lost its disk since; what it had before must not speak for it."""
    some = three(isr=[1, 2])
    some.fenced.add(3)
    some.append(1, "a")
    some.fetch(3, 1), some.fetch(3, 1)
    some.fenced.clear()
    fetch = some.wish(3)
    assert isinstance(fetch, FetchPartition)
    some.answer(replace(fetch, fetch_offset=7), 3, 1)
    assert (1, []) == (some.leader(1).members.followers[3].facts.log_end, isrs(some))
    some.answer(fetch, 3, 1)
    assert [[1, 2, 3]] == isrs(some)


# --- other epochs, other incarnations -------------------------------------------------------------


def test_a_fetch_from_an_older_epoch_is_refused_and_counts_for_nothing() -> None:
    """KIP-320: who is in another leader epoch says nothing about this one."""
    some = three()
    some.elect(1, told=[1])
    some.append(1, "a")
    assert FetchedPartition(ORDERS, Errors.FENCED_LEADER_EPOCH) == some.fetch(2, 1)
    refusal = FetchRefused("orders-0", 1, 2, "Fetch", 0, 1, "FENCED_LEADER_EPOCH", is_counted=False)
    assert [refusal] == [entry.event for entry in some.trace.of(FetchRefused)]
    assert -1 == some.leader(1).members.followers[2].facts.log_end
    assert some.wish(2) is None  # until the controller tells it more


def test_a_question_from_an_older_epoch_is_refused_and_the_refusal_is_told() -> None:
    """A follower that must cut its log first is fenced as one that fetches (KIP-320)."""
    some = three()
    some.elect(1, told=[1])
    context = some.context()
    end = some.leader(1).look_up(EpochLookup(ORDERS, 0, 0), context, follower=2)
    assert EpochEndOffset(ORDERS, error=Errors.FENCED_LEADER_EPOCH) == end
    asked = ("orders-0", 1, 2, "OffsetsForLeaderEpoch", 0, 1)
    refusal = FetchRefused(*asked, "FENCED_LEADER_EPOCH", is_counted=False)
    assert [refusal] == [entry.event for entry in some.trace.of(FetchRefused)]


def test_a_fetch_from_a_newer_epoch_is_told_to_wait() -> None:
    """The leader has not heard of the epoch yet: it cannot tell whether it still leads."""
    some = three()
    some.elect(1, told=[2])
    assert FetchedPartition(ORDERS, Errors.UNKNOWN_LEADER_EPOCH) == some.fetch(2, 1)
    assert some.wish(2) is None
    some.now_ms += 10
    assert some.wish(2) is not None


def test_a_late_answer_to_an_old_question_is_dropped() -> None:
    """The epoch changed while the answer was under way: it may hold what is being cut off."""
    some = three()
    some.append(1, "a")
    old = FetchPartition(ORDERS, 0, 0, -1)
    some.elect(1)
    late, context = some.hear(1, 2, replace(old, current_leader_epoch=1)), some.context()
    assert 1 == len(late.batches)
    some.follower(2).take(late, old, context, retry_ms=0)
    assert ([1, 0, 0], []) == (some.ends(), list(context.changed_keys))


def test_a_fetch_of_an_older_incarnation_does_not_count() -> None:
    """Broker 2 lost its tail and came back: what its first incarnation fetched commits nothing."""
    some = three(isr=[1, 2])
    some.append(1, "a", "b")

    def heard(offset: int, broker_epoch: int) -> Errors:
        wish = FetchPartition(ORDERS, offset, 0)
        return some.hear(1, 2, wish, broker_epoch=broker_epoch).error

    assert Errors.NONE is heard(1, broker_epoch=9)
    assert Errors.NOT_LEADER_OR_FOLLOWER is heard(2, broker_epoch=5)
    known = some.leader(1).members.facts().followers[0]
    assert (1, 9) == (known.log_end, known.broker_epoch)
    assert [1, 0, 0] == some.marks()
    refusal = FetchRefused("orders-0", 1, 2, "Fetch", 0, 0, "NOT_LEADER_OR_FOLLOWER", False)
    assert [refusal] == [entry.event for entry in some.trace.of(FetchRefused)]
    assert Errors.NONE is heard(2, broker_epoch=9)
    assert [2, 0, 0] == some.marks()


def test_an_older_word_of_the_controller_is_ignored() -> None:
    """Messages may arrive in any order; a leader epoch never comes back."""
    some = three()
    old = some.state
    some.elect(2)
    roles = [some.replicas[broker].role for broker in (1, 2)]
    some.state = old
    assert [[], []] == [list(some.tell(broker).changed_keys) for broker in (1, 2)]
    assert roles == [some.replicas[broker].role for broker in (1, 2)]
    assert some.leader(2) is roles[1]


# --- logs that part ------------------------------------------------------------------------------


ERAS = [name for name in HISTORY if name != "before KIP-101"]


@pytest.mark.parametrize("era", ERAS)
def test_logs_that_parted_become_equal_again(era: str) -> None:
    """Broker 1 wrote alone; 2 led in its absence; 1 cuts what nobody else has, in every era."""
    some = three(rules=HISTORY[era])
    some.append(1, "a")
    for _ in range(3):
        some.fetch(2, 1), some.fetch(3, 1)
    some.append(1, "lost")
    some.elect(2, told=[2, 3])
    some.append(2, "b")
    some.tell(1)
    for _ in range(4):
        some.fetch(1, 2), some.fetch(3, 2)
    assert [["a", "b"]] * 3 == [some.values(broker) for broker in (1, 2, 3)]
    for replica in some.replicas.values():
        replica.check()


def test_the_first_rule_left_two_logs_apart() -> None:
    """Cut to one's own high watermark, and ask nobody: what lies below it is taken for common."""
    some = three(rules=HISTORY["before KIP-101"], isr=[1])
    some.now_ms = 10 * LAG_MS
    some.append(1, "mine")
    some.elect(2, told=[2], isr=frozenset({2}))
    some.append(2, "yours")
    some.tell(1)
    some.fetch(1, 2), some.fetch(1, 2)
    assert (["mine"], ["yours"]) == (some.values(1), some.values(2))


def test_a_divergence_is_told_with_the_fetch_today() -> None:
    """KIP-595: the fetch names its last epoch; the answer says where that epoch ended."""
    some = three()
    some.append(1, "a", "lost")
    some.fetch(2, 1)
    replica_log = some.replicas[2].replica_log
    replica_log.truncate_to(1, some.context(), leader_epoch=0, reason="for the test")
    some.elect(2, told=[2, 3, 1])
    answer = FetchedPartition(ORDERS, Errors.NONE, 0, 0, diverging=(0, 1))
    assert answer == some.fetch(1, 2)
    assert [1, 1, 0] == some.ends()


def test_an_empty_leader_empties_its_followers() -> None:
    """Its epoch began at 0, so everything that others have is foreign (an unclean election)."""
    some = three(isr=[1, 2])
    some.append(1, "a")
    some.fetch(2, 1)
    some.elect(3, isr=frozenset({3}))
    some.fetch(1, 3), some.fetch(2, 3)
    some.fetch(1, 3), some.fetch(2, 3)
    assert [0, 0, 0] == some.ends()
    told = [e.event for e in some.trace.of(ReplicaTruncated)]
    assert [(1, 1, 0), (2, 1, 0)] == [
        (e.broker, e.from_offset, e.to_offset) for e in told if isinstance(e, ReplicaTruncated)
    ]


def test_the_rules_of_history_differ_in_what_they_ask_first() -> None:
    """Nobody, the leader with a request of its own, the leader with the fetch."""
    asked = {name: rules.reconcile for name, rules in HISTORY.items()}
    assert Reconcile.HIGH_WATERMARK is asked["before KIP-101"]
    assert {Reconcile.ASK} == {asked[n] for n in ("KIP-101", "KIP-279", "KIP-320")}
    assert Reconcile.FETCH is ReplicationRules().reconcile
