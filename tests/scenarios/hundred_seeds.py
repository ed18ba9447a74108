"""The runs that take minutes, by name: `pytest tests/scenarios/hundred_seeds.py`.

`test_cluster_scenarios.py` plays three seeds in every test run. A script that waits for less than
it needs may pass there, and meet another end under one seed of a hundred.
"""

import pytest

from kafkabook.scenarios.cluster_end import ClusterEnd
from kafkabook.scenarios.cluster_player import played
from kafkabook.scenarios.scenario import Scenario
from tests.scenarios.test_cluster_scenarios import EACH

SEEDS = range(100, 200)


@EACH
@pytest.mark.parametrize("end", ["bad", "good"])
def test_chance_decides_nothing(scenario: Scenario, end: str) -> None:
    """The seed draws how long each message takes, and no end depends on it."""
    stated = scenario.bad if end == "bad" else scenario.good
    assert isinstance(stated, ClusterEnd)
    outcomes = {seed: played(scenario, stated, scenario.steps, seed=seed) for seed in SEEDS}
    other = {seed: it for seed, it in outcomes.items() if it.refused or not it.as_expected}
    assert {} == {seed: (it.held, it.broken, it.refused) for seed, it in other.items()}
