"""The image: what records add up to, and nothing but records."""

from kafkabook.base.names import TopicPartition
from kafkabook.cluster.config import TopicConfig
from kafkabook.cluster.metadata import (
    BrokerRegistrationChangeRecord,
    ClusterImage,
    ConfigRecord,
    PartitionChangeRecord,
    PartitionRecord,
    Record,
    RegisterBrokerRecord,
    Registration,
    RemoveTopicRecord,
    TopicImage,
    TopicRecord,
)
from kafkabook.replication.facts import PartitionState

ORDERS_0, ORDERS_1 = TopicPartition("orders", 0), TopicPartition("orders", 1)
BILLS_0 = TopicPartition("bills", 0)
STATE = PartitionState((1, 2), frozenset({1, 2}), 1)
CHANGED = PartitionState((1, 2), frozenset({1}), 1, partition_epoch=1)


def an_image(*records: Record) -> ClusterImage:
    """What these records add up to."""
    image = ClusterImage()
    for record in records:
        image.replay(record)
    return image


ORDERS = (
    TopicRecord("orders", "id-1"),
    PartitionRecord(ORDERS_0, "orders", STATE),
    PartitionRecord(ORDERS_1, "orders", STATE),
)


def test_the_offset_counts_every_record() -> None:
    """It is what a broker tells its controller, and what an epoch of a broker is made of."""
    assert 0 == an_image().offset
    assert 3 == an_image(*ORDERS).offset


def test_a_broker_is_registered_fenced_and_each_change_replaces_the_last() -> None:
    """A new incarnation starts anew: fenced, and in no shutdown."""
    register = RegisterBrokerRecord(1, 5, 1, "a")
    stop = BrokerRegistrationChangeRecord(1, 5, is_fenced=False, is_shutting_down=True)
    assert Registration(1, 5, 1, "a") == an_image(register).brokers[1]
    assert not an_image(register).brokers[1].is_active
    expected = Registration(1, 5, 1, "a", is_fenced=False, is_shutting_down=True)
    assert expected == an_image(register, stop).brokers[1]
    again = an_image(register, stop, RegisterBrokerRecord(1, 9, 2, "a")).brokers[1]
    assert Registration(1, 9, 2, "a") == again


def test_alive_is_who_may_lead() -> None:
    """Fenced and stopping brokers may not."""
    image = an_image(
        *(RegisterBrokerRecord(broker, broker, 1, None) for broker in (1, 2, 3)),
        BrokerRegistrationChangeRecord(2, 2, is_fenced=False),
        BrokerRegistrationChangeRecord(3, 3, is_fenced=False, is_shutting_down=True),
    )
    assert {2} == image.alive()


def test_only_the_present_incarnation_of_a_live_broker_may_join() -> None:
    """KIP-903: what an earlier incarnation fetched, a power cut may have taken."""
    image = an_image(
        RegisterBrokerRecord(1, 5, 1, None),
        BrokerRegistrationChangeRecord(1, 5, is_fenced=False),
        RegisterBrokerRecord(2, 6, 1, None),
    )
    asked = [(1, 5), (1, 4), (1, -1), (2, 6), (3, 1)]
    assert [True, False, True, False, False] == [image.is_eligible(*who) for who in asked]


def test_a_topic_has_settings_and_partitions_in_order() -> None:
    """A partition finds its topic's settings."""
    config = TopicConfig(min_insync_replicas=2)
    image = an_image(*ORDERS, ConfigRecord("orders", config))
    assert {"orders": TopicImage("id-1", config, ("orders-0", "orders-1"))} == image.topics
    assert config == image.config_of(ORDERS_1)


def test_a_change_replaces_the_state_of_one_partition() -> None:
    """The others are left alone."""
    image = an_image(*ORDERS, PartitionChangeRecord(ORDERS_0, CHANGED))
    assert {"orders-0": CHANGED, "orders-1": STATE} == image.partitions


def test_an_in_sync_set_is_listed_as_kafka_lists_it() -> None:
    """In the order of the replicas; who goes is taken out, and a leader lists it anew."""

    def isr(*members: int, leader: int = 3) -> PartitionState:
        return PartitionState((3, 1, 2), frozenset(members), leader)

    first = TopicRecord("bills", "id-2"), PartitionRecord(BILLS_0, "bills", isr(1, 2, 3))
    fenced = PartitionChangeRecord(BILLS_0, isr(2, 3))
    joined = PartitionChangeRecord(BILLS_0, isr(1, 2, 3), proposed_isr=(1, 2, 3))
    elected = PartitionChangeRecord(BILLS_0, isr(1, leader=1))
    image, listed = an_image(*first), []
    for record in (fenced, joined, fenced, elected):
        listed.append(image.listed_isr[BILLS_0])
        image.replay(record)
    assert [(3, 1, 2), (3, 2), (1, 2, 3), (2, 3)] == listed
    assert (1,) == image.listed_isr[BILLS_0]
    image.replay(RemoveTopicRecord("bills"))
    assert {} == image.listed_isr


def test_a_removed_topic_leaves_nothing() -> None:
    """And another topic loses nothing."""
    other = (TopicRecord("bills", "id-2"), PartitionRecord(BILLS_0, "bills", STATE))
    image = an_image(*ORDERS, *other, RemoveTopicRecord("orders"))
    assert (["bills"], ["bills-0"]) == (list(image.topics), list(image.partitions))


def test_a_partition_is_known_from_its_successor_of_the_same_name() -> None:
    """By the id of its topic (KIP-516); who gives none does not care."""
    image = an_image(*ORDERS)
    asked = ["id-1", "id-0", None]
    assert [True, False, True] == [image.is_of(ORDERS_0, topic_id) for topic_id in asked]
