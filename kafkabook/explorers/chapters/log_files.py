"""Explorers of chapter 12: the bytes of a batch, one lookup, a directory's life, a power cut."""

from collections.abc import Iterator

from kafkabook.base.units import KIB, bytes_text
from kafkabook.explorers.explorer import Guess, explorer
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.examples import FIRST_MS, a_log
from kafkabook.log.partition_log import PartitionLog
from kafkabook.records.compression import Codec
from kafkabook.records.control_records import ControlType, end_transaction_marker
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.viz.byte_map import byte_map
from kafkabook.viz.charts import line_chart
from kafkabook.viz.figure import Figure
from kafkabook.viz.files import FileBytes, bytes_on, disk_view, files_view
from kafkabook.viz.segment_map import Lookup, lookup_frames, segment_map
from kafkabook.viz.strips import Cell, Strip, offset_strip

BYTES_QUESTION = "What do the bytes of a batch say?"


@explorer(
    BYTES_QUESTION,
    records=(2, 1, 10),
    codec=("none", "gzip", "snappy", "lz4", "zstd"),
    headers=(False, True),
    guess=Guess(
        "A record of one key byte and one value byte: how many bytes is the smallest batch around"
        " it?",
        answer=lambda: _batch(1, "none", headers=False).size_bytes,
        shows={"records": 1},
        why="61 bytes are paid once a batch, then 9 a record: 7 of its own, 2 of key and value."
        " That is why producers wait a little and send many records in one batch.",
        unit="bytes",
    ),
    caption="Try: ten records, then compress them. Source: KIP-98; notes, Part 1 ch 02 §07.",
)
def bytes_of_a_batch(records: int, codec: str, headers: bool) -> Figure:
    """Thirteen numbers first, then the records, each relative to them."""
    return byte_map(_batch(records, codec, headers=headers), title=BYTES_QUESTION)


def _batch(records: int, codec: str, *, headers: bool) -> RecordBatch:
    extra = (("trace", b"42"),) if headers else ()
    made = [Record(b"k", b"v", FIRST_MS + 5 * n, extra) for n in range(records)]
    return RecordBatch.of(made, base_offset=42, codec=Codec[codec.upper()])


LOOKUP_BATCHES = 11


@explorer(
    "How does a broker find an offset without reading the whole file?",
    find=(16, 3, 20),
    index_interval_bytes=(200, 0, 4 * KIB),
    frames=LOOKUP_BATCHES + 2,
    guess=Guess(
        "Each box is a batch, below them stands the index. How many batch headers are read to"
        " find offset 16?",
        answer=lambda: _headers_read(16, 200),
        at=4,
        why="The index is sparse. It names a place at or before the offset, and the rest is read"
        " batch by batch, never more than one interval and one batch.",
        before=lambda: segment_map(
            _indexed(200).snapshot().segments[0], title="Where is offset 16?"
        ),
        unit="headers",
    ),
    forks={"4 KiB between entries": {"index_interval_bytes": 4 * KIB}},
    caption="Try: 4 KiB, today's default: this file is too small for a single entry."
    " Source: kafka, OffsetIndex.lookup, LogSegment.append.",
)
def index_lookup(find: int, index_interval_bytes: int) -> list[Figure]:
    """Floor entry, then scan, then hit."""
    return lookup_frames(_indexed(index_interval_bytes).snapshot().segments[0], find)


def _indexed(index_interval_bytes: int) -> PartitionLog:
    config = LogConfig(index_interval_bytes=index_interval_bytes)
    return a_log(batches=LOOKUP_BATCHES, records_per_batch=2, config=config)


def _headers_read(find: int, index_interval_bytes: int) -> int:
    segment = _indexed(index_interval_bytes).snapshot().segments[0]
    return len(Lookup(segment.batches, segment.index, find).scanned)


INTERVALS = (256, 1 * KIB, 4 * KIB, 16 * KIB, 64 * KIB)
CHART_BATCHES = 300
CHART_BATCH_BYTES = 400


def bytes_scanned_chart() -> Figure:
    """Measure on a log of our own what a sparser index costs a read, and what it saves."""
    costs = {interval: _scan_bytes(interval) for interval in INTERVALS}
    middle = {interval: sum(bytes_) / len(bytes_) for interval, bytes_ in costs.items()}
    return line_chart(
        {
            "worst": [(interval, max(bytes_)) for interval, bytes_ in costs.items()],
            "mean": list(middle.items()),
        },
        title="What does a sparser index cost a read?",
        subtitle=f"{CHART_BATCHES} batches of {CHART_BATCH_BYTES} B, every offset looked up once",
        x_label="index.interval.bytes",
        y_label="bytes scanned",
        log_x=True,
        log_y=True,
        sentence=f"At today's default of 4 KiB a read scans {bytes_text(round(middle[4 * KIB]))} on"
        f" average and {bytes_text(max(costs[4 * KIB]))} at most.",
        caption="Measured on the log of this package. Source: kafka, LogSegment.append.",
    )


def _scan_bytes(index_interval_bytes: int) -> list[int]:
    config = LogConfig(index_interval_bytes=index_interval_bytes)
    log = a_log(sizes_bytes=(CHART_BATCH_BYTES,) * CHART_BATCHES, config=config)
    segment = log.snapshot().segments[0]
    lookups = (
        Lookup(segment.batches, segment.index, offset)
        for offset in range(segment.base_offset, segment.next_offset)
    )
    return [_end_of(segment.batches[found.scanned[-1]]) - found.begin_byte for found in lookups]


def _end_of(batch: object) -> int:
    return batch.position + batch.size_bytes  # type: ignore[attr-defined,no-any-return]


FILES_QUESTION = "Which files make a partition?"


@explorer(
    FILES_QUESTION,
    frames=6,
    segment_index_bytes=(10 * KIB, 1 * KIB),
    caption="Source: notes, Part 1 ch 02 §07; kafka, LogFileUtils.",
)
def life_of_a_directory(segment_index_bytes: int) -> list[Figure]:
    """Files appear as a partition lives: written, rolled, a transaction aborted, closed."""
    disk = MemoryDisk()
    log = PartitionLog(
        "orders-0",
        disk,
        config=LogConfig(segment_index_bytes=segment_index_bytes, index_interval_bytes=100),
        topic_id="AAAAAAAAAAAAAAAAAAAAAg",
    )
    return [_files(disk, told) for told in _lived(log)]


def _lived(log: PartitionLog) -> Iterator[str]:
    """Do the next thing in a partition's life, and say what it was."""
    room = bytes_text(log.config.segment_index_bytes)
    yield f"Created. Both indexes are preallocated, {room} each: zeros, not entries."
    for number in range(6):
        log.append([Record(b"k%d" % number, b"value", FIRST_MS + number)], now_ms=FIRST_MS)
    yield f"Six records written: the .log grows, the indexes keep their {room}."
    log.roll(now_ms=FIRST_MS + 10)
    yield "Rolled: old indexes are trimmed to their entries; a snapshot of the producers is taken."
    log.append(_transactional(), now_ms=FIRST_MS + 20)
    yield "A transaction begins. No file tells of it yet but the .log."
    log.append(_abort(), now_ms=FIRST_MS + 30)
    yield "The transaction aborts: only now there is something to write into a .txnindex."
    log.close()
    yield "Closed: everything trimmed and flushed, one more snapshot at the log end."


def _transactional() -> RecordBatch:
    record = Record(b"k", b"undecided", FIRST_MS + 20)
    return RecordBatch.of(
        [record], producer_id=7, producer_epoch=0, base_sequence=0, is_transactional=True
    )


def _abort() -> RecordBatch:
    return end_transaction_marker(
        ControlType.ABORT,
        producer_id=7,
        producer_epoch=0,
        coordinator_epoch=0,
        timestamp_ms=FIRST_MS + 30,
    )


def _files(disk: MemoryDisk, told: str) -> Figure:
    sizes = {name: disk.size(f"orders-0/{name}") for name in disk.list("orders-0")}
    return files_view(sizes, title=FILES_QUESTION, subtitle="orders-0/", sentence=told)


CUT_QUESTION = "Which records survive the power cut?"
CUT_RECORDS = 5
CUT_BATCH_BYTES = 69  # one record of one byte, without a key


@explorer(
    CUT_QUESTION,
    flushed_records=(3, 0, 5),
    lucky_bytes=(90, 0, 40, 138),
    frames=4,
    guess=Guess(
        "Five records are written, three of them flushed. 90 bytes of the other two had reached"
        " the disk by luck; a record's batch takes 69. How many records are there afterwards?",
        answer=lambda: _survivors(3, 90),
        at=3,
        why="Recovery keeps every whole batch, also one that was never flushed, and cuts the torn"
        " one. What was flushed is safe; the rest is luck.",
        unit="records",
    ),
    caption="Step on: written, in the page cache, after the cut, recovered. In the bars solid is"
    " safe, hatched is at risk, crossed out is lost."
    " Source: kafka, LogSegment.recover; notes, Part 1 ch 02 §01 and §07.",
)
def power_cut(flushed_records: int, lucky_bytes: int) -> list[Figure]:
    """Written, cut, torn, recovered."""
    disk = MemoryDisk()
    log = _written(disk, flushed_records)
    path, where = log.segments[0].path, f"{CUT_RECORDS} records written, {flushed_records} flushed"
    before = _strip(CUT_RECORDS, where, "cache", flushed_records)
    cached = disk_view(_segment_files(disk), title=CUT_QUESTION, subtitle=f"{where} · page cache")
    written_bytes = disk.size(path)
    disk.lose_power(keep={path: lucky_bytes})
    torn = _left_on_disk(disk.size(path), written_bytes, where)
    survivors = PartitionLog("orders-0", disk).log_end
    recovered = _strip(survivors, f"{where} · recovered", "lost", survivors)
    return [before, cached, torn, recovered]


def _strip(safe: int, subtitle: str, otherwise: str, on_disk: int) -> Figure:
    """Draw the records, each with the word for where it is; what is lost is a ghost."""
    cells = tuple(
        Cell(
            n,
            "abcde"[n],
            under="disk" if n < on_disk else otherwise,
            kind="record" if n < safe else "gone",
        )
        for n in range(CUT_RECORDS)
    )
    told = f"{safe} of {CUT_RECORDS} records are there; the next one gets offset {safe}."
    strip = Strip("orders-0", cells, 0, safe, safe)
    return offset_strip(strip, title=CUT_QUESTION, subtitle=subtitle, sentence=told)


def _left_on_disk(size_bytes: int, written_bytes: int, where: str) -> Figure:
    whole_bytes = size_bytes // CUT_BATCH_BYTES * CUT_BATCH_BYTES
    torn_bytes, never_bytes = size_bytes - whole_bytes, written_bytes - size_bytes
    told = (
        f"{whole_bytes} B are whole batches, {torn_bytes} B a torn one;"
        f" {never_bytes} B never reached the disk. Recovery will cut the torn batch off."
    )
    file = FileBytes(f"{0:020d}.log", whole_bytes, torn_bytes, never_bytes)
    subtitle = f"{where} · the power is back"
    return disk_view([file], title=CUT_QUESTION, subtitle=subtitle, sentence=told)


def _written(disk: MemoryDisk, flushed_records: int) -> PartitionLog:
    log = PartitionLog("orders-0", disk)
    for number in range(CUT_RECORDS):
        log.append([Record(value=b"abcde"[number : number + 1], timestamp_ms=FIRST_MS)])
        if number + 1 == flushed_records:
            log.flush()
    log.advance_high_watermark()
    return log


def _segment_files(disk: MemoryDisk) -> list[FileBytes]:
    return [file for file in bytes_on(disk, "orders-0") if file.name.endswith(".log")]


def _survivors(flushed_records: int, lucky_bytes: int) -> int:
    disk = MemoryDisk()
    log = _written(disk, flushed_records)
    disk.lose_power(keep={log.segments[0].path: lucky_bytes})
    return PartitionLog("orders-0", disk).log_end
