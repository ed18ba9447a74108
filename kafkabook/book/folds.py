"""What a page keeps folded: the answer until a reader has guessed, checks, and the imports.

A chapter asks for it with a tag on a code cell, `guess`, `check` or `imports`; of a `card` the page
shows the card alone. In JupyterLab an answer appears only when its cell is run; there checks are
closed, as they would tell an answer.
"""

import ast
from collections.abc import Iterator
from typing import Any

Cell = dict[str, Any]
IMPORTS = "Imports"
CHECKS = "This section's claims, as code that is run"
SHOW = "I have guessed. Show."
CLOSED = "# checks the answers: click to open"  # JupyterLab shows the first line of a closed cell


def folded(cells: list[Cell]) -> list[Cell]:
    """Return the cells of a page, with markup around those that it keeps folded.

    Behind a guess are the outputs of its cell and the cells after it that only assert, as they
    would tell the answer.
    """
    return [part for cell, checks in _with_their_checks(cells) for part in _parts(cell, checks)]


def closed(cells: list[Cell]) -> list[Cell]:
    """Return the cells for JupyterLab, with the checks of answers closed: a click opens them."""
    return [
        _closed(part) if _tells_an_answer(part, behind=cell) else part
        for cell, checks in _with_their_checks(cells)
        for part in (cell, *checks)
    ]


def _tells_an_answer(cell: Cell, *, behind: Cell) -> bool:
    return _is_tagged(cell, "check") or (_is_tagged(behind, "guess") and _only_asserts(cell))


def _closed(cell: Cell) -> Cell:
    metadata = cell["metadata"] | {"jupyter": {"source_hidden": True}}
    return cell | {"metadata": metadata, "source": f"{CLOSED}\n{''.join(cell['source'])}"}


def _parts(cell: Cell, checks: list[Cell]) -> list[Cell]:
    if _is_tagged(cell, "imports"):
        return [*_fold("imports", IMPORTS, [cell]), *checks]
    if _is_tagged(cell, "check"):
        return [*_fold("check", CHECKS, [cell]), *checks]
    if _is_tagged(cell, "card"):
        return [*_answer(cell), *checks]
    if _is_tagged(cell, "guess") and _only_asserts(cell):
        return _fold("guess", SHOW, [cell, *checks])
    if _is_tagged(cell, "guess") and (cell["outputs"] or checks):
        return [cell | {"outputs": []}, *_fold("guess", SHOW, [*_answer(cell), *checks])]
    return [cell, *checks]


def _with_their_checks(cells: list[Cell]) -> Iterator[tuple[Cell, list[Cell]]]:
    """Yield each cell with the cells right after it that only assert; a check stands alone."""
    at = 0
    while at < len(cells):
        end = at + 1
        while (
            end < len(cells) and _only_asserts(cells[end]) and not _is_tagged(cells[end], "check")
        ):
            end += 1
        yield cells[at], cells[at + 1 : end]
        at = end


def _only_asserts(cell: Cell) -> bool:
    if cell["cell_type"] != "code":
        return False
    try:
        body = ast.parse("".join(cell["source"])).body
    except SyntaxError:  # a line that only IPython understands
        return False
    return bool(body) and all(isinstance(statement, ast.Assert) for statement in body)


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
