"""`kafkabook lab`, as a reader starts it: run all, step through a film, save, all on loopback."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
CHAPTER = "chapters/00_start_here.ipynb"
LOCAL = re.compile(r"(https?|ws)://(127\.0\.0\.1|localhost)[:/]|data:|blob:")
PATIENCE_MS = 30_000


@pytest.fixture
def lab(tmp_path: Path, chromium: "Browser") -> Iterator[tuple[str, Path]]:
    """A server with a home of its own; yields its address, token included, and the working copy."""
    told, home = tmp_path / "told.txt", tmp_path / "work"
    line = [sys.executable, "-m", "kafkabook", "lab", str(home), "--no-browser"]
    with told.open("w") as out:
        server = subprocess.Popen(
            line,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HOME": str(tmp_path)},
            start_new_session=True,
        )
    try:
        yield _address(told), home
    finally:
        os.kill(server.pid, signal.SIGTERM)  # to it alone: it takes JupyterLab with it
        server.wait(20)
        with pytest.raises(ProcessLookupError):  # nobody is left in its group
            os.killpg(server.pid, 0)


def _address(told: Path) -> str:
    """Wait for the line that JupyterLab prints for its reader."""
    until = monotonic() + PATIENCE_MS / 1000
    while monotonic() < until:
        found = re.search(r"http://127\S+\?token=\w+", told.read_text())
        if found:
            return found.group()
        sleep(0.2)
    raise AssertionError(f"no address was printed within {PATIENCE_MS} ms: {told.read_text()}")


def test_a_reader_runs_all_steps_through_a_film_and_saves(
    lab: tuple[str, Path], chromium: "Browser"
) -> None:
    """One visit from the first address to a saved file; starting a server twice would be slow."""
    address, home = lab
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    page, requests = context.new_page(), []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(address)
    _run_all(page)
    film = page.locator(".kb-film").first
    film.press("Home")  # it plays when it is seen, and stops where it asks for a guess
    page.wait_for_function(f"{_SAYS}.startsWith('Broker 1 leads, and takes')")
    film.press("ArrowRight")
    page.wait_for_function(f"{_SAYS} === 'The producer sends apple.'")
    _save(page, home / CHAPTER)
    assert [] == [url for url in requests if not LOCAL.match(url)]
    assert 0 == page.get_by_text("Jupyter news").count()
    context.close()


_NOTHING_RUNS = """() => ![...document.querySelectorAll('.jp-InputPrompt')]
    .some((prompt) => prompt.textContent.includes('*'))"""
_SAYS = "document.querySelector('.kb-film .kb-say').textContent"


def _run_all(page: "Page") -> None:
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=PATIENCE_MS)
    page.get_by_text("| Idle").wait_for(timeout=PATIENCE_MS)  # the kernel is there
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.locator(".kb-film .kb-play").first.wait_for(timeout=PATIENCE_MS)
    # What a later cell prints after the save would leave the notebook unsaved again.
    page.wait_for_function(_NOTHING_RUNS, timeout=PATIENCE_MS)
    page.get_by_text("| Idle").wait_for(timeout=PATIENCE_MS)


def _save(page: "Page", path: Path) -> None:
    """Save by the keyboard and look at the file: pictures, text and cards, no widget that dies."""
    page.locator(".kb-film").first.press("Control+s")
    page.locator(".jp-DirtyIndicator, .jp-mod-dirty").first.wait_for(state="detached")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    outputs = [out for cell in notebook["cells"] for out in cell.get("outputs", [])]
    kinds = {kind for out in outputs for kind in out.get("data", {})}
    assert {"text/plain", "image/svg+xml", "text/html"} == kinds
    assert "widgets" not in notebook["metadata"]
