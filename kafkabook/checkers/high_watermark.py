"""R13, R14 and R15: what a high watermark promises, and what a follower may hold."""

from kafkabook.base.trace import Entry
from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.partition_seen import PartitionSeen, parting_in
from kafkabook.checkers.replica import Replica
from kafkabook.checkers.replicas import Replicas
from kafkabook.cluster.events import RecordRead
from kafkabook.replication.events import (
    BatchStored,
    BecameLeader,
    HighWatermarkMoved,
    ReplicaOpened,
    ReplicaTruncated,
)

Where = tuple[str, int]  # partition, broker


class HwNeverPassesLeo(ClusterChecker):
    """R13: a high watermark lies inside its log; in one leader epoch it never goes back.

    What a follower calls its high watermark may go back: nobody acts on it. A read is held against
    the highest that its broker ever told, for the answer may arrive long after it was given.
    """

    name = "R13"
    promise = (
        "high watermark ≤ log end, never back within a leader epoch, and nobody reads above it"
    )
    scope = "the local high watermark of a follower or of a leader that has just begun"
    kinds = (ReplicaOpened, BecameLeader, HighWatermarkMoved, RecordRead)

    def __init__(self, replicas: Replicas) -> None:
        super().__init__(replicas)
        self._led: dict[Where, tuple[int, int, Entry]] = {}  # leader epoch, offset, told by
        self._highest: dict[Where, int] = {}

    def observe(self, entry: Entry) -> None:
        """Follow every high watermark; judge each move and each read."""
        match entry.event:
            case HighWatermarkMoved() as event:
                self._move(entry, event)
            case RecordRead() as event:
                self._judge_read(entry, event)
            case BecameLeader(partition=partition, broker=broker, high_watermark=offset) as event:
                self._raise((partition, broker), offset)
                self._led[partition, broker] = event.leader_epoch, offset, entry
            case ReplicaOpened(partition=partition, broker=broker, high_watermark=offset):
                self._raise((partition, broker), offset)
                self._led.pop((partition, broker), None)

    def _move(self, entry: Entry, event: HighWatermarkMoved) -> None:
        self.saw += 1
        where, offset = (event.partition, event.broker), event.to_offset
        if offset > event.log_end:
            says = (
                f"high watermark {offset} of {_named(where)} is above its log end {event.log_end}"
            )
            self.report_once((*where, "above"), says, entry)
        if event.is_leader:
            self._judge_leader(entry, event, where)
        self._raise(where, offset)

    def _judge_leader(self, entry: Entry, event: HighWatermarkMoved, where: Where) -> None:
        epoch, highest, told_by = self._led.get(where, (-1, 0, entry))
        if epoch == event.leader_epoch and event.to_offset < highest:
            says = (
                f"high watermark of {_named(where)} went back from {highest} to"
                f" {event.to_offset} in leader epoch {epoch}"
            )
            self.report_once((*where, epoch), says, told_by, entry)
            return
        self._led[where] = event.leader_epoch, event.to_offset, entry

    def _judge_read(self, entry: Entry, event: RecordRead) -> None:
        self.saw += 1
        where = event.partition, event.broker
        highest = self._highest.get(where, 0)
        if event.offset >= highest:
            says = f"offset {event.offset} was read, but {_named(where)} had committed {highest}"
            self.report_once((*where, "read"), says, entry)

    def _raise(self, where: Where, offset: int) -> None:
        self._highest[where] = max(offset, self._highest.get(where, offset))


class NoTruncateBelowTrueHw(ClusterChecker):
    """R14: a member of the ISR never cuts away what has been committed.

    What was deleted may go. A broker that forgets in a crash how far its log start had moved still
    has such records, and cuts them if no epoch of them is known any more.
    """

    name = "R14"
    promise = "a member of the ISR whose disk is whole cuts off nothing that was committed"
    scope = "unclean elections, more lost disks than min.insync.replicas survives, deleted records"
    kinds = (ReplicaTruncated,)

    def observe(self, entry: Entry) -> None:
        """Judge a cut by what was committed, and by whom the controller counts."""
        event, seen = entry.event, self.replicas.partition
        assert isinstance(event, ReplicaTruncated)
        if event.to_offset > event.from_offset:
            return  # it had nothing there, and begins where its leader's log does
        if seen is None or seen.is_excused or not _is_clean_member(seen, event.broker):
            return
        self.saw += 1
        lowest = max(event.to_offset, seen.removed_below)  # of what is cut and was not deleted
        if lowest < min(event.from_offset, seen.true_hwm):
            says = (
                f"{event.partition}: {event.broker}, in sync, cut its log from"
                f" {event.from_offset} to {event.to_offset}, but all below {seen.true_hwm}"
                f" was committed ({event.reason})"
            )
            evidence = (seen.changed, seen.committed_by, entry)
            self.report_once((event.partition, event.broker), says, *evidence)


def _is_clean_member(seen: PartitionSeen, broker: int) -> bool:
    return seen.word is not None and broker in seen.word.isr and broker not in seen.lossy


class FollowerPrefix(ClusterChecker):
    """R15: what a follower stores in a leader epoch follows what it has, as in its leader's log."""

    name = "R15"
    promise = "once a follower has fetched in an epoch, its log is a prefix of its leader's"
    scope = "before KIP-101 a follower could not know; cleaned logs differ below the cleaner"
    kinds = (BatchStored,)

    def observe(self, entry: Entry) -> None:
        """Compare a follower that has just stored a batch with the leader of its leader epoch."""
        event, seen = entry.event, self.replicas.partition
        assert isinstance(event, BatchStored)
        if event.is_leader or seen is None or seen.is_compacted:
            return
        leader = _leader_in(seen, event.leader_epoch)
        if leader is not None and leader.broker != event.broker:
            self.saw += 1
            self._judge(entry, event, seen.replica(event.broker), leader)

    def _judge(self, entry: Entry, event: BatchStored, follower: Replica, leader: Replica) -> None:
        seen = self.replicas.partition
        assert seen is not None
        at = parting_in(seen, follower, leader, follower.log_end)
        if at is None:
            return
        says = (
            f"{event.partition}: {event.broker} stored offset {event.base_offset} in leader epoch"
            f" {event.leader_epoch}, but its log leaves that of leader {leader.broker} at {at}"
        )
        culprit = (event.partition, event.broker, event.leader_epoch)
        self.report_once(culprit, says, leader.told_at(at), follower.told_at(at), entry)


def _leader_in(seen: PartitionSeen, leader_epoch: int) -> Replica | None:
    for replica in seen.replicas.values():
        if replica.is_leader and replica.leader_epoch == leader_epoch:
            return replica
    return None


def _named(where: Where) -> str:
    return f"{where[0]} on broker {where[1]}"
