"""What a script waits for, as data: each condition can be asked of a lab, and is a clause."""

from collections.abc import Iterable
from dataclasses import dataclass

from kafkabook.base.machine import Address
from kafkabook.base.names import TopicPartition
from kafkabook.lab.lab import Lab
from kafkabook.log.partition_log import PartitionLog
from kafkabook.sim.connection import Hold

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
        return f"the in-sync set is {{{', '.join(map(str, sorted(self.brokers)))}}}"


@dataclass(frozen=True, slots=True)
class LogEndIs(Condition):
    """A broker's log ends at an offset."""

    broker: int
    offset: int

    def holds(self, lab: Lab) -> bool:
        """Look at its log."""
        log = log_of(lab, self.broker)
        return log is not None and log.log_end == self.offset

    def __str__(self) -> str:
        return f"the log of broker {self.broker} ends at {self.offset}"


@dataclass(frozen=True, slots=True)
class HighWatermarkIs(Condition):
    """A broker knows that everything below an offset is committed."""

    broker: int
    offset: int

    def holds(self, lab: Lab) -> bool:
        """Look at its high watermark."""
        log = log_of(lab, self.broker)
        return log is not None and log.high_watermark == self.offset

    def __str__(self) -> str:
        return f"the high watermark of broker {self.broker} is {self.offset}"


@dataclass(frozen=True, slots=True)
class IsIn(Condition):
    """A broker has taken over its role in a term."""

    broker: int
    leader_epoch: int

    def holds(self, lab: Lab) -> bool:
        """Ask the broker."""
        replica = lab.world.hosts[self.broker].partition(PARTITION)
        return replica is not None and replica.leader_epoch == self.leader_epoch

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
        wanted = Hold(self.name, self.sender, self.receiver)
        return any(wanted.matches(flight) for flight in lab.world.network.held())

    def __str__(self) -> str:
        return f"{message_told(self.name, self.sender, self.receiver)} is held back"


def log_of(lab: Lab, broker: int) -> PartitionLog | None:
    """Return what a broker, or else its disk, holds of the partition of a script."""
    return lab.world.hosts[broker].log(PARTITION)


def message_told(name: str, sender: Address | None, receiver: Address | None) -> str:
    """Name a message in words."""
    told = f"{'an' if name[0] in 'AEIO' else 'a'} {name}"
    came = "" if sender is None else f" from {place_told(sender)}"
    return told + came + ("" if receiver is None else f" to {place_told(receiver)}")


def place_told(place: Address) -> str:
    """Name a place in words."""
    if isinstance(place, int):
        return f"broker {place}"
    return "the controller" if place == "controller" else str(place)


def listed(brokers: Iterable[int]) -> str:
    """List brokers in order, as a sentence does.

    >>> listed([3, 1, 2])
    '1, 2 and 3'
    """
    *others, last = map(str, sorted(brokers))
    return f"{', '.join(others)} and {last}" if others else last
