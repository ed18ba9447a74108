"""What group coordinators write into `__consumer_offsets`: committed offsets, and groups.

Source: kafka, group-coordinator, `src/main/resources/common/message`; KIP-848.
"""

from dataclasses import dataclass

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.wire_fields import (
    INT16,
    INT32,
    INT64,
    FieldReader,
    FieldWriter,
    UndecodedValue,
    UnknownKey,
    checked_version,
    open_value,
    versioned_string,
)


@dataclass(frozen=True, slots=True)
class OffsetCommitKey:
    """Whose offset in which partition. Type 0 is as old as type 1 and has the same fields."""

    group: str
    topic: str
    partition: int
    type: int = 1

    def encode(self) -> bytes:
        """Return the key's bytes."""
        out = FieldWriter()
        out.number(INT16, self.type)
        out.string(self.group)
        out.string(self.topic)
        out.number(INT32, self.partition)
        return out.data


@dataclass(frozen=True, slots=True)
class OffsetCommitValue:
    """Where a group will read on.

    Fields that a version does not have are -1 (or None) after reading, and lost by writing.

    Source: kafka, `OffsetCommitValue.json`; KIP-211 (no expiry of its own), KIP-320 (epoch).
    """

    offset: int
    metadata: str = ""
    commit_timestamp_ms: int = -1
    leader_epoch: int = -1  # versions 3 and later
    expire_timestamp_ms: int = -1  # version 1 only
    topic_id: bytes | None = None  # version 4, tag 0: 16 bytes

    def encode(self, version: int = 4) -> bytes:
        """Return the value's bytes; brokers write 1 with an expiry, else 3 up to 4.0, then 4."""
        out = FieldWriter(flexible=checked_version(version, newest=4) >= 4)
        out.number(INT16, version)
        out.number(INT64, self.offset)
        if version >= 3:
            out.number(INT32, self.leader_epoch)
        out.string(self.metadata)
        out.number(INT64, self.commit_timestamp_ms)
        if version == 1:
            out.number(INT64, self.expire_timestamp_ms)
        out.tags({} if self.topic_id is None else {0: self.topic_id})
        return out.data


@dataclass(frozen=True, slots=True)
class GroupMetadataKey:
    """A classic group, the kind before KIP-848."""

    group: str

    def encode(self) -> bytes:
        """Return the key's bytes."""
        return versioned_string(2, self.group)


@dataclass(frozen=True, slots=True)
class MemberMetadata:
    """One member of a classic group; what it asked for and what it was given are its own bytes."""

    member_id: str
    client_id: str
    client_host: str
    session_timeout_ms: int
    rebalance_timeout_ms: int  # version 0 has none: the session's
    subscription: bytes
    assignment: bytes
    group_instance_id: str | None = None  # versions 3 and later


@dataclass(frozen=True, slots=True)
class GroupMetadataValue:
    """A classic group between two rebalances.

    Source: kafka, `GroupMetadataValue.json`; KIP-345 (static members).
    """

    protocol_type: str
    generation: int
    protocol: str | None
    leader: str | None
    members: tuple[MemberMetadata, ...]
    current_state_timestamp_ms: int = -1  # versions 2 and later

    def encode(self, version: int = 3) -> bytes:
        """Return the value's bytes; brokers write 3, also today."""
        out = FieldWriter(flexible=checked_version(version, newest=4) >= 4)
        out.number(INT16, version)
        out.string(self.protocol_type)
        out.number(INT32, self.generation)
        out.string(self.protocol)
        out.string(self.leader)
        if version >= 2:
            out.number(INT64, self.current_state_timestamp_ms)
        out.count(len(self.members))
        for member in self.members:
            _write_member(out, member, version)
        out.tags()
        return out.data


@dataclass(frozen=True, slots=True)
class GroupRecordKey:
    """A key of the newer groups (KIP-848, KIP-932, KIP-1071): its type's name and its strings."""

    type: int
    name: str
    group: str
    detail: str | None = None  # a member's id, or the regular expression


_UUID_BYTES = 16
OffsetsKey = OffsetCommitKey | GroupMetadataKey | GroupRecordKey | UnknownKey
OffsetsValue = OffsetCommitValue | GroupMetadataValue | UndecodedValue

# The name of each newer type, and whether a second string follows the group's name.
_NEWER_TYPES = {
    3: ("ConsumerGroupMetadata", False),
    4: ("ConsumerGroupPartitionMetadata", False),
    5: ("ConsumerGroupMemberMetadata", True),
    6: ("ConsumerGroupTargetAssignmentMetadata", False),
    7: ("ConsumerGroupTargetAssignmentMember", True),
    8: ("ConsumerGroupCurrentMemberAssignment", True),
    10: ("ShareGroupMemberMetadata", True),
    11: ("ShareGroupMetadata", False),
    12: ("ShareGroupTargetAssignmentMetadata", False),
    13: ("ShareGroupTargetAssignmentMember", True),
    14: ("ShareGroupCurrentMemberAssignment", True),
    15: ("ShareGroupStatePartitionMetadata", False),
    16: ("ConsumerGroupRegularExpression", True),
    17: ("StreamsGroupMetadata", False),
    19: ("StreamsGroupMemberMetadata", True),
    20: ("StreamsGroupTargetAssignmentMetadata", False),
    21: ("StreamsGroupTargetAssignmentMember", True),
    22: ("StreamsGroupCurrentMemberAssignment", True),
    23: ("StreamsGroupTopology", False),
}


def decode_offsets_key(data: bytes) -> OffsetsKey:
    """Read a key of `__consumer_offsets`; a type from the future becomes an `UnknownKey`.

    Raises:
        CorruptMessage: a field is cut off, or something follows the last one.
    """
    reader = FieldReader(data)
    key_type = reader.number(INT16)
    if key_type not in (0, 1, 2) and key_type not in _NEWER_TYPES:
        return UnknownKey(key_type, data[reader.at :])
    group = reader.text()
    key: OffsetsKey
    if key_type == 2:
        key = GroupMetadataKey(group)
    elif key_type in (0, 1):
        key = OffsetCommitKey(group, reader.text(), reader.number(INT32), key_type)
    else:
        name, has_detail = _NEWER_TYPES[key_type]
        key = GroupRecordKey(key_type, name, group, reader.text() if has_detail else None)
    reader.end()
    return key


def decode_offset_commit(data: bytes) -> OffsetCommitValue | UndecodedValue:
    """Read a committed offset of any version; a version from the future stays undecoded.

    Raises:
        CorruptMessage: a field is cut off or impossible, or something follows the last one.
    """
    opened = open_value(data, newest=4)
    if isinstance(opened, UndecodedValue):
        return opened
    reader, version = opened
    offset = reader.number(INT64)
    leader_epoch = reader.number(INT32) if version >= 3 else -1
    metadata, commit_timestamp_ms = reader.text(), reader.number(INT64)
    expire_timestamp_ms = reader.number(INT64) if version == 1 else -1
    topic_id = reader.tags().get(0)
    if topic_id is not None and len(topic_id) != _UUID_BYTES:
        raise CorruptMessage(f"a topic id of {len(topic_id)} bytes", at_byte=reader.at)
    reader.end()
    return OffsetCommitValue(
        offset, metadata, commit_timestamp_ms, leader_epoch, expire_timestamp_ms, topic_id
    )


def decode_group_metadata(data: bytes) -> GroupMetadataValue | UndecodedValue:
    """Read a classic group of any version; a version from the future stays undecoded.

    Raises:
        CorruptMessage: a field is cut off or impossible, or something follows the last one.
    """
    opened = open_value(data, newest=4)
    if isinstance(opened, UndecodedValue):
        return opened
    reader, version = opened
    protocol_type, generation = reader.text(), reader.number(INT32)
    protocol, leader = reader.string(), reader.string()
    since_ms = reader.number(INT64) if version >= 2 else -1
    members = tuple(_read_member(reader, version) for _ in range(reader.count() or 0))
    reader.tags()
    reader.end()
    return GroupMetadataValue(protocol_type, generation, protocol, leader, members, since_ms)


def _read_member(reader: FieldReader, version: int) -> MemberMetadata:
    member_id = reader.text()
    instance_id = reader.string() if version >= 3 else None
    client_id, client_host = reader.text(), reader.text()
    rebalance_timeout_ms = reader.number(INT32) if version >= 1 else None
    session_ms = reader.number(INT32)
    rebalance_ms = session_ms if rebalance_timeout_ms is None else rebalance_timeout_ms
    subscription, assignment = reader.blob(), reader.blob()
    reader.tags()
    return MemberMetadata(
        member_id,
        client_id,
        client_host,
        session_ms,
        rebalance_ms,
        subscription,
        assignment,
        instance_id,
    )


def _write_member(out: FieldWriter, member: MemberMetadata, version: int) -> None:
    out.string(member.member_id)
    if version >= 3:
        out.string(member.group_instance_id)
    out.string(member.client_id)
    out.string(member.client_host)
    if version >= 1:
        out.number(INT32, member.rebalance_timeout_ms)
    out.number(INT32, member.session_timeout_ms)
    out.blob(member.subscription)
    out.blob(member.assignment)
    out.tags()
