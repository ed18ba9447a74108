"""Who may lead: single elections, whole stories of a partition, and what holds in all of them."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.cluster.election import (
    Elected,
    ElectionFacts,
    ElectionReason,
    PartitionChange,
    change_isr,
    elect,
    elect_preferred,
    elect_unclean,
    isr_without,
    next_elr,
)

NONE: frozenset[int] = frozenset()


def ids(*brokers: int) -> frozenset[int]:
    """Say a set of brokers shortly."""
    return frozenset(brokers)


def partition(**facts: object) -> ElectionFacts:
    """Return replicas 1, 2, 3 in sync under leader 1, who is dead, with what is different."""
    usual = {"isr": ids(1, 2, 3), "leader": 1, "alive": ids(2, 3)}
    return ElectionFacts((1, 2, 3), **usual | facts)


def test_a_valid_leader_stays_though_another_is_preferred() -> None:
    """Moving leadership costs every client a metadata request; only `preferred` asks for it."""
    facts = partition(leader=3, alive=ids(1, 2, 3))
    assert Elected(3, False, ids(1, 2, 3), ElectionReason.STAYS) == elect(facts)


def test_the_order_of_assignment_decides_and_not_the_number() -> None:
    """The order was dealt out at creation so that leaders spread; ids were not."""
    facts = replace(partition(alive=ids(1, 2, 3), leader=None), replicas=(3, 1, 2))
    assert Elected(3, False, ids(1, 2, 3), ElectionReason.IN_SYNC) == elect(facts)


def test_a_live_replica_outside_the_isr_is_passed_over() -> None:
    """2 comes first and is alive, but may lack what was committed."""
    facts = partition(isr=ids(1, 3))
    assert Elected(3, False, ids(1, 3), ElectionReason.IN_SYNC) == elect(facts)


def test_a_broker_in_controlled_shutdown_is_passed_over() -> None:
    """It would have to hand leadership on at once."""
    facts = partition(shutting_down=ids(2), alive=ids(3))
    assert 3 == elect(facts).leader


def test_with_the_isr_dead_the_partition_is_offline_and_the_isr_is_kept() -> None:
    """It says whom to wait for; waiting loses nothing."""
    facts = partition(isr=ids(1))
    assert Elected(None, False, ids(1), ElectionReason.OFFLINE) == elect(facts)


def test_an_unclean_leader_is_alone_in_the_isr() -> None:
    """The others must follow its log now, whatever theirs hold."""
    facts = partition(isr=ids(1), is_unclean_allowed=True)
    assert Elected(2, True, ids(2), ElectionReason.UNCLEAN) == elect(facts)


def test_the_elr_is_not_asked_while_the_isr_has_a_member() -> None:
    """A member of the ISR may have committed more, for example after the ISR grew again."""
    facts = partition(isr=ids(1), elr=ids(2))
    assert Elected(None, False, ids(1), ElectionReason.OFFLINE) == elect(facts)


def test_an_eligible_leader_replica_begins_an_isr_of_its_own() -> None:
    """A clean election: it was in sync when the last record was committed."""
    facts = partition(isr=NONE, elr=ids(1, 3))
    assert Elected(3, False, ids(3), ElectionReason.ELIGIBLE) == elect(facts)


@pytest.mark.parametrize("is_unclean_allowed", [False, True])
def test_the_last_known_leader_is_taken_when_nobody_is_trusted(is_unclean_allowed: bool) -> None:
    """Nobody has a longer log, but it may have lost its end: that is unclean, allowed or not."""
    facts = partition(
        isr=NONE, leader=None, last_known_elr=(3,), is_unclean_allowed=is_unclean_allowed
    )
    assert Elected(3, True, ids(3), ElectionReason.LAST_KNOWN) == elect(facts)


@pytest.mark.parametrize("last_known_elr", [(), (1,), (2, 3)])
def test_no_last_known_leader_no_leader(last_known_elr: tuple[int, ...]) -> None:
    """None remembered, a dead one, or two of which nobody knows who led."""
    facts = partition(isr=NONE, leader=None, last_known_elr=last_known_elr)
    assert Elected(None, False, NONE, ElectionReason.OFFLINE) == elect(facts)


def test_the_preferred_leader_takes_over_from_one_that_could_stay() -> None:
    """What restarting one broker after another undoes, this restores."""
    facts = partition(leader=2, alive=ids(1, 2, 3))
    assert Elected(1, False, ids(1, 2, 3), ElectionReason.PREFERRED) == elect_preferred(facts)


def test_a_preferred_election_is_never_unclean() -> None:
    """Who asks for balance does not ask for losses, and a lagging preferred leader has to wait."""
    behind = partition(isr=ids(2, 3), leader=3, alive=ids(1, 2, 3), is_unclean_allowed=True)
    assert Elected(3, False, ids(2, 3), ElectionReason.STAYS) == elect_preferred(behind)
    dead = partition(isr=ids(1), is_unclean_allowed=True)
    assert Elected(None, False, ids(1), ElectionReason.OFFLINE) == elect_preferred(dead)


def test_an_unclean_election_prefers_a_clean_one() -> None:
    """Permission to lose is no wish to lose."""
    assert Elected(2, False, ids(1, 2, 3), ElectionReason.IN_SYNC) == elect_unclean(partition())
    assert Elected(2, True, ids(2), ElectionReason.UNCLEAN) == elect_unclean(partition(isr=ids(1)))


def test_the_last_member_stayed_in_the_isr_before_there_was_an_elr() -> None:
    """Otherwise nobody could ever lead again; two that go at once both stay."""
    assert ids(2) == isr_without(ids(1, 2), {1}, is_elr_enabled=False)
    assert ids(1, 2) == isr_without(ids(1, 2), {1, 2}, is_elr_enabled=False)
    assert NONE == isr_without(ids(1, 2), {1, 2})


def test_who_leaves_an_isr_that_is_too_small_stays_eligible() -> None:
    """Nothing is committed below the minimum, so nothing can be missing from its log."""
    shrink = {"old_isr": ids(1, 2, 3), "elr": ids(4), "min_insync_replicas": 3}
    assert ids(3, 4) == next_elr(new_isr=ids(1, 2), **shrink)
    assert ids(3) == next_elr(new_isr=ids(1, 2), unclean_shutdown=ids(4), **shrink)
    assert ids(2, 3) == next_elr(new_isr=ids(1, 4), **shrink)
    assert NONE == next_elr(new_isr=ids(1, 2), is_elr_enabled=False, **shrink)
    assert NONE == next_elr(new_isr=ids(1, 2, 3), **shrink)


def changed(facts: ElectionFacts, change: PartitionChange) -> ElectionFacts:
    """Return the partition with a decision written down."""
    return replace(
        facts,
        leader=change.leader,
        isr=change.isr,
        elr=change.elr,
        last_known_elr=change.last_known_elr,
    )


class Story:
    """A partition whose brokers come and go, one decision after the other; `min.insync` is 2."""

    def __init__(self, *, is_elr_enabled: bool = True) -> None:
        self.facts = partition(alive=ids(1, 2, 3))
        self.is_elr_enabled = is_elr_enabled

    def fenced(self, broker: int) -> "Story":
        """Let a broker's session end."""
        self.facts = replace(self.facts, alive=self.facts.alive - {broker})
        return self._gone(broker, NONE)

    def registered_after_unclean_shutdown(self, broker: int) -> "Story":
        """Let it register again, fenced still, without the marker of a clean shutdown."""
        return self._gone(broker, ids(broker))

    def unfenced(self, broker: int) -> "Story":
        """Let it be ready."""
        self.facts = replace(self.facts, alive=self.facts.alive | {broker})
        return self.isr_is_to_be(self.facts.isr)

    def _gone(self, broker: int, unclean_shutdown: frozenset[int]) -> "Story":
        isr = isr_without(self.facts.isr, {broker}, is_elr_enabled=self.is_elr_enabled)
        return self.isr_is_to_be(isr, unclean_shutdown)

    def isr_is_to_be(self, isr: frozenset[int], unclean_shutdown: frozenset[int] = NONE) -> "Story":
        """Let the controller decide."""
        change = change_isr(
            self.facts,
            isr,
            min_insync_replicas=2,
            unclean_shutdown=unclean_shutdown,
            is_elr_enabled=self.is_elr_enabled,
        )
        self.facts = changed(self.facts, change)
        return self

    def told(self) -> tuple[int | None, set[int], set[int], tuple[int, ...]]:
        """Return leader, ISR, ELR and last known leader."""
        facts = self.facts
        return facts.leader, set(facts.isr), set(facts.elr), facts.last_known_elr


def test_one_broker_after_the_other_dies_and_the_second_last_brings_the_partition_back() -> None:
    """Before KIP-966 all would have had to wait for broker 1, the last of the ISR."""
    story = Story()
    assert (1, {1, 2}, set(), ()) == story.fenced(3).told()
    assert (1, {1}, {2}, ()) == story.fenced(2).told()
    assert (None, set(), {1, 2}, (1,)) == story.fenced(1).told()
    assert (None, set(), {1, 2}, (1,)) == story.unfenced(3).told()
    assert (2, {2}, {1}, ()) == story.unfenced(2).told()
    assert (2, {2, 3}, set(), ()) == story.isr_is_to_be(ids(2, 3)).told()


def test_when_all_lost_their_ends_the_last_leader_is_waited_for() -> None:
    """Its log was the longest, so the loss is the smallest; 2 was eligible, and is so no more."""
    story = Story().fenced(3).fenced(2).fenced(1)
    assert (None, set(), {1}, (1,)) == story.registered_after_unclean_shutdown(2).told()
    assert (None, set(), {1}, (1,)) == story.unfenced(2).told()
    assert (None, set(), set(), (1,)) == story.registered_after_unclean_shutdown(1).told()
    assert (1, {1}, set(), ()) == story.unfenced(1).told()


def test_the_last_replica_standing_leads_again_although_it_lost_its_end() -> None:
    """The hole that KIP-966 closes: without ELR an unclean shutdown leaves no trace."""
    story = Story(is_elr_enabled=False)
    assert (1, {1}, set(), ()) == story.fenced(2).fenced(3).told()
    assert (None, {1}, set(), ()) == story.fenced(1).told()
    assert (None, {1}, set(), ()) == story.unfenced(2).unfenced(3).told()
    assert (None, {1}, set(), ()) == story.registered_after_unclean_shutdown(1).told()
    assert (1, {1}, set(), ()) == story.unfenced(1).told()


def test_an_unclean_election_makes_the_elr_void() -> None:
    """Eligible meant *holds all that was committed to the old log*; there is a new log now."""
    facts = partition(isr=ids(1), elr=ids(2), alive=ids(3), is_unclean_allowed=True)
    change = change_isr(facts, NONE, min_insync_replicas=2)
    assert PartitionChange(3, ids(3), NONE, (), True, ElectionReason.UNCLEAN) == change


def test_a_leader_from_the_elr_that_is_enough_by_itself_makes_the_elr_void() -> None:
    """The minimum was lowered to one while nobody led: 1 may now commit what 2 does not hold."""
    facts = partition(isr=NONE, elr=ids(1, 2), leader=None, alive=ids(1))
    change = change_isr(facts, NONE, min_insync_replicas=1)
    assert PartitionChange(1, ids(1), NONE, (), False, ElectionReason.ELIGIBLE) == change


def test_another_rule_can_choose() -> None:
    """The choice is a part; what surrounds it stays."""

    def highest(facts: ElectionFacts) -> Elected:
        return Elected(max(facts.alive), False, facts.isr, "the highest number")

    change = change_isr(partition(), ids(2, 3), min_insync_replicas=1, elect=highest)
    assert PartitionChange(3, ids(2, 3), NONE, (), False, "the highest number") == change


BROKERS = st.frozensets(st.integers(1, 4))


@st.composite
def partitions(draw: st.DrawFn) -> ElectionFacts:
    """Draw what a controller can come to know, and a broker 5 that holds no replica."""
    isr = draw(BROKERS)
    return ElectionFacts(
        replicas=tuple(draw(st.permutations((1, 2, 3, 4)))),
        isr=isr,
        elr=draw(BROKERS) - isr,
        last_known_elr=draw(st.sampled_from([(), (1,), (3,)])),
        leader=draw(st.sampled_from([None, *sorted(isr)])),
        alive=draw(BROKERS) | {5},
        is_unclean_allowed=draw(st.booleans()),
    )


ELECTIONS = pytest.mark.parametrize("choose", [elect, elect_preferred, elect_unclean])
Choice = Callable[[ElectionFacts], Elected]


@ELECTIONS
@given(facts=partitions())
def test_a_leader_is_a_live_replica_and_in_its_isr(choose: Choice, facts: ElectionFacts) -> None:
    """And an offline partition keeps its ISR."""
    elected = choose(facts)
    if elected.leader is None:
        assert facts.isr == elected.isr
    else:
        assert elected.leader in set(facts.replicas) & facts.alive & elected.isr


@ELECTIONS
@given(facts=partitions())
def test_only_an_unclean_leader_comes_from_outside(choose: Choice, facts: ElectionFacts) -> None:
    """And a trusted replica that is alive is never passed over for one of them."""
    elected = choose(facts)
    trusted = (facts.isr or facts.elr) & facts.alive
    if elected.is_unclean or elected.leader is None:
        assert NONE == trusted
    else:
        assert elected.leader in trusted


@given(facts=partitions())
def test_unclean_is_flagged_and_needs_leave(facts: ElectionFacts) -> None:
    """Without leave there is one way, that of the last known leader, and none while one waits."""
    elected = elect(replace(facts, is_unclean_allowed=False))
    if elected.is_unclean:
        assert (ElectionReason.LAST_KNOWN, NONE, NONE) == (elected.reason, facts.isr, facts.elr)


@given(facts=partitions(), new_isr=BROKERS, unclean=BROKERS, minimum=st.integers(1, 4))
def test_a_decision_leaves_isr_and_elr_apart_and_the_elr_for_a_small_isr_only(
    facts: ElectionFacts, new_isr: frozenset[int], unclean: frozenset[int], minimum: int
) -> None:
    """Nobody is in both; a large enough ISR voids the ELR; a lost tail is never trusted."""
    change = change_isr(facts, new_isr, min_insync_replicas=minimum, unclean_shutdown=unclean)
    assert NONE == change.isr & change.elr
    assert NONE == change.elr & unclean
    assert len(change.isr) < minimum or NONE == change.elr
    assert len(change.last_known_elr) <= 1
    assert change.leader is None or () == change.last_known_elr
