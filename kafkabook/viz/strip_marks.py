"""The single marks of an offset strip: cells, flags above them, readers below them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from kafkabook.viz.letters import fitted, width_px
from kafkabook.viz.scene import Shape, group, line, path, rect, words
from kafkabook.viz.shapes import badge, bracket, hatch, triangle
from kafkabook.viz.sheet import LEFT_PX, RIGHT_PX
from kafkabook.viz.theme import (
    CELL,
    CONSUMER,
    CONTROLLER,
    COORDINATOR,
    ERROR,
    INK,
    LEADER,
    MUTED,
    ON,
    PAPER,
    RULE,
    word_colour,
)

if TYPE_CHECKING:
    from kafkabook.viz.strips import Cell, ReaderMark

_FLAG_PX = 16
_EPOCH_FITS_PX = 34
_TWO_LINES_PX = 35


class Axis(NamedTuple):
    """Where offsets stand: `first` begins at `left_px`, each takes `step_px`.

    A `dense` strip has lower cells and says in words at its right what flags say above it.
    """

    left_px: float
    step_px: float
    first: int
    dense: bool = False

    @property
    def high_px(self) -> float:
        """How high a cell is."""
        return 26 if self.dense else 40

    @property
    def reader_px(self) -> float:
        """How high the band of one reader is."""
        return 18 if self.dense else 38

    def x(self, offset: int) -> float:
        """Return where the cell of `offset` begins; offsets before the first stand at its edge."""
        return self.left_px + max(offset - self.first, 0) * self.step_px


class Flag(NamedTuple):
    """A position above the strip: its offset, what it is called, and how high it flies."""

    offset: int
    text: str
    row: int


def flags(axis: Axis, positions: Iterable[tuple[int, str]]) -> tuple[Flag, ...]:
    """Stack flags from the right, so that no text meets a text or a pole."""
    names: dict[int, list[str]] = {}
    for offset, name in positions:
        names.setdefault(offset, []).append(name)
    raised: list[Flag] = []
    for offset in sorted(names, reverse=True):
        text = f"{' = '.join(names[offset])} {offset}"
        reach = _text_x(axis, offset, text) + width_px(text, 12, bold=True) + 6
        below = [flag.row for flag in raised if axis.x(flag.offset) < reach]
        raised.append(Flag(offset, text, max(below, default=-1) + 1))
    return tuple(raised)


def flags_px(axis: Axis, raised: tuple[Flag, ...]) -> float:
    """Return the height that flags need above the numbers of the cells."""
    return 0 if axis.dense else (max(flag.row for flag in raised) + 1) * _FLAG_PX


def drawn(raised: tuple[Flag, ...], axis: Axis, cells_px: float) -> list[Shape]:
    """Draw flags; the high watermark's pole crosses the strip, the others end on it."""
    if not axis.dense:
        return [part for flag in raised for part in _flag(flag, axis, cells_px)]
    watermarks = [flag for flag in raised if "high watermark" in flag.text]
    poles = [part for flag in watermarks for part in _pole(axis, cells_px, flag, cells_px - 14)]
    end_px = axis.x(max((flag.offset for flag in raised), default=0)) + 34
    said = [flag.text for flag in reversed(raised) if flag.text != "log start 0"]
    told = fitted(" · ".join(said), RIGHT_PX - end_px, 12)
    return [*poles, words(end_px, cells_px + 18, told, fill=MUTED)]


def numbers(axis: Axis, cells_px: float, log_end: int) -> list[Shape]:
    """Write each offset above its cell, and draw where the next record will go."""
    base_px = cells_px - (4 if axis.dense else 9)
    roomy = axis.step_px >= width_px(str(log_end), 12, mono=True) + 3
    shown = [
        words(x, base_px, str(n), mono=True, fill=MUTED, anchor="middle")
        for n in range(axis.first, log_end)
        if (x := axis.x(n) + axis.step_px / 2) and (roomy or n % 5 == 0)
    ]
    width = min(axis.step_px, 30.0) - 4
    after = rect(
        *(axis.x(log_end) + 3, cells_px + 1.5, width, axis.high_px - 3),
        fill=PAPER,
        stroke=RULE,
        stroke_dasharray="3 3",
        rx=4,
    )
    return [*shown, after]


def cell(axis: Axis, cells_px: float, it: "Cell", name: str, *, waits: bool) -> Shape:
    """Draw one record: thick frame, hatched while it waits to be committed."""
    x, width = axis.x(it.offset) + 1.5, axis.step_px - 3
    box = (x, cells_px + 1.5, width, axis.high_px - 3)
    ghost = it.kind == "gone"
    fill = INK if it.kind == "tombstone" else PAPER if ghost else CELL
    frame = rect(
        *box,
        fill=fill,
        stroke=MUTED if ghost else LEADER,
        stroke_width=1.2 if ghost else 2.5,
        stroke_dasharray="3 3" if ghost else None,
        rx=4,
    )
    marks = [hatch(*box)] if waits and not ghost else []
    inside = _diamond(box, it.kind) if it.kind in ("commit", "abort") else _letters(box, it)
    if it.epoch is not None and width >= _EPOCH_FITS_PX and not axis.dense:
        marks.append(badge(x + width - 1.5, cells_px + 3, str(it.epoch), fill=LEADER))
    return group(frame, *marks, *inside, tip=it.tip or None, key=f"{name}/{it.offset}")


def new_epoch(axis: Axis, cells_px: float, offset: int, epoch: int) -> Shape:
    """Draw the rule where a new leader's records begin, its epoch at the foot."""
    x, foot_px = axis.x(offset), cells_px + axis.high_px + 2
    rule = line(x, cells_px - 6, x, foot_px + 10, stroke=CONTROLLER, stroke_width=2)
    worn = badge(x + 7, foot_px, str(epoch), fill=CONTROLLER)
    return group(rule, worn, tip=f"leader epoch {epoch} begins at offset {offset}")


def reader(axis: Axis, y: float, mark: "ReaderMark", high_watermark: int) -> list[Shape]:
    """Draw one reader below the strip: committed solid, position hollow, its lag as a bracket."""
    if axis.dense:
        return _dense_reader(axis, y, mark, high_watermark)
    colour = word_colour(CONSUMER)
    committed = "–" if mark.committed is None else str(mark.committed)
    name = fitted(mark.name, axis.left_px - LEFT_PX - 10, 12, bold=True)
    parts = [
        words(LEFT_PX, y + 12, name, bold=True, fill=colour),
        words(LEFT_PX, y + 28, f"committed {committed} · at {mark.position}", fill=MUTED),
    ]
    if mark.committed is not None:
        lag = high_watermark - mark.committed
        x1, x2 = sorted((axis.x(mark.committed), axis.x(high_watermark)))
        parts.append(bracket(x1, x2, y + 22, f"lag {lag}", stroke=CONSUMER))
    return parts + _triangles(axis, y + 2, mark, half=6)


def legend(axis: Axis, y: float) -> list[Shape]:
    """Say once what the two triangles below the cells mean."""
    x, solid = axis.left_px, "committed: resumes here"
    after = x + 12 + width_px(solid, 12) + 26
    return [
        triangle(x, y + 4, up=True, fill=CONSUMER, half=5),
        words(x + 12, y + 13, solid, fill=MUTED),
        triangle(after, y + 4, up=True, fill=PAPER, stroke=CONSUMER, half=5),
        words(after + 12, y + 13, "position: reads on here", fill=MUTED),
    ]


def _dense_reader(axis: Axis, y: float, mark: "ReaderMark", high_watermark: int) -> list[Shape]:
    at = high_watermark - (mark.position if mark.committed is None else mark.committed)
    told = f"at {mark.position} · lag {at}"
    room = axis.left_px - LEFT_PX - 14 - width_px(told, 12)
    name = fitted(mark.name, room, 12, bold=True)
    after = LEFT_PX + width_px(name, 12, bold=True) + 4
    return [
        words(LEFT_PX, y + 11, name, bold=True, fill=word_colour(CONSUMER)),
        words(after, y + 11, told, fill=MUTED),
        *_triangles(axis, y, mark, half=5),
    ]


def _triangles(axis: Axis, y: float, mark: "ReaderMark", *, half: float) -> list[Shape]:
    """Draw where a reader is, hollow, and where it would resume, solid."""
    same = mark.position == mark.committed
    tip_y, wide = (y - 4, half + 3) if same else (y, half)
    fill = "none" if same else PAPER
    where = axis.x(mark.position)
    hollow = triangle(where, tip_y, up=True, fill=fill, stroke=CONSUMER, half=wide)
    if mark.committed is None:
        return [hollow]
    return [triangle(axis.x(mark.committed), y, up=True, fill=CONSUMER, half=half), hollow]


def _text_x(axis: Axis, offset: int, text: str) -> float:
    """Return where a flag's text begins: right of its pole, or left where the sheet ends."""
    pole_px, wide_px = axis.x(offset), width_px(text, 12, bold=True)
    return pole_px + 4 if pole_px + 4 + wide_px <= RIGHT_PX else pole_px - 6 - wide_px


def _flag(flag: Flag, axis: Axis, cells_px: float) -> list[Shape]:
    base_px = cells_px - 24 - flag.row * _FLAG_PX
    bold = "high watermark" in flag.text
    text = words(_text_x(axis, flag.offset, flag.text), base_px, flag.text, bold=bold)
    return [*_pole(axis, cells_px, flag, base_px - 11), text]


def _pole(axis: Axis, cells_px: float, flag: Flag, top_px: float) -> list[Shape]:
    is_watermark = "high watermark" in flag.text
    stroke = INK if is_watermark else ERROR if "stable" in flag.text else LEADER
    foot_px = cells_px + (axis.high_px + 5 if is_watermark else 3)
    x = axis.x(flag.offset)
    pole = line(x, top_px, x, foot_px, stroke=stroke, stroke_width=2)
    return [pole, triangle(x, cells_px + 1, up=False, fill=stroke)] if is_watermark else [pole]


def _letters(box: tuple[float, float, float, float], it: "Cell") -> list[Shape]:
    x, y, width, high = box
    fill = ON if it.kind == "tombstone" else MUTED if it.kind == "gone" else INK
    dense = high < _TWO_LINES_PX
    under = "" if dense or width < _EPOCH_FITS_PX else fitted(it.under, width - 5, 12)
    has_badge = it.epoch is not None and width >= _EPOCH_FITS_PX
    room = width - 5 - (2 * 8 if has_badge and under else 0)
    size = 14 if width_px(it.text, 14, bold=True) <= room else 12
    room += 4 * (size == 12)
    bold = width_px(it.text, size, bold=True) <= room  # a thin word is better than a cut one
    text = fitted(it.text, room, size, bold=bold)
    middle = x + width / 2 - (8 if has_badge and under else 0)
    first = words(
        middle,
        y + (16 if under else high / 2 + 5),
        text,
        size=size,
        bold=bold,
        fill=fill,
        anchor="middle",
    )
    second = words(x + width / 2, y + 31, under, fill=MUTED, anchor="middle")
    return [first, second] if under else [first]


def _diamond(box: tuple[float, float, float, float], kind: str) -> list[Shape]:
    x, y, width, height = box
    middle_x, middle_y = x + width / 2, y + height / 2
    half = min(13, int(height / 2))
    d = f"M{middle_x:.1f} {middle_y - half:.1f}l{half} {half}l-{half} {half}l-{half} -{half}Z"
    letter = "C" if kind == "commit" else "A"
    colour = COORDINATOR if kind == "commit" else ERROR
    return [
        path(d, fill=PAPER, stroke=colour, stroke_width=2),
        words(middle_x, middle_y + 4.5, letter, bold=True, anchor="middle"),
    ]
