"""The searches that take minutes, run by name: `pytest tests/storm/search_in_full.py`.

What they find is pinned in `test_search.py`, step by step, and replayed in every test run.
"""

import pytest

from kafkabook.storm.search import Exhausted, Found, search
from tests.storm.test_search import SMALL, WIDE, rules_named


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("before KIP-101", 8),
        ("KIP-101", 10),
        ("KIP-279", 10),
        ("KIP-320 first try", 11),
        ("KIP-320 M3", 12),
        ("KIP-320 M4", 11),
        ("KIP-320 M5", 11),
        ("KIP-320 M6", 10),
        ("M5", 12),
    ],
)
def test_three_replicas_two_records_four_epochs(name: str, steps: int) -> None:
    """The table of what each step of Kafka's history repaired, in the wide bounds."""
    found = search(rules_named(name), **WIDE)
    assert isinstance(found, Found)
    assert steps == found.depth


@pytest.mark.parametrize("name", ["KIP-320", "today"])
def test_sound_rules_hold_as_far_as_a_million_states_reach(name: str) -> None:
    """Three replicas, two records, four epochs: no proof, but deeper than any broken set needs."""
    ended = search(rules_named(name), **WIDE, max_states=1_000_000)
    assert isinstance(ended, Exhausted)
    assert ended.depth > 12


def test_kip_320_holds_in_every_schedule_of_three_replicas() -> None:
    """One record, three leader epochs: no state is left to look at."""
    ended = search(rules_named("KIP-320"), **SMALL)
    assert isinstance(ended, Exhausted)
    assert ended.is_complete
