"""What one replica holds, kept from the trace alone, so that two logs are compared in one look.

A batch is kept together with all that stands before it: two logs that hold the same `Stretch`
are equal up to its end, however long they are.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import zip_longest

from kafkabook.base.trace import Entry
from kafkabook.replication.events import BatchTold


@dataclass(slots=True, eq=False)
class Stretch:
    """A batch and everything before it; `end` is the first offset behind it."""

    batch: BatchTold
    end: int
    before: "Stretch | None"
    after: "dict[BatchTold, Stretch]" = field(default_factory=dict)

    def then(self, batch: BatchTold) -> "Stretch":
        """Return the stretch that goes on with `batch`: one object for one history."""
        longer = self.after.get(batch)
        if longer is None:
            longer = self.after[batch] = Stretch(batch, batch.last_offset + 1, self)
        return longer


def nothing() -> Stretch:
    """Return the stretch that every log of a partition begins with."""
    return Stretch(BatchTold(-1, -1, -1, 0), 0, None)


@dataclass(slots=True, eq=False)
class Replica:
    """A replica as its broker told it: the log, the high watermark, and its role.

    What retention or a deletion took from the front of the log is kept here as its history, so that
    two logs are still compared in one look; `log_start` says from where on it is there.

    Attributes: `removed_below` (where its broker said last that its log starts), `highest_start`
    (where it ever said so), `back_below` (what stands below it had been deleted here, and is back
    since a crash), `is_emptied` (its last start deleted the whole log, see `reopen`),
    `parted_in` and `parted_at` (the leader epoch of the last leader who took something away, and
    where this log parts from that leader's: what it had committed above is given up),
    `is_compacted`
    (each broker cleans its log by itself, so that two logs are compared by their ends alone), `end`
    (log end; None until told), `met_end` (the log end that the newest batch met), `high_watermark`
    (its own, as far as an unclean election left it true), `is_leader` and `leader_epoch` (what it
    believes itself to be), `isr` and `counted` (a leader's own view), `is_known` (False between a
    power-off and the next start), `is_open` (False from the end of its process until the next one
    tells of it), and entries for evidence: `hw_told`, `role_told`, `isr_told`, `cut_told` (what
    last took records away).
    """

    broker: int
    root: Stretch
    end: int | None = None
    met_end: int | None = None
    removed_below: int = 0
    highest_start: int = 0
    back_below: int = 0
    is_emptied: bool = False
    parted_in: int = -1
    parted_at: int = 0
    is_compacted: bool = False
    high_watermark: int = 0
    is_leader: bool = False
    leader_epoch: int = -1
    isr: frozenset[int] = frozenset()
    counted: frozenset[int] = frozenset()
    is_known: bool = True
    is_open: bool = True
    hw_told: Entry | None = None
    role_told: Entry | None = None
    isr_told: Entry | None = None
    cut_told: Entry | None = None
    stretches: list[Stretch] = field(default_factory=list)
    bases: list[int] = field(default_factory=list)
    told: list[Entry] = field(default_factory=list)  # who told each batch

    @property
    def top(self) -> Stretch:
        """Return the whole log."""
        return self.stretches[-1] if self.stretches else self.root

    @property
    def log_end(self) -> int:
        """Return the first offset that it lacks; 0 if it never told."""
        return self.end or 0

    @property
    def log_start(self) -> int:
        """Return the first offset that it holds; its log end if it holds nothing."""
        return max(self.removed_below, self.bases[0] if self.bases else self.log_end)

    @property
    def own_start(self) -> int:
        """Return the first offset that it answers for; see `back_below`."""
        return max(self.log_start, self.back_below)

    def upto(self, below: int) -> Stretch:
        """Return the log below an offset, in whole batches."""
        if not self.bases or self.bases[-1] < below:
            return self.top
        place = bisect_left(self.bases, below)
        return self.stretches[place - 1] if place else self.root

    def batch_at(self, offset: int) -> BatchTold | None:
        """Return the batch that holds an offset, if any."""
        found = self.upto(offset + 1)
        return found.batch if found.batch.base_offset <= offset < found.end else None

    def told_at(self, offset: int) -> Entry | None:
        """Return the entry that told of the batch at an offset; else what last cut this log."""
        place = bisect_left(self.bases, offset + 1) - 1
        held = place >= 0 and offset < self.stretches[place].end
        return self.told[place] if held else self.cut_told

    def holds(self, stretch: Stretch) -> bool:
        """Say whether this log begins with the whole stretch."""
        if self.is_compacted:
            return self.log_end >= stretch.end
        return self.upto(stretch.end) is stretch or self._holds_the_rest(stretch)

    def parting(self, other: "Replica", below: int, *, start: int = 0) -> int | None:
        """Return the first offset under `below` where two logs differ; None if they are equal.

        Args:
            start: nothing below that is compared.

        What retention has removed from the front of one of them is not compared, though it may be
        back, nor are cleaned logs.
        """
        if self.is_compacted or self.upto(below) is other.upto(below):
            return None
        start = max(start, self.own_start, other.own_start)
        for one, two in zip_longest(_between(self, start, below), _between(other, start, below)):
            if one is None or two is None or one.batch != two.batch:
                return min(s.batch.base_offset for s in (one, two) if s is not None)
        return None

    def store(self, batch: BatchTold, entry: Entry) -> None:
        """Append a batch."""
        self.stretches.append(self.top.then(batch))
        self.bases.append(batch.base_offset)
        self.told.append(entry)
        self.met_end, self.end = self.end, batch.last_offset + 1

    def cut(self, to_offset: int, entry: Entry) -> None:
        """Truncate to a new log end; one above the old end begins an empty log there."""
        keep = 0 if to_offset > self.log_end else self._whole_below(to_offset)
        del self.stretches[keep:], self.bases[keep:], self.told[keep:]
        self.end = to_offset
        begins_anew = keep == 0 and to_offset > self.removed_below
        self.removed_below = to_offset if begins_anew else min(self.removed_below, to_offset)
        self.highest_start = max(self.highest_start, self.removed_below)
        self.back_below = min(self.back_below, to_offset)
        self.high_watermark = min(self.high_watermark, to_offset)
        self.cut_told = entry

    def reopen(
        self, batches: tuple[BatchTold, ...], log_end: int, entry: Entry, *, log_start: int = 0
    ) -> bool:
        """Take the log as a start found it; say whether it lost anything that was told before.

        A log that began anew at a lower offset, in a process that was killed before it wrote down
        the new log start, ends below the one that is written down. Kafka then deletes all of it.

        Source: kafka, LogLoader.java `deleteSegmentsIfLogStartGreaterThanLogEnd`.
        """
        starts_late = not batches and self.log_end < log_start == log_end
        self.is_emptied = starts_late and log_start <= self.highest_start
        back = self.removed_below if log_start < self.removed_below else 0
        self.back_below = min(max(self.back_below, back), log_end)  # a power cut may take it again
        before = self.top
        kept = self._history_before(batches, log_start, log_end)
        del self.stretches[kept:], self.bases[kept:], self.told[kept:]
        for batch in batches:
            self.store(batch, entry)
        self.end, self.is_leader, self.removed_below = log_end, False, log_start
        self.is_known = self.is_open = True
        has_lost = (
            not self.holds(before) if self.is_compacted else (self.upto(before.end) is not before)
        )
        self.cut_told = entry if has_lost else self.cut_told
        return has_lost

    def _history_before(self, batches: tuple[BatchTold, ...], log_start: int, log_end: int) -> int:
        """Count the batches that were removed from the front, and belong to what is left."""
        if batches:
            begins = batches[0].base_offset
            is_known = begins <= log_start and self.batch_at(begins) == batches[0]
            return bisect_left(self.bases, begins) if is_known else 0
        below = self._whole_below(log_end) if log_start == log_end else 0
        return below if below and self.stretches[below - 1].end == log_end else 0

    def _whole_below(self, offset: int) -> int:
        place = bisect_left(self.bases, offset)
        cuts_a_batch = place > 0 and self.stretches[place - 1].end > offset
        return place - 1 if cuts_a_batch else place

    def _holds_the_rest(self, stretch: Stretch) -> bool:
        """Compare from the later log start on, where retention has removed the front of one."""
        start, node = self.log_start, stretch
        while node.before is not None and node.batch.base_offset >= start:
            if self.batch_at(node.batch.base_offset) != node.batch:
                return False
            node = node.before
        return self.log_end >= stretch.end


def _between(replica: Replica, start: int, below: int) -> list[Stretch]:
    first, last = bisect_left(replica.bases, start), bisect_left(replica.bases, below)
    return replica.stretches[first:last]
