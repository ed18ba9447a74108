"""What happened, in order: events are frozen facts in the past tense, a trace is their journal.

A keeper tells its trace what changed and why; figures, checkers and graders read nothing else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from kafkabook.base.door import meant
from kafkabook.base.errors import UnknownName, WrongType
from kafkabook.base.in_order import in_order, repr_in_order
from kafkabook.base.plain import plain
from kafkabook.base.quick_init import with_quick_init
from kafkabook.base.shown import Shown
from kafkabook.base.units import seconds_text

MOST_TOLD = 500  # letters of a sentence in a notebook


@dataclass(frozen=True, slots=True)
class Event:
    """A fact in the past tense. Subclasses hold plain values, the reason among them."""

    def __init_subclass__(cls) -> None:
        """Let each event print its sets in order, and be made quickly.

        A dataclass keeps a `__repr__` that it finds. It makes the class a second time to give it
        slots, and that time its fields are known here.
        """
        if "__repr__" not in vars(cls):
            cls.__repr__ = repr_in_order  # type: ignore[method-assign]
        if "__dataclass_fields__" in vars(cls):
            with_quick_init(cls)

    def __str__(self) -> str:
        told = ", ".join(f"{f.name}={in_order(getattr(self, f.name))}" for f in fields(self))
        return f"{type(self).__name__}({told})"

    def sentence(self) -> str:
        """Say what happened, for a reader; a subclass says it in Kafka's words.

        Text from outside, such as a record's value, is in it as it is: whoever shows a sentence
        makes that harmless.
        """
        return str(self)

    def placed_sentence(self) -> str:
        """Return the sentence, with the partition in front where it does not name that."""
        sentence, partition = self.sentence(), getattr(self, "partition", "")
        return sentence if partition in sentence else f"{partition}: {sentence}"

    def _repr_pretty_(self, printer: Any, _is_cyclic: bool) -> None:
        """Show a notebook the sentence; `repr` has every field."""
        printer.text(plain(self.placed_sentence(), MOST_TOLD))


class Entry(NamedTuple):
    """One line of a trace: which, when, where, what. A tuple, for there are millions of them.

    A notebook shows when it was and the event's sentence; `str` and `repr` have every field.
    """

    number: int
    at_ms: int
    place: str  # a partition such as "orders-0", a node such as "broker-2", or ""
    event: Event

    def _repr_pretty_(self, printer: Any, _is_cyclic: bool) -> None:
        told = plain(self.event.placed_sentence(), MOST_TOLD)
        printer.text(f"{seconds_text(self.at_ms)}  {told}")

    def __str__(self) -> str:
        return f"{self.number:>4} {self.at_ms:>10} ms  {self.place:<12} {self.event}"


# An event to be made when somebody looks: its kind, how it is made of which facts, when and where.
Unread = tuple[type[Event], Callable[..., Event], tuple[object, ...], int, str]
Observer = Callable[[Entry], None]
SHOWN = 40  # entries that a trace tells in a cell


class SharedEntries:
    """What all the views of one trace share: entries, some of them not made yet, and observers."""

    __slots__ = ("by_kind", "entries", "observers")

    def __init__(self) -> None:
        self.entries: list[Entry | Unread] = []
        self.observers: list[tuple[Observer, tuple[type[Event], ...] | None]] = []
        self.by_kind: dict[type[Event], list[Observer]] = {}

    def observers_of(self, kind: type[Event]) -> list[Observer]:
        """Return who wants to be told of such an event, in the order in which they came."""
        known = self.by_kind.get(kind)
        if known is None:
            known = self.by_kind[kind] = [
                observer
                for observer, kinds in self.observers
                if kinds is None or issubclass(kind, kinds)
            ]
        return known

    def observe(self, observer: Observer, kinds: tuple[type[Event], ...] | None) -> None:
        """Tell an observer of later entries of such kinds; None means any."""
        self.observers.append((observer, kinds))
        for kind, known in self.by_kind.items():
            if kinds is None or issubclass(kind, kinds):
                known.append(observer)

    def tell(self, number: int, observers: list[Observer]) -> None:
        """Show an entry to those who observe by now, and not to who begins meanwhile."""
        entry = self.read(number)
        for observer in tuple(observers):
            observer(entry)

    def read(self, number: int) -> Entry:
        """Return an entry, whose event is made now if it was not before."""
        entry = self.entries[number]
        if isinstance(entry, Entry):
            return entry
        _, make, facts, at_ms, place = entry
        made = Entry(number % len(self.entries), at_ms, place, make(*facts))
        self.entries[number] = made
        return made


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
        self._journal = SharedEntries()

    def emit(self, event: Event, *, at_ms: int, place: str | None = None) -> None:
        """Add an event; observers see it at once, in the order in which they came."""
        journal = self._journal
        entries = journal.entries
        entry = Entry(len(entries), at_ms, self.place if place is None else place, event)
        entries.append(entry)
        for observer in tuple(journal.observers_of(type(event))):
            observer(entry)

    def record(
        self,
        kind: type[Event],
        facts: tuple[object, ...],
        *,
        at_ms: int,
        make: Callable[..., Event] | None = None,
    ) -> None:
        """Add `make(*facts)`, made when somebody looks; see `recorder`, for what is told most.

        >>> trace = Trace("orders-0")
        >>> trace.record(Event, (), at_ms=5)
        >>> print(trace)
           0          5 ms  orders-0     Event()
        """
        self._journal.entries.append((kind, make or kind, facts, at_ms, self.place))
        if observers := self._journal.observers_of(kind):
            self._journal.tell(-1, observers)

    def recorder(
        self, kind: type[Event], place: str, *, make: Callable[..., Event] | None = None
    ) -> Callable[[tuple[object, ...], int], None]:
        """Return what adds `make(*facts)` at a time: made when somebody looks, or is observed.

        For what is told most and read least. It costs an eighth of making an event and of `emit`.

        Args:
            make: how to make it; `kind` itself if omitted.

        >>> trace = Trace()
        >>> record = trace.recorder(Event, "orders-0")
        >>> record((), 5)
        >>> len(trace), trace[0].event
        (1, Event())
        """
        # A call finds here what it needs, looked up once; `observe` adds to this list of observers.
        journal, made_by = self._journal, make or kind
        add, observers = journal.entries.append, journal.observers_of(kind)

        def record(facts: tuple[object, ...], at_ms: int) -> None:
            add((kind, made_by, facts, at_ms, place))
            if observers:
                journal.tell(-1, observers)

        return record

    def at(self, place: str) -> "Trace":
        """Return this journal under another default place: one trace, several who tell it.

        >>> trace = Trace()
        >>> trace.at("orders-1").emit(Event(), at_ms=0)
        >>> trace[0].place
        'orders-1'
        """
        told_there = Trace(place)
        told_there._journal = self._journal
        return told_there

    def observe(self, observer: Observer, *kinds: type[Event]) -> None:
        """Hand every later entry to `observer`, or only those of `kinds`, if any are named."""
        self._journal.observe(observer, kinds or None)

    def of(self, *kinds: type[Event] | str) -> list[Entry]:
        """Return the entries whose event is of one of `kinds`, classes or their names, in order.

        Raises:
            LookupError: no event has that name.
        """
        entries, wanted = self._journal.entries, tuple(map(event_kind, kinds))
        return [
            self._journal.read(number)
            for number in range(len(entries))
            if issubclass(_kind_of(entries[number]), wanted)
        ]

    def __iter__(self) -> Iterator[Entry]:
        number = 0
        while number < len(self):  # it may grow meanwhile
            yield self[number]
            number += 1

    def __len__(self) -> int:
        return len(self._journal.entries)

    def __getitem__(self, number: int) -> Entry:
        return self._journal.read(number)

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    def __repr__(self) -> str:
        """Tell the first entries, and how many more there are; `str` tells all."""
        first = "\n".join(str(self[number]) for number in range(min(len(self), SHOWN)))
        more = len(self) - SHOWN
        rest = f"\n… and {more:,} more entries; print(…) shows all" if more > 0 else ""
        return first + rest or f"Trace({self.place!r}, empty)"


def event_kind(name: object) -> type[Event]:
    """Return the class of an event of that name; of a class, itself.

    Raises:
        LookupError: no event that is loaded has that name; the message has the nearest one.
        TypeError: it is neither a name nor a class of events.
    """
    if isinstance(name, type) and issubclass(name, Event):
        return name
    if not isinstance(name, str):
        told = name.__name__ if isinstance(name, type) else repr(name)
        raise WrongType(f"{told} is no kind of event; write one as 'BrokerFenced'")
    kinds = {kind.__name__: kind for kind in _kinds(Event)}
    if name not in kinds:
        raise UnknownName(f"no event is called {name!r}{meant(name, kinds)}")
    return kinds[name]


def _kinds(kind: type[Event]) -> Iterator[type[Event]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from _kinds(sub)


def _kind_of(entry: Entry | Unread) -> type[Event]:
    return type(entry.event) if isinstance(entry, Entry) else entry[0]
