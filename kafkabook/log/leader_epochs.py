"""Leader epochs: which leader wrote each offset, and where each leader epoch ends."""

from collections.abc import Callable, Sequence
from functools import reduce

from kafkabook.base.shown import Shown
from kafkabook.base.trace import Trace
from kafkabook.log.checkpoints import read_leader_epochs, write_leader_epochs
from kafkabook.log.disk import Disk
from kafkabook.log.events import LeaderEpochStarted
from kafkabook.log.facts import EpochEntry
from kafkabook.log.rules import LogRules, assign_epoch

UNDEFINED = (-1, -1)
Epochs = tuple[EpochEntry, ...]


def believed(
    lines: Sequence[EpochEntry], assign: Callable[[Epochs, int, int], Epochs] = assign_epoch
) -> Epochs:
    """Return what a log makes of the lines of its checkpoint: each removes what contradicts it.

    >>> believed([EpochEntry(2, 5), EpochEntry(1, 2), EpochEntry(1, 4)])
    (EpochEntry(epoch=1, start_offset=2),)
    """
    none: Epochs = ()
    return reduce(lambda known, line: assign(known, line.epoch, line.start_offset), lines, none)


class LeaderEpochs(Shown):
    """The epochs of the leaders that wrote a log, kept in `leader-epoch-checkpoint`.

    A follower asks where an epoch ended before it truncates: that is how it finds the last offset
    that it shares with its new leader (KIP-101).

    The checkpoint is a hint. Its lines are taken one after the other as if their records were met,
    so what contradicts a later line is forgotten; and recovery adds what the log knows better.

    Args:
        disk, path: the checkpoint; made empty if there is none.
        rules: the parts `assign_epoch` and `truncate_epochs`.
        trace: where events go; a private trace if omitted.

    Raises:
        KAFKA_STORAGE_ERROR: the file is malformed.

    >>> from kafkabook.log.disk import MemoryDisk
    >>> epochs = LeaderEpochs(MemoryDisk(), "orders-0/leader-epoch-checkpoint")
    >>> epochs.assign(2, 6, now_ms=0), epochs.assign(3, 11, now_ms=0)
    (True, True)
    >>> epochs.end_offset_for(2, log_end=100), epochs.end_offset_for(7, log_end=100)
    ((2, 11), (-1, -1))

    Source: kafka, storage `LeaderEpochFileCache.java`; KIP-101; notes, Part 1 ch 02 §03 and §07.
    """

    def __init__(
        self,
        disk: Disk,
        path: str,
        *,
        rules: LogRules = LogRules(),  # noqa: B008 - frozen
        trace: Trace | None = None,
    ) -> None:
        self.disk, self.path, self.rules = disk, path, rules
        self.trace = Trace(path) if trace is None else trace
        disk.write(path, 0, b"")  # makes an empty file, if there is none
        self.entries = believed(read_leader_epochs(disk, path), self.rules.assign_epoch)

    @property
    def latest(self) -> int:
        """The latest epoch, -1 if there is none."""
        return self.entries[-1].epoch if self.entries else -1

    def assign(self, epoch: int, start_offset: int, *, now_ms: int) -> bool:
        """Note that a record of `epoch` stands at `start_offset`; say whether that was news."""
        if epoch < 0:
            return False
        news = self._become(self.rules.assign_epoch(self.entries, epoch, start_offset))
        if news:
            self.trace.emit(LeaderEpochStarted(epoch, start_offset), at_ms=now_ms)
        return news

    def end_offset_for(self, epoch: int, *, log_end: int) -> tuple[int, int]:
        """Return the largest epoch at or below `epoch`, and the offset where that ended.

        Returns:
            `(-1, -1)` for an epoch that is undefined or later than all; the log end for the latest;
            for one before all, itself and the start of the first.
        """
        if epoch < 0 or epoch > self.latest:
            return UNDEFINED
        if epoch == self.latest:
            return epoch, log_end
        later = next(e.start_offset for e in self.entries if e.epoch > epoch)
        return max((e.epoch for e in self.entries if e.epoch <= epoch), default=epoch), later

    def epoch_at(self, offset: int) -> int:
        """Return the epoch of the leader that wrote the record at `offset`, -1 if unknown."""
        return max((e.epoch for e in self.entries if e.start_offset <= offset), default=-1)

    def truncate_from_end(self, end_offset: int) -> None:
        """Forget the leader epochs that began at or after `end_offset`."""
        self._become(self.rules.truncate_epochs(self.entries, end_offset))

    def truncate_from_start(self, start_offset: int) -> None:
        """Forget the epochs that ended by `start_offset`; the oldest left begins there."""
        gone = [entry for entry in self.entries if entry.start_offset <= start_offset]
        if gone:
            kept = EpochEntry(gone[-1].epoch, start_offset)
            self._write((kept, *self.entries[len(gone) :]))

    def clear(self) -> None:
        """Forget all leader epochs."""
        self._write(())

    def _become(self, entries: tuple[EpochEntry, ...]) -> bool:
        if entries == self.entries:
            return False
        self._write(entries)
        return True

    def _write(self, entries: tuple[EpochEntry, ...]) -> None:
        self.entries = entries
        write_leader_epochs(self.disk, self.path, entries)

    def __repr__(self) -> str:
        told = ", ".join(f"{entry.epoch} from {entry.start_offset}" for entry in self.entries)
        return f"LeaderEpochs({told})"
