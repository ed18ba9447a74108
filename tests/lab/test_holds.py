"""Messages are held back by name, and released by the same name."""

from collections.abc import Iterable
from dataclasses import dataclass

from kafkabook.base.errors import Errors
from kafkabook.base.machine import Address, Effect, Reply, Send, Ticket
from kafkabook.lab.holds import Holds
from kafkabook.sim.simulation import Simulation
from tests.refusals import refused


@dataclass(frozen=True)
class PingRequest:
    """A message; the network calls it Ping."""

    number: int


class Listener:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[int] = []

    def receive(
        self, message: object, *, sender: Address, ticket: Ticket, now_ms: int
    ) -> Iterable[Effect]:
        """Take a ping; nothing is owed for it."""
        assert isinstance(message, PingRequest)
        self.heard.append(message.number)
        return [Reply(ticket, None)]

    def answered(self, correlation: int, message: object, *, now_ms: int) -> Iterable[Effect]:
        """Nobody answers a ping."""
        raise AssertionError(message)

    def disconnected(
        self, to: Address, channel: str, *, was_refused: bool, now_ms: int
    ) -> Iterable[Effect]:
        """Nobody goes."""
        raise AssertionError(to)

    def wake(self, timer: object, *, now_ms: int) -> Iterable[Effect]:
        """It arms no timer."""
        raise AssertionError(timer)


class SomeNetwork:
    """Machines 1 and 2, and holds on what they say."""

    def __init__(self) -> None:
        self.simulation, self.listener = Simulation(1), Listener()
        for address in (1, 2):
            self.simulation.add(address, self.listener)
        self.holds = Holds(self.simulation.network)

    def ping(self, *numbers: int, sender: int = 1) -> None:
        """Let a machine send pings to the other."""
        for number in numbers:
            ping = Send(3 - sender, PingRequest(number))
            self.simulation.perform(sender, [ping], cause="test")

    def heard(self) -> list[int]:
        """What arrived once everything that moves has arrived."""
        while self.simulation.step():
            pass
        return self.listener.heard


def test_what_is_held_arrives_in_order_after_the_release() -> None:
    """Also what was already on its way."""
    some = SomeNetwork()
    some.ping(1)
    some.holds.hold("Ping", 1, 2)
    some.ping(2)
    some.ping(9, sender=2)
    assert [9] == some.heard()
    some.holds.release("Ping", 1, 2)
    assert [9, 1, 2] == some.heard()


def test_none_stands_for_any() -> None:
    """Any name, any sender, any receiver."""
    some = SomeNetwork()
    some.holds.hold(None)
    some.ping(1), some.ping(2, sender=2)
    assert [] == some.heard()
    some.holds.release(None)
    assert [1, 2] == sorted(some.heard())


def test_all_holds_end_at_once() -> None:
    """When everything is healed; each can then be held again."""
    some = SomeNetwork()
    some.holds.hold("Ping", 1, 2)
    some.holds.hold("Ping", 2, 1)
    some.ping(1), some.ping(2, sender=2)
    some.holds.release_all()
    assert [1, 2] == sorted(some.heard())
    some.holds.hold("Ping", 1, 2)


def test_a_hold_has_one_name_and_ends_once() -> None:
    """A mistake in a scenario is said, not swallowed."""
    some = SomeNetwork()
    some.holds.hold("Ping", 1, 2)
    with refused(Errors.INVALID_REQUEST, match="Ping 1→2 is held already"):
        some.holds.hold("Ping", 1, 2)
    with refused(Errors.INVALID_REQUEST, match="Ping any→any is not held"):
        some.holds.release("Ping")
    some.holds.release("Ping", 1, 2)
    with refused(Errors.INVALID_REQUEST, match="Ping 1→2 is not held"):
        some.holds.release("Ping", 1, 2)


def test_the_oldest_is_looked_for_among_the_held_first() -> None:
    """Somebody who holds messages wants to deliver those, one by one."""
    some = SomeNetwork()
    some.ping(1)
    some.ping(2, sender=2)
    some.holds.hold("Ping", 2, 1)
    numbers = {f.message: f.number for f in some.simulation.network.in_flight()}
    assert numbers[PingRequest(2)] == some.holds.oldest("Ping")
    assert numbers[PingRequest(1)] == some.holds.oldest("Ping", 1)


def test_nothing_of_that_name_is_in_flight() -> None:
    """Says which name was looked for."""
    some = SomeNetwork()
    some.ping(1)
    with refused(Errors.INVALID_REQUEST, match="no Pong 1→any is in flight"):
        some.holds.oldest("Pong", 1)
