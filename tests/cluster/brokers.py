"""Broker 1 without a network: the controller, the other brokers and the clients are the test."""

from typing import Any

from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Trace
from kafkabook.cluster.broker import Broker
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.metadata import (
    BrokerRegistrationChangeRecord,
    PartitionRecord,
    RegisterBrokerRecord,
    TopicRecord,
)
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.rules import LogRules
from kafkabook.protocol.control_api import (
    BrokerHeartbeatResponse,
    BrokerRegistrationResponse,
    MetadataUpdate,
)
from kafkabook.protocol.records_api import (
    FetchPartition,
    FetchRequest,
    ProducePartition,
    ProduceRequest,
)
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.facts import PartitionState
from kafkabook.replication.partition import Partition
from kafkabook.replication.rules import ReplicationRules
from tests.cluster.nodes import SomeNode

ID, NEXT_ID = "C" * 21 + "A", "B" * 21 + "A"
ORDERS, BILLS = TopicPartition("orders", 0), TopicPartition("bills", 0)
LED = PartitionState((1, 2), frozenset({1, 2}), 1)
FOLLOWED = PartitionState((2, 1), frozenset({1, 2}), 2)


def orders(state: PartitionState, topic_id: str = ID) -> tuple[Any, ...]:
    """The records of a topic of one partition."""
    return TopicRecord("orders", topic_id), PartitionRecord(ORDERS, "orders", state)


def bills(state: PartitionState) -> tuple[Any, ...]:
    """The records of another topic."""
    return TopicRecord("bills", NEXT_ID), PartitionRecord(BILLS, "bills", state)


def alive(broker: int, epoch: int, rack: str | None = None) -> tuple[Any, ...]:
    """The records of a broker that takes part."""
    change = BrokerRegistrationChangeRecord(broker, epoch, is_fenced=False)
    return RegisterBrokerRecord(broker, epoch, 1, rack), change


def batch(*values: str) -> RecordBatch:
    """A batch as a producer sends it."""
    return RecordBatch.of([Record(value=value.encode(), timestamp_ms=1) for value in values])


class SomeBroker(SomeNode):
    """Broker 1, registered under epoch 7 and unfenced."""

    def __init__(
        self,
        disk: MemoryDisk | None = None,
        *,
        config: ClusterConfig = ClusterConfig(),  # noqa: B008 - frozen
        rules: ReplicationRules = ReplicationRules(),  # noqa: B008 - frozen
    ) -> None:
        self.disk = disk or MemoryDisk()
        self.broker = Broker(
            1,
            self.disk,
            incarnation=1,
            rack=None,
            config=config,
            rules=rules,
            log_rules=LogRules(),
            trace=Trace("broker-1"),
            log_trace=Trace(),
        )
        super().__init__(node=self.broker)
        self.perform(self.broker.start_all)
        self.answer(BrokerRegistrationResponse(1, 7), channel="heartbeat")
        self.answer(BrokerHeartbeatResponse(), channel="heartbeat")

    def learn(self, *records: Any) -> None:
        """Let the controller tell the next records."""
        self.receive(MetadataUpdate(self.broker.image.offset, records), "controller")

    def partition(self, name: TopicPartition = ORDERS) -> Partition:
        """A partition of this broker."""
        return self.broker.replicas.partitions[name]

    def produce(self, *batches: tuple[TopicPartition, RecordBatch], acks: int = -1) -> int:
        """Let a producer send batches; return its ticket."""
        data = tuple(ProducePartition(name, data) for name, data in batches)
        return self.receive(ProduceRequest(acks, data), "producer")

    def append(self, *values: str) -> int:
        """Let a producer send one batch for each value to orders-0; return the last ticket."""
        return [self.produce((ORDERS, batch(value))) for value in values][-1]

    def fetched_by(
        self, follower: int, offset: int, name: TopicPartition = ORDERS, *, epoch: int = -1
    ) -> int:
        """Let a follower fetch from an offset on; return its ticket."""
        leader_epoch = self.partition(name).leader_epoch
        wanted = FetchPartition(name, offset, leader_epoch)
        return self.receive(FetchRequest(follower, epoch, (wanted,)), follower)

    def values(self, name: TopicPartition = ORDERS) -> list[str]:
        """The values in a log."""
        records = self.partition(name).replica_log.log.records()
        return [(record.value or b"").decode() for record in records]
