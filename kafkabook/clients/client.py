"""A client process: what it knows, and what it can do, over one loop."""

from collections.abc import Sequence

from kafkabook.base.trace import Trace
from kafkabook.clients.admin import AdminClient
from kafkabook.clients.metadata import ClientMetadata
from kafkabook.clients.raw_client import RawConsumer, RawProducer
from kafkabook.cluster.node import Node


class Client(Node):
    """A raw producer, a raw consumer and an administrator in one process.

    Args:
        bootstrap: brokers that it asks who leads what. trace: where it tells what it sent and saw.
        request_timeout_ms: how long it waits for an answer.
    """

    def __init__(
        self, *, bootstrap: Sequence[int], trace: Trace, request_timeout_ms: int = 30_000
    ) -> None:
        self.metadata = ClientMetadata(bootstrap, request_timeout_ms=request_timeout_ms)
        self.producer = RawProducer(self.metadata, request_timeout_ms=request_timeout_ms)
        self.consumer = RawConsumer(self.metadata, request_timeout_ms=request_timeout_ms)
        self.admin = AdminClient(self.metadata, request_timeout_ms=request_timeout_ms)
        super().__init__((self.metadata, self.producer, self.consumer, self.admin), trace=trace)
