"""Every seeded bug by its name, whichever package it is put into."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from kafkabook.base.seeded_bug import SeededBug
from kafkabook.cluster import variants as of_the_cluster
from kafkabook.cluster.rules import ClusterRules
from kafkabook.lab import Rules
from kafkabook.replication import variants as of_replication
from kafkabook.replication.rules import ReplicationRules


def _in_replication(bug: SeededBug[ReplicationRules]) -> SeededBug[Rules]:
    def put_into(rules: Rules) -> Rules:
        return replace(rules, replication=bug.put_into(rules.replication))

    return SeededBug(put_into, bug.what, bug.caught_by)


def _in_cluster(bug: SeededBug[ClusterRules]) -> SeededBug[Rules]:
    def put_into(rules: Rules) -> Rules:
        return replace(rules, cluster=bug.put_into(rules.cluster))

    return SeededBug(put_into, bug.what, bug.caught_by)


BUGS: Mapping[str, SeededBug[Rules]] = MappingProxyType(
    {name: _in_replication(bug) for name, bug in of_replication.BUGS.items()}
    | {name: _in_cluster(bug) for name, bug in of_the_cluster.BUGS.items()}
)


def bug_called(name: str) -> SeededBug[Rules]:
    """Return a seeded bug.

    Raises:
        LookupError: there is none of that name; says which there are.
    """
    if name not in BUGS:
        raise LookupError(f"there is no bug {name!r}; there are {', '.join(BUGS)}")
    return BUGS[name]
