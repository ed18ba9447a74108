"""A cluster in virtual time: machines, a controller and clients on one network.

Commands act on a `World`; `Lab` keeps the journal of them, which replays it.
"""

from collections.abc import Callable, Sequence
from random import Random

from kafkabook.base.errors import Errors, KafkaError, WrongValue
from kafkabook.base.machine import Address, Context
from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Event, Trace
from kafkabook.clients.admin import Asked
from kafkabook.clients.client import Client
from kafkabook.clients.raw_client import Reading, Sent
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.controller import Controller
from kafkabook.cluster.events import BrokerResumed, BrokerStarted, BrokerStopped, LinkSlowed
from kafkabook.cluster.metadata_log import CHANNEL as METADATA
from kafkabook.cluster.node import Node
from kafkabook.cluster.view import ClusterView, ConnectionView, MessageView
from kafkabook.lab.holds import Holds
from kafkabook.lab.host import Host
from kafkabook.lab.leader_marks import LeaderMarks
from kafkabook.lab.rules import Rules
from kafkabook.lab.words import ADMIN, CONTROLLER, check_client
from kafkabook.sim.simulation import Simulation


class World:
    """Brokers with their disks, a controller, clients, and the network between them.

    Args:
        brokers: how many; their ids are 1, 2, 3 …
        racks: `broker.rack` of each, or none.
        config, rules: of every node. seed: decides what nobody decides.
        trace: where everybody tells what happened.
        tell_messages: whether the network tells of every message too.
    """

    def __init__(
        self,
        *,
        brokers: int,
        racks: Sequence[str | None],
        config: ClusterConfig,
        rules: Rules,
        seed: int,
        trace: Trace,
        tell_messages: bool,
    ) -> None:
        self.config, self.rules, self.trace = config, rules, trace
        network_trace = trace.at("network") if tell_messages else None
        self.simulation = Simulation(seed, network_trace)
        self.network, self.kernel = self.simulation.network, self.simulation.kernel
        self.controller = Controller(
            config=config,
            rules=rules.cluster,
            random=Random(f"{seed}/admin"),
            trace=trace.at("controller"),
        )
        self.hosts = {
            number: Host(number, rack=rack, config=config, rules=rules, trace=trace)
            for number, rack in zip(range(1, brokers + 1), racks, strict=True)
        }
        self.clients: dict[str, Client] = {}
        self._stopping: set[int] = set()
        self._cuts: dict[frozenset[Address], tuple[Address, Address]] = {}
        self._slowed: dict[tuple[int, int], int] = {}  # more ms on the link between two
        self._leader_marks = LeaderMarks(trace)
        self.holds = Holds(self.network)
        self.simulation.add("controller", self.controller)
        self.perform("controller", self.controller.start_all, cause="start")
        for broker in self.hosts:
            self.start_process(self.hosts[broker])

    @property
    def now_ms(self) -> int:
        """Virtual time, in milliseconds."""
        return self.kernel.now_ms

    # --- processes -------------------------------------------------------------------------------

    def host(self, broker: int) -> Host:
        """Return the machine of a broker.

        Raises:
            BROKER_ID_NOT_REGISTERED: there is none of that number.
        """
        if broker not in self.hosts:
            most = len(self.hosts)
            there = f"there are 1 to {most}" if most > 1 else "there is broker 1 alone"
            raise KafkaError(
                Errors.BROKER_ID_NOT_REGISTERED, f"there is no broker {broker!r}; {there}"
            )
        return self.hosts[broker]

    def place(self, address: Address, verb: str) -> Address:
        """Return an address that is there: a broker's, the controller's, or a client's.

        A client may still come. `verb` says what is to be done there.

        Raises:
            BROKER_ID_NOT_REGISTERED: there is no such broker. LookupError: no such client.
        """
        if isinstance(address, int):
            return self.host(address).id
        check_client(verb, address, self.clients)
        return address

    def running(self, broker: int) -> Host:
        """Return the machine of a broker whose process runs.

        Raises:
            INVALID_REQUEST: it does not.
        """
        host = self.host(broker)
        if not host.is_running:
            raise KafkaError(Errors.INVALID_REQUEST, f"broker {broker} is down")
        return host

    def start_process(self, host: Host) -> None:
        """Start a broker over what its disk holds."""
        process = host.start()
        self.tell(BrokerStarted(host.id, host.incarnation))
        self.simulation.add(host.id, process, only_channel=METADATA)
        self.perform(host.id, process.start_all, cause="start")

    def end_process(self, host: Host, *, refuses: bool) -> None:
        """End a broker; `refuses` says whether its machine still answers that nobody listens."""
        host.is_running = host.is_paused = False
        self._stopping.discard(host.id)
        self.simulation.remove(host.id, refuses=refuses)

    def begin_shutdown(self, host: Host) -> None:
        """Let a broker ask the controller to let it go; `end_the_stopped` ends it then."""
        assert host.broker is not None
        self._stopping.add(host.id)
        self.perform(host.id, host.broker.lifecycle.shut_down, cause="stop")

    def end_the_stopped(self) -> None:
        """End the processes whose controlled shutdown is over."""
        if not self._stopping:  # after nearly every event
            return
        for broker in sorted(self._stopping):
            host = self.hosts[broker]
            if host.broker is not None and host.broker.lifecycle.has_stopped:
                self.end_process(host, refuses=True)
                self.tell(BrokerStopped(broker))

    def pause_process(self, host: Host) -> None:
        """Let a process stand still."""
        host.is_paused = True
        self.simulation.pause(host.id)

    def resume_process(self, host: Host) -> None:
        """Let it go on."""
        host.is_paused = False
        self.simulation.resume(host.id)

    # --- links -----------------------------------------------------------------------------------

    def cut(self, one: Address, other: Address) -> None:
        """Let nothing pass between two, and remember it."""
        self.network.cut(one, other)
        self._cuts[frozenset((one, other))] = (one, other)

    def cuts(self) -> list[tuple[Address, Address]]:
        """Return the links that let nothing pass, in the order in which they were cut."""
        return list(self._cuts.values())

    def heal(self, one: Address, other: Address) -> None:
        """Let two hear each other again."""
        self.network.heal(one, other)
        self._cuts.pop(frozenset((one, other)), None)

    def slow(self, host: Host, extra_ms: int) -> None:
        """Delay everything between a broker and the other brokers, and remember it."""
        for other in self.hosts:
            if other != host.id:
                self._slow_link(min(host.id, other), max(host.id, other), extra_ms)

    def _slow_link(self, one: int, other: int, extra_ms: int) -> None:
        """Delay everything on one link; only a change is told."""
        self.network.slow(one, other, extra_ms)
        if self._slowed.get((one, other), 0) != extra_ms:
            self._slowed[one, other] = extra_ms
            self.tell(LinkSlowed(str(one), str(other), extra_ms))

    def end_all_faults(self, *, starts: bool) -> None:
        """End delays, holds, what awaits the next messages, pauses; perhaps start who is down."""
        for one, other in tuple(self._slowed):
            self._slow_link(one, other, 0)
        self.holds.release_all()
        self.network.next_ones.clear()
        for host in self.hosts.values():
            if host.is_paused:
                self.resume_process(host)
                self.tell(BrokerResumed(host.id))
            if starts and not host.is_running:
                self.start_process(host)

    # --- clients ---------------------------------------------------------------------------------

    def client(self, name: str) -> Client:
        """Return the client process of that name, which begins when it is first asked for.

        Raises:
            ValueError: no client can be called so.
        """
        if name in ("", CONTROLLER):
            raise WrongValue(f"no client can be called {name!r}")
        if name not in self.clients:
            self.clients[name] = Client(
                bootstrap=tuple(self.hosts),
                trace=self.trace.at(name),
                request_timeout_ms=self.config.request_timeout_ms,
            )
            self.simulation.add(name, self.clients[name])
        return self.clients[name]

    def send(self, sent: Sent, client: str) -> Sent:
        """Let a client begin to send."""
        producer = self.client(client).producer
        self.perform(client, lambda context: producer.send(sent, context), cause="send")
        return sent

    def read(self, reading: Reading, client: str) -> Reading:
        """Let a client begin to read."""
        consumer = self.client(client).consumer
        self.perform(client, lambda context: consumer.read(reading, context), cause="read")
        return reading

    def ask(self, request: object, client: str = ADMIN) -> Asked:
        """Let an administrator begin to ask for something."""
        asked, admin = Asked(request), self.client(client).admin
        cause = type(request).__name__.removesuffix("Request")
        self.perform(client, lambda context: admin.ask(asked, context), cause=cause)
        return asked

    def make_leader(self, partition: TopicPartition, broker: int) -> None:
        """Let the controller begin a new leader epoch under a broker, whoever asked for it."""
        make = self.controller.replication.make_leader
        self.perform(
            "controller", lambda context: make(partition, broker, context), cause="make_leader"
        )

    # --- looking and acting ----------------------------------------------------------------------

    def view(self) -> ClusterView:
        """Return the one door through which anybody looks at this world."""
        return ClusterView(
            image=self.controller.image,
            least=self.controller.least,
            machines=self.hosts,
            in_flight=self._in_flight,
            connections=self._connections,
            now_ms=self.now_ms,
            seed=self.kernel.seed,
            events=self.kernel.steps,
        )

    def is_up(self) -> bool:
        """Say whether every broker may lead."""
        return len(self.controller.image.alive()) == len(self.hosts)

    def leaders_know(self) -> bool:
        """Say whether every leader that runs has taken over the epoch that it was given."""
        return self.view().leaders_know()

    def check(self) -> None:
        """Assert what always holds inside each broker."""
        for host in self.hosts.values():
            if host.is_running and host.broker is not None:
                host.broker.check()

    def perform(self, address: Address, act: Callable[[Context], object], *, cause: str) -> None:
        """Run `act` as an event of the node at an address: so a command enters from outside."""
        node: Node = self.simulation.machine_at(address)
        effects = node.perform(act, now_ms=self.now_ms)
        self.simulation.perform(address, effects, cause=cause)

    def tell(self, event: Event) -> None:
        """Add what was done from outside to the trace."""
        self.trace.emit(event, at_ms=self.now_ms, place="faults")

    def _in_flight(self) -> list[MessageView]:
        return [
            MessageView(
                it.name,
                it.sender,
                it.receiver,
                it.sent_ms,
                is_held=it.held_by is not None,
                is_apart=it.connection.is_alone,
            )
            for it in self.network.in_flight()
        ]

    def _connections(self) -> list[ConnectionView]:
        return [
            ConnectionView(process.address, to, channel, connection.in_work > 0)
            for process in self.simulation.processes.values()
            for (to, channel), connection in process.connections.items()
        ]
