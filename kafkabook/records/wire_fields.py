"""Fields of Kafka's message schemas, in the plain and in the flexible (KIP-482) way of writing.

Plain: a string has an int16 length, bytes and arrays an int32, -1 is null. Flexible: an unsigned
varint of the length plus one, 0 is null; and each structure ends with tagged fields.

Source: KIP-482; kafka, clients `org.apache.kafka.common.protocol.ByteBufferAccessor`.
"""

import struct
from typing import Final, TypeVar

from kafkabook.base.errors import CorruptMessage
from kafkabook.base.java_text import utf8_text
from kafkabook.records.varint import encode_unsigned_varint

_Value = TypeVar("_Value", str, bytes)

_VARINT_BYTES: Final = 5
INT8: Final = struct.Struct(">b")
INT16: Final = struct.Struct(">h")
UINT16: Final = struct.Struct(">H")
INT32: Final = struct.Struct(">i")
INT64: Final = struct.Struct(">q")
FLOAT64: Final = struct.Struct(">d")


class FieldReader:
    """Reads fields one after the other; every failure is a `CorruptMessage` that names the byte."""

    def __init__(self, data: bytes, *, flexible: bool = False) -> None:
        self.data, self.at, self.flexible = data, 0, flexible

    def number(self, layout: struct.Struct) -> int:
        """Read one integer of that layout."""
        (value,) = layout.unpack(self.take(layout.size))
        return int(value)

    def real(self) -> float:
        """Read a float64."""
        (value,) = FLOAT64.unpack(self.take(FLOAT64.size))
        return float(value)

    def string(self) -> str | None:
        """Read a string or null; what is no UTF-8 becomes U+FFFD, as in Java."""
        data = self._sized(INT16)
        return None if data is None else utf8_text(data)

    def text(self) -> str:
        """Read a string that may not be null."""
        return self._there(self.string())

    def blob(self) -> bytes | None:
        """Read bytes or null."""
        return self._sized(INT32)

    def count(self) -> int | None:
        """Read how many elements of an array follow, or null; none takes less than a byte."""
        count, left = self._length(INT32), len(self.data) - self.at
        if count is not None and count > left:
            raise CorruptMessage(f"{count} elements, but {left} bytes are left", at_byte=self.at)
        return count

    def varint(self) -> int:
        """Read an unsigned varint as Java's `int`: from 2**31 on negative, without higher bits."""
        value, start = 0, self.at
        for shift in range(0, 7 * _VARINT_BYTES, 7):
            (byte,) = self.take(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return _as_int32(value)
        raise CorruptMessage(f"a varint is longer than {_VARINT_BYTES} bytes", at_byte=start)

    def take(self, size_bytes: int) -> bytes:
        """Read so many bytes as they are; less than none are too many."""
        taken = self.data[self.at : self.at + size_bytes]
        if not 0 <= size_bytes == len(taken):
            raise CorruptMessage(
                f"a field of {size_bytes} bytes, {len(taken)} are left", at_byte=self.at
            )
        self.at += size_bytes
        return taken

    def rest(self) -> bytes:
        """Read all that is left."""
        return self.take(len(self.data) - self.at)

    def end(self) -> None:
        """Assert that nothing is left."""
        if self.at != len(self.data):
            left = len(self.data) - self.at
            raise CorruptMessage(f"{left} bytes follow the last field", at_byte=self.at)

    def _sized(self, layout: struct.Struct) -> bytes | None:
        length = self._length(layout)
        return None if length is None else self.take(length)

    def _length(self, layout: struct.Struct) -> int | None:
        """Read a length; all below zero mean null where they are plain."""
        length = _as_int32(self.varint() - 1) if self.flexible else self.number(layout)
        return None if length < 0 else length

    def _there(self, value: _Value | None) -> _Value:
        if value is None:
            raise CorruptMessage("a field that may not be null is", at_byte=self.at)
        return value


def _as_int32(value: int) -> int:
    return (value + (1 << 31)) % (1 << 32) - (1 << 31)


class FieldWriter:
    """Writes fields one after the other into `data`."""

    def __init__(self, *, flexible: bool = False) -> None:
        self.data, self.flexible = b"", flexible

    def number(self, layout: struct.Struct, value: float) -> None:
        """Write one number of that layout; `struct.error` if it does not fit."""
        self.data += layout.pack(value)

    def string(self, value: str | None) -> None:
        """Write a string or null."""
        self._sized(INT16, None if value is None else value.encode())

    def blob(self, value: bytes | None) -> None:
        """Write bytes or null."""
        self._sized(INT32, value)

    def count(self, count: int | None) -> None:
        """Write how many elements of an array follow, or null."""
        self._length(INT32, count)

    def varint(self, value: int) -> None:
        """Write an unsigned varint."""
        self.data += encode_unsigned_varint(value)

    def _sized(self, layout: struct.Struct, value: bytes | None) -> None:
        self._length(layout, None if value is None else len(value))
        self.data += value or b""

    def _length(self, layout: struct.Struct, length: int | None) -> None:
        length = -1 if length is None else length
        self.data += encode_unsigned_varint(length + 1) if self.flexible else layout.pack(length)
