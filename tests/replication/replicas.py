"""Leader and followers without a cluster: messages are function calls, time is an argument."""

from collections.abc import Sequence
from dataclasses import replace

from kafkabook.base.trace import Trace
from kafkabook.log.partition_log import PartitionLog
from kafkabook.protocol.records_api import EpochLookup, FetchedPartition, FetchPartition
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.facts import PartitionState
from kafkabook.replication.replica import Replica
from kafkabook.replication.rules import ReplicationRules
from kafkabook.replication.stored import StoredReplica

LAG_MS = 1_000


class SomeReplicas:
    """Replicas 1, 2, 3 of orders-0, each over a log of its own; the controller is the test."""

    def __init__(
        self,
        rules: ReplicationRules = ReplicationRules(),  # noqa: B008 - frozen
        *,
        isr: Sequence[int] = (1, 2, 3),
        min_insync_replicas: int = 1,
    ) -> None:
        self.trace, self.now_ms, self.least = Trace(), 0, min_insync_replicas
        self.fenced: set[int] = set()
        self.state = PartitionState((1, 2, 3), frozenset(isr), None, leader_epoch=-1)
        self.replicas = {broker: self._made(broker, rules) for broker in (1, 2, 3)}

    def _made(self, broker: int, rules: ReplicationRules) -> Replica:
        stored = StoredReplica(broker, PartitionLog("orders-0"), trace=self.trace, now_ms=0)
        return Replica(
            stored,
            rules=rules,
            is_eligible=lambda follower, epoch: follower not in self.fenced,
            replica_lag_time_max_ms=LAG_MS,
        )

    def elect(self, leader: int, *, told: Sequence[int] = (1, 2, 3), **changes: object) -> None:
        """Begin a term, and tell those that are to know."""
        self.state = replace(
            self.state,
            leader=leader,
            leader_epoch=self.state.leader_epoch + 1,
            partition_epoch=self.state.partition_epoch + 1,
            **changes,
        )
        for broker in told:
            self.tell(broker)

    def tell(self, broker: int) -> bool:
        """Let one replica hear the controller's word."""
        return self.replicas[broker].apply(
            self.state, min_insync_replicas=self.least, now_ms=self.now_ms
        )

    def append(self, leader: int, *values: str) -> None:
        """Let a leader append one batch for each value."""
        role = self.replicas[leader].leading
        assert role is not None
        for value in values:
            role.append(RecordBatch.of([Record(value=value.encode(), timestamp_ms=self.now_ms)]))

    def fetch(self, follower: int, leader: int) -> FetchedPartition | None:
        """Let a follower ask once, and take the answer; None if it asked nothing."""
        wish = self.wish(follower)
        return None if wish is None else self.answer(wish, follower, leader)

    def wish(self, follower: int) -> FetchPartition | EpochLookup | None:
        """What a follower would ask now."""
        role = self.replicas[follower].following
        assert role is not None
        return role.wants(self.now_ms)

    def answer(
        self, wish: FetchPartition | EpochLookup, follower: int, leader: int
    ) -> FetchedPartition | None:
        """Let a leader answer a wish, and the follower take the answer."""
        leading, following = self.replicas[leader].leading, self.replicas[follower].following
        assert leading is not None
        leading.stored.now_ms = self.now_ms
        if isinstance(wish, EpochLookup):
            told = leading.look_up(wish, follower=follower)
            if following is not None:
                following.take_lookup(told, wish, retry_ms=self.now_ms + 10)
            return None
        answer = leading.fetch(wish, follower=follower, broker_epoch=-1, max_bytes=1_000)
        leading.members.settle()
        if following is not None:
            following.take(answer, wish, retry_ms=self.now_ms + 10)
        return answer

    def ends(self) -> list[int]:
        """The log ends of replicas 1, 2, 3."""
        return [replica.stored.log.log_end for replica in self.replicas.values()]

    def marks(self) -> list[int]:
        """The high watermarks of replicas 1, 2, 3."""
        return [replica.stored.log.high_watermark for replica in self.replicas.values()]

    def values(self, broker: int) -> list[str]:
        """The values in a replica's log."""
        log = self.replicas[broker].stored.log
        return [(record.value or b"").decode() for record in log.records()]
