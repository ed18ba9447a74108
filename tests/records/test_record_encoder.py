"""The fast way to write records gives what the plain rule gives, to the byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.records.record import Record
from kafkabook.records.record_encoder import Columns, encode_plainly, encode_record, encode_records
from tests.records.strategies import INT64, records


@given(
    records(),
    st.sampled_from([b"", b"v" * 511, b"v" * 512, b"v" * 8_000]),
    st.integers(0, 9_000),
    INT64.filter(lambda ms: abs(ms) < 2**62),
)
def test_the_fast_way_is_the_plain_rule(
    some: tuple[Record, ...], longest: bytes, first_delta: int, base_timestamp_ms: int
) -> None:
    """Fields absent, short and long, near and far timestamps, offsets of one to three bytes."""
    some = (some[0]._replace(value=longest), *some)
    deltas = range(first_delta, first_delta + len(some))
    fast = b"".join(encode_records(Columns.of(some), deltas, base_timestamp_ms))
    assert encode_plainly(some, deltas, base_timestamp_ms) == fast


@pytest.mark.parametrize("count", [8_190, 8_192, 8_200])
def test_more_records_than_a_short_varint_counts(count: int) -> None:
    """From the 8,193rd record on, an offset takes three bytes."""
    many = [Record(value=b"v")] * count
    fast = b"".join(encode_records(Columns.of(many), range(count), -1))
    assert encode_plainly(many, range(count), -1) == fast


def test_no_records_are_no_bytes() -> None:
    """Compaction leaves such batches behind."""
    assert b"" == b"".join(encode_records(Columns.of([]), range(0), 0))


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (Record(), "0c 00 01 00 01 01 00"),
        (Record(key=b"", value=b""), "0c 00 01 00 00 00 00"),
        (
            Record(b"k", None, 0, (("h", b"1"), ("h", None), ("", b""))),
            "26 00 02 00 02 6b 01 06 02 68 02 31 02 68 01 00 00",
        ),
    ],
)
def test_null_and_empty_are_not_the_same(record: Record, text: str) -> None:
    """A key, a value or a header of no bytes has length 0, an absent one -1."""
    data = encode_record(record, 0, record.timestamp_ms + (record.timestamp_ms == 0))
    length = bytes([2 * (len(bytes.fromhex(text)) - 1)])
    assert (length + bytes.fromhex(text)[1:]).hex(" ") == data.hex(" ")


def test_a_timestamp_too_far_for_64_bits_is_not_written() -> None:
    """The distance, not the timestamp, has to fit."""
    far = [Record(timestamp_ms=2**63 - 1), Record(timestamp_ms=-(2**63))]
    with pytest.raises(ValueError, match="does not fit into 64 bits"):
        encode_records(Columns.of(far), range(2), 2**63 - 1)
