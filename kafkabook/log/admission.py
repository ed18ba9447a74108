"""What a leader checks before it appends: sizes, timestamps, keys.

Source: kafka, storage `LogValidator.java`, `UnifiedLog.append`; KIP-32, KIP-937.
"""

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.units import INT64_MAX
from kafkabook.log.config import LogConfig
from kafkabook.records.batch_header import MAGIC
from kafkabook.records.old_formats import only_read
from kafkabook.records.record_batch import RecordBatch


def admit(batch: RecordBatch, config: LogConfig, now_ms: int) -> None:
    """Raise if the topic refuses the batch; one bad record refuses the whole of it.

    Records are decoded only where a rule looks at them: in a compacted topic, or where
    `message.timestamp.before.max.ms` has been set.

    Raises:
        MESSAGE_TOO_LARGE: above `max.message.bytes`, as it is stored, that is compressed.
        RECORD_LIST_TOO_LARGE: above `segment.bytes`, so that no segment could hold it.
        INVALID_TIMESTAMP: a record is too far ahead of, or behind, the broker's clock.
        INVALID_RECORD: a record without a key in a compacted topic.

    Simplified: Kafka walks over every record of every batch, decompressing it, and also compares
    the count, the offset deltas and each timestamp.
    """
    size = batch.size_bytes
    if size > config.max_message_bytes:
        raise KafkaError(
            Errors.MESSAGE_TOO_LARGE,
            f"{size} bytes, max.message.bytes is {config.max_message_bytes}",
        )
    admit_segment_size(batch, config)
    if batch.header.is_control:
        return
    if config.message_timestamp_type == "CreateTime":
        _admit_time(batch, config, now_ms)
    if config.compacts and any(record.key is None for record in batch.records):
        raise KafkaError(
            Errors.INVALID_RECORD,
            "a compacted topic needs a key in every record: it keeps one per key",
        )


def admit_copy(batch: RecordBatch, config: LogConfig) -> None:
    """Raise if a follower's log cannot hold the batch; the only rules that it checks too.

    Raises:
        RECORD_LIST_TOO_LARGE: above `segment.bytes`, so that no segment could hold it.
        INVALID_RECORD: a message of magic 0 or 1.

    Simplified: Kafka's followers still copy old messages, as long as their leader has any.
    """
    if batch.header.magic != MAGIC:
        raise only_read(batch.header.magic)
    admit_segment_size(batch, config)


def admit_segment_size(batch: RecordBatch, config: LogConfig) -> None:
    """Raise if no segment could hold the batch."""
    if batch.size_bytes > config.segment_bytes:
        raise KafkaError(
            Errors.RECORD_LIST_TOO_LARGE,
            f"{batch.size_bytes} bytes, segment.bytes is {config.segment_bytes}",
        )


def _admit_time(batch: RecordBatch, config: LogConfig, now_ms: int) -> None:
    ahead_ms = batch.header.max_timestamp_ms - now_ms
    if ahead_ms > config.message_timestamp_after_max_ms:
        raise KafkaError(
            Errors.INVALID_TIMESTAMP,
            f"a record is {ahead_ms} ms ahead of the broker's clock, "
            f"message.timestamp.after.max.ms is {config.message_timestamp_after_max_ms}",
        )
    if config.message_timestamp_before_max_ms < INT64_MAX:
        oldest_ms = min(
            (r.timestamp_ms for r in batch.records if r.timestamp_ms >= 0), default=now_ms
        )
        if now_ms - oldest_ms > config.message_timestamp_before_max_ms:
            raise KafkaError(
                Errors.INVALID_TIMESTAMP,
                f"a record is {now_ms - oldest_ms} ms behind the broker's clock, "
                f"message.timestamp.before.max.ms is {config.message_timestamp_before_max_ms}",
            )
