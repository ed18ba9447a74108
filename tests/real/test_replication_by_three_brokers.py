"""What three real brokers do when brokers die, stand still, come back; and the lab with them.

The runs are data (`cluster_runs`); the controller's decisions are read from its own log, the
records and epochs from the brokers' directories, and every answer comes from one broker.

In these runs the lab differs in nothing that is compared: leader, epochs of leader and partition,
ISR, eligible and last known leaders, high watermark, offsets, error names, every record of
every replica with its epoch, the text of `leader-epoch-checkpoint`, and every byte that
`kafka-topics.sh --describe` prints, the topic's id aside. Not compared, with reasons:

* *when* something happens, as real seconds depend on the machine; only what is there when all is
  quiet;
* the placement of a topic, as the real controller draws where it begins; it must be one of those
  that ours can draw;
* the leader's recovery state, which the lab's controller does not keep.
"""

import json
import os
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from kafkabook.base.java_random import JavaRandom
from kafkabook.cluster.placement import PlaceableBroker, place_legacy, place_striped
from kafkabook.lab.rules import Rules
from kafkabook.replication.history import advance_below_min_isr

from .cluster_faults import Faults
from .cluster_runs import RUNS, TOURS
from .cluster_stage import Answers, Observation, play
from .dump import TOOL
from .kafka import RealKafka
from .lab_stage import LabStage
from .metadata_log import MetadataLog, PartitionState
from .node import run_tool
from .three_brokers import RACKS, SETTINGS, Placement, RealStage, TooBusy, play_tours

pytestmark = pytest.mark.real

OFFLINE = -1
PAYLOAD = re.compile(r" payload: (\{.*\})$", re.MULTILINE)


@dataclass(frozen=True)
class Played:
    """All that the cluster did.

    Attributes: `answers` by run; `surprises`: why tours were repeated; `placements` by replication
    factor; `metadata`: the controller's log as we read it; `dumped`: as Kafka's tool does.
    """

    answers: Answers
    surprises: list[str]
    placements: dict[int, list[Placement]]
    metadata: MetadataLog
    dumped: str

    def looks(self, run: str) -> list[Observation]:
        """What was observed in a run, in order."""
        return [answer for _, answer in self.answers[run] if isinstance(answer, Observation)]

    def said(self, run: str) -> list[tuple[str, str]]:
        """What brokers answered in a run, in order."""
        return [(step, answer) for step, answer in self.answers[run] if isinstance(answer, str)]

    def leaders(self, run: str) -> list[tuple[int, int, int, tuple[int, ...]]]:
        """Leader, leader epoch, partition epoch and ISR at each look."""
        return [(k.leader, k.leader_epoch, k.partition_epoch, k.isr) for k in self.looks(run)]


@pytest.fixture(scope="module")
def played(kafka_jars: object, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Play all tours on one cluster, which is gone before the first test looks."""
    kafka = RealKafka.cluster(tmp_path_factory.mktemp("cluster"), settings=SETTINGS)
    for broker, rack in RACKS.items():
        kafka.broker(broker).configure({"broker.rack": rack})
    with kafka:
        stage = RealStage(kafka)
        try:
            answers, surprises = play_tours(stage, TOURS)
        except TooBusy as reason:
            if os.environ.get("KAFKABOOK_REQUIRE_ALL") == "1":
                raise
            pytest.skip(str(reason))
        placements = {
            factor: [stage.place(f"placed-{factor}-{n}", 4, factor) for n in range(4)]
            for factor in (1, 2, 3)
        }
    log = str(stage.metadata.path)
    dumped = run_tool(TOOL, "--cluster-metadata-decoder", "--files", log)
    return Played(answers, surprises, placements, stage.metadata, dumped)


@pytest.mark.parametrize("run", RUNS)
def test_the_lab_does_what_three_brokers_do(run: str, played: Played) -> None:
    """The same steps: the same leaders, epochs, members, records, offsets and error names."""
    assert played.answers[run] == play(LabStage(), {run: RUNS[run]})[run]


@pytest.mark.parametrize(
    ("run", "part"),
    [
        ("eligible", {"is_elr_enabled": False}),
        ("all-must-be-in-sync", {"lost_its_tail": lambda request, known: False}),
        ("min-insync", {"high_watermark": advance_below_min_isr}),
    ],
)
def test_a_lab_with_another_rule_does_not(
    run: str, part: dict[str, object], played: Played
) -> None:
    """The negative control: one wrong part, and the real brokers disagree."""
    lab = LabStage(Rules().having(**part))
    assert played.answers[run] != play(lab, {run: RUNS[run]})[run]


def test_our_reading_of_the_controllers_log_is_that_of_kafkas_tool(played: Played) -> None:
    """Every state of every partition, or the oracle of all that follows would be our own."""
    assert told(played.dumped) == played.metadata.history


def told(dumped: str) -> dict[tuple[str, int], list[PartitionState]]:
    """The states of all partitions in the words of the tool: a change names what it changes."""
    names: dict[str, str] = {}
    history: dict[tuple[str, int], list[PartitionState]] = {}
    for payload in PAYLOAD.findall(dumped):
        record = json.loads(payload)
        data = record["data"]
        if record["type"] == "TOPIC_RECORD":
            names[data["topicId"]] = data["name"]
        elif record["type"] == "PARTITION_RECORD":
            history[names[data["topicId"]], data["partitionId"]] = [created(data)]
        elif record["type"] == "PARTITION_CHANGE_RECORD":
            states = history[names[data["topicId"]], data["partitionId"]]
            states.append(changed(states[-1], data))
    return history


def created(data: dict[str, Any]) -> PartitionState:
    """The first state of a partition."""
    isr = tuple(sorted(data["isr"]))
    epochs = data["leaderEpoch"], data["partitionEpoch"]
    return PartitionState(tuple(data["replicas"]), isr, data["leader"], *epochs)


def changed(old: PartitionState, data: dict[str, Any]) -> PartitionState:
    """The next state of a partition."""
    sets = {"isr": "isr", "elr": "eligibleLeaderReplicas", "last_known_elr": "lastKnownElr"}
    new = {field: tuple(sorted(data[name])) for field, name in sets.items() if name in data}
    if "leader" in data:
        new |= {"leader": data["leader"], "leader_epoch": old.leader_epoch + 1}
    if "leaderRecoveryState" in data:
        new["recovering"] = data["leaderRecoveryState"] == 1
    return replace(old, partition_epoch=old.partition_epoch + 1, **new)


def test_a_topic_is_described_to_the_byte(played: Played) -> None:
    """Settings in the order of a Java HashMap, and members as leader and controller list them."""
    told = [said.splitlines()[1] for step, said in played.said("described") if step == "describe"]
    assert ["3,1,2", "3,2", "3", "1,3", "1,2,3"] == [line.split("\t")[5][5:] for line in told]
    last = dict(played.said("described-plainly"))["describe"]
    head = "TopicId: *\tPartitionCount: 1\tReplicationFactor: 2\tConfigs: min.insync.replicas=1"
    assert last.startswith(f"Topic: described-plainly\t{head}\n")


def test_the_next_leader_is_the_next_in_the_assignment(played: Played) -> None:
    """Each death is one change; a replica that returns is one more, in the order of returns."""
    assert [
        (1, 0, 0, (1, 2, 3)),
        (2, 1, 1, (2, 3)),
        (3, 2, 2, (3,)),
        (3, 2, 3, (1, 3)),
        (3, 2, 4, (1, 2, 3)),
    ] == played.leaders("leader-kill")


def test_epochs_with_records_are_written_down_alike_by_all(played: Played) -> None:
    """Two fail-overs, a record in each leader epoch: three files of the same text."""
    last = played.looks("epoch-files")[-1]
    assert dict.fromkeys((1, 2, 3), "0\n3\n0 0\n1 2\n2 3\n") == last.epoch_files
    assert dict.fromkeys((1, 2, 3), "0:a 0:b 1:c 2:d 2:e 2:f") == last.logs


def test_an_epoch_without_records_is_known_to_its_leader_only(played: Played) -> None:
    """Broker 2 led without a record; when it comes back it forgets that it ever led."""
    looks = played.looks("silent-leader")
    files = [look.epoch_files[2] for look in looks]
    assert ["0\n2\n0 0\n1 1\n", "0\n2\n0 0\n1 1\n", "0\n2\n0 0\n2 1\n"] == files
    assert dict.fromkeys((1, 2, 3), "0\n2\n0 0\n2 1\n") == looks[-1].epoch_files


def test_without_unclean_election_the_partition_waits_for_its_last_leader(played: Played) -> None:
    """No leader, though a replica lives; the last leader comes back with all its records.

    With eligible leader replicas the ISR may become empty. Its last member died uncleanly,
    so it is eligible no more, and is elected as the last known leader.
    """
    assert [
        (2, 1, 1, (2,)),
        (OFFLINE, 2, 2, ()),
        (OFFLINE, 2, 2, ()),
        (2, 3, 5, (1, 2)),
        (2, 3, 5, (1, 2)),
    ] == played.leaders("unclean-off")
    assert "0:a 1:b 3:e" == played.looks("unclean-off")[-1].logs[1]
    assert [("produce c", "no leader"), ("produce d", "no leader")] == played.said("unclean-off")[
        2:4
    ]


def test_unclean_election_loses_what_was_acknowledged(played: Played) -> None:
    """Broker 1 never saw b and c; elected at its return it leads alone, and 2 throws them away."""
    looks = played.looks("unclean-on")
    assert [("produce b", "at 1"), ("produce c", "at 2")] == played.said("unclean-on")[1:3]
    assert (1, 3, 3, (1,)) == played.leaders("unclean-on")[2]
    assert {1: "0:a 3:d", 2: "0:a 3:d"} == looks[-1].logs


def test_an_unclean_election_by_hand_needs_somebody_alive(played: Played) -> None:
    """Not while somebody leads, not while all are dead; a preferred one never breaks the rule."""
    asked = [answer for answer in played.said("unclean-by-hand") if answer[0].startswith("elect")]
    assert [
        ("elect unclean", "ELECTION_NOT_NEEDED"),
        ("elect unclean", "ELIGIBLE_LEADERS_NOT_AVAILABLE"),
        ("elect preferred", "PREFERRED_LEADER_NOT_AVAILABLE"),
        ("elect preferred", "PREFERRED_LEADER_NOT_AVAILABLE"),
        ("elect unclean", "NONE"),
    ] == asked
    assert {1: "0:a 3:c", 2: "0:a 3:c"} == played.looks("unclean-by-hand")[-1].logs


def test_only_the_leader_takes_records(played: Played) -> None:
    """A follower and a broker without a replica refuse alike, for both know of the topic."""
    assert [
        ("produce a to=2", "NOT_LEADER_OR_FOLLOWER"),
        ("produce b to=3", "NOT_LEADER_OR_FOLLOWER"),
        ("produce c", "at 0"),
        ("produce d to=3", "NOT_LEADER_OR_FOLLOWER"),
        ("produce e to=1", "NOT_LEADER_OR_FOLLOWER"),
        ("produce f to=2", "at 1"),
    ] == played.said("wrong-broker")


def test_too_few_in_sync_refuse_what_wants_all(played: Played) -> None:
    """acks=1 is still taken, but stays above the high watermark until another replica is back."""
    said = dict(played.said("min-insync"))
    assert "NOT_ENOUGH_REPLICAS" == said["produce b"]
    assert "at 1" == said["produce c acks=1"]
    marks = [look.high_watermark for look in played.looks("min-insync")]
    assert [1, 1, 1, None, None, 2, 3] == marks


def test_eligible_replicas_are_those_that_fell_below_the_minimum(played: Played) -> None:
    """Broker 1 left while enough were in sync: it is not eligible. 2 left when there were not."""
    elr = [look.elr for look in played.looks("eligible")]
    assert [(), (2,), (2,), (), ()] == elr
    elr = [look.elr for look in played.looks("all-must-be-in-sync")]
    assert [(1,), (1, 2), (2,), (), ()] == elr


def test_the_preferred_leader_leads_again_only_when_asked(played: Played) -> None:
    """It returns as a follower; without automatic balancing somebody must ask for the election."""
    assert [
        (2, 1, 1, (2, 3)),
        (3, 2, 3, (1, 3)),
        (1, 3, 4, (1, 3)),
        (1, 3, 5, (1, 2, 3)),
        (1, 3, 5, (1, 2, 3)),
    ] == played.leaders("preferred")
    assert [
        ("elect preferred", "ELECTION_NOT_NEEDED"),
        ("elect preferred", "PREFERRED_LEADER_NOT_AVAILABLE"),
        ("elect preferred", "NONE"),
        ("elect preferred", "ELECTION_NOT_NEEDED"),
    ] == played.said("preferred")


def test_a_slow_follower_leaves_the_set_and_returns_without_a_new_leader_epoch(
    played: Played,
) -> None:
    """Shrinking and growing raise the partition's epoch, not the leader's."""
    assert [
        (1, 0, 0, (1, 2, 3)),
        (1, 0, 1, (1, 2)),
        (1, 0, 2, (1, 2, 3)),
        (2, 1, 3, (2, 3)),
        (2, 1, 4, (1, 2, 3)),
    ] == played.leaders("slow-follower")


def test_a_diverged_log_is_cut_where_the_epochs_part(played: Played) -> None:
    """Old records of broker 1 stand at offsets where the new leader has others: they go."""
    logs = [look.logs for look in played.looks("diverged-log")]
    assert {1: "0:a 0:b 0:x 0:y", 2: "0:a 0:b 1:c", 3: "0:a 0:b 1:c"} == logs[-2]
    assert dict.fromkeys((1, 2, 3), "0:a 0:b 1:c") == logs[-1]
    logs = [look.logs for look in played.looks("diverged-log-of-two")]
    assert [
        {1: "0:a 0:x", 2: "0:a 1:c 1:d 1:e"},
        {1: "0:a 1:c 1:d 1:e", 2: "0:a 1:c 1:d 1:e"},
    ] == logs


def test_an_empty_follower_begins_where_the_leaders_batch_does(played: Played) -> None:
    """The log starts inside that batch on all three, and whoever copied it leads next."""
    told = [said for step, said in played.said("start-inside-a-batch") if step == "ends"]
    assert [
        "in sync [1, 2, 3]; 1: 2 to 5, 2: 2 to 5, 3: 2 to 5",
        "in sync [1, 2, 3]; 1: 2 to 7, 2: 2 to 7, 3: 2 to 7",
        "in sync [2, 3]; 2: 2 to 7, 3: 2 to 7",
        "in sync [1, 2, 3]; 1: 2 to 7, 2: 2 to 7, 3: 2 to 7",
    ] == told


def test_a_log_that_parts_inside_the_first_batch_of_its_leader_is_stuck(played: Played) -> None:
    """A window of Kafka itself: 15 s later broker 1 has copied nothing, until the start moves."""
    told = [said for step, said in played.said("parted-inside-the-first-batch") if step == "ends"]
    assert [
        "in sync [2, 3]; 2: 2 to 3, 3: 2 to 3",
        "in sync [2, 3]; 1: 0 to 2, 2: 2 to 3, 3: 2 to 3",
        "in sync [1, 2, 3]; 1: 3 to 4, 2: 3 to 4, 3: 3 to 4",
    ] == told


def test_a_broker_that_stops_hands_its_partitions_over_first(played: Played) -> None:
    """After a clean stop it stays eligible: nothing of it can be lost."""
    assert [(1, 0, 0, (1, 2, 3)), (2, 1, 1, (2, 3)), (2, 1, 2, (1, 2, 3))] == played.leaders(
        "controlled-shutdown"
    )
    assert [(OFFLINE, 1, 1, ()), (1, 2, 2, (1,)), (1, 2, 2, (1,))] == played.leaders(
        "shutdown-of-the-only"
    )[1:]
    assert [(), (1,), (), ()] == [look.elr for look in played.looks("shutdown-of-the-only")]


def test_placement_stripes_over_racks_and_brokers(played: Played) -> None:
    """Brokers 1 and 2 share a rack: two replicas never do, and leaders alternate."""
    for placement in played.placements[2]:
        assert all(3 in replicas and 2 == len(set(replicas)) for replicas in placement)
    for placement in played.placements[3]:
        assert all((1, 2, 3) == tuple(sorted(replicas)) for replicas in placement)
        assert all(3 in replicas[:2] for replicas in placement)
    for placement in [p for placements in played.placements.values() for p in placements]:
        first, second, third, _ = (RACKS[replicas[0]] for replicas in placement)
        assert first == third != second


def test_real_placements_are_among_those_that_ours_can_draw(played: Played) -> None:
    """The controller begins where chance wants; from there on the rule leaves no choice."""
    brokers = [PlaceableBroker(broker, rack) for broker, rack in RACKS.items()]
    for factor, placements in played.placements.items():
        assert set(placements) <= drawn(place_striped, brokers, factor)
    assert not set(played.placements[3]) <= drawn(place_legacy, brokers, 3)


def drawn(
    place: Callable[..., Placement], brokers: list[PlaceableBroker], factor: int
) -> set[Placement]:
    """What a rule makes of four partitions, whatever it draws.

    Seeds of all bits: from small ones that follow each other Java's generator begins alike.
    """
    chance = random.Random("placements")
    seeds = [chance.getrandbits(48) for _ in range(400)]
    return {place(brokers, 4, factor, random=JavaRandom(seed)) for seed in seeds}


def test_what_no_fault_explains_is_a_surprise() -> None:
    """The negative control: were the watch blind, a busy machine's epochs would be compared."""
    faults = Faults(lag_s=2.0)
    faults.struck("kill", 1, now_s=0.0)
    faults.struck("pause", 3, now_s=1.0)
    faults.struck("resume", 3, now_s=2.0)
    whole = PartitionState((1, 2, 3), (1, 2, 3), 1, 0, 0)
    after_kill = replace(whole, isr=(2, 3), leader=2)
    assert [] == faults.surprises(faults.ends, [[whole, after_kill]])
    shrunk = replace(after_kill, isr=(2,))
    assert 1 == len(faults.surprises(faults.ends, [[whole, after_kill, shrunk]]))
    assert 1 == len(faults.surprises(faults.ends + faults.ends, [[whole]]))
    faults.struck("pause", 2, now_s=3.0)
    faults.struck("resume", 2, now_s=5.5)
    assert ["broker 2 was to stand still briefly, not 2.5 s"] == faults.surprises(faults.ends, [])
