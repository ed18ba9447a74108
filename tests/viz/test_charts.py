"""A chart is a figure like any other: reproducible, themed, told as a table."""

import re

import matplotlib as mpl
import pytest

from kafkabook.viz.charts import bar_chart, line_chart
from kafkabook.viz.figure import Figure
from kafkabook.viz.theme import COLOURS, LEADER

GOLDEN = """\
How many bytes does a lookup scan?
with index: 300 at 1024, 310 at 4096; without: 512 at 1024, 2048 at 4096 (bytes scanned).
line        segment bytes  bytes scanned
with index           1024            300
with index           4096            310
without              1024            512
without              4096           2048"""


def a_chart() -> Figure:
    """Return two lines over a logarithmic axis of bytes."""
    series = {"with index": [(1024, 300), (4096, 310)], "without": [(1024, 512), (4096, 2048)]}
    title = "How many bytes does a lookup scan?"
    return line_chart(
        series, title=title, x_label="segment bytes", y_label="bytes scanned", log_x=True
    )


def test_the_twin_of_a_chart_is_its_table() -> None:
    """Every point, with the labels of the axes as heads."""
    assert GOLDEN == a_chart().text


def test_a_chart_is_the_same_every_time_whatever_the_reader_set() -> None:
    """No date, no random ids, no style of the notebook's own."""
    first = a_chart()
    with mpl.rc_context({"lines.linewidth": 9, "font.size": 30, "svg.hashsalt": None}):
        assert first == a_chart()


@pytest.mark.parametrize(
    ("most", "ticks"),
    [
        (2_048, ["512 B", "1 KiB", "2 KiB"]),
        (65_536, ["1 KiB", "4 KiB", "16 KiB", "64 KiB"]),
        (2**30, ["256 B", "4 KiB", "64 KiB", "1 MiB", "16 MiB", "256 MiB"]),
    ],
)
def test_a_logarithmic_axis_of_bytes_counts_in_powers_of_two(most: int, ticks: list[str]) -> None:
    """9.8 KiB is ten thousand, which is nothing to a computer; the ticks are round in bytes."""
    chart = line_chart(
        {"a": [(1, 400), (2, most)]}, title="How?", x_label="n", y_label="bytes", log_y=True
    )
    said = re.findall(r">([\d.]+ [KMG]?i?B)</text>", chart.svg)
    assert ticks == said


def test_a_chart_uses_colours_of_the_book_only() -> None:
    """Otherwise it would stay light on a dark page."""
    body = a_chart().svg.split("</style>")[1]
    used = set(re.findall(r'(?:fill|stroke)="(#\w+)"', body))
    assert used <= {colour.light for colour in COLOURS.values()}
    assert "style=" not in body


def test_a_chart_refers_to_nothing_outside_and_keeps_its_ids() -> None:
    """What is referred to is there; what is not referred to has no id to collide."""
    body = a_chart().svg.split("</style>")[1]
    meant = set(re.findall(r'(?:url\(|href=")#([^")]+)', body))
    assert meant == set(re.findall(r' id="([^"]*)"', body))
    assert "http" not in body


def test_a_bar_chart_tells_its_largest() -> None:
    """In one sentence, then all bars."""
    figure = bar_chart({"gzip": 120, "none": 400}, title="Which is smallest?", y_label="bytes")
    expected = (
        "Which is smallest?\nThe largest is none with 400 (bytes).\n"
        "      bytes\ngzip    120\nnone    400"
    )
    assert expected == figure.text


def test_counts_stand_on_an_axis_of_whole_numbers() -> None:
    """Nobody leads half a partition; a quantity that is no count keeps its fractions."""
    counts = bar_chart({"a": 3, "b": 1}, title="Who leads?", y_label="partitions").svg
    shares = bar_chart({"a": 3.0, "b": 1.0}, title="Who leads?", y_label="share").svg
    assert (False, True) == ("2.5" in _words(counts), "2.5" in _words(shares))


def test_a_bar_that_stays_as_it_is_is_drawn_as_it_was_at_another_step() -> None:
    """With one end of the axis for all steps; without it the other bar would make it smaller."""
    steps = [
        bar_chart({"a": 3, "b": b}, title="Who leads?", y_label="partitions", top=6).svg
        for b in (3, 6)
    ]
    bar = rf'<path d="([^"]*)" clip-path="[^"]*" fill="{LEADER}"'
    first, second = (re.findall(bar, svg) for svg in steps)
    assert (True, False) == (first[0] == second[0], first[1] == second[1])


def _words(svg: str) -> list[str]:
    return re.findall(r">([^<>]+)<", svg)
