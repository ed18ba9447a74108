"""How one log is set up: Kafka's topic settings that its storage reads, under Kafka's names."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from kafkabook.base.door import nearest
from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.java_numbers import decimal, is_decimal, is_whole_number
from kafkabook.base.settings import UnknownSetting, find
from kafkabook.base.units import DAY_MS, GIB, HOUR_MS, INT64_MAX, KIB, MIB, MINUTE_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class LogConfig:
    """The settings of one log; every default is that of today's Kafka.

    Sizes are in bytes, spans in milliseconds, `-1` in `retention_ms` and `retention_bytes` means
    without limit. Text is taken as Kafka takes it: `"1000"`, `"compact,delete"`. Kafka itself
    refuses `segment_bytes` below 1 MiB since 4.0; here small segments are welcome, for a figure of
    a log has room for five.

    Raises:
        INVALID_CONFIG: a size or a span out of its range, an unknown policy, or a value of another
            type. The message names the setting, and the nearest policy.

    Source: kafka, `LogConfig.java`, `TopicConfig.java`; notes, Part 1 ch 02 §07 and ch 03 §04.
    """

    segment_bytes: int = 1 * GIB
    segment_ms: int = 7 * DAY_MS
    segment_jitter_ms: int = 0
    segment_index_bytes: int = 10 * MIB
    index_interval_bytes: int = 4 * KIB
    retention_ms: int = 7 * DAY_MS
    retention_bytes: int = -1
    cleanup_policy: Sequence[str] = ("delete",)
    delete_retention_ms: int = 1 * DAY_MS
    min_compaction_lag_ms: int = 0
    max_compaction_lag_ms: int = INT64_MAX
    min_cleanable_dirty_ratio: float = 0.5
    max_message_bytes: int = 1 * MIB + 12
    message_timestamp_type: str = "CreateTime"
    message_timestamp_after_max_ms: int = 1 * HOUR_MS
    message_timestamp_before_max_ms: int = INT64_MAX
    preallocate: bool = False
    file_delete_delay_ms: int = 1 * MINUTE_MS
    flush_messages: int = INT64_MAX
    flush_ms: int = INT64_MAX

    def __post_init__(self) -> None:
        for known in fields(self):
            value = getattr(self, known.name)
            read = value_of(known.name.replace("_", "."), value, known.default)
            if read is not value:
                object.__setattr__(self, known.name, read)
        for name, (least, most) in _RANGES.items():
            if not least <= getattr(self, name) <= most:
                bound = f">= {least}" if getattr(self, name) < least else f"<= {most}"
                says = f"{name.replace('_', '.')} is {getattr(self, name)}, but must be {bound}"
                raise KafkaError(Errors.INVALID_CONFIG, says)
        for policy in self.cleanup_policy:
            check_choice("cleanup.policy", policy, ("delete", "compact"))
        kinds = "CreateTime", "LogAppendTime"
        check_choice("message.timestamp.type", self.message_timestamp_type, kinds)

    @property
    def compacts(self) -> bool:
        """Whether the cleaner may remove records from the middle of this log."""
        return "compact" in self.cleanup_policy

    @property
    def max_segment_ms(self) -> int:
        """How old a segment may grow: a compacted log must close it in time to be cleaned."""
        lag_ms = self.max_compaction_lag_ms if self.compacts else self.segment_ms
        return min(self.segment_ms, lag_ms)

    @property
    def deletes(self) -> bool:
        """Whether retention by time and size may remove old segments."""
        return "delete" in self.cleanup_policy


_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def value_of(name: str, value: Any, usual: Any) -> Any:
    """Take a value for a setting whose default is `usual`; text is read as Java reads it.

    "+5" is a number, "1_000" is none; a list is text with commas, or a list of texts.

    Raises:
        INVALID_CONFIG: it is of another type.

    Source: kafka, clients `ConfigDef.java` `parseType`.

    >>> value_of("retention.ms", " +5 ", -1), value_of("cleanup.policy", "compact, delete", ())
    (5, ('compact', 'delete'))
    """
    if isinstance(usual, tuple):
        return _list(name, value)
    kind = type(usual)
    if type(value) is kind:
        return value.strip() if kind is str else value
    if kind is float and type(value) is int:
        return value
    text = value.strip() if isinstance(value, str) else ""
    if kind is bool and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind is int and is_whole_number(text, _bits(name)):
        return int(text)
    if kind is float and is_decimal(text):
        return decimal(text)
    raise KafkaError(Errors.INVALID_CONFIG, f"{name} must be {_KINDS[kind]}, not {value!r}")


def check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Refuse a value that is none of some, and name the nearest one.

    Raises:
        INVALID_CONFIG: it is none of them.
    """
    if value in choices:
        return
    near = nearest(value, choices, 0.5)
    hint = f"; did you mean {near}?" if near else ""
    says = f"{name} cannot be {value!r}: use {', '.join(map(repr, choices))}{hint}"
    raise KafkaError(Errors.INVALID_CONFIG, says)


def _list(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
        return value
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return tuple(value)
    says = f"{name} must be a list such as 'compact,delete', not {value!r}"
    raise KafkaError(Errors.INVALID_CONFIG, says)


def _bits(name: str) -> int:
    """Return the bits of the setting's type: Java's int or long."""
    try:
        return 32 if find(name, "topic").type == "int" else 64
    except UnknownSetting:
        return 64


_LEAST = {
    "segment_bytes": 1,
    "segment_ms": 1,
    "segment_jitter_ms": 0,
    "segment_index_bytes": 24,  # room for a first and a last time index entry
    "index_interval_bytes": 0,
    "retention_ms": -1,
    "retention_bytes": -1,
    "delete_retention_ms": 0,
    "min_compaction_lag_ms": 0,
    "max_compaction_lag_ms": 1,
    "min_cleanable_dirty_ratio": 0,
    "max_message_bytes": 0,
    "message_timestamp_after_max_ms": 0,
    "message_timestamp_before_max_ms": 0,
    "file_delete_delay_ms": 0,
    "flush_messages": 1,
    "flush_ms": 0,
}
_RANGES = {name: (least, INT64_MAX) for name, least in _LEAST.items()}
_RANGES["min_cleanable_dirty_ratio"] = (0, 1)
