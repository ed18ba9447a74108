"""The glossary: every concept and every other word of the book, from A to Z."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from string import ascii_uppercase

from kafkabook.book.concepts import Concept, Concepts, Word
from kafkabook.book.pages import chapter_link


def glossary_page(concepts: Concepts, built: Sequence[str]) -> str:
    """Return every term with its Korean name, its meaning, and where to meet it."""
    rows = sorted(concepts.entries, key=lambda row: sorted_as(row.term))
    letters = [(letter, list(group)) for letter, group in groupby(rows, key=_letter)]
    lines = [
        "# Glossary",
        "",
        "Every term of the book: its name in Korean, what it means, the chapter that shows it, the",
        "part of the package to import, and the settings that steer it.",
        "",
        *_letters({letter for letter, _ in letters}),
    ]
    for letter, group in letters:
        lines += [f"## {letter}", "", "::::{glossary}"]
        lines += [line for row in group for line in _entry(row, built)]
        lines += ["::::", ""]
    return "\n".join(lines)


def sorted_as(term: str) -> str:
    """Return a term as a reader looks it up: no dots, underscores or capitals at its start.

    >>> sorted_as("__consumer_offsets"), sorted_as(".index file"), sorted_as("Avro")
    ('consumer_offsets', 'index file', 'avro')
    """
    return term.lstrip("._").lower()


def _letter(row: Concept | Word) -> str:
    return sorted_as(row.term)[0].upper()


def _letters(used: set[str]) -> list[str]:
    """Return the alphabet as links; a letter without a term is only shown."""
    shown = [
        f'<a href="#{letter.lower()}">{letter}</a>' if letter in used else f"<span>{letter}</span>"
        for letter in ascii_uppercase
    ]
    return ['<nav class="kb-letters" aria-label="Letters">', *shown, "</nav>", ""]


def _entry(row: Concept | Word, built: Sequence[str]) -> list[str]:
    told = [" · ".join([f"_{row.korean}_", *_places(row, built)])]
    if row.implemented_by and not (isinstance(row, Concept) and row.planned):
        told += [f"Part: `{row.implemented_by}`"]
    if isinstance(row, Concept) and row.exercise:
        told += [f"Exercise: {row.exercise}"]
    told += [f"Settings: {_code_list(row.settings)}"] if row.settings else []
    if isinstance(row, Word) and row.see:
        told += [f"See {{term}}`{row.see}`"]
    return [
        row.term,
        f"  {row.meaning}",
        "",
        *(f"  {line}\\" for line in told[:-1]),
        f"  {told[-1]}",
        "",
    ]


def _places(row: Concept | Word, built: Sequence[str]) -> list[str]:
    met = [f"first met in {chapter_link(row.first_met, built)}"] if row.first_met else []
    if isinstance(row, Word):
        return met
    return [f"§ {row.notes}", *met, chapter_link(row.chapter, built)]


def _code_list(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
