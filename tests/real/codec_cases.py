"""Compressed bytes as clients, brokers and bad luck make them, by a seed; sound ones and others.

A case is a codec, a magic and bytes. Every family has whole streams by several writers, several of
them in a row, bytes behind the end, cuts, flipped bits, and what its own header can say.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import NamedTuple

import lz4.frame
import zstandard
from cramjam import snappy

from kafkabook.base.units import KIB, MIB
from kafkabook.records.compression import Codec, compress

XERIAL_MAGIC = bytes.fromhex("82534e4150505900")
HEADER_CHECKSUM_AT = {0: 6, 8: 14}  # by the flag of the content's size
ZSTD_PIECE_BYTES = 128 * KIB + 3
LZ4_CHOICES = ("block_linked", "store_size", "content_checksum", "block_checksum")
LZ4_DESCRIPTORS = ("60c0", "6070", "6030", "6041", "2040", "e040", "6140", "6240", "4040", "6050")
FLIPS, CUTS, PLAIN_CASES = 24, 12, 6


class Case(NamedTuple):
    """Compressed bytes, the magic of the message around them, and what is special about them."""

    codec: Codec
    magic: int
    data: bytes
    what: str


def cases(codec: Codec, seed: str) -> list[Case]:
    """All cases of a codec; the same for the same seed."""
    random = Random(f"{seed}/{codec}")
    found = list(special(codec, random))
    for number in range(FLIPS):
        data = flipped(sealed(codec, random), random)
        found.append(Case(codec, 2, data, f"a flipped bit, {number}"))
    for number in range(CUTS):
        data = written(codec, random)
        at = random.randrange(len(data))
        found.append(Case(codec, 2, data[:at], f"cut at {at} of {len(data)}, {number}"))
    for number in range(PLAIN_CASES):
        found.append(Case(codec, 2, random.randbytes(number * 9), f"noise, {number}"))
    return found


def special(codec: Codec, random: Random) -> Iterator[Case]:
    """What only this codec has, and what follows its end."""
    for what, data in FAMILIES[codec](random):
        for magic in (0, 1, 2) if codec is Codec.LZ4 else (2,):
            yield Case(codec, magic, data, what)
    for tail in (b"\0", b"tail", bytes(30), random.randbytes(5), random.randbytes(40)):
        yield Case(codec, 2, written(codec, random) + tail, f"{tail!r} behind the end")
    for count in (2, 3):
        several = b"".join(written(codec, random) for _ in range(count))
        yield Case(codec, 2, several, f"{count} in a row")
        yield Case(codec, 2, several[:-3], f"{count} in a row, the last one cut")
    yield Case(codec, 2, compress(codec, b""), "nothing inside")
    yield Case(codec, 2, b"", "nothing at all")
    yield Case(codec, 2, compress(codec, bytes(3 * MIB)), "3 MiB of one byte")


def text(random: Random, size: int | None = None) -> bytes:
    """Bytes that compress a little, or hardly."""
    letters = bytes(range(97, 97 + random.choice((2, 8, 26, 159))))
    size = random.choice((1, 9, 300, 9000)) if size is None else size
    return bytes(random.choices(letters, k=size))


def written(codec: Codec, random: Random) -> bytes:
    """One whole stream."""
    return compress(codec, text(random))


def sealed(codec: Codec, random: Random) -> bytes:
    """One whole stream; of zstd with its checksum.

    Without it, what a damaged block is depends on the library: zstd 1.5.7 refuses some that 1.5.6,
    which Kafka 4.3 has, decodes into something; it took 20,000 cases to meet one.
    """
    if codec is not Codec.ZSTD:
        return written(codec, random)
    return zstandard.ZstdCompressor(write_checksum=True).compress(text(random))


def flipped(data: bytes, random: Random) -> bytes:
    """The same with one bit turned, in the first bytes as often as anywhere else."""
    at = random.randrange(min(len(data), 20) if random.random() < 0.5 else len(data))
    return data[:at] + bytes((data[at] ^ 1 << random.randrange(8),)) + data[at + 1 :]


def gzip_cases(random: Random) -> Iterator[tuple[str, bytes]]:
    """Headers with all that they may have, levels, members of nothing, wrong trailers."""
    body, plain = compress(Codec.GZIP, b"the body")[10:], text(random)
    for flags in range(32):
        header = gzip_header(flags, random)
        yield f"flags {flags}", header + body
        yield f"flags {flags}, behind another member", compress(Codec.GZIP, plain) + header + body
    yield "a wrong checksum of the header", gzip_header(2, random)[:-1] + b"\0" + body
    for level in (0, 1, 9):
        packer = zlib.compressobj(level, wbits=31)
        yield f"level {level}", packer.compress(plain) + packer.flush()
    nothing = compress(Codec.GZIP, b"")
    for left in (0, 1, 8, 17, 18, 19, 20):
        yield (
            f"a member of nothing and {left} bytes",
            nothing + compress(Codec.GZIP, b"more")[:left],
        )
    yield "a zlib stream", zlib.compress(plain)
    yield "large members", b"".join(compress(Codec.GZIP, text(random, 70_000)) for _ in range(3))


def gzip_header(flags: int, random: Random) -> bytes:
    """A header with an extra field, a name, a comment and a checksum, if `flags` say so."""
    header = b"\x1f\x8b\x08" + bytes((flags,)) + random.randbytes(6)
    header += b"\x03\0abc" if flags & 4 else b""
    header += b"a name\0" if flags & 8 else b""
    header += b"a comment\0" if flags & 16 else b""
    return header + ((zlib.crc32(header) & 0xFFFF).to_bytes(2, "little") if flags & 2 else b"")


def snappy_cases(random: Random) -> Iterator[tuple[str, bytes]]:
    """Bare blocks; frames with other versions, in a row, with blocks of nothing and of lies."""
    plain = text(random, 100_000)
    bare = bytes(snappy.compress_raw(plain))
    head = XERIAL_MAGIC + (1).to_bytes(4, "big") * 2
    block = len(bare).to_bytes(4, "big") + bare
    yield "a bare block", bare
    yield "a bare block of nothing", bytes(snappy.compress_raw(b""))
    yield "a bare block and more", bare + b"\0"
    yield "two bare blocks", bare + bare
    for left in (0, 1, 2, 3, 4, 5):
        yield f"{left} bytes behind the blocks", head + block + block[:left]
    for version in (-1, 0, 1, 2):
        other = XERIAL_MAGIC + version.to_bytes(4, "big", signed=True) * 2
        yield f"version {version}", other + block
        yield f"version {version} in a second frame", head + block + other + block
    yield "a frame that only begins like one", head + block + XERIAL_MAGIC[:4] + bytes(12) + block
    yield "a second header that is cut off", head + block + head[:9]
    for size in (0, -1, len(bare) + 1, 600 * MIB):
        yield f"a block that says {size}", head + size.to_bytes(4, "big", signed=True) + bare
    yield "a block of a block of nothing", head + (1).to_bytes(4, "big") + b"\0" + block
    for claim in ("00", "ffffffff0f", "ffffffff07", "8080808000", "ffffffffff01", "80"):
        yield f"a block that claims {claim}", bytes.fromhex(claim) + bare[2:]
    yield "too short for a frame", XERIAL_MAGIC + b"\0\0"
    yield "the other frame format", bytes(snappy.compress(plain))


def lz4_cases(random: Random) -> Iterator[tuple[str, bytes]]:
    """Every choice of the frame format; wrong checksums; blocks too large, plain and of nothing."""
    plain = text(random, 200_000)
    for choice in range(16):
        says = dict(zip(LZ4_CHOICES, (bool(choice & 1 << n) for n in range(4)), strict=True))
        for size in (lz4.frame.BLOCKSIZE_MAX64KB, lz4.frame.BLOCKSIZE_MAX1MB):
            yield f"{says}, {size}", lz4.frame.compress(plain, block_size=size, **says)
    whole = lz4.frame.compress(plain, **dict.fromkeys(LZ4_CHOICES, True) | {"block_linked": False})
    yield "a wrong size of the content", with_header_checksum(whole[:6] + bytes(8) + whole[14:])
    yield "a wrong checksum of the content", whole[:-1] + b"\0"
    yield "the checksum of the content cut", whole[:-1]
    yield "a wrong checksum of a block", whole[:40] + b"\xff\xff" + whole[42:]
    kafka = compress(Codec.LZ4, plain)
    yield "no mark of the end", kafka[:-4]
    yield "a wrong checksum of the header", kafka[:6] + bytes((kafka[6] ^ 1,)) + kafka[7:]
    for descriptor in LZ4_DESCRIPTORS:
        header = with_header_checksum(kafka[:4] + bytes.fromhex(descriptor) + b"\0")
        yield f"descriptor {descriptor}", header + kafka[7:]
    head, end = kafka[:7], bytes(4)
    for size in (1, 70_000, 64 * KIB, 64 * KIB + 1):
        told = (size | 1 << 31).to_bytes(4, "little")
        yield f"a plain block of {size}", head + told + plain[:size] + end
    nothing = (1).to_bytes(4, "little") + b"\0"
    yield "a block of nothing at the end", kafka[:-4] + nothing + end
    yield "a block of nothing alone", head + nothing + end
    yield "a plain block of nothing", head + (1 << 31).to_bytes(4, "little") + kafka[7:]
    yield "a frame to skip before", bytes.fromhex("502a4d1803000000616263") + kafka


def with_header_checksum(frame: bytes) -> bytes:
    """The frame with whatever checksum makes the library accept its header, if one does."""
    at = HEADER_CHECKSUM_AT[frame[4] & 8]
    for byte in range(256):
        tried = frame[:at] + bytes((byte,)) + frame[at + 1 :]
        try:
            lz4.frame.get_frame_info(tried)
        except RuntimeError:
            continue
        return tried
    return frame


def zstd_cases(random: Random) -> Iterator[tuple[str, bytes]]:
    """Frames with and without size and checksum; in a row, cut; skipped ones; many pieces."""
    plain, large = text(random), text(random, 400_000)
    for choice in range(4):
        packer = zstandard.ZstdCompressor(
            write_content_size=bool(choice & 1), write_checksum=bool(choice & 2)
        )
        yield f"choice {choice}", packer.compress(plain)
        yield f"choice {choice}, two", packer.compress(plain) + packer.compress(large)
        for left in (1, 3, 4, 5, 8, 12, 40, -1):
            second = packer.compress(large)[:left]
            yield f"choice {choice}, {left} bytes of a second", packer.compress(plain) + second
        yield f"choice {choice}, cut", packer.compress(large)[:-1]
    skipped = bytes.fromhex("5f2a4d18") + (5).to_bytes(4, "little") + b"xxxxx"
    one = zstandard.ZstdCompressor().compress(plain)
    yield from {
        "a frame to skip": skipped,
        "a frame to skip before": skipped + one,
        "a frame to skip behind": one + skipped,
        "a frame to skip, cut": one + skipped[:-2],
        "only a cut frame to skip": skipped[:-2],
        "frames of nothing": compress(Codec.ZSTD, b"") * 3,
        "a window of 256 MiB": one[:4] + bytes.fromhex("0090") + one[6:],
    }.items()
    noisy = zstandard.ZstdCompressor().compress(random.randbytes(ZSTD_PIECE_BYTES - 30))
    for room in range(-2, 3):
        pad = ZSTD_PIECE_BYTES - len(noisy) - 8 + room
        filled = noisy + bytes.fromhex("502a4d18") + pad.to_bytes(4, "little") + bytes(pad)
        yield f"a frame ends {room} bytes behind a piece, a cut one follows", filled + one[:-2]
        yield f"a frame ends {room} bytes behind a piece, nothing follows", filled
        yield f"a frame ends {room} bytes behind a piece, a byte follows", filled + one[:1]


FAMILIES: Mapping[Codec, Callable[[Random], Iterator[tuple[str, bytes]]]] = {
    Codec.GZIP: gzip_cases,
    Codec.SNAPPY: snappy_cases,
    Codec.LZ4: lz4_cases,
    Codec.ZSTD: zstd_cases,
}
