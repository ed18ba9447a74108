"""Records that coordinators write: who has read how far, and how each transaction stands.

A key begins with its type, a value with its version. `__consumer_offsets` and `__transaction_state`
are compacted: the last value of a key is the state, and a null value says that there is none any
more. Of `__share_group_state` the newest snapshot and the updates behind it are the state.

Source: kafka, group-coordinator, transaction-coordinator and share-coordinator,
`src/main/resources/common/message`; kafka, coordinator-common `CoordinatorRecordSerde.java`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.message_bytes import Message, read_message, write_message
from kafkabook.records.message_schema import KEY, VALUE, schema_of, schemas
from kafkabook.records.wire_fields import INT16, FieldReader

OFFSETS, TRANSACTIONS, SHARE_STATE = "offsets", "transactions", "share-state"


class TransactionStatus(IntEnum):
    """Where a transaction stands: field `transactionStatus` of a `TransactionLogValue`."""

    EMPTY = 0
    ONGOING = 1
    PREPARE_COMMIT = 2
    PREPARE_ABORT = 3
    COMPLETE_COMMIT = 4
    COMPLETE_ABORT = 5
    DEAD = 6
    PREPARE_EPOCH_FENCE = 7


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """A key of a type that Kafka 4.3 does not know; also how a future one is met."""

    type: int
    data: bytes  # behind the type


@dataclass(frozen=True, slots=True)
class UndecodedValue:
    """A value of an unknown key, or of a version that Kafka 4.3 does not know."""

    version: int
    data: bytes  # behind the version


class CoordinatorRecord(NamedTuple):
    """A record of an internal topic, read; a value of None is a tombstone."""

    key: Message | UnknownKey
    value: Message | UndecodedValue | None


def decode_coordinator_record(
    kind: str, key: bytes | None, value: bytes | None
) -> CoordinatorRecord:
    """Read a record of `__consumer_offsets` (kind `offsets`) or one of the other two topics.

    Types and versions from the future are passed on undecoded. What follows the last field is
    passed over, as by Kafka.

    Raises:
        CorruptMessage: no key, or a field is cut off or impossible; the byte counts from the key's
            or the value's first.

    >>> decode_coordinator_record("offsets", bytes.fromhex("000200026731"), None).key.fields
    {'group': 'g1'}
    """
    if key is None:
        raise CorruptMessage("a record of an internal topic without a key")
    reader = FieldReader(key)
    number = reader.number(INT16)
    schema = schemas().get((kind, KEY, number))
    if schema is None:
        return CoordinatorRecord(UnknownKey(number, reader.rest()), _undecoded(value))
    return CoordinatorRecord(read_message(schema, reader, 0), _value(kind, number, value))


def encode_key(name: str, fields: Mapping[str, Any]) -> bytes:
    """Return the bytes of a key: its type, then its fields.

    >>> encode_key("GroupMetadataKey", {"group": "g1"}).hex()
    '000200026731'
    """
    schema = schema_of(name)
    return INT16.pack(schema.number) + write_message(schema, fields, 0)


def encode_value(name: str, fields: Mapping[str, Any], version: int) -> bytes:
    """Return the bytes of a value: its version, then its fields; defaults may be left out.

    Raises:
        ValueError: there is no such version.
    """
    return INT16.pack(version) + write_message(schema_of(name), fields, version)


def _value(kind: str, number: int, value: bytes | None) -> Message | UndecodedValue | None:
    if value is None:
        return None
    reader, schema = FieldReader(value), schemas()[kind, VALUE, number]
    version = reader.number(INT16)
    if version not in schema.versions:
        return UndecodedValue(version, reader.rest())
    return read_message(schema, reader, version)


def _undecoded(value: bytes | None) -> UndecodedValue | None:
    if value is None:
        return None
    reader = FieldReader(value)
    return UndecodedValue(reader.number(INT16), reader.rest())
