"""One partition's log: append, read, truncate, forget; the centre of the package.

Source: kafka, storage `UnifiedLog.java`; notes, Part 1 ch 02 §07.
"""

from collections.abc import Iterable, Sequence
from typing import overload

from kafkabook.base.errors import OffsetOutOfRange, UnexpectedAppendOffset
from kafkabook.log.admission import admit, admit_segment_size
from kafkabook.log.events import DuplicateIgnored, LogTruncated
from kafkabook.log.facts import Appended, SegmentFacts
from kafkabook.log.open_log import OpenLog
from kafkabook.log.producer_entry import Duplicate
from kafkabook.log.producer_files import rebuild_producers
from kafkabook.log.retention import doomed_segments, retention_told
from kafkabook.records.batch_header import compare_crc
from kafkabook.records.control_records import read_control
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch


class PartitionLog(OpenLog):
    """An append-only, numbered sequence of records, in segments on a disk.

    Opening it recovers it: without word of a clean stop, every segment from the recovery point on
    is read again, and damage is cut off and told to the trace as `DamageFound`.

    Args:
        name: topic and partition; also the name of its directory.
        disk: where its files are; a new `MemoryDisk` if omitted.
        config: its settings. rules: its decisions, as parts.
        trace: where events go; a private trace if omitted.
        topic_id: 22 characters of base64 for `partition.metadata`; no such file without one.
        checkpointed: what a `LogDirectory` knows of the last stop.
        random: draws the jitter of rolling by age.
        now_ms: the time.

    Raises:
        KAFKA_STORAGE_ERROR: a malformed checkpoint, another topic's id, a file that cannot be read.
        INVALID_TOPIC_EXCEPTION: the name is not that of a topic's partition.

    Simplified: idle producers are forgotten only when the log is opened or truncated (Kafka looks
    every ten minutes); one thread; flushing at a roll is done at once; no tiered storage.
    Source: kafka, `UnifiedLog.java`, `LogLoader.java`.

    >>> log = PartitionLog()
    >>> log.append([Record(b"k", b"first"), Record(b"k", b"second")]).log_end
    2
    >>> [record.value for record in log.records(start=1)]
    [b'second']
    """

    def append(
        self,
        records: RecordBatch | Iterable[Record],
        *,
        now_ms: int | None = None,
        leader_epoch: int = 0,
    ) -> Appended:
        """Append as a leader: give the records their offsets and write them as one batch.

        Args:
            records: plain records, of which those without a timestamp get `now_ms` as a producer
                would give it; or a batch as a producer sent it, which is stamped but not decoded
                unless a rule of the topic looks at its records.
            now_ms: the broker's clock; if omitted, the latest time that the log has heard of, be it
                from a verb or from a record.
            leader_epoch: term of the leader that appends.

        Returns:
            The base offset, the records as stored, and the new log end. A batch of an idempotent
            producer that is here already is answered with its first place, and nothing is written.

        Raises:
            MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE, INVALID_TIMESTAMP, INVALID_RECORD: see
            `admit`.
            OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE,
            TRANSACTION_COORDINATOR_FENCED: its producer may not append this now.
            CorruptMessage: the checksum of a batch is wrong.

        Cost: linear in the batch.
        """
        self._check_open()
        if isinstance(records, RecordBatch):
            batch, now = records, self._time(now_ms, records.header.max_timestamp_ms)
            compare_crc(batch.data, 0, batch.header)
        else:
            placed = self.rules.assign_offsets(self._timed(records, now_ms), self.log_end)
            if not placed.records:
                return placed
            batch = RecordBatch.of(placed.records, base_offset=placed.base_offset)
            now = self._time(now_ms, batch.header.max_timestamp_ms)
        batch = self._admitted(batch, now)
        duplicate = self.producers.validate(
            batch.header, coordinator_epoch=_coordinator_epoch(batch)
        )
        if duplicate is not None:
            return self._answer_again(batch, duplicate, now)
        offset = self.log_end if isinstance(records, RecordBatch) else batch.base_offset
        stamped = batch.stamped(base_offset=offset, partition_leader_epoch=leader_epoch)
        self._write(stamped, now)
        return Appended(offset, _RecordsOf(stamped), stamped.next_offset)

    def append_as_follower(
        self, batches: Iterable[RecordBatch], *, now_ms: int | None = None
    ) -> int:
        """Append what a leader wrote, byte for byte; return the new log end.

        Raises:
            UnexpectedAppendOffset: a batch begins below the log end (`LogRules.follows`). Nothing
                is appended then. A gap before it is allowed: the leader may have been compacted.
            RECORD_LIST_TOO_LARGE, CorruptMessage: as a leader's; nothing is appended then.
        """
        self._check_open()
        whole, expected = tuple(batches), self.log_end
        for batch in whole:
            compare_crc(batch.data, 0, batch.header)
            admit_segment_size(batch, self.config)
            if not self.rules.follows(batch.header, expected):
                raise UnexpectedAppendOffset(batch.base_offset, expected)
            expected = batch.next_offset
        for batch in whole:
            self._write(batch, self._time(now_ms, batch.header.max_timestamp_ms))
        return self.log_end

    def truncate_to(self, offset: int) -> bool:
        """Drop all batches that reach `offset` or beyond; say whether there were any.

        Epochs, indexes and producers forget them too, and no mark of the log stays beyond its end.
        A batch that holds `offset` in its middle goes as a whole, and the log ends where it began.

        Simplified: Kafka lets such a log end at `offset` all the same, with a gap before it, which
        our recovery could not tell from a flipped bit if a single batch followed it.
        Source: kafka, `UnifiedLog.truncateTo`.
        """
        self._check_open()
        if offset >= self.log_end:
            # A leader that never got a record has begun its term at the log end all the same.
            self.epochs.truncate_from_end(self.log_end)
            return False
        if offset < self.local.segments[0].base_offset:
            self.truncate_fully_and_start_at(offset)
            return True
        was = self.log_end
        self._drop([f for f in self.local.facts() if f.base_offset > offset], "truncated")
        self.local.active.truncate_to(offset, now_ms=self.now_ms)
        self.local.active.resume()
        self._after_truncation(was, f"to {offset}")
        return True

    def truncate_fully_and_start_at(self, offset: int) -> None:
        """Drop everything and begin an empty log at `offset`, as a follower too far behind does."""
        self._check_open()
        was = self.log_end
        self._drop(self.local.facts(), "truncated")
        self.local.start_anew(offset, now_ms=self.now_ms)
        self.epochs.clear()
        self.log_start = self.high_watermark = self.recovery_point = offset
        self._after_truncation(was, f"fully, to start at {offset}")

    def delete_records_before(self, offset: int, *, reason: str = "records deleted") -> int:
        """Serve nothing below `offset` any more; return the new log start.

        Segments that are wholly below go at the next retention check; the bytes of the others stay
        where they are. -1 stands for the high watermark.

        Raises:
            OffsetOutOfRange: above the high watermark; what is not committed cannot be deleted.

        Source: kafka, `UnifiedLog.maybeIncrementLogStartOffset`; KIP-107.
        """
        wanted = self.high_watermark if offset == -1 else offset
        if not 0 <= wanted <= self.high_watermark:
            raise OffsetOutOfRange(offset, log_start=self.log_start, log_end=self.high_watermark)
        if wanted > self.log_start:
            self._advance_log_start(wanted, reason)
        return self.log_start

    def delete_old_segments(self, *, now_ms: int) -> tuple[int, ...]:
        """Run one retention check; return the base offsets of the segments that went.

        Only committed segments go, oldest first, up to the first that no rule gives up. If that
        leaves none, the active segment is rolled first. Files are renamed `.deleted` now, and
        removed by a later check, once `file.delete.delay.ms` has passed.

        Source: kafka, `UnifiedLog.deleteOldSegments`; notes, Part 1 ch 03 §04.
        """
        self._check_open()
        now = self._time(now_ms)
        self.local.unlink_deleted(now_ms=now)
        doomed = doomed_segments(self, now_ms=now)
        if doomed and doomed[-1][0].is_active:
            self._roll(self.log_end, "its records expired", now)
        marks = {"high_watermark": self.high_watermark, "log_start": self.log_start}
        self.local.drop(doomed, now_ms=now, **marks)
        if doomed:
            self._advance_log_start(self.local.segments[0].base_offset, "segments deleted")
        self.trace.emit(retention_told(self, len(doomed)), at_ms=now)
        return tuple(facts.base_offset for facts, _ in doomed)

    def _timed(self, records: Iterable[Record], now_ms: int | None) -> list[Record]:
        now = self.now_ms if now_ms is None else now_ms
        return [r if r.timestamp_ms >= 0 else r._replace(timestamp_ms=now) for r in records]

    def _admitted(self, batch: RecordBatch, now_ms: int) -> RecordBatch:
        admit(batch, self.config, now_ms)
        if self.config.message_timestamp_type == "LogAppendTime":
            return batch.with_append_time(now_ms)
        return batch

    def _answer_again(self, batch: RecordBatch, place: Duplicate, now_ms: int) -> Appended:
        header = batch.header
        told = DuplicateIgnored(
            place.base_offset, place.last_offset, header.producer_id, header.base_sequence
        )
        self.trace.emit(told, at_ms=now_ms)
        as_stored = batch.stamped(base_offset=place.base_offset)
        return Appended(place.base_offset, _RecordsOf(as_stored), self.log_end)

    def _drop(self, doomed: Sequence[SegmentFacts], reason: str) -> None:
        self.local.drop(
            [(facts, reason) for facts in doomed],
            high_watermark=self.high_watermark,
            log_start=self.log_start,
            now_ms=self.now_ms,
        )

    def _after_truncation(self, log_end_before: int, reason: str) -> None:
        end = self.log_end
        self.log_start = min(self.log_start, end)
        self.high_watermark = min(self.high_watermark, end)
        self.recovery_point = min(self.recovery_point, end)
        self.epochs.truncate_from_end(end)
        rebuild_producers(self.producers, self.local, log_start=self.log_start, now_ms=self.now_ms)
        self.producers.advance_high_watermark(self.high_watermark)
        self.trace.emit(LogTruncated(log_end_before, end, reason), at_ms=self.now_ms)


class _RecordsOf(Sequence[Record]):
    """The records of a batch, decoded when somebody looks: an append must not pay for it."""

    def __init__(self, batch: RecordBatch) -> None:
        self.batch = batch

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Record, ...]: ...

    def __getitem__(self, index: int | slice) -> Record | tuple[Record, ...]:
        return self.batch.records[index]

    def __len__(self) -> int:
        return self.batch.header.records_count

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self.batch.records == tuple(other)

    def __hash__(self) -> int:
        return hash(self.batch)

    def __repr__(self) -> str:
        return repr(self.batch.records)


def _coordinator_epoch(batch: RecordBatch) -> int | None:
    """Return the epoch in a transaction marker, None for any other batch."""
    return read_control(batch.records[0]).coordinator_epoch if batch.header.is_control else None
