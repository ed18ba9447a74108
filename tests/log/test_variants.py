"""Every wrong log is caught by the law that was named for it, and the right one by none.

A story is a short life of a log. It is told twice, to today's rules and to a wrong part, and the
checkers see nothing but the trace.
"""

from collections.abc import Callable
from contextlib import suppress

import pytest

from kafkabook.base.errors import CorruptSegment, UnexpectedAppendOffset
from kafkabook.base.trace import Trace
from kafkabook.base.units import DAY_MS
from kafkabook.checkers.log_watch import LogWatch
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import Disk, MemoryDisk
from kafkabook.log.events import BytesDamaged
from kafkabook.log.examples import FIRST_MS
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.power import cut_power
from kafkabook.log.recovery import Checkpointed
from kafkabook.log.rules import LogRules
from kafkabook.log.variants import BUGS
from kafkabook.records.compression import Codec
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from tests.log.vectors import plain_log

CONFIG = LogConfig(segment_bytes=2000, index_interval_bytes=200, segment_index_bytes=1000)
UNCLEAN = Checkpointed()
PATH = "orders-0/00000000000000000000"


class Life:
    """A log, its disk, and the watch over its trace."""

    def __init__(self, rules: LogRules, config: LogConfig = CONFIG) -> None:
        self.disk: Disk = MemoryDisk()
        self.rules, self.config = rules, config
        self.trace = Trace("orders-0")
        self.watch = LogWatch.over(self.trace)
        self.log = self.opened()

    def opened(self, checkpointed: Checkpointed = UNCLEAN) -> PartitionLog:
        """Return the log as it opens now."""
        self.log = PartitionLog(
            disk=self.disk,
            config=self.config,
            rules=self.rules,
            trace=self.trace,
            checkpointed=checkpointed,
        )
        return self.log

    def append(self, count: int, *, every_ms: int = 1000, leader_epoch: int = 0) -> None:
        """Append batches of two records."""
        for _ in range(count):
            time_ms = FIRST_MS + self.log.log_end * every_ms
            records = [Record(b"key", b"value " * 3, time_ms)] * 2
            self.log.append(records, leader_epoch=leader_epoch, now_ms=time_ms)

    def damage(self, path: str, at_byte: int, data: bytes) -> None:
        """Overwrite bytes behind the log's back."""
        self.disk.write(path, at_byte, data)
        self.trace.emit(BytesDamaged(path, at_byte, len(data)), at_ms=0)

    def lose_power(self, keep: dict[str, int] | None = None) -> None:
        """Pull the plug."""
        cut_power(self.disk, self.trace, now_ms=0, keep=keep)


def broken(life: Life) -> tuple[str, ...]:
    """Return the laws that the checkers saw broken."""
    return life.watch.broken


def damage_in_the_middle(rules: LogRules) -> tuple[str, ...]:
    """A byte of the third batch of eight turns bad, and the process is killed."""
    life = Life(rules)
    life.append(8)
    third = life.log.snapshot().segments[0].batches[2]
    life.damage(f"{PATH}.log", third.position + 70, b"\xff")
    life.opened()
    return broken(life)


def torn_twice(rules: LogRules) -> tuple[str, ...]:
    """The power goes in the middle of a write; records follow; the process is killed."""
    life = Life(rules)
    life.append(12)
    life.log.flush()
    life.append(1)
    life.lose_power({f"{PATH}.log": 80})
    life.opened()
    life.append(2)
    with suppress(CorruptSegment):  # by now a wrong log may not even open
        life.opened()
    return broken(life)


def torn(rules: LogRules) -> tuple[str, ...]:
    """The power goes in the middle of a write."""
    life = Life(rules)
    life.append(12)
    life.log.flush()
    life.append(1)
    life.lose_power({f"{PATH}.log": 80})
    life.opened()
    return broken(life)


def an_index_of_another_log(rules: LogRules) -> tuple[str, ...]:
    """After a clean stop the last entry of an index points beyond its log."""
    life = Life(rules)
    life.append(8)
    life.log.close()
    last = life.disk.size(f"{PATH}.index") - 4
    life.damage(f"{PATH}.index", last, (100_000).to_bytes(4, "big"))
    life.opened(Checkpointed(after_clean_stop=True))
    return broken(life)


def an_index_that_outlived_its_log(rules: LogRules) -> tuple[str, ...]:
    """The page of the index reached the platter, those of the log did not."""
    life = Life(rules)
    life.append(2)
    life.log.flush()
    life.append(6)
    life.disk.flush(f"{PATH}.index")
    life.disk.flush(f"{PATH}.timeindex")
    life.lose_power()
    life.opened()
    return broken(life)


def plain_appends(rules: LogRules) -> tuple[str, ...]:
    """Records come in, segments roll."""
    life = Life(rules)
    life.append(20)
    return broken(life)


def a_retention_check(rules: LogRules) -> tuple[str, ...]:
    """Half of the log is committed; its oldest segment has one record that is young enough."""
    life = Life(rules, LogConfig(segment_bytes=1000, retention_ms=DAY_MS))
    life.append(20, every_ms=3_600_000)
    life.log.advance_high_watermark(life.log.segments[1].next_offset)
    newest_ms = life.log.segments[0].largest.timestamp_ms
    life.log.delete_old_segments(now_ms=newest_ms + DAY_MS)
    life.log.delete_old_segments(now_ms=newest_ms + 30 * DAY_MS)
    return broken(life)


def every_offset_is_found(rules: LogRules) -> tuple[str, ...]:
    """A read from any offset begins at it."""
    life = Life(rules)
    life.append(8)
    found = [next(life.log.records(offset)).offset for offset in range(12)]
    return () if found == list(range(12)) else ("reads",)


def no_segment_is_too_large(rules: LogRules) -> tuple[str, ...]:
    """`segment.bytes` is a limit, and is reached only if a batch just fits."""
    life = Life(rules)
    life.append(40)
    sizes = [segment.size_bytes for segment in life.log.segments]
    return () if max(sizes) <= CONFIG.segment_bytes else ("segment.bytes",)


def age_is_that_of_the_records(rules: LogRules) -> tuple[str, ...]:
    """Records of one minute, replayed over a month, belong together."""
    life = Life(rules, LogConfig(segment_ms=DAY_MS))
    for day in range(30):
        life.log.append([Record(value=b"v", timestamp_ms=day)], now_ms=day * DAY_MS)
    return () if len(life.log.segments) == 1 else ("segment.ms",)


def every_index_has_room(rules: LogRules) -> tuple[str, ...]:
    """The distance between two entries never grows beyond an interval and a batch."""
    config = LogConfig(segment_index_bytes=48, index_interval_bytes=0)
    life = Life(rules, config)
    life.append(20)
    entries = sum(len(segment.index) for segment in life.log.segments)
    return () if entries == 20 - len(life.log.segments) else ("segment.index.bytes",)


def epochs_are_those_of_the_batches(rules: LogRules) -> tuple[str, ...]:
    """R2: each leader epoch begins where its first batch does, and nowhere beyond the log."""
    life = Life(rules)
    life.append(3, leader_epoch=1)
    life.append(3, leader_epoch=4)
    life.log.truncate_to(6)
    starts: dict[int, int] = {}
    for batch in life.log.snapshot().segments[0].batches:
        starts.setdefault(batch.leader_epoch, batch.base_offset)
    return () if starts == dict(life.log.epochs.entries) else ("R2",)


def two_leaders(rules: LogRules) -> tuple[str, ...]:
    """R2 without a truncation."""
    life = Life(rules)
    life.append(3, leader_epoch=1)
    life.append(3, leader_epoch=4)
    return () if ((1, 0), (4, 6)) == life.log.epochs.entries else ("R2",)


def files_of_kafka(rules: LogRules) -> tuple[str, ...]:
    """The indexes of the directory that Kafka wrote."""
    right = [segment.index.entries for segment in plain_log().segments]
    return (
        () if right == [s.index.entries for s in plain_log(rules=rules).segments] else ("vectors",)
    )


def a_batch_that_straddles_the_end(rules: LogRules) -> tuple[str, ...]:
    """R1: a follower that holds two records is sent those at 1 to 3 in one batch."""
    life = Life(rules)
    life.append(1)
    late = RecordBatch.of([Record(value=b"other")] * 3, base_offset=1, codec=Codec.GZIP)
    with suppress(UnexpectedAppendOffset):
        life.log.append_as_follower([late])
    offsets = [record.offset for record in life.log.records()]
    return () if offsets == [0, 1] else ("R1",)


CAUGHT: dict[str, tuple[Callable[[LogRules], tuple[str, ...]], str]] = {
    "last offsets compared": (a_batch_that_straddles_the_end, "R1"),
    "recovery stops silently": (damage_in_the_middle, "L7"),
    "all damage is a torn tail": (damage_in_the_middle, "L7"),
    "recovery keeps the torn batch": (torn_twice, "L6"),
    "recovery cuts at a kilobyte": (torn, "L6"),
    "index used without bounds": (an_index_of_another_log, "L5"),
    "stale index trusted": (an_index_that_outlived_its_log, "L5"),
    "index holds base offsets": (plain_appends, "L5"),
    "index points behind the batch": (plain_appends, "L5"),
    "retention by oldest record": (a_retention_check, "L4"),
    "retention past the high watermark": (a_retention_check, "L4"),
    "lookup takes the ceiling": (every_offset_is_found, "reads"),
    "first batch indexed": (files_of_kafka, "vectors"),
    "rolled after append": (no_segment_is_too_large, "segment.bytes"),
    "rolled by wall clock": (age_is_that_of_the_records, "segment.ms"),
    "full index ignored": (every_index_has_room, "segment.index.bytes"),
    "epochs overwritten": (two_leaders, "R2"),
    "epochs kept after truncation": (epochs_are_those_of_the_batches, "R2"),
}


@pytest.mark.parametrize("name", CAUGHT)
def test_a_wrong_log_breaks_the_law_that_was_named_for_it(name: str) -> None:
    """And no other: a checker that cries at everything teaches nothing."""
    story, law = CAUGHT[name]
    bug = BUGS[name]
    assert ((law,), law) == (story(bug.put_into(LogRules())), bug.caught_by)


@pytest.mark.parametrize(
    "story", dict.fromkeys(story for story, _ in CAUGHT.values()), ids=lambda s: s.__name__
)
def test_the_right_log_breaks_none(story: Callable[[LogRules], tuple[str, ...]]) -> None:
    """In the very same story."""
    assert () == story(LogRules())
