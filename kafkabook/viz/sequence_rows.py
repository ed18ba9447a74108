"""The rows of a sequence diagram: which entries of a trace are messages, and which are notes."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kafkabook.base.machine import Address
from kafkabook.base.plain import plain
from kafkabook.base.trace import Entry, Event
from kafkabook.cluster.events import (
    BrokerCrashed,
    BrokerFenced,
    BrokerPoweredOff,
    BrokerStarted,
    BrokerStopped,
    PartitionChanged,
)
from kafkabook.replication.events import BecameLeader, HighWatermarkMoved, ReplicaTruncated
from kafkabook.sim.events import (
    ConnectionClosed,
    MessageDelivered,
    MessageDropped,
    MessageHeld,
    MessageRefused,
)

Notes = Mapping[type[Event], Callable[[Any], str]]
CONTROLLER_NAME = "controller"
_FATES: dict[type[Event], str] = {
    MessageDelivered: "",
    MessageDropped: "lost",
    MessageHeld: "held",
    MessageRefused: "refused",
}
_ALIVE_AFTER: dict[type[Event], bool] = {
    BrokerCrashed: False,
    BrokerPoweredOff: False,
    BrokerStopped: False,
    BrokerStarted: True,
}


def _partition_changed(event: PartitionChanged) -> str:
    leader = "no leader" if event.leader is None else f"leader {event.leader}"
    isr = ", ".join(map(str, sorted(event.isr))) or "nobody"
    return f"{event.partition}: {leader}, epoch {event.leader_epoch}, ISR {isr}"


DEFAULT_NOTES: Notes = {
    BecameLeader: lambda it: f"leads {it.partition}, epoch {it.leader_epoch}",
    HighWatermarkMoved: lambda it: f"high watermark {it.to_offset}",
    ReplicaTruncated: lambda it: f"truncates to {it.to_offset}",
    PartitionChanged: _partition_changed,
    BrokerCrashed: lambda _: "crashes",
    BrokerPoweredOff: lambda _: "loses its power",
    BrokerStopped: lambda _: "stops",
    BrokerStarted: lambda _: "starts",
    BrokerFenced: lambda it: f"fences broker {it.broker}",
}


@dataclass(frozen=True, slots=True)
class SequenceRow:
    """One row: a message that arrived at `at_ms`, or a note on the life line of `sender`.

    Attributes: `fate` ("lost", "held", "refused" or empty), `sent_ms` (None for a note, and where
    the trace does not say), `is_alive` (False or True where the actor's process ended or started).
    """

    number: int
    at_ms: int
    sender: Address
    receiver: Address | None
    text: str
    fate: str = ""
    sent_ms: int | None = None
    is_alive: bool | None = None
    reason: str = ""


def rows_of(
    entries: Iterable[Entry], *, notes: Notes = DEFAULT_NOTES, without: Collection[str] = ()
) -> list[SequenceRow]:
    """Return the rows of `entries`; what is neither a message nor in `notes` has none."""
    rows = (_row(entry, notes) for entry in entries)
    return [row for row in rows if row is not None and row.text not in without]


def actors_of(rows: Sequence[SequenceRow]) -> tuple[Address, ...]:
    """Return who takes part: clients by name, brokers by id, the controller."""
    found = {who for row in rows for who in (row.sender, row.receiver) if who is not None}
    return tuple(sorted(found, key=_column))


def _column(actor: Address) -> tuple[int, int, str]:
    if isinstance(actor, int):
        return 1, actor, ""
    return (2 if actor == CONTROLLER_NAME else 0), 0, actor


def _row(entry: Entry, notes: Notes) -> SequenceRow | None:
    event = entry.event
    fate = _FATES.get(type(event))
    if fate is not None:
        return _message(entry, event, fate)
    if type(event) not in notes:
        return None
    told = notes[type(event)](event)
    alive = _ALIVE_AFTER.get(type(event))
    return SequenceRow(entry.number, entry.at_ms, _actor(entry), None, told, is_alive=alive)


def _message(entry: Entry, event: Any, fate: str) -> SequenceRow:
    sent_ms, reason = getattr(event, "sent_ms", None), getattr(event, "reason", "")
    ends = (event.sender, event.receiver)
    return SequenceRow(entry.number, entry.at_ms, *ends, event.name, fate, sent_ms, reason=reason)


def _actor(entry: Entry) -> Address:
    """Return on whose life line a note stands: its place, or the node that the event names."""
    if isinstance(entry.event, ConnectionClosed):
        return entry.event.client  # who notices; its place is the network
    name, _, number = entry.place.rpartition("-")
    if name == "broker" and number.isdigit():
        return int(number)
    if entry.place == CONTROLLER_NAME or isinstance(entry.event, PartitionChanged):
        return CONTROLLER_NAME
    broker = getattr(entry.event, "broker", None)
    return entry.place if broker is None else int(broker)


def actor_name(actor: Address) -> str:
    """Return what stands above a column.

    >>> actor_name(2), actor_name("controller")
    ('broker 2', 'controller')
    """
    return f"broker {actor}" if isinstance(actor, int) else plain(actor, 30)


def sent_row(rows: Sequence[SequenceRow], place: int) -> float:
    """Return at which row, or how far below it, the message of row `place` was sent."""
    sent_ms = rows[place].sent_ms
    if sent_ms is None:
        return place
    earlier = [n for n, row in enumerate(rows[:place]) if row.at_ms <= sent_ms]
    if not earlier:
        return -0.5
    return earlier[-1] + (0.4 if rows[earlier[-1]].at_ms == sent_ms else 0.6)
