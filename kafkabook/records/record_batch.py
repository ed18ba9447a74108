"""A record batch: what producers send, leaders check and stamp, and consumers fetch.

Source: KIP-98; kafka, clients `DefaultRecordBatch`, `MemoryRecordsBuilder`.
"""

from collections.abc import Iterable
from typing import Unpack

from kafkabook.base.errors import CorruptMessage
from kafkabook.base.shown import Shown
from kafkabook.records.batch_encoder import BatchFields, encode_batch
from kafkabook.records.batch_header import (
    APPEND_TIME_BIT,
    CODEC_BITS,
    FROM_CRC_START,
    HEADER,
    HEADER_BYTES,
    BatchHeader,
    Bytes,
    TimestampType,
    check_whole,
    compare_crc,
    read_header,
)
from kafkabook.records.checksum import crc32c
from kafkabook.records.compression import Codec, decompress
from kafkabook.records.record import Record
from kafkabook.records.record_decoder import decode_records

__all__ = [
    "HEADER_BYTES",
    "BatchHeader",
    "RecordBatch",
    "TimestampType",
    "decode_batch",
    "encode_batch",
    "read_header",
]


class RecordBatch(Shown):
    """The bytes of one batch, with its header read and its records decoded when asked for.

    Two batches are equal if their bytes are.

    Args:
        data: exactly one batch; it is not checked beyond its header.

    Raises:
        CorruptMessage: the header cannot be true, or `data` is shorter or longer than it says.

    Source: KIP-98; notes, Part 1 ch 02 §07.

    >>> RecordBatch.of([Record(value=b"a"), Record(value=b"b")], base_offset=42)
    RecordBatch(offsets 42..43, 2 records, 77 bytes)
    """

    __slots__ = ("_records", "data", "header")

    def __init__(self, data: bytes) -> None:
        header = read_header(data)
        if header.size_bytes != len(data):
            reason = f"the batch says {header.size_bytes} bytes, there are {len(data)}"
            raise CorruptMessage(reason, at_byte=8)
        self.data, self.header = data, header
        self._records: tuple[Record, ...] | None = None

    @classmethod
    def of(cls, records: Iterable[Record], **fields: Unpack[BatchFields]) -> "RecordBatch":
        """Return the batch that holds `records`; `fields` are those of `encode_batch`."""
        return cls(encode_batch(records, **fields))

    @property
    def records(self) -> tuple[Record, ...]:
        """The records with their offsets and timestamps; decoded once, then kept.

        Raises:
            CorruptMessage: they are not what the header announces; the byte counts from the
                batch's first. The checksum is not looked at.
            UNSUPPORTED_COMPRESSION_TYPE: no codec has that number.
        """
        if self._records is None:
            self._records = _records_of(self.data, self.header)
        return self._records

    @property
    def base_offset(self) -> int:
        """Offset of the first record, if it is still there."""
        return self.header.base_offset

    @property
    def last_offset(self) -> int:
        """Last offset that the batch stands for."""
        return self.header.last_offset

    @property
    def next_offset(self) -> int:
        """Offset at which the next batch may begin."""
        return self.header.next_offset

    @property
    def size_bytes(self) -> int:
        """Size on disk and on the wire."""
        return len(self.data)

    def stamped(
        self, *, base_offset: int | None = None, partition_leader_epoch: int | None = None
    ) -> "RecordBatch":
        """Return the batch with what a leader writes into it; its checksum stays right.

        Cost: one copy; nothing is decoded, which is why these fields lie outside the checksum.
        """
        old = self.header
        offset = old.base_offset if base_offset is None else base_offset
        epoch = old.partition_leader_epoch
        epoch = epoch if partition_leader_epoch is None else partition_leader_epoch
        stamp = HEADER.pack(offset, old.batch_length, epoch, *old[3:])
        return RecordBatch(stamp + self.data[HEADER_BYTES:])

    def with_append_time(self, append_time_ms: int) -> "RecordBatch":
        """Return the batch as a topic with `message.timestamp.type=LogAppendTime` stores it.

        The records stay as they were encoded; a reader shows `append_time_ms` for each of them.
        """
        fields = self.header._replace(
            attributes=self.header.attributes | APPEND_TIME_BIT, max_timestamp_ms=append_time_ms
        )
        covered = FROM_CRC_START.pack(*fields[5:]) + self.data[HEADER_BYTES:]
        stamped = HEADER.pack(*fields._replace(crc=crc32c(covered)))
        return RecordBatch(stamped + self.data[HEADER_BYTES:])

    def check(self) -> None:
        """Assert that checksum and records are what the header says.

        Raises:
            CorruptMessage: they are not; names the byte, counted from the batch's first.
            UNSUPPORTED_COMPRESSION_TYPE: no codec has that number.
        """
        compare_crc(self.data, 0, self.header)
        _records_of(self.data, self.header)

    def __eq__(self, other: object) -> bool:
        return self.data == other.data if isinstance(other, RecordBatch) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.data)

    def __repr__(self) -> str:
        header, codec = self.header, self.header.attributes & CODEC_BITS
        codec_name = Codec(codec).name.lower() if codec <= Codec.ZSTD else f"codec {codec}"
        traits = [
            f"offsets {header.base_offset}..{header.last_offset}",
            f"{header.records_count} record{'s' * (header.records_count != 1)}",
            f"{len(self.data)} bytes",
            *[codec_name] * (codec != Codec.NONE),
            *["transactional"] * header.is_transactional,
            *["control"] * header.is_control,
        ]
        return f"{type(self).__name__}({', '.join(traits)})"


def decode_batch(data: Bytes, at: int = 0, *, check_crc: bool = True) -> RecordBatch:
    """Return the batch that begins at byte `at`; its records are decoded when first asked for.

    Args:
        data: any bytes; what follows the batch is left alone.
        check_crc: False leaves the checksum to somebody else.

    Raises:
        CorruptMessage: not a whole batch, or its checksum is wrong; names the byte within `data`.

    Cost: one copy and one checksum of the batch.
    """
    header = read_header(data, at)
    check_whole(data, at, header)
    if check_crc:
        compare_crc(data, at, header)
    return RecordBatch(bytes(data[at : at + header.size_bytes]))


def _records_of(data: bytes, header: BatchHeader) -> tuple[Record, ...]:
    if not header.records_count:
        return ()  # Kafka does not even look at what follows
    codec = header.codec
    if codec is Codec.NONE or len(data) == HEADER_BYTES:
        return decode_records(data, HEADER_BYTES, header)
    try:
        return decode_records(decompress(codec, data[HEADER_BYTES:]), 0, header)
    except CorruptMessage as fault:
        where = f"byte {fault.at_byte} of the records, decompressed: " if fault.at_byte else ""
        raise CorruptMessage(where + fault.reason, at_byte=HEADER_BYTES) from fault
