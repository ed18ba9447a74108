"""The five codecs of a batch: written in the wrappers of Kafka's clients, and read as Kafka reads.

What ends compressed data differs: some codecs leave alone what follows, others refuse it, and so
with a second stream behind the first. Clients have written all of it, so each has its own module.

The libraries are imported when a codec is first used, so that a reader of plain batches pays for
none of them. Compressed bytes differ between libraries and their versions; what they hold does not.

Source: kafka, clients `org.apache.kafka.common.compress`; KIP-110 (zstd); xerial snappy-java.
"""

import zlib
from collections.abc import Callable
from enum import IntEnum
from functools import partial

from kafkabook.base.errors import CorruptMessage, Errors, KafkaError, NotReadHere
from kafkabook.base.units import KIB
from kafkabook.records.gzip_members import gunzip
from kafkabook.records.lz4_frame import unlz4
from kafkabook.records.room import Room, most_bytes
from kafkabook.records.snappy_blocks import XERIAL, unsnappy
from kafkabook.records.zstd_frames import unzstd

_XERIAL_HEADER = XERIAL + (1).to_bytes(4, "big") * 2  # version, oldest version that can read it
_XERIAL_BLOCK_BYTES = 32 * KIB


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


def decompress(
    codec: Codec, data: bytes, max_bytes: int | None = None, *, of_magic_0: bool = False
) -> bytes:
    """Return what a consumer of Kafka would read from `data`.

    Args:
        max_bytes: how much may come out; if omitted 256 MiB, or what `decompressing_at_most` says.
            Nothing much larger is ever held in memory, whatever `data` claims.
        of_magic_0: the first LZ4 writers of Kafka computed their frame's checksum wrongly, and
            wrote messages of magic 0; there it is not compared.

    Raises:
        CorruptMessage: what Kafka refuses too: not that codec's data, or cut off.
        NotReadHere: more than `max_bytes` would come out.
    """
    if codec is Codec.NONE:
        return data
    read = _DECOMPRESSORS[codec]
    if codec is Codec.LZ4 and of_magic_0:
        read = partial(unlz4, ignores_header_checksum=True)
    try:
        return read(data, Room(len(data), most_bytes() if max_bytes is None else max_bytes))
    except (CorruptMessage, NotReadHere):
        raise
    except Exception as fault:
        raise CorruptMessage(f"not {codec} data: {fault}") from fault


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(data) + packer.flush()
    return packed[:9] + b"\xff" + packed[10:]  # byte 9, the system: unknown, as Java writes it


def _snappy(data: bytes) -> bytes:
    from cramjam import snappy

    framed = [_XERIAL_HEADER]
    for at in range(0, len(data), _XERIAL_BLOCK_BYTES):
        block = bytes(snappy.compress_raw(data[at : at + _XERIAL_BLOCK_BYTES]))
        framed += (len(block).to_bytes(4, "big"), block)
    return b"".join(framed)


def _lz4(data: bytes) -> bytes:
    from lz4 import frame

    blocks = frame.BLOCKSIZE_MAX64KB
    packed: bytes = frame.compress(data, block_size=blocks, block_linked=False, store_size=False)
    return packed


def _zstd(data: bytes) -> bytes:
    from zstandard import ZstdCompressor

    return ZstdCompressor(write_content_size=False).compress(data)


_COMPRESSORS: dict[Codec, Callable[[bytes], bytes]] = {
    Codec.NONE: bytes,
    Codec.GZIP: _gzip,
    Codec.SNAPPY: _snappy,
    Codec.LZ4: _lz4,
    Codec.ZSTD: _zstd,
}
_DECOMPRESSORS: dict[Codec, Callable[[bytes, Room], bytes]] = {
    Codec.GZIP: gunzip,
    Codec.SNAPPY: unsnappy,
    Codec.LZ4: unlz4,
    Codec.ZSTD: unzstd,
}
