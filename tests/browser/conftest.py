"""One Chromium, and one tab of it, for all browser tests; without it they skip, or fail where all
is required. A new tab is a new process and takes longer than most pages.
"""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from kafkabook.book.builder import build_book

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE = {"width": 1280, "height": 900}


class Opened(NamedTuple):
    """A tab, and what its page asked for or complained about so far."""

    page: "Page"
    requests: list[str]
    complaints: list[str]


def skip_or_fail(reason: str) -> None:
    """Skip with one line that says what to install; fail where everything is required."""
    if os.environ.get("KAFKABOOK_REQUIRE_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """A headless Chromium with an empty profile."""
    if CHROMIUM is None or find_spec("playwright") is None:
        skip_or_fail("no browser tests: install chromium (apt-get install chromium) and playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def tab(chromium: "Browser") -> Opened:
    """The tab: it remembers every request, every error and every word on its console."""
    told = Opened(chromium.new_context().new_page(), [], [])
    told.page.on("request", lambda request: told.requests.append(request.url))
    told.page.on("pageerror", lambda error: told.complaints.append(str(error)))
    told.page.on("console", lambda said: told.complaints.append(said.text))
    return told


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book, built once; Sphinx's warnings are errors there."""
    return build_book(tmp_path_factory.mktemp("book") / "html", say=lambda _: None)


@pytest.fixture
def opened(tab: Opened) -> Opened:
    """The tab as if it were new: empty, wide, light, with nothing remembered."""
    tab.page.goto("about:blank")
    tab.page.set_viewport_size(WIDE)
    tab.page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    tab.requests.clear()
    tab.complaints.clear()
    return tab
