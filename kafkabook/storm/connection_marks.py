"""What a storm has met on connections: broken, refused, asked over again."""

from collections.abc import Callable, Iterator

from kafkabook.base.errors import Errors
from kafkabook.base.machine import Address
from kafkabook.base.trace import Event
from kafkabook.cluster.events import BrokerStarted
from kafkabook.cluster.view import ClusterView
from kafkabook.lab.words import ADMIN
from kafkabook.sim.events import ConnectionClosed, MessageDelivered, MessageRefused, MessageSent
from kafkabook.storm.schedule import ALTERING, CONTROLLER

STALE = Errors.NOT_LEADER_OR_FOLLOWER.name
IN_WORK = {"producer": "a waiting produce", "replica fetcher": "a parked fetch"}  # by channel


class ConnectionMarks:
    """Names situations in what the network tells; it needs a trace that tells of messages."""

    def __init__(self) -> None:
        self._refusals: set[int] = set()  # answers on their way that name another leader
        self._misled: set[Address] = set()  # clients that got one
        self._proposing: set[Address] = set()  # brokers that await an AlterPartition's answer
        self.kinds: dict[type[Event], Callable[..., str]] = {
            ConnectionClosed: lambda event: f"connection ended: {event.reason}",
            MessageRefused: _refused,
            MessageSent: self._sent,
            MessageDelivered: self._delivered,
            BrokerStarted: self._started,
        }

    def _sent(self, event: MessageSent) -> str:
        if event.answers:
            if event.name in ("ProduceResponse", "FetchResponse") and _is_stale(event):
                self._refusals.add(event.number)
            return ""
        if event.name == "Metadata" and event.sender in self._misled:
            self._misled.discard(event.sender)
            return f"metadata asked for after {STALE}"
        if event.name == "AlterPartition":
            return self._proposed(event.sender)
        return _asked_again(event) if event.name in ALTERING else ""

    def _proposed(self, broker: Address) -> str:
        """One request is on its way at a time, so a second one repeats the first."""
        if broker in self._proposing:
            return "AlterPartition asked again"
        self._proposing.add(broker)
        return ""

    def _delivered(self, event: MessageDelivered) -> str:
        if event.name == "AlterPartitionResponse":
            self._proposing.discard(event.receiver)
        elif event.number in self._refusals:
            self._refusals.discard(event.number)
            if isinstance(event.receiver, str):
                self._misled.add(event.receiver)
        return ""

    def _started(self, event: BrokerStarted) -> str:
        self._proposing.discard(event.broker)
        return ""


def met_by_reset(view: ClusterView, one: Address, other: Address) -> Iterator[str]:
    """Name what a reset breaks, a moment before it does: requests in work, messages on their way.

    Of what is on its way only an AlterPartition and its answer are named, since every reset meets
    some fetch.
    """
    ends = {one, other}
    for connection in view.connections:
        waits = IN_WORK.get(connection.channel.rstrip("0123456789 "))
        if waits and connection.is_in_work and ends == {connection.client, connection.server}:
            yield f"reset met {waits}"
    for message in view.messages:
        is_over_it = ends == {message.sender, message.receiver} and not message.is_apart
        if is_over_it and message.name.startswith("AlterPartition"):
            yield "reset met an AlterPartition in flight"


def _is_stale(event: MessageSent) -> bool:
    return any(getattr(carried, "error", "") == STALE for carried in event.carries)


def _asked_again(event: MessageSent) -> str:
    """An administrator's first request is caused by its command, a broker's by a message."""
    if event.sender == ADMIN:
        return "" if event.cause == event.name else "administrator asked again"
    is_again = event.receiver == CONTROLLER and event.cause == "timer"
    return "administrator's request handed on again" if is_again else ""


def _refused(event: MessageRefused) -> str:
    is_client = isinstance(event.sender, str) and event.sender != CONTROLLER
    return f"{'client' if is_client else 'broker'} met a refused connection"
