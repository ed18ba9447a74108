"""Whatever the bytes are, a reader gets records or one of two errors, soon and in little memory."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.errors import Errors, KafkaError, NotReadHere
from kafkabook.base.units import MIB
from kafkabook.records.checksum import crc32c
from kafkabook.records.compression import Codec, compress
from kafkabook.records.record import Record
from kafkabook.records.record_batch import HEADER_BYTES, RecordBatch, decode_batch
from kafkabook.records.record_encoder import encode_plainly
from kafkabook.records.room import decompressing_at_most
from tests.records.strategies import CODEC, records

THREE = tuple(Record(b"k%d" % n, b"value %d" % n, 1_000 + n, (("h", b"x"),)) for n in range(3))


def read_fully(data: bytes, *, check_crc: bool = True) -> tuple[Record, ...] | None:
    """Return the records, or None when the bytes were refused; any other error gets through."""
    try:
        return decode_batch(data, check_crc=check_crc).records
    except KafkaError as error:
        assert error.error in (Errors.CORRUPT_MESSAGE, Errors.UNSUPPORTED_COMPRESSION_TYPE)
        return None


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read(data: bytes) -> None:
    """As they are, and behind a header that says that they are records."""
    read_fully(data)
    header = RecordBatch.of([Record()]).data[:HEADER_BYTES]
    length = (len(data) + HEADER_BYTES - 12).to_bytes(4, "big")
    read_fully(header[:8] + length + header[12:] + data, check_crc=False)


@given(records(4), CODEC, st.data())
def test_changed_bytes_with_a_right_checksum_are_refused_or_read(
    some: tuple[Record, ...], codec: Codec, data: st.DataObject
) -> None:
    """The checksum is no defence against somebody who can compute it."""
    damaged = bytearray(RecordBatch.of(some, codec=codec).data)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    damaged[17:21] = crc32c(damaged[21:]).to_bytes(4, "big")
    read_fully(bytes(damaged))


@pytest.mark.parametrize("codec", Codec)
def test_every_flipped_bit_under_the_checksum_is_caught(codec: Codec) -> None:
    """From the checksum itself to the last byte; the bits before it are the log's to judge."""
    data = RecordBatch.of(THREE, codec=codec).data
    for bit in range(17 * 8, len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        assert read_fully(bytes(flipped)) is None, bit


@pytest.mark.parametrize("codec", Codec)
def test_every_cut_is_caught(codec: Codec) -> None:
    """There is no byte after which a batch could end too early."""
    data = RecordBatch.of(THREE, codec=codec).data
    assert [None] * len(data) == [read_fully(data[:size]) for size in range(len(data))]


def test_a_header_that_announces_two_thousand_million_records_reserves_nothing() -> None:
    """Counts are believed one record at a time."""
    data = bytearray(RecordBatch.of(THREE).data)
    data[23:27] = data[57:61] = (2**31 - 1).to_bytes(4, "big")
    tracemalloc.start()
    assert read_fully(bytes(data), check_crc=False) is None
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 1 * MIB


def test_a_bomb_in_a_batch_is_not_read_and_no_damage() -> None:
    """One record of 32 MiB of zeros is a few KiB on the wire; a broker would take it."""
    record = encode_plainly([Record(value=bytes(32 * MIB))], [0], -1)
    packed = compress(Codec.GZIP, record)
    header = bytearray(RecordBatch.of([Record()]).data[:HEADER_BYTES])
    header[8:12] = (HEADER_BYTES - 12 + len(packed)).to_bytes(4, "big")
    header[22] = Codec.GZIP
    batch = decode_batch(bytes(header) + packed, check_crc=False)
    with decompressing_at_most(16 * MIB), pytest.raises(NotReadHere, match="more than 16 MiB"):
        _ = batch.records
    assert 32 * MIB == len(batch.records[0].value or b"")
