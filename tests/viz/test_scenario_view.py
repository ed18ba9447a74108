"""A scenario shows its script without its ends, and each end says what made it so."""

import re

from kafkabook.scenarios.one_log import E3, E9
from kafkabook.viz.scenario_view import outcome_view, script_view

GOLDEN_BAD = """\
E3 · What can be read in the end?
Set up with the part “recovery keeps the torn batch”.
Recovery leaves the torn batch in the file. The log cannot even be opened. A reader meets \
CORRUPT_MESSAGE. Broken promise L6: recovery keeps every intact batch up to the first damage, \
and nothing after it."""
GOLDEN_GOOD = """\
E3 · What can be read in the end?
Repaired: Cut the file where the first batch is not whole.
The log ends where the last whole batch ends, and goes on from there."""


def test_each_end_says_its_setup_and_the_promise_that_it_breaks() -> None:
    """A letter and a number mean nothing to who meets them first."""
    ends = (outcome_view(E3.play(end)).text for end in ("bad", "good"))
    assert [GOLDEN_BAD, GOLDEN_GOOD] == [text.partition("\npartition")[0] for text in ends]


def test_ghosts_are_explained_where_there_are_any() -> None:
    """Dashed boxes with whole labels, and no word about them where nothing is gone."""
    bad, good = outcome_view(E9.play("bad")), outcome_view(E9.play("good"))
    assert ("", "Dashed: written, and not to be had any more.") == (bad.caption, good.caption)
    names = re.findall(r">(day[^<]*)</text>", good.svg)
    assert sorted(f"day-{n}" for n in range(13)) == sorted(names)


def test_the_script_does_not_tell_the_ends() -> None:
    """They are for the reader to guess."""
    script = script_view(E3)
    assert E3.bad.says not in script.text + script.svg
    assert E3.fix not in script.text + script.svg
