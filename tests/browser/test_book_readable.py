"""Every page of the book can be read: by axe-core's rules, and by boxes where those do not look.

axe-core looks at HTML, in both themes, wide and narrow, and in the states of its figures. Stills
and films are pictures; `readable.js` measures those.
"""

import gzip
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest

from tests.browser.conftest import Opened
from tests.browser.readable import MEASURE, THEMES, WIDTHS, Shown
from tests.browser.test_book import CHAPTERS, PAGES, go
from tests.viz import chosen

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = pytest.mark.browser
WIDE, NARROW = 1280, 400
LOOKS = [("light", WIDE), ("dark", NARROW)]
LOOKS += [("dark", WIDE), ("light", NARROW)] if chosen.EVERYTHING else []
WITH_FIGURES = [*CHAPTERS, "index"]
USED = WITH_FIGURES if chosen.EVERYTHING else [CHAPTERS[0], CHAPTERS[3]]  # films, explorers
RUN = """async (where) => {
  const {violations} = await axe.run(where, {resultTypes: ["violations"]});
  return violations.flatMap(({id, nodes}) => nodes.map(({target, any, all, none}) =>
    `${id}: ${target}: ${[...any, ...all, ...none].map((it) => it.message).join(" ")}`));
}"""
# What stands in a page a thousand times is looked at once: a colour of code in a kind of cell.
# `readable.js` measures the inside of stills. Two thirds of axe's time went to both.
ONCE = """() => {
  const seen = new Set();
  for (const word of document.querySelectorAll(".highlight span")) {
    const kind = `${word.className} in ${word.closest(".highlight").parentElement.className}`;
    if (seen.has(kind)) word.replaceWith(word.textContent);
    seen.add(kind);
  }
  document.querySelectorAll(".kb-still svg").forEach((still) => still.replaceChildren());
}"""
FOLDS = "document.querySelectorAll('details').forEach((it) => { it.open = true; })"
STILLS = """([width, theme]) => {
  document.body.dataset.theme = theme;
  return [...document.querySelectorAll(".kb-still")].flatMap((still) => {
    still.style.width = `${width}px`;
    return [...readable.seen(still), ...readable.faint(still)];
  });
}"""


def axe(opened: Opened, where: "str | Locator" = "html") -> list[str]:
    """Return what axe-core finds in a part of the page, with the rule, the place and the reason."""
    from axe_playwright_python.base import AXE_SCRIPT

    opened.page.evaluate(AXE_SCRIPT)
    part = where if isinstance(where, str) else where.element_handle()
    found: list[str] = opened.page.evaluate(RUN, part)
    return found


def look(opened: Opened, theme: str, width: int) -> None:
    """Put on a theme, by furo's own switch, in a screen of a width."""
    opened.page.set_viewport_size({"width": width, "height": 900})
    opened.page.emulate_media(reduced_motion="reduce")
    opened.page.evaluate("(theme) => { document.body.dataset.theme = theme; }", theme)


@pytest.mark.parametrize(("theme", "width"), LOOKS)
@pytest.mark.parametrize("name", [*PAGES, "search"])
def test_axe_finds_nothing_on_a_page(
    name: str, theme: str, width: int, book: Path, opened: Opened
) -> None:
    """With all folds open, and where the way back to the top is seen."""
    go(opened, book, name)
    look(opened, theme, width)
    opened.page.evaluate(FOLDS)
    opened.page.evaluate(ONCE)
    opened.page.evaluate("scrollTo(0, 900); scrollTo(0, 600)")  # furo shows it on the way up
    assert [] == axe(opened)


@pytest.mark.parametrize(("theme", "width"), LOOKS)
@pytest.mark.parametrize("name", USED)
def test_axe_finds_nothing_in_a_figure_that_is_used(
    name: str, theme: str, width: int, book: Path, opened: Opened
) -> None:
    """Guesses open, answered and skipped, other futures shown, menus open, the end reached."""
    go(opened, book, name)
    look(opened, theme, width)
    opened.page.evaluate(ONCE)
    figures = opened.page.locator(".kb-film").all()
    for figure in figures:
        figure.press("End")
    told = {"guesses": axe(opened, ".kb-film")}
    for number, figure in enumerate(figures):
        choices = figure.locator(".kb-choices button")
        if choices.count():
            choices.nth(0 if number % 2 else choices.count() - 1).press("Enter")
        for key in ("End", "f"):
            figure.press(key)
    told["answers and forks"] = axe(opened, ".kb-film")
    for figure in figures:
        things = figure.locator(".kb-stage > svg [role=button]")
        if things.count():
            things.first.press("Enter")
        if figure.locator(".kb-menu").count():  # one is open at a time; notes stay
            told[f"menu of {figure.get_attribute('aria-labelledby')}"] = axe(opened, figure)
    told["notes"] = axe(opened, ".kb-film")
    assert {} == {state: found for state, found in told.items() if found}


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_still_of_the_book_can_be_read(name: str, book: Path, opened: Opened) -> None:
    """In the room of each width, on light and on dark."""
    go(opened, book, name)
    opened.page.evaluate(MEASURE)
    opened.page.evaluate(FOLDS)
    opened.page.set_viewport_size({"width": 1440, "height": 900})
    looks = [(width, theme) for width in WIDTHS for theme in THEMES]
    told = {(width, theme): opened.page.evaluate(STILLS, [width, theme]) for width, theme in looks}
    assert {} == {how: found for how, found in told.items() if found}


def films(book: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the films of a page, as they are packed in it."""
    text = (book / f"{name}.html").read_text(encoding="utf-8")
    for block in re.findall(r"kb-film\" data-kb-film.*?base64\">(.*?)</script>", text, re.DOTALL):
        yield json.loads(gzip.decompress(b64decode(unescape(block))))


def test_every_film_of_the_book_can_be_read(book: Path, opened: Opened) -> None:
    """At a fixed tenth of their moments: chosen by the sum of film and moment."""
    shown, found, seen = Shown(*opened), dict[str, list[str]](), 0
    shown.prepare()
    for film in (film for name in WITH_FIGURES for film in films(book, name)):
        shown.film(film)
        steps = sorted({step[0] for step in film["axis"]["steps"]})
        moments = sorted({*chosen.moments_between(steps, film["end"])})
        some = [it for it in moments if chosen.EVERYTHING or is_chosen(film["title"], it)]
        seen += len(some)
        for width in WIDTHS:
            found |= shown.measured(width, some, f"{film['title']} ")
    assert {} == found
    assert seen > 20


def is_chosen(title: str, second: float) -> bool:
    """Say whether a moment is in the fixed tenth."""
    return crc32(f"{title} {second:.2f}".encode()) % chosen.SHARE == 0
