"""Who is in sync with a leader, and what is therefore committed.

Source: kafka, core `Partition.scala`, `Replica.scala`; KIP-497; notes, Part 1 ch 01 §07.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kafkabook.protocol.control_api import AlterPartitionRequest, AlterPartitionResponse
from kafkabook.replication.events import IsrAdopted, IsrProposed, IsrRefused
from kafkabook.replication.facts import UNKNOWN, FollowerFacts, LeaderFacts, PartitionState
from kafkabook.replication.rules import ReplicationRules
from kafkabook.replication.stored import StoredReplica

Eligible = Callable[[int, int], bool]  # broker, broker epoch under which it fetched → may it join


@dataclass(slots=True)
class Progress:
    """What a leader remembers of one follower between two fetches."""

    facts: FollowerFacts
    fetched_ms: int = 0  # time of its last fetch
    end_then: int = UNKNOWN  # the leader's log end at that time


class Membership:
    """The in-sync set of one partition during one leader's term, and the high watermark.

    Args:
        stored: the leader's copy of the log.
        state: the controller's word.
        rules: the decisions. is_eligible: whether a broker's life may become a member.
        known: what an earlier term knew of the followers; a sound rule forgets it.

    Simplified: no reassignment, no observers. The high watermark is looked at after every fetch;
    Kafka looks if the fetch brought news. STALE_BROKER_EPOCH, which Kafka answers by asking again
    at once, waits for the time-out. Kafka waits for nobody outside the set who has not fetched in
    this term; here one that left it a moment ago is still waited for once it is back.
    Source: kafka, `Partition.scala` `makeLeader`, `maybeIncrementLeaderHW`.
    """

    def __init__(
        self,
        stored: StoredReplica,
        state: PartitionState,
        *,
        rules: ReplicationRules,
        is_eligible: Eligible,
        min_insync_replicas: int,
        replica_lag_time_max_ms: int,
        known: Mapping[int, Progress],
    ) -> None:
        self.stored, self.state, self.rules = stored, state, rules
        self.min_insync_replicas = min_insync_replicas
        self.replica_lag_time_max_ms = replica_lag_time_max_ms
        self.proposed: frozenset[int] | None = None
        self._proposals = 0
        self.epoch_start_offset = stored.log.log_end
        self._is_eligible = is_eligible
        self.followers = {b: self._at_start(b, known) for b in sorted(self._others())}

    @property
    def counted(self) -> frozenset[int]:
        """The members that the high watermark waits for."""
        if self.proposed is None:
            return self.state.isr
        return self.rules.counted_members(self.state.isr, self.proposed)

    def facts(self) -> LeaderFacts:
        """Return what the rules may know."""
        log = self.stored.log
        return LeaderFacts(
            leader=self.stored.broker,
            leader_epoch=self.state.leader_epoch,
            epoch_start_offset=self.epoch_start_offset,
            log_end=log.log_end,
            high_watermark=log.high_watermark,
            isr=self.state.isr,
            counted=self.counted,
            followers=tuple(map(self._judged, self.followers.values())),
            min_insync_replicas=self.min_insync_replicas,
        )

    def settle(self) -> bool:
        """Move the high watermark as far as the rule allows; say whether it moved."""
        facts = self.facts()
        offset = self.rules.high_watermark(facts, self.stored.now_ms, self.replica_lag_time_max_ms)
        if offset <= facts.high_watermark:
            return False
        ends = {f.broker: f.log_end for f in facts.followers if f.broker in facts.counted}
        return self.stored.move_high_watermark(
            offset,
            leader_epoch=self.state.leader_epoch,
            isr=self.state.isr,
            counted=facts.counted,
            held_back_by=frozenset(broker for broker, end in ends.items() if end <= offset),
            min_insync_replicas=self.min_insync_replicas,
        )

    def heard(self, follower: int, offset: int, broker_epoch: int) -> None:
        """Take note that a follower has everything below `offset`.

        It counts as caught up if it has all there is, or all there was when it last asked.
        Source: kafka, Replica.scala `updateFetchStateOrThrow`.
        """
        progress = self.followers[follower]
        now_ms, caught_up_ms = self.stored.now_ms, progress.facts.caught_up_ms
        if offset >= self.stored.log.log_end:
            caught_up_ms = max(caught_up_ms, now_ms)
        elif offset >= progress.end_then >= 0:
            caught_up_ms = max(caught_up_ms, progress.fetched_ms)
        progress.facts = FollowerFacts(follower, offset, caught_up_ms, broker_epoch)
        progress.fetched_ms, progress.end_then = now_ms, self.stored.log.log_end

    def is_over(self, follower: int, broker_epoch: int) -> bool:
        """Say whether a follower has been heard of in a later life of its broker than this one.

        Simplified: Kafka asks its metadata cache, and so knows before the new life's first fetch;
        until then the old one counts here, but the controller has its broker out of the set.
        Source: kafka, Replica.scala `updateFetchStateOrThrow`; KIP-903.
        """
        return UNKNOWN < broker_epoch < self.followers[follower].facts.broker_epoch

    def expire(self) -> AlterPartitionRequest | None:
        """Propose to drop who has not kept up; None if all have, or a proposal is under way."""
        if self.proposed is not None:
            return None
        wanted = self.state.isr & self._in_sync()
        return self._propose(wanted) if wanted != self.state.isr else None

    def expand(self, follower: int) -> AlterPartitionRequest | None:
        """Propose to take a follower in, if it may join; None otherwise."""
        if self.proposed is not None or follower in self.state.isr:
            return None
        return self._propose(self.state.isr | {follower}) if follower in self._in_sync() else None

    def ask_again(self) -> AlterPartitionRequest | None:
        """Return the proposal that is under way, for an answer that did not come."""
        return None if self.proposed is None else self._request(self.proposed)

    def answered(self, answer: AlterPartitionResponse) -> None:
        """Take the controller's answer to a proposal.

        Where an epoch was refused, news is on its way: the proposal stays counted until it comes.
        Source: kafka, Partition.scala `handleAlterPartitionError`.
        """
        if self.proposed is None or answer.leader_epoch != self.state.leader_epoch:
            return
        if not answer.error:
            isr, epoch = frozenset(answer.isr), answer.partition_epoch
            self.adopt(replace(self.state, isr=isr, partition_epoch=epoch))
            return
        if answer.number != self._proposals:
            return  # it is about a proposal that is settled, or was sent again
        told = (self.stored.partition, self.stored.broker, self.proposed, answer.error)
        self.stored.tell(IsrRefused(*told))
        if answer.error == "INELIGIBLE_REPLICA":
            self.proposed = None

    def adopt(self, state: PartitionState) -> None:
        """Take the controller's newer word on this term."""
        if state.partition_epoch <= self.state.partition_epoch:
            return
        self.state, self.proposed = state, None
        told = (self.stored.partition, self.stored.broker, state.isr, self.counted)
        self.stored.tell(IsrAdopted(*told, state.leader_epoch, state.partition_epoch))
        self.settle()

    def _others(self) -> set[int]:
        return set(self.state.replicas) - {self.stored.broker}

    def _at_start(self, broker: int, known: Mapping[int, Progress]) -> Progress:
        facts = known[broker].facts if broker in known else FollowerFacts(broker)
        is_member = broker in self.state.isr
        return Progress(self.rules.new_term(facts, self.stored.now_ms, is_member))

    def _judged(self, progress: Progress) -> FollowerFacts:
        """Add to what a follower said whether its present life may become a member."""
        facts = progress.facts
        is_eligible = self._is_eligible(facts.broker, facts.broker_epoch)
        return (
            facts if facts.is_eligible == is_eligible else replace(facts, is_eligible=is_eligible)
        )

    def _in_sync(self) -> frozenset[int]:
        now_ms = self.stored.now_ms
        return self.rules.in_sync(self.facts(), now_ms, self.replica_lag_time_max_ms)

    def _propose(self, wanted: frozenset[int]) -> AlterPartitionRequest:
        self.proposed = wanted
        facts = self.facts()
        ends = [(facts.leader, facts.log_end)] + [(f.broker, f.log_end) for f in facts.followers]
        proposal = IsrProposed(
            self.stored.partition,
            self.stored.broker,
            was=self.state.isr,
            now=wanted,
            counted=facts.counted,
            leader_epoch=facts.leader_epoch,
            partition_epoch=self.state.partition_epoch,
            high_watermark=facts.high_watermark,
            epoch_start_offset=facts.epoch_start_offset,
            log_ends=tuple(sorted(ends)),
        )
        self.stored.tell(proposal)
        return self._request(wanted)

    def _request(self, wanted: frozenset[int]) -> AlterPartitionRequest:
        """Name each member with the broker epoch under which it fetched (KIP-903).

        Its own the broker writes.
        """
        epochs = {b: p.facts.broker_epoch for b, p in self.followers.items()}
        self._proposals += 1
        return AlterPartitionRequest(
            broker=self.stored.broker,
            broker_epoch=UNKNOWN,
            partition=self.stored.partition,
            leader_epoch=self.state.leader_epoch,
            partition_epoch=self.state.partition_epoch,
            isr=tuple((b, epochs.get(b, UNKNOWN)) for b in sorted(wanted)),
            topic_id=self.stored.log.topic_id,
            number=self._proposals,
        )
