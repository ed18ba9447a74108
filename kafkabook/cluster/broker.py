"""A broker: its components, put together over one loop.

Source: kafka, core `BrokerServer.scala`; notes, Part 1 ch 01 §03.
"""

from collections.abc import Mapping

from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Trace
from kafkabook.cluster.alter_partition import AlterPartitionManager
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.controller_channel import ControllerChannel, ControllerPort
from kafkabook.cluster.fetch_handlers import FetchHandlers
from kafkabook.cluster.fetchers import ReplicaFetchers
from kafkabook.cluster.forwarding import Forwarding
from kafkabook.cluster.lifecycle import Lifecycle
from kafkabook.cluster.log_cleaner import LogCleaner
from kafkabook.cluster.log_manager import LogManager
from kafkabook.cluster.metadata import ClusterImage
from kafkabook.cluster.metadata_handlers import MetadataHandlers
from kafkabook.cluster.metadata_receiver import MetadataReceiver, MetadataSource
from kafkabook.cluster.node import Node
from kafkabook.cluster.replica_manager import ReplicaManager
from kafkabook.cluster.request_handlers import RequestHandlers
from kafkabook.log.disk import Disk
from kafkabook.log.log_directory import LogDirectory
from kafkabook.log.rules import LogRules
from kafkabook.replication.rules import ReplicationRules

CONTROLLER = "controller"


class Broker(Node):
    """One incarnation of a broker: its process from its start to a crash or a stop.

    Args:
        id: broker id. disk: what survives it.
        incarnation: number of this run. rack: `broker.rack`.
        rules, log_rules: the decisions. trace: where it and its partitions tell what they do.
        last_marks: the high watermarks of its last incarnation, of each partition by topic id. No
            process can know them: they are for the trace alone, which tells how far they fell.
        port: the way to the controller. source: where metadata come from, with the image that they
            add up to. By default both are those of one controller.

    Raises:
        KafkaStorageError: what is on the disk belongs to another broker, or cannot be read.
    """

    def __init__(
        self,
        id: int,  # noqa: A002 - Kafka's word is broker.id
        disk: Disk,
        *,
        incarnation: int,
        rack: str | None,
        config: ClusterConfig,
        rules: ReplicationRules,
        log_rules: LogRules,
        trace: Trace,
        log_trace: Trace,
        last_marks: Mapping[tuple[TopicPartition, str | None], int] | None = None,
        port: ControllerPort | None = None,
        source: MetadataSource | None = None,
    ) -> None:
        port = ControllerChannel(CONTROLLER, config=config) if port is None else port
        source = MetadataReceiver(ClusterImage()) if source is None else source
        self.id, self.image, self.directory = id, source.image, LogDirectory(disk, node_id=id)
        self.lifecycle = Lifecycle(
            id,
            incarnation=incarnation,
            rack=rack,
            previous_broker_epoch=self.directory.previous_broker_epoch,
            config=config,
            channel=port,
            metadata_offset=lambda: self.image.offset,
            stop=self._close,
        )
        fetchers = ReplicaFetchers(self.lifecycle, config=config)
        alter_partition = AlterPartitionManager(self.lifecycle, port)
        cleaner = LogCleaner(config=config)
        self.logs = LogManager(
            id, self.directory, cleaner, config=config, log_rules=log_rules, log_trace=log_trace
        )
        self.replicas = ReplicaManager(
            self.logs,
            image=self.image,
            lifecycle=self.lifecycle,
            fetchers=fetchers,
            alter_partition=alter_partition,
            config=config,
            rules=rules,
            last_marks=last_marks or {},
        )
        self._follow(source)
        super().__init__(
            (
                *(port, self.lifecycle, alter_partition, fetchers),
                *(self.logs, cleaner, self.replicas, source),
                *(RequestHandlers(self.replicas), MetadataHandlers(self.replicas, rack=rack)),
                *(FetchHandlers(self.replicas, incarnation), Forwarding(id, port, config=config)),
            ),
            trace=trace,
        )

    def _follow(self, source: MetadataSource) -> None:
        source.caught_up = self.lifecycle.caught_up
        source.publish.append(self.replicas.on_metadata)

    def check(self) -> None:
        """Assert what always holds inside one broker."""
        self.replicas.check()

    def _close(self) -> None:
        """End cleanly; only logs that were opened, and so recovered, are left as clean.

        Source: kafka, LogManager.scala `shutdown`, `loadLogsCompletedFlags`.
        """
        if self.replicas.is_loaded:
            self.directory.close(broker_epoch=self.lifecycle.broker_epoch)
