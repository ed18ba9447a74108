"""A recording is what happened to one partition, from some entry on."""

import pytest

from kafkabook.lab import Lab
from kafkabook.viz.recording import record


def a_lab() -> Lab:
    """Three brokers and two records."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.produce("a")
    lab.produce("b")
    return lab


def test_a_recording_begins_before_the_first_record() -> None:
    """What made the cluster is its opening, and no part of the film."""
    it = record(a_lab())
    assert (1, frozenset({1, 2, 3}), ()) == (it.opening.leader, it.opening.isr, it.opening.sends)
    assert "RecordSent" == type(it.seen[0].entry.event).__name__
    assert (("a", "b"), 2) == (it.sent, it.records)
    assert all(flight.sent_ms >= it.began_ms for flight in it.flights)


def test_a_recording_can_begin_later_and_at_a_time_of_its_own() -> None:
    """What was before is known all the same."""
    lab = a_lab()
    since, began_ms = len(lab.trace), lab.now_ms
    lab.run_for(900)
    lab.crash(1)
    it = record(lab, since=since, began_ms=began_ms)
    assert ["ok", "ok"] == [sent.how for sent in it.opening.sends]
    assert (began_ms, lab.now_ms) == (it.began_ms, it.ends_ms)
    assert ["killed"] == [step.kind for step in it.steps]


def test_nothing_has_happened_yet() -> None:
    """A recording of nothing has an opening, and begins now."""
    lab = a_lab()
    it = record(lab, since=len(lab.trace))
    assert ((), (), lab.now_ms) == (it.seen, it.steps, it.began_ms)
    assert ("a", "b") == it.sent


def test_reading_is_counted() -> None:
    """The most at once, and the last."""
    lab = a_lab()
    assert (False, (), 0) == (record(lab).is_read, record(lab).read, record(lab).last_read)
    lab.read()
    lab.read(offset=1)
    it = record(lab)
    assert (True, ("a", "b"), 1) == (it.is_read, it.read, it.last_read)


def test_other_partitions_are_no_part_of_it() -> None:
    """Neither their records nor their steps."""
    lab = a_lab()
    lab.create_topic("notes", assignment=[[2, 3]])
    lab.produce("x", "notes")
    assert ("a", "b") == record(lab).sent
    assert ("x",) == record(lab, partition="notes-0").sent
    assert [] == [it.says for it in record(lab).steps if "x" in it.says.split()]


def test_a_step_is_found_by_number_or_kind() -> None:
    """A guess names its moments by kind; one that is not there is told with those that are."""
    it = record(a_lab())
    kinds = [step.kind for step in it.steps]
    assert [3, kinds.index("committed")] == [it.step_number(3), it.step_number("committed")]
    with pytest.raises(ValueError, match="no step is of kind 'elected'; there are: sent, "):
        it.step_number("elected")
