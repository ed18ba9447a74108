"""The settings of a cluster by Kafka's names, with the defaults of a version."""

import re
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.settings import Version, default_of, find
from kafkabook.base.settings import settings as rows_of_settings
from kafkabook.log.config import LogConfig
from kafkabook.protocol.admin_api import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """What every broker and the controller are configured with; times in milliseconds.

    Simplified: one set for all nodes. What is altered at run time stands in the metadata
    (`ClusterImage.altered`); two of the settings here act from there.
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
    """What a topic says for itself; None leaves it to the brokers.

    Attributes: `named` (the settings that it sets itself, be it to the default; it tells two equal
    configurations apart where they are described, not where they act).
    """

    min_insync_replicas: int | None = None
    unclean_leader_election_enable: bool | None = None
    log: LogConfig = field(default_factory=LogConfig)
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
            value: Any = None if text is None else _value(name, text, _OWN[name])
            _check_own(name, value)
            own: dict[str, Any] = {field_name: value}
            return replace(self, **own)
        if name in _OF_THE_LOG:
            usual = _OF_THE_LOG[name]
            value = usual if text is None else _value(name, text, usual)
            return replace(self, log=replace(self.log, **{field_name: value}))
        usual = default_of(_known(name), "4.x", scope="topic")
        written = None if text is None else as_text(_value(name, text, usual))
        others: dict[str, str | None] = {**dict(self.others), name: written}
        kept = sorted((known, value) for known, value in others.items() if value is not None)
        return replace(self, others=tuple(kept))


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


_WHOLE_NUMBER = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?", re.ASCII)


def _known(name: str) -> str:
    """Return the name of a topic's setting that nothing here reads.

    Raises:
        INVALID_CONFIG: Kafka has none of that name; the nearest ones are named.
    """
    rows = {row.name for row in rows_of_settings() if row.scope == "topic"}
    if name in rows:
        return name
    near = get_close_matches(name, sorted({*rows, *_OWN, *_OF_THE_LOG}), n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise KafkaError(Errors.INVALID_CONFIG, f"a topic has no setting {name!r}{hint}")


def _value(name: str, text: str, usual: Any) -> Any:
    """Read a value of the same type as the default, as Java does: "+5" is a number, "1_000" not.

    Raises:
        INVALID_CONFIG: it is none.

    Source: kafka, clients `ConfigDef.java` `parseType`.
    """
    trimmed = text.strip()
    if isinstance(usual, bool) and trimmed.lower() in ("true", "false"):
        return trimmed.lower() == "true"
    if type(usual) is int and _WHOLE_NUMBER.fullmatch(trimmed) and _fits(name, int(trimmed)):
        return int(trimmed)
    if isinstance(usual, float) and _NUMBER.fullmatch(trimmed):
        return float(trimmed.rstrip("dDfF"))
    if isinstance(usual, bool | int | float):
        kind = {bool: "true or false", int: "a whole number", float: "a number"}[type(usual)]
        raise KafkaError(Errors.INVALID_CONFIG, f"{name} must be {kind}, not {text!r}")
    if isinstance(usual, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return trimmed


def _fits(name: str, number: int) -> bool:
    """Say whether a whole number has room in Java's int or long, whatever the setting is."""
    is_int = find(name, "topic").type == "int"
    return -(1 << 31 if is_int else 1 << 63) <= number < (1 << 31 if is_int else 1 << 63)


def _check_own(name: str, value: Any) -> None:
    if name == "min.insync.replicas" and value is not None and value < 1:
        raise KafkaError(Errors.INVALID_CONFIG, f"{name} must be at least 1, not {value}")
