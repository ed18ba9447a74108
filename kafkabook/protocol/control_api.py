"""What brokers and the controller say to each other, with the fields that we use.

Source: kafka, clients `message/BrokerRegistrationRequest.json`, `BrokerHeartbeatRequest.json`,
`AlterPartitionRequest.json`; KIP-497, KIP-631, KIP-903.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BrokerRegistrationRequest:
    """A process announces itself under its broker id.

    Attributes: `incarnation` (differs in every life of the process), `previous_broker_epoch` (that
    of its last life if it ended cleanly, else -1).
    """

    broker: int
    incarnation: int
    rack: str | None
    previous_broker_epoch: int


@dataclass(frozen=True, slots=True)
class BrokerRegistrationResponse:
    """The broker epoch that this life was given, or Kafka's name of the error."""

    incarnation: int
    broker_epoch: int = -1
    error: str = ""


@dataclass(frozen=True, slots=True)
class BrokerHeartbeatRequest:
    """A broker is alive, knows the metadata below `metadata_offset`, and perhaps wants to stop."""

    broker: int
    broker_epoch: int
    metadata_offset: int
    wants_shut_down: bool = False


@dataclass(frozen=True, slots=True)
class BrokerHeartbeatResponse:
    """Whether the controller takes the broker for alive, and whether it may stop now."""

    is_fenced: bool = False
    should_shut_down: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class AlterPartitionRequest:
    """A leader proposes another in-sync set.

    Attributes: `isr` (broker and the broker epoch under which it fetched, -1 where not known),
    `topic_id` (tells a topic from its successor of the same name; None where nobody cares),
    `number` (counts the requests of a term; Kafka has the correlation id of the connection).
    """

    broker: int
    broker_epoch: int
    partition: str
    leader_epoch: int
    partition_epoch: int
    isr: tuple[tuple[int, int], ...]
    topic_id: str | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class AlterPartitionResponse:
    """The set as it is now confirmed, or Kafka's name of the error; `number` as it was asked."""

    partition: str
    leader_epoch: int
    partition_epoch: int
    isr: tuple[int, ...] = ()
    error: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class MetadataUpdate:
    """Records of the metadata log from `first_offset` on, told to a broker.

    Simplified: real brokers fetch `__cluster_metadata` as observers of its Raft log, and the
    controller of the ZooKeeper era sent LeaderAndIsr and UpdateMetadata requests; ours sends every
    broker every record, and sends again what a heartbeat shows to be missing.
    """

    first_offset: int
    records: tuple[object, ...]
