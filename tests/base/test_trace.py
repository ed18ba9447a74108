"""A trace is a journal: in order, observed as it grows, the same text every time."""

from dataclasses import dataclass

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
