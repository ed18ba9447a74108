"""Varints: Kafka's bytes, both ways, and every way in which they can be wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.varint import (
    decode_unsigned_varint,
    decode_varint,
    decode_varlong,
    encode_unsigned_varint,
    encode_varint,
    encode_varlong,
)
from tests.records.vectors import VECTORS

CODERS = {"varint": (encode_varint, decode_varint), "varlong": (encode_varlong, decode_varlong)}


@pytest.mark.parametrize("vector", VECTORS["varints"], ids=lambda v: f"{v['type']} {v['value']}")
def test_kafka_writes_the_same_bytes(vector: dict[str, str]) -> None:
    """Both directions, each number that Kafka's own encoder was asked for."""
    encode, decode = CODERS[vector["type"]]
    data = bytes.fromhex(vector["hex"])
    assert (data, (vector["value"], len(data))) == (encode(vector["value"]), decode(data))


@given(st.integers(-(2**31), 2**31 - 1), st.integers(0, 2**32 - 1), st.binary(max_size=3))
def test_what_was_written_is_read_at_any_position(signed: int, plain: int, before: bytes) -> None:
    """A decoder starts at any byte and says where it stopped."""
    at, data = len(before), before + encode_varint(signed) + encode_unsigned_varint(plain)
    value, after = decode_varint(data, at)
    assert (signed, (plain, len(data))) == (value, decode_unsigned_varint(data, after))


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_varlong_holds_every_64_bit_number(value: int) -> None:
    """Timestamps may differ by anything, also by more than a clock can show."""
    data = encode_varlong(value)
    assert (value, len(data)) == decode_varlong(data)


@pytest.mark.parametrize(
    ("decode", "text", "reason"),
    [
        (decode_varint, "", "a varint is cut off by the end of the data"),
        (decode_varint, "ffffffff", "a varint is cut off by the end of the data"),
        (decode_varint, "ffffffffff01", "a varint is longer than 5 bytes"),
        (decode_varint, "ffffffff1f", "a varint holds more than 32 bits"),
        (decode_varlong, "ff" * 10 + "01", "a varint is longer than 10 bytes"),
        (decode_varlong, "ff" * 9 + "02", "a varint holds more than 64 bits"),
        (decode_unsigned_varint, "8080808010", "a varint holds more than 32 bits"),
    ],
)
def test_a_varint_that_cannot_be_says_why(decode: object, text: str, reason: str) -> None:
    """Java stops at the same places; a number is never made up."""
    with pytest.raises(CorruptMessage) as caught:
        decode(b"\0" + bytes.fromhex(text), 1)  # type: ignore[operator]
    assert (reason, 1) == (caught.value.reason, caught.value.at_byte)


@pytest.mark.parametrize(
    ("encode", "value"),
    [
        (encode_varint, 2**31),
        (encode_varint, -(2**31) - 1),
        (encode_varlong, 2**63),
        (encode_varlong, -(2**63) - 1),
        (encode_unsigned_varint, -1),
        (encode_unsigned_varint, 2**32),
    ],
)
def test_a_number_that_does_not_fit_is_not_written(encode: object, value: int) -> None:
    """Cutting off its upper bits would write another number."""
    with pytest.raises(ValueError, match=f"{value} does not fit into (32|64) bits"):
        encode(value)  # type: ignore[operator]
