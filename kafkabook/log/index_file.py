"""What the offset index and the time index share: entries of one size in a preallocated file.

Source: kafka, storage `AbstractIndex.java`.
"""

from abc import abstractmethod
from collections.abc import Sequence
from struct import Struct
from typing import Generic, TypeVar

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.shown import Shown
from kafkabook.log.disk import Disk

BLOCK_ENTRIES = 4096  # read at once

Entry = TypeVar("Entry", bound=tuple[int, int])


class InvalidOffset(KafkaError):
    """An entry that does not follow the last one; Kafka's `InvalidOffsetException`."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Errors.KAFKA_STORAGE_ERROR, sentence)


class IndexFile(Shown, Generic[Entry]):
    """A file of ascending entries, kept in memory too.

    A new file is as long as it may ever get, rounded down to whole entries and filled with zeros;
    `trim` cuts it to what is used, when its segment is rolled or cleanly closed.

    Args:
        disk, path: where it lives.
        base_offset: of its segment; entries hold offsets relative to it.
        max_bytes: Kafka's `segment.index.bytes`.

    Simplified: Kafka maps the file into memory and searches its last 8 KiB first.
    """

    layout: Struct

    def __init__(self, disk: Disk, path: str, base_offset: int, max_bytes: int) -> None:
        self.disk, self.path, self.base_offset = disk, path, base_offset
        self.max_entries = max_bytes // self.layout.size
        self.entries: list[Entry] = []

    def load(self) -> None:
        """Read the entries of an existing file; zeros at its end are room, not entries."""
        size, data = self.layout.size, bytearray()
        for at in range(0, self.disk.size(self.path), BLOCK_ENTRIES * size):
            data += self.disk.read(self.path, at, at + BLOCK_ENTRIES * size)
            if not any(data[-size:]):
                break  # the rest is room, of which there may be 10 MiB
        used = min(-(-len(data.rstrip(b"\0")) // size), len(data) // size)
        self.entries = [self._unpacked(data, i * size) for i in range(used)]

    def is_sane(self) -> bool:
        """Whether the file is whole entries, ascending in both columns."""
        whole = self.disk.size(self.path) % self.layout.size == 0
        pairs = zip(self.entries, self.entries[1:], strict=False)
        return whole and all(a[0] < b[0] and a[1] < b[1] for a, b in pairs)

    def distrust(self) -> None:
        """Do without the entries that the file holds, and leave it as it is.

        It counts as full then, so its segment takes no more batches.
        """
        self.entries, self.max_entries = [], 0

    def reset(self, entries: Sequence[Entry] = ()) -> None:
        """Hold exactly `entries`, in a file of full size, as a new active segment has it."""
        self.entries = list(entries)
        used = b"".join(map(self._packed, self.entries))
        if self.disk.exists(self.path):
            self.disk.truncate(self.path, 0)
        self.disk.preallocate(self.path, self.max_entries * self.layout.size)
        if used:
            self.disk.write(self.path, 0, used)

    def make_room(self) -> None:
        """Give the file its full size again, as the index of an active segment has it.

        Raises:
            KAFKA_STORAGE_ERROR: it is longer than that; Kafka does not open such a log.
        """
        if not self.max_entries:
            return  # it is distrusted, and stays as it is
        size = self.disk.size(self.path)
        if size // self.layout.size > self.max_entries:
            raise KafkaError(
                Errors.KAFKA_STORAGE_ERROR,
                f"{self.path}: {size} bytes, but segment.index.bytes lets it have"
                f" {self.max_entries * self.layout.size}. Kafka does not open a log with such an"
                " index; remove the file, and it is made anew",
            )
        self.disk.truncate(self.path, self.max_entries * self.layout.size)
        self.disk.preallocate(self.path, self.max_entries * self.layout.size)

    def trim(self) -> None:
        """Cut the file to the entries that are used."""
        if not self.max_entries:
            return
        self.disk.truncate(self.path, len(self.entries) * self.layout.size)

    def flush(self) -> None:
        """Bring the entries to the platter."""
        self.disk.flush(self.path)

    def _add(self, entry: Entry) -> None:
        if len(self.entries) >= self.max_entries:
            raise KafkaError(
                Errors.KAFKA_STORAGE_ERROR, f"{self.path} is full: {self.max_entries} entries"
            )
        self.disk.write(self.path, len(self.entries) * self.layout.size, self._packed(entry))
        self.entries.append(entry)

    def _keep(self, count: int) -> None:
        if count < len(self.entries):
            self.reset(self.entries[:count])

    @abstractmethod
    def _packed(self, entry: Entry) -> bytes:
        """Return the bytes of one entry."""

    @abstractmethod
    def _unpacked(self, data: bytes | bytearray, at: int) -> Entry:
        """Return the entry at byte `at`."""

    def __len__(self) -> int:
        return len(self.entries)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.path!r}, {len(self)} of {self.max_entries} entries)"
