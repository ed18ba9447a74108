"""The player of scenarios: it does the steps on a log of its own, and watches with all checkers."""

from collections.abc import Iterable, Sequence
from functools import singledispatchmethod
from pathlib import PurePosixPath

from kafkabook.base.errors import KafkaError
from kafkabook.base.trace import Trace
from kafkabook.checkers.log_watch import LogWatch
from kafkabook.lab.command import Command
from kafkabook.log.compaction import Cleaner
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.events import BytesDamaged, FileLost
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.power import cut_power
from kafkabook.records.record import Record
from kafkabook.scenarios.log_end import LogEnd, LogOutcome
from kafkabook.scenarios.scenario import Scenario, Step, seen
from kafkabook.scenarios.steps import (
    Clean,
    CutPower,
    DamageFile,
    FlushLog,
    LetTimePass,
    Lose,
    Pair,
    Retain,
    Start,
    Write,
)

NAME = "orders-0"


def played(scenario: Scenario, end: LogEnd, steps: Sequence[Step | Command]) -> LogOutcome:
    """Do `steps` with the setup of `end`, and say what can be read afterwards."""
    stage = LogStage(end)
    readable = tuple(_played(stage, steps))
    anomalies = tuple(map(seen, stage.watch.anomalies))
    return LogOutcome(
        scenario=scenario,
        end=end,
        log_start=stage.log.log_start,
        log_end=stage.log.log_end,
        written=tuple(stage.written),
        readable=readable,
        broken=stage.watch.broken,
        anomalies=anomalies,
        trace=stage.trace,
    )


def _played(stage: "LogStage", steps: Sequence[Step | Command]) -> Iterable[str]:
    """Do the steps, then look every offset up; an error ends both, and is told by its name."""
    try:
        for step in steps:
            stage.do(step)
        for offset in range(stage.log.log_start, stage.log.log_end):
            batch = stage.log.read(offset, max_bytes=1)[0]
            yield from (f"{offset} {_told(r)}" for r in batch.records if r.offset == offset)
    except KafkaError as error:
        yield error.error.name


class LogStage:
    """One log, its disk, its clock and its watchers, as the steps of a scenario move them."""

    def __init__(self, end: LogEnd) -> None:
        self.end, self.now_ms = end, 0
        self.written: list[str] = []
        self.disk, self.trace = MemoryDisk(), Trace(NAME)
        self.watch = LogWatch.over(self.trace)
        self.log = self._open()

    @singledispatchmethod
    def do(self, step: Step | Command) -> None:
        """Do one step.

        Raises:
            TypeError: a step that the player does not know.
        """
        raise TypeError(f"no such step: {step!r}")

    @do.register
    def _(self, step: Write) -> None:
        for pair in step.records:
            record = _record(pair, self.now_ms)
            offset = self.log.append([record], now_ms=self.now_ms).base_offset
            self.written.append(f"{offset} {_told(record)}")
            self.now_ms += step.every_ms
        self.log.advance_high_watermark(self.log.log_end)

    @do.register
    def _(self, step: FlushLog) -> None:  # noqa: ARG002
        self.log.flush()

    @do.register
    def _(self, step: CutPower) -> None:
        newest = self.log.segments[-1].path
        cut_power(self.disk, self.trace, now_ms=self.now_ms, keep={newest: step.keep_bytes})

    @do.register
    def _(self, step: DamageFile) -> None:
        path = self._oldest(step.suffix)
        byte = self.disk.read(path, step.at_byte, step.at_byte + 1)[0]
        self.disk.write(path, step.at_byte, bytes([byte ^ 1 << step.bit]))
        self.trace.emit(BytesDamaged(path, step.at_byte, 1), at_ms=self.now_ms)

    @do.register
    def _(self, step: Lose) -> None:
        path = self._oldest(step.suffix)
        self.disk.remove(path)
        self.trace.emit(FileLost(path), at_ms=self.now_ms)

    @do.register
    def _(self, step: Start) -> None:  # noqa: ARG002
        self.log = self._open()

    @do.register
    def _(self, step: LetTimePass) -> None:
        self.now_ms += step.for_ms

    @do.register
    def _(self, step: Retain) -> None:  # noqa: ARG002
        self.log.delete_old_segments(now_ms=self.now_ms)

    @do.register
    def _(self, step: Clean) -> None:  # noqa: ARG002
        Cleaner().clean(self.log, now_ms=self.now_ms)

    def _open(self) -> PartitionLog:
        config, rules = self.end.config, self.end.rules
        return PartitionLog(
            NAME, self.disk, config=config, rules=rules, trace=self.trace, now_ms=self.now_ms
        )

    def _oldest(self, suffix: str) -> str:
        names = [name for name in self.disk.list(NAME) if PurePosixPath(name).suffix == suffix]
        return f"{NAME}/{names[0]}"


def _record(pair: Pair, now_ms: int) -> Record:
    key, value = (None if text is None else text.encode() for text in pair)
    return Record(key=key, value=value, timestamp_ms=now_ms)


def _told(record: Record) -> str:
    key = f"{record.key.decode()}=" if record.key is not None else ""
    return key + ("null" if record.value is None else record.value.decode())
