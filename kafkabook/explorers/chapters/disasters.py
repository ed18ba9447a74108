"""One disaster under every setting: what was acknowledged, and what of it is left.

A record is sent every two seconds, and none is tried again, so that a strip shows what the cluster
did and not what a patient client made of it. Chapter 09 draws it.
"""

from collections.abc import Callable
from functools import cache
from itertools import product
from typing import NamedTuple

from kafkabook.base.door import listed_words, meant
from kafkabook.base.errors import MissingKey
from kafkabook.base.units import SECOND_MS
from kafkabook.clients.raw_client import Sent
from kafkabook.lab import Lab
from kafkabook.lab.rules import LabVersion
from kafkabook.viz.outcomes import KEPT, LOCKED, LOST, UNWRITTEN, OutcomeRow

SEED = 7
EVERY_S = 2
ANSWERED_WITHIN_S = 40  # a producer waits 30 s for its answer
Acks = str | int
ACKS: tuple[Acks, ...] = (1, "all")
SETTINGS = tuple(product(ACKS, (1, 2), (False, True)))
Fault = Callable[[Lab], None]


class Disaster(NamedTuple):
    """What happens, in words and as a script: at which second, its name, what is done."""

    told: str
    faults: tuple[tuple[int, str, Fault], ...]
    lasts_s: int


def _hold_fetches(lab: Lab) -> None:
    for follower in (2, 3):
        lab.hold("Fetch", follower, 1)


def _kill_leader(lab: Lab) -> None:
    lab.crash(1)
    for follower in (2, 3):
        lab.release("Fetch", follower, 1)


def _power_off(lab: Lab) -> None:
    lab.power_off(1, 2, 3)


def _power_on(lab: Lab) -> None:
    for broker in (1, 2, 3):
        lab.restart(broker)


_BEHIND = (10, "fetches stop", _hold_fetches)
DISASTERS = {
    "killed while all are in sync": Disaster(
        "All three are in sync. Fetches are late for a moment, and the leader is killed.",
        ((10, "", _hold_fetches), (14, "leader killed", _kill_leader)),
        44,
    ),
    "followers behind, leader killed, returns": Disaster(
        "The followers fall behind for 50 s, the leader is killed, and comes back after 30 s.",
        (_BEHIND, (60, "killed", _kill_leader), (90, "returns", lambda lab: lab.restart(1))),
        110,
    ),
    "followers behind, leader gone for good": Disaster(
        "The followers fall behind for 50 s, the leader is killed, and never comes back.",
        (_BEHIND, (60, "killed", _kill_leader)),
        100,
    ),
    "all three lose power": Disaster(
        "All three are in sync. The power of all three fails, and what was not flushed is gone.",
        ((20, "power off", _power_off), (34, "back on", _power_on)),
        64,
    ),
}


@cache
def outcomes(disaster: str, version: LabVersion) -> tuple[OutcomeRow, ...]:
    """Run a disaster under each of the eight settings. Cost: some 0.1 s a setting.

    Raises:
        KeyError: there is no such disaster.
    """
    if disaster not in DISASTERS:
        hint = meant(disaster, DISASTERS) or f"; there are {listed_words(DISASTERS)}"
        raise MissingKey(f"no disaster is called {disaster!r}{hint}")
    return tuple(_outcome(DISASTERS[disaster], version, *setting) for setting in SETTINGS)


def _outcome(
    disaster: Disaster, version: LabVersion, acks: Acks, min_isr: int, is_unclean: bool
) -> OutcomeRow:
    lab = Lab(version=version, seed=SEED, tell_messages=False, is_watched=False)
    choice = {"min_insync_replicas": min_isr, "unclean_leader_election_enable": is_unclean}
    lab.create_topic("orders", assignment=[[1, 2, 3]], **choice)
    sends = _flow(lab, disaster, acks)
    fates = _fates(lab, sends)
    settings = (str(acks), str(min_isr), str(is_unclean).lower())
    return OutcomeRow(settings, fates, fates.count(UNWRITTEN) * EVERY_S)


def _flow(lab: Lab, disaster: Disaster, acks: Acks) -> list[Sent]:
    """Send through the disaster, and wait for the last answer."""
    faults, sends = {at_s: do for at_s, _, do in disaster.faults}, list[Sent]()
    for second in range(0, disaster.lasts_s, EVERY_S):
        if second in faults:
            faults[second](lab)
        sends.append(lab.send(f"m{len(sends)}", acks=acks, retries=0))
        lab.run_for(EVERY_S * SECOND_MS)
    within_ms = ANSWERED_WITHIN_S * SECOND_MS
    lab.run_until(lambda: all(sent.is_done for sent in sends), within_ms=within_ms)
    return sends


def _fates(lab: Lab, sends: list[Sent]) -> tuple[str, ...]:
    """Look for every acknowledged record: a consumer gets it, nobody leads, or it is gone."""
    lanes = [lane for lane in lab.snapshot().lanes if lane.is_alive]
    held = {record.value for lane in lanes for record in lane.records}
    found = LOCKED if lab.leader() is None else KEPT
    there = held if lab.leader() is None else set(lab.read())
    return tuple(
        UNWRITTEN if sent.outcome != "ok" else found if sent.value in there else LOST
        for sent in sends
    )
