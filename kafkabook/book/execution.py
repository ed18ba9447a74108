"""Run the chapters for the book, each in a fresh kernel, and remember what they said.

A run is kept under the fingerprint of all that it depends on: the notebook and every source of the
package. Nothing is run twice for the same text, and nothing stale is ever shown.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from kafkabook.book.jupyter_settings import lay_kernel
from kafkabook.book.notebooks import without_outputs
from kafkabook.book.sources import BookError

MODE = {"KAFKABOOK_MODE": "book"}
CELL_TIMEOUT_S = 120
_PACKAGE = Path(__file__).resolve().parent.parent
_AT_ONCE = 2


def executed(
    chapters: Iterable[Path], cache: Path, *, say: Callable[[str], None]
) -> dict[str, bytes]:
    """Return each chapter's stem and its notebook with the outputs of book mode.

    Raises:
        BookError: a cell failed; with the chapter, the cell and the last line of the error.
    """
    version = package_fingerprint()
    work = [(path, cache / "runs" / _name_of_run(path, version)) for path in chapters]
    with _kernels_of(lay_kernel(cache / "jupyter")), ThreadPoolExecutor(_AT_ONCE) as pool:
        done = pool.map(lambda one: _one(*one, say=say), work)
        pages = {path.stem: data for (path, _), data in zip(work, done, strict=True)}
    _forget_others(cache / "runs", {run.name for _, run in work})
    return pages


@contextmanager
def _kernels_of(folder: Path) -> Iterator[None]:
    """Let Jupyter find the kernels of `folder` first, and forget them afterwards."""
    before = os.environ.get("JUPYTER_PATH")
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, (str(folder), before)))
    try:
        yield
    finally:
        del os.environ["JUPYTER_PATH"]
        if before is not None:
            os.environ["JUPYTER_PATH"] = before


def package_fingerprint() -> str:
    """Return a fingerprint of every source file of the package, about 10 ms."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*")):
        if path.suffix in (".py", ".js", ".toml", ".tsv"):
            digest.update(str(path.relative_to(_PACKAGE)).encode() + path.read_bytes())
    return digest.hexdigest()


def _name_of_run(path: Path, version: str) -> str:
    digest = hashlib.sha256(without_outputs(path.read_bytes()) + version.encode()).hexdigest()
    return f"{path.stem}.{digest[:16]}.ipynb"


def _one(path: Path, run: Path, *, say: Callable[[str], None]) -> bytes:
    if run.exists():
        say(f"  {path.stem}: nothing changed, not run again")
        return run.read_bytes()
    say(f"  {path.stem}: running …")
    data = _run(path)
    run.parent.mkdir(parents=True, exist_ok=True)
    run.write_bytes(data)
    say(f"  {path.stem}: done")
    return data


def _run(path: Path) -> bytes:
    nbformat, nbclient = import_module("nbformat"), import_module("nbclient")
    failed = import_module("nbclient.exceptions")
    notebook = nbformat.reads(without_outputs(path.read_bytes()).decode(), as_version=4)
    client = nbclient.NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
    )
    try:
        client.execute(env={**os.environ, **MODE})
    except (failed.CellExecutionError, failed.CellTimeoutError, failed.DeadKernelError) as error:
        last = str(error).strip().splitlines()[-1]
        raise BookError(f"{path.name} does not run to its end: {last}") from error
    text: str = nbformat.writes(notebook)
    return text.encode()


def _forget_others(runs: Path, kept: set[str]) -> None:
    for path in runs.glob("*.ipynb"):
        if path.name not in kept:
            path.unlink()
