"""What a broker reads of one partition for a fetch: of a follower, or of a consumer.

Source: kafka, core `ReplicaManager.scala` `fetchMessages`, `Partition.scala`; KIP-392; notes, Part
1 ch 01 §06, ch 02 §01 and §03.
"""

from kafkabook.base.errors import Errors
from kafkabook.base.machine import Context
from kafkabook.cluster.replica_manager import ReplicaManager
from kafkabook.cluster.replica_selector import nearest
from kafkabook.log.facts import IsolationLevel
from kafkabook.protocol.records_api import (
    CONSUMER,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
)
from kafkabook.replication.isr_state import FollowerProgress
from kafkabook.replication.leader import Leader
from kafkabook.replication.partition import Partition
from kafkabook.replication.reading import read_partition


class FetchReading:
    """Reads one partition after the other.

    Args:
        replicas: the partitions.
    """

    def __init__(self, replicas: ReplicaManager) -> None:
        self._replicas = replicas

    def read(
        self, wanted: FetchPartition, request: FetchRequest, context: Context
    ) -> FetchedPartition:
        """Read for a fetch that has just come; a follower's fetch is news of it, too."""
        if request.replica == CONSUMER:
            return self._read_to_the_mark(wanted, request)
        owner, leader = self._leader_for(wanted, request)
        if owner is None or not isinstance(leader, Leader):
            assert not isinstance(leader, Leader)
            return FetchedPartition(wanted.partition, error=leader)
        return owner.fetch(
            leader,
            wanted,
            context,
            follower=request.replica,
            broker_epoch=request.broker_epoch,
            max_bytes=request.max_bytes,
        )

    def read_again(self, wanted: FetchPartition, request: FetchRequest) -> FetchedPartition:
        """Read for a fetch that has waited: it was counted when it came."""
        if request.replica == CONSUMER:
            return self._read_to_the_mark(wanted, request)
        _, leader = self._leader_for(wanted, request)
        if isinstance(leader, Leader):
            return leader.fetch_again(wanted, max_bytes=request.max_bytes)
        return FetchedPartition(wanted.partition, error=leader)

    def quiet(
        self,
        wanted: FetchPartition,
        answer: FetchedPartition,
        request: FetchRequest,
        asked_ms: int,
    ) -> FollowerProgress | None:
        """Return what is known of a follower for which the same fetch would do nothing; else None.

        Nothing but to count it once more: it was answered with nothing, and so has everything; it
        was counted, and it is in the ISR, so it need not join. A consumer's partition is
        read each time, since a nearer replica may turn up.
        """
        if answer.batches:
            return None
        _, leader = self._leader_for(wanted, request)
        if not isinstance(leader, Leader) or request.replica not in leader.members.state.isr:
            return None
        progress = leader.members.followers[request.replica]
        is_its_own = progress.facts.broker_epoch == request.broker_epoch
        is_counted = progress.fetched_ms == asked_ms
        return progress if is_its_own and is_counted else None

    def _read_to_the_mark(self, wanted: FetchPartition, request: FetchRequest) -> FetchedPartition:
        """Read below the high watermark; a leader may name a nearer broker instead (KIP-392).

        Simplified: a consumer that names no rack is served by the leader alone, as before 2.4; now
        any replica would answer it. Its leader epoch is not compared.
        """
        owner, leader = self._replicas.leader_or_error(wanted.partition)
        if owner is None:
            assert not isinstance(leader, Leader)
            return FetchedPartition(wanted.partition, leader)
        near = None
        if isinstance(leader, Leader):
            near = self._nearer(leader, request, wanted)
        elif request.rack is None:
            return FetchedPartition(wanted.partition, leader)
        # Whoever is sent elsewhere gets no records here (`ReplicaManager.readFromLog`).
        if near is not None:
            return FetchedPartition(wanted.partition, preferred_read_replica=near)
        return read_partition(
            owner.replica_log.log,
            wanted,
            max_bytes=request.max_bytes,
            isolation=IsolationLevel.READ_UNCOMMITTED,
        )

    def _nearer(self, leader: Leader, request: FetchRequest, wanted: FetchPartition) -> int | None:
        if self._replicas.config.replica_selector_class != "RackAwareReplicaSelector":
            return None
        image, offset = self._replicas.image, wanted.fetch_offset
        return nearest(leader, image, rack=request.rack, offset=offset)

    def _leader_for(
        self, wanted: FetchPartition, request: FetchRequest
    ) -> tuple[Partition, Leader] | tuple[None, Errors]:
        """Return the leader that a follower means, or the error for it.

        Source: kafka, KafkaApis.scala, Partition.scala `followerReplicaOrThrow`.
        """
        owner, leader = self._replicas.leader_or_error(wanted.partition)
        if owner is None or not isinstance(leader, Leader):
            assert not isinstance(leader, Leader)
            return None, leader
        if wanted.topic_id not in (None, leader.replica_log.log.topic_id):
            return None, Errors.UNKNOWN_TOPIC_ID
        if request.replica not in leader.members.followers:
            return None, Errors.UNKNOWN_LEADER_EPOCH
        return owner, leader
