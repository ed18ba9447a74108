"""What a broker hands on to the controller: whatever changes topics, settings or leaders.

Source: kafka, server `ForwardingManager.java`; KIP-590.
"""

from dataclasses import replace

from kafkabook.base.machine import Answered, Component, Context, Deferred, Handler
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.config_admin import preprocess
from kafkabook.cluster.controller_channel import ControllerPort
from kafkabook.protocol.admin_api import (
    CreatePartitionsRequest,
    CreateTopicsRequest,
    DeleteTopicsRequest,
    ElectLeadersRequest,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
    Result,
)

FORWARDED = (
    *(CreateTopicsRequest, CreatePartitionsRequest, DeleteTopicsRequest),
    *(IncrementalAlterConfigsRequest, ElectLeadersRequest),
)


class ForwardedRequest:
    """A client's request that the controller answers; what it says goes back as it is.

    Args:
        refused: of a request that alters settings, what the broker has answered by itself.
    """

    def __init__(self, timeout_ms: int, refused: tuple[Result, ...] = ()) -> None:
        self.keys, self.timeout_ms = (self,), timeout_ms
        self._refused = refused
        self._response: object | None = None

    def answered(self, answered: Answered, context: Context) -> None:
        """Take the controller's answer."""
        response = answered.response
        if self._refused:
            response = replace(response, resources=(*self._refused, *response.resources))
        self._response = response
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
        broker: who this is. channel: the port to the controller.
        config: how long a request may wait.

    Simplified: Kafka wraps the request in an Envelope with the client's principal.
    """

    def __init__(self, broker: int, channel: ControllerPort, *, config: ClusterConfig) -> None:
        self._broker, self._channel = broker, channel
        self._timeout_ms = config.request_timeout_ms

    def handlers(self) -> dict[type, Handler]:
        """Hand on what only the controller may do."""
        handlers: dict[type, Handler] = dict.fromkeys(FORWARDED, self._forward)
        return handlers | {IncrementalAlterConfigsRequest: self._alter_configs}

    def _alter_configs(self, request: IncrementalAlterConfigsRequest, context: Context) -> object:
        """Refuse what this broker can refuse by itself, and hand on the rest."""
        refused, rest = preprocess(request, self._broker)
        if refused and not rest:
            return IncrementalAlterConfigsResponse(refused)
        return self._forward(replace(request, resources=rest), context, refused)

    def _forward(
        self, request: object, context: Context, refused: tuple[Result, ...] = ()
    ) -> Deferred:
        forwarded = ForwardedRequest(self._timeout_ms, refused)
        self._channel.ask(
            request,
            context,
            channel="forwarding",
            then=forwarded.answered,
            within_ms=self._timeout_ms,  # its client has given up by then
        )
        return Deferred(forwarded)
