"""Every figure can be read in a browser: at every step and between steps, wide and narrow.

No two texts lie on each other, none leaves its picture, none is below 13 px, and each stands out
from what is painted below it by 4.5 to 1, on light and on dark. All is measured from boxes. The
normal run takes a fixed tenth (`tests/viz/chosen.py`), and colours in one width.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from kafkabook.explorers.catalogue import every_explorer
from kafkabook.explorers.explorer import Explorer
from kafkabook.explorers.guess import Guess
from kafkabook.explorers.motions import Motions
from kafkabook.explorers.player import meta
from kafkabook.scenarios.catalogue import SCENARIOS
from kafkabook.viz.film_guesses import GUESSES
from kafkabook.viz.films import scenario_film
from tests.browser.conftest import Opened
from tests.browser.readable import MEASURE, WIDTHS, Found, Shown
from tests.viz import chosen

pytestmark = pytest.mark.browser
EXPLORERS = every_explorer()
TABS_PX = 560  # below that, one of two lanes is shown
BEGINS, MOVES = 0.02, 0.6  # of a step of an explorer: how long it rests, and then moves
SKIP = """() => {
  figure.seek(Infinity);
  figure.root.querySelector(".kb-skip")?.click();
  figure.pause();
}"""


@pytest.fixture
def shown(opened: Opened) -> Iterator[Shown]:
    """A page that shows a figure; it must not complain."""
    made = Shown(*opened)
    made.prepare()
    yield made
    assert [] == opened.complaints


# --- films ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", chosen.FILMS)
def test_every_moment_of_a_film_can_be_read(scenario: str, shown: Shown) -> None:
    """Two lanes beside or above each other, or one of them at a time; the guess is asked first."""
    film = chosen.film(scenario)
    lanes = [list(chosen.moments(film, lane)) for lane in range(len(film.lanes))]
    data = film.data()
    shown.film(data)
    asked = [] if data["guess"] is None else [data["guess"]["at"]]
    asks = [shown.measured(width, asked, "asks, ") for width in WIDTHS]
    assert [{}] * len(WIDTHS) == asks
    shown.page.evaluate(SKIP)
    assert {} == film_found(shown, lanes)


def film_found(shown: Shown, lanes: Sequence[Sequence[float]]) -> Found:
    """Measure a film at moments of each of its lanes."""
    found: Found = {}
    both = sorted({second for seconds in lanes for second in seconds})
    for width in WIDTHS:
        for lane, seconds in enumerate(lanes if width < TABS_PX else [both]):
            shown.page.evaluate("(lane) => figure.choose(lane)", lane)
            found |= shown.measured(width, seconds, f"lane {lane}, ")
    return found


@pytest.mark.parametrize(("scenario", "end"), GUESSES)
def test_a_guess_covers_no_words_of_its_film(scenario: str, end: str, shown: Shown) -> None:
    """Neither when it asks nor, for the rest of the film, when it tells."""
    data = scenario_film(SCENARIOS[scenario], end).data()
    asked, later = data["guess"], [step[0] for step in data["axis"]["steps"]]
    shown.film(data)
    asks = [shown.measured(width, [asked["at"]], "asks, ") for width in WIDTHS]
    assert [{}] * len(WIDTHS) == asks
    assert 1 == shown.page.locator(".kb-asks").count()
    shown.page.evaluate(SKIP)
    after = [asked["until"], *(second for second in later if second > asked["until"])]
    tells = [shown.measured(width, after, "tells, ") for width in WIDTHS]
    assert [{}] * len(WIDTHS) == tells
    assert 1 == shown.page.locator(".kb-tells").count()


# --- explorers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_step_of_an_explorer_can_be_read(name: str, shown: Shown) -> None:
    """Before the guess, after it, along the grid, and with each other future beside it."""
    explorer, found = EXPLORERS[name], dict[str, list[str]]()
    for number, (where, picture) in enumerate(pictures(explorer)):
        if number == 0:
            shown.explorer(meta(explorer), picture)
        else:
            shown.change(picture)
        for width in WIDTHS:
            found |= shown.measured(width, list(ats(picture)), f"{where}, ")
    assert {} == found


def pictures(explorer: Explorer) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what the player is given in each state of an explorer, as a grid or a kernel does."""
    motions, start = Motions(explorer), explorer.start
    plain = {"places": list(start), "fork": "", "guessed": "", "beside": None}
    if explorer.guess is not None:
        yield "asks", plain | {"guessed": None, "shown": motions.before()}
        yield "tells", plain | {"guessed": wrong(explorer.guess), "shown": motions.at(start)}
    for places in chosen.places(explorer):
        yield f"at {places}", plain | {"places": list(places), "shown": motions.at(places)}
    for fork in explorer.forks if chosen.EVERYTHING else [*explorer.forks][:1]:
        beside = motions.at(explorer.forked(start, fork))
        yield fork, plain | {"fork": fork, "shown": motions.at(start), "beside": beside}


def wrong(guess: Guess) -> str:
    """Return a guess that is not so: what was said and what is stand beside each other then."""
    data = guess.data()
    others = [choice for choice in data["choices"] if choice != data["answer"]]
    return others[0] if others else str(int(data["answer"]) + 12)


def ats(picture: dict[str, Any]) -> Iterator[float]:
    """Yield steps, and moments on the way from each to the next one."""
    both = [it for it in (picture["shown"], picture["beside"]) if it]
    count = max([len(it["texts"]) for it in both], default=1)
    for step in chosen.steps(count):
        yield float(step)
        if step < count - 1:
            shares = (n / (chosen.BETWEEN + 1) for n in range(1, chosen.BETWEEN + 1))
            yield from (step + BEGINS + MOVES * share for share in shares)


# --- the measure itself --------------------------------------------------------------------------

PAPER = '<rect width="200" height="100" fill="#fff"/>'
TWO = '<text x="10" y="40">one</text><text x="{}" y="{}" {}>two</text>'
MOVED = '<g transform="translate(0 {})"><text x="10" y="20">one</text></g>'
COVERED = (
    '<text x="10" y="40">one</text><rect y="25" width="90" height="40" fill="{}"/>'
    '<text x="20" y="45">two</text>'
)
WRITTEN = '</svg><div {}><p style="font-size:12px">one</p></div><svg>'
GROUND = '<rect width="90" height="60" fill="{}" {}/><text x="10" y="40" fill="#111">one</text>'


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (TWO.format(20, 45, ""), ['"one" lies on "two"']),
        (TWO.format(80, 45, ""), []),
        (TWO.format(10, 56, ""), []),
        (TWO.format(20, 45, 'opacity="0.2"'), []),
        (TWO.format(20, 45, 'opacity="0.6"'), ['"one" lies on "two"']),
        (f'<g opacity=".4">{TWO.format(20, 45, "")}</g>', []),
        (MOVED.format(20) + '<text x="20" y="45">two</text>', ['"one" lies on "two"']),
        (COVERED.format("#fff"), []),
        (COVERED.format("none"), ['"one" lies on "two"']),
        (COVERED.format("#fff").replace("width", 'opacity=".4" width'), ['"one" lies on "two"']),
        ('<text x="190" y="40">one</text>', ['"one" leaves the picture']),
        ('<text x="5" y="40" text-anchor="middle">one</text>', ['"one" leaves the picture']),
        (MOVED.format(90), ['"one" leaves the picture']),
        ('<text x="10" y="40" font-size="12">one</text>', ['"one" has 12.0 px']),
        ('<text transform="translate(9 40) scale(.9)">one</text>', []),
        ('<text transform="translate(9 40) scale(.8)">one</text>', ['"one" has 12.8 px']),
        ('<text x="9" y="9" transform="translate(20 90) rotate(-90)">one</text>', []),
        (WRITTEN.format(""), ['"one" has 12.0 px']),
        (WRITTEN.format('class="kb-hide"'), []),
        (WRITTEN.format("inert"), []),
        (WRITTEN.format('style="visibility:hidden"'), []),
        (f'<g style="clip-path:inset(0)">{MOVED.format(20)}</g>', ['"one" is cut off']),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_found(body: str, told: list[str], opened: Opened) -> None:
    """One example of each fault, and its neighbour that is none."""
    assert told == measured(opened, body, "readable.seen(root)")


def test_what_a_box_around_a_picture_hides_is_found(opened: Opened) -> None:
    """A picture that has to be scrolled cannot be read as a whole."""
    body = '<text x="10" y="40">one</text><text x="100" y="40">two</text>'
    narrow = "root.style = 'width:80px;overflow:auto', readable.seen(root)"
    assert ['"two" is cut off'] == measured(opened, body, narrow)[:1]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('<text x="10" y="40" fill="#999">one</text>', ['"one" stands out 2.8 to 1']),
        ('<text x="10" y="40" fill="#111">one</text>', []),
        ('<text x="10" y="40" opacity=".5">one</text>', ['"one" stands out 4.0 to 1']),
        (GROUND.format("#999", ""), []),
        (GROUND.format("#333", ""), ['"one" stands out 1.5 to 1']),
        (GROUND.format("none", ""), []),
        (GROUND.format("#333", 'fill-opacity=".1"'), []),
        (GROUND.format("#333", 'fill-opacity=".8"'), ['"one" stands out 2.8 to 1']),
        (GROUND.format("#333", 'x="30"'), ['"one" stands out 1.5 to 1']),
        (GROUND.format("#333", 'x="60"'), []),
    ],
)  # fmt: skip
def test_what_is_faint_is_found(body: str, told: list[str], opened: Opened) -> None:
    """On paper, on a ground of its own, half there, and over an edge."""
    assert told == measured(opened, body, "readable.faint(root)")


FAINT = '"one" stands out 2.8 to 1'
WALK = """(([one, two]) => readable.walk(root, (second) => {{
  one.setAttribute("x", second ? 190 : 10);
  two.setAttribute("opacity", 0.5 + second / 10);
}}, [0, 1], {{themes: ["light", "dark"], colours: {colours}, dress: (theme) => {{
  for (const it of [one, two]) it.setAttribute("fill", theme === "dark" ? "#999" : "#111");
}}}}))(root.querySelectorAll("text"))"""


@pytest.mark.parametrize(
    ("colours", "dark"),
    [("true", {"dark, at 0.00": [FAINT], "dark, at 1.00": [FAINT]}), ("false", {})],
)
def test_each_moment_is_measured_in_its_themes(colours: str, dark: Found, opened: Opened) -> None:
    """What is seen in one theme, what is faint in each; a text that fades is faint in none."""
    body = TWO.format(80, 45, "")
    told = measured(opened, body, WALK.format(colours=colours))
    assert {"light, at 1.00": ['"one" leaves the picture']} | dark == told


def measured(opened: Opened, body: str, ask: str) -> Any:
    """Measure a picture that is written by hand."""
    page = f'<div id="it"><svg width="200" height="100" font-size="16">{PAPER}{body}</svg></div>'
    opened.page.set_content(page)
    opened.page.evaluate(MEASURE)
    return opened.page.evaluate(f"(root => ({ask}))(document.getElementById('it'))")
