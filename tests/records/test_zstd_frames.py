"""zstd data as zstd-jni reads it; what Kafka's own class makes of it is asked in `tests/real`."""

from random import Random

import pytest
import zstandard

from kafkabook.base.errors import CorruptMessage, NotReadHere
from kafkabook.base.units import KIB, MIB
from kafkabook.records.compression import Codec, compress, decompress
from kafkabook.records.room import Room
from kafkabook.records.zstd_frames import unzstd

ONE, TWO = compress(Codec.ZSTD, b"one" * 9), compress(Codec.ZSTD, b"two" * 9)
SKIPPED = bytes.fromhex("5f2a4d1803000000616263")
PIECE_BYTES = 128 * KIB + 3


def read(data: bytes, limit_bytes: int = 4 * MIB) -> bytes:
    """What comes out."""
    return unzstd(data, Room(len(data), limit_bytes))


def noise(size: int) -> bytes:
    """Bytes that do not get smaller, so that a frame is as long as a test wants it."""
    return Random(size).randbytes(size)


@pytest.mark.parametrize("has_size", [False, True])
@pytest.mark.parametrize("has_checksum", [False, True])
def test_frames_follow_one_another(has_size: bool, has_checksum: bool) -> None:
    """Each with or without its size and its checksum; frames to skip hold nothing."""
    packer = zstandard.ZstdCompressor(write_content_size=has_size, write_checksum=has_checksum)
    frame, plain = packer.compress(noise(300_000)), noise(300_000)
    assert plain == read(frame)
    assert plain * 2 + b"one" * 9 == read(SKIPPED + frame + SKIPPED + frame + ONE)


def test_frames_of_nothing_are_frames() -> None:
    """And no bytes at all are nothing, too."""
    assert b"" == read(compress(Codec.ZSTD, b"") * 2) == read(SKIPPED) == read(b"")


@pytest.mark.parametrize("size", [1, 4, 5, 9, len(TWO) - 1])
def test_a_cut_frame_behind_a_whole_one_is_passed_over(size: int) -> None:
    """The library has ended a frame, and takes the end of the data for that of the stream."""
    assert b"one" * 9 == read(ONE + TWO[:size])
    assert b"one" * 9 == read(ONE + SKIPPED[:-1])
    assert read(ONE + compress(Codec.ZSTD, noise(100_000))[:-1]).startswith(b"one" * 9)


@pytest.mark.parametrize("size", [1, 4, 5, 9, len(ONE) - 1])
def test_an_only_frame_must_be_whole(size: int) -> None:
    """Whatever has come out of it until then."""
    with pytest.raises(CorruptMessage, match="a zstd frame is cut off"):
        read(ONE[:size])
    with pytest.raises(CorruptMessage, match="a zstd frame is cut off"):
        read(SKIPPED[:-1])


@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_a_cut_frame_needs_one_that_ended_in_the_same_piece(beyond: int) -> None:
    """The library forgets that a frame has ended once it is handed the next 131,075 bytes."""
    frame = compress(Codec.ZSTD, noise(100_000))
    room = PIECE_BYTES - len(frame) - 8 + beyond
    filled = frame + SKIPPED[:4] + room.to_bytes(4, "little") + bytes(room)
    assert PIECE_BYTES + beyond == len(filled)
    assert noise(100_000) == read(filled)
    if beyond == 1:
        assert noise(100_000) == read(filled + TWO[:9])
    elif beyond == 0:
        with pytest.raises(CorruptMessage, match="a zstd frame is cut off"):
            read(filled + TWO[:9])


@pytest.mark.parametrize("tail", [b"\0", b"text behind the end", ONE[:4] + b"\xff" * 20])
def test_what_begins_as_no_frame_is_refused(tail: bytes) -> None:
    """Unlike in gzip and LZ4, the library wants to read on."""
    with pytest.raises(CorruptMessage, match="not zstd data"):
        decompress(Codec.ZSTD, ONE + tail)


def test_the_room_is_for_all_frames_together() -> None:
    """However little each of them says of its size."""
    assert 54 == len(read(ONE + TWO, 54))
    with pytest.raises(NotReadHere):
        read(ONE + TWO, 53)
