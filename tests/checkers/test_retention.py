"""L1 and L4 against histories that are good, bad, and beside the point."""

import pytest

from kafkabook.base.trace import Event
from kafkabook.checkers.retention import ActiveSegmentUntouched, RetentionRule
from kafkabook.log.events import LogOpened, LogTruncated, SegmentRolled
from tests.checkers.histories import DAY_MS, a_check, a_deletion, judged, some_batches

OPENED = LogOpened(0, 30, (0, 10, 20), True)
ROLLED = SegmentRolled(20, 30, 700, "segment.bytes")


@pytest.mark.parametrize(
    "history",
    [
        [OPENED, a_deletion(base_offset=0)],
        [OPENED, a_deletion(base_offset=0), a_deletion(base_offset=10, next_offset=20)],
        [OPENED, ROLLED, a_deletion(base_offset=20, next_offset=30)],
    ],
)
def test_closed_segments_may_go(history: list[Event]) -> None:
    """Also the one that was active until the roll just before."""
    assert "holds" == judged(ActiveSegmentUntouched(), history)


@pytest.mark.parametrize(
    "history",
    [
        [OPENED, a_deletion(base_offset=20)],
        [OPENED, ROLLED, a_deletion(base_offset=30)],
        [LogOpened(0, 0, (0,), True), a_deletion(base_offset=0, reason="retention.bytes")],
    ],
)
def test_the_active_segment_may_not(history: list[Event]) -> None:
    """Whatever the reason: a writer stands in it."""
    assert "broken" == judged(ActiveSegmentUntouched(), history)


def test_truncation_is_no_business_of_these_checkers() -> None:
    """A checker that saw nothing says vacuous and not pass."""
    history = [OPENED, LogTruncated(30, 5, "leader epoch")]
    assert "vacuous" == judged(ActiveSegmentUntouched(), history)
    assert "vacuous" == judged(RetentionRule(), [*history, *some_batches(3)])


@pytest.mark.parametrize(
    "event",
    [
        a_deletion(),
        a_deletion(reason="retention.bytes", retention_bytes=1_400, retention_ms=-1),
        a_deletion(reason="log start", log_start=10, retention_ms=-1),
        a_check(),
        a_check(oldest_kept_next_offset=31, oldest_kept_largest_timestamp_ms=0),
        a_check(oldest_kept_is_active=True, oldest_kept_largest_timestamp_ms=0),
        a_check(retention_bytes=701),
    ],
)
def test_retention_by_the_book(event: Event) -> None:
    """Old enough, large enough, below the log start; kept where the watermark forbids it."""
    assert "holds" == judged(RetentionRule(), [event])


@pytest.mark.parametrize(
    "event",
    [
        a_deletion(largest_timestamp_ms=3 * DAY_MS),
        a_deletion(retention_ms=-1),
        a_deletion(reason="the part says so"),
        a_deletion(high_watermark=9),
        a_deletion(reason="retention.bytes", retention_bytes=1_401),
        a_deletion(reason="retention.bytes", retention_bytes=-1),
        a_deletion(reason="log start", log_start=9),
        a_check(oldest_kept_largest_timestamp_ms=0),
        a_check(retention_bytes=700),
        a_check(retention_bytes=0),
        a_check(log_start=20),
    ],
)
def test_one_number_beside_the_rule_is_a_break(event: Event) -> None:
    """Seven days to the millisecond are still in time, one byte less is still too small."""
    assert "broken" == judged(RetentionRule(), [event])
