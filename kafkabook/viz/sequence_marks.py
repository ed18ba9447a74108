"""The marks of a sequence diagram: arrows, notes, and where their words find room."""

from collections.abc import Sequence
from typing import NamedTuple

from kafkabook.base.machine import Address
from kafkabook.base.plain import plain
from kafkabook.viz.letters import fitted, width_px
from kafkabook.viz.scene import Shape, group, line, rect, words
from kafkabook.viz.sequence_rows import CONTROLLER_NAME, SequenceRow, actor_name, sent_row
from kafkabook.viz.shapes import arrow, cross
from kafkabook.viz.sheet import LEFT_PX
from kafkabook.viz.theme import (
    CONSUMER,
    CONTROLLER,
    ERROR,
    FOLLOWER,
    INK,
    LEADER,
    PRODUCER,
    word_colour,
)

TIME_PX = 66
_STOPPED_AT = 0.8  # how far a message gets that does not arrive
_DROP = 0.25  # of a row: how far above the head of its arrow a name may stand
_API_COLOURS = {
    "Produce": PRODUCER,
    "Fetch": FOLLOWER,
    "OffsetsForLeaderEpoch": FOLLOWER,
    "AlterPartition": CONTROLLER,
    "BrokerRegistration": CONTROLLER,
    "BrokerHeartbeat": CONTROLLER,
    "MetadataUpdate": CONTROLLER,
}


class Grid(NamedTuple):
    """Where actors and rows stand; in tall rows words have a line of their own."""

    columns: dict[Address, float]
    gap_px: float
    top_px: float
    row_px: float
    right_px: float
    tall: bool

    def y(self, place: float) -> float:
        """Return the height of row `place`, counted from 0."""
        return self.top_px + (place + 0.75) * self.row_px


class _Flight(NamedTuple):
    """The way of a message over the sheet, and where it stops."""

    x1: float
    y1: float
    x2: float
    y2: float


def mark(rows: Sequence[SequenceRow], place: int, grid: Grid) -> Shape:
    """Draw one row without its words: an arrow, or a sign on a life line."""
    row = rows[place]
    parts = _sign(row, grid, place) if row.receiver is None else _arrow(rows, place, grid)
    return group(*parts, tip=_tip(row), key=f"event/{row.number}")


def labels(rows: Sequence[SequenceRow], grid: Grid) -> list[Shape]:
    """Write all words, on top of all lines, and where a message stopped."""
    return [
        part
        for place, row in enumerate(rows)
        for part in (
            [_note(row, grid, place)] if row.receiver is None else _named(rows, place, grid)
        )
    ]


def actor_colour(actor: Address) -> str:
    """Return the colour of whoever stands above a column."""
    if isinstance(actor, int):
        return LEADER
    if actor == CONTROLLER_NAME:
        return CONTROLLER
    return CONSUMER if actor.startswith("consumer") else PRODUCER


def _sign(row: SequenceRow, grid: Grid, place: int) -> list[Shape]:
    x, y = grid.columns[row.sender], grid.y(place)
    if row.is_alive is False:
        return [cross(x - 5, y - 5, 10, 10, stroke=ERROR)]
    return [rect(x - 4, y - 4, 8, 8, fill=actor_colour(row.sender), rx=1)]


def _note(row: SequenceRow, grid: Grid, place: int) -> Shape:
    """Write a note at the side of its life line that has room, or more of it."""
    fill = word_colour(ERROR if row.is_alive is False else actor_colour(row.sender))
    x, text, key = grid.columns[row.sender], plain(row.text), f"event/{row.number}/told"
    if grid.tall:
        return _alone_note(x, grid.y(place), text, grid, fill=fill, key=key)
    left_px, right_px = x - LEFT_PX - TIME_PX - 10, grid.right_px - x - 10
    leftward = width_px(text, bold=True) > right_px and left_px > right_px
    text = fitted(text, left_px if leftward else right_px, bold=True)
    at_px, anchor = (x - 10, "end") if leftward else (x + 10, None)
    look = {"bold": True, "halo": True}
    return words(at_px, grid.y(place) + 4, text, fill=fill, anchor=anchor, key=key, **look)


def _alone_note(x: float, y: float, text: str, grid: Grid, *, fill: str, key: str) -> Shape:
    """Write a note right of its sign, or left of it, or else above it."""
    wide_px = width_px(text, bold=True)
    if x + 10 + wide_px <= grid.right_px:
        return words(x + 10, y - 5, text, fill=fill, bold=True, halo=True, key=key)
    if x - 10 - wide_px >= LEFT_PX + TIME_PX:
        at_px = x - 10 - wide_px
        return words(at_px, y - 5, text, fill=fill, bold=True, halo=True, key=key)
    return _alone(x, y - 9, text, grid, fill=fill, bold=True, key=key)


def _alone(x: float, y: float, text: str, grid: Grid, *, fill: str, bold: bool, key: str) -> Shape:
    """Write words on a line of their own, from `x` on if they fit there."""
    text = fitted(text, grid.right_px - LEFT_PX - TIME_PX - 2, bold=bold)
    x = min(x, grid.right_px - width_px(text, bold=bold))
    return words(x, y, text, fill=fill, bold=bold, halo=True, key=key)


def _flight(rows: Sequence[SequenceRow], place: int, grid: Grid) -> _Flight:
    """Return the way from where the sender was when it sent to where the message arrived."""
    row = rows[place]
    assert row.receiver is not None
    x1, x2 = grid.columns[row.sender], grid.columns[row.receiver]
    if row.fate in ("lost", "held"):
        return _Flight(x1, grid.y(place), x1 + (x2 - x1) * _STOPPED_AT, grid.y(place))
    return _Flight(x1, grid.y(sent_row(rows, place)), x2, grid.y(place))


def _arrow(rows: Sequence[SequenceRow], place: int, grid: Grid) -> list[Shape]:
    row, (x1, y1, x2, y2) = rows[place], _flight(rows, place, grid)
    side = 1 if x2 > x1 else -1
    dash = "5 4" if row.fate == "held" else None
    return [arrow(x1 + 2 * side, y1, x2 - 3 * side, y2, stroke=_colour(row), width=1.8, dash=dash)]


def _stop(row: SequenceRow, way: _Flight) -> list[Shape]:
    """Mark where a message stopped: a cross where it is lost or refused, a bar where it is held."""
    key = f"event/{row.number}/stop"
    if row.fate == "held":
        return [line(way.x2, way.y2 - 7, way.x2, way.y2 + 7, stroke_width=3, key=key)]
    return [cross(way.x2 - 6, way.y2 - 6, 12, 12, stroke=ERROR, key=key)] if row.fate else []


def _named(rows: Sequence[SequenceRow], place: int, grid: Grid) -> list[Shape]:
    """Write a message's name on its arrow; on a steep one near the head, in the arrow's own row."""
    row, way = rows[place], _flight(rows, place, grid)
    fill, key = word_colour(_colour(row)), f"event/{row.number}/told"
    if grid.tall:
        x = min(way.x1, way.x2) + 8
        told = _alone(x, way.y2 + 15, said(row), grid, fill=fill, bold=False, key=key)
        return [told, *_stop(row, way)]
    reach_px, fall_px = abs(way.x2 - way.x1), way.y2 - way.y1
    text = fitted(said(row), max(reach_px - 24, 40))
    steep = fall_px > grid.row_px
    back_px = 20 + width_px(text) / 2 if steep else reach_px / 2
    x = way.x2 - back_px * (1 if way.x2 > way.x1 else -1)
    y = way.y2 - min(fall_px * back_px / reach_px, _DROP * grid.row_px) + 4
    return [words(x, y, text, fill=fill, anchor="middle", halo=True, key=key), *_stop(row, way)]


def said(row: SequenceRow) -> str:
    """Return the name of a message, and what became of it."""
    return plain(row.text) + (f" ({row.fate})" if row.fate else "")


def _colour(row: SequenceRow) -> str:
    ends = (row.sender, row.receiver)
    if any(isinstance(end, str) and end.startswith("consumer") for end in ends):
        return CONSUMER
    return _API_COLOURS.get(row.text.removesuffix("Response"), INK)


def _tip(row: SequenceRow) -> str:
    to = "" if row.receiver is None else f" → {actor_name(row.receiver)}"
    why = f", {row.fate}" if row.fate else ""
    return f"{actor_name(row.sender)}{to}: {row.text}{why}{row.reason and ': '}{row.reason}"
