"""The map of a cluster shows what a dead rack takes with it, and is a graph that can be asked."""

import re
import xml.etree.ElementTree as ET

import pytest

from kafkabook.viz.cluster_map import rack_graph, rack_map
from kafkabook.viz.figure import Figure
from kafkabook.viz.graphs import GraphFigure, graph_figure
from kafkabook.viz.scene import Scene, Shape
from kafkabook.viz.theme import COLOURS

HOSTILE = '<img src=x onerror="alert(1)">\u202e\x00'
RACKS = {1: "a", 4: "a", 2: "b", 3: "c"}
PLACEMENT = {"orders-0": (1, 2), "orders-1": (2, 3), "orders-2": (2,), "orders-3": (4, 1)}
LEADERS = {"orders-0": 1, "orders-1": None, "orders-2": None, "orders-3": 4}

GOLDEN = """\
What does rack b take with it?
seed 11
2 of 4 partitions have a leader. No live replica: orders-2. A live replica but no leader: \
orders-1. With a leader, but with fewer live replicas than assigned: orders-0.
rack    broker  state  leads     follows
rack a       1  alive  orders-0  orders-3
rack a       4  alive  orders-3
rack b       2  down             orders-0 orders-1 orders-2
rack c       3  alive            orders-1"""


def a_map(*dead: int) -> GraphFigure:
    """Return three racks of four brokers, some of them down."""
    title = "What does rack b take with it?"
    return rack_map(PLACEMENT, RACKS, LEADERS, dead, title=title, subtitle="seed 11")


def test_the_twin_tells_what_each_broker_holds_and_what_is_left() -> None:
    """The sentence names the worst first; nothing that is whole is named."""
    assert GOLDEN == a_map(2).text


def test_the_graph_can_be_taken_out_of_the_figure() -> None:
    """It is a networkx graph like any other: racks hold brokers, brokers hold replicas."""
    graph = a_map(2).graph
    assert [("broker", 1), ("broker", 4)] == list(graph.successors(("rack", "a")))
    held = {(node[0], graph.nodes[node]["is_leader"]) for node in graph.successors(("broker", 1))}
    assert {("orders-0", True), ("orders-3", False)} == held
    assert [False, True] == [graph.nodes["rack", name]["is_alive"] for name in ("b", "c")]


def test_the_graph_alone_can_be_drawn_like_any_other() -> None:
    """From left to right: rack, broker, replica."""
    graph = rack_graph(PLACEMENT, RACKS, LEADERS)
    assert graph.number_of_edges() == len(graph_figure(graph, title="Who?").text.split("\n")) - 3


def test_leaders_followers_and_the_dead_differ_in_shape() -> None:
    """Two lead, two follow alive; broker 2, its three replicas and its rack are dashed."""
    svg = a_map(2).svg
    assert 2 == svg.count('stroke-width="2.8"')
    assert 2 == svg.count(f'stroke="{COLOURS["follower"].light}" stroke-width="1.3"')
    assert (1, 1, 3) == tuple(svg.count(f'stroke-dasharray="{it}"') for it in ("8 5", "4 3", "3 3"))
    assert "rack b is down" in texts(a_map(2))


def test_a_rack_with_a_living_broker_is_not_down() -> None:
    """Only the broker is crossed out."""
    svg = a_map(4).svg
    assert (0, 1) == tuple(svg.count(f'stroke-dasharray="{it}"') for it in ("8 5", "4 3"))


def test_brokers_without_a_rack_stand_together_at_the_right() -> None:
    """A missing rack is said, not hidden."""
    drawn = texts(rack_map({"orders-0": (1,)}, {1: None, 2: "b"}, {"orders-0": 1}))
    assert ["rack b", "broker 2", "no rack", "broker 1", "orders-0"] == drawn[1:6]


def test_a_replica_on_an_unknown_broker_is_refused() -> None:
    """A map that leaves a replica out would lie."""
    with pytest.raises(ValueError, match=re.escape("racks= says nothing of the brokers [9]")):
        rack_graph({"orders-0": (1, 9)}, {1: "a"}, {})


@pytest.mark.parametrize(("brokers", "partitions"), [(1, 1), (3, 30), (9, 27)])
def test_clusters_of_many_sizes_fit(brokers: int, partitions: int) -> None:
    """Names and replicas share what room there is."""
    racks = {n: "abc"[n % 3] for n in range(brokers)}
    copies = min(brokers, 3)
    placement = {
        f"orders-{n}": tuple((n + i) % brokers for i in range(copies)) for n in range(partitions)
    }
    figure = rack_map(placement, racks, {it: placement[it][0] for it in placement})
    assert len(figure.svg.encode()) <= 4_000 + 260 * copies * partitions + 600 * brokers


def test_partitions_of_one_topic_go_by_their_numbers_where_names_are_too_long() -> None:
    """Sixty names would not fit; what is too long is not cut to look all the same."""
    placement = {f"orders-{n}": (1, 2, 3) for n in range(60)}
    drawn = texts(rack_map(placement, {1: "a", 2: "b", 3: "c"}, {}))
    assert [f"p{n}" for n in range(60)] == drawn[drawn.index("broker 3") + 1 :][:60]


def test_a_narrow_map_counts_the_replicas_that_have_no_room() -> None:
    """All brokers are named; of sixty replicas each, the last frame counts those left out."""
    placement = {f"orders-{n}": (1, 2, 3) for n in range(60)}
    scene = rack_map(placement, {1: "a", 2: "b", 3: "c"}, {}).scene_for(400)
    shapes = {shape.key: shape for shape in scene.walk() if shape.key}
    drawn = sum(key.startswith("broker-2/") for key in shapes)
    told = [part.inside[0] for part in shapes["broker-2"].walk() if part.kind == "text"]
    assert ["broker 2", f"+{60 - drawn}"] == [told[0], told[-1]]


def test_racks_that_would_be_too_narrow_beside_each_other_stand_in_lines() -> None:
    """Rack c goes below rack a; every broker keeps its whole name."""
    drawn = [a_map(2).scene_for(width_px) for width_px in (820, 400)]
    wide, narrow = ({shape.key: shape for shape in scene.walk()} for scene in drawn)
    grounds = [[it[f"rack {name}"].inside[1] for name in "abc"] for it in (wide, narrow)]
    tops = [[part.at["y"] for part in own if isinstance(part, Shape)] for own in grounds]
    assert [1, 2] == [len(set(own)) for own in tops]
    assert {f"broker {n}" for n in RACKS} <= set(texts_of(drawn[1]))


def texts_of(scene: Scene) -> list[str]:
    """Return all that is written in a scene."""
    return [str(shape.inside[0]) for shape in scene.walk() if shape.kind == "text"]


def test_what_does_not_fit_is_refused() -> None:
    """The message says what to leave out."""
    placement = {f"orders-{n}": (1,) for n in range(200)}
    with pytest.raises(ValueError, match="1 brokers with up to 200 replicas do not fit"):
        rack_map(placement, {1: "a"}, {})
    with pytest.raises(ValueError, match="without brokers"):
        rack_map({}, {}, {})


def test_hostile_names_stay_text() -> None:
    """Topics and racks are named by whoever may create them."""
    figure = rack_map({HOSTILE: (1,)}, {1: HOSTILE}, {HOSTILE: 1}, title=HOSTILE, caption=HOSTILE)
    assert {"img"}.isdisjoint(part.tag for part in ET.fromstring(figure.svg).iter())
    assert [] == re.findall("[\u202e\x00]", figure.svg + figure.text)


def test_every_colour_follows_the_theme() -> None:
    """A colour that the theme does not know would stay as it is on dark paper."""
    used = set(re.findall(r'(?:fill|stroke)="(#\w+)"', a_map(2).svg))
    assert used <= {colour.light for colour in COLOURS.values()}


def texts(figure: Figure) -> list[str]:
    """Return all that is written in a picture."""
    found = ET.fromstring(figure.svg).iter("{http://www.w3.org/2000/svg}text")
    return [part.text or "" for part in found]
