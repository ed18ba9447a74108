"""Machines that only remember, and a small world of them."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from itertools import count

from kafkabook.base.machine import Address, Effect, Reply, Send, Ticket
from kafkabook.base.trace import Event, Trace
from kafkabook.sim.simulation import Simulation


@dataclass(frozen=True)
class FetchRequest:
    """A request, so that the network calls it "Fetch"."""

    what: object


@dataclass(frozen=True)
class FetchResponse:
    """An answer, so that the network calls it by its whole name."""

    what: object


def nothing(what: object) -> object | None:
    """Owe nothing for a request."""
    return None


@dataclass
class Memory:
    """A machine that remembers what reached it, with the circumstances, and when.

    It replies to each request at once with `answer(what)`, or keeps it if `is_busy` until
    `World.reply`. On a content or a timer it asks for what `effects` say, if anything.
    """

    answer: Callable[[object], object | None] = nothing
    is_busy: bool = False
    effects: dict[object, list[Effect]] = field(default_factory=dict)
    seen: list[tuple[object, Address, int]] = field(default_factory=list)
    answers: list[tuple[int, object, int]] = field(default_factory=list)  # by correlation
    broken: list[tuple[Address, str, bool, int]] = field(default_factory=list)  # was it refused?
    woken: list[tuple[Hashable, int]] = field(default_factory=list)
    owed: list[tuple[object, Ticket]] = field(default_factory=list)

    def receive(
        self, message: object, *, sender: Address, ticket: Ticket, now_ms: int
    ) -> Iterable[Effect]:
        what = getattr(message, "what", message)
        self.seen.append((what, sender, now_ms))
        asked = self.effects.get(what, [])
        if self.is_busy:
            self.owed.append((what, ticket))
            return asked
        return [*asked, Reply(ticket, self.answer(what))]

    def answered(self, correlation: int, message: object, *, now_ms: int) -> Iterable[Effect]:
        what = getattr(message, "what", message)
        self.answers.append((correlation, what, now_ms))
        return self.effects.get(what, [])

    def disconnected(
        self, to: Address, channel: str, *, was_refused: bool, now_ms: int
    ) -> Iterable[Effect]:
        self.broken.append((to, channel, was_refused, now_ms))
        return self.effects.get((to, channel), [])

    def wake(self, timer: Hashable, *, now_ms: int) -> Iterable[Effect]:
        self.woken.append((timer, now_ms))
        return self.effects.get(timer, [])

    @property
    def got(self) -> list[object]:
        """What it was asked, without the circumstances."""
        return [what for what, _, _ in self.seen]

    @property
    def heard(self) -> list[object]:
        """What it was answered, without the circumstances."""
        return [what for _, what, _ in self.answers]

    @property
    def gone(self) -> list[tuple[Address, str, bool]]:
        """Which of its connections broke, and whether they were refused."""
        return [(to, channel, was_refused) for to, channel, was_refused, _ in self.broken]


class World:
    """A simulation with memories at the addresses 1, 2 and 3, and its trace."""

    def __init__(self, seed: int = 7, *, latency_ms: tuple[int, int] = (1, 3)) -> None:
        self.trace = Trace()
        self.simulation = Simulation(seed, self.trace, latency_ms=latency_ms)
        self.network, self.kernel = self.simulation.network, self.simulation.kernel
        self.machines: dict[Address, Memory] = {}
        self.correlations = count(1)
        for address in (1, 2, 3):
            self.start(address)

    def start(self, address: Address, *, only_channel: str | None = None) -> Memory:
        """Run a new memory at `address`."""
        self.machines[address] = machine = Memory()
        self.simulation.add(address, machine, only_channel=only_channel)
        return machine

    def restart(self, address: Address, *, refuses: bool = True) -> Memory:
        """Kill the process at `address` (or cut the power, if not `refuses`) and run another."""
        self.simulation.remove(address, refuses=refuses)
        return self.start(address)

    def send(
        self, *contents: object, sender: Address = 1, to: Address = 2, channel: str = ""
    ) -> None:
        """Send one fetch for each of `contents`, under the next correlations."""
        sends = [
            Send(to, FetchRequest(what), channel, correlation=next(self.correlations))
            for what in contents
        ]
        self.simulation.perform(sender, sends, cause="test")

    def reply(self, address: Address, *contents: object, owes_nothing: bool = False) -> None:
        """Let a busy memory answer the oldest request for each of `contents` with the same."""
        owed = self.machines[address].owed
        for what in contents:
            found = next(pair for pair in owed if pair[0] == what)
            owed.remove(found)
            message = None if owes_nothing else FetchResponse(what)
            self.simulation.perform(address, [Reply(found[1], message)], cause="test")

    def ask(self, *effects: Effect, at: Address = 1) -> None:
        """Do what the machine at an address asks for."""
        self.simulation.perform(at, effects, cause="test")

    def run(self) -> None:
        """Run until nothing is pending."""
        while self.simulation.step():
            pass

    def told(self, *kinds: type[Event]) -> list[Event]:
        """Return the events of `kinds`, all of them if none is named."""
        return [entry.event for entry in (self.trace.of(*kinds) if kinds else self.trace)]
