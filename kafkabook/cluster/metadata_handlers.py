"""What a broker tells from what it knows: metadata, offsets, settings, the cluster.

Source: kafka, core `KafkaApis.scala` `handleTopicMetadataRequest`, `handleListOffsetRequest`,
`handleDescribeConfigsRequest`, `handleDescribeCluster`.
"""

from kafkabook.base.errors import Errors
from kafkabook.base.machine import Component, Context, Handler
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.described_configs import described
from kafkabook.cluster.replica_manager import ReplicaManager
from kafkabook.protocol.admin_api import (
    DescribeClusterRequest,
    DescribeClusterResponse,
    DescribeConfigsRequest,
    DescribeConfigsResponse,
    DescribedConfigs,
    ListedOffset,
    ListOffsetsRequest,
    ListOffsetsResponse,
    MetadataRequest,
    MetadataResponse,
    PartitionMetadata,
)

LATEST, EARLIEST = -1, -2  # in place of a timestamp


class MetadataHandlers(Component):
    """Answers from a broker's own image and logs, as old as they may be.

    Args:
        replicas: the partitions, and the image.

    Simplified: where there are eligible leader replicas Kafka's controller writes
    `min.insync.replicas` down for all brokers, and DescribeConfigs names that as the source; here
    it is the default or what the brokers' file says.
    """

    def __init__(self, replicas: ReplicaManager) -> None:
        self._replicas, self._image = replicas, replicas.image

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
        return DescribeConfigsResponse(tuple(map(self._configs_of, request.topics)))

    def _configs_of(self, topic: str) -> DescribedConfigs:
        known = self._image.topics.get(topic)
        if known is None:
            error = Errors.UNKNOWN_TOPIC_OR_PARTITION
            return DescribedConfigs(topic, error=error, says=f"there is no topic {topic!r}")
        return DescribedConfigs(topic, described(known.config, self._replicas.config))

    def _offsets(self, request: ListOffsetsRequest, _context: Context) -> object:
        return ListOffsetsResponse(
            tuple(self._offset(name, at_ms) for name, at_ms in request.partitions)
        )

    def _offset(self, name: TopicPartition, at_ms: int) -> ListedOffset:
        """Answer as the leader: the end that consumers see is the high watermark."""
        partition = self._replicas.partitions.get(name)
        if partition is None or partition.leader is None:
            is_known = name in self._image.partitions
            error = Errors.NOT_LEADER_OR_FOLLOWER if is_known else Errors.UNKNOWN_TOPIC_OR_PARTITION
            return ListedOffset(name, error=error)
        log = partition.replica_log.log
        if at_ms == LATEST:
            return ListedOffset(name, log.high_watermark)
        if at_ms == EARLIEST:
            return ListedOffset(name, log.log_start)
        found = log.offset_for_timestamp(at_ms)
        if found is None or found.offset >= log.high_watermark:
            return ListedOffset(name)
        return ListedOffset(name, found.offset, found.timestamp_ms)
