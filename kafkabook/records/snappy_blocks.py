"""snappy as snappy-java reads it: xerial's frame of blocks, or one bare block.

The frame has a header, then blocks behind their sizes, in between perhaps another header: frames
may follow one another. What is too short for a size ends it.

Source: xerial snappy-java 1.1.10, `SnappyInputStream`; kafka, clients `SnappyCompression`.
"""

from collections.abc import Iterator

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.room import Room

XERIAL = bytes.fromhex("82534e4150505900")  # a byte that is no text, then "SNAPPY" and a zero
_HEADER_BYTES = 16  # a magic of eight, then two numbers for versions
_SIZE_BYTES = 4
_MOST_RATIO = 22  # an element of three bytes copies at most 64, and no other copies more a byte


def unsnappy(data: bytes, room: Room) -> bytes:
    """Return what the blocks hold; data without xerial's frame is one bare block.

    Raises:
        CorruptMessage: a block is cut off, or cannot be what it claims.
        NotReadHere: there is no room.
    """
    plain = bytearray()
    is_framed = len(data) >= _HEADER_BYTES and data.startswith(XERIAL)
    for block in _blocks(data) if is_framed else (data,):
        plain += _unpacked(block, len(plain), room)
    return bytes(plain)


def _unpacked(block: bytes, before_bytes: int, room: Room) -> bytes:
    from cramjam import snappy

    claimed_bytes = snappy.decompress_raw_len(block)
    if claimed_bytes > _MOST_RATIO * len(block):
        told = f"a snappy block of {len(block)} bytes claims {claimed_bytes}"
        raise CorruptMessage(f"{told}, more than any can hold")
    room.check(before_bytes + claimed_bytes)
    return bytes(snappy.decompress_raw(block))


def _blocks(data: bytes) -> Iterator[bytes]:
    at = _HEADER_BYTES
    while at + _SIZE_BYTES <= len(data):
        if data.startswith(XERIAL[:_SIZE_BYTES], at):
            _check_header(data, at)
            at += _HEADER_BYTES
            continue
        size = int.from_bytes(data[at : at + _SIZE_BYTES], "big", signed=True)
        block = data[at + _SIZE_BYTES : at + _SIZE_BYTES + max(size, 0)]
        if not block or len(block) != size:
            raise CorruptMessage("a snappy block is cut off", at_byte=at)
        yield block
        at += _SIZE_BYTES + size


def _check_header(data: bytes, at: int) -> None:
    """Raise at a further header that is cut off or too old; one that only begins so is skipped."""
    if at + _HEADER_BYTES > len(data):
        raise CorruptMessage("the header of a frame of snappy blocks is cut off", at_byte=at)
    version = int.from_bytes(data[at + 8 : at + 12], "big", signed=True)
    if data.startswith(XERIAL, at) and version < 1:
        raise CorruptMessage(f"version {version} of xerial's frame; 1 is the first", at_byte=at)
