"""Every setting of a topic with its value, and who has set it: what DescribeConfigs answers.

Source: kafka, core `ConfigHelper.scala` `createTopicConfigEntry`.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from kafkabook.base.java_hash_map import hash_map_order, string_hash
from kafkabook.base.settings import default_of
from kafkabook.base.settings import settings as rows_of_settings
from kafkabook.cluster.config import ClusterConfig, TopicConfig, as_text
from kafkabook.protocol.admin_api import ConfigEntry, ConfigSource

BUCKETS = 64  # of the table in which an administrator's client keeps Kafka's 33 settings of a topic
NOTHING: Mapping[str, str] = MappingProxyType({})
OF_BROKERS = {
    "min.insync.replicas": "min_insync_replicas",
    "unclean.leader.election.enable": "unclean_leader_election_enable",
}
FIRST_OF_TWO = frozenset(
    ("segment.bytes", "max.compaction.lag.ms", "index.interval.bytes", "retention.bytes")
)


def described(
    config: TopicConfig,
    brokers: ClusterConfig,
    *,
    own: Mapping[str, str] = NOTHING,
    defaults: Mapping[str, str] = NOTHING,
    is_elr_enabled: bool = False,
) -> tuple[ConfigEntry, ...]:
    """Return all settings of a topic, in the order in which Kafka's tools print them.

    Args:
        brokers: what counts where the topic says nothing. own, defaults: what was altered of the
            broker that answers, and of all by default.
        is_elr_enabled: whether the cluster has eligible leader replicas; its controller then
            writes `min.insync.replicas` down for all brokers (KIP-966).

    Simplified: of the settings in Kafka's table those that ours has. Of those of brokers two count
    for topics here; in Kafka most settings of a topic have one that stands in for them.
    """
    mine, usual = config.values(), TopicConfig().values()
    known = {row.name for row in rows_of_settings() if row.scope == "topic"} | set(mine)
    entries = []
    for name in in_order_of_kafka(known):
        if name in config.named or (name in mine and mine[name] != usual.get(name)):
            entries.append(ConfigEntry(name, as_text(mine[name]) or "", ConfigSource.TOPIC_CONFIG))
        elif name in OF_BROKERS and name in own:
            entries.append(ConfigEntry(name, own[name], ConfigSource.DYNAMIC_BROKER_CONFIG))
        elif name in OF_BROKERS and name in defaults:
            source = ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG
            entries.append(ConfigEntry(name, defaults[name], source))
        elif name in OF_BROKERS:
            entries.append(_of_brokers(name, brokers, is_elr_enabled=is_elr_enabled))
        else:
            value = mine[name] if name in mine else default_of(name, "4.x", scope="topic")
            entries.append(ConfigEntry(name, as_text(value) or ""))
    return tuple(entries)


def in_order_of_kafka(names: Iterable[str]) -> list[str]:
    """Return settings in the order of the `HashMap` in which a client keeps them.

    Four of its buckets hold two settings of a topic each: who was put in first comes first.

    Source: kafka, clients `admin/Config.java`; checked against `kafka-topics.sh` of 4.3.
    """
    inserted = sorted(names, key=lambda name: (name not in FIRST_OF_TWO, name))
    return hash_map_order(inserted, string_hash, buckets=BUCKETS)


def _of_brokers(name: str, brokers: ClusterConfig, *, is_elr_enabled: bool) -> ConfigEntry:
    """Return a setting that the brokers have under the same name, and who has set it there."""
    value = getattr(brokers, OF_BROKERS[name])
    source = ConfigSource.DEFAULT_CONFIG
    if name == "min.insync.replicas" and is_elr_enabled:
        source = ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG
    elif value != getattr(ClusterConfig(), OF_BROKERS[name]):
        source = ConfigSource.STATIC_BROKER_CONFIG
    return ConfigEntry(name, as_text(value) or "", source)
