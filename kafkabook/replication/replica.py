"""A partition on one broker, in whatever role the controller gives it.

Source: kafka, core `Partition.scala` `makeLeader`, `makeFollower`; notes, Part 1 ch 01 §06.
"""

from kafkabook.replication.events import BecameFollower
from kafkabook.replication.facts import UNKNOWN, PartitionState
from kafkabook.replication.following import Following
from kafkabook.replication.leading import Leading
from kafkabook.replication.membership import Eligible, Membership, Progress
from kafkabook.replication.rules import ReplicationRules
from kafkabook.replication.stored import StoredReplica


class Replica:
    """One broker's replica: its log, and its role in the present term.

    Args:
        stored: the log.
        rules: the decisions.
        is_eligible: whether a broker's life may become an in-sync member.
        replica_lag_time_max_ms: how long a member may lack something.

    Attributes:
        role: Leading, Following, or None before the controller has spoken.

    Source: kafka, `Partition.scala`.
    """

    def __init__(
        self,
        stored: StoredReplica,
        *,
        rules: ReplicationRules,
        is_eligible: Eligible,
        replica_lag_time_max_ms: int,
    ) -> None:
        self.stored, self.rules = stored, rules
        self.role: Leading | Following | None = None
        self.leader_epoch = UNKNOWN
        self._is_eligible, self._lag_ms = is_eligible, replica_lag_time_max_ms
        self._known: dict[int, Progress] = {}

    @property
    def leading(self) -> Leading | None:
        """Its role as a leader; None if it has another."""
        return self.role if isinstance(self.role, Leading) else None

    @property
    def following(self) -> Following | None:
        """Its role as a follower; None if it has another."""
        return self.role if isinstance(self.role, Following) else None

    def apply(self, state: PartitionState, *, min_insync_replicas: int, now_ms: int) -> bool:
        """Take the controller's word; say whether the role is another one now.

        An older term is ignored; the same term can only bring a leader another in-sync set.
        """
        self.stored.now_ms = now_ms
        if state.leader_epoch < self.leader_epoch:
            return False
        if state.leader_epoch == self.leader_epoch and self.role is not None:
            if self.leading is not None:
                self.leading.members.min_insync_replicas = min_insync_replicas
                self.leading.members.adopt(state)
            return False
        self.leader_epoch = state.leader_epoch
        if state.leader == self.stored.broker:
            self._lead(state, min_insync_replicas)
        else:
            self._follow(state)
        return True

    def _lead(self, state: PartitionState, min_insync_replicas: int) -> None:
        members = Membership(
            self.stored,
            state,
            rules=self.rules,
            is_eligible=self._is_eligible,
            min_insync_replicas=min_insync_replicas,
            replica_lag_time_max_ms=self._lag_ms,
            known=self._known,
        )
        self._known = members.followers
        self.role = Leading(members, rules=self.rules)

    def _follow(self, state: PartitionState) -> None:
        told = (self.stored.partition, self.stored.broker, state.leader, state.leader_epoch)
        self.stored.tell(BecameFollower(*told))
        self.role = Following(self.stored, state, rules=self.rules)

    def check(self) -> None:
        """Assert what always holds on one broker. Cost: constant."""
        log = self.stored.log
        assert log.log_start <= log.high_watermark <= log.log_end
        if self.leading is not None:
            assert self.stored.broker in self.leading.members.counted
