"""What is done to the network: what TCP can suffer, and tools of thought for single messages."""

from dataclasses import dataclass
from typing import ClassVar

from kafkabook.base.door import must_be_whole
from kafkabook.base.errors import WrongValue
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
from kafkabook.lab.holds import Named
from kafkabook.lab.words import check_message
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
        one, other = _ends(self.one, self.other, self.verb, world)
        world.tell(ConnectionsReset(str(one), str(other)))
        world.network.reset(one, other)

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
        one, other = _ends(self.one, self.other, self.verb, world)
        world.cut(one, other)
        world.tell(LinkCut(str(one), str(other)))

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
        if (self.one is None) != (self.other is None):
            raise WrongValue(
                f"heal needs both ends of a link, or none; it got {self.one or self.other!r}"
            )
        if self.one is None or self.other is None:
            for one, other in world.cuts():
                Heal(one, other).do(world)
            return
        one, other = _ends(self.one, self.other, self.verb, world)
        world.heal(one, other)
        world.tell(LinkHealed(str(one), str(other)))

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
        must_be_whole(self.verb, "extra_ms", self.extra_ms)
        world.slow(world.host(self.broker), self.extra_ms)

    @property
    def says(self) -> str:
        """The command as a sentence."""
        told = ms_text(self.extra_ms)
        return f"messages between broker {self.broker} and the others take {told} more"


def _ends(one: Address, other: Address, verb: str, world: World) -> tuple[Address, Address]:
    """Return both ends of a link; an error tells of one that nobody has."""
    return world.place(one, verb), world.place(other, verb)


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

    def which(self, world: World) -> Named:
        """Return which messages are meant.

        Raises:
            LookupError: no message has that name, or no client. BROKER_ID_NOT_REGISTERED: no broker
                has that number.
        """
        check_message(self.verb, self.name)
        ends = (self.sender, self.receiver)
        sender, receiver = (it if it is None else world.place(it, self.verb) for it in ends)
        return self.name, sender, receiver

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
        world.holds.hold(*self.which(world))


class ReleaseMessages(OnMessages):
    """End a hold: its messages go on, in order."""

    __slots__ = ()
    verb, is_fault, sentence = "release", False, "let every {} go on"

    def do(self, world: World) -> None:
        """Release them."""
        world.holds.release(*self.which(world))


class DeliverMessage(OnMessages):
    """Hand over the oldest message of a name, held ones first."""

    __slots__ = ()
    verb, sentence = "deliver", "deliver the oldest {}"

    def do(self, world: World) -> None:
        """Deliver it as the very next event."""
        world.network.deliver(world.holds.oldest(*self.which(world)))


class DropMessage(OnMessages):
    """Lose the oldest message of a name in flight."""

    __slots__ = ()
    verb, sentence = "drop", "lose the oldest {}"

    def do(self, world: World) -> None:
        """Lose it."""
        world.network.drop(world.holds.oldest(*self.which(world)))


class DoubleMessage(OnMessages):
    """Let the oldest message of a name in flight arrive twice."""

    __slots__ = ()
    verb, sentence = "double", "let the oldest {} arrive twice"

    def do(self, world: World) -> None:
        """Double it."""
        world.network.double(world.holds.oldest(*self.which(world)))


@dataclass(frozen=True, slots=True)
class DropNext(OnMessages):
    """Lose the next messages of a name that are sent."""

    count: int = 1
    verb = "drop_next"
    sentence = "lose the next {}"

    def do(self, world: World) -> None:
        """Ask the network for it."""
        must_be_whole(self.verb, "count", self.count, least=1)
        world.network.drop_next(*self.which(world), self.count)


@dataclass(frozen=True, slots=True)
class DoubleNext(OnMessages):
    """Let the next messages of a name that are sent arrive twice."""

    count: int = 1
    verb = "double_next"
    sentence = "let the next {} arrive twice"

    def do(self, world: World) -> None:
        """Ask the network for it."""
        must_be_whole(self.verb, "count", self.count, least=1)
        world.network.double_next(*self.which(world), self.count)


# --- all faults together -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HealEverything(Command):
    """End every fault of links and processes that run: cuts, delays, holds, pauses."""

    verb = "heal_everything"
    starts: ClassVar[bool] = False

    def do(self, world: World) -> None:
        """End them, the network first."""
        Heal().do(world)
        world.end_all_faults(starts=self.starts)
        world.tell(EverythingHealed())

    @property
    def says(self) -> str:
        """The command as a sentence."""
        return "heal everything"


class RestartEverything(HealEverything):
    """End every fault, and start every broker that is down."""

    __slots__ = ()
    verb, starts = "restart_everything", True

    @property
    def says(self) -> str:
        """The command as a sentence."""
        return "heal everything, and start who is down"


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
