"""Every message in flight, visible, to be held, delivered, dropped and doubled by name.

The seed decides only what nobody decided. A message is made visible when somebody looks: until
then it is no more than a call to come, which costs half of it.
"""

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter

from kafkabook.base.trace import Event, Trace
from kafkabook.sim.effects import Address
from kafkabook.sim.events import (
    MessageDoubled,
    MessageDropped,
    MessageHeld,
    MessageReleased,
)
from kafkabook.sim.in_flight import Hold, InFlight, NameByKind, NextOnes
from kafkabook.sim.kernel import Kernel
from kafkabook.sim.links import DRAWN, Link, Links


class Network(Links):
    """The links between machines, and the messages on them.

    Args:
        kernel: time, and the stream "network" of chance.
        arrive: what takes a message at the end of its way, as number, name, sender, receiver, the
            message, and when it was sent. arrive_seen: the same for one that was made visible.
        trace: where the fate of each message is told; None tells nothing and costs nothing.
        latency_ms: the shortest and the longest time that a message takes, in milliseconds.

    One link keeps the order of its messages, as one TCP connection does, unless somebody holds
    them. What is asked of a message that is being sent is looked at in this order: `drop_next`,
    `hold`, a cut link, `double_next`. A held message is not lost by a cut: whoever holds it
    decides, and `deliver` hands it over even so; `release` gives it back to the network, which
    loses it if the link is still cut.

    Simplified: a connection that was cut comes back without what was lost and without an error;
    TCP would send again for a while.
    """

    def __init__(
        self,
        kernel: Kernel,
        arrive: Callable[[int, str, Address, Address, object, int], None],
        arrive_seen: Callable[[InFlight], None],
        *,
        trace: Trace | None = None,
        latency_ms: tuple[int, int] = (1, 3),
    ) -> None:
        super().__init__(kernel.random("network"), latency_ms=latency_ms)
        self._kernel, self._trace = kernel, trace
        self._arrive, self._arrive_seen = arrive, arrive_seen
        self._names = NameByKind()
        self._seen: dict[int, InFlight] = {}
        self._sent = 0
        self._holds: list[Hold] = []
        self.next_ones: list[NextOnes] = []

    def send(self, sender: Address, receiver: Address, message: object) -> None:
        """Put a message on its way."""
        self._sent = number = self._sent + 1
        name, now_ms = self._names[type(message)], self._kernel.now_ms
        link = self._links[sender, receiver]
        if link.is_cut or self._holds or self.next_ones:
            self._send_as_asked(InFlight(number, name, sender, receiver, message, now_ms, now_ms))
            return
        due_ms = self._due_ms(link, now_ms)
        self._kernel.at(due_ms, self._arrive, number, name, sender, receiver, message, now_ms)

    def in_flight(self) -> list[InFlight]:
        """Return what was sent and has not arrived, held or not, in the order of sending.

        Cost: O(all calls to come in the kernel).
        """
        for due_ms, timer in self._kernel.waiting():
            if timer[0] == self._arrive:
                number, name, sender, receiver, message, sent_ms = timer[1]
                flight = InFlight(number, name, sender, receiver, message, sent_ms, due_ms)
                flight.timer, timer[:] = timer, (self._end, (flight,))
                self._seen[flight.number] = flight
        return sorted(self._seen.values(), key=attrgetter("number"))

    def held(self) -> list[InFlight]:
        """Return the messages that somebody holds, in the order of sending."""
        held = (flight for flight in self._seen.values() if flight.held_by is not None)
        return sorted(held, key=attrgetter("number"))

    def hold(
        self,
        name: str | None = None,
        sender: Address | None = None,
        receiver: Address | None = None,
    ) -> Hold:
        """Stop every matching message, those in flight too, until `release`; None means any.

        A held message has no connection that could break: should its receiver be restarted, the
        one that runs then gets it. This is how a scenario brings back a stale request.
        """
        hold = Hold(name, sender, receiver)
        self._holds.append(hold)
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
        for flight in self.held():
            if flight.held_by is hold:
                self._go_on(flight)

    def deliver(self, number: int) -> None:
        """Hand over a message, held or not, as the very next event."""
        flight = self._find(number)
        if flight.held_by is not None:
            flight.held_by = None
            self._tell(MessageReleased(number, flight.name, flight.sender, flight.receiver))
        if flight.timer is not None:
            self._kernel.cancel(flight.timer)
        flight.due_ms = self._kernel.now_ms
        flight.timer = self._kernel.at_once(self._end, flight)

    def drop(self, number: int) -> None:
        """Lose a message, held or not."""
        self._lose(self._find(number), "dropped on request")

    def double(self, number: int) -> None:
        """Put a second copy on its way, behind what is on the link; of a held one, a held copy."""
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

    def cut(self, a: Address, b: Address) -> None:
        """Lose everything between `a` and `b`, also what is in flight there, until `heal`."""
        super().cut(a, b)
        for flight in self.in_flight():
            ends = (flight.sender, flight.receiver)
            if flight.held_by is None and ends in ((a, b), (b, a)):
                self._lose(flight, "the link was cut")

    def disconnect(self, address: Address) -> None:
        """Break the connections of a machine that is gone: what was sent to it is too late.

        What it sent itself still arrives.
        """
        for flight in self.in_flight():
            if flight.sender == address:
                flight.sender_gone = True
            if flight.receiver == address and flight.held_by is None:
                flight.receiver_gone = True

    def _send_as_asked(self, flight: InFlight) -> None:
        if self._take_next("drop", flight):
            self._tell_dropped(flight, "dropped on request")
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
        link = self._links[flight.sender, flight.receiver]
        if link.is_cut:
            self._seen.pop(flight.number, None)
            self._tell_dropped(flight, "the link was cut")
        else:
            flight.due_ms = self._due_ms(link, self._kernel.now_ms)
            flight.timer = self._kernel.at(flight.due_ms, self._end, flight)
            self._seen[flight.number] = flight

    def _due_ms(self, link: Link, now_ms: int) -> int:
        """Return when a message arrives: never before one that was sent earlier."""
        due_ms = now_ms + self._latencies_ms[now_ms + link.shift & DRAWN - 1] + link.extra_ms
        if due_ms < link.last_due_ms:
            return link.last_due_ms
        link.last_due_ms = due_ms
        return due_ms

    def _end(self, flight: InFlight) -> None:
        flight.timer = None  # it holds the message: without this, only the collector could free it
        del self._seen[flight.number]
        self._arrive_seen(flight)

    def _stop(self, flight: InFlight, hold: Hold) -> None:
        if flight.timer is not None:
            self._kernel.cancel(flight.timer)
        flight.timer, flight.held_by, flight.receiver_gone = None, hold, False
        self._tell(MessageHeld(flight.number, flight.name, flight.sender, flight.receiver))

    def _go_on(self, flight: InFlight) -> None:
        other = next((hold for hold in self._holds if hold.matches(flight)), None)
        flight.held_by = other
        if other is None:
            number, name = flight.number, flight.name
            self._tell(MessageReleased(number, name, flight.sender, flight.receiver))
            self._travel(flight)

    def _copy(self, flight: InFlight) -> None:
        self._sent += 1
        copy = replace(flight, number=self._sent, sent_ms=self._kernel.now_ms)
        copy.sender_gone, copy.receiver_gone = flight.sender_gone, flight.receiver_gone
        told = MessageDoubled(
            flight.number, flight.name, flight.sender, flight.receiver, copy.number
        )
        self._tell(told)
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
        found = self._seen.get(number)
        if found is None:
            found = next((flight for flight in self.in_flight() if flight.number == number), None)
        if found is None:
            raise LookupError(f"message {number} is not in flight")
        return found

    def _lose(self, flight: InFlight, reason: str) -> None:
        del self._seen[flight.number]
        if flight.timer is not None:
            self._kernel.cancel(flight.timer)
        self._tell_dropped(flight, reason)

    def _tell_dropped(self, flight: InFlight, reason: str) -> None:
        number, name = flight.number, flight.name
        self._tell(MessageDropped(number, name, flight.sender, flight.receiver, reason))

    def _tell(self, event: Event) -> None:
        if self._trace is not None:
            self._trace.emit(event, at_ms=self._kernel.now_ms, place="network")
