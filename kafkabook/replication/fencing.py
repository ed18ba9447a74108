"""What is refused, ignored or forgotten because it is of another leader epoch.

Source: kafka, core `Partition.scala`, `Replica.scala`, server `AbstractFetcherThread.scala`;
KIP-320; notes, Part 1 ch 02 §02 and §03.
"""

from dataclasses import replace

from kafkabook.base.errors import Errors
from kafkabook.replication.facts import NEVER_MS, UNKNOWN, FollowerFacts


def fence(requested_epoch: int, leader_epoch: int) -> Errors | None:
    """Refuse a request from another leader epoch than the leader's own (KIP-320)."""
    if requested_epoch < leader_epoch:
        return Errors.FENCED_LEADER_EPOCH
    return Errors.UNKNOWN_LEADER_EPOCH if requested_epoch > leader_epoch else None


def same_leader_epoch(requested_epoch: int, leader_epoch: int) -> bool:
    """Say whether a fetch tells the leader anything about the follower: only in its own epoch."""
    return requested_epoch == leader_epoch


def new_leader_epoch(follower: FollowerFacts, now_ms: int, is_member: bool) -> FollowerFacts:
    """Return what a new leader knows of a replica: nothing, but it gives a member time to come.

    Simplified: a leader that is elected again keeps what it knew of log ends in Kafka.
    Source: kafka, Replica.scala `resetReplicaState`.
    """
    caught_up_ms = now_ms if is_member else NEVER_MS
    return replace(follower, log_end=UNKNOWN, caught_up_ms=caught_up_ms, broker_epoch=UNKNOWN)


def accept_fetched(asked: tuple[int, int], now: tuple[int, int]) -> bool:
    """Say whether an answer still fits: `(offset, leader epoch)` when asked and as they are now."""
    return asked == now
