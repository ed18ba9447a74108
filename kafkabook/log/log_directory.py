"""The root of one of a broker's `log.dirs`: its logs, and what it writes down about them.

Source: kafka, storage `LogManager`; KIP-112, KIP-966; notes, Part 1 ch 02 §07.
"""

import re
from collections.abc import Mapping
from operator import attrgetter
from random import Random
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
DELETE, STRAY = "-delete", "-stray"  # how the name of a directory ends that is no log any more
LONGEST_NAME = 255  # of a directory
_PASSED_OVER = re.compile(
    r"\S+-\S+\.\S+-(delete|stray|future)|remote-log-index-cache|__cluster_metadata-\d+", re.ASCII
)


class Opening(TypedDict, total=False):
    """How a log is opened: arguments of `PartitionLog` that pass through."""

    config: LogConfig
    rules: LogRules
    trace: Trace
    topic_id: str
    strict: bool
    producer_id_expiration_ms: int
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

    Nothing here runs by itself: the timers of a broker call the verbs. A checkpoint whose bytes
    would be those that are on the disk is not written again.

    Simplified: `.lock` is written but not held against other processes.
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
        self.logs: dict[TopicPartition, PartitionLog] = {}
        self._written: dict[str, tuple[dict[TopicPartition, int], bytes]] = {}
        for file in (RECOVERY_POINTS, HIGH_WATERMARKS, LOG_STARTS, CLEANER_OFFSETS):
            self.disk.write(file, 0, b"")  # an empty file, if there is none
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
        partition = TopicPartition.parse(name)
        if partition in self.logs and not self.logs[partition].is_closed:
            return self.logs[partition]
        checkpointed = Checkpointed(
            recovery_point=self._recovery_points.get(partition, 0),
            high_watermark=self._high_watermarks.get(partition, 0),
            log_start=self._log_starts.get(partition),
            after_clean_stop=self.after_clean_stop,
            was_compacted=partition in self.cleaner_offsets,
        )
        self.logs[partition] = PartitionLog(name, self.disk, checkpointed=checkpointed, **how)
        return self.logs[partition]

    def set_aside(self, name: str, suffix: str = DELETE, *, now_ms: int = 0) -> str:
        """Give the directory of a partition, open or not, a name that nobody opens; return that.

        The name is `<topic>-<partition>.<32 hexadecimal digits><suffix>`, the topic cut where it
        would be too long. No checkpoint that is written from now on names the partition.

        Args:
            suffix: `-delete` for what `remove` shall end, `-stray` for what a broker should not
                have and does not dare to delete.
            now_ms: the time, from which the digits are drawn.

        Source: kafka, storage `LocalLog.logDeleteDirName`, core `LogManager.asyncDelete`.
        """
        partition = TopicPartition.parse(name)
        log = self.logs.pop(partition, None)
        if log is not None:
            log.is_closed = True
        known = (self._recovery_points, self._high_watermarks, self._log_starts)
        for offsets in (*known, self.cleaner_offsets):
            offsets.pop(partition, None)
        digits = Random(f"{name}/{self.topic_id(name)}/{now_ms}/{self.properties['node.id']}")
        end = f"-{partition.partition}.{digits.getrandbits(128):032x}{suffix}"
        folder = f"{partition.topic[: LONGEST_NAME - len(end)]}{end}"
        self.disk.rename_folder(name, folder)
        return folder

    def set_aside_before(self) -> tuple[str, ...]:
        """Return the directories that wait for their removal since an earlier start."""
        return tuple(name[:-1] for name in self.disk.list() if name.endswith(f"{DELETE}/"))

    def topic_id(self, name: str) -> str | None:
        """Return the id in the `partition.metadata` of a directory; None without that file."""
        path = f"{name}/{PARTITION_METADATA}"
        return read_partition_metadata(self.disk, path) if self.disk.exists(path) else None

    def partitions(self) -> tuple[TopicPartition, ...]:
        """Return the partitions that have a directory here, by number.

        Passed over are those that a broker has set aside or begins to move to another disk, the
        metadata of a cluster, and the cache of indexes of remote segments.

        Raises:
            KAFKA_STORAGE_ERROR: another folder; Kafka does not start with one.

        Simplified: a replica that was being moved stays as it is; Kafka goes on with it.
        Source: kafka, core `LogManager.loadLogs`, storage `LocalLog.parseTopicPartitionName`.
        """
        folders = (name[:-1] for name in self.disk.list() if name.endswith("/"))
        named = (name for name in folders if not _PASSED_OVER.fullmatch(name))
        found = map(TopicPartition.parse, named)
        return tuple(sorted(found, key=attrgetter("topic", "partition")))

    def checkpoint(self) -> None:
        """Write recovery points, high watermarks and log starts; the cleaner writes its own."""
        self.checkpoint_recovery_points()
        self.checkpoint_high_watermarks()
        self.checkpoint_log_starts()

    def checkpoint_recovery_points(self) -> None:
        """Write up to where each log is flushed; one that is not open keeps what it had."""
        self._recovery_points |= {name: log.recovery_point for name, log in self.logs.items()}
        self._write(RECOVERY_POINTS, self._recovery_points)

    def checkpoint_high_watermarks(self) -> None:
        """Write up to where each log is committed; one that is not open keeps what it had."""
        self._high_watermarks |= {name: log.high_watermark for name, log in self.logs.items()}
        self._write(HIGH_WATERMARKS, self._high_watermarks)

    def checkpoint_log_starts(self) -> None:
        """Write each log start that lies above the base of its log's first segment."""
        for name, log in self.logs.items():
            self._log_starts.pop(name, None)
            if log.log_start > log.local.segments[0].base_offset:
                self._log_starts[name] = log.log_start
        self._write(LOG_STARTS, self._log_starts)

    def keep_cleaned(self, below: Mapping[TopicPartition, int] | None = None) -> None:
        """Write the cleaner's checkpoint for the logs that are open, and none above an offset.

        Args:
            below: of some logs, the offset that the checkpoint must not pass: what was truncated
                and appended anew was never cleaned.

        Source: kafka, core `LogCleanerManager.updateCheckpoints`, `maybeTruncateCheckpoint`.
        """
        found = read_offsets(self.disk, CLEANER_OFFSETS)
        known = ((name, at) for name, at in found.items() if name in self.logs)
        most = below or {}
        self._write(CLEANER_OFFSETS, {name: min(at, most.get(name, at)) for name, at in known})

    def close(self, *, broker_epoch: int = -1) -> None:
        """Stop cleanly: close every log, write the checkpoints, leave `.kafka_cleanshutdown`."""
        for log in self.logs.values():
            log.close()
        self.checkpoint()
        write_clean_shutdown(self.disk, CLEAN_SHUTDOWN, broker_epoch)

    def _write(self, file: str, offsets: Mapping[TopicPartition, int]) -> None:
        known, data = self._written.get(file, ({}, b""))
        if data and known == offsets and self.disk.read(file) == data:
            return
        write_offsets(self.disk, file, offsets)
        self._written[file] = dict(offsets), self.disk.read(file)

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
