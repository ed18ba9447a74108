"""R3, R6 and R8 against hand-made elections."""

import pytest

from kafkabook.base.trace import Event
from kafkabook.checkers.replication_leaders import (
    LeaderCompleteness,
    LeaderInIsr,
    SingleLeaderPerEpoch,
)
from kafkabook.cluster.events import (
    BrokerCrashed,
    BrokerFenced,
    DiskLost,
    TopicCreated,
    TopicDeleted,
)
from kafkabook.replication.events import ReplicaDeleted
from tests.checkers.cluster_histories import (
    ALL,
    P,
    acked,
    append,
    batches_of,
    broken,
    calm,
    cut,
    fetched,
    judged,
    lead,
    leader_hw,
    on,
    restarted,
    unfenced,
    watched,
    word,
)


@pytest.mark.parametrize(
    "history",
    [
        calm("ab"),
        [append(1, 0, "a"), fetched(2, 0, "a"), append(2, 1, "b", epoch=2)],
        [append(1, 0, "a"), append(2, 0, "x", epoch=2), append(1, 1, "b")],
        [
            *(append(1, 0, "a"), TopicDeleted("orders"), ReplicaDeleted(P, 1)),
            *(TopicCreated("orders", ((2, 3),)), append(2, 0, "x")),
        ],
    ],
)
def test_each_epoch_has_one_who_appends(history: list[Event]) -> None:
    """A stale leader may go on in its own epoch; a new topic begins to count again."""
    assert "holds" == judged(SingleLeaderPerEpoch, history)


@pytest.mark.parametrize(
    "history",
    [
        [append(1, 0, "a"), append(2, 0, "x")],
        [append(1, 0, "a"), fetched(2, 0, "a"), append(2, 1, "b")],
        [append(1, 0, "a"), append(2, 0, "x", epoch=2), append(1, 1, "b", epoch=2)],
    ],
)
def test_two_append_in_one_epoch(history: list[Event]) -> None:
    """Over the same offset, after fetching from the other, or with a successor's epoch."""
    assert ("R3",) == broken(history)


@pytest.mark.parametrize(
    "said",
    [word(1), word(None, isr=()), word(3, isr=(3,), unclean=True), word(2, isr=(2,), elr=(1, 3))],
)
def test_who_leads_is_in_sync(said: Event) -> None:
    """Or nobody leads; an unclean winner is the new set."""
    assert () == broken([word(1), said])


@pytest.mark.parametrize(
    "said",
    [word(1, isr=(2, 3)), word(2, isr=()), word(3, isr=(1,), elr=(3,)), word(2, isr=(1,))],
)
def test_who_leads_is_not_in_sync(said: Event) -> None:
    """The eligible leader replicas are not the ISR."""
    assert ("R6",) == broken([word(1), said])


WITHOUT_3 = [
    *(word(isr=(1, 2)), lead(1, isr=(1, 2)), *on((1, 2), "ab")),
    leader_hw(1, 2, isr=(1, 2)),
]
DEAD_1 = [BrokerCrashed(1), BrokerFenced(1, "session expired")]


@pytest.mark.parametrize(
    "history",
    [
        calm("ab"),
        [*WITHOUT_3, *DEAD_1, word(2, epoch=2, isr=(2,)), lead(2, epoch=2, start=2)],
        [*WITHOUT_3, *DEAD_1, word(3, epoch=2, isr=(3,), unclean=True), lead(3, epoch=2)],
        [
            *WITHOUT_3,
            append(1, 2, "c"),
            acked(1, 2, "c", acks=1),
            *DEAD_1,
            word(2, epoch=2, isr=(2,)),
        ],
        [*calm("ab"), *restarted(1, *batches_of("a"))],
        [*calm("ab"), DiskLost(1), DiskLost(2), DiskLost(3), word(3, epoch=2), lead(3, epoch=2)],
        [*calm("ab"), BrokerCrashed(1), DiskLost(1), DiskLost(2), word(3, epoch=2, isr=(3,))],
        [*calm("ab"), append(1, 2, "c"), acked(1, 2, "c", error="NOT_ENOUGH_REPLICAS")],
    ],
)
def test_who_leads_has_everything(history: list[Event]) -> None:
    """Acks 1 and refusals promise nothing; a leader that is not back yet is not asked."""
    assert () == broken(history)
    assert "holds" == judged(LeaderCompleteness, history)


@pytest.mark.parametrize(
    "history",
    [
        [*WITHOUT_3, *DEAD_1, word(3, epoch=2, isr=(3,))],
        [*WITHOUT_3, append(1, 2, "c"), acked(1, 2, "c"), *DEAD_1, word(2, epoch=2, isr=(2,))],
        [*calm("ab"), cut(1, 1, was=2)],
        [*calm("ab"), *restarted(1, *batches_of("a"), hw=1), unfenced(1)],
        [*calm("ab"), *restarted(1, *batches_of("a"), hw=1, power=True), unfenced(1)],
        [*calm("ab"), append(1, 2, "c"), acked(1, 3, "d")],
    ],
)
def test_who_leads_lacks_something(history: list[Event]) -> None:
    """Elected without it, truncated, came back shorter (also within what acks=all survives)."""
    assert "broken" == judged(LeaderCompleteness, history)
    assert "R8" in broken(history)


def test_only_this_checker_speaks_of_an_incomplete_winner() -> None:
    """With the entries that show it: the commit, the election; once."""
    history = [*WITHOUT_3, *DEAD_1, word(3, epoch=2, isr=(3,)), lead(3, epoch=2, isr=(3,))]
    assert ("R8",) == broken(history)
    (anomaly,) = watched(history, (LeaderCompleteness,)).anomalies
    assert anomaly.says == (
        "broker 3 leads orders-0 in epoch 2, its log ends at 0, but everything below 2 was"
        " committed and is not there"
    )
    assert [6, 9] == [entry.number for entry in anomaly.evidence]


def test_without_elections_and_records_nothing_was_shown() -> None:
    """Vacuous is not a pass."""
    assert "vacuous" == judged(SingleLeaderPerEpoch, [word(), fetched(2, 0, "a")])
    assert "vacuous" == judged(LeaderInIsr, [word(None, isr=ALL)])
    assert "vacuous" == judged(LeaderCompleteness, [append(1, 0, "a"), leader_hw(1, 1)])
