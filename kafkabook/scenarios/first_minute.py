"""The first scenario that a reader meets: one machine loses its power, and then one of three."""

from kafkabook.lab.broker_commands import PowerOff, Restart
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

FIRST = (S1,)
