"""Ring R3: a part inside a log that is written, read, trimmed, and loses its power.

The same work is done twice: by a log with the learner's part and by a log with ours, each on a disk
of its own. A model that is only a list knows what was written; the checkers read the trace.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, NamedTuple

from kafkabook.base.errors import name_of
from kafkabook.base.trace import Trace
from kafkabook.base.units import MINUTE_MS, ms_text
from kafkabook.checkers.log_watch import LogWatch
from kafkabook.grading import draws
from kafkabook.grading.laws.law import Law, LawBroken, Part, Said
from kafkabook.grading.process import PartImpure, PartRaised
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.power import cut_power
from kafkabook.log.rules import LogRules
from kafkabook.records.record import Record

_BEGAN_MS = 1_700_000_000_000
_CONFIG = LogConfig(
    segment_bytes=500,
    segment_ms=20 * MINUTE_MS,
    segment_index_bytes=96,
    index_interval_bytes=100,
    retention_ms=60 * MINUTE_MS,
    retention_bytes=2_400,
)


class LogStep(NamedTuple):
    """One thing that is done to a log: `append`, `read`, `retain`, `flush` or `crash`.

    `amount` is a number of records, an offset in thousandths of the log, or how many bytes of each
    file had reached the platter by luck; `pass_ms` goes by before it.
    """

    verb: str
    amount: int = 0
    pass_ms: int = 0

    def __str__(self) -> str:
        told = {
            "append": f"append {self.amount} record{'s' * (self.amount != 1)}",
            "read": f"read at {self.amount / 10:g} % of the log",
            "retain": "commit everything, then check retention",
            "flush": "flush",
            "crash": f"lose power; {self.amount} unflushed bytes of each file were lucky; recover",
        }
        after = f"{ms_text(self.pass_ms)} later: " if self.pass_ms else ""
        return after + told[self.verb]


class RunningLog:
    """A log on a disk of its own, and the steps that are done to it."""

    def __init__(self, rules: LogRules) -> None:
        self.rules, self.disk, self.trace = rules, MemoryDisk(), Trace("orders-0")
        self.watch = LogWatch.over(self.trace)
        self.now_ms = _BEGAN_MS
        self.log = self._opened()

    def take(self, step: LogStep) -> Said:
        """Do one step; return what a reader of the log would see of it."""
        self.now_ms += step.pass_ms
        getattr(self, f"_{step.verb}")(step.amount)
        bases = ", ".join(str(segment.base_offset) for segment in self.log.segments)
        span = f"offsets {self.log.log_start} to {self.log.log_end - 1}"
        return Said(f"{span}, segments from {bases}")

    def contents(self) -> list[bytes | None]:
        """Read the log from its start to its end."""
        return [record.value for record in self.log.records()]

    def _opened(self) -> PartitionLog:
        return PartitionLog(
            "orders-0",
            self.disk,
            config=_CONFIG,
            rules=self.rules,
            trace=self.trace,
            now_ms=self.now_ms,
        )

    def _append(self, count: int) -> None:
        end, now_ms = self.log.log_end, self.now_ms
        values = [f"record {end + i}".encode() for i in range(count)]
        self.log.append(
            [Record(b"key", v, now_ms + i) for i, v in enumerate(values)], now_ms=now_ms
        )

    def _read(self, thousandths: int) -> None:
        start, end = self.log.log_start, self.log.log_end
        offset = start + (end - start) * thousandths // 1_000
        found = next(iter(self.log.records(offset)), None)
        if offset < end and (found is None or found.offset != offset):
            first = "nothing" if found is None else f"offset {found.offset} first"
            raise LawBroken(Said(f"offset {offset} first"), Said(first), "What a read returns.")

    def _retain(self, _: int) -> None:
        self.log.advance_high_watermark()
        self.log.delete_old_segments(now_ms=self.now_ms)

    def _flush(self, _: int) -> None:
        self.log.flush()

    def _crash(self, lucky_bytes: int) -> None:
        keep = {file.path: lucky_bytes for file in self.disk.page_cache()}
        cut_power(self.disk, self.trace, now_ms=self.now_ms, keep=keep)
        self.log = self._opened()


def running(slot: str, fit: Callable[[Part], Part] = lambda part: part) -> tuple[Law, ...]:
    """Return the law of ring R3 for the part in `slot`."""

    def a_log_that_crashes_stays_whole(part: Part, steps: Sequence[LogStep]) -> None:
        """A log with your part holds what a log with ours holds, before and after a crash."""
        yours = RunningLog(replace(LogRules(), **{slot: fit(part)}))
        ours = RunningLog(LogRules())
        done: list[LogStep] = []
        for step in steps:
            done.append(step)
            _compare(ours, yours, step, done)
        _same_contents(ours, yours, done)

    return (Law(a_log_that_crashes_stays_whole, _work.map(lambda w: (w,)), told, 30, "R3"),)


def told(steps: Sequence[LogStep]) -> tuple[str, ...]:
    """Show the work that was done, a step a line; what was done again is counted."""
    lines, number = [], 1
    for step, run in groupby(steps):
        times = len(list(run))
        last = f"–{number + times - 1}" if times > 1 else ""
        lines.append(f"{number}{last}. {step}" + f", {times} times" * (times > 1))
        number += times
    return tuple(lines)


def _compare(ours: RunningLog, yours: RunningLog, step: LogStep, done: Sequence[LogStep]) -> None:
    should_be, is_now = ours.take(step), _alive(lambda: yours.take(step), len(done))
    if should_be != is_now:
        raise LawBroken(should_be, is_now, f"The log after step {len(done)}.")
    for first in yours.watch.anomalies:
        why = f"Seen by checker {first.name} after step {len(done)}."
        raise LawBroken(Said("a log without this"), Said(first.says), why)
    if step.verb == "crash":
        _same_contents(ours, yours, done)


def _same_contents(ours: RunningLog, yours: RunningLog, done: Sequence[LogStep]) -> None:
    should_be, is_now = ours.contents(), _alive(yours.contents, len(done))
    differ = next(_differences(should_be, is_now), None)
    if differ is not None:
        why = f"Reading the whole log after step {len(done)}: record {differ} is another one."
        raise LawBroken(should_be[differ : differ + 3], is_now[differ : differ + 3], why)
    _alive(yours.log.check, len(done))


def _differences(ours: list[Any], yours: list[Any]) -> Iterator[int]:
    yield from (n for n, (a, b) in enumerate(zip(ours, yours, strict=False)) if a != b)
    if len(ours) != len(yours):
        yield min(len(ours), len(yours))


def _alive(act: Callable[[], Any], number: int) -> Any:
    """Do `act`; a log that breaks over the part's answer is the part's failure."""
    try:
        return act()
    except (PartRaised, PartImpure, LawBroken):
        raise
    except Exception as error:
        says = f"{name_of(error)}: {error}".rstrip(": ")
        why = f"What the log said at step {number}."
        raise LawBroken(Said("a sound log"), Said(says), why) from error


_pauses = draws.sampled_from((0, 0, 1_000, 10 * MINUTE_MS, 70 * MINUTE_MS))
_appends = draws.builds(LogStep, draws.just("append"), draws.integers(1, 12), _pauses)
_crashes = draws.builds(LogStep, draws.just("crash"), draws.integers(0, 120), draws.just(0))
_reads = draws.builds(LogStep, draws.just("read"), draws.integers(0, 999), draws.just(0))
_checks = draws.sampled_from((LogStep("retain"), LogStep("retain", 0, 70 * MINUTE_MS)))
_others = draws.one_of(_crashes, _reads, _checks, _checks, draws.just(LogStep("flush")))
_steps = draws.one_of(_appends, _appends, _others)
# Long runs find more, short ones are what a counter-example shrinks to.
_long = draws.lists(_steps, min_size=8, max_size=14)
_work = draws.one_of(draws.lists(_steps, min_size=1, max_size=7), _long, _long, _long).map(tuple)
