"""Where the nodes of a directed graph stand: columns from left to right, few crossings, no chance.

Layers are longest paths from the sources (an edge that closes a circle is turned round for this),
the order within a layer comes from a few sweeps over the mean height of neighbours. Same graph,
same picture, in pure Python.

Source: Sugiyama, Tagawa, Toda 1981.
"""

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

Node = Hashable
Edge = tuple[Node, Node]
_SWEEPS = 6


class Via(NamedTuple):
    """A place in a layer that a long edge passes through."""

    start: Node
    end: Node
    layer: int


class GraphLayout(NamedTuple):
    """The layers, each in order from the top, and for each edge the nodes that it passes."""

    layers: tuple[tuple[Node, ...], ...]
    routes: Mapping[Edge, tuple[Node, ...]]


def layout(nodes: Sequence[Node], edges: Sequence[Edge]) -> GraphLayout:
    """Place `nodes`; ties are broken by their order.

    >>> layout("abc", [("a", "b"), ("b", "c"), ("a", "c")]).layers
    (('a',), ('b', Via(start='a', end='c', layer=1)), ('c',))
    """
    forward = _without_circles(nodes, edges)
    depth = _depths(nodes, forward)
    routes = {edge: _route(edge, depth) for edge in edges}
    layers: list[list[Node]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for node in nodes:
        layers[depth[node]].append(node)
    for via in sorted(
        {n for route in routes.values() for n in route if isinstance(n, Via)}, key=str
    ):
        layers[via.layer].append(via)
    _untangle(layers, [pair for route in routes.values() for pair in pairwise(route)])
    return GraphLayout(tuple(map(tuple, layers)), routes)


def _without_circles(nodes: Sequence[Node], edges: Sequence[Edge]) -> list[Edge]:
    """Turn round each edge that leads back to where its walk came from."""
    after: dict[Node, list[Node]] = {node: [] for node in nodes}
    for start, end in edges:
        after[start].append(end)
    backward: set[Edge] = set()
    done: set[Node] = set()
    for root in nodes:
        _walk(root, after, done, backward)
    return [(end, start) if (start, end) in backward else (start, end) for start, end in edges]


def _walk(
    root: Node, after: Mapping[Node, list[Node]], done: set[Node], backward: set[Edge]
) -> None:
    path = [(root, iter(after[root]))] if root not in done else []
    on_path = {root}
    while path:
        node, rest = path[-1]
        following = next((n for n in rest if n not in done), None)
        if following is None:
            done.add(node)
            on_path.discard(path.pop()[0])
        elif following in on_path:
            backward.add((node, following))
        else:
            on_path.add(following)
            path.append((following, iter(after[following])))


def _depths(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[Node, int]:
    depth = dict.fromkeys(nodes, 0)
    for _ in nodes:
        for start, end in edges:
            if start != end:
                depth[end] = max(depth[end], depth[start] + 1)
    return depth


def _route(edge: Edge, depth: Mapping[Node, int]) -> tuple[Node, ...]:
    start, end = edge
    step = 1 if depth[end] > depth[start] else -1
    between = (Via(start, end, layer) for layer in range(depth[start] + step, depth[end], step))
    return (start, *between, end)


def _untangle(layers: list[list[Node]], pairs: Sequence[Edge]) -> None:
    """Order each layer by the mean place of its neighbours on one side, then on the other."""
    near: dict[Node, list[Node]] = {node: [] for layer in layers for node in layer}
    for start, end in pairs:
        near[start].append(end)
        near[end].append(start)
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        for number in range(1, len(layers)) if forth else range(len(layers) - 2, -1, -1):
            beside = layers[number - 1 if forth else number + 1]
            height = {node: place for place, node in enumerate(beside)}
            layers[number].sort(key=lambda node, height=height: _mean(near[node], height))  # type: ignore[misc]


def _mean(neighbours: Sequence[Node], height: Mapping[Node, int]) -> float:
    places = [height[node] for node in neighbours if node in height]
    return sum(places) / len(places) if places else 0.0
