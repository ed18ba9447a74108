"""What a machine may ask of the world: send, wake me, cancel that. Nothing else leaves a machine.

A machine returns effects instead of calling anything, so the same machine runs in virtual time, in
a search through all orders, or behind a real port.

The three are slotted and not frozen: one is made with every message and read once, and freezing it
would make it cost half as much again.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Protocol

Address = int | str


@dataclass(slots=True)
class Send:
    """Put `message` on its way to the machine at address `to`."""

    to: Address
    message: object


@dataclass(slots=True)
class Wake:
    """Wake this machine in `after_ms`; arming the same `timer` again replaces the earlier one."""

    timer: Hashable
    after_ms: int


@dataclass(slots=True)
class Cancel:
    """Forget `timer`; one that is not armed is no error, for it may just have gone off."""

    timer: Hashable


Effect = Send | Wake | Cancel


class Outbox(list[Effect]):
    """Effects in the order in which they were asked for, until the machine returns them."""

    def take(self) -> list[Effect]:
        """Return all of them, and begin anew."""
        effects = self[:]
        self.clear()
        return effects


@dataclass(frozen=True, slots=True)
class Refused:
    """What a sender receives when nobody listens at `to`: the connection failed, at once.

    A powered-off host or a cut link answers nothing at all, and only a timer notices.
    """

    to: Address
    message: object


class Machine(Protocol):
    """State with a mailbox: it is told of messages and timers, and answers with effects."""

    def receive(self, message: object, *, sender: Address, now_ms: int) -> Iterable[Effect]:
        """Take one message."""

    def wake(self, timer: Hashable, *, now_ms: int) -> Iterable[Effect]:
        """Take one timer that it had armed."""
