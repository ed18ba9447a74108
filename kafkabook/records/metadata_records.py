"""Records of a KRaft controller's log, of its snapshots, and of the log of remote segments.

Before the fields stand three varints: the version of this frame, the record's type, its version.

Source: kafka, server-common `AbstractApiMessageSerde.java`, metadata `MetadataRecordSerde.java`,
storage `RemoteLogMetadataSerde.java`; kafka, metadata `src/main/resources/common/metadata`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.message_bytes import Message, read_message, write_message
from kafkabook.records.message_schema import VALUE, schema_of, schemas
from kafkabook.records.wire_fields import FieldReader, FieldWriter

METADATA, REMOTE_LOG = "metadata", "remote-log"
FRAME_VERSION = 1


@dataclass(frozen=True, slots=True)
class UnknownRecord:
    """A record of a type or a version that Kafka 4.3 does not know."""

    type: int
    version: int
    data: bytes  # behind the version


def decode_metadata_record(
    value: bytes | None, kind: str = METADATA
) -> Message | UnknownRecord | None:
    r"""Read the value of a record; None if it has none, as in no log of Kafka's.

    Args:
        kind: `remote-log` for `__remote_log_metadata`.

    Raises:
        CorruptMessage: another frame, a field that is cut off or impossible, or bytes behind the
            last one.

    >>> decode_metadata_record(b"\1\11\0" + bytes(15) + b"\2\0")
    Message(name='RemoveTopicRecord', version=0, fields={'topicId': 'AAAAAAAAAAAAAAAAAAAAAg'})
    """
    if value is None:
        return None
    reader = FieldReader(value)
    if (frame := reader.varint()) != FRAME_VERSION:
        raise CorruptMessage(f"a frame of version {frame}, and only {FRAME_VERSION} is known")
    number, version = reader.varint(), reader.varint()
    schema = schemas().get((kind, VALUE, number))
    if schema is None or version not in schema.versions:
        return UnknownRecord(number, version, reader.rest())
    message = read_message(schema, reader, version)
    reader.end()
    return message


def encode_metadata_record(name: str, fields: Mapping[str, Any], version: int) -> bytes:
    """Return the bytes of a record's value; defaults may be left out.

    Raises:
        ValueError: there is no such version.
    """
    schema, out = schema_of(name), FieldWriter()
    for number in (FRAME_VERSION, schema.number, version):
        out.varint(number)
    return out.data + write_message(schema, fields, version)
