"""Today's batches and old messages, side by side in the same bytes."""

import pytest

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.batch_header import BatchHeader
from kafkabook.records.compression import Codec
from kafkabook.records.formats import batch_of, compare_crc, decode, header_bytes, read_header
from kafkabook.records.old_formats import MessageHeader, MessageSet
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch, decode_batch
from tests.records.old_messages import message, wrapped

OLD, NEW = wrapped(Codec.GZIP, [4, 5, 6]), RecordBatch.of([Record()], base_offset=7).data
BOTH = OLD + NEW


def test_each_has_a_header_of_its_own() -> None:
    """Which one it is, is the byte at position 16, in every format."""
    old, new = read_header(BOTH), read_header(BOTH, len(OLD))
    assert (MessageHeader, 4, 6, 1) == (type(old), old.base_offset, old.last_offset, old.magic)
    assert (BatchHeader, 7, 7, 2) == (type(new), new.base_offset, new.last_offset, new.magic)


def test_what_a_header_needs_is_the_whole_of_an_old_message() -> None:
    """For its first offset is inside; and today's 61 bytes where nothing is old."""
    assert (len(OLD), 61) == (header_bytes(BOTH), header_bytes(BOTH, len(OLD)))
    assert 61 == header_bytes(b"")


@pytest.mark.parametrize("at", [0, len(OLD)])
def test_each_has_a_checksum_of_its_own(at: int) -> None:
    """CRC-32 then, CRC-32C now; neither accepts what the other computes."""
    header = read_header(BOTH, at)
    compare_crc(BOTH, at, header)
    with pytest.raises(CorruptMessage, match="checksum"):
        compare_crc(BOTH, at, header._replace(crc=header.crc ^ 1))


def test_each_is_decoded_by_its_own_rule() -> None:
    """A part that decodes batches is not asked about old messages."""
    asked: list[int] = []

    def part(data: bytes, at: int) -> RecordBatch:
        asked.append(at)
        return decode_batch(data, at)

    found = [decode(BOTH, at, decode_batch=part) for at in (0, len(OLD))]
    assert [MessageSet(OLD), RecordBatch(NEW)] == found
    assert ([MessageSet, RecordBatch], [len(OLD)]) == ([type(it) for it in found], asked)
    assert found == [batch_of(it, read_header(it)) for it in (OLD, NEW)]


def test_an_old_message_with_another_checksum_is_not_decoded() -> None:
    """As a batch is not."""
    with pytest.raises(CorruptMessage, match="checksum"):
        decode(message(3)[:-1] + b"w")
