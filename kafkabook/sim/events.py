"""What the network tells: the vocabulary of its trace, and nothing else."""

from dataclasses import dataclass

from kafkabook.base.trace import Event


def _node(address: int | str | None) -> str:
    """Name who sends or receives."""
    if address is None:
        return "anybody"
    return f"node {address}" if isinstance(address, int) else address


def _way(name: str | None, sender: int | str | None, receiver: int | str | None) -> str:
    """Name a message with its two ends."""
    return f"{name or 'Every message'} from {_node(sender)} to {_node(receiver)}"


@dataclass(frozen=True, slots=True)
class MessageSent(Event):
    """A message began its way.

    `cause` is the number of the message in whose handling it was sent, or else the timer or the
    command in words; `answers` the number of the request that it answers, 0 for a request;
    `carries` what is in it, as the message itself says.
    """

    number: int
    name: str
    sender: int | str
    receiver: int | str
    cause: int | str
    answers: int
    carries: tuple[object, ...]

    def sentence(self) -> str:
        return f"{_way(self.name, self.sender, self.receiver)} is sent."


@dataclass(frozen=True, slots=True)
class MessageDelivered(Event):
    """The receiver took a message that was sent at `sent_ms`."""

    number: int
    name: str
    sender: int | str
    receiver: int | str
    sent_ms: int

    def sentence(self) -> str:
        return f"{_way(self.name, self.sender, self.receiver)} arrives, sent at {self.sent_ms} ms."


@dataclass(frozen=True, slots=True)
class MessageWaits(Event):
    """A message arrived, and its receiver does not take it yet.

    `reason` is "paused" (the process stands still) or "in work" (an earlier request of the same
    connection is owed its answer).
    """

    number: int
    name: str
    sender: int | str
    receiver: int | str
    reason: str

    def sentence(self) -> str:
        return (
            f"{_way(self.name, self.sender, self.receiver)} waits at its receiver: {self.reason}."
        )


@dataclass(frozen=True, slots=True)
class MessageStalled(Event):
    """A message meets a cut link: it waits until that is healed, as TCP sends again."""

    number: int
    name: str
    sender: int | str
    receiver: int | str

    def sentence(self) -> str:
        return f"{_way(self.name, self.sender, self.receiver)} waits at a cut link."


@dataclass(frozen=True, slots=True)
class MessageDropped(Event):
    """A message is lost, and nobody is told but this trace."""

    number: int
    name: str
    sender: int | str
    receiver: int | str
    reason: str

    def sentence(self) -> str:
        return f"{_way(self.name, self.sender, self.receiver)} is lost: {self.reason}."


@dataclass(frozen=True, slots=True)
class MessageRefused(Event):
    """A living host has no such process, or not the one the connection was to: the sender hears."""

    number: int
    name: str
    sender: int | str
    receiver: int | str

    def sentence(self) -> str:
        return (
            f"{_way(self.name, self.sender, self.receiver)} is refused: its process is not there."
        )


@dataclass(frozen=True, slots=True)
class ConnectionClosed(Event):
    """A connection ended, and no request on it is answered any more.

    `reason` is "reset" (it broke in the network), "the server's process ended", "nobody is there"
    or "no answer came in time".
    """

    client: int | str
    server: int | str
    channel: str
    reason: str

    def sentence(self) -> str:
        ends = f"from {_node(self.client)} to {_node(self.server)}"
        return f"The connection {ends} for {self.channel} is closed: {self.reason}."


@dataclass(frozen=True, slots=True)
class HoldBegan(Event):
    """From now on messages of that name, sender and receiver stop; None means any."""

    name: str | None
    sender: int | str | None
    receiver: int | str | None

    def sentence(self) -> str:
        return f"{_way(self.name, self.sender, self.receiver)} is held from now on."


@dataclass(frozen=True, slots=True)
class HoldEnded(Event):
    """Messages of that name, sender and receiver go on."""

    name: str | None
    sender: int | str | None
    receiver: int | str | None

    def sentence(self) -> str:
        return f"{_way(self.name, self.sender, self.receiver)} is no longer held."


@dataclass(frozen=True, slots=True)
class MessageHeld(Event):
    """A message stopped on its way, for as long as somebody wants."""

    number: int
    name: str
    sender: int | str
    receiver: int | str

    def sentence(self) -> str:
        return f"{_way(self.name, self.sender, self.receiver)} is held."


@dataclass(frozen=True, slots=True)
class MessageReleased(Event):
    """A held message went on: with the others of its hold, or alone, as the very next event."""

    number: int
    name: str
    sender: int | str
    receiver: int | str

    def sentence(self) -> str:
        return f"{_way(self.name, self.sender, self.receiver)} goes on."


@dataclass(frozen=True, slots=True)
class MessageDoubled(Event):
    """A second copy of a message is on its way, under a number of its own."""

    number: int
    name: str
    sender: int | str
    receiver: int | str
    copy: int

    def sentence(self) -> str:
        way = _way(self.name, self.sender, self.receiver)
        return f"{way} is doubled: number {self.copy} is a copy of number {self.number}."
