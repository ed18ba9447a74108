"""The offset index and the time index of a segment, each entry judged against the segment.

An index is a hint: Kafka makes it anew from the segment if it looks wrong. But one that lies while
it looks right sends a reader to the wrong byte (L5).

Source: kafka, storage `OffsetIndex`, `TimeIndex`; KAFKA-806; notes, Part 1 ch 02 §07.
"""

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from kafkabook.base.errors import CorruptMessage
from kafkabook.base.units import bytes_text
from kafkabook.inspect.files import SourceFile
from kafkabook.inspect.findings import Finding, Remark, Row
from kafkabook.log.offset_index import OffsetIndex
from kafkabook.log.time_index import TimeIndex
from kafkabook.records import formats
from kafkabook.records.batch_header import HEADER_BYTES, BatchHeader


class _Slot(NamedTuple):
    at_byte: int
    first: int
    second: int


class Cursor:
    """A walk through the headers of a segment that only goes forward, as index entries do."""

    def __init__(self, log: SourceFile) -> None:
        self._headers = _headers(log)
        self._current = next(self._headers, None)

    def at(self, position: int) -> BatchHeader | None:
        """Return the batch that begins at byte `position`, if one does."""
        while self._current and self._current[0] < position:
            self._current = next(self._headers, None)
        return self._current[1] if self._current and self._current[0] == position else None

    def holding(self, offset: int) -> BatchHeader | None:
        """Return the first batch from here on that ends at `offset` or behind it."""
        while self._current and self._current[1].last_offset < offset:
            self._current = next(self._headers, None)
        return self._current[1] if self._current else None


def offset_index_findings(
    file: SourceFile, base_offset: int, log: SourceFile | None, *, is_live: bool = False
) -> Iterator[Finding]:
    """Yield the entries of an `.index` file.

    Args:
        is_live: entries that point behind the segment, as it was opened, came later.

    Raises:
        CorruptMessage: an entry that no index can hold, or that does not point at a batch.
    """
    cursor, last, joined = Cursor(log) if log else None, (base_offset - 1, -1), 0
    for slot in _slots(file, OffsetIndex.layout):
        offset, position = base_offset + slot.first, slot.second
        if is_live and log is not None and position >= log.size_bytes:
            yield _later(file, slot)
            return
        if offset <= last[0] or position <= last[1]:
            raise CorruptMessage(
                f"offset {offset} at {position} does not follow {last[0]} at {last[1]}",
                at_byte=slot.at_byte,
            )
        if cursor is not None:
            joined += _check_position(cursor, slot.at_byte, offset, position)
        yield Row("offset index", {"file": file.name, "offset": offset, "position": position})
        last = offset, position
    if joined:
        yield Remark(
            f"{file.name}: {joined} entries name the last offset of an append of several batches,"
            " as Kafka up to 4.0.0 wrote them"
        )
    yield from _unused(file, OffsetIndex.layout)


def time_index_findings(
    file: SourceFile, base_offset: int, log: SourceFile | None, *, is_live: bool = False
) -> Iterator[Finding]:
    """Yield the entries of a `.timeindex` file; raises as `offset_index_findings` does."""
    cursor, last = Cursor(log) if log else None, (-1, base_offset)
    for slot in _slots(file, TimeIndex.layout):
        timestamp, offset = slot.first, base_offset + slot.second
        if is_live and cursor is not None and cursor.holding(offset) is None:
            yield _later(file, slot)
            return
        if timestamp <= last[0] or offset < last[1]:
            told = (
                f"timestamp {timestamp} of offset {offset} does not follow {last[0]} of {last[1]}"
            )
            raise CorruptMessage(told, at_byte=slot.at_byte)
        if cursor is not None:
            _check_timestamp(cursor, slot.at_byte, offset, timestamp)
        yield Row("time index", {"file": file.name, "timestamp": timestamp, "offset": offset})
        last = timestamp, offset
    yield from _unused(file, TimeIndex.layout)


def _later(file: SourceFile, slot: _Slot) -> Remark:
    """Say that a broker went on writing behind what is shown of the segment."""
    told = "entries of batches that came since the segment was opened"
    return Remark(f"{file.name}: {told}, from byte {slot.at_byte} on")


def _check_position(cursor: Cursor, at_byte: int, offset: int, position: int) -> bool:
    """Judge an entry; say whether its offset is that of a later batch of the same append."""
    header = cursor.at(position)
    if header is None:
        raise CorruptMessage(
            f"offset {offset} points at byte {position}, where no batch begins", at_byte=at_byte
        )
    if header.last_offset == offset:
        return False
    last = cursor.holding(offset) if header.last_offset < offset else None
    if last is None or last.last_offset != offset:
        told = f"offset {offset} points at batch {header.base_offset}..{header.last_offset}"
        raise CorruptMessage(f"{told}, which does not end there", at_byte=at_byte)
    return True


def _check_timestamp(cursor: Cursor, at_byte: int, offset: int, timestamp: int) -> None:
    header = cursor.holding(offset)
    if header is None or header.base_offset > offset:
        told = f"timestamp {timestamp} names offset {offset}, which no batch holds"
        raise CorruptMessage(told, at_byte=at_byte)
    if header.max_timestamp_ms != timestamp:
        told = f"the batch of offset {offset} has timestamp {header.max_timestamp_ms}"
        raise CorruptMessage(f"{told}, not {timestamp}", at_byte=at_byte)


def _headers(log: SourceFile) -> Iterator[tuple[int, BatchHeader]]:
    """Yield `(position, header)` up to the first that cannot be one; the segment's own affair."""
    at = 0
    while at < log.size_bytes:
        try:
            needed = formats.header_bytes(log.read(at, at + HEADER_BYTES))
            header = formats.read_header(log.read(at, at + max(needed, HEADER_BYTES)))
        except CorruptMessage:
            return
        yield at, header
        at += header.size_bytes


def _slots(file: SourceFile, layout: Struct) -> Iterator[_Slot]:
    """Yield the entries up to the zeros at the end; raise at one that is cut off."""
    for at_byte in range(0, _used_bytes(file, layout), layout.size):
        data = file.read(at_byte, at_byte + layout.size)
        if len(data) < layout.size:
            break
        yield _Slot(at_byte, *layout.unpack(data))
    if over := file.size_bytes % layout.size:
        told = f"{over} bytes are left, an entry takes {layout.size}"
        raise CorruptMessage(told, at_byte=file.size_bytes - over)


def _unused(file: SourceFile, layout: Struct) -> Iterator[Remark]:
    used_bytes = _used_bytes(file, layout)
    if used_bytes < file.size_bytes:
        unused = bytes_text(file.size_bytes - used_bytes)
        yield Remark(f"{file.name}: {unused} of zeros from byte {used_bytes} on, room for entries")


def _used_bytes(file: SourceFile, layout: Struct) -> int:
    """Return where the zeros at the end begin, in whole entries."""
    ends = [at + len(used) for at, data in file.windows() if (used := data.rstrip(b"\0"))]
    return -(-max(ends, default=0) // layout.size) * layout.size
