"""Hand-made histories: a trace of events of one partition, as short as the point allows."""

from collections.abc import Iterable

from kafkabook.base.trace import Event, Trace
from kafkabook.checkers.anomaly import Watching
from kafkabook.log.events import BatchAppended, RetentionChecked, SegmentDeleted

DAY_MS = 86_400_000
BATCH_BYTES = 70


def a_batch(base: int, *, records: int = 1, segment: int = 0, position: int | None = None) -> Event:
    """One batch of 70 bytes; by default each offset of the segment is a batch of its own."""
    at = (base - segment) * BATCH_BYTES if position is None else position
    return BatchAppended(
        base, base + records - 1, segment, at, BATCH_BYTES, 0, 1_000, -1, -1, -1, False
    )


def some_batches(count: int, *, segment: int = 0) -> list[Event]:
    """`count` batches of one record each, one after the other."""
    return [a_batch(segment + n, segment=segment) for n in range(count)]


def a_deletion(**changes: object) -> SegmentDeleted:
    """A rightful deletion by time: newest record ten days old, seven are kept."""
    usual: dict[str, object] = {
        "base_offset": 0,
        "next_offset": 10,
        "largest_timestamp_ms": 0,
        "size_bytes": 700,
        "reason": "retention.ms",
        "was_active": False,
        "log_size_bytes": 2_100,
        "retention_ms": 7 * DAY_MS,
        "retention_bytes": -1,
        "high_watermark": 30,
        "log_start": 0,
    }
    return SegmentDeleted(**(usual | changes))  # type: ignore[arg-type]


def a_check(**changes: object) -> RetentionChecked:
    """A check that rightly kept a segment: its newest record is five days old."""
    usual: dict[str, object] = {
        "deleted": 0,
        "oldest_kept_base": 10,
        "oldest_kept_next_offset": 20,
        "oldest_kept_largest_timestamp_ms": 5 * DAY_MS,
        "oldest_kept_size_bytes": 700,
        "oldest_kept_is_active": False,
        "log_size_bytes": 1_400,
        "retention_ms": 7 * DAY_MS,
        "retention_bytes": -1,
        "high_watermark": 30,
        "log_start": 0,
    }
    return RetentionChecked(**(usual | changes))  # type: ignore[arg-type]


def judged(checker: Watching, events: Iterable[Event], *, at_ms: int = 10 * DAY_MS) -> str:
    """Feed a history and return the verdict."""
    trace = Trace("orders-0")
    trace.observe(checker.observe)  # type: ignore[attr-defined]
    for event in events:
        trace.emit(event, at_ms=at_ms)
    return checker.verdict
