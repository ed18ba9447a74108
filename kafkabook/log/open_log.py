"""The life of a log: it is opened, it rolls, it is flushed and closed.

Source: kafka, storage `UnifiedLog.java`, `LogLoader.java`.
"""

from random import Random

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Trace
from kafkabook.log.checkpoints import (
    PARTITION_METADATA,
    read_partition_metadata,
    write_partition_metadata,
)
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import Disk, MemoryDisk
from kafkabook.log.events import (
    HighWatermarkAdvanced,
    LogClosed,
    LogFlushed,
    LogOpened,
    LogStartAdvanced,
)
from kafkabook.log.facts import RollReason
from kafkabook.log.local_log import LocalLog
from kafkabook.log.producer_files import (
    rebuild_producers,
    remember_batch,
    remove_strays,
    save_newest,
    save_snapshot,
)
from kafkabook.log.producer_state import ProducerStates
from kafkabook.log.readable_log import ReadableLog
from kafkabook.log.recovery import Checkpointed, Recovery
from kafkabook.log.rules import LogRules
from kafkabook.records.record_batch import RecordBatch


class OpenLog(ReadableLog):
    """A `PartitionLog` without the verbs that change its records; see there for the arguments."""

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
        now_ms: int = 0,
    ) -> None:
        self.name = str(TopicPartition.parse(name))
        self.disk: Disk = MemoryDisk() if disk is None else disk
        self.config, self.rules = config, rules
        self.trace = Trace(name) if trace is None else trace.at(name)
        self.now_ms, self.is_closed = now_ms, False
        self._random = Random(f"{name}/jitter") if random is None else random
        self._identify(topic_id)
        self._open(checkpointed)
        self._draw_jitter()

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

    def roll(self, *, now_ms: int | None = None) -> int:
        """Begin a new segment at the log end unless the active one is empty; return its base."""
        self._check_open()
        if self.local.active.size_bytes:
            self._roll(self.log_end, "asked for", self._time(now_ms))
        return self.local.active.base_offset

    def flush(self) -> None:
        """Bring everything to the platter: the recovery point moves to the log end."""
        for segment in self.local.segments[self.local.index_of(self.recovery_point) :]:
            segment.flush()
        self._flushed_to(self.log_end)

    def close(self) -> None:
        """Stop cleanly: seal the active segment, leave a producer snapshot, flush; only once."""
        if self.is_closed:
            return
        self.local.active.seal()
        save_newest(self.producers, self.local, self.log_end, self.log_start)
        self.flush()
        self.trace.emit(LogClosed(self.log_end), at_ms=self.now_ms)
        self.is_closed = True

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
            now_ms=self.now_ms,
        )
        start = checkpointed.log_start or 0
        segments, scanned = found.segments, found.scanned
        if segments and segments[-1].next_offset < start:
            found.remove_all()
            segments, scanned = [], ()
        self.epochs = found.epochs
        self.local = LocalLog(
            self.disk,
            self.name,
            config=self.config,
            rules=self.rules,
            trace=self.trace,
            segments=segments,
            start=start,
            now_ms=self.now_ms,
        )
        self._take_marks(checkpointed)
        self._load_producers(scanned)
        bases = tuple(segment.base_offset for segment in self.local.segments)
        opened = LogOpened(self.log_start, self.log_end, bases, checkpointed.after_clean_stop)
        self.trace.emit(opened, at_ms=self.now_ms)

    def _take_marks(self, checkpointed: Checkpointed) -> None:
        first, end = self.local.segments[0].base_offset, self.log_end
        self.log_start = max(first, checkpointed.log_start or 0)
        self.high_watermark = max(self.log_start, min(checkpointed.high_watermark, end))
        self.recovery_point = min(checkpointed.recovery_point, end)
        self.epochs.truncate_from_end(end)
        self.epochs.truncate_from_start(self.log_start)

    def _load_producers(self, scanned: tuple[int, ...]) -> None:
        self.producers = ProducerStates(
            judge=self.rules.judge_batch,
            remember=self.rules.next_producer_state,
            undecided=self.rules.first_undecided,
            write=self.rules.write_snapshot,
            trace=self.trace,
        )
        remove_strays(self.local)
        rebuild_producers(
            self.producers,
            self.local,
            log_start=self.log_start,
            scanned=scanned,
            now_ms=self.now_ms,
        )
        self.producers.advance_high_watermark(self.high_watermark)

    def _draw_jitter(self) -> None:
        """Rolling by age comes earlier by a random span, so that logs do not roll all at once."""
        most_ms = min(self.config.segment_jitter_ms, self.config.segment_ms)
        self._jitter_ms = self._random.randrange(most_ms) if most_ms else 0

    def _write(self, batch: RecordBatch, now_ms: int) -> None:
        """Append a stamped batch: roll if there is need, then bytes, indexes, epochs, producers."""
        header, active = batch.header, self.local.active
        facts = active.facts(active.next_offset, is_active=True)
        reason = self.rules.should_roll(facts, header, self.config, now_ms, self._jitter_ms)
        if reason is not None:
            self._roll(header.base_offset, reason, now_ms)
            active = self.local.active
        if header.partition_leader_epoch != self.epochs.latest:
            epoch = header.partition_leader_epoch
            self.epochs.assign(epoch, header.base_offset, now_ms=now_ms)
        active.append(batch, now_ms=now_ms)
        if header.producer_id >= 0:
            remember_batch(self.producers, batch, active, now_ms=now_ms)
        if header.next_offset - self.recovery_point >= self.config.flush_messages:
            self.flush()

    def _roll(self, new_base: int, reason: RollReason | str, now_ms: int) -> None:
        self.local.roll(new_base, reason, now_ms=now_ms)
        save_snapshot(self.producers, self.disk, self.name, new_base)
        self._flushed_to(new_base)
        self._draw_jitter()

    def _flushed_to(self, offset: int) -> None:
        if offset > self.recovery_point:
            self.recovery_point = offset
            self.trace.emit(LogFlushed(offset), at_ms=self.now_ms)

    def _advance_log_start(self, offset: int, reason: str) -> None:
        if offset > self.log_start:
            told = LogStartAdvanced(self.log_start, offset, reason)
            self.trace.emit(told, at_ms=self.now_ms)
            self.log_start = offset
            self.epochs.truncate_from_start(offset)

    def _time(self, now_ms: int | None, record_ms: int = -1) -> int:
        """Take note of the time; without a clock, no record is from the future."""
        self.now_ms = max(self.now_ms, record_ms) if now_ms is None else now_ms
        return self.now_ms

    def _check_open(self) -> None:
        if self.is_closed:
            raise KafkaError(
                Errors.KAFKA_STORAGE_ERROR, f"{self.name} has been closed; open it again to go on"
            )
