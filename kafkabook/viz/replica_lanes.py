"""Replica lanes: every replica's log below the leader's, aligned by offset.

One look tells who leads, who is in sync, how far each replica is, what is committed, and which
acknowledged records a failure has cost.
"""

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import NamedTuple

from kafkabook.base.plain import plain
from kafkabook.replication.snapshots import Lane, PartitionSnapshot
from kafkabook.viz import lane_marks
from kafkabook.viz.figure import WIDTH_PX, Figure, in_every_width
from kafkabook.viz.lane_cells import (
    MOST_CELLS,
    DrawnLane,
    Fates,
    LaneCell,
    drawn_lanes,
    fates,
    first_shown,
    leading,
)
from kafkabook.viz.lane_marks import DOWN, FOLLOWS, LEADS, NAMES_PX, LaneAxis, Look
from kafkabook.viz.lane_words import (
    LANE_HEADS,
    brokers_told,
    lane_row,
    lanes_told,
    membership,
    role_of,
)
from kafkabook.viz.letters import fitted, width_px
from kafkabook.viz.positions import room_px
from kafkabook.viz.scene import Shape, group, rect, words
from kafkabook.viz.sheet import Sheet
from kafkabook.viz.theme import ERROR, INK, MUTED, PANEL, RULE, word_colour

_BESIDE_PX = 138  # room for names beside the cells
_GUTTER_PX = 122  # room for "high watermark 12" at the right
_STEP_PX, _LEAST_STEP_PX = 44, 33
_CELL_PX, _GAP_PX, _LEAST_PX = 40, 20, 38
_NAMES_ABOVE_PX = 42  # two lines, on a narrow sheet
_STEADY_CELLS = 8  # up to so many cells the gutter stays where it is
_WORD_PX = 52  # the longest word beside a bracket
_NUMBERS_PX = 22


class _LanesPlan(NamedTuple):
    """The shared measures of one figure: the axis, a lane's height, the window's end.

    `names_above_px` is the height of names above the cells, 0 where they stand beside them;
    `gutter_px` is where the words at the right begin, `names_end_px` where names end.
    """

    axis: LaneAxis
    lane_px: float
    stop: int
    names_above_px: float
    gutter_px: float
    names_end_px: float
    right_px: float

    def cells_px(self, top_px: float, place: int) -> float:
        """Return the upper edge of the cells of lane `place`."""
        return top_px + place * self.lane_px

    def names_px(self, top_px: float, place: int) -> float:
        """Return the upper edge of a lane's names; the first stand above the numbers too."""
        cells_px = self.cells_px(top_px, place)
        numbers_px = _NUMBERS_PX if place == 0 else 0
        return cells_px - (self.names_above_px and self.names_above_px + numbers_px)


@in_every_width
def replica_lanes(
    snapshot: PartitionSnapshot,
    *,
    title: str = "",
    subtitle: str = "",
    sentence: str = "",
    caption: str = "",
    before: Sequence[PartitionSnapshot] = (),
    highlight: Collection[int] = (),
    width_px: int = WIDTH_PX,
) -> Figure:
    """Draw a partition as one strip per replica, in the order of the assignment.

    A replica keeps its place whoever leads: a crown marks the leader that the controller names, a
    thick frame the broker that takes itself for it.

    Args:
        title: the question; without it the figure asks who holds what.
        sentence: what is to be seen; without it leader, ISR and lags are told.
        before: earlier snapshots, oldest first. What the last three of them held and this one cut
            off stays as a grey ghost; what any of them knows to be acknowledged is looked for.
        highlight: offsets whose column is shaded.

    Raises:
        ValueError: more replicas and words than fit on a figure.
    """
    lanes, fate = drawn_lanes(snapshot, before), fates(snapshot, before)
    told = sentence or lanes_told(snapshot, fate)
    question = title or f"Who holds what of {snapshot.partition}?"
    sheet = Sheet(question, subtitle, width_px=width_px)
    kinds = _kinds(snapshot, lanes, fate)
    legend_px = lane_marks.legend_px(kinds, sheet.right_px)
    plan = _plan(sheet, lanes, room_px(sheet, told, caption) - legend_px)
    head_px = sheet.take(plan.names_above_px + _NUMBERS_PX)
    top_px = sheet.take(plan.lane_px * len(lanes) - plan.names_above_px) + 2
    sheet.add(*_shades(plan, head_px, top_px, len(lanes), highlight))
    sheet.add(*lane_marks.numbers(plan.axis, top_px - 7, plan.stop, beside=not plan.names_above_px))
    sheet.add(*_brackets(snapshot, lanes, plan, top_px))
    for place, it in enumerate(lanes):
        _lane(sheet, it, plan, top_px, place)
    sheet.add(*_watermark(snapshot, plan, top_px, len(lanes)))
    for place, it in enumerate(lanes):
        sheet.add(*_words(snapshot, it, plan, top_px, place))
    sheet.add(*lane_marks.legend(sheet.take(legend_px) + 2, kinds, sheet.right_px))
    rows = [lane_row(snapshot, it, plan.axis.first) for it in lanes]
    return sheet.figure(told, heads=LANE_HEADS, rows=rows, caption=caption)


def _plan(sheet: Sheet, lanes: Sequence[DrawnLane], left_over_px: float) -> _LanesPlan:
    """Share what the sheet has left between the lanes, and its width between the offsets.

    On a narrow sheet names and positions stand above the cells, not beside them.
    """
    above_px = 0 if sheet.width_px == WIDTH_PX else _NAMES_ABOVE_PX
    most_px = above_px + _CELL_PX + _GAP_PX
    lane_px = min(most_px, (left_over_px - _NUMBERS_PX) // len(lanes))
    if lane_px < _LEAST_PX + above_px:
        raise ValueError(f"{len(lanes)} replicas and their words do not fit on a figure")
    gutter_px = sheet.right_px - _gutter_px(lanes)
    left_px, end_px = NAMES_PX + _BESIDE_PX, gutter_px - 10
    if above_px:
        left_px, end_px = NAMES_PX, sheet.right_px
    most = min(MOST_CELLS, int((end_px - left_px) // _LEAST_STEP_PX)) if above_px else MOST_CELLS
    first, stop = first_shown(lanes, most)
    has_earlier = any(it.lane.log_start < first for it in lanes)
    step_px = min(_STEP_PX, (end_px - left_px) // max(stop - first + has_earlier, 1))
    high_px = min(_CELL_PX, lane_px - above_px - 10)
    axis = LaneAxis(left_px + step_px * has_earlier, step_px, first, high_px)
    names_end_px = gutter_px - 8 if above_px else left_px - 8
    if not above_px:
        gutter_px = min(axis.x(max(stop, first + _STEADY_CELLS)) + 16, gutter_px)
    return _LanesPlan(axis, lane_px, stop, above_px, gutter_px, names_end_px, sheet.right_px)


def _gutter_px(lanes: Sequence[DrawnLane]) -> float:
    """Return how wide the words at the right are; most are no wider than is kept for them."""
    told = [text for it in lanes for text in _positions_told(it)]
    return max(_GUTTER_PX, *(width_px(text, bold=True) + 2 for text in told))


def _lane(
    sheet: Sheet,
    it: DrawnLane,
    plan: _LanesPlan,
    top_px: float,
    at: int,
) -> None:
    axis, lane, look, y = plan.axis, it.lane, _look(it.lane), plan.cells_px(top_px, at)
    place = f"broker-{lane.broker}"
    cells = [cell for cell in it.cells if cell.record.offset >= axis.first]
    hidden = axis.first - lane.log_start
    if hidden > 0:
        sheet.add(lane_marks.earlier(axis, y, hidden, look, place))
    for _, own in groupby(cells, key=lambda cell: cell.record.offset):
        sheet.add(*_cells(list(own)[-2:], axis, y, look, place))
    taken = [n for n in it.replaced if n >= axis.first]
    sheet.add(*(lane_marks.replaced(axis, y, n, place) for n in taken))
    rules = [cell for cell in cells[1:] if cell.begins_epoch and not cell.is_ghost]
    sheet.add(*(lane_marks.epoch_rule(axis, y, cell, place) for cell in rules))
    if not lane.is_alive:
        sheet.add(lane_marks.crossed(axis, y, lane.log_end, place))
    sheet.add(lane_marks.notch(axis, y, lane.high_watermark, place))
    sheet.add(lane_marks.log_end(axis, y, lane.log_end, look, place))


def _words(
    snapshot: PartitionSnapshot, it: DrawnLane, plan: _LanesPlan, top_px: float, at: int
) -> list[Shape]:
    """Write all words of a lane, above the line of the high watermark where the two meet."""
    y, names_px = plan.cells_px(top_px, at), plan.names_px(top_px, at)
    names = _names(snapshot, it.lane, plan, names_px)
    return [*names, *_positions(snapshot, it, plan, y, names_px)]


def _cells(
    own: Sequence[LaneCell], axis: LaneAxis, y: float, look: Look, place: str
) -> list[Shape]:
    """Draw the record of one offset; two that claim one offset share its cell."""
    high_px = axis.high_px / len(own)
    part = axis._replace(high_px=high_px)
    keys = [f"{place}/{cell.record.offset}{'/again' * n}" for n, cell in enumerate(own)]
    return [
        lane_marks.cell(part, y + n * high_px, cell, look, keys[n]) for n, cell in enumerate(own)
    ]


def _positions(
    snapshot: PartitionSnapshot, it: DrawnLane, plan: _LanesPlan, y: float, names_px: float
) -> list[Shape]:
    """Write log end and high watermark in the gutter at the right, never over cells."""
    place, leads = f"broker-{it.lane.broker}", it.lane.broker == snapshot.leader
    end, mark = _positions_told(it)
    first_px = names_px + 15 if plan.names_above_px else y + plan.axis.high_px / 2 - 3
    x, anchor = (plan.right_px, "end") if plan.names_above_px else (plan.gutter_px, None)
    lost = any(cell.fate for cell in it.ghosts if cell.record.offset >= it.lane.log_end)
    fill = word_colour(ERROR) if lost else MUTED
    ink = INK if leads else MUTED
    mark_key = f"{place}/high-watermark/told"
    halo = plan.names_above_px > 0
    return [
        words(x, first_px, end, fill=fill, anchor=anchor, key=f"{place}/log-end/told", halo=halo),
        words(x, first_px + 16, mark, bold=leads, fill=ink, anchor=anchor, key=mark_key, halo=halo),
    ]


def _positions_told(it: DrawnLane) -> tuple[str, str]:
    """Say where a log ends, how many records behind that are gone, and its high watermark."""
    ghosts = [cell for cell in it.ghosts if cell.record.offset >= it.lane.log_end]
    lost = any(cell.fate for cell in ghosts)
    gone = f", {len(ghosts)} {'lost' if lost else 'gone'}" if ghosts else ""
    return f"log end {it.lane.log_end}{gone}", f"high watermark {it.lane.high_watermark}"


def _names(snapshot: PartitionSnapshot, lane: Lane, plan: _LanesPlan, y: float) -> list[Shape]:
    """Name a broker and its role; a crown stands with the one that the controller names."""
    wide_px = plan.names_end_px - NAMES_PX
    rack = f" · rack {plain(lane.rack, 12)}" if lane.rack else ""
    name = fitted(f"Broker {lane.broker}{rack}", wide_px - lane_marks.CROWN_PX, bold=True)
    role = fitted(role_of(snapshot, lane), wide_px)
    fill, place = INK if lane.is_alive else MUTED, f"broker-{lane.broker}"
    halo = plan.names_above_px > 0
    drawn = [
        words(NAMES_PX, y + 15, name, bold=True, fill=fill, halo=halo, key=f"{place}/name"),
        words(NAMES_PX, y + 31, role, fill=MUTED, halo=halo, key=f"{place}/role"),
    ]
    if lane.broker == snapshot.leader:
        drawn.append(lane_marks.crown(NAMES_PX + width_px(name, bold=True) + 6, y + 4))
    return drawn


def _look(lane: Lane) -> Look:
    if not lane.is_alive:
        return DOWN
    return LEADS if lane.role == "leader" else FOLLOWS


def _watermark(
    snapshot: PartitionSnapshot, plan: _LanesPlan, top_px: float, count: int
) -> list[Shape]:
    """Draw the leader's high watermark across all lanes; dotted while nobody leads."""
    leader = leading(snapshot)
    known = [lane.high_watermark for lane in snapshot.lanes]
    offset = max(known, default=0) if leader is None else leader.high_watermark
    bottom_px = plan.cells_px(top_px, count - 1) + plan.axis.high_px + 5
    return [lane_marks.watermark(plan.axis, top_px - 4, bottom_px, offset, dotted=leader is None)]


def _brackets(
    snapshot: PartitionSnapshot, lanes: Sequence[DrawnLane], plan: _LanesPlan, top_px: float
) -> list[Shape]:
    """Draw a bracket over each run of lanes that are in sync, or eligible to lead."""
    drawn: list[Shape] = []
    kinds = [membership(snapshot, it.lane.broker) for it in lanes]
    place = 0
    for kind, run in groupby(kinds):
        count = len(list(run))
        y, last = plan.cells_px(top_px, place), plan.cells_px(top_px, place + count - 1)
        bottom_px = last + plan.axis.high_px
        place += count
        if kind:
            short = {"in sync": "ISR", "eligible": "ELR"}[kind]
            text = kind if max(bottom_px - y, plan.lane_px) >= _WORD_PX else short
            key = f"bracket/{kind}/{len(drawn)}"
            drawn.append(_bracket(snapshot, y, bottom_px, text, key))
    return drawn


def _bracket(snapshot: PartitionSnapshot, y: float, bottom_px: float, text: str, key: str) -> Shape:
    is_isr = "/in sync/" in key
    who = snapshot.isr if is_isr else snapshot.elr
    name = "in-sync replicas (ISR)" if is_isr else "eligible leader replicas (ELR)"
    tip = f"{name}: {brokers_told(who)}"
    return group(*lane_marks.members(y, bottom_px, text, is_isr=is_isr), tip=tip, key=key)


def _shades(
    plan: _LanesPlan, head_px: float, top_px: float, count: int, offsets: Collection[int]
) -> list[Shape]:
    """Shade the columns of offsets that the question is about."""
    from_px = top_px - _NUMBERS_PX if plan.names_above_px else head_px
    high_px = plan.cells_px(top_px, count - 1) + plan.axis.high_px + 8 - from_px
    columns = [n for n in sorted(offsets) if plan.axis.first <= n < plan.stop]
    return [
        rect(
            *(plan.axis.x(n), from_px, plan.axis.step_px, high_px),
            fill=PANEL,
            stroke=RULE,
            rx=4,
            key=f"shade/{n}",
        )
        for n in columns
    ]


def _kinds(snapshot: PartitionSnapshot, lanes: Sequence[DrawnLane], fate: Fates) -> list[str]:
    """Return which marks occur in this figure, in the order of the legend."""
    cells = [cell for it in lanes for cell in it.cells]
    found = {
        "crown": any(it.lane.broker == snapshot.leader for it in lanes),
        "acked": any(cell.record.is_acked for cell in cells),
        "waits": any(cell.waits for cell in cells),
        "epoch": any(cell.begins_epoch and not cell.is_ghost for cell in cells),
        "ghost": any(cell.is_ghost and not cell.fate for cell in cells),
        "lost": any(cell.fate == "lost" for cell in cells),
        "replaced": any(it.replaced for it in lanes),
        "unreachable": bool(fate.unreachable),
    }
    return [kind for kind, is_there in found.items() if is_there]
