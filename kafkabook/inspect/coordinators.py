"""Records of `__consumer_offsets` and `__transaction_state` in words, by Kafka's field names."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import IntEnum
from typing import Any

from kafkabook.base.errors import CorruptMessage
from kafkabook.base.names import TopicPartition
from kafkabook.inspect.findings import Fields
from kafkabook.records.coordinator_records import (
    decode_offsets_record,
    decode_transaction_record,
)
from kafkabook.records.record import Record

TOPICS = {"__consumer_offsets": "offsets", "__transaction_state": "transactions"}
_DECODERS: dict[str, Callable[..., Any]] = {
    "offsets": decode_offsets_record,
    "transactions": decode_transaction_record,
}
_RENAMED = {
    ("TransactionLogValue", "timeout_ms"): "transactionTimeoutMs",
    ("TransactionLogValue", "status"): "transactionStatus",
    ("TransactionLogValue", "partitions"): "transactionPartitions",
    ("TransactionLogValue", "last_update_ms"): "transactionLastUpdateTimestampMs",
    ("TransactionLogValue", "start_ms"): "transactionStartTimestampMs",
    ("TransactionPartitions", "partitions"): "partitionIds",
}


def decoder_for(
    partition: TopicPartition | None, decode: str | None
) -> Callable[[Record], Fields] | None:
    """Return what decodes the records of a partition: as asked for, else by its topic's name."""
    wanted = decode or (TOPICS.get(partition.topic) if partition else None)
    if wanted is None:
        return None
    decoder = _DECODERS[wanted]

    def decoded(record: Record) -> Fields:
        try:
            key, value = decoder(record.key, record.value)
        except CorruptMessage as error:
            return {"undecoded": error.reason}
        return {"decodedKey": _plainly(key), "decodedValue": _plainly(value)}

    return decoded


def _plainly(value: object) -> Any:
    """Turn frozen dataclasses into objects with Kafka's names, and states into Kafka's words."""
    if is_dataclass(value) and not isinstance(value, type):
        names = {f.name: _kafka_name(type(value).__name__, f.name) for f in fields(value)}
        told = {kafka: _plainly(getattr(value, ours)) for ours, kafka in names.items()}
        if isinstance(told.get("topicId"), bytes):
            told["topicId"] = urlsafe_b64encode(told["topicId"]).decode().rstrip("=")
        return {"kind": type(value).__name__} | told
    if isinstance(value, IntEnum):
        return value.name.title().replace("_", "")
    if isinstance(value, tuple):
        return [_plainly(part) for part in value]
    return value


def _kafka_name(owner: str, name: str) -> str:
    """Return the name of a field in Kafka's schema.

    >>> _kafka_name("OffsetCommitValue", "commit_timestamp_ms")
    'commitTimestamp'
    """
    first, *rest = name.removesuffix("_ms").split("_")
    return _RENAMED.get((owner, name), first + "".join(map(str.capitalize, rest)))
