"""A chapter runs in book mode, in this interpreter, once for the same text, or says why not."""

import json
import os
import sys
from pathlib import Path

import nbformat
import pytest

from kafkabook.book.builder import build_book
from kafkabook.book.execution import executed
from kafkabook.book.sources import BookError, Sources


def a_chapter(folder: Path, *cells: str) -> Path:
    """Write a chapter of code cells."""
    made = [nbformat.v4.new_code_cell(cell, id=f"cell-{n}") for n, cell in enumerate(cells)]
    notebook = nbformat.v4.new_notebook(cells=made)
    path = folder / "chapters" / "00_start_here.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def test_a_run_is_remembered_until_its_text_changes(tmp_path: Path) -> None:
    """Its kernel is this interpreter, told that it draws for a book; twice is once."""
    before, told = dict(os.environ), []
    ask = "import os, sys; print([sys.executable, os.environ['KAFKABOOK_MODE']])"
    runs = [
        executed([a_chapter(tmp_path, text)], tmp_path / "cache", say=told.append)
        for text in (ask, ask, f"{ask} # again")
    ]
    (output,) = json.loads(runs[0]["00_start_here"])["cells"][0]["outputs"]
    assert f"{[sys.executable, 'book']}\n" == "".join(output["text"])
    assert runs[0] == runs[1] != runs[2]
    assert ["running …", "done", "nothing changed, not run again", "running …", "done"] == [
        line.partition(": ")[2] for line in told
    ]
    assert before == dict(os.environ)


def test_a_chapter_that_fails_is_named_and_the_former_book_stays(tmp_path: Path) -> None:
    """A broken cell must not leave a reader with half a book."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "searchindex.js").write_text("the former book")
    a_chapter(tmp_path, "1 / 0")

    with pytest.raises(BookError, match=r"00_start_here.*does not run.*ZeroDivisionError"):
        build_book(tmp_path / "out", say=lambda _: None, sources=Sources(tmp_path, False))
    assert "the former book" == (tmp_path / "out" / "searchindex.js").read_text()


def test_a_warning_of_sphinx_is_an_error(tmp_path: Path) -> None:
    """A link into nothing is found when the book is built, not by a reader.

    A second build in the same process finds the same: Sphinx remembers what it registered, and
    would warn of all of it.
    """
    path = a_chapter(tmp_path)
    link = nbformat.v4.new_markdown_cell("# Start here\n\n[next](99_nowhere.ipynb)")
    nbformat.write(nbformat.v4.new_notebook(cells=[link]), path)

    told, sources, cache = set(), Sources(tmp_path, False), tmp_path / "cache"
    for _ in range(2):
        with pytest.raises(BookError, match="99_nowhere") as refused:
            build_book(tmp_path / "out", say=lambda _: None, cache=cache, sources=sources)
        told.add(str(refused.value))
    assert 1 == len(told)
    assert not (tmp_path / "out").exists()
