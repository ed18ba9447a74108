"""A leader and two followers, one fetch at a time, over real logs and without a cluster."""

from dataclasses import replace

import pytest

from kafkabook.protocol.control_api import AlterPartitionResponse
from kafkabook.protocol.records_api import FetchPartition
from kafkabook.replication.events import FetchRefused, ReplicaTruncated
from kafkabook.replication.facts import Reconcile
from kafkabook.replication.history import HISTORY
from kafkabook.replication.rules import ReplicationRules
from tests.replication.replicas import LAG_MS, SomeReplicas


def three(**how: object) -> SomeReplicas:
    """Broker 1 leads in epoch 0, and everybody knows."""
    some = SomeReplicas(**how)  # type: ignore[arg-type]
    some.elect(1)
    return some


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
    some.replicas[1].stored.now_ms = 10 * LAG_MS  # the others were heard of too long ago
    some.append(1, "a")
    assert [1, 0, 0] == some.marks()


def test_below_min_insync_replicas_nothing_is_committed() -> None:
    """Since 3.7 the mark stands still, whoever has the record."""
    some = three(isr=[1], min_insync_replicas=2)
    some.append(1, "a")
    some.fetch(2, 1), some.fetch(2, 1)
    assert [0, 0, 0] == some.marks()


def test_a_member_that_keeps_up_is_never_dropped() -> None:
    """Reaching the leader's end now and then is enough, however much is written between."""
    some = three()
    for tick in range(5):
        some.now_ms = tick * LAG_MS
        some.append(1, f"m{tick}")
        for broker in (2, 3):
            some.fetch(broker, 1), some.fetch(broker, 1)
    leading = some.replicas[1].leading
    assert leading is not None
    assert leading.members.expire() is None


def test_a_member_that_lacks_something_for_too_long_is_proposed_to_leave() -> None:
    """Longer than replica.lag.time.max.ms, counted from when it last had everything."""
    some = three()
    some.append(1, "a")
    some.now_ms = LAG_MS
    some.fetch(2, 1), some.fetch(2, 1)
    leading = some.replicas[1].leading
    assert leading is not None
    leading.stored.now_ms = LAG_MS
    assert leading.members.expire() is None
    leading.stored.now_ms = LAG_MS + 1
    proposal = leading.members.expire()
    assert proposal is not None
    assert ((1, -1), (2, -1)) == proposal.isr
    assert {1, 2, 3} == leading.members.counted  # until the controller has answered


def test_an_accepted_proposal_lets_the_mark_go_on() -> None:
    """Once the controller has confirmed that 3 is out, nobody waits for it."""
    some = three()
    some.append(1, "a")
    some.now_ms = LAG_MS + 1
    some.fetch(2, 1), some.fetch(2, 1)
    leading = some.replicas[1].leading
    assert leading is not None
    leading.members.expire()
    leading.members.answered(AlterPartitionResponse("orders-0", 0, 2, (1, 2)))
    assert ({1, 2}, 1) == (leading.members.state.isr, some.marks()[0])


@pytest.mark.parametrize(
    ("error", "pending"), [("INVALID_UPDATE_VERSION", True), ("INELIGIBLE_REPLICA", False)]
)
def test_a_refused_proposal_waits_for_news_or_is_dropped(error: str, pending: bool) -> None:
    """An old epoch means that metadata is on its way; an ineligible member is simply left out."""
    some = three(isr=[1, 2])
    some.fetch(3, 1)
    leading = some.replicas[1].leading
    assert leading is not None
    asked = leading.members.expand(3)
    assert asked is not None
    leading.members.answered(AlterPartitionResponse("orders-0", 0, 1, (), error, asked.number))
    assert pending == (leading.members.proposed is not None)


def test_a_joiner_needs_what_was_written_before_the_term() -> None:
    """The new leader's mark is 0, but what it found in its log may have been committed."""
    some = three(isr=[1, 2])
    some.append(1, "a")
    some.fetch(2, 1), some.fetch(2, 1)
    some.elect(2, isr=frozenset({1, 2}))
    leading = some.replicas[2].leading
    assert leading is not None
    some.fetch(3, 2)
    assert 1 == leading.members.epoch_start_offset
    some.fetch(3, 2)
    assert leading.members.expand(3) is not None


def test_a_fenced_follower_may_not_join() -> None:
    """Whoever the controller takes for dead is no member, however much it has."""
    some = three(isr=[1, 2])
    some.fenced.add(3)
    some.fetch(3, 1)
    leading = some.replicas[1].leading
    assert leading is not None
    assert leading.members.expand(3) is None


def test_a_fetch_from_an_older_term_is_refused_and_counts_for_nothing() -> None:
    """KIP-320: who lives in another term says nothing about this one."""
    some = three()
    some.elect(1, told=[1])
    some.append(1, "a")
    answer = some.fetch(2, 1)
    assert answer is not None
    assert "FENCED_LEADER_EPOCH" == answer.error
    assert [(0, 1, False)] == [
        (e.event.request_epoch, e.event.leader_epoch, e.event.is_counted)
        for e in some.trace.of(FetchRefused)
        if isinstance(e.event, FetchRefused)
    ]
    assert some.wish(2) is None  # until the controller tells it more


def test_a_fetch_from_a_newer_term_is_told_to_wait() -> None:
    """The leader has not heard of the term yet: it cannot tell whether it still leads."""
    some = three()
    some.elect(1, told=[2])
    answer = some.fetch(2, 1)
    assert answer is not None
    assert "UNKNOWN_LEADER_EPOCH" == answer.error
    assert some.wish(2) is None
    some.now_ms += 10
    assert some.wish(2) is not None


def test_a_late_answer_to_an_old_question_is_dropped() -> None:
    """The term changed while the answer was under way: it may hold what is being cut off."""
    some = three()
    some.append(1, "a")
    old = FetchPartition("orders-0", 0, 0, -1)
    some.elect(1, told=[1, 2, 3])
    following, leading = some.replicas[2].following, some.replicas[1].leading
    assert following is not None and leading is not None
    stale = replace(
        leading.fetch(
            replace(old, current_leader_epoch=1), follower=2, broker_epoch=-1, max_bytes=100
        )
    )
    assert not following.take(stale, old, retry_ms=0)
    assert [1, 0, 0] == some.ends()


def test_a_fetch_of_an_older_life_does_not_count() -> None:
    """Broker 2 lost its tail and came back: what its first life had fetched commits nothing."""
    some = three(isr=[1, 2])
    some.append(1, "a", "b")
    leading = some.replicas[1].leading
    assert leading is not None

    def fetched(offset: int, broker_epoch: int) -> str:
        wish = FetchPartition("orders-0", offset, 0)
        answer = leading.fetch(wish, follower=2, broker_epoch=broker_epoch, max_bytes=100)
        leading.members.settle()
        return answer.error

    assert "" == fetched(1, broker_epoch=9)
    assert "NOT_LEADER_OR_FOLLOWER" == fetched(2, broker_epoch=5)
    known = leading.members.facts().followers[0]
    assert (1, 9) == (known.log_end, known.broker_epoch)
    assert [1, 0, 0] == some.marks()
    refused = FetchRefused("orders-0", 1, 2, "Fetch", 0, 0, "NOT_LEADER_OR_FOLLOWER", False)
    assert [refused] == [entry.event for entry in some.trace.of(FetchRefused)]
    assert "" == fetched(2, broker_epoch=9)
    assert [2, 0, 0] == some.marks()


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


def test_the_first_rule_left_two_logs_apart() -> None:
    """Cut to one's own high watermark, and ask nobody: what lies below it is taken for common."""
    some = three(rules=HISTORY["before KIP-101"], isr=[1])
    some.replicas[1].stored.now_ms = 10 * LAG_MS
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
    some.replicas[2].stored.truncate_to(1, leader_epoch=0, reason="for the test")
    some.elect(2, told=[2, 3, 1])
    answer = some.fetch(1, 2)
    assert answer is not None
    assert (0, 1) == answer.diverging
    assert [1, 1, 0] == some.ends()


def test_an_empty_leader_empties_its_followers() -> None:
    """Its term began at 0, so everything that others have is foreign (an unclean election)."""
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


def test_an_older_word_of_the_controller_is_ignored() -> None:
    """Messages may arrive in any order; a term never comes back."""
    some = three()
    old = some.state
    some.elect(2)
    some.state = old
    assert [False, False] == [some.tell(1), some.tell(2)]
    assert some.replicas[2].leading is not None


def test_the_rules_of_history_differ_in_what_they_ask_first() -> None:
    """Nobody, the leader with a request of its own, the leader with the fetch."""
    asked = {name: rules.reconcile for name, rules in HISTORY.items()}
    assert Reconcile.HIGH_WATERMARK is asked["before KIP-101"]
    assert {Reconcile.ASK} == {asked[n] for n in ("KIP-101", "KIP-279", "KIP-320")}
    assert Reconcile.FETCH is ReplicationRules().reconcile
