"""A scenario shows its script without its ends, and each end says what made it so."""

import re

import pytest

from kafkabook.scenarios.catalogue import SCENARIOS
from kafkabook.scenarios.in_sync_set import A12, A14
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


def test_a_script_names_no_source() -> None:
    """Source files stand in a chapter's folds; the scenario keeps them in `source`."""
    assert "" == script_view(E3).caption
    assert "recover" in E3.source
    assert E3.source not in script_view(E3).text + repr(E3)


def test_evidence_is_told_in_sentences() -> None:
    """What a checker saw, without the fields of the events."""
    told = repr(E3.play("bad"))
    assert "    0.0 s  The power fails; 1 file lost bytes that were not flushed." in told
    assert "PowerLost(" not in told


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


GOLDEN_CLUSTER = """\
A14 · What is left in the end?
Set up with this bug: a leader that has asked the controller no longer waits for the leaving \
member. Seed 7.
It commits m9 with brokers 1 and 2. The controller has not heard of the new set, and elects \
broker 3 from the old one. Acknowledged and lost: m9. A consumer is given: 0 m8.
broker  role      epoch  log end  high watermark  in ISR  records
     1  follower      1        1               1  yes     m8✓ m9✓ (lost)
     3  leader        1        1               1  yes     m8✓
     2  follower      1        1               1  yes     m8✓ m9✓ (lost)"""


def test_a_cluster_shows_what_each_broker_holds_and_what_all_have_lost() -> None:
    """The lanes of the last moment, with ghosts of what the moments before had there."""
    figure = outcome_view(A14.play("bad"))
    assert GOLDEN_CLUSTER == figure.text
    assert figure.caption.startswith("Broken promise R5: below any leader's high watermark")


def test_no_promise_is_cut_off_however_many_are_broken() -> None:
    """A3 breaks five and finds two more that were never made; each is said to its end."""
    outcome = SCENARIOS["A3"].play("bad")
    caption = outcome_view(outcome).caption
    assert all(promise in caption for promise in outcome.promises)
    assert caption.endswith("losses beyond min.insync.replicas.")


def test_a_good_end_of_a_cluster_says_the_repair_and_breaks_nothing() -> None:
    """Title, repair, end; no caption where no promise is broken."""
    figure = outcome_view(A12.play("good"))
    assert f"Repaired: {A12.fix}" in figure.text
    assert ("", False) == (figure.caption, "lost" in figure.text)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_script_fits_on_a_figure(name: str) -> None:
    """Each step with its number, however long the script."""
    scenario = SCENARIOS[name]
    assert scenario.steps
    text = script_view(scenario).text
    assert all(step.says in text for step in scenario.steps)
