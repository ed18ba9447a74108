"""A knob in a real JupyterLab: ipywidgets slider, anywidget picture, keys that stay inside."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
PATIENCE_S = 120
LOCAL = re.compile(r"(https?|ws)://(127\.0\.0\.1|localhost)[:/]|data:|blob:")
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
    """A JupyterLab of its own: token, free port, loopback, empty configuration."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, tmp_path / "knob.ipynb")
    homes = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    env = {**os.environ, **{name: str(tmp_path / name.lower()) for name in homes}}
    env.pop("KAFKABOOK_MODE", None)
    quiet = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
    (tmp_path / "overrides.json").write_text(json.dumps(quiet))
    line = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    line += ["--ServerApp.port=0", "--IdentityProvider.token=tried", "--allow-root"]
    line += [f"--LabApp.app_settings_dir={tmp_path}", f"--ServerApp.root_dir={tmp_path}"]
    told = tmp_path / "told.txt"
    with told.open("w") as out:
        server = subprocess.Popen(line, stdout=out, stderr=subprocess.STDOUT, env=env, cwd=tmp_path)
    try:
        yield _printed(told)
    finally:
        server.terminate()
        server.wait(20)


def _printed(told: Path) -> str:
    until = monotonic() + PATIENCE_S
    while monotonic() < until:
        found = re.search(r"http://127\.0\.0\.1:(\d+)/lab", told.read_text())
        if found:
            return f"http://127.0.0.1:{found.group(1)}/lab/tree/knob.ipynb?token=tried"
        sleep(0.2)
    raise AssertionError(f"JupyterLab printed no address: {told.read_text()[-2000:]}")


def test_a_slider_moves_the_picture_and_its_words(address: str, chromium: "Browser") -> None:
    """One visit: run all, turn the knob by keys, see an error said, step, and stay in the cell."""
    context = chromium.new_context(viewport={"width": 1200, "height": 1000})
    page, requests = context.new_page(), []
    page.on("request", lambda request: requests.append(request.url))
    _run_all(page, address)
    _says(page, "each gets 12, step 1")
    handle = page.locator(".noUi-handle").first
    handle.press("ArrowRight")
    _says(page, "each gets 6, step 1")
    assert "each gets 6, step 1" in page.locator(".kb-explorer svg").first.inner_html()
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


def _run_all(page: "Page", address: str) -> None:
    page.goto(address)
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=PATIENCE_S * 1000)
    page.get_by_text("| Idle").wait_for(timeout=PATIENCE_S * 1000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.locator(".kb-explorer .kb-told").wait_for(state="attached", timeout=PATIENCE_S * 1000)


def _says(page: "Page", sentence: str) -> None:
    """Wait until a screen reader is told so."""
    page.wait_for_function(
        f"document.querySelector('.kb-told').textContent.includes({json.dumps(sentence)})"
    )
