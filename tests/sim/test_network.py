"""Any message in flight can be held, delivered, dropped and doubled; the seed decides the rest."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.sim.effects import Send
from kafkabook.sim.events import (
    MessageDelivered,
    MessageDoubled,
    MessageDropped,
    MessageHeld,
    MessageReleased,
)
from kafkabook.sim.in_flight import Hold, InFlight
from tests.sim.machines import FetchResponse, World


def test_a_message_is_named_after_its_class_without_request() -> None:
    """This is the word by which a scenario holds it."""
    world = World()
    world.send("a")
    world.simulation.perform(2, [Send(1, FetchResponse("b"))])
    assert ["Fetch", "FetchResponse"] == [flight.name for flight in world.network.in_flight()]


def test_a_message_in_flight_says_all_about_itself() -> None:
    """What a figure of the wire is drawn from."""
    world = World(latency_ms=(5, 5))
    world.kernel.run_for(10)
    world.send("a")
    (flight,) = world.network.in_flight()
    shown = (flight.number, flight.sender, flight.receiver, flight.sent_ms, flight.due_ms)
    assert (1, 1, 2, 10, 15) == shown
    assert "Fetch 1→2 (number 1)" == str(flight)
    world.run()
    assert [] == world.network.in_flight()
    assert [MessageDelivered(1, "Fetch", 1, 2, sent_ms=10)] == world.told()


@given(st.integers(), st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(0, 2))))
def test_one_link_keeps_the_order_of_its_messages(
    seed: int, sends: list[tuple[int, int, int]]
) -> None:
    """A connection of TCP does, whatever the latencies are."""
    world = World(seed, latency_ms=(0, 9))
    for number, (sender, to, pause_ms) in enumerate(sends):
        world.send(number, sender=sender, to=to)
        world.kernel.run_for(pause_ms)
    world.run()
    for receiver, machine in world.machines.items():
        for link_from in (1, 2, 3):
            on_link = [n for n, (a, b, _) in enumerate(sends) if (a, b) == (link_from, receiver)]
            seen = [message.what for message, sender, _ in machine.seen if sender == link_from]
            assert on_link == seen


@given(st.integers(), st.integers(0, 5), st.integers(0, 5))
def test_a_latency_is_within_its_limits(seed: int, shortest_ms: int, more_ms: int) -> None:
    """Nothing is faster than the fastest, nor slower than the slowest."""
    world = World(seed, latency_ms=(shortest_ms, shortest_ms + more_ms))
    world.send("a")
    world.run()
    assert shortest_ms <= world.kernel.now_ms <= shortest_ms + more_ms


def test_both_ends_of_the_latency_occur() -> None:
    """1 to 3 ms are three possible latencies."""
    latencies_ms = set()
    for seed in range(30):
        world = World(seed)
        world.send("a")
        world.run()
        latencies_ms.add(world.kernel.now_ms)
    assert {1, 2, 3} == latencies_ms


def test_a_latency_below_zero_and_a_negative_slowness_are_refused() -> None:
    """A message cannot arrive before it was sent."""
    for latency_ms in ((-1, 3), (3, 1)):
        with pytest.raises(ValueError, match="a latency of"):
            World(latency_ms=latency_ms)
    with pytest.raises(ValueError, match="-1 extra ms"):
        World().network.slow(1, 2, -1)


def test_a_slow_link_is_slow_in_both_directions_until_told_otherwise() -> None:
    """What was sent while it was slow stays late, and holds back what follows it."""
    world = World(latency_ms=(1, 1))
    world.network.slow(1, 2, 50)
    world.send("late")
    world.send("late", sender=2, to=1)
    world.send("other", to=3)
    world.network.slow(1, 2, 0)
    world.send("behind it")
    world.run()
    assert [51, 51] == [now_ms for _, _, now_ms in world.machines[2].seen]
    assert [51] == [now_ms for _, _, now_ms in world.machines[1].seen]
    assert [1] == [now_ms for _, _, now_ms in world.machines[3].seen]


def test_a_cut_loses_what_is_in_flight_and_what_is_sent_both_ways_and_nothing_else() -> None:
    """Silence: nobody is told but the trace."""
    world = World()
    world.send("in flight")
    world.send("in flight", sender=2, to=1)
    world.network.cut(1, 2)
    world.send("sent")
    world.send("sent", sender=2, to=1)
    world.send("elsewhere", to=3)
    world.run()
    world.network.heal(1, 2)
    world.send("healed")
    world.run()
    assert [[], ["healed"], ["elsewhere"]] == [m.got for m in world.machines.values()]
    lost = [(event.number, event.reason) for event in world.told(MessageDropped)]
    assert [(n, "the link was cut") for n in (1, 2, 3, 4)] == lost


def test_a_held_message_survives_a_cut_and_whoever_holds_it_may_hand_it_over() -> None:
    """A hold is stronger than a cut; a release gives it back to the network, which loses it."""
    world = World()
    world.send("before")
    hold = world.network.hold("Fetch", 1, 2)
    world.network.cut(1, 2)
    world.send("while cut")
    assert [1, 2] == [flight.number for flight in world.network.held()]
    world.network.deliver(2)
    world.network.release(hold)
    world.run()
    assert ["while cut"] == world.machines[2].got
    assert [MessageDropped(1, "Fetch", 1, 2, "the link was cut")] == world.told(MessageDropped)


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        (("Fetch", 1, 2), [1]),
        ((None, 1, None), [1, 2]),
        ((None, None, 2), [1, 3]),
        (("Fetch", None, None), [1, 2, 3]),
        ((None, None, None), [1, 2, 3, 4]),
        (("Vote", None, None), []),
    ],
)
def test_a_hold_stops_what_matches_in_flight_and_what_comes(
    asked: tuple[str | None, int | None, int | None], held: list[int]
) -> None:
    """None means any; a message sent a moment earlier is no exception."""
    for hold_first in (True, False):
        world = World()
        if hold_first:
            world.network.hold(*asked)
        for sender, to in ((1, 2), (1, 3), (3, 2)):
            world.send("a", sender=sender, to=to)
        world.simulation.perform(2, [Send(1, FetchResponse("b"))])
        if not hold_first:
            world.network.hold(*asked)
        assert held == [flight.number for flight in world.network.held()]
        assert held == [event.number for event in world.told(MessageHeld)]
        world.run()
        assert held == [flight.number for flight in world.network.in_flight()]


def test_a_message_that_is_held_already_is_not_stopped_twice() -> None:
    """The first hold keeps it; once that is over, the second does."""
    world = World()
    world.send("a")
    first, second = world.network.hold("Fetch", 1, 2), world.network.hold("Fetch", 1, 2)
    assert [1] == [event.number for event in world.told(MessageHeld)]
    world.network.release(second)
    assert [1] == [flight.number for flight in world.network.held()]
    world.network.release(first)
    assert [] == world.network.held()


def test_a_released_hold_lets_its_messages_go_in_order() -> None:
    """A message that another hold matches too stays where it is."""
    world = World()
    both, fetches = world.network.hold(None, 1, None), world.network.hold("Fetch", None, 3)
    world.send("a", "b")
    world.send("c", to=3)
    world.network.release(both)
    world.run()
    assert (["a", "b"], []) == (world.machines[2].got, world.machines[3].got)
    assert [1, 2] == [event.number for event in world.told(MessageReleased)]
    world.network.release(fetches)
    world.run()
    assert ["c"] == world.machines[3].got
    with pytest.raises(ValueError):
        world.network.release(fetches)


def test_a_delivered_message_is_the_very_next_event_and_order_is_the_order_of_asking() -> None:
    """A script of choices, not of sleeps."""
    world = World(latency_ms=(0, 0))
    world.network.hold("Fetch", 1, 2)
    world.send("a", "b", "c")
    world.send("due now", sender=3, to=2)
    world.network.deliver(3)
    world.network.deliver(1)
    world.simulation.step()
    assert ["c"] == world.machines[2].got
    world.run()
    assert ["c", "a", "due now"] == world.machines[2].got
    assert [2] == [flight.number for flight in world.network.held()]


def test_a_message_that_nobody_holds_can_be_delivered_too_and_arrives_once() -> None:
    """Overtaking is allowed where dropped on request."""
    world = World(latency_ms=(9, 9))
    world.send("a", "b")
    world.network.deliver(2)
    world.run()
    assert [("b", 0), ("a", 9)] == [(m.what, now_ms) for m, _, now_ms in world.machines[2].seen]


def test_the_next_ones_are_lost_or_doubled_and_no_more_than_were_asked_for() -> None:
    """The trace says of each message what became of it."""
    world = World()
    world.network.drop_next("Fetch", 1, 2)
    world.network.double_next("Fetch", None, 2, count=2)
    world.send("other", to=3)
    world.send("lost", "twice", "twice again", "once")
    world.run()
    assert ["twice", "twice", "twice again", "twice again", "once"] == world.machines[2].got
    assert ["other"] == world.machines[3].got
    dropped = MessageDropped(2, "Fetch", 1, 2, "dropped on request")
    doubled = [MessageDoubled(n, "Fetch", 1, 2, copy=n + 1) for n in (3, 5)]
    assert [dropped, *doubled] == world.told(MessageDropped, MessageDoubled)


def test_the_copy_of_a_held_message_is_held_as_well() -> None:
    """Each of the two can be handed over or lost on its own."""
    world = World()
    hold = world.network.hold("Fetch", 1, 2)
    world.send("a")
    world.network.double(1)
    assert [1, 2] == [flight.number for flight in world.network.held()]
    world.network.drop(1)
    world.network.release(hold)
    world.run()
    assert ["a"] == world.machines[2].got


@pytest.mark.parametrize("verb", ["deliver", "drop", "double"])
def test_a_message_that_has_arrived_cannot_be_decided_any_more(verb: str) -> None:
    """A number that was mistyped should not pass in silence."""
    world = World()
    world.send("a")
    world.run()
    with pytest.raises(LookupError, match="message 1 is not in flight"):
        getattr(world.network, verb)(1)


# --- whatever is asked, each message arrives exactly as often as was decided ----------------------

patterns = st.tuples(
    st.sampled_from([None, "Fetch", "Vote"]), st.sampled_from([None, 1]), st.sampled_from([None, 2])
)
places = st.integers(0, 5)  # which of those that are in flight, from the oldest
actions = st.one_of(
    st.tuples(st.just("send"), st.integers(1, 2), st.integers(2, 3)),
    st.tuples(st.sampled_from(["drop_next", "double_next"]), patterns, st.integers(1, 2)),
    st.tuples(st.just("hold"), patterns),
    st.tuples(st.sampled_from(["release", "deliver", "drop", "double", "step"]), places),
)


class Decisions:
    """Does what it is told to a world, and counts how often each message has to arrive."""

    def __init__(self, seed: int) -> None:
        self.world = World(seed)
        self.network = self.world.network
        self.due: Counter[int] = Counter()
        self.wishes: list[tuple[str, Hold, list[int]]] = []
        self.holds: list[Hold] = []
        self.handed_over: set[int] = set()

    def send(self, sender: int, to: int) -> None:
        """Send a message under a content of its own; wishes take it in order."""
        content = len(self.due)
        self.due[content] = 1
        met = {
            verb: left
            for verb, hold, left in reversed(self.wishes)
            if self.meets(hold, sender, to, left)
        }
        if "drop_next" in met:
            met["drop_next"][0] -= 1
            self.due[content] = 0
        elif "double_next" in met:
            met["double_next"][0] -= 1
            self.due[content] = 2
        self.world.send(content, sender=sender, to=to)

    def meets(self, hold: Hold, sender: int, to: int, left: list[int]) -> bool:
        """Say whether a wish is still open and meant this message."""
        meant = (hold.name or "Fetch", hold.sender or sender, hold.receiver or to)
        return left[0] > 0 and meant == ("Fetch", sender, to)

    def wish(self, verb: str, pattern: tuple, count: int) -> None:
        """Ask for the next ones."""
        self.wishes.append((verb, Hold(*pattern), [count]))
        getattr(self.network, verb)(*pattern, count=count)

    def decide(self, verb: str, flight: InFlight) -> None:
        """Decide about one that is in flight."""
        self.due[flight.message.what] += {"drop": -1, "double": 1, "deliver": 0}[verb]
        if verb == "deliver":
            self.handed_over.add(flight.number)
        getattr(self.network, verb)(flight.number)

    def act(self, verb: str, *how: object) -> None:
        """Do one action; one that has nothing to act on does nothing."""
        others: dict[str, Callable[..., object]] = {
            "send": self.send,
            "hold": lambda pattern: self.holds.append(self.network.hold(*pattern)),
            "step": lambda _: self.world.simulation.step(),
        }
        if verb in others:
            others[verb](*how)
        elif verb.endswith("_next"):
            self.wish(verb, *how)
        else:
            among = self.holds if verb == "release" else self.network.in_flight()
            if how[0] < len(among):
                chosen = among[how[0]]
                self.release(chosen) if verb == "release" else self.decide(verb, chosen)

    def release(self, hold: Hold) -> None:
        """End a hold."""
        self.holds.remove(hold)
        self.network.release(hold)

    def arrived(self) -> Counter[int]:
        """Count what reached anybody."""
        return Counter(what for machine in self.world.machines.values() for what in machine.got)


@given(st.integers(), st.lists(actions, max_size=40))
def test_every_message_arrives_exactly_as_was_decided(seed: int, plan: list[tuple]) -> None:
    """Once, unless dropped or doubled; never while held; and all of them once holds are over."""
    decisions = Decisions(seed)
    for action in plan:
        decisions.act(*action)
        for flight in decisions.network.in_flight():
            wanted = any(hold.matches(flight) for hold in decisions.holds)
            free = flight.number in decisions.handed_over
            assert (wanted and not free) == (flight.held_by is not None) or free
        assert decisions.arrived() <= decisions.due
    for hold in list(decisions.holds):
        decisions.release(hold)
    decisions.world.run()
    assert +decisions.due == decisions.arrived()
