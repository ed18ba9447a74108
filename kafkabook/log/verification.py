"""A strict reading of one `.log` file: every batch that is true, then the first damage, named.

A checksum covers a batch from its attributes on. Of the 21 bytes before that, the leader that
appends writes base offset and leader epoch, and a flipped bit in these passes the checksum. What
catches it is what surrounds the batch: the chain of offsets that begins with the file's name, and
the leader-epoch checkpoint.

The chain of a compacted log has gaps. Where nobody says whether a log was compacted, a gap is
believed if what stands behind it does not contradict it: a batch whose base offset was flipped
upwards reaches into the next one, or beyond the next segment's name. At the very end of a log there
is nobody to ask, and a gap counts as damage.

Source: kafka, storage `LogSegment.recover` checks less; the chain and the epochs are our own.
"""

from collections.abc import Iterator, Sequence

from kafkabook.base.errors import CorruptMessage, CorruptSegment, Errors, KafkaError
from kafkabook.base.units import INT32_MAX, MIB
from kafkabook.log.disk import Files
from kafkabook.log.facts import EpochEntry
from kafkabook.log.log_file import Place
from kafkabook.records.batch_header import (
    HEADER_BYTES,
    MAGIC,
    MAGIC_AT,
    BatchHeader,
    is_old,
)
from kafkabook.records.formats import compare_crc, header_bytes, read_header

WINDOW_BYTES = 1 * MIB  # read at once, and more where a batch is larger
RESYNC_BYTES = 16 * MIB  # how far behind damage a whole batch is looked for


def verify_segment(
    disk: Files,
    path: str,
    *,
    base_offset: int,
    next_base: int | None = None,
    epochs: Sequence[EpochEntry] = (),
    is_compacted: bool | None = None,
    is_preallocated: bool = False,
) -> Iterator[Place]:
    """Yield `(position, header)` of every batch of a segment, then raise at the first damage.

    Args:
        base_offset: from the file's name.
        next_base: base offset of the next segment, None for the last one.
        epochs: the leader-epoch checkpoint; without one epochs must only never fall.
        is_compacted: whether offsets may have gaps, and batches may have lost records; None if
            only the batches themselves can tell.
        is_preallocated: zeros from some byte to the end are room, not damage. Fewer than a header
            takes may as well be the beginning of a base offset, and are told as damage.

    Raises:
        CorruptSegment: names file, byte of the batch, its base offset, reason, the offset up to
            which all is well, and whether whole batches follow (`torn_tail` is then false).
        KAFKA_STORAGE_ERROR: the file cannot be a segment.

    Cost: linear; memory for the largest batch. Behind damage at most 16 MiB are searched.
    """
    size = disk.size(path)
    if size > INT32_MAX:
        raise KafkaError(
            Errors.KAFKA_STORAGE_ERROR,
            f"{path}: {size} bytes, but a segment has at most {INT32_MAX}",
        )
    strict = _Strict(base_offset, next_base, epochs, is_compacted=is_compacted)
    window, at = _Window(disk, path, size), 0
    while at < size:
        try:
            header = window.header(at)
            if strict.is_doubtful(header) and _is_contradicted(header, window, at, next_base):
                raise CorruptMessage(strict.misplaced(header))
            strict.judge(header)
        except CorruptMessage as error:
            if is_preallocated and window.is_room(at):
                return
            raise _damage(path, window, strict, at, error) from error
        yield at, header
        at += header.size_bytes
    if (reason := strict.gap_at_end()) is not None:
        raise _damage(path, window, strict, at, CorruptMessage(reason))


class _Window:
    """A part of a file in memory that follows the reader."""

    def __init__(self, disk: Files, path: str, size: int) -> None:
        self.disk, self.path, self.size = disk, path, size
        self.start, self.data = 0, b""

    def header(self, at: int) -> BatchHeader:
        """Return the header of the whole, intact batch at byte `at` of the file."""
        self.hold(at, HEADER_BYTES)
        if is_old(self.data, at - self.start):
            self._hold_whole(at, header_bytes(self.data, at - self.start))
        header = read_header(self.data, at - self.start)
        self._hold_whole(at, header.size_bytes)
        compare_crc(self.data, at - self.start, header)
        return header

    def _hold_whole(self, at: int, length: int) -> None:
        if at + length > self.size:
            left = f"{self.size - at} are left"
            raise CorruptMessage(f"a batch of {length} bytes, {left}", at_byte=at)
        self.hold(at, length)

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


class _Strict:
    """What must be true of a batch because of where it stands."""

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

    def is_doubtful(self, header: BatchHeader) -> bool:
        """Whether there is a gap before the batch that may be one of compaction, or a lie."""
        return self.is_compacted is None and header.base_offset > self.next_offset

    def judge(self, header: BatchHeader) -> None:
        """Take the next batch, or raise `CorruptMessage` with the reason why it cannot be next."""
        if (reason := self._fault(header)) is not None:
            raise CorruptMessage(reason)
        if self.is_compacted is None and proves_compaction(header, self.next_offset):
            self.is_compacted = True
        self.next_offset = header.next_offset
        self.epoch = max(self.epoch, header.partition_leader_epoch)

    def gap_at_end(self) -> str | None:
        """Say what is missing between the last batch and the next segment."""
        if self.is_compacted or self.next_base in (None, self.next_offset):
            return None
        return f"ends before offset {self.next_offset}, the next segment begins at {self.next_base}"

    def misplaced(self, header: BatchHeader) -> str:
        """Say that the batch does not go on where the one before it ended."""
        return f"base offset {header.base_offset} where {self.next_offset} must follow"

    def _fault(self, header: BatchHeader) -> str | None:
        is_gap = header.base_offset > self.next_offset
        if header.base_offset < self.next_offset or (is_gap and self.is_compacted is False):
            return self.misplaced(header)
        end = self.base_offset + INT32_MAX + 1 if self.next_base is None else self.next_base
        if header.next_offset > end:
            return (
                f"last offset {header.last_offset} reaches beyond the segment, which ends at {end}"
            )
        if self.is_compacted is False and header.records_count != header.last_offset_delta + 1:
            return f"{header.records_count} records in {header.last_offset_delta + 1} offsets"
        return self._epoch_fault(header)

    def _epoch_fault(self, header: BatchHeader) -> str | None:
        epoch = header.partition_leader_epoch
        if header.magic < MAGIC:
            return None  # there were no leader epochs
        known = [e.epoch for e in self.epochs if e.start_offset <= header.base_offset]
        if known and epoch != known[-1]:
            return f"leader epoch {epoch}, the checkpoint says {known[-1]} at {header.base_offset}"
        if epoch < self.epoch:
            return f"leader epoch {epoch} after {self.epoch}"
        return None


def proves_compaction(header: BatchHeader, expected_offset: int) -> bool:
    """Say whether a sound batch shows that its log has gaps: before it, in it, or to come."""
    is_thinned = header.records_count <= header.last_offset_delta
    return (
        header.base_offset > expected_offset or is_thinned or header.delete_horizon_ms is not None
    )


def _is_contradicted(header: BatchHeader, window: _Window, at: int, next_base: int | None) -> bool:
    """Whether a gap before the batch at a byte has no witness in what stands behind the batch."""
    behind = at + header.size_bytes
    if behind < window.size:
        try:
            next_base = window.header(behind).base_offset
        except CorruptMessage:
            return True
    return next_base is None or header.next_offset > next_base


def _damage(
    path: str, window: _Window, strict: _Strict, at: int, error: CorruptMessage
) -> CorruptSegment:
    expected = strict.next_offset
    follows = _message_follows(window, at, expected) or _batch_follows(window, at, expected)
    more = strict.next_base is not None or follows
    return CorruptSegment(
        path,
        at_byte=at,
        batch_base=strict.next_offset,
        reason=error.reason,
        recovered_upto=strict.next_offset,
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
