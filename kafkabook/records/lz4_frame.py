"""The LZ4 frame as Kafka reads it: with a class of its own, not with a library of the format.

It takes one frame and leaves alone what follows. Blocks must not be linked; the checksums of header
and blocks are compared; the checksum and the size of the content are passed over. What is left of
the frame without those two is given to the library, which then judges as Kafka does.

Source: kafka, clients `Lz4BlockInputStream`, `Lz4BlockOutputStream`; the LZ4 frame format 1.6.
"""

from typing import NamedTuple

from kafkabook.base.errors import CorruptMessage
from kafkabook.base.units import KIB
from kafkabook.records.room import Room

_MAGIC = 0x184D2204.to_bytes(4, "little")
_RESERVED, _RESERVED_OF_SIZE = 0b11, 0x0F
_HAS_CONTENT_CHECKSUM, _HAS_CONTENT_SIZE, _HAS_BLOCK_CHECKSUM = 1 << 2, 1 << 3, 1 << 4
_IS_UNLINKED, _VERSION_AT, _VERSION = 1 << 5, 6, 1
_CHECKSUM_BYTES = 4
_IS_PLAIN = 1 << 31  # the bit of a block's size that says: stored as it is
_END_MARK = bytes(4)
_EMPTY_BLOCK = (1).to_bytes(4, "little") + b"\0"


class _Frame(NamedTuple):
    """What a frame's header says, and where the first block begins."""

    block_code: int  # 4 to 7: blocks of at most 64 KiB, 256 KiB, 1 MiB, 4 MiB
    has_block_checksum: bool
    has_content_checksum: bool
    start: int

    @property
    def most_block_bytes(self) -> int:
        return KIB << 2 * self.block_code - 2


def unlz4(data: bytes, room: Room, *, ignores_header_checksum: bool = False) -> bytes:
    """Return what a frame holds.

    Raises:
        CorruptMessage: not a frame that Kafka reads, cut off, or with a wrong checksum.
        NotReadHere: there is no room.
    """
    frame = _read_header(data)
    if not ignores_header_checksum:
        _check_header(data)
    blocks = data[frame.start : _blocks_end(data, frame)]
    return _decode(frame, blocks, room)


def _read_header(data: bytes) -> _Frame:
    if len(data) < 7 or data[:4] != _MAGIC:
        raise CorruptMessage("not the header of an LZ4 frame")
    flags, code = data[4], data[5] >> 4
    reserved = flags & _RESERVED | data[5] & _RESERVED_OF_SIZE
    if flags >> _VERSION_AT != _VERSION or reserved or not 4 <= code <= 7:
        raise CorruptMessage("the header of an LZ4 frame is of no known kind", at_byte=4)
    if not flags & _IS_UNLINKED:
        raise CorruptMessage("linked LZ4 blocks, which Kafka does not read", at_byte=4)
    start = 7 + 8 * bool(flags & _HAS_CONTENT_SIZE)
    if start > len(data):
        raise _cut_off(len(data))
    checksums = bool(flags & _HAS_BLOCK_CHECKSUM), bool(flags & _HAS_CONTENT_CHECKSUM)
    return _Frame(code, *checksums, start)


def _check_header(data: bytes) -> None:
    """Let the library compare the header's checksum, the last of its bytes."""
    from lz4 import frame

    frame.get_frame_info(data)


def _blocks_end(data: bytes, frame: _Frame) -> int:
    """Hop from size to size; return where the mark of the end stands.

    A block of nothing ends the data too: Kafka's stream says that there is no more.
    """
    at = frame.start
    while size := _size_at(data, at) & ~_IS_PLAIN:
        if size > frame.most_block_bytes:
            most = f"the frame's header says at most {frame.most_block_bytes}"
            raise CorruptMessage(f"an LZ4 block of {size} bytes, {most}", at_byte=at)
        after = at + 4 + size + _CHECKSUM_BYTES * frame.has_block_checksum
        if after > len(data):
            raise _cut_off(at)
        if data[at : at + 5] == _EMPTY_BLOCK:
            return at
        at = after
    if frame.has_content_checksum:
        _size_at(data, at + 4)  # which is not looked at, but must be there
    return at


def _size_at(data: bytes, at: int) -> int:
    if at + 4 > len(data):
        raise _cut_off(at)
    return int.from_bytes(data[at : at + 4], "little")


def _decode(frame: _Frame, blocks: bytes, room: Room) -> bytes:
    from lz4.frame import LZ4FrameCompressor, LZ4FrameDecompressor

    header: bytes = LZ4FrameCompressor(
        block_size=frame.block_code, block_linked=False, block_checksum=frame.has_block_checksum
    ).begin()
    unpacker = LZ4FrameDecompressor()
    plain: bytes = unpacker.decompress(header + blocks + _END_MARK, max_length=room.limit_bytes + 1)
    room.check(len(plain))
    return plain


def _cut_off(at: int) -> CorruptMessage:
    return CorruptMessage("an LZ4 frame is cut off", at_byte=at)
