"""The gate's second half: 250 storms of 2,000 events over the correct build."""

from tests.storm.gate import assert_nothing_broke


def test_storms_over_correct_rules_break_nothing() -> None:
    """Safety under faults, then everything comes back, agrees and serves."""
    assert_nothing_broke(range(250, 500))
