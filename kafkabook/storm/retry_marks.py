"""What a storm has met of asking again: who did, and after which failure."""

from collections.abc import Callable

from kafkabook.base.machine import Address
from kafkabook.base.trace import Event
from kafkabook.cluster.events import BrokerStarted
from kafkabook.sim.events import ConnectionClosed, MessageDelivered, MessageSent
from kafkabook.storm.schedule import CONSUMER, CONTROLLER

Asking = tuple[Address, Address, str]  # who, whom, over which channel: one request at a time
FETCHER = "replica fetcher"
TO_LEADERS = ("Fetch", "OffsetsForLeaderEpoch", "ListOffsets")
CHANNELS = {
    "AlterPartition": "alter-partition",
    "BrokerHeartbeat": "heartbeat",
    "BrokerRegistration": "heartbeat",
}


class RetryMarks:
    """Names what is asked again: of the controller, of leaders, by clients."""

    def __init__(self) -> None:
        self._open: set[Asking] = set()  # requests that are owed an answer
        self._failed: dict[Asking, str] = {}  # and why there was none
        self._looks_for_leader = False  # the consumer, which awaits metadata
        self._produced: set[str] = set()  # values that were sent to a broker before
        self.kinds: dict[type[Event], Callable[..., str]] = {
            MessageSent: self._sent,
            MessageDelivered: self._delivered,
            ConnectionClosed: self._closed,
            BrokerStarted: self._started,
        }

    def _sent(self, event: MessageSent) -> str:
        if event.answers:
            return _deleted(event) if event.name == "DeleteRecordsResponse" else ""
        if event.name == "Produce":
            return self._produce(event)
        if event.sender == CONSUMER:
            return self._read(event)
        asking = _asking(event.name, event.sender, event.receiver)
        if asking is None:
            return ""
        self._open.add(asking)
        if why := self._failed.pop(asking, ""):
            return f"{_who(asking)} asked again: {why}"
        return _asked_for_offset(event) if event.name == "ListOffsets" else ""

    def _produce(self, event: MessageSent) -> str:
        values = {value for carried in event.carries for value in getattr(carried, "values", ())}
        is_again = bool(values & self._produced)
        self._produced |= values
        return "produce sent again" if is_again else ""

    def _read(self, event: MessageSent) -> str:
        """A consumer that tries again looks for the leader first, unless it is told meanwhile.

        While it waits for metadata, a timer asks the next broker for them: that is no reading.
        """
        is_looking = self._looks_for_leader
        self._looks_for_leader |= event.name == "Metadata"
        is_again = event.cause == "timer" and (event.name == "Fetch" or not is_looking)
        return "read tried again" if is_again else ""

    def _delivered(self, event: MessageDelivered) -> str:
        if event.name == "MetadataResponse" and event.receiver == CONSUMER:
            self._looks_for_leader = False
        name = event.name.removesuffix("Response")
        if name != event.name:
            asking = _asking(name, event.receiver, event.sender)
            if asking is not None:
                self._open.discard(asking)
        return ""

    def _closed(self, event: ConnectionClosed) -> str:
        asking = event.client, event.server, event.channel
        if asking in self._open:
            self._open.discard(asking)
            self._failed[asking] = event.reason
        return ""

    def _started(self, event: BrokerStarted) -> str:
        """Another process knows nothing of what the last one asked."""
        self._open = {asking for asking in self._open if asking[0] != event.broker}
        for asking in [asking for asking in self._failed if asking[0] == event.broker]:
            del self._failed[asking]
        return ""


def _asking(name: str, asker: Address, asked: Address) -> Asking | None:
    """Return how a broker asks for that; None for what is not counted."""
    if not isinstance(asker, int):
        return None
    if asked == CONTROLLER and name in CHANNELS:
        return asker, asked, CHANNELS[name]
    is_copying = isinstance(asked, int) and name in TO_LEADERS
    return (asker, asked, FETCHER) if is_copying else None


def _asked_for_offset(event: MessageSent) -> str:
    """A follower is out of range: it asks where its leader's log ends, then where it starts."""
    said = {str(getattr(carried, "says", "")) for carried in event.carries}
    return f"follower asked for {' and '.join(sorted(said))}"


def _deleted(event: MessageSent) -> str:
    """A deletion is over at once, with a follower's fetch or with metadata, or after its time."""
    errors = {str(getattr(carried, "error", "")) for carried in event.carries} - {""}
    if errors:
        return f"deletion refused: {' and '.join(sorted(errors))}"
    return "deletion made at once" if event.cause == event.answers else "deletion made in the end"


def _who(asking: Asking) -> str:
    return "leader" if asking[2] == FETCHER else f"controller ({asking[2]})"
