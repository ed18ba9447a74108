"""What a broker tells from what it knows, as old as that may be."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.config import ClusterConfig, TopicConfig
from kafkabook.cluster.described_configs import described
from kafkabook.cluster.metadata import ConfigRecord, PartitionChangeRecord
from kafkabook.cluster.metadata_handlers import EARLIEST, LATEST
from kafkabook.protocol.admin_api import (
    DescribeClusterRequest,
    DescribeClusterResponse,
    DescribeConfigsRequest,
    DescribeConfigsResponse,
    DescribedConfigs,
    ListedOffset,
    ListOffsetsRequest,
    ListOffsetsResponse,
    MetadataRequest,
    MetadataResponse,
    PartitionMetadata,
)
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
    answer = some.ask(DescribeConfigsRequest(("orders", "bills", "gone")))
    error, says = Errors.UNKNOWN_TOPIC_OR_PARTITION, "there is no topic 'gone'"
    expected = (
        DescribedConfigs("orders", described(TopicConfig(min_insync_replicas=2), ClusterConfig())),
        DescribedConfigs("bills", described(TopicConfig(), ClusterConfig())),
        DescribedConfigs("gone", error=error, says=says),
    )
    assert DescribeConfigsResponse(expected) == answer


def test_a_leader_lists_offsets_below_the_high_watermark_only() -> None:
    """A consumer must not begin where it cannot read."""
    some = a_broker()
    some.append("m0", "m1")
    some.fetched_by(2, 1)
    asked = [LATEST, EARLIEST, 0, 1, 2]
    answer = some.ask(ListOffsetsRequest(tuple((ORDERS, at_ms) for at_ms in asked)))
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
    answer = a_broker().ask(ListOffsetsRequest(((BILLS, LATEST), (gone, LATEST))))
    expected = (
        ListedOffset(BILLS, error=Errors.NOT_LEADER_OR_FOLLOWER),
        ListedOffset(gone, error=Errors.UNKNOWN_TOPIC_OR_PARTITION),
    )
    assert ListOffsetsResponse(expected) == answer
