"""The internal topics: every version that Kafka ever wrote, and whatever else is there.

`tests/real/test_messages_of_kafka.py` asks Kafka about every message in every version.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.coordinator_records import (
    CoordinatorRecord,
    TransactionStatus,
    UndecodedValue,
    UnknownKey,
    decode_coordinator_record,
    encode_key,
    encode_value,
)
from kafkabook.records.message_bytes import Message
from tests.records.vectors import VECTORS

NOW_MS = 1_700_000_000_000
OFFSETS, GROUP, TRANSACTION = VECTORS["coordinator_records"]
KINDS = {"__consumer_offsets": "offsets", "__transaction_state": "transactions"}


def both(vector: dict[str, str], version: int) -> tuple[bytes, bytes]:
    """Return key and value of a vector."""
    return bytes.fromhex(vector["key_hex"]), bytes.fromhex(vector[f"value_v{version}_hex"])


def assert_read_and_written(
    vector: dict[str, str], version: int, key: Message, value: dict[str, Any]
) -> None:
    """Read as Kafka means it, and written as Kafka writes it."""
    name = f"{key.name.removesuffix('Key')}Value"
    expected = CoordinatorRecord(key, Message(name, version, value))
    kind = KINDS[vector["topic"]]
    assert expected == decode_coordinator_record(kind, *both(vector, version))
    written = encode_key(key.name, key.fields), encode_value(name, value, version)
    assert both(vector, version) == written


@pytest.mark.parametrize(
    ("version", "more"),
    [
        (0, {}),
        (1, {"expireTimestamp": NOW_MS + 60_000}),
        (2, {}),
        (3, {"leaderEpoch": 5}),
        (4, {"leaderEpoch": 5}),
    ],
)
def test_a_committed_offset_of_each_version(version: int, more: dict[str, int]) -> None:
    """What a version does not have is not there."""
    key = Message("OffsetCommitKey", 0, {"group": "g1", "topic": "orders", "partition": 3})
    value = {"offset": 42, "metadata": "meta", "commitTimestamp": NOW_MS}
    assert_read_and_written(OFFSETS, version, key, value | more)


@pytest.mark.parametrize("version", range(5))
def test_a_classic_group_of_each_version(version: int) -> None:
    """Members are structures in an array; version 4 is the first that is flexible."""
    member = {
        "memberId": "m-1",
        **({"groupInstanceId": "inst"} if version >= 3 else {}),
        "clientId": "c",
        "clientHost": "/127.0.0.1",
        **({"rebalanceTimeout": 300_000} if version >= 1 else {}),
        "sessionTimeout": 45_000,
        "subscription": b"\1\2",
        "assignment": b"\3",
    }
    group = {"protocolType": "consumer", "generation": 7, "protocol": "range", "leader": "m-1"}
    since = {"currentStateTimestamp": NOW_MS} if version >= 2 else {}
    key = Message("GroupMetadataKey", 0, {"group": "g1"})
    assert_read_and_written(GROUP, version, key, group | since | {"members": [member]})


@pytest.mark.parametrize(
    ("version", "tagged"),
    [(0, {}), (1, {"previousProducerId": 3_999, "clientTransactionVersion": 2})],
)
def test_a_transaction_of_each_version(version: int, tagged: dict[str, int]) -> None:
    """Version 1 adds tagged fields, which are left out when they say nothing."""
    value = {
        "producerId": 4_000,
        "producerEpoch": 2,
        "transactionTimeoutMs": 60_000,
        "transactionStatus": TransactionStatus.ONGOING,
        "transactionPartitions": [{"topic": "orders", "partitionIds": [0, 1]}],
        "transactionLastUpdateTimestampMs": NOW_MS + 500,
        "transactionStartTimestampMs": NOW_MS,
    }
    key = Message("TransactionLogKey", 0, {"transactionalId": "tx-1"})
    assert_read_and_written(TRANSACTION, version, key, value | tagged)


@pytest.mark.parametrize(
    ("kind", "name", "fields"),
    [
        ("offsets", "ConsumerGroupMemberMetadata", {"groupId": "g1", "memberId": "m"}),
        ("offsets", "StreamsGroupTopology", {"groupId": "g1"}),
        ("share-state", "ShareSnapshot", {"groupId": "g1", "topicId": "B" * 21 + "A"}),
    ],
)
def test_newer_groups_are_read_too(kind: str, name: str, fields: dict[str, Any]) -> None:
    """Their values are messages as all others; what is left out is its default."""
    key = encode_key(f"{name}Key", fields)
    read = decode_coordinator_record(kind, key, encode_value(f"{name}Value", {}, 0))
    assert isinstance(read.key, Message)
    assert isinstance(read.value, Message)
    assert (f"{name}Key", f"{name}Value", 0) == (read.key.name, read.value.name, read.value.version)
    assert fields == {n: v for n, v in read.key.fields.items() if n in fields}


def test_what_the_future_writes_is_passed_on() -> None:
    """Unknown types of keys and versions of values are told, not guessed at."""
    odd = bytes.fromhex("7fff0102")
    expected = CoordinatorRecord(UnknownKey(0x7FFF, b"\1\2"), UndecodedValue(0x7FFF, b"\1\2"))
    for kind in ("offsets", "transactions", "share-state"):
        assert expected == decode_coordinator_record(kind, odd, odd)
    for vector in (OFFSETS, GROUP, TRANSACTION):
        key, kind = bytes.fromhex(vector["key_hex"]), KINDS[vector["topic"]]
        assert UndecodedValue(9, b"x") == decode_coordinator_record(kind, key, b"\0\x09x").value


def test_a_null_value_is_a_tombstone_and_a_null_key_is_none() -> None:
    """A record without a key could never be removed."""
    key = bytes.fromhex(OFFSETS["key_hex"])
    assert decode_coordinator_record("offsets", key, None).value is None
    assert decode_coordinator_record("offsets", b"\x7f\xff", None).value is None
    with pytest.raises(CorruptMessage, match="without a key"):
        decode_coordinator_record("offsets", None, None)


@pytest.mark.parametrize(
    ("kind", "key", "value", "at_byte", "reason"),
    [
        ("offsets", "0001 0002 6731", None, 6, "a field of 2 bytes, 0 are left"),
        ("offsets", "0001 ffff", None, 4, "group may not be null, and is"),
        ("offsets", "0001 fffe", None, 4, "group may not be null, and is"),
        ("offsets", "0002 0001 61", "00", 0, "a field of 2 bytes, 1 are left"),
        (
            *("offsets", "0002 0000", "0000 0000 00000001 ffff ffff 7fffffff", 16),
            "2147483647 elements, but 0 bytes are left",
        ),
        ("transactions", "0000 0001 74", "0001" + "ff" * 40, 17, "a varint is longer than 5"),
    ],
)
def test_fields_that_cannot_be_name_the_byte(
    kind: str, key: str, value: str | None, at_byte: int, reason: str
) -> None:
    """And an array that announces two thousand million members reserves nothing."""
    with pytest.raises(CorruptMessage) as caught:
        decode_coordinator_record(
            kind, bytes.fromhex(key), None if value is None else bytes.fromhex(value)
        )
    assert (at_byte, reason) == (caught.value.at_byte, caught.value.reason[: len(reason)])


def test_what_kafka_passes_over_is_passed_over() -> None:
    """Bytes behind the last field, and letters that are no UTF-8."""
    read = decode_coordinator_record("offsets", bytes.fromhex("0002 0002 61ff 00"), None)
    assert Message("GroupMetadataKey", 0, {"group": "a\ufffd"}) == read.key


@pytest.mark.parametrize("vector", [OFFSETS, GROUP, TRANSACTION], ids=lambda v: v["topic"])
def test_every_cut_is_refused(vector: dict[str, str]) -> None:
    """No version of a value can lose its end unnoticed."""
    for version in range(5 if vector is not TRANSACTION else 2):
        key, value = both(vector, version)
        for size in range(len(value)):
            with pytest.raises(CorruptMessage):
                decode_coordinator_record(KINDS[vector["topic"]], key, value[:size])


@given(st.sampled_from(range(5)), st.sampled_from([OFFSETS, GROUP, TRANSACTION]), st.data())
def test_any_bytes_are_refused_or_read(
    version: int, vector: dict[str, str], data: st.DataObject
) -> None:
    """Real values with bytes replaced, and bytes that never were a value."""
    kind = KINDS[vector["topic"]]
    key, value = both(vector, version % (2 if vector is TRANSACTION else 5))
    value = bytearray(data.draw(st.sampled_from([value, b""])) or data.draw(st.binary(max_size=50)))
    for _ in range(data.draw(st.integers(0, 4)) * (len(value) > 0)):
        value[data.draw(st.integers(0, len(value) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = decode_coordinator_record(kind, key, bytes(value))
        assert read.key == decode_coordinator_record(kind, key, None).key
    except CorruptMessage as fault:
        assert 0 <= fault.at_byte <= len(value)


@pytest.mark.parametrize(
    ("name", "version", "known"),
    [("OffsetCommitValue", 5, "0 to 4"), ("GroupMetadataValue", -1, "0 to 4")],
)
def test_a_version_that_does_not_exist_is_not_written(name: str, version: int, known: str) -> None:
    """Nobody could read it."""
    with pytest.raises(ValueError, match=f"{name} has no version {version}; known are {known}"):
        encode_value(name, {}, version)
