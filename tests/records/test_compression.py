"""Five codecs in Kafka's wrappers, with a limit on what comes out of them."""

import subprocess
import sys
import tracemalloc
import zlib

import lz4.frame
import pytest
from cramjam import snappy
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.errors import CorruptMessage, Errors, NotReadHere
from kafkabook.base.units import KIB, MIB
from kafkabook.records.compression import Codec, compress, decompress
from kafkabook.records.room import decompressing_at_most
from tests.records.strategies import CODEC
from tests.refusals import refused

REAL_CODECS = [codec for codec in Codec if codec is not Codec.NONE]
TEXT = b"orders are events, and events are kept in order. " * 2_000


@given(CODEC, st.binary(max_size=300), st.integers(0, 400))
def test_what_was_compressed_comes_back(codec: Codec, data: bytes, times: int) -> None:
    """Empty, short, and longer than one block of any wrapper."""
    assert data * times == decompress(codec, compress(codec, data * times))


@pytest.mark.parametrize("codec", REAL_CODECS)
def test_text_gets_smaller(codec: Codec) -> None:
    """Otherwise the wrappers above might hold plain data."""
    assert len(compress(codec, TEXT)) < len(TEXT) / 10


def test_gzip_says_neither_when_nor_where() -> None:
    """Same input, same bytes: no time, no file name, and the system is unknown, as in Java."""
    assert "1f8b08000000000000ff" == compress(Codec.GZIP, TEXT)[:10].hex()


def test_snappy_is_framed_as_the_java_library_does() -> None:
    """Magic, two versions, then blocks of at most 32 KiB behind their length."""
    framed = compress(Codec.SNAPPY, TEXT)
    first = int.from_bytes(framed[16:20], "big")
    assert "82534e41505059000000000100000001" == framed[:16].hex()
    assert TEXT[: 32 * KIB] == bytes(snappy.decompress_raw(framed[20 : 20 + first]))


def test_snappy_without_a_frame_is_read_too() -> None:
    """Clients of the C library write the bare block."""
    assert TEXT == decompress(Codec.SNAPPY, bytes(snappy.compress_raw(TEXT)))


def test_lz4_has_independent_blocks_of_64_kib() -> None:
    """And neither content size nor content checksum, as Kafka's own writer."""
    frame = lz4.frame.get_frame_info(compress(Codec.LZ4, TEXT))
    kept = ("block_size", "block_linked", "content_checksum", "content_size")
    assert (64 * KIB, False, False, 0) == tuple(frame[name] for name in kept)


@pytest.mark.parametrize("codec", [Codec.GZIP, Codec.LZ4, Codec.ZSTD])
def test_a_bomb_is_a_limit_of_ours_and_never_goes_off(codec: Codec) -> None:
    """64 MiB of zeros fit into a few KiB; neither all of them nor much above the limit is held."""
    bomb = compress(codec, bytes(64 * MIB))
    tracemalloc.start()
    with pytest.raises(NotReadHere, match=r"more than 8 MiB, where kafkabook stops; raise it with"):
        decompress(codec, bomb, 8 * MIB)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 3 * 8 * MIB + 1 * MIB


@pytest.mark.parametrize("codec", REAL_CODECS)
def test_what_a_broker_takes_is_read_however_small_it_became(codec: Codec) -> None:
    """One byte, three million times: a thousandth of its size, and no damage."""
    plain = bytes(3 * MIB)
    assert plain == decompress(codec, compress(codec, plain))


def test_the_room_is_what_the_caller_says_it_is() -> None:
    """Whoever decodes a batch has no argument for it, so it is said around the call."""
    packed = compress(Codec.GZIP, bytes(10))
    with decompressing_at_most(9), pytest.raises(NotReadHere):
        decompress(Codec.GZIP, packed)
    assert bytes(10) == decompress(Codec.GZIP, packed)


@pytest.mark.parametrize("codec", REAL_CODECS)
def test_max_bytes_is_the_last_length_that_passes(codec: Codec) -> None:
    """A caller may set the limit; the limit itself is allowed."""
    packed = compress(codec, TEXT)
    assert TEXT == decompress(codec, packed, max_bytes=len(TEXT))
    with pytest.raises(NotReadHere):
        decompress(codec, packed, max_bytes=len(TEXT) - 1)


@pytest.mark.parametrize("codec", REAL_CODECS)
def test_every_cut_is_noticed(codec: Codec) -> None:
    """A stream without its end is damage, however much of it could be read."""
    packed = compress(codec, bytes(range(256)))
    for size_bytes in range(1, len(packed)):
        if codec is Codec.SNAPPY and 16 <= size_bytes < 20:
            continue  # a frame of no blocks holds nothing, rightly
        with pytest.raises(CorruptMessage):
            decompress(codec, packed[:size_bytes])


@pytest.mark.parametrize(
    ("codec", "is_taken"),
    [(Codec.GZIP, True), (Codec.SNAPPY, False), (Codec.LZ4, True), (Codec.ZSTD, False)],
)
def test_what_follows_the_end_is_left_alone_where_kafka_does(codec: Codec, is_taken: bool) -> None:
    """Two of the four streams know that they have ended, and look no further."""
    packed = compress(codec, TEXT) + bytes(30)
    if is_taken:
        assert TEXT == decompress(codec, packed)
    else:
        with pytest.raises(CorruptMessage):
            decompress(codec, packed)


@given(CODEC.filter(lambda codec: codec is not Codec.NONE), st.binary(max_size=60))
def test_any_other_bytes_are_refused_or_read_but_never_crash(codec: Codec, data: bytes) -> None:
    """Whatever error a library has, ours is what a caller sees."""
    try:
        assert len(decompress(codec, data, 1 * MIB)) <= 1 * MIB
    except (CorruptMessage, NotReadHere) as fault:
        assert str(fault)


@pytest.mark.parametrize("number", [5, 6, 7])
def test_three_numbers_are_no_codec(number: int) -> None:
    """Three bits have room for more codecs than there are."""
    with refused(Errors.UNSUPPORTED_COMPRESSION_TYPE, match=f"codec {number}"):
        Codec.numbered(number)


def test_no_library_is_imported_before_it_is_needed() -> None:
    """Whoever reads plain batches pays for none of them."""
    code = (
        "import sys, kafkabook.records.record_batch;"
        "print([m for m in ('lz4', 'zstandard', 'cramjam', 'gzip') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


def test_gzip_of_python_itself_reads_ours() -> None:
    """The patched system byte is no part of what is checked."""
    assert TEXT == zlib.decompress(compress(Codec.GZIP, TEXT), wbits=31)
