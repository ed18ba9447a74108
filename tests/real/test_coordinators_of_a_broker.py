"""What real coordinators wrote into the internal topics, read by us and by Kafka's own decoders."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kafkabook.records.coordinator_records import (
    GroupMetadataKey,
    GroupMetadataValue,
    GroupRecordKey,
    OffsetCommitKey,
    OffsetCommitValue,
    TransactionLogKey,
    TransactionLogValue,
    TransactionStatus,
    decode_offsets_record,
    decode_transaction_record,
)
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


def in_words(value: object, words: Callable[[Any], dict[str, Any]]) -> dict[str, Any] | None:
    """A value as the tool prints it; None for a tombstone."""
    return None if value is None else words(value)


def data(said: dict[str, Any] | None) -> dict[str, Any] | None:
    """What the tool prints beside the version."""
    return None if said is None else dict(said["data"])


def commit_words(value: OffsetCommitValue) -> dict[str, Any]:
    """A committed offset by the names of Kafka's schema."""
    assert value.topic_id is not None
    return {
        "offset": value.offset,
        "leaderEpoch": value.leader_epoch,
        "metadata": value.metadata,
        "commitTimestamp": value.commit_timestamp_ms,
        "topicId": urlsafe_b64encode(value.topic_id).decode().rstrip("="),
    }


def group_words(value: GroupMetadataValue) -> dict[str, Any]:
    """A classic group by the names of Kafka's schema, but for what its members' own bytes say."""
    members = [
        {
            "memberId": member.member_id,
            "groupInstanceId": member.group_instance_id,
            "clientId": member.client_id,
            "clientHost": member.client_host,
            "rebalanceTimeout": member.rebalance_timeout_ms,
            "sessionTimeout": member.session_timeout_ms,
        }
        for member in value.members
    ]
    return {
        "protocolType": value.protocol_type,
        "generation": value.generation,
        "protocol": value.protocol,
        "leader": value.leader,
        "currentStateTimestamp": value.current_state_timestamp_ms,
        "members": members,
    }


def without_client_bytes(said: dict[str, Any] | None) -> dict[str, Any] | None:
    """The tool decodes a member's subscription and assignment; we keep them as bytes."""
    for member in said["members"] if said else ():
        del member["subscription"], member["assignment"]
    return said


def state_words(value: TransactionLogValue) -> dict[str, Any]:
    """A transaction's state by the names of Kafka's schema; absent tags are not printed."""
    partitions = value.partitions
    words: dict[str, Any] = {
        "producerId": value.producer_id,
        "producerEpoch": value.producer_epoch,
        "transactionTimeoutMs": value.timeout_ms,
        "transactionStatus": int(value.status),
        "transactionPartitions": None
        if partitions is None
        else [{"topic": p.topic, "partitionIds": list(p.partitions)} for p in partitions],
        "transactionLastUpdateTimestampMs": value.last_update_ms,
        "transactionStartTimestampMs": value.start_ms,
    }
    tags = {
        "previousProducerId": (value.previous_producer_id, -1),
        "nextProducerId": (value.next_producer_id, -1),
        "clientTransactionVersion": (value.client_transaction_version, 0),
    }
    return words | {name: now for name, (now, absent) in tags.items() if now != absent}


def test_every_committed_offset_is_what_the_decoder_says(
    offsets: list[tuple[Record, Pair]],
) -> None:
    """Group, place, offset, epoch, note, time and topic id; and commits that were deleted."""
    seen = []
    for record, (said_key, said_value) in offsets:
        key, value = decode_offsets_record(record.key, record.value)
        if isinstance(key, OffsetCommitKey):
            expected = {"group": key.group, "topic": key.topic, "partition": key.partition}
            assert expected == said_key["data"]
            assert data(said_value) == in_words(value, commit_words)
            seen.append((key.group, value is None))
    commits = [("classic", False), ("next", False), ("gone", False)]
    assert [*(commit for commit in commits for _ in range(2)), ("gone", True)] == seen


def test_every_classic_group_is_what_the_decoder_says(offsets: list[tuple[Record, Pair]]) -> None:
    """Generations, leader and members; and a group that was deleted."""
    seen = []
    for record, (said_key, said_value) in offsets:
        key, value = decode_offsets_record(record.key, record.value)
        if isinstance(key, GroupMetadataKey):
            assert {"group": key.group} == said_key["data"]
            assert without_client_bytes(data(said_value)) == in_words(value, group_words)
            seen.append((key.group, value is None))
    assert {("classic", False), ("gone", False), ("gone", True)} == set(seen)


def test_every_newer_group_key_is_what_the_decoder_says(
    offsets: list[tuple[Record, Pair]],
) -> None:
    """Types 3 to 8 carry a group and at times a member; their values we leave as bytes."""
    types = set()
    for record, (said_key, _) in offsets:
        key, _ = decode_offsets_record(record.key, record.value)
        if not isinstance(key, (GroupMetadataKey, OffsetCommitKey)):
            assert isinstance(key, GroupRecordKey)
            strings = [string for string in (key.group, key.detail) if string is not None]
            assert (int(said_key["type"]), list(said_key["data"].values())) == (key.type, strings)
            types.add(key.type)
    assert {3, 5, 6, 7, 8} == types


def test_every_state_of_a_transaction_is_what_the_decoder_says(
    states: list[tuple[Record, Pair]],
) -> None:
    """From Empty over Ongoing and the two preparations to both ends, tags included."""
    seen = set()
    for record, (said_key, said_value) in states:
        key, value = decode_transaction_record(record.key, record.value)
        assert isinstance(key, TransactionLogKey)
        assert isinstance(value, TransactionLogValue)
        assert {"transactionalId": key.transactional_id} == said_key["data"]
        assert data(said_value) == state_words(value)
        seen.add(value.status)
    assert (
        set(TransactionStatus)
        - {
            TransactionStatus.DEAD,
            TransactionStatus.PREPARE_EPOCH_FENCE,
        }
        == seen
    )


def test_writing_again_gives_the_coordinators_bytes(
    offsets: list[tuple[Record, Pair]], states: list[tuple[Record, Pair]]
) -> None:
    """A later part of the book writes these records itself: byte for byte as brokers do."""
    for record, _ in offsets:
        key, value = decode_offsets_record(record.key, record.value)
        if isinstance(key, (GroupMetadataKey, OffsetCommitKey)):
            again = (key.encode(), None if value is None else value.encode())  # type: ignore[union-attr]
            assert (record.key, record.value) == again
    for record, _ in states:
        read = decode_transaction_record(record.key, record.value)
        assert isinstance(read.key, TransactionLogKey)
        assert isinstance(read.value, TransactionLogValue)
        assert (record.key, record.value) == (read.key.encode(), read.value.encode())
