"""Leader and followers without a cluster: messages are function calls, time is an argument."""

from collections.abc import Sequence
from dataclasses import replace

from kafkabook.base.errors import Errors
from kafkabook.base.machine import Context
from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Trace
from kafkabook.log.partition_log import PartitionLog
from kafkabook.protocol.control_api import ConfirmedIsr, ProposedIsr
from kafkabook.protocol.records_api import EpochLookup, FetchedPartition, FetchPartition
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.facts import PartitionState
from kafkabook.replication.follower import Follower
from kafkabook.replication.leader import Leader
from kafkabook.replication.partition import Partition
from kafkabook.replication.replica_log import ReplicaLog
from kafkabook.replication.rules import ReplicationRules

LAG_MS = 1_000
ORDERS = TopicPartition("orders", 0)


def a_batch(*values: str, now_ms: int = 0) -> RecordBatch:
    """What a producer sends."""
    return RecordBatch.of([Record(value=value.encode(), timestamp_ms=now_ms) for value in values])


class SomeReplicas:
    """Replicas 1, 2, 3 of orders-0, each over a log of its own; the controller is the test.

    Attributes: `proposals` (what leaders submitted, oldest first), `fenced` (who may not join).
    """

    def __init__(
        self,
        rules: ReplicationRules = ReplicationRules(),  # noqa: B008 - frozen
        *,
        isr: Sequence[int] = (1, 2, 3),
        min_insync_replicas: int = 1,
    ) -> None:
        self.trace, self.now_ms, self.least = Trace(), 0, min_insync_replicas
        self.fenced: set[int] = set()
        self.proposals: list[ProposedIsr] = []
        self.state = PartitionState((1, 2, 3), frozenset(isr), None, leader_epoch=-1)
        self.replicas = {broker: self._made(broker, rules) for broker in (1, 2, 3)}

    def _made(self, broker: int, rules: ReplicationRules) -> Partition:
        return Partition(
            ReplicaLog(broker, PartitionLog(ORDERS), self.context()),
            rules=rules,
            is_eligible=lambda follower, epoch: follower not in self.fenced,
            submit=lambda proposal, context: self.proposals.append(proposal),
            replica_lag_time_max_ms=LAG_MS,
        )

    def context(self) -> Context:
        """Begin the handling of an event."""
        return Context(self.now_ms, self.trace)

    def leader(self, broker: int) -> Leader:
        """The role of a replica that leads."""
        role = self.replicas[broker].leader
        assert role is not None
        return role

    def follower(self, broker: int) -> Follower:
        """The role of a replica that follows."""
        role = self.replicas[broker].follower
        assert role is not None
        return role

    def elect(
        self, leader: int | None, *, told: Sequence[int] = (1, 2, 3), **state: object
    ) -> None:
        """Begin a term, and tell those that are to know."""
        epoch = self.state.leader_epoch + 1
        self.alter(told=told, leader=leader, leader_epoch=epoch, **state)

    def alter(self, *, told: Sequence[int] = (1, 2, 3), **state: object) -> None:
        """Change the partition's state, and tell those that are to know."""
        epoch = self.state.partition_epoch + 1
        self.state = replace(self.state, partition_epoch=epoch, **state)  # type: ignore[arg-type]
        for broker in told:
            self.tell(broker)

    def tell(self, broker: int) -> Context:
        """Let one replica hear the controller's word."""
        context = self.context()
        self.replicas[broker].apply(self.state, context, min_insync_replicas=self.least)
        return context

    def append(self, leader: int, *values: str) -> None:
        """Let a leader append one batch for each value."""
        for value in values:
            self.leader(leader).append(a_batch(value, now_ms=self.now_ms), self.context())

    def fetch(self, follower: int, leader: int) -> FetchedPartition | None:
        """Let a follower ask once, and take the answer; None if it asked nothing."""
        wish = self.wish(follower)
        return None if wish is None else self.answer(wish, follower, leader)

    def wish(self, follower: int) -> FetchPartition | EpochLookup | None:
        """What a follower would ask now."""
        return self.follower(follower).wants(self.now_ms)

    def answer(
        self, wish: FetchPartition | EpochLookup, follower: int, leader: int
    ) -> FetchedPartition | None:
        """Let a leader answer a wish, and the follower take the answer."""
        context, retry_ms = self.context(), self.now_ms + 10
        taker = self.replicas[follower].follower
        if isinstance(wish, EpochLookup):
            end = self.leader(leader).look_up(wish, context, follower=follower)
            if taker is not None:
                taker.take_lookup(end, wish, context, retry_ms=retry_ms)
            return None
        answer = self.hear(leader, follower, wish, context)
        if taker is not None:
            taker.take(answer, wish, context, retry_ms=retry_ms)
        return answer

    def hear(
        self,
        leader: int,
        follower: int,
        wish: FetchPartition,
        context: Context | None = None,
        *,
        broker_epoch: int = -1,
    ) -> FetchedPartition:
        """Let a leader answer a fetch that nobody takes the answer of."""
        return self.replicas[leader].fetch(
            self.leader(leader),
            wish,
            context or self.context(),
            follower=follower,
            broker_epoch=broker_epoch,
            max_bytes=1_000,
        )

    def confirm(
        self, leader: int, asked: ProposedIsr, *isr: int, error: Errors = Errors.NONE
    ) -> Context:
        """Answer a proposal: with the set that is now confirmed, or with an error."""
        context, epoch = self.context(), asked.partition_epoch + (error is Errors.NONE)
        answer = ConfirmedIsr(ORDERS, asked.leader_epoch, epoch, isr, error)
        self.replicas[leader].isr_answered(asked, answer, context)
        return context

    def ends(self) -> list[int]:
        """The log ends of replicas 1, 2, 3."""
        return [replica.replica_log.log.log_end for replica in self.replicas.values()]

    def marks(self) -> list[int]:
        """The high watermarks of replicas 1, 2, 3."""
        return [replica.replica_log.log.high_watermark for replica in self.replicas.values()]

    def values(self, broker: int) -> list[str]:
        """The values in a replica's log."""
        log = self.replicas[broker].replica_log.log
        return [(record.value or b"").decode() for record in log.records()]
