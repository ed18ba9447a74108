"""What a script waits for, as data: each condition can be asked of a lab, and is a clause."""

from dataclasses import dataclass

from kafkabook.base.machine import Address
from kafkabook.base.names import TopicPartition
from kafkabook.lab.command import message_told
from kafkabook.lab.lab import Lab

TOPIC = "orders"  # of every script
PARTITION = TopicPartition(TOPIC, 0)


class Condition:
    """Something that may become true in a lab; `str` is a clause for a sentence."""

    __slots__ = ()

    def holds(self, lab: Lab) -> bool:
        """Say whether it is true now."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class LeaderIs(Condition):
    """The controller has named a leader; None: nobody leads."""

    broker: int | None

    def holds(self, lab: Lab) -> bool:
        """Ask the controller."""
        return lab.leader() == self.broker

    def __str__(self) -> str:
        return "nobody leads" if self.broker is None else f"broker {self.broker} leads"


@dataclass(frozen=True, slots=True)
class IsrIs(Condition):
    """The controller counts exactly these brokers as in sync."""

    brokers: frozenset[int]

    def holds(self, lab: Lab) -> bool:
        """Ask the controller."""
        return lab.isr() == self.brokers

    def __str__(self) -> str:
        return f"the ISR is {{{', '.join(map(str, sorted(self.brokers)))}}}"


@dataclass(frozen=True, slots=True)
class LogEndIs(Condition):
    """A broker's log ends at an offset."""

    broker: int
    offset: int

    def holds(self, lab: Lab) -> bool:
        """Look at its log."""
        return lab.view.replica(PARTITION, self.broker).log_end == self.offset

    def __str__(self) -> str:
        return f"the log of broker {self.broker} ends at {self.offset}"


@dataclass(frozen=True, slots=True)
class HighWatermarkIs(Condition):
    """A broker knows that everything below an offset is committed."""

    broker: int
    offset: int

    def holds(self, lab: Lab) -> bool:
        """Look at its high watermark."""
        return lab.view.replica(PARTITION, self.broker).high_watermark == self.offset

    def __str__(self) -> str:
        return f"the high watermark of broker {self.broker} is {self.offset}"


@dataclass(frozen=True, slots=True)
class IsIn(Condition):
    """A broker has taken over its role in a leader epoch."""

    broker: int
    leader_epoch: int

    def holds(self, lab: Lab) -> bool:
        """Ask the broker."""
        return lab.view.replica(PARTITION, self.broker).leader_epoch == self.leader_epoch

    def __str__(self) -> str:
        return f"broker {self.broker} has heard of leader epoch {self.leader_epoch}"


@dataclass(frozen=True, slots=True)
class IsHeld(Condition):
    """A message of that name is held back."""

    name: str
    sender: Address | None = None
    receiver: Address | None = None

    def holds(self, lab: Lab) -> bool:
        """Look at the network."""
        return lab.view.is_held(self.name, self.sender, self.receiver)

    def __str__(self) -> str:
        return f"{message_told(self.name, self.sender, self.receiver)} is held back"
