"""A connection between two processes, as TCP keeps it, and the messages on their way."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from kafkabook.base.machine import Address
from kafkabook.sim.kernel import Timer
from kafkabook.sim.links import Link

# What is told of a message: number, name, sender, receiver, message, sent_ms, cause, answers (the
# number of the request that it answers, 0 for a request).
Facts = tuple[int, str, Address, Address, object, int, int | str, int]
# A message on its way, until somebody looks: its facts, connection and correlation. Both are plain
# tuples, since there are millions of them; the trace keeps the facts, and so no connection.
Flight = tuple[Facts, "Connection", int]

NEXT = -1  # no request has this number: the first that waits is taken as the very next event


class Way:
    """One direction of a connection: its link, and when the last message sent on it is due."""

    __slots__ = ("due_ms", "link")

    def __init__(self, link: Link) -> None:
        self.link = link
        self.due_ms = 0


class Connection:
    """One connection from a client's process to a server's, under the name of its channel.

    Requests arrive in the order of sending. One is in work at a time, so answers leave in the order
    of the requests; what arrives meanwhile waits in the socket.

    Attributes: `client`, `server` (processes; the server is known once a request has reached it),
    `forth`, `back` (its two ways), `in_work` (number of the request that is owed an answer, 0 for
    none, `NEXT` for the first of those that wait), `waiting` (requests behind it), `is_closed` (its
    client gave it up, or it broke), `is_alone` (it carries one message that somebody took out of
    its connection).

    Source: kafka, core `SocketServer.scala` (a channel is muted while one of its
    requests is in work).
    """

    __slots__ = (
        *("back", "channel", "client", "forth", "in_work", "is_alone", "is_closed", "server"),
        "waiting",
    )

    def __init__(
        self, client: Any, channel: str, forth: Link, back: Link, *, alone: bool = False
    ) -> None:
        self.client, self.channel, self.is_alone = client, channel, alone
        self.server: Any = None
        self.forth, self.back = Way(forth), Way(back)
        self.in_work = 0
        self.waiting: deque[Flight] = deque()
        self.is_closed = False


@dataclass(eq=False, slots=True)
class InFlight:
    """A message that somebody looked at, under a number that no other message ever has.

    `due_ms` is when it arrives; None while it is held, or waits for a link.
    """

    number: int
    name: str
    sender: Address
    receiver: Address
    message: object = field(repr=False)
    sent_ms: int
    cause: int | str
    answers: int
    connection: Connection = field(repr=False)
    correlation: int = field(repr=False)
    due_ms: int | None = None
    timer: Timer | None = field(default=None, repr=False)
    held_by: "Hold | None" = field(default=None, repr=False)
    is_stalled: bool = False  # it waits for a link that lets nothing through

    @property
    def flight(self) -> Flight:
        """The plain tuple of it."""
        told = self.number, self.name, self.sender, self.receiver, self.message, self.sent_ms
        return (*told, self.cause, self.answers), self.connection, self.correlation

    @property
    def is_answer(self) -> bool:
        """Whether it is the answer to a request."""
        return self.answers > 0

    @property
    def way(self) -> Way:
        """The direction in which it travels."""
        return self.connection.back if self.answers else self.connection.forth

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
