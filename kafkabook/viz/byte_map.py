"""The byte map: a record batch byte for byte, as hex and as characters, each field named.

Of the header each field has a row: where it begins, its bytes, what it is called, what it says. Of
the records the first are shown whole; the ground behind their bytes has the colours of the fields.
"""

from collections.abc import Sequence
from typing import NamedTuple

from kafkabook.base.plain import plain_bytes
from kafkabook.records.batch_header import HEADER_BYTES
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.viz.byte_spans import Span, first_records, header_spans, record_spans
from kafkabook.viz.figure import WIDTH_PX, Figure, in_every_width
from kafkabook.viz.letters import fitted, width_px
from kafkabook.viz.moments import NO_TIMESTAMP_MS, moment_text, since_text
from kafkabook.viz.positions import room_px
from kafkabook.viz.scene import Shape, group, rect, words
from kafkabook.viz.sheet import LEFT_PX, Sheet
from kafkabook.viz.theme import ERROR, INK, MUTED, word_colour

_POSITION_PX = 34  # room for where a line begins
_BYTE_PX = width_px("00 ", mono=True)
_LETTER_PX = width_px("0", mono=True)
_FIELD_BYTES = 8  # the longest field of a header
_FIELD_PX, _LINE_PX, _HEAD_PX = 18, 17, 24
_COLUMN_PX = 160  # the longest name of a field, and a gap
_NAMED_PX = 178  # the longest name and its value
_MOST_RECORDS, _MOST_LINES = 4, 6
_GROUND = ".38"  # how strong the colour of a field is behind its bytes


class _Lines(NamedTuple):
    """How bytes stand in lines: so many in each, and where hex and characters begin."""

    most: int
    hex_px: float
    text_px: float


@in_every_width
def byte_map(
    batch: RecordBatch,
    *,
    title: str = "",
    subtitle: str = "",
    sentence: str = "",
    caption: str = "",
    width_px: int = WIDTH_PX,
) -> Figure:
    """Draw a batch: the 61 bytes of its header field by field, then those of its records."""
    header, records = header_spans(batch), record_spans(batch)
    asked = title or f"What do the {batch.size_bytes} bytes of this batch say?"
    sheet, told = Sheet(asked, subtitle, width_px=width_px), sentence or _told(batch)
    _head(sheet, f"header, {HEADER_BYTES} bytes", "header")
    for span in header:
        _field(sheet, batch.data, span)
    rest = batch.size_bytes - HEADER_BYTES
    _head(sheet, f"{_counted(batch)}, {rest} bytes", "records")
    _records(sheet, batch, room_px(sheet, told, caption))
    rows = [(s.name, f"{s.start}–{s.stop - 1}", s.value) for s in (*header, *records)]
    return sheet.figure(told, heads=("field", "bytes", "value"), rows=rows, caption=caption)


def _head(sheet: Sheet, name: str, key: str) -> None:
    sheet.add(words(LEFT_PX, sheet.take(_HEAD_PX) + 16, name, bold=True, key=key))


def _field(sheet: Sheet, data: bytes, span: Span) -> None:
    """Draw one field of the header; on the narrowest sheet its name stands above its bytes."""
    lines = _lines(sheet.room_px, _FIELD_BYTES)
    beside_px = lines.text_px + _FIELD_BYTES * _LETTER_PX + 12
    above = sheet.right_px - beside_px < _NAMED_PX
    base_px = sheet.take(_FIELD_PX) + 13
    bytes_px = sheet.take(_FIELD_PX) + 13 if above else base_px
    name_px = LEFT_PX if above else beside_px
    fill = word_colour(ERROR) if span.colour == ERROR else INK
    after_px = name_px + width_px(span.name, bold=True) + 10
    value_px = max(after_px, beside_px + _COLUMN_PX if sheet.width_px == WIDTH_PX else 0)
    value = fitted(span.value, sheet.right_px - (after_px if above else value_px))
    x, anchor = (sheet.right_px, "end") if above else (value_px, None)
    tip = f"{span.name} = {span.value} · bytes {span.start} to {span.stop - 1}"
    sheet.add(
        group(
            *_line(data, span.start, span.stop, [span], lines, bytes_px),
            words(name_px, base_px, span.name, bold=True, fill=fill),
            words(x, base_px, value, fill=fill, anchor=anchor),
            tip=tip,
            key=f"byte/{span.start}",
        )
    )


def _lines(room_px: float, most: int) -> _Lines:
    """Return how many bytes fit into a line, at most `most`; in fours if they are many."""
    fit = int((room_px - _POSITION_PX - 12) // (_BYTE_PX + _LETTER_PX))
    count = min(most, fit - fit % 4)
    hex_px = LEFT_PX + _POSITION_PX
    return _Lines(count, hex_px, hex_px + count * _BYTE_PX + 8)


def _line(
    data: bytes, start: int, stop: int, spans: Sequence[Span], lines: _Lines, base_px: float
) -> list[Shape]:
    """Write some bytes: where they begin, as hex on the colours of their fields, as characters."""
    grounds = [
        rect(
            *(lines.hex_px + (first - start) * _BYTE_PX - 2, base_px - 12),
            *((last - first) * _BYTE_PX - 3, 15.5),
            fill=span.colour,
            fill_opacity=_GROUND,
            rx=2,
        )
        for span in spans
        if (first := max(span.start, start)) < (last := min(span.stop, stop))
    ]
    seen = data[start:stop]
    letters = "".join(chr(it) if 0x21 <= it < 0x7F else "·" for it in seen)
    place_px = lines.hex_px - 8
    return [
        words(place_px, base_px, str(start), mono=True, fill=MUTED, anchor="end"),
        *grounds,
        words(lines.hex_px, base_px, seen.hex(" "), mono=True),
        words(lines.text_px, base_px, letters, mono=True, fill=MUTED),
    ]


def _records(sheet: Sheet, batch: RecordBatch, left_over_px: float) -> None:
    """Draw the first records as far as there is room, in words and in bytes; count the others."""
    lines = _lines(sheet.room_px, 24)
    left_over_px -= _LINE_PX  # for the number of those that are left out
    spans = first_records(batch, _MOST_RECORDS)
    if not spans:
        left_over_px = _dump(sheet, batch, record_spans(batch), lines, left_over_px)
    drawn = 0
    for place, record in enumerate(batch.records[:_MOST_RECORDS]):
        if left_over_px < _LINE_PX * (3 if spans else 1) and place:
            break
        _record(sheet, batch, record, key=f"record/{place}")
        left_over_px -= _LINE_PX
        if spans:
            left_over_px = _dump(sheet, batch, spans[place], lines, left_over_px)
        drawn += 1
    if len(batch.records) > drawn:
        more = f"and {len(batch.records) - drawn} more"
        sheet.add(words(LEFT_PX, sheet.take(_LINE_PX) + 12, more, fill=MUTED, key="more"))


def _record(sheet: Sheet, batch: RecordBatch, record: Record, *, key: str) -> None:
    """Say in words what a record holds; its key is its place: a flipped bit moves its offset."""
    base_px = sheet.take(_LINE_PX) + 12
    delta = since_text(record.timestamp_ms, batch.header.base_timestamp_ms)
    told = f"{plain_bytes(record.key, 40)} = {plain_bytes(record.value)}"
    headers = "".join(f"  {name}: {plain_bytes(v, 40)}" for name, v in record.headers)
    offset = f"offset {record.offset}"
    when_px = LEFT_PX + width_px(offset, bold=True) + 10
    what_px = when_px + width_px(delta) + 10
    shown = fitted(told + headers, sheet.right_px - what_px, mono=True)
    sheet.add(
        words(LEFT_PX, base_px, offset, bold=True, key=key),
        words(when_px, base_px, delta, fill=MUTED, key=f"{key}/when"),
        words(what_px, base_px, shown, mono=True, key=f"{key}/what"),
    )


def _dump(
    sheet: Sheet, batch: RecordBatch, spans: Sequence[Span], lines: _Lines, left_over_px: float
) -> float:
    """Draw the bytes of some fields line by line; return the height in px that is left then."""
    start, stop = (spans[0].start, spans[-1].stop) if spans else (0, 0)
    wanted = -(-(stop - start) // lines.most)
    shown = min(wanted, _MOST_LINES, max(int(left_over_px // _LINE_PX) - 1, 1))
    shown -= 0 if shown == wanted else 1  # the last line counts what is left out
    at = start
    for _ in range(max(shown, 1)):
        end, base_px = min(at + lines.most, stop), sheet.take(_LINE_PX) + 13
        tip = " · ".join(f"{it.name} = {it.value}" for it in spans if at <= it.start < end)
        line = _line(batch.data, at, end, spans, lines, base_px)
        sheet.add(group(*line, tip=tip or None, key=f"byte/{at}"))
        at = end
    if at < stop:
        more, base_px = f"and {stop - at} more bytes of it", sheet.take(_LINE_PX) + 13
        sheet.add(words(lines.hex_px, base_px, more, fill=MUTED, key=f"byte/{start}/more"))
    return left_over_px - _LINE_PX * (max(shown, 1) + (at < stop))


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
