"""A follower: find where the two logs part, cut there, then copy.

Source: kafka, server `AbstractFetcherThread.scala`, core `ReplicaFetcherThread.scala`; KIP-101,
KIP-279, KIP-320, KIP-595; notes, Part 1 ch 01 §06, ch 02 §03.
"""

from enum import Enum

from kafkabook.base.errors import CorruptMessage, Errors, KafkaError
from kafkabook.base.machine import Context
from kafkabook.protocol.admin_api import EARLIEST, LATEST, ListedOffset, ListOffsetsPartition
from kafkabook.protocol.records_api import (
    EpochEndOffset,
    EpochLookup,
    FetchedPartition,
    FetchPartition,
)
from kafkabook.replication.events import ReplicaFailed
from kafkabook.replication.facts import UNKNOWN, EpochEnd, PartitionState, Reconcile
from kafkabook.replication.replica_log import ReplicaLog
from kafkabook.replication.rules import ReplicationRules


class Phase(Enum):
    """What a follower does next."""

    ASK = "ask where its last epoch ended"
    FETCH = "fetch"
    LATEST = "ask where its leader's log ends: the last fetch was out of range"
    EARLIEST = "ask where its leader's log starts: it does not end before this one"
    WAIT = "wait for the next leader epoch: Kafka marks the partition as failed"


Wish = FetchPartition | EpochLookup | ListOffsetsPartition
TIMESTAMPS = {Phase.LATEST: LATEST, Phase.EARLIEST: EARLIEST}


class Follower:
    """A follower of one leader for one leader epoch.

    Args:
        replica_log: this broker's copy of the log.
        state: what the controller decided.
        rules: the decisions.

    Simplified: its high watermark never goes back; Kafka lets it follow a new leader's lower one.
    Where a leader did not answer for an end of its log, it is asked again; Kafka fetches before.
    Source: kafka, `AbstractFetcherThread.scala` `doWork`.
    """

    def __init__(
        self,
        replica_log: ReplicaLog,
        state: PartitionState,
        context: Context,
        *,
        rules: ReplicationRules,
    ) -> None:
        self.replica_log, self.state, self.rules = replica_log, state, rules
        self.leader, self.leader_epoch = state.leader, state.leader_epoch
        self.phase = Phase.FETCH
        self.ready_ms = 0  # after an error, not before this time
        self._begin(context)

    def wants(self, now_ms: int) -> Wish | None:
        """Return what to ask of the leader now; None if there is nothing, or nobody, to ask."""
        if self.leader is None or self.phase is Phase.WAIT or now_ms < self.ready_ms:
            return None
        name, log = self.replica_log.partition, self.replica_log.log
        if self.phase is Phase.ASK:
            return EpochLookup(name, self.leader_epoch, log.epochs.latest)
        if self.phase in TIMESTAMPS:
            return ListOffsetsPartition(name, TIMESTAMPS[self.phase], self.leader_epoch)
        last = log.epochs.latest if self.rules.reconcile is Reconcile.FETCH else UNKNOWN
        epochs = self.leader_epoch, last
        return FetchPartition(name, log.log_end, *epochs, log.topic_id, log.log_start)

    def take_lookup(
        self, answer: EpochEndOffset, asked: EpochLookup, context: Context, *, retry_ms: int
    ) -> None:
        """Cut the log where the leader's answer says, or ask again."""
        if asked.current_leader_epoch != self.leader_epoch:
            return
        if answer.error is not Errors.NONE:
            self._failed(answer.error, retry_ms)
            return
        self._cut(EpochEnd(answer.leader_epoch, answer.end_offset), context)

    def take_offset(
        self, answer: ListedOffset, asked: ListOffsetsPartition, context: Context, *, retry_ms: int
    ) -> None:
        """Go where the leader's log is: it ends before this one, or starts behind it.

        Where it does neither any more, this one fetches again. An answer to an older question is
        dropped.

        Source: kafka, AbstractFetcherThread.scala `handleOutOfRangeError`,
        `fetchOffsetAndTruncate`.
        """
        if asked != self.wants(context.now_ms):
            return
        was, self.phase = self.phase, Phase.FETCH
        end = self.replica_log.log.log_end
        if answer.error is not Errors.NONE:
            self._failed(answer.error, retry_ms)
        elif was is Phase.EARLIEST:
            if answer.offset > end:
                reason = "the leader's log starts later"
                self._start_anew(answer.offset, reason, context)
        elif answer.offset < end:
            self._truncate(answer.offset, "the leader's log ends here", context)
        else:
            self.phase = Phase.EARLIEST

    def take(
        self, answer: FetchedPartition, asked: FetchPartition, context: Context, *, retry_ms: int
    ) -> None:
        """Append what the leader sent and take over its high watermark.

        An answer to an older question is dropped: the epoch or the log end has changed.
        """
        now = self.replica_log.log.log_end, self.leader_epoch
        if not self.rules.accept_fetched((asked.fetch_offset, asked.current_leader_epoch), now):
            return
        if answer.diverging is not None:
            self._cut(EpochEnd(*answer.diverging), context)
        elif answer.error is Errors.OFFSET_OUT_OF_RANGE:
            self.phase = Phase.LATEST
        elif answer.error is not Errors.NONE:
            self._failed(answer.error, retry_ms)
        else:
            self._copy(answer, context, retry_ms)

    def _begin(self, context: Context) -> None:
        """Make up for the change of leader before the first fetch, as the era's rule has it.

        Where nobody leads, nothing is cut: there is nobody to follow. A log of which no epoch is
        known has nothing to compare: it keeps what is committed.

        Source: kafka, ReplicaManager.scala `applyLocalFollowersDelta`, `initialFetchOffset`;
        AbstractFetcherThread.scala `partitionFetchState`, `truncateToHighWatermark`.
        """
        view = self.replica_log.view()
        if self.leader is None:
            return
        if self.rules.reconcile is Reconcile.HIGH_WATERMARK:
            self._truncate(view.high_watermark, "to its own high watermark", context)
        elif not view.epochs:
            reason = "to its own high watermark: it knows no epoch of its records"
            self._truncate(view.high_watermark, reason, context)
        elif self.rules.reconcile is Reconcile.ASK:
            self.phase = Phase.ASK

    def _cut(self, answer: EpochEnd, context: Context) -> None:
        cut = self.rules.truncate(self.replica_log.view(), answer)
        where = f"epoch {answer.epoch} ended at {answer.end_offset} on broker {self.leader}"
        why = where if answer.epoch >= 0 else "the leader knows no such epoch"
        self._truncate(cut.to_offset, why, context)
        if self.rules.reconcile is Reconcile.ASK:
            self.phase = Phase.FETCH if cut.is_complete else Phase.ASK

    def _truncate(self, offset: int, reason: str, context: Context) -> None:
        self.replica_log.truncate_to(offset, context, leader_epoch=self.leader_epoch, reason=reason)

    def _start_anew(self, offset: int, reason: str, context: Context) -> None:
        self.replica_log.start_anew(offset, context, leader_epoch=self.leader_epoch, reason=reason)

    def _copy(self, answer: FetchedPartition, context: Context, retry_ms: int) -> None:
        """Append what the leader sent, and take over where its log starts and is committed.

        Source: kafka, ReplicaFetcherThread.scala `processPartitionData`.
        """
        try:
            self.replica_log.append_fetched(answer.batches, context, leader_epoch=self.leader_epoch)
        except CorruptMessage:
            self.ready_ms = retry_ms  # it may have been read while it was being written
            return
        except KafkaError as refusal:
            self._give_up(str(refusal), context)
            return
        offset = min(answer.high_watermark, self.replica_log.log.log_end)
        self.replica_log.move_high_watermark(offset, context, leader_epoch=self.leader_epoch)
        # Behind the high watermark, which no log start passes.
        if self.replica_log.log.log_start < answer.log_start <= self.replica_log.log.high_watermark:
            self.replica_log.delete_records(answer.log_start, context, reason="the leader's start")

    def _give_up(self, reason: str, context: Context) -> None:
        """Copy no more in this leader epoch.

        Source: kafka, AbstractFetcherThread.scala `markPartitionFailed`.
        """
        self.phase = Phase.WAIT
        log = self.replica_log
        context.tell(
            ReplicaFailed(log.partition, log.broker, self.leader, self.leader_epoch, reason)
        )

    def _failed(self, error: Errors, retry_ms: int) -> None:
        if error is Errors.FENCED_LEADER_EPOCH:
            self.phase = Phase.WAIT
        else:
            self.ready_ms = retry_ms
