"""Random schedules: each seed draws which faults there are at all, then how often they come.

Faults that are off are as useful as those that are on: a run in which nothing is ever cut meets
states that a run with everything never reaches (swarm testing).

Source: Groce and others, "Swarm Testing", ISSTA 2012.
"""

from collections.abc import Callable
from random import Random

from kafkabook.sim.faults import Argument, Fault
from kafkabook.storm.setup import Setup

Draw = Callable[["Weather"], None]
BROKER_APIS = ("Fetch", "FetchResponse")
LOOKUP_APIS = ("OffsetsForLeaderEpoch", "OffsetsForLeaderEpochResponse")
TO_CONTROLLER = ("AlterPartition", "BrokerHeartbeat", "BrokerRegistration")
FROM_CONTROLLER = (
    *("MetadataUpdate", "MetadataUpdate", "AlterPartitionResponse"),
    *("BrokerRegistrationResponse", "BrokerHeartbeatResponse"),
)


class Weather:
    """One seed's schedule in the making.

    Args:
        seed: decides everything. span_ms: until when things happen, in virtual ms.
    """

    def __init__(self, seed: int, *, span_ms: int) -> None:
        self.random, self.span_ms = Random(f"{seed}/weather"), span_ms
        self.setup = draw_setup(self.random)
        self.faults: list[Fault] = []
        self.now_ms = 60
        self.pace_ms = self.random.choice((8, 15, 30, 60))
        self.outage_ms = self.random.choice((30, 120, 300))
        self.acks = self.random.choice((("all",), ("all",), ("all", "all", 1), ("all", 1, 0)))
        self.kinds = self._draw_kinds()
        self.values = 0

    def schedule(self) -> tuple[Fault, ...]:
        """Draw it whole: the setup, then faults and sends in the order of time."""
        draws, weights = list(self.kinds), list(self.kinds.values())
        while self.now_ms < self.span_ms:
            self.now_ms += 1 + int(self.random.expovariate(1 / self.pace_ms))
            self.random.choices(draws, weights)[0](self)
        in_time = sorted(self.faults, key=lambda fault: fault.at_ms)
        return (*self.setup.lines(), *in_time)

    def add(self, verb: str, *args: Argument, after_ms: int = 0) -> None:
        """Add a line now, or a while later."""
        self.faults.append(Fault(self.now_ms + after_ms, verb, args))

    def broker(self) -> int:
        """Draw a broker, the first ones more often: they lead."""
        return min(self.random.randint(1, self.setup.brokers), self.random.randint(1, 4))

    def partition(self) -> int:
        """Draw a partition."""
        return self.random.randrange(self.setup.partitions)

    def a_while_ms(self) -> int:
        """Draw how long something lasts: mostly short, at times very long."""
        return 1 + int(self.random.expovariate(1 / self.outage_ms))

    def _draw_kinds(self) -> dict[Draw, int]:
        """Half of the faults are off; the others are common or rare. Sends are always on."""
        kinds: dict[Draw, int] = {_send: self.random.choice((4, 10, 25)), _read: 2}
        for draw in FAULTS:
            if self.random.random() < 0.5:
                kinds[draw] = self.random.choice((1, 1, 3))
        return kinds


def draw_setup(random: Random) -> Setup:
    """Draw a cluster: mostly one that Kafka promises something for."""
    return Setup(
        brokers=random.choice((3, 3, 3, 4)),
        partitions=random.choice((1, 1, 2)),
        racks=random.choice((0, 0, 3)),
        min_insync_replicas=random.choice((1, 2, 2, 2, 3)),
        unclean=int(random.random() < 0.1),
        elr=int(random.random() < 0.8),
        asks=int(random.random() < 0.3),
        fetch_ms=random.choice((10, 20, 40)),
        lag_ms=random.choice((50, 100, 200)),
        beat_ms=random.choice((20, 40, 80)),
        flush_messages=random.choice((0, 0, 1, 3)),
    )


def _send(weather: Weather) -> None:
    weather.values += 1
    acks = weather.random.choice(weather.acks)
    weather.add("send", f"v{weather.values}", weather.partition(), acks)


def _read(weather: Weather) -> None:
    weather.add("read", weather.partition())


def _crash(weather: Weather) -> None:
    broker = weather.broker()
    weather.add("crash", broker)
    weather.add("restart", broker, after_ms=weather.a_while_ms())


def _bounce(weather: Weather) -> None:
    """A restart that is faster than the session: the controller never saw it die."""
    broker = weather.broker()
    weather.add("crash", broker)
    weather.add("restart", broker, after_ms=weather.random.randint(1, 8))


def _stop(weather: Weather) -> None:
    broker = weather.broker()
    weather.add("stop", broker)
    weather.add("restart", broker, after_ms=60 + weather.a_while_ms())


def _power_off(weather: Weather) -> None:
    """One machine at a time, or two where min.insync.replicas may bear it."""
    brokers = sorted({weather.broker() for _ in range(weather.random.choice((1, 1, 1, 2)))})
    weather.add("power_off", weather.random.choice((0, 0, 50, 100)), *brokers)
    for broker in brokers:
        weather.add("restart", broker, after_ms=weather.a_while_ms())


def _lose_disk(weather: Weather) -> None:
    if weather.random.random() < 0.3:
        broker = weather.broker()
        weather.add("lose_disk", broker)
        weather.add("restart", broker, after_ms=weather.a_while_ms())


def _pause(weather: Weather) -> None:
    broker = weather.broker()
    weather.add("pause", broker)
    weather.add("resume", broker, after_ms=weather.a_while_ms())


def _cut(weather: Weather) -> None:
    one, other = weather.random.sample(range(1, weather.setup.brokers + 1), 2)
    ends: tuple[Argument, Argument] = (one, other)
    if weather.random.random() < 0.4:
        ends = (one, "controller")
    weather.add("cut", *ends)
    weather.add("heal", *ends, after_ms=weather.a_while_ms())


def _slow(weather: Weather) -> None:
    broker = weather.broker()
    weather.add("slow", broker, weather.random.choice((5, 20, 60)))
    weather.add("slow", broker, 0, after_ms=weather.a_while_ms())


def _hold(weather: Weather) -> None:
    named = _message(weather)
    weather.add("hold", *named)
    if weather.random.random() < 0.5:
        weather.add("deliver", *named, after_ms=weather.a_while_ms() // 2)
    weather.add("release", *named, after_ms=weather.a_while_ms())


def _drop(weather: Weather) -> None:
    weather.add("drop_next", *_message(weather), weather.random.choice((1, 1, 2, 5)))


def _double(weather: Weather) -> None:
    weather.add("double_next", *_message(weather), weather.random.choice((1, 1, 2, 5)))


def _make_leader(weather: Weather) -> None:
    weather.add("make_leader", weather.partition(), weather.broker())


def _see_saw(weather: Weather) -> None:
    """Leadership goes there and back while fetches are held and one alone takes records."""
    random, partition = weather.random, weather.partition()
    one, other, third = random.sample(range(1, weather.setup.brokers + 1), 3)
    held = [("Fetch", third, one), ("Fetch", one, other), ("FetchResponse", one, third)]
    at_ms = 0
    for named in random.sample(held, random.randint(1, 3)):
        weather.add("hold", *named, after_ms=at_ms + random.randint(0, 60))
        weather.add("release", *named, after_ms=at_ms + random.randint(40, 160))
    for broker in random.choice(((one, other, one), (one, third, one), (other, one, other))):
        weather.add("make_leader", partition, broker, after_ms=at_ms)
        at_ms += random.randint(5, 40)
        weather.values += 1
        weather.add("send", f"v{weather.values}", partition, 1, after_ms=at_ms - 3)


def _prefer(weather: Weather) -> None:
    weather.add("prefer", weather.partition())


def _flush(weather: Weather) -> None:
    weather.add("flush", weather.broker())


def _min_isr(weather: Weather) -> None:
    weather.add("min_isr", weather.random.choice((1, 2, 2, 3)))


def _message(weather: Weather) -> tuple[str, Argument, Argument]:
    """Draw which messages: between two brokers, or between one and the controller."""
    random = weather.random
    one, other = random.sample(range(1, weather.setup.brokers + 1), 2)
    which = random.random()
    if which < 0.5:
        apis = (*BROKER_APIS, *LOOKUP_APIS) if weather.setup.asks else BROKER_APIS
        return random.choice(apis), one, random.choice((other, None))
    if which < 0.7:
        return random.choice(TO_CONTROLLER), one, "controller"
    return random.choice(FROM_CONTROLLER), "controller", one


FAULTS: tuple[Draw, ...] = (
    *(_crash, _bounce, _stop, _power_off, _lose_disk, _pause),
    *(_cut, _slow, _hold, _hold, _drop, _double),
    *(_make_leader, _see_saw, _prefer, _flush, _min_isr),
)
