"""A log keeps what it was given, in order, under the offsets it gave, byte for byte as Kafka."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.errors import CorruptMessage, Errors, OffsetOutOfRange, UnexpectedAppendOffset
from kafkabook.base.trace import Trace
from kafkabook.base.units import HOUR_MS
from kafkabook.log.config import LogConfig
from kafkabook.log.events import BatchAppended, DuplicateIgnored
from kafkabook.log.examples import FIRST_MS, a_log
from kafkabook.log.facts import IsolationLevel
from kafkabook.log.partition_log import PartitionLog
from kafkabook.records.compression import Codec
from kafkabook.records.control_records import ControlType, end_transaction_marker
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch, TimestampType
from tests.log.vectors import (
    PLAIN_CONFIG,
    TOPIC_ID,
    expected_files,
    files_of,
    plain,
    plain_log,
)
from tests.refusals import refused


def test_offsets_and_segments_are_those_of_kafka() -> None:
    """The same appends land at the same offsets, and roll at the same batches."""
    log = plain_log()
    appends = plain()["appends"]
    assert appends[-1]["last_offset"] + 1 == log.log_end
    bases = sorted({append["segment_base_after"] for append in appends})
    assert bases == [segment.base_offset for segment in log.segments]


def test_an_open_directory_is_that_of_kafka() -> None:
    """All files while the log is open, preallocated indexes included."""
    log = plain_log()
    assert expected_files(plain()["files_open"]) == files_of(log.disk, "t-0")


def test_a_closed_directory_is_that_of_kafka() -> None:
    """A clean stop trims the indexes and leaves a snapshot at the log end."""
    log = plain_log()
    log.close()
    assert expected_files(plain()["files_closed"]) == files_of(log.disk, "t-0")


def test_lookups_in_both_indexes_answer_as_kafka() -> None:
    """Floor entries by offset and by time, in every segment."""
    log = plain_log()
    segments = {segment.base_offset: segment for segment in log.segments}
    for row in plain()["offset_index_lookups"]:
        segment = segments[row["segment"]]
        position = log.rules.lookup(segment.index.entries, row["target"])
        assert row["position"] == position
        found = segment.time_index.lookup(row["time_target"])
        assert (row["time_ts"], row["time_offset"]) == found


def test_the_end_of_an_epoch_is_that_of_kafka() -> None:
    """-1 stands for what the log cannot know."""
    log = plain_log()
    for row in plain()["end_offset_for_epoch"]:
        expected = (row["cache_epoch"], row["cache_end_offset"])
        assert expected == log.end_offset_for_epoch(row["epoch"])


def test_a_search_by_time_answers_as_kafka() -> None:
    """Also for the three numbers that stand for latest, earliest and largest timestamp."""
    log = plain_log()
    for row in plain()["fetch_offset_by_timestamp"]:
        found = log.offset_for_timestamp(row["ts"])
        assert row["result"] == (None if found is None else ":".join(map(str, found)))


# --- appending -----------------------------------------------------------------------------------


def some_records(count: int, *, timestamp_ms: int = FIRST_MS) -> list[Record]:
    """Return records with keys, all of one time."""
    return [Record(b"k%d" % n, b"v%d" % n, timestamp_ms) for n in range(count)]


def test_a_leader_stamps_a_batch_and_leaves_its_checksum() -> None:
    """What a producer sent is stored as it is, but for two fields outside the checksum."""
    log = a_log(batches=3)
    sent = RecordBatch.of(some_records(4), codec=Codec.GZIP)
    answer = log.append(sent, leader_epoch=7)
    stored = log.read(3)[0]
    assert (3, 7) == (answer.base_offset, answer.log_end)
    assert some_records(4) == [r._replace(offset=-1) for r in answer.records]
    assert (3, 7, sent.header.crc) == (
        stored.base_offset,
        stored.header.partition_leader_epoch,
        stored.header.crc,
    )
    assert sent.data[16:] == stored.data[16:]


def test_a_prebuilt_batch_is_not_decoded() -> None:
    """A broker hardly looks inside: its speed comes from that."""
    log = PartitionLog()
    batch = RecordBatch.of(some_records(2))
    log.append(batch)
    assert batch._records is None


def test_records_without_a_time_get_the_brokers() -> None:
    """As a producer would have stamped them; those with a time keep it."""
    log = PartitionLog()
    log.append([Record(value=b"a"), Record(value=b"b", timestamp_ms=3)], now_ms=5)
    assert [5, 3] == [record.timestamp_ms for record in log.records()]


def test_log_append_time_is_the_brokers_clock() -> None:
    """Whatever the producer said, every record of the batch shows the time of its append."""
    log = PartitionLog(config=LogConfig(message_timestamp_type="LogAppendTime"))
    log.append(RecordBatch.of(some_records(2)), now_ms=77)
    batch = log.read(0)[0]
    batch.check()
    assert [77, 77] == [record.timestamp_ms for record in batch.records]
    assert TimestampType.LOG_APPEND_TIME == batch.header.timestamp_type


@pytest.mark.parametrize(("ahead_ms", "fits"), [(HOUR_MS, True), (HOUR_MS + 1, False)])
def test_a_record_may_be_an_hour_ahead(ahead_ms: int, fits: bool) -> None:
    """Since 4.0; before, one wrong clock could keep a segment for ever (E10)."""
    log = PartitionLog()
    batch = RecordBatch.of(some_records(1, timestamp_ms=FIRST_MS + ahead_ms))
    if fits:
        log.append(batch, now_ms=FIRST_MS)
    else:
        with refused(Errors.INVALID_TIMESTAMP, match="3600001 ms ahead"):
            log.append(batch, now_ms=FIRST_MS)
    assert int(fits) == log.log_end


def test_a_record_may_be_too_old_if_a_topic_says_so() -> None:
    """One bad record refuses its whole batch."""
    log = PartitionLog(config=LogConfig(message_timestamp_before_max_ms=1000))
    records = [*some_records(1), *some_records(1, timestamp_ms=FIRST_MS - 1001)]
    with refused(Errors.INVALID_TIMESTAMP, match="1001 ms behind"):
        log.append(records, now_ms=FIRST_MS)
    assert 0 == log.log_end


def test_a_compacted_topic_refuses_a_batch_with_one_record_without_key() -> None:
    """There is nothing to keep the latest of."""
    log = PartitionLog(config=LogConfig(cleanup_policy=("compact",)))
    with refused(Errors.INVALID_RECORD):
        log.append([*some_records(2), Record(value=b"no key")])
    assert 0 == log.log_end


def test_sizes_are_checked_before_anything_happens() -> None:
    """Too large for the topic, and too large for any segment: two errors."""
    batch = RecordBatch.of([Record(value=bytes(1000))])
    with refused(Errors.MESSAGE_TOO_LARGE):
        PartitionLog(config=LogConfig(max_message_bytes=1000)).append(batch)
    log = PartitionLog(config=LogConfig(segment_bytes=1000))
    with refused(Errors.RECORD_LIST_TOO_LARGE):
        log.append(batch)
    with refused(Errors.RECORD_LIST_TOO_LARGE):
        log.append_as_follower([batch])
    assert (0, 1) == (log.log_end, len(log.segments))


def test_a_damaged_batch_is_refused_at_the_door() -> None:
    """Its checksum says so; nothing is decoded to find out."""
    data = bytearray(RecordBatch.of(some_records(1)).data)
    data[-1] ^= 1
    log = PartitionLog()
    for append in (log.append, lambda batch: log.append_as_follower([batch])):
        with pytest.raises(CorruptMessage):
            append(RecordBatch(bytes(data)))
    assert 0 == log.log_end


def test_a_retry_of_an_idempotent_producer_is_answered_and_not_appended() -> None:
    """With the offset of its first coming."""
    log = a_log(batches=2)
    sent = RecordBatch.of(some_records(2), producer_id=9, producer_epoch=0, base_sequence=0)
    first, again = log.append(sent), log.append(sent)
    assert first == again
    assert 4 == log.log_end
    assert [DuplicateIgnored(2, 3, 9, 0)] == [e.event for e in log.trace.of(DuplicateIgnored)]


def test_a_follower_keeps_every_byte() -> None:
    """Offsets, epochs, checksums: replicas are equal to the byte, index files included."""
    leader = plain_log()
    follower = PartitionLog("t-0", config=PLAIN_CONFIG, topic_id=TOPIC_ID)
    offset = 0
    while batches := leader.read(offset, max_bytes=300):
        offset = follower.append_as_follower(batches)
    assert files_of(leader.disk, "t-0") == files_of(follower.disk, "t-0")


def test_a_follower_refuses_an_overlap() -> None:
    """And then nothing of the fetch is appended."""
    log = a_log(batches=3)
    fetched = [RecordBatch.of(some_records(1), base_offset=offset) for offset in (3, 2)]
    with pytest.raises(UnexpectedAppendOffset):
        log.append_as_follower(fetched)
    assert 3 == log.log_end


def test_a_follower_accepts_a_gap() -> None:
    """Its leader may have been compacted before its policy was changed to delete."""
    log = a_log(batches=3)
    assert 6 == log.append_as_follower([RecordBatch.of(some_records(1), base_offset=5)])


@pytest.mark.parametrize(
    "change",
    [
        lambda log: log.append(some_records(1)),
        lambda log: log.append_as_follower([]),
        lambda log: log.roll(),
        lambda log: log.delete_old_segments(now_ms=0),
        lambda log: log.truncate_to(1),
        lambda log: log.truncate_fully_and_start_at(0),
    ],
)
def test_a_closed_log_says_so(change: Callable[[PartitionLog], object]) -> None:
    """Its files are trimmed; writing on would spoil them."""
    log = a_log(batches=1)
    log.close()
    with refused(Errors.KAFKA_STORAGE_ERROR, match="orders-0 has been closed"):
        change(log)


def test_flush_messages_bounds_what_a_power_cut_takes() -> None:
    """E1: with 3, at most two records are not on the platter."""
    log = PartitionLog(config=LogConfig(flush_messages=3))
    for _ in range(8):
        log.append(some_records(1))
    assert 6 == log.recovery_point
    log.disk.lose_power()
    assert 6 == PartitionLog(disk=log.disk).log_end


# --- reading -------------------------------------------------------------------------------------


def test_the_first_batch_comes_back_even_when_it_is_too_large() -> None:
    """KIP-74: one big batch must not stop a consumer for ever."""
    log = a_log(sizes_bytes=(100, 200, 300))
    for max_bytes, offsets in ((0, [0]), (299, [0]), (300, [0, 1]), (600, [0, 1, 2])):
        assert offsets == [b.base_offset for b in log.read(0, max_bytes=max_bytes)]


def test_a_batch_is_never_cut() -> None:
    """Asked for an offset in its middle, it comes as a whole."""
    log = a_log(batches=3, records_per_batch=4)
    assert [4, 8] == [batch.base_offset for batch in log.read(6)]
    assert [6, 7, 8] == [record.offset for record in log.records(6, 9)]


@pytest.mark.parametrize("offset", [-1, 1, 13])
def test_an_offset_outside_the_log_is_answered_with_both_ends(offset: int) -> None:
    """All that a client needs to reset itself."""
    log = a_log(batches=12, config=LogConfig(segment_bytes=400))
    log.delete_records_before(5)
    with pytest.raises(OffsetOutOfRange) as raised:
        log.read(offset)
    assert (5, 12) == (raised.value.log_start, raised.value.log_end)


def test_a_consumer_sees_what_is_committed_and_a_follower_everything() -> None:
    """The high watermark is moved by whoever knows the replicas, and never back."""
    log = PartitionLog()
    for _ in range(4):
        log.append(some_records(1))
    assert [0, 2, 2] == [log.advance_high_watermark(offset) for offset in (0, 2, 1)]
    levels = (None, IsolationLevel.READ_UNCOMMITTED, IsolationLevel.READ_COMMITTED)
    assert [4, 2, 2] == [len(log.read(0, isolation=level)) for level in levels]
    assert 4 == log.advance_high_watermark(99)


def test_an_open_transaction_holds_back_readers_of_committed_records() -> None:
    """The last stable offset stays where it began until its marker is committed."""
    log = a_log(batches=2)
    log.append(
        RecordBatch.of(
            some_records(2),
            producer_id=9,
            producer_epoch=0,
            base_sequence=0,
            is_transactional=True,
        )
    )
    log.append(some_records(1))
    log.advance_high_watermark()
    assert (5, 2) == (log.high_watermark, log.last_stable_offset)
    log.append(_abort())
    assert 2 == log.last_stable_offset
    log.advance_high_watermark()
    assert 6 == log.last_stable_offset
    again = PartitionLog(disk=log.disk)
    assert list(log.segments[0].aborted) == list(again.segments[0].aborted)
    assert 1 == len(list(again.segments[0].aborted))


def _abort() -> RecordBatch:
    return end_transaction_marker(
        ControlType.ABORT,
        producer_id=9,
        producer_epoch=0,
        coordinator_epoch=0,
        timestamp_ms=FIRST_MS,
    )


# --- truncating ----------------------------------------------------------------------------------


@pytest.mark.parametrize("offset", range(61))
def test_a_truncated_log_is_one_that_never_had_more(offset: int) -> None:
    """Bytes, indexes, epochs, producers: as if the appends beyond had not been."""
    log = plain_log()
    log.advance_high_watermark(50)
    log.truncate_to(offset)
    log.check()
    assert log.log_end <= offset
    assert log.high_watermark <= log.log_end
    assert all(entry.start_offset < log.log_end for entry in log.epochs.entries)
    expected = [r for r in plain_log().records() if r.offset < log.log_end]
    assert expected == list(log.records())
    log.append(some_records(1), leader_epoch=9)
    log.check()
    again = PartitionLog("t-0", log.disk, config=PLAIN_CONFIG)
    assert list(log.records()) == list(again.records())


def test_a_log_that_starts_anew_begins_where_it_is_told() -> None:
    """A follower whose end lies below its leader's start has nothing to keep."""
    log = plain_log()
    flushed = log.recovery_point
    log.truncate_fully_and_start_at(1000)
    assert (1000, 1000, 1000) == (log.log_start, log.high_watermark, log.log_end)
    assert flushed == log.recovery_point
    assert () == log.epochs.entries
    batch = RecordBatch.of(some_records(2), base_offset=1000, partition_leader_epoch=6)
    assert 1002 == log.append_as_follower([batch])
    log.check()


def test_rolling_by_hand_leaves_no_empty_segments() -> None:
    """Asked twice, it rolls once; every roll leaves a snapshot of its producers."""
    log = a_log(batches=2)
    assert [2, 2] == [log.roll(), log.roll()]
    assert [0, 2] == [segment.base_offset for segment in log.segments]
    assert bytes.fromhex("000148674bc700000000") == log.disk.read(
        "orders-0/00000000000000000002.snapshot"
    )


def test_jitter_is_drawn_from_a_seed() -> None:
    """Logs do not all roll at once, and still every run is the same."""
    config = LogConfig(segment_ms=1000, segment_jitter_ms=500)

    def rolled_at(name: str) -> list[int]:
        log = PartitionLog(name, config=config)
        for now_ms in range(0, 20_000, 50):
            log.append([Record(value=b"v", timestamp_ms=now_ms)])
        return [segment.first_timestamp_ms for segment in log.segments]

    assert rolled_at("a-0") == rolled_at("a-0")
    assert rolled_at("a-0") != rolled_at("b-0")


def test_several_logs_may_tell_one_trace() -> None:
    """Each event stands under the name of its partition."""
    trace = Trace()
    logs = [PartitionLog(f"orders-{number}", trace=trace) for number in range(2)]
    logs[1].append(some_records(1))
    assert ["orders-1"] == [entry.place for entry in trace.of(BatchAppended)]


@given(
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=30),
    segment_bytes=st.integers(300, 900),
    index_interval_bytes=st.integers(0, 400),
)
def test_whatever_is_appended_is_read_back(
    sizes: list[int], segment_bytes: int, index_interval_bytes: int
) -> None:
    """From any offset, through any index, and after any stop."""
    config = LogConfig(
        segment_bytes=segment_bytes,
        index_interval_bytes=index_interval_bytes,
        segment_index_bytes=64,
    )
    log = PartitionLog(config=config)
    values = []
    for number, size in enumerate(sizes):
        batch = [Record(value=b"%d-%d" % (number, i)) for i in range(size)]
        values += [record.value for record in batch]
        log.append(batch)
    log.check()
    for offset in range(0, len(values), 3):
        assert values[offset:] == [record.value for record in log.records(offset)]
    assert values == [
        record.value for record in PartitionLog(disk=log.disk, config=config).records()
    ]
