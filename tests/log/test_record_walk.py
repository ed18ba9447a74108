"""Keys and records out of a batch without decoding all of it: the same as decoding all of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.errors import CorruptMessage
from kafkabook.log.compaction_rules import rebuild_batch
from kafkabook.log.record_walk import keys_of, payload_of, records_at
from kafkabook.records.compression import Codec
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

sizes = st.one_of(st.just(10), st.integers(0, 140))
keys = st.one_of(
    st.none(), st.binary(max_size=3), st.just(b"k" * 63), st.just(b"k" * 64), st.just(b"k" * 9_000)
)


@st.composite
def batches(draw: st.DrawFn) -> RecordBatch:
    """Draw batches with runs of equal records, odd ones between them, and any step of time."""
    records: list[Record] = []
    now_ms = 1_000_000
    for _ in range(draw(st.integers(1, 5))):
        key, value = draw(keys), b"v" * draw(sizes)
        step_ms = draw(st.sampled_from([0, 1, 50, 9_000, -70]))
        for _ in range(draw(st.sampled_from([1, 2, 9, 70]))):
            now_ms += step_ms
            records.append(Record(key, draw(st.sampled_from([value, value, None])), now_ms))
    base = draw(st.sampled_from([0, 7, 1 << 40]))
    codec = draw(st.sampled_from([Codec.NONE, Codec.NONE, Codec.GZIP]))
    return RecordBatch.of(records, base_offset=base, codec=codec)


@given(batch=batches())
def test_the_keys_are_those_of_the_records(batch: RecordBatch) -> None:
    """Whatever the width of a length, a timestamp or a key."""
    payload = payload_of(batch.data, 0, batch.header)
    found = keys_of(payload, batch.header)
    assert [record.key for record in batch.records] == list(found.keys)
    assert [record.offset for record in batch.records] == list(found.offsets)


@given(batch=batches(), data=st.data())
def test_chosen_records_are_those_of_the_batch(batch: RecordBatch, data: st.DataObject) -> None:
    """Any of them, in their order; of a batch with gaps too."""
    chosen = data.draw(st.lists(st.sampled_from(batch.records), unique_by=lambda r: r.offset))
    offsets = sorted(record.offset for record in chosen)
    expected = tuple(record for record in batch.records if record.offset in offsets)
    payload = payload_of(batch.data, 0, batch.header)
    assert expected == records_at(payload, batch.header, offsets)
    if expected:
        base, last = batch.base_offset, batch.header.last_offset_delta
        gappy = RecordBatch.of(expected, base_offset=base, last_offset_delta=last)
        payload = payload_of(gappy.data, 0, gappy.header)
        assert expected[-1:] == records_at(payload, gappy.header, offsets[-1:])
        assert [r.key for r in expected] == list(keys_of(payload, gappy.header).keys)


def test_lengths_that_differ_in_their_second_byte_are_no_run() -> None:
    """The values are made so that whoever hops by the first length meets that length again."""
    short, first = Record(None, b"", 0), Record(None, bytes(121), 0)  # of 128 bytes: 80 02
    value = bytearray(4_089)  # of 4,096 bytes: 80 40
    value[130 - 8 :: 130] = b"\x80" * len(value[130 - 8 :: 130])
    batch = RecordBatch.of([*[short] * 8, first, Record(None, bytes(value), 0), *[short] * 20])
    payload = payload_of(batch.data, 0, batch.header)
    offsets = [record.offset for record in batch.records]
    assert batch.records == records_at(payload, batch.header, offsets)
    assert [None] * 30 == list(keys_of(payload, batch.header).keys)


@pytest.mark.parametrize("horizon_ms", [None, 2_000])
def test_keys_that_begin_like_a_length_are_cut_out_from_their_own_length_on(
    horizon_ms: int | None,
) -> None:
    """The first byte of each key says "one byte": whoever reads one byte further believes it.

    With a horizon the timestamps, told as their distance from it, take two bytes.
    """
    names = [b"\x02%02d" % n for n in range(70)]
    batch = RecordBatch.of([Record(name, b"v", 1_000) for name in names])
    batch = RecordBatch(rebuild_batch(batch.header, batch.records, horizon_ms))
    found = keys_of(payload_of(batch.data, 0, batch.header), batch.header)
    assert names == list(found.keys)


def test_keys_of_two_lengths_in_records_of_one_are_told_apart() -> None:
    """The value is shorter by as much as the key is longer."""
    records = [Record(b"kk"[: 1 + n % 2], b"vv"[n % 2 :], 1_000) for n in range(20)]
    batch = RecordBatch.of(records)
    found = keys_of(payload_of(batch.data, 0, batch.header), batch.header)
    assert [record.key for record in records] == list(found.keys)


@given(batch=batches(), cut=st.integers(1, 30))
def test_a_cut_payload_is_refused_with_a_reason(batch: RecordBatch, cut: int) -> None:
    """The fast ways have no opinion on damage; the plain rule has."""
    payload = payload_of(batch.data, 0, batch.header)
    with pytest.raises(CorruptMessage):
        keys_of(payload[:-cut], batch.header)


def test_a_time_that_looks_like_the_length_of_a_key_is_none() -> None:
    """Records of more than 127 bytes have a length of two, so all behind it stands one later."""
    records = [Record(b"kk", b"", 0)] * 8 + [Record(b"kk", bytes(150), 2)] * 20
    batch = RecordBatch.of(records)
    payload = payload_of(batch.data, 0, batch.header)
    assert [b"kk"] * 28 == list(keys_of(payload, batch.header).keys)
