"""zstd as zstd-jni reads it: frame after frame, and a last one that may be unfinished.

The library is handed the data in pieces of 131,075 bytes. If they end inside a frame, that is an
error, unless another frame ended in the last piece: then what came out so far is all there is.

Source: RFC 8878; zstd-jni 1.5.6, `ZstdInputStreamNoFinalizer`; kafka, clients `ZstdCompression`.
"""

from kafkabook.base.errors import CorruptMessage
from kafkabook.base.units import KIB
from kafkabook.records.room import Room

_PIECE_BYTES = 128 * KIB + 3  # what the library recommends: the largest block and its head
_MAGIC = 0xFD2FB528
_SKIPPABLE_MAGIC = 0x184D2A50  # and 15 more, of frames that hold nothing for us
_SKIPPABLE_HEAD_BYTES, _MOST_HEAD_BYTES, _BLOCK_HEAD_BYTES, _CHECKSUM_BYTES = 8, 18, 3, 4
_REPEATED = 1  # the kind of block that holds one byte, however often it stands for


def unzstd(data: bytes, room: Room) -> bytes:
    """Return what all frames hold, one behind the other.

    Raises:
        CorruptMessage: not a frame, a damaged one, or the only one is cut off.
        NotReadHere: there is no room.
    """
    from zstandard import ZstdDecompressor

    with ZstdDecompressor().stream_reader(data, read_across_frames=True) as reader:
        plain = reader.read(room.limit_bytes + 1)
    room.check(len(plain))
    end = _last_end(data)
    last_piece = (len(data) - 1) // _PIECE_BYTES * _PIECE_BYTES
    if end < len(data) and end <= last_piece:
        raise CorruptMessage("a zstd frame is cut off", at_byte=end)
    return plain


def _last_end(data: bytes) -> int:
    """Return where the last frame that is whole ends; 0 if the first one is not."""
    end = 0
    while (after := _frame_end(data, end)) is not None:
        end = after
    return end


def _frame_end(data: bytes, at: int) -> int | None:
    """Return where the frame at a byte ends; None if it does not end here.

    The library does not say it of a frame whose size it has not been told.
    """
    magic, size = (int.from_bytes(data[at + n : at + n + 4], "little") for n in (0, 4))
    if magic & ~0xF == _SKIPPABLE_MAGIC:
        after = at + _SKIPPABLE_HEAD_BYTES + size
        return after if after <= len(data) else None
    return _end_of_blocks(data, at) if magic == _MAGIC else None


def _end_of_blocks(data: bytes, start: int) -> int | None:
    from zstandard import ZstdError, frame_header_size, get_frame_parameters

    head = data[start : start + _MOST_HEAD_BYTES]
    try:
        at, has_checksum = start + frame_header_size(head), get_frame_parameters(head).has_checksum
    except ZstdError:
        return None
    is_last = False
    while not is_last and at + _BLOCK_HEAD_BYTES <= len(data):
        block = int.from_bytes(data[at : at + _BLOCK_HEAD_BYTES], "little")
        is_last, kind, size = bool(block & 1), block >> 1 & 3, block >> 3
        at += _BLOCK_HEAD_BYTES + (1 if kind == _REPEATED else size)
    at += _CHECKSUM_BYTES * has_checksum
    return at if is_last and at <= len(data) else None
