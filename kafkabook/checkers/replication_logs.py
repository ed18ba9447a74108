"""R1, R2 and R7: what one replica's log looks like, and where two of them must be equal."""

from itertools import pairwise

from kafkabook.base.trace import Entry
from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.partition_seen import PartitionSeen, parting_in
from kafkabook.checkers.replica import Replica
from kafkabook.replication.events import (
    BatchStored,
    BatchTold,
    HighWatermarkMoved,
    ReplicaOpened,
)


class LogContiguous(ClusterChecker):
    """R1: a replica's batches stand in the order of their offsets, without gap or overlap.

    Source: Vanlightly's TLA+ of Kafka 3.5 (ValidReplicaState).
    """

    name = "R1"
    promise = "each batch begins where the log of its replica ended"
    scope = "the topic is compacted: then offsets may be missing, but still never go back"
    kinds = (BatchStored, ReplicaOpened)

    def observe(self, entry: Entry) -> None:
        """Compare each new batch with the log end that it met, and each log that was opened."""
        seen, event = self.replicas.partition, entry.event
        if seen is None:
            return
        if isinstance(event, BatchStored):
            self._judge(seen, event.broker, seen.replica(event.broker).met_end, event, entry)
        elif isinstance(event, ReplicaOpened):
            for one, other in pairwise(event.batches):
                self._judge(seen, event.broker, one.last_offset + 1, other, entry)

    def _judge(
        self,
        seen: PartitionSeen,
        broker: int,
        ended: int | None,
        batch: BatchStored | BatchTold,
        entry: Entry,
    ) -> None:
        self.saw += 1
        base, is_whole = batch.base_offset, batch.last_offset >= batch.base_offset
        follows = ended is None or base == ended or (seen.is_compacted and base > ended)
        if not (follows and is_whole):
            says = (
                f"broker {broker} holds {seen.name} up to offset {ended} and then the batch"
                f" {base} to {batch.last_offset}"
            )
            self.report_once((seen.name, broker), says, _one_before(seen.replica(broker)), entry)


class EpochMonotone(ClusterChecker):
    """R2: the leader epochs in a replica's log never decrease.

    Source: KIP-101; hachikuji's TLA+ (Kip101).
    """

    name = "R2"
    promise = "no batch stands behind one of a later leader epoch"
    scope = "the batch before it was deleted from this log"
    kinds = (BatchStored, ReplicaOpened)

    def observe(self, entry: Entry) -> None:
        """Compare each new batch with the one before it, and each log that was opened."""
        seen, event = self.replicas.partition, entry.event
        if seen is None:
            return
        if isinstance(event, BatchStored):
            replica = seen.replica(event.broker)
            newest = replica.stretches[-2:]
            if len(newest) == 2 and newest[0].end > replica.removed_below:
                self._judge(seen, event.broker, newest[0].batch, newest[1].batch, entry)
        elif isinstance(event, ReplicaOpened):
            for one, other in pairwise(event.batches):
                self._judge(seen, event.broker, one, other, entry)

    def _judge(
        self, seen: PartitionSeen, broker: int, one: BatchTold, other: BatchTold, entry: Entry
    ) -> None:
        self.saw += 1
        if other.epoch < one.epoch:
            says = (
                f"broker {broker} holds {seen.name} with epoch {one.epoch} at offset"
                f" {one.base_offset} and epoch {other.epoch} behind it, at {other.base_offset}"
            )
            self.report_once((seen.name, broker), says, _one_before(seen.replica(broker)), entry)


class LogMatching(ClusterChecker):
    """R7: any two replicas hold the same below both their high watermarks.

    Source: Vanlightly's TLA+ of Kafka 3.5 (LogMatching).
    """

    name = "R7"
    promise = "below the smaller of two high watermarks two logs are equal"
    scope = (
        "unclean election, or min.insync.replicas losses: what these dropped; and cleaned logs,"
        " which each broker cleans by itself"
    )
    kinds = (HighWatermarkMoved, ReplicaOpened)

    def observe(self, entry: Entry) -> None:
        """Compare the replica that knows more now with every other one."""
        seen, event = self.replicas.partition, entry.event
        if seen is None or seen.is_excused or seen.is_compacted:
            return
        assert isinstance(event, HighWatermarkMoved | ReplicaOpened)
        moved = seen.replica(event.broker)
        for other in seen.replicas.values():
            if other is not moved and other.is_known:
                self._judge(seen, moved, other, entry)

    def _judge(self, seen: PartitionSeen, one: Replica, other: Replica, entry: Entry) -> None:
        self.saw += 1
        below = min(one.high_watermark, other.high_watermark)
        parting = parting_in(seen, one, other, below)
        if parting is None:
            return
        low, high = sorted((one, other), key=lambda replica: replica.broker)
        says = (
            f"brokers {low.broker} and {high.broker} both take {seen.name} for committed below"
            f" {below}, but their logs part at offset {parting}"
        )
        told = (one.told_at(parting), other.told_at(parting), other.hw_told)
        self.report_once((seen.name, low.broker, high.broker), says, *told, entry)


def _one_before(replica: Replica) -> Entry | None:
    return replica.told[-2] if len(replica.told) > 1 else replica.cut_told
