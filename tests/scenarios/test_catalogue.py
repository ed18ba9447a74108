"""Every scenario meets both of its ends, and needs every one of its steps for it."""

from dataclasses import replace

import pytest

from kafkabook.scenarios.one_log import E3, E4, LOGS
from kafkabook.scenarios.scenario import Scenario
from kafkabook.scenarios.steps import CutPower, Lose

EACH = pytest.mark.parametrize("scenario", LOGS, ids=lambda scenario: scenario.id)
TORN_BATCH_BYTES = 69


@EACH
def test_the_bad_end_is_met(scenario: Scenario) -> None:
    """Exactly these records and exactly these broken properties, no others."""
    outcome = scenario.play("bad")
    assert (scenario.bad.readable, scenario.bad.broken) == (outcome.readable, outcome.broken)


@EACH
def test_the_good_end_is_met(scenario: Scenario) -> None:
    """The fix alone, with the same script, and nothing is broken."""
    outcome = scenario.play("good")
    assert (scenario.good.readable, ()) == (outcome.readable, outcome.broken)


@EACH
def test_each_fault_is_needed_for_the_bad_end(scenario: Scenario) -> None:
    """Drop any fault, and the bad end does not come: the script holds nothing idle."""
    for place in scenario.faults():
        steps = scenario.steps[:place] + scenario.steps[place + 1 :]
        outcome = scenario.bad.play(scenario, steps)
        assert (scenario.bad.readable, scenario.bad.broken) != (outcome.readable, outcome.broken)


@pytest.mark.parametrize("keep_bytes", range(TORN_BATCH_BYTES))
def test_a_write_torn_at_any_byte_recovers_to_the_batch_before(keep_bytes: int) -> None:
    """E3 for every byte of the last batch."""
    steps = tuple(
        replace(step, keep_bytes=keep_bytes) if isinstance(step, CutPower) else step
        for step in E3.steps
    )
    outcome = E3.good.play(E3, steps)
    assert (E3.good.readable, ()) == (outcome.readable, outcome.broken)


def test_a_write_that_reached_the_disk_whole_is_kept() -> None:
    """Luck is allowed: the batch was not flushed, and is there all the same."""
    steps = tuple(
        CutPower(TORN_BATCH_BYTES) if isinstance(step, CutPower) else step for step in E3.steps
    )
    assert ("0 a", "1 b", "2 c", "3 d") == E3.good.play(E3, steps).readable


@pytest.mark.parametrize("suffix", [".index", ".timeindex"])
def test_a_missing_index_gives_the_same_answers(suffix: str) -> None:
    """E4 with the file gone instead of damaged."""
    steps = tuple(Lose(suffix) if n == 2 else step for n, step in enumerate(E4.steps))
    outcome = E4.good.play(E4, steps)
    assert (E4.good.readable, ()) == (outcome.readable, outcome.broken)


def test_an_outcome_tells_what_it_is() -> None:
    """What a chapter shows is the scenario in words, then the records, then what broke."""
    assert repr(E3.play("good")) == (
        "E3: The log ends where the last whole batch ends, and goes on from there.\n"
        "Repaired: Cut the file where the first batch is not whole.\n"
        "a consumer is given:\n    0 a\n    1 b\n    2 d"
    )
    bad = repr(E3.play("bad"))
    assert "\nBroken promise L6: recovery keeps every intact batch up to the first damage" in bad
    assert "\nL6: segment 0: kept 178 bytes" in bad
    assert "does not apply" not in bad


@EACH
def test_each_bad_end_names_what_it_is_set_up_with(scenario: Scenario) -> None:
    """Without it the two ends of a chapter look like chance."""
    expected = {
        "E3": "Set up with the part “recovery keeps the torn batch”.",
        "E4": "Set up with the part “stale index trusted”.",
        "E8": "Set up with segment.ms = 7 d.",
        "E9": "Set up with segment.ms = 30 d.",
    }
    assert expected[scenario.id] == scenario.play("bad").setup
    assert f"Repaired: {scenario.fix}" == scenario.play("good").setup


def test_an_end_is_good_or_bad() -> None:
    """A misspelt end would otherwise pass for one of them."""
    with pytest.raises(ValueError, match="not 'ugly'"):
        E3.play("ugly")
