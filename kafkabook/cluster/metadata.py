"""The metadata log: what the controller decided, as records, and the image that they add up to.

Whoever holds the same records holds the same image; the controller decides in records, and only
`replay` changes anything.

Source: KIP-500, KIP-631; kafka, metadata `common/metadata/*.json`, `MetadataImage.java`.
"""

from dataclasses import dataclass, field, replace

from kafkabook.base.names import TopicPartition
from kafkabook.base.quick_init import with_quick_init
from kafkabook.cluster.config import TopicConfig
from kafkabook.replication.facts import PartitionState


@dataclass(frozen=True, slots=True)
class RegisterBrokerRecord:
    """A broker's new incarnation; it is fenced until it has caught up."""

    broker: int
    broker_epoch: int
    incarnation: int
    rack: str | None


@dataclass(frozen=True, slots=True)
class BrokerRegistrationChangeRecord:
    """A broker was fenced or unfenced, or began its controlled shutdown."""

    broker: int
    broker_epoch: int
    is_fenced: bool
    is_shutting_down: bool = False


@dataclass(frozen=True, slots=True)
class TopicRecord:
    """A topic exists."""

    topic: str
    topic_id: str


@dataclass(frozen=True, slots=True)
class ConfigRecord:
    """A topic's settings are these."""

    topic: str
    config: TopicConfig


@dataclass(frozen=True, slots=True)
class BrokerConfigRecord:
    """The settings that were altered at run time: of a broker, or of all ("") by default.

    Simplified: a real ConfigRecord holds one setting, of a topic or of a broker.
    """

    broker: str
    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PartitionRecord:
    """A partition exists."""

    partition: TopicPartition
    topic: str
    state: PartitionState


@dataclass(frozen=True, slots=True)
class PartitionChangeRecord:
    """A partition changed.

    Attributes: `proposed_isr` (the ISR as a leader listed it; empty where none did).

    Simplified: a real one holds only the fields that differ, and no reason; instead of `is_unclean`
    it says that its leader is recovering.
    """

    partition: TopicPartition
    state: PartitionState
    reason: str = ""
    is_unclean: bool = False
    proposed_isr: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoveTopicRecord:
    """A topic is gone, with all its partitions."""

    topic: str


Record = (
    RegisterBrokerRecord
    | BrokerRegistrationChangeRecord
    | TopicRecord
    | ConfigRecord
    | BrokerConfigRecord
    | PartitionRecord
    | PartitionChangeRecord
    | RemoveTopicRecord
)


@with_quick_init
@dataclass(frozen=True, slots=True)
class Registration:
    """A broker as the metadata knows it."""

    broker: int
    broker_epoch: int
    incarnation: int
    rack: str | None = None
    is_fenced: bool = True
    is_shutting_down: bool = False

    @property
    def is_active(self) -> bool:
        """Whether it may lead and become a member."""
        return not self.is_fenced and not self.is_shutting_down


@dataclass(frozen=True, slots=True)
class TopicImage:
    """A topic as the metadata knows it."""

    topic_id: str
    config: TopicConfig = field(default_factory=TopicConfig)
    partitions: tuple[TopicPartition, ...] = ()


class ClusterImage:
    """Everything that the records up to `offset` add up to.

    Attributes: `brokers` by id, `topics` by name, `partitions` by name such as "orders-0", `offset`
    (of the next record), `listed_isr` (ISRs in Kafka's order, which its tools print),
    `broker_configs` (settings altered at run time, by broker id; "" stands for all by default).

    Kafka keeps the set as a list. It begins in the order of the replicas; who goes is taken out of
    it, and what a leader proposes replaces it as a whole.
    """

    def __init__(self) -> None:
        self.offset = 0
        self.brokers: dict[int, Registration] = {}
        self.topics: dict[str, TopicImage] = {}
        self.partitions: dict[TopicPartition, PartitionState] = {}
        self.listed_isr: dict[TopicPartition, tuple[int, ...]] = {}
        self.broker_configs: dict[str, dict[str, str]] = {}

    def replay(self, record: Record) -> None:
        """Take the next record; nothing else changes an image."""
        self.offset += 1
        match record:
            case RegisterBrokerRecord(broker, epoch, incarnation, rack):
                self.brokers[broker] = Registration(broker, epoch, incarnation, rack)
            case BrokerRegistrationChangeRecord(broker, _, is_fenced, is_shutting_down):
                known = self.brokers[broker]
                self.brokers[broker] = replace(
                    known, is_fenced=is_fenced, is_shutting_down=is_shutting_down
                )
            case TopicRecord(topic, topic_id):
                self.topics[topic] = TopicImage(topic_id)
            case ConfigRecord(topic, config):
                self.topics[topic] = replace(self.topics[topic], config=config)
            case BrokerConfigRecord(broker, settings):
                self.broker_configs[broker] = dict(settings)
            case PartitionRecord(partition, topic, state):
                self._add(partition, topic, state)
            case PartitionChangeRecord(partition, state):
                self.partitions[partition] = state
                was = record.proposed_isr or self.listed_isr[partition]
                self.listed_isr[partition] = _listed(state, was)
            case RemoveTopicRecord(topic):
                self._remove(topic)

    def config_of(self, partition: TopicPartition) -> TopicConfig:
        """Return the settings of a partition's topic."""
        return self.topics[partition.topic].config

    def altered(self, name: str, broker: int | None = None) -> str | None:
        """Return what a setting was altered to at run time: of a broker, else of all by default.

        Source: kafka, `DynamicBrokerConfig`; metadata `KafkaConfigSchema.java`
        `resolveEffectiveTopicConfig`; KIP-226.
        """
        own = self.broker_configs.get(str(broker), {})
        return own.get(name, self.broker_configs.get("", {}).get(name))

    def altered_of(self, broker: int) -> dict[str, str]:
        """Return the settings of a broker that were altered at run time; its own come first."""
        return {**self.broker_configs.get("", {}), **self.broker_configs.get(str(broker), {})}

    def least(self, partition: TopicPartition, static: int, broker: int | None = None) -> int:
        """Return the `min.insync.replicas` that counts: never more than there are replicas.

        Args:
            static: what the brokers' file says. broker: who asks; None for the controller.
        """
        own = self.config_of(partition).min_insync_replicas
        usual = int(self.altered("min.insync.replicas", broker) or static)
        return min(own or usual, len(self.partitions[partition].replicas))

    def is_of(self, partition: TopicPartition, topic_id: str | None) -> bool:
        """Say whether a partition belongs to that very topic, not to a successor of its name."""
        return topic_id in (None, self.topics[partition.topic].topic_id)

    def alive(self) -> frozenset[int]:
        """Return the brokers that may lead: neither fenced nor shutting down."""
        return frozenset(b for b, known in self.brokers.items() if known.is_active)

    def is_eligible(self, broker: int, broker_epoch: int) -> bool:
        """Say whether a broker's incarnation may become an in-sync member (KIP-841, KIP-903).

        Args:
            broker_epoch: the one under which it fetched; -1 where nobody knows, which is believed.
        """
        known = self.brokers.get(broker)
        return known is not None and known.is_active and broker_epoch in (-1, known.broker_epoch)

    def _add(self, partition: TopicPartition, topic: str, state: PartitionState) -> None:
        known = self.topics[topic]
        self.topics[topic] = replace(known, partitions=(*known.partitions, partition))
        self.partitions[partition] = state
        self.listed_isr[partition] = _listed(state, state.replicas)

    def _remove(self, topic: str) -> None:
        for partition in self.topics.pop(topic).partitions:
            del self.partitions[partition], self.listed_isr[partition]


def _listed(state: PartitionState, order: tuple[int, ...]) -> tuple[int, ...]:
    """Return an ISR as a list: in that order, then whoever is new."""
    kept = [broker for broker in order if broker in state.isr]
    return (*kept, *(b for b in state.replicas if b in state.isr and b not in kept))
