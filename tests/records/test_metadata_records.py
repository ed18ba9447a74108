"""Records of a controller's log."""

import pytest

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.message_bytes import Message
from kafkabook.records.metadata_records import (
    UnknownRecord,
    decode_metadata_record,
    encode_metadata_record,
)

ID = "AAAAAAAAAAAAAAAAAAAAAg"
TOPIC = {"name": "orders", "topicId": ID}
TOPIC_HEX = "01 02 00 07" + b"orders".hex() + "00" * 15 + "02 00"


def test_a_frame_names_type_and_version() -> None:
    """Read and written."""
    data = bytes.fromhex(TOPIC_HEX)
    assert Message("TopicRecord", 0, TOPIC) == decode_metadata_record(data)
    assert data == encode_metadata_record("TopicRecord", TOPIC, 0)


def test_the_same_number_is_another_record_in_another_log() -> None:
    """Type 2 of the log of remote segments is the deletion of a partition."""
    values = {
        "topicIdPartition": {"name": "orders", "id": ID, "partition": 1},
        "brokerId": 1,
        "eventTimestampMs": 5,
        "remotePartitionDeleteState": 2,
    }
    data = encode_metadata_record("RemotePartitionDeleteMetadataRecord", values, 0)
    read = decode_metadata_record(data, "remote-log")
    assert Message("RemotePartitionDeleteMetadataRecord", 0, values) == read


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("01 63 02 abcd", UnknownRecord(0x63, 2, b"\xab\xcd")),
        ("01 02 09 abcd", UnknownRecord(2, 9, b"\xab\xcd")),
        ("01 06 00", UnknownRecord(6, 0, b"")),  # a number that Kafka once gave, and took back
    ],
)
def test_what_the_future_writes_is_passed_on(data: str, expected: UnknownRecord) -> None:
    """Type, version and bytes are told."""
    assert expected == decode_metadata_record(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("00 02 00", "a frame of version 0, and only 1 is known"),
        ("02 02 00", "a frame of version 2, and only 1 is known"),
        (TOPIC_HEX + "00", "1 bytes follow the last field"),
        (TOPIC_HEX[:-2], "a field of 1 bytes, 0 are left"),
        ("", "a field of 1 bytes, 0 are left"),
    ],
)
def test_what_kafka_refuses_is_refused(data: str, reason: str) -> None:
    """The preview of KRaft in 2.8 wrote frames of version 0, which nobody reads any more."""
    with pytest.raises(CorruptMessage, match=reason):
        decode_metadata_record(bytes.fromhex(data))


def test_a_record_without_a_value_says_nothing() -> None:
    """A controller writes none such."""
    assert decode_metadata_record(None) is None
