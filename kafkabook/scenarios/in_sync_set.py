"""What goes wrong with the ISR: it shrinks, lets the wrong one in, or leaves one out."""

from dataclasses import replace

from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.variants import believe_any_incarnation
from kafkabook.lab.broker_commands import Crash, LoseDisk, PowerOff, Restart
from kafkabook.lab.client_commands import MakeLeader
from kafkabook.lab.network_commands import Cut, DeliverMessage, Heal, HoldMessages
from kafkabook.lab.rules import Rules
from kafkabook.replication.history import join_at_high_watermark
from kafkabook.replication.variants import proposed_members
from kafkabook.scenarios.cluster_end import ClusterEnd, ClusterSetup
from kafkabook.scenarios.cluster_steps import (
    ELECTION,
    Produce,
    Read,
    Recover,
    SendValues,
    Until,
    Wait,
)
from kafkabook.scenarios.conditions import PARTITION, IsHeld, IsrIs, LeaderIs, LogEndIs
from kafkabook.scenarios.scenario import Scenario

_TWO = (("min_insync_replicas", 2),)
_QUICK = ClusterConfig(replica_lag_time_max_ms=10_000)
_SAFE = ClusterSetup(topic=_TWO, config=_QUICK)
_NO_ELR = replace(_SAFE, rules=Rules().having(is_elr_enabled=False))
_BOTH, _ALL = frozenset({1, 2}), frozenset({1, 2, 3})

S2 = Scenario(
    id="S2",
    title="Three copies, and one of them in sync",
    question="acks=all, three copies. Is that enough?",
    steps=(
        Produce("m1"),
        Cut(1, 2),
        Cut(1, 3),
        Wait(60_000),
        Produce("m2"),
        LoseDisk(1),
        Heal(),
        Restart(1),
        Wait(60_000),
        Read(),
    ),
    bad=ClusterEnd(
        "m2 was only on broker 1. Brokers 2 and 3 deleted m1, because their leader does not"
        " have it.",
        readable=(),
        setup=ClusterSetup(topic=(("min_insync_replicas", 1),)),
        acked="m1 m2",
        held=("1: nothing", "2: nothing", "3: nothing"),
    ),
    fix="min.insync.replicas=2: the leader alone acknowledges no record.",
    good=ClusterEnd(
        "The leader never acknowledged m2. Broker 2 had all that was acknowledged, and became the"
        " leader.",
        readable=("0 m1",),
        setup=ClusterSetup(topic=_TWO),
        acked="m1",
        held=("1: m1", "2: m1", "3: m1"),
    ),
    source="kafka, Partition.appendRecordsToLeader; notes, Part 1 ch 01 §07",
)

A9 = Scenario(
    id="A9",
    title="acks=all of one",
    question="acks=all waits for everybody in sync. What if that is one broker?",
    steps=(
        Produce("m6"),
        HoldMessages("Fetch", 2, 1),
        HoldMessages("Fetch", 3, 1),
        Wait(1_000),
        SendValues("m7"),
        Until(IsrIs(frozenset({1}))),
        Produce("m8"),
        LoseDisk(1),
        Wait(60_000),
        Read(),
    ),
    bad=ClusterEnd(
        "The leader alone is in sync, so it acknowledges alone. Its disk breaks: m7 and m8 are"
        " nowhere, and nobody may lead.",
        readable=("LEADER_NOT_AVAILABLE",),
        setup=ClusterSetup(topic=(("min_insync_replicas", 1),), config=_QUICK),
        acked="m6 m7 m8",
        held=("1: nothing", "2: m6", "3: m6"),
    ),
    fix="min.insync.replicas=2: a set of one takes no records with acks=all.",
    good=ClusterEnd(
        "m7 is never acknowledged, and m8 is refused with NOT_ENOUGH_REPLICAS: their producer"
        " knows. Broker 2 is eligible, and leads with all that was promised.",
        readable=("0 m6",),
        setup=_SAFE,
        acked="m6",
        held=("1: nothing", "2: m6", "3: m6"),
    ),
    source="kafka, Partition.appendRecordsToLeader; notes, Part 1 ch 01 §07",
)

A12 = Scenario(
    id="A12",
    title="The last replica standing",
    question="Two brokers fall behind, the third loses its power and its log. Broker 2 has all"
    " that was promised. Does it lead?",
    steps=(
        Produce("m0 m1 m2"),
        HoldMessages("Fetch", 1, 3),
        Wait(1_000),
        Produce("m3"),
        HoldMessages("Fetch", 2, 3),
        Wait(1_000),
        SendValues("m4"),
        Until(IsrIs(frozenset({3}))),
        PowerOff(3),
        Until(LeaderIs(2), within_ms=30_000, shown=ELECTION),
        Recover(),
    ),
    bad=ClusterEnd(
        "Only the last member of the ISR may lead. It comes back with an empty log, and the"
        " good copy is cut to match it.",
        readable=(),
        setup=replace(_NO_ELR, replicas=(3, 1, 2)),
        acked="m0 m1 m2 m3",
        held=("3: nothing", "1: nothing", "2: nothing"),
    ),
    fix="KIP-966, eligible leader replicas: whoever leaves a set that then commits nothing more"
    " still holds all that is committed.",
    good=ClusterEnd(
        "Broker 2 left when the set became too small to commit anything: it is eligible, leads, and"
        " broker 3 copies from it.",
        readable=("0 m0", "1 m1", "2 m2", "3 m3"),
        setup=replace(_SAFE, replicas=(3, 1, 2)),
        acked="m0 m1 m2 m3",
        held=("3: m0 m1 m2 m3", "1: m0 m1 m2 m3", "2: m0 m1 m2 m3"),
    ),
    source="KIP-966; kafka, PartitionChangeBuilder.maybePopulateTargetElr",
)

A13 = Scenario(
    id="A13",
    title="A fetch from an earlier incarnation",
    question="Broker 3 has everything and asks for more. It loses its power and its log, and comes"
    " back. Then its old question arrives. Is it in sync?",
    steps=(
        HoldMessages("Fetch", 3, 1),
        Wait(1_000),
        Produce("m0"),
        DeliverMessage("Fetch", 3, 1),
        Until(LogEndIs(3, 1)),
        HoldMessages("MetadataUpdate", "controller", 1),
        PowerOff(3),
        Restart(3),
        Until(LogEndIs(3, 0)),
        Wait(15_000),  # its earlier incarnation has a session for 9 s, and until then it is refused
        DeliverMessage("Fetch", 3, 1),
        Until(IsrIs(_ALL), within_ms=1_000, shown="the leader and the controller look at it"),
        Crash(1),
        Until(LeaderIs(3), within_ms=30_000, shown=ELECTION),
        Recover(),
    ),
    bad=ClusterEnd(
        "The leader has not heard of its new incarnation, and proposes it. The controller asks"
        " only whether it is alive: it joins with an empty log, is elected, and all is cut.",
        readable=(),
        broken=("R5", "R8", "R9", "R11", "R14", "R18", "C13"),
        setup=replace(
            _SAFE,
            replicas=(1, 3, 2),
            rules=Rules().having(check_alteration=believe_any_incarnation),
        ),
        acked="m0",
        held=("1: nothing", "3: nothing", "2: nothing"),
    ),
    fix="KIP-903: a proposal names the broker epoch under which each member fetched.",
    good=ClusterEnd(
        "That was an earlier incarnation: INELIGIBLE_REPLICA. Broker 2 is elected.",
        readable=("0 m0",),
        setup=replace(_SAFE, replicas=(1, 3, 2)),
        acked="m0",
        held=("1: m0", "3: m0", "2: m0"),
    ),
    source="KIP-903; kafka, ReplicationControlManager.validateAlterPartitionData",
)

A14 = Scenario(
    id="A14",
    title="Waiting for the smaller set",
    question="A leader has asked to drop a slow member. May it already commit without it?",
    steps=(
        Produce("m8"),
        HoldMessages("Fetch", 3, 1),
        HoldMessages("AlterPartition", 1, "controller"),
        Wait(1_000),
        SendValues("m9"),
        Until(IsHeld("AlterPartition", 1, "controller")),
        Wait(1_000),
        Crash(1),
        Until(LeaderIs(3)),
        Recover(),
    ),
    bad=ClusterEnd(
        "It commits m9 with brokers 1 and 2. The controller has not heard of the new set, and"
        " elects broker 3 from the old one.",
        readable=("0 m8",),
        broken=("R5", "R8", "R9", "R11", "R10", "R14"),
        setup=replace(
            _SAFE, replicas=(1, 3, 2), rules=Rules().having(counted_members=proposed_members)
        ),
        acked="m8 m9",
        held=("1: m8", "3: m8", "2: m8"),
    ),
    fix="The leader waits for the maximal ISR until the controller has answered.",
    good=ClusterEnd(
        "m9 waits for broker 3 and is never acknowledged: its producer does not rely on it.",
        readable=("0 m8",),
        setup=replace(_SAFE, replicas=(1, 3, 2)),
        acked="m8",
        held=("1: m8", "3: m8", "2: m8"),
    ),
    source="KIP-497; kafka, Partition.PendingShrinkIsr; Vanlightly's description of §6.5.2",
)

A15 = Scenario(
    id="A15",
    title="In sync before the leader epoch began",
    question="A new leader has not heard yet what is committed. Whom may it let in?",
    steps=(
        HoldMessages("Fetch", 1),
        Wait(1_000),
        SendValues("m0"),
        Until(LogEndIs(3, 1)),
        HoldMessages("FetchResponse", 2, 3),
        Until(IsrIs(frozenset({2, 3}))),
        Wait(1_000),
        HoldMessages("Fetch", 2, 3),
        MakeLeader(PARTITION, 3),
        Wait(100),
        HoldMessages("FetchResponse", 3, 1),
        DeliverMessage("Fetch", 1, 3),
        Until(IsrIs(_ALL), within_ms=5_000, shown="broker 3 looks whether broker 1 may join"),
        Crash(3),
        Until(LeaderIs(1), within_ms=30_000, shown=ELECTION),
        Wait(1_000),
        Recover(),
    ),
    bad=ClusterEnd(
        "The high watermark of broker 3 is still 0, so broker 1 joins with an empty log; then it is"
        " elected, and m0 is cut everywhere.",
        readable=(),
        broken=("R8", "R9", "R11", "R14", "R17"),
        setup=replace(_SAFE, leader=2, rules=Rules().having(in_sync=join_at_high_watermark)),
        acked="m0",
        held=("1: nothing", "2: nothing", "3: nothing"),
    ),
    fix="Who joins needs all that was written before the leader epoch began too (KAFKA-7128).",
    good=ClusterEnd(
        "Broker 1 lacks m0, which is older than the leader epoch: it stays out, and broker 2 is"
        " elected.",
        readable=("0 m0",),
        setup=replace(_SAFE, leader=2),
        acked="m0",
        held=("1: m0", "2: m0", "3: m0"),
    ),
    source="KAFKA-7128; kafka, Partition.isFollowerInSync",
)

IN_SYNC = (S2, A9, A12, A13, A14, A15)
