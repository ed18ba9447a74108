"""The bytes of a producer snapshot, and what is said of damaged ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.errors import CorruptMessage
from kafkabook.log.producer_entry import BatchMetadata, ProducerEntry
from kafkabook.log.producer_snapshots import read_snapshot, write_snapshot
from kafkabook.records.checksum import crc32c

ENTRY = ProducerEntry(
    producer_id=7,
    epoch=1,
    batches=(BatchMetadata(9, 41, 2, 1_700_000_000_000),),
    coordinator_epoch=3,
    last_timestamp_ms=1_700_000_000_000,
    first_offset=39,
)
FIELDS = (
    "0000000000000007"  # producer id
    "0001"  # epoch
    "00000009"  # last sequence
    "0000000000000029"  # last offset
    "00000002"  # offset delta
    "0000018bcfe56800"  # timestamp
    "00000003"  # coordinator epoch
    "0000000000000027"  # first offset of the open transaction
)


def test_an_empty_snapshot_is_the_ten_bytes_that_kafka_writes() -> None:
    """A roll writes one even if no producer is idempotent."""
    assert bytes.fromhex("000148674bc700000000") == write_snapshot([])
    assert () == read_snapshot(bytes.fromhex("000148674bc700000000"))


def test_every_field_stands_where_the_format_says() -> None:
    """Big-endian, 46 bytes a producer, the checksum over all that follows it."""
    checked = bytes.fromhex("00000001" + FIELDS)
    expected = bytes.fromhex("0001") + crc32c(checked).to_bytes(4, "big") + checked
    assert expected == write_snapshot([ENTRY])
    assert (ENTRY,) == read_snapshot(expected)


def test_a_producer_of_whom_only_a_marker_is_known_has_no_batch() -> None:
    """-1 stands for no sequence, no offset, no transaction."""
    entry = ProducerEntry(7, 1, coordinator_epoch=3, last_timestamp_ms=5)
    data = write_snapshot([entry])
    assert b"\xff" * 12 == data[20:32]
    assert (entry,) == read_snapshot(data)


@given(at=st.integers(0, 55), bit=st.integers(0, 7))
def test_every_flipped_bit_is_found(at: int, bit: int) -> None:
    """A wrong sequence number would let a duplicate in."""
    data = bytearray(write_snapshot([ENTRY]))
    data[at] ^= 1 << bit
    with pytest.raises(CorruptMessage, match="^byte [0-9]+: 00000000000000000005.snapshot: "):
        read_snapshot(bytes(data), file="00000000000000000005.snapshot")


@pytest.mark.parametrize("size", range(56))
def test_every_cut_is_found_at_its_byte(size: int) -> None:
    """A crash in the middle of the write must not look like fewer producers."""
    with pytest.raises(CorruptMessage) as caught:
        read_snapshot(write_snapshot([ENTRY])[:size])
    assert size == caught.value.at_byte


@pytest.mark.parametrize(
    ("data", "at_byte", "reason"),
    [
        (b"\0\2" + write_snapshot([])[2:], 0, "version 2, expected 1"),
        (
            write_snapshot([])[:2] + bytes(8),
            2,
            "checksum 00000000, but the bytes from 6 give 48674bc7",
        ),
        (write_snapshot([]) + b"\0", 10, "11 bytes, 0 producers take 10"),
        (write_snapshot([])[:6] + b"\xff" * 4, 6, "-1 producers"),
    ],
)
def test_the_reason_says_what_was_found_and_what_expected(
    data: bytes, at_byte: int, reason: str
) -> None:
    """Somebody has to decide by it whether to delete the file."""
    with pytest.raises(CorruptMessage) as caught:
        read_snapshot(data)
    assert (at_byte, f"producer snapshot: {reason}") == (caught.value.at_byte, caught.value.reason)
