"""What brokers and the controller say to each other, with the fields that we use.

Source: kafka, clients `message/BrokerRegistrationRequest.json`, `BrokerHeartbeatRequest.json`,
`AlterPartitionRequest.json`; KIP-497, KIP-631, KIP-903.
"""

from dataclasses import dataclass
from typing import Any

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.base.quick_init import with_quick_init
from kafkabook.protocol.carried import Carried, numbers_told, state_told


@dataclass(frozen=True, slots=True)
class BrokerRegistrationRequest:
    """A process announces itself under its broker id.

    Attributes: `incarnation` (another number whenever the process starts),
    `previous_broker_epoch` (that of its last incarnation if it ended cleanly, else -1).
    """

    broker: int
    incarnation: int
    rack: str | None
    previous_broker_epoch: int

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return (Carried("", says=f"broker {self.broker}, incarnation {self.incarnation}"),)


@dataclass(frozen=True, slots=True)
class BrokerRegistrationResponse:
    """The broker epoch that this incarnation was given, or the error."""

    incarnation: int
    broker_epoch: int = -1
    error: Errors = Errors.NONE

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return (Carried("", epoch=self.broker_epoch, error=self.error.told),)


@with_quick_init
@dataclass(frozen=True, slots=True)
class BrokerHeartbeatRequest:
    """A broker is alive, knows the metadata below `metadata_offset`, and perhaps wants to stop."""

    broker: int
    broker_epoch: int
    metadata_offset: int
    wants_shut_down: bool = False

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        says = "wants to stop" if self.wants_shut_down else ""
        return (Carried("", self.metadata_offset, epoch=self.broker_epoch, says=says),)


@with_quick_init
@dataclass(frozen=True, slots=True)
class BrokerHeartbeatResponse:
    """Whether the controller takes the broker for alive, and whether it may stop now."""

    is_fenced: bool = False
    should_shut_down: bool = False
    error: Errors = Errors.NONE

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        told = ("fenced" * self.is_fenced, "may stop" * self.should_shut_down)
        return (Carried("", error=self.error.told, says=", ".join(filter(None, told))),)


@dataclass(frozen=True, slots=True)
class ProposedIsr:
    """A leader proposes another ISR for one partition.

    Attributes: `isr` (broker and the broker epoch under which it fetched, -1 where not known),
    `topic_id` (tells a topic from its successor of the same name; None where nobody cares).

    Simplified: Kafka names the broker and its epoch once for all partitions of a request.
    """

    broker: int
    broker_epoch: int
    partition: TopicPartition
    leader_epoch: int
    partition_epoch: int
    isr: tuple[tuple[int, int], ...]
    topic_id: str | None = None


@dataclass(frozen=True, slots=True)
class AlterPartitionRequest:
    """The ISRs that a broker proposes for partitions that it leads."""

    broker: int
    broker_epoch: int
    partitions: tuple[ProposedIsr, ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(
            Carried(
                proposed.partition,
                epoch=proposed.leader_epoch,
                says=numbers_told("in-sync", (broker for broker, _ in proposed.isr)),
            )
            for proposed in self.partitions
        )


@dataclass(frozen=True, slots=True)
class ConfirmedIsr:
    """The set of a partition as it is now confirmed, or the error."""

    partition: TopicPartition
    leader_epoch: int
    partition_epoch: int
    isr: tuple[int, ...] = ()
    error: Errors = Errors.NONE


@dataclass(frozen=True, slots=True)
class AlterPartitionResponse:
    """The controller's answer for each partition, or `error` for all of them."""

    partitions: tuple[ConfirmedIsr, ...] = ()
    error: Errors = Errors.NONE

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        if self.error is not Errors.NONE:
            return (Carried("", error=self.error.told),)
        return tuple(map(_confirmed, self.partitions))


@with_quick_init
@dataclass(frozen=True, slots=True)
class MetadataUpdate:
    """Records of the metadata log from `first_offset` on, told to a broker.

    Simplified: real brokers fetch `__cluster_metadata` as observers of its Raft log, and the
    controller of the ZooKeeper era sent LeaderAndIsr and UpdateMetadata requests; ours sends every
    broker every record, and sends again what a heartbeat shows to be missing. A real broker also
    keeps that log on its disk and fetches after a restart only what it lacks; but it acts on
    nothing before it has caught up with the controllers, so its old copy alone moves nothing.
    """

    first_offset: int
    records: tuple[object, ...]

    def carries(self) -> tuple[Carried, ...]:
        """Say what is in it."""
        return tuple(
            _recorded(record, offset)
            for offset, record in enumerate(self.records, self.first_offset)
        )


def _confirmed(isr: ConfirmedIsr) -> Carried:
    says = numbers_told("in-sync", isr.isr) if isr.error is Errors.NONE else ""
    return Carried(isr.partition, epoch=isr.leader_epoch, error=isr.error.told, says=says)


def _recorded(record: Any, offset: int) -> Carried:
    """Name a record of the metadata, what it is about, and what it says of a partition."""
    name, state = type(record).__name__, getattr(record, "state", None)
    about = getattr(record, "partition", getattr(record, "topic", ""))
    if state is None:
        return Carried(about, offset, says=name)
    told = state_told(state.leader, state.isr)
    return Carried(about, offset, epoch=state.leader_epoch, says=f"{name}: {told}")
