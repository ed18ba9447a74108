"""A trace is a journal: in order, observed as it grows, the same text every time."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from kafkabook.base.trace import SHOWN, Entry, Event, Trace
from kafkabook.cluster.events import AlterPartitionAccepted


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


@dataclass(frozen=True, slots=True)
class LeaderElected(LeaderChanged):
    """A kind of its own, which is also the other."""


@dataclass(frozen=True, slots=True)
class MemberLeft(Event):
    """Another kind."""

    member: str


def told(trace: Trace, *, is_recorded: bool) -> Trace:
    """Tell two changes, in between one at another place, either way."""
    for epoch, place in ((1, "orders-0"), (2, "orders-1"), (3, "orders-0")):
        members = frozenset({"a"})
        if is_recorded and epoch != 2:
            trace.recorder(LeaderChanged, place)((epoch, members), 5 * epoch)
        else:
            trace.at(place).emit(LeaderChanged(epoch, members), at_ms=5 * epoch)
    return trace


@pytest.mark.parametrize(
    "look",
    [
        *(len, list, str, repr),
        lambda trace: (trace[-1], trace[0], trace[1]),
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
    trace.recorder(LeaderChanged, "orders-0")((4, frozenset()), 20)
    assert [Entry(3, 20, "orders-0", LeaderChanged(4, frozenset()))] == seen
    assert 4 == len(trace)


def test_a_walk_meets_what_is_recorded_meanwhile() -> None:
    """As the walk along a list that grows does."""
    trace, met = told(Trace(), is_recorded=True), list[int]()
    for entry in trace:
        met.append(entry.number)
        if len(trace) < 6:
            trace.recorder(LeaderChanged, "orders-0")((9, frozenset()), 30)
    assert [0, 1, 2, 3, 4, 5] == met


def test_an_observer_of_kinds_hears_of_these_and_of_their_subclasses_only() -> None:
    """Most of a trace concerns nobody; who asks for two kinds is called for two kinds."""
    trace, changes, both = Trace(), list[Entry](), list[Entry]()
    trace.observe(changes.append, LeaderChanged)
    trace.observe(both.append, LeaderElected, MemberLeft)
    trace.emit(LeaderChanged(1, frozenset()), at_ms=1)
    trace.recorder(MemberLeft, "")(("a",), 2)
    trace.recorder(LeaderElected, "")((3, frozenset()), 3)
    trace.emit(Event(), at_ms=4)
    assert [trace[0], trace[2]] == changes
    assert [trace[1], trace[2]] == both


def test_an_observer_that_comes_later_hears_of_a_kind_that_was_told_before() -> None:
    """Who observes which kind is remembered, and must be forgotten when somebody comes."""
    trace, seen = Trace(), list[Entry]()
    trace.recorder(MemberLeft, "")(("a",), 1)
    trace.observe(seen.append, MemberLeft)
    trace.recorder(MemberLeft, "")(("b",), 2)
    trace.observe(seen.append)
    trace.emit(MemberLeft("c"), at_ms=3)
    assert [trace[1], trace[2], trace[2]] == seen


def test_an_event_stays_unmade_while_only_other_kinds_are_observed_or_asked_for() -> None:
    """That is what makes a long run cheap."""
    trace, made, seen = Trace(), list[str](), list[Entry]()

    def make(member: str) -> MemberLeft:
        made.append(member)
        return MemberLeft(member)

    trace.observe(seen.append, LeaderChanged)
    trace.recorder(MemberLeft, "", make=make)(("a",), 1)
    trace.emit(LeaderChanged(1, frozenset()), at_ms=2)
    assert ([trace[1]], seen, 2) == (trace.of(LeaderChanged), [trace[1]], len(trace))
    assert [] == made
    assert [Entry(0, 1, "", MemberLeft("a"))] == trace.of(MemberLeft)
    assert trace[0].event is trace[-2].event
    assert ["a"] == made


def test_what_is_recorded_without_a_recorder_is_made_when_somebody_looks_or_observes() -> None:
    """Under the place of the trace on which it is told."""
    trace, made, seen = Trace("orders-0"), list[str](), list[Entry]()

    def make(member: str) -> MemberLeft:
        made.append(member)
        return MemberLeft(member)

    trace.record(MemberLeft, ("a",), at_ms=1, make=make)
    trace.observe(seen.append, MemberLeft)
    assert [] == made
    trace.record(MemberLeft, ("b",), at_ms=2, make=make)
    assert (["b"], [Entry(1, 2, "orders-0", MemberLeft("b"))]) == (made, seen)
    assert Entry(0, 1, "orders-0", MemberLeft("a")) == trace[0]


def test_an_observed_event_is_made_once_for_all_who_look() -> None:
    """Two observers and a reader see the same object."""
    trace, seen = Trace(), list[Entry]()
    trace.observe(seen.append, MemberLeft)
    trace.observe(seen.append)
    trace.recorder(MemberLeft, "orders-0")(("a",), 1)
    assert seen[0] is seen[1] is trace[0]


def test_all_kinds_that_are_asked_for_come_in_the_order_of_the_trace() -> None:
    """A story is read from the beginning, whoever tells it."""
    trace = Trace()
    trace.recorder(MemberLeft, "")(("a",), 1)
    trace.emit(LeaderElected(2, frozenset()), at_ms=2)
    trace.emit(Event(), at_ms=3)
    trace.recorder(MemberLeft, "")(("b",), 4)
    assert [0, 1, 3] == [entry.number for entry in trace.of(MemberLeft, LeaderChanged)]


def test_a_long_trace_tells_its_first_entries_and_how_many_more_there_are() -> None:
    """A cell that ends in a trace of a whole run must not be a thousand lines; `print` is."""
    trace = Trace("orders-0")
    for at_ms in range(SHOWN):
        trace.emit(Event(), at_ms=at_ms)
    assert str(trace) == repr(trace)
    for at_ms in range(1_000):
        trace.emit(Event(), at_ms=at_ms)
    *told, last = repr(trace).splitlines()
    assert str(trace).splitlines()[:SHOWN] == told
    assert "… and 1,000 more entries; print(…) shows all" == last


def test_an_event_prints_its_sets_in_order() -> None:
    """The order in which Python keeps a set depends on more than its members."""
    event = AlterPartitionAccepted("orders-0", 8, frozenset({8, 1}), 1, 1, 0, 0, ())
    assert repr(event).startswith(
        "AlterPartitionAccepted(partition='orders-0', broker=8, isr={1, 8}, broker_epoch=1,"
    )
