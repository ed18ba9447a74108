"""The `.txnindex` file of a segment: the aborted transactions that end in it.

Source: KIP-98; kafka, storage `TransactionIndex`, `AbortedTxn`; notes, Part 1 ch 02 §09.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from kafkabook.base.errors import CorruptMessage, Errors, KafkaError
from kafkabook.base.phrases import offsets_text
from kafkabook.base.shown import Shown
from kafkabook.log.disk import Disk
from kafkabook.log.producer_state import CompletedTransaction

ENTRY_BYTES = 34
ENTRY_VERSION = 0
_ENTRY = struct.Struct(">hqqqq")


class AbortedTransaction(NamedTuple):
    """One entry: whose records, between which offsets, and what was stable once it was decided."""

    producer_id: int
    first_offset: int
    last_offset: int  # of the ABORT marker
    last_stable_offset: int

    def _repr_pretty_(self, printer: Any, _is_cyclic: bool) -> None:
        """Show a notebook a sentence; `repr` has every field."""
        span = offsets_text(self.first_offset, self.last_offset)
        printer.text(f"producer {self.producer_id} aborted the transaction of {span}")


class AbortedSearch(NamedTuple):
    """What one segment's index knows of a fetch."""

    aborted: tuple[AbortedTransaction, ...]
    is_complete: bool  # true: no later segment can add to it


def index_entry(completed: CompletedTransaction) -> AbortedTransaction:
    """Return what the index keeps of an aborted transaction: the rule as a part."""
    return AbortedTransaction(
        completed.producer_id,
        completed.first_offset,
        completed.last_offset,
        completed.last_stable_offset,
    )


class TransactionIndex(Shown):
    """The aborted transactions of one segment, by the offset of their markers.

    The file comes into being with its first entry, so most segments have none; one that has lost
    all its entries stays, empty. Nothing is kept in memory: an entry is read from the disk.

    Args:
        disk, path: where the file is, or will be.

    Source: kafka, storage `TransactionIndex`.
    """

    def __init__(self, disk: Disk, path: str) -> None:
        self.disk, self.path = disk, path

    def append(self, entry: AbortedTransaction) -> None:
        """Add an entry.

        Raises:
            ValueError: its marker does not lie behind that of the last entry.
        """
        last_offset = self._last_offset()
        if entry.last_offset <= last_offset:
            raise ValueError(f"{entry} does not end behind {last_offset}, the last in {self.path}")
        self.disk.append(self.path, _ENTRY.pack(ENTRY_VERSION, *entry))

    def __iter__(self) -> Iterator[AbortedTransaction]:
        return iter(read_transaction_index(self._data(), file=self.path))

    def __len__(self) -> int:
        return self.disk.size(self.path) // ENTRY_BYTES if self.disk.exists(self.path) else 0

    def __repr__(self) -> str:
        return f"TransactionIndex({self.path!r}, {len(self)} entries)"

    def aborted_in(self, from_offset: int, upper_offset: int) -> AbortedSearch:
        """Return the aborted transactions that touch `from_offset <= offset < upper_offset`.

        The scan stops at the first entry whose last stable offset reaches the upper bound, for
        when that one ended, everything below the bound was decided.
        """
        return aborted_in(self, from_offset, upper_offset)

    def truncate_to(self, offset: int) -> None:
        """Drop the entries whose marker is at `offset` or behind it."""
        kept = sum(entry.last_offset < offset for entry in self)
        if kept < len(self):
            self.disk.truncate(self.path, kept * ENTRY_BYTES)

    def reset(self) -> None:
        """Drop all entries, for a recovery is going to make them anew."""
        if self.disk.exists(self.path):
            self.disk.truncate(self.path, 0)

    def is_sane(self, start_offset: int) -> bool:
        """Whether no marker lies below the segment, which begins at `start_offset`.

        Half an entry at the end is none; Kafka looks for nothing else.

        Raises:
            KAFKA_STORAGE_ERROR: an entry in a version from the future.
        """
        whole = self._data()
        for at in range(0, len(whole) - ENTRY_BYTES + 1, ENTRY_BYTES):
            version, *fields = _ENTRY.unpack_from(whole, at)
            if version > ENTRY_VERSION:
                raise KafkaError(
                    Errors.KAFKA_STORAGE_ERROR,
                    f"{self.path}: an entry of version {version} at byte {at}, and none above"
                    f" {ENTRY_VERSION} is known. Kafka does not open the log; remove the file, and"
                    " it is made anew",
                )
            if AbortedTransaction(*fields).last_offset < start_offset:
                return False
        return True

    def _data(self) -> bytes:
        return self.disk.read(self.path) if self.disk.exists(self.path) else b""

    def _last_offset(self) -> int:
        size_bytes = len(self) * ENTRY_BYTES
        if not size_bytes:
            return -1
        line = self.disk.read(self.path, size_bytes - ENTRY_BYTES, size_bytes)
        return AbortedTransaction(*_ENTRY.unpack(line)[1:]).last_offset


def aborted_in(
    entries: Iterable[AbortedTransaction], from_offset: int, upper_offset: int
) -> AbortedSearch:
    """Do what `TransactionIndex.aborted_in` does, over entries that come from anywhere."""
    found: list[AbortedTransaction] = []
    for entry in entries:
        if entry.last_offset >= from_offset and entry.first_offset < upper_offset:
            found.append(entry)
        if entry.last_stable_offset >= upper_offset:
            return AbortedSearch(tuple(found), is_complete=True)
    return AbortedSearch(tuple(found), is_complete=False)


def read_transaction_index(
    data: bytes, *, file: str = "transaction index"
) -> tuple[AbortedTransaction, ...]:
    """Read the whole file.

    Raises:
        CorruptMessage: a cut entry, an unknown version, markers out of order, or a transaction that
            ends before it begins; names the file, the byte and the reason.
    """
    if over := len(data) % ENTRY_BYTES:
        reason = f"{over} bytes are left, an entry takes {ENTRY_BYTES}"
        raise CorruptMessage(f"{file}: {reason}", at_byte=len(data) - over)
    entries: list[AbortedTransaction] = []
    for at_byte, (version, *fields) in zip(
        range(0, len(data), ENTRY_BYTES), _ENTRY.iter_unpack(data), strict=True
    ):
        entry = AbortedTransaction(*fields)
        if (fault := _fault(version, entry, entries)) is not None:
            raise CorruptMessage(f"{file}: {fault}", at_byte=at_byte)
        entries.append(entry)
    return tuple(entries)


def _fault(version: int, entry: AbortedTransaction, before: list[AbortedTransaction]) -> str | None:
    if version != ENTRY_VERSION:
        return f"version {version}, expected {ENTRY_VERSION}"
    if not 0 <= entry.first_offset <= entry.last_offset:
        return f"{entry} ends before it begins"
    if before and entry.last_offset <= before[-1].last_offset:
        return f"{entry} does not end behind the entry before it"
    return None
