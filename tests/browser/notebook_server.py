"""A JupyterLab of its own for a test: token, free port, loopback, empty configuration."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE_S = 120
LOCAL = re.compile(r"(https?|ws)://(127\.0\.0\.1|localhost)[:/]|data:|blob:")


@contextmanager
def notebook_served(folder: Path, cells: Sequence[str]) -> Iterator[str]:
    """Serve a notebook of these cells from a folder; give its address."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "cells.ipynb")
    homes = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    env = {**os.environ, **{name: str(folder / name.lower()) for name in homes}}
    env.pop("KAFKABOOK_MODE", None)
    quiet = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
    (folder / "overrides.json").write_text(json.dumps(quiet))
    line = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    line += ["--ServerApp.port=0", "--IdentityProvider.token=tried", "--allow-root"]
    line += [f"--LabApp.app_settings_dir={folder}", f"--ServerApp.root_dir={folder}"]
    told = folder / "told.txt"
    with told.open("w") as out:
        server = subprocess.Popen(line, stdout=out, stderr=subprocess.STDOUT, env=env, cwd=folder)
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
            return f"http://127.0.0.1:{found.group(1)}/lab/tree/cells.ipynb?token=tried"
        sleep(0.2)
    raise AssertionError(f"JupyterLab printed no address: {told.read_text()[-2000:]}")


def run_all(page: "Page", address: str, shown: str) -> None:
    """Open a notebook, run all its cells, and wait until something is there, such as a picture."""
    page.goto(address)
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=PATIENCE_S * 1000)
    page.get_by_text("| Idle").wait_for(timeout=PATIENCE_S * 1000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.locator(shown).wait_for(state="attached", timeout=PATIENCE_S * 1000)
