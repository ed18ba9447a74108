"""The map of a cluster: racks, the brokers in them, and the replicas that each broker holds.

The graph is a `networkx.DiGraph`: rack → broker → replica. A replica node is of
kind "partition" and has `partition`, `broker`, `is_leader`; a rack and a broker have
`is_alive`. networkx is imported when the first graph is made.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from kafkabook.base.plain import plain
from kafkabook.viz.figure import WIDTH_PX, in_every_width
from kafkabook.viz.graphs import GraphFigure
from kafkabook.viz.letters import fitted, width_px, wrapped
from kafkabook.viz.positions import room_px
from kafkabook.viz.scene import Shape, group, rect, words
from kafkabook.viz.shapes import cross
from kafkabook.viz.sheet import LEFT_PX, Sheet
from kafkabook.viz.theme import (
    CELL,
    ERROR,
    FOLLOWER,
    INK,
    LEADER,
    MUTED,
    PANEL,
    PAPER,
    RULE,
    word_colour,
)

_GAP_PX = 12
_PAD_PX = 10
_RACK_HEAD_PX = 26
_BROKER_HEAD_PX = 34
_CHIP_PX = 24
_LEGEND_PX = 18
_LEAST_BROKER_PX, _MOST_BROKER_PX = 60, 220
_WISHED_BROKER_PX = 84  # a broker's name whole; narrower ones stand in a second row of racks
_MOST_NAMED = 6


def rack_graph(
    placement: Mapping[str, Sequence[int]],
    racks: Mapping[int, str | None],
    leaders: Mapping[str, int | None],
    dead: Collection[int] = (),
) -> Any:
    """Return racks, brokers and replicas as a networkx graph.

    Args:
        placement: partition → the brokers that hold a replica, preferred leader first.
        racks: broker → its rack, None if it was given none; brokers without replicas too.
        leaders: partition → its leader, None if nobody leads it.
        dead: brokers that are down; a rack is dead when all of its brokers are.

    Raises:
        ValueError: a replica lies on a broker that `racks` does not know.
    """
    import networkx as nx

    strangers = sorted({broker for them in placement.values() for broker in them} - racks.keys())
    if strangers:
        raise ValueError(f"racks= says nothing of the brokers {strangers}")
    graph = nx.DiGraph()
    for rack in sorted(set(racks.values()), key=lambda name: (name is None, name or "")):
        own = sorted(broker for broker in racks if racks[broker] == rack)
        alive = any(broker not in dead for broker in own)
        label = "no rack" if rack is None else f"rack {rack}"
        graph.add_node(("rack", rack), kind="rack", label=label, is_alive=alive)
        for broker in own:
            label, alive = f"broker {broker}", broker not in dead
            graph.add_node(("broker", broker), kind="broker", label=label, is_alive=alive)
            graph.add_edge(("rack", rack), ("broker", broker), label="holds")
    for partition, brokers in placement.items():
        for broker in brokers:
            is_leader = leaders.get(partition) == broker
            told = {"partition": partition, "broker": broker, "is_leader": is_leader}
            graph.add_node((partition, broker), kind="partition", label=partition, **told)
            verb = "leads" if is_leader else "follows in"
            graph.add_edge(("broker", broker), (partition, broker), label=verb)
    return graph


def rack_map(
    placement: Mapping[str, Sequence[int]],
    racks: Mapping[int, str | None],
    leaders: Mapping[str, int | None],
    dead: Collection[int] = (),
    *,
    title: str = "",
    subtitle: str = "",
    sentence: str = "",
    caption: str = "",
) -> GraphFigure:
    """Draw a cluster by racks; the figure hands out the graph of `rack_graph`.

    Args:
        sentence: what is to be seen; without it those partitions are named that have no leader, no
            live replica, or fewer replicas than they should.

    Raises:
        ValueError: more brokers or replicas than fit on a figure.
    """
    graph = rack_graph(placement, racks, leaders, dead)
    told = sentence or _told(placement, leaders, dead)
    asked = title or "Which partitions can still be written and read?"
    return _drawn(graph.copy(), asked, subtitle, told, caption)


@in_every_width
def _drawn(
    graph: Any,
    title: str,
    subtitle: str,
    told: str,
    caption: str,
    *,
    width_px: int = WIDTH_PX,
) -> GraphFigure:
    """Draw the graph of a cluster, which nobody changes any more."""
    sheet = Sheet(title, subtitle, width_px=width_px)
    brokers = [node for node, look in graph.nodes(data=True) if look["kind"] == "broker"]
    plan = _plan(sheet, graph, brokers, told, caption)
    top_px = sheet.take(plan.high_px)
    for node, look in graph.nodes(data=True):
        if look["kind"] == "rack":
            sheet.add(*_rack(graph, node, plan, top_px))
    for place, text in enumerate(wrapped(_legend(plan), sheet.room_px)):
        base_px = sheet.take(_LEGEND_PX) + 15
        sheet.add(words(LEFT_PX, base_px, text, fill=MUTED, key=f"legend/{place}"))
    rows = [_row(graph, node) for node in brokers]
    figure = sheet.figure(told, heads=_HEADS, rows=rows, caption=caption)
    return GraphFigure.around(figure, graph.copy())  # whoever gets it may change it


_HEADS = ("rack", "broker", "state", "leads", "follows")


class _BrokersPlan(NamedTuple):
    """Where brokers stand, and how their replicas are laid out in them."""

    places_px: Mapping[Any, tuple[float, float]]  # broker node → left edge, top of its rack
    broker_px: float
    chips_a_row: int
    rack_px: Mapping[Any, float]  # rack node → its height
    high_px: float
    most_chips: int  # replicas of a broker; what is beyond is counted
    names: Mapping[str, str]  # partition → what stands in its frame

    @property
    def chip_px(self) -> float:
        """How wide one replica is."""
        return (self.broker_px - 4) / self.chips_a_row


def _plan(
    sheet: Sheet, graph: Any, brokers: Sequence[Any], told: str, caption: str
) -> _BrokersPlan:
    """Share the width between brokers; replicas stand in as many columns as their names allow."""
    if not brokers:
        raise ValueError("a cluster without brokers cannot be drawn")
    left_over_px = room_px(sheet, told, caption)
    most = max(graph.out_degree(broker) for broker in brokers)
    namings = _namings(graph)
    for names in namings:
        for lines in _lines_of_racks(graph, sheet.room_px):
            plan = _placed(graph, lines, sheet.room_px, names)
            legend_px = _LEGEND_PX * len(wrapped(_legend(plan), sheet.room_px))
            is_cut = _widest(names) + 14 > plan.chip_px and names is not namings[-1]
            fits = plan.high_px + legend_px <= left_over_px
            if plan.broker_px >= _LEAST_BROKER_PX and fits and not is_cut:
                return plan
    counting = _counting(sheet, graph, left_over_px, namings[-1])
    if sheet.width_px < WIDTH_PX and counting:
        return counting
    raise ValueError(
        f"{len(brokers)} brokers with up to {most} replicas do not fit on a figure: "
        "draw fewer partitions"
    )


def _counting(
    sheet: Sheet, graph: Any, left_over_px: float, names: Mapping[str, str]
) -> _BrokersPlan | None:
    """Return a plan that draws as many replicas as there is room for, and counts the others."""
    for lines in _lines_of_racks(graph, sheet.room_px):
        whole = _placed(graph, lines, sheet.room_px, names)
        legend_px = _LEGEND_PX * len(wrapped(_legend(whole), sheet.room_px))
        spare_px = _RACK_HEAD_PX + _BROKER_HEAD_PX + 8 + _GAP_PX
        rows = int(((left_over_px - legend_px) / len(lines) - spare_px) // _CHIP_PX)
        if whole.broker_px >= _LEAST_BROKER_PX and rows > 0:
            return _placed(graph, lines, sheet.room_px, names, rows)
    return None


def _placed(
    graph: Any,
    lines: Sequence[Sequence[Any]],
    room_px: float,
    names: Mapping[str, str],
    most_rows: int = 1000,
) -> _BrokersPlan:
    """Place racks line by line, brokers of one width in all of them."""
    broker_px = min(min(_broker_px(graph, line, room_px) for line in lines), _MOST_BROKER_PX)
    chips = max(int((broker_px - 4) // (min(_widest(names), 90) + 16)), 1)
    places, heights, top_px = dict[Any, tuple[float, float]](), dict[Any, float](), 0.0
    for line in lines:
        most = max(graph.out_degree(broker) for rack in line for broker in graph.successors(rack))
        high_px = _RACK_HEAD_PX + _BROKER_HEAD_PX + 8
        high_px += min(-(-most // chips), most_rows) * _CHIP_PX
        left_px = float(LEFT_PX)
        for rack in line:
            heights[rack], left_px = high_px, left_px + _PAD_PX
            for broker in graph.successors(rack):
                places[broker] = (left_px, top_px)
                left_px += broker_px
            left_px += _PAD_PX + _GAP_PX
        top_px += high_px + _GAP_PX
    all_px, most_chips = top_px - _GAP_PX, most_rows * chips
    return _BrokersPlan(places, broker_px, chips, heights, all_px, most_chips, names)


def _broker_px(graph: Any, racks: Sequence[Any], room_px: float) -> float:
    spare_px = _GAP_PX * (len(racks) - 1) + 2 * _PAD_PX * len(racks)
    brokers: int = sum(graph.out_degree(rack) for rack in racks)
    return (room_px - spare_px) / brokers


def _lines_of_racks(graph: Any, room_px: float) -> list[list[list[Any]]]:
    """Return ways to stand racks in lines: brokers with whole names first, then narrower ones."""
    racks = [node for node in graph.nodes if graph.nodes[node]["kind"] == "rack"]
    ways = []
    for least_px in (_WISHED_BROKER_PX, _LEAST_BROKER_PX, 0):
        lines: list[list[Any]] = [[]]
        for rack in racks:
            if lines[-1] and _broker_px(graph, [*lines[-1], rack], room_px) < least_px:
                lines.append([])
            lines[-1].append(rack)
        ways.append(lines)
    return ways


def _widest(names: Mapping[str, str]) -> float:
    return max((width_px(name, bold=True) for name in names.values()), default=0)


def _namings(graph: Any) -> list[dict[str, str]]:
    """Return what partitions may be called: by their names, or, of one topic, by their numbers."""
    looks = [look for _, look in graph.nodes(data=True) if look["kind"] == "partition"]
    full = {look["partition"]: plain(look["partition"]) for look in looks}
    topics = {name.rpartition("-")[0] for name in full}
    short = {name: f"p{plain(name.rpartition('-')[2], 6)}" for name in full}
    return [full, short] if len(topics) == 1 else [full]


def _legend(plan: _BrokersPlan) -> str:
    frames = "thick frame leads · thin frame follows · dashed and crossed is down"
    name, short = next(iter(plan.names.items()), ("", ""))
    return frames if short == plain(name) else f"{frames} · {short} is {plain(name, 40)}"


def _rack(graph: Any, rack: Any, plan: _BrokersPlan, top_px: float) -> list[Shape]:
    """Draw a rack as the ground on which its brokers stand."""
    own, look = list(graph.successors(rack)), graph.nodes[rack]
    left_px, line_px = plan.places_px[own[0]]
    left_px, top_px = left_px - _PAD_PX, top_px + line_px
    wide_px = len(own) * plan.broker_px + 2 * _PAD_PX
    ground = rect(
        *(left_px, top_px, wide_px, plan.rack_px[rack]),
        fill=PANEL,
        stroke=RULE if look["is_alive"] else ERROR,
        stroke_width=1.4,
        stroke_dasharray=None if look["is_alive"] else "8 5",
        rx=8,
    )
    told = plain(look["label"]) + ("" if look["is_alive"] else " is down")
    fill = MUTED if look["is_alive"] else word_colour(ERROR)
    name = fitted(told, wide_px - 20, 13, bold=True)
    label = words(left_px + 10, top_px + 18, name, size=13, bold=True, fill=fill)
    brokers = [it for node in own for it in _broker(graph, node, plan, top_px + _RACK_HEAD_PX)]
    return [group(ground, label, tip=told, key=plain(str(look["label"]))), *brokers]


def _broker(graph: Any, broker: Any, plan: _BrokersPlan, y: float) -> list[Shape]:
    """Draw a broker, and its replicas beside it: what has a tip is a button, and holds no other."""
    (left_px, _), look = plan.places_px[broker], graph.nodes[broker]
    alive, x, wide_px = look["is_alive"], left_px + 4, plan.broker_px - 8
    frame = rect(
        *(x, y, wide_px, 26),
        fill=PAPER,
        stroke=INK if alive else MUTED,
        stroke_width=2 if alive else 1.4,
        stroke_dasharray=None if alive else "4 3",
        rx=13,
    )
    most_px = wide_px - (16 if alive else 34)
    fits = width_px(look["label"], 13, bold=True) <= most_px
    label = look["label"] if fits else fitted(str(broker[1]), most_px, 13, bold=True)
    middle, fill = x + wide_px / 2 + (0 if alive else 9), INK if alive else MUTED
    name = words(middle, y + 18, label, size=13, bold=True, fill=fill, anchor="middle")
    sign = [] if alive else [cross(x + 9, y + 8, 10, 10, stroke=ERROR)]
    replicas = list(graph.successors(broker))
    more = len(replicas) > plan.most_chips
    shown = replicas[: plan.most_chips - 1] if more else replicas
    chips = [
        _chip(graph.nodes[node], plan, left_px + 2, y + _BROKER_HEAD_PX, place, alive=alive)
        for place, node in enumerate(shown)
    ]
    counted = []
    if more:
        row, column = divmod(plan.most_chips - 1, plan.chips_a_row)
        middle_px = left_px + 2 + (column + 0.5) * plan.chip_px
        base_px = y + _BROKER_HEAD_PX + row * _CHIP_PX + 14.5
        told = f"+{len(replicas) - len(shown)}"
        counted.append(words(middle_px, base_px, told, fill=MUTED, anchor="middle"))
    tip = look["label"] + ("" if alive else " is down")
    key = f"broker-{broker[1]}"
    return [group(frame, name, *sign, *counted, tip=tip, key=key), *chips]


def _chip(
    look: Mapping[str, Any], plan: _BrokersPlan, x: float, y: float, place: int, *, alive: bool
) -> Shape:
    """Draw one replica: thick if it leads, thin if it follows, dashed if its broker is down."""
    row, column = divmod(place, plan.chips_a_row)
    left_px, top_px = x + column * plan.chip_px + 2, y + row * _CHIP_PX
    leads = look["is_leader"] and alive
    frame = rect(
        *(left_px, top_px, plan.chip_px - 4, _CHIP_PX - 4),
        fill=CELL if alive else PAPER,
        stroke=MUTED if not alive else LEADER if leads else FOLLOWER,
        stroke_width=2.8 if leads else 1.3,
        stroke_dasharray=None if alive else "3 3",
        rx=4,
    )
    text = fitted(plan.names[look["partition"]], plan.chip_px - 10, bold=leads)
    fill, middle = INK if alive else MUTED, left_px + plan.chip_px / 2 - 2
    name = words(middle, top_px + 14.5, text, bold=leads, fill=fill, anchor="middle")
    verb = "led" if look["is_leader"] else "followed"
    told = f"{plain(look['partition'])} is {verb} by broker {look['broker']}"
    return group(frame, name, tip=told, key=f"broker-{look['broker']}/{plain(look['partition'])}")


def _told(
    placement: Mapping[str, Sequence[int]],
    leaders: Mapping[str, int | None],
    dead: Collection[int],
) -> str:
    """Name the partitions that a failure has touched, the worst first."""
    alive = {name: [it for it in placement[name] if it not in dead] for name in placement}
    led = {name for name in placement if leaders.get(name) in alive[name]}
    gone = [name for name in placement if not alive[name]]
    headless = [name for name in placement if alive[name] and name not in led]
    fewer = [name for name in placement if name in led and len(alive[name]) < len(placement[name])]
    counted = f"{len(led)} of {len(placement)} partitions have a leader."
    return " ".join(
        (
            counted,
            *_some(gone, "No live replica"),
            *_some(headless, "A live replica but no leader"),
            *_some(fewer, "With a leader, but with fewer live replicas than assigned"),
        )
    )


def _some(names: Sequence[str], what: str) -> list[str]:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    named = ", ".join(plain(name, 30) for name in names[:_MOST_NAMED])
    return [f"{what}: {named}{more}."] if names else []


def _row(graph: Any, broker: Any) -> tuple[object, ...]:
    rack = graph.nodes[next(iter(graph.predecessors(broker)))]["label"]
    own = [graph.nodes[node] for node in graph.successors(broker)]
    leads = " ".join(it["partition"] for it in own if it["is_leader"])
    follows = " ".join(it["partition"] for it in own if not it["is_leader"])
    state = "alive" if graph.nodes[broker]["is_alive"] else "down"
    return (rack, broker[1], state, leads, follows)
