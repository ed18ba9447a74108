"""61 bytes: what they say, what follows from them, and what cannot be."""

import pytest

from kafkabook.base.errors import CorruptMessage, Errors
from kafkabook.records.batch_header import HEADER, BatchHeader, TimestampType, read_header
from kafkabook.records.compression import Codec
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from tests.records.vectors import BATCHES, data_of
from tests.refusals import refused

PLAIN = BatchHeader(100, 57, 3, 2, 0, 0, 4, 1_000, 2_000, 7, 1, 10, 2)


@pytest.mark.parametrize("name", BATCHES)
def test_a_header_says_what_kafka_says(name: str) -> None:
    """All that Kafka's own reader was asked about each batch."""
    header, told = read_header(data_of(name)), BATCHES[name]
    assert told == told | {
        "base_offset": header.base_offset,
        "last_offset": header.last_offset,
        "size": header.size_bytes,
        "magic": header.magic,
        "crc": header.crc,
        "compression": header.codec.name.lower(),
        "timestamp_type": header.timestamp_type.name.title().replace("_", ""),
        "max_timestamp": header.max_timestamp_ms,
        "base_timestamp": header.base_timestamp_ms,
        "partition_leader_epoch": header.partition_leader_epoch,
        "producer_id": header.producer_id,
        "producer_epoch": header.producer_epoch,
        "base_sequence": header.base_sequence,
        "last_sequence": header.last_sequence,
        "transactional": header.is_transactional,
        "control": header.is_control,
    }


def test_a_header_is_read_where_it_stands() -> None:
    """A log is many batches one behind the other."""
    assert PLAIN == read_header(b"...." + HEADER.pack(*PLAIN) + b"....", 4)


@pytest.mark.parametrize(
    ("base_sequence", "last_sequence"), [(-1, -1), (0, 4), (2**31 - 3, 1), (2**31 - 5, 2**31 - 1)]
)
def test_sequences_begin_again_at_zero(base_sequence: int, last_sequence: int) -> None:
    """After 2147483647 comes 0, not a negative number."""
    assert last_sequence == PLAIN._replace(base_sequence=base_sequence).last_sequence


@pytest.mark.parametrize(
    ("attributes", "traits"),
    [
        (0, (Codec.NONE, TimestampType.CREATE_TIME, False, False, None)),
        (0x30 | 4, (Codec.ZSTD, TimestampType.CREATE_TIME, True, True, None)),
        (0x48 | 1, (Codec.GZIP, TimestampType.LOG_APPEND_TIME, False, False, 1_000)),
    ],
)
def test_each_bit_of_the_attributes_has_its_meaning(
    attributes: int, traits: tuple[object, ...]
) -> None:
    """Codec, clock, transaction, control, delete horizon."""
    header = PLAIN._replace(attributes=attributes)
    assert traits == (
        header.codec,
        header.timestamp_type,
        header.is_transactional,
        header.is_control,
        header.delete_horizon_ms,
    )


def test_an_unknown_codec_is_told_when_it_is_asked_for() -> None:
    """The header itself can be read, copied and shown."""
    header = read_header(HEADER.pack(*PLAIN._replace(attributes=6)))
    with refused(Errors.UNSUPPORTED_COMPRESSION_TYPE, match="codec 6"):
        _ = header.codec


@pytest.mark.parametrize(
    ("change", "at_byte", "reason"),
    [
        ({"magic": 1}, 16, "magic 1 is from before Kafka 0.11"),
        ({"magic": 0}, 16, "magic 0 is from before Kafka 0.11"),
        ({"magic": 3}, 16, "magic 3, expected 2"),
        ({"batch_length": 48}, 8, "batch length 48 is less than the rest of its header"),
        ({"batch_length": -5}, 8, "batch length -5 is less than the rest of its header"),
        ({"base_offset": -1}, 0, "base offset -1 is not an offset"),
        ({"base_offset": 2**63 - 1}, 0, "base offset 9223372036854775807 is not an offset"),
        ({"last_offset_delta": -1}, 23, "last offset delta -1 is negative"),
        ({"records_count": -1}, 57, "-1 records in 5 offsets"),
        ({"records_count": 6}, 57, "6 records in 5 offsets"),
    ],
)
def test_a_header_that_cannot_be_true_names_the_byte(
    change: dict[str, int], at_byte: int, reason: str
) -> None:
    """Counted from the data's first byte, so that a person finds it in a file."""
    data = b"......." + HEADER.pack(*PLAIN._replace(**change))
    with pytest.raises(CorruptMessage) as caught:
        read_header(data, 7)
    assert 7 + at_byte == caught.value.at_byte
    assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize("size_bytes", [0, 1, 16, 60])
def test_less_than_a_header_is_no_header(size_bytes: int) -> None:
    """Also a magic byte can be too far away to be seen."""
    with pytest.raises(CorruptMessage, match=f"{size_bytes} bytes left, a batch header takes 61"):
        read_header(HEADER.pack(*PLAIN)[:size_bytes])


def test_an_old_message_that_is_shorter_than_a_header_is_named_too() -> None:
    """34 bytes of format 1: offset, size, CRC, magic, and little else."""
    old = bytes(8) + (22).to_bytes(4, "big") + bytes(4) + b"\x01" + bytes(17)
    with pytest.raises(
        CorruptMessage, match="before Kafka 0.11: kafkabook.records.formats reads it"
    ):
        read_header(old)


@pytest.mark.parametrize("at", [-1, 1, 10**9])
def test_no_header_is_read_from_outside(at: int) -> None:
    """Python would count a negative position from the end."""
    with pytest.raises(CorruptMessage):
        read_header(RecordBatch.of([Record()]).data[:61], at)
