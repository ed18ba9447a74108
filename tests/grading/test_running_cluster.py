"""The cluster that a learner's part runs in: ours keep every promise, wrong ones are seen there."""

import pytest

from kafkabook.grading import yours
from kafkabook.grading.exercises import find
from kafkabook.grading.laws.law import Law
from kafkabook.grading.mark import Failure
from kafkabook.grading.process import PartRaised
from kafkabook.grading.rings import Heard, _law
from kafkabook.grading.zoo import acks, election, high_watermark, in_sync, truncation
from kafkabook.lab import Lab
from tests.grading.submissions import ACKS, ACKS_IMPORTS, graded_as

SEED = 91
WRONG = {
    "05.1": (election.always_goes_back_to_the_preferred_leader, "R18"),
    "06.1": (high_watermark.commits_what_the_leader_has, "R5"),
    "06.2": (in_sync.never_lets_anybody_in, "waited for every replica to be in sync"),
    "09.1": (acks.acknowledges_at_the_log_end, "R8"),
    "09.2": (truncation.cuts_to_nothing, "R5"),
}


def cluster_law(number: str) -> Law:
    """Return the law of ring R3 of an exercise."""
    (law,) = [law for law in find(number).laws if law.ring == "R3"]
    return law


def broken(number: str, part: object) -> Failure:
    """Put a part into clusters under faults, and return how that ended."""
    failure = _law(cluster_law(number), Heard(part, find(number).normal), SEED)  # type: ignore[arg-type]
    assert failure is not None
    return failure


@pytest.mark.parametrize("number", WRONG)
def test_a_wrong_part_breaks_a_property_that_is_named(number: str) -> None:
    """Ring R3 alone must see it, though the earlier rings are what a reader meets first."""
    part, name = WRONG[number]
    failure = broken(number, part)
    assert failure.yours.startswith(name)
    assert "nothing is lost, and all comes back" == failure.should_be


def test_the_evidence_is_a_schedule_and_a_few_events() -> None:
    """At most 25 events, none wider than a card; the schedule can be pasted into a notebook."""
    failure = broken("06.1", high_watermark.commits_what_the_leader_has)
    lines = [line for line in failure.shown if line.startswith("t=")]
    events = [line for line in failure.shown if not line.startswith("t=")]
    assert "t=60 send a1 orders-0 all" == lines[0]
    assert 1 <= len(events) <= 25
    assert all(len(line) <= 110 for line in events)
    assert failure.because.startswith("Seen after `t=")


def test_an_error_of_the_part_is_told_as_its_own() -> None:
    """A storm takes every error for the cluster's; the reader has to hear of it."""

    def breaks(*_: object) -> int:
        raise PartRaised("ZeroDivisionError", "division by zero", 3)

    failure = broken("06.1", breaks)
    assert "your part raised ZeroDivisionError: division by zero at line 3 of the cell" == (
        failure.yours
    )


def test_parts_of_a_reader_run_in_a_lab_and_the_badge_says_whose() -> None:
    """In any order: what is not written yet is ours."""

    def unwritten(*_: object) -> int:
        raise NotImplementedError

    asked = []

    def watched(*arguments: object) -> object:
        asked.append(arguments)
        return high_watermark.by_walking_down(*arguments)  # type: ignore[arg-type]

    parts = yours(high_watermark=watched, elect=unwritten)
    assert "High watermark: yours · Elect a leader: reference" == parts.badge
    lab = Lab(rules=parts.rules)
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.produce("m1")
    assert (["m1"], True) == (lab.read(), len(asked) > 2)


def test_a_part_of_a_cluster_is_graded_in_a_process_of_its_own() -> None:
    """Its facts and answers cross the pipe in all four rings."""
    mark = graded_as("09.1", "my_acknowledge", ACKS, ACKS_IMPORTS)
    assert (10.0, ()) == (mark.points, mark.flags)
    assert "R3  your part in a cluster under faults" in str(mark)


def test_a_set_is_as_good_as_a_frozen_one() -> None:
    """A reader types `{1, 2}`; that is no mistake about replication."""
    source = """
def my_isr(leader, now_ms, replica_lag_time_max_ms):
    members = {leader.leader}
    for one in leader.followers:
        in_time = now_ms - one.caught_up_ms <= replica_lag_time_max_ms
        floor = max(leader.high_watermark, leader.epoch_start_offset)
        if one.broker in leader.isr:
            members |= {one.broker} if in_time or one.log_end == leader.log_end else set()
        elif one.is_eligible and one.log_end >= floor:
            members.add(one.broker)
    return members
"""
    assert 10.0 == graded_as("06.2", "my_isr", source).points
