"""Histories that chance wrote and real brokers lived through: the lab does the same.

Everything that was recorded is compared: leader, epochs of leader and partition, ISR,
eligible and last known leaders, high watermark, each replica's records with their epochs, the text
of each `leader-epoch-checkpoint`, and every answer. `tests/data/histories_differing.txt` lists the
observations in which the lab is known to differ, with the fault that each comes of.
"""

from pathlib import Path

import pytest

from tests.lab.replay import known, replayed, story
from tests.real.histories import PATH, read, write
from tests.real.random_author import CALM

RECORDING = read()
EPISODES = {f"{episode.mood}-{episode.seed}": episode for episode in RECORDING.episodes}
FEWEST_TOPICS = 220
KNOWN = known()
FAULTS = {
    "parked-request",  # one that waits at a broker is not lost with the broker's process
    "same-minimum",  # a minimum that is altered to itself clears the eligible replicas
    "stopping-fetcher",  # a broker that stops cleanly goes on fetching
    "lower-minimum",  # a lower minimum moves the high watermark at once
    "quick-return",  # a broker that is back at once does not replay its old leadership
}


@pytest.mark.parametrize("name", EPISODES)
def test_the_lab_does_what_real_brokers_did(name: str) -> None:
    """Each step of an episode, each look at each topic."""
    episode = EPISODES[name]
    observations = list(replayed(episode, RECORDING.how))
    differing = [observation for observation in observations if observation.differs]
    news = [observation for observation in differing if str(observation) not in KNOWN]
    assert not news, story(episode, news)
    gone = [o for o in observations if str(o) in KNOWN and not o.differs]
    assert not gone, f"strike from the list of what differs: {[*map(str, gone)]}"


def test_a_lab_with_another_rule_does_not() -> None:
    """The negative control: without eligible leader replicas the real brokers disagree."""
    episode = RECORDING.episodes[0]
    observations = replayed(episode, RECORDING.how, is_elr_enabled=False)
    assert "elr" in {observation.name for observation in observations if observation.differs}


def test_there_are_enough_histories_with_every_kind_of_step() -> None:
    """So many topics, and each verb that an author knows."""
    steps = [done.step for episode in RECORDING.episodes for done in episode.steps]
    assert FEWEST_TOPICS <= sum(step.verb == "create" for step in steps)
    assert {step.verb for step in steps} == {*CALM, "resume"}


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    """To the byte: a file may be read, added to, and written again."""
    write(RECORDING, tmp_path / "again.json")
    assert PATH.read_bytes() == (tmp_path / "again.json").read_bytes()


def test_every_known_fault_is_a_named_one() -> None:
    """The list says of each observation which fault it comes of."""
    assert set(KNOWN.values()) <= FAULTS
