"""A broker's life as the controller sees it: registered, heard of, fenced, asked to stop.

Source: kafka, server `BrokerLifecycleManager.java`; KIP-631.
"""

from kafkabook.cluster.config import ClusterConfig
from kafkabook.protocol.control_api import (
    BrokerHeartbeatRequest,
    BrokerHeartbeatResponse,
    BrokerRegistrationRequest,
    BrokerRegistrationResponse,
)
from kafkabook.sim.effects import Effect, Send, Wake


class Lifecycle:
    """Registers one life of a broker, then tells the controller every now and then that it lives.

    Args:
        broker: its id. incarnation: differs in every life.
        previous_broker_epoch: that of the last life if it ended cleanly, else -1.
        out: where effects go, in order.
    """

    def __init__(
        self,
        broker: int,
        *,
        incarnation: int,
        rack: str | None,
        previous_broker_epoch: int,
        config: ClusterConfig,
        out: list[Effect],
    ) -> None:
        self.request = BrokerRegistrationRequest(broker, incarnation, rack, previous_broker_epoch)
        self.broker_epoch = -1
        self.is_fenced, self.wants_shut_down, self.may_stop = True, False, False
        self._config, self._out = config, out

    def register(self) -> None:
        """Ask to be registered, and ask again if no answer comes."""
        self._out.append(Send("controller", self.request))
        self._out.append(Wake("register", self._config.broker_heartbeat_interval_ms))

    def registered(self, answer: BrokerRegistrationResponse) -> bool:
        """Take the answer; say whether this life has a broker epoch now, and had none before.

        Refused with DUPLICATE_BROKER_REGISTRATION while the last life is still believed in: the
        timer asks again.
        """
        is_ours = answer.incarnation == self.request.incarnation
        if answer.error or not is_ours or self.broker_epoch >= 0:
            return False
        self.broker_epoch = answer.broker_epoch
        return True

    def beat(self, metadata_offset: int) -> None:
        """Tell the controller that this broker lives, and what it knows."""
        request = BrokerHeartbeatRequest(
            self.request.broker, self.broker_epoch, metadata_offset, self.wants_shut_down
        )
        self._out.append(Send("controller", request))
        self._out.append(Wake("heartbeat", self._config.broker_heartbeat_interval_ms))

    def heard(self, answer: BrokerHeartbeatResponse) -> None:
        """Take the controller's word."""
        if not answer.error:
            self.is_fenced = answer.is_fenced
            self.may_stop = self.wants_shut_down and answer.should_shut_down
