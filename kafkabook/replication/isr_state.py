"""Who is in sync with a leader, and what is therefore committed.

Source: kafka, core `Partition.scala`, `Replica.scala`; KIP-497; notes, Part 1 ch 01 §07.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kafkabook.base.errors import Errors
from kafkabook.base.machine import Context
from kafkabook.protocol.control_api import ConfirmedIsr, ProposedIsr
from kafkabook.replication.events import IsrAdopted, IsrProposed, IsrRefused
from kafkabook.replication.facts import UNKNOWN, FollowerFacts, LeaderFacts, PartitionState
from kafkabook.replication.replica_log import ReplicaLog
from kafkabook.replication.rules import ReplicationRules

Eligible = Callable[[int, int], bool]  # broker, broker epoch under which it fetched → may it join


@dataclass(slots=True)
class AskedAgain:
    """When a fetch session was last used: one time for all partitions that it did not look at."""

    at_ms: int


class FollowerProgress:
    """What a leader remembers of one follower between two fetches.

    While it is attached to a fetch session, nothing about the partition changes, and the follower
    has everything. Each fetch of the session is then a fetch of this partition from its log end, of
    which nothing but the time is news. Whoever reads finds that time taken over.

    Attributes: `end_then` (the leader's log end at the time of the follower's last fetch),
    `log_start` (as the follower said in its last fetch).
    """

    __slots__ = ("_asked", "_facts", "_fetched_ms", "end_then", "log_start")

    def __init__(self, facts: FollowerFacts) -> None:
        self._facts, self._fetched_ms = facts, 0
        self._asked: AskedAgain | None = None
        self.end_then = self.log_start = UNKNOWN

    @property
    def facts(self) -> FollowerFacts:
        """What it has, and when it last had everything."""
        if self._asked is not None:
            self._take_over(self._asked.at_ms)
        return self._facts

    @property
    def fetched_ms(self) -> int:
        """Time of its last fetch."""
        if self._asked is not None:
            self._take_over(self._asked.at_ms)
        return self._fetched_ms

    @property
    def is_attached(self) -> bool:
        """Whether a fetch session tells the time of its fetches."""
        return self._asked is not None

    def heard(self, facts: FollowerFacts, log_end: int, now_ms: int) -> None:
        """Take note of a fetch, with the leader's log end as it came."""
        self._facts, self.end_then, self._fetched_ms = facts, log_end, now_ms

    def attach(self, asked: AskedAgain) -> None:
        """Let a fetch session tell the time of the fetches, until `detach`."""
        self._asked = asked

    def detach(self) -> None:
        """Take the time over once more, and no more after that."""
        if self._asked is not None:
            self._take_over(self._asked.at_ms)
        self._asked = None

    def _take_over(self, at_ms: int) -> None:
        if at_ms > self._fetched_ms:
            self._fetched_ms = at_ms
            self._facts = replace(self._facts, caught_up_ms=max(at_ms, self._facts.caught_up_ms))


class IsrState:
    """The ISR of one partition during one leader epoch, and the high watermark.

    Args:
        replica_log: the leader's copy of the log.
        state: what the controller decided.
        rules: the decisions. is_eligible: whether a broker's incarnation may become a member.
        known: what an earlier leader epoch knew of the followers; a sound rule forgets it.

    Simplified: no reassignment, no observers. Kafka waits for nobody outside the set who has not
    fetched in this leader epoch; here one that left it a moment ago is still waited for once it is
    back.
    Source: kafka, `Partition.scala` `makeLeader`, `maybeIncrementLeaderHW`.
    """

    def __init__(
        self,
        replica_log: ReplicaLog,
        state: PartitionState,
        *,
        rules: ReplicationRules,
        is_eligible: Eligible,
        min_insync_replicas: int,
        replica_lag_time_max_ms: int,
        known: Mapping[int, FollowerProgress],
        context: Context,
    ) -> None:
        self.replica_log, self.state, self.rules = replica_log, state, rules
        self.min_insync_replicas = min_insync_replicas
        self.replica_lag_time_max_ms = replica_lag_time_max_ms
        self.proposed: frozenset[int] | None = None
        self._proposal: ProposedIsr | None = None  # the one whose answer is awaited
        self.epoch_start_offset = replica_log.log.log_end
        self._is_eligible = is_eligible
        self.followers = {b: self._at_start(b, known, context) for b in sorted(self._others())}

    @property
    def counted(self) -> frozenset[int]:
        """The members that the high watermark waits for."""
        if self.proposed is None:
            return self.state.isr
        return self.rules.counted_members(self.state.isr, self.proposed)

    def facts(self) -> LeaderFacts:
        """Return what the rules may know."""
        log = self.replica_log.log
        return LeaderFacts(
            leader=self.replica_log.broker,
            leader_epoch=self.state.leader_epoch,
            epoch_start_offset=self.epoch_start_offset,
            log_end=log.log_end,
            high_watermark=log.high_watermark,
            isr=self.state.isr,
            counted=self.counted,
            followers=tuple(map(self._judged, self.followers.values())),
            min_insync_replicas=self.min_insync_replicas,
        )

    def settle(self, context: Context) -> bool:
        """Move the high watermark as far as the rule allows; say whether it moved."""
        facts = self.facts()
        offset = self.rules.high_watermark(facts, context.now_ms, self.replica_lag_time_max_ms)
        if offset <= facts.high_watermark:
            return False
        ends = {f.broker: f.log_end for f in facts.followers if f.broker in facts.counted}
        return self.replica_log.move_high_watermark(
            offset,
            context,
            leader_epoch=self.state.leader_epoch,
            isr=self.state.isr,
            counted=facts.counted,
            held_back_by=frozenset(broker for broker, end in ends.items() if end <= offset),
            min_insync_replicas=self.min_insync_replicas,
        )

    def heard(self, follower: int, offset: int, broker_epoch: int, context: Context) -> bool:
        """Take note that a follower has everything below `offset`; say whether that is news.

        It counts as caught up if it has all there is, or all there was when it last asked.
        Source: kafka, Replica.scala `updateFetchStateOrThrow`.
        """
        progress = self.followers[follower]
        if progress.is_attached:  # another fetch than those of the session: both look again
            progress.detach()
            context.changed(self.replica_log.partition)
        known_end = progress.facts.log_end
        now_ms, caught_up_ms = context.now_ms, progress.facts.caught_up_ms
        if offset >= self.replica_log.log.log_end:
            caught_up_ms = max(caught_up_ms, now_ms)
        elif offset >= progress.end_then >= 0:
            caught_up_ms = max(caught_up_ms, progress.fetched_ms)
        facts = FollowerFacts(follower, offset, caught_up_ms, broker_epoch)
        progress.heard(facts, self.replica_log.log.log_end, now_ms)
        return offset != known_end

    def heard_start(self, follower: int, log_start: int, context: Context) -> None:
        """Take note where a follower's log begins; who waits for its deletions looks again."""
        progress = self.followers[follower]
        if log_start > progress.log_start:
            context.changed(self.replica_log.partition)
        progress.log_start = log_start

    def is_over(self, follower: int, broker_epoch: int) -> bool:
        """Say whether a later incarnation of a follower's broker has been heard of.

        Simplified: Kafka asks its metadata cache, and so knows before the first fetch of a new one;
        until then the old one counts here, but the controller has its broker out of the set.
        Source: kafka, Replica.scala `updateFetchStateOrThrow`; KIP-903.
        """
        return UNKNOWN < broker_epoch < self.followers[follower].facts.broker_epoch

    def expire(self, context: Context) -> ProposedIsr | None:
        """Propose to drop who has not kept up; None if all have, or a proposal is under way."""
        if self.proposed is not None:
            return None
        wanted = self.state.isr & self._in_sync(context)
        return self._propose(wanted, context) if wanted != self.state.isr else None

    def expand(self, follower: int, context: Context) -> ProposedIsr | None:
        """Propose to take a follower in, if it may join; None otherwise."""
        if self.proposed is not None or follower in self.state.isr:
            return None
        if follower not in self._in_sync(context):
            return None
        return self._propose(self.state.isr | {follower}, context)

    def answered(self, asked: ProposedIsr, answer: ConfirmedIsr, context: Context) -> None:
        """Take the controller's answer to a proposal; one that is settled meanwhile is ignored.

        Where an epoch was refused, metadata is on its way: the proposal stays counted until it
        comes.
        Source: kafka, Partition.scala `handleAlterPartitionError`.
        """
        if asked is not self._proposal or self.proposed is None:
            return
        if answer.error is Errors.NONE:
            isr, epoch = frozenset(answer.isr), answer.partition_epoch
            answer_says = replace(self.state, isr=isr, partition_epoch=epoch)
            self.adopt(answer_says, context, learned_from="the answer")
            return
        told = (self.replica_log.partition, self.replica_log.broker, self.proposed)
        context.tell(IsrRefused(*told, answer.error.told))
        if answer.error is Errors.INELIGIBLE_REPLICA:
            self.proposed = self._proposal = None

    def adopt(
        self, state: PartitionState, context: Context, *, learned_from: str = "metadata"
    ) -> None:
        """Take what the controller has decided since, in this leader epoch."""
        if state.partition_epoch <= self.state.partition_epoch:
            return
        self.state, self.proposed, self._proposal = state, None, None
        told = (self.replica_log.partition, self.replica_log.broker, state.isr, self.counted)
        epochs = state.leader_epoch, state.partition_epoch
        context.tell(IsrAdopted(*told, *epochs, learned_from))
        # Even if the high watermark stays: acks=all asks for the size of the set too.
        context.changed(self.replica_log.partition)
        self.settle(context)

    def _others(self) -> set[int]:
        return set(self.state.replicas) - {self.replica_log.broker}

    def _at_start(
        self, broker: int, known: Mapping[int, FollowerProgress], context: Context
    ) -> FollowerProgress:
        facts = known[broker].facts if broker in known else FollowerFacts(broker)
        is_member = broker in self.state.isr
        return FollowerProgress(self.rules.new_leader_epoch(facts, context.now_ms, is_member))

    def _judged(self, progress: FollowerProgress) -> FollowerFacts:
        """Add to what a follower said whether its present incarnation may be a member."""
        facts = progress.facts
        is_eligible = self._is_eligible(facts.broker, facts.broker_epoch)
        return (
            facts if facts.is_eligible == is_eligible else replace(facts, is_eligible=is_eligible)
        )

    def _in_sync(self, context: Context) -> frozenset[int]:
        now_ms = context.now_ms
        return self.rules.in_sync(self.facts(), now_ms, self.replica_lag_time_max_ms)

    def _propose(self, wanted: frozenset[int], context: Context) -> ProposedIsr:
        self.proposed = wanted
        facts = self.facts()
        ends = [(facts.leader, facts.log_end)] + [(f.broker, f.log_end) for f in facts.followers]
        proposal = IsrProposed(
            self.replica_log.partition,
            self.replica_log.broker,
            was=self.state.isr,
            now=wanted,
            counted=facts.counted,
            leader_epoch=facts.leader_epoch,
            partition_epoch=self.state.partition_epoch,
            high_watermark=facts.high_watermark,
            epoch_start_offset=facts.epoch_start_offset,
            log_ends=tuple(sorted(ends)),
        )
        context.tell(proposal)
        self._proposal = self._request(wanted)
        return self._proposal

    def _request(self, wanted: frozenset[int]) -> ProposedIsr:
        """Name each member with the broker epoch under which it fetched (KIP-903).

        Its own the broker writes. In order of their ids, as real brokers of 4.3 are seen to do.
        """
        epochs = {b: p.facts.broker_epoch for b, p in self.followers.items()}
        return ProposedIsr(
            broker=self.replica_log.broker,
            broker_epoch=UNKNOWN,
            partition=self.replica_log.partition,
            leader_epoch=self.state.leader_epoch,
            partition_epoch=self.state.partition_epoch,
            isr=tuple((b, epochs.get(b, UNKNOWN)) for b in sorted(wanted)),
            topic_id=self.replica_log.log.topic_id,
        )
