"""How one log is set up: Kafka's topic settings that its storage reads, under Kafka's names."""

from dataclasses import dataclass

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.units import DAY_MS, GIB, HOUR_MS, INT64_MAX, KIB, MIB, MINUTE_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class LogConfig:
    """The settings of one log; every default is that of today's Kafka.

    Sizes are in bytes, spans in milliseconds, `-1` in `retention_ms` and `retention_bytes` means
    without limit. Kafka itself refuses `segment_bytes` below 1 MiB since 4.0; here small segments
    are welcome, for a figure of a log has room for five.

    Raises:
        INVALID_CONFIG: a size or a span below its least value, or an unknown policy.

    Source: kafka, `LogConfig.java`, `TopicConfig.java`; notes, Part 1 ch 02 §07 and ch 03 §04.
    """

    segment_bytes: int = 1 * GIB
    segment_ms: int = 7 * DAY_MS
    segment_jitter_ms: int = 0
    segment_index_bytes: int = 10 * MIB
    index_interval_bytes: int = 4 * KIB
    retention_ms: int = 7 * DAY_MS
    retention_bytes: int = -1
    cleanup_policy: tuple[str, ...] = ("delete",)
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

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise KafkaError(
                    Errors.INVALID_CONFIG,
                    f"{name.replace('_', '.')} is {getattr(self, name)}, but must be >= {least}",
                )
        if set(self.cleanup_policy) - {"delete", "compact"}:
            raise KafkaError(
                Errors.INVALID_CONFIG,
                f"cleanup.policy {self.cleanup_policy!r}: use 'delete', 'compact'",
            )
        if self.message_timestamp_type not in ("CreateTime", "LogAppendTime"):
            raise KafkaError(
                Errors.INVALID_CONFIG,
                f"message.timestamp.type {self.message_timestamp_type!r} is unknown",
            )

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
}
