"""What a cluster never promised: acks=1, an unclean election, and who waits for whom."""

from dataclasses import replace

from kafkabook.cluster.config import ClusterConfig
from kafkabook.lab.broker_commands import Crash, Restart
from kafkabook.lab.network_commands import Cut, HoldMessages, ReleaseMessages, Slow
from kafkabook.scenarios.cluster_end import ClusterEnd, ClusterSetup
from kafkabook.scenarios.cluster_steps import ELECTION, Produce, Recover, SendValues, Until, Wait
from kafkabook.scenarios.conditions import HighWatermarkIs, IsIn, IsrIs, LeaderIs
from kafkabook.scenarios.scenario import Scenario

_TWO = (("min_insync_replicas", 2),)
_SAFE = ClusterSetup(topic=_TWO)
_ALL = frozenset({1, 2, 3})

A7 = Scenario(
    id="A7",
    title="Acknowledged by one",
    question="Only the leader has m5, and it acknowledges m5. What if it dies now?",
    steps=(
        Produce("m4"),
        Until(HighWatermarkIs(2, 1)),
        HoldMessages("Fetch"),
        Wait(1_000),
        SendValues("m5"),
        Wait(100),
        Crash(1),
        ReleaseMessages("Fetch"),
        Until(LeaderIs(2)),
        Produce("m6"),
        Recover(),
    ),
    bad=ClusterEnd(
        "m5 was acknowledged before anybody else had it. Broker 2 is elected, writes m6 in its"
        " place, and broker 1 cuts m5 when it is back.",
        readable=("0 m4", "1 m6"),
        setup=replace(_SAFE, acks=1),
        acked="m4 m5 m6",
        held=("1: m4 m6", "2: m4 m6", "3: m4 m6"),
        allowed=("J1", "J3"),
    ),
    fix="acks=all with min.insync.replicas=2: the answer waits for the followers.",
    good=ClusterEnd(
        "m5 has no answer when the leader dies: its producer knows that it does not know, and has"
        " to send it again.",
        readable=("0 m4", "1 m6"),
        setup=_SAFE,
        acked="m4 m6",
        held=("1: m4 m6", "2: m4 m6", "3: m4 m6"),
    ),
    source="kafka, ProducerConfig acks; notes, Part 1 ch 01 §06",
)

A11 = Scenario(
    id="A11",
    title="An unclean election",
    question="Only broker 1 has the newest records, and it dies. Better to wait for it, or to go on"
    " without them?",
    steps=(
        Produce("m0"),
        Crash(2, 3),
        Until(IsrIs(frozenset({1}))),
        Produce("m1 m2 m3"),
        Crash(1),
        Until(LeaderIs(None)),
        Restart(2),
        Until(LeaderIs(2), within_ms=20_000, shown=ELECTION),
        Produce("n1 n2"),
        Recover(),
    ),
    bad=ClusterEnd(
        "Broker 2 is elected although it lacks m1 to m3. New records get their offsets, and broker"
        " 1 cuts its own when it is back.",
        readable=("0 m0", "1 n1", "2 n2"),
        setup=ClusterSetup(topic=(("unclean_leader_election_enable", True),)),
        acked="m0 m1 m2 m3 n1 n2",
        held=("1: m0 n1 n2", "2: m0 n1 n2", "3: m0 n1 n2"),
        allowed=("J1", "J3"),
    ),
    fix="unclean.leader.election.enable=false, the default since 0.11.",
    good=ClusterEnd(
        "Nobody leads until broker 1 is back: n1 and n2 are refused, and nothing is lost. The price"
        " is that nobody could write meanwhile.",
        readable=("0 m0", "1 m1", "2 m2", "3 m3"),
        setup=ClusterSetup(topic=(("unclean_leader_election_enable", False),)),
        acked="m0 m1 m2 m3",
        held=("1: m0 m1 m2 m3", "2: m0 m1 m2 m3", "3: m0 m1 m2 m3"),
    ),
    source="KIP-106; kafka, PartitionChangeBuilder.electAnyLeader",
)

A16 = Scenario(
    id="A16",
    title="A member that is far away",
    question="The messages of broker 3 take 4 seconds each way. What do the producers feel?",
    steps=(
        Slow(3, 4_000),
        Wait(20_000),
        Produce("m0"),
        Until(IsrIs(_ALL)),
        Produce("m1"),
        Until(IsrIs(_ALL)),
        Produce("m2"),
        Until(IsrIs(_ALL)),
        Recover(),
    ),
    bad=ClusterEnd(
        "Each record waits for broker 3 until that is dropped from the ISR; then it catches"
        " up and is back. Six changes of the set for three records.",
        readable=("0 m0", "1 m1", "2 m2"),
        setup=replace(_SAFE, config=ClusterConfig(replica_lag_time_max_ms=5_000)),
        acked="m0 m1 m2",
        held=("1: m0 m1 m2", "2: m0 m1 m2", "3: m0 m1 m2"),
        isr_changes=6,
    ),
    fix="replica.lag.time.max.ms well above a follower's delay: 30 s, the default since 2.5.",
    good=ClusterEnd(
        "The set stays as it is. Each record waits for the slowest member: 8 seconds at least.",
        readable=("0 m0", "1 m1", "2 m2"),
        setup=_SAFE,
        acked="m0 m1 m2",
        held=("1: m0 m1 m2", "2: m0 m1 m2", "3: m0 m1 m2"),
        isr_changes=0,
    ),
    source="KIP-16, KIP-537; kafka, Partition.maybeShrinkIsr",
)

A17 = Scenario(
    id="A17",
    title="A leader that was not told",
    question="Broker 1 cannot hear the controller, and leads on. What do its producers get?",
    steps=(
        Produce("m0"),
        Cut(1, "controller"),
        Until(LeaderIs(2)),
        Until(IsIn(2, 1)),
        Until(IsIn(3, 1)),
        SendValues("s0 s1 s2 s3 s4 s5 s6 s7 s8 s9", to=1),
        Wait(1_000),
        Produce("n0", to=2),
        Recover(),
    ),
    bad=ClusterEnd(
        "Broker 1 acknowledges all ten. Nobody fetches from it any more, and they are cut as soon"
        " as it hears of the new leader epoch.",
        readable=("0 m0", "1 n0"),
        setup=replace(_SAFE, acks=1),
        acked="m0 s0 s1 s2 s3 s4 s5 s6 s7 s8 s9 n0",
        held=("1: m0 n0", "2: m0 n0", "3: m0 n0"),
        allowed=("J1", "J3"),
    ),
    fix="acks=all: without its followers a leader can acknowledge nothing.",
    good=ClusterEnd(
        "Broker 1 takes the ten records and waits for its followers. Not one is acknowledged.",
        readable=("0 m0", "1 n0"),
        setup=_SAFE,
        acked="m0 n0",
        held=("1: m0 n0", "2: m0 n0", "3: m0 n0"),
    ),
    source="hachikuji, kafka-specification (presumed leaders); KIP-497",
)

PROMISES = (A7, A11, A16, A17)
