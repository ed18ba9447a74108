"""A connection between two processes, as TCP keeps it, and the messages on their way."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from kafkabook.base.machine import Address
from kafkabook.sim.kernel import Timer
from kafkabook.sim.links import Link

# A message on its way, until somebody looks: number, name, sender, receiver, message, sent_ms,
# connection, correlation, is_answer. It is a plain tuple, since there are millions of them.
Flight = tuple[int, str, Address, Address, object, int, "Connection", int, bool]

NEXT = -1  # no request has this number: the first that waits is taken as the very next event


class Connection:
    """One connection from a client's process to a server's, under the name of its channel.

    Requests arrive in the order of sending. One is in work at a time, so answers leave in the order
    of the requests; what arrives meanwhile waits in the socket.

    Attributes: `client`, `server` (processes; the server is known once a request has reached it),
    `forth`, `back` (the links), `in_work` (number of the request that is owed an answer, 0 for
    none, `NEXT` for the first of those that wait), `waiting` (requests behind it), `is_closed` (its
    client gave it up, or it broke), `is_alone` (it carries one message that somebody took out of
    its connection).

    Source: kafka, server-common `SocketServer.scala` (a channel is muted while one of its
    requests is in work).
    """

    __slots__ = (
        *("back", "back_due_ms", "channel", "client", "forth", "forth_due_ms"),
        *("in_work", "is_alone", "is_closed", "server", "waiting"),
    )

    def __init__(
        self, client: Any, channel: str, forth: Link, back: Link, *, alone: bool = False
    ) -> None:
        self.client, self.channel, self.is_alone = client, channel, alone
        self.server: Any = None
        self.forth, self.back = forth, back
        self.forth_due_ms = self.back_due_ms = 0
        self.in_work = 0
        self.waiting: deque[Flight] = deque()
        self.is_closed = False


@dataclass(eq=False, slots=True)
class InFlight:
    """A message that somebody looked at, under a number that no other message ever has.

    `due_ms` is when it arrives, if nobody holds it.
    """

    number: int
    name: str
    sender: Address
    receiver: Address
    message: object = field(repr=False)
    sent_ms: int
    connection: Connection = field(repr=False)
    correlation: int = field(repr=False)
    is_answer: bool
    due_ms: int = -1
    timer: Timer | None = field(default=None, repr=False)
    held_by: "Hold | None" = field(default=None, repr=False)
    is_stalled: bool = False  # it waits for a link that lets nothing through

    @property
    def flight(self) -> Flight:
        """The plain tuple of it."""
        return (
            *(self.number, self.name, self.sender, self.receiver, self.message, self.sent_ms),
            *(self.connection, self.correlation, self.is_answer),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.sender}→{self.receiver} (number {self.number})"


@dataclass(eq=False)
class Hold:
    """Which messages stop: those of that name, sender and receiver; None means any."""

    name: str | None
    sender: Address | None
    receiver: Address | None

    def matches(self, message: InFlight) -> bool:
        """Say whether all that is asked for is so."""
        return (
            self.name in (None, message.name)
            and self.sender in (None, message.sender)
            and self.receiver in (None, message.receiver)
        )


@dataclass(eq=False)
class NextOnes(Hold):
    """What is to become of the next `count` messages that match: lost, or sent twice."""

    verb: str
    count: int


class NameByKind(dict[type, str]):
    """A class to the name under which its messages are held: its own, without "Request".

    >>> NameByKind()[range]
    'range'
    """

    def __missing__(self, kind: type) -> str:
        name = self[kind] = kind.__name__.removesuffix("Request")
        return name
