"""Where everything stands on a stage: one function of the width, so that nothing ever swaps places.

The network is on the left and the logs are on the right. Clients reach a broker at the middle of
its left edge, the controller a little above it, other brokers on nested arcs; so no link crosses a
name. A narrow stage has its clients above the brokers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from kafkabook.base.machine import Address
from kafkabook.base.plain import plain
from kafkabook.viz.letters import width_px

NARROW_PX = 640  # below this clients stand above the brokers
CHIP_PX, CHIP_GAP_PX, CHIP_ROW_PX = 26, 5, 31
_MOST_ROWS = 3
_LEAST_CHIP_PX, _MOST_CHIP_PX = 30, 110
PRODUCER, CONSUMER, CONTROLLER = "producer", "consumer", "controller"


class Chip(NamedTuple):
    """Where a record stands in a client's box: from its left edge, its row, and its width in px."""

    x: float
    row: int
    width: float


def chips(values: Sequence[str], room: float, *, has_sign: bool) -> list[Chip]:
    """Lay values out in rows, each as wide as its text, and its sign if it has one."""
    found: list[Chip] = []
    x, row = 0.0, 0
    for value in values:
        text_px = width_px(plain(value, 12), 14, bold=True)
        wide = min(max(text_px + (28 if has_sign else 14), _LEAST_CHIP_PX), _MOST_CHIP_PX, room)
        if found and x + wide > room:
            x, row = 0.0, row + 1
        found.append(Chip(x, row, wide))
        x += wide + CHIP_GAP_PX
    return found


class Box(NamedTuple):
    """A rectangle, in px."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """Half its height."""
        return self.y + self.height / 2

    def touches(self, other: "Box") -> bool:
        """Say whether two boxes have a point in common."""
        is_beside = self.right < other.x or other.right < self.x
        return not (is_beside or self.bottom < other.y or other.bottom < self.y)


@dataclass(frozen=True)
class Places:
    """The places of a stage of one width.

    Attributes: `cards` (broker → box), `nodes` (producer, consumer, controller → box), `cell_px`
    and `step_px` (a record's width; with its gap), `tall_px` (its height), `slots` (how many
    records of a log are seen), `first` (the offset of the first of them; see `showing`), `lip_px`
    (from a card's left edge to its log), `gutter_px` (at a card's right edge, for *log end* and
    *high watermark*).
    """

    width: float
    height: float
    is_narrow: bool
    cards: Mapping[int, Box]
    nodes: Mapping[str, Box]
    cell_px: float
    step_px: float
    tall_px: float
    slots: int
    first: int
    lip_px: float
    gutter_px: float

    def showing(self, log_end: int) -> "Places":
        """Return the same places, with the logs moved on until their newest records are seen."""
        first = max(log_end - self.slots, 0)
        return self if first == self.first else replace(self, first=first)

    def cell(self, broker: int, offset: int) -> tuple[float, float]:
        """Return the upper left corner of a record."""
        card = self.cards[broker]
        return card.x + self.lip_px + (offset - self.first) * self.step_px, self.row(broker)

    def row(self, broker: int) -> float:
        """Return the upper edge of a broker's records."""
        return self.cards[broker].y + 40

    def edge(self, offset: int) -> float:
        """Return where a mark before an offset stands: between two records."""
        card = next(iter(self.cards.values()))
        seen = min(max(offset - self.first, 0), self.slots)
        return card.x + self.lip_px + seen * self.step_px - (self.step_px - self.cell_px) / 2

    def port(self, node: Address, other: Address) -> tuple[float, float]:
        """Return where a node's link to another one ends."""
        if isinstance(node, int):
            card = self.cards[node]
            return card.x, card.middle + _door(node, other)
        box = self.nodes[node]
        if self.is_narrow:
            return box.x + 18, box.bottom
        if node == CONTROLLER:
            return box.x + box.width / 2, box.bottom
        return box.right, box.middle

    def way(self, sender: Address, receiver: Address) -> tuple[float, ...]:
        """Return the curve of a message: start, bend and end, x before y."""
        start, end = self.port(sender, receiver), self.port(receiver, sender)
        return (*start, *self._bend(sender, receiver, start, end), *end)

    def _bend(
        self, one: Address, other: Address, start: tuple[float, float], end: tuple[float, float]
    ) -> tuple[float, float]:
        if isinstance(one, int) and isinstance(other, int):
            near = 38 if self.is_narrow else 74
            apart = abs(list(self.cards).index(one) - list(self.cards).index(other))
            reach = near * (1, 1, 2.1, 2.6, 3)[min(apart, 4)]
            return start[0] - min(reach, start[0] * 1.9 - 8), (start[1] + end[1]) / 2
        client, door = (end, start) if isinstance(one, int) else (start, end)
        name = other if isinstance(one, int) else one
        if self.is_narrow:
            return door[0] - 56, client[1] + 24
        if name == CONTROLLER:
            return client[0], door[1]
        return (client[0] + door[0]) / 2, client[1]


def _door(broker: int, other: Address) -> float:
    """Return how far from the middle of a broker's edge a link ends, by who is at its other end."""
    if isinstance(other, int):
        side = 1 if other > broker else -1
        return side * (38 if abs(other - broker) == 1 else 22)
    return -11 if other == CONTROLLER else 0


def places(
    width: float,
    brokers: Sequence[int],
    *,
    records: int,
    sent: Sequence[str] = (),
    read: Sequence[str] | None = (),
) -> Places:
    """Return the places of a stage.

    Args:
        width: in px. brokers: their ids. records: how many the longest log holds in this film.
        sent: all that producers send in it. read: all that consumers read; None if nobody reads,
            and that side of the stage stays empty.
    """
    narrow = width < NARROW_PX
    left = 64 if narrow else round(width * 0.4)
    right, lip = (30, 40) if narrow else (46, 54)
    gutter = 92 if narrow else 146
    nodes = _narrow_nodes(width, sent, read) if narrow else _wide_nodes(left, sent, read)
    top = nodes[CONTROLLER].bottom + (44 if narrow else 40)
    high, gap = (100, 16) if narrow else (106, 24)
    room = width - left - right - lip - gutter
    cell, between = _cell(room, records, narrow=narrow)
    slots = max(int((room + between) // (cell + between)), 1)
    cards = {
        broker: Box(left, top + place * (high + gap), width - left - right, high)
        for place, broker in enumerate(brokers)
    }
    if not narrow and CONSUMER in nodes:  # as low as the last broker
        box, last = nodes[CONSUMER], list(cards.values())[-1]
        nodes[CONSUMER] = box._replace(y=max(box.y, last.middle - box.height / 2))
    bottom = max(box.bottom for box in (*cards.values(), *nodes.values()))
    return Places(
        width,
        bottom + 16,
        narrow,
        cards,
        nodes,
        cell,
        cell + between,
        40 if narrow else 44,
        slots,
        0,
        lip,
        gutter,
    )


def _cell(room: float, records: int, *, narrow: bool) -> tuple[float, float]:
    """Return the widest cell of which all records fit, and the gap beside it."""
    for cell in (50, 42, 36):
        gap = 5 if narrow or cell < 50 else 8
        if records * (cell + gap) - gap <= room:
            return cell, gap
    return 36, 5


def _high(values: Sequence[str], width: float, *, has_sign: bool) -> float:
    """Return how high a client's box is: its name, and rows for what it holds in the end."""
    rows = [chip.row for chip in chips(values, width - 22, has_sign=has_sign)]
    return 42 + CHIP_ROW_PX * min(max(rows, default=0) + 1, _MOST_ROWS)


def _wide_nodes(left: float, sent: Sequence[str], read: Sequence[str] | None) -> dict[str, Box]:
    wide = min(176.0, left - 146)
    nodes = {
        PRODUCER: Box(2, 96, wide, _high(sent, wide, has_sign=True)),
        CONTROLLER: Box(left * 0.62 - 66, 6, 132, 40),
    }
    if read is not None:
        below = nodes[PRODUCER].bottom + 62  # room for the name of a message
        nodes[CONSUMER] = Box(2, below, wide, _high(read, wide, has_sign=False))
    return nodes


def _narrow_nodes(width: float, sent: Sequence[str], read: Sequence[str] | None) -> dict[str, Box]:
    half = width * 0.54
    wide = half - 6, width - half - 6
    high = max(_high(sent, wide[0], has_sign=True), _high(read or (), wide[1], has_sign=False))
    nodes = {
        PRODUCER: Box(1, 2, wide[0], high),
        CONTROLLER: Box(118, high + 20, 118, 34),
    }
    if read is not None:
        nodes[CONSUMER] = Box(half + 5, 2, wide[1], high)
    return nodes
