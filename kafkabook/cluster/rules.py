"""The decisions of the controller: plain functions, gathered in one frozen dataclass of parts.

Source: kafka, metadata `ReplicationControlManager.java`, `ClusterControlManager.java`; KIP-497,
KIP-631, KIP-903, KIP-966.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.election import Elect, elect
from kafkabook.cluster.leader_balance import Led, to_rebalance
from kafkabook.cluster.metadata import Registration
from kafkabook.cluster.placement import Placement, place_striped
from kafkabook.protocol.control_api import BrokerRegistrationRequest, ProposedIsr
from kafkabook.replication.facts import PartitionState

Refusal = Errors | None


def check_alteration(
    request: ProposedIsr, state: PartitionState, brokers: Mapping[int, Registration]
) -> Refusal:
    """Say why a leader's proposal is refused, or None.

    It must come from the leader of this epoch, in its present incarnation, and build on the newest
    set.
    Every new member must be alive, and fetch in its present incarnation: one that was restarted
    since its last fetch may have lost what that fetch proved (KIP-903).

    Source: kafka, ReplicationControlManager `validateAlterPartitionData`.
    """
    return (
        check_broker_epoch(request, brokers)
        or check_epochs(request, state)
        or check_members(request, brokers)
    )


def check_broker_epoch(request: ProposedIsr, brokers: Mapping[int, Registration]) -> Refusal:
    """Refuse the proposal of an earlier incarnation of the leader's broker."""
    known = brokers.get(request.broker)
    stale = known is None or known.broker_epoch != request.broker_epoch
    return Errors.STALE_BROKER_EPOCH if stale else None


def check_epochs(request: ProposedIsr, state: PartitionState) -> Refusal:
    """Refuse a proposal from another leader epoch, from no leader, or built on an older set.

    Simplified: to an epoch above its own Kafka answers NOT_CONTROLLER; our controller never lags.
    """
    if request.leader_epoch != state.leader_epoch:
        return Errors.FENCED_LEADER_EPOCH
    if request.broker != state.leader:
        return Errors.INVALID_REQUEST
    if request.partition_epoch != state.partition_epoch:
        return Errors.INVALID_UPDATE_VERSION
    members = {broker for broker, _ in request.isr}
    is_valid = request.broker in members <= set(state.replicas)
    return None if is_valid else Errors.INVALID_REQUEST


def check_members(request: ProposedIsr, brokers: Mapping[int, Registration]) -> Refusal:
    """Refuse members that are fenced, shutting down, or fetched in an earlier incarnation."""
    for broker, epoch in request.isr:
        known = brokers.get(broker)
        if known is None or not known.is_active or epoch not in (-1, known.broker_epoch):
            return Errors.INELIGIBLE_REPLICA
    return None


def check_registration(request: BrokerRegistrationRequest, known: Registration | None) -> Refusal:
    """Refuse a second process under an id whose first one is still heard of.

    Unless the first one is in its controlled shutdown, which it will not survive anyway.

    Simplified: Kafka asks for a valid session. A process that died before it was unfenced, or that
    stopped and had led nothing, still has one for a while; its successor is not refused here.
    Source: kafka, ClusterControlManager `registerBroker`.
    """
    if known is None or not known.is_active or known.incarnation == request.incarnation:
        return None
    return Errors.DUPLICATE_BROKER_REGISTRATION


def lost_its_tail(request: BrokerRegistrationRequest, known: Registration | None) -> bool:
    """Say whether a broker that is back may have lost what it had not flushed.

    Only a clean stop leaves the broker epoch of the incarnation that it ended.

    Source: KIP-966; kafka, ClusterControlManager `registerBroker`.
    """
    return known is not None and request.previous_broker_epoch != known.broker_epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRules:
    """The parts of the controller; the defaults are today's Kafka.

    Attributes: `place`, `elect`, `check_alteration`, `check_registration`, `lost_its_tail`,
    `to_rebalance` (which partitions go back to their preferred leaders), whether eligible leader
    replicas are enabled (on for new clusters since 4.1, KIP-966), and whether a broker learns the
    metadata before it is registered (since KIP-500 it fetches them as an observer of the
    controllers' log; in ZooKeeper's time the controller told registered brokers alone).
    """

    place: Placement = place_striped
    elect: Elect = elect
    check_alteration: Callable[
        [ProposedIsr, PartitionState, Mapping[int, Registration]], Refusal
    ] = check_alteration
    check_registration: Callable[[BrokerRegistrationRequest, Registration | None], Refusal] = (
        check_registration
    )
    lost_its_tail: Callable[[BrokerRegistrationRequest, Registration | None], bool] = lost_its_tail
    to_rebalance: Callable[[Mapping[TopicPartition, Led]], tuple[TopicPartition, ...]] = (
        to_rebalance
    )
    is_elr_enabled: bool = True
    is_metadata_fetched: bool = True
