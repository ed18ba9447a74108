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
    for moment in range(10, len(entries), 17):
        earlier = lab.at(moment)
        assert entries[: len(earlier.trace)] == [str(entry) for entry in earlier.trace]
        assert moment <= len(earlier.trace) <= moment + 12  # it stops behind an event


def test_going_back_to_the_end_is_the_same_lab() -> None:
    """The journal holds everything: nothing of the state comes from elsewhere."""
    lab = a_story()
    again = lab.at(len(lab.trace))
    assert (str(lab.trace), lab.now_ms) == (str(again.trace), again.now_ms)
    assert lab.snapshot() == again.snapshot()
    assert lab.journal == again.journal


@pytest.mark.parametrize("entry", [-1, 1_000_000])
def test_a_moment_that_never_was_is_refused(entry: int) -> None:
    """A fork of the end, or of the beginning, would pass for the one that was asked for."""
    lab = a_story()
    told = f"the trace has {len(lab.trace)} entries; you asked for {entry}"
    with refused(Errors.INVALID_REQUEST, match=f"^{told}$"):
        lab.at(entry)
    with refused(Errors.INVALID_REQUEST, match=f"^{told}$"):
        lab.fork(entry, lambda other: other.crash(1))


def test_a_fork_lives_through_the_same_time_differently() -> None:
    """Broker 2 dies before it could be elected; the rest of the commands is tried as it was."""
    lab = a_story()
    crash = next(n for n, c in enumerate(lab.journal) if c.verb == "crash")
    other = lab.fork(lab.journal[crash].entries, lambda fork: fork.crash(2))
    assert (2, 3) == (lab.leader(), other.leader())
    assert lab.now_ms <= other.now_ms
    assert () == other.watch.broken


def test_a_fork_tells_which_commands_made_no_sense_in_it() -> None:
    """Broker 1 does not crash there, so it cannot be restarted."""
    lab = a_story()
    before = next(n for n, c in enumerate(lab.journal) if c.verb == "hold")
    other = lab.fork(lab.journal[before].entries, lambda fork: fork.crash(1))
    assert ["crash(1): broker 1 is down"] == [r for r in other.refused if r.startswith("crash")]


def test_a_fork_without_a_change_is_the_same_future() -> None:
    """What differs between two futures is the change and nothing else."""
    lab = a_story()
    same = lab.fork(len(lab.at(150).trace), lambda fork: None)
    assert lab.snapshot().lanes == same.snapshot().lanes
    assert [] == same.refused
