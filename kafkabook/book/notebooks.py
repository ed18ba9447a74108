"""What a notebook says, apart from what running it added.

A reader who only ran a chapter has not changed it; a reader who typed a word has. The difference is
the fingerprint: cell kinds and sources, and nothing else.
"""

import hashlib
import json
import re
from html import escape
from typing import Any

from kafkabook.book.folds import closed, folded
from kafkabook.viz.widget_bundle import WIDGET_VIEW

SVG = "image/svg+xml"
Notebook = dict[str, Any]
_EXERCISE_LINK = re.compile(r"\[([^\]]+)\]\((?:\.\./)?(exercises/[^)]+)\)")


def without_outputs(data: bytes) -> bytes:
    """Return the notebook as a reader first meets it: no outputs, no counts, no widget state."""
    notebook = json.loads(data)
    notebook.get("metadata", {}).pop("widgets", None)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return to_bytes(notebook)


def for_jupyterlab(data: bytes) -> bytes:
    """Return a notebook to work in: without outputs, and with what would tell an answer closed."""
    notebook = json.loads(without_outputs(data))
    notebook["cells"] = closed(notebook["cells"])
    return to_bytes(notebook)


def fingerprint(data: bytes) -> str:
    """Return what identifies the text that a person reads and types, as 64 hex digits.

    >>> cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": ["1 +", " 1"]}
    >>> ran = cell | {"outputs": [{"output_type": "stream"}], "execution_count": 3}
    >>> one, other = (json.dumps({"cells": [c]}).encode() for c in (cell, ran))
    >>> fingerprint(one) == fingerprint(other)
    True
    """
    try:
        cells = json.loads(data)["cells"]
        said = json.dumps([[cell["cell_type"], "".join(cell["source"])] for cell in cells]).encode()
    except (ValueError, KeyError, TypeError):
        said = data  # not a notebook: every byte counts
    return hashlib.sha256(said).hexdigest()


def for_a_page(data: bytes) -> bytes:
    """Return a notebook as the book shows it.

    An exercise is named instead of linked to, for it is done in JupyterLab. A picture stands in the
    page itself, with its words: as a file it would neither follow the page's theme nor be read out.
    What a cell's tags ask for is folded.
    """
    notebook = json.loads(data)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = _EXERCISE_LINK.sub(r"\1 (`\2`)", "".join(cell["source"]))
        for output in cell.get("outputs", ()):
            _stand_in_the_page(output.get("data", {}))
    notebook["cells"] = folded(notebook["cells"])
    return to_bytes(notebook)


def _stand_in_the_page(shown: dict[str, Any]) -> None:
    if SVG not in shown or "text/html" in shown:
        return
    svg = "".join(shown[SVG])
    words = f"<summary>In words</summary><pre>{escape(''.join(shown['text/plain']))}</pre>"
    shown["text/html"] = (
        f'<div class="kb kb-still">{svg[svg.index("<svg") :]}<details>{words}</details></div>'
    )


def drop_widget_views(model: dict[str, Any], **_: object) -> None:
    """Keep figures, not dead widgets, when JupyterLab saves (a pre-save hook of the server).

    A widget lives as long as its kernel. Saved, it would be "model not found" the next day and
    hide the picture that lies beside it in the same output.
    """
    if model.get("type") != "notebook" or not isinstance(model.get("content"), dict):
        return
    model["content"].get("metadata", {}).pop("widgets", None)
    for cell in model["content"].get("cells", ()):
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(WIDGET_VIEW, None)


def to_bytes(notebook: Notebook) -> bytes:
    """Return the file as nbformat writes it, so that versions can be compared line by line."""
    text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True)
    return f"{text}\n".encode()
