"""With a kernel: sliders, one view, and errors that somebody sees."""

import pytest

from kafkabook.explorers.explorer import Explorer, Guess, explorer
from kafkabook.explorers.live import LiveExplorer
from kafkabook.explorers.motions import Motions
from kafkabook.viz.figure import Figure
from kafkabook.viz.sheet import Sheet


def an_explorer(guess: Guess | None = None) -> Explorer:
    """Return an explorer whose least value breaks it."""

    @explorer("What?", a=(1, 2, 0), guess=guess)
    def shares(a: int) -> Figure:
        return Sheet("What?").figure(f"a share is {12 // a}")

    return shares


def sentence(live: LiveExplorer) -> str:
    """Return what the view shows."""
    return live.view.picture["shown"]["texts"][0].split("\n")[1]


def test_moving_a_slider_changes_the_picture() -> None:
    """The callback is called as ipywidgets calls it."""
    live = LiveExplorer(an_explorer())
    live.sliders[0].value = 2
    assert "a share is 6" == sentence(live)


def test_the_view_moves_the_sliders_too() -> None:
    """Reset and clicks come from the picture; both must agree where the knobs stand."""
    live = LiveExplorer(an_explorer())
    live.take({"do": "set", "name": "a", "value": "2"})
    assert (2, "a share is 6") == (live.sliders[0].value, sentence(live))
    live.take({"do": "reset"})
    assert (1, "a share is 12") == (live.sliders[0].value, sentence(live))


def test_an_error_is_shown_and_raised_again() -> None:
    """An exception in a callback shows nowhere by itself."""
    live = LiveExplorer(an_explorer())
    with pytest.raises(ZeroDivisionError):
        live.sliders[0].value = 0
    assert "Error: ZeroDivisionError: integer division or modulo by zero" == live.view.problem
    live.sliders[0].value = 2
    assert ("", "a share is 6") == (live.view.problem, sentence(live))


def test_sliders_are_locked_until_the_guess() -> None:
    """A prediction made after the fact teaches nothing."""
    live = LiveExplorer(an_explorer(Guess("6 or 12?", lambda: 12, "why", (6, 12))))
    assert live.sliders[0].disabled
    live.take({"do": "guess", "value": "6"})
    assert not live.sliders[0].disabled


def test_the_view_is_given_the_motion_of_the_newest_place() -> None:
    """It draws that as a page does; what a slider has passed is not shown after it."""
    live = LiveExplorer(an_explorer())
    seen = []
    live.view.observe(lambda change: seen.append(change.new["places"]), "picture")
    for place in (2, 1, 2):
        live.sliders[0].value = place
    assert [[2], [1], [2]] == seen
    assert (
        Motions(live.session.explorer).at((2,))["layouts"] == live.view.picture["shown"]["layouts"]
    )
    assert "a share is 6" == sentence(live)


def test_nothing_of_the_answer_is_sent_before_the_guess() -> None:
    """What the front end does not have, it cannot show by mistake."""
    live = LiveExplorer(an_explorer(Guess("6 or 12?", lambda: 12, "why", (6, 12))))
    assert None is live.view.picture["shown"]
    live.take({"do": "guess", "value": "6"})
    assert "a share is 12" == sentence(live)


def test_few_named_choices_are_buttons() -> None:
    """They turn the picture as a slider does."""
    named = explorer("What?", a=("none", "gzip"))(lambda a: Sheet("What?").figure(f"case {a}"))
    live = LiveExplorer(named)
    assert "ToggleButtons" == type(live.sliders[0]).__name__
    live.sliders[0].value = 1
    assert "case gzip" == sentence(live)


def test_many_words_are_a_menu() -> None:
    """It turns the picture as a slider does."""
    words = explorer("What?", a=tuple("abcdefg"))(lambda a: Sheet("What?").figure(f"case {a}"))
    live = LiveExplorer(words)
    assert "Dropdown" == type(live.sliders[0]).__name__
    live.sliders[0].value = 2
    assert "case c" == sentence(live)


def test_sliders_jump_to_where_the_answer_can_be_seen() -> None:
    """The knobs are ipywidgets here; the time bar is the front end's, which is told the frame."""
    guess = Guess("6 or 12?", lambda: 6, "why", (6, 12), shows={"a": 2}, at=0)
    live = LiveExplorer(an_explorer(guess))
    live.take({"do": "guess", "value": ""})
    assert (2, "a share is 6") == (live.sliders[0].value, sentence(live))
    assert 0 == live.view.meta["guess"]["at"]


def test_each_display_has_widgets_of_its_own() -> None:
    """Two views of one explorer do not move each other."""
    shares = an_explorer()
    one, other = LiveExplorer(shares), LiveExplorer(shares)
    one.sliders[0].value = 2
    assert "a share is 12" == sentence(other)


def test_a_slider_with_a_kernel_goes_over_its_whole_range() -> None:
    """The author's values are still where a guess, a fork and a reset lead to."""
    guess = Guess("6 or 12?", lambda: 6, "why", (6, 12), shows={"a": 6})
    stops = explorer("What?", a=(1, 6, 300), guess=guess)(lambda a: Sheet("What?").figure(f"a={a}"))
    live = LiveExplorer(stops)
    assert (3, 16) == (len(stops.knobs[0].values), len(live.sliders[0].options))
    live.take({"do": "guess", "value": "12"})
    assert "a=6" == sentence(live)
    live.sliders[0].value += 1
    assert "a=9" == sentence(live)
    live.take({"do": "reset"})
    assert "a=1" == sentence(live)
    assert 3 == len(stops.knobs[0].values)
