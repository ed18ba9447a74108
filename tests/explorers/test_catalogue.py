"""Every picture of every explorer is drawn, within its budget."""

import pytest

from kafkabook.explorers.catalogue import every_explorer
from kafkabook.explorers.player import player_html
from kafkabook.viz.figure import Figure

EXPLORERS = every_explorer()
OF_CLUSTERS = (
    *("replication.", "in_sync_replicas.", "failure_and_recovery."),
    "start_here.small_cluster",
)


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_picture_can_be_drawn_and_packed(name: str) -> None:
    """A slider that raises in a reader's hands fails here first; a cluster names its seed."""
    it = EXPLORERS[name]
    pictures = [figure for places in it.places() for figure in it.pictures(places)]
    assert {Figure} == {type(figure).__mro__[-2] for figure in pictures}
    for figure in pictures:
        assert figure.title.endswith("?")
        assert figure.text.startswith(figure.title)
        assert "seed " in figure.text or not name.startswith(OF_CLUSTERS)
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
def test_every_guess_has_an_answer(name: str) -> None:
    """The truth comes from the model and is among the choices."""
    guess = EXPLORERS[name].guess
    assert guess is None or guess.data()["answer"]
