"""A stage in a real JupyterLab: each touch reaches the kernel's lab, and its code is that lab.

The same is done twice: by mouse, and by keyboard alone.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.drawn_with import REGULAR, fonts_of
from tests.browser.notebook_server import LOCAL, PATIENCE_S, notebook_served, run_all

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser
CHECKSUMS = """\
from zlib import crc32
print("traces", [crc32(str(it.trace).encode()) for it in {labs}])"""
SHOWN = """\
from kafkabook import Lab
lab = Lab()
lab.create_topic("orders", assignment=[[1, 2, 3]])
stage = lab.show()
stage"""
CELLS = (SHOWN, CHECKSUMS.format(labs="stage.labs"))
FAILED_OVER = "makes broker 2 the leader"
SAID = "text => [...document.querySelectorAll('.kb-say')].some((e) => e.textContent.includes(text))"
LANES = "count => document.querySelectorAll('.kb-lane').length === count"
STANDS = "!document.querySelector('.kb-film').dataset.runs"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A JupyterLab with a stage, and a cell that tells what its labs went through."""
    with notebook_served(tmp_path, CELLS) as address:
        yield address


class Hands:
    """What a reader does to the stage of a page, by mouse."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.film = page.locator(".kb-film")

    def shape(self, key: str) -> "Locator":
        """A thing on the first lane."""
        return self.film.locator(f".kb-stage > svg:not(.kb-was) [data-id='{key}']").first

    def touch(self, key: str, words: str) -> None:
        """Choose what happens to a thing."""
        self.shape(key).click()
        self.film.get_by_role("menuitem").get_by_text(words, exact=True).click()

    def press_button(self, name: str) -> None:
        """Press a button of the film."""
        self.film.get_by_role("button", name=name, exact=True).click()

    def scrub_back(self) -> None:
        """Go back to where the leader is down, and nobody has noticed yet."""
        axis = self.film.locator(".kb-axis")
        mark = axis.locator("[data-step=killed]").bounding_box()
        box = axis.bounding_box()
        assert mark
        assert box
        self.page.mouse.click(mark["x"] + mark["width"] / 2 + 4, box["y"] + 48)

    def run_second_cell(self) -> None:
        """Run the cell that tells the checksums."""
        self.page.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")


class Keys(Hands):
    """The same by keyboard: tab, arrows, Enter, Home."""

    def touch(self, key: str, words: str) -> None:
        self._reach(f"it.dataset.id === {key!r} && it.closest('.kb-lane') === lanes[0]")
        self.page.keyboard.press("Enter")
        menu = self.film.get_by_role("menuitem")
        place = [it.split("\n")[1] for it in menu.all_inner_texts()].index(words)
        for _ in range(place):
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")

    def press_button(self, name: str) -> None:
        self._reach(f"[it.ariaLabel, it.textContent].includes({name!r})")
        self.page.keyboard.press("Enter")

    def scrub_back(self) -> None:
        self._reach("it.matches('.kb-axis')")
        self.page.keyboard.press("Home")
        self.page.keyboard.press("ArrowRight")
        self.page.wait_for_function(STANDS)

    def run_second_cell(self) -> None:
        """Leave the film for the cell below it."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Control+Enter")

    def _reach(self, wanted: str) -> None:
        """Press Tab until what is wanted has the focus."""
        is_there = "() => { const it = document.activeElement,"
        is_there += f" lanes = document.querySelectorAll('.kb-lane'); return {wanted} }}"
        for _ in range(150):
            if self.page.evaluate(is_there):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no key leads to {wanted}")


@pytest.mark.parametrize("kind", [Hands, Keys])
def test_what_is_touched_happens_and_its_lines_alone_give_the_same_trace(
    kind: Callable[["Page"], Hands], address: str, chromium: "Browser"
) -> None:
    """Kill, watch the failover, go back, do otherwise: two futures, each with its lines."""
    context = chromium.new_context(viewport={"width": 1500, "height": 1400})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page, requests = context.new_page(), list[str]()
    page.on("request", lambda request: requests.append(request.url))
    run_all(page, address, ".kb-film .kb-say")
    assert REGULAR in fonts_of(page, ".kb-film .kb-stage text")
    it = kind(page)
    it.press_button("4×")
    it.touch("broker-1", "Kill")
    page.wait_for_function(SAID, arg=FAILED_OVER, timeout=60_000)
    page.wait_for_function(STANDS, timeout=60_000)
    it.scrub_back()
    assert "Broker 1 is killed" in page.locator(".kb-say").first.inner_text()
    it.touch("broker-1", "Start again")
    page.wait_for_function(LANES, arg=2, timeout=60_000)
    copied = []
    for lane in ("first", "fork"):
        it.press_button(f"copy {lane}")
        page.get_by_role("button", name=f"copied {lane}").wait_for()
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    assert "lab.restart(1)" not in copied[0]
    assert "lab.restart(1)" in copied[1]
    expected = _checksums_of_the_kernel(page, it)
    assert expected == [_checksum_alone(lines) for lines in copied]
    assert [] == [url for url in requests if not LOCAL.match(url)]
    context.close()


def _checksums_of_the_kernel(page: "Page", it: Hands) -> list[int]:
    """Run the second cell again, and read what it prints: two labs by now."""
    it.run_second_cell()
    printed = page.locator(".jp-OutputArea-output").get_by_text(re.compile(r"traces \[\d+, \d+\]"))
    printed.wait_for(timeout=PATIENCE_S * 1000)
    return [int(number) for number in re.findall(r"\d+", printed.inner_text())]


def _checksum_alone(lines: str) -> int:
    """Run copied lines in a Python of their own."""
    text = f"{lines}\n{CHECKSUMS.format(labs='[lab]')}"
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, timeout=60, check=False
    )
    assert "" == done.stderr
    return int(re.findall(r"\d+", done.stdout.splitlines()[-1])[0])
