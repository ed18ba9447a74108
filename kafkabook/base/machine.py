"""What a node is made of: messages and timers come in, effects go out, and nothing else.

A *component* is state with handlers. It asks the world for something through the `Context` of the
event that it handles; the loop of its node (`kafkabook.cluster.node`) carries that out. Nothing in
here knows a simulation or a socket, so the same node runs in virtual time and behind a real port.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from kafkabook.base.trace import Event, Trace

Address = int | str
Ticket = Any  # names a request that is owed an answer; only who handed it out can read it


class NoAnswer(Enum):
    """Why a request got no answer."""

    REFUSED = "nobody took the connection, so nobody saw the request"
    DISCONNECTED = "the connection broke"
    TIMED_OUT = "no answer came in time, and the connection was closed"


@dataclass(slots=True)
class Answered:
    """What became of a request: its response, or why there is none."""

    to: Address
    request: Any
    response: Any = None
    failure: NoAnswer | None = None


Then = Callable[[Answered, "Context"], None]


# The effects are slotted and not frozen: one is made with every message and read once, and freezing
# it would make it cost half as much again.


@dataclass(slots=True)
class Send:
    """Put a request on its way, over the connection to `to` that is called `channel`.

    Attributes: `then` (called with what became of it; None: no answer is awaited), `timeout_ms`
    (how long the answer may take), `correlation` (the loop's own number for it; 0 without `then`).
    """

    to: Address
    message: object
    channel: str = ""
    then: Then | None = None
    timeout_ms: int = 0
    correlation: int = 0


@dataclass(slots=True)
class Reply:
    """Answer a request; None tells the connection that it is handled and owed nothing."""

    ticket: Ticket
    message: object | None


@dataclass(slots=True)
class Close:
    """Close the connection to `to` that is called `channel`."""

    to: Address
    channel: str


@dataclass(slots=True)
class Wake:
    """Wake this node in `after_ms`; arming the same `timer` again replaces the earlier one."""

    timer: Hashable
    after_ms: int


@dataclass(slots=True)
class Cancel:
    """Forget `timer`; one that is not armed is no error, for it may just have gone off."""

    timer: Hashable


@dataclass(slots=True)
class Listen:
    """Open the port: what is sent to this node is refused until then."""


Effect = Send | Reply | Close | Wake | Cancel | Listen


class Machine(Protocol):
    """Whatever runs at an address: a node, or in tests something smaller."""

    def receive(
        self, message: object, *, sender: Address, ticket: Ticket, now_ms: int
    ) -> Iterable[Effect]:
        """Take one request; a `Reply` with this ticket answers it, now or later."""

    def answered(self, correlation: int, message: object, *, now_ms: int) -> Iterable[Effect]:
        """Take the answer to a request of its own."""

    def disconnected(
        self, to: Address, channel: str, *, was_refused: bool, now_ms: int
    ) -> Iterable[Effect]:
        """Hear that a connection broke: no request on it will be answered any more.

        Args:
            was_refused: it never came about, so nobody has seen those requests.
        """

    def wake(self, timer: Hashable, *, now_ms: int) -> Iterable[Effect]:
        """Take one timer that it had armed."""


class Context:
    """What the handling of one event may ask for and tell; the loop makes it anew for each.

    Attributes: `now_ms`, `sender` (of the request, if the event is one), `effects` (in the order in
    which they were asked for), `changed_keys` (what waits for one of these is looked at again).

    >>> context = Context(5, Trace("broker-1"))
    >>> context.wake("heartbeat", 2_000)
    >>> context.effects
    [Wake(timer='heartbeat', after_ms=2000)]
    """

    __slots__ = ("_trace", "changed_keys", "effects", "now_ms", "sender")

    def __init__(self, now_ms: int, trace: Trace, sender: Address = "") -> None:
        self.now_ms, self.sender = now_ms, sender
        self.effects: list[Effect] = []
        self.changed_keys: dict[Hashable, None] = {}
        self._trace = trace

    def send(
        self,
        to: Address,
        message: object,
        *,
        channel: str = "",
        then: Then | None = None,
        timeout_ms: int = 0,
    ) -> None:
        """Send a request; `then` is called with its response, or with why there is none."""
        self.effects.append(Send(to, message, channel, then, timeout_ms))

    def wake(self, timer: Hashable, after_ms: int) -> None:
        """Arm a timer; one of that name which was armed before is forgotten."""
        self.effects.append(Wake(timer, after_ms))

    def cancel(self, timer: Hashable) -> None:
        """Forget a timer."""
        self.effects.append(Cancel(timer))

    def listen(self) -> None:
        """Open the port of a node that was started with a closed one."""
        self.effects.append(Listen())

    def tell(self, event: Event) -> None:
        """Add an event to the trace, under the place of this node."""
        self._trace.emit(event, at_ms=self.now_ms)

    def record(
        self,
        kind: type[Event],
        facts: tuple[object, ...],
        *,
        make: Callable[..., Event] | None = None,
    ) -> None:
        """Add an event that is made of `facts` when somebody looks; see `Trace.record`."""
        self._trace.record(kind, facts, at_ms=self.now_ms, make=make)

    def changed(self, key: Hashable) -> None:
        """Say that a partition (or a group, or a transactional id) is not what it was.

        The loop then looks again at every answer that waits for it.
        """
        self.changed_keys[key] = None


class DelayedOperation(Protocol):
    """An answer that cannot be given yet; its keys are partitions, a group, a transactional id."""

    @property
    def keys(self) -> Iterable[Hashable]:
        """What may complete it."""

    @property
    def timeout_ms(self) -> int:
        """How long it waits."""

    def try_complete(self, context: Context) -> object | None:
        """Return the response if it can be given now."""

    def on_expire(self, context: Context) -> object | None:
        """Return the response that is due when the time is up."""


@dataclass(slots=True)
class Deferred:
    """What a handler returns instead of a response: the operation that will give it."""

    operation: DelayedOperation


Handler = Callable[[Any, Context], object | None]  # a response, a Deferred, or None
TimerHandler = Callable[..., None]  # the words of the timer behind its name, then the context


class Component:
    """A part of a node. Each answers for the requests and the timers that it names."""

    def handlers(self) -> Mapping[type, Handler]:
        """Return who handles which request."""
        return {}

    def timers(self) -> Mapping[str, TimerHandler]:
        """Return who handles which timer; a timer is a name, or a tuple that begins with it."""
        return {}

    def start(self, context: Context) -> None:
        """Begin: arm timers, send what is sent first."""

    def on_changed(self, key: Hashable, context: Context) -> None:
        """Hear that something changed, a partition or what else a key may name.

        The loop calls those components that define it, before it looks at what waits for the key.
        """
