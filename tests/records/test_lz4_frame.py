"""LZ4 frames as Kafka reads them; what its own class makes of such is asked in `tests/real`."""

import lz4.frame
import pytest

from kafkabook.base.errors import CorruptMessage, NotReadHere
from kafkabook.base.units import KIB, MIB
from kafkabook.records.compression import Codec, compress, decompress
from kafkabook.records.lz4_frame import unlz4
from kafkabook.records.room import Room

TEXT = b"orders are events, and events are kept in order. " * 4_000
FRAME = compress(Codec.LZ4, TEXT)
HEAD, END = FRAME[:7], bytes(4)
NOTHING = (1).to_bytes(4, "little") + b"\0"


def read(data: bytes, limit_bytes: int = 1_000_000) -> bytes:
    """What comes out."""
    return unlz4(data, Room(len(data), limit_bytes))


def packed(**choices: bool | int) -> bytes:
    """The text in a frame with other choices."""
    frame: bytes = lz4.frame.compress(TEXT, **({"block_linked": False} | choices))
    return frame


def plain_block(size: int, says: int | None = None) -> bytes:
    """A block that is stored as it is."""
    return (1 << 31 | (size if says is None else says)).to_bytes(4, "little") + b"x" * size


@pytest.mark.parametrize("size", [4, 5, 6, 7])
@pytest.mark.parametrize("has_size", [False, True])
@pytest.mark.parametrize("checksums", [(False, False), (True, False), (False, True), (True, True)])
def test_every_frame_of_unlinked_blocks_is_read(
    size: int, has_size: bool, checksums: tuple[bool, bool]
) -> None:
    """With and without the content's size, its checksum and those of the blocks."""
    of_content, of_blocks = checksums
    frame = packed(
        block_size=size,
        store_size=has_size,
        content_checksum=of_content,
        block_checksum=of_blocks,
    )
    assert TEXT == read(frame) == read(frame + b"whatever follows")


def test_linked_blocks_are_refused_as_by_kafka() -> None:
    """Many libraries link them unless they are told not to; no consumer in Java reads that."""
    with pytest.raises(CorruptMessage, match="linked LZ4 blocks, which Kafka does not read"):
        read(packed(block_linked=True))


def test_size_and_checksum_of_the_content_are_passed_over() -> None:
    """Kafka's class has left that to do for ten years; but the checksum must be there."""
    frame = packed(content_checksum=True)
    assert TEXT == read(frame[:-4] + b"four")
    with pytest.raises(CorruptMessage, match="an LZ4 frame is cut off"):
        read(frame[:-1])


def test_the_checksum_of_a_block_is_compared() -> None:
    """Of the bytes as they are stored."""
    frame = packed(block_checksum=True)
    end = 7 + 4 + int.from_bytes(frame[7:11], "little")
    with pytest.raises(CorruptMessage, match="not lz4 data"):
        decompress(Codec.LZ4, frame[:end] + b"four" + frame[end + 4 :])


def test_the_checksum_of_the_header_is_compared_unless_it_is_of_magic_0() -> None:
    """Kafka's first writers computed it over the wrong bytes."""
    wrong = FRAME[:6] + bytes((FRAME[6] ^ 1,)) + FRAME[7:]
    assert TEXT == decompress(Codec.LZ4, wrong, of_magic_0=True)
    assert TEXT == decompress(Codec.LZ4, FRAME, of_magic_0=True)
    with pytest.raises(CorruptMessage, match="not lz4 data"):
        decompress(Codec.LZ4, wrong)


def test_blocks_may_be_stored_as_they_are() -> None:
    """Up to the size that the header allows."""
    whole = HEAD + plain_block(1) + plain_block(64 * KIB) + END
    assert b"x" * (64 * KIB + 1) == read(whole)
    with pytest.raises(CorruptMessage, match="an LZ4 block of 65537 bytes, the frame's"):
        read(HEAD + plain_block(64 * KIB + 1) + END)


def test_a_block_of_nothing_ends_the_data() -> None:
    """As it is stored it is the mark of the end; compressed it makes Kafka's stream say so."""
    assert b"x" == read(HEAD + plain_block(1) + plain_block(0) + b"anything")
    assert b"x" == read(HEAD + plain_block(1) + NOTHING + b"anything")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (FRAME[:6], "not the header of an LZ4 frame"),
        (b"\x02!L\x18" + FRAME[4:], "not the header of an LZ4 frame"),
        (bytes.fromhex("502a4d1803000000616263") + FRAME, "not the header of an LZ4 frame"),
        (FRAME[:4] + b"\x20" + FRAME[5:], "of no known kind"),
        (FRAME[:4] + b"\x61" + FRAME[5:], "of no known kind"),
        (FRAME[:5] + b"\x41" + FRAME[6:], "of no known kind"),
        (FRAME[:5] + b"\x30" + FRAME[6:], "of no known kind"),
        (FRAME[:5] + b"\xc0" + FRAME[6:], "of no known kind"),
        (packed(store_size=True)[:14], "an LZ4 frame is cut off"),
        (FRAME[:9], "an LZ4 frame is cut off"),
        (FRAME[:-4], "an LZ4 frame is cut off"),
        (FRAME[:-9], "an LZ4 frame is cut off"),
    ],
)
def test_what_is_no_whole_frame_is_refused(data: bytes, reason: str) -> None:
    """Frames to skip and dictionaries included, which the format has and Kafka has not."""
    with pytest.raises(CorruptMessage, match=reason):
        unlz4(data, Room(len(data), 1 * MIB), ignores_header_checksum=True)


def test_the_room_is_the_last_length_that_passes() -> None:
    """And not one byte more is given out."""
    assert TEXT == read(FRAME, len(TEXT))
    with pytest.raises(NotReadHere):
        read(FRAME, len(TEXT) - 1)
