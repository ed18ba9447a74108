"""R23: nothing that is not committed leaves a log from the front, and nothing of it is cleaned."""

import pytest

from kafkabook.base.trace import Event
from kafkabook.checkers.replication_starts import OnlyCommittedGoes
from kafkabook.replication.events import LogStartMoved, ReplicaCompacted, ReplicaTruncated
from tests.checkers.cluster_histories import P, batches_of, calm, cut, follower_hw, judged, opened

ANEW = ReplicaTruncated(P, 2, 2, 3, 1, 2, "the leader's log starts later")


def starts(broker: int, at: int, reason: str = "segments deleted") -> LogStartMoved:
    """A replica serves nothing below an offset any more."""
    return LogStartMoved(P, broker, 0, at, reason)


def cleaned(broker: int, upto: int) -> ReplicaCompacted:
    """A broker has cleaned its log."""
    return ReplicaCompacted(P, broker, 0, upto, 2, 1, 200, 100)


@pytest.mark.parametrize(
    ("event", "verdict"),
    [
        (starts(1, 2), "holds"),
        (starts(2, 2, "the leader's start"), "holds"),
        (starts(1, 3), "broken"),
        (starts(2, 3, "records deleted"), "broken"),
        (cleaned(3, 2), "holds"),
        (cleaned(3, 3), "broken"),
    ],
)
def test_a_log_starts_and_is_cleaned_at_its_high_watermark_at_the_latest(
    event: Event, verdict: str
) -> None:
    """Each replica by its own mark, which is 2 on all of them."""
    assert verdict == judged(OnlyCommittedGoes, [*calm("ab"), event])


@pytest.mark.parametrize(
    ("before", "highest"),
    [
        (follower_hw(2, 4), 4),
        (opened(2, *batches_of("abc"), hw=3), 3),
        (cut(2, 1, was=2), 1),
        (ANEW, 3),
    ],
)
def test_the_mark_is_followed_through_starts_and_truncations(before: Event, highest: int) -> None:
    """A log that is cut has a lower mark; one that begins anew has it where it begins."""
    history = [*calm("ab"), before]
    assert ("holds", "broken") == (
        judged(OnlyCommittedGoes, [*history, starts(2, highest)]),
        judged(OnlyCommittedGoes, [*history, starts(2, highest + 1)]),
    )


@pytest.mark.parametrize(
    ("history", "verdict"),
    [
        ([starts(1, 0)], "holds"),
        ([starts(1, 1)], "broken"),
        ([cut(1, 5, was=9), starts(1, 0)], "holds"),
        ([cut(1, 5, was=9), starts(1, 1)], "broken"),
    ],
)
def test_a_replica_that_told_of_no_mark_has_committed_nothing(
    history: list[Event], verdict: str
) -> None:
    """It may start at 0 alone."""
    assert verdict == judged(OnlyCommittedGoes, history)
