"""A partition on one broker, in whatever role the controller gives it.

Source: kafka, core `Partition.scala`; notes, Part 1 ch 01 §06.
"""

from collections.abc import Callable

from kafkabook.base.machine import Context
from kafkabook.protocol.control_api import ConfirmedIsr, ProposedIsr
from kafkabook.protocol.records_api import FetchedPartition, FetchPartition
from kafkabook.replication.events import BecameFollower
from kafkabook.replication.facts import UNKNOWN, PartitionState
from kafkabook.replication.follower import Follower
from kafkabook.replication.isr_state import Eligible, FollowerProgress, IsrState
from kafkabook.replication.leader import Leader
from kafkabook.replication.replica_log import ReplicaLog
from kafkabook.replication.rules import ReplicationRules

Submit = Callable[[ProposedIsr, Context], None]


class Partition:
    """One broker's replica of a partition: its log, and its role in the present leader epoch.

    Each verb tells the context what it changed; nobody has to settle, propose or complete
    afterwards.

    Args:
        replica_log: the log.
        rules: the decisions.
        is_eligible: whether a broker's incarnation may become an in-sync member.
        submit: takes a proposal of another ISR to the controller.
        replica_lag_time_max_ms: how long a member may lack something.

    Attributes:
        role: Leader, Follower, or None before the controller has spoken.

    Source: kafka, `Partition.scala` `makeLeader`, `makeFollower`, `updateFollowerFetchState`.
    """

    def __init__(
        self,
        replica_log: ReplicaLog,
        *,
        rules: ReplicationRules,
        is_eligible: Eligible,
        submit: Submit,
        replica_lag_time_max_ms: int,
    ) -> None:
        self.replica_log, self.rules = replica_log, rules
        self.role: Leader | Follower | None = None
        self.leader_epoch = UNKNOWN
        self._is_eligible, self._submit = is_eligible, submit
        self._lag_ms = replica_lag_time_max_ms
        self._known: dict[int, FollowerProgress] = {}

    @property
    def leader(self) -> Leader | None:
        """Its role as a leader; None if it has another."""
        return self.role if isinstance(self.role, Leader) else None

    @property
    def follower(self) -> Follower | None:
        """Its role as a follower; None if it has another."""
        return self.role if isinstance(self.role, Follower) else None

    def apply(self, state: PartitionState, context: Context, *, min_insync_replicas: int) -> None:
        """Take what the controller decided.

        An older leader epoch is ignored; the same one can only bring a leader another ISR,
        or another minimum. A lower minimum alone moves no high watermark: it is looked at with the
        next append, the next news of a follower, or the next ISR, as in Kafka.
        """
        if state.leader_epoch < self.leader_epoch:
            return
        if state.leader_epoch > self.leader_epoch or self.role is None:
            self.leader_epoch = state.leader_epoch
            if state.leader == self.replica_log.broker:
                self._lead(state, min_insync_replicas, context)
            else:
                self._follow(state, context)
            context.changed(self.replica_log.partition)
        elif self.leader is not None:
            # In this order: Kafka's replica manager takes a change before its settings are set, so
            # a high watermark that moves with the set moves by the minimum from before.
            self.leader.members.adopt(state, context)
            self.leader.members.min_insync_replicas = min_insync_replicas

    def fetch(
        self,
        leader: Leader,
        wanted: FetchPartition,
        context: Context,
        *,
        follower: int,
        broker_epoch: int,
        max_bytes: int,
    ) -> FetchedPartition:
        """Answer a follower's fetch, and learn from it what the follower has.

        First the follower may join the ISR, then the high watermark may move: what it has
        just proved counts for both.
        """
        answer, is_news = leader.fetch(
            wanted, context, follower=follower, broker_epoch=broker_epoch, max_bytes=max_bytes
        )
        # A fetch that was refused says nothing of the follower: what is known of it may be of an
        # incarnation that had more.
        if is_news is None:
            return answer
        # Kafka: `updateFollowerFetchState`, with `maybeExpandIsr` before `maybeIncrementLeaderHW`.
        # From the proposal on the joiner counts (the maximal ISR), so the mark cannot pass it.
        self._propose(leader.members.expand(follower, context), context)
        # The same offset as last time proves nothing new: the high watermark stays.
        if is_news:
            leader.members.settle(context)
        return answer

    def maybe_shrink_isr(self, context: Context) -> None:
        """Propose to drop the members that have not kept up, if this broker leads."""
        proposal = self.leader.members.expire(context) if self.leader is not None else None
        if self.leader is not None and proposal is not None:
            self._submit(proposal, context)
            self.leader.members.settle(context)  # moves nothing, unless a rule is wrong

    def isr_answered(self, asked: ProposedIsr, answer: ConfirmedIsr, context: Context) -> None:
        """Take the controller's answer to a proposal of this broker."""
        if self.leader is not None:
            self.leader.members.answered(asked, answer, context)

    def check(self) -> None:
        """Assert what always holds on one broker. Cost: constant."""
        log = self.replica_log.log
        assert log.log_start <= log.high_watermark <= log.log_end
        if self.leader is not None:
            assert self.replica_log.broker in self.leader.members.counted

    def _propose(self, proposal: ProposedIsr | None, context: Context) -> None:
        if proposal is not None:
            self._submit(proposal, context)

    def _lead(self, state: PartitionState, min_insync_replicas: int, context: Context) -> None:
        members = IsrState(
            self.replica_log,
            state,
            rules=self.rules,
            is_eligible=self._is_eligible,
            min_insync_replicas=min_insync_replicas,
            replica_lag_time_max_ms=self._lag_ms,
            known=self._known,
            context=context,
        )
        self._known = members.followers
        self.role = Leader(members, context, rules=self.rules)

    def _follow(self, state: PartitionState, context: Context) -> None:
        told = (
            self.replica_log.partition,
            self.replica_log.broker,
            state.leader,
            state.leader_epoch,
        )
        context.tell(BecameFollower(*told))
        self.role = Follower(self.replica_log, state, context, rules=self.rules)
