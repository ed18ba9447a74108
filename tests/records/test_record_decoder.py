"""The fast way to read records accepts what the plain rule accepts, and nothing else."""

from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.batch_header import HEADER_BYTES, BatchHeader
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.records.record_decoder import decode_plainly, decode_record, decode_records
from tests.records.strategies import stored_records


@dataclass(frozen=True)
class Outcome:
    """What a decoder did: the records, or where it stopped and why."""

    records: tuple[Record, ...] | None = None
    at_byte: int = -1
    reason: str = ""


def outcome(decode: object, data: bytes, header: BatchHeader) -> Outcome:
    """Run a decoder from the first byte behind the header."""
    try:
        return Outcome(tuple(decode(data, HEADER_BYTES, header)))  # type: ignore[operator]
    except CorruptMessage as fault:
        return Outcome(at_byte=fault.at_byte, reason=fault.reason)


@given(stored_records())
def test_records_come_back_as_they_were(some: tuple[Record, ...]) -> None:
    """Offsets with gaps, timestamps in any order, headers, absent keys and values."""
    assert some == RecordBatch.of(some, base_offset=some[0].offset).records


@given(stored_records(4), st.data())
def test_damage_is_judged_alike_by_both_ways(some: tuple[Record, ...], data: st.DataObject) -> None:
    """Up to three bytes of the records are replaced, cut out or put in."""
    batch = RecordBatch.of(some, base_offset=some[0].offset)
    damaged = bytearray(batch.data)
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(HEADER_BYTES, len(damaged)))
        damaged[at : at + data.draw(st.integers(0, 1))] = data.draw(st.binary(max_size=1))
    plain = outcome(decode_plainly, bytes(damaged), batch.header)
    assert plain == outcome(decode_records, bytes(damaged), batch.header)


@given(st.binary(max_size=40), st.integers(0, 3), st.integers(0, 70))
@example(bytes.fromhex("8e8001 00 00 00 00 00 00"), 1, 0)  # a length that hides a third byte
@example(bytes.fromhex("0c 00 808001 00 00 00 00"), 1, 0)
@example(bytes.fromhex("0d 00 00 00 01 01 00"), 1, 0)  # negative length
@example(bytes.fromhex("0c 00 00 00 03 01 00"), 1, 0)  # key of -2 bytes
def test_any_bytes_are_judged_alike_by_both_ways(data: bytes, count: int, last_delta: int) -> None:
    """No bytes make the fast way say what the plain rule does not."""
    header = BatchHeader(5, 0, 0, 2, 0, 0, last_delta, 100, 0, -1, -1, -1, count)
    framed = bytes(HEADER_BYTES) + data
    assert outcome(decode_plainly, framed, header) == outcome(decode_records, framed, header)


@pytest.mark.parametrize(
    ("text", "at_byte", "reason"),
    [
        ("0e 00 00 00 01 01 00", 0, "a record of 7 bytes, 6 are left"),
        ("0a 00 00 00 01 01 00", 0, "a record says 5 bytes, its fields take 6"),
        ("00", 0, "a record of 0 bytes, 0 are left"),
        ("01", 0, "a record of -1 bytes, 0 are left"),
        ("0c 00 00 00 01 7e 00", 5, "a field of 63 bytes, 1 are left"),
        ("0c 00 00 00 01 01 01", 6, "a record with -1 headers"),
        ("0e 00 00 00 01 01 02 01", 7, "a header without a name"),
        ("12 00 00 00 01 01 feffffff0f", 11, "a varint is cut off by the end of the data"),
    ],
)
def test_a_record_that_cannot_be_names_the_byte(text: str, at_byte: int, reason: str) -> None:
    """And a declared length or count reserves nothing: the last asks for two thousand million."""
    with pytest.raises(CorruptMessage) as caught:
        decode_record(bytes.fromhex(text), 0)
    assert (at_byte, reason) == (caught.value.at_byte, caught.value.reason)


def test_any_negative_length_stands_for_null() -> None:
    """-1 is what clients write, and Kafka looks at the sign alone."""
    found, _ = decode_record(bytes.fromhex("0c 00 00 00 03 05 00"), 0)
    assert Record(key=None, value=None, timestamp_ms=0, offset=0) == found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("7472ff6365", "tr\ufffdce"),
        ("eda080", "\ufffd"),  # half a surrogate pair: Python alone makes three of it
        ("eda0", "\ufffd"),
        ("eda041", "\ufffdA"),
        ("c3a9", "\u00e9"),
    ],
)
def test_a_name_that_is_no_utf_8_is_read_as_java_reads_it(name: str, expected: str) -> None:
    """Clients in other languages have sent such names, and brokers took them."""
    data = bytes.fromhex(name)
    headers = bytes((2, 2 * len(data))) + data + b"\x01"
    record = bytes((2 * (5 + len(headers)), 0, 0, 0, 1, 1)) + headers
    found, _ = decode_record(record, 0)
    assert ((expected, None),) == found.headers


@pytest.mark.parametrize(
    ("text", "count", "last_delta", "reason"),
    [
        ("0c0000000101000c000000010100", 2, 1, "a record has offset 7, expected 8..8"),
        ("0c000004010100", 1, 1, "a record has offset 9, expected 7..8"),
        ("0c000001010100", 1, 1, "a record has offset 6, expected 7..8"),
        ("0c000000010100ff", 1, 1, "1 bytes follow the last record"),
        ("0c000000010100", 2, 1, "a varint is cut off by the end of the data"),
        ("0c000000010100", 0, 1, "7 bytes follow the last record"),
    ],
)
def test_records_must_be_what_the_header_announces(
    text: str, count: int, last_delta: int, reason: str
) -> None:
    """How many they are, and that their offsets grow within the batch."""
    header = BatchHeader(7, 0, 0, 2, 0, 0, last_delta, 0, 0, -1, -1, -1, count)
    with pytest.raises(CorruptMessage) as caught:
        decode_records(bytes.fromhex(text), 0, header)
    assert reason == caught.value.reason
