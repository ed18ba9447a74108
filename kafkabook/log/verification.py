"""Reading one `.log` file from its beginning: which batches recovery keeps, and which it doubts.

A checksum covers a batch from its attributes on. What it does not hold for ends the segment, there
as in Kafka. Of the 21 bytes before that, the leader that appends writes base offset and leader
epoch, and a flipped bit in these passes the checksum. Kafka does not look further. What surrounds a
batch does tell: the chain of offsets that begins with the file's name, and the leader-epoch
checkpoint. That is a *doubt*: it is told, and nothing is cut for it, unless a reader asks.

The chain of a compacted log has gaps. Where nobody says whether a log was compacted, a gap is
believed if what stands behind it does not contradict it: a batch whose base offset was flipped
upwards reaches into the next one, or beyond the next segment's name. At the very end of a log there
is nobody to ask.

Source: kafka, storage `LogSegment.recover`; the doubts are our own.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from kafkabook.base.errors import CorruptMessage, CorruptSegment, Errors, KafkaError
from kafkabook.base.units import INT32_MAX, MIB
from kafkabook.log.disk import Files
from kafkabook.log.facts import EpochEntry
from kafkabook.log.log_file import Place, whole_header
from kafkabook.records.batch_header import (
    HEADER_BYTES,
    LENGTH_END,
    MAGIC,
    MAGIC_AT,
    BatchHeader,
    is_old,
)
from kafkabook.records.formats import compare_crc, header_bytes, read_header

WINDOW_BYTES = 1 * MIB  # read at once, and more where a batch is larger
RESYNC_BYTES = 16 * MIB  # how far behind damage a whole batch is looked for


class Doubt(NamedTuple):
    """A batch whose checksum holds and whose place is strange.

    `is_gap`: offsets are missing before byte `at_byte`, and whether compaction may have left that
    is not known; the reason then says so.
    """

    at_byte: int
    batch_base: int
    reason: str
    is_gap: bool = False


class OffsetOutsideSegment(CorruptSegment):
    """A batch whose checksum holds, with an offset that no entry of the index could hold."""


class CutOffBatch(CorruptSegment):
    """The file ends inside a batch: a write that a crash cut off, or that is not yet done."""


def verify_segment(
    disk: Files,
    path: str,
    *,
    base_offset: int,
    next_base: int | None = None,
    epochs: Sequence[EpochEntry] = (),
    is_compacted: bool | None = None,
    is_preallocated: bool = False,
    doubted: Callable[[Doubt], None] | None = None,
) -> Iterator[Place]:
    """Yield `(position, header)` of every batch up to the first damage, then raise.

    Args:
        base_offset: from the file's name.
        next_base: base offset of the next segment, None for the last one.
        epochs: the leader-epoch checkpoint; without one epochs must only never fall.
        is_compacted: whether offsets may have gaps, and batches may have lost records; None if
            only the batches themselves can tell.
        is_preallocated: zeros from some byte to the end are room, not damage. Fewer than a header
            takes may as well be the beginning of a base offset, and are told as damage.
        doubted: is told of each doubt, before its batch is yielded; None: a doubt is damage.

    Raises:
        CorruptSegment: names file, byte of the batch, its base offset, reason, the offset up to
            which all is well, and whether whole batches follow (`torn_tail` is then false).
        CutOffBatch: the damage is no more than that the file ends inside a batch.
        OffsetOutsideSegment: the offset lies below the segment, or more than 2147483647 above.
        KAFKA_STORAGE_ERROR: the file cannot be a segment.

    Cost: linear; memory for the largest batch. Behind damage at most 16 MiB are searched.
    """
    size = disk.size(path)
    if size > INT32_MAX:
        raise KafkaError(
            Errors.KAFKA_STORAGE_ERROR,
            f"{path}: {size} bytes, but a segment has at most {INT32_MAX}",
        )
    chain = _Chain(base_offset, next_base, epochs, is_compacted=is_compacted)
    window, at = _Window(disk, path, size), 0
    tell = doubted or _as_damage
    while at < size:
        try:
            header = window.header(at)
            chain.check_offset(header)
            if (doubt := chain.doubt(at, header, window)) is not None:
                tell(doubt)
            chain.take(header)
        except CorruptMessage as error:
            if is_preallocated and window.is_room(at):
                return
            raise _damage(path, window, chain, at, error) from error
        yield at, header
        at += header.size_bytes
    if (doubt := chain.doubt_at_end(at)) is not None:
        try:
            tell(doubt)
        except CorruptMessage as error:
            raise _damage(path, window, chain, at, error) from error


def _as_damage(doubt: Doubt) -> None:
    raise CorruptMessage(doubt.reason)


class _Outside(CorruptMessage):
    """The offset lies outside of what the segment's index can hold."""


class _CutOff(CorruptMessage):
    """The file ends before the batch does."""


_KINDS = {_Outside: OffsetOutsideSegment, _CutOff: CutOffBatch}


class _Window:
    """A part of a file in memory that follows the reader."""

    def __init__(self, disk: Files, path: str, size: int) -> None:
        self.disk, self.path, self.size = disk, path, size
        self.start, self.data = 0, b""

    def header(self, at: int) -> BatchHeader:
        """Return the header of the whole, intact batch at byte `at` of the file."""
        self.hold(at, HEADER_BYTES)
        needed = header_bytes(self.data, at - self.start)
        self.hold(at, min(max(needed, HEADER_BYTES), self.size - at))
        header = whole_header(self.data, at - self.start, self.size - at)
        if header is None:
            raise _CutOff(self._cut_off(at), at_byte=at)
        self.hold(at, header.size_bytes)
        compare_crc(self.data, at - self.start, header)
        return header

    def hold(self, at: int, length: int) -> None:
        """Make bytes `at..at+length` present, as far as the file goes."""
        if at < self.start or at + length > self.start + len(self.data):
            stop = min(at + max(length, WINDOW_BYTES), self.size)
            self.start, self.data = at, self.disk.read(self.path, at, stop)

    def is_room(self, at: int) -> bool:
        """Whether nothing but zeros follows, and enough of them to be no batch's beginning."""
        steps = range(at, self.size, WINDOW_BYTES)
        return self.size - at >= HEADER_BYTES and not any(
            any(self.disk.read(self.path, b, b + WINDOW_BYTES)) for b in steps
        )

    def _cut_off(self, at: int) -> str:
        left = self.size - at
        if left <= MAGIC_AT + 1:
            return f"{left} bytes left, a batch header takes {HEADER_BYTES}"
        begun = self.data[at - self.start + 8 : at - self.start + LENGTH_END]
        whole = LENGTH_END + int.from_bytes(begun, "big")
        return f"a batch of {whole} bytes, {left} are left"


class _Chain:
    """What should be true of a batch because of where it stands."""

    def __init__(
        self,
        base_offset: int,
        next_base: int | None,
        epochs: Sequence[EpochEntry],
        *,
        is_compacted: bool | None,
    ) -> None:
        self.base_offset, self.next_base, self.is_compacted = base_offset, next_base, is_compacted
        self.epochs = epochs
        self.next_offset, self.epoch = base_offset, -1
        self._is_lost = False  # behind a batch with a strange offset any offset may follow
        self._doubted_epoch: int | None = None  # that of a checkpoint which is behind is told once

    def check_offset(self, header: BatchHeader) -> None:
        """Raise `CorruptMessage` if the index cannot hold the batch's offset."""
        if not 0 <= header.last_offset - self.base_offset <= INT32_MAX:
            raise _Outside(
                f"last offset {header.last_offset} in a segment that begins at {self.base_offset}"
            )

    def doubt(self, at: int, header: BatchHeader, window: _Window) -> Doubt | None:
        """Say what is strange about the next batch."""
        found = (
            self._offset_doubt(at, header, window),
            self._magic_doubt(at, header),
            self._count_doubt(at, header),
            self._epoch_doubt(at, header),
        )
        if self.is_compacted is None and proves_compaction(header, self.next_offset):
            self.is_compacted = True if found[0] is None else None
        self._is_lost = found[0] is not None and not found[0].is_gap
        return next((doubt for doubt in found if doubt is not None), None)

    def take(self, header: BatchHeader) -> None:
        """Go on behind the batch."""
        self.next_offset = header.next_offset
        if header.magic >= MAGIC:
            self.epoch = header.partition_leader_epoch

    def doubt_at_end(self, at: int) -> Doubt | None:
        """Say what is missing between the last batch and the next segment."""
        if self.is_compacted or self.next_base in (None, self.next_offset):
            return None
        told = f"the next segment begins at {self.next_base}"
        reason = f"ends before offset {self.next_offset}, {told}"
        return Doubt(at, self.next_offset, reason, is_gap=self.is_compacted is None)

    def _offset_doubt(self, at: int, header: BatchHeader, window: _Window) -> Doubt | None:
        reason = f"base offset {header.base_offset} where {self.next_offset} must follow"
        is_gap = header.base_offset > self.next_offset
        if is_gap and self.is_compacted is None and not self._is_lost:
            return self._gap_doubt(at, header, window, reason)
        is_wrong = header.base_offset < self.next_offset or (is_gap and self.is_compacted is False)
        if is_wrong and not self._is_lost:
            return Doubt(at, header.base_offset, reason)
        end = self.base_offset + INT32_MAX + 1 if self.next_base is None else self.next_base
        if header.next_offset > end:
            told = f"last offset {header.last_offset} reaches beyond the segment"
            return Doubt(at, header.base_offset, f"{told}, which ends at {end}")
        return None

    def _gap_doubt(
        self, at: int, header: BatchHeader, window: _Window, reason: str
    ) -> Doubt | None:
        """Ask what stands behind the batch whether the gap before it can be true."""
        behind, next_base = at + header.size_bytes, self.next_base
        if behind < window.size:
            try:
                next_base = window.header(behind).base_offset
            except CorruptMessage:
                next_base = None
        if next_base is None:
            return Doubt(at, header.base_offset, reason, is_gap=True)
        return Doubt(at, header.base_offset, reason) if header.next_offset > next_base else None

    def _magic_doubt(self, at: int, header: BatchHeader) -> Doubt | None:
        if header.magic <= MAGIC:
            return None
        return Doubt(at, header.base_offset, f"magic {header.magic}, which no consumer takes")

    def _count_doubt(self, at: int, header: BatchHeader) -> Doubt | None:
        offsets = header.last_offset_delta + 1
        if self.is_compacted is not False or header.records_count == offsets:
            return None
        return Doubt(at, header.base_offset, f"{header.records_count} records in {offsets} offsets")

    def _epoch_doubt(self, at: int, header: BatchHeader) -> Doubt | None:
        epoch = header.partition_leader_epoch
        if header.magic < MAGIC:
            return None  # there were no leader epochs
        known = [e.epoch for e in self.epochs if e.start_offset <= header.base_offset]
        if not known:
            told = f"leader epoch {epoch} after {self.epoch}"
            return Doubt(at, header.base_offset, told) if epoch < self.epoch else None
        was_doubted, self._doubted_epoch = self._doubted_epoch, None
        if epoch == known[-1]:
            return None
        self._doubted_epoch = epoch
        if epoch == was_doubted:
            return None
        told = f"the checkpoint says {known[-1]} at {header.base_offset}"
        return Doubt(at, header.base_offset, f"leader epoch {epoch}, {told}")


def proves_compaction(header: BatchHeader, expected_offset: int) -> bool:
    """Say whether a sound batch shows that its log has gaps: before it, in it, or to come."""
    is_thinned = header.records_count <= header.last_offset_delta
    return (
        header.base_offset > expected_offset or is_thinned or header.delete_horizon_ms is not None
    )


def _damage(
    path: str, window: _Window, chain: _Chain, at: int, error: CorruptMessage
) -> CorruptSegment:
    kind = _KINDS.get(type(error), CorruptSegment)
    expected = chain.next_offset
    follows = _message_follows(window, at, expected) or _batch_follows(window, at, expected)
    more = chain.next_base is not None or follows
    return kind(
        path,
        at_byte=at,
        batch_base=chain.next_offset,
        reason=error.reason,
        recovered_upto=chain.next_offset,
        torn_tail=not more,
    )


def _message_follows(window: _Window, at: int, expected: int) -> bool:
    """Say whether a sound message or batch begins where a damaged old message says that it ends."""
    window.hold(at, HEADER_BYTES)
    head = window.data[at - window.start :]
    try:
        return is_old(head) and window.header(at + header_bytes(head)).base_offset >= expected
    except CorruptMessage:
        return False


def _batch_follows(window: _Window, at: int, expected: int) -> bool:
    """Look behind damage for a batch that is whole, intact, and of a plausible offset."""
    stop = min(at + RESYNC_BYTES, window.size)
    data = window.disk.read(window.path, at, stop)
    found = data.find(MAGIC, MAGIC_AT + 1)
    spent = 0  # a bound on checksums, for bytes may be made to look like many batches
    while found >= 0 and spent < 4 * RESYNC_BYTES:
        start = found - MAGIC_AT
        spent += _plausible_bytes(data, start, expected)
        if _is_batch(data, start, expected):
            return True
        found = data.find(MAGIC, found + 1)
    return found >= 0


def _plausible_bytes(data: bytes, at: int, expected: int) -> int:
    length = int.from_bytes(data[at + 8 : at + 12], "big", signed=True)
    base = int.from_bytes(data[at : at + 8], "big", signed=True)
    inside = HEADER_BYTES - 12 <= length <= len(data) - at - 12
    return length if inside and expected <= base <= expected + INT32_MAX else 0


def _is_batch(data: bytes, at: int, expected: int) -> bool:
    if not _plausible_bytes(data, at, expected):
        return False
    try:
        compare_crc(data, at, read_header(data, at))
    except CorruptMessage:
        return False
    return True
