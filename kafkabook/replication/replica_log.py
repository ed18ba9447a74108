"""One broker's copy of a partition: the real log, and who is told what happens to it."""

from collections.abc import Callable, Iterable, Sequence

from kafkabook.base.errors import UnexpectedAppendOffset
from kafkabook.base.machine import Context
from kafkabook.base.names import TopicPartition
from kafkabook.log.facts import Appended
from kafkabook.log.partition_log import PartitionLog
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.events import (
    BatchStored,
    BatchTold,
    HighWatermarkFell,
    HighWatermarkMoved,
    LogStartMoved,
    ReplicaFlushed,
    ReplicaOpened,
    ReplicaTruncated,
)
from kafkabook.replication.facts import FollowerLog

FILE_REMOVAL = "file removal"  # the timer, with the partition whose files it removes


class ReplicaLog:
    """A partition's log on one broker, which tells of all that a checker must know.

    Args:
        broker: its id.
        log: the log, recovered.
        context: of the event in which the log was opened.
        truncated: called after a truncation, since the checkpoints may then say too much.
    """

    def __init__(
        self,
        broker: int,
        log: PartitionLog,
        context: Context,
        *,
        truncated: Callable[[PartitionLog], None] = lambda _: None,
    ) -> None:
        self.broker, self.log = broker, log
        self.partition = TopicPartition.parse(log.name)
        self._flushed, self._truncated = log.recovery_point, truncated
        context.tell(
            ReplicaOpened(
                self.partition,
                broker,
                log.log_start,
                log.log_end,
                log.high_watermark,
                tuple(told_of(batch) for batch in batches_of(log)),
            )
        )

    def append(self, batch: RecordBatch, context: Context, *, leader_epoch: int) -> Appended:
        """Append a producer's batch as the leader of `leader_epoch`.

        Raises:
            KafkaError: the log refuses it; see `PartitionLog.append`. Nothing is appended then.
        """
        end = self.log.log_end
        appended = self.log.append(batch, now_ms=context.now_ms, leader_epoch=leader_epoch)
        # A duplicate of an idempotent producer has its answer, but stored nothing.
        if self.log.log_end > end:
            told = BatchTold(end, self.log.log_end - 1, leader_epoch, self.crc_of(batch, end))
            self._stored(told, leader_epoch, context, is_leader=True)
        return appended

    def crc_of(self, batch: RecordBatch, offset: int) -> int:
        """Return the checksum of an appended batch as it lies at `offset`.

        A leader that stamps its own time changes it.
        """
        if self.log.config.message_timestamp_type != "LogAppendTime":
            return batch.header.crc
        return next((stored.header.crc for stored in self.log.read(offset)), batch.header.crc)

    def append_fetched(
        self, batches: Iterable[RecordBatch], context: Context, *, leader_epoch: int
    ) -> None:
        """Append what the leader sent, byte for byte.

        A leader's log may start inside a batch, since deletions cut no batch. A follower with an
        empty log that fetches from there is sent the whole batch, and begins anew at its base.

        Raises:
            UnexpectedAppendOffset: it does not follow this log. Nothing is appended then.
            CorruptMessage, RECORD_LIST_TOO_LARGE: see `PartitionLog.append_as_follower`.

        Source: kafka, Partition.scala `appendRecordsToFollowerOrFutureReplica`.
        """
        fetched = tuple(batches)
        try:
            self.log.append_as_follower(fetched, now_ms=context.now_ms)
        except UnexpectedAppendOffset:
            if not self._begins_inside(fetched):
                raise
            base, reason = fetched[0].base_offset, "the leader's log starts inside a batch"
            self.start_anew(base, context, leader_epoch=leader_epoch, reason=reason)
            self.log.append_as_follower(fetched, now_ms=context.now_ms)
        for batch in fetched:
            self._stored(told_of(batch), leader_epoch, context, is_leader=False)

    def _begins_inside(self, fetched: Sequence[RecordBatch]) -> bool:
        """Say whether this log is empty, and begins inside what was fetched."""
        end = self.log.log_end
        return self.log.log_start == end and fetched[0].base_offset < end < fetched[-1].next_offset

    def truncate_to(self, offset: int, context: Context, *, leader_epoch: int, reason: str) -> None:
        """Cut everything from `offset` on."""
        was, high_watermark = self.log.log_end, self.log.high_watermark
        if self.log.truncate_to(offset):
            self._flushed = min(self._flushed, self.log.recovery_point)
            end = self.log.log_end
            cut = (self.partition, self.broker, was, end, leader_epoch, high_watermark, reason)
            context.tell(ReplicaTruncated(*cut))
            self.tell_fall(high_watermark, reason, context)
            self._after_truncation(context)

    def tell_fall(self, was: int, reason: str, context: Context) -> None:
        """Tell that the high watermark is lower than it was, if it is."""
        now = self.log.high_watermark
        if now < was:
            fell = (self.partition, self.broker, was, now)
            context.tell(HighWatermarkFell(*fell, is_leader=False, reason=reason))

    def start_anew(self, offset: int, context: Context, *, leader_epoch: int, reason: str) -> None:
        """Drop everything and begin at `offset`, where the leader's log has what comes next."""
        was, high_watermark = self.log.log_end, self.log.high_watermark
        self.log.truncate_fully_and_start_at(offset)
        self._flushed = min(self._flushed, self.log.recovery_point)
        cut = (self.partition, self.broker, was, offset, leader_epoch, high_watermark, reason)
        context.tell(ReplicaTruncated(*cut))
        self.tell_fall(high_watermark, reason, context)
        self._after_truncation(context)

    def delete_records(self, offset: int, context: Context, *, reason: str) -> int:
        """Serve nothing below `offset` any more; return the log start.

        Raises:
            OffsetOutOfRange: it is above the high watermark, or negative (-1 stands for the mark).
        """
        was = self.log.log_start
        now = self.log.delete_records_before(offset, reason=reason)
        if now > was:
            context.tell(LogStartMoved(self.partition, self.broker, was, now, reason))
            context.changed(self.partition)
        return now

    def move_high_watermark(
        self,
        offset: int,
        context: Context,
        *,
        leader_epoch: int,
        isr: frozenset[int] | None = None,
        counted: frozenset[int] = frozenset(),
        held_back_by: frozenset[int] = frozenset(),
        min_insync_replicas: int = 1,
    ) -> bool:
        """Move the high watermark; say whether it moved. `isr` is None on a follower."""
        was = self.log.high_watermark
        if offset <= was:
            return False
        now = self.log.advance_high_watermark(offset)
        moved = HighWatermarkMoved(
            self.partition,
            self.broker,
            was,
            offset,
            self.log.log_end,
            leader_epoch,
            is_leader=isr is not None,
            isr=isr or frozenset(),
            counted=counted,
            held_back_by=held_back_by,
            min_insync_replicas=min_insync_replicas,
        )
        if now > was or offset > self.log.log_end:
            context.tell(moved)
        if now > was:
            context.changed(self.partition)
        return now > was

    def view(self) -> FollowerLog:
        """Return what a truncation may know of this log."""
        return FollowerLog(self.log.epochs.entries, self.log.log_end, self.log.high_watermark)

    def flushed(self, context: Context) -> None:
        """Tell how far the log has been flushed, if that moved."""
        if self.log.recovery_point > self._flushed:
            self._flushed = self.log.recovery_point
            context.tell(ReplicaFlushed(self.partition, self.broker, self._flushed))

    def _after_truncation(self, context: Context) -> None:
        self._truncated(self.log)
        wake_for_removal(self, context)

    def _stored(
        self, batch: BatchTold, leader_epoch: int, context: Context, *, is_leader: bool
    ) -> None:
        """Tell of a batch; fetches that wait for the log end are looked at again."""
        # Where no high watermark moved, Kafka looks again at parked fetches alone
        # (`ReplicaManager.addCompletePurgatoryAction`); here at all that waits for the partition.
        context.tell(BatchStored(self.partition, self.broker, *batch, leader_epoch, is_leader))
        context.changed(self.partition)
        self.flushed(context)


def wake_for_removal(replica_log: ReplicaLog, context: Context) -> None:
    """Arm the timer that removes `.deleted` files, for the time when the first of them may go."""
    log = replica_log.log
    if log.local.waiting:
        due_ms = min(due_ms for due_ms, _ in log.local.waiting)
        context.wake((FILE_REMOVAL, replica_log.partition), max(0, due_ms - context.now_ms))


def told_of(batch: RecordBatch) -> BatchTold:
    """Name a batch as the trace does."""
    header = batch.header
    epoch = header.partition_leader_epoch
    return BatchTold(header.base_offset, header.last_offset, epoch, header.crc)


def batches_of(log: PartitionLog) -> Iterable[RecordBatch]:
    """Yield every batch of a log, oldest first."""
    offset = log.log_start
    while batches := log.read(offset):
        yield from batches
        offset = batches[-1].next_offset
