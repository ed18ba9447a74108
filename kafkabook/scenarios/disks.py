"""What disks do to replicas: power that goes everywhere, a flipped bit, an empty disk."""

from dataclasses import replace

from kafkabook.cluster.config import ClusterConfig
from kafkabook.lab.broker_commands import Flush, LoseDisk
from kafkabook.lab.network_commands import HoldMessages
from kafkabook.lab.rules import Rules
from kafkabook.scenarios.cluster_end import ClusterEnd, ClusterSetup
from kafkabook.scenarios.cluster_steps import (
    FillDisk,
    GarblePower,
    PowerOffRack,
    Produce,
    Read,
    Recover,
    SendValues,
    Until,
    Wait,
)
from kafkabook.scenarios.conditions import IsrIs
from kafkabook.scenarios.scenario import Scenario

_TWO = (("min_insync_replicas", 2),)
_SAFE = ClusterSetup(topic=_TWO, config=ClusterConfig(replica_lag_time_max_ms=10_000))
_TEN = "m0 m1 m2 m3 m4 m5 m6 m7 m8 m9"
_SEVEN = "m0 m1 m2 m3 m4 m5 m6"

E1 = Scenario(
    id="E1",
    title="One power supply for three copies",
    question="Three copies in three page caches, and on no disk yet. When is that not enough?",
    steps=(
        Produce(_SEVEN),
        Flush(1, 2, 3),
        Produce("m7 m8 m9"),
        PowerOffRack("a"),
        Recover(),
    ),
    bad=ClusterEnd(
        "All three stand in one rack, and lose their power together. m7 to m9 had reached no disk.",
        readable=tuple(f"{n} m{n}" for n in range(7)),
        setup=replace(_SAFE, racks=("a", "a", "a")),
        acked=_TEN,
        held=(f"1: {_SEVEN}", f"2: {_SEVEN}", f"3: {_SEVEN}"),
    ),
    fix="A rack for each replica: the power goes in one of them.",
    good=ClusterEnd(
        "Broker 1 alone loses m7 to m9, and copies them from the new leader.",
        readable=tuple(f"{n} m{n}" for n in range(10)),
        setup=replace(_SAFE, racks=("a", "b", "c")),
        acked=_TEN,
        held=(f"1: {_TEN}", f"2: {_TEN}", f"3: {_TEN}"),
    ),
    source="kafka, UnifiedLog.flush; KIP-36; notes, Part 1 ch 02 §03",
)

E2 = Scenario(
    id="E2",
    title="One flipped bit",
    question="The power goes while the disk writes, and one bit of m1 is wrong. What is left of m1"
    " and of what stands behind it?",
    steps=(Produce("m0 m1 m2"), GarblePower(1, at_byte=130), Recover()),
    bad=ClusterEnd(
        "The checksum of m1 does not match: recovery cuts there, and m2 goes with it. There is no"
        " other copy.",
        readable=("0 m0",),
        setup=ClusterSetup(replicas=(1,)),
        acked="m0 m1 m2",
        held=("1: m0",),
    ),
    fix="Three replicas: what recovery cuts is copied again.",
    good=ClusterEnd(
        "Broker 1 cuts at m1 as well, and fetches m1 and m2 from the new leader.",
        readable=("0 m0", "1 m1", "2 m2"),
        setup=ClusterSetup(),
        acked="m0 m1 m2",
        held=("1: m0 m1 m2", "2: m0 m1 m2", "3: m0 m1 m2"),
    ),
    source="kafka, LogSegment.recover; notes, Part 1 ch 02 §07",
)

# Simplified: our brokers have one log directory. With several, a broker goes on with the others,
# and only the partitions of the one that failed move.
E5 = Scenario(
    id="E5",
    title="A full disk",
    question="The disk of a leader is full. Who can still write, and read?",
    steps=(Produce("m0"), FillDisk(1), Wait(20_000), Produce("m1"), Read()),
    bad=ClusterEnd(
        "The only replica was there: the partition is offline until somebody makes room.",
        readable=("LEADER_NOT_AVAILABLE",),
        setup=ClusterSetup(replicas=(1,)),
        acked="m0",
        held=("1: m0",),
    ),
    fix="Three replicas: the leader moves to the next one that is in sync.",
    good=ClusterEnd(
        "Broker 2 leads as soon as the session of broker 1 is over, and takes m1.",
        readable=("0 m0", "1 m1"),
        setup=ClusterSetup(),
        acked="m0 m1",
        held=("1: m0", "2: m0 m1", "3: m0 m1"),
    ),
    source="KIP-112; kafka, LogManager.handleLogDirFailure",
)

E6 = Scenario(
    id="E6",
    title="An old name with an empty disk",
    question="The only broker in sync comes back with a new disk and its old id. May it lead?",
    steps=(
        Produce("m0 m1"),
        HoldMessages("Fetch", 2, 1),
        HoldMessages("Fetch", 3, 1),
        Wait(1_000),
        SendValues("m2"),
        Until(IsrIs(frozenset({1}))),
        LoseDisk(1),
        Recover(),
    ),
    bad=ClusterEnd(
        "It is the last of the ISR, so it is elected, with nothing. The others cut all that"
        " they have.",
        readable=(),
        setup=replace(_SAFE, rules=Rules().having(is_elr_enabled=False)),
        acked="m0 m1",
        held=("1: nothing", "2: nothing", "3: nothing"),
    ),
    fix="KIP-966: a broker that did not stop cleanly leaves the set, and others are eligible.",
    good=ClusterEnd(
        "Brokers 2 and 3 left a set that could commit nothing more: broker 2 leads, and fills the"
        " new disk.",
        readable=("0 m0", "1 m1"),
        setup=_SAFE,
        acked="m0 m1",
        held=("1: m0 m1", "2: m0 m1", "3: m0 m1"),
    ),
    source="KIP-966; kafka, ClusterControlManager.registerBroker",
)

DISKS = (E1, E2, E5, E6)
