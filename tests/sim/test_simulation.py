"""Machines come, wait, die and come back; the simulation says who hears what."""

import subprocess
import sys

import pytest

from kafkabook.base.machine import Address, Cancel, Effect, Reply, Send, Ticket, Wake
from kafkabook.sim.events import MessageDropped, MessageSent
from kafkabook.sim.kernel import LimitReached
from kafkabook.sim.simulation import Simulation
from tests.sim.machines import FetchRequest, FetchResponse, Memory, World


def test_a_machine_is_told_who_sent_and_when_and_its_effects_are_done() -> None:
    """The whole of what a machine knows of the world."""
    world = World(latency_ms=(2, 2))
    world.machines[2].answer = FetchResponse
    world.machines[2].effects["a"] = [Send(3, FetchRequest("b"), correlation=5), Wake("t", 7)]
    world.send("a")
    world.run()
    assert ([("a", 1, 2)], [("t", 9)]) == (world.machines[2].seen, world.machines[2].woken)
    assert [("b", 2, 4)] == world.machines[3].seen
    assert [(1, "a", 4)] == world.machines[1].answers


def test_what_a_machine_asks_for_is_done_in_its_order() -> None:
    """A request that is sent before a reply is the earlier message."""
    world = World()
    world.machines[2].effects["a"] = [Send(1, FetchRequest("b"))]
    world.machines[2].answer = FetchResponse
    world.send("a")
    world.run()
    assert ["Fetch", "Fetch", "FetchResponse"] == [sent.name for sent in world.told(MessageSent)]


def test_arming_a_timer_again_replaces_it() -> None:
    """One key, one time: the later request counts, be it earlier or later in time."""
    world = World()
    world.ask(Wake("a", 10), Wake("b", 20), Wake("a", 30), Wake("b", 5))
    world.run()
    assert [("b", 5), ("a", 30)] == world.machines[1].woken


def test_a_timer_belongs_to_its_machine() -> None:
    """The same key at two machines is two timers."""
    world = World()
    for address in (1, 2):
        world.ask(Wake(("session", 1), 10), at=address)
    world.ask(Cancel(("session", 1)))
    world.run()
    assert ([], [(("session", 1), 10)]) == (world.machines[1].woken, world.machines[2].woken)


def test_cancelling_a_timer_that_is_not_armed_is_no_error() -> None:
    """It may have gone off in the same millisecond."""
    world = World()
    world.ask(Cancel("a"), Wake("a", 1))
    world.run()
    world.ask(Cancel("a"))
    assert [("a", 1)] == world.machines[1].woken


def test_a_timer_may_arm_itself_again() -> None:
    """A tick: what nearly every machine does."""
    world = World()
    world.machines[1].effects["tick"] = [Wake("tick", 10)]
    world.ask(Wake("tick", 10))
    world.kernel.run_for(35)
    assert [("tick", 10), ("tick", 20), ("tick", 30)] == world.machines[1].woken


def test_a_step_is_one_message_or_one_timer() -> None:
    """What a reader presses the arrow key for."""
    world = World(latency_ms=(5, 5))
    world.send("a")
    world.ask(Wake("t", 1), at=2)
    seen = []
    while world.simulation.step():
        seen.append((list(world.machines[2].woken), world.machines[2].got))
    assert [([("t", 1)], []), ([("t", 1)], ["a"])] == seen


@pytest.mark.parametrize("address", [2, 9])
def test_a_host_without_power_and_one_that_never_was_say_nothing(address: int) -> None:
    """Only a timer notices."""
    world = World()
    world.simulation.remove(2, refuses=False)
    world.send("a", to=address)
    world.run()
    assert ([], []) == (world.machines[1].got, world.machines[1].broken)
    dropped = MessageDropped(1, "Fetch", 1, address, "nobody is there")
    assert [dropped] == world.told(MessageDropped)


def test_the_timers_of_a_dead_machine_are_gone() -> None:
    """They neither ring for it nor for its successor."""
    world = World()
    world.ask(Wake("t", 5))
    dead = world.machines[1]
    world.restart(1)
    world.run()
    assert ([], []) == (dead.woken, world.machines[1].woken)


def test_what_was_sent_between_two_runs_reaches_the_one_that_runs_when_it_arrives() -> None:
    """It knocks when it arrives, and somebody opens."""
    world = World()
    world.simulation.remove(2, refuses=True)
    world.send("a")
    world.start(2)
    world.run()
    assert (["a"], []) == (world.machines[2].got, world.machines[1].broken)


def test_what_comes_due_while_paused_runs_in_order_at_resume_and_before_all_else() -> None:
    """A long stop of the collector: everything is late, nothing is lost or reordered."""
    world = World(latency_ms=(2, 2))
    world.simulation.pause(2)
    world.ask(Wake("early", 1), Wake("later", 3), at=2)
    world.send("a")
    world.kernel.run_for(50)
    assert ([], []) == (world.machines[2].got, world.machines[2].woken)
    order: list[object] = []
    world.machines[2].receive = lambda message, **_: order.append(message.what) or []
    world.machines[2].wake = lambda timer, **_: order.append(timer) or []
    world.ask(Wake("at once", 0), at=2)
    world.simulation.resume(2)
    world.run()
    assert ["early", "a", "later", "at once"] == order
    assert 50 == world.kernel.now_ms


def test_a_message_at_resume_may_cancel_or_replace_a_timer_that_came_due_meanwhile() -> None:
    """A late answer is in time if it is looked at before the timer."""
    world = World(latency_ms=(1, 1))
    world.machines[2].effects["a"] = [Cancel("first"), Wake("second", 7)]
    world.simulation.pause(2)
    world.ask(Wake("first", 5), Wake("second", 5), at=2)
    world.send("a")
    world.kernel.run_for(20)
    world.simulation.resume(2)
    world.run()
    assert [("second", 27)] == world.machines[2].woken


def test_a_timer_that_came_due_in_a_pause_and_was_armed_again_rings_once() -> None:
    """Armed again is replaced, for a process that waits as for any other."""
    world = World()
    world.simulation.pause(2)
    world.ask(Wake("t", 5), at=2)
    world.kernel.run_for(10)
    world.ask(Wake("t", 20), at=2)
    world.simulation.resume(2)
    world.run()
    assert [("t", 30)] == world.machines[2].woken


def test_a_process_that_is_paused_again_waits_again() -> None:
    """What it did not come to stays in order."""
    world = World()
    world.simulation.pause(2)
    world.send("a", "b", "c")
    world.ask(Wake("t", 9), at=2)
    world.run()
    world.simulation.resume(2)
    world.simulation.step()
    world.simulation.pause(2)
    world.run()
    assert ["a"] == world.machines[2].got
    world.simulation.resume(2)
    world.run()
    assert (["a", "b", "c"], [("t", 9)]) == (world.machines[2].got, world.machines[2].woken)


@pytest.mark.parametrize("resumed", [False, True])
def test_what_waits_for_a_paused_process_is_lost_when_it_dies_and_the_connection_breaks(
    resumed: bool,
) -> None:
    """It had arrived at the host, and nobody had read it; the successor does not get it."""
    world = World()
    world.simulation.pause(2)
    world.send("a")
    world.ask(Wake("t", 1), at=2)
    world.run()
    if resumed:
        world.simulation.resume(2)
    world.restart(2)
    world.run()
    assert ([], []) == (world.machines[2].got, world.machines[2].woken)
    assert [(2, "", False)] == world.machines[1].gone


def test_only_a_running_machine_can_be_asked_for_anything() -> None:
    """A slip in a scenario is told at once, with the address."""
    simulation = World().simulation
    simulation.remove(2, refuses=True)
    for verb in (simulation.pause, simulation.resume):
        with pytest.raises(ValueError, match="no machine runs at 2"):
            verb(2)
    with pytest.raises(ValueError, match="no machine runs at 2"):
        simulation.remove(2, refuses=False)
    with pytest.raises(ValueError, match="no machine runs at 2"):
        simulation.perform(2, [], cause="test")
    with pytest.raises(ValueError, match="no machine runs at 2"):
        simulation.machine_at(2)
    with pytest.raises(ValueError, match="a machine runs at 1 already"):
        simulation.add(1, Memory())


def test_a_wait_in_vain_names_what_is_in_flight_and_what_is_held() -> None:
    """Nine times of ten the answer is in a hold that somebody forgot."""
    world = World(latency_ms=(500, 500))
    world.network.hold("Fetch", 1, 3)
    world.send("a", to=3)
    world.send(*range(7))
    with pytest.raises(LimitReached) as reached:
        world.simulation.run_until(lambda: False, within_ms=100, waiting_for="a leader")
    moving = ", ".join(f"Fetch 1→2 (number {number})" for number in range(2, 7))
    expected = (
        "waited for a leader for 100 ms, until t=0 ms; 7 events are pending, the next at t=500 ms;"
        f" in flight: {moving} and 2 more; held: Fetch 1→3 (number 1)"
    )
    assert expected == str(reached.value)


def test_without_a_trace_the_run_is_the_same() -> None:
    """Looking on changes nothing."""
    told, quiet = World(), Simulation(7)
    machine = Memory()
    quiet.add(1, Memory())
    quiet.add(2, machine)
    quiet.perform(1, [Send(2, FetchRequest(n)) for n in range(9)], cause="test")
    told.send(*range(9))
    told.run()
    while quiet.step():
        pass
    assert told.machines[2].seen == machine.seen


# --- determinism ----------------------------------------------------------------------------------


class Gossip:
    """Passes on what it hears to two others by name, with timers whose keys are words."""

    def __init__(self, others: list[str]) -> None:
        self.others = others
        self.owed: list[Ticket] = []

    def receive(
        self, message: object, *, sender: Address, ticket: Ticket, now_ms: int
    ) -> list[Effect]:
        self.owed.append(ticket)
        sends: list[Effect] = [Send(to, message) for to in self.others if to != sender]
        return [*sends, Wake(f"again-{sender}", 5)]

    def answered(self, correlation: int, message: object, *, now_ms: int) -> list[Effect]:
        return [Send(self.others[1], message, "thanks")]

    def disconnected(
        self, to: Address, channel: str, *, was_refused: bool, now_ms: int
    ) -> list[Effect]:
        return [Wake(f"back-{to}", 2)]

    def wake(self, timer: object, *, now_ms: int) -> list[Effect]:
        replies = [Reply(ticket, FetchResponse(timer)) for ticket in self.owed]
        self.owed = []
        return [*replies, Send(self.others[0], FetchRequest(timer))]


def a_run_of_gossip(seed: int) -> str:
    """Return the trace of a busy run with holds, cuts, resets, a crash and a restart."""
    names = [f"node-{n}" for n in range(5)]
    world = World(seed)
    for number, name in enumerate(names):
        world.simulation.add(name, Gossip([names[number - 1], names[number - 2]]))
    world.network.double_next(None, "node-1", None, count=3)
    world.ask(Send("node-1", FetchRequest("rumour")), at="node-0")
    world.kernel.run_for(12)
    hold = world.network.hold(None, "node-3", None)
    world.network.cut("node-1", "node-2")
    world.simulation.remove("node-4", refuses=True)
    world.kernel.run_for(8)
    world.simulation.add("node-4", Gossip(["node-0", "node-1"]))
    world.network.release(hold)
    world.network.reset("node-0", "node-1")
    world.kernel.run_for(5)
    world.network.heal("node-1", "node-2")
    world.kernel.run_for(5)
    return str(world.trace)


def test_one_seed_gives_one_run_under_any_seed_of_hashes() -> None:
    """The order of a set of words must not leak; another seed gives another run."""
    code = "from tests.sim.test_simulation import a_run_of_gossip; print(a_run_of_gossip(7))"
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.rstrip("\n")
        for hash_seed in ("1", "2")
    }
    assert {a_run_of_gossip(7)} == runs
    assert len(a_run_of_gossip(7).splitlines()) > 100
    assert a_run_of_gossip(8) not in runs
