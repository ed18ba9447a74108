"""Where runs of a cluster are played: what a stage can do, what is looked at, who plays.

Source of the steps: `cluster_runs`.
"""

import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

FAULTS = ("kill", "wipe", "stop", "start", "pause", "resume")
OBSERVE = "observe"


@dataclass(frozen=True)
class Observation:
    """Partition 0 of a topic when all is quiet.

    Attributes: sets of brokers are sorted; `leader` is -1 for none; `high_watermark` is None where
    no leader tells it; `logs`: by broker, each record as `epoch:value`; `epoch_files`: by broker,
    the text of `leader-epoch-checkpoint`.
    """

    leader: int
    leader_epoch: int
    partition_epoch: int
    isr: tuple[int, ...]
    elr: tuple[int, ...]
    last_known_elr: tuple[int, ...]
    high_watermark: int | None
    logs: Mapping[int, str]
    epoch_files: Mapping[int, str]


Answer = tuple[str, str | Observation]
"""A step, and what came of it."""

Answers = dict[str, list[Answer]]
"""By the name of a run: its steps that answer, in their order."""


class Stage(Protocol):
    """Where runs are played; brokers are numbers, everything is about partition 0 of a topic."""

    def create(self, topic: str, assignment: Sequence[int], settings: Mapping[str, str]) -> None:
        """Create a topic of one partition."""

    def produce(self, topic: str, values: Sequence[str], acks: str, to: int | None) -> str:
        """Send one batch to the leader, or to another; its offset, or the error's name."""

    def delete(self, topic: str, offset: int) -> str:
        """Delete all records before an offset; the new log start, or the error's name."""

    def ends(self, topic: str) -> str:
        """The ISR, and where the log of each replica that runs starts and ends."""

    def elect(self, topic: str, kind: str) -> str:
        """Ask for an election; the error's name, NONE for success."""

    def wait(self, duration_ms: int) -> None:
        """Let time pass until so long after the last fault."""

    def fault(self, verb: str, broker: int) -> None:
        """Kill, wipe, stop, start, pause or resume a broker."""

    def observe(self, topic: str) -> Observation:
        """Wait until nothing changes any more, then look."""

    def describe(self, topic: str) -> str:
        """What `kafka-topics.sh --describe` prints; the topic's id is masked."""


def play(stage: Stage, runs: Mapping[str, str]) -> Answers:
    """Play runs with the same faults side by side, each with a topic that has the run's name.

    Each goes on to its next look or fault; then all that are to look do so, and when none is, the
    fault comes, which must be the same for all.
    """
    left = {name: deque(steps_of(run)) for name, run in runs.items()}
    answers: Answers = {name: [] for name in runs}
    while any(left.values()):
        for name, steps in left.items():
            while steps and steps[0] != OBSERVE and not is_fault(steps[0]):
                answers[name] += perform(stage, name, steps.popleft())
        looking = [name for name, steps in left.items() if steps and steps[0] == OBSERVE]
        for name in looking:
            answers[name] += perform(stage, name, left[name].popleft())
        if not looking and any(left.values()):
            (fault,) = {steps.popleft() for steps in left.values()}
            strike(stage, fault)
    return answers


def steps_of(run: str) -> list[str]:
    """The lines of a run without what is empty."""
    return [line.strip() for line in run.splitlines() if line.strip()]


def is_fault(step: str) -> bool:
    """Whether a step hits a broker and with it all runs."""
    return step.split()[0] in FAULTS


def perform(stage: Stage, topic: str, step: str) -> list[Answer]:
    """Perform one step of one run; nothing where there is nothing to compare."""
    verb, *words = step.split()
    options = dict(word.split("=") for word in words if "=" in word)
    if verb == "create":
        stage.create(topic, ids(words[0]), options)
    elif verb == "wait":
        stage.wait(int(words[0]))
    elif verb == "produce":
        to = int(options["to"]) if "to" in options else None
        values = words[0].split("+")
        return [(step, stage.produce(topic, values, options.get("acks", "all"), to))]
    elif verb == "delete":
        return [(step, stage.delete(topic, int(words[0])))]
    elif verb == "ends":
        return [(step, stage.ends(topic))]
    elif verb == "elect":
        return [(step, stage.elect(topic, words[0]))]
    elif verb == "describe":
        return [(step, stage.describe(topic))]
    else:
        assert verb == OBSERVE, step
        return [(step, stage.observe(topic))]
    return []


def masked(described: str) -> str:
    """A description without the topic's id, which chance draws."""
    return re.sub(r"(?<=\tTopicId: )[\w-]{22}(?=\t)", "*", described)


def strike(stage: Stage, fault: str) -> None:
    """Do to one broker or several what the step says."""
    verb, brokers = fault.split()
    for broker in ids(brokers):
        stage.fault(verb, broker)


def ids(text: str) -> tuple[int, ...]:
    """`1,2,3` as numbers."""
    return tuple(map(int, text.split(",")))
