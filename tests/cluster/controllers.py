"""A controller without a network: brokers and administrators are words of the test."""

from random import Random
from typing import Any

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Trace
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.controller import Controller
from kafkabook.cluster.metadata import Registration
from kafkabook.cluster.rules import ClusterRules
from kafkabook.protocol.admin_api import (
    AlteredConfigs,
    ConfigResource,
    CreatedTopic,
    CreatePartitionsRequest,
    CreateTopicsRequest,
    DeleteTopicsRequest,
    ElectLeadersRequest,
    GrownTopic,
    IncrementalAlterConfigsRequest,
    NewTopic,
    Result,
    Settings,
)
from kafkabook.protocol.control_api import (
    AlterPartitionRequest,
    BrokerHeartbeatRequest,
    BrokerRegistrationRequest,
    ConfirmedIsr,
    MetadataUpdate,
    ProposedIsr,
)
from kafkabook.replication.facts import PartitionState
from tests.cluster.nodes import SomeNode

ORDERS = TopicPartition("orders", 0)


class SomeController(SomeNode):
    """A controller, and brokers 1 to `brokers` that have registered and caught up."""

    def __init__(
        self,
        brokers: int = 3,
        *,
        rules: ClusterRules = ClusterRules(),  # noqa: B008 - frozen
        config: ClusterConfig = ClusterConfig(),  # noqa: B008 - frozen
    ) -> None:
        self.controller = Controller(
            config=config, rules=rules, random=Random(1), trace=Trace("controller")
        )
        super().__init__(node=self.controller)
        for broker in range(1, brokers + 1):
            self.register(broker)
            self.beat(broker)

    @property
    def image(self) -> Any:
        """What the controller has decided."""
        return self.controller.image

    @property
    def decisions(self) -> Any:
        """How it decides about partitions."""
        return self.controller.log.decisions

    def broker(self, broker: int) -> Registration:
        """A broker as the controller knows it."""
        return self.controller.image.brokers[broker]

    def state(self, partition: TopicPartition = ORDERS) -> PartitionState:
        """The controller's word on a partition."""
        return self.controller.image.partitions[partition]

    # --- brokers ---------------------------------------------------------------------------------

    def register(self, broker: int, *, incarnation: int = 1, previous: int = -1) -> Any:
        """Announce an incarnation of a broker's process."""
        return self.ask(BrokerRegistrationRequest(broker, incarnation, None, previous), broker)

    def beat(self, broker: int, *, offset: int | None = None, stop: bool = False) -> Any:
        """Send a heartbeat of a broker that knows everything unless told otherwise."""
        known = self.image.offset if offset is None else offset
        epoch = self.broker(broker).broker_epoch
        return self.ask(BrokerHeartbeatRequest(broker, epoch, known, stop), broker)

    def proposal(self, broker: int, *isr: int, **changes: Any) -> ProposedIsr:
        """Another ISR, as a leader would propose it."""
        state = self.state()
        fields: dict[str, Any] = {
            "broker": broker,
            "broker_epoch": self.broker(broker).broker_epoch,
            "partition": ORDERS,
            "leader_epoch": state.leader_epoch,
            "partition_epoch": state.partition_epoch,
            "isr": tuple((member, -1) for member in isr),
        }
        return ProposedIsr(**(fields | changes))

    def alter(self, broker: int, *isr: int, **changes: Any) -> ConfirmedIsr:
        """Propose another ISR; return the answer for that partition."""
        proposal = self.proposal(broker, *isr, **changes)
        epoch = self.broker(broker).broker_epoch
        response = self.ask(AlterPartitionRequest(broker, epoch, (proposal,)), broker)
        return response.partitions[0]  # type: ignore[no-any-return]

    def lose(self, broker: int) -> None:
        """Let a broker's session time out."""
        self.wake("session", broker)

    def come_back(self, broker: int, *, is_clean: bool) -> None:
        """Let a broker register again, in another incarnation, and catch up."""
        known = self.broker(broker)
        previous = known.broker_epoch if is_clean else -1
        self.register(broker, incarnation=known.incarnation + 1, previous=previous)
        self.beat(broker)

    def pushed(self) -> list[tuple[object, int, int]]:
        """Whom the last message or timer sent metadata: to, first offset, number of records."""
        return [
            (to, update.first_offset, len(update.records))
            for to, update in self.sent("metadata")
            if isinstance(update, MetadataUpdate)
        ]

    # --- administrators --------------------------------------------------------------------------

    def create(self, new: NewTopic, *, validate_only: bool = False) -> CreatedTopic:
        """Make one topic; return the answer."""
        return self.ask(CreateTopicsRequest((new,), validate_only)).topics[0]  # type: ignore[no-any-return]

    def grow(self, grown: GrownTopic, *, validate_only: bool = False) -> CreatedTopic:
        """Let one topic grow; return the answer."""
        return self.ask(CreatePartitionsRequest((grown,), validate_only)).topics[0]  # type: ignore[no-any-return]

    def delete(self, topic: str) -> Result:
        """Delete a topic; return the answer."""
        return self.ask(DeleteTopicsRequest((topic,))).topics[0]  # type: ignore[no-any-return]

    def configure(self, topic: str, *settings: Any, validate_only: bool = False) -> Result:
        """Set settings, each a name and a text; return the answer."""
        asked = AlteredConfigs(ConfigResource(topic), settings)
        request = IncrementalAlterConfigsRequest((asked,), validate_only)
        return self.ask(request).resources[0]  # type: ignore[no-any-return]

    def elect(self, how: str = "preferred", partition: TopicPartition = ORDERS) -> Result:
        """Hold an election; return the answer."""
        return self.ask(ElectLeadersRequest(how, (partition,))).partitions[0]  # type: ignore[no-any-return]

    def make_leader(self, broker: int, partition: TopicPartition = ORDERS) -> None:
        """Begin a new leader epoch under a broker."""
        make = self.controller.replication.make_leader
        self.perform(lambda context: make(partition, broker, context))


def with_orders(*isr: int, min_insync_replicas: int = 2, **how: Any) -> SomeController:
    """Three brokers and orders-0 on all of them, its ISR being `isr`."""
    some = SomeController(**how)
    least: Settings = (("min.insync.replicas", str(min_insync_replicas)),)
    assert (
        Errors.NONE
        is some.create(NewTopic("orders", assignment=((1, 2, 3),), settings=least)).error
    )
    if isr and set(isr) != {1, 2, 3}:
        assert Errors.NONE is some.alter(1, *isr).error
    return some
