"""The 61 bytes at the head of every batch: 13 numbers, and what follows from them.

Source: KIP-98; kafka, clients `DefaultRecordBatch`; KIP-534 (delete horizon).
"""

import struct
from enum import IntEnum
from mmap import mmap
from typing import NamedTuple

from kafkabook.base.errors import CorruptMessage
from kafkabook.base.units import INT32_MAX, INT64_MAX
from kafkabook.records.checksum import crc32c
from kafkabook.records.compression import Codec

Bytes = bytes | bytearray | memoryview | mmap

HEADER_BYTES = 61
LENGTH_END = 12  # batch_length counts the bytes after this position
CRC_START = 21  # the checksum covers the bytes from here to the end
MAGIC_AT, MAGIC = 16, 2  # where every format has it, and what it is in this one

HEADER = struct.Struct(">qiibIhiqqqhii")
FROM_CRC_START = struct.Struct(">hiqqqhii")  # the part of the header that the checksum covers

CODEC_BITS = 0b111
APPEND_TIME_BIT, TRANSACTIONAL_BIT, CONTROL_BIT, HORIZON_BIT = 1 << 3, 1 << 4, 1 << 5, 1 << 6


class TimestampType(IntEnum):
    """Whose clock a batch's timestamps are from: its producer's, or the broker's at append.

    Messages of magic 0 have no timestamps at all.
    """

    NO_TIMESTAMP_TYPE = -1
    CREATE_TIME = 0
    LOG_APPEND_TIME = 1


class BatchHeader(NamedTuple):
    """The fields of a batch in the order of their bytes.

    The first four lie outside the checksum, as does the checksum itself: the leader writes the
    first and the third while it appends. A flipped bit in those two must be found by other means.

    Source: KIP-98; kafka, clients `DefaultRecordBatch`.
    """

    base_offset: int
    batch_length: int  # bytes after this field
    partition_leader_epoch: int
    magic: int
    crc: int
    attributes: int
    last_offset_delta: int
    base_timestamp_ms: int  # the delete horizon instead, if attributes say so
    max_timestamp_ms: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    records_count: int

    @property
    def size_bytes(self) -> int:
        """Size of the whole batch, header included."""
        return self.batch_length + LENGTH_END

    @property
    def last_offset(self) -> int:
        """Last offset that the batch stands for, also after compaction removed that record."""
        return self.base_offset + self.last_offset_delta

    @property
    def next_offset(self) -> int:
        """Offset at which the next batch may begin."""
        return self.base_offset + self.last_offset_delta + 1

    @property
    def last_sequence(self) -> int:
        """Sequence number of the last record; after 2147483647 comes 0. -1 if there is none."""
        if self.base_sequence < 0:
            return -1
        return (self.base_sequence + self.last_offset_delta) % (INT32_MAX + 1)

    @property
    def codec(self) -> Codec:
        """How the records are compressed; raises `UNSUPPORTED_COMPRESSION_TYPE` for 5, 6 and 7."""
        return Codec.numbered(self.attributes & CODEC_BITS)

    @property
    def timestamp_type(self) -> TimestampType:
        """Whose clock the timestamps are from."""
        return TimestampType(bool(self.attributes & APPEND_TIME_BIT))

    @property
    def is_transactional(self) -> bool:
        """True if a marker decides whether a read_committed consumer sees these records."""
        return bool(self.attributes & TRANSACTIONAL_BIT)

    @property
    def is_control(self) -> bool:
        """True if the records are for brokers and are never handed to a consumer."""
        return bool(self.attributes & CONTROL_BIT)

    @property
    def delete_horizon_ms(self) -> int | None:
        """Time from which compaction may drop the batch's tombstones or marker (KIP-534)."""
        return self.base_timestamp_ms if self.attributes & HORIZON_BIT else None


def read_header(data: Bytes, at: int = 0) -> BatchHeader:
    """Read the header of the batch that begins at byte `at`.

    The numbers make sense together, but neither the checksum nor the records are looked at.

    Raises:
        CorruptMessage: fewer than 61 bytes are left, or a field cannot be true; names the byte.
    """
    if not 0 <= at <= len(data) - HEADER_BYTES:
        raise _too_short(data, at)
    header = tuple.__new__(BatchHeader, HEADER.unpack_from(data, at))
    if (fault := fault_in(header)) is not None:
        position, reason = fault
        raise CorruptMessage(reason, at_byte=at + position)
    return header


def is_old(data: Bytes, at: int = 0) -> bool:
    """Say whether what begins at byte `at` has magic 0 or 1, the formats from before Kafka 0.11."""
    return 0 <= at < len(data) - MAGIC_AT and data[at + MAGIC_AT] < MAGIC


def check_whole(data: Bytes, at: int, header: BatchHeader) -> None:
    """Raise `CorruptMessage` if the batch at byte `at` is cut off by the end of `data`."""
    if at + header.size_bytes > len(data):
        left = f"{len(data) - at} are left"
        raise CorruptMessage(f"a batch of {header.size_bytes} bytes, {left}", at_byte=at)


def compare_crc(data: Bytes, at: int, header: BatchHeader) -> None:
    """Raise `CorruptMessage` unless the batch at byte `at` has its header's checksum."""
    actual = crc32c(memoryview(data)[at + CRC_START : at + header.size_bytes])
    if actual != header.crc:
        reason = f"checksum {actual:#010x}, the header says {header.crc:#010x}"
        raise CorruptMessage(reason, at_byte=at + 17)


def fault_in(header: BatchHeader) -> tuple[int, str] | None:
    """Return the byte within the header and the reason why it cannot be true; None if it can."""
    if header.magic != MAGIC:
        return MAGIC_AT, _wrong_magic(header.magic)
    if header.batch_length < HEADER_BYTES - LENGTH_END:
        return 8, f"batch length {header.batch_length} is less than the rest of its header"
    if not 0 <= header.base_offset <= INT64_MAX - INT32_MAX - 1:
        return 0, f"base offset {header.base_offset} is not an offset"
    if header.last_offset_delta < 0:
        return 23, f"last offset delta {header.last_offset_delta} is negative"
    if not 0 <= header.records_count <= header.last_offset_delta + 1:
        return 57, f"{header.records_count} records in {header.last_offset_delta + 1} offsets"
    return None


def _wrong_magic(magic: int) -> str:
    if magic in (0, 1):
        return f"magic {magic} is from before Kafka 0.11: kafkabook.records.formats reads it too"
    return f"magic {magic}, expected {MAGIC}"


def _too_short(data: Bytes, at: int) -> CorruptMessage:
    """Name the old formats if that is what it is, for their messages may be this short."""
    if is_old(data, at):
        return CorruptMessage(_wrong_magic(data[at + MAGIC_AT]), at_byte=at + MAGIC_AT)
    left = max(len(data) - at, 0)
    return CorruptMessage(f"{left} bytes left, a batch header takes {HEADER_BYTES}", at_byte=at)
