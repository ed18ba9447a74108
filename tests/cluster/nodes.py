"""A node without a network: requests, answers and timers are function calls."""

from collections.abc import Callable, Hashable
from typing import Any

from kafkabook.base.machine import Address, Component, Context, Effect, Reply, Send, Wake
from kafkabook.base.trace import Trace
from kafkabook.cluster.node import REQUEST_TIMEOUT, Node


class SomeNode:
    """A node, the requests that it awaits an answer to, and what it asked for last."""

    def __init__(self, *components: Component, node: Node | None = None) -> None:
        self.node = node or Node(components, trace=Trace())
        self.trace, self.now_ms = self.node.trace, 0
        self.did: list[Effect] = []
        self.open: list[Send] = []  # oldest first
        self._tickets = 0

    def perform(self, act: Callable[[Context], object]) -> None:
        """Run something as an event of this node."""
        self._keep(self.node.perform(act, now_ms=self.now_ms))

    def receive(self, message: object, sender: Address = "client") -> int:
        """Hand a request over; return the ticket that an answer to it will carry."""
        self._tickets += 1
        ticket = self._tickets
        effects = self.node.receive(message, sender=sender, ticket=ticket, now_ms=self.now_ms)
        self._keep(effects)
        return ticket

    def ask(self, message: object, sender: Address = "client") -> Any:
        """Hand a request over that is answered at once; return the answer."""
        return dict(self.replies_to(self.receive(message, sender)))[self._tickets]

    def replies_to(self, *tickets: int) -> list[tuple[int, Any]]:
        """Return the answers among the last effects, to these requests or to all."""
        replies = [(e.ticket, e.message) for e in self.did if isinstance(e, Reply)]
        return [reply for reply in replies if not tickets or reply[0] in tickets]

    def wake(self, *timer: Hashable) -> None:
        """Let a timer go off: its name, and what it is about."""
        name = timer if len(timer) > 1 else timer[0]
        self._keep(self.node.wake(name, now_ms=self.now_ms))

    def answer(self, response: object, *, to: Address | None = None, channel: str = "") -> Send:
        """Let the oldest request be answered, of all or of those on a channel; return it."""
        asked = self.awaited(to, channel)[0]
        self._keep(self.node.answered(asked.correlation, response, now_ms=self.now_ms))
        self.open.remove(asked)
        return asked

    def late(self, channel: str = "") -> None:
        """Let the oldest request time out, of all or of those on a channel."""
        asked = self.awaited(None, channel)[0]
        self._lost(asked.to, asked.channel)
        self.wake(REQUEST_TIMEOUT, asked.correlation)

    def break_off(self, to: Address, channel: str, *, was_refused: bool = False) -> None:
        """Let a connection break, or not come about at all."""
        self._lost(to, channel)
        self._keep(self.node.disconnected(to, channel, was_refused=was_refused, now_ms=self.now_ms))

    def awaited(self, to: Address | None = None, channel: str = "") -> list[Send]:
        """Return the requests whose answer is awaited, oldest first."""
        return [
            asked
            for asked in self.open
            if to in (None, asked.to) and channel in ("", asked.channel)
        ]

    def sent(self, channel: str = "") -> list[tuple[Address, Any]]:
        """Whom it asked last, and what."""
        sends = [effect for effect in self.did if isinstance(effect, Send)]
        return [(send.to, send.message) for send in sends if channel in ("", send.channel)]

    def armed(self) -> list[tuple[Hashable, int]]:
        """The timers that were armed last, those of requests aside."""
        armed = [(e.timer, e.after_ms) for e in self.did if isinstance(e, Wake)]
        return [(t, ms) for t, ms in armed if not isinstance(t, tuple) or t[0] != REQUEST_TIMEOUT]

    def _keep(self, effects: Any) -> None:
        self.did = list(effects)
        self.open += [e for e in self.did if isinstance(e, Send) and e.then is not None]

    def _lost(self, to: Address, channel: str) -> None:
        self.open = [asked for asked in self.open if (asked.to, asked.channel) != (to, channel)]
