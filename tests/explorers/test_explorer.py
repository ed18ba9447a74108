"""An explorer is a function with a finite grid; its budget is checked where it is declared."""

import gzip
import json
import re
from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest

from kafkabook.explorers import player
from kafkabook.explorers.explorer import Explorer, Guess, explorer
from kafkabook.explorers.motions import TURN_S, Motions
from kafkabook.viz.figure import Figure
from kafkabook.viz.modes import MODE
from kafkabook.viz.motion import Keyframe, Motion
from kafkabook.viz.sheet import Sheet
from kafkabook.viz.strips import Cell, Strip, offset_strip


def drawn(sentence: str) -> Figure:
    """Draw a sentence."""
    return Sheet("How many?").figure(sentence)


def an_explorer(**options: Any) -> Explorer:
    """Return an explorer of two knobs with two frames at each point."""
    knobs = {"segment_bytes": (1_000, 1_073_741_824), "crashes": (False, True)} | options

    @explorer("How many?", frames=2, **knobs)
    def counted(segment_bytes: int, crashes: bool) -> list[Figure]:
        """Counts.

        More.
        """
        return [drawn(f"{segment_bytes} bytes, crash {crashes}, step {n}.") for n in (1, 2)]

    return counted


def test_an_explorer_is_the_function_it_wraps() -> None:
    """A knob that is not given stands at its start."""
    counted = an_explorer()
    assert "How many?\n1000 bytes, crash True, step 1." == counted(crashes=True)[0].text
    assert counted(1000, True) == counted(crashes=True)
    assert "counted" == counted.__name__
    assert "Counts." == counted.caption


def test_the_grid_is_walked_along_the_sliders() -> None:
    """All points, the last knob fastest, so that a test can draw them all."""
    assert [(0, 0), (0, 1), (1, 0), (1, 1)] == list(an_explorer().places())


def test_an_explorer_starts_at_the_first_value_given_wherever_that_stands() -> None:
    """The slider sorts its numbers; start, fork and default follow their values."""
    it = an_explorer(segment_bytes=(2_000, 1_000, 1_073_741_824))
    fork = Explorer(it.__wrapped__, "Q?", it.knobs, frames=2, forks={"x": {"segment_bytes": 1000}})
    assert (1, 0) == it.start
    assert "How many?\n2000 bytes, crash False, step 1." == it.first().text
    assert (0, 1) == fork.forked((1, 1), "x")
    assert [1, 0] == [knob["start"] for knob in player.meta(it)["knobs"]]
    assert 2 == player.meta(it)["knobs"][0]["default"]


def asked(**where: Any) -> Guess:
    """Return a guess that shows its answer somewhere."""
    return Guess("Two?", lambda: 2, "why", **where)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"question": "How many"}, "'How many' is not a question: it must end in '?'"),
        ({"a": range(11), "b": range(11)}, "121 pictures, at most 120 are allowed"),
        ({"a": range(2), "frames": 61}, "122 pictures, at most 120 are allowed"),
        ({"a": (1,)}, "knob a has nothing to turn"),
        (dict.fromkeys("abcd", (1, 2)), "4 knobs, at most 3 are allowed"),
        ({"a": (1, 2), "forks": {"x": {"a": 3}}}, "fork 'x' leaves the grid"),
        ({"a": (1, 2), "forks": {"x": {"b": 1}}}, "fork 'x' leaves the grid"),
        ({"a": (1, 2), "guess": asked(shows={"a": 3})}, "what its guess shows leaves the grid"),
        (
            {"a": (1, 2), "frames": 4, "guess": asked(at=4)},
            "its guess is shown at 4, it has 4 frames",
        ),
    ],
)
def test_a_broken_budget_is_refused_where_it_is_declared(
    change: dict[str, Any], complaint: str
) -> None:
    """Not when a reader opens the page."""
    options = {"question": "How many?", **change}
    names = [name for name in options if len(name) == 1]
    space: dict[str, Any] = {}
    exec(f"def f({', '.join(names)}): return 1", space)
    with pytest.raises(ValueError, match="explorer f: ") as caught:
        explorer(**options)(space["f"])
    assert f"explorer f: {complaint}" == str(caught.value)


def test_knobs_must_be_the_arguments() -> None:
    """A misspelt knob would otherwise fail on the reader's first move."""
    with pytest.raises(ValueError, match="its knobs are not its arguments"):
        explorer("How many?", a=(1, 2))(lambda b: drawn("x"))


def test_more_pictures_than_declared_are_refused() -> None:
    """The count at declaration would otherwise mean nothing."""
    two = explorer("How many?", a=(1, 2))(lambda a: [drawn("x"), drawn("y")])
    with pytest.raises(ValueError, match="drew 2 pictures, declared were 1 to 1"):
        two.pictures((0,))


def test_a_player_that_is_too_heavy_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """300 KB each, or a page of six becomes slow."""
    monkeypatch.setattr(player, "MOST_PLAYER_BYTES", 1_000)
    with pytest.raises(ValueError, match=r"explorer counted: \d+ bytes in the book, at most 1000"):
        player.player_html(an_explorer())


@pytest.mark.parametrize(
    ("mode", "kinds"),
    [
        ("still", {"text/plain", "image/svg+xml"}),
        ("book", {"text/plain", "image/svg+xml", "text/html"}),
        (
            "live",
            {"text/plain", "image/svg+xml", "application/vnd.jupyter.widget-view+json"},
        ),
        ("", {"text/plain", "image/svg+xml"}),  # no kernel names a cell here
    ],
)
def test_the_mode_decides_what_a_cell_returns(
    monkeypatch: pytest.MonkeyPatch, mode: str, kinds: set[str]
) -> None:
    """Text and first picture always; the rest for who can use it."""
    monkeypatch.setenv(MODE, mode)
    counted = an_explorer()
    bundle = counted._repr_mimebundle_()
    assert kinds == set(bundle)
    assert (counted.first().text, counted.first().svg) == (
        bundle["text/plain"],
        bundle["image/svg+xml"],
    )


def test_an_unknown_mode_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A typing error must not silently mean still."""
    monkeypatch.setenv(MODE, "alive")
    with pytest.raises(ValueError, match="KAFKABOOK_MODE is 'alive'; use one of live, book, still"):
        an_explorer()._repr_mimebundle_()


def test_a_live_cell_is_one_whose_message_names_a_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    """JupyterLab sends `cellId`; nbclient, and so nbval and nbgrader, do not."""
    import IPython

    class Kernel:
        def get_parent(self, channel: str) -> dict[str, Any]:
            return {"metadata": {"cellId": "4f"} if channel == "shell" else {}}

    class Shell:
        kernel = Kernel()

    monkeypatch.delenv(MODE, raising=False)
    monkeypatch.setattr(IPython, "get_ipython", Shell)
    assert "application/vnd.jupyter.widget-view+json" in an_explorer()._repr_mimebundle_()


def test_the_packed_grid_holds_every_picture_once() -> None:
    """Same pictures are stored once; the grid says which belongs where; bytes are reproducible."""
    counted = an_explorer()
    data = unpacked(player.player_html(counted))
    shown = {places: data["shown"][number] for places, number in data["grid"].items()}
    texts = {places: [data["texts"][n] for n in it["texts"]] for places, it in shown.items()}
    expected = {
        ",".join(map(str, places)): [figure.text for figure in counted.pictures(places)]
        for places in counted.places()
    }
    assert expected == texts
    layouts = [json.dumps(layout) for layout in data["layouts"]]
    assert len(set(layouts)) == len(layouts)
    assert player.packed(counted) == player.packed(an_explorer())


def test_a_guess_comes_first_and_its_picture_does_not_tell() -> None:
    """What stands in the page before the guess is the picture that the author made for it."""
    guess = Guess("Two or three?", lambda: 3, "Three it is.", (2, 3), lambda: drawn("Guess."))
    asked = an_explorer(guess=guess)
    assert "How many?\nGuess." == asked.first().text
    data = unpacked(player.player_html(asked))
    guess_data = data["meta"]["guess"]
    assert ("3", ["2", "3"]) == (guess_data["answer"], guess_data["choices"])
    before = data["shown"][data["grid"]["before"]]
    assert ["How many?\nGuess."] == [data["texts"][number] for number in before["texts"]]


def test_a_truth_that_cannot_be_guessed_is_an_error() -> None:
    """The answer is asked of the model, so a change of the model shows here."""
    guess = Guess("Two or three?", lambda: 4, "No.", (2, 3))
    with pytest.raises(ValueError, match="4 is none of"):
        an_explorer(guess=guess)._repr_mimebundle_() and guess.data()


@pytest.mark.parametrize("fields", [("Two", ()), ("Two?", (2,))])
def test_a_guess_is_a_question_with_a_choice(fields: tuple[str, tuple[int, ...]]) -> None:
    """One choice is no choice."""
    question, choices = fields
    with pytest.raises(ValueError, match="guess 'Two"):
        Guess(question, lambda: 2, "why", choices)


def a_log(records: int) -> Figure:
    """Draw a log, which has three widths."""
    cells = tuple(Cell(offset, "a") for offset in range(records))
    return offset_strip(Strip("orders-0", cells, 0, records, records), title="How many?")


def growing() -> Explorer:
    """Return an explorer of logs that grow."""

    @explorer("How many?", grows_by=(1, 2), frames=2)
    def grown(grows_by: int) -> list[Figure]:
        return [a_log(2), a_log(2 + grows_by)]

    return grown


def test_a_layout_that_is_packed_is_the_motion_of_its_point() -> None:
    """What repeats is written once; put together again, it is what was drawn, in each width."""
    it = growing()
    data = unpacked(player.player_html(it))
    shown = data["shown"][data["grid"]["1"]]
    assert ["400", "520", "820"] == list(shown["layouts"])
    for width, number in shown["layouts"].items():
        layout = data["layouts"][number]
        scenes = [figure.scene_for(int(width)) for figure in it.pictures((1,))]
        steps = [Keyframe(float(step), scene) for step, scene in enumerate(scenes)]
        motion = Motion(steps, turn_s=TURN_S)
        rows = [whole(row, data["rows"]) for row in layout["shapes"]]
        assert motion.data() == layout | {"shapes": rows}
        assert any(isinstance(row, int) for row in layout["shapes"])


def test_a_width_without_room_for_one_picture_is_left_out() -> None:
    """Half a motion in one width and half in another would jump."""

    @explorer("How many?", a=(1, 2), frames=2)
    def drawn_in_one_width(a: int) -> list[Figure]:
        return [a_log(a), replace(a_log(3), draw_again=None)]

    assert ["820"] == list(Motions(drawn_in_one_width).at((0,))["layouts"])


def test_equal_pictures_have_equal_numbers() -> None:
    """So that a fork can say that it does not differ yet."""

    @explorer("How many?", a=(1, 2), frames=2)
    def parts_late(a: int) -> list[Figure]:
        return [drawn("same"), drawn(f"{a}")]

    motions = Motions(parts_late)
    assert [[0, 1], [0, 2]] == [motions.at(it)["pictures"] for it in parts_late.places()]


def whole(row: Any, rows: list[Any]) -> Any:
    """Put a row together as the front end does."""
    found = rows[row] if isinstance(row, int) else row
    parts = [whole(part, rows) for part in found[4]] if len(found) > 4 else None
    return found if parts is None else [*found[:4], parts]


def unpacked(html: str) -> dict[str, Any]:
    """Return what the browser unpacks."""
    block = re.search(r'gzip;base64">([^<]*)<', html)
    assert block
    return json.loads(gzip.decompress(b64decode(block.group(1))))
