"""The offset strip: one cell a record, who has read how far, and what everybody may read.

`offset_strip` takes logs, or `Strip` values where a picture is wanted without a log. Above the
cells stand the log's own positions, below them each reader's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from kafkabook.base.plain import plain, plain_bytes
from kafkabook.records.record import Record
from kafkabook.viz import strip_marks
from kafkabook.viz.figure import WIDTH_PX, Figure, in_every_width, most_height_px
from kafkabook.viz.letters import fitted, width_px
from kafkabook.viz.scene import words
from kafkabook.viz.sheet import LEFT_PX, Sheet
from kafkabook.viz.theme import MUTED

MOST_CELLS = 26
_LABEL_PX = 150
_STEP_PX = 48
_LEAST_STEP_PX = 24  # of a narrow sheet: a two-figure offset and its neighbour
_WORDS_PX = 160  # of a sheet's height, about: title, sentence, legend
_NAME_PX = 20  # of a name that stands above its cells


@dataclass(frozen=True, slots=True)
class Cell:
    """One offset of a strip.

    Attributes: `text` stands in the cell, `under` smaller below it, `tip` shows on hover; `kind` is
    record, tombstone, commit, abort, or gone (deleted or truncated: a dashed ghost).
    """

    offset: int
    text: str = ""
    under: str = ""
    epoch: int | None = None
    kind: str = "record"
    tip: str = ""


@dataclass(frozen=True, slots=True)
class ReaderMark:
    """Where a reader is: the next offset it will read, and the one it would resume from."""

    name: str
    position: int
    committed: int | None = None


@dataclass(frozen=True, slots=True)
class Strip:
    """One partition as it is drawn, its positions as offsets."""

    name: str
    cells: tuple[Cell, ...]
    log_start: int
    high_watermark: int
    log_end: int
    last_stable: int | None = None
    readers: tuple[ReaderMark, ...] = ()


def offset_strip(
    *logs: Any,
    title: str = "",
    subtitle: str = "",
    readers: Iterable[Any] = (),
    sentence: str = "",
    caption: str = "",
) -> Figure:
    """Draw logs below each other, aligned by offset.

    Args:
        logs: `PartitionLog`s or `Strip`s.
        readers: `log.reader.Reader`s or `ReaderMark`s; each is drawn under the log that it reads.
        sentence: what is to be seen; without it the positions are told.

    Raises:
        ValueError: more lanes or readers than fit on a figure.
    """
    strips = tuple(strip_of(log, readers) for log in logs)
    return _drawn(strips, title, subtitle, sentence, caption)


@in_every_width
def _drawn(
    strips: tuple[Strip, ...],
    title: str,
    subtitle: str,
    sentence: str,
    caption: str,
    *,
    width_px: int = WIDTH_PX,
) -> Figure:
    """Draw strips, whose values nobody changes any more."""
    names = ", ".join(strip.name for strip in strips)
    sheet = Sheet(title or f"Where is everybody in {names}?", subtitle, width_px=width_px)
    axis = _axis(sheet, strips)
    for strip in strips:
        _draw(sheet, strip, axis)
    if any(strip.readers for strip in strips):
        sheet.add(*strip_marks.legend(axis, sheet.take(18)))
    told = sentence or " ".join(map(_told, strips))
    rows = [row for strip in strips for row in _rows(strip)]
    return sheet.figure(told, heads=_HEADS, rows=rows, caption=caption)


def strip_of(log: Any, readers: Iterable[Any] = ()) -> Strip:
    """Return `log` as the values that are drawn; a `Strip` passes through."""
    if isinstance(log, Strip):
        return log
    return Strip(
        name=log.name,
        cells=_cells_of(log),
        log_start=log.log_start,
        high_watermark=log.high_watermark,
        log_end=log.log_end,
        last_stable=log.last_stable_offset,
        readers=tuple(_mark_of(reader) for reader in readers if getattr(reader, "log", log) is log),
    )


def cell_of(record: Record) -> Cell:
    """Return the cell of a record: its key, or else its value; a null value is a tombstone."""
    key, value = plain_bytes(record.key), plain_bytes(record.value)
    is_tombstone = record.value is None and record.key is not None
    return Cell(
        record.offset,
        value if record.key is None else key,
        under="" if record.key is None or is_tombstone else value,
        kind="tombstone" if is_tombstone else "record",
        tip=f"offset {record.offset} · key {key} · value {value} · {record.timestamp_ms} ms",
    )


def _cells_of(log: Any) -> tuple[Cell, ...]:
    """Return the cells of a log, or of a `LogSnapshot`, which knows offsets but no records.

    Epochs are worn once a second leader has written.
    """
    snapshot = log.snapshot() if hasattr(log, "snapshot") else log
    epochs = snapshot.epochs if len(snapshot.epochs) > 1 else ()
    if hasattr(log, "records"):
        cells = [cell_of(record) for record in log.records()]
    else:
        batches = [batch for segment in log.segments for batch in segment.batches]
        cells = [Cell(n) for b in batches for n in range(b.base_offset, b.last_offset + 1)]
    return tuple(replace(cell, epoch=_epoch_at(epochs, cell.offset)) for cell in cells)


def _epoch_at(epochs: Sequence[Any], offset: int) -> int | None:
    begun = [entry.epoch for entry in epochs if entry.start_offset <= offset]
    return begun[-1] if begun else None


_HEADS = ("partition", "offset", "what", "holds", "epoch", "committed")


def _mark_of(reader: Any) -> ReaderMark:
    return ReaderMark(reader.name, reader.position, reader.committed)


def _window(strips: Sequence[Strip], most: int) -> tuple[int, int]:
    """Return the offsets to draw: all, or the last ones if there are too many."""
    lowest = [min((strip.log_start, *(c.offset for c in strip.cells))) for strip in strips]
    stop = max(strip.log_end for strip in strips)
    return max(min(lowest), stop - most), stop


def _axis(sheet: Sheet, strips: Sequence[Strip]) -> strip_marks.Axis:
    """Share the sheet: names and readers at the left, cells, words at the right end.

    Where cells get narrow and nothing but names stands at the left, cells take the room. On a
    narrow sheet names and readers stand above and below the cells.
    """
    if sheet.width_px < WIDTH_PX:
        return _narrow_axis(sheet, strips)
    dense = _is_dense(sheet, strips)
    first, stop = _window(strips, MOST_CELLS)
    cells = max(stop - first, 1)
    label_px, spare_px = _LABEL_PX, 215 if dense else 66
    plainly = not dense and not any(strip.readers or strip.log_start < first for strip in strips)
    if plainly and cells * _STEP_PX > sheet.room_px - label_px - spare_px:
        names_px = [width_px(plain(strip.name), bold=True) for strip in strips]
        label_px, spare_px = min(label_px, round(max(names_px)) + 14), 36
    step_px = min(_STEP_PX, (sheet.room_px - label_px - spare_px) / cells)
    return strip_marks.Axis(LEFT_PX + label_px, step_px, first, dense, sheet.right_px, label_px)


def _narrow_axis(sheet: Sheet, strips: Sequence[Strip]) -> strip_marks.Axis:
    spare_px = 32  # the place of the next record
    first, stop = _window(strips, int((sheet.room_px - spare_px) / _LEAST_STEP_PX))
    step_px = min(_STEP_PX, (sheet.room_px - spare_px) / max(stop - first, 1))
    dense = _is_dense(sheet, strips)
    return strip_marks.Axis(LEFT_PX, step_px, first, dense, sheet.right_px, 0)


def _is_dense(sheet: Sheet, strips: Sequence[Strip]) -> bool:
    """Say whether the strips are too many to be drawn with flags above each."""
    narrow = sheet.width_px < WIDTH_PX
    strip_px, reader_px = (140, 56) if narrow else (115, 38)
    high_px = sum(strip_px + reader_px * len(strip.readers) for strip in strips)
    return high_px > most_height_px(sheet.width_px) - _WORDS_PX


def _draw(sheet: Sheet, strip: Strip, axis: strip_marks.Axis) -> None:
    flags = strip_marks.flags(axis, [at for at in _positions(strip) if at[0] >= axis.first])
    _name_above(sheet, strip, axis, flags)
    above_px = strip_marks.flags_px(axis, flags) + (17 if axis.dense else 25)
    cells_px = sheet.take(above_px) + above_px
    sheet.take(axis.high_px + (7 if axis.dense else 12))
    shown = [cell for cell in strip.cells if cell.offset >= axis.first]
    sheet.add(*strip_marks.numbers(axis, cells_px, strip.log_end, strip.name))
    for cell in shown:
        waits, gone = cell.offset >= strip.high_watermark, cell.offset < strip.log_start
        it = replace(cell, kind="gone") if gone else cell
        sheet.add(strip_marks.cell(axis, cells_px, it, strip.name, waits=waits))
    for left, right in pairwise(shown):
        if right.epoch is not None and left.epoch not in (None, right.epoch):
            rule = strip_marks.new_epoch(axis, cells_px, right.offset, right.epoch, strip.name)
            sheet.add(rule)
    sheet.add(*strip_marks.drawn(flags, axis, cells_px, strip.name))
    _name_beside(sheet, strip, axis, cells_px)
    for reader in strip.readers:
        row_px = sheet.take(axis.reader_px)
        key = f"{strip.name}/reader/{reader.name}"
        sheet.add(strip_marks.reader(axis, row_px, reader, strip.high_watermark, key))


def _name_above(
    sheet: Sheet, strip: Strip, axis: strip_marks.Axis, flags: Sequence[strip_marks.Flag]
) -> None:
    """On a narrow sheet, write a strip's name on a line of its own, then what is not drawn."""
    if axis.names_px:
        return
    base_px = sheet.take(_NAME_PX) + 14
    name = fitted(plain(strip.name), sheet.room_px / 2, bold=True)
    after_px = LEFT_PX + width_px(name, bold=True) + 12
    told = strip_marks.positions_told(flags) if axis.dense else _earlier(strip, axis)
    shown = fitted(told, sheet.right_px - after_px)
    sheet.add(
        words(LEFT_PX, base_px, name, bold=True, key=f"{strip.name}/name"),
        *([words(after_px, base_px, shown, fill=MUTED, key=f"{strip.name}/told")] if told else []),
    )


def _name_beside(sheet: Sheet, strip: Strip, axis: strip_marks.Axis, cells_px: float) -> None:
    if not axis.names_px:
        return
    name = fitted(plain(strip.name), axis.names_px - 10, bold=True)
    sheet.add(words(LEFT_PX, cells_px + 18, name, bold=True, key=f"{strip.name}/name"))
    told = "" if axis.dense else _earlier(strip, axis)
    if told:
        sheet.add(words(LEFT_PX, cells_px + 35, told, fill=MUTED, key=f"{strip.name}/told"))


def _earlier(strip: Strip, axis: strip_marks.Axis) -> str:
    hidden = axis.first - strip.log_start
    return f"{hidden} earlier not drawn" if hidden > 0 else ""


def _positions(strip: Strip) -> list[tuple[int, str]]:
    positions = [(strip.log_start, "log start"), (strip.high_watermark, "high watermark")]
    if strip.last_stable not in (None, strip.high_watermark):
        positions.append((strip.last_stable or 0, "last stable offset"))
    return [*positions, (strip.log_end, "log end")]


def _told(strip: Strip) -> str:
    if strip.log_end == strip.log_start:
        held = f"{strip.name} is empty; its next record gets offset {strip.log_end}."
    else:
        span = f"offsets {strip.log_start} to {strip.log_end - 1}"
        held = f"{strip.name} holds {span}; its next record gets {strip.log_end}."
    waiting = strip.log_end - strip.high_watermark
    wait = (
        f" From {strip.high_watermark} on nothing is committed yet ({waiting} hatched)."
        if waiting
        else ""
    )
    return held + wait + "".join(_reader_told(mark, strip) for mark in strip.readers)


def _reader_told(mark: ReaderMark, strip: Strip) -> str:
    if mark.committed is None:
        return f" {mark.name} reads on at {mark.position} and has committed nothing."
    lag = strip.high_watermark - mark.committed
    return f" {mark.name} reads on at {mark.position}, has committed {mark.committed}: lag {lag}."


def _rows(strip: Strip) -> list[tuple[object, ...]]:
    records: list[tuple[object, ...]] = [
        (
            strip.name,
            cell.offset,
            cell.kind,
            " = ".join(filter(None, (cell.text, cell.under))),
            "" if cell.epoch is None else cell.epoch,
            "yes" if cell.offset < strip.high_watermark else "no",
        )
        for cell in strip.cells
    ]
    marks = [(strip.name, mark.position, "position", mark.name, "", "") for mark in strip.readers]
    return records + marks
