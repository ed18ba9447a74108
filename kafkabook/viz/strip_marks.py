"""The single marks of an offset strip: cells, flags above them, readers below them."""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from kafkabook.base.plain import plain
from kafkabook.viz.letters import TEXT_PX, fitted, shortened, width_px
from kafkabook.viz.scene import Shape, group, line, path, rect, words
from kafkabook.viz.shapes import badge, badge_px, bracket, hatch, triangle
from kafkabook.viz.sheet import LEFT_PX
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

_FLAG_PX = 17
_EPOCH_FITS_PX = 34
_TWO_LINES_PX = 35
_LETTER_PX = 20  # room for a letter and the edges beside a badge


class Axis(NamedTuple):
    """Where offsets stand: `first` begins at `left_px`, each takes `step_px`.

    A `dense` strip has lower cells and says in words what flags say above it. `names_px` is the
    room for names at the left; where there is none they stand above the cells.
    """

    left_px: float
    step_px: float
    first: int
    dense: bool
    right_px: float
    names_px: float

    @property
    def high_px(self) -> float:
        """How high a cell is."""
        return 26 if self.dense else 40

    @property
    def reader_px(self) -> float:
        """How high the band of one reader is."""
        return (18 if self.dense else 38) + (0 if self.names_px else 18 if self.dense else 25)

    def x(self, offset: int) -> float:
        """Return where the cell of `offset` begins; offsets before the first stand at its edge."""
        return self.left_px + max(offset - self.first, 0) * self.step_px


class Flag(NamedTuple):
    """A position above the strip: its offset, what it is called, how high it flies, and where."""

    offset: int
    text: str
    row: int
    text_px: float

    @property
    def end_px(self) -> float:
        """Where its text ends."""
        return self.text_px + width_px(self.text, bold=True)


def flags(axis: Axis, positions: Iterable[tuple[int, str]]) -> tuple[Flag, ...]:
    """Stack flags from the right, so that no text meets a text, and a pole only where it must."""
    names: dict[int, list[str]] = {}
    for offset, name in positions:
        names.setdefault(offset, []).append(name)
    raised: list[Flag] = []
    for offset in sorted(names, reverse=True):
        text = f"{' = '.join(names[offset])} {offset}"
        places = product((True, False), range(len(names)), _sides(axis, offset, text))
        fit = (
            Flag(offset, text, row, text_px)
            for strict, row, text_px in places
            if _fits(axis, Flag(offset, text, row, text_px), raised, strict=strict)
        )
        raised.append(next(fit))
    return tuple(raised)


def _sides(axis: Axis, offset: int, text: str) -> list[float]:
    """Return where a flag's text may begin: right of its pole, or left where the sheet ends."""
    pole_px, wide_px = axis.x(offset), width_px(text, bold=True)
    if pole_px + 4 + wide_px <= axis.right_px:
        return [pole_px + 4]
    return [max(pole_px - 6 - wide_px, LEFT_PX)]


def _fits(axis: Axis, it: Flag, raised: Sequence[Flag], *, strict: bool) -> bool:
    """Say whether a text meets no other one; `strict` also keeps it off the poles of others."""
    for other in raised:
        if it.row == other.row and it.text_px < other.end_px + 6 and other.text_px < it.end_px + 6:
            return False
        upper, lower = (it, other) if it.row > other.row else (other, it)
        crossed = lower.text_px - 3 < axis.x(upper.offset) < lower.end_px + 3
        if strict and crossed and upper.row > lower.row:
            return False
    return True


def flags_px(axis: Axis, raised: tuple[Flag, ...]) -> float:
    """Return the height that flags need above the numbers of the cells."""
    return 0 if axis.dense else (max(flag.row for flag in raised) + 1) * _FLAG_PX


def drawn(raised: tuple[Flag, ...], axis: Axis, cells_px: float, name: str) -> list[Shape]:
    """Draw flags; the high watermark's pole crosses the strip, the others end on it."""
    if not axis.dense:
        poles = [_pole(axis, cells_px, it, _base_px(it, cells_px) - 11, name) for it in raised]
        return [*poles, *(_flag(it, cells_px, name) for it in raised)]
    watermarks = [flag for flag in raised if "high watermark" in flag.text]
    marks = [_pole(axis, cells_px, flag, cells_px - 14, name) for flag in watermarks]
    if axis.names_px:
        end_px = axis.x(max((flag.offset for flag in raised), default=0)) + 34
        told = fitted(positions_told(raised), axis.right_px - end_px)
        marks.append(words(end_px, cells_px + 18, told, fill=MUTED, key=f"{name}/told"))
    return marks


def positions_told(raised: Sequence[Flag]) -> str:
    """Return in one line what flags say, the first offsets first."""
    return " · ".join(flag.text for flag in reversed(raised) if flag.text != "log start 0")


def numbers(axis: Axis, cells_px: float, log_end: int, name: str) -> list[Shape]:
    """Write each offset above its cell, and draw where the next record will go."""
    base_px = cells_px - (4 if axis.dense else 9)
    roomy = axis.step_px >= width_px(str(log_end), mono=True) + 3
    shown = [
        words(x, base_px, str(n), mono=True, fill=MUTED, anchor="middle", key=f"{name}/{n}/number")
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
        key=f"{name}/next",
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
    if _worn_px(it, width, axis.high_px):
        marks.append(badge(x + width - 1.5, cells_px + 3, str(it.epoch), fill=LEADER))
    return group(frame, *marks, *inside, tip=it.tip or None, key=f"{name}/{it.offset}")


def new_epoch(axis: Axis, cells_px: float, offset: int, epoch: int, name: str) -> Shape:
    """Draw the rule where a new leader's records begin, its epoch at the foot."""
    x, foot_px = axis.x(offset), cells_px + axis.high_px + 2
    rule = line(x, cells_px - 6, x, foot_px + 10, stroke=CONTROLLER, stroke_width=2)
    worn = badge(x - 8, foot_px, str(epoch), fill=word_colour(CONTROLLER))
    tip = f"leader epoch {epoch} begins at offset {offset}"
    return group(rule, worn, tip=tip, key=f"{name}/epoch/{epoch}")


def reader(axis: Axis, y: float, mark: "ReaderMark", high_watermark: int, key: str) -> Shape:
    """Draw one reader below the strip: committed solid, position hollow, its lag as a bracket."""
    if axis.dense:
        parts = _dense_words(axis, y, mark, high_watermark)
        return group(*parts, *_triangles(axis, y, mark, key, half=5), key=key)
    committed = "–" if mark.committed is None else str(mark.committed)
    told = f"committed {committed} · at {mark.position}"
    parts = _beside(axis, y, mark, told) if axis.names_px else _below(axis, y + 44, mark, told)
    if mark.committed is not None:
        lag = high_watermark - mark.committed
        x1, x2 = sorted((axis.x(mark.committed), axis.x(high_watermark)))
        text, right_px = f"lag {lag}", axis.right_px
        look = {"stroke": CONSUMER, "key": f"{key}/lag"}
        parts.append(bracket(x1, x2, y + 22, text, right_px=right_px, **look))
    return group(*parts, *_triangles(axis, y + 2, mark, key, half=6), key=key)


def legend(axis: Axis, y: float) -> list[Shape]:
    """Say once what the two triangles below the cells mean."""
    x, solid = axis.left_px + 6 * (not axis.names_px), "committed: resumes here"
    after = x + 12 + width_px(solid) + 22
    return [
        triangle(x, y + 4, up=True, fill=CONSUMER, half=5, key="legend/committed"),
        words(x + 12, y + 13, solid, fill=MUTED, key="legend/committed/told"),
        triangle(after, y + 4, up=True, fill=PAPER, stroke=CONSUMER, half=5, key="legend/position"),
        words(
            after + 12, y + 13, "position: reads on here", fill=MUTED, key="legend/position/told"
        ),
    ]


def _beside(axis: Axis, y: float, mark: "ReaderMark", told: str) -> list[Shape]:
    """Name a reader at the left of its marks."""
    name = fitted(plain(mark.name), axis.names_px - 10, bold=True)
    return [
        words(LEFT_PX, y + 12, name, bold=True, fill=word_colour(CONSUMER)),
        words(LEFT_PX, y + 28, told, fill=MUTED),
    ]


def _below(axis: Axis, base_px: float, mark: "ReaderMark", told: str) -> list[Shape]:
    """Name a reader on one line below its marks."""
    room_px = axis.right_px - LEFT_PX - 10 - width_px(told)
    name = fitted(plain(mark.name), room_px, bold=True)
    after_px = LEFT_PX + width_px(name, bold=True) + 10
    return [
        words(LEFT_PX, base_px, name, bold=True, fill=word_colour(CONSUMER)),
        words(after_px, base_px, told, fill=MUTED),
    ]


def _dense_words(axis: Axis, y: float, mark: "ReaderMark", high_watermark: int) -> list[Shape]:
    at = high_watermark - (mark.position if mark.committed is None else mark.committed)
    told = f"at {mark.position} · lag {at}"
    if not axis.names_px:
        return _below(axis, y + 27, mark, told)
    room = axis.names_px - 14 - width_px(told)
    name = fitted(plain(mark.name), room, bold=True)
    after = LEFT_PX + width_px(name, bold=True) + 4
    return [
        words(LEFT_PX, y + 11, name, bold=True, fill=word_colour(CONSUMER)),
        words(after, y + 11, told, fill=MUTED),
    ]


def _triangles(axis: Axis, y: float, mark: "ReaderMark", key: str, *, half: float) -> list[Shape]:
    """Draw where a reader is, hollow, and where it would resume, solid."""
    same = mark.position == mark.committed
    tip_y, wide = (y - 4, half + 3) if same else (y, half)
    fill = "none" if same else PAPER
    where = axis.x(mark.position)
    here = f"{key}/position"
    hollow = triangle(where, tip_y, up=True, fill=fill, stroke=CONSUMER, half=wide, key=here)
    if mark.committed is None:
        return [hollow]
    x, resumes = axis.x(mark.committed), f"{key}/committed"
    solid = triangle(x, y, up=True, fill=CONSUMER, half=half, key=resumes)
    return [solid, hollow]


def _base_px(flag: Flag, cells_px: float) -> float:
    return cells_px - 25 - flag.row * _FLAG_PX


def _flag(flag: Flag, cells_px: float, name: str) -> Shape:
    bold = "high watermark" in flag.text
    base_px = _base_px(flag, cells_px)
    key = f"{name}/{_called(flag)}/told"
    return words(flag.text_px, base_px, flag.text, bold=bold, halo=True, key=key)


def _pole(axis: Axis, cells_px: float, flag: Flag, top_px: float, name: str) -> Shape:
    is_watermark = "high watermark" in flag.text
    stroke = INK if is_watermark else ERROR if "stable" in flag.text else LEADER
    foot_px = cells_px + (axis.high_px + 5 if is_watermark else 3)
    x = axis.x(flag.offset)
    pole = line(x, top_px, x, foot_px, stroke=stroke, stroke_width=2)
    tip = [triangle(x, cells_px + 1, up=False, fill=stroke)] if is_watermark else []
    return group(pole, *tip, key=f"{name}/{_called(flag)}")


def _called(flag: Flag) -> str:
    """Return the position that a flag is followed by: the high watermark if that is in it."""
    named = flag.text.rpartition(" ")[0].split(" = ")
    return ("high watermark" if "high watermark" in named else named[-1]).replace(" ", "-")


def _worn_px(it: "Cell", width: float, high: float) -> float:
    """Return how wide the epoch's badge in a cell is, 0 if there is none or no room for it."""
    if it.epoch is None or high < _TWO_LINES_PX or width < _EPOCH_FITS_PX:
        return 0
    wide_px = badge_px(str(it.epoch))
    return wide_px if width - wide_px >= _LETTER_PX else 0


def _letters(box: tuple[float, float, float, float], it: "Cell") -> list[Shape]:
    """Write what a record holds, beside or below the badge of its epoch."""
    x, y, width, high = box
    fill = ON if it.kind == "tombstone" else MUTED if it.kind == "gone" else INK
    two_lines = high >= _TWO_LINES_PX and width >= _EPOCH_FITS_PX
    under = fitted(plain(it.under), width - 5) if two_lines else ""
    worn_px = _worn_px(it, width, high)
    beside_px = worn_px + 2 if worn_px and under else 0
    room = width - 5 - beside_px
    told = plain(it.text)
    size = 14 if width_px(told, 14, bold=True) <= room else TEXT_PX
    room += 4 * (size == TEXT_PX)
    bold = width_px(told, size, bold=True) <= room  # a thin word is better than a cut one
    text = shortened(told, room, size, bold=bold)
    base_px = y + (16 if under else 31 if worn_px else high / 2 + 5)
    middle = x + (width - beside_px) / 2
    first = words(middle, base_px, text, size=size, bold=bold, fill=fill, anchor="middle")
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
