"""The table of claims: what the book says, the class that does it, its test, and its source.

A concept that is built has all four, or the book is not built. The test of a module stands under
the same name below `tests/`, and the source is the docstring's; `test` and `source` in the list of
concepts say where it is otherwise.
"""

import re
from collections.abc import Sequence
from importlib import import_module
from inspect import getdoc
from typing import NamedTuple

from kafkabook.book.concepts import Concept, ConceptError, Concepts

_SOURCE = re.compile(r"^Source: (.+?)\.?(?=\n\s*\n|\Z)", re.DOTALL | re.MULTILINE)


class Claim(NamedTuple):
    """One row: the sentence, and where it is done, tested and taken from."""

    says: str
    part: str  # the dotted name of a class or function
    test: str  # a path below the checkout
    source: str


def claim_of(concept: Concept) -> Claim:
    """Return a concept's row.

    Raises:
        ConceptError: it has no source; the message names it and says where one may stand.

    >>> from kafkabook.book.concepts import load
    >>> claim_of(next(it for it in load().concepts if it.id == "isr.hw")).test
    'tests/replication/test_high_watermark.py'
    """
    source = concept.source or _documented(concept.implemented_by)
    if not source:
        raise ConceptError(f"{concept.id}: no source in its docstring, nor in concepts.toml")
    test = concept.test or _test_of(concept.implemented_by)
    return Claim(concept.meaning, concept.implemented_by, test, source)


def claims_page(concepts: Concepts, built: Sequence[str]) -> str:
    """Return the table, chapter by chapter, of those that are built."""
    lines = [
        "# Claims and their proofs",
        "",
        "Each row is a claim of this book, the class or function that does it, the test that holds",
        "it, and the source that it was taken from.",
        "",
    ]
    for chapter in (it for it in concepts.chapters if it.slug in built):
        rows = [it for it in concepts.concepts if it.chapter == chapter.slug and not it.planned]
        if rows:
            lines += [f"## {chapter.number} {chapter.title}", ""]
            lines += ["| claim | class or function | test | source |", "| --- | --- | --- | --- |"]
            lines += [_row(claim_of(concept)) for concept in rows] + [""]
    return "\n".join(lines)


def _row(claim: Claim) -> str:
    part, test = _breakable(claim.part), _breakable(claim.test)
    source = claim.source.replace("|", "\\|")
    return f"| {claim.says} | <code>{part}</code> | <code>{test}</code> | {source} |"


def _breakable(path: str) -> str:
    """Let a long path break behind each of its parts, and a long name within."""
    return re.sub(r"([./_])", r"\1<wbr>", path)


def _test_of(part: str) -> str:
    _, *folders, module, _ = part.split(".")
    return "/".join(["tests", *folders, f"test_{module}.py"])


def _documented(part: str) -> str:
    """Return the source that the docstring of a part names, or that of its module."""
    module_name, _, name = part.rpartition(".")
    module = import_module(module_name)
    for documented in (getattr(module, name), module):
        if found := _SOURCE.search(getdoc(documented) or ""):
            return " ".join(found[1].split())
    return ""
