"""The bytes of a file with the name and the meaning of each: where, which, what, how much.

Source: kafka, clients `DefaultRecordBatch`, `DefaultRecord`, `LegacyRecord`, storage
`ProducerStateManager`, `AbortedTxn`; KIP-98.
"""

import struct
from collections.abc import Iterator

from kafkabook.base.errors import CorruptSegment
from kafkabook.inspect.files import SourceFile
from kafkabook.inspect.findings import Finding, Row
from kafkabook.inspect.folder import ReadOnlyFolder
from kafkabook.inspect.kinds import Kind, known
from kafkabook.inspect.place import Place
from kafkabook.inspect.segments import Stored, sound_batches
from kafkabook.inspect.styles import BYTES
from kafkabook.inspect.wanted import Wanted
from kafkabook.records.batch_header import HEADER_BYTES, MAGIC, MAGIC_AT, BatchHeader, is_old
from kafkabook.records.compression import Codec
from kafkabook.records.record_batch import RecordBatch
from kafkabook.records.varint import decode_varint, decode_varlong

Layout = tuple[tuple[str, str], ...]  # (Kafka's name, format for struct)
MOST_HEX_BYTES = 16

BATCH: Layout = (
    ("baseOffset", "q"),
    ("batchLength", "i"),
    ("partitionLeaderEpoch", "i"),
    ("magic", "b"),
    ("crc", "I"),
    ("attributes", "h"),
    ("lastOffsetDelta", "i"),
    ("baseTimestamp", "q"),
    ("maxTimestamp", "q"),
    ("producerId", "q"),
    ("producerEpoch", "h"),
    ("baseSequence", "i"),
    ("recordsCount", "i"),
)
MESSAGE: Layout = (
    ("offset", "q"),
    ("messageSize", "i"),
    ("crc", "I"),
    ("magic", "b"),
    ("attributes", "b"),
)
_SNAPSHOT_HEAD: Layout = (("version", "h"), ("crc", "I"), ("entryCount", "i"))
_ENTRIES: dict[Kind, Layout] = {
    Kind.OFFSET_INDEX: (("relativeOffset", "i"), ("position", "i")),
    Kind.TIME_INDEX: (("timestamp", "q"), ("relativeOffset", "i")),
    Kind.TRANSACTION_INDEX: (
        ("version", "h"),
        ("producerId", "q"),
        ("firstOffset", "q"),
        ("lastOffset", "q"),
        ("lastStableOffset", "q"),
    ),
    Kind.SNAPSHOT: (
        ("producerId", "q"),
        ("epoch", "h"),
        ("lastSequence", "i"),
        ("lastOffset", "q"),
        ("offsetDelta", "i"),
        ("timestamp", "q"),
        ("coordinatorEpoch", "i"),
        ("currentTxnFirstOffset", "q"),
    ),
}


def byte_findings(
    folder: ReadOnlyFolder, name: str, place: Place, wanted: Wanted
) -> Iterator[Finding]:
    """Yield the fields of a file in the order of their bytes; of a damaged batch what is there.

    Raises:
        CorruptSegment: at the first damage in a segment; the bytes there were yielded.
    """
    what = known(name)
    assert what is not None
    if what.kind in (Kind.LOG, Kind.METADATA_SNAPSHOT):
        return _segment(folder, name, place, wanted)
    if what.kind in _ENTRIES:
        return _entries(folder.file(name), what.kind)
    return _lines(folder.file(name))


def _segment(folder: ReadOnlyFolder, name: str, place: Place, wanted: Wanted) -> Iterator[Finding]:
    try:
        for stored in sound_batches(folder, name, place, wanted):
            if stored.batch.last_offset >= wanted.from_offset:
                yield from _batch(name, stored, wanted)
    except CorruptSegment as damage:
        start = damage.at_byte
        raw = folder.read(name, start, start + HEADER_BYTES)
        yield from _fields(name, start, raw, _layout(raw), "the damaged batch, as it stands")
        raise


def _batch(name: str, stored: Stored, wanted: Wanted) -> Iterator[Row]:
    position, batch = stored
    if batch.header.magic < MAGIC:
        yield from _message(name, position, batch, wanted)
        return
    heading = f"batch of offsets {batch.base_offset}..{batch.last_offset}"
    yield from _fields(name, position, batch.data[:HEADER_BYTES], BATCH, heading)
    if wanted.headers_only or batch.size_bytes == HEADER_BYTES:
        return
    if batch.header.codec is not Codec.NONE:
        codec = str(batch.header.codec)
        told = f"{batch.header.records_count} records, compressed with {codec}"
        packed = batch.data[HEADER_BYTES:]
        yield _row(name, position + HEADER_BYTES, packed, "records", told, "records")
        return
    start = HEADER_BYTES
    for record in batch.records:
        for stop, field, value in _record_fields(batch.data, start):
            data, part = batch.data[start:stop], f"record {record.offset}"
            yield _row(name, position + start, data, field, value, part)
            start = stop


def _message(name: str, position: int, batch: RecordBatch, wanted: Wanted) -> Iterator[Row]:
    """Yield the fields of a message of magic 0 or 1; those of messages inside are packed."""
    header, layout = batch.header, _layout(batch.data)
    part = f"message of magic {header.magic}, offset {header.last_offset}"
    yield from _fields(name, position, batch.data, layout, part)
    if wanted.headers_only:
        return
    start = struct.calcsize(_format(layout))
    for field in ("key", "value"):
        (size,) = struct.unpack_from(">i", batch.data, start)
        length = batch.data[start : start + 4]
        yield _row(name, position + start, length, f"{field}Length", size, part)
        data = batch.data[start + 4 : start + 4 + max(size, 0)]
        if data:
            yield _row(name, position + start + 4, data, field, _told(field, data, header), part)
        start += 4 + len(data)


def _told(field: str, data: bytes, header: BatchHeader) -> object:
    if field == "key" or header.codec is Codec.NONE:
        return data
    return f"{header.records_count} messages, compressed with {header.codec}"


def _layout(data: bytes) -> Layout:
    """Return the fields at the beginning of a batch, or of a message of magic 0 or 1."""
    if not is_old(data):
        return BATCH
    return (*MESSAGE, ("timestamp", "q")) if data[MAGIC_AT] else MESSAGE


def _record_fields(data: bytes, at: int) -> Iterator[tuple[int, str, object]]:
    """Yield `(stop, name, value)` of the fields of a record that is known to be sound."""
    length, start = decode_varint(data, at)
    yield start, "length", length
    yield start + 1, "attributes", data[start]
    delta, stop = decode_varlong(data, start + 1)
    yield stop, "timestampDelta", delta
    number, stop = decode_varint(data, stop)
    yield stop, "offsetDelta", number
    for name in ("key", "value"):
        size, stop = decode_varint(data, stop)
        yield stop, f"{name}Length", size
        if size > 0:
            yield stop + size, name, data[stop : stop + size]
            stop += size
    count, stop = decode_varint(data, stop)
    yield stop, "headersCount", count
    if count:
        yield start + length, "headers", data[stop : start + length]


def _entries(file: SourceFile, kind: Kind) -> Iterator[Row]:
    at, layout = 0, _ENTRIES[kind]
    if kind is Kind.SNAPSHOT:
        at = struct.calcsize(_format(_SNAPSHOT_HEAD))
        yield from _fields(file.name, 0, file.read(0, at), _SNAPSHOT_HEAD, "head")
    size = struct.calcsize(_format(layout))
    for number, start in enumerate(range(at, file.size_bytes, size)):
        data = file.read(start, start + size)
        if not any(data) and file.zeros_from(start):
            return
        yield from _fields(file.name, start, data, layout, f"entry {number}")


def _lines(file: SourceFile) -> Iterator[Row]:
    at = 0
    for number, line in enumerate(file.read(0, file.size_bytes).splitlines(keepends=True), 1):
        yield _row(file.name, at, line, f"line {number}", line.rstrip(b"\n"), "lines")
        at += len(line)


def _fields(file: str, at: int, data: bytes, layout: Layout, part: str) -> Iterator[Row]:
    """Yield the fields of a layout, as far as the bytes go."""
    start = 0
    for name, code in layout:
        size = struct.calcsize(f">{code}")
        raw = data[start : start + size]
        if not raw:
            return
        value = struct.unpack(f">{code}", raw)[0] if len(raw) == size else "cut off"
        yield _row(file, at + start, raw, name, value, part)
        start += size


def _row(file: str, at: int, data: bytes, name: str, value: object, part: str) -> Row:
    head = data[:MOST_HEX_BYTES].hex(" ") + " …" * (len(data) > MOST_HEX_BYTES)
    fields = {"file": file, "byte": at, "hex": head, "field": name, "value": value}
    return Row(BYTES + part, fields)


def _format(layout: Layout) -> str:
    return ">" + "".join(code for _, code in layout)
