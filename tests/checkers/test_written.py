"""What a log should hold, as its trace tells it."""

from collections.abc import Iterable

from kafkabook.base.trace import Event, Trace
from kafkabook.checkers.written import WrittenLog
from kafkabook.log.events import (
    BytesDamaged,
    LogTruncated,
    RecoveryCompleted,
    SegmentsCompacted,
)
from tests.checkers.histories import BATCH_BYTES, a_batch, some_batches


def written(events: Iterable[Event]) -> WrittenLog:
    """Let a log be written by these events."""
    log, trace = WrittenLog(), Trace("orders-0")
    trace.observe(log.take)
    for event in events:
        trace.emit(event, at_ms=0)
    return log


def cleaned(*old_bases: int, left: int) -> SegmentsCompacted:
    """Segments are replaced by one of the first base, which holds the batch at `left` alone."""
    return SegmentsCompacted(old_bases, old_bases[0], 140, BATCH_BYTES, 4, ((left, 0),))


def test_a_cleaned_segment_that_another_one_took_in_is_forgotten() -> None:
    """Its base may be that of a new segment after a truncation, which nobody has cleaned."""
    log = written(
        [
            *some_batches(2),
            *some_batches(2, segment=2),
            cleaned(0, left=1),
            cleaned(2, left=3),
            cleaned(0, 2, left=3),
            LogTruncated(4, 2, "told"),
            a_batch(2, segment=2),
        ]
    )
    assert ({2: 0}, BATCH_BYTES) == (log.positions(2), log.whole_bytes(2))
    assert ({3: 0}, None) == (log.positions(0), log.whole_bytes(0))


def test_what_recovery_has_read_and_kept_is_sound_again() -> None:
    """What it has not read is as it was."""
    struck = [*some_batches(3), BytesDamaged("00000000000000000000.log", 0, 2 * BATCH_BYTES)]
    assert 0 == written(struck).whole_bytes(0)
    assert 3 * BATCH_BYTES == written([*struck, RecoveryCompleted(0, (0,), 3, 0)]).whole_bytes(0)
    assert 0 == written([*struck, RecoveryCompleted(1, (0,), 3, 0)]).whole_bytes(0)
