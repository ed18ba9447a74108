"""Who is in sync, over the real log: what is remembered of a follower, and which answers count."""

from dataclasses import replace

import pytest

from kafkabook.base.errors import Errors
from kafkabook.protocol.control_api import ConfirmedIsr, ProposedIsr
from kafkabook.replication.events import IsrAdopted, IsrProposed, IsrRefused
from kafkabook.replication.facts import NEVER_MS, UNKNOWN, FollowerFacts, PartitionState
from kafkabook.replication.isr_state import AskedAgain, FollowerProgress, IsrState
from tests.replication.replicas import LAG_MS, ORDERS, SomeReplicas


def a_leader_epoch(*isr: int, least: int = 1) -> tuple[SomeReplicas, IsrState]:
    """Broker 1 leads orders-0 of epoch 0, with this ISR."""
    some = SomeReplicas(isr=isr or (1, 2, 3), min_insync_replicas=least)
    some.elect(1)
    return some, some.leader(1).members


def hear(some: SomeReplicas, follower: int, offset: int, *, broker_epoch: int = -1) -> bool:
    """Let leader 1 take note of a follower's log end."""
    return some.leader(1).members.heard(follower, offset, broker_epoch, some.context())


def proposed(some: SomeReplicas) -> ProposedIsr:
    """Let follower 3, which has everything, be proposed by leader 1."""
    hear(some, 3, some.ends()[0])
    asked = some.leader(1).members.expand(3, some.context())
    assert asked is not None
    return asked


def test_each_fetch_of_a_session_is_a_fetch_of_a_partition_that_it_does_not_look_at() -> None:
    """Until the session looks at it again; whatever is asked for first."""
    progress, asked = FollowerProgress(FollowerFacts(2, 5, 10)), AskedAgain(20)
    progress.heard(FollowerFacts(2, 5, 10), 5, 10)
    progress.attach(asked)
    assert 20 == progress.fetched_ms
    asked.at_ms = 30
    assert FollowerFacts(2, 5, 30) == progress.facts
    asked.at_ms = 40
    progress.detach()
    asked.at_ms = 50
    assert (40, FollowerFacts(2, 5, 40)) == (progress.fetched_ms, progress.facts)


def test_a_new_leader_knows_nothing_and_gives_members_time_to_come() -> None:
    """A member counts as caught up when the leader epoch begins, anybody else as never."""
    some = SomeReplicas(isr=[1, 2])
    some.now_ms = 50
    some.elect(1)
    expected = [FollowerFacts(2, UNKNOWN, 50), FollowerFacts(3, UNKNOWN, NEVER_MS)]
    assert expected == [p.facts for p in some.leader(1).members.followers.values()]


def test_a_follower_is_caught_up_if_it_has_all_there_is() -> None:
    """At the time of its fetch."""
    some, members = a_leader_epoch()
    some.append(1, "a")
    some.now_ms = 70
    hear(some, 2, 1, broker_epoch=9)
    assert FollowerFacts(2, 1, 70, 9) == members.followers[2].facts


def test_a_follower_is_caught_up_if_it_has_all_there_was_when_it_last_asked() -> None:
    """Under a steady stream it never has everything, and is late by one fetch only."""
    some, members = a_leader_epoch()
    some.append(1, "a")
    some.now_ms = 70
    hear(some, 2, 0, broker_epoch=9)
    some.append(1, "b")
    some.now_ms = 90
    hear(some, 2, 1, broker_epoch=9)
    assert FollowerFacts(2, 1, 70, 9) == members.followers[2].facts
    some.append(1, "c", "d")
    some.now_ms = 95
    hear(some, 2, 1, broker_epoch=9)
    assert FollowerFacts(2, 1, 70, 9) == members.followers[2].facts


def test_only_another_log_end_of_a_follower_is_news() -> None:
    """When it fetched and in which incarnation is noted too, but moves no high watermark."""
    some, members = a_leader_epoch()
    some.append(1, "a", "b")
    said = [(1, 9), (1, 9), (1, 10), (2, 10), (1, 10)]
    news = [hear(some, 2, offset, broker_epoch=epoch) for offset, epoch in said]
    assert [True, False, False, True, True] == news
    assert FollowerFacts(2, 1, 0, 10) == members.followers[2].facts


def test_who_has_not_fetched_in_this_epoch_holds_nothing_back() -> None:
    """Not even right after the start of the clock: Kafka does not know which incarnation it is."""
    some, _ = a_leader_epoch(1)
    some.append(1, "a")
    assert 1 == some.marks()[0]


def test_who_fetched_once_and_is_far_behind_holds_nothing_back() -> None:
    """It was never caught up; only who was, and is about to join, is waited for."""
    some, _ = a_leader_epoch(1)
    some.append(1, "a", "b")
    hear(some, 3, 0)
    some.append(1, "c")
    assert 3 == some.marks()[0]


def test_who_has_caught_up_and_will_join_is_waited_for() -> None:
    """Else it would be left behind in the moment it arrives."""
    some, members = a_leader_epoch(1)
    some.append(1, "a")
    hear(some, 3, 1)
    some.append(1, "b")
    assert 1 == some.marks()[0]
    some.fenced.add(3)
    assert members.settle(some.context())
    assert 2 == some.marks()[0]


def test_a_small_set_commits_nothing() -> None:
    """Since 3.7: below min.insync.replicas the high watermark stands still."""
    some, members = a_leader_epoch(1, 2, least=2)
    some.append(1, "a")
    hear(some, 2, 1)
    assert members.settle(some.context())
    assert 1 == some.marks()[0]
    members.adopt(PartitionState((1, 2, 3), frozenset({1}), 1, 0, 2), some.context())
    some.append(1, "b")
    assert (False, 1) == (members.settle(some.context()), some.marks()[0])


def test_a_proposal_names_the_incarnation_in_which_each_member_fetched() -> None:
    """The controller refuses one that was restarted since (KIP-903)."""
    some, members = a_leader_epoch()
    some.append(1, "a")
    some.now_ms = LAG_MS + 1
    hear(some, 2, 1, broker_epoch=9)
    asked = members.expire(some.context())
    assert ProposedIsr(1, -1, ORDERS, 0, 1, ((1, -1), (2, 9))) == asked
    told = IsrProposed(
        "orders-0",
        1,
        was=frozenset({1, 2, 3}),
        now=frozenset({1, 2}),
        counted=frozenset({1, 2, 3}),
        leader_epoch=0,
        partition_epoch=1,
        high_watermark=0,
        epoch_start_offset=0,
        log_ends=((1, 1), (2, 1), (3, UNKNOWN)),
    )
    assert [told] == [entry.event for entry in some.trace.of(IsrProposed)]


def test_one_proposal_at_a_time() -> None:
    """Until the controller has answered, nobody else leaves or joins."""
    some, members = a_leader_epoch(1, 2)
    proposed(some)
    some.append(1, "a")
    some.now_ms = LAG_MS + 1
    context = some.context()
    assert (None, None) == (members.expire(context), members.expand(3, context))


def test_a_fenced_follower_is_not_proposed() -> None:
    """The controller would refuse it (KIP-841)."""
    some, members = a_leader_epoch(1, 2)
    some.fenced.add(3)
    hear(some, 3, 0)
    assert None is members.expand(3, some.context())


@pytest.mark.parametrize(
    ("error", "is_pending"),
    [
        (Errors.INELIGIBLE_REPLICA, False),  # the epoch was right, so nothing was changed
        (Errors.INVALID_UPDATE_VERSION, True),
        (Errors.FENCED_LEADER_EPOCH, True),
        (Errors.UNKNOWN_TOPIC_ID, True),
        (Errors.INVALID_REQUEST, True),
    ],
)
def test_what_was_refused_is_dropped_only_if_nothing_can_have_changed(
    error: Errors, is_pending: bool
) -> None:
    """Otherwise the controller may have another set than the leader thinks: both count."""
    some, members = a_leader_epoch(1, 2)
    context = some.confirm(1, proposed(some), error=error)
    assert is_pending == (members.proposed is not None)
    assert ({1, 2, 3} if is_pending else {1, 2}) == members.counted
    told = IsrRefused("orders-0", 1, frozenset({1, 2, 3}), error.name)
    assert [told] == [entry.event for entry in some.trace.of(IsrRefused)]
    assert [] == list(context.changed_keys)


@pytest.mark.parametrize(
    "answer",
    [
        ConfirmedIsr(ORDERS, 0, 1, (), Errors.INELIGIBLE_REPLICA),
        ConfirmedIsr(ORDERS, 0, 1, (), Errors.INVALID_UPDATE_VERSION),
        ConfirmedIsr(ORDERS, 0, 2, (1, 2, 3)),
    ],
)
def test_an_answer_to_what_was_proposed_before_is_ignored(answer: ConfirmedIsr) -> None:
    """The set was proposed again, word for word: only the answer to that may end it."""
    some, members = a_leader_epoch(1, 2)
    first = proposed(some)
    some.confirm(1, first, error=Errors.INELIGIBLE_REPLICA)
    second, told = proposed(some), len(some.trace)
    assert first == second
    context = some.context()
    members.answered(first, answer, context)
    assert ({1, 2}, {1, 2, 3}) == (members.state.isr, members.counted)
    assert (told, []) == (len(some.trace), list(context.changed_keys))
    some.confirm(1, second, 1, 2, 3)
    assert ({1, 2, 3}, None) == (members.state.isr, members.proposed)


def test_the_leader_tells_that_the_answer_came_before_metadata() -> None:
    """Metadata say the same, so that nobody would miss an answer that is not taken."""
    some, _ = a_leader_epoch(1, 2)
    some.confirm(1, proposed(some), 1, 2, 3)
    told = "orders-0", 1, frozenset({1, 2, 3}), frozenset({1, 2, 3}), 0
    (entry,) = some.trace.of(IsrAdopted)
    assert isinstance(entry.event, IsrAdopted)
    epoch = entry.event.partition_epoch
    assert IsrAdopted(*told, epoch, learned_from="the answer") == entry.event
    assert "from the answer" in entry.event.sentence()


def test_an_answer_is_taken_once() -> None:
    """What comes after it finds nothing that is awaited."""
    some, members = a_leader_epoch(1, 2)
    asked = proposed(some)
    some.confirm(1, asked, 1, 2, 3)
    told = len(some.trace)
    members.answered(asked, ConfirmedIsr(ORDERS, 0, 9, (1,)), some.context())
    assert ({1, 2, 3}, told) == (members.state.isr, len(some.trace))


def test_an_answer_to_an_earlier_epoch_is_dropped() -> None:
    """It is about a set that nobody has any more, though the new leader proposed it too."""
    some, _ = a_leader_epoch(1, 2)
    asked = proposed(some)
    some.elect(1)
    members = some.leader(1).members
    proposed(some)
    members.answered(asked, ConfirmedIsr(ORDERS, 0, 5, (1,)), some.context())
    assert ({1, 2}, {1, 2, 3}) == (members.state.isr, members.counted)
    assert [] == some.trace.of(IsrAdopted)


def test_the_controllers_word_ends_a_proposal_and_an_older_one_does_not() -> None:
    """Metadata may overtake the answer, which then says nothing new."""
    some, members = a_leader_epoch(1, 2)
    asked = proposed(some)
    alone, older, newer = (
        PartitionState((1, 2, 3), frozenset({1}), 1),
        some.context(),
        some.context(),
    )
    members.adopt(replace(alone, partition_epoch=1), older)
    assert ({1, 2, 3}, []) == (members.counted, list(older.changed_keys))
    members.adopt(replace(alone, partition_epoch=2), newer)
    assert ({1}, None, ["orders-0"]) == (
        members.counted,
        members.proposed,
        list(newer.changed_keys),
    )
    some.confirm(1, asked, 1, 2, 3)
    adopted = IsrAdopted("orders-0", 1, frozenset({1}), frozenset({1}), 0, 2)
    assert [adopted] == [entry.event for entry in some.trace.of(IsrAdopted)]
