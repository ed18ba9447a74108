"""snappy data as snappy-java reads it; Kafka's own class is asked about it in `tests/real`."""

import pytest
from cramjam import snappy

from kafkabook.base.errors import CorruptMessage, NotReadHere
from kafkabook.base.units import MIB
from kafkabook.records.compression import Codec, compress
from kafkabook.records.room import Room
from kafkabook.records.snappy_blocks import XERIAL, unsnappy

PLAIN = b"orders are events. " * 50
BARE = bytes(snappy.compress_raw(PLAIN))
BLOCK = len(BARE).to_bytes(4) + BARE
HEAD = compress(Codec.SNAPPY, b"")


def read(data: bytes, limit_bytes: int = 1 * MIB) -> bytes:
    """What comes out."""
    return unsnappy(data, Room(len(data), limit_bytes))


def head(version: int) -> bytes:
    """The header of a frame that says another version."""
    return XERIAL + version.to_bytes(4, signed=True) * 2


def test_blocks_in_frames_and_a_bare_one_are_read() -> None:
    """Java's library writes frames, the C library the bare block."""
    assert PLAIN == read(BARE) == read(HEAD + BLOCK)
    assert PLAIN * 2 == read(HEAD + BLOCK + BLOCK)
    assert b"" == read(HEAD)


def test_frames_may_follow_one_another() -> None:
    """Somebody concatenated two files; nothing else begins with those four bytes."""
    assert PLAIN * 2 == read(HEAD + BLOCK + HEAD + BLOCK)
    assert PLAIN * 2 == read(HEAD + BLOCK + XERIAL[:4] + bytes(12) + BLOCK)


@pytest.mark.parametrize("tail", [b"", b"\1", b"\0\0\1"])
def test_what_is_too_short_for_a_size_ends_it(tail: bytes) -> None:
    """And is not looked at."""
    assert PLAIN == read(HEAD + BLOCK + tail)


def test_the_first_header_may_say_any_version() -> None:
    """The library looks at it in later ones alone."""
    assert PLAIN == read(head(0) + BLOCK) == read(head(-1) + BLOCK)
    assert PLAIN * 2 == read(HEAD + BLOCK + head(1) + BLOCK)
    with pytest.raises(CorruptMessage, match="version 0 of xerial's frame; 1 is the first"):
        read(HEAD + BLOCK + head(0) + BLOCK)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (HEAD + BLOCK[:-1], "a snappy block is cut off"),
        (HEAD + bytes(4) + BLOCK, "a snappy block is cut off"),
        (HEAD + b"\xff\xff\xff\xff" + BLOCK, "a snappy block is cut off"),
        (HEAD + BLOCK + HEAD[:9], "the header of a frame of snappy blocks is cut off"),
    ],
)
def test_a_frame_that_is_cut_off_is_damage(data: bytes, reason: str) -> None:
    """A size of nothing is one too: no block has none."""
    with pytest.raises(CorruptMessage, match=reason):
        read(data)


def test_a_claim_that_no_block_can_keep_is_damage_and_no_limit() -> None:
    """Ten bytes that claim 4 GiB: at most 22 come out of one. Nothing is reserved for them."""
    with pytest.raises(CorruptMessage, match="of 10 bytes claims 4294967295, more than any can"):
        read(bytes.fromhex("ffffffff0f") + bytes(5))


def test_the_densest_block_keeps_its_claim() -> None:
    """A megabyte of one byte is as small as snappy can make anything."""
    packed = bytes(snappy.compress_raw(bytes(1 * MIB)))
    assert 21 * len(packed) < 1 * MIB == len(read(packed))


def test_the_room_is_for_all_blocks_together() -> None:
    """Judged by what they claim, before anything is reserved."""
    assert PLAIN * 2 == read(HEAD + BLOCK + BLOCK, 2 * len(PLAIN))
    with pytest.raises(NotReadHere):
        read(HEAD + BLOCK + BLOCK, 2 * len(PLAIN) - 1)
