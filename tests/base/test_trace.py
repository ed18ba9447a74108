"""A trace is a journal: in order, observed as it grows, the same text every time."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from kafkabook.base.trace import Entry, Event, Trace


@dataclass(frozen=True, slots=True)
class LeaderChanged(Event):
    """A made-up event with the two kinds of field that matter: a plain one and a set."""

    epoch: int
    members: frozenset[str]


def test_observers_see_each_entry_at_once_and_in_order() -> None:
    """A checker judges a run while it runs; it cannot wait for the end of a million events."""
    trace, seen = Trace("orders-0"), list[Entry]()
    trace.observe(seen.append)
    trace.emit(LeaderChanged(1, frozenset()), at_ms=5)
    trace.emit(LeaderChanged(2, frozenset()), at_ms=6, place="orders-1")
    assert list(trace) == seen
    assert [(0, 5, "orders-0"), (1, 6, "orders-1")] == [(e.number, e.at_ms, e.place) for e in seen]


def test_sets_are_told_in_order() -> None:
    """Same seed, same text, whatever the hash seed of strings is."""
    members = frozenset({"c", "a", "b"})
    assert "LeaderChanged(epoch=1, members={'a', 'b', 'c'})" == str(LeaderChanged(1, members))


def told(trace: Trace, *, is_recorded: bool) -> Trace:
    """Tell two changes, in between one at another place, either way."""
    for epoch, place in ((1, "orders-0"), (2, "orders-1"), (3, "orders-0")):
        members = frozenset({"a"})
        if is_recorded and epoch != 2:
            trace.record(LeaderChanged, (epoch, members), 5 * epoch, place)
        else:
            trace.at(place).emit(LeaderChanged(epoch, members), at_ms=5 * epoch)
    return trace


@pytest.mark.parametrize(
    "look",
    [
        *(len, list, str, repr),
        lambda trace: (trace[-1], trace[0], trace[:2]),
        lambda trace: trace.of(LeaderChanged),
        lambda trace: list(trace.at("elsewhere")),
    ],
)
def test_what_is_recorded_looks_like_what_is_emitted(look: Callable[[Trace], object]) -> None:
    """Putting off the making of events saves time; nobody may see that it happened."""
    emitted, recorded = (told(Trace(), is_recorded=way) for way in (False, True))
    assert look(emitted) == look(recorded)


def test_a_recorded_event_is_made_once() -> None:
    """Who looks twice sees the same object, as with any other list."""
    trace = told(Trace(), is_recorded=True)
    assert trace[2].event is trace[2].event


def test_an_observer_hears_of_what_is_recorded_at_once_and_of_nothing_earlier() -> None:
    """A checker that comes late reads the beginning itself."""
    trace, seen = told(Trace(), is_recorded=True), list[Entry]()
    trace.at("orders-1").observe(seen.append)
    trace.record(LeaderChanged, (4, frozenset()), 20, "orders-0")
    assert [Entry(3, 20, "orders-0", LeaderChanged(4, frozenset()))] == seen
    assert 4 == len(trace)


def test_a_walk_meets_what_is_recorded_meanwhile() -> None:
    """As the walk along a list that grows does."""
    trace, met = told(Trace(), is_recorded=True), list[int]()
    for entry in trace:
        met.append(entry.number)
        if len(trace) < 6:
            trace.record(LeaderChanged, (9, frozenset()), 30, "orders-0")
    assert [0, 1, 2, 3, 4, 5] == met
