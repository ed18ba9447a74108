"""Messages of Kafka's schemas from bytes, and back: one reader and one writer for all of them.

Values are plain: numbers, texts, truths, bytes, None; a list for an array, a dict for a structure.
A uuid is its text, 22 characters of base64. A tagged field that says what its absence says is left
out, by the reader too. What a later Kafka tagged is kept under `unknownTaggedFields`.

Source: kafka, generator `MessageDataGenerator.java`; KIP-482.
"""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.message_schema import Field, Schema
from kafkabook.records.wire_fields import (
    FLOAT64,
    INT8,
    INT16,
    INT32,
    INT64,
    UINT16,
    FieldReader,
    FieldWriter,
)

Values = dict[str, Any]
UNKNOWN_TAGS = "unknownTaggedFields"  # tag -> bytes
_UUID_BYTES = 16
_NO_UUID = "A" * 22


@dataclass(frozen=True, slots=True)
class Message:
    """A message, read: its name in Kafka, its version, and its fields by Kafka's names."""

    name: str
    version: int
    fields: Values


def read_message(schema: Schema, reader: FieldReader, version: int) -> Message:
    """Read the fields of a message of that version; what follows them is left to the caller.

    Raises:
        CorruptMessage: a field is cut off, or is null and may not be.
    """
    reader.flexible = version in schema.flexible
    return Message(schema.name, version, _read_fields(reader, schema.fields, version))


def write_message(schema: Schema, values: Mapping[str, Any], version: int) -> bytes:
    """Return the bytes of a message of that version, nothing before it; defaults may be left out.

    Raises:
        ValueError: there is no such version.
    """
    if version not in schema.versions:
        known = f"{schema.versions[0]} to {schema.versions[-1]}"
        raise ValueError(f"{schema.name} has no version {version}; known are {known}")
    out = FieldWriter(flexible=version in schema.flexible)
    _write_fields(out, schema.fields, values, version)
    return out.data


def uuid_text(data: bytes) -> str:
    """Return 16 bytes as Kafka writes an id.

    >>> uuid_text(bytes(15) + b"\\2")
    'AAAAAAAAAAAAAAAAAAAAAg'
    """
    return base64.urlsafe_b64encode(data).decode()[:22]


def _read_fields(reader: FieldReader, fields: Sequence[Field], version: int) -> Values:
    values = {
        field.name: _read_field(reader, field, version)
        for field in fields
        if version in field.versions and version not in field.tagged
    }
    return values | _read_tagged(reader, fields, version) if reader.flexible else values


def _read_tagged(reader: FieldReader, fields: Sequence[Field], version: int) -> Values:
    """Read the tagged fields; Kafka believes a field's own length, and not the one before it."""
    by_tag = {field.tag: field for field in fields if field.tag >= 0}
    values: Values = {}
    unknown: dict[int, bytes] = {}
    for _ in range(reader.varint()):
        tag, size_bytes = reader.varint(), reader.varint()
        field = by_tag.get(tag)
        if field is None:
            unknown[tag] = reader.take(size_bytes)
        elif version not in field.tagged:
            raise CorruptMessage(f"tag {tag}, which version {version} lacks", at_byte=reader.at)
        else:
            values[field.name] = _read_field(reader, field, version)
    said = {
        n: v for f in by_tag.values() if (n := f.name) in values if (v := values[n]) != _default(f)
    }
    return said | ({UNKNOWN_TAGS: unknown} if unknown else {})


def _read_field(reader: FieldReader, field: Field, version: int) -> Any:
    if not field.is_array:
        return _read_one(reader, field, version, nullable=version in field.nullable)
    count = reader.count()
    if count is None:
        return _null(reader, field, nullable=version in field.nullable)
    return [_read_one(reader, field, version, nullable=False) for _ in range(count)]


def _read_one(reader: FieldReader, field: Field, version: int, *, nullable: bool) -> Any:
    if field.type == "struct":
        if nullable and _is_null(reader, field, version):
            return None
        return _read_fields(reader, field.fields, version)
    value = _READ[field.type](reader)
    return _null(reader, field, nullable=nullable) if value is None else value


def _is_null(reader: FieldReader, field: Field, version: int) -> bool:
    """Whether no structure follows, which a tagged one says in another way."""
    return reader.varint() <= 0 if version in field.tagged else reader.number(INT8) < 0


def _null(reader: FieldReader, field: Field, *, nullable: bool) -> None:
    if not nullable:
        raise CorruptMessage(f"{field.name} may not be null, and is", at_byte=reader.at)


def _write_fields(
    out: FieldWriter, fields: Sequence[Field], values: Mapping[str, Any], version: int
) -> None:
    for field in fields:
        if version in field.versions and version not in field.tagged:
            _write_field(out, field, values.get(field.name, _default(field)), version)
    if out.flexible:
        tagged = dict(_tagged(fields, values, version)) | values.get(UNKNOWN_TAGS, {})
        out.varint(len(tagged))
        for tag in sorted(tagged):
            out.varint(tag)
            out.varint(len(tagged[tag]))
            out.data += tagged[tag]


def _tagged(
    fields: Sequence[Field], values: Mapping[str, Any], version: int
) -> Iterator[tuple[int, bytes]]:
    """Yield the tagged fields that say another thing than their absence."""
    for field in fields:
        default = _default(field)
        value = values.get(field.name, default)
        if version in field.tagged and value != default:
            out = FieldWriter(flexible=True)
            _write_field(out, field, value, version)
            yield field.tag, out.data


def _write_field(out: FieldWriter, field: Field, value: Any, version: int) -> None:
    if not field.is_array:
        _write_one(out, field, value, version, nullable=version in field.nullable)
        return
    out.count(None if value is None else len(value))
    for element in value or ():
        _write_one(out, field, element, version, nullable=False)


def _write_one(out: FieldWriter, field: Field, value: Any, version: int, *, nullable: bool) -> None:
    if field.type != "struct":
        _WRITE[field.type](out, value)
        return
    if nullable and version in field.tagged:
        out.varint(0 if value is None else 1)
    elif nullable:
        out.number(INT8, -1 if value is None else 1)
    if value is not None:
        _write_fields(out, field.fields, value, version)


def _default(field: Field) -> Any:
    """Return what a field says that is not there."""
    if field.default == "null":
        return None
    if field.is_array:
        return []
    if field.type == "bool":
        return field.default == "true"
    if field.default is not None:
        return int(field.default)
    if field.type == "struct":
        return {inner.name: _default(inner) for inner in field.fields}
    return {"string": "", "bytes": b"", "uuid": _NO_UUID}.get(field.type, 0)


def _write_uuid(out: FieldWriter, value: str) -> None:
    out.data += base64.urlsafe_b64decode(f"{value}==")


_READ: dict[str, Callable[[FieldReader], Any]] = {
    "bool": lambda reader: reader.number(INT8) != 0,
    "int8": lambda reader: reader.number(INT8),
    "int16": lambda reader: reader.number(INT16),
    "uint16": lambda reader: reader.number(UINT16),
    "int32": lambda reader: reader.number(INT32),
    "int64": lambda reader: reader.number(INT64),
    "float64": FieldReader.real,
    "string": FieldReader.string,
    "bytes": FieldReader.blob,
    "uuid": lambda reader: uuid_text(reader.take(_UUID_BYTES)),
}
_WRITE: dict[str, Callable[[FieldWriter, Any], None]] = {
    "bool": lambda out, value: out.number(INT8, value),
    "int8": lambda out, value: out.number(INT8, value),
    "int16": lambda out, value: out.number(INT16, value),
    "uint16": lambda out, value: out.number(UINT16, value),
    "int32": lambda out, value: out.number(INT32, value),
    "int64": lambda out, value: out.number(INT64, value),
    "float64": lambda out, value: out.number(FLOAT64, value),
    "string": FieldWriter.string,
    "bytes": FieldWriter.blob,
    "uuid": _write_uuid,
}
