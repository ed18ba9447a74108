"""The stage: one partition of a cluster, drawn for one moment and one width.

The network stands on the left, the logs on the right. The *crown* is the controller's word on who
leads; the *thick frame* is a broker's own belief. They may differ, and often that is the lesson.
"""

from collections.abc import Iterable, Sequence

from kafkabook.base.machine import Address
from kafkabook.base.plain import plain
from kafkabook.viz.flights import DROPPED, ON_ITS_WAY, REFUSED, Flight
from kafkabook.viz.letters import fitted, width_px, wrapped
from kafkabook.viz.motion import along
from kafkabook.viz.scene import Scene, Shape, group, number, path, rect, tag, words
from kafkabook.viz.shapes import hatch
from kafkabook.viz.stage_places import (
    CHIP_PX,
    CHIP_ROW_PX,
    Box,
    Chip,
    Places,
    chips,
)
from kafkabook.viz.stage_places import CONSUMER as CONSUMER_NODE
from kafkabook.viz.stage_places import CONTROLLER as CONTROLLER_NODE
from kafkabook.viz.stage_places import PRODUCER as PRODUCER_NODE
from kafkabook.viz.stage_state import (
    ACKED,
    FAILED,
    LOST,
    UNKNOWN,
    WAITS,
    BrokerSeen,
    SentSeen,
    StageState,
    StoredCell,
)
from kafkabook.viz.theme import (
    CARD,
    CELL,
    CONSUMER,
    CONTROLLER,
    DARK,
    DARK_INK,
    ERROR,
    FAULT,
    FOLLOWER,
    INK,
    LEADER,
    MUTED,
    ON,
    PAPER,
    PRODUCER,
    RULE,
    SLOT,
    word_colour,
)

_CROWN = "M-11 7L-12 -6L-5.5 0L0 -9L5.5 0L12 -6L11 7Z"
_COLOURS = {PRODUCER_NODE: PRODUCER, CONSUMER_NODE: CONSUMER, CONTROLLER_NODE: CONTROLLER}
_API_COLOURS = {"Produce": PRODUCER, "Fetch": FOLLOWER, "ListOffsets": FOLLOWER}
_SETTLE_S, _FRAME_S, _ISR_S, _FALL_S = 0.5, 0.7, 0.8, 1.2
CROWN_S = 0.6  # how long the crown flies to the controller, and on from there
_SMALL_PX = 13
STANDS = 0.45  # how far on its way a message is that does not get on
AT_CONTROLLER = -1  # where the crown is while the controller decides


def stage_scene(
    state: StageState,
    places: Places,
    *,
    crown: int | None = None,
    falling: Iterable[int] = (),
) -> Scene:
    """Draw a state, without the messages that pass.

    Args:
        crown: where the crown is: a broker, or `AT_CONTROLLER`; None as the state says.
        falling: births of records that are just being lost and have no ghost yet.
    """
    wears = state.leader if crown is None else crown
    shapes = (
        *_links(state, places),
        *(_halo(it, state, places) for it in state.brokers),
        *(_card(it, state, places, wears) for it in state.brokers),
        _high_watermark(state, places),
        *(_words(it, state, places) for it in state.brokers),
        _bracket(state, places),
        *_records(state, places, frozenset(falling)),
        _producer(state, places),
        *([_consumer(state, places)] if CONSUMER_NODE in places.nodes else []),
        _controller(places),
        *_docks(state, places),
        _crown(wears, places),
    )
    return Scene(places.width, places.height, shapes)


# --- the network ---------------------------------------------------------------------------------


def _links(state: StageState, places: Places) -> list[Shape]:
    ids = [it.id for it in state.brokers]
    pairs: list[tuple[Address, Address]] = [(a, b) for a in ids for b in ids if a < b]
    pairs += [(name, broker) for name in places.nodes for broker in ids]
    return [_link(one, other, state, places) for one, other in pairs]


def _link(one: Address, other: Address, state: StageState, places: Places) -> Shape:
    """Draw a link: always between brokers, to the leader, and dotted to the controller."""
    d = _curve(places.way(one, other))
    is_cut = state.is_cut(one, other)
    is_there = isinstance(one, int) or other == state.leader or one == CONTROLLER_NODE
    is_there = is_there and not (places.is_narrow and one == CONTROLLER_NODE)
    return group(
        path(
            d,
            stroke=ERROR if is_cut else RULE,
            stroke_width=2 if is_cut else 1.5,
            stroke_dasharray="3 6" if is_cut else "1 5" if one == CONTROLLER_NODE else None,
            opacity=1 if is_cut or is_there else 0,
        ),
        path(d, stroke=PAPER, stroke_width=16, stroke_opacity=0, pointer_events="stroke"),
        key=f"link/{one}/{other}",
    )


def passing(flight: Flight, fly: str, places: Places) -> list[Shape]:
    """Draw a message that passes, the link that it uses, and its name.

    Args:
        fly: at which second how much of its way is behind it (see `motion.FLY`).
    """
    way = places.way(_at(flight.sender), _at(flight.receiver))
    used = path(_curve(way), stroke=MUTED, stroke_width=2, key=f"used/{flight.number}")
    return [used, _message(flight, fly, way), _note(flight, places)]


def _curve(way: tuple[float, ...]) -> str:
    start, bend, end = (f"{number(way[n])} {number(way[n + 1])}" for n in (0, 2, 4))
    return f"M{start}Q{bend} {end}"


def _at(node: Address) -> Address:
    """Return at whose place a message begins or ends: clients of one kind share theirs."""
    return node if isinstance(node, int) else node.rpartition("-")[0] or node


def _message(flight: Flight, fly: str, way: tuple[float, ...]) -> Shape:
    """Draw a message: a filled dot asks, a ring answers, a tile carries records."""
    colour = _api_colour(flight)
    leftmost = min((way[0] + 2 * way[2] + way[4]) / 4, way[0], way[4])
    parts = [_tile(flight, colour, leftmost)] if flight.values else [_dot(flight, colour)]
    if flight.fate == ON_ITS_WAY and flight.stops:
        parts.append(path("M-3 -22V-14M3 -22V-14", stroke=INK, stroke_width=2.5))
    return group(
        *parts,
        key=f"message/{flight.number}",
        fly=fly,
        way=" ".join(map(number, way)),
        leave=_FALL_S if flight.fate == DROPPED else None,
    )


def _api_colour(flight: Flight) -> str:
    if flight.says or flight.fate == REFUSED:
        return ERROR
    return _API_COLOURS.get(flight.name.removesuffix("Response"), CONTROLLER)


def _dot(flight: Flight, colour: str) -> Shape:
    if flight.is_answer:
        return tag("circle", r=6, fill=PAPER, stroke=colour, stroke_width=3)
    return tag("circle", r=6, fill=colour, stroke=PAPER, stroke_width=1.5)


def _tile(flight: Flight, colour: str, leftmost: float) -> Shape:
    """Draw the records of a message, as far as they stay in the picture on all its way."""
    room = max(min(62.0, 2 * (leftmost - 8)), 14.0)
    text = fitted(plain(" ".join(flight.values)), room, 14, bold=True)
    half = max(12.0, width_px(text, 14, bold=True) / 2 + 6)
    frame = rect(-half, -13, 2 * half, 26, rx=6, fill=CELL, stroke=colour, stroke_width=2.5)
    return group(frame, words(0, 5, text, size=14, bold=True, anchor="middle"))


def _note(flight: Flight, places: Places) -> Shape:
    """Name a message."""
    way = f"{node_told(flight.sender)} → {node_told(flight.receiver)}"
    what = flight.says or " ".join(flight.values)
    tip = plain(f"{flight.name}, {way}{': ' if what else ''}{what}")
    return _two_lines(flight.name, way, f"note/{flight.number}", tip, places)


def standing(flight: Flight, places: Places, taken: Sequence[Box]) -> tuple[Shape, Box] | None:
    """Name a message where it stands still, if there is room beside it; return the room, too.

    Args:
        taken: what other messages that stand there are named in.
    """
    x, y = along(
        " ".join(map(number, places.way(_at(flight.sender), _at(flight.receiver)))), STANDS
    )
    text = ", ".join([flight.name, *([flight.stops[0][2]] if flight.stops else [])])
    wide, used = width_px(text, _SMALL_PX), [*_written(places), *taken]
    tries = ((x - 14, y + 4, "end"), (x + 14, y + 4, "start"), (x, y - 16, "middle"))
    for at_x, at_y, anchor in (*tries, (x, y + 26, "middle")):
        left = at_x - wide * {"start": 0, "middle": 0.5, "end": 1}[anchor]
        room = Box(left, at_y - 13, wide, 18)
        inside = left >= 2 and room.right <= places.width - 2 and room.y >= 0
        if inside and not any(map(room.touches, used)):
            told = words(at_x, at_y, text, size=_SMALL_PX, anchor=anchor, halo=True)
            return group(told, key=f"stands/{flight.number}"), room
    return None


def _written(places: Places) -> list[Box]:
    """Return where something may be written at some time, links and messages aside."""
    first = next(iter(places.cards.values()))
    mark = Box(first.x, first.y - 30, places.width - first.x, 24)
    x, y, anchor = _note_place(places)
    note = Box(x if anchor == "start" else x - _note_room(places), y - 14, _note_room(places), 38)
    return [*places.cards.values(), *places.nodes.values(), mark, note]


def quiet_note(span: str, requests: str, number: int, places: Places) -> Shape:
    """Say how much time passes in a break of the axis, and which requests are sent meanwhile."""
    tip = f"{span} pass: {requests or 'nothing is sent'}"
    return _two_lines(f"{span} pass", requests, f"quiet/{number}", tip, places)


def _note_place(places: Places) -> tuple[float, float, str]:
    if places.is_narrow:
        return places.width - 4, places.nodes[CONTROLLER_NODE].y + 14, "end"
    return 4.0, places.nodes[PRODUCER_NODE].bottom + 26, "start"


def _note_room(places: Places) -> float:
    return places.width - places.nodes[CONTROLLER_NODE].right - 10 if places.is_narrow else 230.0


def _two_lines(head: str, more: str, key: str, tip: str, places: Places) -> Shape:
    """Write in one fixed place, where nothing else is written."""
    (x, y, anchor), room = _note_place(places), _note_room(places)
    below = fitted(more, room, _SMALL_PX)
    return group(
        words(x, y, fitted(head, room, 14, bold=True), size=14, bold=True, anchor=anchor),
        words(x, y + 18, below, size=_SMALL_PX, fill=MUTED, anchor=anchor),
        key=key,
        tip=tip,
    )


def node_told(node: Address) -> str:
    """Name who sends or receives; clients of one kind share a name."""
    return f"broker {node}" if isinstance(node, int) else str(_at(node))


def _docks(state: StageState, places: Places) -> list[Shape]:
    """Draw a small disk at a leader's door for each follower whose fetch waits there."""
    ids = [it.id for it in state.brokers]
    shapes = []
    for leader, follower in sorted(state.parked):
        if leader in ids and follower in ids:
            x, y = places.port(leader, follower)
            disk = tag("circle", r=6, fill=FOLLOWER, stroke=PAPER, stroke_width=2)
            tip = f"The Fetch of broker {follower} waits here until there is something to answer"
            place = f"translate({number(x)} {number(y)})"
            shapes.append(group(disk, tip=tip, key=f"parked/{leader}/{follower}", transform=place))
    return shapes


# --- brokers -------------------------------------------------------------------------------------


def _halo(it: BrokerSeen, state: StageState, places: Places) -> Shape:
    card, is_in = places.cards[it.id], it.id in state.isr
    return rect(
        card.x - 8,
        card.y - 8,
        card.width + 16,
        card.height + 16,
        rx=19,
        fill=CONSUMER,
        opacity=0.15 if is_in else 0,
        key=f"halo/{it.id}",
        ease=_ISR_S,
    )


def _card(it: BrokerSeen, state: StageState, places: Places, crown: int | None) -> Shape:
    card = places.cards[it.id]
    box = (card.x, card.y, card.width, card.height)
    is_dark = not it.is_up or it.is_paused
    lamp = ERROR if not it.is_up else MUTED if it.is_paused else CONSUMER
    slots = [
        rect(
            card.x + places.lip_px + n * places.step_px,
            places.row(it.id),
            places.cell_px,
            places.tall_px,
            rx=6,
            fill="none",
            stroke=SLOT,
            stroke_dasharray="2 4",
        )
        for n in range(places.slots)
    ]
    return group(
        rect(*box, rx=12, fill=CARD, stroke=FOLLOWER, stroke_width=1.5),
        *slots,
        # it darkens at once, as the words on it brighten at once
        rect(*box, rx=12, fill=DARK if is_dark else "none", opacity=0.85 if it.is_up else 0.92),
        rect(
            *box,
            rx=12,
            fill="none",
            stroke=LEADER,
            stroke_width=4.5,
            opacity=1 if it.role == "leader" and it.is_up else 0,
            ease=_FRAME_S,
        ),
        tag("circle", cx=card.x, cy=card.middle, r=7, fill=lamp, stroke=PAPER, stroke_width=2),
        tip=f"Broker {it.id}: {role_told(it, state, crown)}",
        key=f"broker-{it.id}",
    )


def role_told(it: BrokerSeen, state: StageState, crown: int | None) -> str:
    """Say what a broker is, and what it takes itself for where the controller says otherwise."""
    if not it.is_up:
        return "down"
    if it.role == "leader":
        leads = "leads" if state.leader == it.id else "thinks it leads"
        return f"{leads}, epoch {it.leader_epoch}"
    return "is to lead" if crown == it.id or state.leader == it.id else "follows"


def _words(it: BrokerSeen, state: StageState, places: Places) -> Shape:
    card, narrow = places.cards[it.id], places.is_narrow
    bright = it.is_up and not it.is_paused
    ink, muted = (INK, MUTED) if bright else (DARK_INK, DARK_INK)
    left, right = card.x + places.lip_px, card.right - (10 if narrow else 16)
    size = 15 if narrow else 16
    name = words(left, card.y + 25, f"Broker {it.id}", size=size, bold=True, fill=ink)
    role_px = left + width_px(f"Broker {it.id}", size, bold=True) + 8
    role = words(role_px, card.y + 25, role_told(it, state, None), size=_SMALL_PX, fill=muted)
    row = places.row(it.id)
    if bright:
        mark = f"hw {it.high_watermark}" if narrow else f"high watermark {it.high_watermark}"
        lines = [(row + 17, f"log end {it.log_end}"), (row + 36, mark)]
        told = [
            words(right, y, text, size=_SMALL_PX, fill=MUTED, anchor="end") for y, text in lines
        ]
    else:
        cause = f"✕ {it.cause}" if not it.is_up else "❙❙ paused"
        told = [words(right, row + 27, cause, size=15, bold=True, fill=FAULT, anchor="end")]
    notch = _notch(it, places) if bright and it.role != "leader" else None
    return group(
        name,
        role,
        group(*told, key=f"broker-{it.id}/ends" if bright else f"broker-{it.id}/cause"),
        *([notch] if notch else []),
        key=f"broker-{it.id}/words",
        pointer_events="none",
    )


def _notch(it: BrokerSeen, places: Places) -> Shape:
    """Draw a follower's own high watermark: it hears of the leader's with its next fetch."""
    x, y = places.edge(it.high_watermark), places.row(it.id) + places.tall_px
    return path(
        "M-5 9L0 1L5 9Z",
        fill=FOLLOWER,
        transform=f"translate({number(x)} {number(y)})",
        key=f"broker-{it.id}/hw",
        ease=_FRAME_S,
    )


def _records(state: StageState, places: Places, falling: frozenset[int]) -> list[Shape]:
    """Draw the newest record below the others: it comes in from the left, and passes under them."""
    shapes = []
    for it in state.brokers:
        earlier: StoredCell | None = None
        stored = []
        for cell in it.cells:
            is_first = earlier is None or cell.offset == places.first
            begins = is_first or (earlier is not None and earlier.epoch != cell.epoch)
            earlier = cell
            # The one before the first is drawn too, faded: it has just moved out of sight.
            if places.first - 1 <= cell.offset < places.first + places.slots:
                stored.append(_record(cell, it, state, places, begins=begins))
        taken = {cell.offset for cell in it.cells}
        left = [cell for cell in it.gone if cell.birth not in falling]
        ghosts = [
            _ghost(cell, it, places)
            for cell in left
            if cell.offset not in taken
            and places.first <= cell.offset < places.first + places.slots
        ]
        shapes += [*reversed(stored), *ghosts]
    return shapes


def _record(
    cell: StoredCell,
    it: BrokerSeen,
    state: StageState,
    places: Places,
    *,
    begins: bool,
) -> Shape:
    wide, tall, door = places.cell_px, places.tall_px, places.cards[it.id]
    x, y = places.cell(it.id, cell.offset)
    leads, ink = it.role == "leader" and it.is_up, INK if it.is_up else DARK_INK
    how = next((sent.how for sent in state.sends if sent.crc == cell.crc), "")
    value = plain(cell.value, 12)
    size = 16 if width_px(value, 16, bold=True) <= wide - 14 else _SMALL_PX
    text = fitted(value, wide - 6, size, bold=True)
    parts = [
        rect(
            0,
            0,
            wide,
            tall,
            rx=6,
            fill=CELL if it.is_up else DARK,
            stroke=LEADER if leads else FOLLOWER if it.is_up else MUTED,
            stroke_width=2.5 if leads else 1.5,
        ),
        group(hatch(0, 0, wide, tall), opacity=0 if cell.offset < state.high_watermark else 1),
        words(wide / 2, 22, text, size=size, bold=True, anchor="middle", fill=ink),
        path(
            f"M{number(wide / 2 - 6)} {tall - 11}l4 4l8 -8",
            stroke=CONSUMER,
            stroke_width=2.6,
            opacity=1 if how in (ACKED, LOST) else 0,
        ),
    ]
    if begins:
        parts.append(_epoch(cell.epoch, wide))
    return group(
        *parts,
        key=f"broker-{it.id}/{cell.offset}.{cell.birth}",
        tip=f"{plain(cell.value, 40)} at offset {cell.offset}, epoch {cell.epoch}",
        opacity=0 if cell.offset < places.first else None,
        transform=f"translate({number(x)} {number(y)})",
        from_=f"translate({number(door.x + 10)} {number(y)})",
        ease=_SETTLE_S,
        leave=_FALL_S,
    )


def _epoch(epoch: int, wide: float) -> Shape:
    """Draw the badge of the first record of a leader epoch."""
    half = width_px(f"e{epoch}", _SMALL_PX, bold=True) / 2 + 4
    x = wide - half + 5
    return group(
        rect(x - half, -9, 2 * half, 18, rx=5, fill=LEADER),
        words(x, 5, f"e{epoch}", size=_SMALL_PX, bold=True, fill=ON, anchor="middle"),
    )


def _ghost(cell: StoredCell, it: BrokerSeen, places: Places) -> Shape:
    x, y = places.cell(it.id, cell.offset)
    wide, tall = places.cell_px, places.tall_px
    text = fitted(plain(cell.value, 12), wide - 6, 15)
    ink = word_colour(ERROR) if it.is_up and not it.is_paused else FAULT
    return group(
        rect(0, 0, wide, tall, rx=6, fill="none", stroke=ERROR, stroke_dasharray="3 4"),
        words(wide / 2, 27, text, size=15, fill=ink, anchor="middle"),
        key=f"broker-{it.id}/{cell.offset}.{cell.birth}/gone",
        tip=f"{plain(cell.value, 40)} stood at offset {cell.offset}, and is gone",
        transform=f"translate({number(x)} {number(y)})",
    )


def _high_watermark(state: StageState, places: Places) -> Shape:
    """Draw the line across all logs; dotted while nobody leads. It crosses no name."""
    x, top = places.edge(state.high_watermark), next(iter(places.cards.values())).y
    pieces = "".join(
        f"V{number(card.y + 4)}M0 {number(places.row(broker) - 7)}"
        for broker, card in places.cards.items()
    )
    bottom = max(card.bottom for card in places.cards.values()) + 8
    told = f"{'' if state.has_leader else 'last '}high watermark {state.high_watermark}"
    is_right = x + 12 + width_px(told, _SMALL_PX, bold=True) > places.width - 4
    return group(
        path(
            f"M0 {number(top - 10)}{pieces}V{number(bottom)}",
            stroke=INK,
            stroke_width=2.5,
            stroke_dasharray=None if state.has_leader else "3 5",
            opacity=1 if state.has_leader else 0.5,
        ),
        path(f"M-7 {number(top - 20)}H7L0 {number(top - 9)}Z", fill=INK),
        words(
            -12 if is_right else 12,
            top - 14,
            told,
            size=_SMALL_PX,
            bold=state.has_leader,
            anchor="end" if is_right else "start",
        ),
        key="hw",
        transform=f"translate({number(x)} 0)",
        ease=_FRAME_S,
    )


def _bracket(state: StageState, places: Places) -> Shape:
    """Close the members of the ISR with one bracket at their right."""
    members = [card for broker, card in places.cards.items() if broker in state.isr]
    cards = list(places.cards.values())
    x = cards[0].right + (10 if places.is_narrow else 18)
    top, bottom = (members[0].y + 8, members[-1].bottom - 8) if members else (0.0, 0.0)
    arms = "".join(
        f"M{number(x - 9 if is_in else x)} {number(card.middle if is_in else top)}H{number(x)}"
        for card in cards
        for is_in in (top < card.middle < bottom,)
    )
    d = f"M{number(x - 9)} {number(top)}H{number(x)}V{number(bottom)}H{number(x - 9)}{arms}"
    middle = (top + bottom) / 2
    turned = f"translate({number(x + 8)} {number(middle)}) rotate(90)"
    return group(
        path(d, stroke=CONSUMER, stroke_width=4, stroke_linecap="round", ease=_ISR_S),
        group(
            words(
                0,
                0,
                "in sync",
                size=_SMALL_PX,
                bold=True,
                fill=word_colour(CONSUMER),
                anchor="middle",
            ),
            transform=turned,
            ease=_ISR_S,
        ),
        key="isr",
        opacity=1 if members else 0,
    )


def _crown(wears: int | None, places: Places) -> Shape:
    """Draw the controller's word on who leads; it comes by way of the controller."""
    if wears is None or wears == AT_CONTROLLER or wears not in places.cards:
        box = places.nodes[CONTROLLER_NODE]
        x, y, fill = box.x + 20, box.middle, MUTED if wears is None else LEADER
    else:
        card = places.cards[wears]
        x, y, fill = card.x + places.lip_px / 2 + 2, card.middle, LEADER
    place = f"translate({number(x)} {number(y)})"
    crown = path(_CROWN, fill=fill, stroke=PAPER, stroke_width=1.5)
    return group(crown, key="crown", transform=place, ease=CROWN_S)


# --- clients and the controller ------------------------------------------------------------------


def _node(name: str, box: Box, *inside: Shape) -> Shape:
    colour = _COLOURS[name]
    frame = rect(*box, rx=14, fill=PAPER, stroke=colour, stroke_width=2)
    title = words(box.x + 14, box.y + 22, name, size=14, bold=True, fill=word_colour(colour))
    return group(frame, title, *inside, key=name)


def _controller(places: Places) -> Shape:
    box = places.nodes[CONTROLLER_NODE]
    frame = rect(*box, rx=box.height / 2, fill=PAPER, stroke=CONTROLLER, stroke_width=2)
    name = words(
        box.x + box.width / 2 + 10,
        box.middle + 5,
        CONTROLLER_NODE,
        size=14,
        bold=True,
        fill=word_colour(CONTROLLER),
        anchor="middle",
    )
    return group(frame, name, key=CONTROLLER_NODE)


_SIGNS = {
    WAITS: ("…", PRODUCER, MUTED, None),
    ACKED: ("✓", CONSUMER, word_colour(CONSUMER), None),
    FAILED: ("✕", ERROR, word_colour(ERROR), None),
    UNKNOWN: ("?", ERROR, word_colour(ERROR), "4 3"),
    LOST: ("✓", ERROR, word_colour(ERROR), "4 3"),
}


def _producer(state: StageState, places: Places) -> Shape:
    box = places.nodes[PRODUCER_NODE]
    placed = _shown_chips([sent.value for sent in state.sends], box, has_sign=True)
    shown = [_sent(state.sends[n], chip, box) for n, chip in placed]
    return _node(PRODUCER_NODE, box, *shown)


def _shown_chips(values: Sequence[str], box: Box, *, has_sign: bool) -> list[tuple[int, Chip]]:
    """Return which values are shown, and where: the newest ones where not all have room."""
    rows = max(int((box.height - 42) // CHIP_ROW_PX), 1)
    for first in range(len(values)):
        placed = chips(values[first:], box.width - 22, has_sign=has_sign)
        if placed[-1].row < rows:
            return [(first + n, chip) for n, chip in enumerate(placed)]
    return []


def _chip_place(chip: Chip, box: Box) -> str:
    x, y = box.x + 11 + chip.x, box.y + 35 + chip.row * CHIP_ROW_PX
    return f"translate({number(x)} {number(y)})"


def _sent(sent: SentSeen, chip: Chip, box: Box) -> Shape:
    sign, stroke, ink, dash = _SIGNS[sent.how]
    wide = chip.width
    frame = rect(
        *(0, 0, wide, CHIP_PX),
        rx=6,
        fill=CELL,
        stroke=stroke,
        stroke_width=1.8,
        stroke_dasharray=dash,
    )
    text = fitted(plain(sent.value, 12), wide - 26, 14, bold=True)
    return group(
        frame,
        words(6, 18, text, size=14, bold=True),
        words(wide - 5, 18, sign, size=14, bold=True, fill=ink, anchor="end"),
        key=f"sent/{sent.number}",
        tip=f"{plain(sent.value, 40)}: {HOW_TOLD[sent.how]}",
        transform=_chip_place(chip, box),
    )


HOW_TOLD = {
    WAITS: "sent, and not answered yet",
    ACKED: "acknowledged",
    FAILED: "refused",
    UNKNOWN: "no answer came: it may be written or not",
    LOST: "acknowledged, and in no log any more",
}


def _why_not(says: str, box: Box) -> list[Shape]:
    """Write what a consumer met instead of records; Kafka's long names break behind a `_`."""
    lines = wrapped(says.replace("_", "_ "), box.width - 24, _SMALL_PX, bold=True)
    first = box.y + (52 if len(lines) == 1 else 43)
    return [
        words(
            box.x + 14,
            first + 17 * n,
            line.replace("_ ", "_"),
            size=_SMALL_PX,
            bold=True,
            fill=word_colour(ERROR),
        )
        for n, line in enumerate(lines)
    ]


def _consumer(state: StageState, places: Places) -> Shape:
    box = places.nodes[CONSUMER_NODE]
    if state.read is None:
        return _node(CONSUMER_NODE, box)
    if not state.read:
        says = f"✕ {state.read_error}" if state.read_error else "reads nothing"
        return _node(CONSUMER_NODE, box, group(*_why_not(says, box), key="read/nothing", tip=says))
    placed = _shown_chips(state.read, box, has_sign=False)
    return _node(CONSUMER_NODE, box, *(_given(n, state.read[n], chip, box) for n, chip in placed))


def _given(n: int, value: str, chip: Chip, box: Box) -> Shape:
    text = fitted(plain(value, 12), chip.width - 10, 14, bold=True)
    return group(
        rect(0, 0, chip.width, CHIP_PX, rx=6, fill=CELL, stroke=CONSUMER, stroke_width=1.8),
        words(chip.width / 2, 18, text, size=14, bold=True, anchor="middle"),
        key=f"read/{n}",
        tip=plain(value, 40),
        transform=_chip_place(chip, box),
    )
