"""R4, R5 and R9: what the members of the ISR must hold."""

from typing import ClassVar

from kafkabook.base.trace import Entry
from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.partition_seen import PartitionSeen, owed_end, parting_in
from kafkabook.checkers.replica import Replica
from kafkabook.cluster.events import BrokerUnfenced, PartitionChanged
from kafkabook.replication.events import (
    BecameLeader,
    HighWatermarkMoved,
    IsrAdopted,
    ReplicaOpened,
    ReplicaTruncated,
)


class _MembersHoldTheSame(ClusterChecker):
    """Compares leaders with members of an ISR: the controller's, or the leader's own."""

    asks_the_controller: ClassVar[bool] = True

    def observe(self, entry: Entry) -> None:
        """Compare when a leader claims more, when a member may have less, when the set changes."""
        seen, event = self.replicas.partition, entry.event
        if isinstance(event, BrokerUnfenced):
            for partition in self.replicas.partitions.values():
                if event.broker in partition.lossy:
                    self._compare(partition, partition.presumed_leaders, entry)
        elif seen is None:
            return
        elif isinstance(event, HighWatermarkMoved | BecameLeader | IsrAdopted):
            if not isinstance(event, HighWatermarkMoved) or event.is_leader:
                # behind a closed port nobody leads: a mark from its disk is told to no client
                told_by = [r for r in seen.presumed_leaders if r.broker == event.broker]
                self._compare(seen, told_by, entry)
        else:
            self._compare(seen, seen.presumed_leaders, entry)

    def _compare(self, seen: PartitionSeen, leaders: list[Replica], entry: Entry) -> None:
        if seen.is_excused:
            return
        for leader in leaders:
            members, told = self._members(seen, leader)
            for broker in sorted(members - {leader.broker}):
                member = seen.replica(broker)
                if self._counts(seen, member):
                    self._judge(seen, leader, member, told, entry)

    def _members(self, seen: PartitionSeen, leader: Replica) -> tuple[frozenset[int], Entry | None]:
        if not self.asks_the_controller:
            return leader.isr, leader.isr_told
        return (seen.word.isr if seen.word is not None else frozenset()), seen.changed

    def _counts(self, seen: PartitionSeen, member: Replica) -> bool:
        """Say whether a member's log is known, and is not one that the controller will refuse."""
        has_lost = member.broker in seen.lossy
        return member.is_known and not (has_lost and not self.replicas.is_running(member.broker))

    def _judge(
        self,
        seen: PartitionSeen,
        leader: Replica,
        member: Replica,
        set_told: Entry | None,
        entry: Entry,
    ) -> None:
        self.saw += 1
        parting = parting_in(seen, member, leader, leader.high_watermark)
        if parting is None:
            return
        says = (
            f"broker {leader.broker} leads {seen.name} in epoch {leader.leader_epoch} with"
            f" high watermark {leader.high_watermark}, but the log of member {member.broker}"
            f" differs from offset {parting} on"
        )
        told = (member.told_at(parting), leader.told_at(parting), leader.hw_told, set_told)
        self.report_once((seen.name, leader.broker, member.broker), says, *told, entry)


class WeakIsr(_MembersHoldTheSame):
    """R4: what a leader takes for committed is in the log of each member that it knows of.

    Diagnostic only: a stale leader's own set may name a broker that has gone on under another
    leader, and that is nobody's loss.

    Source: hachikuji's TLA+ (WeakIsr).
    """

    name = "R4"
    promise = "below a leader's high watermark the members of its own ISR hold the same"
    scope = "a stale leader may be alone with its opinion; unclean election"
    kinds = (HighWatermarkMoved, BecameLeader, IsrAdopted, ReplicaTruncated, ReplicaOpened)
    is_diagnostic = True
    asks_the_controller = False


class StrongIsr(_MembersHoldTheSame):
    """R5: what any leader takes for committed is in the log of each member the controller counts.

    Also what a stale leader takes for committed: it may be told to a consumer. The strongest early
    sign: whoever of these members leads next, nothing that was committed may be missing.

    Source: hachikuji's TLA+ (StrongIsr, a theorem of Kip320).
    """

    name = "R5"
    promise = "below any leader's high watermark the controller's in-sync members hold the same"
    scope = "unclean election, or min.insync.replicas losses: what these dropped"
    kinds = (
        HighWatermarkMoved,
        BecameLeader,
        PartitionChanged,
        ReplicaTruncated,
        ReplicaOpened,
        BrokerUnfenced,
    )


class LeaderCandidateCompleteness(ClusterChecker):
    """R9: whoever may be elected cleanly has everything that was committed.

    Asked of members of the ISR and of the eligible leader replicas (KIP-966), as soon as
    they are alive and, as this incarnation, registered and unfenced. The leader is R8's.

    Kafka keeps this only while every leader knows the minimum that the controller counts with. A
    leader that proposed a smaller set may learn that it has it before it learns that
    `min.insync.replicas` was raised; it then commits alone, while the controller already takes for
    eligible whoever left.

    Source: Vanlightly's TLA+ of Kafka 3.5 and of KIP-966 (LeaderCandidateCompleteness).
    """

    name = "R9"
    promise = "a running broker that may be elected holds everything that was committed"
    scope = "unclean election; min.insync.replicas just raised, or as many members lost records"
    kinds = (PartitionChanged, HighWatermarkMoved, ReplicaTruncated, BrokerUnfenced)

    def observe(self, entry: Entry) -> None:
        """Look at a candidate when the sets change, when more is committed, when it has less."""
        seen, event = self.replicas.partition, entry.event
        if isinstance(event, BrokerUnfenced):
            for partition in self.replicas.partitions.values():
                self._judge(partition, {event.broker}, entry)
        elif isinstance(event, ReplicaTruncated) and seen is not None:
            self._judge(seen, {event.broker}, entry)
        elif seen is not None and not (
            isinstance(event, HighWatermarkMoved) and not event.is_leader
        ):
            self._judge(seen, None, entry)

    def _judge(self, seen: PartitionSeen, only: set[int] | None, entry: Entry) -> None:
        word = seen.word
        if word is None or seen.is_excused:
            return
        candidates = (word.isr | word.elr) - {word.leader}
        for broker in sorted(candidates if only is None else candidates & only):
            replica = seen.replica(broker)
            if not self.replicas.is_running(broker) or not replica.is_known:
                continue
            self.saw += 1
            if replica.log_end < owed_end(seen):
                self._accuse(seen, replica, entry)

    def _accuse(self, seen: PartitionSeen, replica: Replica, entry: Entry) -> None:
        says = (
            f"broker {replica.broker} may be elected for {seen.name}, but its log ends at"
            f" {replica.log_end} and everything below {owed_end(seen)} was committed"
        )
        told = (seen.committed_by, replica.cut_told, seen.changed)
        self.report_once((seen.name, replica.broker), says, *told, entry)
