"""What a page keeps folded: the answer until a reader has guessed, checks, and the imports.

A chapter asks for it with a tag on a code cell, `guess`, `check` or `imports`; of a `card` the page
shows the card alone. In JupyterLab an answer appears only when its cell is run; there checks are
closed, as they would tell an answer.
"""

from typing import Any

Cell = dict[str, Any]
IMPORTS = "Imports"
CHECKS = "This section's claims, as code that is run"
SHOW = "I have guessed. Show."
CLOSED = "# checks the answers: click to open"  # JupyterLab shows the first line of a closed cell


def folded(cells: list[Cell]) -> list[Cell]:
    """Return the cells of a page, with markup around those that it keeps folded."""
    return [part for cell in cells for part in _parts(cell)]


def closed(cells: list[Cell]) -> list[Cell]:
    """Return the cells for JupyterLab, with the checks closed: a click opens them."""
    return [_closed(cell) if _is_tagged(cell, "check") else cell for cell in cells]


def _closed(cell: Cell) -> Cell:
    metadata = cell["metadata"] | {"jupyter": {"source_hidden": True}}
    return cell | {"metadata": metadata, "source": f"{CLOSED}\n{''.join(cell['source'])}"}


def _parts(cell: Cell) -> list[Cell]:
    if _is_tagged(cell, "imports"):
        return _fold("imports", IMPORTS, [cell])
    if _is_tagged(cell, "check"):
        return _fold("check", CHECKS, [cell])
    if _is_tagged(cell, "card"):
        return _answer(cell)
    if _is_tagged(cell, "guess") and cell["outputs"]:
        return [cell | {"outputs": []}, *_fold("guess", SHOW, _answer(cell))]
    return [cell]


def _is_tagged(cell: Cell, tag: str) -> bool:
    return cell["cell_type"] == "code" and tag in cell["metadata"].get("tags", ())


def _answer(cell: Cell) -> list[Cell]:
    """Return the outputs of a cell as a cell of their own, whose source is not shown again."""
    hidden = {"id": f"{cell['id']}-answer", "metadata": {"tags": ["remove-input"]}}
    return [cell | hidden] if cell["outputs"] else []


def _fold(kind: str, summary: str, cells: list[Cell]) -> list[Cell]:
    name = cells[0]["id"]
    opening = f'<details class="kb-fold kb-fold-{kind}"><summary>{summary}</summary>'
    return [_markup(f"{name}-fold", opening), *cells, _markup(f"{name}-end", "</details>")]


def _markup(name: str, html: str) -> Cell:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": html}
