"""What every replica holds and what was promised, kept from the trace alone, for all checkers.

Written against the events and nothing else, so that a bug of replication cannot hide in its
checkers. `ClusterWatch` shows it each entry before any checker sees it.
"""

from collections.abc import Callable

from kafkabook.base.trace import Entry, Event
from kafkabook.checkers.partition_seen import PartitionSeen
from kafkabook.checkers.replica_steps import REPLICA_STEPS
from kafkabook.cluster.events import (
    BrokerCrashed,
    BrokerFenced,
    BrokerPoweredOff,
    BrokerRegistered,
    BrokerStarted,
    BrokerStopped,
    BrokerUnfenced,
    DiskLost,
    PartitionChanged,
    TopicAltered,
    TopicCreated,
    TopicDeleted,
)
from kafkabook.replication.events import ReplicaDeleted


class Replicas:
    """All partitions of a trace, and which brokers run.

    Attributes: `partitions` by name; `partition`, the one that the latest entry speaks of: None if
    it speaks of none, or of a topic that is gone.
    """

    def __init__(self) -> None:
        self.partitions: dict[str, PartitionSeen] = {}
        self.partition: PartitionSeen | None = None
        self._down: set[int] = set()
        self._fenced: set[int] = set()
        self._unregistered: dict[int, int] = {}  # broker: the incarnation that the controller lacks
        self._deleted: set[str] = set()
        self._left_over: set[tuple[str, int]] = set()  # replicas of a topic that is gone
        self._compacted: set[str] = set()
        self._steps: dict[type[Event], Callable[..., None]] = self._steps_by_kind()

    @property
    def kinds(self) -> tuple[type[Event], ...]:
        """The events that it reads."""
        return (*REPLICA_STEPS, *self._steps)

    def observe(self, entry: Entry) -> None:
        """Follow one entry, before any checker looks at it."""
        event = entry.event
        seen = self.partition = self._concerned(event)
        if seen is not None:
            step = REPLICA_STEPS.get(type(event))
            if step is not None:
                step(seen, event, entry)
                return
        wider = self._steps.get(type(event))
        if wider is not None:
            wider(entry, event)

    def is_alive(self, broker: int) -> bool:
        """Say whether a broker's process exists; one never told to start is taken to run."""
        return broker not in self._down

    def is_running(self, broker: int) -> bool:
        """Say whether a broker is alive, and in this incarnation registered and not fenced."""
        return broker not in self._down and broker not in self._fenced

    def _concerned(self, event: Event) -> PartitionSeen | None:
        name = getattr(event, "partition", None)
        if name in self._deleted and isinstance(event, PartitionChanged):
            self._deleted.discard(name)  # made again under the same name
        if name is None or name in self._deleted:
            return None
        if self._left_over and (name, getattr(event, "broker", None)) in self._left_over:
            return None
        found = self.partitions.get(name)
        if found is None:
            found = self.partitions[name] = PartitionSeen(name, self._unregistered)
            if topic_of(name) in self._compacted:
                found.compact()
        return found

    def _steps_by_kind(self) -> dict[type[Event], Callable[..., None]]:
        return {
            PartitionChanged: self._hear,
            ReplicaDeleted: self._delete_replica,
            TopicCreated: self._create_topic,
            TopicAltered: self._create_topic,
            TopicDeleted: self._delete_topic,
            BrokerStarted: self._start,
            BrokerRegistered: self._register,
            BrokerFenced: self._fence,
            BrokerUnfenced: self._unfence,
            BrokerCrashed: self._end,
            BrokerStopped: self._end,
            BrokerPoweredOff: self._end,
            DiskLost: self._lose_disk,
        }

    # --- brokers ---------------------------------------------------------------------------------

    def _start(self, _: Entry, event: BrokerStarted) -> None:
        self._down.discard(event.broker)
        self._fenced.add(event.broker)
        self._unregistered[event.broker] = event.incarnation
        self._left_over = {old for old in self._left_over if old[1] != event.broker}

    def _register(self, _: Entry, event: BrokerRegistered) -> None:
        self._fenced.add(event.broker)
        if self._unregistered.get(event.broker) == event.incarnation:
            del self._unregistered[event.broker]

    def _fence(self, _: Entry, event: BrokerFenced) -> None:
        self._fenced.add(event.broker)

    def _unfence(self, _: Entry, event: BrokerUnfenced) -> None:
        """Believe it of this incarnation only: a late heartbeat can unfence one that is over.

        A controller knows a heartbeat by its broker epoch alone, so it cannot tell. The one that
        runs now takes no part before it is registered itself.
        """
        if event.broker not in self._unregistered:
            self._fenced.discard(event.broker)

    def _end(self, _: Entry, event: BrokerCrashed | BrokerStopped | BrokerPoweredOff) -> None:
        self._down.add(event.broker)
        for partition in self.partitions.values():
            replica = partition.replicas.get(event.broker)
            if replica is not None:
                replica.is_leader = replica.is_open = False
                replica.is_known &= not isinstance(event, BrokerPoweredOff)

    def _lose_disk(self, entry: Entry, event: DiskLost) -> None:
        for partition in self.partitions.values():
            replica = partition.replicas.get(event.broker)
            if replica is not None and replica.log_end:
                replica.reopen((), 0, entry)
                replica.high_watermark, replica.is_open = 0, False
                partition.lossy[event.broker] = entry

    # --- topics ----------------------------------------------------------------------------------

    def _create_topic(self, _: Entry, event: TopicCreated | TopicAltered) -> None:
        if any(key.startswith("cleanup") and "compact" in told for key, told in event.settings):
            self._compacted.add(event.topic)
        for name, partition in self.partitions.items():
            if topic_of(name) in self._compacted:
                partition.compact()

    def _delete_topic(self, _: Entry, event: TopicDeleted) -> None:
        self._compacted.discard(event.topic)
        for name in [name for name in self.partitions if topic_of(name) == event.topic]:
            self._deleted.add(name)
            gone = self.partitions.pop(name)
            self._left_over |= {(name, r.broker) for r in gone.replicas.values() if r.is_open}

    def _delete_replica(self, _: Entry, event: ReplicaDeleted) -> None:
        self._left_over.discard((event.partition, event.broker))
        if self.partition is not None:
            self.partition.replicas.pop(event.broker, None)

    def _hear(self, entry: Entry, event: PartitionChanged) -> None:
        seen = self.partition
        if seen is None:
            return
        seen.hear(event, entry)
        for broker in sorted(seen.lossy):
            is_back = broker in event.isr and self.is_running(broker)
            if is_back and seen.replica(broker).holds(seen.committed):
                del seen.lossy[broker]
        seen.settle(entry)


def topic_of(partition: str) -> str:
    """Return the topic of "orders-0": its name may hold dashes of its own."""
    return partition.rpartition("-")[0]
