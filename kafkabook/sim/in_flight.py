"""A message on its way, and the words in which somebody says which messages are meant."""

from dataclasses import dataclass, field

from kafkabook.sim.effects import Address
from kafkabook.sim.kernel import Timer


@dataclass(eq=False, slots=True)
class InFlight:
    """A message between two machines, under a number that no other message ever has.

    `due_ms` is when it arrives, if nobody holds it.
    """

    number: int
    name: str
    sender: Address
    receiver: Address
    message: object = field(repr=False)
    sent_ms: int
    due_ms: int
    timer: Timer | None = field(default=None, init=False, repr=False)
    held_by: "Hold | None" = field(default=None, init=False, repr=False)
    sender_gone: bool = field(default=False, init=False, repr=False)  # who sent it was removed
    receiver_gone: bool = field(default=False, init=False, repr=False)  # so was its connection

    @property
    def facts(self) -> tuple[int, str, Address, Address, object, int]:
        """Return what a receiver is told: number, name, the two ends, the message, when sent."""
        return self.number, self.name, self.sender, self.receiver, self.message, self.sent_ms

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
