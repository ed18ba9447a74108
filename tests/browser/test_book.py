"""The book as a reader has it: from `file://`, with no kernel, no network and a keyboard.

Each page is opened in Chromium; each slider and menu of each figure is moved by its arrow keys, and
both the picture and the text for a screen reader must follow.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from kafkabook.book.builder import build_book
from kafkabook.book.sources import Sources, find_sources
from tests.browser.conftest import Opened
from tests.browser.drawn_with import BOLD, REGULAR, fonts_of

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
CHAPTERS = [f"chapters/{path.stem}" for path in find_sources().chapters()]
PAGES = [*CHAPTERS, "index", "glossary", "map_from_the_notes", "then_and_now"]
WIDTHS = (1400, 1280, 400)
LOCAL = ("file://", "data:", "blob:")
A_FIGURE = """\
from kafkabook.viz.sheet import Sheet
Sheet("How long is the log?", "t = 5 ms").figure("Six records.")"""


def go(opened: Opened, book: Path, page: str) -> None:
    """Open a page and wait until its players have unpacked their pictures."""
    opened.page.goto(f"{(book / page).as_uri()}.html")
    players = opened.page.locator("[data-kb-player]")
    for number in range(players.count()):
        players.nth(number).locator(".kb-told").wait_for(state="attached")


def check(opened: Opened) -> None:
    """Nothing but files was asked for, and nothing was complained about."""
    assert [] == [url for url in opened.requests if not url.startswith(LOCAL)]
    assert [] == opened.complaints


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_without_a_network_and_without_a_complaint_and_fits_the_screen(
    name: str, book: Path, opened: Opened
) -> None:
    """What a reader gets who copied the folder to a machine without either.

    On a wide screen and on a narrow one no page scrolls sideways, and no code in it does.
    """
    go(opened, book, name)
    assert opened.page.locator("h1").count() == 1
    for width in WIDTHS:
        opened.page.set_viewport_size({"width": width, "height": 900})
        assert opened.page.evaluate("document.scrollingElement.scrollWidth") <= width
    opened.page.evaluate("document.querySelectorAll('.kb-fold').forEach(e => e.open = true)")
    for width in WIDTHS:
        opened.page.set_viewport_size({"width": width, "height": 900})
        wide = "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.innerText)"
        assert [] == opened.page.locator("div.highlight pre").evaluate_all(wide), width
    check(opened)


TURNED = "input[type=range]:visible, select:visible, .kb-axis:visible, .kb-knob .kb-seg:visible"


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_slider_moves_its_figure_and_its_text(name: str, book: Path, opened: Opened) -> None:
    """By keyboard alone: Tab's order aside, the keys that a reader without a mouse has."""
    go(opened, book, name)
    players = opened.page.locator("[data-kb-player]")
    for number in range(players.count()):
        player = players.nth(number)
        _answer_by_skipping(player)
        sliders = player.locator(TURNED)
        assert [] == _stuck(player, sliders), player.get_attribute("aria-label")
    check(opened)


def _answer_by_skipping(player: "Locator") -> None:
    skip = player.locator("button[data-guess='']")
    if skip.count():
        skip.press("Enter")


def _stuck(player: "Locator", sliders: "Locator") -> list[str]:
    """Name the knobs that move nothing at any step; without one nothing can move."""
    found = [sliders.nth(number) for number in range(sliders.count())]
    names = [s.get_attribute("data-knob") or s.get_attribute("aria-label") or "?" for s in found]
    return [
        name
        for name, slider in zip(names, found, strict=True)
        if not any(_moves(player, slider) for _ in _steps(player))
    ] or ([] if found else ["no knob"])


def _steps(player: "Locator") -> Iterator[int]:
    """Stand at each step in turn, the last one first, where knobs matter most."""
    bar = player.locator(".kb-axis:visible")
    if not bar.count():
        yield 0
        return
    bar.press("End")
    for step in range(round(float(bar.get_attribute("aria-valuemax") or 0))):
        yield step
        bar.press("Home")
        for _ in range(step + 1):
            bar.press("ArrowRight")


def _moves(player: "Locator", slider: "Locator") -> bool:
    """Whether some arrow key changes both the picture and the live text."""
    before = _seen(player)
    for target, key in _presses(slider):
        target.press(key)
        after = _seen(player)
        if before[0] != after[0] and before[1] != after[1]:
            return True
    return False


def _presses(knob: "Locator") -> list[tuple["Locator", str]]:
    """Return what leads through all places of a knob: buttons, or keys of a slider or a menu."""
    buttons, options = knob.locator("button"), knob.locator("option").count()
    if buttons.count():
        return [(buttons.nth(number), "Enter") for number in range(buttons.count())]
    places = options or int(knob.get_attribute("max") or 2)  # the axis has its steps
    keys = ["Home", *["ArrowDown" if options else "ArrowRight"] * places]
    return [(knob, key) for key in keys]


def _seen(player: "Locator") -> tuple[str, str]:
    both = "[e.querySelector('.kb-stage').innerHTML, e.querySelector('.kb-told').innerText]"
    picture, told = player.evaluate(f"e => {both}")
    return picture, told


def test_a_dark_page_has_dark_figures(book: Path, opened: Opened) -> None:
    """The switch of the theme turns the pictures with it, not only the page around them."""
    go(opened, book, CHAPTERS[0])
    svg = opened.page.locator(".kb svg").first
    papers = {}
    for theme in ("light", "dark"):
        opened.page.evaluate(f"document.body.dataset.theme = '{theme}'")
        ink = "e => getComputedStyle(e.querySelector('text')).fill"
        papers[theme] = sum(map(int, re.findall(r"\d+", svg.evaluate(ink))[:3]))
    assert papers["light"] < 200 < 500 < papers["dark"]


def test_a_chapter_leads_on_from_its_top(book: Path, opened: Opened) -> None:
    """To the same pages as from its bottom; the other pages are not read in a row."""
    go(opened, book, CHAPTERS[1])
    top, bottom = (
        sorted(link.get_attribute("href") or "" for link in opened.page.locator(where).all())
        for where in (".kb-neighbours a", ".related-pages a")
    )
    assert [f"{path.stem}.html" for path in _neighbours(1)] == top == bottom
    opened.page.locator(".kb-neighbours a[rel=next]").press("Enter")
    opened.page.wait_for_url(f"**/{_neighbours(1)[1].stem}.html")
    go(opened, book, "glossary")
    assert 0 == opened.page.locator(".kb-neighbours").count()


def _neighbours(number: int) -> list[Path]:
    chapters = find_sources().chapters()
    return [chapters[number - 1], chapters[number + 1]]


def test_a_letter_of_the_glossary_leads_to_its_terms(book: Path, opened: Opened) -> None:
    """By keyboard; the alphabet on top is the way through 130 terms."""
    go(opened, book, "glossary")
    opened.page.locator(".kb-letters a", has_text="T").press("Enter")
    assert opened.page.evaluate("location.hash") == "#t"
    assert opened.page.locator("section#t dt").first.inner_text().startswith("task")
    opened.page.wait_for_function(  # the theme scrolls there smoothly
        "(y => 0 <= y && y < 900)(document.querySelector('#t dt').getBoundingClientRect().top)"
    )
    check(opened)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of one chapter with what a chapter may have: imports, a guess, code, a figure."""
    home = tmp_path_factory.mktemp("small")
    cells = [
        nbformat.v4.new_markdown_cell("# Start here", id="title"),
        nbformat.v4.new_code_cell("import sys", id="imports", metadata={"tags": ["imports"]}),
        nbformat.v4.new_code_cell("print(6 * 7)", id="guess", metadata={"tags": ["guess"]}),
        nbformat.v4.new_code_cell("assert 6 * 7 == 42", id="check", metadata={"tags": ["check"]}),
        nbformat.v4.new_code_cell(f"long = {'1 + ' * 60}1", id="long"),
        nbformat.v4.new_markdown_cell("It is *long*.", id="prose"),
        nbformat.v4.new_code_cell(A_FIGURE, id="figure"),
    ]
    (home / "chapters").mkdir()
    chapter = home / "chapters" / "00_start_here.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), chapter)
    return build_book(home / "html", say=lambda _: None, sources=Sources(home, is_checkout=False))


def test_an_answer_is_shown_to_whoever_has_guessed(small: Path, opened: Opened) -> None:
    """By keyboard: Tab reaches the fold, Enter opens it; the question's code is never hidden."""
    go(opened, small, "chapters/00_start_here")
    fold = opened.page.locator("details.kb-fold-guess")
    answer = fold.locator(".cell_output")
    check_of_it = opened.page.locator("details.kb-fold-check .cell_input")
    assert opened.page.locator(".cell_input", has_text="print").is_visible()
    assert [False, False] == [answer.is_visible(), check_of_it.is_visible()]
    _tab_to(opened.page, "I have guessed. Show.")
    opened.page.keyboard.press("Enter")
    assert ("42", True) == (answer.inner_text().strip(), answer.is_visible())
    assert not check_of_it.is_visible()
    _tab_to(opened.page, "This section's claims, as code that is run")
    opened.page.keyboard.press("Enter")
    assert "assert 6 * 7 == 42" == check_of_it.inner_text().strip()
    check(opened)


def _tab_to(page: "Page", words: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText") == words:
            return
    pytest.fail(f"Tab never reaches {words!r}")


def test_imports_are_folded_until_asked_for(small: Path, opened: Opened) -> None:
    """They are there for whoever wants to know where a name comes from."""
    go(opened, small, "chapters/00_start_here")
    code = opened.page.locator(".cell_input", has_text="import sys")
    assert not code.is_visible()
    opened.page.locator("summary", has_text="Imports").press("Enter")
    assert code.is_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_code_is_cut_at_the_edge_of_the_screen(width: int, small: Path, opened: Opened) -> None:
    """A long line goes on below itself; a reader who sees half of an assertion is misled."""
    opened.page.set_viewport_size({"width": width, "height": 900})
    go(opened, small, "chapters/00_start_here")
    long = opened.page.locator("pre", has_text="long = ")
    assert long.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert long.evaluate("e => e.clientHeight > 3 * parseFloat(getComputedStyle(e).lineHeight)")


WRITTEN = {  # page → what stands there, in which face
    "chapters/00_start_here": {
        "article section > p": REGULAR,
        "article h1": BOLD,
        "article svg.kb text[data-id^=title]": BOLD,
        "article svg.kb text[data-id^=subtitle]": REGULAR,
    },
    "index": {".kb-lead": REGULAR, ".kb-film .kb-say": REGULAR, ".kb-film .kb-stage text": BOLD},
}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_page_brings_its_letters(name: str, small: Path, opened: Opened) -> None:
    """Prose, stills and films are written in one family, on a machine that does not have it."""
    go(opened, small, name)
    opened.page.wait_for_function("[...document.fonts].every(it => it.status === 'loaded')")
    assert 2 == opened.page.evaluate("document.fonts.size")
    for what, face in WRITTEN[name].items():
        assert {face} <= fonts_of(opened.page, what) <= {REGULAR, BOLD}, what
    check(opened)


def test_a_page_is_read_before_long(book: Path) -> None:
    """Less than a megabyte with all that it loads; the letters' licence lies beside them."""
    weights = {page.name: _bytes_of(page) for page in book.rglob("*.html")}
    assert {} == {name: it for name, it in weights.items() if it >= 1_000_000}
    assert (book / "_static" / "OFL.txt").is_file()


def _bytes_of(page: Path) -> int:
    """Return the size of a page with its styles and scripts."""
    loaded = re.findall(r'(?:href|src)="([^"?]+\.(?:css|js))\b', page.read_text(encoding="utf-8"))
    files = {(page.parent / name).resolve() for name in loaded}
    return sum(path.stat().st_size for path in (page, *files))


def test_the_search_finds_sections_with_excerpts_offline(book: Path, opened: Opened) -> None:
    """In English and in Korean; what has the words in its heading comes first."""
    for word in ("offset", "오프셋"):
        opened.page.goto(f"{(book / 'search').as_uri()}.html?q={word}")
        opened.page.locator("ul.search li a").first.wait_for()
    opened.page.goto(f"{(book / 'search').as_uri()}.html?q=high+watermark")
    first = opened.page.locator("ul.search li").first
    link = first.locator("a").get_attribute("href") or ""
    assert "chapters/06_in_sync_replicas.html#the-high-watermark" == link
    assert {"high", "watermark"} <= set(first.locator("mark").all_inner_texts())
    first.locator("a").click()
    assert "The high watermark" in opened.page.locator("#the-high-watermark h2").inner_text()
    check(opened)


def test_what_is_sought_is_no_markup(book: Path, opened: Opened) -> None:
    """A link may carry anything; words that are nowhere are said so."""
    opened.page.goto(f"{(book / 'search').as_uri()}.html?q=<img src=x onerror=alert(1)>")
    assert "No section with" in opened.page.locator("#search-results").inner_text()
    assert 0 == opened.page.locator("#search-results img").count()
    check(opened)


def test_no_script_or_style_names_another_host(book: Path) -> None:
    """Sought in the built files, for a page may load something only later."""
    loads = re.compile(
        r"""<(?:script|link)[^>]*\s(?:src|href)=["']?(?:https?:)?//|@import|url\(["']?http"""
    )
    named = [
        path.name
        for path in (*book.rglob("*.html"), *book.rglob("*.css"))
        if loads.search(path.read_text(encoding="utf-8"))
    ]
    assert [] == named


def test_no_picture_is_a_file_of_its_own(book: Path) -> None:
    """It would follow the system's theme instead of the page's, and have a hash for its name."""
    assert [] == [p.name for p in book.rglob("*.html") if "<img" in p.read_text(encoding="utf-8")]


def test_our_script_stands_only_where_it_is_needed_and_stays_small(book: Path) -> None:
    """At most 80 KB for films and explorers alike, and nothing at all on a page without either."""
    script = re.compile(r'<script type="module">(.*?)</script>', re.DOTALL)
    for page in book.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        sizes = [len(found.encode()) for found in script.findall(text)]
        is_needed = any(it in script.sub("", text) for it in ("data-kb-player", "data-kb-film"))
        assert len(sizes) == is_needed, page.name
        assert sum(sizes) <= 80 * 1024 + 100, page.name


def test_a_stage_of_the_book_gives_its_line_and_says_that_it_needs_a_kernel(
    book: Path, opened: Opened
) -> None:
    """By keyboard: nothing runs here, nothing is asked for, and the line can be copied."""
    go(opened, book, "chapters/00_start_here")
    title = "Can you lose a record that has a check mark?"
    film = opened.page.locator("[data-kb-film]").filter(has_text=title).last
    film.locator(".kb-play").wait_for()
    assert [0, 1] == [
        film.get_by_role("button", name=name).count()
        for name in ("let 5 seconds of virtual time pass", "copy")
    ]
    film.locator(".kb-stage > svg [data-id='broker-1']").press("Enter")
    assert "Here nothing runs: you get the line." in film.locator(".kb-menu small").inner_text()
    opened.page.keyboard.press("Enter")
    told = [text.split("\n")[1:] for text in film.locator(".kb-code li").all_inner_texts()]
    assert ["lab.crash(1)", "needs a kernel"] == told[-1]
    assert ["from kafkabook import Lab"] == told[0]
    check(opened)
