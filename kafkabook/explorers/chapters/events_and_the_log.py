"""Explorers of chapter 01: a power failure, readers, partitions, segments, retention, use cases."""

from collections.abc import Sequence

from kafkabook.base.names import TopicPartition
from kafkabook.base.units import DAY_MS, HOUR_MS, ms_text
from kafkabook.explorers.explorer import Guess, explorer
from kafkabook.gallery.all import GALLERY, use_case
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.events import SegmentDeleted
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.reader import Reader
from kafkabook.log.topic import Topic
from kafkabook.records.record import Record
from kafkabook.viz.figure import Figure
from kafkabook.viz.graphs import partition_map, reads_and_writes
from kafkabook.viz.segments import segment_strip
from kafkabook.viz.strips import Cell, Strip, offset_strip

FIVE_QUESTION = "Five records are written. How many are left?"
FIVE = "abcde"
ACCIDENTS = {
    "the power fails": "The power fails, and the memory of the machine is lost.",
    "the process is killed": "The process is killed. The operating system keeps the memory.",
}


@explorer(
    FIVE_QUESTION,
    flushed_records=(3, 0, 5),
    accident=tuple(ACCIDENTS),
    frames=len(FIVE) + 3,
    opens_at=len(FIVE),
    guess=Guess(
        "The log takes five records. After the third one it is flushed, which means that all"
        " records go to the disk. The power fails. How many records are left?",
        answer=lambda: _survivors(3, "the power fails").log_end,
        at=len(FIVE) + 2,
        why="The other two were only in the memory of the operating system.",
        before=lambda: _five_records(3, "the power fails")[len(FIVE)],
        unit="records",
    ),
    forks={"the process is killed": {"accident": "the process is killed"}},
    caption="Try: kill the process, and nothing is lost. Source: notes, Part 1 ch 02 §01.",
)
def five_records(flushed_records: int, accident: str) -> list[Figure]:
    """Each record as it is written, then the accident, then the log after the restart."""
    return _five_records(flushed_records, accident)


def _five_records(flushed_records: int, accident: str) -> list[Figure]:
    written = [_after_writing(count, flushed_records) for count in range(len(FIVE) + 1)]
    left = _survivors(flushed_records, accident).log_end
    told = f"After the restart the log has {left} of 5 records. The next one gets offset {left}."
    return [
        *written,
        _five(flushed_records, left, len(FIVE), ACCIDENTS[accident]),
        _five(flushed_records, left, left, told),
    ]


def _after_writing(count: int, flushed_records: int) -> Figure:
    told = "The log is empty. The first record gets offset 0."
    if count:
        told = f"Record {FIVE[count - 1]} is written into memory, and gets offset {count - 1}."
    if count and count == flushed_records:
        told += f" The log is flushed, so offsets 0 to {count - 1} are on the disk."
    is_flushed = count >= flushed_records
    return _five(flushed_records if is_flushed else 0, count, count, told)


def _five(on_disk: int, kept: int, shown: int, told: str) -> Figure:
    """Draw the first `shown` records; those that are not kept are ghosts."""
    cells = tuple(_five_cell(n, on_disk, kept) for n in range(shown))
    strip = Strip("orders-0", cells, 0, kept, kept)
    return offset_strip(strip, title=FIVE_QUESTION, sentence=told)


def _five_cell(offset: int, on_disk: int, kept: int) -> Cell:
    where = "disk" if offset < on_disk else "memory"
    is_kept = offset < kept
    kind = "record" if is_kept else "gone"
    return Cell(offset, FIVE[offset], under=where if is_kept else "lost", kind=kind)


def _survivors(flushed_records: int, accident: str) -> PartitionLog:
    """Write five records, let the accident happen, and open the log again."""
    disk = MemoryDisk()
    log = PartitionLog("orders-0", disk)
    for letter in FIVE:
        log.append([Record(value=letter.encode())])
        if log.log_end == flushed_records:
            log.flush()
    if accident == "the power fails":
        disk.lose_power()
    return PartitionLog("orders-0", disk)


def inversions(numbers: Sequence[int]) -> int:
    """Count the pairs of numbers that stand in the wrong order; none in a list that only grows.

    >>> inversions([1, 2, 3]), inversions([2, 3, 1])
    (0, 2)
    """
    return sum(later < number for n, number in enumerate(numbers) for later in numbers[n + 1 :])


SECONDS = 8
FOREVER_MS = -1


def _two_readers(audit_reads_every_s: int, billing_begins_s: int) -> list[Figure]:
    log = PartitionLog("orders-0")
    billing, audit = Reader("billing", log), Reader("audit", log)
    pictures = []
    for second in range(SECONDS + 1):
        if second:
            log.append([Record(value=b"abcdefgh"[second - 1 : second])])
            log.advance_high_watermark(log.log_end)
        if second > billing_begins_s:
            billing.poll(2)
            billing.commit()
        if second and second % audit_reads_every_s == 0:
            audit.poll(1)
            audit.commit()
        pictures.append(
            offset_strip(
                log,
                readers=(billing, audit),
                title="Does a slow reader hold a fast one back?",
                subtitle=f"orders-0 · second {second} of {SECONDS} · one record a second",
            )
        )
    return pictures


@explorer(
    "Does a slow reader hold a fast one back?",
    audit_reads_every_s=(4, 2, 1, 8),
    billing_begins_s=(0, 4),
    frames=SECONDS + 1,
    guess=Guess(
        "audit reads one record every 4 seconds, billing one every second. After 8 seconds audit"
        " has read 2 records. How many has billing read?",
        answer=lambda: SECONDS,
        at=SECONDS,
        why="Reading removes nothing, and no reader waits for another. Each reader keeps its own"
        " position.",
        before=lambda: _two_readers(4, 0)[0],
        unit="records",
    ),
    forks={"audit keeps up": {"audit_reads_every_s": 1}},
    caption="Try: let billing begin 4 seconds late. It catches up with two records a poll."
    " Source: notes, Part 1 ch 01 §02.",
)
def two_readers_of_one_log(audit_reads_every_s: int, billing_begins_s: int) -> list[Figure]:
    """Two applications read the same records at their own pace."""
    return _two_readers(audit_reads_every_s, billing_begins_s)


PARTITIONED_RECORDS = 12


@explorer(
    "How much sooner do more readers finish?",
    partitions=(1, 2, 3),
    readers=(3, 1, 2),
    frames=PARTITIONED_RECORDS + 1,
    guess=Guess(
        "A partition has twelve records. One reader takes one record in a round, so it needs 12"
        " rounds. How many rounds do three readers of one group need?",
        answer=lambda: _rounds_needed(1, 3),
        at=PARTITIONED_RECORDS,
        why="Only one reader of a group reads a partition, and the others have nothing to do. If"
        " the topic has more partitions, more readers can work.",
        before=lambda: _rounds(1, 3)[0],
        unit="rounds",
    ),
    caption="Try: 2 partitions and 3 readers. One reader has nothing to do."
    " Source: notes, Part 1 ch 01 §02.",
)
def partitions_are_lanes(partitions: int, readers: int) -> list[Figure]:
    """Each partition is a log of its own. Every reader takes one record in a round."""
    return _rounds(partitions, readers)


def _rounds_needed(partitions: int, readers: int) -> int:
    return len(_rounds(partitions, readers)) - 1


def _rounds(partitions: int, readers: int) -> list[Figure]:
    topic = Topic("orders", partitions=partitions)
    for number in range(PARTITIONED_RECORDS):
        topic.append(number % partitions, [Record(value=b"%x" % number)])
    crew = _crew(topic, readers)
    pictures = [_round(topic, crew, 0)]
    while any(reader.lag for turns in crew for reader in turns):
        for turns in crew:
            behind = [reader for reader in turns if reader.lag]
            if behind:
                max(behind, key=lambda reader: reader.lag).poll(1)
        pictures.append(_round(topic, crew, len(pictures)))
    return pictures


def _crew(topic: Topic, readers: int) -> list[list[Reader]]:
    """Deal the partitions out; each inner list is what one application reads."""
    for log in topic.logs:
        log.advance_high_watermark(log.log_end)
    return [
        [Reader(f"reader {n + 1}", log) for log in topic.logs[n::readers]] for n in range(readers)
    ]


def _round(topic: Topic, crew: list[list[Reader]], number: int) -> Figure:
    idle = [f"reader {n + 1}" for n, turns in enumerate(crew) if not turns]
    left = sum(reader.lag for turns in crew for reader in turns)
    told = f"After {number} rounds {PARTITIONED_RECORDS - left} of {PARTITIONED_RECORDS} are read."
    if number == 0:
        told = f"{PARTITIONED_RECORDS} records wait to be read."
    if idle and number:
        told += f" {', '.join(idle)} never had anything to read."
    return offset_strip(
        *topic.logs,
        readers=[reader for turns in crew for reader in turns],
        title="How much sooner do more readers finish?",
        subtitle=f"partitions: {len(topic.logs)} · readers: {len(crew)} · round {number}",
        sentence=told,
    )


SENSOR_EVERY_MS = 3 * HOUR_MS
SENSOR_RECORDS = 24


@explorer(
    "When does a log begin a new file?",
    segment_bytes=(1_000_000, 1_200, 600),
    segment_ms=(7 * DAY_MS, DAY_MS, 12 * HOUR_MS),
    guess=Guess(
        "A sensor writes one record every 3 hours for 3 days. The log begins a new file when"
        " the old one has 1 MB, or when it is 7 days old. How many files hold the 24 records?",
        answer=lambda: len(_sensor_log(1_000_000, 7 * DAY_MS).segments),
        why="The log looks before each append whether its last file is full or too old. In these"
        " 3 days it is neither.",
        before=lambda: _rolled(_sensor_log(1_000_000, 7 * DAY_MS, records=1)),
        unit="files",
    ),
    caption="Try: make both settings small. Which one closes the file first?"
    " Source: notes, Part 1 ch 01 §02; kafka, LogSegment.shouldRoll.",
)
def rolling_segments(segment_bytes: int, segment_ms: int) -> Figure:
    """A segment is closed before the append that would make it too large or too old."""
    return _rolled(_sensor_log(segment_bytes, segment_ms))


def _rolled(log: PartitionLog) -> Figure:
    return segment_strip(
        log,
        title="When does a log begin a new file?",
        subtitle=f"sensor-0 · {log.log_end} of {SENSOR_RECORDS} records, one every"
        f" {ms_text(SENSOR_EVERY_MS)}",
    )


def _sensor_log(
    segment_bytes: int, segment_ms: int, *, records: int = SENSOR_RECORDS
) -> PartitionLog:
    config = LogConfig(segment_bytes=segment_bytes, segment_ms=segment_ms, retention_ms=FOREVER_MS)
    log = PartitionLog("sensor-0", config=config)
    for number in range(records):
        at_ms = number * SENSOR_EVERY_MS
        log.append([Record(value=b"21.5 C", timestamp_ms=at_ms)], now_ms=at_ms)
    return log


LAST_DAY = 14


@explorer(
    "Which records does retention delete?",
    segment_ms=(4 * DAY_MS, DAY_MS, 30 * DAY_MS),
    retention_ms=(7 * DAY_MS, 3 * DAY_MS),
    frames=LAST_DAY + 1,
    opens_at=9,
    caption="Try: segment.ms of 30 days. Nothing is deleted in these two weeks."
    " Source: notes, Part 1 ch 03 §04; kafka, UnifiedLog.deleteOldSegments.",
)
def retention_by_segments(segment_ms: int, retention_ms: int) -> list[Figure]:
    """A segment goes as a whole, when its newest record is older than retention.ms."""
    config = LogConfig(segment_ms=segment_ms, retention_ms=retention_ms)
    log = PartitionLog("orders-0", config=config)
    pictures = []
    for day in range(LAST_DAY + 1):
        now_ms = day * DAY_MS
        log.append([Record(value=b"day %d" % day, timestamp_ms=now_ms)], now_ms=now_ms)
        log.advance_high_watermark(log.log_end)
        log.delete_old_segments(now_ms=now_ms)
        pictures.append(_after_a_check(log, day, retention_ms))
    return pictures


def _after_a_check(log: PartitionLog, day: int, retention_ms: int) -> Figure:
    gone = [entry.event for entry in log.trace.of(SegmentDeleted)]
    kept_ms = [record.timestamp_ms for record in log.records()]
    too_old = sum(day * DAY_MS - at_ms > retention_ms for at_ms in kept_ms)
    told = f"Day {day}: {len(kept_ms)} records kept, {too_old} of them older than retention.ms."
    if gone:
        told += f" All below offset {log.log_start} is deleted."
    return segment_strip(
        log,
        title="Which records does retention delete?",
        subtitle=f"orders-0 · one record a day · day {day} of {LAST_DAY}",
        sentence=told,
    )


@explorer(
    "Who writes, who reads, and what comes of it?",
    use_case=tuple(GALLERY),
    caption="Orange applications write, blue topics store, green applications read."
    " Source: notes, Part 1 ch 01 §01.",
)
def use_case_gallery(use_case: str) -> Figure:
    """The same log serves every use case, and only the applications around it differ."""
    return reads_and_writes(_run(use_case))


def _run(name: str) -> object:
    return use_case(name).run()


BROKERS = 3


@explorer(
    "Where do the partitions of a topic lie?",
    partitions=(3, 1, 6),
    caption="Try: six partitions on the same three brokers. Source: notes, Part 1 ch 01 §02.",
)
def physical_view(partitions: int) -> Figure:
    """The logical view is one topic, and the physical view is directories of files on brokers."""
    return partition_map({TopicPartition("orders", n): n % BROKERS + 1 for n in range(partitions)})
