"""Machines at addresses, over one kernel and one network: what they ask for is done here."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from kafkabook.base.machine import Address, Cancel, Close, Effect, Machine, Reply, Send, Wake
from kafkabook.base.trace import Trace
from kafkabook.sim.connection import Connection, InFlight
from kafkabook.sim.kernel import Kernel, LimitReached, Timer
from kafkabook.sim.network import Network

TOLD_AT_MOST = 5  # messages that a LimitReached names


class Process:
    """One run of a machine, from `add` to `remove`; what it armed ends with it."""

    __slots__ = (
        *("address", "connections", "is_paused", "is_running", "machine", "only_channel"),
        *("rang", "timers", "waiting"),
    )

    def __init__(self, address: Address, machine: Machine, only_channel: str | None) -> None:
        self.address, self.machine, self.only_channel = address, machine, only_channel
        self.timers: dict[Hashable, Timer] = {}
        self.connections: dict[tuple[Address, str], Connection] = {}
        self.is_running, self.is_paused = True, False
        self.waiting: list[tuple[Any, ...]] = []  # calls that wait, while it is paused


class Simulation:
    """A world of machines in virtual time; nothing happens before `step` or `run_until`.

    Args:
        seed: the same seed and the same calls give the same run, to the byte.
        trace: where the network tells the fate of each message, under the place "network".
        latency_ms: the shortest and the longest time that a message takes, in milliseconds.

    The host of a process that ended answers for it: connections to it break, and new ones are
    refused. A host without power, and an address that nobody ever had, say nothing.
    """

    def __init__(
        self, seed: int = 7, trace: Trace | None = None, *, latency_ms: tuple[int, int] = (1, 3)
    ) -> None:
        self.kernel = Kernel(seed)
        self.processes: dict[Address, Process] = {}
        self.network = Network(self.kernel, self, trace=trace, latency_ms=latency_ms)
        self._refusing: set[Address] = set()

    # --- processes -------------------------------------------------------------------------------

    def add(self, address: Address, machine: Machine, *, only_channel: str | None = None) -> None:
        """Run `machine` at `address`; it does nothing before something reaches it.

        Args:
            only_channel: until the machine asks to `Listen`, its host refuses what comes over any
                other channel; None: it listens at once.

        Raises:
            ValueError: another one runs there.
        """
        if address in self.processes:
            raise ValueError(f"a machine runs at {address!r} already")
        self.processes[address] = Process(address, machine, only_channel)
        self._refusing.add(address)  # its host lives, whatever becomes of the process

    def remove(self, address: Address, *, refuses: bool) -> None:
        """End the machine at `address`: its timers are gone, and what it had sent stays in flight.

        Args:
            refuses: true for a process that died on a living host, false for a host without power.
        """
        process = self._running(address)
        del self.processes[address]
        process.is_running = process.is_paused = False
        if not refuses:
            self._refusing.discard(address)
        for timer in process.timers.values():
            self.kernel.cancel(timer)
        self.network.end(process, refuses=refuses)
        for call, *args in process.waiting:  # its host answers now for what waited at its door
            call(*args)

    def machine_at(self, address: Address) -> Any:
        """Return the machine that runs at an address.

        Raises:
            ValueError: none does.
        """
        return self._running(address).machine

    def pause(self, address: Address) -> None:
        """Stop a process without ending it: its messages and timers wait until `resume`."""
        self._running(address).is_paused = True

    def resume(self, address: Address) -> None:
        """Go on: what came due meanwhile runs next, in the order in which it came due."""
        process = self._running(address)
        process.is_paused = False
        waiting, process.waiting = process.waiting, []
        for call, *args in waiting:
            self.kernel.at_once(call, *args)

    def perform(self, address: Address, effects: Iterable[Effect], *, cause: str) -> None:
        """Do what the machine at `address` asks for, in order; `cause` says what made it ask."""
        self.network.cause = cause
        self.carry_out(self._running(address), effects)

    # --- time ------------------------------------------------------------------------------------

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

    # --- what the network asks of the host of all processes --------------------------------------

    def refuses(self, address: Address) -> bool:
        """Say whether a host answers for an address at which nothing runs."""
        return address in self._refusing

    def carry_out(self, process: Process, effects: Iterable[Effect]) -> None:
        """Do what a process asks for, in order."""
        for effect in effects:  # what is asked for most comes first
            if isinstance(effect, Wake):
                self._arm(process, effect.timer, effect.after_ms)
            elif isinstance(effect, Cancel):
                self._disarm(process, effect.timer)
            elif isinstance(effect, Send):
                self.network.send(process, effect)
            elif isinstance(effect, Reply):
                self.network.reply(process.address, effect.ticket, effect.message)
            elif isinstance(effect, Close):
                self.network.close(process, effect)
            else:
                process.only_channel = None

    def _arm(self, process: Process, timer: Hashable, after_ms: int) -> None:
        timers, kernel = process.timers, self.kernel
        if timer in timers:
            kernel.cancel(timers[timer])
        timers[timer] = kernel.at(kernel.now_ms + after_ms, self._wake, process, timer)

    def _disarm(self, process: Process, timer: Hashable) -> None:
        armed = process.timers.pop(timer, None)
        if armed is not None:
            self.kernel.cancel(armed)

    def _wake(self, process: Process, timer: Hashable) -> None:
        if process.is_paused:
            process.waiting.append((self._wake_late, process, timer, process.timers[timer]))
            return
        del process.timers[timer]
        self.network.cause = "timer"
        self.carry_out(process, process.machine.wake(timer, now_ms=self.kernel.now_ms))

    def _wake_late(self, process: Process, timer: Hashable, rang: Timer) -> None:
        """Wake a process that stood still when its timer rang, unless it was armed anew since."""
        if process.is_running and process.timers.get(timer) is rang:
            self._wake(process, timer)

    def _running(self, address: Address) -> Process:
        process = self.processes.get(address)
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
