"""A leader's term: it takes batches, answers fetches, and knows where epochs ended.

Source: kafka, core `Partition.scala`; KIP-101, KIP-320, KIP-595; notes, Part 1 ch 01 §06.
"""

from kafkabook.base.errors import Errors
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
from kafkabook.replication.membership import Membership
from kafkabook.replication.reading import read_partition
from kafkabook.replication.rules import ReplicationRules


class Leading:
    """The leader of one partition for one term.

    Args:
        members: the in-sync set of this term, over this broker's copy of the log.
        rules: the decisions.

    Source: kafka, `Partition.scala` `makeLeader`, `fetchRecords`, `appendRecordsToLeader`.
    """

    def __init__(self, members: Membership, *, rules: ReplicationRules) -> None:
        self.members, self.stored, self.rules = members, members.stored, rules
        self.leader_epoch = members.state.leader_epoch
        # A term begins here even if nothing is ever written in it: else an empty leader could not
        # tell its followers where their logs leave its own.
        log = self.stored.log
        log.epochs.assign(self.leader_epoch, log.log_end, now_ms=self.stored.now_ms)
        self._tell_start()
        members.settle()

    def append(self, batch: RecordBatch) -> Appended:
        """Append a producer's batch; a set of one commits it at once.

        Raises:
            KafkaError: the log refuses the batch.
        """
        appended = self.stored.append(batch, leader_epoch=self.leader_epoch)
        self.members.settle()
        return appended

    def fetch(
        self, wanted: FetchPartition, *, follower: int, broker_epoch: int, max_bytes: int
    ) -> FetchedPartition:
        """Answer a follower; a good fetch is also its word on all that it has.

        The answer carries the high watermark from before this fetch was counted, so a follower
        learns of it one fetch later.
        """
        refusal = self.rules.fence_fetch(wanted.current_leader_epoch, self.leader_epoch)
        diverging = self._parting(wanted, follower)
        if refusal is not None and diverging is None:
            return self._refuse(wanted, follower, broker_epoch, refusal)
        if self.members.is_over(follower, broker_epoch):
            return self._refuse_old_life(wanted, follower)
        answer = read_partition(self.stored.log, wanted, max_bytes=max_bytes, diverging=diverging)
        is_counted = not answer.is_urgent and self._counts(wanted)
        self.stored.tell(
            FetchServed(
                self.stored.partition,
                self.stored.broker,
                follower,
                wanted.fetch_offset,
                wanted.current_leader_epoch,
                self.leader_epoch,
                is_counted,
            )
        )
        if is_counted:
            self.members.heard(follower, wanted.fetch_offset, broker_epoch)
        return answer

    def fetch_again(self, wanted: FetchPartition, *, max_bytes: int) -> FetchedPartition:
        """Answer a fetch that has waited; it was counted when it came, and its word is old."""
        refusal = self.rules.fence_fetch(wanted.current_leader_epoch, self.leader_epoch)
        if refusal is not None:
            return FetchedPartition(wanted.partition, error=refusal.name)
        return read_partition(self.stored.log, wanted, max_bytes=max_bytes)

    def look_up(self, asked: EpochLookup, *, follower: int) -> EpochEndOffset:
        """Say where an epoch of this log ended (KIP-101)."""
        refusal = self.rules.fence_lookup(asked.current_leader_epoch, self.leader_epoch)
        if refusal is not None:
            api, epoch = "OffsetsForLeaderEpoch", asked.current_leader_epoch
            self._tell_refused(api, follower, epoch, refusal, is_counted=False)
            return EpochEndOffset(asked.partition, error=refusal.name)
        end = self._end_of(asked.leader_epoch)
        self._tell_end(follower, asked.leader_epoch, asked.current_leader_epoch, end)
        return EpochEndOffset(asked.partition, "", *end)

    def _counts(self, wanted: FetchPartition) -> bool:
        return self.rules.counts_fetch(wanted.current_leader_epoch, self.leader_epoch)

    def _refuse(
        self, wanted: FetchPartition, follower: int, broker_epoch: int, why: Errors
    ) -> FetchedPartition:
        """Refuse a fetch from another term, which says nothing about this one."""
        counts = self._counts(wanted)
        self._tell_refused("Fetch", follower, wanted.current_leader_epoch, why, is_counted=counts)
        if counts:  # only a wrong rule
            self.members.heard(follower, wanted.fetch_offset, broker_epoch)
        return FetchedPartition(wanted.partition, error=why.name)

    def _refuse_old_life(self, wanted: FetchPartition, follower: int) -> FetchedPartition:
        """Refuse a fetch that arrives late: what that life had, this one may have lost."""
        epoch, why = wanted.current_leader_epoch, Errors.NOT_LEADER_OR_FOLLOWER
        self._tell_refused("Fetch", follower, epoch, why, is_counted=False)
        return FetchedPartition(wanted.partition, error=why.name)

    def _parting(self, wanted: FetchPartition, follower: int) -> EpochEnd | None:
        """Return where the asker's log leaves this one, if it said how its log ends (KIP-595).

        Simplified: to an epoch above all its own Kafka answers OFFSET_OUT_OF_RANGE; no log that
        ends in one can ask in this term, unless a rule is wrong.
        """
        if self.rules.reconcile is not Reconcile.FETCH or wanted.last_fetched_epoch == UNKNOWN:
            return None
        epoch, asked = wanted.current_leader_epoch, wanted.last_fetched_epoch
        if self.rules.fence_lookup(epoch, self.leader_epoch) is not None:
            return None
        if wanted.fetch_offset < self.stored.log.log_start:
            return None  # OFFSET_OUT_OF_RANGE, wherever the logs part
        end = self._end_of(asked)
        if end.epoch == asked and end.end_offset >= wanted.fetch_offset:
            return None
        self._tell_end(follower, asked, epoch, end)
        return end

    def _end_of(self, epoch: int) -> EpochEnd:
        log = self.stored.log
        return self.rules.end_of_epoch(log.epochs.entries, log.log_end, epoch)

    def _tell_start(self) -> None:
        state = self.members.state
        self.stored.tell(
            BecameLeader(
                self.stored.partition,
                self.stored.broker,
                self.leader_epoch,
                self.members.epoch_start_offset,
                self.stored.log.high_watermark,
                state.isr,
                state.partition_epoch,
                self.members.min_insync_replicas,
            )
        )

    def _tell_refused(
        self, api: str, follower: int, epoch: int, why: Errors, *, is_counted: bool
    ) -> None:
        self.stored.tell(
            FetchRefused(
                self.stored.partition,
                self.stored.broker,
                follower,
                api,
                epoch,
                self.leader_epoch,
                why.name,
                is_counted,
            )
        )

    def _tell_end(self, follower: int, asked: int, request_epoch: int, end: EpochEnd) -> None:
        told = (self.stored.partition, self.stored.broker, follower, asked, request_epoch)
        self.stored.tell(EpochEndTold(*told, self.leader_epoch, *end))
