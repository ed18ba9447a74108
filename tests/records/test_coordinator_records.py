"""The two internal topics: every version that Kafka ever wrote, and whatever else is there."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.coordinator_records import (
    GroupMetadataKey,
    GroupMetadataValue,
    GroupRecordKey,
    MemberMetadata,
    OffsetCommitKey,
    OffsetCommitValue,
    OffsetsRecord,
    TransactionLogKey,
    TransactionLogValue,
    TransactionPartitions,
    TransactionRecord,
    TransactionStatus,
    UndecodedValue,
    UnknownKey,
    decode_offsets_record,
    decode_transaction_record,
)
from tests.records.vectors import VECTORS

NOW_MS = 1_700_000_000_000
OFFSETS, GROUP, TRANSACTION = VECTORS["coordinator_records"]
Decoder = Callable[[bytes | None, bytes | None], Any]
DECODERS: tuple[Decoder, ...] = (decode_offsets_record, decode_transaction_record)


def both(vector: dict[str, str], version: int) -> tuple[bytes, bytes]:
    """Return key and value of a vector."""
    return bytes.fromhex(vector["key_hex"]), bytes.fromhex(vector[f"value_v{version}_hex"])


@pytest.mark.parametrize(
    ("version", "value"),
    [
        (0, OffsetCommitValue(42, "meta", NOW_MS)),
        (1, OffsetCommitValue(42, "meta", NOW_MS, expire_timestamp_ms=NOW_MS + 60_000)),
        (2, OffsetCommitValue(42, "meta", NOW_MS)),
        (3, OffsetCommitValue(42, "meta", NOW_MS, leader_epoch=5)),
        (4, OffsetCommitValue(42, "meta", NOW_MS, leader_epoch=5)),
    ],
)
def test_a_committed_offset_of_each_version(version: int, value: OffsetCommitValue) -> None:
    """Read as Kafka means it, and written as Kafka writes it."""
    key = OffsetCommitKey("g1", "orders", 3)
    assert OffsetsRecord(key, value) == decode_offsets_record(*both(OFFSETS, version))
    assert both(OFFSETS, version) == (key.encode(), value.encode(version))


@pytest.mark.parametrize(
    ("version", "since_ms", "rebalance_timeout_ms", "instance"),
    [
        (0, -1, 45_000, None),
        (1, -1, 300_000, None),
        (2, NOW_MS, 300_000, None),
        (3, NOW_MS, 300_000, "inst"),
        (4, NOW_MS, 300_000, "inst"),
    ],
)
def test_a_classic_group_of_each_version(
    version: int, since_ms: int, rebalance_timeout_ms: int, instance: str | None
) -> None:
    """Before version 1 a member had as long to rejoin as its session lasts."""
    member = MemberMetadata(
        "m-1",
        "c",
        "/127.0.0.1",
        45_000,
        rebalance_timeout_ms,
        bytes.fromhex("0102"),
        bytes.fromhex("03"),
        instance,
    )
    value = GroupMetadataValue("consumer", 7, "range", "m-1", (member,), since_ms)
    key = GroupMetadataKey("g1")
    assert OffsetsRecord(key, value) == decode_offsets_record(*both(GROUP, version))
    assert both(GROUP, version) == (key.encode(), value.encode(version))


@pytest.mark.parametrize(
    ("version", "tagged"),
    [(0, {}), (1, {"previous_producer_id": 3_999, "client_transaction_version": 2})],
)
def test_a_transaction_of_each_version(version: int, tagged: dict[str, int]) -> None:
    """Version 1 adds tagged fields, which are left out when they say nothing."""
    key, value = (
        TransactionLogKey("tx-1"),
        TransactionLogValue(
            producer_id=4_000,
            producer_epoch=2,
            timeout_ms=60_000,
            status=TransactionStatus.ONGOING,
            partitions=(TransactionPartitions("orders", (0, 1)),),
            last_update_ms=NOW_MS + 500,
            start_ms=NOW_MS,
            **tagged,
        ),
    )
    assert TransactionRecord(key, value) == decode_transaction_record(*both(TRANSACTION, version))
    assert both(TRANSACTION, version) == (key.encode(), value.encode(version))


@pytest.mark.parametrize("version", [0, 1])
def test_a_transaction_without_partitions_has_none_and_not_an_empty_list(version: int) -> None:
    """Kafka writes null while nothing was written to."""
    value = TransactionLogValue(1, 0, 60_000, TransactionStatus.EMPTY, None, NOW_MS, -1)
    key = TransactionLogKey("t").encode()
    assert value == decode_transaction_record(key, value.encode(version)).value


def test_a_topic_id_travels_as_a_tagged_field() -> None:
    """16 bytes behind tag 0 of version 4."""
    value = OffsetCommitValue(1, "", 2, topic_id=bytes(range(16)))
    written = value.encode(4)
    assert written.endswith(bytes.fromhex("01 00 10") + bytes(range(16)))
    assert value == decode_offsets_record(OffsetCommitKey("g", "t", 0).encode(), written).value


@pytest.mark.parametrize(
    ("number", "name", "has_detail"),
    [
        (3, "ConsumerGroupMetadata", False),
        (5, "ConsumerGroupMemberMetadata", True),
        (6, "ConsumerGroupTargetAssignmentMetadata", False),
        (7, "ConsumerGroupTargetAssignmentMember", True),
        (8, "ConsumerGroupCurrentMemberAssignment", True),
        (11, "ShareGroupMetadata", False),
        (16, "ConsumerGroupRegularExpression", True),
        (23, "StreamsGroupTopology", False),
    ],
)
def test_newer_groups_are_known_by_name(number: int, name: str, has_detail: bool) -> None:
    """Whose record it is can be told; what it holds is left as bytes."""
    key = number.to_bytes(2, "big") + bytes.fromhex("00026731") + b"\0\x03m-1" * has_detail
    told = GroupRecordKey(number, name, "g1", "m-1" if has_detail else None)
    value = UndecodedValue(0, b"\x05\x06")
    assert OffsetsRecord(told, value) == decode_offsets_record(key, bytes.fromhex("00000506"))


def test_what_the_future_writes_is_passed_on() -> None:
    """Unknown types of keys and versions of values are told, not guessed at."""
    odd = bytes.fromhex("7fff0102")
    assert (UnknownKey(0x7FFF, b"\1\2"), UndecodedValue(0x7FFF, b"\1\2")) == (
        decode_offsets_record(odd, odd)
    )
    assert (UnknownKey(0x7FFF, b"\1\2"), UndecodedValue(0x7FFF, b"\1\2")) == (
        decode_transaction_record(odd, odd)
    )
    for vector in (OFFSETS, GROUP, TRANSACTION):
        decode, key = DECODERS[vector is TRANSACTION], bytes.fromhex(vector["key_hex"])
        assert UndecodedValue(9, b"x") == decode(key, b"\0\x09x").value


@pytest.mark.parametrize("decode", DECODERS)
def test_a_null_value_is_a_tombstone_and_a_null_key_is_damage(decode: Decoder) -> None:
    """Both topics are compacted: a record without a key could never be removed."""
    assert decode(bytes.fromhex("7fff"), None).value is None
    with pytest.raises(CorruptMessage, match="without a key"):
        decode(None, None)


@pytest.mark.parametrize(
    ("decode", "key", "value", "at_byte", "reason"),
    [
        (0, "0001 0002 6731", None, 6, "a field of 2 bytes, 0 are left"),
        (0, "0001 ffff", None, 4, "a field that may not be null is"),
        (0, "0001 fffe", None, 2, "a length of -2"),
        (0, "0002 0001 ff", None, 4, "a string is not UTF-8: invalid start byte"),
        (0, "0002 0001 61 00", None, 5, "1 bytes follow the last field"),
        (0, "0002 0001 61", "00", 0, "a field of 2 bytes, 1 are left"),
        (0, "0002 0000", "0000 0000 00000001 ffff ffff 7fffffff", 16, "a field of 2 bytes, 0"),
        (1, "0000 0001 74", "0000" + "00" * 14 + "63", 16, "no transaction status has number 99"),
        (1, "0000 0001 74", "0001" + "00" * 40, 35, "7 bytes follow the last field"),
    ],
)
def test_fields_that_cannot_be_name_the_byte(
    decode: int, key: str, value: str | None, at_byte: int, reason: str
) -> None:
    """And an array that announces two thousand million members reserves nothing."""
    with pytest.raises(CorruptMessage) as caught:
        DECODERS[decode](bytes.fromhex(key), None if value is None else bytes.fromhex(value))
    assert (at_byte, reason) == (caught.value.at_byte, caught.value.reason[: len(reason)])


@pytest.mark.parametrize("vector", [OFFSETS, GROUP, TRANSACTION], ids=lambda v: v["topic"])
def test_every_cut_is_refused(vector: dict[str, str]) -> None:
    """No version of a value can lose its end unnoticed."""
    decode = DECODERS[vector is TRANSACTION]
    for version in range(5 if vector is not TRANSACTION else 2):
        key, value = both(vector, version)
        for size in range(len(value)):
            with pytest.raises(CorruptMessage):
                decode(key, value[:size])


@given(st.sampled_from(range(5)), st.sampled_from([OFFSETS, GROUP, TRANSACTION]), st.data())
def test_any_bytes_are_refused_or_read(
    version: int, vector: dict[str, str], data: st.DataObject
) -> None:
    """Real values with bytes replaced, and bytes that never were a value."""
    decode = DECODERS[vector is TRANSACTION]
    key, value = both(vector, version % (2 if vector is TRANSACTION else 5))
    value = bytearray(data.draw(st.sampled_from([value, b""])) or data.draw(st.binary(max_size=50)))
    for _ in range(data.draw(st.integers(0, 4)) * (len(value) > 0)):
        value[data.draw(st.integers(0, len(value) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert decode(key, bytes(value)).key == decode(key, None).key
    except CorruptMessage as fault:
        assert 0 <= fault.at_byte <= len(value)


@pytest.mark.parametrize(
    ("value", "version"),
    [
        (OffsetCommitValue(1), 5),
        (GroupMetadataValue("consumer", 1, None, None, ()), -1),
        (TransactionLogValue(1, 0, 1, TransactionStatus.DEAD, None, 0, 0), 2),
    ],
)
def test_a_version_that_does_not_exist_is_not_written(value: Any, version: int) -> None:
    """Nobody could read it."""
    with pytest.raises(ValueError, match=f"version {version}; known are 0 to"):
        value.encode(version)
