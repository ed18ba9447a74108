"""What happened, in order: events are frozen facts in the past tense, a trace is their journal.

A keeper tells its trace what changed and why; figures, checkers and graders read nothing else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import NamedTuple

from kafkabook.base.shown import Shown


@dataclass(frozen=True, slots=True)
class Event:
    """A fact in the past tense. Subclasses hold plain values, the reason among them."""

    def __str__(self) -> str:
        told = ", ".join(f"{f.name}={_plain(getattr(self, f.name))}" for f in fields(self))
        return f"{type(self).__name__}({told})"


class Entry(NamedTuple):
    """One line of a trace: which, when, where, what. A tuple, for there are millions of them."""

    number: int
    at_ms: int
    place: str  # a partition such as "orders-0", a node such as "broker-2", or ""
    event: Event

    def __str__(self) -> str:
        return f"{self.number:>4} {self.at_ms:>10} ms  {self.place:<12} {self.event}"


# An event to be made, as (kind, facts, at_ms, place).
Unread = tuple[type[Event], tuple[object, ...], int, str]


class Trace(Shown):
    """An append-only journal of events, with observers that are told of each entry.

    What is told by `record` waits as a plain tuple until somebody looks. Then its event is made,
    once, so that nobody can tell the two apart.

    Args:
        place: what stands in the `place` column when an event names none.

    >>> trace = Trace("orders-0")
    >>> trace.emit(Event(), at_ms=5)
    >>> print(trace)
       0          5 ms  orders-0     Event()
    """

    def __init__(self, place: str = "") -> None:
        self.place = place
        self._entries: list[Entry] = []
        self._unread: list[Unread] = []  # behind the entries, in order
        self._observers: list[Callable[[Entry], None]] = []

    def emit(self, event: Event, *, at_ms: int, place: str | None = None) -> None:
        """Add an event; observers see it at once, in the order in which they came."""
        entries = self._read()
        entry = Entry(len(entries), at_ms, self.place if place is None else place, event)
        entries.append(entry)
        for observer in self._observers:
            observer(entry)

    def record(self, kind: type[Event], facts: tuple[object, ...], at_ms: int, place: str) -> None:
        """Add the event `kind(*facts)`, made when somebody looks: at once, if anybody observes.

        For what is told most and read least. It costs an eighth of making an event and of `emit`.

        >>> trace = Trace()
        >>> trace.record(Event, (), 5, "orders-0")
        >>> len(trace), trace[0].event
        (1, Event())
        """
        if self._observers:
            self.emit(kind(*facts), at_ms=at_ms, place=place)
        else:
            self._unread.append((kind, facts, at_ms, place))

    def at(self, place: str) -> "Trace":
        """Return this journal under another default place: one trace, several who tell it.

        >>> trace = Trace()
        >>> trace.at("orders-1").emit(Event(), at_ms=0)
        >>> trace[0].place
        'orders-1'
        """
        told_there = Trace(place)
        told_there._entries, told_there._unread = self._entries, self._unread
        told_there._observers = self._observers
        return told_there

    def observe(self, observer: Callable[[Entry], None]) -> None:
        """Hand every later entry to `observer`; a checker is such an observer."""
        self._observers.append(observer)

    def of(self, *kinds: type[Event]) -> list[Entry]:
        """Return the entries whose event is of one of `kinds`, in order."""
        return [entry for entry in self._read() if isinstance(entry.event, kinds)]

    def __iter__(self) -> Iterator[Entry]:
        number = 0
        while number < len(self):  # it may grow meanwhile
            yield self[number]
            number += 1

    def __len__(self) -> int:
        return len(self._entries) + len(self._unread)

    def __getitem__(self, number: int) -> Entry:
        return self._read()[number]

    def __str__(self) -> str:
        return "\n".join(map(str, self._read()))

    def __repr__(self) -> str:
        return str(self) or f"Trace({self.place!r}, empty)"

    def _read(self) -> list[Entry]:
        """Make the events that were only recorded, and return all entries."""
        if self._unread:
            for kind, facts, at_ms, place in self._unread:
                self._entries.append(Entry(len(self._entries), at_ms, place, kind(*facts)))
            self._unread.clear()
        return self._entries


def _plain(value: object) -> str:
    """Render sets in order, so that one seed gives one text."""
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(map(repr, sorted(value))) + "}"
    return repr(value)
