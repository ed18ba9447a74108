"""R3, R6 and R8: who may lead, and what a leader must hold."""

from kafkabook.base.trace import Entry
from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.partition_seen import Acked, PartitionSeen, owed_end
from kafkabook.checkers.replica import Replica
from kafkabook.checkers.replicas import Replicas
from kafkabook.cluster.events import BrokerUnfenced, PartitionChanged
from kafkabook.replication.events import (
    BatchStored,
    BecameLeader,
    HighWatermarkMoved,
    ProduceAnswered,
    ReplicaTruncated,
)


class SingleLeaderPerEpoch(ClusterChecker):
    """R3: in one leader epoch at most one broker appends as the leader.

    Source: Vanlightly's TLA+ of KIP-996 (ElectionSafety).
    """

    name = "R3"
    promise = "one leader epoch, one broker that appends what producers send"
    scope = "never"
    kinds = (BatchStored,)

    def __init__(self, replicas: Replicas) -> None:
        super().__init__(replicas)
        self._first: dict[tuple[PartitionSeen, int], tuple[int, Entry]] = {}

    def observe(self, entry: Entry) -> None:
        """Remember who appended first in each epoch."""
        seen, event = self.replicas.partition, entry.event
        assert isinstance(event, BatchStored)
        if seen is None or not event.is_leader:
            return
        self.saw += 1
        first, told = self._first.setdefault((seen, event.leader_epoch), (event.broker, entry))
        if first != event.broker:
            says = (
                f"brokers {first} and {event.broker} both appended to {seen.name} as its leader in"
                f" epoch {event.leader_epoch}"
            )
            self.report_once((seen.name, first, event.broker), says, told, entry)


class LeaderInIsr(ClusterChecker):
    """R6: the controller's leader is a member of the controller's ISR.

    Source: hachikuji's TLA+ (KafkaReplication).
    """

    name = "R6"
    promise = "who leads is in sync; an unclean winner is alone in the new set"
    scope = "nobody leads"
    kinds = (PartitionChanged,)

    def observe(self, entry: Entry) -> None:
        """Judge each word of the controller by itself."""
        event = entry.event
        assert isinstance(event, PartitionChanged)
        if event.leader is None:
            return
        self.saw += 1
        if event.leader not in event.isr:
            says = (
                f"broker {event.leader} leads {event.partition} in epoch {event.leader_epoch}, but"
                f" the ISR is {sorted(event.isr)}"
            )
            self.report_once((event.partition, event.leader), says, entry)


class LeaderCompleteness(ClusterChecker):
    """R8: the leader holds all that was ever committed, and all that acks=all acknowledged.

    Asked of the broker that the controller calls the leader, as soon as it is alive and unfenced:
    it could answer a consumer at any moment.

    Source: Vanlightly's TLA+ of Kafka 3.5 and of KIP-966 (LeaderCompleteness).
    """

    name = "R8"
    promise = "a running leader has everything committed and everything acknowledged to acks=all"
    scope = "acks 0 or 1; unclean election; min.insync.replicas members that lost records"
    kinds = (
        PartitionChanged,
        BecameLeader,
        ReplicaTruncated,
        HighWatermarkMoved,
        ProduceAnswered,
        BrokerUnfenced,
    )

    def observe(self, entry: Entry) -> None:
        """Look at the leader when it changes, when its log shrinks, and when more is promised."""
        seen, event = self.replicas.partition, entry.event
        if isinstance(event, BrokerUnfenced):
            for partition in self.replicas.partitions.values():
                if partition.leader is not None and partition.leader.broker == event.broker:
                    self._judge(partition, partition.acked, entry)
        elif seen is not None:
            self._judge(seen, _newly_promised(seen, entry), entry)

    def _judge(self, seen: PartitionSeen, promised: list[Acked], entry: Entry) -> None:
        leader = seen.leader
        if leader is None or not self.replicas.is_running(leader.broker) or not leader.is_known:
            return
        if seen.is_excused:
            return
        self.saw += 1
        if leader.log_end < owed_end(seen):
            says = f"everything below {owed_end(seen)} was committed"
            self._accuse(seen, leader, says, seen.committed_by, entry)
        missing = next((acked for acked in promised if seen.lacks(leader, acked)), None)
        if missing is not None:
            says = f"acks=all was acknowledged for offset {missing.base_offset}"
            self._accuse(seen, leader, says, missing.entry, entry)

    def _accuse(
        self, seen: PartitionSeen, leader: Replica, says: str, told: Entry | None, entry: Entry
    ) -> None:
        assert seen.word is not None
        who = (
            f"broker {leader.broker} leads {seen.name} in epoch {seen.word.leader_epoch}, its log"
            f" ends at {leader.log_end}, but {says} and is not there"
        )
        evidence = (told, leader.cut_told, seen.changed, entry)
        self.report_once((seen.name, leader.broker), who, *evidence)


def _newly_promised(seen: PartitionSeen, entry: Entry) -> list[Acked]:
    """Return the acknowledgements that this entry puts in question."""
    match entry.event:
        case HighWatermarkMoved():
            return []
        case ProduceAnswered():
            return [acked for acked in seen.acked[-1:] if acked.entry is entry]
        case PartitionChanged(leader=leader, was_leader=was) if leader == was:
            return []
    return seen.acked
