"""Random schedules: each seed draws which faults there are at all, then how often they come.

Faults that are off are as useful as those that are on: a run in which nothing is ever cut meets
states that a run with everything never reaches (swarm testing).

Between processes the network does what TCP can do: a link stalls (`cut` and `heal`: what was on its
way goes on), or connections break (`reset`). To hold, lose or double one message is a tool of
thought, which no network over TCP does; one seed in four has these tools.

Source: Groce and others, "Swarm Testing", ISSTA 2012.
"""

from collections.abc import Callable, Iterable, Iterator
from random import Random

from kafkabook.base.names import TopicPartition
from kafkabook.sim.faults import Argument, Fault
from kafkabook.storm.setup import TOPIC, Setup
from kafkabook.storm.upkeep import UpkeepDraw

Kind = Callable[["ScheduleDraw"], None]
Ends = tuple[Argument, Argument]
CONTROLLER = "controller"
PRODUCER, CONSUMER, ADMIN = "producer-1", "consumer-1", "admin"
CLIENTS = (PRODUCER, PRODUCER, PRODUCER, CONSUMER, ADMIN)
TOOLS_OF_THOUGHT = 0.25  # the share of the seeds that have them

# Names of messages, as the network knows them: those of the protocol without "Request".
BROKER_APIS = ("Fetch", "FetchResponse")
LOOKUP_APIS = ("OffsetsForLeaderEpoch", "OffsetsForLeaderEpochResponse")
ALTERING = ("IncrementalAlterConfigs", "ElectLeaders")  # a broker hands them on to the controller
TO_CONTROLLER = ("AlterPartition", "BrokerHeartbeat", "BrokerRegistration", *ALTERING)
FROM_CONTROLLER = (
    *("MetadataUpdate", "MetadataUpdate", "AlterPartitionResponse"),
    *("BrokerRegistrationResponse", "BrokerHeartbeatResponse"),
    *("IncrementalAlterConfigsResponse", "ElectLeadersResponse"),
)
CLIENT_APIS = (  # a client, and what it sends to a broker or gets from one
    *((PRODUCER, "Produce"), (PRODUCER, "ProduceResponse")),
    *((PRODUCER, "Metadata"), (PRODUCER, "MetadataResponse")),
    *((CONSUMER, "Fetch"), (CONSUMER, "FetchResponse")),
    *((ADMIN, "IncrementalAlterConfigs"), (ADMIN, "ElectLeadersResponse")),
)


class ScheduleDraw:
    """One seed's schedule in the making.

    Args:
        seed: decides everything. span_ms: until when things happen, in virtual ms.

    Attributes:
        has_tools: whether single messages may be held, lost and doubled.
    """

    def __init__(self, seed: int, *, span_ms: int) -> None:
        self.random, self.seed, self.span_ms = Random(f"{seed}/schedule"), seed, span_ms
        self.setup = draw_setup(self.random)
        self.faults: list[Fault] = []
        self.now_ms = 60
        self.pace_ms = self.random.choice((8, 15, 30, 60))
        self.outage_ms = self.random.choice((30, 120, 300))
        self.acks = self.random.choice((("all",), ("all",), ("all", "all", 1), ("all", 1, 0)))
        self.has_tools = self.random.random() < TOOLS_OF_THOUGHT
        self.kinds = self._draw_kinds()
        self.values = 0

    def schedule(self) -> tuple[Fault, ...]:
        """Draw it whole: the setup, then faults and sends in the order of time."""
        draws, weights = list(self.kinds), list(self.kinds.values())
        while self.now_ms < self.span_ms:
            self.now_ms += 1 + int(self.random.expovariate(1 / self.pace_ms))
            self.random.choices(draws, weights)[0](self)
        upkeep = UpkeepDraw(self.seed, self.setup, span_ms=self.span_ms)
        in_time = sorted(upkeep.with_upkeep(self.faults), key=lambda fault: fault.at_ms)
        return (*upkeep.setup.lines(), *_without_quick_boots(in_time, self.setup.boot_ms))

    def add(self, verb: str, *args: Argument, after_ms: int = 0) -> None:
        """Add a line now, or a while later."""
        self.faults.append(Fault(self.now_ms + after_ms, verb, args))

    def broker(self) -> int:
        """Draw a broker, the first ones more often: they lead."""
        return min(self.random.randint(1, self.setup.brokers), self.random.randint(1, 4))

    def partition(self) -> TopicPartition:
        """Draw a partition."""
        return TopicPartition(TOPIC, self.random.randrange(self.setup.partitions))

    def a_while_ms(self) -> int:
        """Draw how long something lasts: mostly short, at times very long."""
        return 1 + int(self.random.expovariate(1 / self.outage_ms))

    def _draw_kinds(self) -> dict[Kind, int]:
        """Half of the faults are off; the others are common or rare. Sends are always on."""
        kinds: dict[Kind, int] = {_send: self.random.choice((4, 10, 25)), _read: 2}
        for draw in (*FAULTS, *TOOLS) if self.has_tools else FAULTS:
            if self.random.random() < 0.5:
                kinds[draw] = self.random.choice((1, 1, 3))
        return kinds


ARRIVED_MS = 6  # by then a message has arrived, unless something holds it up


def _without_quick_boots(faults: Iterable[Fault], boot_ms: int) -> Iterator[Fault]:
    """Leave out each start of a machine that still boots: another fault had asked for it.

    And each start of a process while the registration that the one before it sent may still be on
    its way: it would arrive behind the new one, and the controller would never let that broker in.
    Kafka's would not either (`ClusterControlManager.java` `registerBroker`: a fenced broker has no
    valid session, so that any registration replaces the last one).
    """
    down_ms: dict[Argument, int] = {}  # broker: when its machine went down last
    began_ms: dict[Argument, int] = {}  # broker: when its process was started last
    for fault in faults:
        if fault.verb in ("power_off", "lose_disk"):
            brokers = fault.args[1:] if fault.verb == "power_off" else fault.args
            down_ms |= dict.fromkeys(brokers, fault.at_ms)
        if fault.verb == "restart":
            broker = fault.args[0]
            boots = fault.at_ms < down_ms.get(broker, -boot_ms) + boot_ms
            if boots or fault.at_ms < began_ms.get(broker, -ARRIVED_MS) + ARRIVED_MS:
                continue
            began_ms[broker] = fault.at_ms
        yield fault


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


def _send(draw: ScheduleDraw) -> None:
    draw.values += 1
    acks = draw.random.choice(draw.acks)
    draw.add("send", f"v{draw.values}", draw.partition(), acks)


def _read(draw: ScheduleDraw) -> None:
    draw.add("read", draw.partition())


def _crash(draw: ScheduleDraw) -> None:
    broker = draw.broker()
    draw.add("crash", broker)
    draw.add("restart", broker, after_ms=draw.a_while_ms())


def _bounce(draw: ScheduleDraw) -> None:
    """A restart that is faster than the session: the controller never saw it die."""
    broker = draw.broker()
    draw.add("crash", broker)
    draw.add("restart", broker, after_ms=draw.random.randint(1, 8))


def _stop(draw: ScheduleDraw) -> None:
    broker = draw.broker()
    draw.add("stop", broker)
    draw.add("restart", broker, after_ms=60 + draw.a_while_ms())


def _power_off(draw: ScheduleDraw) -> None:
    """One machine at a time, or two where min.insync.replicas may bear it."""
    brokers = sorted({draw.broker() for _ in range(draw.random.choice((1, 1, 1, 2)))})
    draw.add("power_off", draw.random.choice((0, 0, 50, 100)), *brokers)
    for broker in brokers:
        draw.add("restart", broker, after_ms=draw.setup.boot_ms + draw.a_while_ms())


def _lose_disk(draw: ScheduleDraw) -> None:
    if draw.random.random() < 0.3:
        broker = draw.broker()
        draw.add("lose_disk", broker)
        draw.add("restart", broker, after_ms=draw.setup.boot_ms + draw.a_while_ms())


def _pause(draw: ScheduleDraw) -> None:
    broker = draw.broker()
    draw.add("pause", broker)
    draw.add("resume", broker, after_ms=draw.a_while_ms())


def _stall(draw: ScheduleDraw) -> None:
    """Nothing passes between two for a while; then all of it goes on."""
    ends = _ends(draw)
    draw.add("cut", *ends)
    draw.add("heal", *ends, after_ms=draw.a_while_ms())


def _reset(draw: ScheduleDraw) -> None:
    """The connections between two break, once or again and again; at times they stall before."""
    random, ends = draw.random, _ends(draw)
    if ends[1] == PRODUCER:
        _send(draw)  # so that there is something to break
    breaks_ms = [random.randint(0, 30) for _ in range(random.choice((1, 1, 1, 3)))]
    if random.random() < 0.4:
        draw.add("cut", *ends)
        draw.add("heal", *ends, after_ms=max(breaks_ms) + random.randint(1, 60))
    for break_ms in breaks_ms:
        draw.add("reset", *ends, after_ms=break_ms)


def _slow(draw: ScheduleDraw) -> None:
    broker = draw.broker()
    draw.add("slow", broker, draw.random.choice((5, 20, 60)))
    draw.add("slow", broker, 0, after_ms=draw.a_while_ms())


def _hold(draw: ScheduleDraw) -> None:
    named = _message(draw)
    draw.add("hold", *named)
    if draw.random.random() < 0.5:
        draw.add("deliver", *named, after_ms=draw.a_while_ms() // 2)
    draw.add("release", *named, after_ms=draw.a_while_ms())


def _drop(draw: ScheduleDraw) -> None:
    draw.add("drop_next", *_message(draw), draw.random.choice((1, 1, 2, 5)))


def _double(draw: ScheduleDraw) -> None:
    """A second Produce would be a second record: a raw producer has no sequence numbers."""
    named = _message(draw)
    if named[0] != "Produce":
        draw.add("double_next", *named, draw.random.choice((1, 1, 2, 5)))


def _make_leader(draw: ScheduleDraw) -> None:
    draw.add("make_leader", draw.partition(), draw.broker())


def _see_saw(draw: ScheduleDraw) -> None:
    """Leadership goes there and back while fetches are late and one alone takes records.

    With the tools of thought single fetches are held; without them links stall.
    """
    random, partition = draw.random, draw.partition()
    one, other, third = random.sample(range(1, draw.setup.brokers + 1), 3)
    held = [("Fetch", third, one), ("Fetch", one, other), ("FetchResponse", one, third)]
    begin, end = ("hold", "release") if draw.has_tools else ("cut", "heal")
    for named in random.sample(held, random.randint(1, 3)):
        what = named if draw.has_tools else named[1:]
        draw.add(begin, *what, after_ms=random.randint(0, 60))
        draw.add(end, *what, after_ms=random.randint(40, 160))
    at_ms = 0
    for broker in random.choice(((one, other, one), (one, third, one), (other, one, other))):
        draw.add("make_leader", partition, broker, after_ms=at_ms)
        at_ms += random.randint(5, 40)
        draw.values += 1
        draw.add("send", f"v{draw.values}", partition, 1, after_ms=at_ms - 3)


def _prefer(draw: ScheduleDraw) -> None:
    draw.add("elect", "preferred", draw.partition())


def _flush(draw: ScheduleDraw) -> None:
    draw.add("flush", draw.broker())


def _min_isr(draw: ScheduleDraw) -> None:
    least = draw.random.choice((1, 2, 2, 3))
    draw.add("alter_topic", TOPIC, f"min.insync.replicas={least}")


def _ends(draw: ScheduleDraw) -> Ends:
    """Draw two ends of a link: brokers, or one of them and the controller or a client."""
    one, other = draw.random.sample(range(1, draw.setup.brokers + 1), 2)
    which = draw.random.random()
    if which < 0.5:
        return one, other
    return one, CONTROLLER if which < 0.75 else draw.random.choice(CLIENTS)


def _message(draw: ScheduleDraw) -> tuple[str, Argument, Argument]:
    """Draw which messages: between two brokers, or one of them and the controller or a client."""
    random = draw.random
    one, other = random.sample(range(1, draw.setup.brokers + 1), 2)
    which = random.random()
    if which < 0.45:
        apis = (*BROKER_APIS, *LOOKUP_APIS) if draw.setup.asks else BROKER_APIS
        return random.choice(apis), one, random.choice((other, None))
    if which < 0.65:
        return random.choice(TO_CONTROLLER), one, CONTROLLER
    if which < 0.9:
        return random.choice(FROM_CONTROLLER), CONTROLLER, one
    client, api = random.choice(CLIENT_APIS)
    return (api, one, client) if api.endswith("Response") else (api, client, one)


FAULTS: tuple[Kind, ...] = (
    *(_crash, _bounce, _stop, _power_off, _lose_disk, _pause),
    *(_stall, _reset, _reset, _slow),
    *(_make_leader, _see_saw, _prefer, _flush, _min_isr),
)
TOOLS: tuple[Kind, ...] = (_hold, _hold, _drop, _double)  # of thought
