"""R11 and R12: what producers were promised and what consumers have seen must stay."""

from typing import NamedTuple

from kafkabook.base.trace import Entry
from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.partition_seen import Acked, PartitionSeen
from kafkabook.checkers.replica import Replica
from kafkabook.checkers.replicas import Replicas
from kafkabook.cluster.events import DiskLost, RecordRead
from kafkabook.replication.events import (
    BecameLeader,
    ProduceAnswered,
    ReplicaOpened,
    ReplicaTruncated,
)


class NoCommittedRecordLostGlobally(ClusterChecker):
    """R11: what acks=all acknowledged is on at least one disk.

    A broker without power may still have it; only its next start tells.

    Source: Vanlightly's TLA+ of Kafka 3.5 (NoCommittedRecordLostGlobally).
    """

    name = "R11"
    promise = "a record acknowledged to acks=all is on at least one disk"
    scope = "lossy shutdowns >= min.insync.replicas; unclean election; acks 0 or 1"
    kinds = (ProduceAnswered, ReplicaTruncated, ReplicaOpened, DiskLost)

    def observe(self, entry: Entry) -> None:
        """Look for what was just promised; after each loss, for what was lost on other disks."""
        seen, event = self.replicas.partition, entry.event
        if isinstance(event, DiskLost):
            for partition in self.replicas.partitions.values():
                if event.broker in partition.replicas:
                    self._judge(partition, event.broker, partition.acked, entry)
        elif seen is None:
            return
        elif isinstance(event, ProduceAnswered):
            just_now = [acked for acked in seen.acked[-1:] if acked.entry is entry]
            self._judge(seen, event.broker, just_now, entry)
        elif isinstance(event, ReplicaTruncated | ReplicaOpened):
            end = seen.replica(event.broker).log_end
            beyond = [acked for acked in seen.acked if acked.last_offset >= end]
            self._judge(seen, event.broker, beyond, entry)

    def _judge(self, seen: PartitionSeen, broker: int, promised: list[Acked], entry: Entry) -> None:
        if seen.is_excused:
            return
        for acked in promised:
            self.saw += 1
            if all(seen.lacks(replica, acked) for replica in seen.replicas.values()):
                says = (
                    f"offset {acked.base_offset} of {seen.name} was acknowledged to acks=all and is"
                    " on no disk"
                )
                self.report_once((seen.name, broker), says, acked.entry, entry)


class Seen(NamedTuple):
    """What a consumer was given at an offset; `crc` is None where the server's log has moved on."""

    offset: int
    epoch: int
    crc: int | None
    entry: Entry


class ConsistentRead(ClusterChecker):
    """R12: what a consumer was given at an offset stays there in the log of who leads.

    A record is named by offset and leader epoch, and by its batch's checksum where the broker that
    served it still held it. Retention and compaction may remove, never change.

    Source: Vanlightly's TLA+ of Kafka 3.5 (ConsistentRead).
    """

    name = "R12"
    promise = "the leader holds the very records that consumers were given"
    scope = "unclean election, or min.insync.replicas losses; removed by retention or compaction"
    kinds = (RecordRead, BecameLeader, ReplicaTruncated)

    def __init__(self, replicas: Replicas) -> None:
        super().__init__(replicas)
        self._given: dict[PartitionSeen, dict[tuple[int, int], Seen]] = {}

    def observe(self, entry: Entry) -> None:
        """Remember what was given; compare it with whoever leads, and with each later leader."""
        seen, event = self.replicas.partition, entry.event
        if seen is None:
            return
        given = self._given.setdefault(seen, {})
        leader = seen.current_leader
        if isinstance(event, RecordRead):
            read = _as_served(seen, event, entry)
            self._judge(seen, leader, given.setdefault((read.offset, read.epoch), read), entry)
        elif leader is not None and leader.broker == getattr(event, "broker", None):
            for read in given.values():
                self._judge(seen, leader, read, entry)

    def _judge(self, seen: PartitionSeen, leader: Replica | None, read: Seen, entry: Entry) -> None:
        if leader is None or seen.is_excused or seen.is_dropped(read.offset, read.epoch):
            return
        if read.offset < max(seen.removed_below, leader.back_below):
            return
        self.saw += 1
        found = _what_is_there(seen, leader, read)
        if found:
            says = (
                f"a consumer was given offset {read.offset} of {seen.name} with epoch {read.epoch},"
                f" but the log of leader {leader.broker} {found}"
            )
            told = leader.told_at(read.offset)
            self.report_once((seen.name, leader.broker), says, read.entry, told, entry)


def _as_served(seen: PartitionSeen, event: RecordRead, entry: Entry) -> Seen:
    batch = seen.replica(event.broker).batch_at(event.offset)
    is_same = batch is not None and batch.epoch == event.epoch
    return Seen(event.offset, event.epoch, batch.crc if batch and is_same else None, entry)


def _what_is_there(seen: PartitionSeen, leader: Replica, read: Seen) -> str:
    """Say in words what the leader holds instead; nothing if all is well."""
    batch = leader.batch_at(read.offset)
    if batch is None:
        is_removed = read.offset < leader.log_start or (
            seen.is_compacted and read.offset < leader.log_end
        )
        return "" if is_removed else f"ends at {leader.log_end}"
    if batch.epoch != read.epoch:
        return f"has epoch {batch.epoch} there"
    is_other = read.crc is not None and batch.crc != read.crc and not seen.is_compacted
    return "has other records there" if is_other else ""
