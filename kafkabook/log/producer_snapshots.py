"""The bytes of a `.snapshot` file: one line per producer, so that recovery need not read the log.

Source: kafka, storage `ProducerStateManager.writeSnapshot`; notes, Part 1 ch 02 §08.
"""

import struct
from collections.abc import Iterable

from kafkabook.base.errors import CorruptMessage
from kafkabook.log.producer_entry import BatchMetadata, ProducerEntry
from kafkabook.records.checksum import crc32c

SNAPSHOT_VERSION = 1
ENTRY_BYTES = 46
_HEAD = struct.Struct(">hIi")  # version, CRC-32C of what follows the checksum, entries
_COUNT = struct.Struct(">i")
_ENTRY = struct.Struct(">qhiqiqiq")
_CHECKED_FROM = 6  # byte


def write_snapshot(entries: Iterable[ProducerEntry]) -> bytes:
    """Return the file for `entries`, in their order; of each only the last batch is kept.

    >>> write_snapshot([]).hex()
    '000148674bc700000000'
    """
    lines = [_line(entry) for entry in entries]
    checked = _COUNT.pack(len(lines)) + b"".join(lines)
    return _HEAD.pack(SNAPSHOT_VERSION, crc32c(checked), len(lines)) + checked[_COUNT.size :]


def read_snapshot(data: bytes, *, file: str = "producer snapshot") -> tuple[ProducerEntry, ...]:
    """Read the file's entries in their order.

    Raises:
        CorruptMessage: not a snapshot of version 1 whose checksum holds; names the file, the byte
            and the reason.
    """
    if (fault := _fault(data)) is not None:
        at_byte, reason = fault
        raise CorruptMessage(f"{file}: {reason}", at_byte=at_byte)
    return tuple(_entry(line) for line in _ENTRY.iter_unpack(data[_HEAD.size :]))


def _fault(data: bytes) -> tuple[int, str] | None:
    if len(data) < _HEAD.size:
        return len(data), f"{len(data)} bytes, the head of a snapshot takes {_HEAD.size}"
    version, crc, count = _HEAD.unpack_from(data)
    if version != SNAPSHOT_VERSION:
        return 0, f"version {version}, expected {SNAPSHOT_VERSION}"
    if count < 0:
        return _CHECKED_FROM, f"{count} producers"
    if len(data) != (expected := _HEAD.size + count * ENTRY_BYTES):
        return min(len(data), expected), f"{len(data)} bytes, {count} producers take {expected}"
    if (found := crc32c(data[_CHECKED_FROM:])) != crc:
        return 2, f"checksum {crc:08x}, but the bytes from {_CHECKED_FROM} give {found:08x}"
    return None


def _line(entry: ProducerEntry) -> bytes:
    delta = entry.batches[-1].offset_delta if entry.batches else 0
    first_offset = -1 if entry.first_offset is None else entry.first_offset
    return _ENTRY.pack(
        entry.producer_id,
        entry.epoch,
        entry.last_sequence,
        entry.last_data_offset,
        delta,
        entry.last_timestamp_ms,
        entry.coordinator_epoch,
        first_offset,
    )


def _entry(line: tuple[int, ...]) -> ProducerEntry:
    producer_id, epoch, sequence, offset, delta, when_ms, coordinator_epoch, first = line
    batches = (BatchMetadata(sequence, offset, delta, when_ms),) if offset >= 0 else ()
    first_offset = None if first < 0 else first
    return ProducerEntry(producer_id, epoch, batches, coordinator_epoch, when_ms, first_offset)
