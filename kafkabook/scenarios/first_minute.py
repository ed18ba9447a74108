"""The first scenarios that a reader meets: one copy or three, when a machine or a broker fails."""

from kafkabook.lab.broker_commands import Crash, PowerOff, Restart
from kafkabook.scenarios.cluster_end import ClusterEnd, ClusterSetup
from kafkabook.scenarios.cluster_steps import Produce, Read, Wait
from kafkabook.scenarios.scenario import Scenario

S1 = Scenario(
    id="S1",
    title="One machine, or three",
    question="A machine loses its power. Are your records gone?",
    steps=(
        Produce("apple pear fig"),
        PowerOff(1),
        Restart(1),
        Wait(30_000),
        Read(),
    ),
    bad=ClusterEnd(
        "Broker 1 had the records in memory, and not on its disk. Nobody else had them.",
        readable=(),
        setup=ClusterSetup(brokers=1, replicas=(1,)),
        acked="apple pear fig",
        held=("1: nothing",),
    ),
    fix="Three brokers, each with a copy of every record.",
    good=ClusterEnd(
        "Brokers 2 and 3 had copies, and broker 2 became the leader.",
        readable=("0 apple", "1 pear", "2 fig"),
        setup=ClusterSetup(),
        acked="apple pear fig",
        held=("1: apple pear fig", "2: apple pear fig", "3: apple pear fig"),
    ),
    source="kafka, LogConfig flush.messages; notes, Part 1 ch 01 §06",
)

S3 = Scenario(
    id="S3",
    title="One copy, or three",
    question="Broker 1 dies. Who can still read m0?",
    steps=(Produce("m0"), Wait(1_000), Crash(1), Wait(15_000), Read()),
    bad=ClusterEnd(
        "Only broker 1 has m0, so nobody can read it until broker 1 is back.",
        readable=("LEADER_NOT_AVAILABLE",),
        setup=ClusterSetup(replicas=(1,)),
        acked="m0",
        held=("1: m0",),
    ),
    fix="Three copies, on three brokers.",
    good=ClusterEnd(
        "Broker 2 has a copy of m0, and it becomes the leader.",
        readable=("0 m0",),
        setup=ClusterSetup(),
        acked="m0",
        held=("1: m0", "2: m0", "3: m0"),
    ),
    source="kafka, PartitionChangeBuilder.electAnyLeader; notes, Part 1 ch 01 §06",
)

FIRST = (S1, S3)
