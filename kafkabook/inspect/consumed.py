"""What a consumer would be given, from the files alone.

A first pass finds where the log ends, which transactions were aborted and which are still open; a
second hands out the records. The transaction index is not asked: what it says follows from the
markers, and markers have a checksum.

Source: KIP-98; kafka, storage `UnifiedLog.fetchOffsetSnapshot`, clients `CompletedFetch`.
"""

from collections.abc import Iterator
from dataclasses import replace

from kafkabook.base.errors import CorruptMessage, CorruptSegment, KafkaError
from kafkabook.base.units import INT64_MAX
from kafkabook.inspect.files import Refused
from kafkabook.inspect.findings import Finding
from kafkabook.inspect.folder import ReadOnlyFolder
from kafkabook.inspect.internal_topics import decoder_for
from kafkabook.inspect.place import Place
from kafkabook.inspect.rows import record_row
from kafkabook.inspect.segments import Stored, sound_batches
from kafkabook.inspect.wanted import Wanted
from kafkabook.log.checkpoints import HIGH_WATERMARKS, LOG_STARTS, read_offsets
from kafkabook.log.facts import IsolationLevel
from kafkabook.log.isolation import (
    decisions_in,
    last_stable_offset,
    read_committed,
    read_uncommitted,
)
from kafkabook.log.producer_snapshots import read_snapshot
from kafkabook.records.record_batch import RecordBatch


class ConsumerView:
    """The records of a partition as a consumer of one isolation level sees them.

    Args:
        high_watermark: None asks the checkpoint beside the directory, then takes the log end.

    Attributes:
        upper_offset: first offset that is not handed out.
        said: in words, how far it reaches and who says so.

    Raises:
        Refused: the checkpoint beside cannot be read.
    """

    def __init__(
        self, place: Place, wanted: Wanted, isolation: IsolationLevel, high_watermark: int | None
    ) -> None:
        self.place, self.wanted, self.isolation = place, wanted, isolation
        self._log_start = self._checkpointed(LOG_STARTS) or 0
        self._told, self._source = self._high_watermark(high_watermark)
        self._ended: set[int] = set()  # producers whose transactions have ended in these files
        self._damage: CorruptSegment | None = None
        self.log_end = int(place.live_segments[0][:20])
        self._decisions = decisions_in(self._below_high_watermark())
        self.high_watermark = min(self._told, self.log_end)
        self.upper_offset = self._upper()

    @property
    def said(self) -> str:
        """How far the consumer reads, and who says so."""
        beyond = f", which says {self._told}" * (self.log_end < self._told < INT64_MAX)
        told = f"high watermark {self.high_watermark} ({self._source}{beyond})"
        if self.isolation is IsolationLevel.READ_COMMITTED:
            told += f", last stable offset {self.upper_offset}"
        return f"{self.isolation.name.lower()} up to offset {self.upper_offset}: {told}"

    def read(self, folder: ReadOnlyFolder, name: str) -> Iterator[Finding]:
        """Yield the records of one segment that the consumer is given.

        Raises:
            CorruptSegment: behind them, if this is the segment in which the log is damaged.
        """
        decode = decoder_for(self.place.partition, self.wanted.decode)
        first = max(self._log_start, self.wanted.from_offset)
        batches = _Remembered(self._readable(folder, name))
        if self.isolation is IsolationLevel.READ_COMMITTED:
            base = int(name[:20])
            open_here = [a for a in self._decisions.aborted if a.last_offset >= base]
            records = read_committed(batches, open_here, from_offset=first)
        else:
            records = read_uncommitted(batches, from_offset=first)
        for record in records:
            yield record_row(name, batches.position, batches.header, record, decode)
        if self._damage is not None and self._damage.file == name:
            raise self._damage

    def _readable(self, folder: ReadOnlyFolder, name: str) -> Iterator[Stored]:
        """Yield the batches that end below the upper offset; a broker never sends half a batch."""
        for stored in sound_batches(folder, name, self.place, self.wanted):
            if stored.batch.next_offset > self.upper_offset:
                return
            yield stored

    def _below_high_watermark(self) -> Iterator[RecordBatch]:
        """Yield the batches that are committed; go on to the log's end, or to its damage."""
        with self.place.open() as folder:
            try:
                for batch in self._all_batches(folder):
                    self.log_end = batch.next_offset
                    if self.log_end <= self._told:
                        self._ended |= (
                            {batch.header.producer_id} if batch.header.is_control else set()
                        )
                        yield batch
            except CorruptSegment as damage:
                self._damage = damage

    def _all_batches(self, folder: ReadOnlyFolder) -> Iterator[RecordBatch]:
        for name in self.place.live_segments:
            for _, batch in sound_batches(folder, name, self.place, self.wanted):
                yield batch

    def _upper(self) -> int:
        if self.isolation is not IsolationLevel.READ_COMMITTED:
            return self.high_watermark
        undecided = [self._decisions.first_undecided_offset, *self._open_before()]
        first = min((offset for offset in undecided if offset is not None), default=None)
        return last_stable_offset(self.high_watermark, first)

    def _open_before(self) -> list[int]:
        """Return where transactions began of which only the first segment's snapshot knows."""
        name = self.place.live_segments[0].replace(".log", ".snapshot")
        if name not in self.place.beside:
            return []
        try:
            with self.place.open() as folder:
                entries = read_snapshot(folder.read(name), file=name)
        except CorruptMessage:
            return []  # a broker, too, does without a damaged one
        begun = ((e.producer_id, e.first_offset) for e in entries)
        return [first for who, first in begun if first is not None and who not in self._ended]

    def _high_watermark(self, given: int | None) -> tuple[int, str]:
        if given is not None:
            return given, "as given"
        found = self._checkpointed(HIGH_WATERMARKS)
        if found is not None:
            return found, f"from {HIGH_WATERMARKS} beside the directory"
        return INT64_MAX, f"the log end, for no {HIGH_WATERMARKS} beside the directory names it"

    def _checkpointed(self, name: str) -> int | None:
        if self.place.partition is None:
            return None
        try:
            with ReadOnlyFolder(self.place.folder.parent) as folder:
                return read_offsets(folder, name).get(self.place.partition)
        except (KafkaError, ValueError) as error:
            remedy = "repair it, or copy the partition directory elsewhere and say --high-watermark"
            raise Refused(self.place.folder.parent / name, f"{error} ({remedy})") from error


class _Remembered:
    """Batches that pass by, with the place of the one that passed last."""

    def __init__(self, stored: Iterator[Stored]) -> None:
        self._stored = stored

    def __iter__(self) -> Iterator[RecordBatch]:
        for position, batch in self._stored:
            self.position, self.header = position, batch.header
            yield batch


def only_segments(place: Place) -> Place:
    """Return the place with nothing but live segments to show.

    Raises:
        Refused: PATH is a single file of another kind.
    """
    if place.segments:
        return replace(place, names=place.segments)
    raise Refused(
        place.folder, "--isolation shows records; give a partition directory or a .log file"
    )
