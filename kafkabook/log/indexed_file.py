"""A `.log` file with the indexes beside it: where an offset is, and where a time.

Source: kafka, storage `LogSegment.java`; notes, Part 1 ch 02 §07.
"""

from collections.abc import Iterator

from kafkabook.base.errors import CorruptSegment
from kafkabook.log.disk import Disk
from kafkabook.log.facts import TimestampedOffset
from kafkabook.log.log_file import LogFile, Place
from kafkabook.log.offset_index import OffsetIndex
from kafkabook.log.rules import LogRules
from kafkabook.log.time_index import TimeIndex
from kafkabook.log.transaction_index import TransactionIndex
from kafkabook.records.batch_header import BatchHeader
from kafkabook.records.record_batch import RecordBatch

SUFFIXES = (".log", ".index", ".timeindex", ".txnindex")


class IndexedFile(LogFile):
    """The reading half of a `Segment`.

    Args:
        disk: where its files are.
        stem: their path without the suffix.
        base_offset: in their name.
        index_bytes: Kafka's `segment.index.bytes`.
        rules: the parts `lookup` and `decode_batch`.
    """

    def __init__(
        self, disk: Disk, stem: str, base_offset: int, index_bytes: int, rules: LogRules
    ) -> None:
        super().__init__(disk, f"{stem}.log", base_offset, rules)
        self.stem = stem
        self.index = OffsetIndex(disk, f"{stem}.index", base_offset, index_bytes)
        self.time_index = TimeIndex(disk, f"{stem}.timeindex", base_offset, index_bytes)
        self.aborted = TransactionIndex(disk, f"{stem}.txnindex")

    def places(self, offset: int) -> Iterator[Place]:
        """Yield position and header of every batch that ends at `offset` or above."""
        for place in self.scan(self.rules.lookup(self.index.entries, offset)):
            if place[1].last_offset >= offset:
                yield place

    def find(self, offset: int) -> Place | None:
        """Return position and header of the first batch that ends at `offset` or above."""
        return next(self.places(offset), None)

    def read(self, offset: int, *, max_bytes: int, upto: int) -> list[RecordBatch]:
        """Return batches from the one that holds `offset`, none of which reaches beyond `upto`.

        The first comes back even when alone it exceeds `max_bytes`.
        """
        spans: list[Place] = []
        taken = 0
        start = self.rules.lookup(self.index.entries, offset)
        for position, header in self.scan(start):
            if header.last_offset < offset:
                continue
            taken += header.size_bytes
            if header.next_offset > upto or (spans and taken > max_bytes):
                break
            spans.append((position, header))
            if taken >= max_bytes:
                break
        return self._decoded(spans)

    def find_timestamp(self, timestamp_ms: int, from_offset: int) -> TimestampedOffset | None:
        """Return the first record at or above `from_offset` that is not older than a time."""
        near = max(self.time_index.lookup(timestamp_ms).offset, from_offset)
        for position, header in self.scan(self.rules.lookup(self.index.entries, near)):
            if header.max_timestamp_ms >= timestamp_ms and header.last_offset >= from_offset:
                for record in self.batch_at(position, header).records:
                    if record.timestamp_ms >= timestamp_ms and record.offset >= from_offset:
                        epoch = header.partition_leader_epoch
                        return TimestampedOffset(record.timestamp_ms, record.offset, epoch)
        return None

    def flush(self) -> None:
        """Bring all its files to the platter."""
        for path in self.files():
            self.disk.flush(path)

    def files(self) -> tuple[str, ...]:
        """Return the paths of the files that it has now."""
        paths = (f"{self.stem}{suffix}" for suffix in SUFFIXES)
        return tuple(path for path in paths if self.disk.exists(path))

    def _header_of(self, offset: int) -> BatchHeader | None:
        """Return the header of the batch that holds an offset, None if an index misleads."""
        try:
            found = self.find(offset)
        except CorruptSegment:
            return None
        return None if found is None else found[1]
