"""A machine in the rack: a disk that stays, and a broker's process that comes and goes."""

from collections.abc import Iterable, Mapping

from kafkabook.base.door import listed_words, meant
from kafkabook.base.errors import KafkaError, UnknownName, WrongValue
from kafkabook.base.machine import Context
from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Trace
from kafkabook.cluster.broker import Broker
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.events import PowerCutLeft
from kafkabook.lab.rules import Rules
from kafkabook.log.checkpoints import HIGH_WATERMARKS, LOG_STARTS, RECOVERY_POINTS
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.events import BytesDamaged
from kafkabook.log.log_directory import LogDirectory
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.power import cut_power
from kafkabook.replication.partition import Partition


class Host:
    """One machine. Its broker's process has incarnations; its disk outlives all.

    Args:
        broker_id: its id. rack: `broker.rack`. config, rules: of every broker.
        trace: where brokers tell what they do.

    Attributes:
        broker: the process; after its end as it was then, for whoever wants to look.
        log_trace: what its logs tell, which is too much for the trace of a cluster.
    """

    def __init__(
        self,
        broker_id: int,
        *,
        rack: str | None,
        config: ClusterConfig,
        rules: Rules,
        trace: Trace,
    ) -> None:
        self.id, self.rack, self.config, self.rules = broker_id, rack, config, rules
        self.disk = MemoryDisk()
        self.log_trace = Trace(f"broker-{broker_id}")
        self.incarnation = 0
        self.is_running = self.is_paused = False
        self.broker: Broker | None = None
        self._marks: dict[tuple[TopicPartition, str | None], int] = {}  # see `Broker`: last_marks
        self._trace = trace.at(f"broker-{broker_id}")

    def start(self) -> Broker:
        """Begin another incarnation of the process, over what the disk holds."""
        self.incarnation += 1
        self._remember_marks()
        self.broker = Broker(
            self.id,
            self.disk,
            incarnation=self.incarnation,
            rack=self.rack,
            config=self.config,
            rules=self.rules.replication,
            log_rules=self.rules.log,
            trace=self._trace,
            log_trace=self.log_trace,
            last_marks=self._marks,
        )
        self.is_running, self.is_paused = True, False
        return self.broker

    def lose_power(self, *, lucky_bytes: int, now_ms: int) -> tuple[PowerCutLeft, ...]:
        """Lose what was not flushed, but for the first bytes of it in each file; say what is left.

        The process has ended. A log is opened on a copy of the disk, so that looking cuts nothing.
        """
        assert self.broker is not None
        names = self.broker.directory.partitions()
        log_ends = {name: self._log_end(name) for name in names}
        keep = {file.path: lucky_bytes for file in self.disk.page_cache()}
        cut_power(self.disk, self.log_trace, now_ms=now_ms, keep=keep)
        return tuple(self._left(name, log_end) for name, log_end in log_ends.items())

    def _remember_marks(self) -> None:
        """Remember the high watermarks of the process that ended, for those logs that it opened."""
        for name, partition in self._opened().items():
            log = partition.replica_log.log
            self._marks[name, log.topic_id] = log.high_watermark

    def replace_disk(self) -> None:
        """Put an empty disk in."""
        self.disk = MemoryDisk()

    def damage(self, file: str, at_byte: int, bit: int, *, now_ms: int) -> None:
        """Flip one bit of a file.

        Raises:
            LookupError: there is no such file. ValueError: it ends before that byte, or a byte has
                no such bit.
        """
        self._check_bit(file, at_byte, bit)
        byte = self.disk.read(file, at_byte, at_byte + 1)[0]
        self.disk.write(file, at_byte, bytes([byte ^ 1 << bit]))
        self.log_trace.emit(BytesDamaged(file, at_byte, 1), at_ms=now_ms)

    def _check_bit(self, file: str, at_byte: int, bit: int) -> None:
        if not self.disk.exists(file):
            folder = file.rpartition("/")[0]
            files = [f"{folder}/{name}" for name in self.disk.list(folder)] or self.disk.list()
            hint = meant(file, files) or f"; there are {listed_words(files)}"
            raise UnknownName(f"broker {self.id} has no file {file!r}{hint}")
        if at_byte >= self.disk.size(file):
            size = f"{self.disk.size(file)} bytes"
            raise WrongValue(f"{file} has {size} on broker {self.id}, and no byte {at_byte}")
        if bit > 7:
            raise WrongValue(f"a byte has the bits 0 to 7, and no bit {bit}")

    def flush(self, context: Context) -> None:
        """Bring everything to the platter, as the operating system does now and then."""
        for partition in self._opened().values():
            partition.replica_log.log.flush()
            partition.replica_log.flushed(context)

    def partition(self, name: TopicPartition) -> Partition | None:
        """Return the partition of the running process; None if it has none, or does not run."""
        return self._opened().get(name) if self.is_running else None

    def log(self, name: TopicPartition) -> PartitionLog | None:
        """Return a replica's log: that of the process, or as a process would find it now."""
        if self.is_running and self.broker is not None:
            partition = self.partition(name)
            return None if partition is None else partition.replica_log.log
        copy = self._copy_of(name)
        return LogDirectory(copy).open(name) if copy.list(name) else None

    def _opened(self) -> Mapping[TopicPartition, Partition]:
        """Return the partitions that the last process opened."""
        if self.broker is None:
            return {}
        replicas = self.broker.replicas
        return replicas.partitions

    def _copy_of(self, name: TopicPartition) -> MemoryDisk:
        return _copied(self.disk, [f"{name}/{file}" for file in self.disk.list(name)])

    def _log_end(self, name: TopicPartition) -> int:
        """Return the log end of the process that ended; of the disk, if it had not opened it."""
        partition = self._opened().get(name)
        if partition is not None:
            return partition.replica_log.log.log_end
        log = self.log(name)
        return 0 if log is None else log.log_end

    def _left(self, name: TopicPartition, log_end_before: int) -> PowerCutLeft:
        """Say what the next start will find of a partition."""
        copy = self._copy_of(name)
        size_bytes = _log_bytes(copy, name)
        try:
            log = LogDirectory(copy).open(name, rules=self.rules.log)
        except KafkaError:
            return PowerCutLeft(name, self.id, log_end_before, -1, -1, -1)
        cut = size_bytes - _log_bytes(copy, name)
        return PowerCutLeft(name, self.id, log_end_before, log.log_end, log.high_watermark, cut)


def _log_bytes(disk: MemoryDisk, name: TopicPartition) -> int:
    files = (f"{name}/{file}" for file in disk.list(name) if file.endswith(".log"))
    return sum(map(disk.size, files))


def _copied(disk: MemoryDisk, files: Iterable[str]) -> MemoryDisk:
    """Copy a partition and the checkpoints onto another disk, so that looking changes nothing.

    Indexes are left out: they are megabytes of zeros, and a log makes them again.
    """
    copy = MemoryDisk()
    for path in (*files, HIGH_WATERMARKS, RECOVERY_POINTS, LOG_STARTS):
        if disk.exists(path) and not path.endswith("index"):
            copy.append(path, disk.read(path))
    return copy
