"""Messages of magic 0 and 1 as clients and brokers before 0.11 wrote them; the package cannot.

Kafka is asked about them in `tests/real`, so that this writer cannot be wrong unseen.
"""

import json
import struct
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from kafkabook.records.compression import Codec, compress

PATH = Path(__file__).parent.parent / "data" / "old_formats.json"
T = 1_700_000_000_000
CREATE_TIME, APPEND_TIME = 0, 1
Pair = tuple[bytes | None, bytes | None]


@cache
def recorded() -> list[dict[str, Any]]:
    """Return what Kafka's own classes wrote, and what they say of it."""
    told: list[dict[str, Any]] = json.loads(PATH.read_text(encoding="utf-8"))
    return told


def message(
    offset: int,
    key: bytes | None = b"k",
    value: bytes | None = b"v",
    *,
    magic: int = 1,
    timestamp_ms: int = T,
    attributes: int = 0,
) -> bytes:
    """Return one message with its offset and size before it."""
    when = struct.pack(">q", timestamp_ms) if magic else b""
    body = struct.pack(">bb", magic, attributes) + when + _sized(key) + _sized(value)
    return struct.pack(">qiI", offset, 4 + len(body), zlib.crc32(body)) + body


def wrapped(
    codec: Codec,
    offsets: Sequence[int],
    *,
    magic: int = 1,
    timestamp_type: int = CREATE_TIME,
    wrapper_offset: int | None = None,
    values: Sequence[Pair] = (),
) -> bytes:
    """Return a compressed set: offsets inside are absolute in magic 0, from the first on in 1."""
    pairs = values or [(b"k", b"%d" % offset) for offset in offsets]
    shift = offsets[0] if magic else 0
    inner = b"".join(
        message(offset - shift, *pair, magic=magic, timestamp_ms=T + offset)
        for offset, pair in zip(offsets, pairs, strict=True)
    )
    last = offsets[-1] if wrapper_offset is None else wrapper_offset
    return wrapper(codec, inner, last, magic=magic, timestamp_type=timestamp_type)


def wrapper(
    codec: Codec, inner: bytes, offset: int, *, magic: int = 1, timestamp_type: int = CREATE_TIME
) -> bytes:
    """Return a message whose value is any bytes, compressed."""
    packed = compress(codec, inner)
    if codec is Codec.LZ4 and magic == 0:
        packed = packed[:6] + bytes((packed[6] ^ 0xFF,)) + packed[7:]  # as wrong as they were
    when_ms = T + offset if timestamp_type == CREATE_TIME else T + 99_999
    attributes = codec | timestamp_type << 3
    return message(offset, None, packed, magic=magic, timestamp_ms=when_ms, attributes=attributes)


def _sized(data: bytes | None) -> bytes:
    return struct.pack(">i", -1) if data is None else struct.pack(">i", len(data)) + data
