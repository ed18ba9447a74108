"""Every scenario of a cluster meets both of its ends on any seed, and needs each of its faults."""

import pytest

from kafkabook.scenarios.catalogue import SCENARIOS
from kafkabook.scenarios.cluster_end import ClusterEnd, ClusterOutcome
from kafkabook.scenarios.cluster_player import played
from kafkabook.scenarios.scenario import Scenario

OF_CLUSTERS = [it for it in SCENARIOS.values() if isinstance(it.bad, ClusterEnd)]
EACH = pytest.mark.parametrize("scenario", OF_CLUSTERS, ids=lambda scenario: scenario.id)
SEEDS = (1, 2, 3)

Stated = tuple[object, ...]


def _play(scenario: Scenario, end: str, seed: int = 7, without: int | None = None) -> Stated:
    """Return all that an end states, as a run has it; the broken promises come first."""
    stated = scenario.bad if end == "bad" else scenario.good
    assert isinstance(stated, ClusterEnd)
    steps = [step for n, step in enumerate(scenario.steps) if n != without]
    return _left(played(scenario, stated, steps, seed=seed))


def _left(outcome: ClusterOutcome | ClusterEnd) -> Stated:
    return outcome.broken, outcome.allowed, outcome.readable, outcome.acked, outcome.held


@EACH
@pytest.mark.parametrize("seed", SEEDS)
def test_the_bad_end_is_met_whatever_the_seed_draws(scenario: Scenario, seed: int) -> None:
    """Exactly these broken promises, these records, these replicas; latencies change nothing."""
    assert isinstance(scenario.bad, ClusterEnd)
    assert _left(scenario.bad) == _play(scenario, "bad", seed)


@EACH
@pytest.mark.parametrize("seed", SEEDS)
def test_the_good_end_is_met_whatever_the_seed_draws(scenario: Scenario, seed: int) -> None:
    """The fix alone, with the same script, and no promise is broken."""
    assert isinstance(scenario.good, ClusterEnd)
    assert () == scenario.good.broken
    assert _left(scenario.good) == _play(scenario, "good", seed)


@EACH
def test_each_fault_is_needed_for_the_bad_end(scenario: Scenario) -> None:
    """Drop any fault or command, and not the same is broken, or not the same is left."""
    assert isinstance(scenario.bad, ClusterEnd)
    for place in scenario.faults():
        assert _left(scenario.bad) != _play(scenario, "bad", without=place), place


@EACH
@pytest.mark.parametrize("end", ["bad", "good"])
def test_a_run_is_what_its_end_states(scenario: Scenario, end: str) -> None:
    """What a notebook shows says so itself, and every step made sense."""
    outcome = scenario.play(end)
    assert isinstance(outcome, ClusterOutcome)
    assert ((), True) == (outcome.refused, outcome.as_expected)
    assert len(scenario.steps) == len(outcome.moments)


def test_the_oldest_hole_loses_what_three_brokers_held() -> None:
    """A1: before the last election all three have m1; afterwards nobody has."""
    outcome = SCENARIOS["A1"].play("bad")
    assert isinstance(outcome, ClusterOutcome)
    acked = outcome.moments[2]
    assert [2, 2, 2] == [lane.log_end for lane in acked.lanes]
    assert ("m1",) == outcome.lost
    assert [1, 1, 1] == [lane.log_end for lane in outcome.moments[-1].lanes]
