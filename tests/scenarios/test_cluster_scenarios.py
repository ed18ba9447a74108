"""Every scenario of a cluster meets both of its ends on any seed, and needs each of its faults."""

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache

import pytest

from kafkabook.cluster.events import RecordSent, SendEnded
from kafkabook.lab.broker_commands import Crash, Flush
from kafkabook.lab.command import Command
from kafkabook.log.rules import LogRules
from kafkabook.replication.events import ReplicaFlushed
from kafkabook.replication.snapshots import Lane
from kafkabook.scenarios.catalogue import SCENARIOS
from kafkabook.scenarios.cluster_end import ClusterEnd, ClusterOutcome
from kafkabook.scenarios.cluster_player import played
from kafkabook.scenarios.cluster_steps import ClusterStep, PowerOffRack, Stage, Until
from kafkabook.scenarios.scenario import Scenario, Step

OF_CLUSTERS = [it for it in SCENARIOS.values() if isinstance(it.bad, ClusterEnd)]
EACH = pytest.mark.parametrize("scenario", OF_CLUSTERS, ids=lambda scenario: scenario.id)
SEEDS = (7, 1, 2)
_ALL = frozenset({1, 2, 3})

Stated = tuple[object, ...]


def _end(scenario: Scenario, end: str) -> ClusterEnd:
    stated = scenario.bad if end == "bad" else scenario.good
    assert isinstance(stated, ClusterEnd)
    return stated


def _left(of: ClusterOutcome | ClusterEnd) -> Stated:
    return of.broken, of.allowed, of.readable, of.acked, of.held


@dataclass(frozen=True, slots=True)
class Watched(ClusterStep):
    """A wait that remembers whether it was given up."""

    until: Until
    given_up: list[Until] = field(default_factory=list)

    def do(self, stage: Stage) -> None:
        """Wait, then look."""
        self.until.do(stage)
        if not self.until.condition.holds(stage.lab):
            self.given_up.append(self.until)


@cache
def _watched(name: str, end: str, seed: int) -> tuple[ClusterOutcome, tuple[Until, ...]]:
    """Play a scenario; return what it came to, and which waits were given up."""
    scenario, given_up = SCENARIOS[name], list[Until]()
    steps: list[Step | Command] = [
        Watched(step, given_up) if isinstance(step, Until) else step for step in scenario.steps
    ]
    return played(scenario, _end(scenario, end), steps, seed=seed), tuple(given_up)


def _played(name: str, end: str) -> ClusterOutcome:
    return _watched(name, end, SEEDS[0])[0]


@EACH
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("end", ["bad", "good"])
def test_both_ends_are_met_whatever_the_seed_draws(scenario: Scenario, end: str, seed: int) -> None:
    """Exactly these broken promises, records and replicas; every step made sense."""
    stated = _end(scenario, end)
    outcome, given_up = _watched(scenario.id, end, seed)
    assert _left(stated) == _left(outcome)
    assert ((), True) == (outcome.refused, outcome.as_expected)
    assert len(scenario.steps) == len(outcome.moments)
    assert all(wait.shown for wait in given_up)


@EACH
def test_no_step_tells_which_end_will_be_met(scenario: Scenario) -> None:
    """What only one end waits for in vain, readers do not see: they are to guess it."""
    given_up = {it for end in ("bad", "good") for it in _watched(scenario.id, end, SEEDS[0])[1]}
    hidden = {it for it in scenario.steps if isinstance(it, Until) and it.shown}
    assert given_up <= hidden
    assert [] == [it for it in hidden if str(it.condition) in repr(scenario)]


@EACH
def test_no_promise_is_broken_in_a_good_end(scenario: Scenario) -> None:
    """The fix alone, with the same script."""
    assert () == scenario.good.broken


@EACH
def test_each_fault_is_needed_for_the_bad_end(scenario: Scenario) -> None:
    """Drop any fault or command, and not the same is broken, or not the same is left."""
    for place in scenario.faults():
        steps = scenario.steps[:place] + scenario.steps[place + 1 :]
        assert not played(scenario, _end(scenario, "bad"), steps).as_expected, place


def test_the_oldest_hole_loses_what_three_brokers_held() -> None:
    """A1: before the last election all three have m1; afterwards nobody has."""
    outcome = _played("A1", "bad")
    assert [2, 2, 2] == [lane.log_end for lane in outcome.moments[2].lanes]
    assert ("m1",) == outcome.lost
    assert [1, 1, 1] == [lane.log_end for lane in outcome.moments[-1].lanes]


def test_a_follower_took_a_batch_that_began_below_its_log_end() -> None:
    """A3: offset 1 stands there twice, and a consumer of broker 1 never meets m2."""
    outcome = _played("A3", "bad")
    one, two = outcome.moments[-1].lanes
    assert [(0, "m0"), (1, "m1"), (1, "m2"), (2, "m3"), (3, "m4")] == _told(one)
    assert [(0, "m0"), (1, "m2"), (2, "m3"), (3, "m4")] == _told(two)
    assert ("m2",) == outcome.lost
    assert "R1: broker 1 holds orders-0 up to offset 2 and then the batch 1 to 3" in (
        outcome.anomalies
    )


def test_todays_check_alone_would_stop_the_follower_and_not_mend_it() -> None:
    """A3 with the check by first offsets: broker 1 refuses the batch and stays behind for ever."""
    scenario, end = SCENARIOS["A3"], _end(SCENARIOS["A3"], "bad")
    rules = replace(end.setup.rules, log=LogRules())
    stopped = replace(end, setup=replace(end.setup, rules=rules))
    outcome = played(scenario, stopped, scenario.steps)
    assert ("1: m0 m1", "2: m0 m2 m3 m4") == outcome.held
    assert "R1" not in outcome.broken
    assert ["the controller makes broker 1 the leader"] == [
        told.partition(":")[0] for told in outcome.refused
    ]


def _told(lane: Lane) -> list[tuple[int, str]]:
    return [(record.offset, record.value) for record in lane.records]


def test_sentences_agree_with_the_number_of_their_brokers() -> None:
    """They stand in the chapters."""
    assert "broker 1 flushes everything to disk" == Flush(1).says
    assert "brokers 1, 2 and 3 flush everything to disk" == Flush(1, 2, 3).says
    assert "kill brokers 2 and 3 (kill -9)" == Crash(2, 3).says


def test_a_record_may_be_safe_on_a_disk_and_out_of_reach() -> None:
    """A9: m7 and m8 were on one disk only; m6 is on two others, whom nobody may elect."""
    outcome = _played("A9", "bad")
    assert (("m7", "m8"), ("m6",)) == (outcome.lost, outcome.out_of_reach)


def test_a_page_cache_outlives_its_processes() -> None:
    """E1 with `kill -9` of all three in place of the power cut: nothing is lost, in one rack."""
    scenario = SCENARIOS["E1"]
    steps = tuple(
        Crash(1, 2, 3) if isinstance(step, PowerOffRack) else step for step in scenario.steps
    )
    outcome = played(scenario, _end(scenario, "bad"), steps)
    assert ((), ()) == (outcome.lost, outcome.broken)


def test_flushing_each_record_survives_a_power_cut_everywhere() -> None:
    """E1 with log.flush.interval.messages=1, which costs a write to disk for each record."""
    scenario, end = SCENARIOS["E1"], _end(SCENARIOS["E1"], "bad")
    setup = replace(end.setup, topic=(*end.setup.topic, ("flush_messages", 1)))
    outcome = played(scenario, replace(end, setup=setup), scenario.steps)
    assert ((), ()) == (outcome.lost, outcome.broken)
    assert {1: 10, 2: 10, 3: 10} == _flushes(outcome)
    assert {1: 1, 2: 1, 3: 1} == _flushes(_played("E1", "bad"))


def _flushes(outcome: ClusterOutcome) -> dict[int, int]:
    told = (e.event for e in outcome.trace if isinstance(e.event, ReplicaFlushed))
    return dict(Counter(event.broker for event in told))


def test_every_answer_waits_for_the_slowest_member() -> None:
    """A16, repaired: one way to broker 3 and one back, before its next fetch tells that it has."""
    trace = _played("A16", "good").trace
    sent = {e.event.value: e.at_ms for e in trace if isinstance(e.event, RecordSent)}
    ended = {e.event.value: e.at_ms for e in trace if isinstance(e.event, SendEnded)}
    assert ["m0", "m1", "m2"] == list(ended)
    assert all(ended[value] - sent[value] >= 8_000 for value in sent)


def test_a_cluster_outcome_tells_what_it_is() -> None:
    """What a chapter shows: the end, its setup, the records, the losses, the broken promises."""
    told = repr(_played("A17", "bad")).splitlines()
    assert "Set up with acks = 1. Seed 7." == told[1]
    assert ["a consumer is given:", "    0 m0", "    1 n0"] == told[2:5]
    assert "acknowledged and lost: s0, s1, s2, s3, s4, s5, s6, s7, s8, s9" == told[6]
    assert ["broker 1: m0 n0", "broker 2: m0 n0", "broker 3: m0 n0"] == told[7:10]
    assert (
        "J1 does not hold, and need not: if consumers read past an acknowledged record, one"
        " of them was given it. Exceptions: acks 0 or 1, unclean elections, losses beyond"
        " min.insync.replicas, retention."
    ) == told[10]


def test_each_bad_end_of_a_cluster_names_what_it_is_set_up_with() -> None:
    """Without it the two ends of a chapter look like chance."""
    told = {it.id: " and ".join(it.bad.differing(it.good)) for it in OF_CLUSTERS}
    assert {
        "A1": "the rules of replication “before KIP-101”",
        "A2": "the rules of replication “before KIP-101”",
        "A3": "the rules of replication “before KIP-101”",
        "A4": "the rules of replication “KIP-101”",
        "A5": "the rules of replication “KIP-279”",
        "A7": "acks = 1",
        "A9": "min.insync.replicas = 1",
        "A11": "unclean.leader.election.enable = true",
        "A12": "eligible.leader.replicas.version = 0",
        "A13": "this bug: a member is taken in by what it had before it was restarted",
        "A14": "this bug: a leader that has asked the controller no longer waits for the leaving"
        " member",
        "A15": "this bug: a follower joins without all that was written before its leader's epoch",
        "A16": "replica.lag.time.max.ms = 5 s",
        "A17": "acks = 1",
        "E1": "racks = a a a",
        "E2": "replicas = 1",
        "E5": "replicas = 1",
        "E6": "eligible.leader.replicas.version = 0",
        "S1": "1 broker",
        "S2": "min.insync.replicas = 1",
        "S3": "replicas = 1",
    } == told


def test_the_lab_of_an_outcome_goes_back_to_any_moment() -> None:
    """A chapter draws lanes wherever a reader wants to look; waits that were given up included."""
    outcome = _played("A11", "good")
    lab = outcome.lab
    shrunk = next(e.number for e in lab.trace if getattr(e.event, "isr", _ALL) != _ALL)
    assert (_ALL, _ALL - {2, 3}) == (lab.at(lab.trace[shrunk - 20]).isr(), outcome.moments[2].isr)
    again = lab.at(lab.now_ms)
    assert (outcome.moments[-1], list(lab.trace)) == (again.snapshot(), list(again.trace))
