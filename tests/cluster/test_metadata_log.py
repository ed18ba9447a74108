"""The controller's log: what is written is replayed, told, and sent to every broker."""

from kafkabook.base.machine import Context
from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Trace
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.events import PartitionChanged
from kafkabook.cluster.metadata import PartitionRecord, RegisterBrokerRecord, TopicRecord
from kafkabook.cluster.metadata_log import MetadataLog
from kafkabook.cluster.rules import ClusterRules
from kafkabook.protocol.control_api import MetadataUpdate
from kafkabook.replication.facts import PartitionState

BROKERS = tuple(RegisterBrokerRecord(broker, broker, 1, None) for broker in (2, 1))
STATE = PartitionState((1, 2), frozenset({1, 2}), 1)
ORDERS = (
    TopicRecord("orders", "id"),
    PartitionRecord(TopicPartition("orders", 0), "orders", STATE),
)


class SomeLog:
    """A log that knows of brokers 1 and 2, and the event in which it was written last."""

    def __init__(self) -> None:
        self.log = MetadataLog(config=ClusterConfig(), rules=ClusterRules())
        self.trace = Trace()
        self.context = Context(0, self.trace)
        self.log.commit(BROKERS, self.context)

    def commit(self, *records: object, now_ms: int = 0) -> list[tuple[object, object]]:
        """Write records; return who was sent what."""
        self.context = Context(now_ms, self.trace)
        self.log.commit(records, self.context)  # type: ignore[arg-type]
        return [(send.to, send.message) for send in self.context.effects]  # type: ignore[union-attr]


def test_a_commit_is_replayed_told_and_sent_to_all() -> None:
    """In one piece, and from its own first offset on."""
    some = SomeLog()
    update = MetadataUpdate(2, ORDERS)
    assert [(1, update), (2, update)] == some.commit(*ORDERS)
    assert (4, [*BROKERS, *ORDERS]) == (some.log.image.offset, some.log.records)
    assert ["orders-0"] == [e.event.partition for e in some.trace.of(PartitionChanged)]


def test_nothing_to_commit_is_sent_to_nobody() -> None:
    """A decision may change nothing."""
    assert [] == SomeLog().commit()


def test_a_broker_is_overdue_half_a_heartbeat_after_it_was_sent_something() -> None:
    """What is on its way to it needs not be sent again."""
    some = SomeLog()
    some.commit(*ORDERS, now_ms=5_000)
    assert [False, True] == [some.log.is_overdue(1, now_ms) for now_ms in (5_999, 6_000)]
    some.log.send_from(0, 1, Context(6_000, some.trace))
    assert [False, True] == [some.log.is_overdue(broker, 6_000) for broker in (1, 2)]
