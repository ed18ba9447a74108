"""Who is in sync: the edges of leaving and of joining, and what any facts obey."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.replication.facts import LeaderFacts
from kafkabook.replication.in_sync import counted_members, in_sync, is_caught_up
from tests.replication.leaders import LAG_MS, NOW_MS, a_leader, leaders


@pytest.mark.parametrize(("now_ms", "expected"), [(LAG_MS, True), (LAG_MS + 1, False)])
def test_a_follower_has_the_whole_of_its_lag_time(now_ms: int, expected: bool) -> None:
    """The limit itself is still in time; one millisecond later is not."""
    facts = a_leader({2: 9}, isr={1, 2})
    assert expected == is_caught_up(facts.followers[0], facts, now_ms, LAG_MS)


def test_a_follower_that_has_everything_is_never_late() -> None:
    """A topic without traffic keeps its members, however long nobody writes."""
    assert {1, 2} == in_sync(a_leader({2: 10, 3: 9}, isr={1, 2, 3}), NOW_MS, LAG_MS)


@pytest.mark.parametrize(
    ("end", "mark", "epoch_start", "expected"),
    [(7, 7, 3, True), (6, 7, 3, False), (7, 5, 7, True), (6, 5, 7, False)],
)
def test_a_joiner_needs_all_that_is_committed_and_all_that_older_epochs_wrote(
    end: int, mark: int, epoch_start: int, expected: bool
) -> None:
    """A new leader's mark is behind the old one's, so that alone does not say what is safe."""
    facts = a_leader({2: end}, isr={1}, high_watermark=mark, epoch_start_offset=epoch_start)
    assert expected == (2 in in_sync(facts, NOW_MS, LAG_MS))


def test_a_broker_that_goes_may_stay_a_member_and_not_become_one() -> None:
    """The controller takes members out; the leader only keeps new ones from coming."""
    facts = a_leader({2: 10, 3: 10}, isr={1, 2})
    going = tuple(replace(f, is_eligible=False) for f in facts.followers)
    assert {1, 2} == in_sync(replace(facts, followers=going), NOW_MS, LAG_MS)


@given(facts=leaders())
def test_a_leader_is_in_sync_with_itself_and_whoever_has_everything(facts: LeaderFacts) -> None:
    """Nobody who holds the whole log is left out, unless its broker is about to go."""
    members = in_sync(facts, NOW_MS, LAG_MS)
    complete = {f.broker for f in facts.followers if f.log_end == facts.log_end and f.is_eligible}
    assert {1} | complete <= members <= {1} | {f.broker for f in facts.followers}


@given(isr=st.frozensets(st.integers(1, 4)), proposed=st.frozensets(st.integers(1, 4)))
def test_both_sets_count_while_the_controller_has_not_answered(
    isr: frozenset[int], proposed: frozenset[int]
) -> None:
    """Whichever of the two is true, its members are among them."""
    counted = counted_members(isr, proposed)
    assert isr <= counted
    assert proposed <= counted
    assert counted <= isr | proposed
