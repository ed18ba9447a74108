"""A chapter as its reader meets it: prose without folds, sentences, words, and what cells show."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLD = re.compile(r"<details>.*?</details>", re.DOTALL)
FENCE = re.compile(r"^(```.*?^```|    .*?)$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
CODE = re.compile(r"`[^`]+`")
ENDS = re.compile(r'(?<=[.?!:])["*]*\s+(?=["*`(]*[A-Z0-9`m★])')

Cell = dict[str, Any]


def cells_of(path: Path) -> list[Cell]:
    """Return the cells of a notebook."""
    cells: list[Cell] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def source(cell: Cell) -> str:
    """Return the text of a cell."""
    return "".join(cell["source"])


def tags(cell: Cell) -> set[str]:
    """Return what a cell is tagged with."""
    return set(cell["metadata"].get("tags", ()))


def shown(cell: Cell) -> str:
    """Return in words what a code cell shows."""
    outputs = cell.get("outputs", ())
    told = [o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs]
    return "\n".join("".join(text) for text in told)


def main_text(cell: Cell) -> str:
    """Return the prose of a markdown cell that is not folded."""
    return FOLD.sub("", source(cell)) if cell["cell_type"] == "markdown" else ""


def paragraphs(cell: Cell) -> Iterator[str]:
    """Yield paragraphs, list items and rows; code, headings and rules of tables are none."""
    text = FENCE.sub("", main_text(cell))
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) |\|)", text):
        told = block.strip()
        if told and not told.startswith(("#", "|")):
            yield re.sub(r"^(?:[-*]|\d+\.) ", "", told).replace("\n", " ")


def sentences(cells: list[Cell]) -> list[str]:
    """Return the sentences of a chapter's main text."""
    whole = (LINK.sub(r"\1", p) for cell in cells for p in paragraphs(cell))
    return [part.strip() for p in whole for part in ENDS.split(p) if part.strip()]


def words(sentence: str) -> int:
    """Count words; a piece of code is one."""
    return len(re.findall(r"[\w'’.,%=+-]*\w[\w'’%]*", CODE.sub("code", sentence)))
