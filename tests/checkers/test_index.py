"""L5 against hand-made histories."""

import pytest

from kafkabook.base.trace import Event
from kafkabook.checkers.index import IndexSound
from kafkabook.log.events import IndexEntryAdded, IndexLoaded, LogTruncated, RecoveryCompleted
from tests.checkers.histories import a_batch, judged, some_batches


@pytest.mark.parametrize(
    "history",
    [
        [*some_batches(3), IndexEntryAdded(0, 2, 140)],
        [a_batch(0, records=5), a_batch(5, records=5, position=70), IndexLoaded(0, ((9, 70),))],
        [*some_batches(3), LogTruncated(3, 1, "test"), IndexLoaded(0, ((0, 0),))],
    ],
)
def test_entries_that_point_where_they_say(history: list[Event]) -> None:
    """The last offset of a batch, and the byte where the batch begins."""
    assert "holds" == judged(IndexSound(), history)


@pytest.mark.parametrize(
    "history",
    [
        [*some_batches(3), IndexEntryAdded(0, 2, 141)],
        [a_batch(0, records=5), IndexEntryAdded(0, 0, 0)],
        [*some_batches(3), IndexEntryAdded(7, 2, 140)],
        [*some_batches(3), LogTruncated(3, 1, "test"), IndexLoaded(0, ((2, 140),))],
        [*some_batches(3), RecoveryCompleted(0, (0,), 1, 140), IndexLoaded(0, ((2, 140),))],
    ],
)
def test_entries_that_lie(history: list[Event]) -> None:
    """Beside the batch, at its first offset, in another segment, or at a batch that is gone."""
    assert "broken" == judged(IndexSound(), history)


def test_no_entries_prove_nothing() -> None:
    """The first batch of a segment never gets an entry."""
    assert "vacuous" == judged(IndexSound(), some_batches(1))
