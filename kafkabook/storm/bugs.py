"""Every seeded bug by its name, whichever package it is put into."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from kafkabook.cluster import variants as of_the_cluster
from kafkabook.lab import Rules
from kafkabook.replication import variants as of_replication


class Bug(NamedTuple):
    """A change to the rules of a lab, what is wrong then, and the checker that must see it."""

    put_into: Callable[[Rules], Rules]
    what: str
    caught_by: str


def _in_replication(bug: of_replication.SeededBug) -> Bug:
    def put_into(rules: Rules) -> Rules:
        return replace(rules, replication=bug.put_into(rules.replication))

    return Bug(put_into, bug.what, bug.caught_by)


def _in_cluster(bug: of_the_cluster.SeededBug) -> Bug:
    def put_into(rules: Rules) -> Rules:
        return replace(rules, cluster=bug.put_into(rules.cluster))

    return Bug(put_into, bug.what, bug.caught_by)


BUGS: Mapping[str, Bug] = MappingProxyType(
    {name: _in_replication(bug) for name, bug in of_replication.BUGS.items()}
    | {name: _in_cluster(bug) for name, bug in of_the_cluster.BUGS.items()}
)


def bug_called(name: str) -> Bug:
    """Return a seeded bug.

    Raises:
        LookupError: there is none of that name; says which there are.
    """
    if name not in BUGS:
        raise LookupError(f"there is no bug {name!r}; there are {', '.join(BUGS)}")
    return BUGS[name]
