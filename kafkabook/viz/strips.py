"""The offset strip: one cell a record, who has read how far, and what everybody may read.

`offset_strip` takes logs, or `Strip` values where a picture is wanted without a log. Above the
cells stand the log's own positions, below them each reader's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from kafkabook.records.record import Record
from kafkabook.viz import strip_marks
from kafkabook.viz.figure import Figure
from kafkabook.viz.letters import fitted, width_px
from kafkabook.viz.plain import plain, plain_bytes
from kafkabook.viz.scene import words
from kafkabook.viz.sheet import LEFT_PX, RIGHT_PX, Sheet
from kafkabook.viz.theme import MUTED

MOST_CELLS = 26
_LABEL_PX = 150
_STEP_PX = 48
_ROOMY_PX = 285


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
    dense = _is_dense(strips)
    names = ", ".join(strip.name for strip in strips)
    sheet = Sheet(title or f"Where is everybody in {names}?", subtitle)
    axis = _axis(strips, dense=dense)
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


def _window(strips: Sequence[Strip]) -> tuple[int, int]:
    """Return the offsets to draw: all, or the last ones if there are too many."""
    lowest = [min((strip.log_start, *(c.offset for c in strip.cells))) for strip in strips]
    stop = max(strip.log_end for strip in strips)
    return max(min(lowest), stop - MOST_CELLS), stop


def _axis(strips: Sequence[Strip], *, dense: bool) -> strip_marks.Axis:
    """Share the sheet: names and readers at the left, cells, words at the right end.

    Where cells get narrow and nothing but names stands at the left, cells take the room.
    """
    first, stop = _window(strips)
    cells = max(stop - first, 1)
    label_px, spare_px = _LABEL_PX, 196 if dense else 66
    plainly = not dense and not any(strip.readers or strip.log_start < first for strip in strips)
    if plainly and cells * _STEP_PX > RIGHT_PX - LEFT_PX - label_px - spare_px:
        names_px = [width_px(plain(strip.name), 13, bold=True) for strip in strips]
        label_px, spare_px = min(label_px, round(max(names_px)) + 14), 36
    step_px = min(_STEP_PX, (RIGHT_PX - LEFT_PX - label_px - spare_px) / cells)
    return strip_marks.Axis(LEFT_PX + label_px, step_px, first, dense)


def _is_dense(strips: Sequence[Strip]) -> bool:
    """Say whether the strips are too many to be drawn with flags above each."""
    return sum(110 + 38 * len(strip.readers) for strip in strips) > _ROOMY_PX


def _draw(sheet: Sheet, strip: Strip, axis: strip_marks.Axis) -> None:
    flags = strip_marks.flags(axis, [at for at in _positions(strip) if at[0] >= axis.first])
    above_px = strip_marks.flags_px(axis, flags) + (15 if axis.dense else 24)
    cells_px = sheet.take(above_px) + above_px
    sheet.take(axis.high_px + (7 if axis.dense else 12))
    shown = [cell for cell in strip.cells if cell.offset >= axis.first]
    sheet.add(*strip_marks.numbers(axis, cells_px, strip.log_end))
    for cell in shown:
        waits, gone = cell.offset >= strip.high_watermark, cell.offset < strip.log_start
        it = replace(cell, kind="gone") if gone else cell
        sheet.add(strip_marks.cell(axis, cells_px, it, strip.name, waits=waits))
    for left, right in pairwise(shown):
        if right.epoch is not None and left.epoch not in (None, right.epoch):
            sheet.add(strip_marks.new_epoch(axis, cells_px, right.offset, right.epoch))
    sheet.add(*strip_marks.drawn(flags, axis, cells_px))
    name = fitted(plain(strip.name), _LABEL_PX - 10, 13, bold=True)
    sheet.add(words(LEFT_PX, cells_px + 18, name, size=13, bold=True))
    if axis.first > strip.log_start and not axis.dense:
        earlier = f"{axis.first - strip.log_start} earlier not drawn"
        sheet.add(words(LEFT_PX, cells_px + 34, earlier, fill=MUTED))
    for reader in strip.readers:
        row_px = sheet.take(axis.reader_px)
        sheet.add(*strip_marks.reader(axis, row_px, reader, strip.high_watermark))


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
