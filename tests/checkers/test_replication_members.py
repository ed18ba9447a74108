"""R4, R5 and R9 against hand-made ISRs."""

import pytest

from kafkabook.base.trace import Event
from kafkabook.checkers.replication_members import (
    LeaderCandidateCompleteness,
    StrongIsr,
    WeakIsr,
)
from kafkabook.cluster.events import (
    BrokerCrashed,
    BrokerPoweredOff,
    BrokerRegistered,
    DiskLost,
)
from tests.checkers.cluster_histories import (
    ALL,
    adopted,
    append,
    batch,
    batches_of,
    broken,
    calm,
    cut,
    fetched,
    judged,
    lead,
    leader_hw,
    on,
    opened,
    restarted,
    unfenced,
    watched,
    word,
)

BEHIND_3 = [lead(1), *on((1, 2), "a")]  # broker 3 has nothing


@pytest.mark.parametrize(
    "history",
    [
        [lead(1), *on(ALL, "a"), leader_hw(1, 1)],
        [lead(1, isr=(1, 2)), *on((1, 2), "a"), leader_hw(1, 1, isr=(1, 2))],
        [*calm("ab"), adopted(1, (1, 2)), append(1, 2, "c"), fetched(2, 2, "c"), leader_hw(1, 3)],
    ],
)
def test_a_leader_and_its_own_members_agree(history: list[Event]) -> None:
    """Whom it does not count may be behind."""
    assert "holds" == judged(WeakIsr, history)


@pytest.mark.parametrize(
    "history",
    [
        [*BEHIND_3, leader_hw(1, 1)],
        [*BEHIND_3, adopted(1, (1, 2)), leader_hw(1, 1), adopted(1, ALL)],
        [lead(1), *on(ALL, "a"), leader_hw(1, 1), cut(3, 0, was=1)],
    ],
)
def test_a_leader_and_its_own_members_disagree(history: list[Event]) -> None:
    """That is told, but it is no broken property by itself."""
    assert "broken" == judged(WeakIsr, history)
    assert () == watched(history, (WeakIsr,)).broken


STALE_1 = [*calm("a"), word(2, epoch=2, isr=(2, 3)), lead(2, epoch=2, start=1, isr=(2, 3))]
FORKED = [append(1, 1, "x"), append(2, 1, "y", epoch=2), fetched(3, 1, "y", epoch=2)]
UNCLEAN_3 = [
    *(word(isr=(1,)), lead(1, isr=(1,)), append(1, 0, "a"), leader_hw(1, 1, isr=(1,))),
    *(word(3, epoch=2, isr=(3,), unclean=True), lead(3, epoch=2, isr=(3,))),
]


@pytest.mark.parametrize(
    "history",
    [
        calm("ab"),
        [word(isr=(1, 2)), *BEHIND_3, leader_hw(1, 1)],
        [*STALE_1, *FORKED, leader_hw(2, 2, epoch=2, isr=(2, 3))],
        [*calm("ab"), BrokerPoweredOff(2), leader_hw(1, 2)],
        [*calm("ab"), *restarted(2, *batches_of("a"), hw=1, power=True), leader_hw(1, 2)],
        [*UNCLEAN_3, append(1, 1, "b"), leader_hw(1, 2, isr=(1,))],
        [*calm("ab", min_isr=1), DiskLost(2), opened(2), unfenced(2), leader_hw(1, 2)],
    ],
)
def test_every_leader_and_the_controllers_members_agree(history: list[Event]) -> None:
    """What luck left of a log shows at its next start, and counts when its broker is back."""
    assert () == broken(history)
    assert "holds" == judged(StrongIsr, history)


@pytest.mark.parametrize(
    "history",
    [
        [word(), *BEHIND_3, fetched(3, 0, "x"), leader_hw(1, 1)],
        [*STALE_1, *FORKED, leader_hw(1, 2)],
        [word(), *BEHIND_3, fetched(3, 0, "x"), BrokerCrashed(3), leader_hw(1, 1)],
        [word(isr=(1, 2)), *BEHIND_3, fetched(3, 0, "x"), leader_hw(1, 1), word(isr=ALL)],
        [word(), *BEHIND_3, fetched(3, 0, "a", epoch=0), leader_hw(1, 1)],
    ],
)
def test_a_leader_and_a_member_of_the_controller_disagree(history: list[Event]) -> None:
    """A present or a stale leader, a member that lives, is dead, or has just joined."""
    assert ("R5",) == broken(history)


def test_a_leader_that_nobody_can_reach_is_compared_with_nobody() -> None:
    """Its port is closed until it is registered: the mark from its disk is told to no client."""
    back = [*calm("a"), *restarted(1, batch(0, "x"), hw=1, power=True)]
    unregistered = back[:-1]
    assert () == watched([*unregistered, lead(1, hw=1)], (StrongIsr,)).broken
    assert ("R5",) == watched([*back, lead(1, hw=1)], (StrongIsr,)).broken


def test_a_disagreement_is_told_with_what_shows_it() -> None:
    """The controller's set, both stores, the watermark."""
    history = [word(), *BEHIND_3, fetched(3, 0, "x"), leader_hw(1, 1), leader_hw(1, 1)]
    (anomaly,) = watched(history, (StrongIsr,)).anomalies
    assert [0, 2, 4, 5] == [entry.number for entry in anomaly.evidence]
    assert anomaly.says == (
        "broker 1 leads orders-0 in epoch 1 with high watermark 1, but the log of member 3 differs"
        " from offset 0 on"
    )


# A heartbeat of the incarnation before arrives when the new one, its disk gone, is not registered.
LATE_HEARTBEAT = [*restarted(2, *batches_of("a"), power=True)[:-1], unfenced(2)]
SECOND_REGISTERED = [BrokerRegistered(2, 102, 2, False, was_alive=True), unfenced(2)]
FIRST_REGISTERED = [BrokerRegistered(2, 102, 1, False, was_alive=True), unfenced(2)]
WITHOUT_3 = [
    *(word(isr=(1, 2)), lead(1, isr=(1, 2)), *on((1, 2), "ab")),
    leader_hw(1, 2, isr=(1, 2)),
]


@pytest.mark.parametrize(
    "history",
    [
        calm("ab"),
        WITHOUT_3,
        [*calm("ab"), BrokerCrashed(1), word(2, epoch=2, isr=(2,), elr=(3,))],
        [*calm("ab"), *restarted(2, *batches_of("a"), hw=1, power=True), word(isr=ALL)],
        [*calm("ab"), *LATE_HEARTBEAT],
        [*calm("ab"), *LATE_HEARTBEAT, *FIRST_REGISTERED],
        [*UNCLEAN_3, word(3, epoch=2, isr=(2, 3))],
        [
            *(*calm("ab"), DiskLost(2), DiskLost(3), opened(2), opened(3), unfenced(2)),
            word(2, epoch=2, isr=(2, 3)),
        ],
    ],
)
def test_every_candidate_has_everything(history: list[Event]) -> None:
    """Who is not back in this incarnation is no candidate; what was given up is not asked for."""
    assert () == broken(history)
    assert "holds" == judged(LeaderCandidateCompleteness, history)


@pytest.mark.parametrize(
    ("history", "names"),
    [
        ([*WITHOUT_3, BrokerCrashed(1), word(2, epoch=2, isr=(2,), elr=(3,))], ("R9",)),
        ([*calm("ab"), BrokerCrashed(1), word(2, epoch=2), cut(3, 1, was=2)], ("R9",)),
        ([*WITHOUT_3, BrokerCrashed(1), word(2, epoch=2, isr=(2, 3))], ("R9",)),
        ([*WITHOUT_3, word(isr=ALL)], ("R5", "R9")),
        ([*calm("ab"), *restarted(2, *batches_of("a"), power=True), unfenced(2)], ("R5", "R9")),
        ([*calm("ab"), *LATE_HEARTBEAT, *SECOND_REGISTERED], ("R5", "R9")),
    ],
)
def test_a_candidate_lacks_something(history: list[Event], names: tuple[str, ...]) -> None:
    """Eligible without it, truncated, admitted too early, back after a loss and still a member."""
    assert names == broken(history)


@pytest.mark.parametrize("kind", [WeakIsr, StrongIsr, LeaderCandidateCompleteness])
def test_without_a_set_nothing_was_shown(kind: type) -> None:
    """Vacuous is not a pass."""
    assert "vacuous" == judged(kind, [append(1, 0, "a"), fetched(2, 0, "a"), leader_hw(1, 1)])
