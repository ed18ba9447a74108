"""What is committed: examples of the edges, and what any facts obey."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.replication.facts import UNKNOWN, FollowerFacts, LeaderFacts
from kafkabook.replication.high_watermark import high_watermark
from tests.replication.leaders import LAG_MS, NOW_MS, a_leader, leaders


def committed(facts: LeaderFacts) -> int:
    """Return the high watermark by today's rule."""
    return high_watermark(facts, NOW_MS, LAG_MS)


def test_the_slowest_member_decides_what_is_committed() -> None:
    """A record is safe when whoever may be elected has it."""
    assert 7 == committed(a_leader({2: 9, 3: 7}, isr={1, 2, 3}))


def test_nobody_waits_for_a_replica_that_is_no_member_and_late() -> None:
    """That is what the set of members is for."""
    assert 9 == committed(a_leader({2: 9, 3: 7}, isr={1, 2}))


@pytest.mark.parametrize(("is_eligible", "expected"), [(True, 7), (False, 9)])
def test_a_replica_on_its_way_in_is_waited_for(is_eligible: bool, expected: int) -> None:
    """It kept up until a moment ago and will ask to join; but a broker that is going will not."""
    late = FollowerFacts(3, 7, NOW_MS - LAG_MS, is_eligible=is_eligible)
    facts = a_leader({2: 9}, isr={1, 2})
    assert expected == committed(replace(facts, followers=(*facts.followers, late)))


def test_a_member_that_has_told_nothing_yet_holds_everything_back() -> None:
    """A new leader may not guess: the mark stays where it was."""
    assert 5 == committed(a_leader({2: 9, 3: UNKNOWN}, isr={1, 2, 3}))


def test_whoever_is_counted_is_waited_for_before_the_controller_has_answered() -> None:
    """The set under way may already be the one from which a leader is elected."""
    assert 7 == committed(a_leader({2: 9, 3: 7}, isr={1, 2}, counted=frozenset({1, 2, 3})))


def test_below_min_insync_replicas_nothing_is_committed() -> None:
    """Since 3.7: one member alone does not make a record safe (KIP-966)."""
    assert 5 == committed(a_leader({2: 10}, isr={1}))


@given(facts=leaders())
def test_what_is_committed_stays_so_and_lies_in_every_counted_log(facts: LeaderFacts) -> None:
    """The mark never goes back, never passes the log end, and moves over what all members have."""
    mark = committed(facts)
    assert facts.high_watermark <= mark <= facts.log_end
    behind = {f.broker for f in facts.followers if f.log_end < mark and f.broker in facts.counted}
    assert mark == facts.high_watermark or set() == behind


@given(facts=leaders(), data=st.data())
def test_more_records_at_a_follower_never_commit_less(
    facts: LeaderFacts, data: st.DataObject
) -> None:
    """Progress anywhere is progress, or nothing."""
    further = tuple(
        replace(f, log_end=data.draw(st.integers(f.log_end, facts.log_end)))
        for f in facts.followers
    )
    assert committed(facts) <= committed(replace(facts, followers=further))
