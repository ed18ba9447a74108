"""R1, R2 and R7 against hand-made logs."""

import pytest

from kafkabook.base.trace import Event
from kafkabook.checkers.replication_logs import EpochMonotone, LogContiguous, LogMatching
from kafkabook.cluster.events import BrokerCrashed, BrokerPoweredOff, TopicCreated
from tests.checkers.cluster_histories import (
    ALL,
    append,
    batch,
    batches_of,
    broken,
    calm,
    cut,
    fetched,
    follower_hw,
    judged,
    lead,
    leader_hw,
    opened,
    restarted,
    watched,
    word,
)

COMPACTED = TopicCreated("orders", (ALL,), (("cleanup.policy", "compact"),))


@pytest.mark.parametrize(
    "history",
    [
        calm("abc"),
        [append(1, 0, "abc", records=3), append(1, 3, "d")],
        [*calm("abc"), cut(2, 1, was=3), fetched(2, 1, "x")],
        [opened(1, *batches_of("ab"), hw=1), append(1, 2, "c")],
        [opened(2, batch(7, "h")), fetched(2, 8, "i")],
        [*calm("ab"), cut(3, 9, was=2), fetched(3, 9, "z")],
        [COMPACTED, append(1, 0, "a"), append(1, 5, "f")],
    ],
)
def test_batch_after_batch(history: list[Event]) -> None:
    """Also after a cut, behind a front that retention removed, and with a cleaner's gaps."""
    assert "holds" == judged(LogContiguous, history)


@pytest.mark.parametrize(
    "history",
    [
        [append(1, 0, "a"), append(1, 2, "c")],
        [append(1, 0, "abc", records=3), append(1, 2, "c")],
        [append(1, 0, "a"), append(1, 0, "a")],
        [append(1, 0, "ab", records=2), cut(1, 0, was=2), append(1, 2, "c")],
        [opened(2, batch(0, "a"), batch(2, "c"))],
        [COMPACTED, append(1, 5, "f"), append(1, 2, "c")],
        [append(1, 0, "a", records=0)],
    ],
)
def test_a_gap_an_overlap_or_a_step_back(history: list[Event]) -> None:
    """Among batches that were stored and among those that a start found."""
    assert ("R1",) == broken(history)


@pytest.mark.parametrize(
    "history",
    [
        calm("ab"),
        [append(1, 0, "a", epoch=1), append(1, 1, "b", epoch=4)],
        [
            *(append(1, 0, "a"), append(1, 1, "b", epoch=3), cut(1, 1, was=2)),
            fetched(1, 1, "x", epoch=2, own=4),
        ],
        [opened(1, batch(0, "a"), batch(1, "b", epoch=2)), append(1, 2, "c", epoch=2)],
    ],
)
def test_epochs_stay_or_rise(history: list[Event]) -> None:
    """What was cut away no longer counts."""
    assert "holds" == judged(EpochMonotone, history)


@pytest.mark.parametrize(
    "history",
    [
        [append(1, 0, "a", epoch=2), append(1, 1, "b", epoch=1)],
        [fetched(2, 0, "a", epoch=3), fetched(2, 1, "b", epoch=2, own=3)],
        [opened(1, batch(0, "a", epoch=2), batch(1, "b", epoch=1))],
        [opened(1, batch(0, "a", epoch=2)), append(1, 1, "b", epoch=1)],
        [*(append(1, n, "a", epoch=2) for n in range(4)), append(1, 4, "b", epoch=1)],
    ],
)
def test_an_epoch_that_falls(history: list[Event]) -> None:
    """Written by a leader, fetched by a follower, or found at a start; in a log of any length."""
    assert ("R2",) == broken(history)


UNCLEAN = [
    *(word(isr=(1, 2)), *calm("ab")[1:], cut(3, 1, was=2)),
    *(BrokerCrashed(1), BrokerCrashed(2), word(3, epoch=2, isr=(3,), unclean=True)),
    *(lead(3, epoch=2, start=1, hw=1, isr=(3,)), append(3, 1, "x", epoch=2)),
    leader_hw(3, 2, epoch=2, isr=(3,)),
]


@pytest.mark.parametrize(
    "history",
    [
        calm("ab"),
        [*calm("a"), append(1, 1, "b"), fetched(2, 1, "x"), leader_hw(1, 2)],
        [*calm("ab"), BrokerPoweredOff(2), append(1, 2, "c"), leader_hw(1, 3)],
        [*calm("ab"), *restarted(2, *batches_of("a"), hw=2, power=True), leader_hw(1, 2)],
        UNCLEAN,
    ],
)
def test_two_logs_are_equal_below_both_watermarks(history: list[Event]) -> None:
    """Above the smaller one they may differ, and where an unclean election dropped records."""
    assert "holds" == judged(LogMatching, history)


@pytest.mark.parametrize(
    "history",
    [
        [append(1, 0, "a"), fetched(2, 0, "x"), leader_hw(1, 1), follower_hw(2, 1)],
        [append(1, 0, "a"), leader_hw(1, 1), follower_hw(2, 1)],
        [append(1, 0, "a"), fetched(2, 0, "a", epoch=2), leader_hw(1, 1), follower_hw(2, 1)],
        [*calm("ab")[1:], *restarted(2, *batches_of("ax"), hw=2)],
        [*UNCLEAN, cut(2, 0, was=2), fetched(2, 0, "y"), follower_hw(2, 1, epoch=2)],
    ],
)
def test_two_logs_differ_below_both_watermarks(history: list[Event]) -> None:
    """Other records, none at all, another epoch; also after an unclean election."""
    assert "broken" == judged(LogMatching, history)


def test_a_difference_is_told_with_what_shows_it() -> None:
    """Both stores and both watermarks, once, however often the two are compared."""
    history = [append(1, 0, "a"), fetched(2, 0, "x"), leader_hw(1, 1), follower_hw(2, 1)]
    (anomaly,) = watched([*history, follower_hw(2, 1)], (LogMatching,)).anomalies
    assert [0, 1, 2, 3] == [entry.number for entry in anomaly.evidence]
    assert "R7" == anomaly.name
    assert anomaly.says == (
        "brokers 1 and 2 both take orders-0 for committed below 1, but their logs part at offset 0"
    )
    assert ("R7",) == broken(history)


@pytest.mark.parametrize("kind", [LogContiguous, EpochMonotone, LogMatching])
def test_without_records_nothing_was_shown(kind: type) -> None:
    """Vacuous is not a pass."""
    assert "vacuous" == judged(kind, [word(), lead(1)])
