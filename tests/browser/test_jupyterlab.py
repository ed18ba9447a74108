"""A knob in a real JupyterLab: ipywidgets slider, anywidget picture, keys that stay inside."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.drawn_with import BOLD, REGULAR, fonts_of
from tests.browser.notebook_server import LOCAL, notebook_served, run_all

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
IMPORTS = """\
from kafkabook.explorers.explorer import explorer
from kafkabook.viz.sheet import Sheet"""
SHARED = """\
@explorer("How much is it?", shares=(1, 2, 0), frames=2)
def shared(shares):
    told = f"each gets {12 // shares}"
    return [Sheet("How much is it?").figure(f"{told}, step {n}") for n in (1, 2)]
shared"""
CELLS = (IMPORTS, SHARED)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A JupyterLab of its own, with two cells."""
    with notebook_served(tmp_path, CELLS) as address:
        yield address


def test_a_slider_moves_the_picture_and_its_words(address: str, chromium: "Browser") -> None:
    """One visit: run all, turn the knob by keys, see an error said, step, and stay in the cell."""
    context = chromium.new_context(viewport={"width": 1200, "height": 1000})
    page, requests = context.new_page(), []
    page.on("request", lambda request: requests.append(request.url))
    run_all(page, address, ".kb-explorer .kb-told")
    _says(page, "each gets 12, step 1")
    handle = page.locator(".noUi-handle").first
    handle.press("ArrowRight")
    _says(page, "each gets 6, step 1")
    assert "each gets 6, step 1" in page.locator(".kb-explorer svg").first.inner_html()
    assert {REGULAR, BOLD} == fonts_of(page, ".kb-explorer svg text")
    page.locator(".kb-explorer").press("ArrowRight")
    _says(page, "each gets 6, step 2")
    handle.press("Home")
    page.get_by_text("Error: ZeroDivisionError: integer division").wait_for()
    page.locator(".kb-explorer").press("r")
    _says(page, "each gets 12, step 1")
    page.locator(".kb-explorer").press("a")  # JupyterLab's "insert a cell above"
    assert len(CELLS) == page.locator(".jp-CodeCell").count()
    assert [] == [url for url in requests if not LOCAL.match(url)]
    context.close()


def _says(page: "Page", sentence: str) -> None:
    """Wait until a screen reader is told so."""
    page.wait_for_function(
        f"document.querySelector('.kb-told').textContent.includes({json.dumps(sentence)})"
    )
