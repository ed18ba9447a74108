"""Timers, messages and requests in virtual time beside SimPy, the usual kernel in Python.

python -m benchmarks.kernel
"""

from collections.abc import Callable, Iterator

import simpy

from benchmarks.side_by_side import race
from kafkabook.base.machine import Address, Effect, Reply, Send, Ticket
from kafkabook.base.trace import Entry, Trace
from kafkabook.sim.kernel import Kernel, Timer
from kafkabook.sim.simulation import Simulation

MACHINES, SLEEPS_FOR_MS = 1_000, 3_000
MESSAGES, NODES = 50_000, 100
REQUESTS, CLIENTS = 50_000, 100
REQUEST_TIMEOUT_MS = 30_000
FOR_MS = 1_000_000_000  # longer than any run


def pause_ms(machine: int) -> int:
    """How long a machine sleeps: different for each, and the same for both kernels."""
    return 1 + machine % 97


# --- 1a: a thousand machines that sleep, wake and sleep again ------------------------------------


def timeouts_ours() -> int:
    kernel, woken = Kernel(), 0

    def wake(after_ms: int) -> None:
        nonlocal woken
        woken += 1
        kernel.at(kernel.now_ms + after_ms, wake, after_ms)

    for machine in range(MACHINES):
        kernel.at(pause_ms(machine), wake, pause_ms(machine))
    kernel.run_for(SLEEPS_FOR_MS)
    return woken


def timeouts_simpy() -> int:
    env, woken = simpy.Environment(), 0

    def machine(after_ms: int) -> Iterator[simpy.Event]:
        nonlocal woken
        while True:
            yield env.timeout(after_ms)
            woken += 1

    for number in range(MACHINES):
        env.process(machine(pause_ms(number)))
    env.run(until=SLEEPS_FOR_MS + 1)
    return woken


# --- 1b: a hundred nodes that pass messages on, each delivery in a trace --------------------------


class Hop:
    """A message; what it says does not matter here."""


class Node:
    """Passes each message on to the node after next, and so on round the ring."""

    def __init__(self, number: int) -> None:
        self.to = (number + 7) % NODES

    def receive(
        self, message: object, *, sender: Address, ticket: Ticket, now_ms: int
    ) -> tuple[Effect, ...]:
        return Send(self.to, message), Reply(ticket, None)

    def answered(self, correlation: int, message: object, *, now_ms: int) -> tuple[Effect, ...]:
        return ()

    def disconnected(
        self, to: Address, channel: str, *, was_refused: bool, now_ms: int
    ) -> tuple[Effect, ...]:
        return ()

    def wake(self, timer: object, *, now_ms: int) -> tuple[Effect, ...]:
        return ()


def messages_ours(*observers: Callable[[Entry], None]) -> int:
    trace = Trace()
    for observer in observers:
        trace.observe(observer)
    simulation = Simulation(7, trace)
    for number in range(NODES):
        simulation.add(number, Node(number))
    for number in range(NODES):
        simulation.perform(number, [Send((number + 7) % NODES, Hop())], cause="start")
    kernel = simulation.kernel  # one step of it is one delivery
    simulation.run_until(lambda: kernel.steps >= MESSAGES, within_ms=FOR_MS)
    return len(trace)


def messages_observed() -> int:
    """With somebody who looks at every event, so that none can wait to be made."""
    return messages_ours(lambda entry: None)


def messages_simpy() -> int:
    """Only what a delivery needs: a store of each node, and one line of a trace."""
    env, trace = simpy.Environment(), []
    latencies = Kernel(7).random("network")
    stores = [simpy.Store(env) for _ in range(NODES)]
    all_done = env.event()

    def send(sender: int, message: object) -> None:
        receiver, sent_ms = (sender + 7) % NODES, env.now
        arrival = env.timeout(latencies.randint(1, 3))
        arrival.callbacks.append(lambda _: stores[receiver].put((sender, sent_ms, message)))

    def node(number: int) -> Iterator[simpy.Event]:
        while True:
            sender, sent_ms, message = yield stores[number].get()
            trace.append((len(trace), env.now, "network", sender, number, sent_ms))
            if len(trace) == MESSAGES:
                all_done.succeed()
            send(number, message)

    for number in range(NODES):
        env.process(node(number))
        send(number, Hop())
    env.run(all_done)
    return len(trace)


def messages_simpy_as_told() -> int:
    """The same work as ours: links keep order, and each sending is told too, with its cause.

    A node takes one message at a time already, and has one sender only, as each connection of ours.
    """
    env, trace = simpy.Environment(), []
    latencies = Kernel(7).random("network")
    stores = [simpy.Store(env) for _ in range(NODES)]
    due_ms, sent, taken, all_done = [0] * NODES, 0, 0, env.event()

    def send(sender: int, message: object, cause: object) -> None:
        nonlocal sent
        sent += 1
        number, receiver, sent_ms = sent, (sender + 7) % NODES, env.now
        name = type(message).__name__
        trace.append((len(trace), sent_ms, "network", number, name, sender, receiver, cause))
        due_ms[sender] = max(due_ms[sender], sent_ms + latencies.randint(1, 3))
        flight = number, name, sender, sent_ms, message
        arrival = env.timeout(due_ms[sender] - sent_ms)
        arrival.callbacks.append(lambda _: stores[receiver].put(flight))

    def node(at: int) -> Iterator[simpy.Event]:
        nonlocal taken
        while True:
            number, name, sender, sent_ms, message = yield stores[at].get()
            trace.append((len(trace), env.now, "network", number, name, sender, at, sent_ms))
            taken += 1
            if taken == MESSAGES:
                all_done.succeed()
            send(at, message, number)

    for number in range(NODES):
        env.process(node(number))
        send(number, Hop(), "start")
    env.run(all_done)
    return len(trace)


# --- 1c: requests, each with a timer that is almost never needed ---------------------------------


def requests_ours() -> int:
    kernel, answered = Kernel(), 0

    def ask(client: int) -> None:
        timer = kernel.at(kernel.now_ms + REQUEST_TIMEOUT_MS, give_up, client)
        kernel.at(kernel.now_ms + 1 + client % 5, answer, client, timer)

    def answer(client: int, timer: Timer) -> None:
        nonlocal answered
        kernel.cancel(timer)
        answered += 1
        ask(client)

    def give_up(client: int) -> None:
        raise AssertionError(f"client {client} got no answer")

    for client in range(CLIENTS):
        ask(client)
    kernel.run_until(lambda: answered >= REQUESTS, within_ms=FOR_MS)
    return answered


def requests_simpy() -> int:
    env, answered = simpy.Environment(), 0
    all_done = env.event()

    def client(number: int) -> Iterator[simpy.Event]:
        nonlocal answered
        while True:
            answer = env.timeout(1 + number % 5)
            done = yield answer | env.timeout(REQUEST_TIMEOUT_MS)
            assert answer in done
            answered += 1
            if answered == REQUESTS:
                all_done.succeed()

    for number in range(CLIENTS):
        env.process(client(number))
    env.run(all_done)
    return answered


def main() -> None:
    timeouts = timeouts_ours()
    assert timeouts == timeouts_simpy()
    runs = {"kafkabook": timeouts_ours, "simpy": timeouts_simpy}
    race(f"timeouts of {MACHINES:,} machines", timeouts, "events", runs, goals={"simpy": 2.5})
    runs = {
        "kafkabook": messages_ours,
        "simpy, deliveries only": messages_simpy,
        "simpy, the same told": messages_simpy_as_told,
        "observed": messages_observed,
    }
    title = f"messages among {NODES} nodes, trace on"
    goals = {"simpy, deliveries only": 5.0, "simpy, the same told": 5.0}
    race(title, MESSAGES, "messages", runs, goals=goals)
    runs = {"kafkabook": requests_ours, "simpy": requests_simpy}
    title = "requests that arm and cancel a timer of 30 s"
    race(title, REQUESTS, "requests", runs, goals={"simpy": 6.5})


if __name__ == "__main__":
    main()
