"""The partitions of one broker: opened, led, followed, deleted, as the metadata says.

Source: kafka, core `ReplicaManager.scala` `applyDelta`; notes, Part 1 ch 01 §06.
"""

from collections.abc import Iterable, Mapping

from kafkabook.base.errors import Errors
from kafkabook.base.machine import Component, Context, TimerHandler
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.alter_partition import AlterPartitionManager
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.fetchers import ReplicaFetchers
from kafkabook.cluster.lifecycle import Lifecycle
from kafkabook.cluster.log_manager import LogManager
from kafkabook.cluster.metadata import (
    BrokerConfigRecord,
    ClusterImage,
    ConfigRecord,
    PartitionChangeRecord,
    PartitionRecord,
    Record,
    RemoveTopicRecord,
)
from kafkabook.protocol.control_api import ConfirmedIsr, ProposedIsr
from kafkabook.replication.events import ReplicaDeleted
from kafkabook.replication.facts import PartitionState
from kafkabook.replication.leader import Leader
from kafkabook.replication.partition import Partition
from kafkabook.replication.replica_log import ReplicaLog
from kafkabook.replication.rules import ReplicationRules


class ReplicaManager(Component):
    """Every partition that one broker holds a replica of.

    Args:
        logs: its disk, with all logs on it. image: the metadata as this broker knows it.
        lifecycle: whether it is stopping. fetchers: copy what it follows.
        alter_partition: takes proposals to the controller. last_marks: see `Broker`.
    """

    def __init__(
        self,
        logs: LogManager,
        *,
        image: ClusterImage,
        lifecycle: Lifecycle,
        fetchers: ReplicaFetchers,
        alter_partition: AlterPartitionManager,
        config: ClusterConfig,
        rules: ReplicationRules,
        last_marks: Mapping[tuple[TopicPartition, str | None], int],
    ) -> None:
        self.broker, self.logs, self.image = lifecycle.broker, logs, image
        self.config, self.rules = config, rules
        self.partitions: dict[TopicPartition, Partition] = {}
        self.is_loaded = False
        self._lifecycle, self._fetchers = lifecycle, fetchers
        self._alter_partition = alter_partition
        self._last_marks = last_marks
        alter_partition.tell = self._isr_answered

    def timers(self) -> dict[str, TimerHandler]:
        """Look for members that lag, and write the high watermarks, every now and then."""
        return {"isr expiration": self._shrink_isrs, "high watermark checkpoint": self._checkpoint}

    def start(self, context: Context) -> None:
        """Arm both timers."""
        context.wake("isr expiration", self.config.replica_lag_time_max_ms // 2)
        self._wake_for_checkpoint(context)

    def on_metadata(self, records: Iterable[Record], context: Context) -> None:
        """Follow the metadata after some records: delete, then lead and follow."""
        if any(isinstance(record, BrokerConfigRecord) for record in records):
            self.logs.reconfigure(self.image.altered_of(self.broker))
        self._load(context)
        # First, so that a topic that was made again under its name finds no old log
        # (`ReplicaManager.applyDelta`).
        self._delete_gone(records, context)
        for partition in self._touched(records):
            self._apply(partition, context)
        # Last: by now every partition that follows has its leader epoch and its log end.
        self._fetchers.fetch(context)

    def leader_or_error(
        self, name: TopicPartition
    ) -> tuple[Partition, Leader | Errors] | tuple[None, Errors]:
        """Return a partition with its leader on this broker, or the error for who asks.

        Source: kafka, ReplicaManager.scala `getPartitionOrError`.
        """
        partition = self.partitions.get(name)
        if partition is not None:
            return partition, partition.leader or Errors.NOT_LEADER_OR_FOLLOWER
        is_known = name in self.image.partitions
        unknown = Errors.UNKNOWN_TOPIC_OR_PARTITION
        return None, Errors.NOT_LEADER_OR_FOLLOWER if is_known else unknown

    def check(self) -> None:
        """Assert what holds on one broker, whatever the others do."""
        for partition in self.partitions.values():
            partition.check()

    # --- roles -----------------------------------------------------------------------------------

    def _apply(self, name: TopicPartition, context: Context) -> None:
        """Take the state of one partition, and copy the log if there is a leader to follow."""
        state = self.image.partitions[name]
        partition = self.partitions.get(name) or self._open(name, context)
        least = self.image.least(name, self.config.min_insync_replicas, self.broker)
        partition.apply(state, context, min_insync_replicas=least)
        self.logs.update_config(name, self.image.topics[name.topic])
        if partition.leader is not None or self._is_leaving(state):
            self._fetchers.stop(name)
        else:
            self._fetchers.follow(partition)

    def _is_leaving(self, state: PartitionState) -> bool:
        """Say whether this broker is stopping and out of a set, and so copies no more.

        Source: kafka, ReplicaManager.scala `applyLocalFollowersDelta`.
        """
        is_out = state.leader is None or self.broker not in state.isr
        return self._lifecycle.wants_shut_down and is_out

    def _touched(self, records: Iterable[Record]) -> list[TopicPartition]:
        """Name the partitions of this broker that records speak of, once each, in order."""
        names: dict[TopicPartition, None] = {}
        for record in records:
            if isinstance(record, PartitionRecord | PartitionChangeRecord):
                names[record.partition] = None
            elif isinstance(record, ConfigRecord) and record.topic in self.image.topics:
                names.update(dict.fromkeys(self.image.topics[record.topic].partitions))
            elif isinstance(record, BrokerConfigRecord):
                names.update(dict.fromkeys(self.image.partitions))
        states = self.image.partitions
        return [name for name in names if name in states and self.broker in states[name].replicas]

    def _open(self, name: TopicPartition, context: Context) -> Partition:
        replica_log = self.logs.open(name, self.image.topics[name.topic], context)
        self._tell_if_fell(replica_log, context)
        self.partitions[name] = Partition(
            replica_log,
            rules=self.rules,
            is_eligible=self.image.is_eligible,
            submit=self._alter_partition.submit,
            replica_lag_time_max_ms=self.config.replica_lag_time_max_ms,
        )
        return self.partitions[name]

    def _tell_if_fell(self, replica_log: ReplicaLog, context: Context) -> None:
        """Tell it if an incarnation begins with a lower high watermark than the last one had."""
        log = replica_log.log
        was = self._last_marks.get((replica_log.partition, log.topic_id), 0)
        is_end = log.high_watermark == log.log_end
        why = "its log ends there" if is_end else "its checkpoint has no more"
        replica_log.tell_fall(was, f"the broker started again: {why}", context)

    # --- the disk --------------------------------------------------------------------------------

    def _load(self, context: Context) -> None:
        """Open every log on the disk, once, as soon as the topics' settings are known."""
        if self.is_loaded:
            return
        self.is_loaded = True
        directory = self.logs.directory
        for name in directory.partitions():
            topic = self.image.topics.get(name.topic)
            is_known = topic is not None and name in topic.partitions
            if topic is not None and is_known and directory.topic_id(name) == topic.topic_id:
                self._open(name, context)
            else:
                self.logs.set_stray_aside(name, context)
        self.logs.start_up(context)

    def _delete_gone(self, records: Iterable[Record], context: Context) -> None:
        """Delete the logs of topics that are gone, or were made again under the same name."""
        topics = {record.topic for record in records if isinstance(record, RemoveTopicRecord)}
        held = [name for name in self.partitions if name.topic in topics] if topics else []
        gone = [name for name in held if self._is_gone(name)]
        for name in gone:
            del self.partitions[name]
            self._fetchers.stop(name)
            context.tell(ReplicaDeleted(name, self.broker))
            context.changed(name)
        if gone:
            self.logs.delete(gone, context)

    def _is_gone(self, name: TopicPartition) -> bool:
        topic = self.image.topics.get(name.topic)
        log = self.partitions[name].replica_log.log
        return topic is None or topic.topic_id != log.topic_id

    # --- timers and answers ----------------------------------------------------------------------

    def _shrink_isrs(self, context: Context) -> None:
        """Let every leader look whether its members keep up."""
        for partition in self.partitions.values():
            partition.maybe_shrink_isr(context)
        context.wake("isr expiration", self.config.replica_lag_time_max_ms // 2)

    def _checkpoint(self, context: Context) -> None:
        self.logs.directory.checkpoint_high_watermarks()
        self._wake_for_checkpoint(context)

    def _wake_for_checkpoint(self, context: Context) -> None:
        interval_ms = self.config.replica_high_watermark_checkpoint_interval_ms
        context.wake("high watermark checkpoint", interval_ms)

    def _isr_answered(self, asked: ProposedIsr, answer: ConfirmedIsr, context: Context) -> None:
        partition = self.partitions.get(asked.partition)
        if partition is not None:
            partition.isr_answered(asked, answer, context)
