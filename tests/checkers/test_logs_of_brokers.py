"""L1 to L7 over the logs of all brokers: each log by itself, whatever becomes of its process."""

import pytest

from kafkabook.base.trace import Event, Trace
from kafkabook.checkers.log_watch import LogsOfBrokers
from kafkabook.cluster.events import DiskLost
from kafkabook.log.events import (
    BytesDamaged,
    FileLost,
    IndexEntryAdded,
    IndexLoaded,
    LogFlushed,
    LogTruncated,
    PowerLost,
    RecoveryCompleted,
    SegmentRecovered,
)
from tests.checkers.histories import BATCH_BYTES, a_batch, some_batches

LOG = "00000000000000000000.log"
P0, P1 = "orders-0", "orders-1"


class SomeBrokers:
    """The log traces of two brokers, and the trace of their cluster."""

    def __init__(self) -> None:
        self.logs = {1: Trace("broker-1"), 2: Trace("broker-2")}
        self.cluster = Trace()
        self.watch = LogsOfBrokers.over(self.logs, self.cluster)

    def tell(self, broker: int, place: str, *events: Event) -> None:
        """Let a log tell something; the machine itself, where no place is named."""
        for event in events:
            self.logs[broker].emit(event, at_ms=0, place=place or f"broker-{broker}")


def lost(place: str, size_bytes: int = 0) -> PowerLost:
    """A power cut that left so much of a log's file, and nothing of the other's."""
    files = {f"{P0}/{LOG}": 0, f"{P1}/{LOG}": 0} | {f"{place}/{LOG}": size_bytes}
    return PowerLost(tuple(files.items()))


def recovered(upto: int, recovery_point: int = 0) -> RecoveryCompleted:
    """A log was read again."""
    return RecoveryCompleted(recovery_point, (0,), upto, 0)


@pytest.mark.parametrize(("upto", "broken"), [(2, ()), (1, ("L6",)), (3, ("L6",))])
def test_a_power_cut_concerns_each_log_by_its_own_files(upto: int, broken: tuple[str, ...]) -> None:
    """Two batches of one log are left, and none of the other."""
    some = SomeBrokers()
    some.tell(1, P0, *some_batches(3))
    some.tell(1, P1, *some_batches(3))
    some.tell(1, "", lost(P0, 2 * BATCH_BYTES))
    some.tell(1, P1, recovered(0))
    some.tell(1, P0, recovered(upto))
    assert broken == some.watch.broken
    assert list(broken) == [it.name for it in some.watch.anomalies]


@pytest.mark.parametrize(
    "damage", [BytesDamaged(f"{P0}/{LOG}", BATCH_BYTES, 1), FileLost(f"{P0}/{LOG}")]
)
def test_damage_concerns_one_log(damage: Event) -> None:
    """The other one must come back whole."""
    some = SomeBrokers()
    some.tell(1, P0, *some_batches(2))
    some.tell(1, P1, *some_batches(2))
    some.tell(1, "", damage)
    some.tell(1, P1, recovered(2))
    assert ((), {"L6": 1}) == (some.watch.broken, {k: v for k, v in some.watch.saw.items() if v})
    some.tell(1, P0, recovered(2))
    assert ("L6",) == some.watch.broken


def test_what_is_known_of_a_log_outlives_its_process() -> None:
    """The next one opens the same files, so that what it forgets is noticed."""
    some = SomeBrokers()
    some.tell(1, P0, *some_batches(2), recovered(2), a_batch(2), recovered(2))
    assert ("L6",) == some.watch.broken


def test_an_empty_disk_is_a_new_beginning_and_what_was_found_before_stays() -> None:
    """Nothing of the old log is owed any more, on this broker."""
    some = SomeBrokers()
    for broker in (1, 2):
        some.tell(broker, P0, *some_batches(2))
    some.cluster.emit(DiskLost(1), at_ms=0)
    some.tell(1, P0, recovered(0))
    assert () == some.watch.broken
    some.tell(2, P0, recovered(1))
    some.cluster.emit(DiskLost(2), at_ms=0)
    assert ("L6",) == some.watch.broken


TAKEN_BACK = [*some_batches(3), LogTruncated(3, 1, "told"), a_batch(1)]


def test_a_power_cut_may_take_back_a_truncation_that_was_not_flushed() -> None:
    """Nobody tells which batches then stand there again: the end that recovery finds is believed.

    From there on all is known again.
    """
    some = SomeBrokers()
    some.tell(1, P0, *TAKEN_BACK)
    some.tell(1, "", lost(P0, BATCH_BYTES))
    loaded = IndexLoaded(0, ((2, 2 * BATCH_BYTES),))
    some.tell(1, P0, loaded, SegmentRecovered(0, 3 * BATCH_BYTES, 3, 0), recovered(3))
    some.tell(1, P0, a_batch(3), IndexEntryAdded(0, 2, 17), recovered(4, 3))
    assert () == some.watch.broken
    some.tell(1, P0, IndexEntryAdded(0, 3, 17), recovered(3, 3))
    assert ("L5", "L6") == some.watch.broken


@pytest.mark.parametrize(
    "known", [[*TAKEN_BACK, LogFlushed(2)], some_batches(2)], ids=["flushed", "not cut"]
)
def test_a_log_that_was_not_cut_since_its_last_flush_is_known(known: list[Event]) -> None:
    """So it must come back as far as it was not struck."""
    some = SomeBrokers()
    some.tell(1, P0, *known)
    some.tell(1, "", lost(P0, BATCH_BYTES))
    some.tell(1, P0, recovered(3))
    assert ("L6",) == some.watch.broken


def test_a_later_truncation_below_the_unknown_makes_what_follows_known() -> None:
    """What is appended then is told."""
    some = SomeBrokers()
    some.tell(1, P0, *TAKEN_BACK)
    some.tell(1, "", lost(P0, BATCH_BYTES))
    some.tell(1, P0, recovered(3), LogTruncated(3, 2, "told"), a_batch(2), LogFlushed(3))
    some.tell(1, P0, recovered(2, 2))
    assert ("L6",) == some.watch.broken


@pytest.mark.parametrize(("upto", "broken"), [(1, ()), (3, ("L6",)), (0, ("L6",))])
def test_in_a_copy_of_a_cleaned_log_the_end_is_that_of_the_last_safe_batch(
    upto: int, broken: tuple[str, ...]
) -> None:
    """Offsets 1 and 2 were cleaned away where it was copied from."""
    some = SomeBrokers()
    some.tell(1, P0, a_batch(0), a_batch(3, position=BATCH_BYTES))
    some.tell(1, "", lost(P0, BATCH_BYTES + 1))
    some.tell(1, P0, recovered(upto))
    assert broken == some.watch.broken


def test_a_log_of_which_nothing_is_safe_ends_where_its_segment_begins() -> None:
    """After retention the first segment begins later than the recovery point may say."""
    some = SomeBrokers()
    some.tell(1, P0, a_batch(5, segment=5))
    some.tell(1, "", PowerLost(((f"{P0}/00000000000000000005.log", 0),)))
    some.tell(1, P0, recovered(5))
    assert () == some.watch.broken
