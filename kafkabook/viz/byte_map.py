"""The byte map: a record batch to scale, each field named, decoded, and coloured by its meaning."""

from collections.abc import Sequence

from kafkabook.records.batch_header import HEADER_BYTES
from kafkabook.records.record_batch import RecordBatch
from kafkabook.viz.byte_spans import Span, header_spans, record_spans
from kafkabook.viz.figure import Figure
from kafkabook.viz.letters import fitted, width_px
from kafkabook.viz.moments import NO_TIMESTAMP_MS, moment_text, since_text
from kafkabook.viz.plain import plain_bytes
from kafkabook.viz.scene import Shape, group, rect, words
from kafkabook.viz.sheet import LEFT_PX, ROOM_PX, Sheet
from kafkabook.viz.theme import ERROR, INK, MUTED, ON

_STRIP_PX = 28
_COLUMN_PX = 228
_MOST_RECORDS = 4
_STRONG = {ERROR}  # a wrong checksum stands out


def byte_map(
    batch: RecordBatch,
    *,
    title: str = "",
    subtitle: str = "",
    sentence: str = "",
    caption: str = "",
) -> Figure:
    """Draw a batch: its 61 bytes of header to scale with their values, then its records' bytes."""
    header, records = header_spans(batch), record_spans(batch)
    sheet = Sheet(title or f"What do the {batch.size_bytes} bytes of this batch say?", subtitle)
    _strip(sheet, f"header, {HEADER_BYTES} bytes", batch.data, header)
    _legend(sheet, header)
    rest = batch.size_bytes - HEADER_BYTES
    _strip(sheet, f"{_counted(batch)}, {rest} bytes", batch.data, records)
    _records(sheet, batch)
    rows = [(s.name, f"{s.start}–{s.stop - 1}", s.value) for s in (*header, *records)]
    told = sentence or _told(batch)
    return sheet.figure(told, heads=("field", "bytes", "value"), rows=rows, caption=caption)


def _strip(sheet: Sheet, name: str, data: bytes, spans: Sequence[Span]) -> None:
    """Draw spans to scale, each with its bytes in a tip, and the positions where they fit."""
    top_px = sheet.take(_STRIP_PX + 36) + 20
    sheet.add(words(LEFT_PX, top_px - 7, name, size=13, bold=True))
    if not spans:
        return
    start, stop = spans[0].start, spans[-1].stop
    scale = ROOM_PX / max(stop - start, 1)
    free_px = 0.0
    for span in spans:
        x, wide = LEFT_PX + (span.start - start) * scale, (span.stop - span.start) * scale
        sheet.add(_block(span, data, x, top_px, wide))
        if x >= free_px:
            place = str(span.start)
            sheet.add(words(x, top_px + _STRIP_PX + 12, place, mono=True, fill=MUTED))
            free_px = x + width_px(place, 12, mono=True) + 6


def _block(span: Span, data: bytes, x: float, y: float, wide: float) -> Shape:
    strong = span.colour in _STRONG
    gap = min(1.0, wide / 6)
    block = rect(
        *(x + gap, y, max(wide - 2 * gap, 0.6), _STRIP_PX),
        fill=span.colour,
        fill_opacity=None if strong else ".38",
        rx=2,
    )
    text = _inside(span, wide - 8)
    ink = ON if strong else INK
    label = words(x + wide / 2, y + 18.5, text, anchor="middle", fill=ink)
    seen = data[span.start : span.stop][:24].hex(" ")
    tip = f"{span.name} = {span.value} · bytes {span.start} to {span.stop - 1}: {seen}"
    marks = (block, label) if text else (block,)
    return group(*marks, tip=tip, key=f"byte/{span.start}")


def _inside(span: Span, room_px: float) -> str:
    """Return what fits into a block: its name, or nothing."""
    name = span.name.removeprefix("partition").lstrip("0123456789 ")
    told = span.value if span.name.endswith((" key", " value")) else name
    return told if width_px(told, 12) <= room_px else ""


def _legend(sheet: Sheet, spans: Sequence[Span]) -> None:
    rows = -(-len(spans) // 3)
    top_px = sheet.take(rows * 20 + 10) + 4
    for place, span in enumerate(spans):
        x, base_px = LEFT_PX + place % 3 * _COLUMN_PX, top_px + place // 3 * 20 + 12
        opacity = None if span.colour in _STRONG else ".6"
        room_px = _COLUMN_PX - 154
        mono = width_px(span.value, 12, mono=True) <= room_px  # narrower letters fit more words
        value = fitted(span.value, room_px, 12, mono=mono)
        sheet.add(
            rect(x, base_px - 9, 9, 9, fill=span.colour, fill_opacity=opacity, rx=1),
            words(x + 15, base_px, span.name, bold=True),
            words(x + 148, base_px, value, mono=mono),
        )


def _records(sheet: Sheet, batch: RecordBatch) -> None:
    """List the first records in words, one a line."""
    first_ms = batch.header.base_timestamp_ms
    for record in batch.records[:_MOST_RECORDS]:
        base_px = sheet.take(17) + 12
        delta = since_text(record.timestamp_ms, first_ms)
        told = f"{plain_bytes(record.key, 40)} = {plain_bytes(record.value)}"
        headers = "".join(f"  {name}: {plain_bytes(v, 40)}" for name, v in record.headers)
        shown = fitted(told + headers, ROOM_PX - 164, 12, mono=True)
        sheet.add(
            words(LEFT_PX, base_px, f"offset {record.offset}", bold=True),
            words(LEFT_PX + 80, base_px, fitted(delta, 78, 12), fill=MUTED),
            words(LEFT_PX + 164, base_px, shown, mono=True),
        )
    if len(batch.records) > _MOST_RECORDS:
        more = f"and {len(batch.records) - _MOST_RECORDS} more"
        sheet.add(words(LEFT_PX, sheet.take(17) + 12, more, fill=MUTED))


def _told(batch: RecordBatch) -> str:
    header = batch.header
    first, last = header.base_offset, header.last_offset
    span = f"offset {first}" if first == last else f"offsets {first} to {last}"
    at_ms = header.base_timestamp_ms
    begun = "without a timestamp" if at_ms == NO_TIMESTAMP_MS else f"begun {moment_text(at_ms)}"
    whose = f", by producer {header.producer_id}" if header.producer_id >= 0 else ""
    return f"{_counted(batch)}, {span}, {begun}{whose}; {batch.size_bytes} bytes in all."


def _counted(batch: RecordBatch) -> str:
    count = batch.header.records_count
    return "1 record" if count == 1 else f"{count} records"
