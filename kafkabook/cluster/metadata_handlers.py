"""What a broker tells from what it knows: metadata, offsets, settings, the cluster.

Source: kafka, core `KafkaApis.scala` `handleTopicMetadataRequest`, `handleListOffsetRequest`,
`handleDescribeConfigsRequest`, `handleDescribeCluster`.
"""

from collections.abc import Mapping

from kafkabook.base.errors import Errors
from kafkabook.base.machine import Component, Context, Handler
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.described_configs import described
from kafkabook.cluster.dynamic_broker_config import described_broker, described_default
from kafkabook.cluster.replica_manager import ReplicaManager
from kafkabook.protocol.admin_api import (
    EARLIEST,
    LATEST,
    ConfigResource,
    DescribeClusterRequest,
    DescribeClusterResponse,
    DescribeConfigsRequest,
    DescribeConfigsResponse,
    DescribedConfigs,
    ListedOffset,
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    MetadataRequest,
    MetadataResponse,
    PartitionMetadata,
    ResourceType,
)
from kafkabook.protocol.records_api import CONSUMER


class MetadataHandlers(Component):
    """Answers from a broker's own image and logs, as old as they may be.

    Args:
        replicas: the partitions, and the image. rack: `broker.rack`.

    Simplified: where there are eligible leader replicas Kafka's controller writes
    `min.insync.replicas` down for all brokers, and DescribeConfigs names that as the source; here
    it is the default or what the brokers' file says.
    """

    def __init__(self, replicas: ReplicaManager, *, rack: str | None = None) -> None:
        self._replicas, self._image, self._rack = replicas, replicas.image, rack

    def handlers(self) -> dict[type, Handler]:
        """Answer four APIs."""
        return {
            MetadataRequest: self._metadata,
            DescribeClusterRequest: self._cluster,
            DescribeConfigsRequest: self._configs,
            ListOffsetsRequest: self._offsets,
        }

    def _metadata(self, request: MetadataRequest, _context: Context) -> object:
        known = self._image.topics
        topics = tuple(known) if request.topics is None else request.topics
        found = [name for topic in topics if topic in known for name in known[topic].partitions]
        return MetadataResponse(
            tuple(sorted(self._image.alive())),
            tuple(map(self._of_partition, found)),
            tuple(topic for topic in topics if topic not in known),
        )

    def _of_partition(self, name: TopicPartition) -> PartitionMetadata:
        state = self._image.partitions[name]
        isr = self._image.listed_isr[name]
        return PartitionMetadata(name, state.leader, state.leader_epoch, state.replicas, isr)

    def _cluster(self, _request: DescribeClusterRequest, _context: Context) -> object:
        brokers = self._image.brokers
        return DescribeClusterResponse(
            tuple((broker, brokers[broker].rack) for broker in sorted(self._image.alive()))
        )

    def _configs(self, request: DescribeConfigsRequest, _context: Context) -> object:
        return DescribeConfigsResponse(tuple(map(self._configs_of, request.resources)))

    def _configs_of(self, resource: ConfigResource) -> DescribedConfigs:
        if resource.type is ResourceType.BROKER:
            return self._configs_of_broker(resource)
        known, topic = self._image.topics.get(resource.name), resource.name
        if known is None:
            error = Errors.UNKNOWN_TOPIC_OR_PARTITION
            return DescribedConfigs(resource, error=error, says=f"there is no topic {topic!r}")
        config, own = self._replicas.config, self._altered(str(self._replicas.broker))
        defaults = self._altered("")
        return DescribedConfigs(
            resource, described(known.config, config, own=own, defaults=defaults)
        )

    def _configs_of_broker(self, resource: ConfigResource) -> DescribedConfigs:
        """Describe this broker, or the default of all.

        Source: kafka, core `ConfigHelper.scala` `describeConfigs`.
        """
        name, broker = resource.name, self._replicas.broker
        if not name:
            return DescribedConfigs(resource, described_default(self._altered("")))
        if not name.isdecimal():
            says = f"Broker id must be an integer, but it is: {name}"
            return DescribedConfigs(resource, error=Errors.INVALID_REQUEST, says=says)
        if int(name) != broker:
            says = f"Unexpected broker id, expected {broker} or empty string, but received {name}"
            return DescribedConfigs(resource, error=Errors.INVALID_REQUEST, says=says)
        settings = described_broker(
            broker,
            self._replicas.config,
            rack=self._rack,
            own=self._altered(name),
            defaults=self._altered(""),
        )
        return DescribedConfigs(resource, settings)

    def _altered(self, broker: str) -> Mapping[str, str]:
        return self._image.broker_configs.get(broker, {})

    def _offsets(self, request: ListOffsetsRequest, _context: Context) -> object:
        is_consumer = request.replica == CONSUMER
        return ListOffsetsResponse(
            tuple(self._offset(asked, is_consumer=is_consumer) for asked in request.partitions)
        )

    def _offset(self, asked: ListOffsetsPartition, *, is_consumer: bool) -> ListedOffset:
        """Answer as the leader: the end that consumers see is the high watermark.

        Source: kafka, Partition.scala `fetchOffsetForTimestamp`.
        """
        name, at_ms, epoch = asked
        partition = self._replicas.partitions.get(name)
        if partition is None or partition.leader is None:
            is_known = name in self._image.partitions
            error = Errors.NOT_LEADER_OR_FOLLOWER if is_known else Errors.UNKNOWN_TOPIC_OR_PARTITION
            return ListedOffset(name, error=error)
        leader, log = partition.leader, partition.replica_log.log
        refusal = leader.rules.fence_lookup(epoch, leader.leader_epoch) if epoch >= 0 else None
        if refusal is not None:
            return ListedOffset(name, error=refusal)
        end = log.high_watermark if is_consumer else log.log_end
        if at_ms == LATEST:
            return ListedOffset(name, end)
        if at_ms == EARLIEST:
            return ListedOffset(name, log.log_start)
        found = log.offset_for_timestamp(at_ms)
        if found is None or found.offset >= end:
            return ListedOffset(name)
        return ListedOffset(name, found.offset, found.timestamp_ms)
