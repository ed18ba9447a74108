"""Start JupyterLab on a working copy: this interpreter, loopback, its default token, no news."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from kafkabook.book.jupyter_settings import lay_settings
from kafkabook.book.sources import BookError, Sources, find_sources
from kafkabook.book.working_copy import Fate, Placed, lay

FIRST = "chapters/00_start_here.ipynb"


def start_lab(
    folder: Path | None, *, browser: bool, port: int | None, say: Callable[[str], None]
) -> int:
    """Lay or update the working copy, tell what was done, and serve it until it is stopped.

    Returns:
        JupyterLab's own exit code.
    """
    sources = find_sources()
    home = (folder or default_folder(sources)).absolute()
    say(f"Working copy: {home}")
    say(report(lay(sources, home)))
    settings = lay_settings(home)
    say("Starting JupyterLab (Ctrl-C twice stops it). Its address, token included, follows.\n")
    return _serve(command(home, browser=browser, port=port), environment(os.environ, settings))


def default_folder(sources: Sources) -> Path:
    """Return `work/` of a checkout, else `kafkabook-work/` where the reader stands."""
    return sources.root / "work" if sources.is_checkout else Path("kafkabook-work")


def report(placed: tuple[Placed, ...]) -> str:
    """Return the table of what became of each file; what stayed as it was is only counted.

    >>> print(report((Placed("a.ipynb", Fate.UNCHANGED), Placed("b.ipynb", Fate.NEW))))
      new        b.ipynb
    Files: 2, unchanged: 1.
    """
    told = [file for file in placed if file.fate is not Fate.UNCHANGED]
    lines = [_line(file) for file in told]
    return "\n".join([*lines, f"Files: {len(placed)}, unchanged: {len(placed) - len(told)}."])


def _line(file: Placed) -> str:
    word, _, rest = file.fate.partition(": ")
    where = f" -> {file.other}" if file.fate is Fate.BESIDE else ""
    backup = f"; the former one is {file.other}" if file.other and not where else ""
    return f"  {word:<10} {file.name}{f'  ({rest}{where})' if rest else backup}"


def command(home: Path, *, browser: bool, port: int | None) -> list[str]:
    """Return the command line; it never touches JupyterLab's token and never leaves loopback."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={home}",
        f"--LabApp.default_url=/lab/tree/{FIRST}",
        f"--LabApp.workspaces_dir={home / '.kafkabook' / 'jupyter' / 'workspaces'}",
        *([] if browser else ["--no-browser"]),
        *([f"--ServerApp.port={port}"] if port else []),
        *(["--allow-root"] if root else []),
    ]


def environment(inherited: Mapping[str, str], settings: Path) -> dict[str, str]:
    """Return what JupyterLab and its kernels are given: our settings before the reader's own."""
    given = {name: value for name, value in inherited.items() if name != "KAFKABOOK_MODE"}
    for name in ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH"):
        given[name] = os.pathsep.join(filter(None, (str(settings), inherited.get(name))))
    return given


def _serve(line: list[str], given: dict[str, str]) -> int:
    try:
        process = subprocess.Popen(line, env=given)
    except OSError as error:
        raise BookError(f"JupyterLab cannot be started: {error}") from error
    before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        return _ended(process)
    finally:
        signal.signal(signal.SIGTERM, before)


def _ended(process: "subprocess.Popen[bytes]") -> int:
    """Wait for its end. Ctrl-C goes to JupyterLab as well, which asks the reader itself."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
