"""A cluster in virtual time: machines on one network, and every way to disturb them.

A `World` does what it is told and remembers nothing; `Lab` keeps the journal that replays it.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.machine import Address, Context
from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Event, Trace
from kafkabook.clients.admin import Asked
from kafkabook.clients.client import Client
from kafkabook.clients.raw_client import Reading, Sent
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.controller import Controller
from kafkabook.cluster.events import (
    BrokerCrashed,
    BrokerPaused,
    BrokerPoweredOff,
    BrokerResumed,
    BrokerStarted,
    BrokerStopped,
    ConnectionsReset,
    DiskLost,
    EverythingHealed,
    LinkCut,
    LinkHealed,
    Quiesced,
)
from kafkabook.cluster.metadata_log import CHANNEL as METADATA
from kafkabook.cluster.node import Node
from kafkabook.lab.holds import Holds
from kafkabook.lab.host import Host
from kafkabook.lab.rules import Rules
from kafkabook.sim.simulation import Simulation

ADMIN = "admin"  # the client of an administrator


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
        told = trace.at("network") if tell_messages else None
        self.simulation = Simulation(seed, told)
        self.network = self.simulation.network
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
        self._slowed: set[int] = set()
        self.holds = Holds(self.network)
        self.simulation.add("controller", self.controller)
        self.perform("controller", self.controller.start_all, cause="start")
        for broker in self.hosts:
            self._start(broker)

    @property
    def now_ms(self) -> int:
        """Virtual time, in milliseconds."""
        return self.simulation.kernel.now_ms

    # --- brokers -------------------------------------------------------------------------------

    def crash(self, broker: int) -> None:
        """Kill a process (`kill -9`): its memory is gone, its page cache stays."""
        self._end(broker, refuses=True)
        self._tell(BrokerCrashed(broker))

    def restart(self, broker: int) -> None:
        """Start a broker's process again, whatever ended the last one."""
        host = self._host(broker)
        if host.is_running:
            raise KafkaError(Errors.INVALID_REQUEST, f"broker {broker} is running")
        self._start(broker)

    def stop(self, broker: int) -> None:
        """Ask a broker to stop cleanly; it ends once the controller lets it."""
        host = self._running(broker)
        assert host.broker is not None
        self._stopping.add(broker)
        self.perform(broker, host.broker.lifecycle.shut_down, cause="stop")

    def power_off(self, *brokers: int, lucky_bytes: int = 0) -> None:
        """Cut the power of machines: of what was not flushed only `lucky_bytes` a file remain."""
        for broker in brokers:
            self._end(broker, refuses=False)
            self.hosts[broker].lose_power(lucky_bytes=lucky_bytes, now_ms=self.now_ms)
            self._tell(BrokerPoweredOff(broker))

    def lose_disk(self, broker: int) -> None:
        """Replace a machine's disk by an empty one; its process dies with the old one."""
        host = self._host(broker)
        if host.is_running:
            self.crash(broker)
        host.replace_disk()
        self._tell(DiskLost(broker))

    def damage(self, broker: int, file: str, at_byte: int, bit: int = 0) -> None:
        """Flip a bit of a file, such as "orders-0/00000000000000000000.log", as bad disks do."""
        self._host(broker).damage(file, at_byte, bit, now_ms=self.now_ms)

    def flush(self, broker: int) -> None:
        """Let a machine write all its dirty pages, as its operating system does by itself."""
        self.perform(broker, self._running(broker).flush, cause="flush")

    def pause(self, broker: int) -> None:
        """Let a process stand still, as a long garbage collection does."""
        host = self._running(broker)
        if host.is_paused:
            raise KafkaError(Errors.INVALID_REQUEST, f"broker {broker} is paused already")
        host.is_paused = True
        self.simulation.pause(broker)
        self._tell(BrokerPaused(broker))

    def resume(self, broker: int) -> None:
        """Let a paused process go on."""
        host = self._running(broker)
        if not host.is_paused:
            raise KafkaError(Errors.INVALID_REQUEST, f"broker {broker} is not paused")
        host.is_paused = False
        self.simulation.resume(broker)
        self._tell(BrokerResumed(broker))

    # --- the network ---------------------------------------------------------------------------

    def reset(self, one: Address, other: Address) -> None:
        """Break every connection between two: what was on its way there is lost together."""
        self._tell(ConnectionsReset(str(one), str(other)))
        self.network.reset(one, other)

    def cut(self, one: Address, other: Address) -> None:
        """Let nothing pass between two any more; it goes on once the link is healed."""
        self.network.cut(one, other)
        self._cuts[frozenset((one, other))] = (one, other)
        self._tell(LinkCut(str(one), str(other)))

    def heal(self, one: Address | None = None, other: Address | None = None) -> None:
        """Let two hear each other again; without names, everybody."""
        pairs = list(self._cuts.values()) if one is None or other is None else [(one, other)]
        for pair in pairs:
            self.network.heal(*pair)
            self._cuts.pop(frozenset(pair), None)
            self._tell(LinkHealed(str(pair[0]), str(pair[1])))

    def slow(self, broker: int, extra_ms: int) -> None:
        """Delay everything between a broker and the other brokers; 0 ends it."""
        self._host(broker)
        self._slowed.add(broker)
        for other in self.hosts:
            if other != broker:
                self.network.slow(broker, other, extra_ms)

    def heal_everything(self) -> None:
        """End every fault: links, delays, holds, pauses, dead brokers."""
        self.heal()
        for broker in sorted(self._slowed):
            self.slow(broker, 0)
        self.holds.release_all()
        self.network.next_ones.clear()
        for host in self.hosts.values():
            if host.is_paused:
                self.resume(host.id)
            if not host.is_running:
                self._start(host.id)
        self._tell(EverythingHealed())

    def come_to_rest(self) -> None:
        """Say that a run is over: what should have converged has."""
        self._tell(Quiesced())

    # --- clients -------------------------------------------------------------------------------

    def send(
        self,
        value: str,
        partition: TopicPartition,
        *,
        acks: int,
        to: int | None,
        retries: int,
        client: str,
    ) -> Sent:
        """Let a client begin to send a value."""
        return self._send(Sent(partition, value, acks, retries=retries, to=to), client)

    def send_batch(
        self, values: Sequence[str], partition: TopicPartition, *, client: str, **how: Any
    ) -> Sent:
        """Let a client begin to send values as one batch; return the first, with its `rest`."""
        first, *rest = (Sent(partition, value, **how) for value in values)
        first.rest = tuple(rest)
        return self._send(first, client)

    def read(
        self,
        partition: TopicPartition,
        offset: int,
        *,
        broker: int | None,
        client: str,
        rack: str | None,
    ) -> Reading:
        """Let a client begin to read from an offset on."""
        retries = 10 if broker is None else 0
        reading = Reading(partition, offset, broker=broker, retries=retries)
        reading.rack = rack
        consumer = self.client(client).consumer
        self.perform(client, lambda context: consumer.read(reading, context), cause="read")
        return reading

    # --- administrators --------------------------------------------------------------------------

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

    # --- time ----------------------------------------------------------------------------------

    def leaders_know(self) -> bool:
        """Say whether every leader that lives has taken over the term it was given."""
        return all(
            self._knows(partition, state.leader, state.leader_epoch)
            for partition, state in self.controller.image.partitions.items()
            if state.leader is not None and self.hosts[state.leader].is_running
        )

    def bury_the_stopped(self) -> None:
        """Remove the processes whose controlled shutdown is over."""
        for broker in sorted(self._stopping):
            process = self.hosts[broker].broker
            if process is not None and process.lifecycle.has_stopped:
                self._end(broker, refuses=True)
                self._tell(BrokerStopped(broker))

    def check(self) -> None:
        """Assert what always holds inside each broker."""
        for host in self.hosts.values():
            if host.is_running and host.broker is not None:
                host.broker.check()

    def _send(self, sent: Sent, client: str) -> Sent:
        producer = self.client(client).producer
        self.perform(client, lambda context: producer.send(sent, context), cause="send")
        return sent

    def client(self, name: str) -> Client:
        """Return the client process of that name, which begins when it is first asked for."""
        if name not in self.clients:
            self.clients[name] = Client(
                bootstrap=tuple(self.hosts),
                trace=self.trace.at(name),
                request_timeout_ms=self.config.request_timeout_ms,
            )
            self.simulation.add(name, self.clients[name])
        return self.clients[name]

    def _start(self, broker: int) -> None:
        host = self.hosts[broker]
        process = host.start()
        self._tell(BrokerStarted(broker, host.lives))
        self.simulation.add(broker, process, only_channel=METADATA)
        self.perform(broker, process.start_all, cause="start")

    def _end(self, broker: int, *, refuses: bool) -> None:
        host = self._running(broker)
        host.is_running = host.is_paused = False
        self._stopping.discard(broker)
        self.simulation.remove(broker, refuses=refuses)

    def _knows(self, name: TopicPartition, leader: int, epoch: int) -> bool:
        partition = self.hosts[leader].partition(name)
        return partition is not None and partition.leader_epoch >= epoch

    def _host(self, broker: int) -> Host:
        if broker not in self.hosts:
            raise KafkaError(
                Errors.BROKER_ID_NOT_REGISTERED,
                f"there is no broker {broker!r}; there are 1 to {len(self.hosts)}",
            )
        return self.hosts[broker]

    def _running(self, broker: int) -> Host:
        host = self._host(broker)
        if not host.is_running:
            raise KafkaError(Errors.INVALID_REQUEST, f"broker {broker} is down")
        return host

    def perform(self, address: Address, act: Callable[[Context], object], *, cause: str) -> None:
        """Run `act` as an event of the node at an address: so a command enters from outside."""
        node: Node = self.simulation.machine_at(address)
        effects = node.perform(act, now_ms=self.now_ms)
        self.simulation.perform(address, effects, cause=cause)

    def _tell(self, event: Event) -> None:
        self.trace.emit(event, at_ms=self.now_ms, place="faults")
