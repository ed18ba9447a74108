"""Explorers of chapter 01: readers of one log, partitions, segments, retention, use cases."""

from kafkabook.base.names import TopicPartition
from kafkabook.base.units import DAY_MS, HOUR_MS, ms_text
from kafkabook.explorers.explorer import Guess, explorer
from kafkabook.gallery.all import GALLERY, use_case
from kafkabook.log.config import LogConfig
from kafkabook.log.events import SegmentDeleted
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.reader import Reader
from kafkabook.log.topic import Topic
from kafkabook.records.record import Record
from kafkabook.viz.figure import Figure
from kafkabook.viz.graphs import partition_map, reads_and_writes
from kafkabook.viz.segments import segment_strip
from kafkabook.viz.strips import offset_strip

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
        why="Reading removes nothing and locks nothing. Each reader keeps one number of its own,"
        " its position; the log does not know them.",
        before=lambda: _two_readers(4, 0)[0],
        unit="records",
    ),
    forks={"audit keeps up": {"audit_reads_every_s": 1}},
    caption="Try: let billing begin 4 seconds late; it catches up, two records a poll."
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
        "Twelve records lie in one partition. One reader needs 12 polls. How many rounds do three"
        " readers of one group need?",
        answer=lambda: _rounds_needed(1, 3),
        at=PARTITIONED_RECORDS,
        why="A partition is the unit of parallelism: within a group one reader has it, the others"
        " idle. Only more partitions let more readers work.",
        before=lambda: _rounds(1, 3)[0],
        unit="rounds",
    ),
    caption="Try: 2 partitions and 3 readers: one is idle. Source: notes, Part 1 ch 01 §02.",
)
def partitions_are_lanes(partitions: int, readers: int) -> list[Figure]:
    """Each partition is a log of its own; in a round every reader takes one record of each turn."""
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
        "A sensor writes one record every 3 hours for 3 days. segment.bytes is out of reach and"
        " segment.ms is 7 days. How many files hold the 24 records?",
        answer=lambda: len(_sensor_log(1_000_000, 7 * DAY_MS).segments),
        why="Age rolls nothing by itself. A log looks before each append whether its active"
        " segment is full or old; here it never is.",
        before=lambda: _rolled(_sensor_log(1_000_000, 7 * DAY_MS, records=1)),
        unit="files",
    ),
    caption="Try: both small. Which closes the file first? Source: notes, Part 1 ch 01 §02;"
    " kafka, LogSegment.shouldRoll.",
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
    caption="Try: segment.ms 30 days: nothing is ever deleted in time. Source: notes, Part 1 ch 03"
    " §04; kafka, UnifiedLog.deleteOldSegments.",
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
        told += f" Deleted with their files: all below offset {log.log_start}."
    return segment_strip(
        log,
        title="Which records does retention delete?",
        subtitle=f"orders-0 · one record a day · day {day} of {LAST_DAY}",
        sentence=told,
    )


@explorer(
    "Who writes, who reads, and what comes of it?",
    use_case=tuple(GALLERY),
    caption="Orange writes, blue stores, green reads. Source: notes, Part 1 ch 01 §01.",
)
def use_case_gallery(use_case: str) -> Figure:
    """The same log serves every use case of the notes; only the applications around it differ."""
    return reads_and_writes(_run(use_case))


def _run(name: str) -> object:
    return use_case(name).run()


BROKERS = 3


@explorer(
    "Where do the partitions of a topic lie?",
    partitions=(3, 1, 6),
    caption="A topic is a name. What exists is directories. Source: notes, Part 1 ch 01 §02.",
)
def physical_view(partitions: int) -> Figure:
    """The logical view is one topic; the physical view is directories of files on brokers."""
    return partition_map({TopicPartition("orders", n): n % BROKERS + 1 for n in range(partitions)})
