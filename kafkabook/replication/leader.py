"""A leader: it takes batches, answers fetches, and knows where epochs ended.

Source: kafka, core `Partition.scala`; KIP-101, KIP-320, KIP-595; notes, Part 1 ch 01 §06.
"""

from collections.abc import Container

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.machine import Context
from kafkabook.log.facts import Appended
from kafkabook.protocol.records_api import (
    EpochEndOffset,
    EpochLookup,
    FetchedPartition,
    FetchPartition,
)
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.events import BecameLeader, EpochEndTold, FetchRefused, FetchServed
from kafkabook.replication.facts import UNKNOWN, EpochEnd, Reconcile
from kafkabook.replication.isr_state import IsrState
from kafkabook.replication.reading import read_partition
from kafkabook.replication.rules import ReplicationRules


class Leader:
    """The leader of one partition for one leader epoch.

    Args:
        members: the ISR of this leader epoch, over this broker's copy of the log.
        rules: the decisions.

    Source: kafka, `Partition.scala` `makeLeader`, `fetchRecords`, `appendRecordsToLeader`.
    """

    def __init__(self, members: IsrState, context: Context, *, rules: ReplicationRules) -> None:
        self.members, self.replica_log, self.rules = members, members.replica_log, rules
        self.leader_epoch = members.state.leader_epoch
        # An epoch begins here even if nothing is ever written in it: else an empty leader could not
        # tell its followers where their logs leave its own.
        log = self.replica_log.log
        log.epochs.assign(self.leader_epoch, log.log_end, now_ms=context.now_ms)
        self._tell_start(context)
        members.settle(context)

    def append(self, batch: RecordBatch, context: Context) -> Appended:
        """Append a producer's batch; a set of one commits it at once.

        Raises:
            KafkaError: the log refuses the batch.
        """
        appended = self.replica_log.append(batch, context, leader_epoch=self.leader_epoch)
        # The set may be down to this leader, and then no fetch is needed to commit the batch
        # (`Partition.appendRecordsToLeader`: `maybeIncrementLeaderHW`).
        self.members.settle(context)
        return appended

    def fetch(
        self,
        wanted: FetchPartition,
        context: Context,
        *,
        follower: int,
        broker_epoch: int,
        max_bytes: int,
    ) -> tuple[FetchedPartition, bool | None]:
        """Answer a follower; a good fetch also says what it has.

        The answer carries the high watermark from before this fetch was counted, so a follower
        learns of it one fetch later. Returned beside it: whether the follower's fetch was news;
        None if it did not count.
        """
        refusal = self.rules.fence_fetch(wanted.current_leader_epoch, self.leader_epoch)
        diverging = self._parting(wanted, follower, context)
        if refusal is not None and diverging is None:
            return self._refuse(wanted, follower, broker_epoch, refusal, context)
        # Kafka asks this after the read (`Replica.updateFetchStateOrThrow`), with the same error.
        if self.members.is_over(follower, broker_epoch):
            return self._refuse_old_incarnation(wanted, follower, context), None
        answer = read_partition(
            self.replica_log.log, wanted, max_bytes=max_bytes, diverging=diverging
        )
        # After an error, or where the logs part, the offset does not say what the follower has.
        is_counted = not answer.is_urgent and self._counts(wanted)
        context.tell(
            FetchServed(
                self.replica_log.partition,
                self.replica_log.broker,
                follower,
                wanted.fetch_offset,
                wanted.current_leader_epoch,
                self.leader_epoch,
                is_counted,
            )
        )
        if not is_counted:
            return answer, None
        self.members.heard_start(follower, wanted.log_start, context)
        return answer, self.members.heard(follower, wanted.fetch_offset, broker_epoch, context)

    def delete_records(self, offset: int, context: Context) -> int:
        """Let the log begin at an offset; -1 is the high watermark. Return what was asked for.

        Raises:
            POLICY_VIOLATION: `cleanup.policy` does not let records be deleted.
            OFFSET_OUT_OF_RANGE: the offset is above the high watermark, or below -1.

        Source: kafka, Partition.scala `deleteRecordsOnLeader`.
        """
        log = self.replica_log.log
        if not log.config.deletes:
            says = f"records of {log.name} cannot be deleted: its cleanup.policy has no delete"
            raise KafkaError(Errors.POLICY_VIOLATION, says)
        wanted = log.high_watermark if offset == -1 else offset
        self.replica_log.delete_records(wanted, context, reason="records deleted")
        return wanted

    def low_watermark(self, alive: Container[int]) -> int:
        """Return the lowest log start of this log and of the replicas that are alive.

        Source: kafka, Partition.scala `lowWatermarkIfLeader`.
        """
        others = self.members.followers.items()
        starts = [progress.log_start for broker, progress in others if broker in alive]
        return min([self.replica_log.log.log_start, *starts])

    def fetch_again(self, wanted: FetchPartition, *, max_bytes: int) -> FetchedPartition:
        """Answer a fetch that has waited; it was counted when it came, and is old now."""
        refusal = self.rules.fence_fetch(wanted.current_leader_epoch, self.leader_epoch)
        if refusal is not None:
            return FetchedPartition(wanted.partition, error=refusal)
        # Where the logs part is not asked again: in one leader epoch a leader cuts nothing. Kafka
        # does ask (`DelayedFetch.tryComplete`, case H).
        return read_partition(self.replica_log.log, wanted, max_bytes=max_bytes)

    def look_up(self, asked: EpochLookup, context: Context, *, follower: int) -> EpochEndOffset:
        """Say where an epoch of this log ended (KIP-101)."""
        refusal = self.rules.fence_lookup(asked.current_leader_epoch, self.leader_epoch)
        if refusal is not None:
            api, epoch = "OffsetsForLeaderEpoch", asked.current_leader_epoch
            self._tell_refused(api, follower, epoch, refusal, context, is_counted=False)
            return EpochEndOffset(asked.partition, error=refusal)
        end = self._end_of(asked.leader_epoch)
        self._tell_end(follower, asked.leader_epoch, asked.current_leader_epoch, end, context)
        return EpochEndOffset(asked.partition, Errors.NONE, *end)

    def _counts(self, wanted: FetchPartition) -> bool:
        return self.rules.counts_fetch(wanted.current_leader_epoch, self.leader_epoch)

    def _refuse(
        self,
        wanted: FetchPartition,
        follower: int,
        broker_epoch: int,
        why: Errors,
        context: Context,
    ) -> tuple[FetchedPartition, bool | None]:
        """Refuse a fetch from another leader epoch, which says nothing about this one."""
        counts = self._counts(wanted)
        epoch = wanted.current_leader_epoch
        self._tell_refused("Fetch", follower, epoch, why, context, is_counted=counts)
        refused = FetchedPartition(wanted.partition, error=why)
        if not counts:
            return refused, None
        # Only a wrong rule comes here.
        return refused, self.members.heard(follower, wanted.fetch_offset, broker_epoch, context)

    def _refuse_old_incarnation(
        self, wanted: FetchPartition, follower: int, context: Context
    ) -> FetchedPartition:
        """Refuse a fetch that arrives late: what that incarnation had, this may have lost."""
        epoch, why = wanted.current_leader_epoch, Errors.NOT_LEADER_OR_FOLLOWER
        self._tell_refused("Fetch", follower, epoch, why, context, is_counted=False)
        return FetchedPartition(wanted.partition, error=why)

    def _parting(self, wanted: FetchPartition, follower: int, context: Context) -> EpochEnd | None:
        """Return where the asker's log leaves this one, if it said how its log ends (KIP-595).

        Simplified: to an epoch above all its own Kafka answers OFFSET_OUT_OF_RANGE; no log that
        ends in one can ask in this epoch, unless a rule is wrong.
        """
        if self.rules.reconcile is not Reconcile.FETCH or wanted.last_fetched_epoch == UNKNOWN:
            return None
        epoch, asked = wanted.current_leader_epoch, wanted.last_fetched_epoch
        if self.rules.fence_lookup(epoch, self.leader_epoch) is not None:
            return None
        if wanted.fetch_offset < self.replica_log.log.log_start:
            return None  # OFFSET_OUT_OF_RANGE, wherever the logs part
        end = self._end_of(asked)
        if end.epoch == asked and end.end_offset >= wanted.fetch_offset:
            return None
        self._tell_end(follower, asked, epoch, end, context)
        return end

    def _end_of(self, epoch: int) -> EpochEnd:
        log = self.replica_log.log
        return self.rules.end_of_epoch(log.epochs.entries, log.log_end, epoch)

    def _tell_start(self, context: Context) -> None:
        state = self.members.state
        context.tell(
            BecameLeader(
                self.replica_log.partition,
                self.replica_log.broker,
                self.leader_epoch,
                self.members.epoch_start_offset,
                self.replica_log.log.high_watermark,
                state.isr,
                state.partition_epoch,
                self.members.min_insync_replicas,
            )
        )

    def _tell_refused(
        self,
        api: str,
        follower: int,
        epoch: int,
        why: Errors,
        context: Context,
        *,
        is_counted: bool,
    ) -> None:
        context.tell(
            FetchRefused(
                self.replica_log.partition,
                self.replica_log.broker,
                follower,
                api,
                epoch,
                self.leader_epoch,
                why.name,
                is_counted,
            )
        )

    def _tell_end(
        self, follower: int, asked: int, request_epoch: int, end: EpochEnd, context: Context
    ) -> None:
        told = (self.replica_log.partition, self.replica_log.broker, follower, asked, request_epoch)
        context.tell(EpochEndTold(*told, self.leader_epoch, *end))
