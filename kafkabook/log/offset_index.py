"""The offset index: from an offset to the byte where a scan for it may begin."""

from bisect import bisect_left
from struct import Struct

from kafkabook.log.facts import IndexEntry
from kafkabook.log.index_file import IndexFile, InvalidOffset


class OffsetIndex(IndexFile[IndexEntry]):
    """A sparse map from offsets to byte positions, in entries of 8 bytes.

    An entry holds the last offset of a batch and the byte where that batch begins. Sparse means
    that most batches have none: a lookup finds the floor, a scan of the log does the rest.

    >>> from kafkabook.log.disk import MemoryDisk
    >>> index = OffsetIndex(MemoryDisk(), "orders-0/00000000000000000018.index", 18, 1000)
    >>> index.reset()
    >>> index.append(IndexEntry(offset=24, position=317))
    >>> index.disk.read(index.path, 0, 8).hex()
    '000000060000013d'

    Source: kafka, storage `OffsetIndex.java`; notes, Part 1 ch 02 §07.
    """

    layout = Struct(">ii")  # offset relative to the segment's base, position

    @property
    def is_full(self) -> bool:
        """Whether no entry fits any more."""
        return len(self.entries) >= self.max_entries

    def append(self, entry: IndexEntry) -> None:
        """Add an entry at the end.

        Raises:
            KAFKA_STORAGE_ERROR: the index is full.
            InvalidOffset: the offset does not ascend.
        """
        if self.entries and entry.offset <= self.entries[-1].offset:
            last = self.entries[-1].offset
            raise InvalidOffset(f"{self.path}: offset {entry.offset} does not follow {last}")
        self._add(entry)

    def truncate_to(self, offset: int) -> None:
        """Forget the entries at `offset` and above."""
        self._keep(bisect_left(self.entries, (offset, 0)))

    def _packed(self, entry: IndexEntry) -> bytes:
        return self.layout.pack(entry.offset - self.base_offset, entry.position)

    def _unpacked(self, data: bytes | bytearray, at: int) -> IndexEntry:
        relative, position = self.layout.unpack_from(data, at)
        return IndexEntry(self.base_offset + relative, position)
