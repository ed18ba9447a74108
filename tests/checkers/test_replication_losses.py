"""R11 and R12 against hand-made losses."""

import pytest

from kafkabook.base.trace import Event
from kafkabook.checkers.replication_losses import ConsistentRead, NoCommittedRecordLostGlobally
from kafkabook.cluster.events import (
    BrokerCrashed,
    BrokerPoweredOff,
    BrokerStarted,
    DiskLost,
    TopicDeleted,
)
from tests.checkers.cluster_histories import (
    acked,
    append,
    batch,
    batches_of,
    broken,
    calm,
    cut,
    fetched,
    judged,
    lead,
    on,
    opened,
    read,
    restarted,
    watched,
    word,
)

ONLY_ON_1 = [word(), append(1, 0, "a"), acked(1, 0, "a")]


@pytest.mark.parametrize(
    "history",
    [
        [*calm("ab"), acked(1, 1, "b")],
        [word(), *on((1, 2), "a"), acked(1, 0, "a"), BrokerCrashed(1), DiskLost(1)],
        [*ONLY_ON_1, BrokerPoweredOff(1)],
        [*ONLY_ON_1, BrokerPoweredOff(1), opened(1, *batches_of("a"))],
        [word(min_isr=1), *ONLY_ON_1[1:], BrokerCrashed(1), DiskLost(1)],
        [*calm("a"), acked(1, 0, "a"), BrokerCrashed(1), DiskLost(1), DiskLost(2), DiskLost(3)],
        [*ONLY_ON_1, word(2, epoch=2, isr=(2,), unclean=True), cut(1, 0, was=1)],
        [*ONLY_ON_1, TopicDeleted("orders"), DiskLost(1)],
    ],
)
def test_a_copy_is_left_or_was_not_promised(history: list[Event]) -> None:
    """A machine without power may still have it; too many disks are beyond the promise."""
    assert () == broken(history)
    assert "holds" == judged(NoCommittedRecordLostGlobally, history)


@pytest.mark.parametrize(
    "history",
    [
        [*ONLY_ON_1[1:], cut(1, 0, was=1)],
        [*ONLY_ON_1, BrokerCrashed(1), DiskLost(1)],
        [*ONLY_ON_1, *restarted(1)],
        [*ONLY_ON_1, *restarted(1, power=True)],
        [append(1, 0, "a"), acked(1, 1, "b")],
        [append(1, 0, "a"), fetched(2, 0, "x"), acked(1, 0, "a"), cut(1, 0, was=1)],
    ],
)
def test_no_disk_holds_what_was_acknowledged(history: list[Event]) -> None:
    """Truncated, the one disk gone while two were asked for, or never there; others differ."""
    assert ("R11",) == broken(history)


def test_a_loss_is_told_with_its_promise() -> None:
    """The acknowledgement and what took the last copy."""
    history = [*ONLY_ON_1[1:], cut(1, 0, was=1)]
    (anomaly,) = watched(history, (NoCommittedRecordLostGlobally,)).anomalies
    assert [1, 2] == [entry.number for entry in anomaly.evidence]
    assert anomaly.says == ("offset 0 of orders-0 was acknowledged to acks=all and is on no disk")


@pytest.mark.parametrize("acks", [0, 1])
def test_acks_0_and_1_promise_nothing(acks: int) -> None:
    """Nothing relevant was seen, so nothing was shown."""
    history = [append(1, 0, "a"), acked(1, 0, "a", acks=acks), cut(1, 0, was=1)]
    assert "vacuous" == judged(NoCommittedRecordLostGlobally, history)


READ_FROM_1 = [word(), lead(1), append(1, 0, "a"), read(1, 0, "a"), BrokerCrashed(1)]
TO_2 = [word(2, epoch=2, isr=(2,)), lead(2, epoch=2, isr=(2,))]


@pytest.mark.parametrize(
    "history",
    [
        [*READ_FROM_1, fetched(2, 0, "a"), *TO_2],
        [*READ_FROM_1, word(2, epoch=2, isr=(2,), unclean=True), lead(2, epoch=2, isr=(2,))],
        [*READ_FROM_1, opened(2, batch(1, "b")), *TO_2],
        [*READ_FROM_1, *TO_2[:1], lead(3, epoch=1)],
        [
            *(*READ_FROM_1[:3], word(2, epoch=2, isr=(2,), unclean=True)),
            *(lead(2, epoch=2, isr=(2,)), append(2, 0, "x", epoch=2)),
            *(read(1, 0, "a"), read(2, 0, "x", epoch=2)),
        ],
    ],
)
def test_what_was_read_stays(history: list[Event]) -> None:
    """Unless an unclean election or retention removed it; a stale leader is not asked."""
    assert () == broken(history)
    assert "holds" == judged(ConsistentRead, history)


@pytest.mark.parametrize(
    "history",
    [
        [*READ_FROM_1, *TO_2],
        [*READ_FROM_1, fetched(2, 0, "x"), *TO_2],
        [*READ_FROM_1, fetched(2, 0, "a", epoch=2), *TO_2],
        [*READ_FROM_1[:-1], cut(1, 0, was=1)],
        [*READ_FROM_1[:2], fetched(2, 0, "x"), append(1, 0, "a"), read(2, 0, "x")],
    ],
)
def test_the_leader_holds_something_else(history: list[Event]) -> None:
    """Nothing, other records, another epoch; found at the election, at a cut, or while reading."""
    assert ("R12",) == broken(history)


def test_a_broken_read_is_told_with_the_reading() -> None:
    """What was given, what is there now, and who leads."""
    (anomaly,) = watched([*READ_FROM_1, fetched(2, 0, "x"), *TO_2], (ConsistentRead,)).anomalies
    assert [3, 5, 7] == [entry.number for entry in anomaly.evidence]
    assert anomaly.says == (
        "a consumer was given offset 0 of orders-0 with epoch 1, but the log of leader 2 has other"
        " records there"
    )


def test_without_readers_nothing_was_shown() -> None:
    """Vacuous is not a pass."""
    assert "vacuous" == judged(ConsistentRead, calm("ab"))


def test_who_leads_behind_a_closed_port_is_not_held_against_what_was_read() -> None:
    """An incarnation that the controller has not registered leads nobody: its port is closed."""
    lost = [*calm("a"), read(1, 0, "a"), BrokerCrashed(1), DiskLost(1)]
    assert "R12" in broken([*lost, opened(1), lead(1, epoch=1)])
    assert "R12" not in broken([*lost, BrokerStarted(1, 2), opened(1), lead(1, epoch=1)])
