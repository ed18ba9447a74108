"""The settings of a cluster by Kafka's names, with the defaults of a version."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from kafkabook.base.door import nearest
from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.settings import Version, default_of, find
from kafkabook.base.settings import settings as rows_of_settings
from kafkabook.base.units import INT64_MAX
from kafkabook.log.config import LogConfig, check_choice, value_of
from kafkabook.protocol.admin_api import Settings

_USUAL_LOG = LogConfig()  # made once: each new one looks at all its values


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """What every broker and the controller are configured with; times in milliseconds.

    Simplified: one set for all nodes. What is altered at run time stands in the metadata
    (`ClusterImage.altered_of`); `ConfigurationControl` says which of the settings act from there.
    """

    replica_lag_time_max_ms: int = 30_000
    replica_fetch_wait_max_ms: int = 500
    replica_fetch_backoff_ms: int = 1_000
    replica_socket_timeout_ms: int = 30_000
    replica_fetch_max_bytes: int = 1_048_576
    replica_high_watermark_checkpoint_interval_ms: int = 5_000
    max_incremental_fetch_session_cache_slots: int = 1_000
    broker_heartbeat_interval_ms: int = 2_000
    broker_session_timeout_ms: int = 9_000
    min_insync_replicas: int = 1
    unclean_leader_election_enable: bool = False
    auto_leader_rebalance_enable: bool = True
    leader_imbalance_check_interval_seconds: int = 300
    unclean_leader_election_interval_ms: int = 300_000
    replica_selector_class: str = ""  # "RackAwareReplicaSelector" lets consumers read nearby
    controller_socket_timeout_ms: int = 30_000
    request_timeout_ms: int = 30_000  # of clients
    num_partitions: int = 1
    default_replication_factor: int = 1
    # Of topics that do not say otherwise.
    log_segment_bytes: int = 1_073_741_824
    log_retention_ms: int | None = None  # then `log.retention.hours`, which is 168
    log_retention_bytes: int = -1
    log_cleanup_policy: tuple[str, ...] = ("delete",)
    log_segment_delete_delay_ms: int = 60_000  # also of the directories of deleted topics
    log_flush_interval_messages: int = INT64_MAX
    log_flush_interval_ms: int | None = None  # then `log.flush.scheduler.interval.ms`
    # When a broker looks after its logs.
    log_initial_task_delay_ms: int = 30_000
    log_retention_check_interval_ms: int = 300_000
    log_flush_scheduler_interval_ms: int = INT64_MAX
    log_flush_offset_checkpoint_interval_ms: int = 60_000
    log_flush_start_offset_checkpoint_interval_ms: int = 60_000
    log_cleaner_enable: bool = True
    log_cleaner_backoff_ms: int = 15_000
    log_cleaner_dedupe_buffer_size: int = 134_217_728
    producer_id_expiration_ms: int = 86_400_000
    producer_id_expiration_check_interval_ms: int = 600_000

    @classmethod
    def of(cls, version: Version) -> "ClusterConfig":
        """Return the defaults of a version.

        >>> ClusterConfig.of("2.8").broker_session_timeout_ms
        18000
        """
        names = ("replica_lag_time_max_ms", "replica_fetch_wait_max_ms", "min_insync_replicas")
        known: dict[str, Any] = {
            name: default_of(name.replace("_", "."), version, scope="broker") for name in names
        }
        if version == "2.8":  # before KRaft a broker lived as long as its ZooKeeper session
            session_ms = default_of("zookeeper.session.timeout.ms", version)
            known["broker_session_timeout_ms"] = session_ms
            # A producer was forgotten with its transactional id; KIP-854 told the two apart.
            expiration_ms = default_of("transactional.id.expiration.ms", version)
            known["producer_id_expiration_ms"] = expiration_ms
        return cls(**known)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicConfig:
    """What a topic says for itself; None leaves it to the brokers.

    Attributes: `named` (the settings that it sets itself, be it to the default; it tells two equal
    configurations apart where they are described, not where they act).
    """

    min_insync_replicas: int | None = None
    unclean_leader_election_enable: bool | None = None
    log: LogConfig = _USUAL_LOG
    others: tuple[tuple[str, str], ...] = ()  # settings of Kafka that nothing here reads yet
    named: tuple[str, ...] = field(default=(), compare=False)

    def with_texts(self, settings: Settings) -> "TopicConfig":
        """Return this configuration with some settings changed, as a request names them.

        Args:
            settings: Kafka's names and the values as text; None gives a setting back its default.

        Raises:
            INVALID_CONFIG: there is no such setting, or it cannot have that value.
        """
        config = self
        named = dict.fromkeys(self.named)
        for name, text in settings:
            config = config._with(name, text)
            if text is None:
                named.pop(name, None)
            else:
                named[name] = None
        return replace(config, named=tuple(sorted(named)))

    def values(self) -> dict[str, Any]:
        """Return every setting that it knows, by Kafka's names."""
        own = {name: getattr(self, name.replace(".", "_")) for name in _OWN}
        of_the_log = {name: getattr(self.log, name.replace(".", "_")) for name in _OF_THE_LOG}
        return {**own, **of_the_log, **dict(self.others)}

    def _with(self, name: str, text: str | None) -> "TopicConfig":
        field_name = name.replace(".", "_")
        if name in _OWN:
            value: Any = None if text is None else value_of(name, text, _OWN[name])
            _check_own(name, value)
            own: dict[str, Any] = {field_name: value}
            return replace(self, **own)
        if name in _OF_THE_LOG:
            usual = _OF_THE_LOG[name]
            value = usual if text is None else value_of(name, text, usual)
            return replace(self, log=replace(self.log, **{field_name: value}))
        usual = default_of(_known(name), "4.x", scope="topic")
        written = None if text is None else as_text(value_of(name, text, usual))
        if written is not None:
            _check_range(name, written)
        others: dict[str, str | None] = {**dict(self.others), name: written}
        kept = sorted((known, value) for known, value in others.items() if value is not None)
        return replace(self, others=tuple(kept))


_DEFAULTS_OF_TOPICS = {
    "segment_bytes": "log_segment_bytes",
    "retention_ms": "log_retention_ms",
    "retention_bytes": "log_retention_bytes",
    "cleanup_policy": "log_cleanup_policy",
    "file_delete_delay_ms": "log_segment_delete_delay_ms",
    "flush_messages": "log_flush_interval_messages",
    "flush_ms": "log_flush_interval_ms",
}


def log_config_of(topic: TopicConfig, brokers: ClusterConfig) -> LogConfig:
    """Return the settings of a topic's logs: what the topic does not say, its brokers say.

    Source: kafka, server `KafkaConfig.extractLogConfigMap`, `AbstractKafkaConfig`.

    >>> log_config_of(TopicConfig(), ClusterConfig(log_retention_ms=5_000)).retention_ms
    5000
    """
    usual = _USUAL_LOG
    told: dict[str, Any] = {}
    for name, of_brokers in _DEFAULTS_OF_TOPICS.items():
        is_said = name.replace("_", ".") in topic.named
        is_said |= getattr(topic.log, name) != getattr(usual, name)
        value = getattr(brokers, of_brokers)
        if value is None and name == "flush_ms":
            value = brokers.log_flush_scheduler_interval_ms
        if not is_said and value is not None and value != getattr(usual, name):
            told[name] = value
    return replace(topic.log, **told) if told else topic.log


def with_altered(brokers: ClusterConfig, altered: Mapping[str, str]) -> ClusterConfig:
    """Return the settings of a broker with what was altered of its defaults for topics.

    Args:
        altered: Kafka's names and values as text; of other settings nothing is taken.

    Source: kafka, core `DynamicBrokerConfig.scala` `DynamicLogConfig`.

    >>> with_altered(ClusterConfig(), {"log.retention.ms": "5000"}).log_retention_ms
    5000
    """
    usual, changed = _USUAL_LOG, dict[str, Any]()
    for name, of_brokers in _DEFAULTS_OF_TOPICS.items():
        text = altered.get(of_brokers.replace("_", "."))
        if text is not None:
            changed[of_brokers] = value_of(name.replace("_", "."), text, getattr(usual, name))
    return replace(brokers, **changed)


def as_text(value: object) -> str | None:
    """Return a value as a request carries it.

    >>> as_text(True), as_text(("delete", "compact")), as_text(1000), as_text(None)
    ('true', 'delete,compact', '1000', None)
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


# By Kafka's names, with a value of the same type.
_OWN: dict[str, Any] = {"min.insync.replicas": 1, "unclean.leader.election.enable": False}
_OF_THE_LOG: dict[str, Any] = {
    it.name.replace("_", "."): getattr(LogConfig(), it.name) for it in fields(LogConfig)
}


def _known(name: str) -> str:
    """Return the name of a topic's setting that nothing here reads.

    Raises:
        INVALID_CONFIG: Kafka has none of that name; the nearest ones are named.
    """
    rows = {row.name for row in rows_of_settings() if row.scope == "topic"}
    if name in rows:
        return name
    near = nearest(name, sorted({*rows, *_OWN, *_OF_THE_LOG}), 0.5)
    hint = f"; did you mean {near}?" if near else ""
    raise KafkaError(Errors.INVALID_CONFIG, f"a topic has no setting {name!r}{hint}")


def _check_range(name: str, text: str) -> None:
    """Refuse what is none of the values that the table of settings names.

    Raises:
        INVALID_CONFIG: it is none of them; the nearest one is named.
    """
    valid = find(name, "topic").valid
    if valid.startswith("[") and "..." not in valid:
        check_choice(name, text, tuple(valid.strip("[]").split(", ")))


def _check_own(name: str, value: Any) -> None:
    if name == "min.insync.replicas" and value is not None and value < 1:
        raise KafkaError(Errors.INVALID_CONFIG, f"{name} must be at least 1, not {value}")
