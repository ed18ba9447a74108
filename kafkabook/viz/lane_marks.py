"""The single marks of replica lanes: cells, watermark ticks, log ends, brackets, the legend."""

from collections.abc import Sequence
from typing import NamedTuple

from kafkabook.viz.lane_cells import DrawnLane, LaneCell
from kafkabook.viz.letters import fitted, width_px
from kafkabook.viz.plain import plain
from kafkabook.viz.scene import Shape, group, line, number, path, rect, words
from kafkabook.viz.shapes import badge, cross, hatch, triangle
from kafkabook.viz.sheet import LEFT_PX, RIGHT_PX
from kafkabook.viz.theme import (
    CELL,
    CONSUMER,
    CONTROLLER,
    ERROR,
    FOLLOWER,
    INK,
    LEADER,
    MUTED,
    PAPER,
    word_colour,
)

NAMES_PX = LEFT_PX + 36
_ROOMY_CELL_PX = 30
_LEGEND_ROW_PX = 20


class Look(NamedTuple):
    """How the frames of a lane are drawn: colour, width, dash."""

    stroke: str
    width: float
    dash: str | None = None


LEADS, FOLLOWS, DOWN = Look(LEADER, 2.5), Look(FOLLOWER, 1.4), Look(MUTED, 1.4, "5 3")
_GHOST, _TAKEN = Look(MUTED, 1.2, "2 2"), Look(ERROR, 2.5, "4 3")


class LaneAxis(NamedTuple):
    """Where offsets stand: `first` begins at `left_px`, a cell is `step_px` by `high_px`."""

    left_px: float
    step_px: float
    first: int
    high_px: float

    def x(self, offset: int) -> float:
        """Return where the cell of `offset` begins; what is before the first stands at its edge."""
        return self.left_px + max(offset - self.first, 0) * self.step_px


def numbers(axis: LaneAxis, base_px: float, stop: int) -> list[Shape]:
    """Write the offsets once, above the first lane."""
    shown = [
        words(
            *(axis.x(offset) + axis.step_px / 2, base_px, str(offset)),
            mono=True,
            fill=MUTED,
            anchor="middle",
        )
        for offset in range(axis.first, stop)
    ]
    return [words(NAMES_PX, base_px, "offset", fill=MUTED), *shown]


def cell(axis: LaneAxis, y: float, it: LaneCell, look: Look, place: str) -> Shape:
    """Draw one record; a ghost is dashed and empty, a lost one wears a vermilion outline."""
    record = it.record
    box = (axis.x(record.offset) + 1, y + 1, axis.step_px - 2, axis.high_px - 2)
    frame = _GHOST if it.is_ghost else look
    parts = [_frame(box, frame, PAPER if it.is_ghost else CELL)]
    parts += [hatch(*box, every=12)] if it.waits else []
    parts += [_letters(box, it, faint=it.is_ghost or look == DOWN)]
    parts += _corner_marks(box, it, look)
    parts += _loss(box) if it.fate else []
    return group(*parts, tip=_tip(it), key=f"{place}/{record.offset}")


def replaced(axis: LaneAxis, y: float, offset: int) -> Shape:
    """Outline the cell whose place a lost record had: dashed, for its own record is there."""
    box = (axis.x(offset) - 0.5, y - 0.5, axis.step_px + 1, axis.high_px + 1)
    tip = f"an acknowledged record stood at offset {offset}; another one took its place"
    return group(_frame(box, _TAKEN, "none"), tip=tip)


def earlier(axis: LaneAxis, y: float, count: int, look: Look) -> Shape:
    """Draw the cell that stands for all records before the window."""
    box = (axis.left_px - axis.step_px + 1, y + 1, axis.step_px - 2, axis.high_px - 2)
    dots = words(
        box[0] + box[2] / 2, y + axis.high_px / 2 + 3, "…", size=14, fill=MUTED, anchor="middle"
    )
    return group(_frame(box, look, PAPER), dots, tip=f"{count} earlier records are not drawn")


def epoch_rule(axis: LaneAxis, y: float, it: LaneCell) -> Shape:
    """Draw the thin rule where another leader's records begin."""
    x = axis.x(it.record.offset)
    rule = line(x, y - 5, x, y + axis.high_px + 6, stroke=CONTROLLER, stroke_width=2)
    return group(rule, tip=f"epoch {it.record.epoch} begins at offset {it.record.offset}")


def watermark(
    axis: LaneAxis, y: float, offset: int, *, text: str, base_px: float, leads: bool
) -> list[Shape]:
    """Draw a lane's high watermark: a pole through the lane, its name at `base_px`."""
    x, fill = axis.x(offset), INK if leads else MUTED
    pole = line(x, base_px - 4, x, y + axis.high_px + 4, stroke_width=2)
    wide_px = width_px(text, 12, bold=leads)
    text_px = x + 9 if x + 9 + wide_px <= RIGHT_PX else x - 9 - wide_px
    told = [words(text_px, base_px, text, bold=leads, fill=fill)] if text else []
    return [pole, triangle(x, y + 1, up=False, fill=INK, half=5), *told]


def log_end(axis: LaneAxis, y: float, it: DrawnLane, look: Look, *, text: str) -> list[Shape]:
    """Draw the flag of the next offset below the lane; what stands behind it was cut off."""
    x, foot_px = axis.x(it.lane.log_end), y + axis.high_px
    pole = line(x, foot_px + 1, x, foot_px + 12, stroke=look.stroke, stroke_width=2.5)
    ghosts = [cell for cell in it.ghosts if cell.record.offset >= axis.first]
    leftward = bool(ghosts) or x + 5 + width_px(text, 12) > RIGHT_PX
    told = words(
        x + (-5 if leftward else 5),
        foot_px + 11,
        text,
        fill=MUTED,
        anchor="end" if leftward else None,
    )
    if not ghosts:
        return [pole, told]
    lost = any(ghost.fate for ghost in ghosts)
    colour = word_colour(ERROR) if lost else MUTED
    return [pole, told, words(x + 5, foot_px + 11, "lost" if lost else "gone", fill=colour)]


def crossed(axis: LaneAxis, y: float, stop: int) -> Shape:
    """Cross out the lane of a broker that is down; its records stay readable."""
    wide_px = max(axis.x(stop), axis.left_px + 40) - axis.left_px
    return group(
        cross(axis.left_px, y + 2, wide_px, axis.high_px - 4, stroke=MUTED), stroke_opacity=".5"
    )


def members(top_px: float, bottom_px: float, text: str, *, is_isr: bool, tip: str) -> Shape:
    """Draw the bracket at the left of lanes that belong together: in sync, or eligible to lead."""
    x, colour = LEFT_PX + 20, CONSUMER if is_isr else MUTED
    d = f"M{x + 7} {number(top_px)}H{x}V{number(bottom_px)}H{x + 7}"
    spine = path(d, stroke=colour, stroke_width=2.5, stroke_dasharray=None if is_isr else "4 3")
    middle = (top_px + bottom_px) / 2
    fill = word_colour(colour)
    told = words(LEFT_PX + 12, middle, text, bold=True, fill=fill, anchor="middle")
    turned = group(told, transform=f"rotate(-90 {LEFT_PX + 12} {number(middle)})")
    return group(spine, turned, tip=tip)


def legend(y: float, kinds: Sequence[str]) -> list[Shape]:
    """Say once what the marks mean that occur in this figure."""
    parts: list[Shape] = []
    for kind, (x, row) in zip(kinds, _legend_places(kinds), strict=True):
        base_px = y + row * _LEGEND_ROW_PX
        told = words(x + 18, base_px + 11, _LEGEND[kind], fill=MUTED)
        parts += [*_sample(kind, x, base_px), told]
    return parts


def legend_px(kinds: Sequence[str]) -> float:
    """Return the height in px of the legend of these marks."""
    return _LEGEND_ROW_PX * (1 + max((row for _, row in _legend_places(kinds)), default=0))


def _legend_places(kinds: Sequence[str]) -> list[tuple[float, int]]:
    """Return where each mark's sample begins, in px, and in which row."""
    x, row, places = float(NAMES_PX), 0, list[tuple[float, int]]()
    for kind in kinds:
        wide_px = 18 + width_px(_LEGEND[kind], 12)
        if x + wide_px > RIGHT_PX:
            x, row = float(NAMES_PX), row + 1
        places.append((x, row))
        x += wide_px + 16
    return places


def _sample(kind: str, x: float, y: float) -> list[Shape]:
    box = (x, y + 1, 12.0, 11.0)
    if kind == "acked":
        return [_check(x + 3, y + 4)]
    if kind == "epoch":
        return [badge(x + 13, y - 1, "n", fill=LEADER)]
    look = {"waits": FOLLOWS, "ghost": _GHOST, "replaced": _TAKEN}.get(kind, Look(ERROR, 2.5))
    return [_frame(box, look, PAPER), *([hatch(*box, every=5)] if kind == "waits" else [])]


_LEGEND = {
    "acked": "acknowledged",
    "waits": "above its high watermark",
    "epoch": "epoch n begins",
    "ghost": "gone from this log",
    "lost": "acknowledged and lost",
    "replaced": "place of a lost record",
    "unreachable": "acknowledged, out of reach",
}


def _frame(box: tuple[float, float, float, float], look: Look, fill: str) -> Shape:
    stroke, width, dash = look
    return rect(*box, fill=fill, stroke=stroke, stroke_width=width, stroke_dasharray=dash, rx=4)


def _letters(box: tuple[float, float, float, float], it: LaneCell, *, faint: bool) -> Shape:
    """Write the value below the badge's corner; a thin word is better than a cut one."""
    x, y, width, high = box
    value = plain(it.record.value)
    size = 14 if width_px(value, 14, bold=True) <= width - 4 else 12
    bold = not faint and width_px(value, size, bold=True) <= width - 2
    text = _short(value, width - 2, size, bold=bold)
    base_px = y + high / 2 + (7 if high >= _ROOMY_CELL_PX else 5)
    fill = MUTED if faint else INK
    return words(x + width / 2, base_px, text, size=size, bold=bold, fill=fill, anchor="middle")


def _short(value: str, room_px: float, size_px: float, *, bold: bool) -> str:
    """Return what fits of a value: its number if it ends in one, for numbers tell values apart."""
    digits = value[len(value.rstrip("0123456789")) :]
    numbered = f"…{digits}"
    if width_px(value, size_px, bold=bold) <= room_px or not digits:
        return fitted(value, room_px, size_px, bold=bold)
    fits = width_px(numbered, size_px, bold=bold) <= room_px
    return numbered if fits else fitted(value, room_px, size_px, bold=bold)


def _corner_marks(box: tuple[float, float, float, float], it: LaneCell, look: Look) -> list[Shape]:
    x, y, width, high = box
    worn = it.begins_epoch and high >= _ROOMY_CELL_PX and not it.is_ghost
    marks = (
        [badge(x + width - 1, y + 1, str(it.record.epoch), fill=word_colour(look.stroke))]
        if worn
        else []
    )
    return [*marks, _check(x + 3, y + high - 9)] if it.record.is_acked else marks


def _check(x: float, y: float) -> Shape:
    d = f"M{number(x)} {number(y + 3)}l2.5 3l4.5 -6"
    return path(d, stroke=CONSUMER, stroke_width=2)


def _loss(box: tuple[float, float, float, float]) -> list[Shape]:
    x, y, width, high = box
    outline = rect(*box, fill="none", stroke=ERROR, stroke_width=3, rx=4)
    return [outline, cross(x + width - 10, y + high - 10, 7, 7, stroke=ERROR)]


def _tip(it: LaneCell) -> str:
    record = it.record
    acked = ", acknowledged" if record.is_acked else ""
    became = it.fate or ("gone" if it.is_ghost else "")
    told = f"{plain(record.value, 40)} at offset {record.offset}, epoch {record.epoch}"
    return f"{told}{acked}{became and ', '}{became}"
