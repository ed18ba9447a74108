"""Sizes and numbers around the borders of one, two and three bytes of a varint."""

import pytest

from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.records.record_encoder import Columns, encode_plainly, encode_records

BORDERS = [63, 64, 65, 8190, 8191, 8192, 8193, 9000, 16383, 16384, 16385, 70_000]


@pytest.mark.parametrize("size_bytes", BORDERS)
def test_a_value_of_any_size_comes_back(size_bytes: int) -> None:
    """The table of short varints must not answer for numbers that are not in it."""
    records = (Record(key=b"k" * size_bytes, value=b"v" * size_bytes, timestamp_ms=5, offset=0),)
    assert encode_plainly(records, [0], 5) == b"".join(encode_records(Columns.of(records), [0], 5))
    assert records == RecordBatch.of(records).records


@pytest.mark.parametrize("delta_ms", [sign * border for border in BORDERS for sign in (1, -1)])
def test_a_timestamp_may_lie_far_before_and_behind_the_first(delta_ms: int) -> None:
    """Timestamps are the producers' own; nothing says that they ascend or lie close together."""
    records = (
        Record(timestamp_ms=100_000, offset=0),
        Record(timestamp_ms=100_000 + delta_ms, offset=1),
    )
    assert records == RecordBatch.of(records).records
