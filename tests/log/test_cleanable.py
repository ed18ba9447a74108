"""Which segments are cleaned, and which of them together."""

from dataclasses import replace

import pytest

from kafkabook.base.units import INT32_MAX
from kafkabook.log.cleanable import group_segments
from kafkabook.log.compaction import Cleaner
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from tests.log.compaction_logs import COMPACTED, a_compacted_log


def test_a_segment_joins_the_group_before_it_and_no_earlier_one() -> None:
    """The first group is full; the second still has room."""
    log = a_compacted_log(segment_bytes=1 << 20)
    for number in range(8):
        log.append(RecordBatch.of([Record(b"k", b"%d" % number, 1_000)]))
        if number >= 3:
            log.roll()
    config = replace(COMPACTED, segment_bytes=log.segments[0].size_bytes)
    groups = group_segments(log.segments[:-1], config, log.log_end)
    bases = [[segment.base_offset for segment in group] for group in groups]
    assert [[0], [4, 5, 6, 7]] == bases


@pytest.mark.parametrize(("last_offset", "groups"), [(INT32_MAX, 1), (INT32_MAX + 1, 2)])
def test_a_group_has_room_for_offsets_of_four_bytes(last_offset: int, groups: int) -> None:
    """The index entry of the last record counts from the first one's segment."""
    log = a_compacted_log(segment_bytes=1 << 20)
    for number in range(2):
        log.append(RecordBatch.of([Record(b"k", b"%d" % number, 1_000)]))
        log.roll()
    assert groups == len(group_segments(log.segments[:-1], COMPACTED, last_offset + 1))


def test_a_segment_without_a_time_is_never_overdue() -> None:
    """Kafka takes 0 for no time, as that of records without any."""
    log = a_compacted_log(max_compaction_lag_ms=5)
    for time_ms in (0, 1_000):
        log.append(RecordBatch.of([Record(b"k", b"v", time_ms)]))
        log.roll()
    log.advance_high_watermark()
    cleaner = Cleaner()
    assert 2_000 - 5 - 1_000 == cleaner.cleanable(log, now_ms=2_000).overdue_ms
