"""Who is in sync, over the real log: what is remembered of a follower, and which answers count."""

import pytest

from kafkabook.protocol.control_api import AlterPartitionRequest, AlterPartitionResponse
from kafkabook.replication.events import IsrAdopted, IsrProposed, IsrRefused
from kafkabook.replication.facts import NEVER_MS, UNKNOWN, FollowerFacts, PartitionState
from kafkabook.replication.membership import Membership
from tests.replication.replicas import LAG_MS, SomeReplicas


def a_term(*isr: int, least: int = 1) -> tuple[SomeReplicas, Membership]:
    """Broker 1 leads orders-0 of epoch 0, with this in-sync set."""
    some = SomeReplicas(isr=isr or (1, 2, 3), min_insync_replicas=least)
    some.elect(1)
    leading = some.replicas[1].leading
    assert leading is not None
    return some, leading.members


def at(members: Membership, now_ms: int) -> Membership:
    """The same at another time."""
    members.stored.now_ms = now_ms
    return members


def test_a_new_leader_knows_nothing_and_gives_members_time_to_come() -> None:
    """A member counts as caught up when the term begins, anybody else as never."""
    some = SomeReplicas(isr=[1, 2])
    some.now_ms = 50
    some.elect(1)
    leading = some.replicas[1].leading
    assert leading is not None
    expected = (FollowerFacts(2, UNKNOWN, 50), FollowerFacts(3, UNKNOWN, NEVER_MS))
    known = [progress.facts for progress in leading.members.followers.values()]
    assert list(expected) == known


def test_a_follower_is_caught_up_if_it_has_all_there_is() -> None:
    """At the time of its fetch."""
    some, members = a_term()
    some.append(1, "a")
    at(members, 70).heard(2, 1, 9)
    assert FollowerFacts(2, 1, 70, 9) == members.followers[2].facts


def test_a_follower_is_caught_up_if_it_has_all_there_was_when_it_last_asked() -> None:
    """Under a steady stream it never has everything, and is late by one fetch only."""
    some, members = a_term()
    some.append(1, "a")
    at(members, 70).heard(2, 0, 9)
    some.append(1, "b")
    at(members, 90).heard(2, 1, 9)
    assert FollowerFacts(2, 1, 70, 9) == members.followers[2].facts
    some.append(1, "c", "d")
    at(members, 95).heard(2, 1, 9)
    assert 70 == members.followers[2].facts.caught_up_ms


def test_who_has_not_fetched_in_this_term_holds_nothing_back() -> None:
    """Not even right after the start of the clock: Kafka does not know which life it is in."""
    some, _ = a_term(1)
    some.append(1, "a")
    assert 1 == some.marks()[0]


def test_who_fetched_once_and_is_far_behind_holds_nothing_back() -> None:
    """It was never caught up; only who was, and is about to join, is waited for."""
    some, members = a_term(1)
    some.append(1, "a", "b")
    members.heard(3, 0, -1)
    some.append(1, "c")
    assert 3 == some.marks()[0]


def test_who_has_caught_up_and_will_join_is_waited_for() -> None:
    """Else it would be left behind in the moment it arrives."""
    some, members = a_term(1)
    some.append(1, "a")
    members.heard(3, 1, -1)
    some.append(1, "b")
    assert 1 == some.marks()[0]
    some.fenced.add(3)
    members.settle()
    assert 2 == some.marks()[0]


def test_a_small_set_commits_nothing() -> None:
    """Since 3.7: below min.insync.replicas the high watermark stands still."""
    some, members = a_term(1, 2, least=2)
    some.append(1, "a")
    members.heard(2, 1, -1)
    members.settle()
    assert 1 == some.marks()[0]
    members.adopt(PartitionState((1, 2, 3), frozenset({1}), 1, 0, 2))
    some.append(1, "b")
    assert 1 == some.marks()[0]


def test_a_proposal_names_the_life_in_which_each_member_fetched() -> None:
    """The controller refuses one that was restarted since (KIP-903)."""
    some, members = a_term()
    some.append(1, "a")
    at(members, LAG_MS + 1).heard(2, 1, 9)
    asked = members.expire()
    assert AlterPartitionRequest(1, -1, "orders-0", 0, 1, ((1, -1), (2, 9)), number=1) == asked
    proposed = some.trace.of(IsrProposed)[-1].event
    assert isinstance(proposed, IsrProposed)
    assert ({1, 2, 3}, {1, 2}, {1, 2, 3}) == (proposed.was, proposed.now, proposed.counted)


def test_one_proposal_at_a_time() -> None:
    """Until the controller has answered, nobody else leaves or joins."""
    some, members = a_term(1, 2)
    members.heard(3, 0, -1)
    assert None is not members.expand(3)
    some.append(1, "a")
    assert (None, None) == (at(members, LAG_MS + 1).expire(), members.expand(3))


def test_a_fenced_follower_is_not_proposed() -> None:
    """The controller would refuse it (KIP-841)."""
    some, members = a_term(1, 2)
    some.fenced.add(3)
    members.heard(3, 0, -1)
    assert None is members.expand(3)


@pytest.mark.parametrize(
    ("error", "is_pending"),
    [
        ("INELIGIBLE_REPLICA", False),  # the epoch was right, so nothing was changed
        ("INVALID_UPDATE_VERSION", True),
        ("FENCED_LEADER_EPOCH", True),
        ("UNKNOWN_TOPIC_ID", True),
        ("INVALID_REQUEST", True),
    ],
)
def test_what_was_refused_is_dropped_only_if_nothing_can_have_changed(
    error: str, is_pending: bool
) -> None:
    """Otherwise the controller may have another set than the leader thinks: both count."""
    some, members = a_term(1, 2)
    members.heard(3, 0, -1)
    asked = members.expand(3)
    assert asked is not None
    members.answered(AlterPartitionResponse("orders-0", 0, 0, (), error, asked.number))
    assert is_pending == (members.proposed is not None)
    assert ({1, 2, 3} if is_pending else {1, 2}) == members.counted
    told = IsrRefused("orders-0", 1, frozenset({1, 2, 3}), error)
    assert told == some.trace.of(IsrRefused)[-1].event


def test_a_refusal_of_what_was_asked_before_is_not_taken_for_the_last_word() -> None:
    """The proposal was sent again, and this time accepted: its member must go on counting."""
    _, members = a_term(1, 2)
    members.heard(3, 0, -1)
    first, second = members.expand(3), members.ask_again()
    assert first is not None and second is not None
    assert (first.isr, first.number + 1) == (second.isr, second.number)
    members.answered(
        AlterPartitionResponse("orders-0", 0, 0, (), "INELIGIBLE_REPLICA", first.number)
    )
    assert {1, 2, 3} == members.counted
    members.answered(AlterPartitionResponse("orders-0", 0, 2, (1, 2, 3), "", second.number))
    assert ({1, 2, 3}, None) == (members.state.isr, members.proposed)


def test_an_answer_to_an_earlier_term_is_dropped() -> None:
    """It is about a set that nobody has any more."""
    some, members = a_term(1, 2)
    members.heard(3, 0, -1)
    asked = members.expand(3)
    assert asked is not None
    members.answered(AlterPartitionResponse("orders-0", -1, 5, (1,), "", asked.number))
    assert ({1, 2}, {1, 2, 3}) == (members.state.isr, members.counted)
    assert [] == some.trace.of(IsrAdopted)


def test_the_controllers_word_ends_a_proposal_and_an_older_one_does_not() -> None:
    """Metadata may overtake the answer."""
    _, members = a_term(1, 2)
    members.heard(3, 0, -1)
    members.expand(3)
    members.adopt(PartitionState((1, 2, 3), frozenset({1}), 1, 0, 1))
    assert {1, 2, 3} == members.counted
    members.adopt(PartitionState((1, 2, 3), frozenset({1}), 1, 0, 2))
    assert ({1}, None, None) == (members.counted, members.proposed, members.ask_again())
