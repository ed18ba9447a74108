"""Fields of Kafka's message schemas, in the plain and in the flexible (KIP-482) way of writing.

Plain: a string has an int16 length, bytes and arrays an int32, -1 is null. Flexible: an unsigned
varint of the length plus one, 0 is null; and each structure ends with tagged fields.

Source: KIP-482; kafka, clients `org.apache.kafka.common.protocol.ByteBufferAccessor`.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.varint import decode_unsigned_varint, encode_unsigned_varint

_Value = TypeVar("_Value", str, bytes)

INT8: Final = struct.Struct(">b")
INT16: Final = struct.Struct(">h")
INT32: Final = struct.Struct(">i")
INT64: Final = struct.Struct(">q")


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """A key of a type that this package does not know; also how a future one is met."""

    type: int
    data: bytes  # behind the type


@dataclass(frozen=True, slots=True)
class UndecodedValue:
    """A value whose layout this package does not know, or leaves alone."""

    version: int
    data: bytes  # behind the version


def checked_version(version: int, newest: int) -> int:
    """Return `version` if it exists; else `ValueError`."""
    if not 0 <= version <= newest:
        raise ValueError(f"version {version}; known are 0 to {newest}")
    return version


def tagged_number(
    tags: Mapping[int, bytes], tag: int, layout: struct.Struct, *, absent: int
) -> int:
    """Return the integer in a tagged field, or what its absence means."""
    if tag not in tags:
        return absent
    reader = FieldReader(tags[tag])
    value = reader.number(layout)
    reader.end()
    return value


class FieldReader:
    """Reads fields one after the other; every failure is a `CorruptMessage` that names the byte."""

    def __init__(self, data: bytes, *, flexible: bool = False) -> None:
        self.data, self.at, self.flexible = data, 0, flexible

    def number(self, layout: struct.Struct) -> int:
        """Read one integer of that layout."""
        (value,) = layout.unpack(self._take(layout.size))
        return int(value)

    def string(self) -> str | None:
        """Read a string or null."""
        data = self._sized(INT16)
        try:
            return None if data is None else data.decode()
        except UnicodeDecodeError as fault:
            reason = f"a string is not UTF-8: {fault.reason}"
            raise CorruptMessage(reason, at_byte=self.at - len(data or b"")) from fault

    def text(self) -> str:
        """Read a string that may not be null."""
        return self._there(self.string())

    def blob(self) -> bytes:
        """Read bytes that may not be null."""
        return self._there(self._sized(INT32))

    def count(self) -> int | None:
        """Read how many elements of an array follow, or null; do not reserve room for them."""
        return self._length(INT32)

    def tags(self) -> dict[int, bytes]:
        """Read the tagged fields at the end of a structure; none where they do not exist."""
        if not self.flexible:
            return {}
        tags: dict[int, bytes] = {}
        for _ in range(self._varint()):
            tag = self._varint()
            tags[tag] = self._take(self._varint())
        return tags

    def end(self) -> None:
        """Assert that nothing is left."""
        if self.at != len(self.data):
            left = len(self.data) - self.at
            raise CorruptMessage(f"{left} bytes follow the last field", at_byte=self.at)

    def _sized(self, layout: struct.Struct) -> bytes | None:
        length = self._length(layout)
        return None if length is None else self._take(length)

    def _length(self, layout: struct.Struct) -> int | None:
        start = self.at
        length = self._varint() - 1 if self.flexible else self.number(layout)
        if length < -1:
            raise CorruptMessage(f"a length of {length}", at_byte=start)
        return None if length == -1 else length

    def _varint(self) -> int:
        value, self.at = decode_unsigned_varint(self.data, self.at)
        return value

    def _take(self, size_bytes: int) -> bytes:
        taken = self.data[self.at : self.at + size_bytes]
        if len(taken) < size_bytes:
            raise CorruptMessage(
                f"a field of {size_bytes} bytes, {len(taken)} are left", at_byte=self.at
            )
        self.at += size_bytes
        return taken

    def _there(self, value: _Value | None) -> _Value:
        if value is None:
            raise CorruptMessage("a field that may not be null is", at_byte=self.at)
        return value


class FieldWriter:
    """Writes fields one after the other into `data`."""

    def __init__(self, *, flexible: bool = False) -> None:
        self.data, self.flexible = b"", flexible

    def number(self, layout: struct.Struct, value: int) -> None:
        """Write one integer of that layout; `struct.error` if it does not fit."""
        self.data += layout.pack(value)

    def string(self, value: str | None) -> None:
        """Write a string or null."""
        self._sized(INT16, None if value is None else value.encode())

    def blob(self, value: bytes) -> None:
        """Write bytes."""
        self._sized(INT32, value)

    def count(self, count: int | None) -> None:
        """Write how many elements of an array follow, or null."""
        self._length(INT32, count)

    def tags(self, tags: Mapping[int, bytes] | None = None) -> None:
        """Write the tagged fields, in the order of their tags; nothing where they do not exist."""
        if self.flexible:
            fields = sorted((tags or {}).items())
            self.data += encode_unsigned_varint(len(fields))
            for tag, value in fields:
                self.data += encode_unsigned_varint(tag) + encode_unsigned_varint(len(value))
                self.data += value

    def _sized(self, layout: struct.Struct, value: bytes | None) -> None:
        self._length(layout, None if value is None else len(value))
        self.data += value or b""

    def _length(self, layout: struct.Struct, length: int | None) -> None:
        length = -1 if length is None else length
        self.data += encode_unsigned_varint(length + 1) if self.flexible else layout.pack(length)


def versioned_string(version: int, text: str) -> bytes:
    """Return a version and one string, plainly written: most keys of internal topics are that."""
    out = FieldWriter()
    out.number(INT16, version)
    out.string(text)
    return out.data


def open_value(data: bytes, *, newest: int) -> tuple[FieldReader, int] | UndecodedValue:
    """Read a value's version; return the reader behind it and the version.

    Only the newest version is written the flexible way. A version from the future is undecoded.
    """
    reader = FieldReader(data)
    version = reader.number(INT16)
    if not 0 <= version <= newest:
        return UndecodedValue(version, data[reader.at :])
    reader.flexible = version == newest
    return reader, version
