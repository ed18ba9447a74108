"""What a record means, as an event: whole, for checkers that see nothing but the trace."""

from kafkabook.cluster.config import TopicConfig
from kafkabook.cluster.events import BrokersAltered, PartitionChanged, TopicAltered, TopicDeleted
from kafkabook.cluster.metadata import (
    BrokerConfigRecord,
    ConfigRecord,
    PartitionChangeRecord,
    RegisterBrokerRecord,
    RemoveTopicRecord,
    TopicRecord,
)
from kafkabook.cluster.metadata_events import settings_told, told_by
from kafkabook.replication.facts import PartitionState
from tests.cluster.controllers import ORDERS, with_orders


def test_a_change_is_told_with_what_was_before_and_who_is_alive() -> None:
    """A checker must be able to say whether the choice was right."""
    some = with_orders()
    before = some.state()
    after = PartitionState((1, 2, 3), frozenset({2}), 2, 1, 1, frozenset({1}), (1,))
    record = PartitionChangeRecord(ORDERS, after, "because", is_unclean=True)
    decisions = some.decisions
    expected = PartitionChanged(
        "orders-0",
        leader=2,
        leader_epoch=1,
        partition_epoch=1,
        replicas=(1, 2, 3),
        isr=frozenset({2}),
        elr=frozenset({1}),
        last_known_elr=(1,),
        min_insync_replicas=2,
        is_unclean=True,
        was_leader=1,
        was_isr=frozenset({1, 2, 3}),
        alive=frozenset({1, 2, 3}),
        reason="because",
        is_elr_enabled=True,
    )
    assert expected == told_by(record, before, some.image, decisions)


def test_a_created_partition_was_nothing_before() -> None:
    """Nobody led, nobody was in sync."""
    first = with_orders().trace.of(PartitionChanged)[0].event
    assert isinstance(first, PartitionChanged)
    told = (first.reason, first.was_leader, first.was_isr, first.leader, first.is_unclean)
    assert ("created", None, frozenset(), 1, False) == told


def test_topics_and_settings_are_told_and_brokers_are_not() -> None:
    """The controller itself tells of brokers, for it knows why."""
    some = with_orders()
    decisions, image = some.decisions, some.image
    records = (
        RemoveTopicRecord("orders"),
        ConfigRecord("orders", TopicConfig(min_insync_replicas=2)),
        BrokerConfigRecord("2", (("num.io.threads", "9"),)),
        BrokerConfigRecord("", ()),
        TopicRecord("bills", "id"),
        RegisterBrokerRecord(1, 1, 1, None),
    )
    told = [told_by(record, None, image, decisions) for record in records]
    altered = TopicAltered("orders", (("min.insync.replicas", "2"),))
    of_brokers = BrokersAltered(2, (("num.io.threads", "9"),)), BrokersAltered(None, ())
    assert [TopicDeleted("orders"), altered, *of_brokers, None, None] == told


def test_only_settings_that_differ_are_told() -> None:
    """By Kafka's names, sorted, as text; also those of the log, and those that nobody reads."""
    asked = (
        ("unclean.leader.election.enable", "true"),
        ("segment.bytes", "1000"),
        ("compression.type", "zstd"),
        ("min.insync.replicas", "2"),
        ("cleanup.policy", "delete,compact"),
    )
    assert tuple(sorted(asked)) == settings_told(TopicConfig().with_texts(asked))
    assert () == settings_told(TopicConfig())
