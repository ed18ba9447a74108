"""What is done to the network: what TCP can suffer, and tools of thought for single messages."""

from dataclasses import dataclass
from typing import ClassVar

from kafkabook.base.machine import Address
from kafkabook.base.units import ms_text
from kafkabook.cluster.events import (
    ConnectionsReset,
    EverythingHealed,
    LinkCut,
    LinkHealed,
    Quiesced,
)
from kafkabook.lab.command import Command, message_told, place_told
from kafkabook.lab.world import World

# --- connections: what TCP can suffer ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reset(Command):
    """Break every connection between two: what is on its way there is lost together."""

    one: Address
    other: Address
    verb = "reset"
    is_fault = True

    def do(self, world: World) -> None:
        """Break them."""
        world.tell(ConnectionsReset(str(self.one), str(self.other)))
        world.network.reset(self.one, self.other)

    @property
    def says(self) -> str:
        """The command as a sentence."""
        ends = f"{place_told(self.one)} and {place_told(self.other)}"
        return f"break the connections between {ends}"


@dataclass(frozen=True, slots=True)
class Cut(Command):
    """Let nothing pass between two any more; it goes on once the link is healed."""

    one: Address
    other: Address
    verb = "cut"
    is_fault = True

    def do(self, world: World) -> None:
        """Cut the link."""
        world.cut(self.one, self.other)
        world.tell(LinkCut(str(self.one), str(self.other)))

    @property
    def says(self) -> str:
        """The command as a sentence."""
        return f"cut the link between {place_told(self.one)} and {place_told(self.other)}"


@dataclass(frozen=True, slots=True)
class Heal(Command):
    """Let two hear each other again; without names, everybody."""

    one: Address | None = None
    other: Address | None = None
    verb = "heal"

    def do(self, world: World) -> None:
        """Heal one link, or all that are cut."""
        if self.one is None or self.other is None:
            for one, other in world.cuts():
                Heal(one, other).do(world)
            return
        world.heal(self.one, self.other)
        world.tell(LinkHealed(str(self.one), str(self.other)))

    @property
    def says(self) -> str:
        """The command as a sentence."""
        if self.one is None or self.other is None:
            return "heal every link"
        return f"heal the link between {place_told(self.one)} and {place_told(self.other)}"


@dataclass(frozen=True, slots=True)
class Slow(Command):
    """Delay everything between a broker and the other brokers; 0 ends it."""

    broker: int
    extra_ms: int
    verb = "slow"
    is_fault = True

    def do(self, world: World) -> None:
        """Delay it."""
        world.slow(world.host(self.broker), self.extra_ms)

    @property
    def says(self) -> str:
        """The command as a sentence."""
        told = ms_text(self.extra_ms)
        return f"messages between broker {self.broker} and the others take {told} more"


# --- single messages: tools of thought, which stand outside connections --------------------------


@dataclass(frozen=True, slots=True)
class OnMessages(Command):
    """A command for messages by name, sender and receiver; None means any.

    In `sentence`, `{}` is the message without its article.
    """

    name: str | None
    sender: Address | None = None
    receiver: Address | None = None
    sentence: ClassVar[str] = ""
    is_fault = True

    @property
    def says(self) -> str:
        """The command as a sentence."""
        told = message_told(self.name, self.sender, self.receiver)
        return self.sentence.format(told.partition(" ")[2])


class HoldMessages(OnMessages):
    """Hold back all messages of a name, until they are released."""

    __slots__ = ()
    verb, sentence = "hold", "hold back every {}"

    def do(self, world: World) -> None:
        """Hold them."""
        world.holds.hold(self.name, self.sender, self.receiver)


class ReleaseMessages(OnMessages):
    """End a hold: its messages go on, in order."""

    __slots__ = ()
    verb, is_fault, sentence = "release", False, "let every {} go on"

    def do(self, world: World) -> None:
        """Release them."""
        world.holds.release(self.name, self.sender, self.receiver)


class DeliverMessage(OnMessages):
    """Hand over the oldest message of a name, held ones first."""

    __slots__ = ()
    verb, sentence = "deliver", "deliver the oldest {}"

    def do(self, world: World) -> None:
        """Deliver it as the very next event."""
        world.network.deliver(world.holds.oldest(self.name, self.sender, self.receiver))


class DropMessage(OnMessages):
    """Lose the oldest message of a name in flight."""

    __slots__ = ()
    verb, sentence = "drop", "lose the oldest {}"

    def do(self, world: World) -> None:
        """Lose it."""
        world.network.drop(world.holds.oldest(self.name, self.sender, self.receiver))


class DoubleMessage(OnMessages):
    """Let the oldest message of a name in flight arrive twice."""

    __slots__ = ()
    verb, sentence = "double", "let the oldest {} arrive twice"

    def do(self, world: World) -> None:
        """Double it."""
        world.network.double(world.holds.oldest(self.name, self.sender, self.receiver))


@dataclass(frozen=True, slots=True)
class DropNext(OnMessages):
    """Lose the next messages of a name that are sent."""

    count: int = 1
    verb = "drop_next"
    sentence = "lose the next {}"

    def do(self, world: World) -> None:
        """Ask the network for it."""
        world.network.drop_next(self.name, self.sender, self.receiver, self.count)


@dataclass(frozen=True, slots=True)
class DoubleNext(OnMessages):
    """Let the next messages of a name that are sent arrive twice."""

    count: int = 1
    verb = "double_next"
    sentence = "let the next {} arrive twice"

    def do(self, world: World) -> None:
        """Ask the network for it."""
        world.network.double_next(self.name, self.sender, self.receiver, self.count)


# --- all faults together -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HealEverything(Command):
    """End every fault: links, delays, holds, pauses, dead brokers."""

    verb = "heal_everything"

    def do(self, world: World) -> None:
        """End them, the network first."""
        Heal().do(world)
        world.end_all_faults()
        world.tell(EverythingHealed())

    @property
    def says(self) -> str:
        """The command as a sentence."""
        return "mend everything"


@dataclass(frozen=True, slots=True)
class ComeToRest(Command):
    """Say that a run is over: what should have converged has."""

    verb = "come_to_rest"

    def do(self, world: World) -> None:
        """Tell the checkers."""
        world.tell(Quiesced())

    @property
    def says(self) -> str:
        """The command as a sentence."""
        return "the run is over"
