"""A figure is a value within limits; the limits name the figure that breaks them."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from kafkabook.viz.figure import WIDTH_PX, Figure, in_every_width
from kafkabook.viz.modes import MODE
from kafkabook.viz.scene import Scene, Shape, group, words
from kafkabook.viz.sheet import LEFT_PX, Sheet


def scene(*shapes: Shape, width: int = 820, height: int = 100) -> Scene:
    """Return the smallest picture of a size."""
    return Scene(width, height, shapes)


_EMPTY_BYTES = len(Figure("How high?", scene(), "text").svg)


@pytest.mark.parametrize(
    ("drawn", "complaint"),
    [
        (scene(width=821), "821 px wide, at most 820 are allowed"),
        (scene(height=561), "561 px high, at most 560 are allowed"),
        (scene(width=400, height=901), "901 px high, at most 900 are allowed"),
        (
            scene(group(words(0, 20, "a", size=12.5))),
            "writes in 12.5 px, 13 is the least",
        ),
        (
            scene(Shape("raw", {}, ("x" * 60_000,))),
            f"{60_000 + _EMPTY_BYTES} bytes, at most 60000 are allowed",
        ),
    ],
)
def test_a_figure_beyond_the_limits_is_refused_by_name(drawn: Scene, complaint: str) -> None:
    """The author learns at once which figure, what limit, and by how much."""
    with pytest.raises(ValueError, match="^figure 'How high\\?': ") as caught:
        Figure("How high?", drawn, "text")
    assert f"figure 'How high?': {complaint}" == str(caught.value)


def test_a_figure_shows_text_and_svg_and_html_where_somebody_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Committed outputs hold two mime types; a page and JupyterLab get the SVG in place."""
    figure = Figure("Why?", scene(), "Why?\nBecause 1 < 2.")
    monkeypatch.delenv(MODE, raising=False)
    two = {"text/plain": figure.text, "image/svg+xml": figure.svg}
    assert two == figure._repr_mimebundle_()
    for where in ("book", "live"):
        monkeypatch.setenv(MODE, where)
        assert two | {"text/html": figure.html()} == figure._repr_mimebundle_()
    assert "Because 1 &lt; 2." in figure.html()
    said = figure.shown("2 > 1")
    assert "2 > 1" == said["text/plain"]
    assert "<pre>2 &gt; 1</pre>" in said["text/html"]


def test_equal_sheets_give_equal_figures() -> None:
    """No clock, no counter, no address: nbval compares a figure to the byte."""
    assert a_figure() == a_figure()


def test_a_sheet_names_itself_to_those_who_do_not_see_it() -> None:
    """Title and description are found by the ids that `aria-labelledby` names."""
    root = ET.fromstring(a_figure().svg)
    told = {part.get("id"): part.text for part in root if part.get("id")}
    named = [told[name] for name in root.attrib["aria-labelledby"].split()]
    assert ["Why?", "Because."] == named
    assert "group" == root.get("role")


def test_hostile_titles_and_sentences_stay_text() -> None:
    """Escaped in the picture, made visible in the twin; the picture still parses."""
    hostile = '<img src=x onerror="alert(1)">\u202e\x00'
    figure = Sheet(hostile, hostile).figure(hostile, heads=("a",), rows=[(hostile,)])
    texts = [part.text for part in ET.fromstring(figure.svg).iter() if part.text]
    seen = '<img src=x onerror="alert(1)">\\u202e\\x00'
    assert 5 == texts.count(seen)  # title, subtitle and sentence drawn; title and desc for ears
    assert [] == [part.tag for part in ET.fromstring(figure.svg).iter() if "img" in part.tag]
    assert f"{seen}\n{seen}\n{seen}\na\n{seen}" == figure.text


def test_a_narrow_sheet_leaves_to_the_text_what_it_has_no_room_for() -> None:
    """The caption first, then the sentence; three lines of each stay, and the rest is counted."""
    sheet = Sheet("Why?", width_px=400)
    sheet.take(600)
    figure = sheet.figure("because " * 90, caption="source " * 110)
    lines = {shape.key: shape.inside[0] for shape in figure.scene.walk() if shape.kind == "text"}
    captions = [lines[key] for key in lines if key.startswith("caption/")]
    told = [lines[key] for key in lines if key.startswith("told/")]
    assert figure.scene.height <= 900
    assert 3 == len(captions)
    assert all(re.fullmatch(r"…and \d+ more lines in the text", it[-1]) for it in (captions, told))
    assert 90 == figure.text.count("because")


@pytest.mark.parametrize(
    ("asked_px", "given_px"),
    [(100, 400), (400, 400), (519, 400), (520, 520), (819.5, 520), (820, 820), (1400, 820)],
)
def test_a_width_gets_the_widest_class_that_fits_into_it(asked_px: float, given_px: int) -> None:
    """A figure is never scaled up, and below 400 px the reader scrolls."""
    assert given_px == in_widths([]).scene_for(asked_px).width


def test_narrow_widths_are_drawn_once_and_only_when_asked_for() -> None:
    """A cell shows the still; a page on a telephone asks for the rest."""
    drawn: list[int] = []
    figure = in_widths(drawn)
    assert [820] == drawn
    scenes = [figure.scene_for(width) for width in (400, 400, 520, 820)]
    assert [820, 400, 520] == drawn
    assert (scenes[0] is scenes[1], figure.scene) == (True, scenes[3])


def test_the_widths_of_a_figure_do_not_count_when_it_is_compared() -> None:
    """Two drawings of one thing are equal, though each would draw itself again."""
    one, other = in_widths([]), in_widths([])
    assert one.draw_again != other.draw_again
    assert (one, repr(one)) == (other, other.text)


def test_what_has_no_room_in_a_width_has_the_next_wider_one() -> None:
    """A page shows something small rather than nothing."""
    figure = in_widths([], refuses_px=400)
    assert [520, 520, 820] == [figure.scene_for(width).width for width in (400, 520, 820)]
    assert 820 == replace(figure, draw_again=None).scene_for(400).width
    object.__setattr__(figure, "draw_again", None)  # it is not to be measured in 400 px


def test_a_page_has_the_colours_of_all_widths_once() -> None:
    """Each of three pictures had its own; they made up a tenth of a chapter's page."""
    html = in_widths([]).html()
    assert (3, 1) == (html.count("<svg "), html.count("<style>"))
    assert html.index("var(--kb-ink,") < html.index("<svg ")


def in_widths(drawn: list[int], refuses_px: int = 0) -> Figure:
    """Return a figure that notes in which widths it is drawn."""

    @in_every_width
    def draw(*, width_px: int = WIDTH_PX) -> Figure:
        drawn.append(width_px)
        if width_px == refuses_px:
            raise ValueError("too narrow")
        return Sheet("Why?", width_px=width_px).figure("Because.")

    return draw()


def a_figure() -> Figure:
    """Draw one word."""
    sheet = Sheet("Why?")
    sheet.add(words(LEFT_PX, sheet.take(20) + 12, "a word"))
    return sheet.figure("Because.")
