"""Which settings of brokers may be altered at run time, what is refused, and how all are described.

Source: kafka, core `DynamicBrokerConfig.scala`, `DynamicConfig.java`, `ConfigHelper.scala`
`createBrokerConfigEntry`; clients `ConfigDef.java` `parseType`; KIP-226.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cache

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.java_hash_map import hash_map_order, string_hash
from kafkabook.base.java_numbers import decimal, is_decimal, is_whole_number
from kafkabook.base.settings import Setting
from kafkabook.base.settings import settings as rows_of_settings
from kafkabook.cluster.config import ClusterConfig, as_text
from kafkabook.protocol.admin_api import ConfigEntry, ConfigSource, Settings

# Of the broker's settings in our table those that a broker of 4.3.1 describes as not read-only.
DYNAMIC = frozenset(
    (
        *("background.threads", "message.max.bytes", "min.insync.replicas"),
        *("num.io.threads", "num.network.threads", "num.recovery.threads.per.data.dir"),
        *("num.replica.fetchers", "producer.id.expiration.ms"),
        *("transaction.partition.verification.enable", "unclean.leader.election.enable"),
        *("log.cleaner.backoff.ms", "log.cleaner.dedupe.buffer.size"),
        *("log.cleaner.delete.retention.ms", "log.cleaner.io.buffer.load.factor"),
        *("log.cleaner.io.buffer.size", "log.cleaner.io.max.bytes.per.second"),
        *("log.cleaner.max.compaction.lag.ms", "log.cleaner.min.cleanable.ratio"),
        *("log.cleaner.min.compaction.lag.ms", "log.cleaner.threads"),
        *("log.cleanup.policy", "log.flush.interval.messages", "log.flush.interval.ms"),
        *("log.index.interval.bytes", "log.index.size.max.bytes"),
        *("log.retention.bytes", "log.retention.ms", "log.roll.jitter.ms", "log.roll.ms"),
        *("log.segment.bytes", "log.segment.delete.delay.ms"),
    )
)
NOT_DESCRIBED = frozenset(  # a client's, and those that Kafka counts as internal
    (
        *("request.timeout.ms", "unclean.leader.election.interval.ms"),
        *("log.initial.task.delay.ms", "producer.id.expiration.check.interval.ms"),
    )
)
_RANGE = re.compile(r"\[(-?\d+),\.\.\.(?:,(\d+))?")  # as the table writes what is valid
_BITS = {"short": 16, "int": 32, "long": 64}


@cache
def static_values() -> Mapping[str, str]:
    """Return every setting of a broker that is known here with its default as text, by name."""
    rows = {name: row.default() for name, row in _rows().items() if _has_default(row)}
    usual = ClusterConfig()
    own = {it.name.replace("_", "."): getattr(usual, it.name) for it in fields(usual)}
    known = {**rows, **own}
    return {name: as_text(known[name]) or "" for name in known if name not in NOT_DESCRIBED}


def check_altered(settings: Settings) -> None:
    """Look at settings of brokers as the broker that is asked does.

    A name that Kafka does not know is taken: a plugin may read it.

    Raises:
        INVALID_REQUEST: a setting is fixed while a broker runs, or cannot have that value.

    Simplified: of the settings that Kafka has and our table has not, those that are fixed are taken
    too. Limits that are not those of one value by its type, such as twice the threads that there
    are now, are not kept. Names that share a bucket of Java's set stand as they were asked for.
    """
    given = [(name, text) for name, text in settings if text is not None]
    fixed = [name for name, _ in given if is_fixed(name)]
    if fixed:
        told = ", ".join(hash_map_order(fixed, string_hash))
        raise _refusal(f"Cannot update these configs dynamically: [{told}]")
    for name, text in given:
        if name in _rows():
            _check_value(_rows()[name], text)


def is_fixed(name: str) -> bool:
    """Say whether a setting is known and cannot be altered while a broker runs."""
    return name not in DYNAMIC and (name in static_values() or name in _rows())


def described_default(altered: Mapping[str, str]) -> tuple[ConfigEntry, ...]:
    """Return the settings that were altered for all brokers by default; no other is told."""
    source = ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG
    return tuple(_entry(name, altered[name], source) for name in sorted(altered))


def described_broker(
    broker: int,
    config: ClusterConfig,
    *,
    rack: str | None,
    own: Mapping[str, str],
    defaults: Mapping[str, str],
) -> tuple[ConfigEntry, ...]:
    """Return all settings of a broker with who has set them, by name.

    Args:
        config: what its file says. own, defaults: what was altered of it, and of all by default.

    Simplified: of a real broker's some 340 settings those that our table has, without the names of
    directories and listeners. A file that names a default is not told from one that does not.
    """
    told = _of_file(broker, config, rack)
    usual = static_values()
    entries = []
    for name in sorted({*usual, *told, *own, *defaults}):
        value, source = usual.get(name, ""), ConfigSource.DEFAULT_CONFIG
        if name in own:
            value, source = own[name], ConfigSource.DYNAMIC_BROKER_CONFIG
        elif name in defaults:
            value, source = defaults[name], ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG
        elif name in told:
            value, source = told[name], ConfigSource.STATIC_BROKER_CONFIG
        entries.append(_entry(name, value, source))
    return tuple(entries)


def changed(known: Iterable[tuple[str, str]], settings: Settings) -> tuple[tuple[str, str], ...]:
    """Return settings with some of them set, or, where the value is None, taken away."""
    merged: dict[str, str | None] = {**dict(known), **dict(settings)}
    return tuple(sorted((name, text) for name, text in merged.items() if text is not None))


def _of_file(broker: int, config: ClusterConfig, rack: str | None) -> dict[str, str]:
    """Return what the file of a broker sets, where that is not the default."""
    told = {"broker.id": str(broker), "node.id": str(broker), "process.roles": "broker"}
    if rack is not None:
        told["broker.rack"] = rack
    for it in fields(config):
        name, value = it.name.replace("_", "."), getattr(config, it.name)
        if value != getattr(ClusterConfig(), it.name) and name not in NOT_DESCRIBED:
            told[name] = as_text(value) or ""
    return told


def _entry(name: str, value: str, source: ConfigSource) -> ConfigEntry:
    """Describe a setting; what an unknown one holds may be a secret, so nobody is told."""
    is_known = name in static_values() or name in _rows()
    return ConfigEntry(name, value if is_known else "", source, name not in DYNAMIC)


@cache
def _rows() -> Mapping[str, Setting]:
    rows = (row for row in rows_of_settings() if row.scope == "broker")
    return {row.name: row for row in rows if not row.defaults["4.x"].startswith("removed")}


def _has_default(row: Setting) -> bool:
    return not row.defaults["4.x"].startswith("(required)")


def _check_value(row: Setting, text: str) -> None:
    """Refuse what is no value of that type, or too small, in Kafka's words."""
    trimmed = text.strip()
    if why := _why_not_of_type(row, trimmed):
        raise _refusal(f"Invalid value {text} for configuration {row.name}: {why}")
    if row.type in _BITS or row.type == "double":
        number = int(trimmed) if row.type in _BITS else decimal(trimmed)
        if why := _why_not_in_range(row, number):
            raise _refusal(f"Invalid value {number} for configuration {row.name}: {why}")
    if row.name == "log.cleanup.policy":
        _check_policies(row, trimmed)


def _why_not_of_type(row: Setting, text: str) -> str:
    if row.type == "boolean" and text.lower() not in ("true", "false"):
        return "Expected value to be either true or false"
    if row.type in _BITS and not is_whole_number(text, _BITS[row.type]):
        return f"Not a number of type {row.type.upper()}"
    if row.type == "double" and not is_decimal(text):
        return "Not a number of type DOUBLE"
    return ""


def _why_not_in_range(row: Setting, number: float) -> str:
    limits = _RANGE.match(row.valid)
    if limits and number < int(limits[1]):
        return f"Value must be at least {limits[1]}"
    if limits and limits[2] and number > int(limits[2]):
        return f"Value must be no more than {limits[2]}"
    return ""


def _check_policies(row: Setting, text: str) -> None:
    known = row.valid.strip("[]").split(", ")
    for policy in filter(None, map(str.strip, text.split(","))):
        if policy not in known:
            says = f"String must be one of: {', '.join(known)}"
            raise _refusal(f"Invalid value {policy} for configuration {row.name}: {says}")


def _refusal(says: str) -> KafkaError:
    return KafkaError(Errors.INVALID_REQUEST, says)
