"""The replicas of one broker follow the metadata: opened, led, followed, deleted."""

from typing import Any

from kafkabook.base.trace import Trace
from kafkabook.cluster.config import ClusterConfig, TopicConfig
from kafkabook.cluster.hosted import HostedReplicas
from kafkabook.cluster.metadata import (
    BrokerRegistrationChangeRecord,
    ClusterImage,
    ConfigRecord,
    PartitionChangeRecord,
    PartitionRecord,
    RegisterBrokerRecord,
    RemoveTopicRecord,
    TopicRecord,
)
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.log_directory import LogDirectory
from kafkabook.log.rules import LogRules
from kafkabook.protocol.control_api import AlterPartitionRequest
from kafkabook.protocol.records_api import FetchPartition, FetchRequest, FetchResponse
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.facts import PartitionState
from kafkabook.replication.rules import ReplicationRules
from kafkabook.sim.effects import Cancel, Effect, Send, Wake

ID, NEXT_ID = "A" * 22, "B" * 21 + "A"
LED = PartitionState((1, 2), frozenset({1, 2}), 1)
FOLLOWED = PartitionState((2, 1), frozenset({1, 2}), 2)
BATCH = RecordBatch.of([Record(value=b"m0", timestamp_ms=1)])


class SomeHosted:
    """Broker 1's replicas over a disk, and the effects of what was done last."""

    def __init__(self, disk: MemoryDisk | None = None) -> None:
        self.disk = disk or MemoryDisk()
        self.image, self.out, self.trace = ClusterImage(), [], Trace()
        self.hosted = HostedReplicas(
            1,
            LogDirectory(self.disk, node_id=1),
            incarnation=0,
            image=self.image,
            config=ClusterConfig(),
            rules=ReplicationRules(),
            log_rules=LogRules(),
            out=self.out,
            trace=self.trace,
            log_trace=Trace(),
        )
        self.hosted.broker_epoch = 7

    def learn(self, *records: Any, now_ms: int = 0) -> list[str]:
        """Take records as a broker does; return the partitions that they concern."""
        self.out.clear()
        for record in records:
            self.image.replay(record)
        gone = self.hosted.remove_gone(now_ms=now_ms)
        return gone + self.hosted.apply(records, now_ms=now_ms)

    def did(self) -> list[Effect]:
        """What has been asked of the world since."""
        effects = self.out[:]
        self.out.clear()
        return effects


def orders(state: PartitionState, topic_id: str = ID) -> tuple[Any, ...]:
    """The records of a topic of one partition."""
    return TopicRecord("orders", topic_id), PartitionRecord("orders-0", "orders", state)


def test_a_replica_is_opened_and_led() -> None:
    """Other brokers' partitions are none of its business."""
    some = SomeHosted()
    elsewhere = PartitionRecord("orders-1", "orders", PartitionState((2, 3), frozenset({2}), 2))
    assert ["orders-0"] == some.learn(*orders(LED), elsewhere)
    assert ["orders-0"] == list(some.hosted.replicas)
    assert some.hosted.replicas["orders-0"].leading is not None


def test_a_follower_asks_its_leader_at_once() -> None:
    """With its broker's epoch, the id of the topic, and a time after which it gives up."""
    some = SomeHosted()
    some.learn(*orders(FOLLOWED))
    wish = FetchPartition("orders-0", 0, 0, -1, ID)
    request = FetchRequest(1, 1, 7, (wish,), max_wait_ms=500, max_bytes=1_048_576)
    assert [Send(2, request), Wake(("fetch timeout", 2), 30_000)] == some.did()
    some.hosted.fetch(now_ms=1)
    assert [] == some.did()


def test_a_leader_that_does_not_answer_is_asked_again_after_a_while() -> None:
    """`replica.fetch.backoff.ms`."""
    some = SomeHosted()
    some.learn(*orders(FOLLOWED))
    some.did()
    some.hosted.give_up(2, now_ms=10)
    assert [Cancel(("fetch timeout", 2)), Wake(("fetch", 2), 1_000)] == some.did()
    some.hosted.fetch(now_ms=1_009)
    assert [] == some.did()
    some.hosted.fetch(now_ms=1_010)
    assert [2] == [e.to for e in some.did() if isinstance(e, Send)]


def test_an_answer_from_nobody_it_follows_is_dropped() -> None:
    """A broker that never was asked."""
    some = SomeHosted()
    some.learn(*orders(LED))
    some.did()
    assert [] == some.hosted.take(FetchResponse(1, ()), sender=3, now_ms=1)
    assert [] == some.did()


def test_another_in_sync_set_concerns_a_partition_although_its_role_stays() -> None:
    """The high watermark may have moved: somebody may be waiting for that."""
    some = SomeHosted()
    some.learn(*orders(LED))
    leading = some.hosted.replicas["orders-0"].leading
    assert leading is not None
    leading.append(BATCH)
    alone = PartitionState((1, 2), frozenset({1}), 1, partition_epoch=1)
    assert ["orders-0"] == some.learn(PartitionChangeRecord("orders-0", alone))
    assert (leading, 1) == (
        some.hosted.replicas["orders-0"].leading,
        leading.stored.log.high_watermark,
    )


def test_a_topics_minimum_reaches_its_leader_and_is_never_above_its_replicas() -> None:
    """A record of settings concerns every partition of the topic."""
    some = SomeHosted()
    some.learn(*orders(LED))
    settings = ConfigRecord("orders", TopicConfig(min_insync_replicas=5))
    assert ["orders-0"] == some.learn(settings)
    leading = some.hosted.replicas["orders-0"].leading
    assert leading is not None
    assert 2 == leading.members.min_insync_replicas


def test_a_deleted_topic_leaves_no_file() -> None:
    """And whoever waited for it is to be told."""
    some = SomeHosted()
    some.learn(*orders(LED))
    assert ["orders-0"] == some.learn(RemoveTopicRecord("orders"))
    assert ({}, ()) == (some.hosted.replicas, some.disk.list("orders-0"))


def test_a_topic_of_the_same_name_begins_with_an_empty_log() -> None:
    """By its id it is known to be another."""
    some = SomeHosted()
    some.learn(*orders(LED))
    leading = some.hosted.replicas["orders-0"].leading
    assert leading is not None
    leading.append(BATCH)
    some.learn(RemoveTopicRecord("orders"), *orders(LED, NEXT_ID))
    log = some.hosted.replicas["orders-0"].stored.log
    assert (0, NEXT_ID) == (log.log_end, log.topic_id)


def test_a_new_life_finds_the_logs_on_its_disk_and_drops_strays() -> None:
    """A log of a topic that is gone, or of its namesake, belongs to nobody."""
    first = SomeHosted()
    other = (TopicRecord("bills", NEXT_ID), PartitionRecord("bills-0", "bills", LED))
    first.learn(*orders(LED), *other)
    for replica in first.hosted.replicas.values():
        assert replica.leading is not None
        replica.leading.append(BATCH)
    second = SomeHosted(first.disk)
    second.learn(*orders(LED))
    assert {"orders-0": 1} == {
        name: replica.stored.log.log_end for name, replica in second.hosted.replicas.items()
    }
    assert () == second.disk.list("bills-0")


def test_a_proposal_carries_the_brokers_epoch_and_is_sent_again_if_nobody_answers() -> None:
    """The leader's replica does not know in which life of its broker it is."""
    some = SomeHosted()
    alive = BrokerRegistrationChangeRecord(2, 1, is_fenced=False)
    some.learn(RegisterBrokerRecord(2, 1, 1, None), alive, *orders(LED))
    leading = some.hosted.replicas["orders-0"].leading
    assert leading is not None
    leading.append(BATCH)
    some.did()
    some.hosted.expire(now_ms=30_000)
    assert [] == some.did()
    some.hosted.expire(now_ms=30_001)
    wish = AlterPartitionRequest(1, 7, "orders-0", 0, 0, ((1, 7),), ID, 1)
    assert [Send("controller", wish), Wake(("alter", "orders-0"), 30_000)] == some.did()
