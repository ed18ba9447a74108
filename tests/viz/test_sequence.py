"""A sequence diagram tells who said what to whom, what it changed, and what never arrived."""

import re
import xml.etree.ElementTree as ET

import pytest

from kafkabook.base.trace import Trace
from kafkabook.cluster.events import BrokerCrashed, BrokerFenced, BrokerStarted, PartitionChanged
from kafkabook.replication.events import BecameLeader, HighWatermarkMoved, ReplicaTruncated
from kafkabook.sim.events import (
    ConnectionClosed,
    MessageDelivered,
    MessageDropped,
    MessageHeld,
    MessageRefused,
)
from kafkabook.viz.figure import Figure
from kafkabook.viz.sequence import MOST_ROWS, sequence
from kafkabook.viz.sequence_rows import DEFAULT_NOTES, rows_of, sent_row
from kafkabook.viz.theme import COLOURS

HOSTILE = '<img src=x onerror="alert(1)">\u202e\x00'


def a_failover() -> Trace:
    """Return what brokers and controller say when broker 1, the leader, dies."""
    trace = Trace()
    network, one, two = (trace.at(place) for place in ("network", "broker-1", "broker-2"))
    three, controller = trace.at("broker-3"), trace.at("controller")
    network.emit(MessageDelivered(1, "Fetch", 2, 1, 9), at_ms=10)
    one.emit(HighWatermarkMoved("orders-0", 1, 3, 4, 5, 3, True), at_ms=10)
    network.emit(MessageDelivered(2, "FetchResponse", 1, 2, 10), at_ms=12)
    one.emit(BrokerCrashed(1), at_ms=20)
    network.emit(MessageDropped(3, "Fetch", 2, 1, "no power"), at_ms=22)
    network.emit(MessageRefused(4, "Fetch", 3, 1), at_ms=23)
    controller.emit(BrokerFenced(1, "its session ended"), at_ms=9020)
    controller.emit(a_change(), at_ms=9020)
    network.emit(MessageDelivered(5, "MetadataUpdate", "controller", 2, 9020), at_ms=9022)
    two.emit(BecameLeader("orders-0", 2, 4, 5, 4, frozenset({2, 3}), 7, 2), at_ms=9022)
    network.emit(MessageHeld(6, "Fetch", 3, 2), at_ms=9025)
    three.emit(ReplicaTruncated("orders-0", 3, 6, 5, 4, 4, "epoch 3 ended at 5"), at_ms=9030)
    return trace


def a_change() -> PartitionChanged:
    """Return the controller's word that broker 2 leads orders-0 now."""
    now, was = frozenset({2, 3}), frozenset({1, 2, 3})
    nobody: frozenset[int] = frozenset()
    told = ("orders-0", 2, 4, 7, (1, 2, 3), now, nobody, (), 2, False, 1, was, now, "fenced")
    return PartitionChanged(*told)


GOLDEN = """\
Who notices that broker 1 is dead?
6 messages between broker 1, broker 2, broker 3, controller in 9.0 s: 1 lost, 1 held, 1 refused.
  ms  from        to        message or note
  10  broker 2    broker 1  Fetch, sent at 9 ms
  10  broker 1              high watermark 4
  12  broker 1    broker 2  FetchResponse, sent at 10 ms
  20  broker 1              crashes
  22  broker 2    broker 1  Fetch, lost: no power
  23  broker 3    broker 1  Fetch, refused
9020  controller            fences broker 1
9020  controller            orders-0: leader 2, epoch 4, ISR 2, 3
9022  controller  broker 2  MetadataUpdate, sent at 9020 ms
9022  broker 2              leads orders-0, epoch 4
9025  broker 3    broker 2  Fetch, held
9030  broker 3              truncates to 5"""


def test_the_twin_lists_messages_and_notes_in_their_order() -> None:
    """When, from whom, to whom, what, and what became of it."""
    assert GOLDEN == sequence(a_failover(), title="Who notices that broker 1 is dead?").text


def test_clients_stand_left_of_brokers_and_the_controller_right() -> None:
    """The columns are the same in every run, whoever spoke first."""
    trace = Trace("network")
    for sender, receiver in (("controller", 2), (10, "producer-1"), ("consumer-1", 2)):
        trace.emit(MessageDelivered(0, "Fetch", sender, receiver, 0), at_ms=0)
    expected = ["consumer-1", "producer-1", "broker 2", "broker 10", "controller"]
    assert expected == headings(sequence(trace, title="Who?"))


def test_chosen_actors_leave_out_what_others_say() -> None:
    """A message needs both of its ends in the picture, a note its actor."""
    figure = sequence(a_failover(), title="Who?", actors=["controller", 2])
    assert ["controller", "broker 2"] == headings(figure)
    expected = ["fences broker 1", "orders-0: leader 2, epoch 4, ISR 2, 3", "MetadataUpdate"]
    assert [*expected, "leads orders-0, epoch 4"] == words_of(figure)


def test_a_window_keeps_both_of_its_ends() -> None:
    """Entries are counted as the trace counts them."""
    figure = sequence(a_failover(), title="Who?", from_number=8, to_number=9)
    assert ["MetadataUpdate", "leads orders-0, epoch 4"] == words_of(figure)


def test_messages_can_be_left_out_by_name() -> None:
    """Heartbeats say the same all the time."""
    rows = rows_of(a_failover(), without=["Fetch", "FetchResponse"])
    assert ["MetadataUpdate"] == [row.text for row in rows if row.receiver is not None]


def test_own_notes_replace_the_others() -> None:
    """Any event can have its note; without one it is not drawn."""
    own = {BrokerCrashed: lambda event: f"broker {event.broker} is gone"}
    assert ["broker 1 is gone"] == [
        row.text for row in rows_of(a_failover(), notes=own) if row.receiver is None
    ]
    assert {HighWatermarkMoved, PartitionChanged} <= set(DEFAULT_NOTES)


def test_the_end_of_a_connection_stands_with_the_client_that_lost_it() -> None:
    """The network tells it; who has to act on it is the client."""
    trace = Trace("network")
    trace.emit(ConnectionClosed("producer-1", 1, "producer 1", "reset"), at_ms=1)
    own = {ConnectionClosed: lambda event: f"loses broker {event.server}"}
    assert [("producer-1", "loses broker 1")] == [
        (row.sender, row.text) for row in rows_of(trace, notes=own)
    ]


def test_lost_refused_and_held_differ_in_shape() -> None:
    """A cross, a cross and a bar with dashes; the crash has its cross too."""
    figure = sequence(a_failover(), title="Who?")
    assert 3 == figure.svg.count(f'fill="none" stroke="{COLOURS["error"].light}"')
    assert 1 == figure.svg.count('stroke-dasharray="5 4"')
    assert 1 == figure.svg.count('stroke-width="3"')
    assert ["Fetch (lost)", "Fetch (refused)", "Fetch (held)"] == [
        text for text in words_of(figure) if "(" in text
    ]


def test_a_life_line_is_dashed_while_its_broker_is_down() -> None:
    """From the crash to the start, or from the top if it was down before the window."""
    trace = Trace()
    trace.at("broker-1").emit(BrokerStarted(1, 2), at_ms=1)
    trace.at("broker-1").emit(BrokerCrashed(1), at_ms=2)
    svg = sequence(trace, title="Who?").svg
    lines = re.findall(r"<line [^>]*>", svg)
    assert [True, False, True] == ["stroke-dasharray" in line for line in lines]


def test_arrows_leave_where_their_sender_was() -> None:
    """An answer starts below the row that caused it, a message from before the window above it."""
    rows = rows_of(a_failover())
    assert [-0.5, 1, 1.4] == [sent_row(rows, place) for place in range(3)]
    assert 7.4 == sent_row(rows, 8)


def test_arrows_have_the_colour_of_their_api() -> None:
    """A request and its answer share it; the name stands on each, so colour is not alone."""
    figure = sequence(a_failover(), title="Who?")
    arrows = re.findall(r'<line [^>]*stroke="(#\w+)" stroke-width="1.8"', figure.svg)
    fetch, control = COLOURS["follower"].light, COLOURS["controller"].light
    assert [fetch, fetch, fetch, fetch, control, fetch] == arrows


def test_narrow_columns_have_short_heads_and_words_on_lines_of_their_own() -> None:
    """Nothing is cut: a name is broken, a message's name stands below its arrow."""
    trace = Trace("network")
    trace.emit(MessageDelivered(0, "AlterPartitionResponse", "controller", 3, 0), at_ms=3)
    trace.emit(MessageDelivered(1, "Fetch", 2, 1, 2), at_ms=4)
    trace.emit(MessageDelivered(2, "Produce", "producer-1", 3, 2), at_ms=4)
    figure = sequence(trace, title="Who?")
    wide, narrow = (
        {shape.key: shape for shape in figure.scene_for(it).walk() if shape.key}
        for it in (820, 400)
    )
    heads = [
        [part.inside[0] for part in it["actor/producer-1"].walk() if part.kind == "text"]
        for it in (wide, narrow)
    ]
    assert [["producer-1"], ["producer", "1"]] == heads
    said, arrow = narrow["event/0/told"], narrow["event/0"]
    texts = [part for part in said.walk() if part.kind == "text"]
    lines = [part for part in arrow.walk() if part.kind == "line"]
    assert ("AlterPartitionResponse",) == texts[0].inside
    assert float(texts[0].at["y"]) - 10 > float(lines[0].at["y2"])


@pytest.mark.parametrize("count", [MOST_ROWS, MOST_ROWS + 1])
def test_more_rows_than_can_be_read_ask_for_a_window(count: int) -> None:
    """Fourteen fit, with a caption of two lines."""
    trace = Trace("network")
    for number in range(count):
        trace.emit(MessageDelivered(number, "Fetch", 2, 1, number), at_ms=number + 1)
    if count > MOST_ROWS:
        with pytest.raises(ValueError, match="15 rows, at most 14 .* from_number"):
            sequence(trace, title="Who?")
        return
    figure = sequence(trace, title="Who?", subtitle="seed 7", caption="word " * 40)
    assert len(figure.svg.encode()) <= 12_000


def test_an_empty_window_and_a_crowd_are_refused() -> None:
    """Neither can be drawn, and each message says why."""
    with pytest.raises(ValueError, match="no message and no note"):
        sequence(a_failover(), title="Who?", from_number=99)
    with pytest.raises(ValueError, match="8 actors, at most 7 fit"):
        sequence(a_failover(), title="Who?", actors=range(1, 9))


def test_hostile_names_stay_text() -> None:
    """Clients choose their names, and notes repeat what a trace holds."""
    trace = Trace(HOSTILE)
    trace.emit(MessageDelivered(0, HOSTILE, HOSTILE, 1, 0), at_ms=0)
    trace.emit(BrokerCrashed(1), at_ms=0)
    notes = {BrokerCrashed: lambda _: HOSTILE}
    figure = sequence(trace, title=HOSTILE, notes=notes, caption=HOSTILE)
    assert {"img"}.isdisjoint(part.tag for part in ET.fromstring(figure.svg).iter())
    assert [] == re.findall("[\u202e\x00]", figure.svg + figure.text)


def test_every_colour_follows_the_theme() -> None:
    """A colour that the theme does not know would stay as it is on dark paper."""
    used = set(re.findall(r'(?:fill|stroke)="(#\w+)"', sequence(a_failover(), title="Who?").svg))
    assert used <= {colour.light for colour in COLOURS.values()}


def texts(figure: Figure) -> list[str]:
    """Return all that is written in a picture."""
    found = ET.fromstring(figure.svg).iter("{http://www.w3.org/2000/svg}text")
    return [part.text or "" for part in found]


def headings(figure: Figure) -> list[str]:
    """Return the names above the columns."""
    return re.findall(r'<g data-id="actor/[^"]*"><title>([^<]*)<', figure.svg)


def words_of(figure: Figure) -> list[str]:
    """Return the names of messages and the notes, from the top down."""
    left_out = {figure.title, *headings(figure)}
    told = [text for text in texts(figure) if text not in left_out and not text.endswith(" ms")]
    return told[: told.index(next(text for text in told if " between " in text))]
