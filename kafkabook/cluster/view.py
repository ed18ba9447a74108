"""The one door through which anybody looks at a running cluster: every answer is a frozen value.

Labs, figures, storms, scenarios and explorers ask here and nowhere else; checkers see events alone.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from kafkabook.base.machine import Address
from kafkabook.base.names import TopicPartition
from kafkabook.base.quick_init import with_quick_init
from kafkabook.cluster.broker import Broker
from kafkabook.cluster.metadata import ClusterImage, Registration, TopicImage
from kafkabook.log.partition_log import PartitionLog
from kafkabook.replication.facts import UNKNOWN, FollowerFacts, PartitionState
from kafkabook.replication.partition import Partition


class BrokerHost(Protocol):
    """A machine with a disk and a broker's process, as far as a view needs it."""

    id: int
    rack: str | None
    is_running: bool
    is_paused: bool
    broker: Broker | None

    def partition(self, name: TopicPartition) -> Partition | None:
        """Return the partition of a process that runs."""

    def log(self, name: TopicPartition) -> PartitionLog | None:
        """Return a replica's log, also that of a machine whose process does not run."""


@with_quick_init
@dataclass(frozen=True, slots=True)
class BrokerView:
    """One broker: its machine, its process, and what the controller holds of it.

    Attributes: `is_stopping` (its controlled shutdown has begun), `is_unfenced` (the controller
    knows this very incarnation, and lets it lead).
    """

    id: int
    rack: str | None
    is_running: bool
    is_paused: bool
    is_stopping: bool
    is_unfenced: bool


@dataclass(frozen=True, slots=True)
class ReplicaView:
    """One replica as its broker has it.

    Attributes: `role` ("leader", "follower", or "offline" where no process has it), `leader` (whom
    it believes to lead), `followers` (what a leader knows of the others). Offsets are -1 where the
    broker has no log.
    """

    broker: int
    role: str = "offline"
    leader: int | None = None
    leader_epoch: int = UNKNOWN
    log_start: int = UNKNOWN
    log_end: int = UNKNOWN
    high_watermark: int = UNKNOWN
    followers: tuple[FollowerFacts, ...] = ()

    def follower(self, broker: int) -> FollowerFacts:
        """Return what this leader knows of one follower.

        Raises:
            KeyError: it does not lead, or that broker does not follow it.
        """
        return {facts.broker: facts for facts in self.followers}[broker]


@with_quick_init
@dataclass(frozen=True, slots=True)
class MessageView:
    """A message on its way.

    Attributes: `is_held` (somebody holds it back), `is_apart` (it was taken out of its connection).
    """

    name: str
    sender: Address
    receiver: Address
    sent_ms: int
    is_held: bool
    is_apart: bool


@with_quick_init
@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A connection, which its client opened under the name of a channel.

    Attributes: `is_in_work` (a request of it is owed an answer).
    """

    client: Address
    server: Address
    channel: str
    is_in_work: bool


class ClusterView:
    """A cluster as it is now.

    Args:
        image: the controller's metadata. least: the `min.insync.replicas` that counts.
        machines: by broker id. in_flight, connections: give what the network holds.
        now_ms, seed, events: when in which run, and how many events that took.

    Attributes: `altered_settings` (altered at run time for all brokers by default).
    """

    def __init__(
        self,
        *,
        image: ClusterImage,
        least: Callable[[TopicPartition], int],
        machines: Mapping[int, BrokerHost],
        in_flight: Callable[[], Iterable[MessageView]],
        connections: Callable[[], Iterable[ConnectionView]],
        now_ms: int,
        seed: int,
        events: int,
    ) -> None:
        self._image, self._least, self._machines = image, least, machines
        self._in_flight, self._connections = in_flight, connections
        self.now_ms, self.seed, self.events = now_ms, seed, events
        self.altered_settings = MappingProxyType(image.broker_configs.get("", {}))

    # --- what the controller holds ---------------------------------------------------------------

    @property
    def topics(self) -> Mapping[str, TopicImage]:
        """The topics by name."""
        return MappingProxyType(self._image.topics)

    @property
    def partitions(self) -> Mapping[TopicPartition, PartitionState]:
        """The state of every partition."""
        return MappingProxyType(self._image.partitions)

    def listed_isr(self, name: TopicPartition) -> tuple[int, ...]:
        """Return the ISR in the order in which Kafka's tools print it."""
        return self._image.listed_isr[name]

    def min_insync_replicas(self, name: TopicPartition) -> int:
        """Return the `min.insync.replicas` that counts for a partition."""
        return self._least(name)

    # --- what machines hold ----------------------------------------------------------------------

    @property
    def brokers(self) -> tuple[BrokerView, ...]:
        """All brokers, in the order of their ids."""
        known = self._image.brokers
        return tuple(_broker(host, known.get(host.id)) for host in self._machines.values())

    def broker(self, broker: int) -> BrokerView:
        """Return one broker.

        Raises:
            KeyError: there is none of that number.
        """
        return _broker(self._machines[broker], self._image.brokers.get(broker))

    def replica(self, name: TopicPartition, broker: int) -> ReplicaView:
        """Return a replica as its broker has it, or as its disk does while that is down."""
        host = self._machines[broker]
        return _replica(host, host.partition(name), host.log(name))

    def log(self, name: TopicPartition, broker: int) -> PartitionLog | None:
        """Return a replica's log, to read from it; None if that broker has none."""
        return self._machines[broker].log(name)

    def leaders_know(self) -> bool:
        """Say whether every leader that runs has taken over the epoch that it was given."""
        return all(
            self._knows(name, state.leader, state.leader_epoch)
            for name, state in self._image.partitions.items()
            if state.leader is not None and self._machines[state.leader].is_running
        )

    # --- what is on its way ----------------------------------------------------------------------

    @property
    def messages(self) -> tuple[MessageView, ...]:
        """The messages on their way, in the order of their sending."""
        return tuple(self._in_flight())

    @property
    def connections(self) -> tuple[ConnectionView, ...]:
        """The connections that are open, in the order in which processes began."""
        return tuple(self._connections())

    def is_held(
        self, name: str, sender: Address | None = None, receiver: Address | None = None
    ) -> bool:
        """Say whether such a message is held back; None means any."""
        return any(
            it.is_held
            and it.name == name
            and sender in (None, it.sender)
            and receiver in (None, it.receiver)
            for it in self._in_flight()
        )

    def _knows(self, name: TopicPartition, leader: int, epoch: int) -> bool:
        partition = self._machines[leader].partition(name)
        return partition is not None and partition.leader_epoch >= epoch


def _broker(host: BrokerHost, known: Registration | None) -> BrokerView:
    lifecycle = host.broker.lifecycle if host.is_running and host.broker else None
    return BrokerView(
        host.id,
        host.rack,
        is_running=host.is_running,
        is_paused=host.is_paused,
        is_stopping=lifecycle is not None and lifecycle.wants_shut_down,
        is_unfenced=lifecycle is not None
        and known is not None
        and known.is_active
        and known.broker_epoch == lifecycle.broker_epoch,
    )


def _replica(
    host: BrokerHost, partition: Partition | None, log: PartitionLog | None
) -> ReplicaView:
    role, leader, epoch = "offline", None, UNKNOWN
    followers: tuple[FollowerFacts, ...] = ()
    if partition is not None:
        role, leader, epoch = "follower", _followed(partition), partition.leader_epoch
        if partition.leader is not None:
            role, leader = "leader", host.id
            known = partition.leader.members.facts()
            followers = known.followers
    ends = (UNKNOWN,) * 3 if log is None else (log.log_start, log.log_end, log.high_watermark)
    return ReplicaView(host.id, role, leader, epoch, *ends, followers)


def _followed(partition: Partition) -> int | None:
    return None if partition.follower is None else partition.follower.leader
