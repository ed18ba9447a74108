"""What real coordinators wrote into the internal topics, read by us and by Kafka's own decoders."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kafkabook.records.coordinator_records import (
    TransactionStatus,
    decode_coordinator_record,
    encode_key,
    encode_value,
)
from kafkabook.records.message_bytes import Message
from kafkabook.records.record import Record

from .batches import batches
from .dump import decoded, dump

pytestmark = pytest.mark.real
Pair = tuple[dict[str, Any], dict[str, Any] | None]


@pytest.fixture(scope="module")
def offsets(real_offsets_directory: Path) -> list[tuple[Record, Pair]]:
    """Each record of `__consumer_offsets`, and what Kafka's decoder says of it."""
    return list(paired(real_offsets_directory, "--offsets-decoder"))


@pytest.fixture(scope="module")
def states(real_transaction_state_directory: Path) -> list[tuple[Record, Pair]]:
    """Each record of `__transaction_state`, and what Kafka's decoder says of it."""
    return list(paired(real_transaction_state_directory, "--transaction-log-decoder"))


def paired(directory: Path, decoder: str) -> Iterator[tuple[Record, Pair]]:
    """Every record that we read beside the tool's line for its offset."""
    said = {
        offset: (json.loads(key), None if value == "<DELETE>" else json.loads(value))
        for offset, key, value in decoded(dump(directory.glob("*.log"), decoder), directory)
    }
    records = [record for _, batch in batches(directory) for record in batch.records]
    assert sorted(said) == [record.offset for record in records]
    return ((record, said[record.offset]) for record in records)


def data(said: dict[str, Any] | None) -> dict[str, Any] | None:
    """What the tool prints beside the version."""
    return None if said is None else dict(said["data"])


def read(kind: str, record: Record) -> tuple[Message, Message | None]:
    """A record as we read it, which is of a type and a version that we know."""
    key, value = decode_coordinator_record(kind, record.key, record.value)
    assert isinstance(key, Message)
    assert value is None or isinstance(value, Message)
    return key, value


def without_client_bytes(fields: dict[str, Any] | None) -> dict[str, Any] | None:
    """The tool decodes a member's subscription and assignment; we keep them as bytes."""
    if fields is None or "protocolType" not in fields:
        return fields
    own = ("subscription", "assignment")
    members = [
        {name: value for name, value in member.items() if name not in own}
        for member in fields["members"]
    ]
    return fields | {"members": members}


def assert_same(kind: str, pairs: list[tuple[Record, Pair]]) -> list[tuple[str, str, bool]]:
    """Compare whole records; return name, first field, and whether it is a tombstone, of each."""
    seen = []
    for record, (said_key, said_value) in pairs:
        key, value = read(kind, record)
        assert said_key["data"] == key.fields
        fields = None if value is None else value.fields
        assert without_client_bytes(data(said_value)) == without_client_bytes(fields)
        assert said_value is None or value is None or int(said_value["version"]) == value.version
        seen.append((key.name, next(iter(key.fields.values())), value is None))
    return seen


def test_every_record_of_the_groups_is_what_the_decoder_says(
    offsets: list[tuple[Record, Pair]],
) -> None:
    """Commits and groups of both protocols, and the tombstones of a group that was deleted."""
    seen = assert_same("offsets", offsets)
    commits = [(group, gone) for name, group, gone in seen if name == "OffsetCommitKey"]
    alive = [("classic", False), ("next", False), ("gone", False)]
    assert [*(commit for commit in alive for _ in range(2)), ("gone", True)] == commits
    groups = {(group, gone) for name, group, gone in seen if name == "GroupMetadataKey"}
    assert {("classic", False), ("gone", False), ("gone", True)} == groups
    assert {
        "ConsumerGroupMetadataKey",
        "ConsumerGroupMemberMetadataKey",
        "ConsumerGroupTargetAssignmentMetadataKey",
        "ConsumerGroupTargetAssignmentMemberKey",
        "ConsumerGroupCurrentMemberAssignmentKey",
    } == {name for name, _, _ in seen} - {"OffsetCommitKey", "GroupMetadataKey"}


def test_every_state_of_a_transaction_is_what_the_decoder_says(
    states: list[tuple[Record, Pair]],
) -> None:
    """From Empty over Ongoing and the two preparations to both ends, tags included."""
    assert_same("transactions", states)
    values = (read("transactions", record)[1] for record, _ in states)
    seen = {value.fields["transactionStatus"] for value in values if value}
    never = {TransactionStatus.DEAD, TransactionStatus.PREPARE_EPOCH_FENCE}
    assert set(TransactionStatus) - never == seen


def test_writing_again_gives_the_coordinators_bytes(
    offsets: list[tuple[Record, Pair]], states: list[tuple[Record, Pair]]
) -> None:
    """A later part of the book writes these records itself: byte for byte as brokers do."""
    for kind, pairs in (("offsets", offsets), ("transactions", states)):
        for record, _ in pairs:
            key, value = read(kind, record)
            again = None if value is None else encode_value(value.name, value.fields, value.version)
            assert (record.key, record.value) == (encode_key(key.name, key.fields), again)
