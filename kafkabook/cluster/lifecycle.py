"""A broker as the controller sees it: registered, heard of, fenced, asked to stop.

Source: kafka, server `BrokerLifecycleManager.java`; KIP-631.
"""

from collections.abc import Callable

from kafkabook.base.errors import Errors
from kafkabook.base.machine import Answered, Component, Context, TimerHandler
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.controller_channel import ControllerPort
from kafkabook.protocol.control_api import BrokerHeartbeatRequest, BrokerRegistrationRequest

CHANNEL = "heartbeat"


class Lifecycle(Component):
    """Registers one incarnation of a broker, then tells the controller that it is alive.

    Args:
        broker: its id. incarnation: differs in every run of the process.
        previous_broker_epoch: that of the last incarnation if it ended cleanly, else -1.
        metadata_offset: how far this broker has caught up. stop: ends the process cleanly.

    A request that gets no answer is given up after half a session, so that the next one still comes
    in time. The broker's port opens when it hears for the first time that it is not fenced.

    Source: kafka, core `BrokerServer.scala` `startup`, `SocketServer.scala` `Acceptor`.
    """

    def __init__(
        self,
        broker: int,
        *,
        incarnation: int,
        rack: str | None,
        previous_broker_epoch: int,
        config: ClusterConfig,
        channel: ControllerPort,
        metadata_offset: Callable[[], int],
        stop: Callable[[], None],
    ) -> None:
        self.broker, self.incarnation = broker, incarnation
        self.broker_epoch = -1
        self.is_fenced, self.wants_shut_down, self.has_stopped = True, False, False
        self._request = BrokerRegistrationRequest(broker, incarnation, rack, previous_broker_epoch)
        self._config, self._channel = config, channel
        self._metadata_offset, self._stop = metadata_offset, stop
        self._is_asking = self._is_listening = False

    def timers(self) -> dict[str, TimerHandler]:
        """Register, or say that the broker is alive."""
        return {"heartbeat": self._communicate}

    def start(self, context: Context) -> None:
        """Ask to be registered."""
        self._communicate(context)

    def caught_up(self, context: Context) -> None:
        """Say so at once while fenced: the controller waits for it."""
        if self.is_fenced and self.broker_epoch >= 0:
            self._communicate(context)

    def shut_down(self, context: Context) -> None:
        """Ask for a controlled shutdown.

        Who has not been registered yet has nobody to ask, and nothing to hand over.
        Source: kafka, BrokerLifecycleManager.java `BeginControlledShutdownEvent`.
        """
        self.wants_shut_down = True
        if self.broker_epoch < 0:
            self._end()
        else:
            self._communicate(context)

    def _communicate(self, context: Context) -> None:
        """Send the next request, unless one is on its way: its answer brings the next."""
        if self._is_asking or self.has_stopped:
            return
        self._is_asking = True
        request: object = self._request
        if self.broker_epoch >= 0:
            offset, wants = self._metadata_offset(), self.wants_shut_down
            request = BrokerHeartbeatRequest(self.broker, self.broker_epoch, offset, wants)
        self._channel.ask_once(
            request,
            context,
            channel=CHANNEL,
            then=self._registered if self.broker_epoch < 0 else self._heard,
            timeout_ms=max(1, self._config.broker_session_timeout_ms // 2),
        )

    def _registered(self, answered: Answered, context: Context) -> None:
        """Take the broker epoch; refused while the last incarnation is believed in, ask again."""
        self._is_asking = False
        if answered.failure is None and answered.response.error is Errors.NONE:
            self.broker_epoch = answered.response.broker_epoch
            self._communicate(context)
        else:
            context.wake("heartbeat", self._config.broker_heartbeat_interval_ms)

    def _heard(self, answered: Answered, context: Context) -> None:
        """Take the answer; a broker that catches up or stops does not wait for the next.

        Source: kafka, BrokerLifecycleManager.java `BrokerHeartbeatResponseHandler`.
        """
        self._is_asking = False
        context.wake("heartbeat", self._config.broker_heartbeat_interval_ms)
        if answered.failure is not None or answered.response.error is not Errors.NONE:
            return
        self.is_fenced = answered.response.is_fenced
        if not self.is_fenced and not self._is_listening:
            self._is_listening = True
            context.listen()
        if self.wants_shut_down and answered.response.should_shut_down:
            self._end()
        elif self.wants_shut_down != answered.request.wants_shut_down or self._has_news(answered):
            self._communicate(context)

    def _has_news(self, answered: Answered) -> bool:
        """Say whether a fenced broker knows more than its last heartbeat said."""
        return self.is_fenced and self._metadata_offset() > answered.request.metadata_offset

    def _end(self) -> None:
        if not self.has_stopped:
            self.has_stopped = True
            self._stop()
