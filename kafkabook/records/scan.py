"""Walking over many batches without decoding their records: what recovery, reads and dumps do.

Messages of magic 0 and 1 may be among them. `data` may be an `mmap`, so that a segment of any size
is read in place.

Source: kafka, clients `FileLogInputStream`, `FileRecords`; storage `LogSegment.recover`.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from kafkabook.base.units import INT32_MAX, INT64_MAX
from kafkabook.records.batch_header import (
    CRC_START,
    HEADER_BYTES,
    LENGTH_END,
    MAGIC,
    BatchHeader,
    Bytes,
    check_whole,
)
from kafkabook.records.checksum import crc32c
from kafkabook.records.formats import compare_crc, read_header

# Base offset, length, magic, checksum, last offset delta and count; the rest is skipped.
_TELLING = struct.Struct(">qi4xbI2xi30xi")
_SHORTEST = HEADER_BYTES - LENGTH_END
_LAST_BASE = INT64_MAX - INT32_MAX - 1


class Checked(NamedTuple):
    """What `check_batches` walked over."""

    batches: int
    records: int
    size_bytes: int
    next_offset: int  # behind the last batch; -1 without any


def scan_headers(
    data: Bytes, at: int = 0, *, check_crc: bool = False
) -> Iterator[tuple[int, BatchHeader]]:
    """Yield `(position, header)` of each batch from byte `at` to the end of `data`.

    Args:
        check_crc: also compare each batch's checksum before it is yielded.

    Raises:
        CorruptMessage: at the first batch that cannot be true, is cut off by the end, or (if asked
            for) has another checksum; names its byte. All batches before it were yielded.

    Simplified: batches are judged one by one; that offsets grow is for the log to see.
    """
    while at < len(data):
        header = read_header(data, at)
        check_whole(data, at, header)
        if check_crc:
            compare_crc(data, at, header)
        yield at, header
        at += header.size_bytes


def check_batches(data: Bytes, at: int = 0) -> Checked:
    """Walk over whole batches, checksums included, and say how much there was.

    Does what `scan_headers(data, at, check_crc=True)` does and raises the same, in half the
    time: it unpacks six of the 13 fields into locals and makes no header. What it does not like is
    judged by the plain rule.
    """
    unpack, start, batches, records, next_offset = _TELLING.unpack_from, at, 0, 0, -1
    with memoryview(data) as view:
        size_bytes = len(view)
        last_start = size_bytes - HEADER_BYTES
        while at <= last_start:
            base, length, magic, crc, delta, count = unpack(view, at)
            end = at + LENGTH_END + length
            if (
                (magic != MAGIC or length < _SHORTEST or end > size_bytes)
                or not (0 <= base <= _LAST_BASE and 0 <= count <= delta + 1)
                or crc32c(view[at + CRC_START : end]) != crc
            ):
                header = _judged(data, at)
                count, next_offset, end = _told(header, at)
            else:
                next_offset = base + delta + 1
            batches += 1
            records += count
            at = end
    while at < size_bytes:  # fewer bytes are left than a header takes, but old messages are small
        count, next_offset, at = _told(_judged(data, at), at)
        batches, records = batches + 1, records + count
    return Checked(batches, records, at - start, next_offset)


def _judged(data: Bytes, at: int) -> BatchHeader:
    header = read_header(data, at)
    check_whole(data, at, header)
    compare_crc(data, at, header)
    return header


def _told(header: BatchHeader, at: int) -> tuple[int, int, int]:
    return header.records_count, header.next_offset, at + header.size_bytes
