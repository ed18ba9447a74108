"""The cleaner thread of a broker: of all compacted logs the dirtiest is cleaned first.

Source: kafka, core `LogCleaner.scala`, `LogCleanerManager.scala`; notes, Part 1 ch 03 §04.
"""

from collections.abc import Iterable

from kafkabook.base.machine import Component, Context, TimerHandler
from kafkabook.base.names import TopicPartition
from kafkabook.base.units import INT64_MAX
from kafkabook.cluster.config import ClusterConfig
from kafkabook.log.compaction import Cleaner
from kafkabook.log.partition_log import PartitionLog
from kafkabook.replication.replica_log import ReplicaLog
from kafkabook.replication.upkeep import compact, delete_old_segments

TIMER = "log cleaner"
Looked = tuple[object, ...]


class LogCleaner(Component):
    """Rounds of cleaning: the dirtiest log that is due, then old segments of compacted logs.

    After a round that cleaned a log the next one follows at once, else after
    `log.cleaner.backoff.ms`. Retention of compacted logs is the cleaner's too: no other thread
    deletes segments that it may be reading.

    Attributes:
        logs: the open logs of the broker, which `LogManager` lets come and go.
        uncleanable: logs that could not be read, which are left alone.

    Simplified: one thread (`log.cleaner.threads`), which cleans in no time, so that nothing ever
    has to stop it; no limit of bytes a second.
    Source: kafka, `LogCleaner.CleanerThread.doWork`, `LogCleanerManager.deletableLogs`.
    """

    def __init__(self, *, config: ClusterConfig) -> None:
        self.config = config
        self.logs: dict[TopicPartition, ReplicaLog] = {}
        self.uncleanable: dict[TopicPartition, ReplicaLog] = {}
        self._cleaner = Cleaner(dedupe_buffer_bytes=config.log_cleaner_dedupe_buffer_size)
        self._clean: dict[TopicPartition, Looked] = {}  # logs as they were when nothing was due

    def timers(self) -> dict[str, TimerHandler]:
        """Run round after round."""
        return {TIMER: self._work}

    def start_up(self, context: Context) -> None:
        """Begin, once all logs are open."""
        if self.config.log_cleaner_enable:
            context.wake(TIMER, 0)

    def _work(self, context: Context) -> None:
        """Clean one log, then let retention look at the compacted ones."""
        for name in [name for name, old in self.uncleanable.items() if self._is_gone(name, old)]:
            del self.uncleanable[name]
        compacted = [it for name, it in self.logs.items() if self._is_cleanable(name, it.log)]
        changed = [it for it in compacted if self._may_be_due(it)]
        filthiest = self._filthiest(changed, context)
        has_cleaned = filthiest is not None and compact(filthiest, self._cleaner, context)
        if filthiest is not None and not has_cleaned:
            self.uncleanable[filthiest.partition] = filthiest
        for replica_log in compacted:  # with "compact" alone the log start decides
            if replica_log.log.config.deletes or self._may_be_due(replica_log):
                delete_old_segments(replica_log, context)
        if filthiest is None:
            self._clean |= {it.partition: _look(it.log) for it in changed}
        context.wake(TIMER, 0 if has_cleaned else max(1, self.config.log_cleaner_backoff_ms))

    def _is_cleanable(self, name: TopicPartition, log: PartitionLog) -> bool:
        return log.config.compacts and name not in self.uncleanable

    def _may_be_due(self, replica_log: ReplicaLog) -> bool:
        """Say whether a log may have work: it changed since nothing was due, or a lag counts."""
        log = replica_log.log
        config = log.config
        has_lag = config.min_compaction_lag_ms > 0 or config.max_compaction_lag_ms < INT64_MAX
        return has_lag or self._clean.get(replica_log.partition) != _look(log)

    def _filthiest(self, changed: Iterable[ReplicaLog], context: Context) -> ReplicaLog | None:
        log = self._cleaner.dirtiest((it.log for it in changed), now_ms=context.now_ms)
        return None if log is None else self.logs[TopicPartition.parse(log.name)]

    def _is_gone(self, name: TopicPartition, old: ReplicaLog) -> bool:
        return self.logs.get(name) is not old


def _look(log: PartitionLog) -> Looked:
    """Return all that decides whether a log is due, but for the time."""
    active = log.local.active.base_offset
    return log, log.log_start, log.high_watermark, log.log_end, active, log.config
