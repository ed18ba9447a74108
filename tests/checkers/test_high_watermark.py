"""R13, R14 and R15 against hand-made histories."""

import pytest

from kafkabook.base.trace import Event
from kafkabook.checkers.high_watermark import (
    FollowerPrefix,
    HwNeverPassesLeo,
    NoTruncateBelowTrueHw,
)
from kafkabook.cluster.events import BrokerPoweredOff, DiskLost, TopicCreated
from tests.checkers.cluster_histories import (
    ALL,
    append,
    batches_of,
    calm,
    cut,
    fetched,
    follow,
    follower_hw,
    judged,
    lead,
    leader_hw,
    opened,
    read,
    restarted,
    watched,
    word,
)

# --- R13 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "history",
    [
        calm("ab"),
        [lead(1), leader_hw(1, 1), leader_hw(1, 2, was=1, log_end=5)],
        [lead(1, hw=3), leader_hw(1, 4), lead(1, epoch=3, hw=2), leader_hw(1, 3, epoch=3)],
        [follower_hw(2, 3), cut(2, 1, was=3), follower_hw(2, 2)],
        [lead(1), leader_hw(1, 1), opened(1, hw=0), leader_hw(1, 1)],
        [lead(1), leader_hw(1, 2), read(1, 1, "b"), follow(1, 2, epoch=2), read(1, 1, "b")],
        [lead(1, hw=2), read(1, 1, "b"), follower_hw(2, 2), read(2, 1, "b")],
    ],
)
def test_high_watermarks_by_the_book(history: list[Event]) -> None:
    """Up within a leader epoch; a follower's or a new leader's may be lower than one before."""
    assert "holds" == judged(HwNeverPassesLeo, history)


@pytest.mark.parametrize(
    "history",
    [
        [leader_hw(1, 3, log_end=2)],
        [lead(1), leader_hw(1, 3), leader_hw(1, 2, was=3)],
        [lead(1, hw=3), leader_hw(1, 2)],
        [lead(1), leader_hw(1, 1), read(1, 1, "b")],
        [lead(1), leader_hw(1, 2), follower_hw(2, 1), read(2, 1, "b")],
    ],
)
def test_a_high_watermark_lies(history: list[Event]) -> None:
    """Above its log, back in its leader epoch, or below what was handed out."""
    assert "broken" == judged(HwNeverPassesLeo, history)


# --- R14 -----------------------------------------------------------------------------------------

AHEAD = [*calm("ab"), append(1, 2, "c"), fetched(2, 2, "c")]
BEHIND = [*calm("ab"), word(isr=(1, 2)), cut(3, 1, was=2)]
UNCLEAN = [*BEHIND, word(3, epoch=2, isr=(3,), unclean=True)]


@pytest.mark.parametrize(
    "history",
    [
        [*AHEAD, cut(2, 2, was=3)],
        BEHIND,
        [*UNCLEAN, word(3, epoch=2, isr=(2, 3)), cut(2, 1, was=2)],
        [*calm("ab"), *restarted(2, *batches_of("a"), power=True), cut(2, 0, was=1)],
        [*calm("ab"), DiskLost(1), DiskLost(3), cut(2, 0, was=2)],
    ],
)
def test_what_is_not_committed_may_be_cut(history: list[Event]) -> None:
    """As may what a non-member holds, what an election gave up, and what a disk took."""
    assert "broken" != judged(NoTruncateBelowTrueHw, history)


@pytest.mark.parametrize(
    "history",
    [
        [*calm("ab"), cut(2, 1, was=2)],
        [*AHEAD, cut(2, 0, was=3)],
        [*calm("ab"), *restarted(2, *batches_of("ab")), cut(2, 1, was=2)],
        [*calm("ab"), word(2, epoch=2, isr=(2, 3)), follow(3, 2, epoch=2), cut(3, 1, was=2)],
    ],
)
def test_a_member_cuts_what_was_committed(history: list[Event]) -> None:
    """To its own older high watermark, at a restart, at a change of leaders."""
    assert "broken" == judged(NoTruncateBelowTrueHw, history)


def test_the_evidence_is_who_counts_what_was_committed_and_the_cut() -> None:
    """The controller's word, the leader's high watermark, the truncation."""
    (anomaly,) = watched([*calm("ab"), cut(2, 1, was=2)], (NoTruncateBelowTrueHw,)).anomalies
    kinds = [type(entry.event).__name__ for entry in anomaly.evidence]
    assert ["PartitionChanged", "HighWatermarkMoved", "ReplicaTruncated"] == kinds
    says = "orders-0: 2, in sync, cut its log from 2 to 1, but all below 2 was committed (told)"
    assert says == anomaly.says


# --- R15 -----------------------------------------------------------------------------------------

NEW_EPOCH = [word(2, epoch=2), lead(2, epoch=2, start=2), follow(1, 2, epoch=2)]


@pytest.mark.parametrize(
    "history",
    [
        calm("ab"),
        [*calm("ab"), append(1, 2, "c"), append(1, 3, "d"), fetched(3, 2, "c")],
        [*AHEAD, *NEW_EPOCH, append(2, 3, "d", epoch=2), fetched(1, 3, "d", epoch=2)],
        [
            *(*calm("ab"), append(1, 2, "x"), *NEW_EPOCH, append(2, 2, "c", epoch=2)),
            *(cut(1, 2, was=3, epoch=2), fetched(1, 2, "c", epoch=2)),
        ],
        [*calm("a"), append(1, 1, "b"), BrokerPoweredOff(1), fetched(2, 1, "x")],
        [lead(1), append(1, 5, "f"), cut(2, 5), fetched(2, 5, "f")],
    ],
)
def test_a_follower_holds_the_beginning_of_its_leaders_log(history: list[Event]) -> None:
    """It may be behind, cut what its leader lacks, begin later, or follow one that is gone."""
    assert "holds" == judged(FollowerPrefix, history)


@pytest.mark.parametrize(
    "history",
    [
        [*calm("ab"), append(1, 2, "c"), fetched(2, 2, "x")],
        [
            *(*calm("ab"), append(1, 2, "x"), *NEW_EPOCH, append(2, 2, "c", epoch=2)),
            *(append(2, 3, "d", epoch=2), fetched(1, 3, "d", epoch=2)),
        ],
        [*calm("ab"), fetched(2, 2, "c")],
        [*calm("ab"), append(1, 2, "c"), append(1, 3, "d"), fetched(2, 3, "d")],
    ],
)
def test_a_follower_goes_its_own_way(history: list[Event]) -> None:
    """Another record, an older one kept beneath, one that the leader lacks, one left out."""
    assert "broken" == judged(FollowerPrefix, history)


def test_the_place_where_two_logs_part_is_named() -> None:
    """The batch of each that stands there, and the one that was stored on top."""
    history = [
        *(*calm("ab"), append(1, 2, "x"), *NEW_EPOCH, append(2, 2, "c", epoch=2)),
        *(append(2, 3, "d", epoch=2), fetched(1, 3, "d", epoch=2)),
    ]
    (anomaly,) = watched(history, (FollowerPrefix,)).anomalies
    says = "orders-0: 1 stored offset 3 in leader epoch 2, but its log leaves that of leader 2 at 2"
    assert says == anomaly.says
    assert [13, 17, 19] == [entry.number for entry in anomaly.evidence]


def test_a_cleaned_log_is_not_compared() -> None:
    """Each broker cleans by itself."""
    compacted = TopicCreated("orders", (ALL,), (("cleanup_policy", "compact"),))
    history = [compacted, *calm("ab"), append(1, 2, "c"), fetched(2, 2, "x")]
    assert "vacuous" == judged(FollowerPrefix, history)


def test_a_lonely_leader_proves_nothing() -> None:
    """Nobody truncates, nobody fetches, nothing is committed."""
    alone = [word(isr=(1,)), lead(1, isr=(1,)), append(1, 0, "a")]
    for kind in (HwNeverPassesLeo, NoTruncateBelowTrueHw, FollowerPrefix):
        assert "vacuous" == judged(kind, alone)
