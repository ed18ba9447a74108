"""Replica lanes: every replica's log below the leader's, aligned by offset.

One look tells who leads, who is in sync, how far each replica is, what is committed, and which
acknowledged records a failure has cost.
"""

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import NamedTuple

from kafkabook.replication.snapshots import Lane, PartitionSnapshot
from kafkabook.viz import lane_marks
from kafkabook.viz.figure import Figure
from kafkabook.viz.lane_cells import DrawnLane, Fates, drawn_lanes, fates, first_shown
from kafkabook.viz.lane_marks import DOWN, FOLLOWS, LEADS, NAMES_PX, LaneAxis, Look
from kafkabook.viz.lane_words import (
    LANE_HEADS,
    brokers_told,
    lane_row,
    lanes_told,
    membership,
    role_of,
)
from kafkabook.viz.letters import fitted
from kafkabook.viz.plain import plain
from kafkabook.viz.positions import room_px
from kafkabook.viz.scene import Shape, rect, words
from kafkabook.viz.sheet import RIGHT_PX, Sheet
from kafkabook.viz.theme import INK, MUTED, PANEL, RULE

_CELLS_PX = NAMES_PX + 124
_END_PX = 64  # room for the words at the last log end
_STEP_PX = 44
_LANE_PX = 72
_ROOMY_PX = 52
_LEAST_PX = 34
_WORD_PX = 46  # the longest word beside a bracket
_HEAD_PX = 36


class _LanesPlan(NamedTuple):
    """The shared measures of one figure: the axis, a lane's height, the window's end."""

    axis: LaneAxis
    lane_px: float
    stop: int

    @property
    def is_roomy(self) -> bool:
        """Say whether each lane has room for words above and below its cells."""
        return self.lane_px >= _ROOMY_PX


def replica_lanes(
    snapshot: PartitionSnapshot,
    *,
    title: str = "",
    subtitle: str = "",
    sentence: str = "",
    caption: str = "",
    before: Sequence[PartitionSnapshot] = (),
    highlight: Collection[int] = (),
) -> Figure:
    """Draw a partition as one strip per replica, the leader's on top.

    Args:
        title: the question; without it the figure asks who holds what.
        sentence: what is to be seen; without it leader, in-sync set and lags are told.
        before: earlier snapshots, oldest first. What the last three of them held and this one cut
            off stays as a grey ghost; what any of them knows to be acknowledged is looked for.
        highlight: offsets whose column is shaded.

    Raises:
        ValueError: more replicas and words than fit on a figure.
    """
    lanes, fate = drawn_lanes(snapshot, before), fates(snapshot, before)
    told = sentence or lanes_told(snapshot, fate)
    sheet = Sheet(title or f"Who holds what of {snapshot.partition}?", subtitle)
    kinds = _kinds(lanes, fate)
    legend_px = lane_marks.legend_px(kinds)
    plan = _plan(lanes, room_px(sheet, told, caption) - _HEAD_PX - legend_px)
    head_px = sheet.take(_HEAD_PX)
    top_px = sheet.take(plan.lane_px * len(lanes)) + 2
    sheet.add(*_shades(plan, head_px, len(lanes), highlight))
    sheet.add(*lane_marks.numbers(plan.axis, top_px - 9, plan.stop))
    sheet.add(*_brackets(snapshot, lanes, plan, top_px))
    for place, it in enumerate(lanes):
        _lane(sheet, snapshot, it, plan, top_px + place * plan.lane_px, is_top=place == 0)
    sheet.add(*lane_marks.legend(sheet.take(legend_px) + 2, kinds))
    rows = [lane_row(snapshot, it, plan.axis.first) for it in lanes]
    return sheet.figure(told, heads=LANE_HEADS, rows=rows, caption=caption)


def _plan(lanes: Sequence[DrawnLane], left_over_px: float) -> _LanesPlan:
    """Share what the sheet has left between the lanes, and its width between the offsets."""
    lane_px = min(_LANE_PX, left_over_px // len(lanes))
    if lane_px < _LEAST_PX:
        raise ValueError(f"{len(lanes)} replicas and their words do not fit on a figure")
    first, stop = first_shown(lanes)
    has_earlier = any(it.lane.log_start < first for it in lanes)
    cells, left_px = max(stop - first + has_earlier, 1), _CELLS_PX
    roomy = lane_px >= _ROOMY_PX
    step_px = min(_STEP_PX, (RIGHT_PX - left_px - (_END_PX if roomy else 124)) // cells)
    high_px = min(40, lane_px - (28 if roomy else 10))
    return _LanesPlan(
        LaneAxis(left_px + step_px * has_earlier, step_px, first, high_px), lane_px, stop
    )


def _lane(
    sheet: Sheet,
    snapshot: PartitionSnapshot,
    it: DrawnLane,
    plan: _LanesPlan,
    y: float,
    *,
    is_top: bool,
) -> None:
    axis, lane, look = plan.axis, it.lane, _look(it.lane)
    place = f"broker-{lane.broker}"
    cells = [cell for cell in it.cells if cell.record.offset >= axis.first]
    sheet.add(*_names(snapshot, lane, y))
    hidden = axis.first - lane.log_start
    if hidden > 0:
        sheet.add(lane_marks.earlier(axis, y, hidden, look))
    sheet.add(*(lane_marks.cell(axis, y, cell, look, place) for cell in cells))
    sheet.add(*(lane_marks.replaced(axis, y, n) for n in it.replaced if n >= axis.first))
    rules = [cell for cell in cells[1:] if cell.begins_epoch and not cell.is_ghost]
    sheet.add(*(lane_marks.epoch_rule(axis, y, cell) for cell in rules))
    if not lane.is_alive:
        sheet.add(lane_marks.crossed(axis, y, lane.log_end))
    sheet.add(*_positions(it, plan, y, look, is_top=is_top))


def _positions(
    it: DrawnLane, plan: _LanesPlan, y: float, look: Look, *, is_top: bool
) -> list[Shape]:
    axis, lane = plan.axis, it.lane
    mark, end = f"high watermark {lane.high_watermark}", f"log end {lane.log_end}"
    if plan.is_roomy:
        base_px = y - (26 if is_top else 5)
        above = lane_marks.watermark(
            axis, y, lane.high_watermark, text=mark, base_px=base_px, leads=look == LEADS
        )
        return [*above, *lane_marks.log_end(axis, y, it, look, text=end)]
    pole = lane_marks.watermark(axis, y, lane.high_watermark, text="", base_px=y, leads=True)
    beside_px, middle_px = axis.x(plan.stop) + 8, y + axis.high_px / 2
    lines = ((end, middle_px - 2), (mark, middle_px + 12))
    beside = [
        words(beside_px, base_px, fitted(text, RIGHT_PX - beside_px, 12), fill=MUTED)
        for text, base_px in lines
    ]
    return [*pole, *beside]


def _names(snapshot: PartitionSnapshot, lane: Lane, y: float) -> list[Shape]:
    rack = f" · rack {plain(lane.rack, 12)}" if lane.rack else ""
    wide_px = _CELLS_PX - NAMES_PX - 6
    name = fitted(f"Broker {lane.broker}{rack}", wide_px, 13, bold=True)
    role = fitted(role_of(snapshot, lane), wide_px, 12)
    fill = INK if lane.is_alive else MUTED
    return [
        words(NAMES_PX, y + 15, name, size=13, bold=True, fill=fill),
        words(NAMES_PX, y + 30, role, fill=MUTED),
    ]


def _look(lane: Lane) -> Look:
    if not lane.is_alive:
        return DOWN
    return LEADS if lane.role == "leader" else FOLLOWS


def _brackets(
    snapshot: PartitionSnapshot, lanes: Sequence[DrawnLane], plan: _LanesPlan, top_px: float
) -> list[Shape]:
    """Draw a bracket over each run of lanes that are in sync, or eligible to lead."""
    drawn: list[Shape] = []
    kinds = [membership(snapshot, it.lane.broker) for it in lanes]
    place = 0
    for kind, run in groupby(kinds):
        count = len(list(run))
        y = top_px + place * plan.lane_px
        bottom_px = y + (count - 1) * plan.lane_px + plan.axis.high_px
        place += count
        if kind:
            short = {"in sync": "ISR", "eligible": "ELR"}[kind]
            text = kind if max(bottom_px - y, plan.lane_px) >= _WORD_PX else short
            drawn.append(_bracket(snapshot, y, bottom_px, text, is_isr=kind == "in sync"))
    return drawn


def _bracket(
    snapshot: PartitionSnapshot, y: float, bottom_px: float, text: str, *, is_isr: bool
) -> Shape:
    who = snapshot.isr if is_isr else snapshot.elr
    name = "in-sync replicas (ISR)" if is_isr else "eligible leader replicas (ELR)"
    return lane_marks.members(y, bottom_px, text, is_isr=is_isr, tip=f"{name}: {brokers_told(who)}")


def _shades(plan: _LanesPlan, head_px: float, count: int, offsets: Collection[int]) -> list[Shape]:
    """Shade the columns of offsets that the question is about."""
    high_px = _HEAD_PX - 14 + count * plan.lane_px
    columns = [n for n in sorted(offsets) if plan.axis.first <= n < plan.stop]
    return [
        rect(
            plan.axis.x(n), head_px + 14, plan.axis.step_px, high_px, fill=PANEL, stroke=RULE, rx=4
        )
        for n in columns
    ]


def _kinds(lanes: Sequence[DrawnLane], fate: Fates) -> list[str]:
    cells = [cell for it in lanes for cell in it.cells]
    found = {
        "acked": any(cell.record.is_acked for cell in cells),
        "waits": any(cell.waits for cell in cells),
        "epoch": any(cell.begins_epoch and not cell.is_ghost for cell in cells),
        "ghost": any(cell.is_ghost and not cell.fate for cell in cells),
        "lost": any(cell.fate == "lost" for cell in cells),
        "replaced": any(it.replaced for it in lanes),
        "unreachable": bool(fate.unreachable),
    }
    return [kind for kind, is_there in found.items() if is_there]
