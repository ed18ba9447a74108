"""L6 and L7 against hand-made crashes."""

import pytest

from kafkabook.base.trace import Event
from kafkabook.checkers.recovery import NoSilentShortRead, RecoverPrefix
from kafkabook.log.events import (
    BytesDamaged,
    DamageFound,
    LogTruncated,
    PowerLost,
    RecoveryCompleted,
)
from tests.checkers.histories import a_batch, judged, some_batches

LOG = "orders-0/00000000000000000000.log"
TORN = PowerLost(((LOG, 200),))  # the third of five batches of 70 bytes is cut at byte 60 of it
FLIPPED = BytesDamaged(LOG, 75, 1)  # the second batch


def recovered(upto: int, *, recovery_point: int = 0) -> RecoveryCompleted:
    """Recovery that read one segment and kept the offsets below `upto`."""
    return RecoveryCompleted(recovery_point, (0,), upto, 0)


def found(at_byte: int, *, torn_tail: bool) -> DamageFound:
    """Recovery named a damage."""
    return DamageFound(LOG, at_byte, 1, "checksum", 1, torn_tail)


@pytest.mark.parametrize(
    "history",
    [
        [*some_batches(5), recovered(5)],
        [*some_batches(5), TORN, recovered(2)],
        [*some_batches(5), FLIPPED, recovered(1)],
        [*some_batches(5), FLIPPED, recovered(5, recovery_point=3)],
        [*some_batches(5), LogTruncated(5, 2, "test"), recovered(2)],
    ],
)
def test_the_longest_intact_prefix(history: list[Event]) -> None:
    """No more, no less; what lies below the recovery point is not read again."""
    assert "holds" == judged(RecoverPrefix(), history)


@pytest.mark.parametrize(
    "history",
    [
        [*some_batches(5), recovered(4)],
        [*some_batches(5), TORN, recovered(3)],
        [*some_batches(5), TORN, recovered(1)],
        [*some_batches(5), FLIPPED, recovered(5)],
    ],
)
def test_more_or_less_than_the_intact_prefix(history: list[Event]) -> None:
    """A lost batch and a kept ruin are both breaks."""
    assert "broken" == judged(RecoverPrefix(), history)


def test_what_one_recovery_cut_the_next_does_not_miss() -> None:
    """After a recovery the log is what it kept."""
    history = [*some_batches(5), TORN, recovered(2), recovered(2)]
    assert "holds" == judged(RecoverPrefix(), history)


@pytest.mark.parametrize(
    "history",
    [
        [*some_batches(5), FLIPPED, found(70, torn_tail=False), recovered(1)],
        [*some_batches(5), FLIPPED, found(87, torn_tail=False), recovered(1)],
        [
            *some_batches(2),
            *(FLIPPED, found(70, torn_tail=True), recovered(1), a_batch(1)),
            *(BytesDamaged(LOG, 3, 1), found(0, torn_tail=False), recovered(0)),
        ],
    ],
)
def test_damage_in_the_middle_is_named(history: list[Event]) -> None:
    """At the batch's first byte or at the field that is wrong."""
    assert "broken" != judged(NoSilentShortRead(), history)


@pytest.mark.parametrize(
    "history",
    [
        [*some_batches(5), FLIPPED, recovered(1)],
        [*some_batches(5), FLIPPED, found(70, torn_tail=True), recovered(1)],
        [*some_batches(5), FLIPPED, found(210, torn_tail=False), recovered(1)],
    ],
)
def test_damage_in_the_middle_is_passed_over(history: list[Event]) -> None:
    """Not at all, as the end of the log, or somewhere else."""
    assert "broken" == judged(NoSilentShortRead(), history)


def test_a_torn_tail_is_the_end_of_the_log() -> None:
    """Nothing whole stands behind it, so there is nothing to say."""
    torn_at_the_end = [*some_batches(3), PowerLost(((LOG, 200),)), recovered(2)]
    assert "vacuous" == judged(NoSilentShortRead(), torn_at_the_end)
