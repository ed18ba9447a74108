"""Graphs as figures: who writes, what is stored where, who reads.

The graph itself is a `networkx.DiGraph`, which the figure hands out as `figure.graph`: count paths,
cut an edge, draw it again. A node has `kind` (producer, topic, processor, consumer, partition,
broker, controller), `label` and `note`; an edge has `kind` and `label`. networkx is imported when
the first graph is made.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from kafkabook.base.plain import plain
from kafkabook.viz.figure import WIDTH_PX, Figure, in_every_width
from kafkabook.viz.graph_layout import GraphLayout, Node, Via, layout
from kafkabook.viz.letters import fitted, width_px, wrapped
from kafkabook.viz.positions import room_px
from kafkabook.viz.scene import Shape, group, number, path, rect, words
from kafkabook.viz.shapes import arrow_head
from kafkabook.viz.sheet import LEFT_PX, Sheet
from kafkabook.viz.theme import (
    CELL,
    CONSUMER,
    CONTROLLER,
    INK,
    LEADER,
    MUTED,
    PAPER,
    PRODUCER,
)

_COLOURS = {
    "producer": PRODUCER,
    "topic": LEADER,
    "partition": LEADER,
    "processor": CONSUMER,
    "consumer": CONSUMER,
    "broker": INK,
    "controller": CONTROLLER,
}
_LINE_PX = 17
_AROUND_PX = 16  # above and below the words of a box
_GAP_PX, _LEAST_GAP_PX = 13, 3  # between boxes of one column
_LEAST_EDGE_PX = 28
_MOST_LINES = 3


@dataclass(frozen=True)
class GraphFigure(Figure):
    """A figure with the graph that it shows."""

    graph: Any = field(default=None, compare=False, repr=False)

    __repr__ = Figure.__repr__
    __hash__ = Figure.__hash__

    @classmethod
    def around(cls, figure: Figure, graph: Any) -> Self:
        """Return a figure with the graph that it was drawn from."""
        return cls(figure.title, figure.scene, figure.text, figure.caption, figure.sentence, graph)


def graph_figure(
    graph: Any, *, title: str, subtitle: str = "", sentence: str = "", caption: str = ""
) -> GraphFigure:
    """Draw a directed networkx graph from left to right.

    Raises:
        ValueError: more nodes in one column than fit on a figure.
    """
    return _drawn(graph.copy(), title, subtitle, sentence, caption)


@in_every_width
def _drawn(
    graph: Any,
    title: str,
    subtitle: str,
    sentence: str,
    caption: str,
    *,
    width_px: int = WIDTH_PX,
) -> GraphFigure:
    """Draw a graph, which nobody changes any more."""
    sheet = Sheet(title, subtitle, width_px=width_px)
    placed = layout(list(graph.nodes), list(graph.edges))
    told = sentence or f"{len(graph.nodes)} nodes, {len(graph.edges)} edges."
    boxes = _boxes(graph, placed, sheet, room_px(sheet, told, caption))
    between = [(start, end) for start, end in graph.edges if start != end]
    sheet.add(*(_edge(graph, placed, boxes, edge) for edge in between))
    sheet.add(*(_node(graph.nodes[node], node, boxes[node]) for node in graph.nodes))
    rows = [
        (_label(graph, a), graph.edges[a, b].get("label", "→"), _label(graph, b))
        for a, b in graph.edges
    ]
    figure = sheet.figure(told, heads=("from", "how", "to"), rows=rows, caption=caption)
    return GraphFigure.around(figure, graph.copy())  # whoever gets it may change it


def reads_and_writes(run: Any, *, caption: str = "") -> GraphFigure:
    """Draw who wrote and who read which topic in a run of a use case.

    Args:
        run: has `use_case` (`writers` and `readers`, application → topics), `events`, `answer`.
    """
    case = run.use_case
    graph = flow(case.writers, case.readers)
    return graph_figure(
        graph,
        title=case.question,
        subtitle=f"{case.name} · {case.area} · {run.events} events · seed {run.seed}",
        sentence=f"{run.events} events, read from the log alone, give {run.answer}.",
        caption=caption,
    )


def flow(writers: Mapping[str, tuple[str, ...]], readers: Mapping[str, tuple[str, ...]]) -> Any:
    """Return applications and topics as a networkx graph; an edge is a write or a read."""
    import networkx as nx

    graph = nx.DiGraph()
    topics = dict.fromkeys(
        topic for own in (writers, readers) for them in own.values() for topic in them
    )
    for app in dict.fromkeys((*writers, *readers)):
        kind = "processor" if app in writers and app in readers else "consumer"
        kind = "producer" if app not in readers else kind
        graph.add_node(("application", app), kind=kind, label=app)
    graph.add_nodes_from((("topic", topic), {"kind": "topic", "label": topic}) for topic in topics)
    for app, topic in ((app, topic) for app, own in writers.items() for topic in own):
        graph.add_edge(("application", app), ("topic", topic), kind="producer", label="writes")
    for app, topic in ((app, topic) for app, own in readers.items() for topic in own):
        graph.add_edge(("topic", topic), ("application", app), kind="consumer", label="is read by")
    return graph


def partition_map(brokers: Mapping[Any, int], *, title: str = "", caption: str = "") -> GraphFigure:
    """Draw which broker holds which partition: `{TopicPartition: broker id}`."""
    import networkx as nx

    graph = nx.DiGraph()
    for partition in brokers:
        graph.add_node(("topic", partition.topic), kind="topic", label=partition.topic)
    for partition, broker in brokers.items():
        graph.add_node(partition, kind="partition", label=f"{partition}/")
        graph.add_node(("broker", broker), kind="broker", label=f"broker {broker}")
        graph.add_edge(("topic", partition.topic), partition, kind="topic", label="consists of")
        graph.add_edge(partition, ("broker", broker), kind="broker", label="lies on")
    counts = f"{len(brokers)} directories on {len(set(brokers.values()))} brokers."
    return graph_figure(
        graph,
        title=title or "Where do the partitions lie?",
        sentence=f"A topic is a name. Its partitions are {counts}",
        caption=caption,
    )


Box = tuple[float, float, float]  # left, middle height, width


def _boxes(graph: Any, placed: GraphLayout, sheet: Sheet, left_over_px: float) -> dict[Node, Box]:
    """Give each layer its column, each node of it a row; columns take the width they need."""
    widths = _widths([max(_wide(graph, it) for it in layer) for layer in placed.layers], sheet)
    gap_px = (sheet.room_px - sum(widths)) / max(len(widths) - 1, 1)
    rows = max(len(layer) for layer in placed.layers)
    box_px = max(
        (
            _box_px(graph.nodes[node], node, width)
            for layer, width in zip(placed.layers, widths, strict=True)
            for node in layer
            if not isinstance(node, Via)
        ),
        default=0,
    )
    high_px = min(rows * (box_px + _GAP_PX), left_over_px - 8)
    if high_px < rows * (box_px + _LEAST_GAP_PX):
        raise ValueError(f"{rows} nodes in one column do not fit on a figure")
    top_px = sheet.take(high_px + 8) + 4
    boxes: dict[Node, Box] = {}
    left_px = float(LEFT_PX)
    for layer, width in zip(placed.layers, widths, strict=True):
        step_px = high_px / len(layer)
        for place, node in enumerate(layer):
            boxes[node] = (left_px, top_px + (place + 0.5) * step_px, width)
        left_px += width + gap_px
    return boxes


def _widths(wished: Sequence[float], sheet: Sheet) -> list[float]:
    """Give columns the width they wish, or, where that is too much, the widest ones less."""
    room_px = sheet.room_px - _LEAST_EDGE_PX * (len(wished) - 1)
    most, left_over_px = room_px, room_px
    for place, width in enumerate(sorted(wished)):
        most = left_over_px / (len(wished) - place)
        if width > most:
            break
        left_over_px -= width
        most = max(wished)
    return [min(width, most) for width in wished]


def _wide(graph: Any, node: Node) -> float:
    if isinstance(node, Via):
        return 0.0
    look = graph.nodes[node]
    note = width_px(look.get("note", ""))
    return max(width_px(_label(graph, node), bold=True), note) + 28


def _box_px(look: Mapping[str, Any], node: Node, width: float) -> float:
    """Return how high a node's box is."""
    lines = len(_label_lines(str(look.get("label", node)), width - 12))
    return _AROUND_PX + _LINE_PX * (lines + len(wrapped(look.get("note", ""), width - 12)))


def _label_lines(label: str, room_px: float) -> list[str]:
    """Break a name after its spaces, dashes and dots into lines that fit."""
    lines = [""]
    for piece in re.findall(r"[^ ._-]*[ ._-]*", plain(label)):
        if lines[-1] and width_px((lines[-1] + piece).rstrip(), bold=True) > room_px:
            lines.append("")
        lines[-1] += piece
    shown = [*lines[: _MOST_LINES - 1], "".join(lines[_MOST_LINES - 1 :])]
    return [fitted(line.strip(), room_px, bold=True) for line in shown if line.strip()]


def _label(graph: Any, node: Node) -> str:
    return str(graph.nodes[node].get("label", node))


def _node(look: Mapping[str, Any], node: Node, box: Box) -> Shape:
    left, middle, width = box
    kind, note = look.get("kind", ""), look.get("note", "")
    colour = _COLOURS.get(kind, MUTED)
    round_px = 17 if kind in ("producer", "consumer", "processor") else 4
    label = str(look.get("label", node))
    high = _box_px(look, node, width)
    top = middle - high / 2
    frame = rect(
        *(left + 1.5, top, width - 3, high),
        fill=CELL if kind in ("topic", "partition") else PAPER,
        stroke=colour,
        stroke_width=2.5,
        rx=round_px,
    )
    centre, base_px = left + width / 2, top + 20.5
    lines = [(text, INK) for text in _label_lines(label, width - 12)]
    lines += [(text, MUTED) for text in wrapped(note, width - 12)]
    texts = [
        words(
            *(centre, base_px + place * _LINE_PX, text),
            bold=fill == INK,
            fill=fill,
            anchor="middle",
        )
        for place, (text, fill) in enumerate(lines)
    ]
    return group(frame, *texts, tip=f"{kind} {label} {note}", key=_key(node))


def _key(node: Node) -> str:
    return "/".join(map(str, node)) if isinstance(node, tuple) else str(node)


def _edge(
    graph: Any, placed: GraphLayout, boxes: Mapping[Node, Box], edge: tuple[Node, Node]
) -> Shape:
    route = [boxes[node] for node in placed.routes[edge]]
    forth = route[-1][0] > route[0][0]
    side = 1 if forth else -1
    points: list[tuple[float, float]] = []
    for place, (left, middle, width) in enumerate(route):
        near, far = (left, left + width) if forth else (left + width, left)
        points += [(near, middle)] if place else []
        points += [(far, middle)] if place < len(route) - 1 else []
    x, y = points[-1]
    points[-1] = (x - 8 * side, y)
    colour = _COLOURS.get(graph.edges[edge].get("kind", ""), MUTED)
    line = path(_curve(points), stroke=colour, stroke_width=1.8)
    key = f"{_key(edge[0])} → {_key(edge[1])}"
    return group(line, arrow_head(x, y, side, 0, fill=colour), key=key)


def _curve(points: list[tuple[float, float]]) -> str:
    """Join points by curves that leave and arrive level."""
    (x, y), *rest = points
    told = f"M{number(x)} {number(y)}"
    for next_x, next_y in rest:
        middle = number((x + next_x) / 2)
        told += f"C{middle} {number(y)} {middle} {number(next_y)} {number(next_x)} {number(next_y)}"
        x, y = next_x, next_y
    return told
