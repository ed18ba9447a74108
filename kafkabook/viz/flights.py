"""The messages that a stage draws: which ones matter, from when to when they travel, what they do.

Heartbeats, empty fetches and unchanged metadata are most of a cluster's traffic and none of its
story: they are not drawn, but counted.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from kafkabook.base.machine import Address
from kafkabook.base.trace import Entry
from kafkabook.sim.events import (
    MessageDelivered,
    MessageDropped,
    MessageHeld,
    MessageRefused,
    MessageReleased,
    MessageSent,
    MessageStalled,
    MessageWaits,
)

ON_ITS_WAY, ARRIVED, DROPPED, REFUSED = "on its way", "arrived", "lost", "refused"
HELD, STALLED = "held", "the link is cut"
LONG_MS = 12  # what takes longer than this stands still somewhere
_MOST_COUNTED = 2  # names of requests; the others are fewer
_QUIET = {
    *("BrokerHeartbeat", "BrokerHeartbeatResponse"),
    *("BrokerRegistration", "BrokerRegistrationResponse"),
    *("Metadata", "MetadataResponse"),
}


@dataclass(slots=True)
class Flight:
    """One message on its way.

    Attributes: `stops` (from when to when it stood still, and why), `end_ms` (None while it is on
    its way), `fate`, `values` (of the records in it), `matters` (whether it is drawn).
    """

    number: int
    name: str
    sender: Address
    receiver: Address
    sent_ms: int
    answers: int
    values: tuple[str, ...] = ()
    says: str = ""
    matters: bool = False
    end_ms: int | None = None
    fate: str = ON_ITS_WAY
    stops: list[tuple[int, int | None, str]] = field(default_factory=list)

    @property
    def is_answer(self) -> bool:
        """Whether it answers a request, or tells unasked what has changed."""
        return self.answers > 0 or self.name == "MetadataUpdate"

    def spans(self, now_ms: int) -> list[tuple[int, int]]:
        """Return when it moves: all its way, or its first and last milliseconds if that is long."""
        end_ms = now_ms if self.end_ms is None else self.end_ms
        if end_ms - self.sent_ms <= LONG_MS:
            return [(self.sent_ms, end_ms)]
        return [(self.sent_ms, self.sent_ms + 3), (end_ms - 3, end_ms)]


def flights(entries: Iterable[Entry], partition: str) -> list[Flight]:
    """Return all messages of a trace in the order of their sending; see `matters`."""
    found: dict[int, Flight] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, MessageSent):
            found[event.number] = _flight(event, entry.at_ms, partition)
        elif isinstance(event, _FATES):
            flight = found.get(event.number)
            if flight is not None:
                _go_on(flight, event, entry.at_ms)
    return list(found.values())


def counted(found: Iterable[Flight], from_ms: float, to_ms: float) -> str:
    """Count the requests that were sent in a quiet span: the most frequent ones, by name."""
    names = Counter(
        f"{it.name} refused" if it.fate == REFUSED else it.name
        for it in found
        if from_ms < it.sent_ms < to_ms and not it.is_answer
    )
    return ", ".join(f"{count:,} × {name}" for name, count in names.most_common(_MOST_COUNTED))


def _flight(event: MessageSent, at_ms: int, partition: str) -> Flight:
    own = [it for it in event.carries if getattr(it, "partition", "") == partition]
    values = tuple(value for it in own for value in getattr(it, "values", ()))
    says = "; ".join(filter(None, (getattr(it, "error", "") for it in own)))
    flight = Flight(
        event.number, event.name, event.sender, event.receiver, at_ms, event.answers, values, says
    )
    changes = any("PartitionChangeRecord" in getattr(it, "says", "") for it in own)
    flight.matters = _matters(flight, has_own=bool(own), changes=changes)
    return flight


def _matters(flight: Flight, *, has_own: bool, changes: bool) -> bool:
    if flight.name in _QUIET:
        return False
    if flight.name == "MetadataUpdate":
        return changes
    if flight.name in ("Fetch", "FetchResponse"):
        return bool(flight.values) or (has_own and flight.name == "Fetch") or bool(flight.says)
    return has_own or flight.name in ("AlterPartition", "AlterPartitionResponse")


def _go_on(flight: Flight, event: object, at_ms: int) -> None:
    match event:
        case MessageDelivered():
            flight.end_ms, flight.fate = at_ms, ARRIVED
        case MessageDropped():
            flight.end_ms, flight.fate = at_ms, DROPPED
        case MessageRefused():
            flight.end_ms, flight.fate = at_ms, REFUSED
        case MessageHeld():
            flight.stops.append((at_ms, None, HELD))
            flight.matters = True
        case MessageStalled():
            flight.stops.append((at_ms, None, STALLED))
        case MessageWaits(reason=reason):
            flight.stops.append((at_ms, None, reason))
        case MessageReleased():
            flight.stops = [(a, at_ms if z is None else z, why) for a, z, why in flight.stops]


_FATES = (
    MessageDelivered,
    MessageDropped,
    MessageRefused,
    MessageHeld,
    MessageReleased,
    MessageStalled,
    MessageWaits,
)
