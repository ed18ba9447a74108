"""The parts of a whole cluster, and the cluster of each era."""

from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from kafkabook.base.door import meant
from kafkabook.base.errors import UnknownName
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.leader_balance import to_rebalance_legacy
from kafkabook.cluster.placement import place_legacy
from kafkabook.cluster.rules import ClusterRules
from kafkabook.log.rules import LogRules
from kafkabook.replication.history import before_3_7
from kafkabook.replication.rules import ReplicationRules

LabVersion = Literal["4.x", "2.x"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Every decision of a cluster, by package; the defaults are today's Kafka.

    >>> Rules().having(is_elr_enabled=False).cluster.is_elr_enabled
    False
    """

    log: LogRules = field(default_factory=LogRules)
    replication: ReplicationRules = field(default_factory=ReplicationRules)
    cluster: ClusterRules = field(default_factory=ClusterRules)

    def having(self, **parts: Any) -> "Rules":
        """Return these rules with other parts in the places of that name.

        Raises:
            LookupError: no package has a part of that name; the message lists those that exist.
        """
        rules = self
        for name, part in parts.items():
            package = _package_of(name)
            changed = replace(getattr(rules, package), **{name: part})
            rules = replace(rules, **{package: changed})
        return rules

    def part(self, name: str) -> Any:
        """Return the part of that name.

        Raises:
            LookupError: no package has one; the message lists those that exist.

        >>> Rules().part("is_elr_enabled")
        True
        """
        return getattr(getattr(self, _package_of(name)), name)


def _package_of(part: str) -> str:
    whole = Rules()
    names = {
        known.name: package.name
        for package in fields(whole)
        for known in fields(getattr(whole, package.name))
    }
    if part not in names:
        told = f"there is no part {part!r}; there are {', '.join(sorted(names))}"
        raise UnknownName(told + meant(part, names))
    return names[part]


def rules_of(version: LabVersion) -> Rules:
    """Return the rules of an era: "4.x" is today's Kafka, "2.x" that of ZooKeeper (2.8).

    In 2.x replicas are placed in the old way, nobody outside the ISR is trusted, a broker
    is told nothing before it is registered, and the high watermark moves however few are in sync.
    Leadership goes back only to a broker that lacks more than a tenth of its partitions.
    Older rules are in `replication.history`.
    """
    if version == "4.x":
        return Rules()
    cluster = ClusterRules(
        place=place_legacy,
        to_rebalance=to_rebalance_legacy,
        is_elr_enabled=False,
        is_metadata_fetched=False,
    )
    return Rules(replication=before_3_7(), cluster=cluster)


def config_of(version: LabVersion) -> ClusterConfig:
    """Return the settings of an era."""
    return ClusterConfig.of("4.x" if version == "4.x" else "2.8")
