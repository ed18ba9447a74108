"""What a reader needs in order to play a run again, beside its commands."""

from collections.abc import Iterator
from typing import get_args

from kafkabook.base.settings import default_of
from kafkabook.lab import Lab
from kafkabook.lab.rules import LabVersion, rules_of
from kafkabook.scenarios.cluster_end import ClusterSetup


def run_told(lab: Lab) -> str:
    """Name the seed of a lab, and the version if its rules are those of one.

    >>> run_told(Lab()), run_told(Lab(version="2.x", seed=3))
    ('Kafka 4.x · seed 7', 'Kafka 2.x · seed 3')
    >>> run_told(Lab(rules=rules_of("4.x").having(is_elr_enabled=False)))
    'seed 7'
    """
    return " · ".join((*_versions(lab), f"seed {lab.view.seed}"))


def differing(lab: Lab, other: Lab, topic: str = "") -> Iterator[str]:
    """Name what a lab has otherwise than another one: its version, or else settings; its seed.

    Args:
        topic: whose settings count.

    >>> list(differing(Lab(version="2.x", seed=3), Lab()))
    ['Kafka 2.x', 'seed 3']
    """
    if _versions(lab) != _versions(other) and _versions(lab):
        yield from _versions(lab)
    else:
        yield from _setup(lab, topic).told_beside(_setup(other, topic))
    if lab.view.seed != other.view.seed:
        yield f"seed {lab.view.seed}"


def _versions(lab: Lab) -> list[str]:
    """Return the version whose rules a lab has, if there is one."""
    known = [version for version in get_args(LabVersion) if lab.rules == rules_of(version)]
    return [f"Kafka {version}" for version in known]


def _setup(lab: Lab, topic: str) -> ClusterSetup:
    """Return what a lab was made with, and the settings of a topic that it has."""
    view = lab.view
    told = view.topics[topic].config.values() if topic in view.topics else {}
    own = tuple(
        (name, default_of(name, scope="topic") if value is None else value)
        for name, value in told.items()
    )
    return ClusterSetup(brokers=len(view.brokers), topic=own, rules=lab.rules, config=lab.config)
