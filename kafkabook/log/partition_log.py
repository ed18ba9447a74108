"""One partition's log: append, read, truncate, forget; the centre of the package.

Source: kafka, storage `UnifiedLog.java`, `LogLoader.java`; notes, Part 1 ch 02 §07.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import overload

from kafkabook.base.errors import Errors, KafkaError, OffsetOutOfRange, UnexpectedAppendOffset
from kafkabook.base.names import TopicPartition
from kafkabook.base.shown import Shown
from kafkabook.base.trace import Trace
from kafkabook.base.units import DAY_MS, MIB
from kafkabook.log.admission import admit, admit_copy
from kafkabook.log.checkpoints import (
    PARTITION_METADATA,
    read_partition_metadata,
    write_partition_metadata,
)
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import Disk, MemoryDisk
from kafkabook.log.events import (
    DuplicateIgnored,
    HighWatermarkAdvanced,
    LogClosed,
    LogFlushed,
    LogOpened,
    LogStartAdvanced,
    LogTruncated,
)
from kafkabook.log.facts import (
    Appended,
    BatchPlace,
    IsolationLevel,
    LogSnapshot,
    RollReason,
    SegmentFacts,
    SegmentSnapshot,
    TimestampedOffset,
)
from kafkabook.log.isolation import last_stable_offset
from kafkabook.log.local_log import LocalLog
from kafkabook.log.log_file import Place
from kafkabook.log.producer_entry import Duplicate
from kafkabook.log.producer_files import (
    rebuild_producers,
    remember_batch,
    remove_strays,
    save_newest,
    save_snapshot,
)
from kafkabook.log.producer_state import ProducerStates
from kafkabook.log.recovery import Checkpointed, Recovery
from kafkabook.log.retention_check import doomed_segments, retention_told
from kafkabook.log.rules import LogRules, cuts_doubtful
from kafkabook.log.segment import Segment
from kafkabook.records.control_records import read_control
from kafkabook.records.formats import compare_crc
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

LATEST, EARLIEST, MAX_TIMESTAMP = -1, -2, -3  # what Kafka's ListOffsets takes instead of a time


class PartitionLog(Shown):
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
        producer_id_expiration_ms: Kafka's `producer.id.expiration.ms`: how long an idle producer is
            remembered.
        strict: recovery also cuts where a batch with a right checksum has a strange offset or
            epoch, which Kafka keeps; else it tells `BatchDoubted`.
        now_ms: the time.

    Raises:
        KAFKA_STORAGE_ERROR: a malformed checkpoint, another topic's id, a file that cannot be read.
        INVALID_TOPIC_EXCEPTION: the name is not that of a topic's partition.

    Attributes:
        log_start: first offset that is served.
        high_watermark: everything below it is committed.
        recovery_point: everything below it has been flushed.
        last_flush_ms: when that last moved; when the log was opened, if it never has.
        local: the segments. `epochs`: leader epochs. `producers`: sequences and transactions.

    Simplified: one thread; flushing at a roll is done at once; no tiered storage.
    Source: kafka, `UnifiedLog.java`, `LogLoader.java`.

    >>> log = PartitionLog()
    >>> log.append([Record(b"k", b"first"), Record(b"k", b"second")]).log_end
    2
    >>> [record.value for record in log.records(start=1)]
    [b'second']
    """

    # --- opening and closing ---------------------------------------------------------------------

    def __init__(
        self,
        name: str = "orders-0",
        disk: Disk | None = None,
        *,
        config: LogConfig = LogConfig(),  # noqa: B008 - frozen
        rules: LogRules = LogRules(),  # noqa: B008 - frozen
        trace: Trace | None = None,
        topic_id: str | None = None,
        checkpointed: Checkpointed = Checkpointed(),  # noqa: B008 - frozen
        random: Random | None = None,
        producer_id_expiration_ms: int = 1 * DAY_MS,
        strict: bool = False,
        now_ms: int = 0,
    ) -> None:
        self.name = str(TopicPartition.parse(name))
        self.disk: Disk = MemoryDisk() if disk is None else disk
        self.config = config
        self.rules = replace(rules, keeps_doubtful=cuts_doubtful) if strict else rules
        self.trace = Trace(name) if trace is None else trace.at(name)
        self.now_ms, self.is_closed = now_ms, False
        self.last_flush_ms = now_ms
        self._producer_id_expiration_ms = producer_id_expiration_ms
        self._random = Random(f"{name}/jitter") if random is None else random
        self._identify(topic_id)
        self._open(checkpointed)
        self._draw_jitter()

    def _identify(self, topic_id: str | None) -> None:
        path = f"{self.name}/{PARTITION_METADATA}"
        if self.disk.exists(path):
            found = read_partition_metadata(self.disk, path)
            if topic_id not in (None, found):
                raise KafkaError(
                    Errors.KAFKA_STORAGE_ERROR, f"{path}: holds topic id {found}, not {topic_id}"
                )
            topic_id = found
        elif topic_id is not None:
            write_partition_metadata(self.disk, path, topic_id)
        self.topic_id = topic_id

    def _open(self, checkpointed: Checkpointed) -> None:
        found = Recovery(
            self.disk,
            self.name,
            config=self.config,
            rules=self.rules,
            trace=self.trace,
            checkpointed=checkpointed,
            new_producers=self._no_producers,
            now_ms=self.now_ms,
        )
        self.epochs = found.epochs
        self.local = LocalLog(
            self.disk,
            self.name,
            config=self.config,
            rules=self.rules,
            trace=self.trace,
            segments=found.segments,
            start=checkpointed.log_start or 0,
            waiting=found.waiting,
            now_ms=self.now_ms,
        )
        self._take_marks(checkpointed, is_whole=bool(found.segments))
        self._load_producers(after_clean_stop=checkpointed.after_clean_stop)
        bases = tuple(segment.base_offset for segment in self.local.segments)
        opened = LogOpened(self.log_start, self.log_end, bases, checkpointed.after_clean_stop)
        self.trace.emit(opened, at_ms=self.now_ms)

    def _take_marks(self, checkpointed: Checkpointed, *, is_whole: bool) -> None:
        """Take what the checkpoints say as far as the log goes."""
        first, end, start = self.local.segments[0].base_offset, self.log_end, checkpointed.log_start
        self.log_start = max(first, start or 0)
        self.high_watermark = max(self.log_start, min(checkpointed.high_watermark, end))
        is_flushed = checkpointed.after_clean_stop and is_whole
        flushed = end if is_flushed else min(checkpointed.recovery_point, end)
        self.recovery_point = max(self.log_start, flushed)
        self.epochs.truncate_from_end(end)
        self.epochs.truncate_from_start(start or 0)

    def _no_producers(self, trace: Trace) -> ProducerStates:
        return ProducerStates(
            producer_id_expiration_ms=self._producer_id_expiration_ms,
            judge=self.rules.judge_batch,
            remember=self.rules.next_producer_state,
            undecided=self.rules.first_undecided,
            write=self.rules.write_snapshot,
            trace=trace,
        )

    def _load_producers(self, *, after_clean_stop: bool) -> None:
        self.producers = self._no_producers(self.trace)
        remove_strays(self.local)
        self._rebuild_producers(after_clean_stop=after_clean_stop)

    def _rebuild_producers(self, *, after_clean_stop: bool = False) -> None:
        rebuild_producers(
            self.producers,
            self.local.segments,
            self.disk,
            self.name,
            log_start=self.log_start,
            upto=self.log_end,
            now_ms=self.now_ms,
            after_clean_stop=after_clean_stop,
        )
        self.producers.advance_high_watermark(self.high_watermark)

    def close(self) -> None:
        """Stop cleanly: seal the active segment, leave a producer snapshot, flush; only once."""
        if self.is_closed:
            return
        self.local.active.close()
        save_newest(self.producers, self.disk, self.name, self.log_end, self.log_start)
        self.flush()
        self.trace.emit(LogClosed(self.log_end), at_ms=self.now_ms)
        self.is_closed = True

    def _check_open(self) -> None:
        if self.is_closed:
            raise KafkaError(
                Errors.KAFKA_STORAGE_ERROR, f"{self.name} has been closed; open it again to go on"
            )

    # --- how far it reaches ----------------------------------------------------------------------

    @property
    def log_end(self) -> int:
        """Offset that the next record will have."""
        return self.local.segments[-1].next_offset  # asked so often that each call counts

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The segments, oldest first; the last one is active."""
        return tuple(self.local.segments)

    @property
    def size_bytes(self) -> int:
        """Bytes of all `.log` files, which is what retention by size counts."""
        return self.local.size_bytes

    @property
    def last_stable_offset(self) -> int:
        """Offset below which no transaction is undecided; between log start and high watermark."""
        undecided = self.producers.first_undecided_offset
        return max(self.log_start, last_stable_offset(self.high_watermark, undecided))

    # --- appending, at the end -------------------------------------------------------------------

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
            leader_epoch: that of the leader that appends.

        Returns:
            The base offset, the records as stored, and the new log end. A batch of an idempotent
            producer that is here already is answered with its first place, and nothing is written.

        Raises:
            MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE, INVALID_TIMESTAMP, INVALID_RECORD: see
            `admit`; the last also for messages of magic 0 and 1, which are only read.
            OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE,
            TRANSACTION_COORDINATOR_FENCED: its producer may not append this now.
            CorruptMessage: the checksum of a batch is wrong.

        Cost: linear in the batch.
        """
        self._check_open()
        if isinstance(records, RecordBatch):
            batch, now = records, self._time(now_ms, records.header.max_timestamp_ms)
            # Kafka: `UnifiedLog.analyzeAndValidateRecords`. What came over the network is believed
            # only with its checksum.
            compare_crc(batch.data, 0, batch.header)
        else:
            placed = self.rules.assign_offsets(self._timed(records, now_ms), self.log_end)
            if not placed.records:
                return placed
            batch = RecordBatch.of(placed.records, base_offset=placed.base_offset)
            now = self._time(now_ms, batch.header.max_timestamp_ms)
        # Sizes and timestamps, before the log or the producer's state changes: a refusal leaves
        # nothing behind (the timestamps: `LogValidator`).
        batch = self._admitted(batch, now)
        # Sequence numbers: is it new, or here already
        # (`UnifiedLog.analyzeAndValidateProducerState`)?
        duplicate = self.producers.validate(
            batch.header, coordinator_epoch=_coordinator_epoch(batch)
        )
        if duplicate is not None:
            return self._answer_again(batch, duplicate, now)
        offset = self.log_end if isinstance(records, RecordBatch) else batch.base_offset
        # Both fields lie before the bytes that the checksum covers, so the producer's CRC stays.
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
            RECORD_LIST_TOO_LARGE, INVALID_RECORD: see `admit_copy`; nothing is appended then.
            CorruptMessage: the checksum of a batch is wrong; nothing is appended then.
        """
        self._check_open()
        whole, expected = tuple(batches), self.log_end
        for batch in whole:
            compare_crc(batch.data, 0, batch.header)
            admit_copy(batch, self.config)
            if not self.rules.follows(batch.header, expected):
                raise UnexpectedAppendOffset(batch.base_offset, expected)
            expected = batch.next_offset
        for batch in whole:
            self._write(batch, self._time(now_ms, batch.header.max_timestamp_ms))
        return self.log_end

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

    def _write(self, batch: RecordBatch, now_ms: int) -> None:
        """Append a stamped batch: roll if there is need, then bytes, indexes, epochs, producers."""
        header, active = batch.header, self.local.active
        facts = active.facts(active.next_offset, is_active=True)
        reason = self.rules.should_roll(facts, header, self.config, now_ms, self._jitter_ms)
        # Before the write: a batch lies whole in one segment (`UnifiedLog.maybeRoll`).
        if reason is not None:
            self._roll(header.base_offset, reason, now_ms)
            active = self.local.active
        # On the disk before its first record: a crash may leave an epoch without records, never
        # records whose epoch nobody knows (`UnifiedLog.maybeAssignEpochStartOffset`).
        if header.partition_leader_epoch != self.epochs.latest:
            epoch = header.partition_leader_epoch
            self.epochs.assign(epoch, header.base_offset, now_ms=now_ms)
        active.append(batch, now_ms=now_ms)
        # Remembered once it is written: else a retry would be a duplicate of what was never stored.
        if header.producer_id >= 0:
            remember_batch(self.producers, batch, active, now_ms=now_ms)
        # Last, so that this batch is among what is flushed (`flush.messages`).
        if header.next_offset - self.recovery_point >= self.config.flush_messages:
            self.flush()

    def _time(self, now_ms: int | None, record_ms: int = -1) -> int:
        """Take note of the time; without a clock, no record is from the future."""
        self.now_ms = max(self.now_ms, record_ms) if now_ms is None else now_ms
        return self.now_ms

    # --- reading ---------------------------------------------------------------------------------

    def read(
        self, offset: int, *, max_bytes: int = 1 * MIB, isolation: IsolationLevel | None = None
    ) -> tuple[RecordBatch, ...]:
        """Return the stored batches that hold `offset` and what follows it, in order.

        The first batch may begin *below* `offset`, for a batch is never cut, and comes back even
        when alone it exceeds `max_bytes`: one big batch must not stop a consumer for ever (KIP-74).
        Like Kafka's, one read ends with the segment that it began in.

        Args:
            offset: first offset wanted; `log_start <= offset <= log_end`.
            max_bytes: budget in bytes over whole encoded batches, headers included.
            isolation: None reads to the log end, as a follower does; a consumer reads to the high
                watermark, or with READ_COMMITTED to the last stable offset. Batches of aborted
                transactions are among them: to drop those is the consumer's part.

        Raises:
            OffsetOutOfRange: outside the log.
            CorruptSegment: a batch was damaged since it was written.

        Simplified: whole batches, while Kafka's answer may end inside one, which a client drops;
        and Kafka's error carries no offsets, so a client asks for them with ListOffsets.
        Cost: O(log batches), then linear in the result.
        Source: kafka, LocalLog `read`, UnifiedLog `fetchOffsetSnapshot`; notes, Part 1 ch 02 §07.

        >>> from kafkabook.log.examples import a_log
        >>> log = a_log(sizes_bytes=(80, 80, 80))
        >>> [batch.base_offset for batch in log.read(1, max_bytes=160)]
        [1, 2]
        """
        if not self.log_start <= offset <= self.log_end:
            raise OffsetOutOfRange(offset, log_start=self.log_start, log_end=self.log_end)
        upto = self._readable_upto(isolation)
        return tuple(self.local.read(offset, max_bytes=max_bytes, upto=upto))

    def records(self, start: int | None = None, stop: int | None = None) -> Iterator[Record]:
        """Yield the records at `start <= offset < stop`; control records are for brokers only.

        Args:
            start, stop: the log start and the log end if omitted.

        Raises:
            OffsetOutOfRange: `start` is outside the log.
        """
        offset = self.log_start if start is None else start
        end = self.log_end if stop is None else min(stop, self.log_end)
        while offset < end and (batches := self.read(offset)):
            for batch in batches:
                if not batch.header.is_control:
                    yield from (r for r in batch.records if offset <= r.offset < end)
            offset = batches[-1].next_offset

    def offset_for_timestamp(self, timestamp_ms: int) -> TimestampedOffset | None:
        """Return the first record that is not older than a time; None if all are older.

        Args:
            timestamp_ms: milliseconds, or `LATEST` (-1) for the log end, `EARLIEST` (-2) for the
                log start, `MAX_TIMESTAMP` (-3) for the first record with the largest timestamp.

        Only the first segment that may have such a record is looked into. One whose records have no
        timestamps, such as those of magic 0, counts as written last: it hides those behind it.

        Source: kafka, UnifiedLog `fetchOffsetByTimestamp`; KIP-79, KIP-734.
        """
        if timestamp_ms == LATEST:
            return TimestampedOffset(-1, self.log_end, self.epochs.latest)
        if timestamp_ms == EARLIEST:
            epoch = self.epochs.epoch_at(self.log_start)
            return TimestampedOffset(-1, self.log_start, epoch)
        segments = self.local.segments
        young = [
            segment
            for segment, facts in zip(segments, self.local.facts(), strict=True)
            if facts.largest_timestamp_ms >= timestamp_ms
        ]
        if timestamp_ms == MAX_TIMESTAMP:
            young = [max(segments, key=lambda segment: segment.largest.timestamp_ms)]
            timestamp_ms = young[0].largest.timestamp_ms
        if timestamp_ms < 0 or not young:
            return None
        return young[0].find_timestamp(timestamp_ms, self.log_start)

    def end_offset_for_epoch(self, epoch: int) -> tuple[int, int]:
        """Return the largest epoch at or below `epoch` and where it ended; see `LeaderEpochs`."""
        return self.epochs.end_offset_for(epoch, log_end=self.log_end)

    def _readable_upto(self, isolation: IsolationLevel | None) -> int | None:
        if isolation is None:
            return None
        if isolation is IsolationLevel.READ_COMMITTED:
            return self.last_stable_offset
        return self.high_watermark

    # --- what is committed -----------------------------------------------------------------------

    def advance_high_watermark(self, offset: int | None = None) -> int:
        """Declare everything below `offset` committed; return the high watermark.

        It never goes back, and never past the log end, which is also what None stands for. A log
        alone does not know its replicas, so nothing is committed until somebody says so.
        """
        wanted = self.log_end if offset is None else min(offset, self.log_end)
        if wanted > self.high_watermark:
            told = HighWatermarkAdvanced(self.high_watermark, wanted)
            self.trace.emit(told, at_ms=self.now_ms)
            self.high_watermark = wanted
            self.producers.advance_high_watermark(wanted)
        return self.high_watermark

    # --- rolling to a new segment, and flushing --------------------------------------------------

    def roll(self, *, now_ms: int | None = None) -> int:
        """Begin a new segment at the log end unless the active one is empty; return its base."""
        self._check_open()
        if self.local.active.size_bytes:
            self._roll(self.log_end, "asked for", self._time(now_ms))
        return self.local.active.base_offset

    def flush(self, *, now_ms: int | None = None) -> None:
        """Bring everything to the platter: the recovery point moves to the log end."""
        self._time(self.now_ms if now_ms is None else now_ms)
        for segment in self.local.segments[self.local.index_of(self.recovery_point) :]:
            segment.flush()
        self._flushed_to(self.log_end)

    def _roll(self, new_base: int, reason: RollReason | str, now_ms: int) -> None:
        self.local.roll(new_base, reason, now_ms=now_ms)
        save_snapshot(self.producers, self.disk, self.name, new_base)
        self._flushed_to(new_base)
        self._draw_jitter()

    def _draw_jitter(self) -> None:
        """Rolling by age comes earlier by a random span, so that logs do not roll all at once."""
        most_ms = min(self.config.segment_jitter_ms, self.config.segment_ms)
        self._jitter_ms = self._random.randrange(most_ms) if most_ms else 0

    def _flushed_to(self, offset: int) -> None:
        if offset > self.recovery_point:
            self.recovery_point, self.last_flush_ms = offset, self.now_ms
            self.trace.emit(LogFlushed(offset), at_ms=self.now_ms)

    # --- deleting, from the front ----------------------------------------------------------------

    def delete_old_segments(self, *, now_ms: int) -> tuple[int, ...]:
        """Run one retention check; return the base offsets of the segments that went.

        Only committed segments go, oldest first, up to the first that no rule gives up. If that
        leaves none, the active segment is rolled first. Files are renamed `.deleted` now. They are
        removed once `file.delete.delay.ms` has passed: by `remove_deleted_files`, for which a
        broker has a timer, or by a later check.

        Source: kafka, `UnifiedLog.deleteOldSegments`; notes, Part 1 ch 03 §04.
        """
        self._check_open()
        now = self._time(now_ms)
        self.local.unlink_deleted(now_ms=now)
        doomed = self.doomed_segments(now_ms=now)
        if doomed and doomed[-1][0].is_active:
            self._roll(self.log_end, "its records expired", now)
        self.local.drop(doomed, now_ms=now, **self._marks())
        if doomed:
            self._advance_log_start(self.local.segments[0].base_offset, "segments deleted")
        self.trace.emit(retention_told(self.local, len(doomed), **self._marks()), at_ms=now)
        return tuple(facts.base_offset for facts, _ in doomed)

    def doomed_segments(self, *, now_ms: int) -> list[tuple[SegmentFacts, str]]:
        """Return what a retention check would delete now, each with the reason; changes nothing."""
        if len(self.local.segments) == 1 and not self.local.active.size_bytes:
            return []  # as most logs of an idle broker are
        return doomed_segments(self.local, now_ms=now_ms, **self._marks())

    def remove_deleted_files(self, *, now_ms: int) -> tuple[str, ...]:
        """Remove, and return, the `.deleted` files whose delay is over."""
        return self.local.unlink_deleted(now_ms=self._time(now_ms))

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

    def _advance_log_start(self, offset: int, reason: str) -> None:
        if offset > self.log_start:
            told = LogStartAdvanced(self.log_start, offset, reason)
            self.trace.emit(told, at_ms=self.now_ms)
            self.log_start = offset
            self.epochs.truncate_from_start(offset)

    def _marks(self) -> dict[str, int]:
        """What says, with the rules, which segments may go; the events of their end tell it."""
        return {"high_watermark": self.high_watermark, "log_start": self.log_start}

    # --- truncating, from the end ----------------------------------------------------------------

    def truncate_to(self, offset: int) -> bool:
        """Drop all batches that reach `offset` or beyond; say whether there were any.

        Epochs, indexes and producers forget them too, and no mark of the log stays beyond its end.
        A batch that holds `offset` in its middle goes as a whole, and the log ends where it began.

        Simplified: Kafka lets such a log end at `offset` all the same, with a gap before it.
        Source: kafka, `UnifiedLog.truncateTo`.
        """
        self._check_open()
        if offset >= self.log_end:
            # A leader that never got a record has begun its epoch at the log end all the same.
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
        """Drop everything and begin an empty log at `offset`, as a follower too far behind does.

        The recovery point comes down to `offset`, but never rises: nothing has been flushed.

        Source: kafka, `UnifiedLog.truncateFullyAndStartAt`, LocalLog `updateLogEndOffset`.
        """
        self._check_open()
        was = self.log_end
        self._drop(self.local.facts(), "truncated")
        self.local.start_anew(offset, now_ms=self.now_ms)
        self.epochs.clear()
        self.log_start = self.high_watermark = offset
        self._after_truncation(was, f"fully, to start at {offset}")

    def _drop(self, doomed: Sequence[SegmentFacts], reason: str) -> None:
        with_reason = [(facts, reason) for facts in doomed]
        self.local.drop(with_reason, now_ms=self.now_ms, **self._marks())

    def _after_truncation(self, log_end_before: int, reason: str) -> None:
        end = self.log_end
        self.log_start = min(self.log_start, end)
        self.high_watermark = min(self.high_watermark, end)
        self.recovery_point = min(self.recovery_point, end)
        self.epochs.truncate_from_end(end)
        self._rebuild_producers()
        self.trace.emit(LogTruncated(log_end_before, end, reason), at_ms=self.now_ms)

    # --- while it is open ------------------------------------------------------------------------

    def update_config(self, config: LogConfig) -> None:
        """Take other settings; segments that exist keep the size and the gaps of their indexes.

        Source: kafka, `UnifiedLog.updateConfig`.
        """
        self.config = self.local.config = config

    def expire_producers(self, *, now_ms: int) -> tuple[int, ...]:
        """Forget, and return, the producers that were idle for `producer.id.expiration.ms`.

        Source: kafka, `UnifiedLog.removeExpiredProducers`.
        """
        return self.producers.expire(now_ms=self._time(now_ms))

    # --- looking ---------------------------------------------------------------------------------

    def snapshot(self) -> LogSnapshot:
        """Return the public state. Cost: linear, for it names every batch."""
        return LogSnapshot(
            name=self.name,
            log_start=self.log_start,
            log_end=self.log_end,
            high_watermark=self.high_watermark,
            last_stable_offset=self.last_stable_offset,
            recovery_point=self.recovery_point,
            size_bytes=self.size_bytes,
            epochs=self.epochs.entries,
            segments=tuple(_segment_snapshot(s, s is self.local.active) for s in self.segments),
        )

    def check(self) -> None:
        """Assert what always holds: offsets in order, chained segments, sound indexes.

        Cost: linear in the number of batches.
        """
        assert 0 <= self.log_start <= self.high_watermark <= self.log_end
        assert self.recovery_point <= self.log_end
        assert self.last_stable_offset <= self.high_watermark
        for segment, following in zip(self.segments, self.segments[1:], strict=False):
            assert segment.next_offset <= following.base_offset
        for segment in self.segments:
            _check_segment(segment)
        self.producers.check()

    def __repr__(self) -> str:
        marks = f"high watermark {self.high_watermark}, {len(self.segments)} segments"
        return f"PartitionLog({self.name!r}, {self.log_start}..{self.log_end}, {marks})"


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


def _check_segment(segment: Segment) -> None:
    places = dict(segment.file.scan())
    expected = segment.base_offset
    for header in places.values():
        assert header.base_offset >= expected
        expected = header.next_offset
    assert expected == segment.next_offset
    for entry in segment.index.entries:
        assert places[entry.position].last_offset == entry.offset


def _segment_snapshot(segment: Segment, is_active: bool) -> SegmentSnapshot:
    return SegmentSnapshot(
        base_offset=segment.base_offset,
        next_offset=segment.next_offset,
        size_bytes=segment.size_bytes,
        largest_timestamp_ms=segment.largest.timestamp_ms,
        is_active=is_active,
        index=tuple(segment.index.entries),
        time_index=tuple(segment.time_index.entries),
        batches=tuple(map(_batch_place, segment.file.scan())),
    )


def _batch_place(place: Place) -> BatchPlace:
    position, header = place
    return BatchPlace(
        position=position,
        size_bytes=header.size_bytes,
        base_offset=header.base_offset,
        last_offset=header.last_offset,
        leader_epoch=header.partition_leader_epoch,
        max_timestamp_ms=header.max_timestamp_ms,
        producer_id=header.producer_id,
        is_transactional=header.is_transactional,
        is_control=header.is_control,
        records_count=header.records_count,
    )
