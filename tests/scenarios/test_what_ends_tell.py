"""What scenarios say beyond their two ends: an error by its name, an outage by its length."""

from functools import cache

import pytest

from kafkabook.cluster.events import (
    AlterPartitionRefused,
    BrokerCrashed,
    BrokerFenced,
    BrokerUnfenced,
    PartitionChanged,
    RecordSent,
    SendEnded,
)
from kafkabook.replication.events import FetchRefused, HighWatermarkMoved
from kafkabook.scenarios.catalogue import SCENARIOS
from kafkabook.scenarios.cluster_end import ClusterEnd, ClusterOutcome
from kafkabook.scenarios.cluster_player import played as replay


@cache
def played(name: str, end: str) -> ClusterOutcome:
    """Play an end once for all tests of it."""
    outcome = SCENARIOS[name].play(end)
    assert isinstance(outcome, ClusterOutcome)
    return outcome


def errors(outcome: ClusterOutcome) -> dict[str, tuple[str, str]]:
    """Return how each send ended that was not acknowledged, by its value."""
    ends = [entry.event for entry in outcome.trace.of(SendEnded)]
    return {end.value: (end.outcome, end.error) for end in ends if end.outcome != "ok"}


def test_a_fetch_of_leader_epoch_0_is_fenced_by_the_leader_of_epoch_2() -> None:
    """A5, repaired: the refusal names both epochs, and the fetch is not counted."""
    told = [entry.event for entry in played("A5", "good").trace.of(FetchRefused)]
    assert {("Fetch", 3, 0, 2, "FENCED_LEADER_EPOCH", False)} == {
        (it.api, it.follower, it.request_epoch, it.leader_epoch, it.error, it.is_counted)
        for it in told
    }


def test_who_was_not_answered_sends_again_and_the_record_is_there_once() -> None:
    """A7, repaired: the producer of m5 has neither a yes nor a no, and nothing of m5 was left."""
    outcome = played("A7", "good")
    assert {"m5": ("info", "NETWORK_EXCEPTION")} == errors(outcome)
    lab = outcome.lab.at(outcome.lab.now_ms)
    assert "ok" == lab.produce("m5").outcome
    assert ["m4", "m6", "m5"] == lab.read()


def test_what_was_copied_before_the_fetches_stop_does_not_hang_on_how_fast_they_were() -> None:
    """A7, broken, under a seed that draws slow fetches: m5 is lost, and m4 is not."""
    scenario = SCENARIOS["A7"]
    assert isinstance(scenario.bad, ClusterEnd)
    outcome = replay(scenario, scenario.bad, scenario.steps, seed=125)
    assert (("m5",), True) == (outcome.lost, outcome.as_expected)


def test_too_small_a_set_refuses_by_name_and_who_waited_is_told_nothing() -> None:
    """A9, repaired: m7 was in the log when the set shrank, m8 was refused before it got there."""
    assert {
        "m7": ("info", "NETWORK_EXCEPTION"),
        "m8": ("fail", "NOT_ENOUGH_REPLICAS"),
    } == errors(played("A9", "good"))


def test_without_unclean_election_a_partition_is_away_for_exactly_the_outage() -> None:
    """A11, repaired: from the moment that its last leader is given up until that is back."""
    outcome = played("A11", "good")
    crash = [e for e in outcome.trace.of(BrokerCrashed) if e.event.broker == 1][-1]
    later = [entry for entry in outcome.trace if entry.number > crash.number]
    (given_up,) = (e.at_ms for e in later if e.event == BrokerFenced(1, "its session timed out"))
    (back,) = (e.at_ms for e in later if e.event == BrokerUnfenced(1))
    changes = [
        (entry.at_ms, entry.event.leader)
        for entry in later
        if isinstance(entry.event, PartitionChanged)
        and entry.event.leader != entry.event.was_leader
    ]
    assert [(given_up, None), (back, 1)] == changes
    assert {
        "n1": ("fail", "LEADER_NOT_AVAILABLE"),
        "n2": ("fail", "LEADER_NOT_AVAILABLE"),
    } == errors(outcome)


def test_the_price_of_an_unclean_election_is_not_paid_in_waiting() -> None:
    """A11, broken: the partition is back as soon as any replica is, and both records are taken."""
    outcome = played("A11", "bad")
    _, back = (e.at_ms for e in outcome.trace.of(BrokerUnfenced) if e.event.broker == 2)
    led = [e.at_ms for e in outcome.trace.of(PartitionChanged) if e.event.is_unclean]
    assert [back] == led
    assert {} == errors(outcome)


def test_an_incarnation_that_has_not_fetched_is_ineligible() -> None:
    """A13, repaired: the controller names the reason, once, and the set stays as it was."""
    refusals = [e.event for e in played("A13", "good").trace.of(AlterPartitionRefused)]
    assert [(1, frozenset({1, 2, 3}), "INELIGIBLE_REPLICA")] == [
        (refused.broker, refused.isr, refused.error) for refused in refusals
    ]


@pytest.mark.parametrize("end", ["bad", "good"])
def test_a_consumer_of_a_leader_that_was_not_told_sees_nothing_new(end: str) -> None:
    """A17: nobody fetches from it, so its high watermark stands, whatever it acknowledges."""
    outcome = played("A17", end)
    healthy = next(e for e in outcome.trace.of(RecordSent) if e.event.value == "n0")
    moved = outcome.trace.of(HighWatermarkMoved)
    cut_off = [e.event for e in moved if e.event.broker == 1 and e.event.is_leader]
    assert [(0, 1)] == [(it.from_offset, it.to_offset) for it in cut_off]

    lab = outcome.lab.at(healthy)
    assert 11 == lab.snapshot().lane(1).log_end
    assert ["m0"] == lab.read(broker=1)
