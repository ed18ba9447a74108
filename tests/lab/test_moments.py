"""Time in a lab: the same commands give the same trace, and another future on demand."""

import subprocess
import sys

import pytest

from kafkabook.base.errors import Errors
from kafkabook.lab import Lab
from tests.refusals import refused

STORY = """
from kafkabook.lab import Lab
lab = Lab(seed={seed}, racks=["A", "B", "C"])
lab.create_topic("orders", partitions=2, min_insync_replicas=2)
sent = [lab.send(f"m{{n}}", partition=n % 2) for n in range(6)]
lab.slow(3, 15); lab.run_for(700); lab.crash(1); lab.run_for(12_000)
lab.restart(1); lab.cut(2, 3); lab.run_for(9_000); lab.heal(); lab.run_for(4_000)
import hashlib
print(hashlib.sha256(str(lab.trace).encode()).hexdigest(), len(lab.trace))
"""


def told(seed: int, hash_seed: int) -> str:
    """Run the story in a process of its own, under another order of sets and dicts."""
    done = subprocess.run(
        [sys.executable, "-c", STORY.format(seed=seed)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": str(hash_seed), "PATH": "", "PYTHONPATH": ":".join(sys.path)},
    )
    return done.stdout


def test_the_same_seed_gives_the_same_trace_under_any_hash_seed() -> None:
    """Order must never come from an address in memory."""
    assert told(7, 0) == told(7, 4_711)
    assert told(7, 0) != told(8, 0)


def a_story() -> Lab:
    """A cluster that loses its leader and gets it back, by all kinds of commands."""
    lab = Lab(seed=3)
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.produce("m0")
    lab.hold("Fetch", 3, 1)
    lab.send("m1", acks=1)
    lab.run_for(300)
    lab.deliver("Fetch", 3, 1)
    lab.crash(1)
    lab.run_until(lambda: lab.leader() == 2)
    lab.release("Fetch", 3, 1)
    lab.restart(1)
    lab.run_until(lambda: lab.isr() == {1, 2, 3})
    return lab


def test_going_back_shows_the_beginning_of_the_same_trace() -> None:
    """Every entry up to there is the same, at each of many moments."""
    lab = a_story()
    entries = [str(entry) for entry in lab.trace]
    for number in range(10, len(entries), 17):
        earlier = lab.at(lab.trace[number])
        assert entries[: len(earlier.trace)] == [str(entry) for entry in earlier.trace]
        assert number < len(earlier.trace) <= number + 13  # it stops behind an event


def test_going_back_to_the_end_is_the_same_lab() -> None:
    """The journal holds everything: nothing of the state comes from elsewhere."""
    lab = a_story()
    again = lab.at(lab.now_ms)
    assert (str(lab.trace), lab.now_ms) == (str(again.trace), again.now_ms)
    assert lab.snapshot() == again.snapshot()
    assert lab.journal == again.journal


def test_a_time_is_a_moment_with_all_that_was_due_then() -> None:
    """Half a millisecond does not exist: what was told at that time has happened, nothing later."""
    lab = a_story()
    for at_ms in (lab.trace[60].at_ms, 400, 5_000):
        earlier = lab.at(at_ms)
        told = [str(entry) for entry in lab.trace if entry.at_ms <= at_ms]
        assert (at_ms, told) == (earlier.now_ms, [str(entry) for entry in earlier.trace])


def test_a_label_names_a_moment() -> None:
    """Numbers of entries move whenever somebody tells one event more; a label does not."""
    lab = Lab(seed=3)
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.mark("before the crash")
    entries = len(lab.trace)
    lab.crash(1)
    lab.run_for(12_000)
    assert 2 == lab.leader()
    earlier = lab.at("before the crash")
    assert (entries, 1) == (len(earlier.trace), earlier.leader())
    assert 3 == lab.fork("before the crash", lambda other: other.crash(2)).leader()
    assert entries == len(lab.fork("before the crash", lambda _: None).at("before the crash").trace)


def test_a_lab_runs_to_what_happens_next() -> None:
    """By a time, or by the name of an event."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.run_to(500)
    assert 500 == lab.now_ms
    lab.crash(1)
    lab.run_to("BrokerFenced")
    assert lab.trace.of("BrokerFenced")[-1].at_ms == lab.now_ms
    with refused(Errors.INVALID_REQUEST, match="^t=500 ms has passed; it is t="):
        lab.run_to(500)
    with pytest.raises(LookupError, match="did you mean 'BrokerFenced'"):
        lab.run_to("BrokerFensed")


def test_a_moment_that_never_was_is_refused() -> None:
    """A fork of the end, or of the beginning, would pass for the one that was asked for."""
    lab, other = a_story(), Lab(seed=4)
    other.create_topic("elsewhere")
    ran = f"this lab ran from t=7 ms to t={lab.now_ms} ms; you asked for t="
    for at_ms in (-1, lab.now_ms + 1):
        with refused(Errors.INVALID_REQUEST, match=f"^{ran}{at_ms} ms$"):
            lab.at(at_ms)
    with refused(Errors.INVALID_REQUEST, match="^that entry is not of this lab: "):
        lab.fork(other.trace[-1], lambda fork: fork.crash(1))
    with refused(Errors.INVALID_REQUEST, match="^no moment is marked 'noon'; there are: none yet"):
        lab.at("noon")


def test_a_fork_lives_through_the_same_time_differently() -> None:
    """Broker 2 dies before it could be elected; the rest of the commands is tried as it was."""
    lab = a_story()
    other = lab.fork(lab.trace.of("BrokerCrashed")[0], lambda fork: fork.crash(2))
    assert (2, 3) == (lab.leader(), other.leader())
    assert lab.now_ms <= other.now_ms
    assert () == other.watch.broken


def test_a_fork_tells_which_commands_made_no_sense_in_it() -> None:
    """Broker 1 crashes there before, so it cannot crash again."""
    lab = a_story()
    before = next(line for line in lab.journal if "hold Fetch 3 1" == str(line))
    other = lab.fork(before.at_ms, lambda fork: fork.crash(1))
    assert "crash 1: broker 1 is down" in other.refused


def test_a_fork_without_a_change_is_the_same_future() -> None:
    """What differs between two futures is the change and nothing else."""
    lab = a_story()
    same = lab.fork(lab.trace[150], lambda fork: None)
    assert lab.snapshot().lanes == same.snapshot().lanes
    assert [] == same.refused
