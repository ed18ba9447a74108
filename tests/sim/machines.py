"""Machines that only remember, and a small world of them."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from kafkabook.base.trace import Event, Trace
from kafkabook.sim.effects import Address, Effect, Refused, Send
from kafkabook.sim.simulation import Simulation


@dataclass(frozen=True)
class FetchRequest:
    """A request, so that the network calls it "Fetch"."""

    what: object


@dataclass(frozen=True)
class FetchResponse:
    """An answer, so that the network calls it by its whole name."""

    what: object


@dataclass
class Memory:
    """A machine that asks for nothing and remembers what reached it: (what, from whom, when)."""

    seen: list[tuple[object, Address, int]] = field(default_factory=list)
    woken: list[tuple[Hashable, int]] = field(default_factory=list)
    answer: dict[object, list[Effect]] = field(default_factory=dict)

    def receive(self, message: object, *, sender: Address, now_ms: int) -> Iterable[Effect]:
        self.seen.append((message, sender, now_ms))
        return self.answer.get(message, [])

    def wake(self, timer: Hashable, *, now_ms: int) -> Iterable[Effect]:
        self.woken.append((timer, now_ms))
        return self.answer.get(timer, [])

    @property
    def got(self) -> list[object]:
        """What it received, without the circumstances; a fetch is told by what it asks."""
        return [getattr(message, "what", message) for message, _, _ in self.seen]

    @property
    def refused(self) -> list[object]:
        """What came back to it because nobody was there."""
        return [message.message for message, _, _ in self.seen if isinstance(message, Refused)]


class World:
    """A simulation with memories at the addresses 1, 2 and 3, and its trace."""

    def __init__(self, seed: int = 7, *, latency_ms: tuple[int, int] = (1, 3)) -> None:
        self.trace = Trace()
        self.simulation = Simulation(seed, self.trace, latency_ms=latency_ms)
        self.network, self.kernel = self.simulation.network, self.simulation.kernel
        self.machines: dict[Address, Memory] = {}
        for address in (1, 2, 3):
            self.start(address)

    def start(self, address: Address) -> Memory:
        """Run a new memory at `address`."""
        self.machines[address] = machine = Memory()
        self.simulation.add(address, machine)
        return machine

    def send(self, *contents: object, sender: Address = 1, to: Address = 2) -> None:
        """Send one fetch for each of `contents`."""
        self.simulation.perform(sender, [Send(to, FetchRequest(what)) for what in contents])

    def run(self) -> None:
        """Run until nothing is pending."""
        while self.simulation.step():
            pass

    def told(self, *kinds: type[Event]) -> list[Event]:
        """Return the events of `kinds`, all of them if none is named."""
        return [entry.event for entry in (self.trace.of(*kinds) if kinds else self.trace)]
