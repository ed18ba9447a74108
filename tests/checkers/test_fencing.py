"""R16, R18 and C13 against hand-made histories."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from kafkabook.base.trace import Event
from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.fencing import BrokerEpochAba, FetchFencing, UncleanExclusion
from kafkabook.cluster.events import AlterPartitionAccepted, BrokerRegistered
from kafkabook.replication.events import FetchRefused, FetchServed
from tests.checkers.cluster_histories import P, calm, judged, watched, word


def served(asked: int, epoch: int, *, counted: bool = True) -> FetchServed:
    """Leader 1 answered a fetch of broker 2."""
    return FetchServed(P, 1, 2, 5, asked, epoch, counted)


def refused(asked: int, epoch: int, *, counted: bool = False) -> FetchRefused:
    """Leader 1 refused a fetch of broker 2."""
    return FetchRefused(P, 1, 2, "Fetch", asked, epoch, "FENCED_LEADER_EPOCH", counted)


def accepted(
    isr: Iterable[int] = (1, 2, 3),
    *,
    members: Iterable[tuple[int, int, int]] = (),
    broker_epoch: int = 101,
    partition_epoch: int = 4,
) -> AlterPartitionAccepted:
    """The controller, at partition epoch 4, took a proposal of broker 1, registered as 101."""
    told = frozenset(isr), broker_epoch, 101, partition_epoch, 4, tuple(members)
    return AlterPartitionAccepted(P, 1, *told)


def registered(
    broker: int, epoch: int, *, incarnation: int = 1, clean: bool = False, was_alive: bool = False
) -> BrokerRegistered:
    """An incarnation of a broker begins."""
    return BrokerRegistered(broker, epoch, incarnation, clean, was_alive)


# --- R16 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "history",
    [
        [served(3, 3)],
        [refused(2, 3), served(3, 3, counted=False)],
        [refused(4, 3)],
    ],
)
def test_fetches_of_the_own_leader_epoch_are_served(history: list[Event]) -> None:
    """The others are refused, and not counted."""
    assert "holds" == judged(FetchFencing, history)


@pytest.mark.parametrize(
    "history",
    [
        [served(2, 3)],
        [served(3, 3), served(4, 3, counted=False)],
        [refused(2, 3, counted=True)],
    ],
)
def test_a_fetch_of_another_leader_epoch_is_taken_for_one_of_this(history: list[Event]) -> None:
    """Served, or refused and yet counted: both mix two logs."""
    assert "broken" == judged(FetchFencing, history)


def test_a_served_fetch_says_both_epochs() -> None:
    """The sentence holds what a reader must compare."""
    (anomaly,) = watched([served(2, 3)], (FetchFencing,)).anomalies
    says = "orders-0: leader 1, in epoch 3, served and counted a fetch of 2 from epoch 2"
    assert says == anomaly.says


# --- C13 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "history",
    [
        [accepted()],
        [accepted(members=((1, 101, 101), (2, -1, 102)))],
        [registered(1, 100), registered(1, 101, incarnation=2)],
        [registered(1, 100), registered(1, 101, was_alive=True)],
    ],
)
def test_what_is_current_is_accepted(history: list[Event]) -> None:
    """Also a member of whose incarnation the leader has not heard, and the same one told twice."""
    assert "holds" == judged(BrokerEpochAba, history)


@pytest.mark.parametrize(
    "history",
    [
        [accepted(broker_epoch=100)],
        [accepted(partition_epoch=3)],
        [accepted(members=((1, 101, 101), (2, 99, 102)))],
        [registered(1, 100), registered(1, 101, incarnation=2, was_alive=True)],
    ],
)
def test_what_is_stale_is_accepted(history: list[Event]) -> None:
    """An older broker, an older set, an older member, a second incarnation beside the first."""
    assert "broken" == judged(BrokerEpochAba, history)


# --- R18 -----------------------------------------------------------------------------------------

BACK = registered(2, 105)
OUT = word(isr=(1, 3), was=1, was_isr=(1, 2, 3), partition_epoch=1)
IN = word(was=1, was_isr=(1, 3), partition_epoch=2)


@pytest.mark.parametrize(
    "history",
    [
        [word(), BACK, OUT, accepted(members=((2, 105, 105),)), IN],
        [word(), BACK, OUT, IN, accepted(members=((2, 105, 105),))],
        [word(), BACK, word()],
        [word(), BACK, word(2, epoch=2, isr=(2,), unclean=True, was=1, partition_epoch=1)],
        [
            *(word(), BACK, OUT, IN),
            word(2, epoch=2, isr=(2, 3), was=1, was_isr=(1, 2, 3), partition_epoch=3),
        ],
        [BACK, replace(word(2, isr=(2,), was=2, was_isr=(2,)), is_elr_enabled=False)],
    ],
)
def test_who_has_caught_up_is_a_candidate_again(history: list[Event]) -> None:
    """In a partition created since, through its leader's proposal, or elected as a last resort."""
    assert "broken" != judged(UncleanExclusion, history)


@pytest.mark.parametrize(
    "history",
    [
        [word(), BACK, word(was=1, was_isr=(1, 2, 3), partition_epoch=1)],
        [word(), BACK, word(isr=(1,), elr=(2,), was=1, was_isr=(1,), partition_epoch=1)],
        [word(), BACK, OUT, word(2, epoch=2, isr=(2,), was=1, was_isr=(1, 3), partition_epoch=2)],
        [word(), BACK, OUT, accepted(members=((2, 102, 105),))],
        [word(), BACK, OUT, IN, BACK, word(was=1, was_isr=(1, 2, 3), partition_epoch=3)],
        [word(), BACK, OUT, word(2, epoch=2, isr=(3,), was=1, was_isr=(1, 3), partition_epoch=2)],
    ],
)
def test_who_may_lack_records_is_trusted(history: list[Event]) -> None:
    """It stays in sync, eligible, is elected, or joins for what its older incarnation was."""
    assert "broken" == judged(UncleanExclusion, history)


def test_a_registration_and_the_word_after_it_are_the_evidence() -> None:
    """No more than these two is needed."""
    history = [word(), BACK, word(was=1, was_isr=(1, 2, 3), partition_epoch=1)]
    (anomaly,) = watched(history, (UncleanExclusion,)).anomalies
    assert [1, 2] == [entry.number for entry in anomaly.evidence]


@pytest.mark.parametrize(
    ("kind", "history", "saw"),
    [
        (FetchFencing, [served(3, 3), refused(2, 3)], 2),
        (BrokerEpochAba, [accepted(), registered(1, 100)], 2),
        (UncleanExclusion, [word(), BACK, OUT, accepted(members=((2, 105, 105),)), IN], 2),
    ],
)
def test_what_a_checker_saw_is_counted_once(
    kind: type[ClusterChecker], history: list[Event], saw: int
) -> None:
    """A storm adds up what was judged; one that looked twice as often would seem to know more."""
    (checker,) = watched(history, (kind,)).checkers
    assert saw == checker.saw


def test_without_fetches_proposals_and_returns_nothing_is_shown() -> None:
    """A calm cluster proves nothing about who is kept out."""
    for kind in (FetchFencing, BrokerEpochAba, UncleanExclusion):
        assert "vacuous" == judged(kind, calm("ab"))
