"""Messages of magic 0 and 1: what Kafka wrote and says of it, and what no broker has written."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.errors import CorruptMessage, Errors, KafkaError, NotReadHere
from kafkabook.base.units import MIB
from kafkabook.records.batch_header import TimestampType
from kafkabook.records.compression import Codec, compress
from kafkabook.records.formats import decode
from kafkabook.records.old_formats import (
    Message,
    MessageSet,
    compare_message_crc,
    read_message,
    read_message_header,
    records_in,
)
from kafkabook.records.record import Record
from kafkabook.records.room import decompressing_at_most
from tests.records.old_messages import APPEND_TIME, T, message, recorded, wrapped, wrapper
from tests.refusals import refused

TYPES = {
    TimestampType.NO_TIMESTAMP_TYPE: "NoTimestampType",
    TimestampType.CREATE_TIME: "CreateTime",
    TimestampType.LOG_APPEND_TIME: "LogAppendTime",
}
PACKED = (Codec.GZIP, Codec.SNAPPY, Codec.LZ4)


def told(batch: Any) -> dict[str, Any]:
    """What we say of a message, in the words of the recording."""
    header = batch.header
    rows = [
        {
            "offset": it.offset,
            "timestamp": it.timestamp_ms,
            "key_hex": None if it.key is None else it.key.hex(),
            "value_hex": None if it.value is None else it.value.hex(),
        }
        for it in batch.records
    ]
    return {
        "magic": header.magic,
        "size": header.size_bytes,
        "crc": header.crc,
        "valid": True,  # else it would not have been decoded
        "last_offset": header.last_offset,
        "max_timestamp": header.max_timestamp_ms,
        "timestamp_type": TYPES[header.timestamp_type],
        "compression": str(header.codec),
        "records": rows,
        "base_offset": header.base_offset,
    }


@pytest.mark.parametrize("case", recorded(), ids=lambda case: case["name"])
def test_a_message_of_kafka_is_what_kafka_says_of_it(case: dict[str, Any]) -> None:
    """Every codec, kind of timestamp, first offset and gap; all of it by Kafka's own classes."""
    data, at, found = bytes.fromhex(case["hex"]), 0, []
    while at < len(data):
        batch = decode(data, at)
        batch.check()
        found.append(told(batch))
        at += batch.size_bytes
    assert case["batches"] == found


def test_the_recording_has_every_kind() -> None:
    """Three kinds of timestamp in four codecs with three runs of offsets, and both magics mixed."""
    assert 3 * 4 * 3 + 3 == len(recorded())


def test_a_message_has_no_headers_no_producer_and_no_epoch() -> None:
    """What came with magic 2 is absent, whatever the unused bits of the attributes say."""
    header = read_message_header(message(5, attributes=0b1111_0000 - 256))
    absent = (header.producer_id, header.producer_epoch, header.base_sequence)
    assert (-1, -1, -1, -1) == (*absent, header.partition_leader_epoch)
    assert (False, False, None) == (
        header.is_transactional,
        header.is_control,
        header.delete_horizon_ms,
    )
    assert (5, 5, 6, -1) == (
        header.base_offset,
        header.last_offset,
        header.next_offset,
        header.last_sequence,
    )


def test_the_fields_of_a_message_are_read_as_they_stand() -> None:
    """Also those that no record keeps."""
    data = message(5, b"key", None, attributes=8)
    crc = int.from_bytes(data[12:16])
    assert Message(5, len(data) - 12, crc, 1, 8, T, b"key", None) == read_message(b"..." + data, 3)
    assert TimestampType.LOG_APPEND_TIME is read_message(data).timestamp_type
    assert TimestampType.NO_TIMESTAMP_TYPE is read_message(message(5, magic=0)).timestamp_type


def test_a_wrapper_of_offset_0_is_not_numbered_yet() -> None:
    """Old librdkafka sent them so, and no broker has to have stored them."""
    batch = MessageSet(wrapped(Codec.GZIP, [0, 1, 2], wrapper_offset=0))
    assert [0, 1, 2] == [record.offset for record in batch.records]


def test_the_time_of_append_does_not_reach_into_magic_0() -> None:
    """A wrapper of magic 1 may hold messages that never had a time (KAFKA-4298)."""
    inner = message(0, magic=0) + message(1, magic=1)
    batch = MessageSet(wrapper(Codec.GZIP, inner, 7, timestamp_type=APPEND_TIME))
    assert [(6, -1), (7, T + 99_999)] == [(it.offset, it.timestamp_ms) for it in batch.records]


def test_a_message_that_is_cut_off_inside_a_wrapper_is_none() -> None:
    """Kafka reads up to it, and says nothing."""
    inner = message(0) + message(1)
    batch = MessageSet(wrapper(Codec.GZIP, inner + message(2)[:-1], 7))
    assert [6, 7] == [record.offset for record in batch.records]
    assert [7] == [it.offset for it in MessageSet(wrapper(Codec.GZIP, inner[:-1], 7)).records]
    assert [7] == [it.offset for it in MessageSet(wrapper(Codec.GZIP, inner[:40], 7)).records]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (wrapped(Codec.GZIP, [0, 5], wrapper_offset=3), "a wrapper of offset 3 holds offset 5"),
        (wrapper(Codec.GZIP, b"", 3), "a compressed message that holds none"),
        (wrapper(Codec.GZIP, bytes(20), 3), "message size 0, less than the 14"),
        (wrapper(Codec.GZIP, wrapped(Codec.GZIP, [0]), 3), "a compressed message inside"),
        (wrapper(Codec.ZSTD, message(0), 3), "zstd in a message of magic 1"),
        (message(3, b"k", None, attributes=1), "a compressed message without a value"),
        (message(3, b"k", b"no gzip", attributes=1), "not the header of a gzip member"),
    ],
)
def test_what_no_broker_wrote_is_no_set_of_records(data: bytes, reason: str) -> None:
    """The checksum is right, so the log keeps it, as one record; reading it says what is wrong."""
    batch = decode(data)
    assert (3, 3, 1) == (batch.base_offset, batch.last_offset, batch.header.records_count)
    with pytest.raises(CorruptMessage, match=reason):
        _ = batch.records
    with pytest.raises(CorruptMessage, match=reason):
        batch.check()


def test_a_codec_that_does_not_exist_is_named() -> None:
    """As in today's format."""
    with refused(Errors.UNSUPPORTED_COMPRESSION_TYPE, match="codec 5"):
        _ = decode(message(3, attributes=5)).records


@pytest.mark.parametrize("codec", PACKED)
def test_a_wrapper_without_room_is_no_damage(codec: Codec) -> None:
    """The limit is ours; until it is raised the wrapper seems to be one record."""
    data = wrapped(codec, [8, 9], values=[(b"k", bytes(1 * MIB))] * 2)
    with decompressing_at_most(1 * MIB):
        batch = decode(data)
        with pytest.raises(NotReadHere, match="kafkabook stops"):
            _ = batch.records
    assert (9, 9) == (batch.base_offset, batch.last_offset)
    assert [8, 9] == [record.offset for record in MessageSet(data).records]


def test_the_first_lz4_writers_got_a_checksum_wrong_in_magic_0_only() -> None:
    """In magic 1 the same frame is damage."""
    frame = compress(Codec.LZ4, message(0, magic=0))
    wrong = frame[:6] + bytes((frame[6] ^ 1,)) + frame[7:]
    assert 1 == len(decode(message(3, None, wrong, magic=0, attributes=3)).records)
    with pytest.raises(CorruptMessage, match="not lz4 data"):
        _ = decode(message(3, None, wrong, magic=1, attributes=3)).records


@pytest.mark.parametrize(
    ("data", "at_byte", "reason"),
    [
        (message(3)[:17], 5, "17 bytes left, a message takes 26"),
        (message(3)[:-1], 5, "a message of 36 bytes, 35 are left"),
        (message(3)[:8] + (21).to_bytes(4) + message(3)[12:], 13, "message size 21, less than"),
        (message(-1), 5, "offset -1 is not an offset"),
    ],
)
def test_a_message_that_cannot_be_names_the_byte(data: bytes, at_byte: int, reason: str) -> None:
    """Counted from the data's first byte."""
    with pytest.raises(CorruptMessage, match=reason) as caught:
        read_message_header(b"....." + data, 5)
    assert at_byte == caught.value.at_byte


@pytest.mark.parametrize(("at", "size", "at_byte"), [(26, 3, 33), (26, 2**31 - 1, 26), (31, 2, 31)])
def test_a_field_that_does_not_fit_is_damage_only_to_who_reads_it(
    at: int, size: int, at_byte: int
) -> None:
    """The log looks at offset, size and checksum alone."""
    data = bytearray(message(3, b"k", b"v"))
    data[at : at + 4] = size.to_bytes(4)
    assert 3 == read_message_header(bytes(data)).last_offset
    with pytest.raises(CorruptMessage, match="a field of") as caught:
        read_message(bytes(data))
    assert at_byte == caught.value.at_byte


def test_any_negative_size_stands_for_null() -> None:
    """-1 is what clients wrote, and Kafka looks at the sign alone."""
    data = message(3, None, b"v")
    other = data[:26] + (-2).to_bytes(4, signed=True) + data[30:]
    assert (None, b"v") == (read_message(other).key, read_message(other).value)


def test_every_flipped_bit_behind_the_size_breaks_the_checksum() -> None:
    """It is the CRC-32 of gzip, and covers all from the magic on."""
    data = message(3)
    compare_message_crc(b".." + data + b"..", 2, read_message_header(data))
    for bit in range(8 * 12, 8 * len(data)):
        turned = bytearray(data)
        turned[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CorruptMessage, match="checksum"):
            compare_message_crc(bytes(turned), 0, read_message_header(bytes(turned)))


def test_old_messages_are_only_read() -> None:
    """No broker has taken them since 4.0, and no leader can stamp them."""
    batch = MessageSet(message(3))
    with refused(Errors.INVALID_RECORD, match="magic 1: Kafka has not taken these since 4.0"):
        batch.stamped(base_offset=9)
    with refused(Errors.INVALID_RECORD, match="write its records anew"):
        batch.with_append_time(9)


def test_a_set_is_exactly_one_message() -> None:
    """As a batch is."""
    with pytest.raises(CorruptMessage, match="the message says 36 bytes, there are 37"):
        MessageSet(message(3) + b"x")
    assert "MessageSet(offsets 3..3, 1 record, 36 bytes)" == repr(MessageSet(message(3)))


def test_records_are_unpacked_once() -> None:
    """Who asks again is given the same."""
    batch = MessageSet(wrapped(Codec.GZIP, [1, 2]))
    assert batch.records is batch.records
    assert (Record(b"k", b"v", T, (), 3),) == records_in(read_message(message(3)))


@given(st.binary(max_size=120), st.sampled_from((0, 1)), st.integers(0, 15))
def test_any_bytes_are_records_or_one_of_three_errors(
    body: bytes, magic: int, attributes: int
) -> None:
    """Under a right checksum, as somebody might make it."""
    inner = [body, compress(Codec(attributes & 7), body) if attributes & 7 <= 4 else body]
    for value in inner:
        try:
            decode(message(3, None, value, magic=magic, attributes=attributes)).check()
        except KafkaError as error:
            assert error.error in (Errors.CORRUPT_MESSAGE, Errors.UNSUPPORTED_COMPRESSION_TYPE)
