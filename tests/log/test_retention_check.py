"""Old segments go, whole, from the front; their files a minute later."""

from dataclasses import replace

import pytest

from kafkabook.base.errors import OffsetOutOfRange
from kafkabook.base.units import DAY_MS, HOUR_MS
from kafkabook.checkers.log_watch import LogWatch
from kafkabook.log.config import LogConfig
from kafkabook.log.events import RetentionChecked, SegmentDeleted
from kafkabook.log.examples import FIRST_MS, a_log
from kafkabook.log.partition_log import PartitionLog
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

CONFIG = LogConfig(segment_bytes=400, retention_ms=60_000)


def an_old_log() -> PartitionLog:
    """Return 12 committed batches, a second apart, in three segments of four."""
    return a_log(batches=12, config=CONFIG)


def test_segments_go_whole_and_from_the_front() -> None:
    """The log start moves with them, and a reader below it learns so."""
    log = an_old_log()
    bases = [segment.base_offset for segment in log.segments]
    newest_ms = log.segments[0].largest.timestamp_ms
    assert () == log.delete_old_segments(now_ms=newest_ms + 60_000)
    assert (0,) == log.delete_old_segments(now_ms=newest_ms + 60_001)
    assert bases[1] == log.log_start
    assert bases[1:] == [segment.base_offset for segment in log.segments]
    log.check()


def test_a_check_tells_what_the_oldest_segment_left_looks_like() -> None:
    """Why it went no further can be judged from what it tells, also where nothing went."""
    log = an_old_log()
    first, second = log.segments[:2]
    all_bytes, expired_ms = log.size_bytes, first.largest.timestamp_ms + 60_001
    log.delete_old_segments(now_ms=expired_ms - 1)
    log.delete_old_segments(now_ms=expired_ms)
    untouched = RetentionChecked(
        deleted=0,
        oldest_kept_base=0,
        oldest_kept_next_offset=second.base_offset,
        oldest_kept_largest_timestamp_ms=first.largest.timestamp_ms,
        oldest_kept_size_bytes=first.size_bytes,
        oldest_kept_is_active=False,
        log_size_bytes=all_bytes,
        retention_ms=60_000,
        retention_bytes=-1,
        high_watermark=12,
        log_start=0,
    )
    shortened = replace(
        untouched,
        deleted=1,
        oldest_kept_base=second.base_offset,
        oldest_kept_next_offset=second.next_offset,
        oldest_kept_largest_timestamp_ms=second.largest.timestamp_ms,
        oldest_kept_size_bytes=second.size_bytes,
        log_size_bytes=all_bytes - first.size_bytes,
        log_start=second.base_offset,
    )
    told = log.trace.of(RetentionChecked)
    assert [(expired_ms - 1, untouched), (expired_ms, shortened)] == [
        (entry.at_ms, entry.event) for entry in told
    ]


def test_e9_one_young_record_keeps_a_segment_of_old_ones() -> None:
    """Retention is by segment: seven days may be more, and all at once it is none."""
    log = PartitionLog(config=LogConfig(retention_ms=7 * DAY_MS))
    for day in range(8):
        log.append([Record(value=b"v", timestamp_ms=day * DAY_MS)])
    log.roll()
    log.advance_high_watermark()
    assert () == log.delete_old_segments(now_ms=14 * DAY_MS)
    assert (0,) == log.delete_old_segments(now_ms=14 * DAY_MS + 1)
    assert [] == list(log.records())


def test_e10_a_record_from_the_future_keeps_its_segment() -> None:
    """One clock a year ahead, and what is beside it never expires."""
    config = LogConfig(retention_ms=DAY_MS, message_timestamp_after_max_ms=2**62)
    log = PartitionLog(config=config)
    log.append([Record(value=b"v", timestamp_ms=365 * DAY_MS)], now_ms=0)
    log.advance_high_watermark()
    assert () == log.delete_old_segments(now_ms=30 * DAY_MS)


def test_e11_a_record_from_the_past_is_gone_before_anybody_reads_it() -> None:
    """CreateTime of eight days ago, retention of seven; the broker's own time would save it."""
    for kind, left in (("CreateTime", 0), ("LogAppendTime", 1)):
        log = PartitionLog(config=LogConfig(message_timestamp_type=kind))
        log.append([Record(value=b"v", timestamp_ms=0)], now_ms=8 * DAY_MS)
        log.advance_high_watermark()
        log.delete_old_segments(now_ms=8 * DAY_MS)
        assert left == len(list(log.records()))


def test_the_active_segment_is_rolled_before_it_goes() -> None:
    """All are too old: an empty one takes their place, and the log goes on at its offset."""
    log = an_old_log()
    watch = LogWatch.over(log.trace)
    log.delete_old_segments(now_ms=FIRST_MS + DAY_MS)
    assert ([12], 12, 12) == ([s.base_offset for s in log.segments], log.log_start, log.log_end)
    assert ("holds", "holds") == (watch.verdicts["L1"], watch.verdicts["L4"])
    log.append([Record(value=b"on")])
    log.check()


def test_nothing_uncommitted_goes() -> None:
    """A follower might not have it yet."""
    log = PartitionLog(config=CONFIG)
    for number in range(12):
        log.append([Record(value=b"value-%d" % number, timestamp_ms=FIRST_MS)])
    log.advance_high_watermark(log.segments[1].base_offset)
    assert (0,) == log.delete_old_segments(now_ms=FIRST_MS + DAY_MS)


def test_files_are_renamed_first_and_removed_after_the_delay() -> None:
    """Whoever still reads them may finish; nobody new finds them."""
    log = an_old_log()
    log.delete_old_segments(now_ms=FIRST_MS + DAY_MS)
    marked = [name for name in log.disk.list("orders-0") if name.endswith(".deleted")]
    assert "00000000000000000000.log.deleted" in marked
    log.delete_old_segments(now_ms=FIRST_MS + DAY_MS + 59_999)
    assert marked == [n for n in log.disk.list("orders-0") if n.endswith(".deleted")]
    log.delete_old_segments(now_ms=FIRST_MS + DAY_MS + 60_000)
    assert [] == [n for n in log.disk.list("orders-0") if n.endswith(".deleted")]


def test_deleted_records_are_not_served_and_their_segments_go_later() -> None:
    """Up to the high watermark and no further; what was decisive is told."""
    log = a_log(batches=12, config=LogConfig(segment_bytes=400, retention_ms=-1))
    base, first_bytes = log.segments[1].base_offset, log.segments[0].size_bytes
    all_bytes = sum(segment.size_bytes for segment in log.segments)
    assert base + 1 == log.delete_records_before(base + 1)
    assert base + 1 == next(log.records()).offset
    assert (0,) == log.delete_old_segments(now_ms=FIRST_MS)
    deleted = SegmentDeleted(
        base_offset=0,
        next_offset=base,
        largest_timestamp_ms=FIRST_MS + (base - 1) * 1000,
        size_bytes=first_bytes,
        reason="log start",
        was_active=False,
        log_size_bytes=all_bytes,
        retention_ms=-1,
        retention_bytes=-1,
        high_watermark=12,
        log_start=base + 1,
    )
    assert [deleted] == [entry.event for entry in log.trace.of(SegmentDeleted)]
    with pytest.raises(OffsetOutOfRange):
        log.delete_records_before(13)
    assert 12 == log.delete_records_before(-1)
    log.check()


def test_records_that_a_transaction_left_open_do_not_hold_readers_below_the_log_start() -> None:
    """What was deleted is not waited for: the last stable offset never lies below the log start."""
    log = PartitionLog("orders-0")
    open_one = {"producer_id": 7, "producer_epoch": 0, "is_transactional": True}
    log.append(RecordBatch.of([Record(b"k", b"v")] * 4, base_sequence=0, **open_one))
    log.advance_high_watermark()
    assert 0 == log.last_stable_offset
    log.delete_records_before(3)
    assert 3 == log.last_stable_offset


def test_e12_a_clock_that_jumps_takes_everything() -> None:
    """The broker believes its clock, and so does every segment's age."""
    log = an_old_log()
    assert 0 == len(log.delete_old_segments(now_ms=FIRST_MS + 12_000))
    assert 3 == len(log.delete_old_segments(now_ms=FIRST_MS + 8 * DAY_MS + HOUR_MS))
