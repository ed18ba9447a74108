"""The settings of a cluster by Kafka's names, with the defaults of a version."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.settings import Version, default_of
from kafkabook.log.config import LogConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """What every broker and the controller are configured with; times in milliseconds.

    Simplified: one set for all nodes, fixed while they run; Kafka changes some of them at run time.
    """

    replica_lag_time_max_ms: int = 30_000
    replica_fetch_wait_max_ms: int = 500
    replica_fetch_backoff_ms: int = 1_000
    replica_socket_timeout_ms: int = 30_000
    replica_fetch_max_bytes: int = 1_048_576
    replica_high_watermark_checkpoint_interval_ms: int = 5_000
    broker_heartbeat_interval_ms: int = 2_000
    broker_session_timeout_ms: int = 9_000
    min_insync_replicas: int = 1
    unclean_leader_election_enable: bool = False
    auto_leader_rebalance_enable: bool = True
    leader_imbalance_check_interval_seconds: int = 300
    unclean_leader_election_interval_ms: int = 300_000
    replica_selector_class: str = ""  # "RackAwareReplicaSelector" lets consumers read nearby
    request_timeout_ms: int = 30_000  # of clients, and of a broker's wish to the controller

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
        return cls(**known)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicConfig:
    """What a topic says for itself; None leaves it to the brokers."""

    min_insync_replicas: int | None = None
    unclean_leader_election_enable: bool | None = None
    log: LogConfig = field(default_factory=LogConfig)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "TopicConfig":
        """Return the configuration that `settings` ask for, in Kafka's names with underscores.

        Raises:
            INVALID_CONFIG: there is no such setting, or the value is out of its range.
        """
        return cls().changed(settings)

    def changed(self, settings: Mapping[str, Any]) -> "TopicConfig":
        """Return this configuration with some settings changed; see `of`."""
        own = {name: value for name, value in settings.items() if name in _OWN}
        for_log = {name: value for name, value in settings.items() if name not in _OWN}
        if unknown := sorted(set(for_log) - {known.name for known in fields(LogConfig)}):
            raise KafkaError(
                Errors.INVALID_CONFIG, f"a topic has no setting {unknown[0].replace('_', '.')!r}"
            )
        least = settings.get("min_insync_replicas", 1)
        if least is not None and not (isinstance(least, int) and least >= 1):
            raise KafkaError(
                Errors.INVALID_CONFIG, f"min.insync.replicas must be at least 1, not {least!r}"
            )
        log = replace(self.log, **for_log) if for_log else self.log
        return replace(self, log=log, **own)


_OWN = ("min_insync_replicas", "unclean_leader_election_enable")
