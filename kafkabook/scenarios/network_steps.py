"""The steps of a scenario that disturb its network, as data, each with its sentence."""

from dataclasses import dataclass

from kafkabook.base.machine import Address
from kafkabook.base.units import ms_text
from kafkabook.scenarios.cluster_steps import ClusterStep, Stage
from kafkabook.scenarios.conditions import message_told, place_told


@dataclass(frozen=True, slots=True)
class OnMessages(ClusterStep):
    """A command for messages of a name; `verb` is that of the lab, `says` a sentence."""

    name: str
    sender: Address | None = None
    receiver: Address | None = None
    is_fault = True
    verb = ""
    says = ""

    def do(self, stage: Stage) -> None:
        """Do it."""
        getattr(stage.lab, self.verb)(self.name, self.sender, self.receiver)

    def __str__(self) -> str:
        told = message_told(self.name, self.sender, self.receiver)
        return self.says.format(told.partition(" ")[2])


class Hold(OnMessages):
    """Hold back all messages of a name."""

    verb, says = "hold", "hold back every {}"


class Release(OnMessages):
    """End a hold."""

    is_fault, verb, says = False, "release", "let every {} go on"


class Deliver(OnMessages):
    """Hand over the oldest message of a name, held ones first, and do what follows at once."""

    verb, says = "deliver", "deliver the oldest {}"


class Drop(OnMessages):
    """Lose the oldest message of a name."""

    verb, says = "drop", "lose the oldest {}"


@dataclass(frozen=True, slots=True)
class Cut(ClusterStep):
    """Let nothing pass between two."""

    is_fault = True
    one: Address
    other: Address

    def do(self, stage: Stage) -> None:
        """Cut the link."""
        stage.lab.cut(self.one, self.other)

    def __str__(self) -> str:
        return f"cut the link between {place_told(self.one)} and {place_told(self.other)}"


@dataclass(frozen=True, slots=True)
class Slow(ClusterStep):
    """Delay everything between a broker and the others."""

    is_fault = True
    broker: int
    extra_ms: int

    def do(self, stage: Stage) -> None:
        """Delay it."""
        stage.lab.slow(self.broker, self.extra_ms)

    def __str__(self) -> str:
        told = ms_text(self.extra_ms)
        return f"messages between broker {self.broker} and the others take {told} more"
