"""Connections: in order, one request in work, stalled by a cut, and broken all at once."""

from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.machine import Close, Listen, Send
from kafkabook.sim.events import (
    ConnectionClosed,
    MessageDelivered,
    MessageDropped,
    MessageRefused,
    MessageSent,
    MessageStalled,
    MessageWaits,
)
from tests.sim.machines import FetchRequest, FetchResponse, World


def a_busy_world(**how: object) -> World:
    """Return a world in which the machine at 2 keeps its requests until it is told to reply."""
    world = World(**how)
    world.machines[2].is_busy = True
    return world


# --- in order, one in work ------------------------------------------------------------------------


@given(
    st.integers(),
    st.lists(
        st.tuples(
            st.integers(1, 3), st.integers(1, 3), st.sampled_from(["", "b"]), st.integers(0, 2)
        )
    ),
)
def test_a_connection_keeps_the_order_of_its_requests_and_of_its_answers(
    seed: int, sends: list[tuple[int, int, str, int]]
) -> None:
    """TCP does, whatever the latencies are, and the number of a request is in its answer."""
    world = World(seed, latency_ms=(0, 9))
    for machine in world.machines.values():
        machine.answer = FetchResponse
    for number, (sender, to, channel, pause_ms) in enumerate(sends):
        world.send(number, sender=sender, to=to, channel=channel)
        world.kernel.run_for(pause_ms)
    world.run()
    for ends in {send[:3] for send in sends}:
        client, server, _ = ends
        asked = [number for number, send in enumerate(sends) if send[:3] == ends]
        assert asked == [what for what in world.machines[server].got if what in asked]
        answers = [(number + 1, number) for number in asked]
        assert answers == [
            answer[:2] for answer in world.machines[client].answers if answer[1] in asked
        ]


def test_a_second_request_of_a_connection_waits_until_the_first_is_replied_to() -> None:
    """A broker reads nothing more from a channel while it owes that an answer."""
    world = a_busy_world(latency_ms=(2, 2))
    world.send("a", "b", "c")
    world.run()
    assert [("a", 1, 2)] == world.machines[2].seen
    waits = [MessageWaits(number, "Fetch", 1, 2, "in work") for number in (2, 3)]
    assert waits == world.told(MessageWaits)
    world.kernel.run_for(8)
    world.reply(2, "a")
    world.run()
    assert [("a", 1, 2), ("b", 1, 10)] == world.machines[2].seen
    assert [(1, "a", 12)] == world.machines[1].answers
    world.reply(2, "b")
    world.run()
    assert [("a", 1, 2), ("b", 1, 10), ("c", 1, 12)] == world.machines[2].seen


def test_the_next_request_is_taken_as_the_very_next_event() -> None:
    """It has been in the socket for long: nothing else that is due comes before it."""
    world = a_busy_world(latency_ms=(0, 0))
    world.send("a", "b")
    world.run()
    world.send("due now", sender=3)
    world.reply(2, "a")
    world.simulation.step()
    assert ["a", "b"] == world.machines[2].got


def test_another_channel_another_client_and_the_way_back_do_not_wait() -> None:
    """A long fetch keeps back its own channel only, or no replica could be told anything."""
    world = a_busy_world()
    world.send("a")
    world.run()
    world.send("b", channel="control")
    world.send("c", sender=3)
    world.send("d", sender=2, to=1)
    world.run()
    assert {"a", "b", "c"} == set(world.machines[2].got)
    assert ["d"] == world.machines[1].got


def test_a_reply_of_nothing_lets_the_next_go_and_tells_the_client_nothing() -> None:
    """A request without acknowledgement is handled, and owed no answer."""
    world = a_busy_world()
    world.send("a", "b")
    world.run()
    world.reply(2, "a", owes_nothing=True)
    world.run()
    world.reply(2, "b")
    world.run()
    assert (["a", "b"], ["b"]) == (world.machines[2].got, world.machines[1].heard)


def test_channels_may_be_answered_in_any_order() -> None:
    """Each answer belongs to its request by the correlation, and goes over its connection."""
    world = a_busy_world(latency_ms=(1, 1))
    world.send("a")
    world.send("b", channel="control")
    world.run()
    world.reply(2, "b", "a")
    world.run()
    assert [(2, "b", 2), (1, "a", 2)] == world.machines[1].answers


# --- a process that ends --------------------------------------------------------------------------


def test_each_client_of_a_killed_server_hears_at_once_that_its_connection_broke() -> None:
    """Its host says so, one way later; who has asked nothing of it hears nothing."""
    world = a_busy_world(latency_ms=(2, 2))
    world.send("a", "behind it")
    world.send("b", channel="control")
    world.send("c", sender=2, to=3)
    world.run()
    world.kernel.run_for(8)
    world.simulation.remove(2, refuses=True)
    world.run()
    assert [(2, "", False, 12), (2, "control", False, 12)] == world.machines[1].broken
    assert ([], []) == (world.machines[1].heard, world.machines[3].broken)
    ended = "the server's process ended"
    closed = [ConnectionClosed(1, 2, channel, ended) for channel in ("", "control")]
    assert closed == world.told(ConnectionClosed)


def test_a_process_that_does_not_listen_yet_is_reached_over_one_channel_alone() -> None:
    """Its host refuses every other connection, until the process opens its port."""
    world = World()
    world.simulation.remove(2, refuses=True)
    world.start(2, only_channel="metadata")
    world.send("records", channel="metadata")
    world.send("a")
    world.run()
    assert (["records"], [(2, "", True)]) == (world.machines[2].got, world.machines[1].gone)
    world.ask(Listen(), at=2)
    world.send("b")
    world.run()
    assert ["records", "b"] == world.machines[2].got


def test_a_client_that_awaits_nothing_hears_of_the_end_as_well() -> None:
    """The socket is closed, whether anything is asked over it or not."""
    world = World()
    world.machines[2].answer = FetchResponse
    world.send("a")
    world.run()
    world.simulation.remove(2, refuses=True)
    world.run()
    assert (["a"], [(2, "", False)]) == (world.machines[1].heard, world.machines[1].gone)


def test_what_a_server_had_answered_before_it_was_killed_arrives_before_the_news() -> None:
    """The bytes were on their way, and the end comes behind them."""
    world = a_busy_world(latency_ms=(0, 9))
    world.send("a")
    world.run()
    world.reply(2, "a")
    world.simulation.remove(2, refuses=True)
    while not world.machines[1].broken:
        assert world.simulation.step()
    assert ["a"] == world.machines[1].heard


def test_an_answer_that_a_cut_delays_still_arrives_before_the_news() -> None:
    """A heal makes nothing overtake."""
    world = a_busy_world(latency_ms=(10, 10))
    world.send("a")
    world.run()
    world.reply(2, "a")
    world.simulation.remove(2, refuses=True)
    world.kernel.run_for(5)
    world.network.cut(1, 2)
    world.kernel.run_for(2)
    world.network.heal(1, 2)
    world.run()
    assert [(1, "a", 27)] == world.machines[1].answers
    assert [(2, "", False, 27)] == world.machines[1].broken


def test_what_waited_behind_a_request_in_work_is_lost_with_the_server() -> None:
    """The trace tells of each that it is gone, and the successor gets none."""
    world = a_busy_world()
    world.send("a", "b", "c")
    world.run()
    world.restart(2)
    world.run()
    assert ([], [(2, "", False)]) == (world.machines[2].got, world.machines[1].gone)
    reason = "the server's process ended"
    lost = [MessageDropped(number, "Fetch", 1, 2, reason) for number in (2, 3)]
    assert lost == world.told(MessageDropped)


def test_a_request_on_its_way_to_a_killed_server_reaches_no_successor() -> None:
    """It was sent to the old process: the host, which is back, breaks the connection once."""
    world = World(latency_ms=(2, 2))
    world.send("to the old one")
    world.kernel.run_for(1)
    world.restart(2)
    world.run()
    assert ([], [(2, "", False)]) == (world.machines[2].got, world.machines[1].gone)
    assert [MessageRefused(1, "Fetch", 1, 2)] == world.told(MessageRefused)
    world.send("to the new one")
    world.run()
    assert ["to the new one"] == world.machines[2].got


def test_a_request_to_nobody_on_a_living_host_is_refused() -> None:
    """The sender hears of it one way back later, and knows that nobody saw its requests."""
    world = World(latency_ms=(2, 2))
    world.simulation.remove(2, refuses=True)
    world.send("a", "b")
    world.run()
    assert [(2, "", True, 4)] == world.machines[1].broken
    assert [MessageRefused(number, "Fetch", 1, 2) for number in (1, 2)] == world.told(
        MessageRefused
    )
    assert [ConnectionClosed(1, 2, "", "nobody is there")] == world.told(ConnectionClosed)


def test_power_off_is_silence_and_a_restarted_host_breaks_the_connection_when_it_is_used() -> None:
    """Nobody is left to close a socket; the next process knows nothing of it, and says so."""
    world = a_busy_world(latency_ms=(2, 2))
    world.send("a")
    world.run()
    world.simulation.remove(2, refuses=False)
    world.send("into the dark")
    world.run()
    assert [] == world.machines[1].broken
    dropped = MessageDropped(2, "Fetch", 1, 2, "nobody is there")
    assert [dropped] == world.told(MessageDropped)
    world.start(2)
    world.run()
    assert [] == world.machines[1].broken
    world.send("b")
    world.run()
    assert ([], [(2, "", False)]) == (world.machines[2].got, world.machines[1].gone)
    world.send("c")
    world.run()
    assert ["c"] == world.machines[2].got


@pytest.mark.parametrize("is_paused", [False, True])
def test_a_request_that_had_not_been_taken_at_power_off_breaks_its_connection_later(
    is_paused: bool,
) -> None:
    """Whether it was on its way or at the door: the next one must not be taken in its place."""
    world = World()
    if is_paused:
        world.simulation.pause(2)
    world.send("a")
    if is_paused:
        world.run()
    world.simulation.remove(2, refuses=False)
    world.run()
    world.start(2)
    world.send("b")
    world.run()
    assert ([], [(2, "", False)]) == (world.machines[2].got, world.machines[1].gone)


@pytest.mark.parametrize("is_held", [False, True])
def test_an_answer_to_a_process_that_ended_never_reaches_its_successor(is_held: bool) -> None:
    """The one that took its place never asked."""
    world = a_busy_world()
    world.send("a")
    world.run()
    world.reply(2, "a")
    hold = world.network.hold() if is_held else None
    world.restart(1)
    if hold is not None:
        world.network.release(hold)
    world.run()
    assert ([], []) == (world.machines[1].heard, world.machines[1].got)
    dropped = MessageDropped(2, "FetchResponse", 2, 1, "its connection was closed")
    assert [dropped] == world.told(MessageDropped)


def test_an_answer_for_a_client_that_ended_is_not_even_sent() -> None:
    """The server's socket is closed by then."""
    world = a_busy_world()
    world.send("a")
    world.run()
    world.restart(1)
    world.reply(2, "a")
    world.run()
    assert [1] == [sent.number for sent in world.told(MessageSent)]


def test_what_a_client_had_sent_before_it_ended_still_arrives() -> None:
    """A request of a broker that has just died may well be served, and those behind it too."""
    world = a_busy_world()
    world.send("a", "b")
    world.send("last words", channel="control")
    world.simulation.remove(1, refuses=True)
    world.run()
    assert {"a", "last words"} == set(world.machines[2].got)
    world.reply(2, "a")
    world.run()
    assert "b" == world.machines[2].got[-1]
    assert [] == world.told(MessageDropped)


@pytest.mark.parametrize("comes_back", [False, True])
def test_nobody_hears_a_break_that_is_meant_for_the_dead(comes_back: bool) -> None:
    """The one that took the client's place had no such connection."""
    world = World(latency_ms=(2, 2))
    world.simulation.remove(2, refuses=True)
    world.send("a")
    world.kernel.run_for(3)
    world.simulation.remove(1, refuses=True)
    if comes_back:
        world.start(1)
    world.run()
    assert [] == world.machines[1].broken
    assert ([MessageRefused(1, "Fetch", 1, 2)], []) == (
        world.told(MessageRefused),
        world.told(ConnectionClosed),
    )


# --- cut, close, reset ----------------------------------------------------------------------------


def test_the_news_of_an_end_stalls_at_a_cut_and_comes_after_heal_behind_the_answers() -> None:
    """A client behind a cut link knows nothing of the other side, not even that it died."""
    world = a_busy_world(latency_ms=(2, 2))
    world.send("a")
    world.run()
    world.network.cut(1, 2)
    world.reply(2, "a")
    world.simulation.remove(2, refuses=True)
    world.run()
    assert ([], []) == (world.machines[1].heard, world.machines[1].broken)
    world.kernel.run_for(100)
    healed_ms = world.kernel.now_ms
    world.network.heal(1, 2)
    world.run()
    assert [(1, "a", healed_ms + 2)] == world.machines[1].answers
    assert [(2, "", False, healed_ms + 2)] == world.machines[1].broken


def test_what_is_stalled_waits_for_its_turn_at_the_server_after_heal() -> None:
    """A cut changes when a request arrives, and no rule of its connection."""
    world = a_busy_world()
    world.network.cut(1, 2)
    world.send("a", "b")
    world.network.heal(1, 2)
    world.run()
    assert ["a"] == world.machines[2].got
    world.reply(2, "a")
    world.run()
    assert ["a", "b"] == world.machines[2].got


def test_close_loses_what_a_cut_had_stalled_of_that_connection_and_nothing_else() -> None:
    """A client that timed out gives up the bytes in its socket; a new connection begins anew."""
    world = World()
    world.network.cut(1, 2)
    world.send("a", "b")
    world.send("c", channel="control")
    world.ask(Close(2, ""))
    lost = [MessageDropped(n, "Fetch", 1, 2, "its connection was closed") for n in (1, 2)]
    assert lost == world.told(MessageDropped)
    assert [ConnectionClosed(1, 2, "", "no answer came in time")] == world.told(ConnectionClosed)
    world.send("again")
    world.network.heal(1, 2)
    world.run()
    assert ({"c", "again"}, []) == (set(world.machines[2].got), world.machines[1].broken)


def test_the_end_of_a_client_loses_what_a_cut_had_stalled_of_it() -> None:
    """Its host sends nothing again for a process that is gone."""
    world = World()
    world.network.cut(1, 2)
    world.send("a")
    world.simulation.remove(1, refuses=True)
    world.network.heal(1, 2)
    world.run()
    assert ([], [MessageStalled(1, "Fetch", 1, 2)]) == (
        world.machines[2].got,
        world.told(MessageStalled),
    )


def test_after_close_what_was_sent_may_arrive_and_no_answer_does() -> None:
    """A client that gave up cannot tell whether its request was handled."""
    world = a_busy_world()
    world.send("a", "on its way")
    world.kernel.step()
    world.ask(Close(2, ""))
    world.run()
    world.reply(2, "a")
    world.run()
    assert ["a", "on its way"] == world.machines[2].got
    assert ([], []) == (world.machines[1].heard, world.machines[1].broken)


def test_an_answer_that_was_on_its_way_at_close_is_lost() -> None:
    """The socket that it comes to is gone, also when another of that name is open."""
    world = a_busy_world()
    world.send("a")
    world.run()
    world.reply(2, "a")
    world.ask(Close(2, ""), Send(2, FetchRequest("again"), correlation=9))
    world.run()
    assert ["a", "again"] == world.machines[2].got
    dropped = MessageDropped(2, "FetchResponse", 2, 1, "its connection was closed")
    assert ([], [dropped]) == (world.machines[1].heard, world.told(MessageDropped))


def test_closing_what_is_not_open_is_no_error() -> None:
    """The news that it broke may have come in the same millisecond."""
    world = World()
    world.ask(Close(2, ""))
    world.run()
    assert [] == world.told()


def test_a_reset_loses_both_ways_and_tells_the_client_once_and_at_once() -> None:
    """Whoever opened the connection hears; the server does not, and its answer is not sent."""
    world = a_busy_world(latency_ms=(2, 2))
    world.send("in work", "behind it")
    world.send("answered", channel="control")
    world.run()
    world.reply(2, "answered")
    world.send("on its way")
    world.send("first of its own", channel="other")
    world.network.reset(1, 2)
    world.simulation.step()
    world.simulation.step()
    world.simulation.step()
    expected = [(2, "", False, 2), (2, "control", False, 2), (2, "other", False, 2)]
    assert expected == world.machines[1].broken
    world.reply(2, "in work")
    world.run()
    assert expected == world.machines[1].broken
    assert (["in work", "answered"], []) == (world.machines[2].got, world.machines[1].heard)
    assert [] == world.machines[2].broken
    lost = {(event.number, event.reason) for event in world.told(MessageDropped)}
    assert {(number, "its connection was reset") for number in (2, 4, 5, 6)} == lost


def test_a_reset_breaks_what_either_of_the_two_has_opened_and_no_other_connection() -> None:
    """The order of the two addresses means nothing."""
    world = a_busy_world()
    world.machines[1].is_busy = world.machines[3].is_busy = True
    world.send("a")
    world.send("b", sender=2, to=1)
    world.send("c", to=3)
    world.run()
    world.network.reset(2, 1)
    world.run()
    assert ([(2, "", False)], [(1, "", False)]) == (world.machines[1].gone, world.machines[2].gone)
    world.reply(3, "c")
    world.run()
    assert ["c"] == world.machines[1].heard


def test_after_a_reset_the_next_request_opens_a_new_connection() -> None:
    """Which waits for nothing that was asked over the old one."""
    world = a_busy_world()
    world.send("a")
    world.run()
    world.network.reset(1, 2)
    world.run()
    world.send("b")
    world.run()
    world.reply(2, "b", "a")
    world.run()
    assert (["a", "b"], ["b"]) == (world.machines[2].got, world.machines[1].heard)


def test_a_reset_spares_what_somebody_holds() -> None:
    """It has left its connection before that broke."""
    world = World()
    world.machines[2].answer = FetchResponse
    hold = world.network.hold("Fetch")
    world.send("a")
    world.network.reset(1, 2)
    world.network.release(hold)
    world.run()
    assert ([(2, "", False)], ["a"]) == (world.machines[1].gone, world.machines[1].heard)


@pytest.mark.parametrize("asked_before", [[], ["earlier"]])
def test_a_reset_also_loses_what_stands_at_the_door_of_a_paused_server(
    asked_before: list[str],
) -> None:
    """An old connection and one that has just been opened are lost alike."""
    world = World()
    world.send(*asked_before)
    world.run()
    world.simulation.pause(2)
    world.send("a")
    world.run()
    world.network.reset(1, 2)
    world.run()
    world.simulation.resume(2)
    world.run()
    assert (asked_before, [(2, "", False)]) == (world.machines[2].got, world.machines[1].gone)


def test_a_paused_client_hears_of_a_reset_when_it_goes_on_and_no_answer_after_it() -> None:
    """What comes on a connection that was reset is lost, whenever its client looks."""
    world = a_busy_world()
    world.send("a")
    world.run()
    world.simulation.pause(1)
    world.network.reset(1, 2)
    world.run()
    world.reply(2, "a")
    world.run()
    assert [] == world.machines[1].broken
    world.simulation.resume(1)
    world.run()
    assert ([(2, "", False)], []) == (world.machines[1].gone, world.machines[1].heard)


# --- paused ---------------------------------------------------------------------------------------


def test_a_message_for_a_paused_process_waits_and_the_trace_says_so() -> None:
    """Its host takes it; nobody reads it, be it a request, an answer or the news of an end."""
    world = World(latency_ms=(1, 1))
    world.machines[3].is_busy = world.machines[2].is_busy = True
    world.send("a", sender=2, to=3)
    world.send("b", sender=2, to=1)
    world.run()
    world.simulation.pause(2)
    world.reply(3, "a")
    world.send("c")
    world.run()
    world.simulation.remove(3, refuses=True)
    world.run()
    waits = [
        MessageWaits(3, "FetchResponse", 3, 2, "paused"),
        MessageWaits(4, "Fetch", 1, 2, "paused"),
    ]
    assert waits == world.told(MessageWaits)
    assert ([], [], []) == (
        world.machines[2].heard,
        world.machines[2].got,
        world.machines[2].broken,
    )
    world.kernel.run_for(10)
    now_ms = world.kernel.now_ms
    world.simulation.resume(2)
    world.run()
    assert [(1, "a", now_ms)] == world.machines[2].answers
    assert [("c", 1, now_ms)] == world.machines[2].seen
    assert [(3, "", False, now_ms)] == world.machines[2].broken
    assert [3, 4] == [event.number for event in world.told(MessageDelivered)][-2:]


def test_requests_that_wait_in_two_places_are_taken_in_order() -> None:
    """One behind a request in work, one at the door of a paused process, answered at resume."""
    world = a_busy_world()
    world.send("a", "b")
    world.run()
    world.simulation.pause(2)
    world.reply(2, "a")
    world.send("c")
    world.run()
    world.machines[2].is_busy = False
    world.simulation.resume(2)
    world.run()
    assert ["a", "b", "c"] == world.machines[2].got


def test_a_request_that_arrives_late_does_not_overtake_those_that_wait() -> None:
    """Three places: in work when the process stopped, behind that, and at its door."""
    world = a_busy_world()
    world.send("a", "b", "c")
    world.run()
    world.reply(2, "a")
    world.simulation.pause(2)
    world.send("d")
    world.run()
    world.machines[2].is_busy = False
    world.simulation.resume(2)
    world.run()
    assert ["a", "b", "c", "d"] == world.machines[2].got


# --- whatever happens, a connection keeps its rules -----------------------------------------------

channels = st.sampled_from(["", "b"])
ends = st.sampled_from([1, 2])
actions = st.one_of(
    st.tuples(st.just("send"), channels),
    st.tuples(st.just("reply"), channels),
    st.tuples(st.sampled_from(["pause", "resume"]), ends),
    st.tuples(st.sampled_from(["cut", "heal", "step", "run", "slow", "eager"])),
    st.tuples(st.sampled_from(["close", "reset", "restart server", "restart client"])),
)


class Talk:
    """A client and a server under whatever befalls them; requests are told by (channel, number)."""

    def __init__(self, seed: int) -> None:
        self.world = a_busy_world(seed=seed, latency_ms=(0, 4))
        self.numbers = count()
        self.sent: list[tuple[str, int]] = []
        self.taken: list[tuple[str, int]] = []  # by servers that have ended
        self.paused: set[int] = set()
        self.broke = False

    def act(self, verb: str, *how: object) -> None:
        """Do one action; what cannot be done now is left out."""
        do: dict[str, Callable[..., object]] = {
            "send": self.send,
            "reply": self.reply,
            "pause": self.pause,
            "resume": self.resume,
            "cut": lambda: self.world.network.cut(1, 2),
            "heal": lambda: self.world.network.heal(1, 2),
            "slow": lambda: self.world.network.slow(1, 2, next(self.numbers) % 3),
            "step": self.world.simulation.step,
            "run": self.world.run,
            "eager": self.change_mind,
        }
        if verb in do:
            do[verb](*how)
        else:
            self.broke = True
            self.part(verb)

    def send(self, channel: str) -> None:
        """Send a request, unless the client stands still."""
        if 1 not in self.paused:
            self.sent.append((channel, next(self.numbers)))
            self.world.send(self.sent[-1], channel=channel)

    def reply(self, channel: str) -> None:
        """Answer the oldest request of a channel, unless the server stands still."""
        owed = [what for what, _ in self.world.machines[2].owed if what[0] == channel]
        if owed and 2 not in self.paused:
            self.world.reply(2, owed[0])

    def pause(self, address: int) -> None:
        """Stop a process."""
        self.paused.add(address)
        self.world.simulation.pause(address)

    def resume(self, address: int) -> None:
        """Let a process go on."""
        self.paused.discard(address)
        self.world.simulation.resume(address)

    def change_mind(self) -> None:
        """Let the server answer at once from now on, or keep its requests again."""
        server = self.world.machines[2]
        server.is_busy, server.answer = not server.is_busy, FetchResponse

    def part(self, verb: str) -> None:
        """Break what is between the two."""
        if verb == "reset":
            self.world.network.reset(1, 2)
        elif verb == "close":
            self.world.ask(Close(2, ""))
        else:
            address = 2 if verb == "restart server" else 1
            self.paused.discard(address)
            if address == 2:
                self.taken += self.world.machines[2].got
            is_busy = self.world.machines[address].is_busy
            self.world.restart(address).is_busy = is_busy

    def finish(self) -> None:
        """Let everything go on until all that can be answered is."""
        self.world.network.heal(1, 2)
        for address in (1, 2):
            self.resume(address)
        self.world.machines[2].is_busy, self.world.machines[2].answer = False, FetchResponse
        self.world.run()
        while self.world.machines[2].owed:
            self.world.reply(2, self.world.machines[2].owed[0][0])
            self.world.run()


@given(st.integers(0, 99), st.lists(actions, max_size=40))
def test_requests_and_answers_keep_their_order_whatever_happens(
    seed: int, plan: list[tuple[str, ...]]
) -> None:
    """At most once each, in order per channel; all of them, if nothing broke."""
    talk = Talk(seed)
    for action in plan:
        talk.act(*action)
        owed = [what[0] for what, _ in talk.world.machines[2].owed]
        assert talk.broke or len(set(owed)) == len(owed)
    talk.finish()
    taken = talk.taken + talk.world.machines[2].got
    heard = talk.world.machines[1].heard
    assert len(set(taken)) == len(taken)
    for channel in ("", "b"):
        asked = [what for what in talk.sent if what[0] == channel]
        heard_here = [what for what in heard if what[0] == channel]
        if not talk.broke:
            assert asked == [what for what in taken if what[0] == channel]
            assert asked == heard_here
        assert sorted(set(heard_here)) == heard_here
