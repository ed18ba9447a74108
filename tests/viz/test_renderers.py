"""What is displayed is drawn, though the engine knows nothing of pictures."""

import re
import subprocess
import sys
from dataclasses import replace
from html import escape

from kafkabook.base.trace import Event, Trace
from kafkabook.cluster.events import RecordSent
from kafkabook.explorers.film import PictureFilm, only
from kafkabook.lab import Lab
from kafkabook.log.partition_log import PartitionLog
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.events import BecameFollower
from kafkabook.viz.figure import Figure
from kafkabook.viz.graphs import flow, graph_figure
from kafkabook.viz.segments import segment_strip
from kafkabook.viz.strips import offset_strip
from kafkabook.viz.trace_view import trace_view

KINDS = {"text/plain", "image/svg+xml"}


def a_log() -> PartitionLog:
    """Return a log of six records, four of them committed."""
    log = PartitionLog("orders-0")
    log.append([Record(b"k%d" % n, b"v") for n in range(6)], now_ms=0)
    log.advance_high_watermark(4)
    return log


def test_a_trace_a_batch_and_a_log_show_text_and_picture() -> None:
    """Two mime types, as in every committed output."""
    for shown in (Trace("orders-0"), RecordBatch.of([Record(b"k", b"v")]), a_log()):
        assert KINDS == set(shown._repr_mimebundle_())


def test_a_partition_of_a_run_says_when_and_in_which_run() -> None:
    """So that a reader can make it again; one made by hand says nothing."""
    lab = Lab(seed=5)
    lab.create_topic("orders")
    lab.run_for(20)
    taken = lab.snapshot("orders", 0)
    told = taken._repr_mimebundle_()
    assert f"t = {lab.now_ms} ms · seed 5" in told["image/svg+xml"]
    assert f"t = {lab.now_ms} ms · seed 5" in told["text/plain"]
    assert "seed" not in replace(taken, seed=None)._repr_mimebundle_()["text/plain"]


def test_the_text_of_a_trace_stays_its_entries() -> None:
    """A grader and a diff read the lines, not a summary."""
    trace = Trace("orders-0")
    trace.emit(Event(), at_ms=5)
    assert str(trace) == trace._repr_mimebundle_()["text/plain"]


def test_a_long_trace_draws_its_end_and_tells_all() -> None:
    """Fourteen rows fit; the words are not cut."""
    trace = Trace("orders-0")
    for at_ms in range(60):
        trace.emit(Event(), at_ms=at_ms)
    figure = trace_view(trace)
    assert "… 46 earlier" in figure.svg
    assert 60 == figure.text.count("Event()")


def test_a_row_of_a_trace_says_its_class_and_its_sentence() -> None:
    """A reader sees what happened, and by which name to ask for it; facts are in the tip."""
    trace = Trace("broker-1")
    trace.emit(BecameFollower("orders-0", 2, 1, 3), at_ms=5)
    told = re.findall(r"<(?:text|title)[^>]*>([^<]*)<", trace_view(trace).svg)
    assert "BecameFollower" in told
    assert "orders-0: Broker 2 follows broker 1 in epoch 3." in told
    assert escape(str(trace[0])) in told


def test_a_narrow_row_of_a_trace_has_two_lines_for_its_sentence() -> None:
    """Only what needs three is cut, and that stands whole in the tip."""
    trace = Trace("producer-1")
    for value in ("m1", "m" * 12, "mm " * 30):
        trace.emit(RecordSent("orders-0", value, -1, 7), at_ms=5)
    rows = [shape for shape in trace_view(trace).scene_for(400).walk() if shape.key in ROWS]
    told = [[part.inside[0] for part in row.walk() if part.kind == "text"][1:] for row in rows]
    sentences = [entry.event.sentence() for entry in trace]
    assert sentences[:2] == [" ".join(map(str, lines)) for lines in told[:2]]
    assert [1, 2, 2] == list(map(len, told))
    assert str(told[2][1]).endswith("…")


ROWS = {f"event/{number}" for number in range(3)}


def test_a_sentence_that_does_not_fit_is_whole_in_the_tip() -> None:
    """What is cut in its row is not lost."""
    trace, value = Trace("producer-1"), "m" * 110
    trace.emit(RecordSent("orders-0", value, -1, 7), at_ms=5)
    assert f"<title>{trace[0].event.sentence()}" in trace_view(trace).svg


def test_values_in_sentences_are_painted_harmlessly() -> None:
    """A record's value is whatever somebody wrote."""
    trace = Trace("producer-1")
    trace.emit(RecordSent("orders-0", "<img onerror=x>\u202e\n", -1, 7), at_ms=5)
    svg = trace_view(trace).svg
    assert "&lt;img onerror=x&gt;\\u202e\\n" in svg
    assert [] == [part for part in ("<img", "\u202e", "\n") if part in svg]


def test_a_film_paints_values_harmlessly() -> None:
    """A film may show sentences that hold values."""
    lab = Lab(seed=5)
    lab.create_topic("orders")
    film = PictureFilm(lab, title="What is sent?", sentences=only(RecordSent))
    film.catch_up()
    lab.send("<img onerror=x>\u202e")
    film.catch_up()
    said = "A producer sends &lt;img onerror=x&gt;\\u202e to orders-0 with acks=all."
    assert said in film.figures[0].svg
    assert not any(part in film.figures[0].text for part in "\u202e\r")


def test_a_log_and_its_snapshot_give_the_same_positions() -> None:
    """A figure needs the snapshot; the log only adds what stands in the cells."""
    log = a_log()
    sentences = {offset_strip(it).text.split("\n")[1] for it in (log, log.snapshot())}
    said = "orders-0 holds offsets 0 to 5; its next record gets 6."
    assert {f"{said} From 4 on nothing is committed yet (2 hatched)."} == sentences


def test_what_is_drawn_later_in_another_width_is_what_was_drawn() -> None:
    """Logs, traces and graphs go on; a narrow page shows the moment at which they were drawn."""
    log, trace = a_log(), Trace("orders-0")
    trace.emit(Event(), at_ms=5)
    graph = flow({"shop": ("orders",)}, {"billing": ("orders",)})
    figures = [
        *(offset_strip(log), segment_strip(log), trace_view(trace)),
        graph_figure(graph, title="Who reads?"),
    ]
    wide = [keys_of(figure, 820) for figure in figures]
    log.append([Record(b"k", b"v")], now_ms=5)
    log.roll(now_ms=6)
    trace.emit(Event(), at_ms=6)
    graph.add_edge("late", "later")
    figures[3].graph.add_edge("too late", "later")
    assert wide == [keys_of(figure, 400) for figure in figures]


def keys_of(figure: Figure, width_px: int) -> set[str]:
    """Return what a picture shows, without the lines that words are broken into."""
    lines = ("title/", "subtitle/", "told/", "caption/")
    keys = {shape.key for shape in figure.scene_for(width_px).walk() if shape.key}
    return {key for key in keys if not key.startswith(lines)}


def test_a_segment_strip_of_a_log_reads_its_trace_for_reasons() -> None:
    """Why a segment was closed is told by the event that closed it."""
    log = a_log()
    log.roll(now_ms=5)
    log.append([Record(b"k", b"v")], now_ms=5)
    rows = segment_strip(log).text.split("\n")[3:]
    assert ["closed", "active"] == [row.split()[1] for row in rows]
    assert rows[0].split()[-1] != rows[1].split()[-1]


def test_drawing_a_log_imports_nothing_heavy() -> None:
    """Only a chart needs matplotlib, only a graph networkx, only a live cell widgets."""
    code = (
        "import sys, kafkabook.viz.renderers, kafkabook.viz.charts, kafkabook.viz.graphs,"
        " kafkabook.explorers.explorer;"
        "heavy = ['numpy', 'matplotlib', 'networkx', 'ipywidgets', 'anywidget', 'IPython'];"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
