"""Batches: byte for byte Kafka's, stamped as a leader stamps them, and shown for what they are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.errors import CorruptMessage, Errors
from kafkabook.records.compression import Codec
from kafkabook.records.record import Record
from kafkabook.records.record_batch import (
    BatchHeader,
    RecordBatch,
    TimestampType,
    decode_batch,
    encode_batch,
)
from tests.records.strategies import CODEC, stored_records
from tests.records.vectors import BATCHES, data_of, records_of
from tests.refusals import refused

APPEND_TIME_MS = 1_795_346_763_390
FIELDS: dict[str, dict[str, Any]] = {
    "transactional pid 1000 epoch 0 seq 0": {
        "producer_id": 1_000,
        "producer_epoch": 0,
        "base_sequence": 0,
        "is_transactional": True,
    },
    "commit marker pid 1000 epoch 0 coordinator epoch 5": {
        "producer_id": 1_000,
        "producer_epoch": 0,
        "is_transactional": True,
        "is_control": True,
    },
    "gzip": {"codec": Codec.GZIP},
}
TWO = (Record(b"a", b"1", 5), Record(b"b", None, 7, (("h", b"x"),)))


@pytest.mark.parametrize("name", BATCHES)
def test_kafkas_batches_hold_the_records_that_kafka_says(name: str) -> None:
    """Every codec, header bit and clock in the vectors, checksums included."""
    batch = decode_batch(data_of(name))
    batch.check()
    assert records_of(name) == batch.records


@pytest.mark.parametrize("name", [n for n in BATCHES if n not in ("log append time", "zstd")])
def test_we_write_the_bytes_that_kafka_writes(name: str) -> None:
    """To the byte; gzip too, because both sides use the same zlib format and settings."""
    records = [record._replace(offset=-1) for record in records_of(name)]
    assert data_of(name) == encode_batch(records, **FIELDS.get(name, {}))


def test_append_time_is_written_as_kafka_writes_it() -> None:
    """The records keep the producer's timestamps; only the header tells the broker's."""
    sent = RecordBatch.of([Record(b"k", b"v", 1_700_000_000_000)])
    stored = sent.with_append_time(APPEND_TIME_MS)
    assert data_of("log append time") == stored.data
    assert (Record(b"k", b"v", APPEND_TIME_MS, (), 0),) == stored.records


def test_what_we_compress_with_zstd_holds_what_kafkas_does() -> None:
    """Compressed bytes are the library's own; the records are not."""
    ours = RecordBatch.of(records_of("zstd"), codec=Codec.ZSTD)
    assert (records_of("zstd"), Codec.ZSTD) == (ours.records, ours.header.codec)


@given(
    stored_records(),
    CODEC,
    st.none() | st.integers(0, 2**41),
    st.booleans(),
    st.integers(-1, 2**31 - 1),
    st.integers(0, 300),
)
def test_all_that_was_given_comes_back(
    some: tuple[Record, ...],
    codec: Codec,
    delete_horizon_ms: int | None,
    is_transactional: bool,
    base_sequence: int,
    lost_offsets: int,
) -> None:
    """Records, codec, horizon, producer, and the offsets that compaction took at either end."""
    first, last = some[0].offset, some[-1].offset
    batch = RecordBatch.of(
        iter(some),
        base_offset=max(first - lost_offsets, 0),
        partition_leader_epoch=9,
        codec=codec,
        producer_id=4_000,
        producer_epoch=3,
        base_sequence=base_sequence,
        is_transactional=is_transactional,
        delete_horizon_ms=delete_horizon_ms,
        last_offset_delta=last + lost_offsets - max(first - lost_offsets, 0),
    )
    batch.check()
    assert some == batch.records
    base_ms = some[0].timestamp_ms if delete_horizon_ms is None else delete_horizon_ms
    bits = codec | 0x10 * is_transactional | 0x40 * (delete_horizon_ms is not None)
    expected = BatchHeader(
        base_offset=max(first - lost_offsets, 0),
        batch_length=batch.size_bytes - 12,
        partition_leader_epoch=9,
        magic=2,
        crc=batch.header.crc,
        attributes=bits,
        last_offset_delta=last + lost_offsets - max(first - lost_offsets, 0),
        base_timestamp_ms=base_ms,
        max_timestamp_ms=max(-1, *(record.timestamp_ms for record in some)),
        producer_id=4_000,
        producer_epoch=3,
        base_sequence=base_sequence,
        records_count=len(some),
    )
    assert expected == batch.header


def test_records_without_offsets_get_theirs_from_the_batch() -> None:
    """One that has an offset keeps it, which is how gaps survive."""
    mixed = (Record(value=b"a"), Record(value=b"b"), Record(value=b"c", offset=50))
    assert [40, 41, 50] == [r.offset for r in RecordBatch.of(mixed, base_offset=40).records]


@pytest.mark.parametrize("offsets", [(5, 4), (5, 5), (3, 9), (9, -1, 4)])
def test_offsets_that_do_not_grow_from_the_base_are_not_written(offsets: tuple[int, ...]) -> None:
    """No reader could make sense of them."""
    with pytest.raises(ValueError, match="offsets must grow from 4 on"):
        encode_batch([Record(offset=offset) for offset in offsets], base_offset=4)


def test_a_batch_that_ends_before_its_last_record_is_not_written() -> None:
    """The next batch would begin inside of it."""
    with pytest.raises(ValueError, match="the batch ends at 0"):
        encode_batch(TWO, last_offset_delta=0)


def test_an_empty_batch_keeps_its_place_and_its_producer() -> None:
    """61 bytes that compaction leaves, so that a producer's last sequence is not forgotten."""
    batch = RecordBatch.of(
        (),
        base_offset=7,
        codec=Codec.ZSTD,
        producer_id=1,
        producer_epoch=0,
        base_sequence=20,
        last_offset_delta=4,
        max_timestamp_ms=99,
    )
    batch.check()
    header = batch.header
    assert ((), 61, 12, 24) == (
        batch.records,
        batch.size_bytes,
        batch.next_offset,
        header.last_sequence,
    )
    assert (Codec.NONE, -1, 99) == (header.codec, header.base_timestamp_ms, header.max_timestamp_ms)


@pytest.mark.parametrize("codec", Codec)
def test_nobody_looks_behind_the_header_of_an_empty_batch(codec: Codec) -> None:
    """Whatever follows where no records are announced, Kafka reads none and has no complaint."""
    empty = RecordBatch.of([], last_offset_delta=2, codec=codec)
    length = (empty.header.batch_length + 8).to_bytes(4)
    data = empty.data[:8] + length + empty.data[12:] + b"anything"
    assert () == RecordBatch(data).records


def test_an_empty_batch_must_say_how_many_offsets_it_stands_for() -> None:
    """There is no record to tell it."""
    with pytest.raises(ValueError, match="an empty batch needs its last_offset_delta"):
        encode_batch([])


def test_a_leader_stamps_offset_and_epoch_without_touching_the_checksum() -> None:
    """So it need not read, or hash, what a producer sent."""
    sent = RecordBatch.of(TWO)
    stored = sent.stamped(base_offset=1_000, partition_leader_epoch=3)
    assert stored.header == sent.header._replace(base_offset=1_000, partition_leader_epoch=3)
    assert sent.data[16:] == stored.data[16:]
    assert [1_000, 1_001] == [record.offset for record in stored.records]
    assert stored == stored.stamped()
    stored.check()


def test_batches_are_equal_when_their_bytes_are() -> None:
    """And are then the same key of a set."""
    assert RecordBatch.of(TWO) == decode_batch(encode_batch(TWO))
    assert 2 == len({RecordBatch.of(TWO), decode_batch(encode_batch(TWO)), RecordBatch.of(TWO[:1])})
    assert RecordBatch.of(TWO) != encode_batch(TWO)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"base_offset": 42}, "RecordBatch(offsets 42..43, 2 records, 82 bytes)"),
        (
            {"codec": Codec.GZIP, "is_transactional": True},
            "RecordBatch(offsets 0..1, 2 records, 102 bytes, gzip, transactional)",
        ),
    ],
)
def test_a_batch_says_what_it_is(fields: dict[str, Any], text: str) -> None:
    """In one line, without its bytes."""
    assert text == repr(RecordBatch.of(TWO, **fields))


def test_a_batch_is_found_at_its_byte_in_whatever_holds_it() -> None:
    """Bytes, a bytearray or a view; what follows it is left alone."""
    data = b"before" + encode_batch(TWO) + b"after"
    found = {decode_batch(kind(data), 6) for kind in (bytes, bytearray, memoryview)}
    assert {RecordBatch.of(TWO)} == found


def test_a_wrong_checksum_names_itself_unless_it_was_not_asked_for() -> None:
    """A follower that trusts its own recovery may leave the checksum alone."""
    data = bytearray(b"xx" + encode_batch(TWO))
    data[-1] ^= 1
    with pytest.raises(CorruptMessage, match="checksum 0x[0-9a-f]{8}, the header says") as caught:
        decode_batch(data, 2)
    assert 2 + 17 == caught.value.at_byte
    unchecked = decode_batch(data, 2, check_crc=False)
    with pytest.raises(CorruptMessage, match="checksum"):
        unchecked.check()


def test_a_batch_that_is_cut_off_says_how_much_is_left() -> None:
    """The last write before a power cut looks like this."""
    with pytest.raises(CorruptMessage, match="a batch of 82 bytes, 81 are left"):
        decode_batch(encode_batch(TWO)[:-1])


@pytest.mark.parametrize("size_bytes", [81, 83])
def test_a_batch_is_exactly_its_bytes(size_bytes: int) -> None:
    """One that carries a neighbour along would be stored twice."""
    data = (encode_batch(TWO) + b"\0")[:size_bytes]
    with pytest.raises(CorruptMessage, match=f"the batch says 82 bytes, there are {size_bytes}"):
        RecordBatch(data)


def test_records_that_are_wrong_behind_a_right_checksum_are_found() -> None:
    """A checksum says that bytes are as they were sent, not that they make sense."""
    batch = _resealed(RecordBatch.of(TWO).data[:-2] + b"\x04x")
    with pytest.raises(CorruptMessage) as caught:
        batch.check()
    assert 61 <= caught.value.at_byte < batch.size_bytes


def test_garbage_within_compressed_data_says_where_it_lies() -> None:
    """The byte in the batch is where the compressed data begins; the reason counts within it."""
    whole = RecordBatch.of(TWO, codec=Codec.GZIP)
    fewer = _resealed(whole.data[:57] + (1).to_bytes(4, "big") + whole.data[61:])
    with pytest.raises(CorruptMessage) as caught:
        fewer.check()
    told = "byte 9 of the records, decompressed: 12 bytes follow the last record"
    assert (61, told) == (caught.value.at_byte, caught.value.reason)


def test_a_codec_that_does_not_exist_is_told_by_its_number() -> None:
    """Such a batch can be shown and copied, but not read."""
    data = bytearray(RecordBatch.of(TWO).data)
    data[22] |= 6
    batch = _resealed(bytes(data))
    assert "RecordBatch(offsets 0..1, 2 records, 82 bytes, codec 6)" == repr(batch)
    with refused(Errors.UNSUPPORTED_COMPRESSION_TYPE, match="codec 6"):
        batch.check()


def test_timestamps_beyond_every_calendar_are_numbers() -> None:
    """Year 292,277,026, and before 1970; a producer may send anything."""
    some = (Record(timestamp_ms=2**63 - 1, offset=0), Record(timestamp_ms=2, offset=1))
    assert some == RecordBatch.of(some).records


def test_append_time_asked_for_at_once_shows_the_largest_timestamp() -> None:
    """A batch has one append time; the header keeps it where the largest would stand."""
    batch = RecordBatch.of(TWO, timestamp_type=TimestampType.LOG_APPEND_TIME)
    assert [7, 7] == [record.timestamp_ms for record in batch.records]


def _resealed(data: bytes) -> RecordBatch:
    """Give the bytes the checksum that belongs to them."""
    from kafkabook.records.checksum import crc32c

    return RecordBatch(data[:17] + crc32c(data[21:]).to_bytes(4, "big") + data[21:])
