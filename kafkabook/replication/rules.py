"""Which decisions a replica is made of, gathered in one frozen dataclass of parts.

The defaults are today's Kafka (4.x), each from the file that its question names. History and seeded
bugs are other functions in the same places (`history`, `variants`); so is what a reader writes.

Source: kafka, core `Partition.scala`, `Replica.scala`, server `AbstractFetcherThread.scala`,
storage `LeaderEpochFileCache.java`; notes, Part 1 ch 01 §06 and §07, ch 02 §02 and §03.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kafkabook.base.errors import Errors
from kafkabook.log.facts import EpochEntry
from kafkabook.replication.acks import acknowledge
from kafkabook.replication.facts import (
    Ack,
    AckFacts,
    EpochEnd,
    FollowerFacts,
    FollowerLog,
    LeaderFacts,
    Reconcile,
    Truncation,
)
from kafkabook.replication.fencing import accept_fetched, fence, new_leader_epoch, same_leader_epoch
from kafkabook.replication.high_watermark import high_watermark
from kafkabook.replication.in_sync import counted_members, in_sync
from kafkabook.replication.truncation import end_of_epoch, truncate


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationRules:
    """The parts of replication; the defaults are today's Kafka.

    Attributes: what is committed (`high_watermark`, `in_sync`, `counted_members`, `acknowledge`);
    whose requests count (`fence_fetch`, `fence_lookup`, `counts_fetch`, `new_leader_epoch`,
    `accept_fetched`); where two logs part (`reconcile`, `end_of_epoch`, `truncate`). `version` is
    the Kafka whose parts these are, for a promise that began later is not asked of them.
    """

    version: tuple[int, int] = (4, 3)

    high_watermark: Callable[[LeaderFacts, int, int], int] = high_watermark
    in_sync: Callable[[LeaderFacts, int, int], frozenset[int]] = in_sync
    counted_members: Callable[[frozenset[int], frozenset[int]], frozenset[int]] = counted_members
    acknowledge: Callable[[AckFacts], Ack] = acknowledge
    fence_fetch: Callable[[int, int], Errors | None] = fence
    fence_lookup: Callable[[int, int], Errors | None] = fence
    counts_fetch: Callable[[int, int], bool] = same_leader_epoch
    new_leader_epoch: Callable[[FollowerFacts, int, bool], FollowerFacts] = new_leader_epoch
    accept_fetched: Callable[[tuple[int, int], tuple[int, int]], bool] = accept_fetched
    reconcile: Reconcile = Reconcile.FETCH
    end_of_epoch: Callable[[Sequence[EpochEntry], int, int], EpochEnd] = end_of_epoch
    truncate: Callable[[FollowerLog, EpochEnd], Truncation] = truncate
