"""Every picture of every explorer is drawn within its budget, and what it says can be read.

The tests with a browser and those without stand in one file, so that one process draws it all once.
"""

from os import environ

import pytest

from kafkabook.explorers.catalogue import every_explorer
from kafkabook.explorers.explorer import Explorer
from kafkabook.explorers.player import player_html
from kafkabook.viz.figure import Figure
from tests.browser.conftest import Opened
from tests.browser.readable import MEASURE

EXPLORERS = every_explorer()
STOPS_APART = 1 if environ.get("KAFKABOOK_FULL") == "1" else 7
OF_CLUSTERS = ("replication.", "in_sync_replicas.", "failure_and_recovery.")
BY_RULE = "in_sync_replicas.where_is_the_high_watermark"  # computed, so that nothing is drawn lots


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_picture_can_be_drawn_and_packed(name: str) -> None:
    """A slider that raises in a reader's hands fails here first; a cluster names its seed."""
    it = EXPLORERS[name]
    pictures = [figure for places in it.places() for figure in it.pictures(places)]
    assert {Figure} == {type(figure).__mro__[-2] for figure in pictures}
    for figure in pictures:
        assert figure.title.endswith("?")
        assert figure.text.startswith(figure.title)
        assert "seed " in figure.text or not name.startswith(OF_CLUSTERS) or name == BY_RULE
    assert "data-kb-player" in player_html(it)


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_knob_and_fork_changes_what_is_seen_and_said(name: str) -> None:
    """A knob without effect, or one that the words do not tell, is a defect."""
    it = EXPLORERS[name]
    start = it.start
    for number, knob in enumerate(it.knobs):
        turned = [
            it.pictures((*start[:number], place, *start[number + 1 :]))
            for place in range(len(knob.values))
        ]
        assert len(set(turned)) > 1, knob
        assert len({tuple(figure.text for figure in shown) for shown in turned}) > 1, knob
    for fork in it.forks:
        assert it.pictures(start) != it.pictures(it.forked(start, fork)), fork


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_slider_with_a_kernel_can_stop_between_the_given_values(name: str) -> None:
    """A run that nobody has looked at before must not raise in a reader's hands."""
    it, given = EXPLORERS[name].filled(), EXPLORERS[name]
    for number, knob in enumerate(it.knobs):
        new = [n for n, value in enumerate(knob.values) if value not in given.knobs[number].values]
        for place in new[::STOPS_APART]:
            assert it.pictures((*it.start[:number], place, *it.start[number + 1 :]))


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_guess_has_an_answer(name: str) -> None:
    """The truth comes from the model and is among the choices."""
    guess = EXPLORERS[name].guess
    assert guess is None or guess.data()["answer"]


def pictures(it: Explorer) -> list[Figure]:
    """Return first and last picture at the start and at each end of each knob."""
    places = {
        (*it.start[:number], place, *it.start[number + 1 :])
        for number, knob in enumerate(it.knobs)
        for place in range(len(knob.values))
    }
    return [fig for at in sorted(places) for fig in {it.pictures(at)[n] for n in (0, -1)}]


@pytest.mark.browser
@pytest.mark.parametrize("name", EXPLORERS)
def test_no_text_is_cut_off_or_lies_on_another(name: str, opened: Opened) -> None:
    """Widths are computed before anything is drawn; a browser says whether they were right."""
    opened.page.set_viewport_size({"width": 840, "height": 600})
    opened.page.set_content("".join(figure.svg for figure in pictures(EXPLORERS[name])))
    opened.page.evaluate(MEASURE)
    assert [] == opened.page.evaluate("readable.seen(document.documentElement)")
