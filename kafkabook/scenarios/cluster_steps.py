"""The steps of a scenario of a cluster that are no single command: they wait, look, do several."""

from dataclasses import dataclass, field

from kafkabook.base.phrases import span_text
from kafkabook.base.units import MIB, ms_text
from kafkabook.clients.raw_client import Sent
from kafkabook.lab.command import Command
from kafkabook.lab.lab import Lab
from kafkabook.lab.network_commands import DeliverMessage
from kafkabook.log.segment_names import base_name
from kafkabook.scenarios.conditions import PARTITION, Condition
from kafkabook.scenarios.scenario import Step
from kafkabook.sim.kernel import LimitReached

ELECTION = "the controller looks for a leader"  # shown where whom it finds is the question


@dataclass(slots=True)
class Stage:
    """The lab of a script, and what its clients have done so far.

    Attributes: `acks` (what producers ask for unless a step says more), `sends`, `readable` (what
    the last reader was given), `refused` (steps that made no sense when they came).
    """

    lab: Lab
    acks: str | int
    sends: list[Sent] = field(default_factory=list)
    readable: tuple[str, ...] = ()
    refused: list[str] = field(default_factory=list)

    def read(self) -> None:
        """Let a consumer read everything that it is given."""
        reading = self.lab.start_reading()
        self.lab.run_until(lambda: reading.is_done, waiting_for="the records")
        told = tuple(f"{offset} {value}" for offset, value in reading.records)
        self.readable = (*told, reading.error) if reading.error else told


class ClusterStep(Step):
    """A step that is done to a lab."""

    __slots__ = ()

    def do(self, stage: Stage) -> None:
        """Do it.

        Raises:
            KafkaError, LookupError: it makes no sense now.
        """
        raise NotImplementedError


def do(step: Step | Command, stage: Stage) -> None:
    """Do a step of a script, or a command of the table of all labs.

    Raises:
        KafkaError, LookupError: it makes no sense now.
    """
    if isinstance(step, Command):
        stage.lab.do(step)
        if isinstance(step, DeliverMessage):
            stage.lab.step()  # it arrives at once, and so does what follows from it
    else:
        assert isinstance(step, ClusterStep)
        step.do(stage)


# --- clients -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Produce(ClusterStep):
    """Send values one by one, and wait for each answer; `values` stand between spaces."""

    values: str
    to: int | None = None

    def do(self, stage: Stage) -> None:
        """Send each, and wait until its producer knows how that ended."""
        for value in self.values.split():
            sent = stage.lab.produce(value, acks=stage.acks, to=self.to)
            stage.sends.append(sent)

    def __str__(self) -> str:
        return f"produce {span_text(self.values.split())}{_to(self.to)} and wait for the answer"


@dataclass(frozen=True, slots=True)
class ProduceBatch(ClusterStep):
    """Send values as one compressed batch, and wait for the answer; spaces stand between them."""

    values: str
    to: int | None = None

    def do(self, stage: Stage) -> None:
        """Send them, and wait until their producer knows how that ended."""
        batch = stage.lab.send_batch(self.values.split(), acks=stage.acks, to=self.to)
        stage.sends.extend(batch)
        stage.lab.run_until(lambda: batch[0].is_done, waiting_for="the batch's answer")

    def __str__(self) -> str:
        sent = f"{span_text(self.values.split())} as one compressed batch{_to(self.to)}"
        return f"produce {sent} and wait for the answer"


@dataclass(frozen=True, slots=True)
class SendValues(ClusterStep):
    """Send values one by one, and wait for nothing; `values` stand between spaces."""

    values: str
    to: int | None = None

    def do(self, stage: Stage) -> None:
        """Send each."""
        for value in self.values.split():
            stage.sends.append(stage.lab.send(value, acks=stage.acks, to=self.to))

    def __str__(self) -> str:
        return f"send {span_text(self.values.split())}{_to(self.to)}"


@dataclass(frozen=True, slots=True)
class Read(ClusterStep):
    """Let a consumer read from the beginning."""

    def do(self, stage: Stage) -> None:
        """Read."""
        stage.read()

    def __str__(self) -> str:
        return "a consumer reads everything"


# --- brokers -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PowerOffRack(ClusterStep):
    """Cut the power of a whole rack, whoever stands in it."""

    is_fault = True
    rack: str

    def do(self, stage: Stage) -> None:
        """Cut the power of each machine in it."""
        brokers = stage.lab.view.brokers
        stage.lab.power_off(*(broker.id for broker in brokers if broker.rack == self.rack))

    def __str__(self) -> str:
        return f"cut the power of rack {self.rack}: what was not flushed there is gone"


@dataclass(frozen=True, slots=True)
class GarblePower(ClusterStep):
    """Cut the power in such a way that all was written, but for one flipped bit of the log."""

    is_fault = True
    broker: int
    at_byte: int

    def do(self, stage: Stage) -> None:
        """Cut the power, keep what the disk had, and flip a bit of it."""
        stage.lab.power_off(self.broker, lucky_bytes=MIB)
        stage.lab.damage(self.broker, f"{PARTITION}/{base_name(0)}.log", self.at_byte)

    def __str__(self) -> str:
        return (
            f"cut the power of broker {self.broker} while its disk writes: all gets there, but one"
            f" bit at byte {self.at_byte} of the log is wrong"
        )


@dataclass(frozen=True, slots=True)
class FillDisk(ClusterStep):
    """Fill the disk: the only log directory goes offline, and a broker without any halts."""

    is_fault = True
    broker: int

    def do(self, stage: Stage) -> None:
        """Let the process halt."""
        stage.lab.crash(self.broker)

    def __str__(self) -> str:
        what = "its log directory goes offline, and the process halts"
        return f"the disk of broker {self.broker} is full: {what}"


# --- time ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Until(ClusterStep):
    """Let things happen until something holds, and no longer than `within_ms`.

    Attributes: `shown` (what readers see in place of a condition that only one end meets: they are
    to guess which).
    """

    condition: Condition
    within_ms: int = 60_000
    shown: str = ""

    def do(self, stage: Stage) -> None:
        """Run; where it does not come true, the script goes on after that time."""
        lab = stage.lab
        try:
            lab.run_until(lambda: self.condition.holds(lab), within_ms=self.within_ms)
        except LimitReached:
            return

    def __str__(self) -> str:
        limit = f"at most {ms_text(self.within_ms)}"
        if self.shown:
            return f"let {limit} pass: {self.shown}"
        return f"wait until {self.condition}, {limit}"


@dataclass(frozen=True, slots=True)
class Wait(ClusterStep):
    """Let time pass."""

    for_ms: int

    def do(self, stage: Stage) -> None:
        """Run for that time."""
        stage.lab.run_for(self.for_ms)

    def __str__(self) -> str:
        return f"wait {ms_text(self.for_ms)}"


@dataclass(frozen=True, slots=True)
class Recover(ClusterStep):
    """Mend everything, let all come to rest, and read."""

    for_ms: int = 30_000

    def do(self, stage: Stage) -> None:
        """Heal, run, read; then the checkers ask whether all copies are equal."""
        stage.lab.restart_everything()
        stage.lab.run_for(self.for_ms)
        stage.read()
        stage.lab.come_to_rest()

    def __str__(self) -> str:
        return f"heal all, start who is down, wait {ms_text(self.for_ms)}, and let a consumer read"


def _to(broker: int | None) -> str:
    return "" if broker is None else f" to broker {broker}"
