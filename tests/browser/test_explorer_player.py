"""An explorer in a page from `file://`: keys, guesses, forks, errors, and nothing from outside."""

import gzip
import json
import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kafkabook.explorers.explorer import Explorer, Guess, explorer
from kafkabook.explorers.player import player_html
from kafkabook.viz.figure import Figure
from kafkabook.viz.front_end import page_script, source
from kafkabook.viz.scene import Scene, Shape, group, rect, words
from kafkabook.viz.sheet import Sheet
from kafkabook.viz.strips import Cell, ReaderMark, Strip, offset_strip
from kafkabook.viz.theme import LEADER, PAPER
from tests.browser.conftest import Opened

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
HOSTILE = '<img src=x onerror="document.title=1">'


def picture(appended: int, reads: int, every: int) -> Figure:
    """Draw one log with one reader."""
    cells = tuple(Cell(n, "abcdefgh"[n], under=HOSTILE, tip=f"offset {n}") for n in range(appended))
    mark = ReaderMark(HOSTILE, reads, reads - reads % every)
    strip = Strip("orders-0", cells, 0, appended, appended, readers=(mark,))
    return offset_strip(strip, title="Who has read what?")


def an_explorer(*, guess: Guess | None = None) -> Explorer:
    """Return an explorer with everything that a player knows."""

    @explorer(
        "Who has read what?",
        appended_records=(6, 4, 8),
        linger_ms=(5, 0, 100),
        frames=4,
        guess=guess,
        forks={"eight": {"appended_records": 8}, "four": {"appended_records": 4}},
        caption="Try: all. Source: notes, 1.02.",
        script="t=0 append 6 · t=1 poll",
    )
    def reading(appended_records: int, linger_ms: int) -> list[Figure]:
        return [picture(appended_records, reads, linger_ms + 1) for reads in range(4)]

    return reading


class Played(Opened):
    """A page with one player."""

    @property
    def player(self) -> "Locator":
        """The player itself."""
        return self.page.locator("[data-kb-player]")

    def said(self) -> str:
        """What a screen reader is told."""
        return self.player.locator(".kb-told").inner_text()

    def step(self) -> str:
        """Where the time bar stands, as it is written."""
        return self.player.locator(".kb-time").inner_text()


Play = Callable[..., Played]


@pytest.fixture
def play(opened: Opened, tmp_path: Path) -> Play:
    """A function that opens an explorer as the book would, in a page that remembers."""

    def played(it: Explorer, *, calm: bool = False) -> Played:
        path = tmp_path / "page.html"
        page_html = f'<!doctype html><meta charset="utf-8"><body>{player_html(it)}{page_script()}'
        path.write_text(page_html, encoding="utf-8")
        opened.page.emulate_media(reduced_motion="reduce" if calm else "no-preference")
        opened.page.goto(path.as_uri())
        made = Played(*opened)
        made.player.locator(".kb-told").wait_for(state="attached")
        return made

    return played


def test_every_knob_moves_by_keys_and_changes_picture_and_words(play: Play) -> None:
    """A reader without a mouse, or without eyes, has the same figure."""
    it = play(an_explorer())
    it.player.press("End")
    for name in ("appended_records", "linger_ms"):
        before = (it.player.locator(".kb-stage").first.inner_html(), it.said())
        knob = it.player.locator(f"input[data-knob={name}]")
        knob.press("ArrowLeft")
        after = (it.player.locator(".kb-stage").first.inner_html(), it.said())
        assert before[0] != after[0]
        assert before[1] != after[1]
    assert "0 ms" == it.player.locator("output").nth(1).inner_text()
    assert "linger.ms" in it.player.inner_text()
    assert all(url.startswith(("file:", "data:", "blob:")) for url in it.requests)
    assert [] == it.complaints


def test_the_keys_of_the_time_bar(play: Play) -> None:
    """Arrows step, Home and End jump, R starts again, and the ends hold."""
    it = play(an_explorer())
    steps = []
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowLeft", "End", "Home"):
        it.player.press(key)
        steps.append(int(it.step().split()[1]))
    assert [2, 3, 2, 1, 1, 4, 1] == steps
    it.player.locator("input[data-knob=linger_ms]").press("End")
    it.player.press("r")
    assert "5 ms default" == it.player.locator("output").nth(1).inner_text()


def test_where_a_figure_comes_from_is_folded(play: Play) -> None:
    """Below the picture stands what to try; its source is asked for."""
    played = play(an_explorer())
    assert "Try: all." == played.player.locator(".kb-caption").inner_text()
    source = played.player.locator("details", has_text="Source")
    assert not source.locator("p").is_visible()
    source.locator("summary").click()
    assert "notes, 1.02." == source.locator("p").inner_text()


def test_no_button_moves_away_while_a_reader_steps(play: Play) -> None:
    """Some steps need more lines than others; whoever clicks on need not look for the button.

    On a narrow screen too, where the words stand below the picture.
    """

    @explorer("How long?", frames=3, caption="Step on.")
    def growing() -> list[Figure]:
        return [Sheet("How long?").figure("word " * many) for many in (1, 90, 30)]

    it = play(growing)
    button = it.player.get_by_label("one step on")
    for width in (1280, 400):
        it.page.set_viewport_size({"width": width, "height": 900})
        it.player.press("Home")
        heights = []
        for _ in range(3):
            heights.append(button.evaluate("e => e.getBoundingClientRect().top"))
            it.player.press("ArrowRight")
        assert [heights[0]] * 3 == heights


def test_space_plays_and_pauses_and_nothing_plays_by_itself(play: Play) -> None:
    """Motion is the reader's to start; with reduced motion it is one step."""
    it = play(an_explorer())
    assert "step 1 of 4" == it.step()
    it.player.press(" ")
    assert "❙❙ Pause" == it.player.locator(".kb-play").inner_text()
    it.page.wait_for_function("document.querySelector('.kb-time').textContent == 'step 4 of 4'")
    calm = play(an_explorer(), calm=True)
    calm.player.press(" ")
    assert "step 2 of 4" == calm.step()
    assert calm.player.locator(".kb-play").is_hidden()


# --- motion --------------------------------------------------------------------------------------

WATCH = """([key, part, name]) => {
  const svg = document.querySelector(".kb-stage > svg");
  const node = svg.querySelector(`[data-id="${key}"]`);
  const e = part ? node.querySelector(part) : node;
  Object.assign(window, {node, seen: [e.getAttribute(name)]});
  new MutationObserver(() => seen.push(e.getAttribute(name))).observe(e, {attributes: true});
}"""
SAME = "key => node === document.querySelector(`.kb-stage > svg [data-id='${key}']`)"


def watched(it: Played, key: str, part: str, name: str) -> None:
    """Note every value that an attribute of a keyed shape has from now on."""
    it.page.evaluate(WATCH, [key, part, name])


def passed(it: Played) -> list[float]:
    """Return the numbers that were seen, in order, once nothing runs any more."""
    it.page.wait_for_function("!document.querySelector('[data-kb-player]').dataset.runs")
    return [float(value) for value in it.page.evaluate("seen") if value is not None]


def sampled(values: list[float]) -> list[float]:
    """Return three of the values in between: a quarter, a half, three quarters of the way."""
    return [values[len(values) * part // 4] for part in (1, 2, 3)]


def reader_that_moves() -> Explorer:
    """Return an explorer whose reader moves with each step, and whose log moves with a knob."""

    @explorer("Who has read what?", reads_from=(0, 3), frames=3)
    def reading(reads_from: int) -> list[Figure]:
        return [a_lane(reads_from + 2 * step) for step in range(3)]

    return reading


def a_lane(offset: int) -> Figure:
    """Draw a thing of its own key at a place."""
    shapes = (
        rect(0, 0, 820, 90, fill=PAPER, key="paper"),
        group(rect(20 + 50 * offset, 30, 30, 30, fill=LEADER), key="reader"),
        words(14, 80, f"at {offset}", key="told"),
    )
    return Figure("Who has read what?", Scene(820, 90, shapes), f"Who has read what?\nAt {offset}.")


@pytest.mark.parametrize(("key", "ends"), [("ArrowRight", (20, 120)), ("ArrowLeft", (120, 20))])
def test_a_step_moves_what_keeps_its_key(play: Play, key: str, ends: tuple[int, int]) -> None:
    """Forth and back: the same node, with values in between, and at rest where it belongs."""
    it = play(reader_that_moves())
    if key == "ArrowLeft":
        it.player.press("ArrowRight")
        it.page.wait_for_function("!document.querySelector('[data-kb-player]').dataset.runs")
    watched(it, "reader", "rect", "x")
    it.player.press(key)
    values = passed(it)
    low, high = sorted(ends)
    assert ends == (values[0], values[-1])
    assert all(low < value < high for value in sampled(values)), values
    assert sorted(values, reverse=key == "ArrowLeft") == values
    assert it.page.evaluate(SAME, "reader")


def test_a_knob_moves_what_keeps_its_key(play: Play) -> None:
    """The layout of another point of the grid grows out of what is seen."""
    it = play(reader_that_moves())
    watched(it, "reader", "rect", "x")
    it.player.locator("input[data-knob=reads_from]").press("End")
    it.page.wait_for_function("seen.at(-1) === '170'")
    values = passed(it)
    assert (20, 170) == (values[0], values[-1])
    assert all(20 < value < 170 for value in sampled(values)), values
    assert sorted(values) == values
    assert it.page.evaluate(SAME, "reader")


def test_what_a_knob_brings_appears(play: Play) -> None:
    """A new record does not pop up beside those that glide."""
    it = play(an_explorer())
    it.player.locator("input[data-knob=appended_records]").press("End")
    watched(it, "orders-0/7", "", "opacity")
    it.page.wait_for_function("seen.at(-1) === null")
    assert any(0 < value < 1 for value in passed(it))


def test_a_knob_that_is_turned_while_a_step_moves_loses_neither(play: Play) -> None:
    """Both lead to where the reader has asked to be."""
    it = play(reader_that_moves())
    it.player.press("ArrowRight")
    it.player.locator("input[data-knob=reads_from]").press("End")
    it.page.wait_for_function(
        "document.querySelector('[data-id=reader] rect').getAttribute('x') === '270'"
    )
    assert "step 2 of 3" == it.step()


def test_a_step_takes_little_more_than_half_a_second(play: Play) -> None:
    """Whoever steps on need not wait for what has moved already; frames come here as told."""
    it = play(reader_that_moves())
    took_ms = it.page.evaluate(
        """() => {
          const root = document.querySelector("[data-kb-player]"), began = performance.now();
          let next = null, took = 0;
          window.requestAnimationFrame = (act) => { next = act; return 1; };
          root.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight"}));
          while (root.dataset.runs && took < 3000) next(began + (took += 10));
          return took;
        }"""
    )
    assert 590 <= took_ms <= 620


def test_reduced_motion_fades_from_step_to_step_and_from_knob_to_knob(play: Play) -> None:
    """No frame in between is ever shown."""
    it = play(reader_that_moves(), calm=True)
    for where, x in (("", "120"), ("input[data-knob=reads_from]", "270")):
        watched(it, "reader", "rect", "x")
        target = it.player.locator(where) if where else it.player
        target.press("ArrowRight")
        assert "none" != it.page.locator(".kb-was").evaluate(
            "e => getComputedStyle(e).animationName"
        )
        it.page.locator(".kb-was").wait_for(state="detached")
        assert [x] == list(dict.fromkeys(it.page.evaluate("seen")[1:]))


def test_the_axis_stands_between_two_steps_and_lets_go_to_the_next(play: Play) -> None:
    """The time bar moves through the motion; nobody is left half way."""
    it = play(reader_that_moves())
    box = it.player.locator(".kb-axis").bounding_box()
    assert box
    x, y, wide = box["x"] + 14, box["y"] + 48, box["width"] - 28
    it.page.mouse.move(x, y)
    it.page.mouse.down()
    it.page.mouse.move(x + 0.16 * wide, y)
    half = float(it.player.locator("[data-id=reader] rect").get_attribute("x") or 0)
    assert 20 < half < 120
    assert "step 2 of 3" == it.step()
    it.page.mouse.up()
    it.page.wait_for_function("!document.querySelector('[data-kb-player]').dataset.runs")
    assert "120" == it.player.locator("[data-id=reader] rect").get_attribute("x")
    assert "1.0" == it.player.locator(".kb-axis").get_attribute("aria-valuenow")


def test_few_named_choices_are_buttons(play: Play) -> None:
    """One click shows what was hidden behind a slider; what is chosen is said to all."""

    @explorer("Which?", codec=("none", "gzip", "zstd"))
    def chosen(codec: str) -> Figure:
        return Sheet("Which?").figure(f"It is {codec}.")

    it = play(chosen)
    buttons = it.player.get_by_role("group", name="codec").get_by_role("button")
    assert ["none", "gzip", "zstd"] == buttons.all_inner_texts()
    buttons.nth(2).press("Enter")
    assert "It is zstd." in it.said()
    pressed = "all => all.map((e) => e.ariaPressed)"
    assert ["false", "false", "true"] == buttons.evaluate_all(pressed)


def test_what_is_locked_says_why(play: Play) -> None:
    """Nothing is greyed out without a word."""
    it = play(an_explorer(guess=Guess("How many?", lambda: 4, "Why.")))
    owed = it.player.get_by_text("Guess or skip to go on")
    assert owed.is_visible()
    it.player.get_by_role("button", name="skip").press("Enter")
    assert owed.is_hidden()
    assert 0 == it.player.locator(":disabled").count()


def test_an_explorer_of_another_version_is_refused_aloud(play: Play, opened: Opened) -> None:
    """A broken page must not look like a still one."""
    it = play(an_explorer())
    data = {"meta": {"v": 2, "knobs": [], "guess": None, "forks": {}}, "grid": {}}
    block = b64encode(gzip.compress(json.dumps({**data, "shown": []}).encode())).decode()
    script = f'<script type="application/gzip;base64">{block}</script>'
    it.page.evaluate(
        "it => { document.querySelector('[data-kb-player]').outerHTML = it }",
        f"<div data-kb-player>{script}</div>",
    )
    with it.page.expect_event("pageerror"):
        it.page.add_script_tag(type="module", content=source())
    said = opened.page.get_by_role("alert").last.inner_text()
    assert "Error: an explorer of version 2; this player plays version 1" == said


# --- forks, guesses, words -----------------------------------------------------------------------


def test_forks_stand_beside_the_picture(play: Play) -> None:
    """F walks through the named futures and back to none."""
    it = play(an_explorer())
    seen = []
    for _ in range(3):
        it.player.press("f")
        seen.append(it.player.locator(".kb-lane b:visible").all_inner_texts())
    assert [["what if: eight"], ["what if: four"], []] == seen
    it.player.press("f")
    assert "What if: eight" in it.said()


def test_a_fork_that_does_not_differ_yet_says_so(play: Play) -> None:
    """Two equal pictures look like a fault of the page."""
    it = play(an_explorer())
    it.player.locator("input[data-knob=appended_records]").press("End")
    it.player.press("f")
    name = it.player.locator(".kb-lane b").last
    assert "what if: eight · The same up to here; step on." == name.inner_text()
    assert "What if: eight · The same up to here; step on." in it.said()
    it.player.press("End")
    assert "what if: eight · The same." == name.inner_text()
    it.player.press("f")
    assert "what if: four" == name.inner_text()


def test_many_words_are_a_menu_that_keys_move(play: Play) -> None:
    """Letters find a word in it; they are no shortcuts there."""
    words = ("apple", "banana", "cherry", "fig", "grape", "kiwi", "rice")

    @explorer("Which?", fruit=words)
    def chosen(fruit: str) -> Figure:
        return Sheet("Which?").figure(f"It is {fruit}.")

    it = play(chosen)
    menu = it.player.locator("select[data-knob=fruit]")
    for key, fruit in (("ArrowDown", "banana"), ("End", "rice"), ("Home", "apple"), ("f", "fig")):
        menu.press(key)
        assert f"It is {fruit}." in it.said()
    it.player.press("r")
    assert "0" == menu.input_value()
    assert "fruit" == it.player.get_by_label("fruit").evaluate("e => e.dataset.knob")
    assert [] == it.complaints


SMALLEST = """root => Math.min(...[...root.querySelectorAll('.kb-stage text')].map((e) =>
  parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a))"""


def test_what_is_told_can_be_read_in_a_narrow_page(play: Play) -> None:
    """A phone has a layout of its own: no letter shrinks below 13 px, and nothing is said twice."""
    it = play(an_explorer())
    it.page.set_viewport_size({"width": 420, "height": 800})
    it.page.wait_for_function("document.querySelector('[data-kb-player]').clientWidth < 420")
    say = it.player.locator(".kb-told").bounding_box()
    assert say
    assert (1, 1) == (say["width"], say["height"])
    assert 13 <= it.player.evaluate(SMALLEST)


def test_a_narrow_page_writes_the_words_of_a_picture_that_shrinks_below_it(play: Play) -> None:
    """A chart has one width; its letters shrink with it, and what it tells must stay readable."""
    it = play(explorer("How many?", a=(1, 2))(lambda a: Sheet("How many?").figure(f"{a} of many")))
    say = it.player.locator(".kb-told")
    wide = say.bounding_box()
    it.page.set_viewport_size({"width": 420, "height": 800})
    it.page.wait_for_function("document.querySelector('.kb-told').clientWidth > 1")
    narrow = say.bounding_box()
    assert wide and narrow
    assert (1, 1) == (wide["width"], wide["height"])
    assert narrow["width"] > 300
    assert narrow["height"] > 30


def test_a_guess_comes_before_the_picture(play: Play) -> None:
    """Locked until the reader commits; then guess and truth stand together."""
    guess = Guess("How many?", lambda: 4, "The rule is the position.", unit="records")
    it = play(an_explorer(guess=guess))
    assert it.player.locator(".kb-stage").first.is_hidden()
    assert it.player.locator("input[data-knob=linger_ms]").is_disabled()
    it.player.locator(".kb-guess input").fill("6")
    it.page.keyboard.press("Enter")
    told = it.player.locator(".kb-guess").inner_text()
    assert "You said 6 records. It is 4 records. The rule is the position." in told
    assert it.player.locator(".kb-guess .kb-gap").is_visible()
    assert it.player.locator(".kb-stage").first.is_visible()
    assert it.player.locator("input[data-knob=linger_ms]").is_enabled()


def test_a_typed_guess_must_be_a_whole_number(play: Play) -> None:
    """A button that does nothing looks broken; the reader is told what is missing."""
    it = play(an_explorer(guess=Guess("How many?", lambda: 4, "Why.")))
    for typed in ("", "1.5", "1e"):
        it.player.locator(".kb-guess input").fill("")
        it.player.locator(".kb-guess input").press_sequentially(typed)
        it.player.get_by_role("button", name="guess").press("Enter")
        alert = it.player.locator(".kb-guess [role=alert]")
        assert "Type a whole number, or skip." == alert.inner_text()
    it.player.locator(".kb-guess input").fill("04")
    it.page.keyboard.press("Enter")
    assert it.player.locator(".kb-guess").inner_text().startswith("You said 4, and so it is.")


def test_a_choice_can_be_skipped(play: Play) -> None:
    """Skipping is allowed, and said."""
    guess = Guess(
        "Which?", lambda: "b", "Because.", choices=("a", "b"), before=lambda: picture(2, 0, 1)
    )
    it = play(an_explorer(guess=guess))
    assert it.player.locator(".kb-stage").first.is_visible()
    it.player.get_by_role("button", name="skip").press("Enter")
    assert "You skipped. It is b. Because." in it.player.locator(".kb-guess").inner_text()


@pytest.mark.parametrize("answer", ["skip", "guess"])
def test_knobs_and_time_jump_to_where_the_answer_can_be_seen(play: Play, answer: str) -> None:
    """On a guess as on a skip; the reset then leads back to the start."""
    shows = {"appended_records": 8, "linger_ms": 0}
    it = play(an_explorer(guess=Guess("How many?", lambda: 8, "Why.", shows=shows, at=2)))
    it.player.locator(".kb-guess input").fill("6")
    it.player.get_by_role("button", name=answer).press("Enter")
    assert "step 3 of 4" == it.step()
    assert ["8", "0 ms"] == it.player.locator("output").all_inner_texts()
    assert "reads on at 2, has committed 2: lag 6." in it.said()
    it.player.press("r")
    assert ["6", "5 ms default"] == it.player.locator("output").all_inner_texts()
    assert "step 1 of 4" == it.step()


def test_a_cell_tells_its_tip_when_it_is_pressed_and_keeps_the_focus(play: Play) -> None:
    """What the pointer sees on hover, the keyboard gets by Enter; a new picture keeps the place."""
    it = play(an_explorer())
    cell = it.player.locator("[data-id='orders-0/2']").first
    cell.press("Enter")
    assert "offset 2" == it.player.locator(".kb-note").inner_text()
    cell.press("ArrowRight")
    assert "orders-0/2" == it.page.evaluate("document.activeElement.dataset.id")


def test_a_fault_script_can_be_copied(play: Play) -> None:
    """The line under the figure is all that is needed to see the run again."""
    it = play(an_explorer())
    it.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    it.player.get_by_role("button", name="copy").press("Enter")
    it.player.get_by_role("button", name="copied").wait_for()
    assert "t=0 append 6 · t=1 poll" == it.page.evaluate("navigator.clipboard.readText()")


def test_hostile_names_stay_text(play: Play) -> None:
    """No element comes from data, so no handler of theirs ever runs."""
    it = play(an_explorer())
    it.player.press("End")
    assert 0 == it.page.locator("img").count()
    assert "" == it.page.title()
    assert [] == it.complaints


def test_an_error_is_said_aloud_and_raised(play: Play) -> None:
    """A broken page must not look like a still one."""
    it = play(an_explorer())
    it.page.evaluate(
        "document.querySelector('[data-kb-player]').outerHTML = '<div data-kb-player>"
        '<script type="application/gzip;base64">AAAA</script></div>\''
    )
    with it.page.expect_event("pageerror"):
        it.page.add_script_tag(type="module", content=source())
    assert it.page.locator("[role=alert]").last.inner_text().startswith("Error: ")


def test_keys_do_not_leave_the_figure(play: Play) -> None:
    """JupyterLab would take arrows and letters as its own shortcuts; Ctrl and Escape may pass."""
    it = play(an_explorer())
    it.page.evaluate("() => { window.heard = []; document.onkeydown = (e) => heard.push(e.key) }")
    for key in ("ArrowDown", "a", "r", "Control+s", "Escape"):
        it.player.press(key)
    assert ["Control", "s", "Escape"] == it.page.evaluate("heard")


def test_ids_of_equal_pictures_in_one_page_differ(play: Play) -> None:
    """A fork beside its twin repeats a figure; ids must stay unique all the same."""
    it = play(an_explorer())
    it.player.press("f")
    assert 0 == it.page.evaluate(
        "(() => { const ids = [...document.querySelectorAll('svg [id]')].map((e) => e.id);"
        " return ids.length - new Set(ids).size })()"
    )


def test_ids_of_equal_charts_differ_too(play: Play) -> None:
    """Their markup is finished when it comes; what it refers to is its own all the same."""
    chart = '<clipPath id="c"><path d="M0 0H9V9H0Z"/></clipPath><rect clip-path="url(#c)"/>'

    @explorer("How many?", a=(1, 2), forks={"two": {"a": 2}})
    def charted(a: int) -> Figure:
        scene = Scene(820, 90, (Shape("raw", {}, (chart,)),))
        return Figure("How many?", scene, f"How many?\n{a}.")

    it = play(charted)
    it.player.press("f")
    ids = it.page.locator("clipPath").evaluate_all("all => all.map((e) => e.id)")
    used = it.page.locator(".kb-stage svg > g > rect").evaluate_all(
        "all => all.map((e) => e.getAttribute('clip-path'))"
    )
    assert 2 == len(set(ids))
    assert [f"url(#{it})" for it in ids] == used


def test_a_thing_can_turn_a_knob(play: Play) -> None:
    """A click or Enter on it does what the knob does."""

    @explorer("Which?", rack=("a", "b"))
    def chosen(rack: str) -> Figure:
        thing = rect(0, 0, 90, 90, fill=LEADER, key="b", **{"data-set": "rack=b"})
        return Figure("Which?", Scene(820, 90, (thing,)), f"Which?\nIt is {rack}.")

    it = play(chosen)
    it.player.locator("[data-id=b]").click()
    assert "It is b." in it.said()
    it.player.press("r")
    assert "It is a." in it.said()
    it.player.locator("[data-id=b]").press("Enter")
    assert "It is b." in it.said()


def test_dark_pages_have_dark_pictures(play: Play) -> None:
    """By the system, by furo's switch, by JupyterLab's theme: paper and ink change places."""
    it = play(an_explorer())
    for attribute in ("data-theme='dark'", "data-jp-theme-light='false'"):
        name, value = attribute.replace("'", "").split("=")
        light = _brightness(it.page)
        it.page.evaluate(f"document.body.setAttribute('{name}', '{value}')")
        dark = _brightness(it.page)
        it.page.evaluate(f"document.body.removeAttribute('{name}')")
        assert light["paper"] > 600 > 150 > light["ink"]
        assert dark["ink"] > 600 > 150 > dark["paper"]


def _brightness(page: "Page") -> dict[str, int]:
    found = {"paper": "svg > rect", "ink": "svg > text"}
    fill = "e => getComputedStyle(e).fill"
    return {
        name: sum(map(int, re.findall(r"\d+", page.locator(path).first.evaluate(fill))[:3]))
        for name, path in found.items()
    }
