"""R10, R17, R19, R20 and R21 against hand-made histories."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from kafkabook.base.trace import Event
from kafkabook.checkers.isr import (
    IsrExpandEpochStart,
    MinIsrAck,
    MinIsrRecoveryQuorum,
    ReplicationQuorumSuperset,
    StrictMinIsr,
)
from kafkabook.cluster.events import BrokersAltered, TopicAltered
from kafkabook.replication.events import IsrProposed
from tests.checkers.cluster_histories import (
    P,
    acked,
    adopted,
    append,
    calm,
    follower_hw,
    judged,
    lead,
    leader_hw,
    watched,
    word,
)


def proposed(
    was: Iterable[int],
    now: Iterable[int],
    *,
    counted: Iterable[int] | None = None,
    epoch: int = 1,
    hw: int = 0,
    start: int = 0,
    ends: Iterable[tuple[int, int]] = (),
) -> IsrProposed:
    """Broker 1 asks for another set, and counts everybody of both unless told."""
    old, new = frozenset(was), frozenset(now)
    waited_for = old | new if counted is None else frozenset(counted)
    return IsrProposed(P, 1, old, new, waited_for, epoch, 0, hw, start, tuple(ends))


# --- R10 -----------------------------------------------------------------------------------------

TWO = word(isr=(1, 2))


@pytest.mark.parametrize(
    "history",
    [
        calm("ab"),
        [TWO, leader_hw(1, 1, isr=(1, 2), counted=(1, 2, 3))],
        [TWO, proposed((1, 2), (1, 2, 3)), word(), leader_hw(1, 1, isr=(1, 2), counted=(1, 2, 3))],
        [word(), leader_hw(1, 1), word(isr=(1, 2), partition_epoch=1), leader_hw(1, 2, was=1)],
        [word(2, epoch=2), leader_hw(2, 1, epoch=2), leader_hw(1, 1, isr=(1,))],
        [word(isr=(1,), elr=(2, 3)), adopted(1, (1,))],
        [TWO, lead(1, isr=(1, 2)), proposed((1, 2), (1, 2, 3)), word()],
    ],
)
def test_a_leader_waits_for_whom_the_controller_counts(history: list[Event]) -> None:
    """Too many is always right: a proposal under way, or a member fenced a moment ago.

    A leader of an older epoch is heard by nobody, and below the minimum nothing is committed.
    """
    assert "holds" == judged(ReplicationQuorumSuperset, history)


@pytest.mark.parametrize(
    "history",
    [
        [word(), leader_hw(1, 1, isr=(1, 2))],
        [TWO, proposed((1, 2), (1, 2, 3), counted=(1, 2)), word(), leader_hw(1, 1, isr=(1, 2))],
        [word(), proposed((1, 2, 3), (1, 2), counted=(1, 2))],
        [word(), adopted(1, (1, 2))],
        [word(isr=(1, 2), elr=(3,)), leader_hw(1, 1, isr=(1, 2))],
        [TWO, lead(1, isr=(1, 2)), proposed((1, 2), (1, 2, 3), counted=(1, 2)), word()],
    ],
)
def test_a_leader_forgets_a_member(history: list[Event]) -> None:
    """It was taken in, or has not left yet: elected now, it would lack what was committed."""
    assert "broken" == judged(ReplicationQuorumSuperset, history)


def test_the_controllers_word_and_the_leaders_deed_are_the_evidence() -> None:
    """Two entries, and the sets in the sentence."""
    watch = watched([TWO, word(), leader_hw(1, 1, isr=(1, 2))], (ReplicationQuorumSuperset,))
    (anomaly,) = watch.anomalies
    says = "orders-0: leader 1 waits for {1, 2}, but the controller also counts {3}"
    assert (says, [1, 2]) == (anomaly.says, [entry.number for entry in anomaly.evidence])


# --- R17 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        proposed((1, 2), (1, 2, 3), hw=5, ends=((1, 9), (3, 5))),
        proposed((1,), (1, 2, 3), hw=2, start=4, ends=((2, 4), (3, 7))),
        proposed((1,), (1, 3), ends=((3, 0),)),
    ],
)
def test_a_joiner_has_reached_both_marks(event: IsrProposed) -> None:
    """It need not have what is not committed yet."""
    assert "holds" == judged(IsrExpandEpochStart, [event])


@pytest.mark.parametrize(
    "event",
    [
        proposed((1, 2), (1, 2, 3), hw=5, ends=((1, 9), (3, 4))),
        proposed((1,), (1, 2), hw=2, start=4, ends=((2, 3),)),
        proposed((1,), (1, 2, 3), hw=2, ends=((2, 2), (3, -1))),
        proposed((1,), (1, 2), ends=((1, 0),)),
    ],
)
def test_a_joiner_is_one_record_short(event: IsrProposed) -> None:
    """Of the high watermark, of the epoch's start, or its leader has heard nothing of it."""
    assert "broken" == judged(IsrExpandEpochStart, [event])


# --- R19 and R20 ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        acked(1, 0, "a", isr=(1, 2)),
        acked(1, 0, "a", isr=(1,), min_isr=1),
        acked(1, 0, "a", isr=(1,), error="NOT_ENOUGH_REPLICAS_AFTER_APPEND"),
    ],
)
def test_an_answer_keeps_the_minimum(event: Event) -> None:
    """Enough members, or no promise; an error counts for nothing."""
    assert "broken" != judged(MinIsrAck, [acked(1, 0, "a"), event])


@pytest.mark.parametrize(
    "event",
    [
        acked(1, 0, "a", isr=(1,)),
        acked(1, 0, "a", isr=(1, 2), min_isr=3),
        acked(2, 7, "h", epoch=4, isr=(2,)),
    ],
)
def test_an_answer_promises_more_than_there_are_members(event: Event) -> None:
    """It was appended while the set was large enough; that is not the moment that counts."""
    assert "broken" == judged(MinIsrAck, [event])


@pytest.mark.parametrize(
    "event",
    [leader_hw(1, 1, isr=(1, 2)), leader_hw(1, 1, isr=(1,), min_isr=1), leader_hw(1, 3, was=2)],
)
def test_a_large_enough_set_commits(event: Event) -> None:
    """At the minimum and above it."""
    assert "holds" == judged(StrictMinIsr, [event])


@pytest.mark.parametrize(
    "event",
    [
        leader_hw(1, 1, isr=(1,)),
        leader_hw(1, 3, was=2, isr=(1, 2), counted=(1, 2, 3), min_isr=3),
        leader_hw(2, 1, epoch=3, isr=(), min_isr=1),
    ],
)
def test_a_small_set_commits(event: Event) -> None:
    """A proposed member is none; the confirmed ones count."""
    assert "broken" == judged(StrictMinIsr, [event])


def test_one_culprit_is_reported_once() -> None:
    """A set that stays small would otherwise say it with every record."""
    history = [leader_hw(1, 1, isr=(1,)), leader_hw(1, 2, was=1, isr=(1,))]
    (anomaly,) = watched(history, (StrictMinIsr,)).anomalies
    says = (
        "orders-0: leader 1 committed offsets 0 to 0 with {1} in sync,"
        " where min.insync.replicas is 2"
    )
    assert says == anomaly.says


# --- R21 -----------------------------------------------------------------------------------------

NOBODY = word(None, epoch=2, isr=(), was=1, was_isr=(1,))


@pytest.mark.parametrize(
    "history",
    [
        [replace(NOBODY, last_known_elr=(1,))],
        [replace(NOBODY, last_known_elr=(3,)), word(3, epoch=3, isr=(3,), unclean=True)],
        [replace(NOBODY, elr=frozenset({1})), replace(NOBODY, last_known_elr=(1,))],
    ],
)
def test_the_last_leader_is_remembered(history: list[Event]) -> None:
    """One, as Kafka keeps it; while somebody is eligible nobody need be remembered."""
    assert "holds" == judged(MinIsrRecoveryQuorum, history)


@pytest.mark.parametrize(
    "history",
    [
        [NOBODY],
        [replace(NOBODY, last_known_elr=(1, 2))],
        [replace(NOBODY, elr=frozenset({1})), NOBODY],
    ],
)
def test_the_last_leader_is_forgotten(history: list[Event]) -> None:
    """Nobody could be elected any more; neither can one of two."""
    assert "broken" == judged(MinIsrRecoveryQuorum, history)


@pytest.mark.parametrize(
    ("verdict", "change"),
    [
        ("vacuous", {}),
        ("broken", {"was_isr": frozenset({1})}),
        ("broken", {"was_leader": 1}),
    ],
)
def test_a_new_minimum_makes_the_controller_forget(verdict: str, change: dict[str, Any]) -> None:
    """Kafka voids what was remembered, too; where it also decides, it must remember."""
    forgotten = replace(NOBODY, was_leader=None, was_isr=frozenset())
    least = (("min.insync.replicas", "1"),)
    for altered in (TopicAltered("orders", least), BrokersAltered(None, least)):
        assert verdict == judged(MinIsrRecoveryQuorum, [altered, replace(forgotten, **change)])
    assert "broken" == judged(MinIsrRecoveryQuorum, [forgotten])


# --- vacuous -------------------------------------------------------------------------------------


def test_what_does_not_concern_a_checker_proves_nothing() -> None:
    """Acks of 1, a follower's watermark, a set without joiners, a set with members."""
    assert "vacuous" == judged(ReplicationQuorumSuperset, [follower_hw(2, 1), append(1, 0, "a")])
    assert "vacuous" == judged(IsrExpandEpochStart, [proposed((1, 2), (1,))])
    assert "vacuous" == judged(MinIsrAck, [acked(1, 0, "a", acks=1, isr=(1,))])
    assert "vacuous" == judged(StrictMinIsr, [lead(1), follower_hw(2, 1)])
    elr_is_off = replace(NOBODY, is_elr_enabled=False)
    assert "vacuous" == judged(MinIsrRecoveryQuorum, [word(), elr_is_off])
