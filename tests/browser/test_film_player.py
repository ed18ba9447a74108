"""A film in a page from `file://`: time, guess, touch, keys, widths, and nothing from outside."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kafkabook.viz.front_end import source
from kafkabook.viz.scene import Shape
from tests.browser.conftest import Opened
from tests.browser.small_film import GUESS, LOST, MOMENTS, SAYS, Moment, film, motion, page_html

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = pytest.mark.browser
HOSTILE = '<img src=x onerror="document.title=1">'
TEN_SECONDS = (0.0, 1.2, 1.45, 2.1, 4.2, 5.15, 5.35, 5.55, 9.2, 12.0)
IMPORT = """async (source) => {
  const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
  window.front = (await import(url)).default;
}"""
RENDER = """(film) => {
  Object.assign(window, {sent: [], heard: {}, film, problem: ""});
  const root = document.createElement("div");
  root.dataset.kbFilm = "";
  document.querySelector("[data-kb-film]").replaceWith(root);
  window.end = front.render({el: root, model: {
    get: (name) => window[name],
    on: (event, act) => { heard[event] = act; },
    off: (event) => { delete heard[event]; },
    send: (message) => sent.push(message),
  }});
}"""
DRAWN = """(svg) => {
  const told = (e) => [e.tagName, e.getAttribute("data-id") ?? "",
    Object.fromEntries([...e.attributes].map((it) => [it.name, it.value])),
    [...e.childNodes].filter((it) => it.nodeType === 3).map((it) => it.data).join(""),
    [...e.children].filter((it) => it.getAttribute("display") !== "none").map(told)];
  return told(svg)[4];
}"""
NUMBER = re.compile(r"(?<![#\w])-?\d+(?:\.\d+)?(?!\w)")
OF_THE_PLAYER = re.compile(r"data-id|tabindex|role|aria-.*|class|display")  # no part of the picture


class Watched(Opened):
    """A page with films; what is asked of it is asked of the first one."""

    @property
    def root(self) -> "Locator":
        """The film itself."""
        return self.page.locator("[data-kb-film]").first

    def find(self, css: str) -> "Locator":
        """A part of the film."""
        return self.root.locator(css)

    def named(self, name: str) -> "Locator":
        """A button of the film."""
        return self.root.get_by_role("button", name=name, exact=True)

    def press(self, *keys: str) -> None:
        """Press keys while the film has the focus, and let what they start come to its end."""
        for key in keys:
            self.root.press(key)
            self.stands()

    def stands(self) -> None:
        """Wait until nothing runs."""
        self.page.wait_for_function("!document.querySelector('[data-kb-film]').dataset.runs")

    def second(self) -> str:
        """Where the handle of the axis stands, in seconds of the film."""
        return self.find(".kb-axis").get_attribute("aria-valuenow") or ""

    def said(self) -> str:
        """The sentence of the first lane."""
        return self.find(".kb-say").first.inner_text()

    def shape(self, key: str) -> "Locator":
        """A shape of the first lane, by its key."""
        return self.find(f".kb-stage > svg:not(.kb-was) [data-id='{key}']").first

    def seek(self, second: float) -> None:
        """Go to a second exactly: a line of code leads there."""
        self.find(".kb-code li button").get_by_text(f"at {second:.2f}").evaluate("e => e.click()")

    def active(self) -> str:
        """What has the focus, by key or text."""
        found = "(it => it.dataset.id ?? it.textContent)(document.activeElement)"
        return str(self.page.evaluate(found))


Watch = Callable[..., Watched]


@pytest.fixture
def watch(opened: Opened, tmp_path: Path) -> Iterator[Watch]:
    """A function that opens films as the book would; their page must not ask or complain."""

    def watched(*films: dict[str, Any], width: int = 820, calm: bool = False) -> Watched:
        path = tmp_path / "page.html"
        path.write_text(page_html(*films), encoding="utf-8")
        opened.page.set_viewport_size({"width": width, "height": 900})
        opened.page.emulate_media(reduced_motion="reduce" if calm else "no-preference")
        opened.page.goto(path.as_uri())
        made = Watched(*opened)
        made.find(".kb-play").wait_for()
        made.named("4×").evaluate("e => e.click()")  # tests have less time than readers
        return made

    yield watched
    assert [] == [url for url in opened.requests if not url.startswith(("file:", "blob:"))]
    assert [] == opened.complaints


def with_seeks(data: dict[str, Any], seconds: tuple[float, ...] = TEN_SECONDS) -> dict[str, Any]:
    """Return a film whose code has a line for each second, so that a test can go there exactly."""
    lines = [[second, round(second * 1000), f"at {second:.2f}"] for second in seconds]
    return {**data, "lanes": [{**lane, "code": lines} for lane in data["lanes"]]}


# --- motion --------------------------------------------------------------------------------------


def test_what_keeps_its_key_keeps_its_element_and_moves(watch: Watch) -> None:
    """Three moments of one step: the line is on its way, and is the same node all the time."""
    it = watch(with_seeks(film()))
    line = it.shape("hw").locator("line")
    line.evaluate("e => { window.line = e }")
    x = []
    for second in (4.2, 5.15, 5.35, 5.55, 9.2):
        it.seek(second)
        x.append(float(line.get_attribute("x1") or 0))
        assert line.evaluate("e => e === window.line")
    assert sorted(set(x)) == x
    assert 48 == x[4] - x[0]


@pytest.mark.parametrize("width", [400, 520, 820])
def test_the_browser_draws_what_python_draws(watch: Watch, width: int) -> None:
    """Stills and tests are drawn by one, the film by the other; a reader must see the same."""
    it = watch(with_seeks(film()), width=width)
    for second in TEN_SECONDS:
        it.seek(second)
        drawn = it.find(".kb-stage > svg").first.evaluate(DRAWN)
        expected, sizes = _without_numbers([_told(s) for s in motion(width).at(second).shapes])
        actual, measured = _without_numbers([_read(row) for row in drawn])
        assert expected == actual, second
        assert pytest.approx(sizes, abs=0.11) == measured, second


def _told(shape: Shape) -> list[Any]:
    text = "".join(part for part in shape.inside if isinstance(part, str))
    parts = [_told(part) for part in shape.inside if isinstance(part, Shape)]
    return [shape.kind, shape.key, sorted(shape.at.items()), text, parts]


def _read(row: list[Any]) -> list[Any]:
    kind, key, at, text, parts = row
    kept = sorted((name, value) for name, value in at.items() if not OF_THE_PLAYER.fullmatch(name))
    return [kind, key, kept, text, [_read(part) for part in parts]]


def _without_numbers(rows: list[Any]) -> tuple[str, list[float]]:
    """Split a picture into its words and its numbers; a lane's own mark of ids is no difference."""
    text = re.sub(r"-kb\d+|'", "", str(rows))
    return NUMBER.sub("#", text), [float(found[0]) for found in NUMBER.finditer(text)]


def test_space_plays_and_pauses_and_nothing_loops(watch: Watch) -> None:
    """Time runs while it plays, stands while it does not, and ends at the end."""
    it = watch(film())
    it.root.press(" ")
    assert "❙❙ Pause" == it.find(".kb-play").inner_text()
    it.page.wait_for_function("document.querySelector('.kb-time').textContent !== 't = 1.009 s'")
    it.root.press(" ")
    assert "▶ Play" == it.find(".kb-play").inner_text()
    stood = it.find(".kb-time").inner_text()
    it.page.wait_for_timeout(60)
    assert stood == it.find(".kb-time").inner_text()
    it.press(" ")
    assert "12.0" == it.second()
    assert "t = 8.022 s" == it.find(".kb-time").inner_text()


def test_steps_lead_to_where_a_step_has_settled(watch: Watch) -> None:
    """On and back, by keys and buttons; who steps again does not wait."""
    it = watch(film())
    seen = []
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "End", "ArrowLeft", "Home"):
        it.press(key)
        seen.append(it.second())
    assert ["1.7", "2.7", "4.7", "2.7", "12.0", "9.7", "0.0"] == seen
    for _ in range(3):
        it.named("one step on").click()
    it.stands()
    assert "4.7" == it.second()
    it.named("one step back").click()
    it.stands()
    assert "2.7" == it.second()


def test_a_step_on_shows_how_it_comes_about(watch: Watch) -> None:
    """Whoever steps on sees the line slide, not only where it ends."""
    it = watch(film())
    it.press("ArrowRight", "ArrowRight", "ArrowRight")
    it.shape("hw").locator("line").evaluate(
        "e => { window.seen = new Set(); new MutationObserver(() => seen.add(e.getAttribute('x1')))"
        ".observe(e, {attributes: true}) }"
    )
    it.press("ArrowRight")
    assert it.page.evaluate("seen.size") > 3


def test_reduced_motion_shows_no_frame_in_between(watch: Watch) -> None:
    """A step cross-fades into the next, and nothing starts by itself."""
    it = watch(film(plays=True), calm=True)
    assert "0.0" == it.second()
    it.press("ArrowRight", "ArrowRight", "ArrowRight")
    it.page.evaluate(
        "() => { window.seen = []; const e = document.querySelector('[data-id=hw] line');"
        " new MutationObserver(() => seen.push(e.getAttribute('x1')))"
        ".observe(e, {attributes: true}) }"
    )
    it.root.press("ArrowRight")
    assert "none" != it.find(".kb-was").evaluate("e => getComputedStyle(e).animationName")
    it.find(".kb-was").wait_for(state="detached")
    assert [it.shape("hw").locator("line").get_attribute("x1")] == it.page.evaluate("seen")
    assert "5.7" == it.second()
    it.press(" ")
    assert "12.0" == it.second()


def test_the_first_film_of_a_page_plays_once_when_it_is_seen(watch: Watch) -> None:
    """Not before, not again, and no other film does."""
    it = watch(film(plays=True), film())
    it.page.wait_for_function("document.querySelector('[data-kb-film]').dataset.runs === 'film'")
    assert [None] == it.page.locator("[data-kb-film]").nth(1).evaluate_all(
        "all => all.map((it) => it.dataset.runs ?? null)"
    )
    it.press(" ", "Home")
    it.page.evaluate("scrollTo(0, 5000)")
    it.page.wait_for_timeout(80)
    it.page.evaluate("scrollTo(0, 0)")
    it.page.wait_for_timeout(80)
    assert None is it.root.get_attribute("data-runs")


def test_a_film_that_is_drawn_again_does_not_play_again(watch: Watch) -> None:
    """Whoever scrolls in a notebook has its cells drawn again and again."""
    it = watch(film())
    it.page.evaluate(IMPORT, source())
    it.page.evaluate(RENDER, film(plays=True))
    it.page.wait_for_function("document.querySelector('[data-kb-film]').dataset.runs === 'film'")
    it.page.evaluate(RENDER, film(plays=True))
    it.page.wait_for_timeout(300)
    assert None is it.root.get_attribute("data-runs")


def test_a_film_that_is_taken_away_hears_nothing_more(watch: Watch) -> None:
    """A notebook closes its views; a model lives longer than they do."""
    it = watch(film())
    it.page.evaluate(IMPORT, source())
    it.page.evaluate(RENDER, film())
    it.root.press(" ")
    assert ["change:film", "msg:custom", "change:problem"] == it.page.evaluate("Object.keys(heard)")
    it.page.evaluate("end()")
    assert [] == it.page.evaluate("Object.keys(heard)")
    assert None is it.root.get_attribute("data-runs")


@pytest.mark.parametrize(("width", "is_open"), [(820, True), (400, False)])
def test_a_legend_says_what_the_marks_mean(watch: Watch, width: int, *, is_open: bool) -> None:
    """Where there is room beside the code it is open; its words light up what they stand for."""
    it = watch(film((LOST, MOMENTS)), width=width)
    legend = it.find(".kb-legend")
    assert is_open == legend.evaluate("e => e.open")
    legend.evaluate("e => { e.open = true }")
    legend.get_by_text("high watermark").hover()
    lit = "() => [...document.querySelectorAll('.kb-lit')].map((e) => e.dataset.id)"
    assert ["hw", "hw"] == it.page.evaluate(lit)
    assert "asks" in legend.inner_text()


def test_bold_words_of_the_prose_are_marks_too(watch: Watch) -> None:
    """In the book and beside a notebook's cells; what is bold for another reason stays as it is."""
    it = watch(film())
    it.page.evaluate(IMPORT, source())
    it.page.evaluate("""() => document.querySelector("main").insertAdjacentHTML("afterbegin",
      `<article>Two <strong>Followers</strong>, a <strong>high watermark</strong>,
       <strong>Next:</strong></article>`)""")
    it.page.evaluate(RENDER, film())
    kinds = "all => all.map((e) => e.dataset.kind ?? '')"
    bold = it.page.locator("article strong")
    assert ["follower", "hw", ""] == bold.evaluate_all(kinds)
    lit = "() => [...document.querySelectorAll('.kb-lit')].map((e) => e.dataset.id)"
    bold.nth(1).hover()
    assert ["hw"] == it.page.evaluate(lit)
    bold.nth(2).hover()
    assert [] == it.page.evaluate(lit)
    it.page.evaluate(RENDER, film())
    assert ["follower", "hw", ""] == bold.evaluate_all(kinds)


# --- the axis ------------------------------------------------------------------------------------


def test_the_handle_can_be_dragged_and_the_axis_clicked(watch: Watch) -> None:
    """Anywhere on the axis is a second of the film; what is said follows."""
    it = watch(film())
    box = it.find(".kb-axis").bounding_box()
    assert box
    x, y, wide = box["x"] + 14, box["y"] + 48, box["width"] - 28
    it.page.mouse.click(x + wide / 2, y)
    assert "6.0" == it.second()
    it.page.mouse.down()
    seen = []
    for share in (0.75, 0.25, 2):
        it.page.mouse.move(x + wide * share, y)
        seen.append((it.second(), it.find(".kb-time").inner_text()))
    it.page.mouse.up()
    it.page.mouse.move(x, y)
    assert [("9.0", "t = 8.021 s"), ("3.0", "t = 1.014 s"), ("12.0", "t = 8.022 s")] == seen
    assert "12.0" == it.second()
    says = "8.022 s. Broker 1 is killed. In sync is broker 2 alone."
    assert says == it.find(".kb-axis").get_attribute("aria-valuetext")


def test_each_step_has_its_mark_and_each_gap_its_length(watch: Watch) -> None:
    """The axis tells what happens when, and what it leaves out."""
    it = watch(film())
    marks = it.find(".kb-axis [data-step]")
    kinds = ["sent", "stored", "copied", "committed", "killed"]
    assert kinds == marks.evaluate_all("all => all.map((e) => e.dataset.step)")
    assert "1.019 s · Broker 2 has fetched a." == marks.nth(2).locator("title").text_content()
    assert ["7.0 s"] == it.find(".kb-axis .kb-span").all_text_contents()
    crowded = film()
    crowded["axis"]["breaks"] = [[6.0, 6.3, "300 ms"], [6.4, 6.7, "301 ms"], [8.0, 8.4, "9.1 s"]]
    lengths = watch(crowded, width=400).find(".kb-axis .kb-span").all_text_contents()
    assert ["300 ms", "9.1 s"] == lengths


# --- guess ---------------------------------------------------------------------------------------


def test_a_guess_stands_on_the_figure_and_locks_what_follows(watch: Watch) -> None:
    """The film stops there; what comes shows no kind, and a word says why."""
    it = watch(film(guess=GUESS))
    assert 0 == it.find(".kb-guess").count()
    it.press("End")
    assert "4.8" == it.second()
    assert GUESS["question"] == it.find(".kb-guess p").inner_text()
    assert it.find(".kb-stage .kb-guess").is_visible()
    assert "Guess or skip to go on" in it.find(".kb-axis").text_content()
    kinds = it.find(".kb-axis [data-step]").evaluate_all("all => all.map((e) => e.dataset.step)")
    assert ["sent", "stored", "copied", "later", "later"] == kinds
    it.press(" ")
    assert "3" == it.active()
    it.press("Home")
    assert 0 == it.find(".kb-guess").count()


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ("3", "You said 3. It is 0. Broker 2 has every committed record."),
        ("0", "You said 0, and so it is. Broker 2 has every committed record."),
        ("skip", "You skipped. It is 0. Broker 2 has every committed record."),
    ],
)
def test_the_film_then_plays_to_the_answer(watch: Watch, choice: str, told: str) -> None:
    """Guess and truth stand over each other, with one sentence why."""
    it = watch(film(guess=GUESS))
    it.press("End")
    it.named(choice).press("Enter")
    assert "film" == it.root.get_attribute("data-runs")
    assert 0 == it.find(".kb-guess").count()
    assert it.find(".kb-axis").evaluate("e => e === document.activeElement")
    it.press("End")
    assert told == it.find(".kb-guess p").inner_text()
    mine = [choice] if choice != "skip" else []
    assert mine == it.find(".kb-chips .kb-mine").all_inner_texts()
    assert ["0"] == it.find(".kb-chips .kb-true").all_inner_texts()
    it.named("Close").click()
    it.press("End")
    assert 0 == it.find(".kb-guess").count()


def test_a_guess_finds_its_place_below_where_the_stage_is_full(watch: Watch) -> None:
    """It never covers what it asks about."""
    it = watch(film(guess=GUESS), width=400)
    it.press("End")
    assert it.find(".kb-slot .kb-guess").is_visible()
    assert 0 == it.find(".kb-stage .kb-guess").count()


def test_a_guess_is_remembered_while_the_page_lives(watch: Watch) -> None:
    """A figure that is drawn again does not ask again."""
    it = watch(film())
    it.page.evaluate(IMPORT, source())
    it.page.evaluate(RENDER, film(guess=GUESS))
    it.press("End")
    it.named("2").click()
    assert [{"do": "guess", "value": "2"}] == it.page.evaluate("sent")
    it.page.evaluate(RENDER, film(guess=GUESS))
    it.press("End")
    assert "You said 2. It is 0." in it.find(".kb-guess p").inner_text()


# --- touch ---------------------------------------------------------------------------------------


def test_a_thing_offers_what_can_happen_to_it(watch: Watch) -> None:
    """By click and by Enter, also on a part of it; each with its line of code."""
    it = watch(film())
    it.press("End", "ArrowLeft", "ArrowLeft")
    it.shape("broker-1/0").click()
    menu = it.page.get_by_role("menu", name="Broker 1")
    assert ["✕Killlab.crash(1)", "❙❙Pauselab.pause(1)"] == [
        text.replace("\n", "") for text in menu.get_by_role("menuitem").all_inner_texts()
    ]
    it.page.keyboard.press("ArrowDown")
    assert "❙❙Pauselab.pause(1)" == it.active()
    it.page.keyboard.press("Escape")
    assert "broker-1" == it.active()
    assert menu.is_hidden()
    it.press("End")
    it.shape("broker-1").press("Enter")
    assert ["Start again"] == menu.locator("span").all_inner_texts()
    it.page.mouse.click(5, 5)
    assert menu.is_hidden()


def test_what_cannot_be_touched_yet_is_no_button(watch: Watch) -> None:
    """A thing without an offer must not take a stop of the tab key."""
    it = watch(with_seeks(film(), (2.5, 3.5)))
    for second, expected in ((2.5, (None, None, None)), (3.5, ("0", "button", "menu"))):
        it.seek(second)
        names = ("tabindex", "role", "aria-haspopup")
        assert expected == tuple(map(it.shape("broker-2").get_attribute, names))


def test_without_a_kernel_a_touch_gives_its_line(watch: Watch) -> None:
    """It stands among those of the film at its time, the time that passed too; all are copied."""
    it = watch(film())
    it.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    it.press("ArrowRight")
    it.shape("broker-1").press("Enter")
    it.page.keyboard.press("Enter")
    lines = [text.split("\n") for text in it.find(".kb-code li").all_inner_texts()]
    passed = ["1.011 s", "lab.run_to(1010)", "needs a kernel"]
    mine = ["1.011 s", "lab.crash(1)", "needs a kernel"]
    assert [["1.009 s", 'lab.send("a")'], passed, mine, ["8.021 s", "lab.crash(1)"]] == lines
    it.named("copy").click()
    it.named("copied").wait_for()
    copied = it.page.evaluate("navigator.clipboard.readText()")
    assert 'lab.send("a")\nlab.run_to(1010)\nlab.crash(1)\nlab.crash(1)' == copied


def test_each_of_two_lanes_has_its_own_lines_to_copy(watch: Watch) -> None:
    """Together they would be the lines of no run; what both have stands once."""
    data = film((LOST, MOMENTS))
    data["lanes"][1]["code"] = [data["lanes"][1]["code"][0], [9.0, 8021, "lab.pause(1)"]]
    it = watch(data, width=1400)
    it.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lines = [text.split("\n")[1:] for text in it.find(".kb-code li").all_inner_texts()]
    assert [['lab.send("a")'], ["lab.crash(1)", "BAD"], ["lab.pause(1)", "GOOD"]] == lines
    it.press("End", "ArrowLeft", "ArrowLeft")
    it.find(".kb-lane").nth(1).locator("[data-id='broker-2']").press("Enter")
    it.page.keyboard.press("Enter")
    copied = []
    for name in ("copy BAD", "copy GOOD"):
        it.named(name).click()
        it.named(name.replace("copy", "copied")).wait_for()
        copied.append(it.page.evaluate("navigator.clipboard.readText()").split("\n"))
    touched = ["lab.run_to(1020)", "lab.crash(2)"]
    assert ['lab.send("a")', "lab.crash(1)"] == copied[0]
    assert ['lab.send("a")', *touched, "lab.pause(1)"] == copied[1]


def test_a_touch_says_in_which_lane(watch: Watch) -> None:
    """Two futures stand beside each other; a kernel must know which one is meant."""
    it = watch(film(), width=1400)
    it.page.evaluate(IMPORT, source())
    it.page.evaluate(RENDER, film((LOST, MOMENTS), is_live=True))
    it.find(".kb-lane").nth(1).locator("[data-id='broker-1']").press("Enter")
    it.page.keyboard.press("Enter")
    touch = {"do": "touch", "line": "lab.crash(1)", "second": 0, "lane": 1}
    assert [touch] == it.page.evaluate("sent")


def test_time_can_pass_where_nothing_has_happened_yet(watch: Watch) -> None:
    """A button of a living stage; a recorded film has none."""
    it = watch(film())
    assert 0 == it.find("button:visible").get_by_text("run on 5 s").count()
    it.page.evaluate(IMPORT, source())
    it.page.evaluate(RENDER, film(is_live=True))
    it.named("let 5 seconds of virtual time pass").click()
    touch = {"do": "touch", "line": "lab.run_for(5000)", "second": 12, "lane": 0}
    assert [touch] == it.page.evaluate("sent")
    assert "12.0" == it.second()


def test_a_kernel_is_asked_for_the_layout_of_another_width(watch: Watch) -> None:
    """Until it is here the one that is here is shown; it changes nothing of what is played."""
    it = watch(film(), width=820)
    it.page.evaluate(IMPORT, source())
    whole = film() | {"edition": 3}
    [lane] = whole["lanes"]
    narrow = lane["layouts"]["400"]
    lane["layouts"] = {"400": None, "520": None, "820": lane["layouts"]["820"]}
    it.page.evaluate(RENDER, whole)
    assert [] == it.page.evaluate("sent")
    it.root.press(" ")
    it.page.set_viewport_size({"width": 410, "height": 900})
    it.page.wait_for_function("sent.length > 0")
    drawn = "e => e.querySelector('.kb-stage > svg').getAttribute('viewBox')"
    assert "0 0 820" == it.root.evaluate(drawn)[:7]
    answer = {"do": "layout", "edition": 2, "width": 400, "lanes": [narrow]}
    it.page.evaluate("it => heard['msg:custom'](it)", answer)  # of a film that is no longer shown
    assert "0 0 820" == it.root.evaluate(drawn)[:7]
    it.page.evaluate("it => heard['msg:custom'](it)", answer | {"edition": 3})
    assert "0 0 400" == it.root.evaluate(drawn)[:7]
    assert "film" == it.root.get_attribute("data-runs")
    assert [{"do": "layout", "width": "400"}] == it.page.evaluate("sent")


def test_a_recorded_film_with_a_kernel_gives_lines_too(watch: Watch) -> None:
    """Nobody answers it: what a reader touches must not be sent into the void."""
    it = watch(film())
    it.page.evaluate(IMPORT, source())
    it.page.evaluate(RENDER, film())
    it.shape("broker-1").press("Enter")
    it.page.keyboard.press("Enter")
    assert [] == it.page.evaluate("sent")
    assert "lab.crash(1)" in it.find(".kb-code li").nth(0).inner_text()


def test_a_long_list_of_lines_scrolls_along(watch: Watch) -> None:
    """The buttons below a film stay near; the line that is done now is in sight."""
    it = watch(with_seeks(film(), tuple(n / 4 for n in range(48))))
    sight = """list => { const box = list.getBoundingClientRect();
      return [box.height, ...[...list.children].filter((li) => {
        const {top, bottom} = li.getBoundingClientRect();
        return top >= box.top - 1 && bottom <= box.bottom + 1;
      }).map((li) => li.textContent.split("at ")[1])]; }"""
    high, first, *_ = it.find(".kb-code ol").evaluate(sight)
    assert "0.00" == first
    assert high <= 270
    it.press("End")
    assert "11.75" == it.find(".kb-code ol").evaluate(sight)[-1]
    it.press("Home")
    assert "0.00" == it.find(".kb-code ol").evaluate(sight)[1]


def test_a_line_of_code_leads_to_its_moment(watch: Watch) -> None:
    """What is still to come is dimmed."""
    it = watch(film())
    later = "all => all.map((e) => e.classList.contains('kb-later'))"
    assert [True, True] == it.find(".kb-code li").evaluate_all(later)
    it.find(".kb-code li button").nth(1).click()
    assert "9.0" == it.second()
    assert [False, False] == it.find(".kb-code li").evaluate_all(later)


def test_with_a_kernel_a_touch_is_sent_and_the_new_film_plays_on(watch: Watch) -> None:
    """The kernel's film begins as this one; what has the same key keeps its element."""
    it = watch(film())
    it.page.evaluate(IMPORT, source())
    it.page.evaluate(RENDER, film(is_live=True))
    it.press("ArrowRight", "ArrowRight", "ArrowRight")
    it.shape("broker-2").evaluate("e => { window.broker = e }")
    it.shape("broker-1").press("Enter")
    it.page.keyboard.press("Enter")
    [sent] = it.page.evaluate("sent")
    assert ("touch", "lab.crash(1)", 4.7) == (sent["do"], sent["line"], round(sent["second"], 2))
    line = it.shape("hw").locator("line")
    x = line.get_attribute("x1")
    answer = film(((*MOMENTS[:2], Moment(2, ("a", ""), 1)),))
    answer["axis"]["knots"] = [[1009, 0.0], [1009, 1.0], [1015, 3.5], [1500, 6.0], [1600, 12.0]]
    it.page.evaluate("film => { window.film = film }", answer)
    x_then = "document.querySelector('[data-id=hw] line').getAttribute('x1')"
    assert x == it.page.evaluate(f"() => {{ heard['change:film'](); return {x_then} }}")
    assert "film" == it.root.get_attribute("data-runs")
    assert 3.4 < float(it.second()) < 4.7
    assert it.shape("broker-2").evaluate("e => e === window.broker")
    it.page.wait_for_function(f"{x_then} === '{float(x or 0) + 48:g}'")


def test_an_error_of_the_kernel_is_said_aloud(watch: Watch) -> None:
    """An exception in a callback shows nowhere else."""
    it = watch(film())
    it.page.evaluate(IMPORT, source())
    it.page.evaluate(RENDER, film())
    told = []
    for problem in ("Error: no such broker", ""):
        it.page.evaluate("it => { window.problem = it; heard['change:problem']() }", problem)
        told.append(it.find("[role=alert]").is_visible() and it.find("[role=alert]").inner_text())
    assert ["Error: no such broker", False] == told


# --- words ---------------------------------------------------------------------------------------


def test_a_word_lights_up_its_mark(watch: Watch) -> None:
    """By name where it has one, else by kind; under the pointer as under the focus."""
    it = watch(film())
    lit = "() => [...document.querySelectorAll('.kb-lit')].map((e) => e.dataset.id)"
    seen = []
    for second, word in ((0.0, "Broker 1"), (0.0, "producer"), (5.7, "high watermark")):
        it.press("Home")
        while float(it.second()) < second:
            it.press("ArrowRight")
        it.find(".kb-say .kb-word").get_by_text(word).hover()
        seen.append(it.page.evaluate(lit))
    assert [["broker-1"], ["producer-1"], ["hw"]] == seen
    it.page.mouse.move(1, 1)
    assert [] == it.page.evaluate(lit)
    it.press("End")
    it.find(".kb-say .kb-word").get_by_text("In sync").focus()
    assert ["isr"] == it.page.evaluate(lit)


def test_a_word_lights_up_no_thing_of_a_longer_name(watch: Watch) -> None:
    """Broker 1 is not broker 10."""
    it = watch(film())
    it.shape("broker-2").evaluate("e => { e.dataset.id = 'broker-10' }")
    it.find(".kb-say .kb-word").get_by_text("Broker 1").hover()
    assert 1 == it.find(".kb-lit").count()


KINDS = (
    *("producer", "consumer", "controller", "leader", "follower", "dead"),
    *("hw", "isr", "acknowledged", "refused", "committed"),
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_word_can_be_read(watch: Watch, theme: str) -> None:
    """Contrast of at least 4.5 to 1, on light paper and on dark."""
    data = film()
    data["lanes"][0]["says"] = [[0.0, " ".join(f"{{{kind}}}" for kind in KINDS) + " {no:kind}"]]
    it = watch(data)
    it.page.evaluate("theme => { document.body.dataset.theme = theme }", theme)
    colours = it.find(".kb-say .kb-word").evaluate_all(
        "all => all.map((e) => { const own = getComputedStyle(e), root = getComputedStyle("
        "e.closest('.kb-film')); return [own.color, own.backgroundColor === 'rgba(0, 0, 0, 0)'"
        " ? root.backgroundColor : own.backgroundColor] })"
    )
    poor = {kind: pair for kind, pair in zip(KINDS, colours, strict=True) if _contrast(*pair) < 4.5}
    assert {} == poor
    assert it.said().endswith("committed {no:kind}")


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(it) / 255 for it in re.findall(r"\d+", colour)[:3]]
    linear = [it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_sentence_stands_from_its_second_on(watch: Watch) -> None:
    """Not a frame earlier: it would tell what is not drawn yet."""
    it = watch(with_seeks(film(), (1.98, 2.0)))
    seen = []
    for second in (1.98, 2.0, 1.98):
        it.seek(second)
        seen.append(it.said().split(".")[0])
    assert ["Broker 1 leads", "Broker 1 appends a", "Broker 1 leads"] == seen


def test_the_twin_follows_the_film(watch: Watch) -> None:
    """What the picture shows is also said in words, at its steps."""
    it = watch(film())
    it.find("summary").get_by_text("In words").click()
    seen = []
    for key in ("Home", "End"):
        it.press(key)
        seen.append(it.find("pre").inner_text())
    assert ["Broker 1 has nothing.", "Broker 1 has a."] == seen


# --- widths --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "layout", "drawn"),
    [(400, 400, 400), (519, 400, 519), (600, 520, 600), (819, 520, 676), (1400, 820, 1066)],
)
def test_the_widest_layout_that_fits_is_drawn(
    watch: Watch, width: int, layout: int, drawn: int
) -> None:
    """It is scaled up to fill by at most 1.3, and stands in the middle of what is left."""
    it = watch(film(), width=width)
    svg = it.find(".kb-stage > svg")
    box = svg.bounding_box()
    assert box
    assert f"0 0 {layout} 340" == svg.get_attribute("viewBox")
    assert drawn == round(box["width"])
    assert width == round(2 * box["x"] + box["width"])
    assert width == it.page.evaluate("document.documentElement.scrollWidth")


def test_a_film_follows_its_page(watch: Watch) -> None:
    """Turned sideways, a phone gets another layout; the second and the elements stay."""
    it = watch(film(), width=400)
    it.press("End")
    it.shape("broker-1").evaluate("e => { window.broker = e }")
    it.page.set_viewport_size({"width": 820, "height": 400})
    it.page.wait_for_function("document.querySelector('.kb-stage svg').viewBox.baseVal.width > 800")
    assert "12.0" == it.second()
    assert it.shape("broker-1").evaluate("e => e === window.broker")


def test_a_text_without_room_in_a_narrow_page_goes(watch: Watch) -> None:
    """Its element stays, and must not keep the words of the wide page."""
    data = film()
    rows = data["lanes"][0]["layouts"]["400"]["shapes"]
    [parts] = [row[4] for row in rows if row[1] == "producer-1"]
    [at] = [part[2] for part in parts if part[0] == "text"]
    del at["~text"]
    it = watch(data, width=820)
    text = it.shape("producer-1").locator("text")
    assert "producer" == text.text_content()
    it.page.set_viewport_size({"width": 400, "height": 900})
    it.page.wait_for_function("document.querySelector('.kb-stage svg').viewBox.baseVal.width < 800")
    assert "" == text.text_content()


@pytest.mark.parametrize(("width", "shown"), [(1400, 2), (800, 2), (400, 1)])
def test_two_lanes_share_one_axis(watch: Watch, width: int, shown: int) -> None:
    """Side by side, one above the other, or one at a time; where they part is marked."""
    it = watch(film((LOST, MOMENTS)), width=width)
    boxes = it.find(".kb-lane:visible").evaluate_all(
        "all => all.map((e) => e.getBoundingClientRect()).map(({x, y}) => [x, y])"
    )
    assert shown == len(boxes)
    if width == 1400:
        assert boxes[0][1] == boxes[1][1]
    if width == 800:
        assert boxes[0][0] == boxes[1][0]
    it.press("End")
    heads = ["BAD min.insync.replicas = 1", "GOOD min.insync.replicas = 2"]
    assert heads[:shown] == it.find(".kb-head:visible").all_inner_texts()
    assert "here they part" in it.find(".kb-axis").text_content()
    assert 0 == it.find(".kb-axis").get_by_text("no difference here").count()
    assert 1 == it.find(".kb-lanes.kb-apart").count()
    records = it.find("[data-id='broker-2/0']").evaluate_all(
        "all => all.map((e) => e.closest('.kb-lane').className)"
    )
    assert ["kb-lane kb-is-good"] == records
    assert shown == 2 - it.find(".kb-tabs").is_visible()


def test_two_lanes_that_never_part_say_so(watch: Watch) -> None:
    """But not to whoever still owes a guess."""
    same = film((MOMENTS, MOMENTS), guess=GUESS)
    same["axis"]["parts_at"] = None
    it = watch(same, width=1400)
    told = it.find(".kb-axis").get_by_text("no difference here")
    it.press("End")
    assert 0 == told.count()
    it.named("2").click()
    assert told.is_visible()


def test_a_narrow_page_shows_one_lane_at_a_time(watch: Watch) -> None:
    """Two buttons choose."""
    it = watch(film((LOST, MOMENTS)), width=400)
    it.named("GOOD").click()
    assert ["GOOD min.insync.replicas = 2"] == it.find(".kb-head:visible").all_inner_texts()
    pressed = "all => all.map((e) => e.ariaPressed)"
    assert ["false", "true"] == it.find(".kb-tabs button").evaluate_all(pressed)


def test_two_lanes_with_the_same_hatch_keep_their_own(watch: Watch) -> None:
    """Ids are the page's; a pattern of a hidden lane would leave the other one blank."""
    it = watch(film((LOST, MOMENTS)), film(), width=400)
    ids = it.page.locator("pattern").evaluate_all("all => all.map((e) => e.id)")
    assert 3 == len(set(ids))
    it.press("ArrowRight", "ArrowRight")
    fills = it.find("[data-id='broker-1/0'] rect").evaluate_all(
        "all => all.map((e) => e.getAttribute('fill'))"
    )
    assert [f"url(#{it})" for it in ids[:2]] == fills


@pytest.mark.parametrize("width", [400, 820, 1400])
def test_no_button_moves_away_while_a_reader_steps(watch: Watch, width: int) -> None:
    """Some sentences are longer than others; the caption is as high as the longest."""
    data = film()
    data["lanes"][0]["says"] = [[second, text * (n + 1)] for n, (second, text) in enumerate(SAYS)]
    it = watch(data, width=width)
    tops = set()
    for _ in SAYS:
        tops.add(it.named("one step on").evaluate("e => e.getBoundingClientRect().top + scrollY"))
        it.press("ArrowRight")
    assert 1 == len(tops)


# --- for everybody -------------------------------------------------------------------------------


def test_every_control_is_reached_by_keys_and_large_enough(watch: Watch) -> None:
    """Tab leads through all of them, each shows its focus, none is lower than 32 px."""
    it = watch(film(guess=GUESS))
    it.press("End")
    seen: list[str] = []
    while "In words" not in seen:
        it.page.keyboard.press("Tab")
        seen.append(it.active())
        assert "solid" == it.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    buttons = it.find("button:visible")
    assert set() == set(buttons.all_text_contents()) - set(seen)
    assert {"broker-1", "broker-2", "Broker 2", "In words"} <= set(seen)
    low = "all => all.filter((e) => e.getBoundingClientRect().height < 32).map((e) => e.outerHTML)"
    assert [] == buttons.evaluate_all(low)


def test_no_text_of_the_player_is_small(watch: Watch) -> None:
    """Thirteen pixels at least; what a layout writes is the layout's."""
    it = watch(film(guess=GUESS), width=400)
    it.press("End")
    small = it.root.evaluate(
        "root => [...root.querySelectorAll('*:not(.kb-stage *)')].filter((e) => "
        "[...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && e.tagName !== 'STYLE'"
        " && parseFloat(getComputedStyle(e).fontSize) < 13).map((e) => e.outerHTML)"
    )
    assert [] == small


def test_a_thing_that_leaves_hands_its_focus_to_the_film(watch: Watch) -> None:
    """Else the keyboard would be lost in the page."""
    data = film()
    data["lanes"][0]["things"]["message-1"] = {
        "name": "Produce",
        "does": [[0.0, [["✕", "a", "b"]]]],
    }
    it = watch(with_seeks(data))
    it.seek(1.45)
    it.shape("message-1").focus()
    it.page.keyboard.press("End")
    assert it.find(".kb-axis").evaluate("e => e === document.activeElement")


def test_what_has_the_focus_shows_its_name(watch: Watch) -> None:
    """And that there is something to do."""
    it = watch(film())
    it.shape("broker-1").focus()
    assert "Broker 1 ▾" == it.find(".kb-tip:visible").inner_text()
    it.root.focus()
    assert 0 == it.find(".kb-tip:visible").count()


def test_keys_do_not_leave_the_film(watch: Watch) -> None:
    """JupyterLab would take arrows and letters as its own; Ctrl and Escape may pass."""
    it = watch(film())
    it.page.evaluate("() => { window.heard = []; document.onkeydown = (e) => heard.push(e.key) }")
    for key in ("ArrowDown", "a", " ", "Control+s", "Escape"):
        it.root.press(key)
    assert ["Control", "s", "Escape"] == it.page.evaluate("heard")


def test_hostile_texts_stay_texts(watch: Watch) -> None:
    """Records, names and lines of code are data; no element comes from them."""
    it = watch(film(text=lambda sentence: sentence + HOSTILE, guess={**GUESS, "why": HOSTILE}))
    it.press("End")
    it.named("3").click()
    it.press("End")
    it.shape("broker-1").press("Enter")
    it.page.keyboard.press("Enter")
    it.find("summary").get_by_text("In words").click()
    assert HOSTILE in it.said()
    assert HOSTILE in it.find(".kb-guess p").inner_text()
    assert 0 == it.page.locator("img").count()
    assert "A film" == it.page.title()


def test_a_film_of_another_version_is_refused_aloud(opened: Opened, tmp_path: Path) -> None:
    """A broken page must not look like a still one."""
    path = tmp_path / "page.html"
    path.write_text(page_html({**film(), "v": 2}), encoding="utf-8")
    opened.page.goto(path.as_uri())
    said = opened.page.get_by_role("alert").inner_text()
    assert "Error: a film of version 2; this player plays version 1" == said
    assert 1 == len(opened.complaints)


def test_dark_pages_have_dark_films(watch: Watch) -> None:
    """By furo's switch and by JupyterLab's theme: paper and ink change places."""
    it = watch(film())
    seen = []
    for name, value in (("data-x", ""), ("data-theme", "dark"), ("data-jp-theme-light", "false")):
        it.page.evaluate(
            "([name, value]) => document.body.setAttribute(name, value)", [name, value]
        )
        paper = it.find(".kb-stage svg > rect").evaluate("e => getComputedStyle(e).fill")
        words = it.root.evaluate("e => getComputedStyle(e).color")
        seen.append((round(_luminance(paper)), round(_luminance(words))))
        it.page.evaluate("name => document.body.removeAttribute(name)", name)
    assert [(1, 0), (0, 1), (0, 1)] == seen
