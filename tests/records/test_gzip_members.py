"""gzip data as Java reads it; what Kafka's own class makes of it is asked in `tests/real`."""

import gzip
import zlib

import pytest

from kafkabook.base.errors import CorruptMessage, NotReadHere
from kafkabook.base.units import KIB
from kafkabook.records.compression import Codec, compress
from kafkabook.records.gzip_members import gunzip
from kafkabook.records.room import Room

ONE, TWO = compress(Codec.GZIP, b"one"), compress(Codec.GZIP, b"two")
BODY = ONE[10:]


def read(data: bytes, limit_bytes: int = 1_000_000) -> bytes:
    """What comes out."""
    return gunzip(data, Room(len(data), limit_bytes))


def headed(flags: int, rest: bytes) -> bytes:
    """A member whose header has more than the usual ten bytes."""
    return b"\x1f\x8b\x08" + bytes((flags,)) + bytes(6) + rest + BODY


def test_several_members_are_one_stream() -> None:
    """Some clients compress a batch in parts; members of nothing may be among them."""
    assert b"onetwoone" == read(ONE + TWO + compress(Codec.GZIP, b"") + ONE)


def test_members_larger_than_a_piece_and_many_small_ones() -> None:
    """Where one ends inside a piece, the rest of it is the next one's."""
    large = bytes(range(256)) * 400
    packed = gzip.compress(large, compresslevel=0)
    assert len(packed) > 12 * 8 * KIB
    assert large + b"one" * 2_000 + large == read(packed + ONE * 2_000 + packed)


@pytest.mark.parametrize("tail", [b"\0", bytes(40), b"text behind the end", TWO[:18]])
def test_what_is_no_member_is_left_alone(tail: bytes) -> None:
    """A member has more than 18 bytes, and begins as one."""
    assert b"one" == read(ONE + tail)


@pytest.mark.parametrize("cut", [19, 20, len(TWO) - 1])
def test_a_further_member_must_be_whole(cut: int) -> None:
    """Once it begins as one, it is one."""
    with pytest.raises(CorruptMessage, match="gzip data is cut off"):
        read(ONE + TWO[:cut])


@pytest.mark.parametrize(
    "member",
    [
        headed(4, b"\x03\0abc"),
        headed(8, b"a name\0"),
        headed(16, b"a comment\0"),
        headed(24, b"a name\0a comment\0"),
        headed(2, (zlib.crc32(b"\x1f\x8b\x08\x02" + bytes(6)) & 0xFFFF).to_bytes(2, "little")),
        headed(1 | 32, b""),
    ],
)
def test_a_header_may_say_more(member: bytes) -> None:
    """An extra field, a name, a comment, a checksum, and flags that mean nothing here."""
    assert b"one" == read(member)
    assert b"twoone" == read(TWO + member)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not the header of a gzip member"),
        (b"\x1f\x8b\x07" + ONE[3:], "not the header of a gzip member"),
        (ONE[:9], "not the header of a gzip member"),
        (headed(2, b"\0\0"), "the header of a gzip member is damaged"),
        (headed(8, b"no end")[:14], "the header of a gzip member is cut off"),
        (headed(4, b"\xff\xff"), "the header of a gzip member is cut off"),
        (ONE[:-1], "gzip data is cut off"),
        (ONE[:-8], "gzip data is cut off"),
        (ONE[:12], "gzip data is cut off"),
        (ONE[:-8] + bytes(4) + ONE[-4:], "a gzip member has another checksum or size"),
        (ONE[:-1] + b"\1", "a gzip member has another checksum or size"),
    ],
)
def test_a_first_member_must_be_one(data: bytes, reason: str) -> None:
    """And whole, and what its trailer says."""
    with pytest.raises(CorruptMessage, match=reason):
        read(data)


def test_the_room_is_for_all_members_together() -> None:
    """Else a thousand small ones were a large one."""
    assert b"onetwo" == read(ONE + TWO, 6)
    with pytest.raises(NotReadHere):
        read(ONE + TWO, 5)
