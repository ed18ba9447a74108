"""L8 against hand-made stops, crashes, power cuts and lost disks."""

import pytest

from kafkabook.base.trace import Event
from kafkabook.checkers.power import AckedFlushModel
from kafkabook.cluster.events import (
    BrokerCrashed,
    BrokerPoweredOff,
    BrokerStopped,
    DiskLost,
    TopicCreated,
    TopicDeleted,
)
from kafkabook.replication.events import ReplicaDeleted, ReplicaFlushed
from tests.checkers.cluster_histories import (
    ALL,
    P,
    append,
    batch,
    batches_of,
    cut,
    judged,
    on,
    opened,
    watched,
)

OFF = BrokerPoweredOff(1)
ABC = [opened(1), *on((1,), "abc")]
CHANGED = [*ABC, cut(1, 1, was=3), append(1, 1, "x", epoch=2)]  # a b c, cut to a, then x

ANEW = [TopicDeleted("orders"), ReplicaDeleted(P, 1), TopicCreated("orders", (ALL,))]


def flushed(to: int) -> ReplicaFlushed:
    """Everything of broker 1 below an offset is on the platter."""
    return ReplicaFlushed(P, 1, to)


@pytest.mark.parametrize(
    "history",
    [
        [*ABC, BrokerCrashed(1), opened(1, *batches_of("abc"))],
        [*ABC, BrokerStopped(1), opened(1, *batches_of("abc"))],
        [*ABC, OFF, opened(1)],
        [*ABC, flushed(2), OFF, opened(1, *batches_of("ab"))],
        [*ABC, flushed(2), OFF, opened(1, *batches_of("abc"))],
        [*ABC, flushed(3), BrokerCrashed(1), OFF, opened(1, *batches_of("abc"))],
        [*ABC, flushed(3), DiskLost(1), BrokerCrashed(1), opened(1)],
        [*ABC, flushed(3), OFF, DiskLost(1), opened(1)],
        [*ABC, flushed(3), *CHANGED[4:], OFF, opened(1, *batches_of("abc"))],
        [*ABC, flushed(3), *CHANGED[4:], OFF, opened(1, *batches_of("a"))],
        [*CHANGED, OFF, opened(1, *batches_of("a"), batch(1, "x", epoch=2))],
        [*ABC, BrokerCrashed(1), *ANEW, opened(1)],
    ],
)
def test_a_log_reopens_as_it_was_or_as_luck_had_it(history: list[Event]) -> None:
    """A killed process loses nothing; a power cut may take, or give back, what was not flushed."""
    assert "broken" != judged(AckedFlushModel, history)


def test_only_a_start_proves_something() -> None:
    """Vacuous is not a pass."""
    history = [*ABC, BrokerCrashed(1)]
    assert ("vacuous", "holds") == (
        judged(AckedFlushModel, history),
        judged(AckedFlushModel, [*history, opened(1, *batches_of("abc"))]),
    )


@pytest.mark.parametrize(
    "history",
    [
        [*ABC, BrokerCrashed(1), opened(1, *batches_of("ab"))],
        [*ABC, BrokerStopped(1), opened(1, *batches_of("abx"))],
        [*ABC, BrokerPoweredOff(2), BrokerCrashed(1), opened(1)],
        [*ABC, BrokerCrashed(1), opened(1, *batches_of("abcd"))],
    ],
)
def test_a_process_that_ends_changes_its_log(history: list[Event]) -> None:
    """It lost a record, changed one, lost all with another's power, or made one up."""
    assert "broken" == judged(AckedFlushModel, history)


@pytest.mark.parametrize(
    "history",
    [
        [*ABC, flushed(2), OFF, opened(1, *batches_of("a"))],
        [*ABC, flushed(2), OFF, opened(1, *batches_of("axc"))],
        [*ABC, OFF, opened(1, *batches_of("abx"))],
        [*CHANGED, flushed(2), OFF, opened(1, *batches_of("ab"))],
        [*ABC, OFF, opened(1, *batches_of("ab")), OFF, opened(1, *batches_of("a"))],
        [*ABC, DiskLost(1), BrokerCrashed(1), opened(1, *batches_of("a"))],
    ],
)
def test_a_power_cut_does_more_than_it_can(history: list[Event]) -> None:
    """It takes what was flushed, before or by the cut before it, or writes what nobody wrote."""
    assert "broken" == judged(AckedFlushModel, history)


@pytest.mark.parametrize(
    ("history", "says"),
    [
        (
            [*ABC, flushed(2), OFF, opened(1, *batches_of("a"))],
            "orders-0 on broker 1: a power cut took flushed records: all below 2 were safe",
        ),
        (
            [*ABC, OFF, opened(1, *batches_of("abx"))],
            "orders-0 on broker 1: a power cut wrote a batch at 2, which nobody did",
        ),
        (
            [*ABC, BrokerCrashed(1), opened(1, *batches_of("ab"))],
            "orders-0 on broker 1: it was left ending at 3 and reopened at 2, not the same batches",
        ),
    ],
)
def test_what_a_restart_changed_is_told(history: list[Event], says: str) -> None:
    """With the end of the process and the start of the next as evidence."""
    (anomaly,) = watched(history, (AckedFlushModel,)).anomalies
    last = len(history) - 1
    assert (says, [last - 1, last]) == (anomaly.says, [e.number for e in anomaly.evidence])


def test_a_broker_that_keeps_running_proves_nothing() -> None:
    """Nor does its first start."""
    assert "vacuous" == judged(AckedFlushModel, [*CHANGED, flushed(2), BrokerPoweredOff(2)])
