"""R22 against hand-made histories."""

import pytest

from kafkabook.base.trace import Event
from kafkabook.checkers.convergence import ReplicasConverge
from kafkabook.cluster.events import BrokerCrashed, EverythingHealed, Quiesced, TopicDeleted
from tests.checkers.cluster_histories import (
    append,
    calm,
    cut,
    fetched,
    judged,
    lead,
    on,
    opened,
    watched,
    word,
)

LATE = [fetched(3, 1, "b"), fetched(3, 2, "c")]
REST = [EverythingHealed(), Quiesced()]
LOST = [*calm("ab"), word(3, epoch=2, isr=(3,), unclean=True), lead(3, epoch=2, start=1)]


@pytest.mark.parametrize(
    "history",
    [
        [*calm("ab"), *REST],
        [*calm("ab"), BrokerCrashed(3), append(1, 2, "c"), fetched(2, 2, "c"), *REST],
        [*LOST, *(cut(b, 1, was=2) for b in (1, 2, 3)), *REST],
        [word(), lead(1), *on((1, 2), "abc"), cut(3, 1), *LATE, *REST],
    ],
)
def test_all_copies_are_equal(history: list[Event]) -> None:
    """Also where all lost the same, or one begins later; a broker that is down is not asked."""
    assert "holds" == judged(ReplicasConverge, history)


@pytest.mark.parametrize(
    "history",
    [
        [*calm("ab"), append(1, 2, "c"), fetched(2, 2, "c"), *REST],
        [*calm("ab"), append(1, 2, "c"), fetched(2, 2, "c"), fetched(3, 2, "x"), *REST],
        [*LOST, cut(3, 1, was=2), *REST],
        [*calm("ab"), opened(2), *REST],
        [word(), lead(1), *on((1, 2), "ab"), *REST],
    ],
)
def test_one_copy_differs(history: list[Event]) -> None:
    """It is behind, holds another record, keeps what was given up, or was never filled."""
    assert "broken" == judged(ReplicasConverge, history)


def test_where_two_copies_part_is_told() -> None:
    """With the batch of the one that goes on, and the end of the run."""
    history = [*calm("ab"), append(1, 2, "c"), fetched(2, 2, "c"), *REST]
    (anomaly,) = watched(history, (ReplicasConverge,)).anomalies
    assert "orders-0: leader 1 ends at 3, 3 at 2, and they part at 2" == anomaly.says
    assert [13, 16] == [entry.number for entry in anomaly.evidence]


@pytest.mark.parametrize(
    "history",
    [
        calm("ab"),
        [*calm("ab"), append(1, 2, "c"), word(None, epoch=2, isr=(1,)), *REST],
        [*calm("ab"), append(1, 2, "c"), TopicDeleted("orders"), *REST],
    ],
)
def test_nothing_is_owed_before_rest_or_without_a_leader(history: list[Event]) -> None:
    """Nor by a topic that is gone."""
    assert "vacuous" == judged(ReplicasConverge, history)
