"""What a broker hands on to the controller: whatever changes topics, settings or leaders.

Source: kafka, server `ForwardingManager.java`; KIP-590.
"""

from kafkabook.base.machine import Answered, Component, Context, Deferred, Handler
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.controller_channel import ControllerPort
from kafkabook.protocol.admin_api import (
    CreatePartitionsRequest,
    CreateTopicsRequest,
    DeleteTopicsRequest,
    ElectLeadersRequest,
    IncrementalAlterConfigsRequest,
)

FORWARDED = (
    *(CreateTopicsRequest, CreatePartitionsRequest, DeleteTopicsRequest),
    *(IncrementalAlterConfigsRequest, ElectLeadersRequest),
)


class ForwardedRequest:
    """A client's request that the controller answers; what it says goes back as it is."""

    def __init__(self, timeout_ms: int) -> None:
        self.keys, self.timeout_ms = (self,), timeout_ms
        self._response: object | None = None

    def answered(self, answered: Answered, context: Context) -> None:
        """Take the controller's answer."""
        self._response = answered.response
        context.changed(self)

    def try_complete(self, _context: Context) -> object | None:
        """Answer once the controller has."""
        return self._response

    def on_expire(self, _context: Context) -> object | None:
        """Say nothing: the client has given up by itself."""
        return None


class Forwarding(Component):
    """Hands administrators' requests on.

    Args:
        channel: the port to the controller. config: how long a request may wait.

    Simplified: Kafka wraps the request in an Envelope with the client's principal.
    """

    def __init__(self, channel: ControllerPort, *, config: ClusterConfig) -> None:
        self._channel, self._timeout_ms = channel, config.request_timeout_ms

    def handlers(self) -> dict[type, Handler]:
        """Hand on what only the controller may do."""
        return dict.fromkeys(FORWARDED, self._forward)

    def _forward(self, request: object, context: Context) -> Deferred:
        forwarded = ForwardedRequest(self._timeout_ms)
        self._channel.ask(
            request,
            context,
            channel="forwarding",
            then=forwarded.answered,
            within_ms=self._timeout_ms,  # its client has given up by then
        )
        return Deferred(forwarded)
