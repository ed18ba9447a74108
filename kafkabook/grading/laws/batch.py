"""The laws of decoding a batch: varints, zigzag, deltas, attributes, and the checksum's scope."""

import re
from typing import Any

from kafkabook.base.errors import CorruptMessage
from kafkabook.grading import draws
from kafkabook.grading.draws import Strategy
from kafkabook.grading.laws.law import Law, LawBroken, Part, Said, expect
from kafkabook.grading.process import PartRaised
from kafkabook.records.batch_encoder import encode_batch
from kafkabook.records.batch_header import CRC_START, HEADER_BYTES, TimestampType, read_header
from kafkabook.records.compression import Codec
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch, decode_batch

_NOW_MS = 1_700_000_000_000
_STAMPED = (*range(8), *range(12, 16))  # bytes that a leader rewrites, outside the checksum


def decoded(data: bytes, at: int) -> tuple[Record, ...]:
    """Return the records of the batch at byte `at`; the reference of the exercise."""
    return decode_batch(data, at).records


def in_a_tuple(answer: object) -> object:
    """Take a list of records for the tuple that it stands for."""
    return tuple(answer) if isinstance(answer, list) else answer


class DecodedBatch(RecordBatch):
    """A batch whose records a learner's part has read."""

    __slots__ = ("_read",)

    def __init__(self, data: bytes, read: tuple[Record, ...]) -> None:
        super().__init__(data)
        self._read = read

    @property
    def records(self) -> tuple[Record, ...]:
        """The records as the part read them."""
        return self._read


def slotted(part: Part) -> Part:
    """Fit a part that answers with records to the slot, which answers with a batch.

    Raises (when called):
        CorruptMessage: the part raised it, here or in its own process.
    """

    def decode(data: bytes, at: int = 0, *, check_crc: bool = True) -> RecordBatch:  # noqa: ARG001
        try:
            read = tuple(part(bytes(data), at))
        except PartRaised as raised:
            if raised.kind == "CorruptMessage":
                raise CorruptMessage(str(raised), at_byte=at) from raised
            raise
        size_bytes = read_header(data, at).size_bytes
        return DecodedBatch(bytes(data[at : at + size_bytes]), read)

    return decode


def told(data: bytes, at: int) -> tuple[str, ...]:
    """Show a call: the bytes of the batch behind its header, and what the header says."""
    try:
        header = read_header(data, at)
    except CorruptMessage as error:
        return (f"data      {len(data)} bytes, a batch at byte {at}: {error}",)
    body = data[at + HEADER_BYTES : at + header.size_bytes]
    first_ms, last_ms = header.base_timestamp_ms, header.max_timestamp_ms
    numbers = f"{header.records_count} records, attributes {header.attributes}"
    return (
        f"batch     at byte {at} of {len(data)}, {header.size_bytes} bytes, {numbers}",
        f"          base offset {header.base_offset}, base timestamp {first_ms}, max {last_ms}",
        f"records   {body[:24].hex(' ')}{' …' * (len(body) > 24)}",
    )


def told_flip(data: bytes, at: int, flipped: int) -> tuple[str, ...]:
    """Show a batch and the bit that was turned in it."""
    byte, bit = divmod(flipped, 8)
    first, *_, last = told(data, at)
    return (first, f"damage    bit {bit} of the batch's byte {byte} is turned", last)


def told_cut(data: bytes, at: int, left_bytes: int) -> tuple[str, ...]:
    """Show a batch of which the end is missing."""
    first, *_, last = told(data, at)
    return (first, f"damage    only {left_bytes} bytes of the batch are there", last)


def what_was_written_is_read(part: Part, data: bytes, at: int) -> None:
    """Every record comes back as it was encoded: key, value, timestamp, headers, offset."""
    _same(part, data, at)


def negative_numbers_are_zigzag(part: Part, data: bytes, at: int) -> None:
    """Numbers are zigzag: 0, -1, 1, -2 are written as 0, 1, 2, 3, so a record may be older."""
    _same(part, data, at)


def long_numbers_take_more_bytes(part: Part, data: bytes, at: int) -> None:
    """A varint goes on while the high bit is set, seven bits a byte, the lowest first."""
    _same(part, data, at)


def absent_is_not_empty(part: Part, data: bytes, at: int) -> None:
    """A length of -1 is an absent key or value; a length of 0 is an empty one."""
    _same(part, data, at)


def headers_come_in_order(part: Part, data: bytes, at: int) -> None:
    """A record's headers keep their order, a name may repeat, a value may be absent."""
    _same(part, data, at)


def deltas_count_from_the_base(part: Part, data: bytes, at: int) -> None:
    """Offsets and timestamps in a record are distances from the header's base."""
    _same(part, data, at)


def append_time_replaces_timestamps(part: Part, data: bytes, at: int) -> None:
    """With attribute bit 3 every record has the broker's time, max_timestamp_ms."""
    _same(part, data, at)


def compressed_records_are_unpacked(part: Part, data: bytes, at: int) -> None:
    """Attribute bits 0 to 2 name the codec; what is compressed are the records alone."""
    _same(part, data, at)


def only_one_batch_is_read(part: Part, data: bytes, at: int) -> None:
    """A file holds batch after batch; the call is about the one at byte `at`."""
    _same(part, data, at)


def a_leaders_stamp_is_not_damage(part: Part, data: bytes, at: int) -> None:
    """The checksum covers the batch from attributes on; base offset and epoch lie before it."""
    _same(part, data, at)


def a_turned_bit_is_refused(part: Part, data: bytes, at: int, flipped: int) -> None:
    """A batch whose checksum is wrong raises CorruptMessage, with a byte of that batch."""
    byte, bit = divmod(flipped, 8)
    damaged = bytearray(data)
    damaged[at + byte] ^= 1 << bit
    _refused(part, bytes(damaged), at)


def a_torn_batch_is_refused(part: Part, data: bytes, at: int, left_bytes: int) -> None:
    """A batch of which the end is missing raises CorruptMessage, and no other error."""
    _refused(part, data[: at + left_bytes], at)


def _same(part: Part, data: bytes, at: int) -> None:
    expect(decoded(data, at), part(data, at))


def _refused(part: Part, data: bytes, at: int) -> None:
    should_be = Said("raises CorruptMessage")
    try:
        yours: Any = part(data, at)
    except PartRaised as raised:
        if raised.kind == "CorruptMessage":
            _inside(str(raised), at, len(data))
            return
        yours = Said(raised)
    raise LawBroken(should_be, yours, "A reader must not be given records that nobody wrote.")


def _inside(text: str, at: int, end: int) -> None:
    named = re.search(r"byte (\d+):", text)
    if named is None or not at <= int(named[1]) <= end:
        why = "`CorruptMessage(reason, at_byte=…)` counts from the beginning of `data`."
        raise LawBroken(Said(f"a byte from {at} to {end}"), Said(text), why)


_texts = draws.sampled_from((b"", b"a", b"key", b"a longer value than the others"))
_maybe = draws.one_of(draws.none(), _texts)
_times = draws.integers(_NOW_MS, _NOW_MS + 50)
_record = draws.tuples(_maybe, _maybe, _times).map(lambda fields: Record(*fields))
_records = draws.lists(_record, min_size=1, max_size=4)
_named = draws.sampled_from((("trace", b"1"), ("trace", None), ("é", b""), ("app", b"orders")))
_heads = draws.builds(
    lambda headers: Record(b"k", b"v", _NOW_MS, tuple(headers)), draws.lists(_named, max_size=3)
)
_older = draws.integers(0, 60).map(
    lambda past_ms: [Record(b"k", b"v", _NOW_MS), Record(b"k", b"w", _NOW_MS - past_ms)]
)
_large = draws.one_of(
    draws.builds(
        lambda size: Record(None, b"x" * size, _NOW_MS), draws.sampled_from((64, 300, 9_000))
    ),
    draws.builds(
        lambda away: Record(None, b"x", _NOW_MS + away), draws.sampled_from((64, 9_000, 2**33))
    ),
)


def _batch(records: Strategy[list[Record]], **fields: Any) -> Strategy[Any]:
    return draws.tuples(records.map(lambda them: encode_batch(them, **fields)), draws.just(0))


_plain = _batch(_records)
_placed = draws.builds(
    lambda them, base, epoch: (
        encode_batch(them, base_offset=base, partition_leader_epoch=epoch),
        0,
    ),
    _records,
    draws.sampled_from((0, 1, 42, 2**40)),
    draws.integers(0, 3),
)
_among = draws.builds(
    lambda before, them, after: (
        encode_batch(before) + encode_batch(them, base_offset=9) + encode_batch(after),
        len(encode_batch(before)),
    ),
    _records,
    _records,
    _records,
)
_packed = draws.builds(
    lambda them, codec: (encode_batch(them, codec=codec), 0),
    _records,
    draws.sampled_from((Codec.GZIP, Codec.SNAPPY, Codec.LZ4, Codec.ZSTD)),
)
_flips = _among.flatmap(
    lambda call: draws.tuples(
        draws.just(call[0]),
        draws.just(call[1]),
        draws.integers(8 * CRC_START, 8 * read_header(call[0], call[1]).size_bytes - 1),
    )
)
_cuts = _plain.flatmap(
    lambda call: draws.tuples(
        draws.just(call[0]), draws.just(0), draws.integers(0, len(call[0]) - 1)
    )
)
_appended = _batch(_records, timestamp_type=TimestampType.LOG_APPEND_TIME)

LAWS = (
    Law(negative_numbers_are_zigzag, _batch(_older), told),
    Law(long_numbers_take_more_bytes, _batch(draws.lists(_large, min_size=1, max_size=2)), told),
    Law(absent_is_not_empty, _plain, told),
    Law(headers_come_in_order, _batch(draws.lists(_heads, min_size=1, max_size=2)), told),
    Law(deltas_count_from_the_base, _placed, told),
    Law(append_time_replaces_timestamps, _appended, told),
    Law(compressed_records_are_unpacked, _packed, told),
    Law(only_one_batch_is_read, _among, told),
    Law(a_leaders_stamp_is_not_damage, _placed, told),
    Law(a_turned_bit_is_refused, _flips, told_flip),
    Law(a_torn_batch_is_refused, _cuts, told_cut),
    Law(what_was_written_is_read, _plain, told),
)
