"""The partitions of one broker follow the metadata: opened, led, followed, deleted."""

from kafkabook.base.names import TopicPartition
from kafkabook.cluster.config import TopicConfig
from kafkabook.cluster.metadata import (
    BrokerConfigRecord,
    ConfigRecord,
    PartitionChangeRecord,
    PartitionRecord,
    RemoveTopicRecord,
)
from kafkabook.protocol.control_api import (
    AlterPartitionRequest,
    AlterPartitionResponse,
    ConfirmedIsr,
    ProposedIsr,
)
from kafkabook.protocol.records_api import INITIAL_EPOCH, FetchPartition, FetchRequest
from kafkabook.replication.events import IsrAdopted, ReplicaDeleted
from kafkabook.replication.facts import PartitionState
from kafkabook.replication.leader import Leader
from tests.cluster.brokers import (
    BILLS,
    FOLLOWED,
    ID,
    LED,
    NEXT_ID,
    ORDERS,
    SomeBroker,
    alive,
    bills,
    orders,
)

FETCHER = "replica fetcher"
ALONE = PartitionState((1, 2), frozenset({1}), 1, partition_epoch=1)

LEAST = "min.insync.replicas"


def led(some: SomeBroker) -> Leader:
    """The leader of orders-0 on this broker."""
    leader = some.partition().leader
    assert leader is not None
    return leader


def test_a_replica_is_opened_and_led() -> None:
    """Other brokers' partitions are none of its business."""
    some = SomeBroker()
    name = TopicPartition("orders", 1)
    elsewhere = PartitionRecord(name, "orders", PartitionState((2, 3), frozenset({2}), 2))
    some.learn(*orders(LED), elsewhere)
    assert [ORDERS] == list(some.broker.replicas.partitions)
    assert 0 == led(some).leader_epoch


def test_a_follower_asks_its_leader_at_once() -> None:
    """With its broker's epoch and the id of the topic; one question at a time."""
    some = SomeBroker()
    some.learn(*orders(FOLLOWED))
    wanted = FetchPartition(ORDERS, 0, 0, -1, ID, 0)
    request = FetchRequest(
        1, 7, (wanted,), max_wait_ms=500, max_bytes=1_048_576, session_epoch=INITIAL_EPOCH
    )
    assert [(2, request)] == some.sent(FETCHER)
    assert [30_000] == [send.timeout_ms for send in some.awaited(2, FETCHER)]
    some.learn(*alive(2, 9))
    assert [] == some.sent(FETCHER)


def test_another_in_sync_set_concerns_a_partition_although_its_role_stays() -> None:
    """The high watermark may have moved: the leader is the same, and it has adopted the set."""
    some = SomeBroker()
    some.learn(*orders(LED))
    some.append("m0")
    leader = led(some)
    some.learn(PartitionChangeRecord(ORDERS, ALONE))
    assert leader is led(some)
    assert (frozenset({1}), 1) == (leader.members.state.isr, leader.replica_log.log.high_watermark)
    told = IsrAdopted(ORDERS, 1, frozenset({1}), frozenset({1}), 0, 1)
    assert [told] == [entry.event for entry in some.trace.of(IsrAdopted)]


def test_a_topics_minimum_reaches_its_leader_and_is_never_above_its_replicas() -> None:
    """A record of settings concerns every partition of the topic."""
    some = SomeBroker()
    some.learn(*orders(LED))
    assert 1 == led(some).members.min_insync_replicas
    some.learn(ConfigRecord("orders", TopicConfig(min_insync_replicas=5)))
    assert 2 == led(some).members.min_insync_replicas


def test_a_deleted_topic_leaves_no_file() -> None:
    """And is copied no more."""
    some = SomeBroker()
    some.learn(*orders(LED), *bills(FOLLOWED))
    some.learn(RemoveTopicRecord("orders"), RemoveTopicRecord("bills"))
    assert ({}, (), ()) == (
        some.broker.replicas.partitions,
        some.disk.list("orders-0"),
        some.disk.list("bills-0"),
    )
    told = [entry.event for entry in some.trace.of(ReplicaDeleted)]
    assert [ReplicaDeleted(ORDERS, 1), ReplicaDeleted(BILLS, 1)] == told
    some.break_off(2, FETCHER)
    some.now_ms += 1_000
    some.wake("fetch", 2)
    assert [] == some.sent(FETCHER)


def test_a_topic_of_the_same_name_begins_with_an_empty_log() -> None:
    """By its id it is known to be another."""
    some = SomeBroker()
    some.learn(*orders(LED))
    some.append("m0")
    some.learn(RemoveTopicRecord("orders"), *orders(LED, NEXT_ID))
    log = some.partition().replica_log.log
    assert (0, NEXT_ID) == (log.log_end, log.topic_id)


def test_a_new_incarnation_finds_the_logs_on_its_disk_and_drops_strays() -> None:
    """A log of a topic that is gone, or of its namesake, belongs to nobody."""
    first = SomeBroker()
    first.learn(*orders(LED), *bills(LED))
    first.append("m0")
    second = SomeBroker(first.disk)
    second.learn(*orders(LED))
    assert {ORDERS: 1} == {
        name: partition.replica_log.log.log_end
        for name, partition in second.broker.replicas.partitions.items()
    }
    assert () == second.disk.list("bills-0")


def test_who_has_not_kept_up_is_proposed_to_be_dropped_and_the_answer_is_adopted() -> None:
    """The leader looks every half `replica.lag.time.max.ms`."""
    some = SomeBroker()
    some.learn(*alive(1, 7), *alive(2, 9), *orders(LED))
    some.append("m0")
    some.now_ms = 30_000
    some.wake("isr expiration")
    assert ([], [("isr expiration", 15_000)]) == (some.sent(), some.armed())
    some.now_ms = 30_001
    some.wake("isr expiration")
    proposal = ProposedIsr(1, 7, ORDERS, 0, 0, ((1, 7),), ID)
    assert [("controller", AlterPartitionRequest(1, 7, (proposal,)))] == some.sent()
    answer = ConfirmedIsr(ORDERS, 0, 1, (1,))
    some.answer(AlterPartitionResponse((answer,)), channel="alter-partition")
    assert (frozenset({1}), 1) == (
        led(some).members.state.isr,
        some.partition().replica_log.log.high_watermark,
    )


def test_a_broker_that_stops_copies_no_more_once_it_is_out_of_the_set() -> None:
    """A fetch would prove that it keeps up, and bring it back; where it is in, it copies on."""
    some = SomeBroker()
    some.learn(*orders(FOLLOWED), *bills(FOLLOWED))
    some.perform(some.broker.lifecycle.shut_down)
    out = PartitionState((2, 1), frozenset({2}), 2, partition_epoch=1)
    still_in = PartitionState((2, 1), frozenset({2, 1}), 2, partition_epoch=1)
    changes = PartitionChangeRecord(ORDERS, out), PartitionChangeRecord(BILLS, still_in)
    some.learn(*changes)
    some.break_off(2, FETCHER)
    some.now_ms += 1_000
    some.wake("fetch", 2)
    ((_, request),) = some.sent(FETCHER)
    assert [BILLS] == [wanted.partition for wanted in request.partitions]


def test_a_broker_that_stays_copies_on_though_it_is_out_of_the_set() -> None:
    """That is how it comes back."""
    some = SomeBroker()
    some.learn(*orders(FOLLOWED))
    out = PartitionState((2, 1), frozenset({2}), 2, partition_epoch=1)
    some.learn(PartitionChangeRecord(ORDERS, out))
    some.break_off(2, FETCHER)
    some.now_ms += 1_000
    some.wake("fetch", 2)
    assert [2] == [to for to, _ in some.sent(FETCHER)]


def test_high_watermarks_are_written_every_five_seconds() -> None:
    """A new incarnation begins with them."""
    some = SomeBroker()
    some.learn(*orders(PartitionState((1,), frozenset({1}), 1)))
    some.append("m0")
    some.wake("high watermark checkpoint")
    assert [("high watermark checkpoint", 5_000)] == some.armed()
    again = SomeBroker(some.disk)
    again.learn(*orders(FOLLOWED))
    assert 1 == again.partition().replica_log.log.high_watermark


def test_a_minimum_altered_at_run_time_reaches_the_leader_that_it_concerns() -> None:
    """That of all brokers by default, or that of this one; no other broker's."""
    some = SomeBroker()
    some.learn(*orders(LED))
    least = []
    for broker, settings in (
        ("", ((LEAST, "2"),)),
        ("2", ((LEAST, "1"),)),
        ("1", ((LEAST, "1"),)),
        ("1", ()),
        ("", ()),
    ):
        some.learn(BrokerConfigRecord(broker, settings))
        least.append(led(some).members.min_insync_replicas)
    assert [2, 2, 1, 2, 1] == least
