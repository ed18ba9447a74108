"""Which messages are drawn, when they move, and where they end."""

from kafkabook.lab import Lab
from kafkabook.viz.flights import ARRIVED, DROPPED, HELD, ON_ITS_WAY, STALLED, Flight, flights


def a_lab() -> Lab:
    """Three brokers, no record."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    return lab


def named(lab: Lab, name: str) -> Flight:
    """The last message of a name that is drawn."""
    drawn = [it for it in flights(lab.trace, "orders-0") if it.matters and it.name == name]
    return drawn[-1]


def test_a_record_is_followed_from_producer_to_answer() -> None:
    """What carries it, what asks for it, and what answers; no heartbeat, no metadata."""
    lab = a_lab()
    began = lab.now_ms
    lab.produce("a")
    drawn = [it for it in flights(lab.trace, "orders-0") if it.matters and it.sent_ms >= began]
    ways = {(it.name, it.sender, it.receiver, it.values) for it in drawn if it.values}
    assert {
        ("Produce", "producer-1", 1, ("a",)),
        ("FetchResponse", 1, 2, ("a",)),
        ("FetchResponse", 1, 3, ("a",)),
    } == ways
    assert {"Produce", "ProduceResponse", "Fetch", "FetchResponse"} == {it.name for it in drawn}
    answer = named(lab, "ProduceResponse")
    assert (True, ARRIVED) == (answer.is_answer, answer.fate)
    assert lab.now_ms == answer.end_ms


def test_a_message_that_is_held_stands_until_it_goes_on() -> None:
    """From when to when, and why."""
    lab = a_lab()
    lab.hold("Produce")
    lab.send("a")
    lab.run_for(500)
    held = named(lab, "Produce")
    [(from_ms, to_ms, why)] = held.stops
    assert (None, HELD, ON_ITS_WAY, None) == (to_ms, why, held.fate, held.end_ms)
    released_ms = lab.now_ms
    lab.release("Produce")
    lab.run_for(100)
    gone_on = named(lab, "Produce")
    assert ([(from_ms, released_ms, HELD)], ARRIVED) == (gone_on.stops, gone_on.fate)


def test_a_message_meets_a_cut_link_or_is_lost() -> None:
    """Two ends that a reader can cause."""
    lab = a_lab()
    lab.produce("a")
    lab.cut(2, 1)
    lab.produce("b", acks=1)
    lab.run_for(100)
    drawn = [it for it in flights(lab.trace, "orders-0") if it.matters and it.values == ("b",)]
    assert [STALLED] == [why for it in drawn if it.receiver == 2 for _, _, why in it.stops]
    lab.hold("Produce")
    lab.send("c")
    lab.run_for(100)
    lab.drop("Produce", "producer-1", 1)
    assert DROPPED == named(lab, "Produce").fate


def test_a_long_way_moves_at_its_ends_only() -> None:
    """In between it stands still, and the axis may be broken there."""
    flight = Flight(1, "Fetch", 2, 1, 100, 0)
    flight.end_ms = 112
    assert [(100, 112)] == flight.spans(500)
    flight.end_ms = 113
    assert [(100, 103), (110, 113)] == flight.spans(500)
    flight.end_ms = None
    assert [(100, 103), (497, 500)] == flight.spans(500)
