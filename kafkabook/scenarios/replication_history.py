"""What replication lost when it was young: each hole of its rules, and the KIP that closed it."""

from dataclasses import replace

from kafkabook.lab.rules import Rules, config_of, rules_of
from kafkabook.replication.history import HISTORY
from kafkabook.scenarios.cluster_end import ClusterEnd, ClusterSetup
from kafkabook.scenarios.cluster_steps import (
    Crash,
    MakeLeader,
    Produce,
    Read,
    Recover,
    Until,
    Wait,
)
from kafkabook.scenarios.conditions import HighWatermarkIs, IsIn, LeaderIs, LogEndIs
from kafkabook.scenarios.network_steps import Hold
from kafkabook.scenarios.scenario import Scenario


def _with(era: str) -> Rules:
    """Return the rules of ZooKeeper's time with the replication of an era."""
    return replace(rules_of("2.x"), replication=HISTORY[era])


_OLD = ClusterSetup(config=config_of("2.x"))

A1 = Scenario(
    id="A1",
    title="Cut to the high watermark, then elected",
    question="All three brokers hold m1, its producer has its answer, a consumer has read it."
    " Can one crash lose it?",
    steps=(
        Produce("m0"),
        Until(HighWatermarkIs(2, 1)),
        Produce("m1"),
        Hold("FetchResponse", 3, 2),
        Wait(1_000),
        Read(),
        MakeLeader(1),
        Until(IsIn(1, 2)),
        Until(LogEndIs(2, 1), within_ms=100),
        Crash(1),
        Until(LeaderIs(2)),
        Recover(),
    ),
    bad=ClusterEnd(
        "Broker 2 begins to follow broker 1, and cuts its log to its own high watermark, which is"
        " one answer old: m1 is gone there. It is in sync and is elected; all others follow it.",
        readable=("0 m0",),
        broken=("R5", "R8", "R9", "R11", "R12", "R14"),
        setup=replace(_OLD, leader=3, rules=_with("before KIP-101")),
        acked="m0 m1",
        held=("1: m0", "2: m0", "3: m0"),
    ),
    fix="KIP-101: a follower asks its leader where its last epoch ended, and cuts there.",
    good=ClusterEnd(
        "Epoch 1 ended at 2 on every broker: nothing is cut, and m1 stays.",
        readable=("0 m0", "1 m1"),
        setup=replace(_OLD, leader=3, rules=_with("KIP-101")),
        acked="m0 m1",
        held=("1: m0 m1", "2: m0 m1", "3: m0 m1"),
    ),
    source="KIP-101, Scenario 1; kafka 0.10, ReplicaManager.makeFollowers",
)

HISTORIC = (A1,)
