"""Explorers of chapter 12: one bit, the bytes of a batch, one lookup, a directory, a power cut."""

from collections.abc import Iterator

from kafkabook.base.door import must_be_whole
from kafkabook.base.errors import CorruptMessage, WrongValue
from kafkabook.base.units import KIB, bytes_text
from kafkabook.explorers.explorer import Guess, explorer
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.examples import FIRST_MS, a_log
from kafkabook.log.index import lookup
from kafkabook.log.partition_log import PartitionLog
from kafkabook.records.compression import Codec
from kafkabook.records.control_records import ControlType, end_transaction_marker
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch, decode_batch
from kafkabook.viz.byte_map import byte_map
from kafkabook.viz.charts import line_chart
from kafkabook.viz.figure import Figure
from kafkabook.viz.files import FileBytes, bytes_on, disk_view, files_view
from kafkabook.viz.segment_map import Lookup, lookup_frames, segment_map
from kafkabook.viz.strips import Cell, Strip, offset_strip

BIT_QUESTION = "One bit flips on the disk. Does the checksum notice?"
# The byte whose lowest bit flips; the value's is the s of "sent", which then says "rent".
FLIPPED_BYTES = {"base offset": 7, "leader epoch": 15, "timestamp": 42, "value": -5}


@explorer(
    BIT_QUESTION,
    flipped_bit_in=tuple(FLIPPED_BYTES),
    frames=2,
    guess=Guess(
        "A batch holds offsets 42 and 43. One bit of its base offset flips, and 42 becomes 43."
        " Does the checksum notice?",
        answer=lambda: "yes" if _refusal(_flipped("base offset")) else "no",
        choices=("yes", "no"),
        at=1,
        why="The checksum covers the bytes after it, and the base offset stands before it.",
        before=lambda: _as_written(),
    ),
    caption="Try: flip a bit in each of the four fields. Source: KIP-98.",
)
def one_bit(flipped_bit_in: str) -> list[Figure]:
    """The batch as it was written, and with one bit flipped."""
    batch = _flipped(flipped_bit_in)
    noticed = "The checksum does not fit, so Kafka refuses the batch."
    missed = f"The checksum fits, and Kafka reads offsets {batch.base_offset} to"
    told = noticed if _refusal(batch) else f"{missed} {batch.last_offset}."
    after = f"One bit of the {flipped_bit_in} has flipped. {told}"
    return [_as_written(), byte_map(batch, title=BIT_QUESTION, sentence=after)]


def two_records() -> RecordBatch:
    """Return a batch of two records, "paid" and "sent", at offsets 42 and 43.

    >>> two_records()
    RecordBatch(offsets 42..43, 2 records, 83 bytes)
    """
    made = [Record(value=value, timestamp_ms=FIRST_MS) for value in (b"paid", b"sent")]
    return RecordBatch.of(made, base_offset=42).stamped(partition_leader_epoch=0)


def flip_bit(batch: RecordBatch, at_byte: int) -> bytes:
    """Return the bytes of a batch with the lowest bit of one byte flipped.

    Args:
        at_byte: the first byte is 0, and the last one -1.

    Raises:
        ValueError: the batch has no such byte.

    >>> flip_bit(two_records(), -5)[-5:-1]
    b'rent'
    """
    must_be_whole("flip_bit", "at_byte", at_byte, least=-batch.size_bytes)
    if at_byte >= batch.size_bytes:
        raise WrongValue(f"the last byte of this batch is {batch.size_bytes - 1}, not {at_byte}")
    damaged = bytearray(batch.data)
    damaged[at_byte] ^= 1
    return bytes(damaged)


def _flipped(field: str) -> RecordBatch:
    return RecordBatch(flip_bit(two_records(), FLIPPED_BYTES[field]))


def _as_written() -> Figure:
    told = "Kafka wrote two records, at offsets 42 and 43. The checksum fits."
    return byte_map(two_records(), title=BIT_QUESTION, sentence=told)


def _refusal(batch: RecordBatch) -> str:
    """Return why a batch is refused when it is read, or nothing."""
    try:
        decode_batch(batch.data)
    except CorruptMessage as error:
        return str(error)
    return ""


BYTES_QUESTION = "What do the bytes of a batch say?"


@explorer(
    BYTES_QUESTION,
    records=(2, 1, 10),
    codec=("none", "gzip", "snappy", "lz4", "zstd"),
    headers=(False, True),
    guess=Guess(
        "A batch holds one record, with a key of one byte and a value of one byte. How many bytes"
        " does the batch have?",
        answer=lambda: _batch(1, "none", headers=False).size_bytes,
        shows={"records": 1},
        why="The header of a batch takes 61 bytes. Each record takes 9 more: 7 for its own fields,"
        " and 2 for key and value.",
        unit="bytes",
    ),
    caption="Try: ten records, and then a codec. Source: KIP-98; notes, Part 1 ch 02 §07.",
)
def bytes_of_a_batch(records: int, codec: str, headers: bool) -> Figure:
    """The thirteen fields of the header, and then the records."""
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
        "Each box is a batch, and the index stands below them. How many batch headers does the"
        " broker read to find offset 16?",
        answer=lambda: _headers_read(16, 200),
        at=4,
        why="The index names a byte at or before the offset. From there, the broker reads one"
        " header after the other, until a batch holds the offset.",
        before=lambda: segment_map(
            _indexed(200).snapshot().segments[0], title="Where is offset 16?"
        ),
        unit="headers",
    ),
    forks={"4 KiB between entries": {"index_interval_bytes": 4 * KIB}},
    caption="Try: 4 KiB, the default. This file is too small for a single entry."
    " Source: kafka, OffsetIndex.lookup, LogSegment.append.",
)
def index_lookup(find: int, index_interval_bytes: int) -> list[Figure]:
    """The index entry at or below the offset, then header after header, then the batch."""
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
    """Measure on a log of our own how many bytes a read scans with a sparser index."""
    costs = {interval: _scan_bytes(interval) for interval in INTERVALS}
    middle = {interval: round(sum(bytes_) / len(bytes_)) for interval, bytes_ in costs.items()}
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
        sentence=f"With the default of 4 KiB, a read scans {bytes_text(middle[4 * KIB])} on"
        f" average and {bytes_text(max(costs[4 * KIB]))} at most.",
        caption="Measured on the log of this package.",
    )


def _scan_bytes(index_interval_bytes: int) -> list[int]:
    config = LogConfig(index_interval_bytes=index_interval_bytes)
    log = a_log(sizes_bytes=(CHART_BATCH_BYTES,) * CHART_BATCHES, config=config)
    return [bytes_scanned(log, offset) for offset in range(log.log_start, log.log_end)]


def bytes_scanned(log: PartitionLog, offset: int) -> int:
    """Return how many bytes of the `.log` file a lookup passes until it has a record's batch.

    Args:
        offset: that of a record which the log holds.

    Returns:
        Bytes from where the index says to begin, to the end of the batch that holds `offset`.

    Raises:
        LookupError: no segment holds the offset.

    >>> bytes_scanned(a_log(sizes_bytes=(80, 80, 80)), 2)
    240
    """
    segment = next((it for it in log.segments if offset < it.next_offset), None)
    if segment is None or not log.log_start <= offset:
        raise LookupError(f"{log.name} holds no offset {offset}")
    begin = lookup(segment.index.entries, offset)
    position, header = next(segment.places(offset))
    return position + header.size_bytes - begin


FILES_QUESTION = "Which files make a partition?"


@explorer(
    FILES_QUESTION,
    frames=6,
    segment_index_bytes=(10 * KIB, 1 * KIB),
    caption="Try: step on, and watch which files appear. Source: notes, Part 1 ch 02 §07; kafka,"
    " LogFileUtils.",
)
def life_of_a_directory(segment_index_bytes: int) -> list[Figure]:
    """The files of a partition, from its creation to a clean stop."""
    disk = MemoryDisk()
    log = PartitionLog(
        "orders-0",
        disk,
        config=LogConfig(segment_index_bytes=segment_index_bytes, index_interval_bytes=100),
        topic_id="AAAAAAAAAAAAAAAAAAAAAg",
    )
    return [_files(disk, told) for told in _lived(log)]


def _lived(log: PartitionLog) -> Iterator[str]:
    """Do one step after the other, and say what it was."""
    room = bytes_text(log.config.segment_index_bytes)
    yield (
        "The log is created. Its index files have no entry yet, only zeros up to"
        f" segment.index.bytes, which is {room} here."
    )
    for number in range(6):
        log.append([Record(b"k%d" % number, b"value", FIRST_MS + number)], now_ms=FIRST_MS)
    yield f"Six records are written. The .log file grows, the indexes keep their {room}."
    log.roll(now_ms=FIRST_MS + 10)
    yield "The segment rolls. Its indexes are cut to their entries, and a .snapshot is written."
    log.append(_transactional(), now_ms=FIRST_MS + 20)
    yield "A transaction begins. Only the .log file has it."
    log.append(_abort(), now_ms=FIRST_MS + 30)
    yield "The transaction aborts. The log writes it into a new .txnindex file."
    log.close()
    yield "The log stops cleanly. All files are flushed, and one more .snapshot is written."


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
        "Five records are written, each in a batch of 69 bytes, and three are flushed. By luck,"
        " 90 bytes of the other two are on the disk when the power fails. How many records are"
        " left?",
        answer=lambda: _survivors(3, 90),
        at=3,
        why="Recovery keeps every whole batch, so it keeps the fourth one. It cuts off the 21 bytes"
        " of the fifth one.",
        unit="records",
    ),
    caption="Step on: written, in memory, after the power failure, recovered."
    " Source: kafka, LogSegment.recover; notes, Part 1 ch 02 §01 and §07.",
)
def power_cut(flushed_records: int, lucky_bytes: int) -> list[Figure]:
    """Written, in the page cache, after the power failure, recovered."""
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
    told = f"{safe} of {CUT_RECORDS} records are there. The next one gets offset {safe}."
    strip = Strip("orders-0", cells, 0, safe, safe)
    return offset_strip(strip, title=CUT_QUESTION, subtitle=subtitle, sentence=told)


def _left_on_disk(size_bytes: int, written_bytes: int, where: str) -> Figure:
    whole_bytes = size_bytes // CUT_BATCH_BYTES * CUT_BATCH_BYTES
    torn_bytes, never_bytes = size_bytes - whole_bytes, written_bytes - size_bytes
    told = (
        f"{whole_bytes} B are whole batches, and {torn_bytes} B are part of a batch."
        f" {never_bytes} B never reached the disk. Recovery cuts off the part."
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
