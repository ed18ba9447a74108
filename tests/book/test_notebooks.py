"""What of a notebook is the reader's text, and what only its last run."""

import json

import nbformat
import pytest

from kafkabook.book.notebooks import (
    drop_widget_views,
    fingerprint,
    for_a_page,
    to_bytes,
    without_outputs,
)
from kafkabook.viz.widget_bundle import WIDGET_VIEW


def a_run_notebook() -> bytes:
    """A chapter as JupyterLab saves it: a slider, its picture, and the state of its widgets."""
    data = {WIDGET_VIEW: {"model_id": "1"}, "image/svg+xml": "<svg/>", "text/plain": "twin"}
    output = nbformat.v4.new_output("display_data", data=data)
    cells = [
        nbformat.v4.new_markdown_cell("See [1.1](../exercises/01_a/01_a.ipynb).", id="a"),
        nbformat.v4.new_code_cell("figure", id="b", outputs=[output], execution_count=3),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["widgets"] = {"state": {}}
    return nbformat.writes(notebook).encode()


def test_a_stripped_notebook_is_valid_and_says_the_same() -> None:
    """Nothing but what running added is gone."""
    stripped = nbformat.reads(without_outputs(a_run_notebook()).decode(), as_version=4)
    nbformat.validate(stripped)
    assert ("figure", [], None) == tuple(
        stripped.cells[1][key] for key in ("source", "outputs", "execution_count")
    )
    assert "widgets" not in stripped.metadata


def test_only_words_change_a_fingerprint() -> None:
    """Neither a run nor a form of writing; a letter does, and so does another kind of cell."""
    ran = a_run_notebook()
    stripped = without_outputs(ran)
    assert (
        fingerprint(ran)
        == fingerprint(stripped)
        == fingerprint(json.dumps(json.loads(ran)).encode())
    )
    assert fingerprint(stripped) != fingerprint(stripped.replace(b"figure", b"figures"))
    assert fingerprint(stripped) != fingerprint(stripped.replace(b'"code"', b'"raw"'))


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b'{"cells": 3}', b'{"cells": [{}]}'])
def test_what_is_no_notebook_still_has_a_fingerprint(data: bytes) -> None:
    """A reader's damaged file is theirs too; it is kept, not a traceback."""
    assert 64 == len(fingerprint(data))


def test_saving_keeps_pictures_and_drops_dead_widgets() -> None:
    """The next day no kernel knows the widget, and its trace would hide the picture."""
    model = {"type": "notebook", "content": json.loads(a_run_notebook())}
    drop_widget_views(model=model, path="a.ipynb", contents_manager=None)

    kinds = [sorted(o["data"]) for c in model["content"]["cells"] for o in c.get("outputs", [])]
    assert [["image/svg+xml", "text/plain"]] == kinds
    assert "widgets" not in model["content"]["metadata"]


def test_saving_anything_else_changes_nothing() -> None:
    """The hook sees every file that JupyterLab writes."""
    model = {"type": "file", "content": "widgets"}
    drop_widget_views(model=model)
    assert {"type": "file", "content": "widgets"} == model


def test_a_page_names_an_exercise_instead_of_linking_to_it() -> None:
    """An exercise is done in JupyterLab; the book has no page for it."""
    cell = json.loads(for_a_page(a_run_notebook()))["cells"][0]
    assert "See 1.1 (`exercises/01_a/01_a.ipynb`)." == cell["source"]


def test_a_picture_stands_in_the_page_with_its_words() -> None:
    """A file would follow the system's theme instead of the page's, and be read out as a hash."""
    output = json.loads(for_a_page(a_run_notebook()))["cells"][1]["outputs"][0]
    words = "<details><summary>In words</summary><pre>twin</pre></details>"
    assert f'<div class="kb kb-still"><svg/>{words}</div>' == output["data"]["text/html"]


def test_what_a_picture_says_is_text_and_never_markup() -> None:
    """Keys and values are anybody's bytes."""
    hostile = a_run_notebook().replace(b'"twin"', b'"<img src=x onerror=alert(1)>"')
    output = json.loads(for_a_page(hostile))["cells"][1]["outputs"][0]
    assert "<img" not in output["data"]["text/html"]


def test_notebooks_are_written_as_nbformat_writes_them() -> None:
    """So that a version can be compared with another line by line."""
    notebook = nbformat.reads(a_run_notebook().decode(), as_version=4)
    assert nbformat.writes(notebook).encode() + b"\n" == to_bytes(json.loads(a_run_notebook()))
