"""One partition as its trace tells it: its replicas, what was promised, and what may be gone."""

from collections.abc import Container
from dataclasses import dataclass, field

from kafkabook.base.trace import Entry
from kafkabook.checkers.replica import Replica, Stretch, nothing
from kafkabook.cluster.events import PartitionChanged


@dataclass(frozen=True, slots=True)
class Acked:
    """Records whose producer was told, after acks=all, that they are safe."""

    base_offset: int
    last_offset: int
    crc: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class AllowedLoss:
    """A loss that no rule forbids: of epochs before `leader_epoch`, everything from `cut` on."""

    leader_epoch: int
    cut: int
    entry: Entry


@dataclass(slots=True, eq=False)
class PartitionSeen:
    """A partition: its replicas, the controller's last word on it, and what has been committed.

    Attributes: `word` (that last word) and `changed` (its entry), `true_hwm` (the highest offset
    that a leader ever told as committed) with `committed` (the log below it) and `committed_by`,
    `acked` (acks=all only), `drops` (what unclean elections and excessive losses took), `lossy`
    (brokers that lost records and have not come back into the ISR with everything),
    `tolerance` (losses at which the promise ends: the smallest min.insync.replicas so far),
    `outside` (brokers whose present incarnation the controller has not registered: they follow the
    metadata, and nobody can reach them, so that none of them leads anybody), `removed_below` (where
    a leader's log started at the latest: what retention or an administrator deleted is promised to
    nobody, although a broker that forgets its log start in a crash has it again).
    """

    name: str
    outside: Container[int] = ()
    root: Stretch = field(default_factory=nothing)
    replicas: dict[int, Replica] = field(default_factory=dict)
    word: PartitionChanged | None = None
    changed: Entry | None = None
    true_hwm: int = 0
    committed: Stretch = field(init=False)
    committed_by: Entry | None = None
    acked: list[Acked] = field(default_factory=list)
    drops: list[AllowedLoss] = field(default_factory=list)
    lossy: dict[int, Entry] = field(default_factory=dict)
    tolerance: int | None = None
    is_compacted: bool = False
    removed_below: int = 0
    is_unsettled: bool = False  # an unclean election whose winner's log is not known yet

    def __post_init__(self) -> None:
        self.committed = self.root

    def replica(self, broker: int) -> Replica:
        """Return a broker's replica, empty if it never told anything."""
        found = self.replicas.get(broker)
        if found is None:
            found = self.replicas[broker] = Replica(broker, self.root)
            found.is_compacted = self.is_compacted
        return found

    def compact(self) -> None:
        """Compare logs by their ends from now on: each broker cleans its own by itself."""
        self.is_compacted = True
        for replica in self.replicas.values():
            replica.is_compacted = True

    @property
    def leader(self) -> Replica | None:
        """Return the replica that the controller calls the leader, whatever it knows of that."""
        if self.word is None or self.word.leader is None:
            return None
        return self.replica(self.word.leader)

    @property
    def current_leader(self) -> Replica | None:
        """Return that replica if it knows that it leads, in the controller's own leader epoch."""
        leader, word = self.leader, self.word
        if leader is None or word is None or not leader.is_leader:
            return None
        return leader if leader.leader_epoch == word.leader_epoch else None

    @property
    def presumed_leaders(self) -> list[Replica]:
        """Return who takes itself for the leader, stale ones included, by broker."""
        return [self.replicas[b] for b in sorted(self.replicas) if self.replicas[b].is_leader]

    @property
    def is_excused(self) -> bool:
        """Say whether more has been lost than acks=all promises to survive.

        Without eligible leader replicas the last member stays in the set, whatever its machine
        lost: then its loss alone is enough (the last replica standing, KIP-966).
        """
        if not self.lossy or self.is_unsettled:
            return self.is_unsettled
        if len(self.lossy) >= (self.tolerance or 1):
            return True
        word = self.word
        return word is not None and not word.is_elr_enabled and self.lossy.keys() >= word.isr

    def still_true(self, replica: Replica, high_watermark: int, leader_epoch: int) -> int:
        """Return how much of a high watermark of some leader epoch later losses have left."""
        if leader_epoch < replica.parted_in:
            high_watermark = min(high_watermark, replica.parted_at)
        for drop in self.drops:
            if leader_epoch < drop.leader_epoch:
                high_watermark = min(high_watermark, drop.cut)
        return high_watermark

    def is_dropped(self, offset: int, epoch: int) -> bool:
        """Say whether a record of some epoch may rightly be gone, or be another one by now."""
        return any(epoch < drop.leader_epoch and offset >= drop.cut for drop in self.drops)

    def hear(self, word: PartitionChanged, entry: Entry) -> None:
        """Take the controller's new word."""
        is_new_epoch = self.word is None or self.word.leader_epoch != word.leader_epoch
        self.word, self.changed = word, entry
        self.bear(min(word.min_insync_replicas, len(word.replicas)))
        self.is_unsettled |= word.is_unclean and is_new_epoch

    def bear(self, losses: int) -> None:
        """Lower the tolerance: something was promised or committed that this many losses undo."""
        self.tolerance = losses if self.tolerance is None else min(self.tolerance, losses)

    def lacks(self, replica: Replica, acked: Acked) -> bool:
        """Say whether a replica should hold these very records and does not.

        Retention may have removed them from the front, and compaction from the middle.
        """
        if acked.base_offset < max(replica.own_start, self.removed_below):
            return False
        if self.is_compacted:
            return acked.last_offset >= replica.log_end
        batch = replica.batch_at(acked.base_offset)
        return batch is None or (batch.base_offset, batch.crc) != (acked.base_offset, acked.crc)

    def settle(self, entry: Entry) -> None:
        """Give up what an unclean election, or a loss beyond the promise, took away."""
        leader = self.leader
        if leader is None or not leader.is_known or not leader.is_open or not self.is_excused:
            return  # what a dead leader's disk lost is settled with whoever leads next
        if leader.broker in self.outside:
            return
        if self.is_unsettled or not leader.holds(self.committed):
            self._drop(leader, entry)

    def _drop(self, leader: Replica, entry: Entry) -> None:
        assert self.word is not None
        kept, epoch = self.committed, self.word.leader_epoch
        if self.is_compacted:  # where two cleaned logs part nobody can tell
            kept, self.acked = self.root, []
        while kept.before is not None and not leader.holds(kept):
            kept = kept.before
        cut = kept.end  # what a stale leader takes for committed beyond this was never promised
        self.committed, self.true_hwm = kept, min(self.true_hwm, cut)
        self.removed_below = min(self.removed_below, cut)
        self.drops.append(AllowedLoss(epoch, cut, entry))
        self.acked = [acked for acked in self.acked if not self.lacks(leader, acked)]
        for replica in self.replicas.values():
            _give_up(replica, leader, epoch)
            replica.high_watermark = min(replica.high_watermark, cut)
        self.lossy = {b: e for b, e in self.lossy.items() if not self.replica(b).holds(kept)}
        self.is_unsettled = False


def _give_up(replica: Replica, leader: Replica, leader_epoch: int) -> None:
    """Give up what a replica took for committed and a leader who took it away does not hold."""
    at = replica.parting(leader, replica.high_watermark)
    if at is not None:
        replica.parted_in, replica.parted_at = leader_epoch, at
        replica.high_watermark = at


def owed_end(seen: PartitionSeen) -> int:
    """Return the end of what is committed and was not deleted; 0 if all of it was deleted."""
    return seen.true_hwm if seen.true_hwm > seen.removed_below else 0


def parting_in(seen: PartitionSeen, one: Replica, other: Replica, below: int) -> int | None:
    """Return the first offset under `below` where two logs differ; None if they are equal.

    Nothing is compared below where the leader's log starts. A follower may have other records
    there, from before an unclean election: its leader knows of no epoch that far back. It takes
    over that start in the same moment as the high watermark, but after it. Nor is anything that was
    deleted: a leader that forgot its log start in a crash has such records again, but not their
    epochs, and cannot tell a follower where their logs part.

    Source: kafka, ReplicaFetcherThread.scala `processPartitionData`; LogLoader.scala `load`.
    """
    start = 0 if seen.leader is None else seen.leader.log_start
    return one.parting(other, below, start=max(start, seen.removed_below))
