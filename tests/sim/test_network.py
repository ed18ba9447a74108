"""Any message in flight can be held, delivered, dropped and doubled; the seed decides the rest."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.machine import Send, Wake
from kafkabook.base.trace import Entry
from kafkabook.sim.connection import Hold, InFlight
from kafkabook.sim.events import (
    HoldBegan,
    HoldEnded,
    MessageDelivered,
    MessageDoubled,
    MessageDropped,
    MessageHeld,
    MessageReleased,
    MessageSent,
    MessageStalled,
)
from tests.sim.machines import FetchRequest, FetchResponse, World


def test_a_message_is_named_after_its_class_without_request() -> None:
    """This is the word by which a scenario holds it."""
    world = World(latency_ms=(2, 2))
    world.machines[2].answer = FetchResponse
    world.send("a")
    world.kernel.run_for(3)
    world.send("b")
    names = {flight.number: flight.name for flight in world.network.in_flight()}
    assert {2: "FetchResponse", 3: "Fetch"} == names


def test_a_message_in_flight_says_all_about_itself() -> None:
    """What a figure of the wire is drawn from."""
    world = World(latency_ms=(5, 5))
    world.kernel.run_for(10)
    world.send("a")
    (flight,) = world.network.in_flight()
    shown = (flight.number, flight.sender, flight.receiver, flight.sent_ms, flight.due_ms)
    assert (1, 1, 2, 10, 15) == shown
    assert ("Fetch 1→2 (number 1)", False) == (str(flight), flight.is_answer)
    world.run()
    assert [] == world.network.in_flight()
    assert [MessageDelivered(1, "Fetch", 1, 2, sent_ms=10)] == world.told(MessageDelivered)


def test_a_message_that_is_held_or_waits_for_a_link_is_due_at_no_time() -> None:
    """Until it goes on; nobody can draw how far it has come."""
    world = World(latency_ms=(5, 5))
    world.send("a")
    hold = world.network.hold("Fetch", 1, 2)
    world.send("held from the start")
    world.send("cut", sender=3, to=2)
    world.network.cut(3, 2)

    def due_ms() -> dict[int, int | None]:
        return {flight.number: flight.due_ms for flight in world.network.in_flight()}

    assert {1: None, 2: None, 3: None} == due_ms()
    world.kernel.run_for(10)
    world.network.heal(3, 2)
    world.network.release(hold)
    assert {1: 15, 2: 15, 3: 15} == due_ms()


# --- what is told of a sending --------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Produce:
    """A message that says what is in it, and counts how often it was asked."""

    records: tuple[str, ...]
    asked: list[str]

    def carries(self) -> tuple[object, ...]:
        """Name its records."""
        self.asked.append("carries")
        return self.records


def test_a_sending_tells_its_cause_what_it_answers_and_what_is_in_it() -> None:
    """From these three a figure draws who made whom do what."""
    world = World(latency_ms=(1, 1))
    world.machines[2].answer = FetchResponse
    world.machines[1].effects["a"] = [Send(3, FetchRequest("caused by the answer"))]
    world.machines[3].effects["tick"] = [Send(1, Produce(("r0", "r1"), []))]
    world.ask(Wake("tick", 9), at=3)
    world.send("a")
    world.run()
    expected = [
        MessageSent(1, "Fetch", 1, 2, cause="test", answers=0, carries=()),
        MessageSent(2, "FetchResponse", 2, 1, cause=1, answers=1, carries=()),
        MessageSent(3, "Fetch", 1, 3, cause=2, answers=0, carries=()),
        MessageSent(4, "Produce", 3, 1, cause="timer", answers=0, carries=("r0", "r1")),
    ]
    assert expected == world.told(MessageSent)


def test_what_is_sent_because_a_connection_broke_tells_why_it_broke() -> None:
    """A client that tries another broker does so for a reason."""
    world = World(latency_ms=(1, 1))
    world.simulation.remove(2, refuses=True)
    world.machines[1].effects[2, ""] = [Send(3, FetchRequest("elsewhere"))]
    world.send("a")
    world.run()
    causes = [sent.cause for sent in world.told(MessageSent)]
    assert ["test", "nobody is there"] == causes


def test_what_a_message_carries_is_asked_when_somebody_looks_and_only_then() -> None:
    """A run of a million messages, with checkers that look at other kinds, names no record."""
    world, asked, dropped = World(), list[str](), list[Entry]()
    world.trace.observe(dropped.append, MessageDropped)
    world.network.drop_next("Produce", 1, 3)
    world.ask(Send(2, Produce(("r0",), asked)), Send(3, Produce(("r1",), asked)))
    world.run()
    assert ([], [2]) == (asked, [entry.event.number for entry in dropped])
    assert [("r0",), ("r1",)] == [sent.carries for sent in world.told(MessageSent)]
    assert ["carries", "carries"] == asked


# --- links ----------------------------------------------------------------------------------------


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
    world.send("not behind it", channel="control")
    world.run()
    expected = [("not behind it", 1, 1), ("late", 1, 51), ("behind it", 1, 51)]
    assert expected == world.machines[2].seen
    assert [("late", 2, 51)] == world.machines[1].seen
    assert [("other", 1, 1)] == world.machines[3].seen


def test_a_slow_way_back_makes_an_answer_late_too() -> None:
    """The same link carries both."""
    world = World(latency_ms=(1, 1))
    world.machines[2].answer = FetchResponse
    world.network.slow(2, 1, 10)
    world.send("a")
    world.run()
    assert ([("a", 1, 11)], [(1, "a", 22)]) == (world.machines[2].seen, world.machines[1].answers)


def test_a_cut_stalls_what_is_between_two_hosts_both_ways_until_heal_and_nothing_else() -> None:
    """TCP sends again until it gets through: nothing is lost, and the order stays."""
    world = World(latency_ms=(2, 2))
    world.send("in flight")
    world.send("in flight", sender=2, to=1)
    world.network.cut(1, 2)
    world.send("sent")
    world.send("sent", sender=2, to=1)
    world.send("elsewhere", to=3)
    world.run()
    assert [[], [], ["elsewhere"]] == [machine.got for machine in world.machines.values()]
    assert [1, 2, 3, 4] == [event.number for event in world.told(MessageStalled)]
    world.kernel.run_for(98)
    world.network.heal(1, 2)
    world.send("healed")
    world.run()
    assert [(what, 1, 102) for what in ("in flight", "sent", "healed")] == world.machines[2].seen
    assert [(what, 2, 102) for what in ("in flight", "sent")] == world.machines[1].seen
    assert [] == world.told(MessageDropped)


def test_an_answer_that_meets_a_cut_goes_on_at_heal() -> None:
    """The way back is cut as well as the way there."""
    world = World()
    world.machines[2].is_busy = True
    world.send("a", "b")
    world.run()
    world.network.cut(1, 2)
    world.reply(2, "a")
    world.run()
    world.reply(2, "b")
    world.run()
    assert ([], [3, 4]) == (
        world.machines[1].heard,
        [event.number for event in world.told(MessageStalled)],
    )
    world.network.heal(2, 1)
    world.run()
    assert [(1, "a"), (2, "b")] == [answer[:2] for answer in world.machines[1].answers]


def test_a_heal_of_one_link_leaves_another_cut() -> None:
    """A partition has as many links as it has pairs."""
    world = World()
    world.network.cut(1, 2)
    world.network.cut(1, 3)
    world.send("a")
    world.send("b", to=3)
    world.network.heal(1, 2)
    world.run()
    assert (["a"], []) == (world.machines[2].got, world.machines[3].got)


def test_a_held_message_survives_a_cut_and_whoever_holds_it_may_hand_it_over() -> None:
    """A hold is stronger than a cut; a release gives it back to the network, which stalls it."""
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
    assert [MessageStalled(1, "Fetch", 1, 2)] == world.told(MessageStalled)
    world.network.heal(1, 2)
    world.run()
    assert ["while cut", "before"] == world.machines[2].got


def test_a_stalled_message_can_be_held_or_handed_over() -> None:
    """Tools of thought know no cable."""
    world = World()
    world.network.cut(1, 2)
    world.send("a", "b")
    hold = world.network.hold("Fetch", 1, 2)
    world.network.heal(1, 2)
    world.run()
    assert ([], [1, 2]) == (world.machines[2].got, [f.number for f in world.network.held()])
    world.network.cut(1, 2)
    world.network.release(hold)
    world.network.deliver(2)
    world.run()
    assert ["b"] == world.machines[2].got


# --- holds ----------------------------------------------------------------------------------------


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
        world.ask(Send(1, FetchResponse("b")), at=2)
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


def test_a_hold_is_told_when_it_begins_and_when_it_ends() -> None:
    """Also one that nothing meets: who reads the trace must know what would have stopped."""
    world = World()
    world.send("a")
    hold, other = world.network.hold("Fetch", 1, None), world.network.hold(None, None, 3)
    world.network.release(hold)
    world.network.release(other)
    expected = [
        HoldBegan("Fetch", 1, None),
        MessageHeld(1, "Fetch", 1, 2),
        HoldBegan(None, None, 3),
        HoldEnded("Fetch", 1, None),
        MessageReleased(1, "Fetch", 1, 2),
        HoldEnded(None, None, 3),
    ]
    held = HoldBegan, HoldEnded, MessageHeld, MessageReleased
    assert expected == world.told(*held)


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
    assert [3, 1] == [it.number for it in world.told(MessageReleased)]
    assert [2] == [flight.number for flight in world.network.held()]


def test_a_message_that_nobody_holds_can_be_delivered_too_and_arrives_once() -> None:
    """Overtaking is allowed where dropped on request."""
    world = World(latency_ms=(9, 9))
    world.send("a", "b")
    world.network.deliver(2)
    world.run()
    assert [("b", 1, 0), ("a", 1, 9)] == world.machines[2].seen
    assert [] == world.told(MessageReleased)


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


def test_a_held_request_stands_outside_its_connection_and_so_does_its_answer() -> None:
    """It neither waits for the others nor keeps them waiting, and is answered all the same."""
    world = World()
    world.machines[2].is_busy = True
    hold = world.network.hold("Fetch", 1, 2)
    world.send("held")
    world.network.release(hold)
    world.run()
    world.send("in order", "behind it")
    world.run()
    assert ["held", "in order"] == world.machines[2].got
    world.reply(2, "in order")
    world.reply(2, "held")
    world.run()
    assert ["held", "in order", "behind it"] == world.machines[2].got
    assert {(1, "held"), (2, "in order")} == {answer[:2] for answer in world.machines[1].answers}


@pytest.mark.parametrize("refuses", [True, False])
@pytest.mark.parametrize("by_release", [True, False])
@pytest.mark.parametrize("held_first", [True, False])
def test_a_held_message_reaches_whoever_runs_when_it_is_let_go_and_its_answer_the_sender(
    held_first: bool, by_release: bool, refuses: bool
) -> None:
    """This is how a scenario brings back a stale request on purpose."""
    world = World()
    hold = world.network.hold("Fetch", 1, 2) if held_first else None
    world.send("stale")
    hold = hold or world.network.hold("Fetch", 1, 2)
    world.restart(2, refuses=refuses).answer = FetchResponse
    if by_release:
        world.network.release(hold)
    else:
        world.network.deliver(1)
    world.run()
    assert (["stale"], ["stale"]) == (world.machines[2].got, world.machines[1].heard)


def test_a_held_answer_reaches_nobody_else_than_who_asked() -> None:
    """The one that took the place of the client never asked."""
    world = World()
    world.machines[2].answer = FetchResponse
    hold = world.network.hold("FetchResponse")
    world.send("a")
    world.run()
    world.restart(1)
    world.network.release(hold)
    world.run()
    assert [] == world.machines[1].heard
    reason = "its connection was closed"
    assert [MessageDropped(2, "FetchResponse", 2, 1, reason)] == world.told(MessageDropped)


def test_a_held_answer_survives_the_end_of_its_connection() -> None:
    """It has left it: the client that still runs hears it, long after it gave up."""
    world = World()
    world.machines[2].answer = FetchResponse
    hold = world.network.hold("FetchResponse")
    world.send("a")
    world.run()
    world.simulation.remove(2, refuses=True)
    world.run()
    world.network.release(hold)
    world.run()
    assert ([(2, "", False)], ["a"]) == (world.machines[1].gone, world.machines[1].heard)


def test_a_doubled_request_is_answered_twice() -> None:
    """Under the same correlation: who counts answers must look at it."""
    world = World(latency_ms=(1, 1))
    world.machines[2].answer = FetchResponse
    world.network.double_next("Fetch", 1, 2)
    world.send("a")
    world.run()
    assert [("a", 1, 1), ("a", 1, 1)] == world.machines[2].seen
    assert [(1, "a", 2), (1, "a", 2)] == world.machines[1].answers


def test_a_doubled_answer_is_heard_twice() -> None:
    """An answer is a message like any other."""
    world = World()
    world.machines[2].answer = FetchResponse
    world.network.double_next("FetchResponse", 2, 1)
    world.send("a")
    world.run()
    assert (["a"], ["a", "a"]) == (world.machines[2].got, world.machines[1].heard)


def test_a_dropped_request_keeps_nobody_waiting_and_is_never_answered() -> None:
    """Nobody hears of it; only a timer notices."""
    world = World()
    world.machines[2].answer = FetchResponse
    world.network.drop_next("Fetch", 1, 2)
    world.send("a", "b")
    world.run()
    assert (["b"], []) == (world.machines[1].heard, world.machines[1].gone)


def test_a_dropped_answer_lets_the_next_request_go() -> None:
    """The server had replied, and cannot know."""
    world = World()
    world.machines[2].is_busy = True
    world.network.drop_next("FetchResponse", 2, 1)
    world.send("a", "b")
    world.run()
    world.reply(2, "a")
    world.run()
    world.reply(2, "b")
    world.run()
    assert (["a", "b"], ["b"]) == (world.machines[2].got, world.machines[1].heard)


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
