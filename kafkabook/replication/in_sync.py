"""When a follower leaves the ISR, when it joins it, and who counts meanwhile.

Source: kafka, core `Partition.scala`, `Replica.scala`; KIP-16, KIP-497; notes, Part 1 ch 01 §07.
"""

from kafkabook.replication.facts import FollowerFacts, LeaderFacts


def in_sync(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> frozenset[int]:
    """Return the members that the leader would have: itself, who keeps up, and who may join.

    A member leaves when it has not had everything for longer than `replica.lag.time.max.ms`; how
    many records it lacks does not matter. A joiner needs everything committed, and everything from
    before the leader's epoch: what was committed under an older leader may lie between the two.

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


def is_caught_up(
    follower: FollowerFacts, leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> bool:
    """Say whether a follower has everything, or had everything not too long ago."""
    has_all = follower.log_end == leader.log_end
    return has_all or now_ms - follower.caught_up_ms <= replica_lag_time_max_ms


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
