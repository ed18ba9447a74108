"""The root of one of a broker's `log.dirs`: its logs, and what it writes down about them.

Source: kafka, storage `LogManager`; KIP-112, KIP-966; notes, Part 1 ch 02 §07.
"""

from operator import attrgetter
from typing import TypedDict, Unpack

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.names import TopicPartition
from kafkabook.base.shown import Shown
from kafkabook.base.trace import Trace
from kafkabook.log.checkpoints import (
    CLEAN_SHUTDOWN,
    CLEANER_OFFSETS,
    HIGH_WATERMARKS,
    LOG_STARTS,
    META_PROPERTIES,
    PARTITION_METADATA,
    RECOVERY_POINTS,
    checked_id,
    read_clean_shutdown,
    read_meta_properties,
    read_offsets,
    read_partition_metadata,
    write_clean_shutdown,
    write_meta_properties,
    write_offsets,
)
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import Disk, MemoryDisk
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.recovery import Checkpointed
from kafkabook.log.rules import LogRules

LOCK = ".lock"


class Opening(TypedDict, total=False):
    """How a log is opened: arguments of `PartitionLog` that pass through."""

    config: LogConfig
    rules: LogRules
    trace: Trace
    topic_id: str
    now_ms: int


class LogDirectory(Shown):
    """Several logs on one disk, with the four checkpoints that tell the next start about them.

    Opening reads the checkpoints and removes `.kafka_cleanshutdown`, so that whatever happens from
    now on counts as a crash until `close` says otherwise.

    Args:
        disk: a new `MemoryDisk` if omitted.
        cluster_id, node_id, directory_id: for `meta.properties`, which is checked if it exists.

    Raises:
        KAFKA_STORAGE_ERROR: a malformed checkpoint, with its line and what to do about it; or
            properties that belong to another cluster or node.

    Simplified: `.lock` is written but not held against other processes; nothing is checkpointed on
    a timer, `checkpoint` does it (Kafka: every 5 s the high watermarks, every 60 s recovery points
    and log starts; the cleaner's after each cleaning).
    Source: kafka, core `LogManager`, `ReplicaManager.checkpointHighWatermarks`.

    >>> directory = LogDirectory()
    >>> directory.open("orders-0").append([]).log_end
    0
    >>> directory.close(), directory.disk.exists(".kafka_cleanshutdown")
    (None, True)
    """

    def __init__(
        self,
        disk: Disk | None = None,
        *,
        cluster_id: str = "AAAAAAAAAAAAAAAAAAAAAg",
        node_id: int = 1,
        directory_id: str = "AAAAAAAAAAAAAAAAAAAAAw",
    ) -> None:
        self.disk: Disk = MemoryDisk() if disk is None else disk
        self.logs: dict[str, PartitionLog] = {}
        self.cleaner_offsets = read_offsets(self.disk, CLEANER_OFFSETS)
        self._recovery_points = read_offsets(self.disk, RECOVERY_POINTS)
        self._high_watermarks = read_offsets(self.disk, HIGH_WATERMARKS)
        self._log_starts = read_offsets(self.disk, LOG_STARTS)
        self._identify(cluster_id, node_id, directory_id)
        self.previous_broker_epoch = -1
        self.after_clean_stop = self.disk.exists(CLEAN_SHUTDOWN)
        if self.after_clean_stop:
            self.previous_broker_epoch = read_clean_shutdown(self.disk, CLEAN_SHUTDOWN)
            self.disk.remove(CLEAN_SHUTDOWN)
        if not self.disk.exists(LOCK):
            self.disk.append(LOCK, b"")

    def open(self, name: str, **how: Unpack[Opening]) -> PartitionLog:
        """Open or create the log of a partition; the same log if it is open already.

        Raises:
            KAFKA_STORAGE_ERROR, INVALID_TOPIC_EXCEPTION: see `PartitionLog`.
        """
        if name in self.logs and not self.logs[name].is_closed:
            return self.logs[name]
        partition = TopicPartition.parse(name)
        checkpointed = Checkpointed(
            recovery_point=self._recovery_points.get(partition, 0),
            high_watermark=self._high_watermarks.get(partition, 0),
            log_start=self._log_starts.get(partition),
            after_clean_stop=self.after_clean_stop,
            was_compacted=partition in self.cleaner_offsets,
        )
        self.logs[name] = PartitionLog(name, self.disk, checkpointed=checkpointed, **how)
        return self.logs[name]

    def delete(self, name: str) -> None:
        """Remove a partition with all its files, open or not.

        Simplified: Kafka renames the directory to `…-delete` and removes it a minute later.
        """
        log = self.logs.pop(name, None)
        if log is not None:
            log.is_closed = True
        for known in (self._recovery_points, self._high_watermarks, self._log_starts):
            known.pop(TopicPartition.parse(name), None)
        for file in self.disk.list(name):
            self.disk.remove(f"{name}/{file}")

    def topic_id(self, name: str) -> str | None:
        """Return the id in the `partition.metadata` of a directory; None without that file."""
        path = f"{name}/{PARTITION_METADATA}"
        return read_partition_metadata(self.disk, path) if self.disk.exists(path) else None

    def partitions(self) -> tuple[TopicPartition, ...]:
        """Return the partitions that have a directory here, by number; others are passed over."""
        passed_over = ("-delete/", "-future/", "-stray/")
        folders = (name for name in self.disk.list() if name.endswith("/"))
        named = (name[:-1] for name in folders if not name.endswith(passed_over))
        found = map(TopicPartition.parse, named)
        return tuple(sorted(found, key=attrgetter("topic", "partition")))

    def checkpoint(self) -> None:
        """Write all four checkpoints; partitions that are not open keep what they had.

        A log start is written only where it lies above the first segment's base.
        """
        for name, log in self.logs.items():
            partition = TopicPartition.parse(name)
            self._recovery_points[partition] = log.recovery_point
            self._high_watermarks[partition] = log.high_watermark
            self._log_starts.pop(partition, None)
            if log.log_start > log.segments[0].base_offset:
                self._log_starts[partition] = log.log_start
        write_offsets(self.disk, RECOVERY_POINTS, self._recovery_points)
        write_offsets(self.disk, HIGH_WATERMARKS, self._high_watermarks)
        write_offsets(self.disk, LOG_STARTS, self._log_starts)
        # The cleaner writes its checkpoint itself, after each cleaning: what it wrote stands.
        self.cleaner_offsets = read_offsets(self.disk, CLEANER_OFFSETS)
        write_offsets(self.disk, CLEANER_OFFSETS, self.cleaner_offsets)

    def close(self, *, broker_epoch: int = -1) -> None:
        """Stop cleanly: close every log, write the checkpoints, leave `.kafka_cleanshutdown`."""
        for log in self.logs.values():
            log.close()
        self.checkpoint()
        write_clean_shutdown(self.disk, CLEAN_SHUTDOWN, broker_epoch)

    def _identify(self, cluster_id: str, node_id: int, directory_id: str) -> None:
        mine = {
            "version": "1",
            "cluster.id": checked_id(cluster_id),
            "node.id": str(node_id),
            "directory.id": checked_id(directory_id),
        }
        if not self.disk.exists(META_PROPERTIES):
            write_meta_properties(self.disk, META_PROPERTIES, mine)
        found = read_meta_properties(self.disk, META_PROPERTIES)
        for key in ("cluster.id", "node.id"):
            if found.get(key, mine[key]) != mine[key]:
                raise KafkaError(
                    Errors.KAFKA_STORAGE_ERROR,
                    f"{META_PROPERTIES}: {key} is {found[key]}, not {mine[key]}",
                )
        self.properties = found

    def __repr__(self) -> str:
        return f"LogDirectory({self.disk!r}, {len(self.logs)} logs open)"
