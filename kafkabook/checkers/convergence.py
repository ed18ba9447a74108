"""R22: after all is healed, every copy of a partition is the same."""

from kafkabook.base.trace import Entry
from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.partition_seen import PartitionSeen, parting_in
from kafkabook.checkers.replica import Replica
from kafkabook.cluster.events import Quiesced


class ReplicasConverge(ClusterChecker):
    """R22: at rest all live replicas hold the same batches, checksums included.

    This holds with unclean elections too: records may be lost, but not on one broker only.

    Source: kafka, UncleanLeaderElectionTest `logsShouldNotDivergeOnUncleanLeaderElections`.
    """

    name = "R22"
    promise = "after everything is healed and at rest, all live replicas are equal"
    scope = "a partition without a leader, and cleaned logs, which each broker cleans by itself"
    kinds = (Quiesced,)

    def observe(self, entry: Entry) -> None:
        """Compare each live replica with its leader, partition by partition."""
        for name in sorted(self.replicas.partitions):
            seen = self.replicas.partitions[name]
            leader = seen.leader
            if leader is None or seen.is_compacted or not self.replicas.is_alive(leader.broker):
                continue
            for follower in self._live_followers(seen, leader):
                self.saw += 1
                self._judge(entry, seen, leader, follower)

    def _live_followers(self, seen: PartitionSeen, leader: Replica) -> list[Replica]:
        assert seen.word is not None
        alive = (b for b in seen.word.replicas if self.replicas.is_alive(b))
        return [seen.replica(b) for b in alive if b != leader.broker]

    def _judge(self, entry: Entry, seen: PartitionSeen, leader: Replica, follower: Replica) -> None:
        at = parting_in(seen, follower, leader, max(leader.log_end, follower.log_end))
        if at is None and leader.log_end == follower.log_end:
            return
        parts = f"they part at {at}" if at is not None else "one is shorter"
        says = (
            f"{seen.name}: leader {leader.broker} ends at {leader.log_end}, {follower.broker}"
            f" at {follower.log_end}, and {parts}"
        )
        told = () if at is None else (leader.told_at(at), follower.told_at(at))
        self.report_once((seen.name, follower.broker), says, *told, entry)
