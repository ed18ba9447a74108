"""The logs of one broker: opened, looked after by timers, and deleted when their topic is gone.

Source: kafka, core `LogManager.scala`; notes, Part 1 ch 02 §07 and ch 03 §04.
"""

from collections.abc import Iterable, Mapping

from kafkabook.base.machine import Component, Context, TimerHandler
from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Trace
from kafkabook.base.units import INT64_MAX
from kafkabook.cluster.config import ClusterConfig, log_config_of, with_altered
from kafkabook.cluster.log_cleaner import LogCleaner
from kafkabook.cluster.metadata import TopicImage
from kafkabook.log.log_directory import STRAY, LogDirectory
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.rules import LogRules
from kafkabook.replication.events import DirectoryRemoved
from kafkabook.replication.replica_log import FILE_REMOVAL, ReplicaLog
from kafkabook.replication.upkeep import (
    delete_old_segments,
    expire_producers,
    flush_if_due,
    remove_deleted_files,
)

RETENTION, FLUSHER = "log retention", "log flusher"
RECOVERY_POINTS, LOG_STARTS = "recovery point checkpoint", "log start offset checkpoint"
DIRECTORY_REMOVAL = "directory removal"
PRODUCER_EXPIRATION = "producer expiration"  # with the partition


class LogManager(Component):
    """All logs of a broker, and the timers that run retention, flushes and checkpoints.

    Nothing runs before the logs that the disk holds are open. Then each timer waits for
    `log.initial.task.delay.ms` before it goes off for the first time. A log looks for idle
    producers from its opening on, and files are removed when their own delay is over.

    Args:
        broker: its id. directory: its disk. log_trace: where the logs tell what they do.
        cleaner: works on the logs that are compacted, and on no other.

    Attributes:
        logs: the open ones.

    Simplified: one `log.dirs`; a flush is done by the timer that finds it due.
    Source: kafka, `LogManager.scala` `startupWithConfigOverrides`, `cleanupLogs`, `asyncDelete`,
    `deleteLogs`.
    """

    def __init__(
        self,
        broker: int,
        directory: LogDirectory,
        cleaner: LogCleaner,
        *,
        config: ClusterConfig,
        log_rules: LogRules,
        log_trace: Trace,
    ) -> None:
        self.broker, self.directory = broker, directory
        self.config = self._of_file = config
        self.logs, self.cleaner = cleaner.logs, cleaner
        self._log_rules, self._log_trace = log_rules, log_trace
        self._first_ms: int  # when the timers go off for the first time; set by `start_up`
        self._to_be_removed: list[tuple[int, str]] = []  # since when a directory waits

    def timers(self) -> dict[str, TimerHandler]:
        """Look after the logs, each at its own pace."""
        return {
            RETENTION: self._run_retention,
            FLUSHER: self._flush,
            RECOVERY_POINTS: self._checkpoint_recovery_points,
            LOG_STARTS: self._checkpoint_log_starts,
            DIRECTORY_REMOVAL: self._remove_directories,
            FILE_REMOVAL: self._remove_files,
            PRODUCER_EXPIRATION: self._expire_producers,
        }

    def start_up(self, context: Context) -> None:
        """Arm the timers, once all logs are open; what waited for its removal waits anew."""
        delay_ms = self.config.log_initial_task_delay_ms
        self._first_ms = context.now_ms + delay_ms
        for timer in (RETENTION, FLUSHER, RECOVERY_POINTS, LOG_STARTS):
            context.wake(timer, delay_ms)
        for folder in self.directory.set_aside_before():
            self._to_be_removed.append((context.now_ms, folder))
        self._wake_for_removal(context)
        self.cleaner.start_up(context)

    # --- logs come and go ------------------------------------------------------------------------

    def open(self, name: TopicPartition, topic: TopicImage, context: Context) -> ReplicaLog:
        """Open or create the log of a partition, under the settings of its topic."""
        log = self.directory.open(
            name,
            config=log_config_of(topic.config, self.config),
            rules=self._log_rules,
            trace=self._log_trace,
            topic_id=topic.topic_id,
            producer_id_expiration_ms=self.config.producer_id_expiration_ms,
            now_ms=context.now_ms,
        )
        self.logs[name] = ReplicaLog(self.broker, log, context, truncated=self._truncated)
        self._wake_for_producers(name, context)
        return self.logs[name]

    def reconfigure(self, altered: Mapping[str, str]) -> None:
        """Take what was altered of this broker's settings; `update_config` tells each log.

        Source: kafka, core `DynamicBrokerConfig.scala` `DynamicLogConfig.reconfigure`.
        """
        self.config = with_altered(self._of_file, altered)

    def update_config(self, name: TopicPartition, topic: TopicImage) -> None:
        """Let an open log follow the settings of its topic."""
        self.logs[name].log.update_config(log_config_of(topic.config, self.config))

    def delete(self, names: Iterable[TopicPartition], context: Context) -> None:
        """Set the directories of partitions aside, and remove them later.

        Source: kafka, `LogManager.asyncDelete`.
        """
        for name in names:
            del self.logs[name]
            folder = self.directory.set_aside(name, now_ms=context.now_ms)
            self._to_be_removed.append((context.now_ms, folder))
            self._wake_for_removal(context)
        if self.config.log_cleaner_enable:
            self.directory.keep_cleaned()
        self.directory.checkpoint_recovery_points()
        self.directory.checkpoint_log_starts()

    def set_stray_aside(self, name: TopicPartition, context: Context) -> None:
        """Take a partition out of the way that the metadata do not give to this broker.

        Its files are kept for ever, since nobody asked for their end.

        Source: kafka, `LogManager.loadLog`, `isStrayKraftReplica`.
        """
        self.directory.set_aside(name, STRAY, now_ms=context.now_ms)

    def _truncated(self, log: PartitionLog) -> None:
        """Say no more of a log on the disk than is true of it now.

        Source: kafka, `LogManager.truncateTo`.
        """
        if self.config.log_cleaner_enable and log.config.compacts:
            name = TopicPartition.parse(log.name)
            self.directory.keep_cleaned({name: log.local.active.base_offset})
        self.directory.checkpoint_recovery_points()

    # --- timers ----------------------------------------------------------------------------------

    def _run_retention(self, context: Context) -> None:
        """Let retention look at every log that is not compacted; those are the cleaner's."""
        for replica_log in self.logs.values():
            if not replica_log.log.config.compacts:
                delete_old_segments(replica_log, context)
        context.wake(RETENTION, self.config.log_retention_check_interval_ms)

    def _flush(self, context: Context) -> None:
        for replica_log in self.logs.values():
            flush_if_due(replica_log, context)
        if self.config.log_flush_scheduler_interval_ms < INT64_MAX:  # else this was the only time
            context.wake(FLUSHER, self.config.log_flush_scheduler_interval_ms)

    def _checkpoint_recovery_points(self, context: Context) -> None:
        self.directory.checkpoint_recovery_points()
        context.wake(RECOVERY_POINTS, self.config.log_flush_offset_checkpoint_interval_ms)

    def _checkpoint_log_starts(self, context: Context) -> None:
        self.directory.checkpoint_log_starts()
        context.wake(LOG_STARTS, self.config.log_flush_start_offset_checkpoint_interval_ms)

    def _remove_directories(self, context: Context) -> None:
        """Remove the directories whose delay is over.

        Source: kafka, `LogManager.deleteLogs`.
        """
        delay_ms = self.config.log_segment_delete_delay_ms
        while self._to_be_removed and self._to_be_removed[0][0] + delay_ms <= context.now_ms:
            _, folder = self._to_be_removed.pop(0)
            for file in self.directory.disk.list(folder):
                self.directory.disk.remove(f"{folder}/{file}")
            context.tell(DirectoryRemoved(self.broker, folder))
        self._wake_for_removal(context)

    def _wake_for_removal(self, context: Context) -> None:
        """Wake when the directory that waits longest may go, never before the first round."""
        if self._to_be_removed:
            since_ms, _ = self._to_be_removed[0]
            due_ms = max(self._first_ms, since_ms + self.config.log_segment_delete_delay_ms)
            context.wake(DIRECTORY_REMOVAL, max(0, due_ms - context.now_ms))

    def _remove_files(self, name: TopicPartition, context: Context) -> None:
        if name in self.logs:
            remove_deleted_files(self.logs[name], context)

    def _expire_producers(self, name: TopicPartition, context: Context) -> None:
        if name in self.logs:
            expire_producers(self.logs[name], context)
            self._wake_for_producers(name, context)

    def _wake_for_producers(self, name: TopicPartition, context: Context) -> None:
        interval_ms = self.config.producer_id_expiration_check_interval_ms
        context.wake((PRODUCER_EXPIRATION, name), interval_ms)
