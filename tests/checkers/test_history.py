"""J1 and J3 against hand-made histories of clients."""

from zlib import crc32

import pytest

from kafkabook.base.trace import Event
from kafkabook.checkers.history import InconsistentOffsets, LostWrite
from kafkabook.cluster.events import Quiesced, RecordSent, SendEnded, TopicCreated, TopicDeleted
from tests.checkers.cluster_histories import ALL, P, calm, cut, judged, read, watched, word

REST = Quiesced()
AGAIN = [TopicDeleted("orders"), TopicCreated("orders", (ALL,))]
UNCLEAN = [
    *(*calm("ab"), word(isr=(1, 2)), cut(3, 0, was=2)),
    word(3, epoch=2, isr=(3,), unclean=True),
]


def sent(value: str, offset: int, *, outcome: str = "ok", acks: int = -1) -> list[Event]:
    """A producer sent a value, and this is how it ended."""
    crc = crc32(value.encode())
    ended = SendEnded(P, value, acks, outcome, offset, "", crc)
    return [RecordSent(P, value, acks, crc), ended]


# --- J1 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "history",
    [
        [*sent("a", 0), *sent("b", 1), read(1, 0, "a"), read(2, 1, "b"), REST],
        [*sent("a", 0), read(1, 0, "a"), *sent("b", 1), REST],
        [*sent("a", 0), *sent("b", 1, outcome="info"), read(1, 0, "a"), read(1, 2, "c"), REST],
        [*sent("a", 0), *sent("b", -1, outcome="fail"), read(1, 0, "a"), read(1, 1, "c"), REST],
        [read(1, 0, "a"), *sent("a", 0), REST],
        [*sent("a", 0), *AGAIN, word(), *sent("b", 0), read(1, 0, "b"), REST],
    ],
)
def test_what_was_acknowledged_is_read(history: list[Event]) -> None:
    """By whom does not matter; what is beyond the furthest read, unknown or deleted is not owed."""
    assert "holds" == judged(LostWrite, history)


@pytest.mark.parametrize(
    "history",
    [
        [*sent("a", 0), *sent("b", 1), read(1, 1, "b"), REST],
        [*sent("a", 0), read(1, 0, "x"), REST],
        [*sent("a", 0), read(1, 0, "a"), *sent("b", 1), read(1, 2, "c"), REST],
    ],
)
def test_an_acknowledged_record_is_passed_over(history: list[Event]) -> None:
    """It is missing, or another one stands in its place."""
    assert "broken" == judged(LostWrite, history)


def test_a_lost_write_is_shown_by_its_answer_and_a_read_beyond_it() -> None:
    """Two entries of two clients are all that it takes."""
    history = [*sent("a", 0), read(1, 0, "x"), read(1, 3, "d"), REST]
    (anomaly,) = watched(history, (LostWrite,)).anomalies
    says = "orders-0: 'a' was acknowledged at 0 and never read, though offset 3 was"
    assert (says, [1, 3]) == (anomaly.says, [entry.number for entry in anomaly.evidence])


@pytest.mark.parametrize(
    "history",
    [
        [*sent("a", 0, acks=1), read(1, 1, "b"), REST],
        [*sent("a", 0, acks=0), read(1, 1, "b"), REST],
        [*UNCLEAN, *sent("a", 0), read(1, 1, "b"), REST],
    ],
)
def test_a_loss_that_was_not_ruled_out_is_allowed(history: list[Event]) -> None:
    """It is told, and it is no bug."""
    (checker,) = watched(history, (LostWrite,)).checkers
    assert isinstance(checker, LostWrite)
    assert ([], ["J1"]) == (checker.anomalies, [anomaly.name for anomaly in checker.allowed])


def test_the_end_of_a_run_is_judged_once() -> None:
    """A run that never came to rest is judged when it is over; asking twice changes nothing."""
    (checker,) = watched([*sent("a", 0), read(1, 1, "b")], (LostWrite,)).checkers
    assert isinstance(checker, LostWrite)
    assert "vacuous" == checker.verdict
    checker.finish()
    checker.finish()
    assert (1, 1) == (checker.saw, len(checker.anomalies))


# --- J3 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "history",
    [
        [*sent("a", 0), read(1, 0, "a"), read(2, 0, "a")],
        [*sent("a", 0), *sent("b", 1), read(1, 1, "b")],
        [*sent("a", 0), *sent("b", 0, outcome="info"), *sent("c", 0, outcome="fail")],
        [*sent("a", 0), *AGAIN, *sent("b", 0)],
    ],
)
def test_an_offset_holds_one_value(history: list[Event]) -> None:
    """However often it is told; what is not known to be there does not count."""
    assert "holds" == judged(InconsistentOffsets, history)


@pytest.mark.parametrize(
    "history",
    [
        [read(1, 0, "a"), read(2, 0, "b")],
        [*sent("a", 0), read(1, 0, "b")],
        [*sent("a", 0), *sent("b", 0)],
        [*sent("a", 0, acks=1), read(1, 0, "b"), read(2, 0, "c")],
    ],
)
def test_an_offset_holds_two_values(history: list[Event]) -> None:
    """Two readers, a producer and a reader, two producers."""
    assert "broken" == judged(InconsistentOffsets, history)


@pytest.mark.parametrize(
    "history",
    [
        [*sent("a", 0, acks=1), read(1, 0, "b"), read(2, 0, "b")],
        [*sent("a", 0), *sent("b", 0, acks=1)],
        [*UNCLEAN, read(1, 0, "a"), read(3, 0, "x")],
    ],
)
def test_an_offset_that_was_not_promised_may_be_given_again(history: list[Event]) -> None:
    """Told once, however many read it."""
    (checker,) = watched(history, (InconsistentOffsets,)).checkers
    assert isinstance(checker, InconsistentOffsets)
    assert ([], ["J3"]) == (checker.anomalies, [anomaly.name for anomaly in checker.allowed])


def test_without_clients_nothing_is_shown() -> None:
    """Brokers may hold what they like."""
    for kind in (LostWrite, InconsistentOffsets):
        assert "vacuous" == judged(kind, [*calm("ab"), REST])
