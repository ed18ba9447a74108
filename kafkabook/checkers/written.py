"""What a log should hold, kept from its trace alone: the batches of each partition, in order.

Written against the events and nothing else, so that a bug of the log cannot hide in its checker.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from kafkabook.base.trace import Entry
from kafkabook.log.events import (
    BatchAppended,
    BytesDamaged,
    FileLost,
    LogFlushed,
    LogTruncated,
    PowerLost,
    RecoveryCompleted,
    SegmentDeleted,
    SegmentsCompacted,
)


@dataclass(slots=True)
class Batch:
    """One batch as it was appended, and whether its bytes are still all there and unchanged."""

    entry: Entry
    event: BatchAppended
    intact: bool = True

    @property
    def end(self) -> int:
        """Return the byte after the batch in its segment's file."""
        return self.event.position + self.event.size_bytes


@dataclass(slots=True)
class WrittenLog:
    """The batches of one partition, and where faults have struck them.

    A power cut may take back a truncation that was not flushed, and nobody tells which of the old
    batches then stand there again. So the log counts as unknown until recovery has read it, and as
    unknown below the log end that recovery found.
    """

    batches: list[Batch] = field(default_factory=list)
    faults: list[Entry] = field(default_factory=list)
    compacted: dict[int, dict[int, int]] = field(default_factory=dict)  # base: last offset → byte
    unknown_below: int = 0
    is_unknown: bool = False
    _is_cut: bool = False  # and not flushed since

    def take(self, entry: Entry) -> None:
        """Follow one entry of this partition."""
        match entry.event:
            case BatchAppended() as event:
                self.batches.append(Batch(entry, event))
            case LogTruncated(to_offset=end):
                self.batches = [b for b in self.batches if b.event.base_offset < end]
                self.unknown_below, self._is_cut = min(self.unknown_below, end), True
            case LogFlushed():
                self._is_cut = False
            case SegmentDeleted(base_offset=base):
                self.batches = [b for b in self.batches if b.event.segment_base != base]
            case SegmentsCompacted(old_bases=bases, new_base=new_base, batches=left):
                self.batches = [b for b in self.batches if b.event.segment_base not in bases]
                self.compacted = {b: p for b, p in self.compacted.items() if b not in bases}
                self.compacted[new_base] = dict(left)
            case RecoveryCompleted(recovery_point=read_from, recovered_upto=end):
                self._settle(read_from, end)
            case PowerLost(surviving_bytes=files):
                self._strike(entry, [(file, size, None) for file, size in files])
                self.is_unknown |= self._is_cut
            case BytesDamaged(file=file, at_byte=at, length_bytes=length):
                self._strike(entry, [(file, at, at + length)])
            case FileLost(file=file):
                self._strike(entry, [(file, 0, None)])

    def is_known_from(self, offset: int) -> bool:
        """Say whether the trace tells what the log should hold from an offset on."""
        return not self.is_unknown and offset >= self.unknown_below

    def positions(self, segment_base: int) -> dict[int, int]:
        """Return where each batch of a segment begins, by its last offset."""
        appended = (b.event for b in self.batches if b.event.segment_base == segment_base)
        written = {event.last_offset: event.position for event in appended}
        return self.compacted.get(segment_base, {}) | written

    def whole_bytes(self, segment_base: int) -> int | None:
        """Return how many bytes of a segment its intact prefix fills; None if it was cleaned."""
        if segment_base in self.compacted:
            return None
        here = [batch for batch in self.batches if batch.event.segment_base == segment_base]
        return max((b.end for b in takewhile(lambda batch: batch.intact, here)), default=0)

    def intact_prefix(self, start: int) -> tuple[int, Batch | None]:
        """Return where the safe batches from `start` on end, and the batch that is not safe.

        In a cleaned log, and in a copy of one, that batch may begin later.
        """
        end = start
        for batch in self.batches:
            if batch.event.last_offset < start:
                continue
            if not batch.intact:
                return max(end, batch.event.segment_base), batch
            end = batch.event.last_offset + 1
        return end, None

    def intact_after(self, batch: Batch) -> Iterator[Batch]:
        """Walk the undamaged batches behind a damaged one."""
        place = bisect_left(
            self.batches, batch.event.base_offset, key=lambda b: b.event.base_offset
        )
        return (later for later in self.batches[place + 1 :] if later.intact)

    def _settle(self, read_from: int, end: int) -> None:
        """Forget what recovery cut; what it read and kept is the log from now on."""
        if self.is_unknown:
            self.unknown_below, self.is_unknown, self._is_cut = end, False, False
            self.batches.clear()
        self.batches = [b for b in self.batches if b.event.base_offset < end]
        for batch in self.batches:
            batch.intact |= batch.event.base_offset >= read_from

    def _strike(self, entry: Entry, spans: list[tuple[str, int, int | None]]) -> None:
        self.faults.append(entry)
        for file, start, stop in spans:
            for batch in self.batches:
                inside = batch.end > start and (stop is None or batch.event.position < stop)
                if inside and file.endswith(f"{batch.event.segment_base:020d}.log"):
                    batch.intact = False
