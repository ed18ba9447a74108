"""What the network tells: the vocabulary of its trace, and nothing else."""

from dataclasses import dataclass

from kafkabook.base.trace import Event


@dataclass(frozen=True, slots=True)
class MessageDelivered(Event):
    """The receiver took a message that was sent at `sent_ms`."""

    number: int
    name: str
    sender: int | str
    receiver: int | str
    sent_ms: int


@dataclass(frozen=True, slots=True)
class MessageDropped(Event):
    """A message is lost, and nobody is told but this trace."""

    number: int
    name: str
    sender: int | str
    receiver: int | str
    reason: str


@dataclass(frozen=True, slots=True)
class MessageRefused(Event):
    """A living host has no such process, or not the one the connection was to: the sender hears."""

    number: int
    name: str
    sender: int | str
    receiver: int | str


@dataclass(frozen=True, slots=True)
class MessageHeld(Event):
    """A message stopped on its way, for as long as somebody wants."""

    number: int
    name: str
    sender: int | str
    receiver: int | str


@dataclass(frozen=True, slots=True)
class MessageReleased(Event):
    """A held message went on: with the others of its hold, or alone, as the very next event."""

    number: int
    name: str
    sender: int | str
    receiver: int | str


@dataclass(frozen=True, slots=True)
class MessageDoubled(Event):
    """A second copy of a message is on its way, under a number of its own."""

    number: int
    name: str
    sender: int | str
    receiver: int | str
    copy: int
