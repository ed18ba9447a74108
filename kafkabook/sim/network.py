"""Connections between processes, and every message on them: held, delivered, lost by name.

The seed decides only what nobody decided. A message is made visible when somebody looks: until
then it is no more than a call to come, which costs half of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from operator import attrgetter
from typing import Any, Protocol

from kafkabook.base.machine import Address, Close, Effect, Machine, Send
from kafkabook.base.trace import Event, Trace
from kafkabook.sim.connection import (
    NEXT,
    Connection,
    Facts,
    Flight,
    Hold,
    InFlight,
    NameByKind,
    NextOnes,
    Way,
)
from kafkabook.sim.events import (
    ConnectionClosed,
    HoldBegan,
    HoldEnded,
    MessageDelivered,
    MessageDoubled,
    MessageDropped,
    MessageHeld,
    MessageRefused,
    MessageReleased,
    MessageSent,
    MessageStalled,
    MessageWaits,
)
from kafkabook.sim.kernel import Kernel
from kafkabook.sim.links import DRAWN, LinkByEnds, draw_latencies_ms

Record = Callable[[Facts, int], None]  # takes also when that was
LATEST_DRAWN = DRAWN - 1  # a mask: the number of the last latency, whose bits are all set


class Process(Protocol):
    """What the network must know of a process."""

    address: Address
    machine: Machine  # takes what arrives
    is_paused: bool
    only_channel: str | None  # over which it is reached while it does not listen yet
    connections: dict[tuple[Address, str], Connection]  # that it opened, by receiver and channel
    waiting: list[Any]  # what reached it while it stood still

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""


class Host(Protocol):
    """Who runs the processes, and does what they ask for.

    Attributes: `processes` (all that run, by address).
    """

    processes: dict[Address, Any]

    def refuses(self, address: Address) -> bool:
        """Say whether a host answers for an address at which nothing runs."""

    def carry_out(self, process: Any, effects: Iterable[Effect]) -> None:
        """Do what a process asks for, in order."""


class Network:
    """The links between addresses, the connections over them, and the messages on these.

    Args:
        kernel: time, and the stream "network" of chance.
        host: the processes.
        trace: where the fate of each message is told; None tells nothing and costs nothing.
        latency_ms: the shortest and the longest time that a message takes, in milliseconds.

    A connection is opened by the first request on it. It keeps the order of its requests and of its
    answers, and has one request in work at a time. It ends with either process; what its client had
    sent before still arrives, and the client hears of the end unless the server's host lost its
    power. `cut` stalls whatever is between two hosts, as TCP sends again until it gets through;
    `reset` breaks their connections, and all that was on its way is lost together.

    `hold`, `deliver`, `drop` and `double` of one message are tools of thought: TCP cannot do that.
    The message is taken out of its connection, and comes or does not come for itself. What is asked
    of a message that is being sent is looked at in this order: `drop_next`, `hold`, a cut link,
    `double_next`.

    Simplified: a link has no bandwidth, so a large message takes as long as a small one, and
    opening a connection takes no time.
    """

    def __init__(
        self,
        kernel: Kernel,
        host: Host,
        *,
        trace: Trace | None = None,
        latency_ms: tuple[int, int] = (1, 3),
    ) -> None:
        self._kernel, self._host, self._trace = kernel, host, trace
        self._processes, self._carry_out = host.processes, host.carry_out
        self._record_sent: Record = _nothing
        self._record_delivered: Record = _nothing
        if trace is not None:
            self._record_sent = trace.recorder(MessageSent, "network", make=_sent)
            self._record_delivered = trace.recorder(MessageDelivered, "network", make=_taken)
        self._latencies_ms = draw_latencies_ms(kernel.random("network"), latency_ms)
        self._links = LinkByEnds()
        self._names = NameByKind()
        self._seen: dict[int, InFlight] = {}
        self._breaks: list[tuple[Connection, Address, str]] = []  # that a cut link keeps back
        self._sent = 0
        self._holds: list[Hold] = []
        self.next_ones: list[NextOnes] = []
        self.cause: int | str = ""  # what is being handled: a message's number, a timer, a command

    # --- requests and answers --------------------------------------------------------------------

    def send(self, process: Process, effect: Send) -> None:
        """Put a request on its way, over the connection of its channel."""
        to, channel = effect.to, effect.channel
        connection = process.connections.get((to, channel))
        if connection is None:
            connection = self._open(process, to, channel)
        self._begin(process.address, to, effect.message, connection, effect.correlation, 0)

    def reply(self, address: Address, ticket: Flight, message: object | None) -> None:
        """Answer a request, or say that it is owed nothing; then the next of its connection.

        Its ticket is its own flight, which tells where the answer belongs.
        """
        facts, connection, correlation = ticket
        number = facts[0]
        if message is not None and not connection.is_closed:
            to = connection.client.address
            self._begin(address, to, message, connection, correlation, number)
        if connection.in_work == number:
            connection.in_work = 0
            if connection.waiting:
                connection.in_work = NEXT
                self._kernel.at_once(self._next_of, connection)

    def close(self, process: Process, effect: Close) -> None:
        """Let a process give a connection up; what it has sent on it may still arrive."""
        connection = process.connections.get((effect.to, effect.channel))
        if connection is not None:
            self._closed(connection, effect.to, "no answer came in time")
            self._lose_stalled(connection)

    def end(self, process: Process, *, refuses: bool) -> None:
        """Break the connections of a process that is gone.

        What it had sent is on its way and arrives. Who awaits an answer of it hears so, if its host
        is there to say it. Requests that it did not take are lost with their connections.
        """
        for connection in process.connections.values():
            connection.is_closed = True
            self._lose_stalled(connection)
        process.connections.clear()
        for flight in self.in_flight():  # the next process at this address must not take them
            is_bound = flight.answers or flight.connection.is_alone or flight.connection.server
            if flight.receiver == process.address and not is_bound:
                flight.connection.server = process
        for connection in self._served_by(process):
            self._lose_waiting(connection, "the server's process ended")
            if refuses:
                self._break_later(connection, process.address, "the server's process ended")

    def reset(self, a: Address, b: Address) -> None:
        """Break every connection between two addresses: all on its way there is lost together."""
        for connection, client, server in self._between(a, b):
            for flight in self.in_flight():
                if flight.connection is connection:
                    self._lose(flight, "its connection was reset")
            self._lose_waiting(connection, "its connection was reset")
            connection.server = client  # whatever comes on it is refused: it is no server's
            self._kernel.at_once(self._break, connection, server.address, "reset")

    def _open(self, process: Process, to: Address, channel: str) -> Connection:
        forth, back = self._links[process.address, to], self._links[to, process.address]
        connection = Connection(process, channel, forth, back)
        process.connections[to, channel] = connection
        return connection

    def _begin(
        self,
        sender: Address,
        receiver: Address,
        message: object,
        connection: Connection,
        correlation: int,
        answers: int,
    ) -> None:
        """Put a message on its way; in the usual case nobody looks at it before it arrives."""
        self._sent = number = self._sent + 1
        name, now_ms = self._names[type(message)], self._kernel.now_ms
        facts = number, name, sender, receiver, message, now_ms, self.cause, answers
        self._record_sent(facts, now_ms)
        way = connection.back if answers else connection.forth
        flight = facts, connection, correlation
        if way.link.is_cut or self._holds or self.next_ones:
            self._send_as_asked(_visible(flight))
        else:
            self._kernel.at(self._due_ms(way, now_ms), self._arrive, flight)

    def _due_ms(self, way: Way, now_ms: int) -> int:
        """Return when a message arrives: never before one that was sent earlier beside it."""
        link = way.link
        latency_ms = self._latencies_ms[now_ms + link.shift & LATEST_DRAWN]
        due_ms = now_ms + latency_ms + link.extra_ms
        if due_ms < way.due_ms:
            return way.due_ms
        way.due_ms = due_ms
        return due_ms

    # --- arriving --------------------------------------------------------------------------------

    def _arrive(self, flight: Flight) -> None:
        """Take a message at the end of its way."""
        facts, connection, _ = flight
        if facts[7]:
            self._arrive_answer(flight, connection)
            return
        server = self._processes.get(facts[3])
        if (
            server is None
            or (connection.server is not server and connection.server is not None)
            or (server.only_channel is not None and server.only_channel != connection.channel)
        ):
            self._refuse(flight, connection)
        elif server.is_paused:
            connection.server = server  # its host accepts for it
            self._tell_of(MessageWaits, flight, "paused")
            server.waiting.append((self._arrive, flight))
        elif connection.in_work:
            self._tell_of(MessageWaits, flight, "in work")
            connection.waiting.append(flight)
        else:
            connection.server, connection.in_work = server, facts[0]
            self.cause, now_ms = facts[0], self._kernel.now_ms
            self._record_delivered(facts, now_ms)
            effects = server.machine.receive(
                facts[4], sender=facts[2], ticket=flight, now_ms=now_ms
            )
            self._carry_out(server, effects)

    def _arrive_answer(self, flight: Flight, connection: Connection) -> None:
        client = connection.client
        if connection.is_closed or not client.is_running:
            self._tell_of(MessageDropped, flight, "its connection was closed")
        elif client.is_paused:
            self._tell_of(MessageWaits, flight, "paused")
            client.waiting.append((self._arrive, flight))
        else:
            facts, _, correlation = flight
            self.cause, now_ms = facts[0], self._kernel.now_ms
            self._record_delivered(facts, now_ms)
            effects = client.machine.answered(correlation, facts[4], now_ms=now_ms)
            self._carry_out(client, effects)

    def _next_of(self, connection: Connection) -> None:
        """Take the next request that waits on a connection; whatever arrives meanwhile is later."""
        server = connection.server
        if server.is_paused:
            server.waiting.append((self._next_of, connection))
            return
        connection.in_work = 0
        if connection.waiting:
            self._arrive(connection.waiting.popleft())

    def _refuse(self, flight: Flight, connection: Connection) -> None:
        """Answer for a host at which that process does not run, or not listen: it breaks.

        A host without power says nothing.
        """
        at = flight[0][3]
        if not self._host.refuses(at):
            self._tell_of(MessageDropped, flight, "nobody is there")
            return
        self._tell_of(MessageRefused, flight)
        if not connection.is_alone:
            self._break_later(connection, at, "nobody is there")

    def _break_later(self, connection: Connection, server: Address, reason: str) -> None:
        """Send the client of a connection the news that it is gone, behind what was answered."""
        due_ms = self._due_ms(connection.back, self._kernel.now_ms)
        self._kernel.at(due_ms, self._break, connection, server, reason)

    def _break(self, connection: Connection, server: Address, reason: str) -> None:
        """Let the client hear that its connection is gone, once."""
        client = connection.client
        if connection.is_closed or not client.is_running:
            return
        if connection.back.link.is_cut and reason != "reset":
            self._breaks.append((connection, server, reason))
        elif self._kernel.now_ms < connection.back.due_ms and reason != "reset":
            due_ms = connection.back.due_ms  # a cut has delayed what was answered
            self._kernel.at(due_ms, self._break, connection, server, reason)
        elif client.is_paused:
            client.waiting.append((self._break, connection, server, reason))
        else:
            self._closed(connection, server, reason)
            self.cause = reason
            effects = client.machine.disconnected(
                server,
                connection.channel,
                was_refused=connection.server is None,
                now_ms=self._kernel.now_ms,
            )
            self._carry_out(client, effects)

    def _closed(self, connection: Connection, server: Address, reason: str) -> None:
        connection.is_closed = True
        opened = connection.client.connections
        if opened.get((server, connection.channel)) is connection:
            del opened[server, connection.channel]
        client = connection.client.address
        self._tell(ConnectionClosed(client, server, connection.channel, reason))

    def _served_by(self, process: Process) -> list[Connection]:
        """Return the connections that others opened to a process."""
        return [
            connection
            for client in self._processes.values()
            for connection in client.connections.values()
            if connection.server is process
        ]

    def _between(self, a: Address, b: Address) -> list[tuple[Connection, Process, Process]]:
        """Return the connections between two addresses, whoever opened them, with both ends."""
        found = []
        for client_at, server_at in ((a, b), (b, a)):
            client, server = self._processes.get(client_at), self._processes.get(server_at)
            if client is not None and server is not None:
                found += [
                    (connection, client, server)
                    for (to, _), connection in list(client.connections.items())
                    if to == server_at
                ]
        return found

    # --- links -----------------------------------------------------------------------------------

    def cut(self, a: Address, b: Address) -> None:
        """Stall everything between `a` and `b`, also what is on its way there, until `heal`."""
        links = self._links[a, b], self._links[b, a]
        for link in links:
            link.is_cut = True
        for flight in self.in_flight():
            if flight.held_by is None and not flight.is_stalled and flight.way.link in links:
                self._stall(flight)

    def heal(self, a: Address, b: Address) -> None:
        """Let messages through again; what was stalled goes on, in the order of sending."""
        links = self._links[a, b], self._links[b, a]
        for link in links:
            link.is_cut = False
        for flight in self.in_flight():
            if flight.is_stalled and flight.way.link in links:
                flight.is_stalled = False
                self._travel(flight)
        breaks, self._breaks = self._breaks, []
        for connection, server, reason in breaks:
            self._break_later(connection, server, reason)

    def slow(self, a: Address, b: Address, extra_ms: int) -> None:
        """Add `extra_ms` to what each later message takes, in both directions; 0 ends that."""
        if extra_ms < 0:
            raise ValueError(f"{extra_ms} extra ms")
        self._links[a, b].extra_ms = self._links[b, a].extra_ms = extra_ms

    def _stall(self, flight: InFlight) -> None:
        if flight.timer is not None:
            self._kernel.cancel(flight.timer)
        flight.timer, flight.due_ms, flight.is_stalled = None, None, True
        self._seen[flight.number] = flight
        self._tell_of(MessageStalled, flight.flight)

    def _lose_stalled(self, connection: Connection) -> None:
        """Lose what a cut link kept back of a connection that its client gave up."""
        for flight in list(self._seen.values()):
            if flight.is_stalled and flight.connection is connection:
                self._lose(flight, "its connection was closed")

    def _lose_waiting(self, connection: Connection, reason: str) -> None:
        """Lose the requests behind the one in work: nobody will take them."""
        while connection.waiting:
            self._tell_of(MessageDropped, connection.waiting.popleft(), reason)

    # --- looking ---------------------------------------------------------------------------------

    def in_flight(self) -> list[InFlight]:
        """Return what was sent and has not arrived, held or not, in the order of sending.

        Cost: O(all calls to come in the kernel).
        """
        for due_ms, timer in self._kernel.waiting():
            if timer[0] == self._arrive:
                flight = _visible(timer[1][0])
                flight.due_ms = due_ms
                flight.timer, timer[:] = timer, (self._end_of_way, (flight,))
                self._seen[flight.number] = flight
        return sorted(self._seen.values(), key=attrgetter("number"))

    def held(self) -> list[InFlight]:
        """Return the messages that somebody holds, in the order of sending."""
        held = (flight for flight in self._seen.values() if flight.held_by is not None)
        return sorted(held, key=attrgetter("number"))

    # --- tools of thought ------------------------------------------------------------------------

    def hold(
        self,
        name: str | None = None,
        sender: Address | None = None,
        receiver: Address | None = None,
    ) -> Hold:
        """Stop every matching message, those in flight too, until `release`; None means any.

        A held message has left its connection: should its receiver be restarted, the process that
        runs then gets it. This is how a scenario brings back a stale request.
        """
        hold = Hold(name, sender, receiver)
        self._holds.append(hold)
        self._tell(HoldBegan(name, sender, receiver))
        for flight in self.in_flight():
            if flight.held_by is None and hold.matches(flight):
                self._stop(flight, hold)
        return hold

    def release(self, hold: Hold) -> None:
        """End a hold; its messages go on in order, but for those that another hold matches.

        Raises:
            ValueError: it was released before.
        """
        self._holds.remove(hold)
        self._tell(HoldEnded(hold.name, hold.sender, hold.receiver))
        for flight in self.held():
            if flight.held_by is hold:
                self._go_on(flight)

    def deliver(self, number: int) -> None:
        """Hand over a message, held or not, as the very next event."""
        flight = self._find(number)
        if flight.held_by is not None:
            flight.held_by = None
            self._tell_of(MessageReleased, flight.flight)
        self._set_apart(flight)
        flight.due_ms = self._kernel.now_ms
        flight.timer = self._kernel.at_once(self._end_of_way, flight)

    def drop(self, number: int) -> None:
        """Lose a message, held or not."""
        self._lose(self._find(number), "dropped on request")

    def double(self, number: int) -> None:
        """Put a second copy on its way; of a held message, a held copy."""
        self._copy(self._find(number))

    def drop_next(
        self, name: str | None, sender: Address | None, receiver: Address | None, count: int = 1
    ) -> None:
        """Lose the next `count` matching messages that are sent."""
        self.next_ones.append(NextOnes(name, sender, receiver, "drop", count))

    def double_next(
        self, name: str | None, sender: Address | None, receiver: Address | None, count: int = 1
    ) -> None:
        """Send the next `count` matching messages twice."""
        self.next_ones.append(NextOnes(name, sender, receiver, "double", count))

    def _send_as_asked(self, flight: InFlight) -> None:
        if self._take_next("drop", flight):
            self._tell_of(MessageDropped, flight.flight, "dropped on request")
            return
        hold = next((hold for hold in self._holds if hold.matches(flight)), None)
        if hold is not None:
            self._seen[flight.number] = flight
            self._stop(flight, hold)
        else:
            self._travel(flight)
        if self._take_next("double", flight):
            self._copy(flight)

    def _travel(self, flight: InFlight) -> None:
        self._seen[flight.number] = flight
        if flight.way.link.is_cut:
            self._stall(flight)
        else:
            due_ms = flight.due_ms = self._due_ms(flight.way, self._kernel.now_ms)
            flight.timer = self._kernel.at(due_ms, self._end_of_way, flight)

    def _end_of_way(self, flight: InFlight) -> None:
        flight.timer = None  # it holds the message: without this, only the collector could free it
        del self._seen[flight.number]
        self._arrive(flight.flight)

    def _stop(self, flight: InFlight, hold: Hold) -> None:
        self._set_apart(flight)
        flight.held_by = hold
        self._tell_of(MessageHeld, flight.flight)

    def _set_apart(self, flight: InFlight) -> None:
        """Take a message out of its connection: it comes for itself, and so does its answer."""
        if flight.timer is not None:
            self._kernel.cancel(flight.timer)
        flight.timer, flight.due_ms, flight.is_stalled = None, None, False
        if not flight.connection.is_alone:
            was = flight.connection
            forth, back = was.forth.link, was.back.link
            flight.connection = Connection(was.client, was.channel, forth, back, alone=True)

    def _go_on(self, flight: InFlight) -> None:
        other = next((hold for hold in self._holds if hold.matches(flight)), None)
        flight.held_by = other
        if other is None:
            self._tell_of(MessageReleased, flight.flight)
            self._travel(flight)

    def _copy(self, flight: InFlight) -> None:
        self._sent += 1
        copy = replace(flight, number=self._sent, sent_ms=self._kernel.now_ms, timer=None)
        self._set_apart(copy)
        self._tell_of(MessageDoubled, flight.flight, copy.number)
        if flight.held_by is not None:
            self._seen[copy.number] = copy
            self._stop(copy, flight.held_by)
        else:
            self._travel(copy)

    def _take_next(self, verb: str, flight: InFlight) -> bool:
        for ones in self.next_ones:
            if ones.verb == verb and ones.matches(flight):
                ones.count -= 1
                if ones.count <= 0:
                    self.next_ones.remove(ones)
                return True
        return False

    def _find(self, number: int) -> InFlight:
        found = next((flight for flight in self.in_flight() if flight.number == number), None)
        if found is None:
            raise LookupError(f"message {number} is not in flight")
        return found

    def _lose(self, flight: InFlight, reason: str) -> None:
        del self._seen[flight.number]
        if flight.timer is not None:
            self._kernel.cancel(flight.timer)
        self._tell_of(MessageDropped, flight.flight, reason)

    # --- telling ---------------------------------------------------------------------------------

    def _tell_of(self, kind: Callable[..., Event], flight: Flight, *more: object) -> None:
        self._tell(kind(*flight[0][:4], *more))

    def _tell(self, event: Event) -> None:
        if self._trace is not None:
            self._trace.emit(event, at_ms=self._kernel.now_ms, place="network")


def _visible(flight: Flight) -> InFlight:
    facts, connection, correlation = flight
    return InFlight(*facts, connection, correlation)


def _nothing(facts: Facts, at_ms: int) -> None:
    """Tell nothing."""


def _sent(
    number: int,
    name: str,
    sender: Address,
    receiver: Address,
    message: object,
    _sent_ms: int,
    cause: int | str,
    answers: int,
) -> MessageSent:
    """Make the event of a sending; what the message carries is read now, since somebody looks."""
    carries: tuple[object, ...] = getattr(message, "carries", tuple)()
    return MessageSent(number, name, sender, receiver, cause, answers, carries)


def _taken(
    number: int,
    name: str,
    sender: Address,
    receiver: Address,
    _message: object,
    sent_ms: int,
    *_: int | str,
) -> MessageDelivered:
    """Make the event of a delivery of the same facts."""
    return MessageDelivered(number, name, sender, receiver, sent_ms)
