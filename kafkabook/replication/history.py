"""The rules of replication as they once were, oldest first, each a value of the same parts.

Every set lost committed records in some schedule, and the next one closed that hole. The model
that found the last of them is public: hachikuji/kafka-specification.

Source: KIP-101, KIP-279, KIP-320, KIP-595, KIP-966; KAFKA-7128, KAFKA-7415.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from kafkabook.log.facts import EpochEntry
from kafkabook.replication.facts import UNDEFINED, EpochEnd, LeaderFacts, Reconcile
from kafkabook.replication.high_watermark import high_watermark
from kafkabook.replication.in_sync import in_sync
from kafkabook.replication.rules import ReplicationRules


def advance_below_min_isr(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> int:
    """Commit what all members have, however few they are: before 3.7 (KIP-966).

    A leader alone would commit by itself. `acks=all` was then refused after the append, though
    consumers could already read the record.
    """
    patient = replace(leader, min_insync_replicas=1)
    return high_watermark(patient, now_ms, replica_lag_time_max_ms)


def join_at_high_watermark(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> frozenset[int]:
    """Admit whoever has reached the leader's high watermark: before 2.1 (KAFKA-7128).

    A new leader's high watermark lags behind what was committed before it, and so may the joiner.
    """
    from_the_start = replace(leader, epoch_start_offset=0)
    return in_sync(from_the_start, now_ms, replica_lag_time_max_ms)


def never_refuse(requested_epoch: int, leader_epoch: int) -> None:
    """Answer whoever asks: before 2.1 (KIP-320) no request carried its sender's leader epoch."""


def any_leader_epoch(requested_epoch: int, leader_epoch: int) -> bool:  # noqa: ARG001
    """Count a fetch of any leader epoch: before 2.1 (KIP-320) no fetch named one."""
    return True


def start_of_next_epoch(epochs: Sequence[EpochEntry], log_end: int, epoch: int) -> EpochEnd:
    """Return where the first epoch above `epoch` began, as 0.11 to 1.1 answered (KIP-101).

    It names the asked epoch, whether or not the leader ever had it, and knows nothing of an epoch
    above all its own or below them. A leader epoch counts from its first record, so a new
    leader that has written nothing does not yet know its own (KAFKA-7415).

    Source: kafka 0.11, LeaderEpochFileCache.scala `endOffsetFor`.
    """
    written = [entry for entry in epochs if entry.start_offset < log_end]
    if not written or not written[0].epoch <= epoch <= written[-1].epoch:
        return UNDEFINED
    later = [entry.start_offset for entry in written if entry.epoch > epoch]
    return EpochEnd(epoch, later[0] if later else log_end)


def before_kip_101() -> ReplicationRules:
    """Return the rules up to 0.10.2: a new follower cuts its log to its own high watermark.

    That lags one fetch behind the leader's, so a follower cut committed records, and two logs that
    had parted above it stayed apart for good.
    """
    return replace(
        kip_101(),
        version=(0, 10),
        reconcile=Reconcile.HIGH_WATERMARK,
        end_of_epoch=ReplicationRules().end_of_epoch,
    )


def kip_101() -> ReplicationRules:
    """Return the rules of 0.11 to 1.1: a follower asks its leader where its last epoch ended.

    The answer names no epoch. After two quick elections neither log holds the other's last one:
    the follower falls back to its high watermark, or keeps what the leader never had.
    """
    return replace(kip_279(), version=(1, 1), end_of_epoch=start_of_next_epoch)


def kip_279() -> ReplicationRules:
    """Return the rules of 2.0: the answer names the epoch, and both logs walk back together.

    Nothing yet says in which leader epoch a request was sent: a leader may count a fetch from
    another one, and a follower may cut its log by what a leader of another one answered.
    """
    return replace(
        kip_320(),
        version=(2, 0),
        in_sync=join_at_high_watermark,
        fence_fetch=never_refuse,
        fence_lookup=never_refuse,
        counts_fetch=any_leader_epoch,
    )


def kip_320() -> ReplicationRules:
    """Return the rules of 2.1 to 2.6: every request names its leader epoch, and another is refused.

    Safe, as far as any search knows. The one question before the first fetch is still a request of
    its own (`OffsetsForLeaderEpoch`).

    Simplified: the leader of those days wrote a new ISR to ZooKeeper itself and stood still
    meanwhile. Ours asks the controller and goes on, so it counts both sets, as today's does.
    """
    return replace(before_3_7(), version=(2, 6), reconcile=Reconcile.ASK)


def before_3_7() -> ReplicationRules:
    """Return the rules of 2.7 to 3.6: a set below `min.insync.replicas` still commits."""
    return ReplicationRules(version=(3, 6), high_watermark=advance_below_min_isr)


HISTORY: Mapping[str, ReplicationRules] = MappingProxyType(
    {
        "before KIP-101": before_kip_101(),
        "KIP-101": kip_101(),
        "KIP-279": kip_279(),
        "KIP-320": kip_320(),
        "today": ReplicationRules(),
    }
)
