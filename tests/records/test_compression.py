"""Five codecs in Kafka's wrappers, with a limit on what comes out of them."""

import subprocess
import sys
import tracemalloc
import zlib

import lz4.frame
import pytest
import zstandard
from cramjam import snappy
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.errors import CorruptMessage, Errors
from kafkabook.base.units import KIB, MIB
from kafkabook.records.compression import Codec, compress, decompress, limit_of
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


@pytest.mark.parametrize(
    ("input_bytes", "limit_bytes"),
    [(0, 1 * MIB), (10_486, 1_048_600), (600_000, 60_000_000), (10**9, 64 * MIB)],
)
def test_the_limit_follows_the_input(input_bytes: int, limit_bytes: int) -> None:
    """A hundred times, never less than 1 MiB and never more than 64 MiB."""
    assert limit_bytes == limit_of(input_bytes)


@pytest.mark.parametrize("codec", [Codec.GZIP, Codec.LZ4, Codec.ZSTD])
def test_a_bomb_names_its_ratio_and_never_goes_off(codec: Codec) -> None:
    """64 MiB of zeros fit into a few KiB; neither all of them nor much above the limit is held."""
    bomb = _bomb(codec, 64 * MIB)
    tracemalloc.start()
    with pytest.raises(CorruptMessage, match=r"at least \d+ times their size") as caught:
        decompress(codec, bomb)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert int(caught.value.reason.split("at least ")[1].split()[0]) >= 99
    assert peak_bytes < 3 * limit_of(len(bomb)) + 1 * MIB


def _bomb(codec: Codec, size_bytes: int) -> bytes:
    if codec is not Codec.ZSTD:
        return compress(codec, bytes(size_bytes))
    return zstandard.ZstdCompressor(write_content_size=True).compress(bytes(size_bytes))


def test_a_zstd_bomb_that_does_not_say_its_size_is_found_by_reading() -> None:
    """The frame's own claim is optional; the limit is not."""
    with pytest.raises(CorruptMessage, match="decompression bomb"):
        decompress(Codec.ZSTD, compress(Codec.ZSTD, bytes(8 * MIB)))


def test_snappy_is_judged_by_what_it_claims_before_anything_is_reserved() -> None:
    """A block of ten bytes that claims 4 GiB."""
    claim = bytes.fromhex("ffffffff0f") + b"\0" * 5
    with pytest.raises(CorruptMessage, match="decompression bomb"):
        decompress(Codec.SNAPPY, claim)


@pytest.mark.parametrize("codec", REAL_CODECS)
def test_max_bytes_is_the_last_length_that_passes(codec: Codec) -> None:
    """A caller may set the limit; the limit itself is allowed."""
    packed = compress(codec, TEXT)
    assert TEXT == decompress(codec, packed, max_bytes=len(TEXT))
    with pytest.raises(CorruptMessage):
        decompress(codec, packed, max_bytes=len(TEXT) - 1)


@pytest.mark.parametrize("codec", REAL_CODECS)
def test_every_cut_is_noticed(codec: Codec) -> None:
    """A stream without its end is damage, however much of it could be read."""
    packed = compress(codec, bytes(range(256)))
    for size_bytes in range(1, len(packed)):
        if codec is Codec.SNAPPY and size_bytes == 16:
            continue  # a frame of no blocks holds nothing, rightly
        with pytest.raises(CorruptMessage):
            decompress(codec, packed[:size_bytes])


@pytest.mark.parametrize("codec", REAL_CODECS)
def test_what_follows_the_end_is_noticed(codec: Codec) -> None:
    """Bytes that nobody reads would be bytes that nobody checks."""
    with pytest.raises(CorruptMessage):
        decompress(codec, compress(codec, TEXT) + b"\0")


@given(CODEC.filter(lambda codec: codec is not Codec.NONE), st.binary(max_size=60))
def test_any_other_bytes_are_refused_or_read_but_never_crash(codec: Codec, data: bytes) -> None:
    """Whatever error a library has, ours is what a caller sees."""
    try:
        assert len(decompress(codec, data)) <= limit_of(len(data))
    except CorruptMessage as fault:
        assert fault.reason


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
