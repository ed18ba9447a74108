"""L2 and L3 against hand-made cleanings."""

import pytest

from kafkabook.base.trace import Trace
from kafkabook.checkers.compaction import CompactionKeepsLatest, TombstoneWindow
from kafkabook.log.events import RecordsCompacted
from tests.checkers.histories import judged, some_batches

A0, B1, A2, B3 = (0, b"a", 11, None), (1, b"b", 12, None), (2, b"a", 13, None), (3, b"b", 14, None)
B_GONE = (3, b"b", None, None)
HOUR_MS = 3_600_000


def a_cleaning(before: tuple, after: tuple, *, end: int = 4) -> RecordsCompacted:
    """One cleaning of a log that promises its tombstones an hour."""
    return RecordsCompacted(0, end, 10, before, after, HOUR_MS)


@pytest.mark.parametrize(
    ("before", "after", "end"),
    [
        ((A0, B1, A2, B3), (A2, B3), 4),
        ((A0, B1, A2, B3), (A0, B1, A2, B3), 4),
        ((A0, B1, A2, B3), (B1, A2, B3), 3),
        ((A0, B1, B_GONE), (A0, B_GONE), 4),
    ],
)
def test_the_newest_of_each_key_is_there(before: tuple, after: tuple, end: int) -> None:
    """Duplicates may stay; the part behind the cleaning's end is not looked at."""
    assert "holds" == judged(CompactionKeepsLatest(), [a_cleaning(before, after, end=end)])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((A0, B1, A2, B3), (B3,)),
        ((A0, B1, A2, B3), (A0, B1)),
        ((A0, A2), ((0, b"a", 13, None),)),
        ((A0, B1), (B1, A0)),
        ((A0, B1), ((0, b"a", 99, None), B1)),
    ],
)
def test_something_is_missing_moved_or_changed(before: tuple, after: tuple) -> None:
    """Newest gone, oldest kept instead, renumbered, reordered, another value."""
    assert "broken" == judged(CompactionKeepsLatest(), [a_cleaning(before, after)])


def cleanings(*at_ms: int, last_after: tuple) -> str:
    """Meet the same tombstone at each time; it is gone after the last one."""
    trace, checker = Trace("orders-0"), TombstoneWindow()
    trace.observe(checker.observe)
    for now_ms in at_ms[:-1]:
        trace.emit(a_cleaning((A0, B_GONE), (A0, B_GONE)), at_ms=now_ms)
    trace.emit(a_cleaning((A0, B_GONE), last_after), at_ms=at_ms[-1])
    return checker.verdict


@pytest.mark.parametrize("at_ms", [(0,), (0, HOUR_MS - 1), (0, 5, HOUR_MS + 5)])
def test_a_tombstone_may_stay(at_ms: tuple[int, ...]) -> None:
    """For an hour it must, for longer it may."""
    assert "holds" == cleanings(*at_ms, last_after=(A0, B_GONE))


@pytest.mark.parametrize("at_ms", [(0, HOUR_MS), (0, 5, HOUR_MS + 1), (7, HOUR_MS + 7)])
def test_a_tombstone_may_go_after_its_hour(at_ms: tuple[int, ...]) -> None:
    """The hour counts from the first cleaning that met it."""
    assert "holds" == cleanings(*at_ms, last_after=(A0,))


@pytest.mark.parametrize("at_ms", [(0,), (0, 1), (0, HOUR_MS - 1)])
def test_a_tombstone_may_not_go_before(at_ms: tuple[int, ...]) -> None:
    """Not at the first cleaning, not a millisecond early."""
    assert "broken" == cleanings(*at_ms, last_after=(A0,))


def test_a_log_that_was_never_cleaned_proves_nothing() -> None:
    """Vacuous is not a pass."""
    assert "vacuous" == judged(CompactionKeepsLatest(), some_batches(3))
    assert "vacuous" == judged(TombstoneWindow(), some_batches(3))
