"""The loop of a node: one event, its handler, then everything that waited for what it changed."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from kafkabook.base.machine import (
    Answered,
    Cancel,
    Close,
    Component,
    Context,
    Deferred,
    Handler,
    NoAnswer,
    Reply,
    Send,
    TimerHandler,
    Wake,
)
from kafkabook.base.trace import Trace
from kafkabook.cluster.node import REQUEST_TIMEOUT, Node
from kafkabook.cluster.purgatory import EXPIRY
from tests.cluster.nodes import SomeNode


class Table(Component):
    """A component that is nothing but its handlers."""

    def __init__(
        self,
        handlers: Mapping[type, Handler] | None = None,
        timers: Mapping[str, TimerHandler] | None = None,
        start: Callable[[Context], None] = lambda context: None,
    ) -> None:
        self._handlers, self._timers, self._start = handlers or {}, timers or {}, start

    def handlers(self) -> Mapping[type, Handler]:
        return self._handlers

    def timers(self) -> Mapping[str, TimerHandler]:
        return self._timers

    def start(self, context: Context) -> None:
        self._start(context)


@dataclass
class Until:
    """An operation that is complete once its keys have all been set; it changes `then_changes`."""

    needs: tuple[Hashable, ...]
    facts: set[Hashable]
    then_changes: tuple[Hashable, ...] = ()
    timeout_ms: int = 500

    @property
    def keys(self) -> tuple[Hashable, ...]:
        return self.needs

    def try_complete(self, context: Context) -> object | None:
        if not self.facts.issuperset(self.needs):
            return None
        for key in self.then_changes:
            self.facts.add(key)
            context.changed(key)
        return f"has {self.needs}"

    def on_expire(self, context: Context) -> object | None:
        return "too late"


@dataclass
class Waiting:
    """A node at which requests, each a tuple of keys, wait until the keys are facts."""

    then_changes: tuple[Hashable, ...] = ()
    facts: set[Hashable] = field(default_factory=set)

    def node(self) -> SomeNode:
        """The node."""

        def take(request: tuple[Hashable, ...], context: Context) -> Deferred:
            return Deferred(Until(request, self.facts, self.then_changes))

        return SomeNode(Table({tuple: take, str: self._learn}))

    def _learn(self, fact: str, context: Context) -> str:
        self.facts.add(fact)
        context.changed(fact)
        return "learnt"


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        (Table({int: lambda i, c: 1}), Table({int: lambda i, c: 2}), "int"),
        (Table(timers={"beat": print}), Table(timers={"beat": print}), "beat"),
        (Table(), Table(timers={EXPIRY: print}), EXPIRY),
        (Table(), Table(timers={REQUEST_TIMEOUT: print}), REQUEST_TIMEOUT),
    ],
)
def test_two_components_may_not_answer_for_one_thing(one: Table, other: Table, says: str) -> None:
    """Else the order of a list would decide; the loop's own timers are taken too."""
    with pytest.raises(ValueError, match=f"two components answer for .*{says}"):
        Node((one, other), trace=Trace())


def test_components_start_in_order() -> None:
    """What one of them sends first goes out first."""
    first = Table(start=lambda context: context.wake("first", 1))
    second = Table(start=lambda context: context.wake("second", 2))
    some = SomeNode(first, second)
    some.perform(some.node.start_all)
    assert [Wake("first", 1), Wake("second", 2)] == some.did


def test_a_request_is_handled_by_whoever_names_it_and_knows_its_sender() -> None:
    """The response goes back under its ticket."""
    some = SomeNode(
        Table({int: lambda number, context: (number, context.sender, context.now_ms)}),
        Table({str: lambda text, context: text.upper()}),
    )
    some.now_ms = 3
    assert (5, "client-1", 3) == some.ask(5, "client-1")
    assert "AN ORDER" == some.ask("an order")


def test_a_request_that_nobody_answers_for_is_owed_nothing() -> None:
    """But its connection hears so: else what comes behind it would wait for ever."""
    some = SomeNode()
    ticket = some.receive("who are you?")
    assert [Reply(ticket, None)] == some.did


def test_a_timer_is_a_name_and_what_it_is_about() -> None:
    """The words behind the name come before the context."""
    rang: list[object] = []
    timers: dict[str, TimerHandler] = {
        "beat": lambda context: rang.append(context.now_ms),
        "session": lambda broker, context: rang.append((broker, context.now_ms)),
    }
    some = SomeNode(Table(timers=timers))
    some.now_ms = 4
    some.wake("beat")
    some.wake("session", 2)
    assert [4, (2, 4)] == rang


# --- what waits ----------------------------------------------------------------------------------


def test_what_waits_is_answered_in_the_event_that_changed_it() -> None:
    """Nobody calls it: the handler says what changed, and the loop does the rest."""
    some = Waiting().node()
    first, second = some.receive(("a",)), some.receive(("a", "b"))
    assert [Wake((EXPIRY, 2), 500)] == some.did
    learnt = some.receive("a")
    assert [
        Reply(learnt, "learnt"),
        Cancel((EXPIRY, 1)),
        Reply(first, "has ('a',)"),
    ] == some.did
    some.receive("b")
    assert [(second, "has ('a', 'b')")] == some.replies_to(second)


def test_what_is_changed_while_answers_are_given_is_looked_at_too() -> None:
    """An answer may complete another one, which waited for something else."""
    waiting = Waiting(then_changes=("b",))
    some = waiting.node()
    second, first = some.receive(("b",)), some.receive(("a",))
    some.receive("a")
    assert [(first, "has ('a',)"), (second, "has ('b',)")] == some.replies_to(first, second)


def test_a_command_from_outside_completes_what_waits_as_a_message_does() -> None:
    """It is an event like any other."""
    waiting = Waiting()
    some = waiting.node()
    ticket = some.receive(("a",))
    waiting.facts.add("a")
    some.perform(lambda context: context.changed("a"))
    assert [(ticket, "has ('a',)")] == some.replies_to(ticket)


def test_an_answer_whose_time_is_up_is_given_once() -> None:
    """What it waited for comes too late."""
    some = Waiting().node()
    ticket = some.receive(("a",))
    some.wake(EXPIRY, 1)
    assert [Reply(ticket, "too late")] == some.did
    some.receive("a")
    assert [] == some.replies_to(ticket)


# --- requests of its own -------------------------------------------------------------------------


@dataclass
class Asking:
    """A node that asks what it is told to, and keeps what became of it."""

    heard: list[Answered] = field(default_factory=list)

    def node(self, *asked: tuple[int, str, str]) -> SomeNode:
        """A node that has asked: to whom, what, over which channel."""
        some = SomeNode()
        for to, request, channel in asked:
            some.perform(lambda context, a=(to, request, channel): self.ask(context, *a))
        return some

    def ask(self, context: Context, to: int, request: str, channel: str) -> None:
        """Ask one thing."""
        context.send(to, request, channel=channel, then=self.keep, timeout_ms=100)

    def keep(self, answered: Answered, context: Context) -> None:
        """Remember an answer."""
        self.heard.append(answered)


def test_a_request_whose_answer_is_awaited_has_a_number_and_a_time_out() -> None:
    """One that nobody awaits an answer to has neither."""
    some = Asking().node((2, "a", ""), (2, "b", ""))
    (send, timer) = some.did
    assert isinstance(send, Send)
    assert (2, Wake((REQUEST_TIMEOUT, 2), 100)) == (send.correlation, timer)
    some.perform(lambda context: context.send(2, "c"))
    assert [Send(2, "c")] == some.did


def test_an_answer_reaches_who_asked_and_disarms_the_time_out() -> None:
    """With the request that it answers, though another one was sent since."""
    asking = Asking()
    some = asking.node((2, "a", ""), (2, "b", ""))
    some.answer("to a")
    assert [Answered(2, "a", "to a")] == asking.heard
    assert [Cancel((REQUEST_TIMEOUT, 1))] == some.did


def test_a_second_answer_is_ignored() -> None:
    """It may be doubled on its way; who asked has gone on."""
    asking = Asking()
    some = asking.node((2, "a", ""))
    asked = some.answer("first")
    effects = some.node.answered(asked.correlation, "second", now_ms=0)
    assert ([], [Answered(2, "a", "first")]) == (list(effects), asking.heard)


def test_a_time_out_closes_the_connection_and_fails_all_that_was_asked_over_it() -> None:
    """Answers come in order, so none behind the late one will come; other channels go on."""
    asking = Asking()
    some = asking.node((2, "a", "x"), (2, "b", "x"), (2, "c", "y"), (3, "d", "x"))
    some.late("x")
    late = [Answered(2, what, failure=NoAnswer.TIMED_OUT) for what in ("a", "b")]
    assert late == asking.heard
    assert [
        Close(2, "x"),
        Cancel((REQUEST_TIMEOUT, 1)),
        Cancel((REQUEST_TIMEOUT, 2)),
    ] == some.did
    assert [] == list(some.node.answered(2, "too late", now_ms=0))
    some.answer("to c")
    some.answer("to d")
    assert [*late, Answered(2, "c", "to c"), Answered(3, "d", "to d")] == asking.heard


@pytest.mark.parametrize(
    ("was_refused", "why"), [(True, NoAnswer.REFUSED), (False, NoAnswer.DISCONNECTED)]
)
def test_who_lost_a_connection_learns_whether_anybody_can_have_seen_the_request(
    was_refused: bool, why: NoAnswer
) -> None:
    """Only a refused one has certainly done nothing."""
    asking = Asking()
    some = asking.node((2, "a", "x"), (2, "b", "x"), (3, "c", "x"))
    some.break_off(2, "x", was_refused=was_refused)
    assert [Answered(2, what, failure=why) for what in ("a", "b")] == asking.heard
    assert [3] == [asked.to for asked in some.awaited()]


def test_what_is_asked_again_in_answer_to_a_failure_is_awaited_anew() -> None:
    """It goes over a new connection, after the old one was closed."""
    heard: list[Any] = []

    def again(answered: Answered, context: Context) -> None:
        heard.append(answered.failure or answered.response)
        if answered.failure is not None:
            context.send(2, "again", then=again, timeout_ms=100)

    some = SomeNode()
    some.perform(lambda context: context.send(2, "once", then=again, timeout_ms=100))
    some.late()
    kinds = [type(effect) for effect in some.did]
    assert [Close, Cancel, Send, Wake] == kinds
    some.answer("at last")
    assert [NoAnswer.TIMED_OUT, "at last"] == heard
