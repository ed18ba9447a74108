"""Records of Kafka's internal topics in words, by Kafka's names of messages and fields."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from kafkabook.base.errors import CorruptMessage
from kafkabook.base.names import TopicPartition
from kafkabook.inspect.findings import Fields
from kafkabook.records.coordinator_records import (
    OFFSETS,
    SHARE_STATE,
    TRANSACTIONS,
    TransactionStatus,
    decode_coordinator_record,
)
from kafkabook.records.message_bytes import Message
from kafkabook.records.metadata_records import METADATA, REMOTE_LOG, decode_metadata_record
from kafkabook.records.record import Record

TOPICS = {
    "__consumer_offsets": OFFSETS,
    "__transaction_state": TRANSACTIONS,
    "__share_group_state": SHARE_STATE,
    "__cluster_metadata": METADATA,
    "__remote_log_metadata": REMOTE_LOG,
}
COMPACTED = ("__consumer_offsets", "__transaction_state")
_STATUS = "transactionStatus"


def decoder_for(
    partition: TopicPartition | None, decode: str | None
) -> Callable[[Record], Fields] | None:
    """Return what decodes the records of a partition: as asked for, else by its topic's name."""
    kind = decode or (TOPICS.get(partition.topic) if partition else None)
    if kind is None:
        return None
    read = _metadata if kind in (METADATA, REMOTE_LOG) else _coordinator

    def decoded(record: Record) -> Fields:
        try:
            return read(kind, record)
        except CorruptMessage as error:
            return {"undecoded": error.reason}

    return decoded


def plainly(read: Any) -> Fields | None:
    """Return a message as one object: its name, its version, its fields."""
    if read is None:
        return None
    if not isinstance(read, Message):
        return {"kind": type(read).__name__} | asdict(read)
    return {"kind": read.name, "version": read.version} | read.fields


def _coordinator(kind: str, record: Record) -> Fields:
    key, value = decode_coordinator_record(kind, record.key, record.value)
    told, said = plainly(key) or {}, plainly(value)
    if isinstance(key, Message):
        del told["version"]  # all keys are of version 0
    if said and said.get(_STATUS) in TransactionStatus._value2member_map_:
        said[_STATUS] = TransactionStatus(said[_STATUS]).name.title().replace("_", "")
    return {"decodedKey": told, "decodedValue": said}


def _metadata(kind: str, record: Record) -> Fields:
    return {"decodedValue": plainly(decode_metadata_record(record.value, kind))}
