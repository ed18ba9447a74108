"""A cluster in a cell: every command does what an engineer would expect of the real thing."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import pytest

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.names import TopicPartition
from kafkabook.clients.raw_client import Sent
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.events import SendEnded
from kafkabook.lab import Lab
from kafkabook.lab.client_commands import Ask
from kafkabook.protocol.admin_api import (
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    DeletedRecords,
    DeleteRecordsRequest,
    DescribeClusterRequest,
    DescribeClusterResponse,
    DescribeConfigsRequest,
    ListedOffset,
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    MetadataRequest,
    MetadataResponse,
    PartitionMetadata,
)
from kafkabook.records.compression import Codec
from kafkabook.sim.kernel import LimitReached
from tests.refusals import refused

A_LIST = "a list of brokers for each partition, such as [[1, 2, 3]]"


@pytest.fixture
def lab() -> Lab:
    """Three brokers and a topic of one partition, led by broker 1, min.insync.replicas=2."""
    made = Lab(seed=3)
    made.create_topic("orders", assignment=[[1, 2, 3]], min_insync_replicas=2)
    made.run_for(100)
    return made


def test_a_record_is_acknowledged_and_read(lab: Lab) -> None:
    """The shortest story: one record, in and out."""
    sent = lab.produce("m0")
    assert ("ok", 0) == (sent.outcome, sent.offset)
    assert ["m0"] == lab.read()


def test_the_next_replica_in_the_list_leads_after_a_crash(lab: Lab) -> None:
    """It takes a session time-out, and costs a leader epoch."""
    lab.produce("m0")
    began_ms = lab.now_ms
    lab.crash(1)
    lab.run_until(lambda: lab.leader() == 2)
    assert lab.config.broker_session_timeout_ms - 2_000 <= lab.now_ms - began_ms
    assert 1 == lab.snapshot().leader_epoch
    assert "ok" == lab.produce("m1").outcome


def test_a_crash_takes_nothing_that_was_written(lab: Lab) -> None:
    """The page cache belongs to the operating system, not to the process."""
    lab.produce("m0")
    lab.crash(1)
    lab.run_until(lambda: lab.leader() == 2)
    lab.restart(1)
    lab.run_until(lambda: lab.isr() == {1, 2, 3})
    assert ["m0"] == [record.value for record in lab.snapshot().lane(1).records]


def test_a_power_cut_takes_what_was_not_flushed(lab: Lab) -> None:
    """Nothing was flushed, so the disk holds nothing; the others do, and give it back."""
    lab.produce("m0")
    lab.power_off(1)
    assert () == lab.snapshot().lane(1).records
    lab.run_until(lambda: lab.leader() == 2)
    lab.restart(1)
    lab.run_until(lambda: lab.isr() == {1, 2, 3})
    assert ["m0"] == [record.value for record in lab.snapshot().lane(1).records]
    assert () == lab.watch.broken


def test_what_was_flushed_survives_a_power_cut(lab: Lab) -> None:
    """A flush is what Kafka does not wait for, and what an operating system does by itself."""
    lab.produce("m0")
    lab.flush(1)
    lab.produce("m1")
    lab.power_off(1)
    assert ["m0"] == [record.value for record in lab.snapshot().lane(1).records]


def test_a_controlled_stop_moves_leadership_first(lab: Lab) -> None:
    """No moment without a leader: it changes while the old one still runs."""
    lab.stop(1)
    lab.run_until(lambda: lab.leader() != 1)
    assert lab.world.hosts[1].is_running
    lab.run_until(lambda: not lab.world.hosts[1].is_running)
    assert {2, 3} == lab.isr()
    lab.restart(1)
    lab.run_until(lambda: lab.isr() == {1, 2, 3})
    assert () == lab.watch.broken


def test_too_few_in_sync_replicas_refuse_a_record(lab: Lab) -> None:
    """min.insync.replicas=2 with one replica left: acks=all is refused, acks=1 is not."""
    lab.crash(2)
    lab.crash(3)
    lab.run_until(lambda: lab.isr() == {1})
    lab.run_for(10)  # until the leader has heard of it
    assert "NOT_ENOUGH_REPLICAS" == lab.produce("m0", retries=0).error
    assert "ok" == lab.produce("m1", acks=1).outcome


def test_a_slow_follower_leaves_the_in_sync_set_and_comes_back() -> None:
    """Not how many records it lacks but for how long decides."""
    lab = Lab(seed=3, config=replace(ClusterConfig(), replica_lag_time_max_ms=5_000))
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.run_for(100)
    lab.slow(3, 8_000)
    waiting = [lab.send(f"m{n}") for n in range(3)]
    lab.run_until(lambda: lab.isr() == {1, 2})
    lab.run_until(lambda: all(sent.is_done for sent in waiting))
    lab.slow(3, 0)
    lab.run_until(lambda: lab.isr() == {1, 2, 3})
    assert ["ok"] * 3 == [sent.outcome for sent in waiting]
    assert () == lab.watch.broken


def test_a_paused_broker_goes_on_where_it_stood(lab: Lab) -> None:
    """A short pause fences nobody; messages wait."""
    lab.pause(2)
    sent = lab.send("m0")
    lab.run_for(3_000)
    assert not sent.is_done
    lab.resume(2)
    lab.run_until(lambda: sent.is_done)
    assert "ok" == sent.outcome


def test_a_lost_disk_is_filled_again_from_the_leader(lab: Lab) -> None:
    """A broker with an empty disk is an unclean shutdown: it leads nothing before it caught up."""
    lab.produce("m0")
    lab.lose_disk(1)
    lab.run_until(lambda: lab.leader() == 2)
    lab.restart(1)
    lab.run_until(lambda: lab.isr() == {1, 2, 3})
    assert 1 == lab.snapshot().lane(1).log_end
    assert () == lab.watch.broken


def test_a_partitioned_leader_acknowledges_nothing(lab: Lab) -> None:
    """It does not know that it was replaced, but it cannot commit alone."""
    for other in (2, 3, "controller"):
        lab.cut(1, other)
    lost = lab.send("m0", to=1, retries=0)
    lab.run_until(lambda: lab.leader() == 2)
    lab.run_for(10)  # until the new leader has heard of it
    assert "ok" == lab.produce("m1", to=2).outcome  # the old one still tells clients that it leads
    lab.heal()
    lab.run_until(lambda: lab.isr() == {1, 2, 3})
    assert "ok" != lost.outcome
    assert ["m1"] == lab.read()
    assert () == lab.watch.broken


def test_a_held_message_stands_still_until_somebody_delivers_it(lab: Lab) -> None:
    """One message at a time, by name."""
    lab.hold("Fetch", 2, 1)
    sent = lab.send("m0")
    lab.run_for(2_000)
    assert not sent.is_done
    lab.deliver("Fetch", 2, 1)
    lab.release("Fetch", 2, 1)
    lab.run_until(lambda: sent.is_done)
    assert "ok" == sent.outcome


def test_values_in_one_batch_each_have_an_offset_and_an_answer_of_their_own(lab: Lab) -> None:
    """One request, one batch on disk; the history tells of each record, and time travel too."""
    lab.produce("m0")
    sent = lab.send_batch(["m1", "m2", "m3"], compression_type="lz4")
    lab.run_until(lambda: sent[0].is_done)
    assert [("m1", "ok", 1), ("m2", "ok", 2), ("m3", "ok", 3)] == _ends(sent)
    log = lab.world.hosts[1].log("orders-0")
    assert log is not None
    assert ["m0", "m1", "m2", "m3"] == lab.read()
    assert [(0, Codec.NONE), (1, Codec.LZ4)] == [
        (batch.base_offset, batch.header.codec) for batch in log.read(0)
    ]
    ended = [e.event for e in lab.trace if isinstance(e.event, SendEnded)]
    assert [("m0", 0), ("m1", 1), ("m2", 2), ("m3", 3)] == [(e.value, e.offset) for e in ended]
    assert list(lab.trace) == list(lab.at(lab.now_ms).trace)
    assert all(record.is_acked for record in lab.snapshot().lane(1).records)


def test_values_in_one_batch_end_alike(lab: Lab) -> None:
    """A batch is written whole or not at all, and in the dark all of it is."""
    refused = lab.send_batch(["m0", "m1"], acks=1, retries=0)
    lab.crash(1)
    lab.run_until(lambda: refused[1].is_done)
    assert [("m0", "fail", -1), ("m1", "fail", -1)] == _ends(refused)
    lab.run_until(lambda: lab.leader() == 2)
    lab.run_for(100)
    lab.drop_next("ProduceResponse", 2, "producer-1")
    unknown = lab.send_batch(["m2", "m3"])
    lab.run_until(lambda: unknown[1].is_done)
    assert [("m2", "info", -1), ("m3", "info", -1)] == _ends(unknown)
    assert ["m2", "m3"] == lab.read()


def test_acks_are_what_kafka_knows(lab: Lab) -> None:
    """A misspelt setting must not pass for a default."""
    with refused(Errors.INVALID_REQUIRED_ACKS, match="not 2"):
        lab.send_batch(["m0"], acks=2)


def _ends(sent: tuple[Sent, ...]) -> list[tuple[str, str, int]]:
    return [(each.value, each.outcome, each.offset) for each in sent]


def test_a_dropped_answer_leaves_the_producer_in_the_dark(lab: Lab) -> None:
    """The record is there, and its producer does not know: "info", neither "ok" nor "fail"."""
    lab.drop_next("ProduceResponse", 1, "producer-1")
    assert "info" == lab.produce("m0").outcome
    assert ["m0"] == lab.read()


def test_a_doubled_request_is_appended_twice(lab: Lab) -> None:
    """Without idempotence a leader cannot tell a repetition from a new record."""
    lab.double_next("Produce", "producer-1", 1)
    lab.produce("m0")
    lab.run_for(1_000)
    assert ["m0", "m0"] == lab.read()


def test_preferred_election_gives_leadership_back(lab: Lab) -> None:
    """The first of the list, if it is in sync."""
    lab.crash(1)
    lab.run_until(lambda: lab.leader() == 2)
    lab.restart(1)
    lab.run_until(lambda: lab.isr() == {1, 2, 3})
    assert 1 == lab.elect()
    with refused(Errors.ELECTION_NOT_NEEDED):
        lab.elect()


def test_an_unclean_election_loses_what_only_the_dead_had(lab: Lab) -> None:
    """Availability for data: the reader is told nothing, and m1 is gone."""
    lab.produce("m0")
    lab.crash(2), lab.crash(3)
    lab.run_until(lambda: lab.isr() == {1})
    lab.produce("m1", acks=1)
    lab.lose_disk(1)
    lab.run_until(lambda: lab.leader() is None)
    lab.restart(3)
    lab.run_until(lambda: lab.leader() == 3 or 3 in lab.world.controller.image.alive())
    if lab.leader() is None:
        lab.elect(how="unclean")
    lab.run_until(lambda: lab.leader() == 3)
    lab.run_for(1_000)
    assert "m1" not in lab.read()


def test_a_topic_grows_and_goes(lab: Lab) -> None:
    """New partitions are placed anew; a deleted topic leaves no log behind."""
    lab.add_partitions("orders", 3)
    assert ("ok", 0) == (
        lab.produce("x", partition=2).outcome,
        lab.produce("y", partition=1).offset,
    )
    lab.delete_topic("orders")
    lab.run_for(1_000)
    assert [()] * 3 == [host.disk.list("orders-0") for host in lab.world.hosts.values()]
    with refused(Errors.UNKNOWN_TOPIC_OR_PARTITION, match="there are: none yet"):
        lab.describe("orders")


def test_a_description_reads_like_the_tool_of_kafka(lab: Lab) -> None:
    """The lines of kafka-topics.sh --describe, which a display shows as they are."""
    topic_id = lab.world.controller.image.topics["orders"].topic_id
    assert (
        f"Topic: orders\tTopicId: {topic_id}\tPartitionCount: 1\tReplicationFactor: 3"
        "\tConfigs: min.insync.replicas=2\n"
        "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2,3\tIsr: 1,2,3"
        "\tElr: \tLastKnownElr: \n"
    ) == repr(lab.describe())


def test_eligible_replicas_stand_in_the_description(lab: Lab) -> None:
    """With two of three dead and min.insync.replicas=2, who left last may still lead (KIP-966)."""
    lab.crash(3)
    lab.run_until(lambda: lab.isr() == {1, 2})
    lab.crash(2)
    lab.run_until(lambda: lab.isr() == {1})
    assert "\tIsr: 1\tElr: 2\tLastKnownElr: \n" in lab.describe()


def test_records_are_deleted_from_the_front_of_every_replica(lab: Lab) -> None:
    """The answer comes once all replicas that live have done it, and is where they begin."""
    for value in "abcd":
        lab.produce(value)
    assert 2 == lab.delete_records("orders", 0, 2)
    logs = [host.log(TopicPartition("orders", 0)) for host in lab.world.hosts.values()]
    assert [2, 2, 2] == [log.log_start for log in logs if log is not None]
    assert ["c", "d"] == lab.read(offset=2)
    with pytest.raises(LookupError) as error:
        lab.read()
    assert str(error.value) == (
        "orders-0: OFFSET_OUT_OF_RANGE; the log of broker 1 starts at offset 2, and can be read up"
        " to 4: read(offset=2)"
    )
    assert 4 == lab.delete_records()
    assert [] == lab.read(offset=4)
    with refused(Errors.OFFSET_OUT_OF_RANGE):
        lab.delete_records("orders", 0, 5)


def test_a_dead_replica_is_not_waited_for_and_begins_as_late_when_it_is_back(lab: Lab) -> None:
    """It learns the log start from its first fetch; what a crash forgets the leader tells again."""
    for value in "abcd":
        lab.produce(value)
    lab.crash(3)
    lab.run_until(lambda: lab.isr() == {1, 2})
    assert 3 == lab.delete_records("orders", 0, 3)
    lab.restart(3)
    lab.run_until(lambda: lab.isr() == {1, 2, 3})
    lab.run_for(1_000)
    log = lab.world.hosts[3].log(TopicPartition("orders", 0))
    assert log is not None
    assert (3, 4) == (log.log_start, log.log_end)


def test_a_deletion_whose_fetch_is_held_is_not_answered(lab: Lab) -> None:
    """A request of an administrator is a message, and so is what it waits for."""
    for value in "abcd":
        lab.produce(value)
    lab.run_for(600)
    lab.hold("Fetch", 3, 1)
    request = DeleteRecordsRequest(((TopicPartition("orders", 0), 2),), timeout_ms=5_000)
    asked = lab.do(Ask(request))
    lab.run_for(4_000)
    assert not asked.is_done
    lab.release("Fetch", 3, 1)
    lab.run_for(2_000)
    assert DeletedRecords(TopicPartition("orders", 0), 2) == asked.result()


def test_questions_of_an_administrator_are_answered_whole(lab: Lab) -> None:
    """By any broker, or by the leader, whose log it is about."""
    name = TopicPartition("orders", 0)
    lab.produce("a")
    lab.run_for(600)
    assert DescribeClusterResponse(((1, None), (2, None), (3, None))) == lab.ask(
        DescribeClusterRequest()
    )
    led = PartitionMetadata(name, 1, 0, (1, 2, 3), (1, 2, 3))
    assert MetadataResponse((1, 2, 3), (led,)) == lab.ask(MetadataRequest())
    ends = ListOffsetsRequest((ListOffsetsPartition(name, -1),))
    assert ListOffsetsResponse((ListedOffset(name, 1),)) == lab.ask(ends)
    (told,) = lab.ask(DescribeConfigsRequest((ConfigResource("orders"),))).resources
    own = ConfigEntry("min.insync.replicas", "2", ConfigSource.TOPIC_CONFIG)
    assert [own] == [it for it in told.settings if it.source is ConfigSource.TOPIC_CONFIG]


def test_an_administrator_asks_another_broker_where_one_stands_still(lab: Lab) -> None:
    """After request.timeout.ms and a pause; the connection to it is given up."""
    lab.pause(2)
    waited_ms = []
    for _ in range(3):
        began_ms = lab.now_ms
        lab.ask(DescribeClusterRequest())
        waited_ms.append((lab.now_ms - began_ms) // 100 * 100)
    assert [30_100, 0, 30_100] == waited_ms  # brokers 2 and 3, then 1, then 2 and 3


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (lambda lab: lab.crash(9), "there is no broker 9; there are 1 to 3"),
        (lambda lab: lab.restart(1), "broker 1 is running"),
        (lambda lab: lab.resume(1), "broker 1 is not paused"),
        (lambda lab: lab.release("Fetch", 2, 1), "Fetch 2→1 is not held"),
        (lambda lab: lab.drop("ElectLeaders"), "no ElectLeaders any→any is in flight"),
        (lambda lab: lab.produce("x", acks=7), 'acks is "all", 1 or 0, not 7'),
    ],
)
def test_nonsense_is_refused_in_words_and_changes_nothing(lab: Lab, command, says: str) -> None:
    """The message names the thing and the remedy; the journal does not hold it."""
    told, entries = len(lab.journal), len(lab.trace)
    with pytest.raises(KafkaError, match=says):
        command(lab)
    assert (told, entries) == (len(lab.journal), len(lab.trace))


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (lambda lab: lab.create_topic("b", colour="red"), "a topic has no setting 'colour'"),
        (lambda lab: lab.create_topic("b", assignment=[[1, 9]]), "broker 9 is not registered"),
        (lambda lab: lab.create_topic("orders"), "topic 'orders' exists already"),
        (lambda lab: lab.create_topic("b", min_insync_replicas=0), "must be at least 1, not 0"),
        (lambda lab: lab.elect(how="swift"), "'preferred' or 'unclean', not 'swift'"),
    ],
)
def test_what_the_cluster_refuses_changes_nothing_in_it(lab: Lab, command, says: str) -> None:
    """It is a message that is answered: it takes time and is told, and the image stays as it is."""
    was = deepcopy(lab.world.controller.image)
    with pytest.raises(KafkaError, match=says):
        command(lab)
    now = lab.world.controller.image
    assert (was.topics, was.partitions) == (now.topics, now.partitions)
    assert ["orders"] == list(now.topics)


def test_waiting_in_vain_says_what_for(lab: Lab) -> None:
    """A loop that never ends would be the worst of answers."""
    with pytest.raises(LimitReached, match="waited for a miracle for 5000 ms"):
        lab.run_until(lambda: False, within_ms=5_000, waiting_for="a miracle")


def test_a_verb_that_waits_in_vain_says_what_for(lab: Lab) -> None:
    """A reader has not written what it waits for."""
    lab.hold("MetadataUpdate")
    with pytest.raises(LimitReached, match="waited for the leaders to learn of it for"):
        lab.create_topic("bills", assignment=[[1, 2, 3]])


def test_the_time_of_zookeeper_had_other_rules() -> None:
    """Version "2.x": another placement, a longer session, nobody outside the ISR."""
    old = Lab(version="2.x", seed=5)
    old.create_topic("orders", partitions=3)
    assert (18_000, False) == (
        old.config.broker_session_timeout_ms,
        old.rules.cluster.is_elr_enabled,
    )
    old.produce("m0", partition=0)
    leader = old.leader("orders")
    old.crash(leader or 0)
    old.run_until(lambda: old.leader("orders") not in (leader, None))
    assert "ok" == old.produce("m1", "orders").outcome
    assert () == old.watch.broken


def test_a_topic_made_again_knows_nothing_of_the_old_one(lab: Lab) -> None:
    """What waited for the old partition is refused; the new one never saw it."""
    lab.alter_topic("orders", min_insync_replicas=2)  # broker 2's turn; 3 and 1 take what follows
    lab.pause(2)
    waiting = lab.send("old", retries=0)
    lab.run_for(50)
    lab.delete_topic("orders")
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.run_for(10)  # the leader hears of it before the follower does
    lab.resume(2)
    lab.run_until(lambda: waiting.is_done)
    assert "ok" != waiting.outcome
    lab.run_for(1_000)
    assert ([], ()) == (lab.read(), lab.watch.broken)


def test_a_topic_is_there_once_its_leaders_know() -> None:
    """The controller answers before; and a leader that is down is waited for by nobody."""
    lab = Lab(brokers=3)
    lab.crash(3)
    lab.slow(1, 200)
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lead = lab.view.replica(TopicPartition("orders", 0), 1)
    assert ("leader", 0) == (lead.role, lead.leader_epoch)
    lab.crash(1)
    assert lab.view.leaders_know()


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (
            lambda lab: lab.create_topic("e", partitions="2"),
            "create_topic: partitions must be a whole number, not '2'",
        ),
        (
            lambda lab: lab.delete_records("orders", 0, "1"),
            "delete_records: before_offset must be a whole number, not '1'",
        ),
        (lambda lab: lab.produce(5), "send: value must be text, not 5"),
        (
            lambda lab: lab.send("m", to="2"),
            "send: to must be a whole number or None, not '2'",
        ),
        (
            lambda lab: lab.create_topic("e", assignment=((1, "2"),)),
            f"create_topic: assignment must be {A_LIST}, not ((1, '2'),)",
        ),
    ],
)
def test_a_word_of_the_wrong_kind_is_refused_before_it_is_sent(
    ask: Callable[[Lab], object], says: str
) -> None:
    """Else it would meet a broker that cannot read it, in the middle of a later call."""
    lab = Lab(brokers=3, seed=7)
    lab.create_topic("orders", partitions=1, replication_factor=3)
    told = len(lab.trace)
    with pytest.raises(TypeError) as error:
        ask(lab)
    assert (says, told) == (str(error.value), len(lab.trace))
    lab.run_for(60_000)
