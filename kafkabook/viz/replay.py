"""What a reader needs in order to play a run again, beside its commands."""

from typing import get_args

from kafkabook.lab import Lab
from kafkabook.lab.rules import LabVersion, rules_of


def run_told(lab: Lab) -> str:
    """Name the seed of a lab, and the version if its rules are those of one.

    >>> run_told(Lab()), run_told(Lab(version="2.x", seed=3))
    ('Kafka 4.x · seed 7', 'Kafka 2.x · seed 3')
    >>> run_told(Lab(rules=rules_of("4.x").having(is_elr_enabled=False)))
    'seed 7'
    """
    known = [version for version in get_args(LabVersion) if lab.rules == rules_of(version)]
    versions = [f"Kafka {version}" for version in known]
    return " · ".join((*versions, f"seed {lab.view.seed}"))
