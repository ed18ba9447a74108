"""The time index: from a timestamp to the offset where a scan for it may begin."""

from bisect import bisect_right
from struct import Struct

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.log.facts import TimeIndexEntry
from kafkabook.log.index_file import IndexFile, InvalidOffset


class TimeIndex(IndexFile[TimeIndexEntry]):
    """A sparse map from timestamps to offsets, in entries of 12 bytes.

    An entry holds the largest timestamp so far and the last offset of the batch where it was first
    met. One slot is kept free, so that rolling can always write the segment's last word.

    >>> from kafkabook.log.disk import MemoryDisk
    >>> index = TimeIndex(MemoryDisk(), "orders-0/00000000000000000018.timeindex", 18, 1000)
    >>> index.reset()
    >>> index.maybe_append(TimeIndexEntry(timestamp_ms=1000, offset=24))
    True
    >>> index.lookup(999), index.lookup(1000).offset
    (TimeIndexEntry(timestamp_ms=-1, offset=18), 24)

    Source: kafka, storage `TimeIndex.java`; KIP-33; notes, Part 1 ch 02 §07.
    """

    layout = Struct(">qi")  # timestamp, offset relative to the segment's base

    @property
    def is_full(self) -> bool:
        """Whether only the slot kept for the last entry is left."""
        return len(self.entries) >= self.max_entries - 1

    def maybe_append(self, entry: TimeIndexEntry, *, is_last: bool = False) -> bool:
        """Add an entry if it is younger than the last one; say whether it was.

        Args:
            is_last: may take the slot that is kept free; for rolling and closing.

        Raises:
            KAFKA_STORAGE_ERROR: the index is full.
            InvalidOffset: the offset goes backwards.
        """
        last = self.entries[-1] if self.entries else TimeIndexEntry(-1, self.base_offset - 1)
        if entry.timestamp_ms <= last.timestamp_ms:
            return False
        if entry.offset < last.offset:
            raise InvalidOffset(f"{self.path}: {entry} does not follow {last}")
        if self.is_full and not is_last:
            raise KafkaError(Errors.KAFKA_STORAGE_ERROR, f"{self.path} is full")
        self._add(entry)
        return True

    def lookup(self, timestamp_ms: int) -> TimeIndexEntry:
        """Return the last entry at or before a time; (-1, base offset) if there is none."""
        floor = bisect_right(self.entries, timestamp_ms, key=lambda entry: entry.timestamp_ms)
        return self.entries[floor - 1] if floor else TimeIndexEntry(-1, self.base_offset)

    def truncate_to(self, offset: int) -> None:
        """Forget the entries at `offset` and above."""
        self._keep(sum(entry.offset < offset for entry in self.entries))

    def _packed(self, entry: TimeIndexEntry) -> bytes:
        return self.layout.pack(entry.timestamp_ms, entry.offset - self.base_offset)

    def _unpacked(self, data: bytes | bytearray, at: int) -> TimeIndexEntry:
        timestamp_ms, relative = self.layout.unpack_from(data, at)
        return TimeIndexEntry(timestamp_ms, self.base_offset + relative)
