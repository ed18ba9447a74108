"""Replication that is wrong in one place: each bug a part, and the checker that must catch it.

The checkers are R5 to R20 (see `kafkabook.checkers`), named before the bug was ever run. Bugs of
the controller and of registration live with its rules.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from kafkabook.base.seeded_bug import SeededBug, seeded_bug
from kafkabook.replication.acks import acknowledge
from kafkabook.replication.facts import Ack, AckFacts, FollowerFacts, LeaderFacts, Reconcile
from kafkabook.replication.high_watermark import high_watermark
from kafkabook.replication.history import (
    advance_below_min_isr,
    any_leader_epoch,
    join_at_high_watermark,
    never_refuse,
    start_of_next_epoch,
)
from kafkabook.replication.in_sync import in_sync
from kafkabook.replication.rules import ReplicationRules


def join_at_epoch_start(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> frozenset[int]:
    """M7: a joiner needs what older epochs wrote, not what this one has committed. Caught by R9."""
    return in_sync(replace(leader, high_watermark=0), now_ms, replica_lag_time_max_ms)


def confirmed_members(isr: frozenset[int], proposed: frozenset[int]) -> frozenset[int]:  # noqa: ARG001
    """M8: a member that the controller may have admitted already is not waited for (R10)."""
    return isr


def proposed_members(isr: frozenset[int], proposed: frozenset[int]) -> frozenset[int]:  # noqa: ARG001
    """A member that the controller may still elect is not waited for any more (R10)."""
    return proposed


def accept_any_answer(asked: tuple[int, int], now: tuple[int, int]) -> bool:  # noqa: ARG001
    """M11: records are appended though the log has moved since they were asked for (R7)."""
    return True


def remember_older_epochs(follower: FollowerFacts, now_ms: int, is_member: bool) -> FollowerFacts:  # noqa: ARG001
    """M13: a leader believes what it heard in an earlier epoch of its own. Caught by R9."""
    return follower


def acknowledge_at_append(facts: AckFacts) -> Ack:
    """M14: `acks=all` is answered as soon as the leader has the record. Caught by R8."""
    return acknowledge(facts) if facts.next_offset is None else Ack.ACKNOWLEDGE


def check_members_only_before(facts: AckFacts) -> Ack:
    """M15: once appended, nobody asks again how many members there are. Caught by R19."""
    if facts.next_offset is None:
        return acknowledge(facts)
    return acknowledge(replace(facts, min_insync_replicas=0))


def commit_the_next_record_too(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> int:
    """M18: when all have everything, one record that does not exist is committed (R13)."""
    committed = high_watermark(leader, now_ms, replica_lag_time_max_ms)
    return committed + 1 if committed == leader.log_end else committed


BUGS: Mapping[str, SeededBug[ReplicationRules]] = MappingProxyType(
    {
        "M1": seeded_bug(
            "a new follower cuts its log to its own high watermark",
            "R5",
            reconcile=Reconcile.HIGH_WATERMARK,
        ),
        "M2": seeded_bug(
            "a leader that does not know an epoch says nothing, and the follower falls back to its "
            "high watermark",
            "R5",
            reconcile=Reconcile.ASK,
            end_of_epoch=start_of_next_epoch,
        ),
        "M3": seeded_bug(
            "a fetch from another leader epoch is served", "R16", fence_fetch=never_refuse
        ),
        "M4": seeded_bug(
            "a fetch from another leader epoch moves the high watermark, though it is refused",
            "R5",
            counts_fetch=any_leader_epoch,
        ),
        "M5": seeded_bug(
            "a follower cuts its log by the answer of a leader of another epoch",
            "R5",
            fence_lookup=never_refuse,
        ),
        "M6": seeded_bug(
            "a follower joins without all that was written before its leader's epoch",
            "R9",
            in_sync=join_at_high_watermark,
        ),
        "M7": seeded_bug(
            "a follower joins without all that its leader has committed",
            "R9",
            in_sync=join_at_epoch_start,
        ),
        "M8": seeded_bug(
            "a joining member is not waited for until the controller's answer is here",
            "R10",
            counted_members=confirmed_members,
        ),
        "M8 proposed only": seeded_bug(
            "a leader that has asked the controller no longer waits for the leaving member",
            "R10",
            counted_members=proposed_members,
        ),
        "M11": seeded_bug(
            "an answer is appended although the follower's log has moved since it asked",
            "R7",
            accept_fetched=accept_any_answer,
        ),
        "M13": seeded_bug(
            "a leader keeps what it knew of its followers in an older epoch",
            "R9",
            new_leader_epoch=remember_older_epochs,
        ),
        "M14": seeded_bug(
            "acks=all is acknowledged at the append", "R8", acknowledge=acknowledge_at_append
        ),
        "M15": seeded_bug(
            "min.insync.replicas is asked for only before the append; one member alone commits",
            "R19",
            acknowledge=check_members_only_before,
            high_watermark=advance_below_min_isr,
        ),
        "M18": seeded_bug(
            "the high watermark passes the log end",
            "R13",
            high_watermark=commit_the_next_record_too,
        ),
        "KIP-320 first try": seeded_bug(
            "a fetch names its last record's epoch and not its sender's leader epoch: logs agree "
            "when they are compared, and part again when the sender learns of older epochs",
            "R5",
            fence_fetch=never_refuse,
            fence_lookup=never_refuse,
            counts_fetch=any_leader_epoch,
        ),
    }
)
