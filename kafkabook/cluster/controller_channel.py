"""How a broker reaches the controller, whichever node that is.

Source: kafka, server `NodeToControllerChannelManagerImpl.java`; KIP-500.
"""

from abc import ABC, abstractmethod

from kafkabook.base.machine import Address, Answered, Component, Context, Send, Then, TimerHandler
from kafkabook.cluster.config import ClusterConfig

RETRY_MS = 50  # Kafka's reconnect back-off towards the controller


class ControllerPort(Component, ABC):
    """What the parts of a broker know of the controller: that it can be asked.

    Whether one controller answers, a quorum of three, or nobody yet, is the port's affair.
    """

    @abstractmethod
    def ask(
        self,
        request: object,
        context: Context,
        *,
        channel: str,
        then: Then,
        within_ms: int | None = None,
    ) -> None:
        """Send a request until it is answered; `then` gets the answer, and no failure.

        Args:
            within_ms: send it no more once so much time has passed; None: never give up.
        """

    @abstractmethod
    def ask_once(
        self, request: object, context: Context, *, channel: str, then: Then, timeout_ms: int
    ) -> None:
        """Send a request; `then` gets its answer, or the failure."""


class ControllerChannel(ControllerPort):
    """The port to one controller: sends requests to it, and again where a connection broke.

    Args:
        controller: its address. config: time-outs.

    Simplified: there is one controller, so nobody has to look for the active one, and
    NOT_CONTROLLER is never answered.
    """

    def __init__(self, controller: Address, *, config: ClusterConfig) -> None:
        self.controller, self._config = controller, config
        self._again: dict[int, tuple[Send, int | None]] = {}  # with the time of the last try
        self._numbers = 0

    def timers(self) -> dict[str, TimerHandler]:
        """Try again what got no answer."""
        return {"ask controller again": self._ask_again}

    def ask(
        self,
        request: object,
        context: Context,
        *,
        channel: str,
        then: Then,
        within_ms: int | None = None,
    ) -> None:
        """Send a request, and again with every failure, until it is answered.

        Source: kafka, core `NodeToControllerRequestThread` `generateRequests`.
        """
        timeout_ms = self._config.controller_socket_timeout_ms
        last_ms = None if within_ms is None else context.now_ms + within_ms
        self._send(Send(self.controller, request, channel, then, timeout_ms), last_ms, context)

    def ask_once(
        self, request: object, context: Context, *, channel: str, then: Then, timeout_ms: int
    ) -> None:
        """Send a request and leave it at that."""
        context.send(self.controller, request, channel=channel, then=then, timeout_ms=timeout_ms)

    def _send(self, asked: Send, last_ms: int | None, context: Context) -> None:
        context.send(
            asked.to,
            asked.message,
            channel=asked.channel,
            then=lambda answered, later: self._take(asked, last_ms, answered, later),
            timeout_ms=asked.timeout_ms,
        )

    def _take(self, asked: Send, last_ms: int | None, answered: Answered, context: Context) -> None:
        if answered.failure is None:
            assert asked.then is not None
            asked.then(answered, context)
            return
        self._numbers += 1
        self._again[self._numbers] = asked, last_ms
        context.wake(("ask controller again", self._numbers), RETRY_MS)

    def _ask_again(self, number: int, context: Context) -> None:
        asked, last_ms = self._again.pop(number)
        if last_ms is None or context.now_ms < last_ms:
            self._send(asked, last_ms, context)
