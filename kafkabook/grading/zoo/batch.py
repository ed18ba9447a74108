"""Wrong ways to decode a batch, and right ones that are not ours.

The wrong ones are one plain decoder with one piece replaced, so that each shows its one mistake.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from kafkabook.base.errors import CorruptMessage
from kafkabook.grading.zoo.variant import Variant
from kafkabook.records.batch_header import CRC_START, HEADER_BYTES, BatchHeader, read_header
from kafkabook.records.checksum import crc32c
from kafkabook.records.compression import Codec, decompress
from kafkabook.records.record import Record

Records = tuple[Record, ...]


def _zigzag(number: int) -> int:
    return (number >> 1) ^ -(number & 1)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def _unpacked(header: BatchHeader, body: bytes) -> bytes:
    return decompress(Codec.numbered(header.attributes & 7), body)


def _slice(data: bytes, at: int, length: int) -> tuple[bytes | None, int]:
    return (None, at) if length < 0 else (data[at : at + length], at + length)


@dataclass(frozen=True, slots=True)
class _Decoder:
    """A decoder in pieces."""

    signed: Callable[[int], int] = _zigzag
    varint: Callable[[bytes, int], tuple[int, int]] = _varint
    unpacked: Callable[[BatchHeader, bytes], bytes] = _unpacked
    sliced: Callable[[bytes, int, int], tuple[bytes | None, int]] = _slice
    crc_start: int = CRC_START
    crc_counts: bool = True
    whole: bool = True
    base_offset: Callable[[BatchHeader], int] = lambda header: header.base_offset
    base_time_ms: Callable[[BatchHeader], int] = lambda header: header.base_timestamp_ms
    append_time: bool = True
    headers: Callable[[list[Any]], tuple[Any, ...]] = tuple
    end: Callable[[bytes, int, BatchHeader], int] = lambda _, at, header: at + header.size_bytes

    def decode(self, data: bytes, at: int) -> Records:
        header = read_header(data, at)
        if self.whole and len(data) < at + header.size_bytes:
            raise CorruptMessage("the batch is cut off", at_byte=at)
        batch = data[at : self.end(data, at, header)]
        if self.crc_counts and crc32c(batch[self.crc_start :]) != header.crc:
            raise CorruptMessage("the checksum is wrong", at_byte=at + 17)
        body = self.unpacked(header, batch[HEADER_BYTES:])
        return tuple(self._timed(record, header) for record in self._records(body, header))

    def _timed(self, record: Record, header: BatchHeader) -> Record:
        late = self.append_time and header.attributes & 8
        return record._replace(timestamp_ms=header.max_timestamp_ms) if late else record

    def _records(self, body: bytes, header: BatchHeader) -> Iterator[Record]:
        at = 0
        for _ in range(header.records_count):
            record, at = self._record(body, at, header)
            yield record

    def _record(self, body: bytes, at: int, header: BatchHeader) -> tuple[Record, int]:
        _, at = self._number(body, at)
        time_ms, at = self._number(body, at + 1)
        offset, at = self._number(body, at)
        key, at = self._sized(body, at)
        value, at = self._sized(body, at)
        count, at = self._number(body, at)
        headers = []
        for _ in range(count):
            name, at = self._sized(body, at)
            content, at = self._sized(body, at)
            headers.append(((name or b"").decode(), content))
        time_ms, offset = time_ms + self.base_time_ms(header), offset + self.base_offset(header)
        return Record(key, value, time_ms, self.headers(headers), offset), at

    def _number(self, body: bytes, at: int) -> tuple[int, int]:
        number, at = self.varint(body, at)
        return self.signed(number), at

    def _sized(self, body: bytes, at: int) -> tuple[bytes | None, int]:
        length, at = self._number(body, at)
        return self.sliced(body, at, length)


_RIGHT = _Decoder()


def checks_the_whole_batch(data: bytes, at: int) -> Records:
    """Lets the checksum cover what the leader rewrites, and the checksum itself."""
    return replace(_RIGHT, crc_start=0).decode(data, at)


def checks_the_records_alone(data: bytes, at: int) -> Records:
    """Leaves attributes and timestamps out of the checksum."""
    return replace(_RIGHT, crc_start=HEADER_BYTES).decode(data, at)


def never_checks(data: bytes, at: int) -> Records:
    """Trusts the disk."""
    return replace(_RIGHT, crc_counts=False).decode(data, at)


def knows_no_zigzag(data: bytes, at: int) -> Records:
    """Reads every number twice as large as it is."""
    return replace(_RIGHT, signed=lambda number: number).decode(data, at)


def halves_without_a_sign(data: bytes, at: int) -> Records:
    """Halves numbers, and has no negative ones."""
    return replace(_RIGHT, signed=lambda number: (number + 1) >> 1).decode(data, at)


def reads_one_byte_varints(data: bytes, at: int) -> Records:
    """Has never seen a number above 63."""
    return replace(_RIGHT, varint=lambda body, start: (body[start], start + 1)).decode(data, at)


def _big_end_first(body: bytes, at: int) -> tuple[int, int]:
    number = 0
    while True:
        number = number << 7 | body[at] & 0x7F
        at += 1
        if body[at - 1] < 0x80:
            return number, at


def reads_varints_from_the_big_end(data: bytes, at: int) -> Records:
    """Puts the groups of seven bits together in the wrong order."""
    return replace(_RIGHT, varint=_big_end_first).decode(data, at)


def takes_offset_deltas_for_offsets(data: bytes, at: int) -> Records:
    """Forgets the base offset."""
    return replace(_RIGHT, base_offset=lambda header: 0 * header.base_offset).decode(data, at)


def takes_time_deltas_for_times(data: bytes, at: int) -> Records:
    """Forgets the base timestamp."""
    return replace(_RIGHT, base_time_ms=lambda header: 0 * header.magic).decode(data, at)


def counts_time_from_the_largest(data: bytes, at: int) -> Records:
    """Takes max_timestamp_ms for the base."""
    return replace(_RIGHT, base_time_ms=lambda header: header.max_timestamp_ms).decode(data, at)


def ignores_append_time(data: bytes, at: int) -> Records:
    """Ignores attribute bit 3."""
    return replace(_RIGHT, append_time=False).decode(data, at)


def ignores_the_codec(data: bytes, at: int) -> Records:
    """Ignores attribute bits 0 to 2."""
    return replace(_RIGHT, unpacked=lambda _, body: body).decode(data, at)


def _empty_is_absent(body: bytes, at: int, length: int) -> tuple[bytes | None, int]:
    found, after = _slice(body, at, length)
    return found or None, after


def takes_empty_for_absent(data: bytes, at: int) -> Records:
    """Makes a tombstone of an empty value."""
    return replace(_RIGHT, sliced=_empty_is_absent).decode(data, at)


def _absent_is_empty(body: bytes, at: int, length: int) -> tuple[bytes | None, int]:
    found, after = _slice(body, at, length)
    return found or b"", after


def takes_absent_for_empty(data: bytes, at: int) -> Records:
    """Loses every tombstone."""
    return replace(_RIGHT, sliced=_absent_is_empty).decode(data, at)


def keeps_one_header_a_name(data: bytes, at: int) -> Records:
    """Puts headers into a dict."""
    return replace(_RIGHT, headers=lambda pairs: tuple(dict(pairs).items())).decode(data, at)


def always_reads_the_first_batch(data: bytes, at: int) -> Records:
    """Ignores where it was told to begin."""
    return _RIGHT.decode(data, 0 * at)


def reads_to_the_end_of_the_file(data: bytes, at: int) -> Records:
    """Takes all that follows for this batch."""
    return replace(_RIGHT, end=lambda body, *_: len(body)).decode(data, at)


def does_not_ask_whether_it_is_whole(data: bytes, at: int) -> Records:
    """Unpacks a header that is not there."""
    if len(data) < at + HEADER_BYTES:
        raise IndexError("no header")
    return replace(_RIGHT, whole=False).decode(data, at)


def reads_eight_records_at_most(data: bytes, at: int) -> Records:
    """Was tried on small batches only."""
    return _RIGHT.decode(data, at)[:8]


WRONG = (
    Variant(checks_the_whole_batch, "R1", "example 1"),
    Variant(checks_the_records_alone, "R1", "example 1"),
    Variant(never_checks, "R1", "example 5"),
    Variant(knows_no_zigzag, "R1", "example 1"),
    Variant(halves_without_a_sign, "R1", "example 1"),
    Variant(reads_one_byte_varints, "R2", "long numbers take more bytes"),
    Variant(reads_varints_from_the_big_end, "R2", "long numbers take more bytes"),
    Variant(takes_offset_deltas_for_offsets, "R1", "example 2"),
    Variant(takes_time_deltas_for_times, "R1", "example 1"),
    Variant(counts_time_from_the_largest, "R1", "example 2"),
    Variant(ignores_append_time, "R2", "append time replaces timestamps"),
    Variant(ignores_the_codec, "R2", "compressed records are unpacked"),
    Variant(takes_empty_for_absent, "R2", "absent is not empty"),
    Variant(takes_absent_for_empty, "R1", "example 1"),
    Variant(keeps_one_header_a_name, "R2", "headers come in order"),
    Variant(always_reads_the_first_batch, "R1", "example 4"),
    Variant(reads_to_the_end_of_the_file, "R1", "example 4"),
    Variant(does_not_ask_whether_it_is_whole, "R2", "a torn batch is refused"),
    Variant(reads_eight_records_at_most, "R3", "a log that crashes stays whole"),
)


class _Reader:
    """A stream of fields."""

    def __init__(self, data: bytes) -> None:
        self._stream = BytesIO(data)

    def number(self) -> int:
        groups = [self._stream.read(1)[0]]
        while groups[-1] & 0x80:
            groups.append(self._stream.read(1)[0])
        coded = sum((group & 0x7F) << 7 * n for n, group in enumerate(groups))
        return -(coded + 1) // 2 if coded % 2 else coded // 2

    def sized(self) -> bytes | None:
        length = self.number()
        return None if length == -1 else self._stream.read(length)

    def record(self, header: BatchHeader) -> Record:
        self.number()
        self._stream.read(1)
        time_ms = header.base_timestamp_ms + self.number()
        if header.attributes >> 3 & 1:
            time_ms = header.max_timestamp_ms
        offset = header.base_offset + self.number()
        key, value = self.sized(), self.sized()
        heads = tuple(((self.sized() or b"").decode(), self.sized()) for _ in range(self.number()))
        return Record(key, value, time_ms, heads, offset)


def by_a_stream(data: bytes, at: int) -> Records:
    """Reads fields from a stream, one object that knows where it is."""
    batch = memoryview(data)[at:]
    header = read_header(data, at)
    if header.size_bytes > len(batch):
        raise CorruptMessage(f"{header.size_bytes - len(batch)} bytes are missing", at_byte=at)
    if crc32c(bytes(batch[CRC_START : header.size_bytes])) != header.crc:
        raise CorruptMessage("checksum", at_byte=at)
    body = bytes(batch[HEADER_BYTES : header.size_bytes])
    reader = _Reader(decompress(Codec(header.attributes & 7), body))
    return tuple(reader.record(header) for _ in range(header.records_count))


def by_positions(data: bytes, at: int) -> Records:
    """Keeps a position beside the bytes, and one step a field."""
    return _RIGHT.decode(data, at)


RIGHT = (by_a_stream, by_positions)
