"""The five codecs of a batch, each in the wrapper that Kafka writes, and a limit on what comes out.

The libraries are imported when a codec is first used, so that a reader of plain batches pays for
none of them. Compressed bytes differ between libraries and their versions; what they hold does not.

Source: kafka, clients `org.apache.kafka.common.compress`; KIP-110 (zstd); xerial snappy-java.
"""

import zlib
from collections.abc import Callable
from enum import IntEnum

from kafkabook.base.errors import CorruptMessage, Errors, KafkaError
from kafkabook.base.units import KIB, MIB, bytes_text

MOST_RATIO = 100  # output over input; text compresses 3 to 10 times, a bomb 1,000 times and more
_ALWAYS_BYTES = 1 * MIB
_NEVER_BYTES = 64 * MIB


class Codec(IntEnum):
    """How the records of a batch are compressed; the number is what the batch's attributes hold."""

    NONE = 0
    GZIP = 1
    SNAPPY = 2
    LZ4 = 3
    ZSTD = 4

    def __str__(self) -> str:
        return self.name.lower()  # as `compression.type` has it

    @classmethod
    def numbered(cls, number: int) -> "Codec":
        """Return the codec with that number.

        Raises:
            UNSUPPORTED_COMPRESSION_TYPE: the three bits hold 5, 6 or 7.
        """
        if number not in cls._value2member_map_:
            raise KafkaError(
                Errors.UNSUPPORTED_COMPRESSION_TYPE, f"codec {number}; known are 0 to {max(cls)}"
            )
        return cls(number)


def compress(codec: Codec, data: bytes) -> bytes:
    """Return `data` compressed and wrapped as Kafka's own clients do; same bytes for same library.

    >>> compress(Codec.GZIP, b"aaaa").hex()
    '1f8b08000000000000ff4b4c4c4c040045e598ad04000000'
    """
    return _COMPRESSORS[codec](data)


def decompress(codec: Codec, data: bytes, max_bytes: int | None = None) -> bytes:
    """Return what `data` holds, if that is at most `max_bytes`.

    Args:
        max_bytes: 100 times the input if omitted, but at least 1 MiB and at most 64 MiB. Nothing
            much larger is ever held in memory, whatever `data` claims.

    Raises:
        CorruptMessage: not that codec's data, cut off, followed by something else, or a bomb; the
            last names the ratio.

    Simplified: gzip and zstd data of more than one member are refused; no client writes them.
    """
    limit_bytes = limit_of(len(data)) if max_bytes is None else max_bytes
    if codec is Codec.NONE:
        return data
    try:
        plain = _DECOMPRESSORS[codec](data, limit_bytes)
    except CorruptMessage:
        raise
    except Exception as fault:
        raise CorruptMessage(f"not {codec.name.lower()} data: {fault}") from fault
    return _within(plain, limit_bytes, len(data))


def limit_of(input_bytes: int) -> int:
    """Return how many bytes may come out of `input_bytes` unless the caller says otherwise.

    >>> limit_of(100), limit_of(1_000_000_000)
    (1048576, 67108864)
    """
    return min(_NEVER_BYTES, max(_ALWAYS_BYTES, MOST_RATIO * input_bytes))


def _within(plain: bytes, limit_bytes: int, input_bytes: int) -> bytes:
    if len(plain) > limit_bytes:
        raise _bomb(len(plain), limit_bytes, input_bytes)
    return plain


def _bomb(plain_bytes: int, limit_bytes: int, input_bytes: int) -> CorruptMessage:
    ratio = plain_bytes // max(input_bytes, 1)
    return CorruptMessage(
        f"{bytes_text(input_bytes)} decompress to more than {bytes_text(limit_bytes)},"
        f" at least {ratio} times their size: a decompression bomb"
    )


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(data) + packer.flush()
    return packed[:9] + b"\xff" + packed[10:]  # byte 9, the system: unknown, as Java writes it


def _gunzip(data: bytes, limit_bytes: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    plain = unpacker.decompress(data, limit_bytes + 1)
    return _whole(plain, unpacker, limit_bytes)


def _lz4(data: bytes) -> bytes:
    from lz4 import frame

    blocks = frame.BLOCKSIZE_MAX64KB
    packed: bytes = frame.compress(data, block_size=blocks, block_linked=False, store_size=False)
    return packed


def _unlz4(data: bytes, limit_bytes: int) -> bytes:
    from lz4.frame import LZ4FrameDecompressor

    unpacker = LZ4FrameDecompressor()
    plain: bytes = unpacker.decompress(data, max_length=limit_bytes + 1)
    return _whole(plain, unpacker, limit_bytes)


def _whole(plain: bytes, unpacker: object, limit_bytes: int) -> bytes:
    """Refuse a stream that ends early or late; one that is too long is judged by its length."""
    if len(plain) <= limit_bytes and not getattr(unpacker, "eof", False):
        raise CorruptMessage("compressed data is cut off")
    if getattr(unpacker, "unused_data", b""):
        raise CorruptMessage("bytes follow the end of the compressed data")
    return plain


def _zstd(data: bytes) -> bytes:
    from zstandard import ZstdCompressor

    return ZstdCompressor(write_content_size=False).compress(data)


def _unzstd(data: bytes, limit_bytes: int) -> bytes:
    import zstandard

    claimed_bytes = zstandard.frame_content_size(data)  # -1: the frame does not say
    if claimed_bytes > limit_bytes:
        raise _bomb(claimed_bytes, limit_bytes, len(data))
    if (unread_bytes := len(data) - _zstd_end(data)) > 0:
        raise CorruptMessage(f"{unread_bytes} bytes follow the end of the compressed data")
    unpacker = zstandard.ZstdDecompressor()
    try:
        return unpacker.decompress(data, max_output_size=limit_bytes)
    except zstandard.ZstdError:
        # A full buffer and a cut frame give one and the same error; only reading on tells.
        with unpacker.stream_reader(data) as reader:
            _within(reader.read(limit_bytes + 1), limit_bytes, len(data))
        raise


def _zstd_end(data: bytes) -> int:
    """Return where the frame ends; the library does not say it of a frame of unknown size."""
    import zstandard

    at, last = zstandard.frame_header_size(data), 0
    while not last and at < len(data):
        block = int.from_bytes(data[at : at + 3], "little")
        last, is_one_byte_repeated = block & 1, block >> 1 & 3 == 1
        at += 3 + (1 if is_one_byte_repeated else block >> 3)
    return at + 4 * zstandard.get_frame_parameters(data).has_checksum


_XERIAL = bytes.fromhex("82534e4150505900")  # a byte that is no text, then "SNAPPY" and a zero
_XERIAL_HEADER = _XERIAL + (1).to_bytes(4, "big") * 2  # version, oldest version that can read it
_XERIAL_BLOCK_BYTES = 32 * KIB


def _snappy(data: bytes) -> bytes:
    from cramjam import snappy

    framed = [_XERIAL_HEADER]
    for at in range(0, len(data), _XERIAL_BLOCK_BYTES):
        block = bytes(snappy.compress_raw(data[at : at + _XERIAL_BLOCK_BYTES]))
        framed += (len(block).to_bytes(4, "big"), block)
    return b"".join(framed)


def _unsnappy(data: bytes, limit_bytes: int) -> bytes:
    """Undo xerial's framing; data without it is one bare block, which librdkafka writes."""
    from cramjam import snappy

    plain = bytearray()
    for block in _xerial_blocks(data) if data.startswith(_XERIAL) else (data,):
        claimed_bytes = len(plain) + snappy.decompress_raw_len(block)
        if claimed_bytes > limit_bytes:
            raise _bomb(claimed_bytes, limit_bytes, len(data))
        plain += bytes(snappy.decompress_raw(block))
    return bytes(plain)


def _xerial_blocks(data: bytes) -> list[bytes]:
    blocks, at = [], len(_XERIAL_HEADER)
    if len(data) < at:
        raise CorruptMessage("the frame of snappy blocks is cut off")
    while at < len(data):
        block_bytes = int.from_bytes(data[at : at + 4], "big")
        block = data[at + 4 : at + 4 + block_bytes]
        if not block or len(block) != block_bytes:
            raise CorruptMessage("a snappy block is cut off")
        blocks.append(block)
        at += 4 + len(block)
    return blocks


_COMPRESSORS: dict[Codec, Callable[[bytes], bytes]] = {
    Codec.NONE: bytes,
    Codec.GZIP: _gzip,
    Codec.SNAPPY: _snappy,
    Codec.LZ4: _lz4,
    Codec.ZSTD: _zstd,
}
_DECOMPRESSORS: dict[Codec, Callable[[bytes, int], bytes]] = {
    Codec.GZIP: _gunzip,
    Codec.SNAPPY: _unsnappy,
    Codec.LZ4: _unlz4,
    Codec.ZSTD: _unzstd,
}
