"""The controller's log of decisions: what is written here, every broker will know.

Source: kafka, metadata `QuorumController.java` `ControllerWriteEvent`; KIP-500.
"""

from collections.abc import Iterable

from kafkabook.base.machine import Context
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.metadata import ClusterImage, Record
from kafkabook.cluster.metadata_events import told_by
from kafkabook.cluster.partitions import PartitionDecisions
from kafkabook.cluster.rules import ClusterRules
from kafkabook.protocol.control_api import MetadataUpdate

CHANNEL = "metadata"


class MetadataLog:
    """Records in order, the image that they add up to, and the brokers that are told.

    Args:
        config, rules: how partitions are decided.

    Simplified: it is not replicated, so a record is committed when it is written; the quorum of
    controllers (KIP-595) is another chapter. Every record is sent to every broker.
    """

    def __init__(self, *, config: ClusterConfig, rules: ClusterRules) -> None:
        self.config, self.rules = config, rules
        self.image = ClusterImage()
        self.records: list[Record] = []
        self.decisions = PartitionDecisions(self.image, config=config, rules=rules)
        self._pushed_ms: dict[int, int] = {}

    def commit(self, records: Iterable[Record], context: Context) -> None:
        """Write records, replay them, tell what they mean, and send them to every broker."""
        first, written = self.image.offset, tuple(records)
        for record in written:
            self.records.append(record)
            name = getattr(record, "partition", None)
            before = None if name is None else self.image.partitions.get(name)
            self.image.replay(record)
            event = told_by(record, before, self.image, self.decisions)
            if event is not None:
                context.tell(event)
        if written:
            for broker in sorted(self.image.brokers):
                self.send_from(first, broker, context)

    def send_from(self, first: int, broker: int, context: Context) -> None:
        """Send a broker all records from an offset on."""
        self._pushed_ms[broker] = context.now_ms
        update = MetadataUpdate(first, tuple(self.records[first:]))
        context.send(broker, update, channel=CHANNEL)

    def is_overdue(self, broker: int, now_ms: int) -> bool:
        """Say whether a broker was sent nothing for half a heartbeat."""
        waited_ms = now_ms - self._pushed_ms.get(broker, 0)
        return waited_ms * 2 >= self.config.broker_heartbeat_interval_ms
