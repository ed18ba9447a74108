"""What clients ask of a cluster besides records: its metadata, and what administrators change.

Every request names many topics or partitions; each gets an answer of its own, with Kafka's name of
the error and a sentence (`says`) where there is one.

Source: kafka, clients `message/MetadataRequest.json`, `CreateTopicsRequest.json`,
`CreatePartitionsRequest.json`, `DeleteTopicsRequest.json`, `IncrementalAlterConfigsRequest.json`,
`DescribeConfigsRequest.json`, `ElectLeadersRequest.json`, `DeleteRecordsRequest.json`,
`ListOffsetsRequest.json`, `DescribeClusterRequest.json`.
"""

from dataclasses import dataclass
from enum import Enum

from kafkabook.base.names import TopicPartition

Assignment = tuple[tuple[int, ...], ...]  # for each partition its brokers, preferred leader first
Settings = tuple[tuple[str, str | None], ...]  # Kafka's name and the value as text; None: default


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one part of a request: `error` is Kafka's name, "" where all is well."""

    name: str
    error: str = ""
    says: str = ""


# --- asking --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MetadataRequest:
    """Who leads which partition, and where are the brokers? None: of all topics."""

    topics: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PartitionMetadata:
    """One partition as a broker knows it; `leader` is None where nobody leads."""

    partition: TopicPartition
    leader: int | None
    leader_epoch: int
    replicas: tuple[int, ...]
    isr: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MetadataResponse:
    """What a broker knows: the live brokers, the topics' partitions, and who was not found."""

    brokers: tuple[int, ...]
    partitions: tuple[PartitionMetadata, ...]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DescribeClusterRequest:
    """Who is in the cluster?"""


@dataclass(frozen=True, slots=True)
class DescribeClusterResponse:
    """The live brokers, each with its rack."""

    brokers: tuple[tuple[int, str | None], ...]


@dataclass(frozen=True, slots=True)
class ListOffsetsRequest:
    """Which offset has a partition at a timestamp; -1 for its end, -2 for its beginning?"""

    partitions: tuple[tuple[TopicPartition, int], ...]


@dataclass(frozen=True, slots=True)
class ListedOffset:
    """The offset found, -1 for none; its timestamp, -1 where an end was asked for."""

    partition: TopicPartition
    offset: int = -1
    timestamp_ms: int = -1
    error: str = ""


@dataclass(frozen=True, slots=True)
class ListOffsetsResponse:
    """The answers of all partitions."""

    partitions: tuple[ListedOffset, ...]


@dataclass(frozen=True, slots=True)
class DescribeConfigsRequest:
    """Which settings do these topics have?"""

    topics: tuple[str, ...]


class ConfigSource(Enum):
    """Who has set a setting; each value is the code on the wire."""

    TOPIC_CONFIG = 1
    DYNAMIC_DEFAULT_BROKER_CONFIG = 3
    STATIC_BROKER_CONFIG = 4
    DEFAULT_CONFIG = 5


@dataclass(frozen=True, slots=True)
class ConfigEntry:
    """A setting of a topic, the value that counts, and who has set it."""

    name: str
    value: str
    source: ConfigSource = ConfigSource.DEFAULT_CONFIG


@dataclass(frozen=True, slots=True)
class DescribedConfigs:
    """All settings of a topic, those that it leaves to the brokers too."""

    topic: str
    settings: tuple[ConfigEntry, ...] = ()
    error: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True)
class DescribeConfigsResponse:
    """The answers of all topics."""

    topics: tuple[DescribedConfigs, ...]


# --- changing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewTopic:
    """A topic to be made: placed by rule, or as `assignment` says; -1 leaves it to the brokers."""

    name: str
    partitions: int = -1
    replication_factor: int = -1
    assignment: Assignment | None = None
    settings: Settings = ()


@dataclass(frozen=True, slots=True)
class CreateTopicsRequest:
    """Make topics; with `validate_only` check them, and make none."""

    topics: tuple[NewTopic, ...]
    validate_only: bool = False


@dataclass(frozen=True, slots=True)
class CreatedTopic:
    """Where the partitions of a topic were placed, or why there is none."""

    name: str
    placed: Assignment = ()
    error: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True)
class CreateTopicsResponse:
    """The answers of all topics."""

    topics: tuple[CreatedTopic, ...]


@dataclass(frozen=True, slots=True)
class GrownTopic:
    """How many partitions a topic is to have in all, and where the new ones lie if not by rule."""

    name: str
    total: int
    assignment: Assignment | None = None


@dataclass(frozen=True, slots=True)
class CreatePartitionsRequest:
    """Let topics grow."""

    topics: tuple[GrownTopic, ...]
    validate_only: bool = False


@dataclass(frozen=True, slots=True)
class CreatePartitionsResponse:
    """Where the new partitions were placed, or why there are none.

    Simplified: Kafka's answer does not say where.
    """

    topics: tuple[CreatedTopic, ...]


@dataclass(frozen=True, slots=True)
class DeleteTopicsRequest:
    """Remove topics and, on every broker, their logs."""

    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeleteTopicsResponse:
    """The answers of all topics."""

    topics: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class AlteredConfigs:
    """The settings of a topic that are to be set; None gives one back to its default."""

    topic: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class IncrementalAlterConfigsRequest:
    """Change settings of topics; what is not named stays."""

    topics: tuple[AlteredConfigs, ...]
    validate_only: bool = False


@dataclass(frozen=True, slots=True)
class IncrementalAlterConfigsResponse:
    """The answers of all topics."""

    topics: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class ElectLeadersRequest:
    """Hold elections: "preferred", or "unclean" where nobody leads; None: in every partition."""

    election_type: str
    partitions: tuple[TopicPartition, ...] | None


@dataclass(frozen=True, slots=True)
class ElectLeadersResponse:
    """The answers of all partitions."""

    partitions: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class DeleteRecordsRequest:
    """Let logs begin at an offset; -1 is the high watermark."""

    partitions: tuple[tuple[TopicPartition, int], ...]
    timeout_ms: int = 30_000


@dataclass(frozen=True, slots=True)
class DeletedRecords:
    """The lowest log start of the replicas that are alive, -1 with an error."""

    partition: TopicPartition
    low_watermark: int = -1
    error: str = ""


@dataclass(frozen=True, slots=True)
class DeleteRecordsResponse:
    """The answers of all partitions."""

    partitions: tuple[DeletedRecords, ...]


ToController = (
    CreateTopicsRequest
    | CreatePartitionsRequest
    | DeleteTopicsRequest
    | IncrementalAlterConfigsRequest
    | ElectLeadersRequest
)
