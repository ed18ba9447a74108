"""A controller without a network: brokers are words of the test, and answers are returned."""

from random import Random
from typing import Any

from kafkabook.base.trace import Trace
from kafkabook.cluster.admin import Admin
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.controller import Controller
from kafkabook.cluster.metadata import Registration
from kafkabook.cluster.rules import ClusterRules
from kafkabook.protocol.control_api import (
    AlterPartitionRequest,
    BrokerHeartbeatRequest,
    BrokerRegistrationRequest,
    MetadataUpdate,
)
from kafkabook.replication.facts import PartitionState
from kafkabook.sim.effects import Effect, Send, Wake


class SomeController:
    """A controller, and brokers 1 to `brokers` that have registered and caught up."""

    def __init__(
        self,
        brokers: int = 3,
        *,
        rules: ClusterRules = ClusterRules(),  # noqa: B008 - frozen
        config: ClusterConfig = ClusterConfig(),  # noqa: B008 - frozen
    ) -> None:
        self.trace, self.now_ms = Trace("controller"), 0
        self.controller = Controller(config=config, rules=rules, trace=self.trace)
        self.admin = Admin(self.controller, random=Random(1))
        self.effects: list[Effect] = []
        for broker in range(1, brokers + 1):
            self.register(broker)
            self.beat(broker)

    @property
    def image(self) -> Any:
        """What the controller has decided."""
        return self.controller.image

    def broker(self, broker: int) -> Registration:
        """A broker as the controller knows it."""
        return self.controller.image.brokers[broker]

    def state(self, partition: str = "orders-0") -> PartitionState:
        """The controller's word on a partition."""
        return self.controller.image.partitions[partition]

    def tell(self, message: object, sender: int) -> Any:
        """Hand a message over; return the answer to its sender, metadata aside."""
        self.effects = list(self.controller.receive(message, sender=sender, now_ms=self.now_ms))
        sent = [e for e in self.effects if isinstance(e, Send) and e.to == sender]
        return next((e.message for e in sent if not isinstance(e.message, MetadataUpdate)), None)

    def wake(self, timer: object) -> None:
        """Let a timer go off."""
        self.effects = list(self.controller.wake(timer, now_ms=self.now_ms))

    def register(self, broker: int, *, incarnation: int = 1, previous: int = -1) -> Any:
        """Announce a life of a broker's process."""
        return self.tell(BrokerRegistrationRequest(broker, incarnation, None, previous), broker)

    def beat(self, broker: int, *, offset: int | None = None, stop: bool = False) -> Any:
        """Send a heartbeat of a broker that knows everything unless told otherwise."""
        known, epoch = (
            self.image.offset if offset is None else offset,
            self.broker(broker).broker_epoch,
        )
        return self.tell(BrokerHeartbeatRequest(broker, epoch, known, stop), broker)

    def alter(self, broker: int, *isr: int, **changes: Any) -> Any:
        """Propose another in-sync set as a leader would."""
        state = self.state()
        fields: dict[str, Any] = {
            "broker": broker,
            "broker_epoch": self.broker(broker).broker_epoch,
            "partition": "orders-0",
            "leader_epoch": state.leader_epoch,
            "partition_epoch": state.partition_epoch,
            "isr": tuple((member, -1) for member in isr),
        }
        return self.tell(AlterPartitionRequest(**(fields | changes)), broker)

    def lose(self, broker: int) -> None:
        """Let a broker's session time out."""
        self.wake(("session", broker))

    def come_back(self, broker: int, *, is_clean: bool) -> None:
        """Let a broker register again, in another life, and catch up."""
        known = self.broker(broker)
        previous = known.broker_epoch if is_clean else -1
        self.register(broker, incarnation=known.incarnation + 1, previous=previous)
        self.beat(broker)

    def timers(self) -> list[tuple[object, int]]:
        """What the last message or timer armed."""
        return [(e.timer, e.after_ms) for e in self.effects if isinstance(e, Wake)]

    def pushed(self) -> list[tuple[object, int, int]]:
        """Whom the last message or timer sent metadata: to, first offset, number of records."""
        return [
            (e.to, e.message.first_offset, len(e.message.records))
            for e in self.effects
            if isinstance(e, Send) and isinstance(e.message, MetadataUpdate)
        ]


def with_orders(*isr: int, min_insync_replicas: int = 2, **how: Any) -> SomeController:
    """Three brokers and orders-0 on all of them, its in-sync set being `isr`."""
    some = SomeController(**how)
    least = {"min_insync_replicas": min_insync_replicas}
    some.admin.create_topic("orders", assignment=[[1, 2, 3]], settings=least)
    some.controller.take_effects()
    if isr and set(isr) != {1, 2, 3}:
        assert not some.alter(1, *isr).error
    return some
