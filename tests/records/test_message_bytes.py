"""Messages from bytes and back; `tests/real/test_messages_of_kafka.py` compares with Kafka."""

import pytest

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.message_bytes import Message, read_message, write_message
from kafkabook.records.message_schema import schema_of
from kafkabook.records.wire_fields import FieldReader

ID = "AAAAAAAAAAAAAAAAAAAAAg"
CHANGE = {"partitionId": 3, "topicId": ID}
CHANGE_HEX = "00000003" + "00" * 15 + "02"


def read(name: str, data: bytes | str, version: int = 0) -> Message:
    """Read a message, all of it."""
    reader = FieldReader(bytes.fromhex(data) if isinstance(data, str) else data)
    message = read_message(schema_of(name), reader, version)
    reader.end()
    return message


def test_tagged_fields_say_only_what_differs() -> None:
    """A null, an empty list and a number are three things; what is not there is not read."""
    values = CHANGE | {"isr": [], "leader": -1}
    data = write_message(schema_of("PartitionChangeRecord"), values, 2)
    assert CHANGE_HEX + "02 00 01 01 01 04 ffffffff".replace(" ", "") == data.hex()
    assert Message("PartitionChangeRecord", 2, values) == read("PartitionChangeRecord", data, 2)
    same = CHANGE | {"isr": None, "leader": -2}
    data = write_message(schema_of("PartitionChangeRecord"), same, 2)
    assert CHANGE_HEX + "00" == data.hex()


def test_a_tag_that_says_what_its_absence_says_is_left_out() -> None:
    """Kafka writes none such, and would not print it."""
    data = CHANGE_HEX + "01 01 04 fffffffe"
    assert CHANGE == read("PartitionChangeRecord", data, 0).fields


def test_tags_of_the_future_are_kept() -> None:
    """They come back where the message is written again."""
    data = bytes.fromhex(CHANGE_HEX + "02 01 04 00000007 63 02 abcd")
    values = CHANGE | {"leader": 7, "unknownTaggedFields": {0x63: b"\xab\xcd"}}
    assert values == read("PartitionChangeRecord", data, 0).fields
    assert data == write_message(schema_of("PartitionChangeRecord"), values, 0)


def test_a_tag_that_a_version_lacks_is_refused() -> None:
    """As by Kafka, which knows the tag and so cannot pass it over."""
    with pytest.raises(CorruptMessage, match="tag 8, which version 0 lacks"):
        read("PartitionChangeRecord", CHANGE_HEX + "01 08 01 01", 0)


def test_kafka_believes_a_field_and_not_the_length_before_it() -> None:
    """So a lie there changes nothing."""
    data = CHANGE_HEX + "01 01 7f 00000007"
    assert CHANGE | {"leader": 7} == read("PartitionChangeRecord", data, 0).fields


@pytest.mark.parametrize(
    ("tagged", "member"),
    [
        ("00", {}),
        ("01 00 01 00", {"classicMemberMetadata": None}),
        (
            "01 00 07 01 00000005 01 00",
            {"classicMemberMetadata": {"sessionTimeoutMs": 5, "supportedProtocols": []}},
        ),
    ],
)
def test_a_tagged_structure_may_be_null(tagged: str, member: dict[str, object]) -> None:
    """It says so with another byte than one that is not tagged."""
    name = "ConsumerGroupMemberMetadataValue"
    head = bytes.fromhex("00 00 02 63 02 68 01 00 00000001 00")
    values = {
        "instanceId": None,
        "rackId": None,
        "clientId": "c",
        "clientHost": "h",
        "subscribedTopicNames": [],
        "subscribedTopicRegex": None,
        "rebalanceTimeoutMs": 1,
        "serverAssignor": None,
        **member,
    }
    data = head + bytes.fromhex(tagged)
    assert values == read(name, data).fields
    assert data == write_message(schema_of(name), values, 0)


@pytest.mark.parametrize(("byte", "endpoint"), [("ff", None), ("01", {"host": "", "port": 9})])
def test_a_structure_that_is_not_tagged_may_be_null(byte: str, endpoint: object) -> None:
    """One byte stands before it."""
    name = "StreamsGroupMemberMetadataValue"
    data = write_message(schema_of(name), {"userEndpoint": endpoint}, 0)
    assert endpoint == read(name, data).fields["userEndpoint"]
    assert byte in data.hex(" ").split()


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("TopicRecord", "00", "name may not be null"),
        ("TopicRecord", "02", "a field of 1 bytes, 0 are left"),
        ("PartitionRecord", CHANGE_HEX + "00", "replicas may not be null"),
        ("AbortTransactionRecord", "01 63 05 00", "a field of 5 bytes, 1 are left"),
        ("NoOpRecord", "8080808080", "a varint is longer than 5 bytes"),
        ("RegisterControllerRecord", "00000001", "a field of 16 bytes, 0 are left"),
    ],
)
def test_what_cannot_be_says_which_field(name: str, data: str, reason: str) -> None:
    """The reason is for a person."""
    with pytest.raises(CorruptMessage, match=reason):
        read(name, data)


def test_a_truth_is_any_byte_but_zero() -> None:
    """As in Java."""
    data = bytearray(write_message(schema_of("ClientQuotaRecord"), {"key": "k", "remove": True}, 0))
    data[-2] = 7
    assert True is read("ClientQuotaRecord", bytes(data)).fields["remove"]


@pytest.mark.parametrize("version", [-1, 3])
def test_a_version_that_does_not_exist_is_not_written(version: int) -> None:
    """Nobody could read it."""
    with pytest.raises(ValueError, match=f"no version {version}; known are 0 to 2"):
        write_message(schema_of("PartitionRecord"), {}, version)
