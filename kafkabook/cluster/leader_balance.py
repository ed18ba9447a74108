"""How far leadership has moved from the brokers that were meant to lead, and what goes back.

Source: kafka, `ReplicationControlManager.java`; 3.9, KafkaController.scala.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Protocol, TypeVar

Name = TypeVar("Name", bound=str)


class Led(Protocol):
    """A partition as far as its leadership goes."""

    @property
    def replicas(self) -> tuple[int, ...]:
        """The replicas, preferred leader first."""

    @property
    def leader(self) -> int | None:
        """Who leads, if anybody."""


def imbalance(partitions: Mapping[Name, Led]) -> dict[int, float]:
    """Return for each preferred leader which share (0 to 1) of its partitions it does not lead.

    >>> from dataclasses import replace
    >>> from kafkabook.cluster.election import ElectionFacts
    >>> moved = ElectionFacts((1, 2), isr=frozenset({1, 2}), leader=2)
    >>> imbalance({"orders-0": moved, "orders-1": replace(moved, leader=1)})
    {1: 0.5}
    """
    due = Counter(led.replicas[0] for led in partitions.values())
    away = Counter(partitions[name].replicas[0] for name in to_rebalance(partitions))
    return {broker: away[broker] / due[broker] for broker in sorted(due)}


def to_rebalance(partitions: Mapping[Name, Led]) -> tuple[Name, ...]:
    """Return the partitions that a KRaft controller tries to give back to their preferred leader.

    All that are led by somebody else, every `leader.imbalance.check.interval.seconds`.

    Source: kafka, `ReplicationControlManager.java` `maybeBalancePartitionLeaders`.
    """
    return tuple(name for name, led in partitions.items() if led.leader != led.replicas[0])


def to_rebalance_legacy(
    partitions: Mapping[Name, Led], *, leader_imbalance_per_broker_percentage: int = 10
) -> tuple[Name, ...]:
    """Return those that a controller under ZooKeeper tried to give back.

    Only those of a broker that lacks *more* than `leader_imbalance_per_broker_percentage` percent.

    Source: kafka 3.9, KafkaController.scala `checkAndTriggerAutoLeaderRebalance`.
    """
    limit = leader_imbalance_per_broker_percentage / 100
    too_much = {broker for broker, share in imbalance(partitions).items() if share > limit}
    return tuple(n for n in to_rebalance(partitions) if partitions[n].replicas[0] in too_much)
