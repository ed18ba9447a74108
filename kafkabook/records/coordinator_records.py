"""Records of the two internal topics: who has read how far, and how each transaction stands.

A key begins with its type, a value with its version. Both topics are compacted: the last value of
a key is the state, and a null value says that there is none any more.

Source: kafka, group-coordinator and transaction-coordinator, `src/main/resources/common/message`.
"""

from typing import NamedTuple

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.group_records import (
    GroupMetadataKey,
    GroupMetadataValue,
    GroupRecordKey,
    MemberMetadata,
    OffsetCommitKey,
    OffsetCommitValue,
    OffsetsKey,
    OffsetsValue,
    decode_group_metadata,
    decode_offset_commit,
    decode_offsets_key,
)
from kafkabook.records.transaction_records import (
    TransactionLogKey,
    TransactionLogValue,
    TransactionPartitions,
    TransactionStatus,
    decode_transaction_key,
    decode_transaction_value,
)
from kafkabook.records.wire_fields import INT16, FieldReader, UndecodedValue, UnknownKey

__all__ = [
    "GroupMetadataKey",
    "GroupMetadataValue",
    "GroupRecordKey",
    "MemberMetadata",
    "OffsetCommitKey",
    "OffsetCommitValue",
    "OffsetsRecord",
    "TransactionLogKey",
    "TransactionLogValue",
    "TransactionPartitions",
    "TransactionRecord",
    "TransactionStatus",
    "UndecodedValue",
    "UnknownKey",
    "decode_offsets_record",
    "decode_transaction_record",
]


class OffsetsRecord(NamedTuple):
    """A record of `__consumer_offsets`, read; a value of None is a tombstone."""

    key: OffsetsKey
    value: OffsetsValue | None


class TransactionRecord(NamedTuple):
    """A record of `__transaction_state`, read; a value of None is a tombstone."""

    key: TransactionLogKey | UnknownKey
    value: TransactionLogValue | UndecodedValue | None


def decode_offsets_record(key: bytes | None, value: bytes | None) -> OffsetsRecord:
    """Read a record of `__consumer_offsets`.

    Types and versions from the future are passed on undecoded, and so are the values of the newer
    groups (types 3 and up).

    Raises:
        CorruptMessage: no key, or a field is cut off or impossible; the byte counts from the key's
            or the value's first.

    >>> decode_offsets_record(bytes.fromhex("000200026731"), None)
    OffsetsRecord(key=GroupMetadataKey(group='g1'), value=None)
    """
    read = decode_offsets_key(_there(key))
    if value is None:
        return OffsetsRecord(read, None)
    if isinstance(read, OffsetCommitKey):
        return OffsetsRecord(read, decode_offset_commit(value))
    if isinstance(read, GroupMetadataKey):
        return OffsetsRecord(read, decode_group_metadata(value))
    return OffsetsRecord(read, _undecoded(value))


def decode_transaction_record(key: bytes | None, value: bytes | None) -> TransactionRecord:
    """Read a record of `__transaction_state`; raises as `decode_offsets_record` does.

    >>> decode_transaction_record(bytes.fromhex("0000000474782d31"), None)
    TransactionRecord(key=TransactionLogKey(transactional_id='tx-1'), value=None)
    """
    read = decode_transaction_key(_there(key))
    if value is None:
        return TransactionRecord(read, None)
    if isinstance(read, UnknownKey):
        return TransactionRecord(read, _undecoded(value))
    return TransactionRecord(read, decode_transaction_value(value))


def _there(key: bytes | None) -> bytes:
    if key is None:
        raise CorruptMessage("a record of an internal topic without a key")
    return key


def _undecoded(value: bytes) -> UndecodedValue:
    reader = FieldReader(value)
    return UndecodedValue(reader.number(INT16), value[reader.at :])
