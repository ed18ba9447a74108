"""How a broker learns what the controller decided: record after record, into its own image.

Source: kafka, core `BrokerMetadataPublisher.scala`; KIP-500, KIP-631.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kafkabook.base.machine import Component, Context, Handler
from kafkabook.cluster.metadata import ClusterImage, Record
from kafkabook.protocol.control_api import MetadataUpdate

Publish = Callable[[Iterable[Record], Context], None]


class MetadataSource(Component):
    """Where a broker's metadata come from; who follows them does not ask how they got here.

    Args:
        image: what has been learned.

    Attributes:
        publish: who follows the metadata, in this order.
        caught_up: called when the image has taken news, before anybody follows it.
    """

    def __init__(self, image: ClusterImage) -> None:
        self.image = image
        self.publish: list[Publish] = []
        self.caught_up: Callable[[Context], None] = lambda _context: None

    def learn(self, news: Sequence[Record], context: Context) -> None:
        """Take the next records into the image, and hand them on."""
        for record in news:
            self.image.replay(record)
        self.caught_up(context)
        for publish in self.publish:
            publish(news, context)


class MetadataReceiver(MetadataSource):
    """The source behind one controller, which sends its records to every broker.

    Simplified: in Kafka a broker fetches the metadata log, as an observer of the quorum.
    """

    def handlers(self) -> dict[type, Handler]:
        """Take what the controller sends."""
        return {MetadataUpdate: self._learn}

    def _learn(self, update: MetadataUpdate, context: Context) -> None:
        """Take the records that are news; what is missing before them will be sent again."""
        if update.first_offset > self.image.offset:
            return
        news: Any = update.records[self.image.offset - update.first_offset :]
        if news:
            self.learn(news, context)
