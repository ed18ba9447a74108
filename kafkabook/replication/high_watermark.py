"""Up to where a record is committed, and which replicas that waits for.

Source: kafka, core `Partition.scala` (`maybeIncrementLeaderHW`); KIP-966; notes, Part 1 ch 01 §07.
"""

from kafkabook.replication.facts import LeaderFacts
from kafkabook.replication.in_sync import is_caught_up


def high_watermark(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> int:
    """Return the offset below which every member of the ISR has everything.

    Members are all that the set may hold while a change is under way, and also a follower that has
    just caught up and will ask to join: it must not be left behind in the moment it arrives. It
    never goes back within an epoch, and stands still while the set is smaller than
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
