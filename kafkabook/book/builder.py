"""Build the HTML book: run the chapters, write the generated pages, hand all to Sphinx.

The site is made whole in a folder of its own and only then moved to where the reader wants it, so
that a build that fails leaves the former book in place. Warnings are errors.
"""

import io
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kafkabook.base.settings import settings
from kafkabook.book.asked import asked_page
from kafkabook.book.claims import claims_page
from kafkabook.book.concepts import load
from kafkabook.book.execution import executed
from kafkabook.book.glossary import glossary_page
from kafkabook.book.notebooks import for_a_page
from kafkabook.book.pages import (
    ASKED,
    CLAIMS,
    GLOSSARY,
    MAP,
    THEN_AND_NOW,
    index_page,
    map_page,
    then_and_now_page,
)
from kafkabook.book.site import SPHINX
from kafkabook.book.sources import BookError, Sources, find_sources

Say = Callable[[str], None]


def build_book(
    out: Path | None = None,
    *,
    say: Say,
    cache: Path | None = None,
    sources: Sources | None = None,
) -> Path:
    """Build the book into `out` and return that folder.

    Args:
        out: replaced as a whole; `build/book` of a checkout, else `kafkabook-book`, if omitted.
        cache: where runs of chapters are remembered; `.cache/book` of a checkout, else nowhere.
        sources: the notebooks; those of this checkout or wheel if omitted.

    Raises:
        BookError: Sphinx is not installed, `out` holds something else, a chapter fails, or Sphinx
            has a warning.
    """
    sources = sources or find_sources()
    target = (out or _default_out(sources)).absolute()
    _check_target(target)
    _check_tools()
    with TemporaryDirectory(prefix="kafkabook-") as scratch:
        kept = cache or (sources.root / ".cache" / "book" if sources.is_checkout else Path(scratch))
        pages = _stage(sources, Path(scratch) / "source", kept, say)
        say(f"Writing {pages} pages …")
        site = _sphinx(Path(scratch))
        _replace(site, target)
    return target


def _default_out(sources: Sources) -> Path:
    return sources.root / "build" / "book" if sources.is_checkout else Path("kafkabook-book")


def _check_target(target: Path) -> None:
    if target.is_dir() and any(target.iterdir()) and not (target / "searchindex.js").exists():
        raise BookError(f"{target} is not empty and is no book; please name another folder")


def _check_tools() -> None:
    for name in ("sphinx", "myst_nb", "furo"):
        try:
            import_module(name)
        except ModuleNotFoundError as error:
            raise BookError("the book needs Sphinx: pip install 'kafkabook[book]'") from error


def _stage(sources: Sources, stage: Path, cache: Path, say: Say) -> int:
    """Write what Sphinx reads; return how many pages that is."""
    chapters, around = sources.chapters(), sources.around()
    say(f"Running the chapters, {len(chapters) + len(around)} in all …")
    (stage / "chapters").mkdir(parents=True)
    for slug, data in executed((*chapters, *around), cache, say=say).items():
        (stage / "chapters" / f"{slug}.ipynb").write_bytes(for_a_page(data))
    built, concepts = [path.stem for path in chapters], load()
    generated = {
        "index": index_page(concepts, built, [path.stem for path in around]),
        ASKED: asked_page(concepts, chapters),
        CLAIMS: claims_page(concepts, built),
        GLOSSARY: glossary_page(concepts, built),
        MAP: map_page(concepts, built),
        THEN_AND_NOW: then_and_now_page(settings()),
    }
    for name, text in generated.items():
        (stage / f"{name}.md").write_text(text, encoding="utf-8")
    return len(built) + len(around) + len(generated)


def _sphinx(scratch: Path) -> Path:
    warnings, site = io.StringIO(), scratch / "site"
    try:
        with import_module("sphinx.util.docutils").docutils_namespace():  # to build again
            app = _application(scratch, site, warnings)
            app.build()
    except import_module("sphinx.errors").SphinxError as error:
        raise BookError(f"Sphinx stopped: {error}") from error
    told = warnings.getvalue().strip().replace(f"{scratch}/source/", "")
    if app.statuscode or told:
        raise BookError(f"the book is not built, for a warning is an error:\n{told}")
    return site


def _application(scratch: Path, site: Path, warnings: io.StringIO) -> Any:
    return import_module("sphinx.application").Sphinx(
        str(scratch / "source"),
        None,
        str(site),
        str(scratch / "doctrees"),
        "html",
        confoverrides=dict(SPHINX),
        status=None,
        warning=warnings,
        freshenv=True,
        warningiserror=True,
    )


def _replace(site: Path, target: Path) -> None:
    (site / ".buildinfo").unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        shutil.rmtree(target)
    shutil.move(site, target)
