"""Messages of magic 0 and 1, which brokers before 0.11 wrote and today's still read.

A message stands alone in the log, with an offset before it: to the log it is a batch of one. A
compressed one is a wrapper: its value holds further messages, and its offset is that of the last.
Those of magic 0 have their own offsets inside; those of magic 1 count from the first one of the
set, so that a broker could number the wrapper without compressing it anew.

Magic 0 has no timestamps. Nothing here can be written.

Source: kafka, clients `LegacyRecord`, `AbstractLegacyRecordBatch`; KIP-31 (offsets inside), KIP-32
(timestamps), KIP-98 (what came after), KIP-724 (the end of writing it).
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple
from zlib import crc32

from kafkabook.base.errors import CorruptMessage, Errors, KafkaError
from kafkabook.records.batch_header import (
    APPEND_TIME_BIT,
    CODEC_BITS,
    LENGTH_END,
    MAGIC_AT,
    BatchHeader,
    Bytes,
    TimestampType,
)
from kafkabook.records.compression import Codec, decompress
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

_HEAD = struct.Struct(">qiIbb")
_TIMESTAMP, _SIZE = struct.Struct(">q"), struct.Struct(">i")
_LEAST_BYTES = 14  # checksum, magic, attributes, and two sizes; magic 1 adds eight
NO_TIMESTAMP_MS = NO_PRODUCER = NO_EPOCH = NO_SEQUENCE = -1


class Message(NamedTuple):
    """One message as it stands, in a log or inside a wrapper; of a wrapper the value is packed.

    `timestamp_ms` is -1 in magic 0. `message_size` counts the bytes behind itself.
    """

    offset: int
    message_size: int
    crc: int
    magic: int
    attributes: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None

    @property
    def codec(self) -> Codec:
        """How the messages inside are compressed; `UNSUPPORTED_COMPRESSION_TYPE` for 5, 6, 7."""
        return Codec.numbered(self.attributes & CODEC_BITS)

    @property
    def timestamp_type(self) -> TimestampType:
        """Whose clock the timestamp is from."""
        if self.magic == 0:
            return TimestampType.NO_TIMESTAMP_TYPE
        return TimestampType(bool(self.attributes & APPEND_TIME_BIT))


class MessageHeader(BatchHeader):
    """What a message says as a batch, in the words of today's batches.

    `last_offset` is the message's own. The first offset of a wrapper is inside it. It has no leader
    epoch, no producer and no transaction: these are -1, or false.

    Source: kafka, clients `AbstractLegacyRecordBatch`.
    """

    __slots__ = ()

    @property
    def timestamp_type(self) -> TimestampType:
        """Whose clock the timestamps are from."""
        return TimestampType.NO_TIMESTAMP_TYPE if self.magic == 0 else super().timestamp_type

    @property
    def is_transactional(self) -> bool:
        """False: the bit has no meaning here."""
        return False

    @property
    def is_control(self) -> bool:
        """False: the bit has no meaning here."""
        return False

    @property
    def delete_horizon_ms(self) -> None:
        """None: the bit has no meaning here."""
        return


class MessageSet(RecordBatch):
    """The bytes of one message, with the records that it is or holds.

    Args:
        data: exactly one message with its offset and size; it is not checked beyond its head.

    Raises:
        CorruptMessage: it is none, or shorter or longer than it says.

    >>> old = bytes.fromhex("0000000000000064000000101fecd70a0000000000016b0000000176")
    >>> MessageSet(old).records
    (Record(key=b'k', value=b'v', timestamp_ms=-1, headers=(), offset=100),)
    """

    __slots__ = ()

    def __init__(self, data: bytes) -> None:
        header = read_message_header(data)
        if header.size_bytes != len(data):
            reason = f"the message says {header.size_bytes} bytes, there are {len(data)}"
            raise CorruptMessage(reason, at_byte=8)
        self.data, self.header = data, header
        self._records = None

    @property
    def records(self) -> tuple[Record, ...]:
        """The records with their offsets and timestamps; unpacked once, then kept.

        Raises:
            CorruptMessage: the fields do not fit, or a wrapper does not hold messages.
            NotReadHere: it holds more than there is room for.
            UNSUPPORTED_COMPRESSION_TYPE: no codec has that number.
        """
        if self._records is None:
            self._records = records_in(read_message(self.data))
        return self._records

    def check(self) -> None:
        """Assert that checksum and records are sound; raises as `records` does."""
        compare_message_crc(self.data, 0, self.header)
        records_in(read_message(self.data))

    def stamped(
        self, *, base_offset: int | None = None, partition_leader_epoch: int | None = None
    ) -> RecordBatch:
        """Refuse: an old message cannot be appended.

        Raises:
            INVALID_RECORD: always.
        """
        del base_offset, partition_leader_epoch
        raise only_read(self.header.magic)

    def with_append_time(self, append_time_ms: int) -> RecordBatch:
        """Refuse, as `stamped` does."""
        del append_time_ms
        raise only_read(self.header.magic)


def read_message_header(data: Bytes, at: int = 0) -> MessageHeader:
    """Read what the message at byte `at` says as a batch; of its body only what a wrapper holds.

    A wrapper that cannot be unpacked seems to hold one record, at its own offset.

    Raises:
        CorruptMessage: it is cut off, or its head cannot be true; names the byte.

    Cost: linear in what a wrapper holds, which is not known before it is unpacked.
    """
    offset, size, crc, magic, attributes = _head(data, at)
    when_ms = _timestamp_ms(data, at, magic)
    first, count = offset, 1
    if attributes & CODEC_BITS:
        first, count = _inside(data, at, offset)
    return MessageHeader(
        *(first, size, NO_EPOCH, magic, crc, attributes, offset - first, when_ms, when_ms),
        *(NO_PRODUCER, NO_EPOCH, NO_SEQUENCE, count),
    )


def read_message(data: Bytes, at: int = 0) -> Message:
    """Read the message that begins at byte `at`; its checksum is not looked at.

    Raises:
        CorruptMessage: it is cut off, or a field cannot be true; names the byte.
    """
    head = _head(data, at)
    magic, stop = head[3], at + LENGTH_END + head[1]
    key, start = _sized(data, at + _HEAD.size + _timestamp_bytes(magic), stop)
    value, _ = _sized(data, start, stop)
    return Message(*head, _timestamp_ms(data, at, magic), key, value)


def compare_message_crc(data: Bytes, at: int, header: BatchHeader) -> None:
    """Raise `CorruptMessage` unless the message at byte `at` has its CRC-32, the one of gzip."""
    actual = crc32(memoryview(data)[at + MAGIC_AT : at + header.size_bytes])
    if actual != header.crc:
        reason = f"checksum {actual:#010x}, the message says {header.crc:#010x}"
        raise CorruptMessage(reason, at_byte=at + LENGTH_END)


def only_read(magic: int) -> KafkaError:
    """Return what is raised where a message of an old format would have to be written."""
    told = f"a message of magic {magic}: Kafka has not taken these since 4.0 (KIP-724)"
    return KafkaError(Errors.INVALID_RECORD, f"{told}; write its records anew")


def records_in(message: Message) -> tuple[Record, ...]:
    """Return the record that a message is, or those that a wrapper holds.

    Raises:
        CorruptMessage: a wrapper does not hold messages.
        NotReadHere: it holds more than there is room for.
        UNSUPPORTED_COMPRESSION_TYPE: no codec has that number.
    """
    if message.codec is Codec.NONE:
        return (_record(message, message.offset, message.timestamp_ms),)
    inner = tuple(_unpacked(message))
    if not inner:
        raise CorruptMessage("a compressed message that holds none")
    base = _base_offset(message, inner[-1].offset)
    return tuple(_record(it, base + it.offset, _time_of(it, message)) for it in inner)


def _unpacked(wrapper: Message) -> Iterator[Message]:
    """Yield the messages of a wrapper; what is cut off at the end was never whole (KIP-31)."""
    if wrapper.value is None:
        raise CorruptMessage("a compressed message without a value")
    if wrapper.codec is Codec.ZSTD:
        raise CorruptMessage(f"zstd in a message of magic {wrapper.magic}, which is older")
    plain = decompress(wrapper.codec, wrapper.value, of_magic_0=wrapper.magic == 0)
    at = 0
    while at + LENGTH_END <= len(plain):
        size = int.from_bytes(plain[at + 8 : at + LENGTH_END], "big", signed=True)
        if size >= _LEAST_BYTES and at + LENGTH_END + size > len(plain):
            return
        message = read_message(plain, at)
        if message.attributes & CODEC_BITS:
            raise CorruptMessage("a compressed message inside a compressed message")
        yield message
        at += LENGTH_END + size


def _base_offset(wrapper: Message, last_inside: int) -> int:
    """Return what is added to the offsets inside a wrapper.

    An offset of 0 is that of a wrapper which no broker has numbered: old librdkafka wrote them so.
    """
    if wrapper.magic == 0 or wrapper.offset == 0:
        return 0
    if wrapper.offset < last_inside:
        told = f"a wrapper of offset {wrapper.offset} holds offset {last_inside} of its set"
        raise CorruptMessage(told)
    return wrapper.offset - last_inside


def _time_of(inner: Message, wrapper: Message) -> int:
    is_append_time = wrapper.timestamp_type is TimestampType.LOG_APPEND_TIME
    return wrapper.timestamp_ms if is_append_time and inner.magic == 1 else inner.timestamp_ms


def _record(message: Message, offset: int, timestamp_ms: int) -> Record:
    return Record(message.key, message.value, timestamp_ms, (), offset)


def _inside(data: Bytes, at: int, offset: int) -> tuple[int, int]:
    """Return the first offset inside a wrapper, and how many records it holds."""
    try:
        records = records_in(read_message(data, at))
    except KafkaError:
        return offset, 1
    return records[0].offset, len(records)


def _head(data: Bytes, at: int) -> tuple[int, int, int, int, int]:
    """Return offset, size, checksum, magic and attributes of a message that is whole."""
    if at + _HEAD.size > len(data):
        left = f"{len(data) - at} bytes left, a message takes {LENGTH_END + _LEAST_BYTES}"
        raise CorruptMessage(left, at_byte=at)
    offset, size, crc, magic, attributes = _HEAD.unpack_from(data, at)
    least = _LEAST_BYTES + _timestamp_bytes(magic)
    if size < least:
        told = f"message size {size}, less than the {least} that its fields take"
        raise CorruptMessage(told, at_byte=at + 8)
    if at + LENGTH_END + size > len(data):
        told = f"a message of {LENGTH_END + size} bytes, {len(data) - at} are left"
        raise CorruptMessage(told, at_byte=at)
    if offset < 0:
        raise CorruptMessage(f"offset {offset} is not an offset", at_byte=at)
    return offset, size, crc, magic, attributes


def _timestamp_bytes(magic: int) -> int:
    return _TIMESTAMP.size if magic else 0


def _timestamp_ms(data: Bytes, at: int, magic: int) -> int:
    if magic == 0:
        return NO_TIMESTAMP_MS
    (when_ms,) = _TIMESTAMP.unpack_from(data, at + _HEAD.size)
    return int(when_ms)


def _sized(data: Bytes, at: int, stop: int) -> tuple[bytes | None, int]:
    """Read a key or a value behind its size; any negative size stands for null."""
    start = at + _SIZE.size
    size = int.from_bytes(data[at:start], "big", signed=True)
    if start > stop or start + size > stop:
        raise CorruptMessage(f"a field of {size} bytes, {stop - start} are left", at_byte=at)
    return (None, start) if size < 0 else (bytes(data[start : start + size]), start + size)
