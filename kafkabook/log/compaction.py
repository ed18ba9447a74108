"""The log cleaner: of every key the newest record stays, at its offset.

Source: kafka, storage `Cleaner`, `LogCleanerManager`; KIP-58, KIP-354, KIP-534; notes, Part 1
ch 03 §04.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kafkabook.base.names import TopicPartition
from kafkabook.base.shown import Shown
from kafkabook.log.batch_filter import BatchFilter
from kafkabook.log.checkpoints import CLEANER_OFFSETS, read_offsets, write_offsets
from kafkabook.log.cleanable import Cleanable, cleanable, group_segments
from kafkabook.log.cleaned_transactions import CleanedTransactions
from kafkabook.log.events import RecordsCompacted, SegmentsCompacted
from kafkabook.log.isolation import aborted_transactions
from kafkabook.log.offset_map import DEDUPE_BUFFER_BYTES, OffsetMap
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.record_walk import keys_of, payload_of
from kafkabook.log.segment import Segment
from kafkabook.log.segment_swap import begin_cleaned, swap_in
from kafkabook.log.transaction_index import AbortedTransaction
from kafkabook.records.batch_header import read_header
from kafkabook.records.checksum import crc32c
from kafkabook.records.record_decoder import decode_records
from kafkabook.records.scan import scan_headers

Survivor = tuple[int, bytes | None, int | None, int | None]  # see `RecordsCompacted`


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a cleaning did to a log."""

    first_dirty_offset: int
    end_offset: int  # the next cleaning's first dirty offset
    bytes_before: int
    bytes_after: int
    segments_before: int
    segments_after: int


class Cleaner(Shown):
    """One cleaner thread: finds the dirtiest log, and cleans it.

    It remembers where it ended in `cleaner-offset-checkpoint`, on the disk of the log.

    Args:
        dedupe_buffer_bytes: Kafka's `log.cleaner.dedupe.buffer.size` for this thread, in bytes.
        witness: tell the trace which records there were before and after; False saves reading
            every record twice.

    Simplified: a segment is read whole, where Kafka reads through a buffer that a throttle slows
    down.
    Source: kafka, storage `Cleaner`, `LogCleaner`, `LogCleanerManager`.
    """

    def __init__(
        self, *, dedupe_buffer_bytes: int = DEDUPE_BUFFER_BYTES, witness: bool = True
    ) -> None:
        self.dedupe_buffer_bytes, self.witness = dedupe_buffer_bytes, witness

    def cleanable(self, log: PartitionLog, *, now_ms: int) -> Cleanable:
        """Return what the next cleaning of `log` would work on; changes nothing."""
        return cleanable(log, _checkpointed(log), now_ms=now_ms)

    def dirtiest(self, logs: Iterable[PartitionLog], *, now_ms: int) -> PartitionLog | None:
        """Return the compacted log with the highest dirty ratio of those that are due, or None."""
        compacted = [log for log in logs if log.local.config.compacts and log.size_bytes]
        disks = {id(log.local.disk): log.local.disk for log in compacted}
        offsets = {key: read_offsets(disk, CLEANER_OFFSETS) for key, disk in disks.items()}
        due = []
        for log in compacted:
            known = offsets[id(log.local.disk)].get(TopicPartition.parse(log.name))
            found = cleanable(log, known, now_ms=now_ms)
            if found.is_due(log.local.config):
                due.append((found.dirty_ratio, log))
        return max(due, key=lambda ratio_and_log: ratio_and_log[0])[1] if due else None

    def clean(
        self, log: PartitionLog, *, now_ms: int, even_if_not_due: bool = False
    ) -> Cleaned | None:
        """Clean `log` if it is compacted and it is time to; return None if not.

        Args:
            even_if_not_due: clean whatever the dirty ratio; Kafka has no such verb. With nothing
                dirty it looks after tombstones only.

        Raises:
            CorruptMessage: a batch cannot be read; the log is as it was up to its segment.

        Cost: two walks over what is cleaned; memory for one segment and a map of its keys.
        """
        found = self.cleanable(log, now_ms=now_ms)
        is_due = even_if_not_due or found.is_due(log.local.config)
        if not (log.local.config.compacts and is_due):
            return None
        cleaning = _Cleaning(log, found, self.dedupe_buffer_bytes, now_ms)
        before = list(cleaning.survivors()) if self.witness else []
        cleaned = cleaning.run()
        _checkpoint(log, cleaned.end_offset)
        if self.witness:
            self._testify(cleaning, before)
        return cleaned

    def _testify(self, cleaning: "_Cleaning", before: list[Survivor]) -> None:
        local = cleaning.log.local
        told = RecordsCompacted(
            cleaning.found.first_dirty_offset,
            cleaning.end_offset,
            cleaning.active_base,
            tuple(before),
            tuple(cleaning.survivors()),
            local.config.delete_retention_ms,
        )
        local.trace.emit(told, at_ms=cleaning.now_ms)

    def __repr__(self) -> str:
        return f"Cleaner(dedupe_buffer_bytes={self.dedupe_buffer_bytes})"


class _Cleaning:
    """One round over one log: the map first, then group by group."""

    def __init__(
        self, log: PartitionLog, found: Cleanable, dedupe_buffer_bytes: int, now_ms: int
    ) -> None:
        self.log, self.local, self.found, self.now_ms = log, log.local, found, now_ms
        self.active_base = self.local.active.base_offset
        self.map = OffsetMap(dedupe_buffer_bytes, start_offset=found.first_dirty_offset)
        self.transactions = CleanedTransactions()
        self._build_map()
        self.end_offset = self.map.latest_offset + 1
        self.filter = BatchFilter(
            offsets=self.map,
            transactions=self.transactions,
            producers={p.producer_id: p for p in log.producers.snapshot().producers},
            upper_bound=found.first_uncleanable_offset,
            now_ms=now_ms,
            delete_retention_ms=self.local.config.delete_retention_ms,
            rules=self.local.rules,
        )

    def run(self) -> Cleaned:
        """Clean all segments that begin below the end of the map."""
        end = min(self.end_offset, self.found.first_uncleanable_offset)
        old = [s for s in self.local.segments if s.base_offset < end]
        groups = group_segments(old, self.local.config, self.found.first_uncleanable_offset)
        bytes_before = sum(segment.size_bytes for segment in old)
        bytes_after = sum(self._clean_group(group) for group in groups)
        return Cleaned(
            self.found.first_dirty_offset,
            self.end_offset,
            bytes_before,
            bytes_after,
            len(old),
            len(groups),
        )

    def survivors(self) -> Iterator[Survivor]:
        """Yield the records with a say in compaction that the segments hold now."""
        transactions = CleanedTransactions(self._aborted(self.log.log_start, self.end_offset))
        for segment in self.local.segments:
            if segment.base_offset < self.end_offset:
                yield from self._survivors_in(segment, transactions)

    def _survivors_in(
        self, segment: Segment, transactions: CleanedTransactions
    ) -> Iterator[Survivor]:
        data = self._data(segment)
        for at, header in scan_headers(data):
            payload = payload_of(data, at, header)
            if transactions.hides(header, payload):
                continue
            horizon_ms = header.delete_horizon_ms
            for record in decode_records(payload, 0, header):
                if record.key is not None:
                    crc = None if record.value is None else crc32c(record.value)
                    yield record.offset, record.key, crc, horizon_ms

    def _build_map(self) -> None:
        """Learn each key's newest offset, from the first dirty offset on, while there is room."""
        start, end = self.found.first_dirty_offset, self.found.first_uncleanable_offset
        dirty = self._segments_between(start, end)
        transactions = CleanedTransactions(self._aborted(start, end))
        next_bases = [*(segment.base_offset for segment in dirty[1:]), end]
        for segment, next_base in zip(dirty, next_bases, strict=False):
            if not self._map_segment(segment, transactions):
                return
            self.map.latest_offset = max(self.map.latest_offset, next_base - 1)

    def _map_segment(self, segment: Segment, transactions: CleanedTransactions) -> bool:
        data = self._data(segment)
        for at, header in scan_headers(data):
            payload = payload_of(data, at, header)
            is_read = header.last_offset >= self.map.start_offset
            if not transactions.hides(header, payload) and is_read:
                found = keys_of(payload, header)
                if not self.map.put(found.keys, found.offsets):
                    return False
            self.map.latest_offset = max(self.map.latest_offset, header.last_offset)
        return True

    def _clean_group(self, group: list[Segment]) -> int:
        """Write what is left of a group into one new segment, and put that in its place."""
        cleaned = begin_cleaned(self.local, group[0].base_offset, now_ms=self.now_ms)
        for segment in group:
            end = self._end_of(segment)
            self.transactions.expect(self._aborted(segment.base_offset, end))
            _append(cleaned, list(self.filter.kept(self._data(segment), end - 1)))
        for entry in self.transactions.still_aborted:
            cleaned.aborted.append(entry)
        self.transactions.still_aborted.clear()
        swap_in(self.local, cleaned, group, now_ms=self.now_ms)
        self._tell(group, cleaned)
        return cleaned.size_bytes

    def _tell(self, group: list[Segment], new: Segment) -> None:
        batches = tuple((header.last_offset, position) for position, header in new.file.scan())
        told = SegmentsCompacted(
            tuple(segment.base_offset for segment in group),
            new.base_offset,
            sum(segment.size_bytes for segment in group),
            new.size_bytes,
            self.active_base,
            batches,
        )
        self.local.trace.emit(told, at_ms=self.now_ms)

    def _end_of(self, segment: Segment) -> int:
        """Where the next segment begins, for the offsets behind its last batch are its own too."""
        bases = [s.base_offset for s in self.local.segments if s.base_offset > segment.base_offset]
        return min(bases, default=segment.next_offset)

    def _segments_between(self, start: int, end: int) -> list[Segment]:
        if start >= end:
            return []
        first = self.local.index_of(start)
        return [s for s in self.local.segments[first:] if s.base_offset < end]

    def _aborted(self, start: int, end: int) -> tuple[AbortedTransaction, ...]:
        indexes = (s.aborted for s in self.local.segments[self.local.index_of(start) :])
        return aborted_transactions(indexes, start, end)

    def _data(self, segment: Segment) -> bytes:
        return self.local.disk.read(segment.path, 0, segment.size_bytes)


def _append(cleaned: Segment, batches: list[bytes]) -> None:
    """Write all at once, then take batch by batch into the indexes."""
    position = cleaned.size_bytes
    cleaned.disk.write(cleaned.path, position, b"".join(batches))
    for batch in batches:
        cleaned.note(position, read_header(batch))
        position += len(batch)


def _checkpointed(log: PartitionLog) -> int | None:
    offsets = read_offsets(log.local.disk, CLEANER_OFFSETS)
    return offsets.get(TopicPartition.parse(log.name))


def _checkpoint(log: PartitionLog, offset: int) -> None:
    offsets = read_offsets(log.local.disk, CLEANER_OFFSETS)
    offsets[TopicPartition.parse(log.name)] = offset
    write_offsets(log.local.disk, CLEANER_OFFSETS, offsets)
