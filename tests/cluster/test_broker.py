"""A broker between two interfaces: how it reaches the controller, where its metadata come from."""

from typing import Any

from kafkabook.base.machine import Answered, Context, Then
from kafkabook.base.trace import Trace
from kafkabook.cluster.broker import Broker
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.controller_channel import ControllerPort
from kafkabook.cluster.metadata import ClusterImage
from kafkabook.cluster.metadata_receiver import MetadataSource
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.rules import LogRules
from kafkabook.protocol.admin_api import DeleteTopicsRequest
from kafkabook.protocol.control_api import (
    AlterPartitionRequest,
    AlterPartitionResponse,
    BrokerHeartbeatRequest,
    BrokerHeartbeatResponse,
    BrokerRegistrationRequest,
    BrokerRegistrationResponse,
    ConfirmedIsr,
)
from kafkabook.replication.rules import ReplicationRules
from tests.cluster.brokers import LED, ORDERS, alive, orders
from tests.cluster.nodes import SomeNode

ANSWERS: dict[type, Any] = {
    BrokerRegistrationRequest: BrokerRegistrationResponse(1, 7),
    BrokerHeartbeatRequest: BrokerHeartbeatResponse(),
    AlterPartitionRequest: AlterPartitionResponse(
        partitions=(ConfirmedIsr(ORDERS, isr=(1,), leader_epoch=0, partition_epoch=1),)
    ),
    DeleteTopicsRequest: "deleted",
}


class ControllerNextDoor(ControllerPort):
    """A controller that answers at once, without a message on any network."""

    def __init__(self) -> None:
        self.asked: list[type] = []

    def ask(
        self,
        request: object,
        context: Context,
        *,
        channel: str,
        then: Then,
        within_ms: int | None = None,
    ) -> None:
        """Answer."""
        self.asked.append(type(request))
        then(Answered(channel, request, ANSWERS[type(request)]), context)

    def ask_once(
        self, request: object, context: Context, *, channel: str, then: Then, timeout_ms: int
    ) -> None:
        """Answer."""
        self.ask(request, context, channel=channel, then=then)


def test_a_broker_takes_any_port_and_any_source() -> None:
    """Registration, metadata, a smaller set, a forwarded request: nothing goes to an address."""
    port, source = ControllerNextDoor(), MetadataSource(ClusterImage())
    broker = Broker(
        *(1, MemoryDisk()),
        incarnation=1,
        rack=None,
        config=ClusterConfig(),
        rules=ReplicationRules(),
        log_rules=LogRules(),
        trace=Trace("broker-1"),
        log_trace=Trace(),
        port=port,
        source=source,
    )
    some = SomeNode(node=broker)
    some.perform(broker.start_all)
    some.perform(lambda c: source.learn((*alive(1, 7), *alive(2, 8), *orders(LED)), c))
    leader = broker.replicas.partitions[ORDERS].leader
    assert leader is not None
    some.now_ms = 45_000
    some.wake("isr expiration")
    assert frozenset({1}) == leader.members.state.isr
    assert "deleted" == some.ask(DeleteTopicsRequest(("orders",)))
    assert [] == some.awaited()
    assert [
        *(BrokerRegistrationRequest, BrokerHeartbeatRequest),
        *(AlterPartitionRequest, DeleteTopicsRequest),
    ] == port.asked
