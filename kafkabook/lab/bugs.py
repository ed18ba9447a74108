"""Every seeded bug of a cluster by its name, whichever package it is put into."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from kafkabook.base.seeded_bug import SeededBug
from kafkabook.cluster.variants import BUGS as BUGS_OF_CLUSTER
from kafkabook.lab.rules import Rules
from kafkabook.log.variants import BUGS as BUGS_OF_LOG
from kafkabook.replication.variants import BUGS as BUGS_OF_REPLICATION

BUGS_OF: Mapping[str, Mapping[str, SeededBug[Any]]] = MappingProxyType(
    {"replication": BUGS_OF_REPLICATION, "cluster": BUGS_OF_CLUSTER, "log": BUGS_OF_LOG}
)


def _within(package: str, bug: SeededBug[Any]) -> SeededBug[Rules]:
    """Return the bug of a package as one of the rules of a whole cluster."""

    def put_into(rules: Rules) -> Rules:
        return replace(rules, **{package: bug.put_into(getattr(rules, package))})

    return SeededBug(put_into, bug.what, bug.caught_by)


BUGS: Mapping[str, SeededBug[Rules]] = MappingProxyType(
    {name: _within(package, bug) for package, bugs in BUGS_OF.items() for name, bug in bugs.items()}
)


def bug_called(name: str) -> SeededBug[Rules]:
    """Return a seeded bug.

    Raises:
        LookupError: there is none of that name; says which there are.
    """
    if name not in BUGS:
        raise LookupError(f"there is no bug {name!r}; there are {', '.join(BUGS)}")
    return BUGS[name]
