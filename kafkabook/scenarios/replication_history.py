"""What replication lost when it was young: each hole of its rules, and the KIP that closed it."""

from dataclasses import replace

from kafkabook.lab.broker_commands import Crash, Flush, PowerOff, Restart
from kafkabook.lab.client_commands import MakeLeader
from kafkabook.lab.network_commands import DeliverMessage, HoldMessages, ReleaseMessages
from kafkabook.lab.rules import Rules, config_of, rules_of
from kafkabook.log.variants import BUGS
from kafkabook.replication.history import HISTORY
from kafkabook.scenarios.cluster_end import ClusterEnd, ClusterSetup
from kafkabook.scenarios.cluster_steps import (
    ELECTION,
    Produce,
    ProduceBatch,
    Read,
    Recover,
    SendValues,
    Until,
    Wait,
)
from kafkabook.scenarios.conditions import (
    PARTITION,
    HighWatermarkIs,
    IsIn,
    IsrIs,
    LeaderIs,
    LogEndIs,
)
from kafkabook.scenarios.scenario import Scenario


def _with(era: str) -> Rules:
    """Return the rules of ZooKeeper's time with the replication of an era."""
    return replace(rules_of("2.x"), replication=HISTORY[era])


def _format_1(rules: Rules) -> Rules:
    """Return rules whose followers look at the last offset of a compressed batch.

    Topics of message format 1 kept that check in 0.11: what mended them was KIP-101 alone.
    """
    return replace(rules, log=BUGS["last offsets compared"].put_into(rules.log))


_OLD = ClusterSetup(config=config_of("2.x"))

A1 = Scenario(
    id="A1",
    title="A new leader epoch, then a crash",
    question="All three brokers hold m1, its producer has its answer, a consumer has read it."
    " Can one crash lose it?",
    steps=(
        Produce("m0"),
        Until(HighWatermarkIs(2, 1)),
        Produce("m1"),
        HoldMessages("FetchResponse", 3, 2),
        Wait(1_000),
        Read(),
        MakeLeader(PARTITION, 1),
        Until(IsIn(1, 2)),
        Until(LogEndIs(2, 1), within_ms=100, shown="broker 2 begins to follow broker 1"),
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

A2 = Scenario(
    id="A2",
    title="The power fails on both",
    question="Both brokers lose power, and only one of them had written m1 to disk."
    " Do the logs ever agree again?",
    steps=(
        Produce("m0"),
        Until(HighWatermarkIs(2, 1)),
        Flush(1, 2),
        Produce("m1"),
        Wait(6_000),
        Flush(1),
        PowerOff(1),
        Wait(3_000),
        PowerOff(2),
        Until(LeaderIs(None)),
        Restart(2),
        Until(LeaderIs(2)),
        Produce("m2", to=2),
        Recover(),
    ),
    bad=ClusterEnd(
        "Broker 2 leads without m1 and writes m2 in its place. Broker 1 comes back with everything"
        " below its high watermark, so it cuts nothing, and fetches behind it.",
        readable=("0 m0", "1 m2"),
        broken=("R5", "R22"),
        setup=replace(_OLD, brokers=2, replicas=(1, 2), rules=_with("before KIP-101")),
        acked="m0 m1 m2",
        allowed=("J1", "J3"),
        held=("1: m0 m1", "2: m0 m2"),
    ),
    fix="KIP-101: broker 1 asks where its last epoch ended, and cuts what broker 2 never had.",
    good=ClusterEnd(
        "Epoch 0 ended at 1 on broker 2: broker 1 cuts m1 and copies m2. m1 is lost all the same:"
        " of the two brokers that promised it one had not flushed it.",
        readable=("0 m0", "1 m2"),
        setup=replace(_OLD, brokers=2, replicas=(1, 2), rules=_with("KIP-101")),
        acked="m0 m1 m2",
        allowed=("J1", "J3"),
        held=("1: m0 m2", "2: m0 m2"),
    ),
    source="KIP-101, Scenario 2",
)

A3 = Scenario(
    id="A3",
    title="A fetch into the middle of a batch",
    question="A follower's log ends inside a batch of its leader. What does it copy?",
    steps=(
        Produce("m0"),
        Until(HighWatermarkIs(2, 1)),
        Flush(1, 2),
        Produce("m1"),
        Wait(6_000),
        Flush(1),
        PowerOff(1),
        Wait(3_000),
        PowerOff(2),
        Until(LeaderIs(None)),
        Restart(2),
        Until(LeaderIs(2)),
        ProduceBatch("m2 m3 m4", to=2),
        Restart(1),
        Until(IsrIs(frozenset({1, 2}))),
        MakeLeader(PARTITION, 1),
        Recover(),
    ),
    bad=ClusterEnd(
        "Broker 1 cuts nothing and fetches at 2. The batch at 1 to 3 comes whole, and is taken, for"
        " its outside tells only its last offset. Behind m1 at 1 stands m2 at 1: offsets go back."
        " When broker 1 leads, nobody is given m2.",
        readable=("0 m0", "1 m1", "2 m3", "3 m4"),
        broken=("R1", "R5", "R7", "R15", "R22"),
        setup=replace(_OLD, brokers=2, replicas=(1, 2), rules=_format_1(_with("before KIP-101"))),
        acked="m0 m1 m2 m3 m4",
        allowed=("J1", "J3"),
        held=("1: m0 m1 m2 m3 m4", "2: m0 m2 m3 m4"),
    ),
    fix="KIP-101: broker 1 first cuts where its last epoch ended, so it fetches where the batch"
    " begins.",
    good=ClusterEnd(
        "Epoch 0 ended at 1 on broker 2: broker 1 cuts m1, fetches at 1, and the same old check has"
        " nothing to miss. m1 is lost all the same.",
        readable=("0 m0", "1 m2", "2 m3", "3 m4"),
        setup=replace(_OLD, brokers=2, replicas=(1, 2), rules=_format_1(_with("KIP-101"))),
        acked="m0 m1 m2 m3 m4",
        allowed=("J1", "J3"),
        held=("1: m0 m2 m3 m4", "2: m0 m2 m3 m4"),
    ),
    source="KIP-101; kafka, EpochDrivenReplicationProtocolAcceptanceTest"
    " offsetsShouldNotGoBackwards",
)

A4 = Scenario(
    id="A4",
    title="Two quick elections",
    question="Broker 1 leads, then broker 2, then broker 1 again, which hears of it late. Is m0,"
    " which consumers may read, still on whoever leads next?",
    steps=(
        Produce("m0"),
        HoldMessages("MetadataUpdate", "controller", 1),
        MakeLeader(PARTITION, 2),
        Until(IsIn(2, 1)),
        SendValues("m1", to=2),
        Wait(100),
        MakeLeader(PARTITION, 1),
        ReleaseMessages("MetadataUpdate", "controller", 1),
        Until(LogEndIs(2, 0), within_ms=5_000, shown="broker 2 begins to follow broker 1"),
        Crash(1),
        Until(LeaderIs(2)),
        Recover(),
    ),
    bad=ClusterEnd(
        "Broker 2 asks where epoch 1 ended. Broker 1 never had it and says nothing, so broker 2"
        " falls back to its high watermark, which is 0: m0 is gone there, and then it is elected.",
        readable=(),
        broken=("R5", "R8", "R9", "R11", "R14"),
        setup=replace(_OLD, brokers=2, replicas=(1, 2), rules=_with("KIP-101")),
        acked="m0",
        held=("1: nothing", "2: nothing"),
    ),
    fix="KIP-279: the answer names the largest epoch that the leader has up to the asked one.",
    good=ClusterEnd(
        "Broker 1 answers that epoch 0 ended at 1: broker 2 cuts m1 and keeps m0.",
        readable=("0 m0",),
        setup=replace(_OLD, brokers=2, replicas=(1, 2), rules=_with("KIP-279")),
        acked="m0",
        held=("1: m0", "2: m0"),
    ),
    source="KIP-279; kafka, EpochDrivenReplicationProtocolAcceptanceTest"
    " shouldSurviveFastLeaderChange",
)

A5 = Scenario(
    id="A5",
    title="A fetch from another leader epoch",
    question="Broker 3 knows of leader epoch 0 alone. Its old fetches reach the leader of epoch 2."
    " May they count?",
    steps=(
        HoldMessages("MetadataUpdate", "controller", 3),
        MakeLeader(PARTITION, 2),
        Until(IsIn(2, 1)),
        HoldMessages("MetadataUpdate", "controller", 2),
        MakeLeader(PARTITION, 1),
        Until(IsrIs(frozenset({1, 3})), within_ms=50_000, shown="broker 3 asks on as before"),
        Produce("m0"),
        DeliverMessage("MetadataUpdate", "controller", 3),
        Until(LogEndIs(3, 0), within_ms=5_000, shown="broker 3 does what it was told"),
        Crash(1),
        Until(LeaderIs(3), within_ms=30_000, shown=ELECTION),
        Recover(),
    ),
    bad=ClusterEnd(
        "Broker 1 counts them: m0 is committed by brokers 1 and 3. Then broker 3 hears of"
        " leader epoch 1, asks broker 2, which knows nothing of m0, and cuts it away.",
        readable=(),
        broken=("R5", "R8", "R9", "R11", "R14", "R16"),
        setup=replace(_OLD, rules=_with("KIP-279")),
        acked="m0",
        held=("1: nothing", "2: nothing", "3: nothing"),
    ),
    fix="KIP-320: every fetch and question names its sender's leader epoch; others are refused.",
    good=ClusterEnd(
        "Broker 1 refuses fetches of leader epoch 0, and goes on alone until the others have"
        " heard. m0 waits on its disk until it is back.",
        readable=("0 m0",),
        setup=replace(_OLD, rules=_with("KIP-320")),
        acked="m0",
        held=("1: m0", "2: m0", "3: m0"),
    ),
    source="KIP-320; hachikuji, kafka-specification, Kip279.tla",
)

HISTORIC = (A1, A2, A3, A4, A5)
