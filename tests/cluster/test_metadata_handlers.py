"""What a broker tells from what it knows, as old as that may be."""

from dataclasses import replace

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.config import ClusterConfig, TopicConfig
from kafkabook.cluster.described_configs import described
from kafkabook.cluster.dynamic_broker_config import described_broker, described_default
from kafkabook.cluster.metadata import BrokerConfigRecord, ConfigRecord, PartitionChangeRecord
from kafkabook.protocol.admin_api import (
    EARLIEST,
    LATEST,
    ConfigResource,
    DescribeClusterRequest,
    DescribeClusterResponse,
    DescribeConfigsRequest,
    DescribeConfigsResponse,
    DescribedConfigs,
    ListedOffset,
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    MetadataRequest,
    MetadataResponse,
    PartitionMetadata,
    ResourceType,
)
from kafkabook.protocol.records_api import CONSUMER
from kafkabook.replication.facts import PartitionState
from tests.cluster.brokers import (
    BILLS,
    FOLLOWED,
    LED,
    ORDERS,
    SomeBroker,
    alive,
    bills,
    orders,
)


def a_broker() -> SomeBroker:
    """Broker 1 leads orders-0 and follows in bills-0; brokers 1 and 2 are alive, 3 is fenced."""
    some = SomeBroker()
    some.learn(*alive(1, 7, "a"), *alive(2, 8), alive(3, 9)[0], *orders(LED), *bills(FOLLOWED))
    return some


OF_ORDERS = PartitionMetadata(ORDERS, 1, 0, (1, 2), (1, 2))
OF_BILLS = PartitionMetadata(BILLS, 2, 0, (2, 1), (2, 1))


@pytest.mark.parametrize(
    ("topics", "found", "unknown"),
    [
        (None, (OF_ORDERS, OF_BILLS), ()),
        (("bills", "gone"), (OF_BILLS,), ("gone",)),
        ((), (), ()),
    ],
)
def test_it_tells_who_leads_what_of_the_topics_that_are_named_or_of_all(
    topics: tuple[str, ...] | None,
    found: tuple[PartitionMetadata, ...],
    unknown: tuple[str, ...],
) -> None:
    """And which brokers are alive."""
    answer = a_broker().ask(MetadataRequest(topics))
    assert MetadataResponse((1, 2), found, unknown) == answer


def test_a_partition_without_a_leader_is_told_as_such() -> None:
    """In the order of its replicas, whoever is in sync."""
    some = a_broker()
    nobody = PartitionState((1, 2), frozenset({2}), None, leader_epoch=3, partition_epoch=4)
    some.learn(PartitionChangeRecord(ORDERS, nobody))
    expected = (PartitionMetadata(ORDERS, None, 3, (1, 2), (2,)),)
    assert expected == some.ask(MetadataRequest(("orders",))).partitions


def test_it_tells_the_live_brokers_with_their_racks() -> None:
    """Who is fenced is left out."""
    assert DescribeClusterResponse(((1, "a"), (2, None))) == a_broker().ask(
        DescribeClusterRequest()
    )


def test_it_tells_the_settings_of_topics_and_who_has_set_them() -> None:
    """A topic that is not there has an error of its own."""
    some = a_broker()
    some.learn(ConfigRecord("orders", TopicConfig(min_insync_replicas=2)))
    answer = some.ask(
        DescribeConfigsRequest(tuple(map(ConfigResource, ("orders", "bills", "gone"))))
    )
    error, says = Errors.UNKNOWN_TOPIC_OR_PARTITION, "there is no topic 'gone'"
    expected = (
        DescribedConfigs(
            ConfigResource("orders"), described(TopicConfig(min_insync_replicas=2), ClusterConfig())
        ),
        DescribedConfigs(ConfigResource("bills"), described(TopicConfig(), ClusterConfig())),
        DescribedConfigs(ConfigResource("gone"), error=error, says=says),
    )
    assert DescribeConfigsResponse(expected) == answer


def offsets_of(*asked: tuple[TopicPartition, int], replica: int = CONSUMER) -> ListOffsetsRequest:
    """A question for offsets by partition and timestamp."""
    return ListOffsetsRequest(tuple(ListOffsetsPartition(*pair) for pair in asked), replica)


def test_a_leader_lists_offsets_below_the_high_watermark_only() -> None:
    """A consumer must not begin where it cannot read."""
    some = a_broker()
    some.append("m0", "m1")
    some.fetched_by(2, 1)
    asked = [LATEST, EARLIEST, 0, 1, 2]
    answer = some.ask(offsets_of(*((ORDERS, at_ms) for at_ms in asked)))
    expected = (
        ListedOffset(ORDERS, 1),
        ListedOffset(ORDERS, 0),
        ListedOffset(ORDERS, 0, 1),
        ListedOffset(ORDERS, 0, 1),
        ListedOffset(ORDERS),
    )
    assert ListOffsetsResponse(expected) == answer


def test_who_does_not_lead_lists_no_offsets() -> None:
    """With the error that tells a client whether to look for somebody else."""
    gone = TopicPartition("gone", 0)
    answer = a_broker().ask(offsets_of((BILLS, LATEST), (gone, LATEST)))
    expected = (
        ListedOffset(BILLS, error=Errors.NOT_LEADER_OR_FOLLOWER),
        ListedOffset(gone, error=Errors.UNKNOWN_TOPIC_OR_PARTITION),
    )
    assert ListOffsetsResponse(expected) == answer


LEAST = "min.insync.replicas"


def of_broker(name: str) -> ConfigResource:
    """A broker by its id; "" is for all."""
    return ConfigResource(name, ResourceType.BROKER)


def test_a_broker_describes_itself_and_the_default_of_all() -> None:
    """As far as it has learned of it."""
    some = a_broker()
    some.learn(BrokerConfigRecord("1", (("num.io.threads", "9"),)))
    some.learn(BrokerConfigRecord("", ((LEAST, "2"),)))
    answer = some.ask(DescribeConfigsRequest((of_broker("1"), of_broker(""))))
    own, defaults = {"num.io.threads": "9"}, {LEAST: "2"}
    mine = described_broker(1, ClusterConfig(), rack=None, own=own, defaults=defaults)
    expected = (
        DescribedConfigs(of_broker("1"), mine),
        DescribedConfigs(of_broker(""), described_default(defaults)),
    )
    assert DescribeConfigsResponse(expected) == answer


def test_a_topic_is_described_with_what_was_altered_of_the_broker_and_of_all() -> None:
    """Of the broker that answers, before what counts for all."""
    some = a_broker()
    topic = ConfigResource("orders")
    told = []
    for broker, least in (("2", "5"), ("", "2"), ("1", "3")):
        some.learn(BrokerConfigRecord(broker, ((LEAST, least),)))
        (answer,) = some.ask(DescribeConfigsRequest((topic,))).resources
        told += [(it.value, it.source.name) for it in answer.settings if it.name == LEAST]
    usual, of_all = ("1", "DEFAULT_CONFIG"), ("2", "DYNAMIC_DEFAULT_BROKER_CONFIG")
    assert [usual, of_all, ("3", "DYNAMIC_BROKER_CONFIG")] == told


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("2", "Unexpected broker id, expected 1 or empty string, but received 2"),
        ("x", "Broker id must be an integer, but it is: x"),
    ],
)
def test_a_broker_describes_no_other_one(name: str, says: str) -> None:
    """It does not know what the file of another says."""
    answer = a_broker().ask(DescribeConfigsRequest((of_broker(name),)))
    refusal = DescribedConfigs(of_broker(name), error=Errors.INVALID_REQUEST, says=says)
    assert DescribeConfigsResponse((refusal,)) == answer


def test_a_follower_is_told_how_far_the_whole_log_reaches() -> None:
    """It copies beyond the high watermark."""
    some = a_broker()
    some.append("m0", "m1")
    some.fetched_by(2, 1)
    asked = [(ORDERS, at_ms) for at_ms in (LATEST, EARLIEST)]
    answer = some.ask(offsets_of(*asked, replica=2), 2)
    expected = (
        ListedOffset(ORDERS, 2),
        ListedOffset(ORDERS, 0),
    )
    assert ListOffsetsResponse(expected) == answer


@pytest.mark.parametrize(
    ("epoch", "answer"),
    [
        (-1, ListedOffset(ORDERS, 0)),
        (1, ListedOffset(ORDERS, 0)),
        (0, ListedOffset(ORDERS, error=Errors.FENCED_LEADER_EPOCH)),
        (2, ListedOffset(ORDERS, error=Errors.UNKNOWN_LEADER_EPOCH)),
    ],
)
def test_offsets_are_listed_in_the_leader_epoch_that_was_named(
    epoch: int, answer: ListedOffset
) -> None:
    """KIP-320; a client that names none is answered in any."""
    some = a_broker()
    some.learn(PartitionChangeRecord(ORDERS, replace(LED, leader_epoch=1, partition_epoch=1)))
    asked = ListOffsetsRequest((ListOffsetsPartition(ORDERS, LATEST, epoch),), 2)
    assert ListOffsetsResponse((answer,)) == some.ask(asked, 2)
