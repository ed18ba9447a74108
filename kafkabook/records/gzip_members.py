"""gzip as Java reads it: member after member, and no word of what follows the last one.

What follows a member is another one if it begins as one does, and is left alone if not. Fewer than
19 bytes are not looked at, for the smallest member, which holds nothing, has 18.

Source: RFC 1952; Java 17, `java.util.zip.GZIPInputStream.readTrailer`; kafka, clients
`GzipCompression`.
"""

import zlib

from kafkabook.base.errors import CorruptMessage
from kafkabook.base.units import KIB
from kafkabook.records.room import Room

_PIECE_BYTES = 8 * KIB  # given to the library at once: it copies what it does not need
_TRAILER_BYTES = 8
_SMALLEST_BYTES = 18
_MAGIC, _DEFLATE = b"\x1f\x8b", 8
_HEADER_CHECKSUM, _EXTRA, _NAME, _COMMENT = 2, 4, 8, 16  # flags


def gunzip(data: bytes, room: Room) -> bytes:
    """Return what all members hold, one behind the other.

    Raises:
        CorruptMessage: the first header is none, or a member is cut off or damaged.
        NotReadHere: there is no room.
    """
    return _Members(data, room).read()


class _Members:
    """The way through the members; `at` is the next byte that was not understood yet."""

    def __init__(self, data: bytes, room: Room) -> None:
        self.data, self.room = data, room
        self.plain, self.at = bytearray(), _header_end(data, 0)

    def read(self) -> bytes:
        """Read on until there is no further member."""
        self._member()
        while self._finds_another():
            self._member()
        return bytes(self.plain)

    def _member(self) -> None:
        unpacker, start = zlib.decompressobj(wbits=-zlib.MAX_WBITS), len(self.plain)
        while not unpacker.eof:
            piece = self._bytes(_PIECE_BYTES, at_least=1)
            left_bytes = self.room.limit_bytes - len(self.plain)
            self.plain += unpacker.decompress(piece, left_bytes + 1)
            self.room.check(len(self.plain))
            self.at += len(piece) - len(unpacker.unused_data)
        with memoryview(self.plain) as whole, whole[start:] as plain:
            self._check_trailer(plain)

    def _check_trailer(self, plain: memoryview) -> None:
        trailer = self._bytes(_TRAILER_BYTES, at_least=_TRAILER_BYTES)
        checksum, size = (int.from_bytes(it, "little") for it in (trailer[:4], trailer[4:]))
        if (checksum, size) != (zlib.crc32(plain), len(plain) % (1 << 32)):
            raise CorruptMessage("a gzip member has another checksum or size", at_byte=self.at)
        self.at += _TRAILER_BYTES

    def _bytes(self, most: int, *, at_least: int) -> bytes:
        found = self.data[self.at : self.at + most]
        if len(found) < at_least:
            raise CorruptMessage("gzip data is cut off", at_byte=self.at)
        return found

    def _finds_another(self) -> bool:
        if len(self.data) - self.at <= _SMALLEST_BYTES:
            return False
        try:
            self.at = _header_end(self.data, self.at)
        except CorruptMessage:
            return False  # whatever it is, it is left alone
        return True


def _header_end(data: bytes, start: int) -> int:
    """Return where the header of the member at `start` ends; `CorruptMessage` if it is none."""
    head, at = data[start : start + 4], start + 10
    if head[:3] != _MAGIC + bytes((_DEFLATE,)) or at > len(data):
        raise CorruptMessage("not the header of a gzip member", at_byte=start)
    flags = head[3]
    if flags & _EXTRA:
        at += 2 + int.from_bytes(data[at : at + 2], "little")
    for _ in range(bool(flags & _NAME) + bool(flags & _COMMENT)):
        at = data.find(0, at) + 1 or len(data) + 1
    if flags & _HEADER_CHECKSUM:
        told = int.from_bytes(data[at : at + 2], "little")
        if told != zlib.crc32(data[start:at]) & 0xFFFF:
            raise CorruptMessage("the header of a gzip member is damaged", at_byte=start)
        at += 2
    if at > len(data):
        raise CorruptMessage("the header of a gzip member is cut off", at_byte=start)
    return at
