"""Machines at addresses, over one kernel and one network: what they ask for is done here."""

from collections.abc import Callable, Hashable, Iterable

from kafkabook.base.trace import Event, Trace
from kafkabook.sim.effects import Address, Effect, Machine, Refused, Send, Wake
from kafkabook.sim.events import MessageDelivered, MessageDropped, MessageRefused
from kafkabook.sim.in_flight import InFlight
from kafkabook.sim.kernel import Kernel, LimitReached, Timer
from kafkabook.sim.network import Network

TOLD_AT_MOST = 5  # messages that a LimitReached names


class Process:
    """One run of a machine, from `add` to `remove`; what it armed ends with it."""

    __slots__ = ("address", "arrived", "is_paused", "machine", "rang", "timers")

    def __init__(self, address: Address, machine: Machine) -> None:
        self.address, self.machine = address, machine
        self.timers: dict[Hashable, Timer] = {}
        self.is_paused = False
        self.arrived: list[InFlight | tuple[Hashable, Timer]] = []  # what waits, while paused


class Simulation:
    """A world of machines in virtual time; nothing happens before `step` or `run_until`.

    Args:
        seed: the same seed and the same calls give the same run, to the byte.
        trace: where the network tells the fate of each message, under the place "network".
        latency_ms: the shortest and the longest time that a message takes, in milliseconds.

    A message to a process that is gone from a living host comes back as `Refused`; so does one
    that was on its way when its receiver was replaced, for its connection died with the old one.
    A host without power, and an address that nobody ever had, say nothing.

    Simplified: an answer to a process that is gone reaches the one that took its place, as long as
    it was sent afterwards; machines match answers to their own requests, as Kafka's clients do.
    """

    def __init__(
        self, seed: int = 7, trace: Trace | None = None, *, latency_ms: tuple[int, int] = (1, 3)
    ) -> None:
        self.kernel = Kernel(seed)
        self.network = Network(
            self.kernel, self._receive, self._receive_seen, trace=trace, latency_ms=latency_ms
        )
        self._trace = trace
        self._processes: dict[Address, Process] = {}
        self._refusing: set[Address] = set()

    def add(self, address: Address, machine: Machine) -> None:
        """Run `machine` at `address`; it does nothing before something reaches it.

        Raises:
            ValueError: another one runs there.
        """
        if address in self._processes:
            raise ValueError(f"a machine runs at {address!r} already")
        self._processes[address] = Process(address, machine)
        self._refusing.add(address)  # its host lives, whatever becomes of the process

    def remove(self, address: Address, *, refuses: bool) -> None:
        """End the machine at `address`: its timers are gone, and what it had sent stays in flight.

        Args:
            refuses: true for a process that died on a living host, false for a host without power.
        """
        process = self._running(address)
        del self._processes[address]
        if not refuses:
            self._refusing.discard(address)
        for timer in process.timers.values():
            self.kernel.cancel(timer)
        self.network.disconnect(address)
        for waiting in process.arrived:
            if isinstance(waiting, InFlight):
                self._turn_away(waiting)

    def pause(self, address: Address) -> None:
        """Stop a process without ending it: its messages and timers wait until `resume`."""
        self._running(address).is_paused = True

    def resume(self, address: Address) -> None:
        """Go on: what came due meanwhile runs next, in the order in which it came due."""
        process = self._running(address)
        process.is_paused = False
        arrived, process.arrived = process.arrived, []
        for waiting in arrived:
            if isinstance(waiting, InFlight):
                self.kernel.at_once(self._hand_over, process, waiting)
            elif process.timers.get(waiting[0]) is waiting[1]:
                timer = self.kernel.at_once(self._wake, process, waiting[0])
                process.timers[waiting[0]] = timer

    def perform(self, address: Address, effects: Iterable[Effect]) -> None:
        """Do what the machine at `address` asks for, in order."""
        self._perform(self._running(address), effects)

    def step(self) -> bool:
        """Run one event, a message or a timer; false when nothing is pending."""
        return self.kernel.step()

    def run_until(
        self,
        when: Callable[[], bool],
        *,
        within_ms: int,
        within_steps: int = 1_000_000,
        waiting_for: str = "",
    ) -> None:
        """Run until `when()` holds; see `Kernel.run_until`.

        Raises:
            LimitReached: it says what it waited for and what is in flight or held.
        """
        try:
            self.kernel.run_until(
                when, within_ms=within_ms, within_steps=within_steps, waiting_for=waiting_for
            )
        except LimitReached as reached:
            pending = f"{reached.pending}; {self._on_the_way()}"
            limit, now_ms = reached.limit, reached.now_ms
            raise LimitReached(waiting_for, limit=limit, now_ms=now_ms, pending=pending) from None

    def _perform(self, process: Process, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Send):
                self.network.send(process.address, effect.to, effect.message)
            elif isinstance(effect, Wake):
                self._arm(process, effect.timer, effect.after_ms)
            else:
                self._disarm(process, effect.timer)

    def _arm(self, process: Process, timer: Hashable, after_ms: int) -> None:
        self._disarm(process, timer)
        at_ms = self.kernel.now_ms + after_ms
        process.timers[timer] = self.kernel.at(at_ms, self._wake, process, timer)

    def _disarm(self, process: Process, timer: Hashable) -> None:
        armed = process.timers.pop(timer, None)
        if armed is not None:
            self.kernel.cancel(armed)

    def _wake(self, process: Process, timer: Hashable) -> None:
        if process.is_paused:
            process.arrived.append((timer, process.timers[timer]))
            return
        del process.timers[timer]
        self._perform(process, process.machine.wake(timer, now_ms=self.kernel.now_ms))

    def _receive(
        self,
        number: int,
        name: str,
        sender: Address,
        receiver: Address,
        message: object,
        sent_ms: int,
    ) -> None:
        """Take a message at the end of its way; in the usual case nobody looked at it before."""
        process = self._processes.get(receiver)
        now_ms = self.kernel.now_ms
        if process is None or process.is_paused:
            seen = InFlight(number, name, sender, receiver, message, sent_ms, now_ms)
            self._receive_seen(seen)
            return
        if self._trace is not None:
            facts = number, name, sender, receiver, sent_ms
            self._trace.record(MessageDelivered, facts, now_ms, "network")
        self._perform(process, process.machine.receive(message, sender=sender, now_ms=now_ms))

    def _receive_seen(self, flight: InFlight) -> None:
        process = self._processes.get(flight.receiver)
        if process is None or flight.receiver_gone:
            self._turn_away(flight)
        elif process.is_paused:
            process.arrived.append(flight)
        else:
            self._receive(*flight.facts)

    def _hand_over(self, process: Process, flight: InFlight) -> None:
        """Receive what had waited for a paused process, if that one still runs."""
        flight.receiver_gone = self._processes.get(process.address) is not process
        self._receive_seen(flight)

    def _turn_away(self, flight: InFlight) -> None:
        """Refuse a message on behalf of a living host; a dead one only loses it."""
        number, name, sender, receiver = flight.number, flight.name, flight.sender, flight.receiver
        if receiver not in self._refusing:
            self._tell(MessageDropped(number, name, sender, receiver, "nobody is there"))
            return
        self._tell(MessageRefused(number, name, sender, receiver))
        if not isinstance(flight.message, Refused) and not flight.sender_gone:
            self.network.send(receiver, sender, Refused(receiver, flight.message))

    def _tell(self, event: Event) -> None:
        if self._trace is not None:
            self._trace.emit(event, at_ms=self.kernel.now_ms, place="network")

    def _running(self, address: Address) -> Process:
        process = self._processes.get(address)
        if process is None:
            raise ValueError(f"no machine runs at {address!r}")
        return process

    def _on_the_way(self) -> str:
        """Name what is in flight, the held ones last, for whoever waits in vain."""
        flights = self.network.in_flight()
        held = [flight for flight in flights if flight.held_by is not None]
        moving = [flight for flight in flights if flight.held_by is None]
        return f"in flight: {_named(moving)}; held: {_named(held)}"


def _named(flights: list[InFlight]) -> str:
    more = len(flights) - TOLD_AT_MOST
    named = ", ".join(map(str, flights[:TOLD_AT_MOST]))
    return (named or "nothing") + (f" and {more} more" if more > 0 else "")
