"""A segment: one `.log` file of batches, and the indexes beside it.

Source: kafka, storage `LogSegment.java`; notes, Part 1 ch 02 §07.
"""

from collections.abc import Iterator
from contextlib import suppress

from kafkabook.base.errors import CorruptSegment
from kafkabook.base.shown import Shown
from kafkabook.base.trace import Trace
from kafkabook.base.units import INT32_MAX
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import Disk
from kafkabook.log.events import (
    IndexEntryAdded,
    IndexRebuilt,
    TimeIndexEntryAdded,
)
from kafkabook.log.facts import SegmentFacts, TimeIndexEntry, TimestampedOffset
from kafkabook.log.index import lookup
from kafkabook.log.log_file import LogFile, Place, appended_event
from kafkabook.log.offset_index import OffsetIndex
from kafkabook.log.rules import LogRules
from kafkabook.log.segment_names import SUFFIXES, base_name
from kafkabook.log.time_index import TimeIndex
from kafkabook.log.transaction_index import TransactionIndex
from kafkabook.records.batch_header import HEADER_BYTES, BatchHeader
from kafkabook.records.record_batch import RecordBatch

NO_BATCH = (-1, 0)  # base offset and position of a last batch that nobody has seen


class Segment(Shown):
    """A run of batches from `base_offset` on, in one file named after it.

    Its attributes say what it holds: `base_offset`, `next_offset`, `file` (the `.log` file),
    `index`, `time_index`, `aborted` (the transaction index), `largest` (timestamp and offset),
    `first_timestamp_ms`, `created_ms`.

    Args:
        disk, folder: where its files are.
        config, rules, trace: those of its log.
        now_ms: time of creation; Kafka asks the file system for that of an old file.

    Source: kafka, `LogSegment.java`.
    """

    # --- its files -------------------------------------------------------------------------------

    def __init__(
        self,
        disk: Disk,
        folder: str,
        base_offset: int,
        *,
        config: LogConfig,
        rules: LogRules,
        trace: Trace,
        now_ms: int = 0,
    ) -> None:
        self.disk, self.stem = disk, f"{folder}/{base_name(base_offset)}"
        self.base_offset, self.config, self.rules, self.trace = base_offset, config, rules, trace
        index_bytes = config.segment_index_bytes
        self.file = LogFile(disk, f"{self.stem}.log", base_offset, rules)
        self.index = OffsetIndex(disk, f"{self.stem}.index", base_offset, index_bytes)
        self.time_index = TimeIndex(disk, f"{self.stem}.timeindex", base_offset, index_bytes)
        self.aborted = TransactionIndex(disk, f"{self.stem}.txnindex")
        self.created_ms = self.modified_ms = now_ms
        self._last_batch, self._is_written = NO_BATCH, False
        self._forget()

    @property
    def path(self) -> str:
        """Where its `.log` file is."""
        return self.file.path

    @property
    def size_bytes(self) -> int:
        """Bytes of batches in its `.log` file, without the room behind them."""
        return self.file.size_bytes

    def files(self) -> tuple[str, ...]:
        """Return the paths of the files that it has now."""
        paths = (f"{self.stem}{suffix}" for suffix in SUFFIXES)
        return tuple(path for path in paths if self.disk.exists(path))

    def create(self) -> None:
        """Make the files of a new, empty segment."""
        preallocated = self.config.segment_bytes if self.config.preallocate else 0
        self.disk.preallocate(self.path, preallocated)
        self.index.reset()
        self.time_index.reset()

    def make_missing(self) -> None:
        """Make empty files where Kafka makes them when it loads a segment.

        A `.log` file is missing where another one has its number, and not in 20 digits. With an
        empty time index a lookup by time begins at the segment's first batch.
        """
        if not self.disk.exists(self.path):
            self.disk.write(self.path, 0, b"")
        if self.disk.exists(self.index.path) and not self.disk.exists(self.time_index.path):
            self.disk.write(self.time_index.path, 0, b"")

    def load(self, *, is_scanned: bool) -> bool:
        """Take existing files as they stand; say whether the indexes may be used.

        Args:
            is_scanned: recovery is going to read every batch; the rules know what that means.
        """
        self.file.size_bytes = self.disk.size(self.path)
        is_trusted = self.rules.trust_index(self._load_indexes(), is_scanned)
        if is_trusted:
            self._read_tail()
        return is_trusted

    def distrust_indexes(self) -> None:
        """Leave lying indexes on the disk and do without them."""
        self.index.distrust()
        self.time_index.distrust()
        self._read_tail()

    def check_tail(self, *, is_whole: bool = False) -> None:
        """Walk from the last index entry to the end.

        Args:
            is_whole: no half header may be there.

        Raises:
            CorruptSegment: a header cannot be true, or half a header is there.
        """
        end = self.index.entries[-1].position if self.index.entries else 0
        for position, header in self.file.scan(end):
            end = position + header.size_bytes
        if is_whole and 0 < self.size_bytes - end < HEADER_BYTES:
            raise self.file.damage(f"{self.size_bytes - end} bytes of a header", end)

    def lacks_index(self) -> bool:
        """Whether Kafka would make the indexes anew whatever the last stop was.

        Raises:
            KAFKA_STORAGE_ERROR: an index of aborted transactions in a version from the future.
        """
        return not self.disk.exists(self.index.path) or not self.aborted.is_sane(self.base_offset)

    def can_hold(self, offset: int) -> bool:
        """Whether an entry of its index can say the offset: 32 bits above the base offset."""
        return 0 <= offset - self.base_offset <= INT32_MAX

    def flush(self) -> None:
        """Bring all its files to the platter."""
        for path in self.files():
            self.disk.flush(path)

    def seal(self) -> None:
        """Write the time index's last entry and cut the files to what is used."""
        has_room = self.time_index.max_entries > 0 and self.largest.timestamp_ms >= 0
        if has_room and self.time_index.maybe_append(self.largest, is_last=True):
            self._tell_time(self.largest)
        self._trim()

    def close(self) -> None:
        """Do the same at a clean stop; the time index of a segment that nobody wrote to stays.

        Source: kafka, `LogSegment.close`.
        """
        if self._is_written:
            self.seal()
        else:
            self._trim()

    def _trim(self) -> None:
        self.index.trim()
        self.time_index.trim()
        self.disk.truncate(self.path, self.size_bytes)

    def resume(self) -> None:
        """Give the indexes of the active segment room to grow again, as Kafka does at start.

        Raises:
            KAFKA_STORAGE_ERROR: an index file is longer than `segment.index.bytes` lets it be.
        """
        self.index.make_room()
        self.time_index.make_room()

    def _load_indexes(self) -> bool:
        self.index.load()
        self.time_index.load()
        sane = self.index.is_sane() and self.time_index.is_sane()
        return sane and self.rules.check_index(
            self.index.entries, self.time_index.entries, self.file.header_at, self._header_of
        )

    def _header_of(self, offset: int) -> BatchHeader | None:
        """Return the header of the batch that holds an offset, None if an index misleads."""
        try:
            found = next(self.places(offset), None)
        except CorruptSegment:
            return None
        return None if found is None else found[1]

    def _read_tail(self) -> None:
        """Find the end and the largest timestamp: the indexes know most of it, a scan the rest.

        Where a header cannot be true, the walk ends: nobody has asked yet what is behind it.
        """
        self.next_offset, self.first_timestamp_ms = self.base_offset, -1
        self.largest = TimeIndexEntry(-1, self.base_offset)
        if self.time_index.entries:
            self.largest = self.time_index.entries[-1]
        start = lookup(self.index.entries, self.largest.offset)
        with suppress(CorruptSegment):
            for _, header in self.file.scan(start):
                if header.max_timestamp_ms > self.largest.timestamp_ms:
                    self.largest = TimeIndexEntry(header.max_timestamp_ms, header.last_offset)
                self.next_offset = header.next_offset
        first = self.file.header_at(0)
        self.first_timestamp_ms = -1 if first is None else first.max_timestamp_ms

    # --- writing, at the end ---------------------------------------------------------------------

    def append(self, batch: RecordBatch, *, now_ms: int) -> int:
        """Write a batch at the end; return the byte where it begins."""
        position = self.size_bytes
        self.disk.write(self.path, position, batch.data)
        self.modified_ms = now_ms
        self.trace.emit(appended_event(batch.header, self.base_offset, position), at_ms=now_ms)
        self.note(position, batch.header)
        return position

    def note(self, position: int, header: BatchHeader, *, is_indexed: bool = False) -> None:
        """Take a batch of the file into account, and into the indexes unless they know it."""
        self._is_written = True
        if header.max_timestamp_ms > self.largest.timestamp_ms:
            self.largest = TimeIndexEntry(header.max_timestamp_ms, header.last_offset)
        if position == 0:
            self.first_timestamp_ms = header.max_timestamp_ms
        if not is_indexed and self.rules.should_index(self._since_entry_bytes, self.config):
            self._add_entries(position, header)
        self.file.size_bytes = position + header.size_bytes
        self._since_entry_bytes += header.size_bytes
        self.next_offset = header.next_offset
        self._last_batch = (header.base_offset, position)

    def _add_entries(self, position: int, header: BatchHeader) -> None:
        entry = self.rules.index_entry(header, position)
        if self.index.is_full or self.time_index.is_full:
            return  # only where old files are indexed anew under a smaller segment.index.bytes
        self.index.append(entry)
        told = IndexEntryAdded(self.base_offset, entry.offset, entry.position)
        self.trace.emit(told, at_ms=self.modified_ms)
        if self.time_index.maybe_append(self.largest):
            self._tell_time(self.largest)
        self._since_entry_bytes = 0

    def _tell_time(self, entry: TimeIndexEntry) -> None:
        told = TimeIndexEntryAdded(self.base_offset, entry.timestamp_ms, entry.offset)
        self.trace.emit(told, at_ms=self.modified_ms)

    # --- finding and reading ---------------------------------------------------------------------

    def places(self, offset: int) -> Iterator[Place]:
        """Yield position and header of the batch that holds `offset`, and of all behind it.

        If none does, they begin with the next one. Offsets that go back, which only damage can
        make, are walked over as Kafka does.

        Raises:
            CorruptSegment: a header on the way cannot be true.

        Source: kafka, clients `FileRecords.searchForOffsetFromPosition`.
        """
        before: Place | None = None
        walk = self.file.scan(self._start_of(offset))
        for place in walk:
            if place[1].base_offset >= offset:
                if before is not None and place[1].base_offset > offset:
                    yield before
                yield place
                yield from walk
                return
            before = place if place[1].last_offset >= offset else None
        if before is not None:
            yield before

    def position_of(self, offset: int) -> int | None:
        """Return the byte of the first of `places`, None if there is none."""
        return next((position for position, _ in self.places(offset)), None)

    def read(self, offset: int, *, max_bytes: int, upto: int | None) -> list[RecordBatch]:
        """Return batches from the one that holds `offset`, none of which reaches beyond `upto`.

        The first comes back even when alone it exceeds `max_bytes`.
        """
        spans: list[Place] = []
        taken = 0
        for place in self.places(offset):
            header = place[1]
            taken += header.size_bytes
            is_beyond = upto is not None and header.next_offset > upto
            if is_beyond or (spans and taken > max_bytes):
                break
            spans.append(place)
            if taken >= max_bytes:
                break
        return self.file.decoded(spans)

    def _start_of(self, offset: int) -> int:
        """Return where to begin to look: at the last batch at once, since followers ask for it."""
        last_offset, last_position = self._last_batch
        if offset == last_offset and last_position < self.size_bytes:  # it was not cut off since
            return last_position
        return self.rules.lookup(self.index.entries, offset)

    def find_timestamp(self, timestamp_ms: int, from_offset: int) -> TimestampedOffset | None:
        """Return the first record at or above `from_offset` that is not older than a time."""
        near = max(self.time_index.lookup(timestamp_ms).offset, from_offset)
        for position, header in self.file.scan(self.rules.lookup(self.index.entries, near)):
            if header.max_timestamp_ms >= timestamp_ms and header.last_offset >= from_offset:
                for record in self.file.batch_at(position, header).records:
                    if record.timestamp_ms >= timestamp_ms and record.offset >= from_offset:
                        epoch = header.partition_leader_epoch
                        return TimestampedOffset(record.timestamp_ms, record.offset, epoch)
        return None

    # --- recovery and truncation -----------------------------------------------------------------

    def begin_rebuild(self, reason: str) -> None:
        """Throw the indexes away; `note` then makes them again, batch by batch."""
        self._forget()
        self.index.reset()
        self.time_index.reset()
        self.aborted.reset()
        self.trace.emit(IndexRebuilt(self.base_offset, reason), at_ms=self.modified_ms)

    def index_again(self, reason: str) -> None:
        """Make both indexes again from batches that are all sound; the rest is as it stands."""
        places = list(self.file.scan())
        self._forget()
        self.index.reset()
        self.time_index.reset()
        self.trace.emit(IndexRebuilt(self.base_offset, reason), at_ms=self.modified_ms)
        for position, header in places:
            self.note(position, header)
        self.seal()

    def empty(self) -> None:
        """Cut the file to nothing, and the indexes with it."""
        self._forget()
        self.disk.truncate(self.path, 0)
        self.index.reset()
        self.time_index.reset()
        self.aborted.reset()

    def keep_only(self, size_bytes: int) -> None:
        """Take the file to end at a byte, wherever the last batch that was noted may end."""
        if size_bytes < self.size_bytes:
            whole = (h.next_offset for at, h in self.file.scan() if at + h.size_bytes <= size_bytes)
            self.next_offset = max(whole, default=self.base_offset)
        self.file.size_bytes = size_bytes

    def truncate_to(self, offset: int, *, now_ms: int) -> None:
        """Cut the segment before the batch that holds `offset`; batches are never cut in two."""
        found = next(self.places(offset), None)
        if found is None:
            return
        position, header = found
        self.disk.truncate(self.path, position)
        self.file.size_bytes, self._since_entry_bytes = position, 0
        self.index.truncate_to(header.base_offset)
        self.time_index.truncate_to(header.base_offset)
        self.aborted.truncate_to(header.base_offset)
        self.modified_ms = now_ms
        self._read_tail()

    def _forget(self) -> None:
        self.file.size_bytes, self.next_offset = 0, self.base_offset
        self.largest = TimeIndexEntry(-1, self.base_offset)
        self.first_timestamp_ms = -1
        self._since_entry_bytes = 0

    # --- looking ---------------------------------------------------------------------------------

    def facts(self, next_offset: int, *, is_active: bool) -> SegmentFacts:
        """Return what the rules of rolling and retention may know."""
        largest_ms = self.largest.timestamp_ms
        return SegmentFacts(
            base_offset=self.base_offset,
            next_offset=next_offset,
            size_bytes=self.size_bytes,
            first_timestamp_ms=self.first_timestamp_ms,
            largest_timestamp_ms=largest_ms if largest_ms >= 0 else self.modified_ms,
            created_ms=self.created_ms,
            offset_index_full=self.index.is_full,
            time_index_full=self.time_index.is_full,
            is_active=is_active,
        )

    def __repr__(self) -> str:
        span = f"offsets {self.base_offset}..{self.next_offset - 1}"
        return f"Segment({span}, {self.size_bytes} B, {len(self.index)} index entries)"
