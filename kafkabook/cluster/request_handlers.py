"""How a broker answers Produce, OffsetsForLeaderEpoch and DeleteRecords.

Source: kafka, core `KafkaApis.scala`, `ReplicaManager.scala` `appendRecords`; notes, Part 1 ch 01
§06, ch 02 §01 and §03.
"""

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.machine import Component, Context, Deferred, Handler
from kafkabook.base.names import TopicPartition, is_internal
from kafkabook.cluster.delayed import (
    AppendedBatch,
    DelayedDeleteRecords,
    DelayedProduce,
    Deletion,
)
from kafkabook.cluster.replica_manager import ReplicaManager
from kafkabook.protocol.admin_api import DeletedRecords, DeleteRecordsRequest
from kafkabook.protocol.records_api import (
    EpochEndOffset,
    EpochLookup,
    OffsetsForLeaderEpochRequest,
    OffsetsForLeaderEpochResponse,
    ProducedPartition,
    ProducePartition,
    ProduceRequest,
)
from kafkabook.replication.events import (
    ProduceAnswered,
    ProduceGivenUp,
)
from kafkabook.replication.facts import Ack, AckFacts
from kafkabook.replication.leader import Leader
from kafkabook.replication.partition import Partition

VALID_ACKS = (-1, 0, 1)


class RequestHandlers(Component):
    """What clients and followers ask of a broker's partitions.

    Args:
        replicas: the partitions.
    """

    def __init__(self, replicas: ReplicaManager) -> None:
        self.replicas = replicas

    def handlers(self) -> dict[type, Handler]:
        """Answer three APIs."""
        return {
            ProduceRequest: self.produce,
            OffsetsForLeaderEpochRequest: self.look_up,
            DeleteRecordsRequest: self.delete_records,
        }

    # --- produce ---------------------------------------------------------------------------------

    def produce(self, request: ProduceRequest, context: Context) -> object | None:
        """Append each batch, and answer when the `acks` of all are met."""
        # 1. The leader checks min.insync.replicas and appends; a refusal is an answer already.
        #    Kafka: `ReplicaManager.appendToLocalLog`, `Partition.appendRecordsToLeader`.
        batches = tuple(self._append(data, request.acks, context) for data in request.partitions)
        # 2. acks=0 and acks=1 are answered now, acks=all once the high watermark has passed.
        #    Kafka makes a `DelayedProduce` for acks=all alone
        #    (`ReplicaManager.maybeAddDelayedProduce`); here all go through one, since the rule of
        #    acks says at once which need not wait.
        operation = DelayedProduce(
            request,
            batches,
            settle=lambda batch, later: self._settle(batch, request.acks, later),
            give_up=lambda batch, error, later: self._answer(batch, request.acks, error, later),
        )
        response = operation.try_complete(context)
        if response is None:
            return Deferred(operation)
        # 3. Nobody reads an answer to acks=0.
        #    Kafka closes the connection if there was an error (`KafkaApis.handleProduceRequest`),
        #    so that the producer asks for metadata; here it never hears of it.
        return response if request.acks else None

    def _append(self, data: ProducePartition, acks: int, context: Context) -> AppendedBatch:
        batch = AppendedBatch(data.partition)
        # Before any log is touched (`ReplicaManager.isValidRequiredAcks`).
        if acks not in VALID_ACKS:
            error = Errors.INVALID_REQUIRED_ACKS
            batch.answer = ProducedPartition(data.partition, error=error)
            return batch
        owner, leader = self.replicas.leader_or_error(data.partition)
        if not isinstance(leader, Leader):
            batch.answer = ProducedPartition(data.partition, error=leader)
            return batch
        # min.insync.replicas is asked for twice. First here, while nothing is written yet: too
        # small a set refuses the batch, and the producer may safely send it again.
        batch.owner, decision = owner, self._decide(leader, acks, None)
        if decision is not Ack.APPEND:
            self._answer(batch, acks, Errors[decision.value], context)
            return batch
        try:
            appended = leader.append(data.batch, context)
        except KafkaError as error:
            self._answer(batch, acks, error.error, context)
            return batch
        # The batch is committed once the high watermark reaches `next_offset` (Kafka:
        # `ProducePartitionStatus.requiredOffset`).
        batch.base_offset, batch.next_offset = appended.base_offset, appended.log_end
        batch.crc = leader.replica_log.crc_of(data.batch, batch.base_offset)
        return batch

    def _settle(self, batch: AppendedBatch, acks: int, context: Context) -> None:
        """Answer a batch if it is time; it never will be where its partition is led no more."""
        owner, leader = self.replicas.leader_or_error(batch.partition)
        if not isinstance(leader, Leader):
            self._answer(batch, acks, leader, context)
        elif owner is not batch.owner:
            # Deleted, and made again under its name: the new log never had this batch.
            self._answer(batch, acks, Errors.UNKNOWN_TOPIC_OR_PARTITION, context)
        else:
            # Then here, when the batch is committed: the set may have shrunk since the append
            # (`Partition.checkEnoughReplicasReachOffset`).
            decision = self._decide(leader, acks, batch.next_offset)
            if decision is not Ack.WAIT:
                is_met = decision is Ack.ACKNOWLEDGE
                error = Errors.NONE if is_met else Errors[decision.value]
                self._answer(batch, acks, error, context)

    def _answer(self, batch: AppendedBatch, acks: int, error: Errors, context: Context) -> None:
        """Give a batch its answer, and tell of it."""
        owner, base = batch.owner, batch.base_offset
        # Once appended, with its offset even where there is an error: the batch is in the log, and
        # its producer must not take it for refused.
        batch.answer = ProducedPartition(batch.partition, base, error)
        if owner is not None and owner.leader is not None and self._owns(owner):
            context.tell(_told(batch, acks, owner.leader, error))
        else:
            broker = self.replicas.broker
            context.tell(ProduceGivenUp(batch.partition, broker, base, error.told))

    def _owns(self, partition: Partition) -> bool:
        return self.replicas.partitions.get(partition.replica_log.partition) is partition

    def _decide(self, leader: Leader, acks: int, next_offset: int | None) -> Ack:
        members = leader.members
        facts = AckFacts(
            acks=acks,
            next_offset=next_offset,
            high_watermark=leader.replica_log.log.high_watermark,
            isr_size=len(members.state.isr),
            min_insync_replicas=members.min_insync_replicas,
        )
        return self.replicas.rules.acknowledge(facts)

    # --- where epochs ended ----------------------------------------------------------------------

    def look_up(self, request: OffsetsForLeaderEpochRequest, context: Context) -> object:
        """Say where epochs ended, for a follower that must cut its log."""
        return OffsetsForLeaderEpochResponse(
            tuple(self._look_up(asked, request.replica, context) for asked in request.partitions)
        )

    def _look_up(self, asked: EpochLookup, follower: int, context: Context) -> EpochEndOffset:
        _, leader = self.replicas.leader_or_error(asked.partition)
        if isinstance(leader, Leader):
            return leader.look_up(asked, context, follower=follower)
        return EpochEndOffset(asked.partition, leader)

    # --- deletions -------------------------------------------------------------------------------

    def delete_records(self, request: DeleteRecordsRequest, context: Context) -> object:
        """Let logs begin later, and answer once those of all live replicas do.

        Source: kafka, ReplicaManager.scala `deleteRecords`, `deleteRecordsOnLocalLog`.
        """
        operation = DelayedDeleteRecords(
            tuple(self._delete(name, offset, context) for name, offset in request.partitions),
            request.timeout_ms,
            look_at=self._look_at,
        )
        return operation.try_complete(context) or Deferred(operation)

    def _delete(self, name: TopicPartition, offset: int, context: Context) -> Deletion:
        """Move the leader's log start, or say why not."""
        _, leader = self.replicas.leader_or_error(name)
        error = leader if isinstance(leader, Errors) else None
        if is_internal(name.topic):
            error = Errors.INVALID_TOPIC_EXCEPTION
        if error is not None:
            return Deletion(name, answer=DeletedRecords(name, error=error))
        assert isinstance(leader, Leader)
        try:
            wanted = leader.delete_records(offset, context)
        except KafkaError as refusal:
            return Deletion(name, answer=DeletedRecords(name, error=refusal.error))
        return Deletion(name, wanted, leader.low_watermark(self._alive()))

    def _look_at(self, deletion: Deletion) -> DeletedRecords | None:
        """Answer a deletion if every live replica has made it, or this broker leads no more."""
        name = deletion.partition
        _, leader = self.replicas.leader_or_error(name)
        if not isinstance(leader, Leader):
            return DeletedRecords(name, error=leader)
        low_watermark = leader.low_watermark(self._alive())
        return DeletedRecords(name, low_watermark) if low_watermark >= deletion.offset else None

    def _alive(self) -> frozenset[int]:
        """Return the brokers that are not fenced, as far as this one knows.

        Source: kafka, KRaftMetadataCache.scala `hasAliveBroker`.
        """
        brokers = self.replicas.image.brokers
        return frozenset(known.broker for known in brokers.values() if not known.is_fenced)


def _told(batch: AppendedBatch, acks: int, leader: Leader, error: Errors) -> ProduceAnswered:
    return ProduceAnswered(
        batch.partition,
        leader.replica_log.broker,
        acks,
        batch.base_offset,
        batch.next_offset - 1 if batch.base_offset >= 0 else -1,
        batch.crc,
        leader.leader_epoch,
        error.told,
        leader.members.state.isr,
        leader.members.min_insync_replicas,
        leader.replica_log.log.high_watermark,
    )
