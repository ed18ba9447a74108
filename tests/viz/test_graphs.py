"""Graphs are drawn the same way every time, and can be taken out of the figure."""

import re
from types import SimpleNamespace

import pytest

from kafkabook.base.names import TopicPartition
from kafkabook.viz.graph_layout import Via, layout
from kafkabook.viz.graphs import GraphFigure, flow, graph_figure, partition_map, reads_and_writes

WRITERS = {"driver app": ("positions",), "matcher": ("rides",)}
READERS = {"matcher": ("positions",), "map": ("positions", "rides")}


def test_layers_are_longest_paths_and_long_edges_pass_through_places_of_their_own() -> None:
    """So that a long edge bends around nodes instead of crossing them."""
    placed = layout("abcd", [("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")])
    via = Via("a", "c", 1)
    assert (("a", "d"), ("b", via, Via("d", "c", 1)), ("c",)) == placed.layers
    assert ("a", via, "c") == placed.routes["a", "c"]


def test_a_circle_is_drawn_all_the_same() -> None:
    """A processor that reads what it writes must not hang the drawing."""
    placed = layout("abc", [("a", "b"), ("b", "c"), ("c", "a"), ("b", "b")])
    assert (("a",), ("b", Via("c", "a", 1)), ("c",)) == placed.layers


def test_crossing_edges_are_untangled() -> None:
    """Two parallel flows given crosswise come out parallel."""
    edges = [("a", "y"), ("b", "x"), ("x", "q"), ("y", "p")]
    layers = layout("abxypq", edges).layers
    assert (("a", "b"), ("y", "x"), ("p", "q")) == layers


def test_the_graph_can_be_taken_out_of_the_figure() -> None:
    """It is a networkx graph like any other."""
    figure = graph_figure(flow(WRITERS, READERS), title="Who reads what?")
    assert {("application", "map"), ("application", "matcher")} == set(
        figure.graph.successors(("topic", "positions"))
    )
    assert isinstance(figure, GraphFigure)
    assert repr(figure) == figure.text


def test_the_twin_of_a_flow_lists_every_edge() -> None:
    """Who writes and who reads, in words."""
    case = SimpleNamespace(
        writers=WRITERS, readers=READERS, question="Who is late?", name="rides", area="transport"
    )
    run = SimpleNamespace(use_case=case, events=12, seed=7, answer="late: 2")
    expected = (
        "Who is late?\n"
        "rides · transport · 12 events · seed 7\n"
        "12 events, read from the log alone, give late: 2.\n"
        "from        how         to\n"
        "driver app  writes      positions\n"
        "matcher     writes      rides\n"
        "positions   is read by  matcher\n"
        "positions   is read by  map\n"
        "rides       is read by  map"
    )
    assert expected == reads_and_writes(run).text


def test_partitions_lie_on_brokers() -> None:
    """The logical name points at directories, these at brokers."""
    figure = partition_map({TopicPartition("orders", n): n % 2 + 1 for n in range(3)})
    assert "A topic is a name. Its partitions are 3 directories on 2 brokers." in figure.text
    assert ["orders-0/", "orders-1/", "orders-2/"] == re.findall(r">(orders-\d/)<", figure.svg)


def test_long_names_are_broken_where_columns_are_narrow() -> None:
    """After a dash or a dot; no letter is lost."""
    graph = flow(
        {"payment-service": ("payments.authorized",)}, {"fraud-check": ("payments.authorized",)}
    )
    scenes = [graph_figure(graph, title="Who?").scene_for(it) for it in (820, 400)]
    names = [
        [
            part.inside[0]
            for shape in scene.shapes
            if "topic/" in shape.key
            for part in shape.walk()
            if part.kind == "text"
        ]
        for scene in scenes
    ]
    assert [["payments.authorized"], ["payments.", "authorized"]] == names


@pytest.mark.parametrize("count", [1, 8])
def test_equal_graphs_give_equal_pictures(count: int) -> None:
    """No random start, no dictionary of sets."""
    brokers = {TopicPartition("orders", n): n % 3 for n in range(count)}
    assert partition_map(brokers) == partition_map(brokers)
