"""The `.log` file of a segment: whole batches, one behind the other, and nothing else.

Source: kafka, clients `FileRecords.java`.
"""

from collections.abc import Iterator

from kafkabook.base.errors import CorruptMessage, CorruptSegment
from kafkabook.base.shown import Shown
from kafkabook.log.disk import Disk
from kafkabook.log.events import BatchAppended
from kafkabook.log.rules import LogRules
from kafkabook.records import formats
from kafkabook.records.batch_header import (
    HEADER,
    HEADER_BYTES,
    LENGTH_END,
    MAGIC,
    MAGIC_AT,
    BatchHeader,
    Bytes,
    is_old,
)
from kafkabook.records.record_batch import RecordBatch

CHUNK_BYTES = 64 * 1024  # read ahead while walking from header to header
Place = tuple[int, BatchHeader]  # the byte where a batch begins, and its header


class LogFile(Shown):
    """Batches in a file, read in place.

    Args:
        disk, path: the file.
        base_offset: in its name, and the offset of its first batch.
        rules: the part `decode_batch`.
    """

    def __init__(self, disk: Disk, path: str, base_offset: int, rules: LogRules) -> None:
        self.disk, self.path, self.base_offset, self.rules = disk, path, base_offset, rules
        self.size_bytes = 0

    def scan(self, position: int = 0) -> Iterator[Place]:
        """Yield `(position, header)` of every batch from byte `position`, which begins one.

        A batch that reaches beyond the end of the file ends the walk, as in Kafka.

        Raises:
            CorruptSegment: a header cannot be true.
        """
        data, start, offset = b"", position, self.base_offset
        while position < self.size_bytes:
            held, needed = start + len(data) - position, HEADER_BYTES
            if held >= HEADER_BYTES:
                needed = formats.header_bytes(data, position - start)
            if held < needed and start + len(data) < self.size_bytes:
                data, start = self._chunk(position), position
            try:
                header = whole_header(data, position - start, self.size_bytes - position)
            except CorruptMessage as error:
                raise self.damage(error.reason, position, offset) from error
            if header is None:
                return
            yield position, header
            offset, position = header.next_offset, position + header.size_bytes

    def batch_at(self, position: int, header: BatchHeader) -> RecordBatch:
        """Return the batch whose place `scan` told."""
        return self.decoded([(position, header)])[0]

    def unchecked_at(self, position: int, header: BatchHeader) -> RecordBatch:
        """Return the batch whose place `scan` told, with a checksum that nobody compares."""
        data = self.disk.read(self.path, position, position + header.size_bytes)
        return formats.batch_of(_as_magic_2(data) if data[MAGIC_AT] > MAGIC else data, header)

    def header_at(self, position: int) -> BatchHeader | None:
        """Return the header of the batch that begins at a byte, None if none does."""
        try:
            return next(self.scan(position))[1] if position >= 0 else None
        except (CorruptSegment, StopIteration):
            return None

    def decoded(self, spans: list[Place]) -> list[RecordBatch]:
        """Return the batches at neighbouring places, read at once.

        Raises:
            CorruptSegment: a batch is damaged.
        """
        if not spans:
            return []
        start, end = spans[0][0], spans[-1][0] + spans[-1][1].size_bytes
        data = self.disk.read(self.path, start, end)
        batches: list[RecordBatch] = []
        for position, header in spans:
            try:
                batches.append(self._decode(data, position - start))
            except CorruptMessage as error:
                raise self.damage(error.reason, position, header.base_offset) from error
        return batches

    def _decode(self, data: bytes, at: int) -> RecordBatch:
        return formats.decode(data, at, decode_batch=self.rules.decode_batch)

    def _chunk(self, start: int) -> bytes:
        """Read ahead from a byte, at least what the header there needs."""
        data = self.disk.read(self.path, start, min(start + CHUNK_BYTES, self.size_bytes))
        if (needed := formats.header_bytes(data)) <= len(data):
            return data
        return self.disk.read(self.path, start, min(start + needed, self.size_bytes))

    def damage(self, reason: str, position: int, offset: int = -1) -> CorruptSegment:
        """Return the error that names a batch of this file."""
        return CorruptSegment(
            self.path,
            at_byte=position,
            batch_base=offset,
            reason=reason,
            recovered_upto=offset,
            torn_tail=False,
        )


def whole_header(data: Bytes, at: int, left_bytes: int) -> BatchHeader | None:
    """Return the header of the batch at byte `at`; None if the file ends before the batch does.

    Nothing but its length is judged: a checksum is behind all else, and may not have been asked
    for. That goes for the magic, too, which the checksum does not cover: one above 2 is read as 2.

    Args:
        left_bytes: from there to the end of the file, of which `data` holds the header at least.

    Raises:
        CorruptMessage: the length cannot be true.

    Source: kafka, clients `FileLogInputStream.nextBatch`.
    """
    if left_bytes <= MAGIC_AT + 1:
        return None
    length = int.from_bytes(data[at + 8 : at + LENGTH_END], "big", signed=True)
    if length > left_bytes - LENGTH_END:
        return None
    if is_old(data, at) or length < HEADER_BYTES - LENGTH_END:
        return formats.read_header(data, at)
    return tuple.__new__(BatchHeader, HEADER.unpack_from(data, at))


def _as_magic_2(batch: Bytes) -> bytes:
    return bytes(batch[:MAGIC_AT]) + bytes([MAGIC]) + bytes(batch[MAGIC_AT + 1 :])


def appended_event(header: BatchHeader, segment_base: int, position: int) -> BatchAppended:
    """Return what the trace is told of a batch that was written at a byte of a segment."""
    return BatchAppended(
        header.base_offset,
        header.last_offset,
        segment_base,
        position,
        header.size_bytes,
        header.partition_leader_epoch,
        header.max_timestamp_ms,
        header.producer_id,
        header.producer_epoch,
        header.base_sequence,
        header.is_control,
    )
