"""What is done to machines: their processes, their power, and their disks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from kafkabook.base.door import must_be_whole
from kafkabook.base.errors import Errors, KafkaError, WrongValue
from kafkabook.cluster.events import (
    BrokerCrashed,
    BrokerPaused,
    BrokerPoweredOff,
    BrokerResumed,
    DiskLost,
)
from kafkabook.lab.command import Command, Word, listed
from kafkabook.lab.host import Host
from kafkabook.lab.world import World


@dataclass(frozen=True, slots=True, init=False)
class OnBrokers(Command):
    """The same for one broker after the other; nothing is done if one of them refuses.

    In `sentence`, `{}` is the brokers, and `{es}` ends what one of them does and several do not.
    """

    brokers: tuple[int, ...]
    sentence: ClassVar[str] = ""

    def __init__(self, *brokers: int) -> None:
        object.__setattr__(self, "brokers", brokers)

    def do(self, world: World) -> None:
        """Ask whether it makes sense for all, then do it to each."""
        if not self.brokers:
            raise WrongValue(f"{self.verb} needs a broker at least, such as {self.verb}(1)")
        hosts = [self.host(broker, world) for broker in self.brokers]
        for host in hosts:
            self.do_to(host, world)

    def host(self, broker: int, world: World) -> Host:
        """Return the machine of a broker that runs.

        Raises:
            KafkaError: there is none, or its process does not run.
        """
        return world.running(broker)

    def do_to(self, host: Host, world: World) -> None:
        """Do it to one."""
        raise NotImplementedError

    @property
    def says(self) -> str:
        """The command as a sentence."""
        if len(self.brokers) == 1:
            return self.sentence.format(f"broker {listed(self.brokers)}", es="es")
        return self.sentence.format(f"brokers {listed(self.brokers)}", es="")

    @classmethod
    def _made(cls, given: dict[str, Any]) -> Self:
        return cls(*given["brokers"])


class Crash(OnBrokers):
    """Kill processes (`kill -9`): their memory is gone, their page caches stay."""

    __slots__ = ()
    verb, is_fault, sentence = "crash", True, "kill {} (kill -9)"

    def do_to(self, host: Host, world: World) -> None:
        """Kill one; whoever asks it now is refused at once."""
        world.end_process(host, refuses=True)
        world.tell(BrokerCrashed(host.id))


class Restart(OnBrokers):
    """Start processes again, whatever ended the last ones."""

    __slots__ = ()
    verb, is_fault, sentence = "restart", True, "start {} again"

    def host(self, broker: int, world: World) -> Host:
        """Return a machine whose process does not run."""
        host = world.host(broker)
        if host.is_running:
            raise KafkaError(Errors.INVALID_REQUEST, f"broker {broker} is running")
        return host

    def do_to(self, host: Host, world: World) -> None:
        """Start one."""
        world.start_process(host)


class Stop(OnBrokers):
    """Stop brokers cleanly: leadership moves away first; it ends when the controller lets it."""

    __slots__ = ()
    verb, is_fault, sentence = "stop", True, "stop {} cleanly"

    def do_to(self, host: Host, world: World) -> None:
        """Let one begin its controlled shutdown."""
        world.begin_shutdown(host)


@dataclass(frozen=True, slots=True, init=False)
class PowerOff(OnBrokers):
    """Cut the power: of what was not flushed, only `lucky_bytes` of each file remain."""

    lucky_bytes: int
    verb = "power_off"
    is_fault = True
    sentence = "cut the power of {}: what was not flushed is gone"

    def __init__(self, *brokers: int, lucky_bytes: int = 0) -> None:
        object.__setattr__(self, "lucky_bytes", lucky_bytes)
        object.__setattr__(self, "brokers", brokers)

    def do(self, world: World) -> None:
        """Cut the power of each."""
        must_be_whole(self.verb, "lucky_bytes", self.lucky_bytes)
        OnBrokers.do(self, world)

    def do_to(self, host: Host, world: World) -> None:
        """Cut the power of one; nobody is left there to refuse a connection."""
        world.end_process(host, refuses=False)
        left = host.lose_power(lucky_bytes=self.lucky_bytes, now_ms=world.now_ms)
        world.tell(BrokerPoweredOff(host.id))
        for partition in left:
            world.tell(partition)

    def words(self) -> tuple[int, ...]:
        """Return the bytes before the brokers, of which there may be many."""
        return (self.lucky_bytes, *self.brokers)

    @classmethod
    def of(cls, words: Sequence[Word]) -> Self:
        """Read the words: the bytes, then the brokers."""
        lucky_bytes, *brokers = (int(word or 0) for word in words)
        return cls(*brokers, lucky_bytes=lucky_bytes)


class LoseDisk(OnBrokers):
    """Replace disks by empty ones; a process dies with its disk."""

    __slots__ = ()
    verb, is_fault = "lose_disk", True
    sentence = "the disk of {} breaks, an empty one takes its place"

    def host(self, broker: int, world: World) -> Host:
        """Return the machine, whether its process runs or not."""
        return world.host(broker)

    def do_to(self, host: Host, world: World) -> None:
        """Replace one."""
        if host.is_running:
            Crash(host.id).do(world)
        host.replace_disk()
        world.tell(DiskLost(host.id))


class Flush(OnBrokers):
    """Let machines write all their dirty pages, as operating systems do by themselves."""

    __slots__ = ()
    verb, sentence = "flush", "{} flush{es} everything to disk"

    def do_to(self, host: Host, world: World) -> None:
        """Flush one."""
        world.perform(host.id, host.flush, cause="flush")


class Pause(OnBrokers):
    """Let processes stand still, as a long garbage collection does."""

    __slots__ = ()
    verb, is_fault, sentence = "pause", True, "let the process of {} stand still"

    def host(self, broker: int, world: World) -> Host:
        """Return a machine whose process does not stand still."""
        host = world.running(broker)
        if host.is_paused:
            raise KafkaError(Errors.INVALID_REQUEST, f"broker {broker} is paused already")
        return host

    def do_to(self, host: Host, world: World) -> None:
        """Pause one."""
        world.pause_process(host)
        world.tell(BrokerPaused(host.id))


class Resume(OnBrokers):
    """Let paused processes go on."""

    __slots__ = ()
    verb, sentence = "resume", "let the process of {} go on"

    def host(self, broker: int, world: World) -> Host:
        """Return a machine whose process stands still."""
        host = world.running(broker)
        if not host.is_paused:
            raise KafkaError(Errors.INVALID_REQUEST, f"broker {broker} is not paused")
        return host

    def do_to(self, host: Host, world: World) -> None:
        """Resume one."""
        world.resume_process(host)
        world.tell(BrokerResumed(host.id))


@dataclass(frozen=True, slots=True)
class Damage(Command):
    """Flip a bit of a file, such as "orders-0/00000000000000000000.log", as bad disks do."""

    broker: int
    file: str
    at_byte: int
    bit: int = 0
    verb = "damage"
    is_fault = True

    def do(self, world: World) -> None:
        """Flip it."""
        must_be_whole(self.verb, "at_byte", self.at_byte)
        must_be_whole(self.verb, "bit", self.bit)
        host = world.host(self.broker)
        host.damage(self.file, self.at_byte, self.bit, now_ms=world.now_ms)

    @property
    def says(self) -> str:
        """The command as a sentence."""
        where = f"byte {self.at_byte} of {self.file} on broker {self.broker}"
        return f"flip bit {self.bit} of {where}"
