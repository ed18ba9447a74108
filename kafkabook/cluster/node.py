"""The loop of a node: one event, its handler, then everything that waited for what it changed.

Broker, controller and client are nodes. A node is a list of components; nothing else decides what
runs when.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from kafkabook.base.machine import (
    Address,
    Answered,
    Cancel,
    Close,
    Component,
    Context,
    Deferred,
    Effect,
    Handler,
    NoAnswer,
    Reply,
    Send,
    Then,
    Ticket,
    TimerHandler,
    Wake,
)
from kafkabook.base.trace import Trace
from kafkabook.cluster.purgatory import EXPIRY, Purgatory

Key = TypeVar("Key")
Value = TypeVar("Value")
REQUEST_TIMEOUT = "request timeout"  # the timer of a request, with its correlation


class Node:
    """Components over one loop.

    Args:
        components: in the order in which they start.
        trace: where they tell what they do, under the node's place.

    Raises:
        ValueError: two components answer for the same request or timer.

    Simplified: an event is handled in no time; real nodes queue requests and use several threads.
    """

    def __init__(self, components: Sequence[Component], *, trace: Trace) -> None:
        self.components, self.trace = tuple(components), trace
        self.purgatory = Purgatory()
        self._handlers: dict[type, Handler] = {}
        self._timers: dict[str, TimerHandler] = {
            EXPIRY: self.purgatory.expire,
            REQUEST_TIMEOUT: self._timed_out,
        }
        for component in self.components:
            _add(self._handlers, component.handlers())
            _add(self._timers, component.timers())
        self._hear_changes = tuple(
            component.on_changed
            for component in self.components
            if type(component).on_changed is not Component.on_changed
        )
        self._awaited: dict[int, Send] = {}  # by correlation
        self._correlations = 0

    def start_all(self, context: Context) -> None:
        """Start every component, in order."""
        for component in self.components:
            component.start(context)

    def perform(self, act: Callable[[Context], object], *, now_ms: int) -> Iterable[Effect]:
        """Run `act` as an event of this node: how a command enters that comes from nowhere."""
        context = Context(now_ms, self.trace)
        act(context)
        return self._settled(context)

    def receive(
        self, message: object, *, sender: Address, ticket: Ticket, now_ms: int
    ) -> Iterable[Effect]:
        """Take one request: answer it now, or keep it until it can be answered."""
        # Its connection hands over nothing else until this request has its answer (Kafka:
        # `SocketServer` mutes the channel), so the requests of one connection keep their order.
        context = Context(now_ms, self.trace, sender)
        # Kafka: `KafkaApis.handle`, by API key.
        handler = self._handlers.get(type(message))
        response = None if handler is None else handler(message, context)
        if isinstance(response, Deferred):
            # The handler has tried once, and nothing has happened since. Kafka, with threads, tries
            # again after it has begun to watch (`DelayedOperationPurgatory.tryCompleteElseWatch`).
            self.purgatory.watch(ticket, response.operation, context)
        else:
            # None is a reply too: it lets the connection take its next request (Kafka:
            # `NoOpResponse`).
            context.effects.append(Reply(ticket, response))
        return self._settled(context)

    def answered(self, correlation: int, message: object, *, now_ms: int) -> Iterable[Effect]:
        """Take the answer to a request, if one is awaited: a second one, or a late one, is not."""
        context = Context(now_ms, self.trace)
        asked = self._awaited.pop(correlation, None)
        if asked is not None:
            context.effects.append(Cancel((REQUEST_TIMEOUT, correlation)))
            _then(asked)(Answered(asked.to, asked.message, message), context)
        return self._settled(context)

    def disconnected(
        self, to: Address, channel: str, *, was_refused: bool, now_ms: int
    ) -> Iterable[Effect]:
        """Hear that a connection broke: what was asked over it stays unanswered."""
        context = Context(now_ms, self.trace)
        why = NoAnswer.REFUSED if was_refused else NoAnswer.DISCONNECTED
        self._fail(to, channel, why, context)
        return self._settled(context)

    def wake(self, timer: Hashable, *, now_ms: int) -> Iterable[Effect]:
        """Take one timer: a name, or a name and what it is about."""
        context = Context(now_ms, self.trace)
        name, *about = timer if isinstance(timer, tuple) else (timer,)
        self._timers[name](*about, context)
        return self._settled(context)

    def _settled(self, context: Context) -> list[Effect]:
        """Say what has changed and complete what waits for it, until nothing changes any more."""
        # Only now, when the handler is through: whoever waits sees all that it changed at once
        # (Kafka: `ActionQueue.tryCompleteActions`, at the end of `KafkaApis.handle`).
        while context.changed_keys:
            changed, context.changed_keys = context.changed_keys, {}
            for key in changed:
                for hear in self._hear_changes:
                    hear(key, context)
                self.purgatory.complete(key, context)
        effects = context.effects
        # Numbered last, since a completed answer may have sent something too. The number is Kafka's
        # correlation id (`NetworkClient`).
        for effect in tuple(effects):
            if isinstance(effect, Send) and effect.then is not None:
                self._await(effect, effects)
        return effects

    def _await(self, request: Send, effects: list[Effect]) -> None:
        """Number a request, and arm its time-out."""
        self._correlations += 1
        request.correlation = self._correlations
        self._awaited[request.correlation] = request
        effects.append(Wake((REQUEST_TIMEOUT, request.correlation), request.timeout_ms))

    def _timed_out(self, correlation: int, context: Context) -> None:
        """Give a connection up on which an answer did not come in time.

        Source: kafka, clients `NetworkClient.java` `handleTimedOutRequests`.
        """
        late = self._awaited[correlation]
        context.effects.append(Close(late.to, late.channel))
        self._fail(late.to, late.channel, NoAnswer.TIMED_OUT, context)

    def _fail(self, to: Address, channel: str, why: NoAnswer, context: Context) -> None:
        """Tell everybody who awaits an answer over a connection that none will come."""
        over = to, channel
        lost = [asked for asked in self._awaited.values() if (asked.to, asked.channel) == over]
        for asked in lost:
            del self._awaited[asked.correlation]
            context.effects.append(Cancel((REQUEST_TIMEOUT, asked.correlation)))
            _then(asked)(Answered(asked.to, asked.message, failure=why), context)


def _then(asked: Send) -> Then:
    assert asked.then is not None
    return asked.then


def _add(table: dict[Key, Value], more: Mapping[Key, Value]) -> None:
    if twice := sorted(map(str, table.keys() & more.keys())):
        raise ValueError(f"two components answer for {twice[0]}")
    table.update(more)
