"""The decisions of replication, each a plain function, gathered in one frozen dataclass of parts.

The defaults are today's Kafka (4.x). History and seeded bugs are other functions in the same
places (`history`, `variants`); so is what a reader writes.

Source: kafka, core `Partition.scala`, `Replica.scala`, server `AbstractFetcherThread.scala`,
storage `LeaderEpochFileCache.java`; notes, Part 1 ch 01 §06 and §07, ch 02 §02 and §03.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kafkabook.base.errors import FencedLeaderEpoch, KafkaError, UnknownLeaderEpoch
from kafkabook.log.facts import EpochEntry
from kafkabook.replication.facts import (
    NEVER_MS,
    UNDEFINED,
    UNKNOWN,
    Ack,
    AckFacts,
    EpochEnd,
    FollowerFacts,
    FollowerLog,
    LeaderFacts,
    Reconcile,
    Truncation,
)

# --- what is committed ---------------------------------------------------------------------------


def high_watermark(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> int:
    """Return the offset below which every member of the in-sync set has everything.

    Members are all that the set may hold while a change is under way, and also a follower that has
    just caught up and will ask to join: it must not be left behind in the moment it arrives. It
    never goes back within a term, and stands still while the set is smaller than
    `min.insync.replicas` (since 3.7, KIP-966).

    Source: kafka, Partition.scala `maybeIncrementLeaderHW`; notes, Part 1 ch 01 §07.
    """
    if len(leader.isr) < leader.min_insync_replicas:
        return leader.high_watermark
    waited_for = (
        follower.log_end
        for follower in leader.followers
        if follower.broker in leader.counted
        or (
            follower.is_eligible and is_caught_up(follower, leader, now_ms, replica_lag_time_max_ms)
        )
    )
    return max(leader.high_watermark, min((leader.log_end, *waited_for)))


def is_caught_up(
    follower: FollowerFacts, leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> bool:
    """Say whether a follower has everything, or had everything not too long ago."""
    has_all = follower.log_end == leader.log_end
    return has_all or now_ms - follower.caught_up_ms <= replica_lag_time_max_ms


def in_sync(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> frozenset[int]:
    """Return the members that the leader would have: itself, who keeps up, and who may join.

    A member leaves when it has not had everything for longer than `replica.lag.time.max.ms`; how
    many records it lacks does not matter. A joiner needs everything committed, and everything from
    before the leader's term: what was committed under an older leader may lie between the two.

    Source: kafka, Partition.scala `isFollowerInSync`, `getOutOfSyncReplicas`; KIP-16.
    """
    keep = {
        f.broker
        for f in leader.followers
        if f.broker in leader.isr and is_caught_up(f, leader, now_ms, replica_lag_time_max_ms)
    }
    join = {
        f.broker
        for f in leader.followers
        if f.broker not in leader.isr and f.is_eligible and may_join(f, leader)
    }
    return frozenset({leader.leader, *keep, *join})


def may_join(follower: FollowerFacts, leader: LeaderFacts) -> bool:
    """Say whether a follower has all that was committed, under this leader and before it."""
    return follower.log_end >= max(leader.high_watermark, leader.epoch_start_offset)


def counted_members(isr: frozenset[int], proposed: frozenset[int]) -> frozenset[int]:
    """Return the members that count while a proposal is under way: all of both sets.

    The leader cannot know whether the controller has already accepted, so whoever could be elected
    by either answer must have everything (the maximal ISR).

    Source: kafka, Partition.scala `PendingExpandIsr.maximalIsr`; KIP-497.
    """
    return isr | proposed


def acknowledge(facts: AckFacts) -> Ack:
    """Say what becomes of a produce request, before it is appended and afterwards.

    Simplified: afterwards Kafka counts the members that may still be refused too; since 3.7 that
    makes no difference, for the high watermark waits for enough confirmed ones.
    Source: kafka, Partition.scala `appendRecordsToLeader`, `checkEnoughReplicasReachOffset`.
    """
    too_few = facts.acks == -1 and facts.isr_size < facts.min_insync_replicas
    if facts.next_offset is None:
        return Ack.NOT_ENOUGH_REPLICAS if too_few else Ack.APPEND
    if facts.acks != -1:
        return Ack.ACKNOWLEDGE
    if facts.high_watermark < facts.next_offset:
        return Ack.WAIT
    return Ack.NOT_ENOUGH_REPLICAS_AFTER_APPEND if too_few else Ack.ACKNOWLEDGE


# --- whose words count ---------------------------------------------------------------------------


def fence(requested_epoch: int, leader_epoch: int) -> type[KafkaError] | None:
    """Refuse a request from another term than the leader's own (KIP-320)."""
    if requested_epoch < leader_epoch:
        return FencedLeaderEpoch
    return UnknownLeaderEpoch if requested_epoch > leader_epoch else None


def same_term(requested_epoch: int, leader_epoch: int) -> bool:
    """Say whether a fetch tells the leader anything about the follower: only in its own term."""
    return requested_epoch == leader_epoch


def new_term(follower: FollowerFacts, now_ms: int, is_member: bool) -> FollowerFacts:
    """Return what a new leader knows of a replica: nothing, but it gives a member time to come.

    Simplified: a leader that is elected again keeps what it knew of log ends in Kafka.
    Source: kafka, Replica.scala `resetReplicaState`.
    """
    caught_up_ms = now_ms if is_member else NEVER_MS
    return replace(follower, log_end=UNKNOWN, caught_up_ms=caught_up_ms, broker_epoch=UNKNOWN)


def accept_fetched(asked: tuple[int, int], now: tuple[int, int]) -> bool:
    """Say whether an answer still fits: `(offset, leader epoch)` when asked and as they are now."""
    return asked == now


# --- where two logs part -------------------------------------------------------------------------


def end_of_epoch(epochs: Sequence[EpochEntry], log_end: int, epoch: int) -> EpochEnd:
    """Return the largest epoch of a leader's log at or below `epoch`, and where it ended.

    `UNDEFINED` for an epoch above all that the leader knows. Below all of them, the asked epoch
    ends where the first one begins.

    Source: kafka, LeaderEpochFileCache `endOffsetFor`; KIP-101, KIP-279.
    """
    if epoch == UNKNOWN or not epochs or epoch > epochs[-1].epoch:
        return UNDEFINED
    if epoch == epochs[-1].epoch:
        return EpochEnd(epoch, log_end)
    later = next(entry for entry in epochs if entry.epoch > epoch)
    known = [entry.epoch for entry in epochs if entry.epoch <= epoch]
    return EpochEnd(known[-1] if known else epoch, later.start_offset)


def truncate(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Return where a follower cuts its log after its leader's answer.

    If it holds the epoch of the answer, the two logs agree up to where that epoch ended first. If
    not, everything after its largest epoch below that one is foreign: it cuts there and asks again,
    so that the two walk back together (KIP-279). A leader that knows nothing leaves it the high
    watermark.

    Source: kafka, AbstractFetcherThread.scala `getOffsetTruncationState`; KIP-101, KIP-279.
    """
    if answer == UNDEFINED:
        return Truncation(min(log.high_watermark, log.log_end))
    own = end_of_own(log, answer.epoch)
    if own is None:
        return Truncation(min(answer.end_offset, log.log_end))
    if own.epoch != answer.epoch:
        return Truncation(own.end_offset, is_complete=False)
    return Truncation(min(own.end_offset, answer.end_offset))


def end_of_own(log: FollowerLog, epoch: int) -> EpochEnd | None:
    """Return the follower's own largest epoch at or below `epoch` and its end, as a leader would.

    Below all that it holds, the epoch ends where the first one begins. None if it holds no epoch.
    """
    own = end_of_epoch(log.epochs, log.log_end, epoch)
    return None if own == UNDEFINED else own


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationRules:
    """The parts of replication; the defaults are today's Kafka.

    Attributes: what is committed (`high_watermark`, `in_sync`, `counted_members`, `acknowledge`);
    whose words count (`fence_fetch`, `fence_lookup`, `counts_fetch`, `new_term`,
    `accept_fetched`); where two logs part (`reconcile`, `end_of_epoch`, `truncate`). `version` is
    the Kafka whose parts these are, for a promise that began later is not asked of them.
    """

    version: tuple[int, int] = (4, 3)

    high_watermark: Callable[[LeaderFacts, int, int], int] = high_watermark
    in_sync: Callable[[LeaderFacts, int, int], frozenset[int]] = in_sync
    counted_members: Callable[[frozenset[int], frozenset[int]], frozenset[int]] = counted_members
    acknowledge: Callable[[AckFacts], Ack] = acknowledge
    fence_fetch: Callable[[int, int], type[KafkaError] | None] = fence
    fence_lookup: Callable[[int, int], type[KafkaError] | None] = fence
    counts_fetch: Callable[[int, int], bool] = same_term
    new_term: Callable[[FollowerFacts, int, bool], FollowerFacts] = new_term
    accept_fetched: Callable[[tuple[int, int], tuple[int, int]], bool] = accept_fetched
    reconcile: Reconcile = Reconcile.FETCH
    end_of_epoch: Callable[[Sequence[EpochEntry], int, int], EpochEnd] = end_of_epoch
    truncate: Callable[[FollowerLog, EpochEnd], Truncation] = truncate
