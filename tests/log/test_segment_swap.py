"""A crash at every step of a cleaning: the log opens again, and no reader of the newest notices."""

import pytest

from kafkabook.checkers.log_watch import LogWatch
from kafkabook.log.compaction import Cleaner
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.recovery import Checkpointed
from kafkabook.log.segment_names import CLEANED, SWAP
from tests.log.compaction_logs import COMPACTED, Step, a_compacted_log, committed, puts, table_of

UNCLEAN = Checkpointed()
STEPS = (
    *puts(("k0", "v"), ("k1", "v"), ("k0", None)),
    Step((("k1", "bad"), ("k2", "bad")), producer_id=7, in_transaction=True),
    Step(producer_id=7, ends="abort"),
    *puts(*((f"k{n % 4}", f"w{n}") for n in range(24))),
)


class Crashed(Exception):
    """The process is gone."""


class MortalDisk(MemoryDisk):
    """A disk whose process is killed before a chosen one of its changes."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 1 << 30  # changes until the end

    def _live(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Crashed

    def write(self, path: str, at: int, data: bytes) -> None:
        """Write, or die before."""
        self._live()
        super().write(path, at, data)

    def rename(self, path: str, to: str) -> None:
        """Rename, or die before."""
        self._live()
        super().rename(path, to)

    def remove(self, path: str) -> None:
        """Remove, or die before."""
        self._live()
        super().remove(path)

    def flush(self, path: str) -> None:
        """Flush, or die before."""
        self._live()
        super().flush(path)


def cleaned_once(disk: MortalDisk) -> PartitionLog:
    """Build a log of several segments with an aborted transaction, cleaned before."""
    log = a_compacted_log(*STEPS, disk=disk)
    Cleaner().clean(log, now_ms=10_000, even_if_not_due=True)
    log.flush()
    return log


def changes_of_a_cleaning() -> int:
    """Count the changes that a whole second cleaning makes to the disk."""
    disk = MortalDisk()
    log = cleaned_once(disk)
    Cleaner().clean(log, now_ms=20_000, even_if_not_due=True)
    return (1 << 30) - disk.left


def reopened(disk: MortalDisk, checkpointed: Checkpointed = UNCLEAN) -> PartitionLog:
    """Start the process again."""
    disk.left = 1 << 30
    log = PartitionLog("orders-0", disk, config=COMPACTED, checkpointed=checkpointed)
    log.advance_high_watermark()
    return log


@pytest.mark.parametrize("power", [False, True], ids=["killed", "power lost"])
def test_after_a_crash_at_any_step_the_log_serves_what_it_served(power: bool) -> None:
    """Old segments serve until the `.swap` is there; from then on it is finished."""
    steps = 0
    while True:
        disk = MortalDisk()
        log = cleaned_once(disk)
        expected, end, disk.left = table_of(committed(log)), log.log_end, steps
        try:
            Cleaner().clean(log, now_ms=20_000, even_if_not_due=True)
        except Crashed:
            if power:
                disk.lose_power()
            back = reopened(disk)
            back.check()
            assert (expected, end) == (table_of(committed(back)), back.log_end), steps
            leftovers = [n for n in disk.list("orders-0") if n.endswith((CLEANED, SWAP))]
            assert [] == leftovers
            Cleaner().clean(back, now_ms=20_000, even_if_not_due=True)
            assert expected == table_of(committed(back))
        else:
            break
        steps += 1
    assert steps > 30


def transaction_indexes(disk: MortalDisk) -> dict[str, bytes]:
    """Return the `.txnindex` files of a log in which there is something."""
    names = [name for name in disk.list("orders-0") if name.endswith(".txnindex")]
    return {name: data for name in names if (data := disk.read(f"orders-0/{name}", 0, 1_000))}


def test_no_transaction_index_of_a_replaced_segment_outlives_a_crash_in_the_swap() -> None:
    """The cleaned segment has none: of its aborted transaction not even the marker is left.

    All was flushed before, so no recovery looks into the files.
    """
    later = (Step((("k3", "good"),), 7, in_transaction=True), Step(producer_id=7, ends="commit"))
    decided = steps = 0
    while True:
        disk = MortalDisk()
        log = a_compacted_log(*STEPS[:5], *later, *STEPS[5:], disk=disk)
        Cleaner().clean(log, now_ms=10_000, even_if_not_due=True)
        log.flush()
        flushed = Checkpointed(recovery_point=log.log_end, was_compacted=True)
        assert {} != transaction_indexes(disk)
        disk.left = steps
        try:
            Cleaner().clean(log, now_ms=20_000, even_if_not_due=True)
        except Crashed:
            names = disk.list("orders-0")
            is_begun = any(name.endswith(f".log{SWAP}") for name in names)
            is_decided = is_begun and not any(name.endswith(CLEANED) for name in names)
            reopened(disk, flushed)
            assert ({} == transaction_indexes(disk)) >= is_decided, steps
            decided += is_decided
        else:
            break
        steps += 1
    assert {} == transaction_indexes(disk)
    assert decided > 3


def test_leftovers_of_a_cleaning_that_was_given_up_do_not_disturb_the_next() -> None:
    """The same process may try again without a restart."""
    disk = MortalDisk()
    log = cleaned_once(disk)
    expected, disk.left = table_of(committed(log)), 3
    with pytest.raises(Crashed):
        Cleaner().clean(log, now_ms=20_000, even_if_not_due=True)
    disk.left = 1 << 30
    assert [] != [n for n in disk.list("orders-0") if n.endswith(CLEANED)]
    Cleaner().clean(log, now_ms=20_000, even_if_not_due=True)
    assert [] == [n for n in disk.list("orders-0") if n.endswith(CLEANED)]
    assert expected == table_of(committed(log))


def test_a_log_that_was_cleaned_breaks_no_law_when_it_is_opened_again() -> None:
    """Its new indexes are judged against the batches that the cleaning left."""
    log = cleaned_once(MortalDisk())
    watch = LogWatch.over(log.trace)
    Cleaner().clean(log, now_ms=20_000, even_if_not_due=True)
    log.close()
    PartitionLog("orders-0", log.disk, config=COMPACTED, trace=log.trace)
    assert () == watch.anomalies
