"""What clients ask of a cluster besides records: its metadata, and what administrators change.

Every request names many topics or partitions; each gets an answer of its own, with its error and a
sentence (`says`) where there is one.

Source: kafka, clients `message/MetadataRequest.json`, `CreateTopicsRequest.json`,
`CreatePartitionsRequest.json`, `DeleteTopicsRequest.json`, `IncrementalAlterConfigsRequest.json`,
`DescribeConfigsRequest.json`, `ElectLeadersRequest.json`, `DeleteRecordsRequest.json`,
`ListOffsetsRequest.json`, `DescribeClusterRequest.json`.
"""

from dataclasses import dataclass
from enum import Enum

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.protocol.carried import Carried, numbers_told, settings_told, state_told

Assignment = tuple[tuple[int, ...], ...]  # for each partition its brokers, preferred leader first
Settings = tuple[tuple[str, str | None], ...]  # Kafka's name and the value as text; None: default


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one part of a request, and in words why it was refused."""

    name: str
    error: Errors = Errors.NONE
    says: str = ""


# --- asking --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MetadataRequest:
    """Who leads which partition, and where are the brokers? None: of all topics."""

    topics: tuple[str, ...] | None = None

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        if self.topics is None:
            return (Carried("", says="every topic"),)
        return tuple(map(Carried, self.topics))


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

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        known = (
            Carried(p.partition, epoch=p.leader_epoch, says=state_told(p.leader, p.isr))
            for p in self.partitions
        )
        error = Errors.UNKNOWN_TOPIC_OR_PARTITION.told
        return (*known, *(Carried(topic, error=error) for topic in self.unknown))


@dataclass(frozen=True, slots=True)
class DescribeClusterRequest:
    """Who is in the cluster?"""

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return ()


@dataclass(frozen=True, slots=True)
class DescribeClusterResponse:
    """The live brokers, each with its rack."""

    brokers: tuple[tuple[int, str | None], ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return (Carried("", says=numbers_told("brokers", (broker for broker, _ in self.brokers))),)


@dataclass(frozen=True, slots=True)
class ListOffsetsRequest:
    """Which offset has a partition at a timestamp; -1 for its end, -2 for its beginning?"""

    partitions: tuple[tuple[TopicPartition, int], ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        ends = {-1: "its end", -2: "its beginning"}
        return tuple(
            Carried(partition, says=ends.get(at_ms, f"at timestamp {at_ms} ms"))
            for partition, at_ms in self.partitions
        )


@dataclass(frozen=True, slots=True)
class ListedOffset:
    """The offset found, -1 for none; its timestamp, -1 where an end was asked for."""

    partition: TopicPartition
    offset: int = -1
    timestamp_ms: int = -1
    error: Errors = Errors.NONE


@dataclass(frozen=True, slots=True)
class ListOffsetsResponse:
    """The answers of all partitions."""

    partitions: tuple[ListedOffset, ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(Carried(p.partition, p.offset, error=p.error.told) for p in self.partitions)


@dataclass(frozen=True, slots=True)
class DescribeConfigsRequest:
    """Which settings do these topics have?"""

    topics: tuple[str, ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(map(Carried, self.topics))


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
    error: Errors = Errors.NONE
    says: str = ""


@dataclass(frozen=True, slots=True)
class DescribeConfigsResponse:
    """The answers of all topics."""

    topics: tuple[DescribedConfigs, ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(
            Carried(
                described.topic,
                error=described.error.told,
                says=described.says
                or settings_told((entry.name, entry.value) for entry in described.settings),
            )
            for described in self.topics
        )


# --- changing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewTopic:
    """A topic to be made: placed by rule, or as `assignment` says; -1 leaves it to the brokers."""

    name: str
    partitions: int = -1
    replication_factor: int = -1
    assignment: Assignment | None = None
    settings: Settings = ()

    @property
    def told(self) -> str:
        """What is asked for, in words."""
        told = [settings_told(self.settings)] if self.settings else []
        if self.assignment is not None:
            return ", ".join([_placed(self.assignment), *told])
        if self.replication_factor >= 0:
            told.insert(0, f"replication factor {self.replication_factor}")
        if self.partitions >= 0:
            told.insert(0, f"{self.partitions} partitions")
        return ", ".join(told)


@dataclass(frozen=True, slots=True)
class CreateTopicsRequest:
    """Make topics; with `validate_only` check them, and make none."""

    topics: tuple[NewTopic, ...]
    validate_only: bool = False

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(Carried(topic.name, says=topic.told) for topic in self.topics)


@dataclass(frozen=True, slots=True)
class CreatedTopic:
    """Where the partitions of a topic were placed, or why there is none."""

    name: str
    placed: Assignment = ()
    error: Errors = Errors.NONE
    says: str = ""


@dataclass(frozen=True, slots=True)
class CreateTopicsResponse:
    """The answers of all topics."""

    topics: tuple[CreatedTopic, ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(map(_created, self.topics))


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

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(
            Carried(topic.name, says=f"{topic.total} partitions in all") for topic in self.topics
        )


@dataclass(frozen=True, slots=True)
class CreatePartitionsResponse:
    """Where the new partitions were placed, or why there are none.

    Simplified: Kafka's answer does not say where.
    """

    topics: tuple[CreatedTopic, ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(map(_created, self.topics))


@dataclass(frozen=True, slots=True)
class DeleteTopicsRequest:
    """Remove topics and, on every broker, their logs."""

    topics: tuple[str, ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(map(Carried, self.topics))


@dataclass(frozen=True, slots=True)
class DeleteTopicsResponse:
    """The answers of all topics."""

    topics: tuple[Result, ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(map(_result, self.topics))


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

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(
            Carried(altered.topic, says=settings_told(altered.settings)) for altered in self.topics
        )


@dataclass(frozen=True, slots=True)
class IncrementalAlterConfigsResponse:
    """The answers of all topics."""

    topics: tuple[Result, ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(map(_result, self.topics))


@dataclass(frozen=True, slots=True)
class ElectLeadersRequest:
    """Hold elections: "preferred", or "unclean" where nobody leads; None: in every partition."""

    election_type: str
    partitions: tuple[TopicPartition, ...] | None

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        asked = ("",) if self.partitions is None else self.partitions
        return tuple(Carried(partition, says=self.election_type) for partition in asked)


@dataclass(frozen=True, slots=True)
class ElectLeadersResponse:
    """The answers of all partitions."""

    partitions: tuple[Result, ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(map(_result, self.partitions))


@dataclass(frozen=True, slots=True)
class DeleteRecordsRequest:
    """Let logs begin at an offset; -1 is the high watermark."""

    partitions: tuple[tuple[TopicPartition, int], ...]
    timeout_ms: int = 30_000

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(Carried(partition, offset) for partition, offset in self.partitions)


@dataclass(frozen=True, slots=True)
class DeletedRecords:
    """The lowest log start of the replicas that are alive, -1 with an error."""

    partition: TopicPartition
    low_watermark: int = -1
    error: Errors = Errors.NONE


@dataclass(frozen=True, slots=True)
class DeleteRecordsResponse:
    """The answers of all partitions."""

    partitions: tuple[DeletedRecords, ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(
            Carried(p.partition, p.low_watermark, error=p.error.told) for p in self.partitions
        )


ToController = (
    CreateTopicsRequest
    | CreatePartitionsRequest
    | DeleteTopicsRequest
    | IncrementalAlterConfigsRequest
    | ElectLeadersRequest
)


def _placed(assignment: Assignment) -> str:
    """Name the brokers of each partition."""
    return "replicas " + "; ".join(", ".join(map(str, brokers)) for brokers in assignment)


def _created(topic: CreatedTopic) -> Carried:
    says = topic.says or (_placed(topic.placed) if topic.placed else "")
    return Carried(topic.name, error=topic.error.told, says=says)


def _result(result: Result) -> Carried:
    return Carried(result.name, error=result.error.told, says=result.says)
