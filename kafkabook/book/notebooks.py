"""What a notebook says, apart from what running it added.

A reader who only ran a chapter has not changed it; a reader who typed a word has. The difference is
the fingerprint: cell kinds and sources, and nothing else.
"""

import hashlib
import json
import re
from typing import Any

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
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


def without_exercise_links(data: bytes) -> bytes:
    """Name an exercise instead of linking to it: it is done in JupyterLab, not in a page."""
    notebook = json.loads(data)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = _EXERCISE_LINK.sub(r"\1 (`\2`)", "".join(cell["source"]))
    return to_bytes(notebook)


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
