"""All settings of a topic, who has set them, and the order in which Kafka's tools print them."""

from dataclasses import replace

from kafkabook.cluster.config import ClusterConfig, TopicConfig
from kafkabook.cluster.described_configs import described, in_order_of_kafka
from kafkabook.protocol.admin_api import ConfigEntry, ConfigSource

# As kafka-topics.sh 4.3.1 printed them, the four pairs of one bucket each among them.
PRINTED = (
    *("compression.type", "min.insync.replicas", "cleanup.policy", "flush.ms", "segment.bytes"),
    *("retention.ms", "max.compaction.lag.ms", "file.delete.delay.ms", "max.message.bytes"),
    *("preallocate", "index.interval.bytes", "min.cleanable.dirty.ratio"),
    *("unclean.leader.election.enable", "retention.bytes", "delete.retention.ms"),
)
LEAST, UNCLEAN = "min.insync.replicas", "unclean.leader.election.enable"


def sources(config: TopicConfig, brokers: ClusterConfig, *, has_elr: bool) -> dict[str, str]:
    """Who has set what, the defaults of all aside."""
    entries = described(config, brokers, is_elr_enabled=has_elr)
    told = {entry.name: entry.source.name for entry in entries}
    return {name: source for name, source in told.items() if source != "DEFAULT_CONFIG"}


def test_settings_stand_in_the_order_of_a_java_hash_map() -> None:
    """Whatever the order in which they were set."""
    assert list(PRINTED) == in_order_of_kafka(sorted(PRINTED))
    assert list(PRINTED) == in_order_of_kafka(sorted(PRINTED, reverse=True))


def test_a_topic_has_every_setting_with_its_value_as_text() -> None:
    """Its own, and the default where it has none."""
    config = TopicConfig().with_texts((("cleanup.policy", "compact,delete"), ("flush.ms", "5")))
    told = {entry.name: entry for entry in described(config, ClusterConfig())}
    mine, usual = ConfigSource.TOPIC_CONFIG, ConfigSource.DEFAULT_CONFIG
    assert ConfigEntry("cleanup.policy", "compact,delete", mine) == told["cleanup.policy"]
    assert ConfigEntry("flush.ms", "5", mine) == told["flush.ms"]
    assert ConfigEntry("compression.type", "producer", usual) == told["compression.type"]
    assert ConfigEntry("min.cleanable.dirty.ratio", "0.5", usual) == told[PRINTED[11]]
    assert ConfigEntry(LEAST, "1", usual) == told[LEAST]


def test_what_a_topic_leaves_open_the_brokers_have_set() -> None:
    """In their file, or by the controller, which writes the minimum down for eligible replicas."""
    usual, strict = ClusterConfig(), replace(ClusterConfig(), min_insync_replicas=2)
    assert {} == sources(TopicConfig(), usual, has_elr=False)
    by_the_controller = {LEAST: "DYNAMIC_DEFAULT_BROKER_CONFIG"}
    assert by_the_controller == sources(TopicConfig(), usual, has_elr=True)
    assert {LEAST: "STATIC_BROKER_CONFIG"} == sources(TopicConfig(), strict, has_elr=False)
    own = TopicConfig().with_texts(((LEAST, "1"), (UNCLEAN, "false")))
    mine = dict.fromkeys((LEAST, UNCLEAN), "TOPIC_CONFIG")
    assert mine == sources(own, strict, has_elr=True)
