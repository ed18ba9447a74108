"""A log whose first segments are from before Kafka 0.11: opened, read, cut, and never written."""

import pytest

from kafkabook.base.errors import CorruptMessage, CorruptSegment, Errors, NotReadHere
from kafkabook.log.compaction import Cleaner
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.events import DamageFound
from kafkabook.log.log_file import CHUNK_BYTES
from kafkabook.log.partition_log import MAX_TIMESTAMP, PartitionLog
from kafkabook.log.reader import Reader
from kafkabook.log.recovery import Checkpointed
from kafkabook.log.verification import WINDOW_BYTES, verify_segment
from kafkabook.records.compression import Codec
from kafkabook.records.old_formats import MessageSet
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from tests.records.old_messages import APPEND_TIME, T, message, wrapped
from tests.refusals import refused

OFTEN = LogConfig(index_interval_bytes=1)
FIRST, SECOND = "orders-0/00000000000000000000.log", "orders-0/00000000000000000009.log"
OLD = (
    message(0, magic=0),
    wrapped(Codec.GZIP, [1, 2, 3], magic=0),
    message(4),
    wrapped(Codec.LZ4, [5, 6, 8]),  # 7 is gone: a cleaner was here
)
NEW = RecordBatch.of([Record(b"k", b"new", T + 50)], base_offset=9, partition_leader_epoch=3).data


def a_disk(*entries: bytes, then: bytes = NEW) -> MemoryDisk:
    """Return a disk with a segment of old messages, and one of today behind it."""
    disk = MemoryDisk()
    disk.append(FIRST, b"".join(entries or OLD))
    if then:
        disk.append(SECOND, then)
    return disk


def opened(disk: MemoryDisk, **how: object) -> PartitionLog:
    """Open it after an unclean stop, and check it."""
    log = PartitionLog("orders-0", disk, **({"config": OFTEN} | how))  # type: ignore[arg-type]
    log.check()
    return log


def test_old_segments_are_kept_and_new_ones_follow() -> None:
    """They were emptied once, and what followed was dropped with them."""
    log = opened(a_disk())
    assert (0, 10, 2) == (log.log_start, log.log_end, len(log.segments))
    assert [0, 1, 2, 3, 4, 5, 6, 8, 9] == [record.offset for record in log.records()]
    assert [(3, 9)] == [(entry.epoch, entry.start_offset) for entry in log.epochs.entries]
    assert [] == log.trace.of("DamageFound")


def test_an_index_names_the_last_offset_of_a_message() -> None:
    """As of a batch; after a clean stop the same files are taken as they stand."""
    disk = a_disk(then=b"")
    log = opened(disk)
    expected = [3, 4, 8]
    assert expected == [entry.offset for entry in log.segments[0].index.entries]
    log.close()
    again = opened(disk, checkpointed=Checkpointed(after_clean_stop=True))
    assert expected == [entry.offset for entry in again.segments[0].index.entries]
    assert 9 == again.log_end


@pytest.mark.parametrize("offset", range(10))
def test_a_read_begins_with_the_message_that_holds_the_offset(offset: int) -> None:
    """Also in the middle of a wrapper, whose own offset is its last."""
    log = opened(a_disk())
    first = log.read(offset)[0]
    assert first.base_offset <= offset <= first.last_offset
    reader = Reader("billing", log)
    reader.seek(offset)
    assert (offset if offset != 7 else 8) == reader.poll(1)[0].offset


def test_a_read_gives_messages_up_to_its_budget() -> None:
    """Bytes are counted as they lie in the file."""
    log = opened(a_disk())
    found = log.read(0, max_bytes=len(OLD[0]) + len(OLD[1]))
    assert [MessageSet(it) for it in OLD[:2]] == list(found)


@pytest.mark.parametrize(
    ("time_ms", "expected"),
    [(T - 1, (T, 4)), (T, (T, 4)), (T + 1, (T + 5, 5)), (T + 7, (T + 8, 8)), (T + 9, (T + 50, 9))],
)
def test_a_time_is_looked_for_in_both_formats(time_ms: int, expected: tuple[int, int]) -> None:
    """Messages of magic 0 have none, so the first answer is in magic 1."""
    place = opened(a_disk()).offset_for_timestamp(time_ms)
    assert place is not None
    assert expected == (place.timestamp_ms, place.offset)
    assert (3 if place.offset == 9 else -1) == place.leader_epoch


def test_a_segment_without_times_hides_those_behind_it_from_a_search() -> None:
    """Kafka asks when it was written last, and looks into no other segment (KAFKA-7628)."""
    disk = a_disk(message(0, magic=0), wrapped(Codec.GZIP, [*range(1, 9)], magic=0))
    assert opened(disk, now_ms=T + 10).offset_for_timestamp(T) is None
    late = opened(disk, now_ms=T + 10).offset_for_timestamp(T + 11)
    largest = opened(disk, now_ms=T + 10).offset_for_timestamp(MAX_TIMESTAMP)
    assert late == largest
    assert late is not None and 9 == late.offset
    assert opened(a_disk(message(0, magic=0), then=b"")).offset_for_timestamp(MAX_TIMESTAMP) is None


def test_the_time_of_append_is_that_of_every_message_inside() -> None:
    """The wrapper's; those inside still say what the producer said."""
    log = opened(a_disk(wrapped(Codec.SNAPPY, [0, 1], timestamp_type=APPEND_TIME), then=b""))
    assert [T + 99_999] * 2 == [record.timestamp_ms for record in log.records()]


@pytest.mark.parametrize("number", range(len(OLD)))
def test_a_flipped_bit_in_an_old_message_is_found_and_cut_off(number: int) -> None:
    """By its CRC-32; those before it stay."""
    before, size = b"".join(OLD[:number]), len(OLD[number])
    for at in (12, 17, size - 1):
        data = bytearray(b"".join(OLD))
        data[len(before) + at] ^= 1
        log = opened(a_disk(bytes(data), then=b""))
        (told,) = log.trace.of("DamageFound")
        assert isinstance(told.event, DamageFound)
        assert (len(before), "checksum") == (told.event.at_byte, told.event.reason[:8])
        assert before == log.disk.read(FIRST)
        assert (number == len(OLD) - 1) == told.event.torn_tail


@pytest.mark.parametrize("number", range(len(OLD)))
def test_an_old_message_that_is_cut_off_is_a_torn_tail(number: int) -> None:
    """However little of it is there."""
    before, size = b"".join(OLD[:number]), len(OLD[number])
    for kept in (1, 11, 17, 18, 25, size - 1):
        disk = a_disk(before + OLD[number][:kept], then=b"")
        with pytest.raises(CorruptSegment) as caught:
            list(verify_segment(disk, FIRST, base_offset=0))
        assert (len(before), True) == (caught.value.at_byte, caught.value.torn_tail)


def test_a_size_that_lies_reads_no_more_than_the_file() -> None:
    """The next message is looked for where the size says, which may be nowhere, or here again."""
    for size in (0, -12, 2**31 - 1, 13):
        lie = OLD[0][:8] + size.to_bytes(4, signed=True) + OLD[0][12:]
        log = opened(a_disk(lie, *OLD[1:], then=b""))
        assert 0 == log.log_end


def test_a_message_larger_than_what_is_read_at_once_is_read_whole() -> None:
    """Its first offset is inside it, so its header is as long as it is."""
    noise = bytes(n * n % 251 for n in range(WINDOW_BYTES))
    values = [(None, noise), (None, noise)]
    big = wrapped(Codec.SNAPPY, [1, 2], values=values)
    log = opened(a_disk(message(0), big, message(3), message(4), then=b""))
    assert CHUNK_BYTES < len(big)
    assert [0, 1, 3, 4] == [header.base_offset for _, header in log.segments[0].file.scan()]
    assert [0, 1, 2, 3, 4] == [record.offset for record in log.records()]


def test_a_wrapper_that_holds_no_messages_stays_where_it_is() -> None:
    """Its checksum is right, so Kafka keeps it, too. Who reads it is told what it is."""
    log = opened(a_disk(message(0), message(1, None, b"none", attributes=1), then=b""))
    assert 2 == log.log_end
    with pytest.raises(CorruptMessage, match="not the header of a gzip member"):
        list(log.records(start=1))


def test_preallocated_zeros_behind_old_messages_are_room() -> None:
    """They look like a message of magic 0 and of no size."""
    data = b"".join(OLD)
    disk = a_disk(data + bytes(4096), then=b"")
    found = list(verify_segment(disk, FIRST, base_offset=0, is_preallocated=True))
    assert 4 == len(found)


def test_a_new_batch_is_appended_behind_old_messages() -> None:
    """In today's format; the log then holds both."""
    log = opened(a_disk(then=b""), now_ms=T)
    log.append([Record(b"k", b"v")], now_ms=T)
    assert [0, 0, 1, 1, 2] == [header.magic for _, header in log.segments[0].file.scan()]
    assert [*range(7), 8, 9] == [record.offset for record in opened(log.disk).records()]  # type: ignore[arg-type]


def test_old_messages_are_not_taken_from_a_producer_nor_from_a_leader() -> None:
    """Kafka refuses the first since 4.0; the second is a simplification of ours."""
    log = opened(a_disk(then=b""))
    before = log.snapshot()
    with refused(Errors.INVALID_RECORD, match="magic 1: Kafka has not taken these since 4.0"):
        log.append(MessageSet(message(9)), now_ms=T)
    with refused(Errors.INVALID_RECORD, match="write its records anew"):
        log.append_as_follower([MessageSet(message(9))])
    assert before == log.snapshot()


def test_a_log_with_old_messages_is_not_cleaned() -> None:
    """Parts of a wrapper would have to be written anew; nothing is changed, and it is said."""
    config = LogConfig(cleanup_policy="compact", index_interval_bytes=1)
    log = opened(a_disk(), config=config)
    log.append([Record(b"k", b"v")], now_ms=T)
    log.roll()
    log.advance_high_watermark()
    before = log.snapshot()
    with pytest.raises(NotReadHere, match="does not compact a log that holds them"):
        Cleaner().clean(log, now_ms=T, even_if_not_due=True)
    assert before == log.snapshot()


def test_truncation_takes_a_wrapper_as_a_whole() -> None:
    """As it takes a batch."""
    log = opened(a_disk())
    assert log.truncate_to(6)
    assert 5 == log.log_end
    log.check()
