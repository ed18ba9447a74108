"""How each event of a replica changes what is known of its partition."""

from collections.abc import Callable

from kafkabook.base.trace import Entry, Event
from kafkabook.checkers.partition_seen import Acked, PartitionSeen, owed_end
from kafkabook.replication.events import (
    BatchStored,
    BatchTold,
    BecameFollower,
    BecameLeader,
    HighWatermarkMoved,
    IsrAdopted,
    IsrProposed,
    LogStartMoved,
    ProduceAnswered,
    ReplicaOpened,
    ReplicaTruncated,
)


def _open(seen: PartitionSeen, event: ReplicaOpened, entry: Entry) -> None:
    replica = seen.replica(event.broker)
    may_lose, is_first = not replica.is_known, replica.end is None
    batches, ends = event.batches, (event.log_start, event.log_end)
    has_lost = replica.reopen(batches, ends[1], entry, log_start=ends[0])
    if has_lost and (may_lose or replica.is_emptied):
        seen.lossy[event.broker] = entry
    known = event.high_watermark if is_first else replica.high_watermark
    replica.high_watermark = min(known, event.high_watermark, event.log_end)
    replica.hw_told = entry
    seen.settle(entry)


def _lead(seen: PartitionSeen, event: BecameLeader, entry: Entry) -> None:
    replica = seen.replica(event.broker)
    replica.is_leader, replica.leader_epoch = event.broker not in seen.outside, event.leader_epoch
    replica.is_open = True
    replica.isr = replica.counted = event.isr
    replica.high_watermark = seen.still_true(replica, event.high_watermark, event.leader_epoch)
    replica.role_told = replica.isr_told = replica.hw_told = entry
    seen.removed_below = max(seen.removed_below, replica.log_start)
    seen.settle(entry)
    _take_for_committed(seen, event, replica.high_watermark, entry)


def _follow(seen: PartitionSeen, event: BecameFollower, entry: Entry) -> None:
    replica = seen.replica(event.broker)
    replica.is_leader, replica.leader_epoch = False, event.leader_epoch
    replica.role_told = entry


def _propose(seen: PartitionSeen, event: IsrProposed, entry: Entry) -> None:
    replica = seen.replica(event.broker)
    replica.counted, replica.isr_told = event.counted, entry


def _adopt(seen: PartitionSeen, event: IsrAdopted, entry: Entry) -> None:
    replica = seen.replica(event.broker)
    replica.isr, replica.counted, replica.isr_told = event.isr, event.counted, entry


def _store(seen: PartitionSeen, event: BatchStored, entry: Entry) -> None:
    batch = BatchTold(event.base_offset, event.last_offset, event.epoch, event.crc)
    replica = seen.replica(event.broker)
    replica.store(batch, entry)
    if replica is seen.current_leader and event.base_offset < seen.removed_below:
        _write_below(seen, event.base_offset)


def _write_below(seen: PartitionSeen, offset: int) -> None:
    """Take note that a leader writes where records had been deleted: that is promised again.

    If all that was committed had been deleted, none of it comes back with that.
    """
    if not owed_end(seen):
        seen.true_hwm, seen.committed = 0, seen.root
    seen.removed_below = offset


def _truncate(seen: PartitionSeen, event: ReplicaTruncated, entry: Entry) -> None:
    seen.replica(event.broker).cut(event.to_offset, entry)


def _move_start(seen: PartitionSeen, event: LogStartMoved, _: Entry) -> None:
    replica = seen.replica(event.broker)
    replica.removed_below = event.to_offset
    replica.highest_start = max(replica.highest_start, event.to_offset)
    if replica.is_leader:  # a follower that deletes earlier takes nothing from the partition
        seen.removed_below = max(seen.removed_below, event.to_offset)


def _commit(seen: PartitionSeen, event: HighWatermarkMoved, entry: Entry) -> None:
    replica = seen.replica(event.broker)
    high_watermark = seen.still_true(replica, event.to_offset, event.leader_epoch)
    replica.high_watermark, replica.hw_told = high_watermark, entry
    if event.is_leader:
        _take_for_committed(seen, event, high_watermark, entry)


def _take_for_committed(
    seen: PartitionSeen,
    event: BecameLeader | HighWatermarkMoved,
    high_watermark: int,
    entry: Entry,
) -> None:
    """Take what a leader may tell clients for committed; behind a closed port it tells nobody."""
    if event.broker not in seen.outside and high_watermark > seen.true_hwm:
        seen.true_hwm, seen.committed_by = high_watermark, entry
        seen.bear(event.min_insync_replicas)  # the setting may have changed back since
        seen.committed = seen.replica(event.broker).upto(high_watermark)


def _acknowledge(seen: PartitionSeen, event: ProduceAnswered, entry: Entry) -> None:
    if event.acks != -1 or event.error or event.base_offset < 0:
        return
    if not seen.is_dropped(event.base_offset, event.leader_epoch):
        seen.acked.append(Acked(event.base_offset, event.last_offset, event.crc, entry))


REPLICA_STEPS: dict[type[Event], Callable[..., None]] = {
    ReplicaOpened: _open,
    BecameLeader: _lead,
    BecameFollower: _follow,
    IsrProposed: _propose,
    IsrAdopted: _adopt,
    BatchStored: _store,
    ReplicaTruncated: _truncate,
    LogStartMoved: _move_start,
    HighWatermarkMoved: _commit,
    ProduceAnswered: _acknowledge,
}
