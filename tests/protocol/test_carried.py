"""What a message carries, as plain values: a figure shows it beside what was stored."""

import pytest

from kafkabook.base.names import TopicPartition
from kafkabook.protocol.carried import Carried
from kafkabook.protocol.records_api import (
    EpochEndOffset,
    EpochLookup,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    OffsetsForLeaderEpochRequest,
    OffsetsForLeaderEpochResponse,
    ProducedPartition,
    ProducePartition,
    ProduceRequest,
    ProduceResponse,
)
from kafkabook.records.batch_header import HEADER_BYTES
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

ORDERS, BILLS = TopicPartition("orders", 0), TopicPartition("bills", 1)


def a_batch(*values: bytes | None, base_offset: int = 0) -> RecordBatch:
    """Records with these values."""
    records = [Record(value=value, timestamp_ms=1) for value in values]
    return RecordBatch.of(records, base_offset=base_offset)


ONE, TWO = a_batch(b"m4", b"m5", base_offset=4), a_batch(b"m6", base_offset=6)
# The length of the first record is negative, which none can be.
DAMAGED = RecordBatch(ONE.data[:HEADER_BYTES] + b"\x01" + ONE.data[HEADER_BYTES + 1 :])


def test_a_produce_request_carries_the_records_of_every_partition() -> None:
    """With the checksum that ties what is sent to what is stored."""
    sent = a_batch(b"a", b"b")
    parts = (ProducePartition(ORDERS, sent), ProducePartition(BILLS, TWO))
    expected = (
        Carried("orders-0", 0, 1, ("a", "b"), sent.header.crc),
        Carried("bills-1", 6, 6, ("m6",), TWO.header.crc),
    )
    assert expected == ProduceRequest(-1, parts).carries()


def test_a_fetch_response_carries_all_batches_and_the_mark() -> None:
    """The offsets are those of the whole, the checksum is that of the first batch."""
    answers = (
        FetchedPartition(ORDERS, "", 5, 0, 7, (ONE, TWO)),
        FetchedPartition(BILLS, "", 3, 0, 3),
        FetchedPartition(BILLS, "NOT_LEADER_OR_FOLLOWER"),
    )
    expected = (
        Carried("orders-0", 4, 6, ("m4", "m5", "m6"), ONE.header.crc, high_watermark=5),
        Carried("bills-1", high_watermark=3),
        Carried("bills-1", error="NOT_LEADER_OR_FOLLOWER"),
    )
    assert expected == FetchResponse(answers).carries()


def test_of_a_damaged_batch_only_the_header_is_told() -> None:
    """Nobody can say what its records were; those beside it can still be read."""
    crc = ONE.header.crc
    assert Carried("orders-0", 4, 5, (), crc) == Carried.batches(ORDERS, (DAMAGED,))
    assert Carried("orders-0", 4, 6, ("m6",), crc) == Carried.batches(ORDERS, (DAMAGED, TWO))


def test_a_value_that_is_no_text_is_shown_all_the_same() -> None:
    """A tombstone has none, and bytes that are no UTF-8 are replaced."""
    carried = Carried.batches(ORDERS, iter([a_batch(None, b"\xff", b"z")]))
    assert ("", "\ufffd", "z") == carried.values


def test_no_batches_are_no_offsets() -> None:
    """There is nothing to compare."""
    assert Carried("orders-0") == Carried.batches(ORDERS, ())


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            ProduceResponse((ProducedPartition(ORDERS, 4, "NOT_LEADER_OR_FOLLOWER"),)),
            Carried("orders-0", 4, error="NOT_LEADER_OR_FOLLOWER"),
        ),
        (FetchRequest(2, 7, (FetchPartition(ORDERS, 4),)), Carried("orders-0", 4)),
        (
            OffsetsForLeaderEpochRequest(2, (EpochLookup(ORDERS, 9, 3),)),
            Carried("orders-0", epoch=3),
        ),
        (
            OffsetsForLeaderEpochResponse((EpochEndOffset(ORDERS, "", 3, 8),)),
            Carried("orders-0", 8, epoch=3),
        ),
    ],
)
def test_the_other_messages_carry_what_they_ask_or_answer(
    message: ProduceResponse
    | FetchRequest
    | OffsetsForLeaderEpochRequest
    | OffsetsForLeaderEpochResponse,
    expected: Carried,
) -> None:
    """Offsets, epochs and errors, and no records."""
    assert (expected,) == message.carries()
