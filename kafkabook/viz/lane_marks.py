"""The single marks of replica lanes: cells, watermark ticks, log ends, brackets, the legend."""

from collections.abc import Sequence
from typing import NamedTuple

from kafkabook.base.plain import plain
from kafkabook.viz.lane_cells import LaneCell
from kafkabook.viz.letters import TEXT_PX, shortened, width_px
from kafkabook.viz.scene import Shape, group, line, number, path, rect, words
from kafkabook.viz.shapes import badge, badge_px, cross, hatch, triangle
from kafkabook.viz.sheet import LEFT_PX
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
CROWN_PX = 20  # a crown and the gap before it
_ROOMY_CELL_PX = 38
_SHARED_CELL_PX, _SHARED_SHIFT_PX = 24, 5  # a part of a cell: its check stands beside its letters
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


def numbers(axis: LaneAxis, base_px: float, stop: int, *, beside: bool) -> list[Shape]:
    """Write the offsets once, above the first lane's cells; of long ones every fifth."""
    roomy = axis.step_px >= width_px(str(stop), mono=True) + 3
    shown = [
        words(
            *(axis.x(offset) + axis.step_px / 2, base_px, str(offset)),
            mono=True,
            fill=MUTED,
            anchor="middle",
            key=f"number/{offset}",
        )
        for offset in range(axis.first, stop)
        if roomy or offset % 5 == 0
    ]
    left_px = NAMES_PX if beside else LEFT_PX
    return [words(left_px, base_px, "offset", fill=MUTED, key="number"), *shown]


def cell(axis: LaneAxis, y: float, it: LaneCell, look: Look, key: str) -> Shape:
    """Draw one record; a ghost is dashed and empty, a lost one wears a vermilion outline."""
    record = it.record
    box = (axis.x(record.offset) + 1, y + 1, axis.step_px - 2, axis.high_px - 2)
    frame = _GHOST if it.is_ghost else look
    parts = [_frame(box, frame, PAPER if it.is_ghost else CELL)]
    parts += [hatch(*box, every=12)] if it.waits else []
    parts += [_letters(box, it, faint=it.is_ghost or look == DOWN)]
    parts += _corner_marks(box, it, look, key)
    parts += _loss(box, key) if it.fate else []
    return group(*parts, tip=_tip(it), key=key)


def replaced(axis: LaneAxis, y: float, offset: int, place: str) -> Shape:
    """Outline the cell whose place a lost record had: dashed, for its own record is there."""
    box = (axis.x(offset) - 0.5, y - 0.5, axis.step_px + 1, axis.high_px + 1)
    tip = f"an acknowledged record stood at offset {offset}; another one took its place"
    return group(_frame(box, _TAKEN, "none"), tip=tip, key=f"{place}/replaced/{offset}")


def earlier(axis: LaneAxis, y: float, count: int, look: Look, place: str) -> Shape:
    """Draw the cell that stands for all records before the window."""
    box = (axis.left_px - axis.step_px + 1, y + 1, axis.step_px - 2, axis.high_px - 2)
    middle, base = box[0] + box[2] / 2, y + axis.high_px / 2 + 3
    dots = words(middle, base, "…", size=14, fill=MUTED, anchor="middle")
    tip = f"{count} earlier records are not drawn"
    return group(_frame(box, look, PAPER), dots, tip=tip, key=f"{place}/earlier")


def epoch_rule(axis: LaneAxis, y: float, it: LaneCell, place: str) -> Shape:
    """Draw the thin rule where another leader's records begin."""
    x, offset, epoch = axis.x(it.record.offset), it.record.offset, it.record.epoch
    rule = line(x, y - 5, x, y + axis.high_px + 6, stroke=CONTROLLER, stroke_width=2)
    tip = f"epoch {epoch} begins at offset {offset}"
    return group(rule, tip=tip, key=f"{place}/epoch/{offset}")


def watermark(
    axis: LaneAxis, top_px: float, bottom_px: float, offset: int, *, dotted: bool
) -> Shape:
    """Draw the leader's high watermark as one line through all lanes."""
    x, dash = axis.x(offset), "1 4" if dotted else None
    pole = line(x, top_px, x, bottom_px, stroke_width=2.5, stroke_dasharray=dash)
    return group(pole, tip=f"high watermark {offset}", key="high-watermark")


def notch(axis: LaneAxis, y: float, offset: int, place: str) -> Shape:
    """Draw how far a replica itself knows records to be committed."""
    return triangle(
        axis.x(offset), y + 1, up=False, fill=INK, half=5, key=f"{place}/high-watermark"
    )


def log_end(axis: LaneAxis, y: float, offset: int, look: Look, place: str) -> Shape:
    """Draw a flag below the lane where its next record will stand."""
    x, foot_px = axis.x(offset), y + axis.high_px
    at = (x, foot_px + 1, x, foot_px + 9)
    return line(*at, stroke=look.stroke, stroke_width=2.5, key=f"{place}/log-end")


def crown(x: float, y: float) -> Shape:
    """Draw the crown of the leader that the controller names, 14 px wide."""
    d = f"M{number(x)} {number(y + 11)}L{number(x)} {number(y + 2)}L{number(x + 4)} {number(y + 6)}"
    d += f"L{number(x + 7)} {number(y)}L{number(x + 10)} {number(y + 6)}"
    d += f"L{number(x + 14)} {number(y + 2)}L{number(x + 14)} {number(y + 11)}Z"
    tip = "the leader that the controller names"
    return group(path(d, fill=CONTROLLER), tip=tip, key="crown")


def crossed(axis: LaneAxis, y: float, stop: int, place: str) -> Shape:
    """Cross out the lane of a broker that is down; its records stay readable."""
    wide_px = max(axis.x(stop), axis.left_px + 40) - axis.left_px
    strokes = cross(axis.left_px, y + 2, wide_px, axis.high_px - 4, stroke=MUTED)
    return group(strokes, stroke_opacity=".5", key=f"{place}/down")


def members(top_px: float, bottom_px: float, text: str, *, is_isr: bool) -> list[Shape]:
    """Draw the bracket at the left of lanes that belong together: in sync, or eligible to lead."""
    x, colour = LEFT_PX + 20, CONSUMER if is_isr else MUTED
    d = f"M{x + 7} {number(top_px)}H{x}V{number(bottom_px)}H{x + 7}"
    spine = path(d, stroke=colour, stroke_width=2.5, stroke_dasharray=None if is_isr else "4 3")
    middle = (top_px + bottom_px) / 2
    told = words(0, 0, text, bold=True, fill=word_colour(colour), anchor="middle")
    place = f"translate({LEFT_PX + 12} {number(middle)}) rotate(-90)"
    return [spine, group(told, transform=place)]


def legend(y: float, kinds: Sequence[str], right_px: float) -> list[Shape]:
    """Say once what the marks mean that occur in this figure.

    With another kind of mark the legend is another one: no word of it moves across the others.
    """
    parts, name = list[Shape](), "+".join(kinds)
    for kind, (x, row) in zip(kinds, _legend_places(kinds, right_px), strict=True):
        base_px = y + row * _LEGEND_ROW_PX
        told = words(x + 20, base_px + 11, _LEGEND[kind], fill=MUTED)
        parts.append(group(*_sample(kind, x, base_px), told, key=f"legend/{name}/{kind}"))
    return parts


def legend_px(kinds: Sequence[str], right_px: float) -> float:
    """Return the height in px of the legend of these marks."""
    rows = [row for _, row in _legend_places(kinds, right_px)]
    return _LEGEND_ROW_PX * (1 + max(rows, default=0))


def _legend_places(kinds: Sequence[str], right_px: float) -> list[tuple[float, int]]:
    """Return where each mark's sample begins, in px, and in which row."""
    x, row, places = float(LEFT_PX), 0, list[tuple[float, int]]()
    for kind in kinds:
        wide_px = 20 + width_px(_LEGEND[kind])
        if x + wide_px > right_px:
            x, row = float(LEFT_PX), row + 1
        places.append((x, row))
        x += wide_px + 16
    return places


def _sample(kind: str, x: float, y: float) -> list[Shape]:
    box = (x, y + 1, 12.0, 11.0)
    if kind == "crown":
        return [path(f"M{number(x)} {number(y + 12)}v-9l3.5 4l3 -6l3 6l3.5 -4v9Z", fill=CONTROLLER)]
    if kind == "acked":
        return [_check(x + 3, y + 4)]
    if kind == "epoch":
        return [badge(x + 14, y - 1, "n", fill=LEADER)]
    look = {"waits": FOLLOWS, "ghost": _GHOST, "replaced": _TAKEN}.get(kind, Look(ERROR, 2.5))
    return [_frame(box, look, PAPER), *([hatch(*box, every=5)] if kind == "waits" else [])]


_LEGEND = {
    "crown": "leads, says the controller",
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
    size = 14 if width_px(value, 14, bold=True) <= width - 4 else TEXT_PX
    bold = not faint and width_px(value, size, bold=True) <= width - 2
    text = shortened(value, width - 2, size, bold=bold)
    base_px = y + high / 2 + (9 if high >= _ROOMY_CELL_PX - 2 else 5)
    fill = MUTED if faint else INK
    x += _SHARED_SHIFT_PX if it.record.is_acked and high < _SHARED_CELL_PX else 0
    return words(x + width / 2, base_px, text, size=size, bold=bold, fill=fill, anchor="middle")


def _corner_marks(
    box: tuple[float, float, float, float], it: LaneCell, look: Look, key: str
) -> list[Shape]:
    x, y, width, high = box
    colour, epoch = word_colour(look.stroke), str(it.record.epoch)
    has_room = high >= _ROOMY_CELL_PX - 2 and badge_px(epoch) < width
    worn = it.begins_epoch and has_room and not it.is_ghost
    marks = [badge(x + width - 1, y + 1, epoch, fill=colour, key=f"{key}/epoch")] if worn else []
    return [*marks, _check(x + 3, y + high - 9, f"{key}/ack")] if it.record.is_acked else marks


def _check(x: float, y: float, key: str = "") -> Shape:
    d = f"M{number(x)} {number(y + 3)}l2.5 3l4.5 -6"
    return path(d, stroke=CONSUMER, stroke_width=2, key=key)


def _loss(box: tuple[float, float, float, float], key: str) -> list[Shape]:
    x, y, width, high = box
    outline = rect(*box, fill="none", stroke=ERROR, stroke_width=3, rx=4, key=f"{key}/loss")
    return [outline, cross(x + width - 10, y + high - 10, 7, 7, stroke=ERROR, key=f"{key}/cross")]


def _tip(it: LaneCell) -> str:
    record = it.record
    acked = ", acknowledged" if record.is_acked else ""
    became = it.fate or ("gone" if it.is_ghost else "")
    told = f"{plain(record.value, 40)} at offset {record.offset}, epoch {record.epoch}"
    return f"{told}{acked}{became and ', '}{became}"
