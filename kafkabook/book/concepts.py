"""The list of all that the book explains: one row a concept, checked when it is read.

The glossary, the map from the lecture notes and the table of contents are made from it.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

Row = TypeVar("Row")
_ID = re.compile(r"[a-z]+\.[a-z-]+")


class ConceptError(ValueError):
    """A row that does not fit the others; the message names it."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the lecture notes, such as 1.02 for chapter 1, section 2."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter, built or planned: `slug` is the stem of its notebook."""

    slug: str
    title: str
    part: str
    question: str
    planned: bool = False

    @property
    def number(self) -> str:
        """The two digits that the slug begins with."""
        return self.slug[:2]


@dataclass(frozen=True, slots=True)
class Concept:
    """One idea of the notes: its names, its meaning, and where the book shows and builds it.

    `korean` is the term as a glossary has it, `in_notes` what the lecture notes themselves say.
    `implemented_by` is the dotted name of a class or function, `test` and `source` say where its
    test and its source are unless `claims` finds them; `notes` ends in `+` where the book
    goes beyond the lecture notes; `first_met` is a built chapter that uses the term before the one
    that explains it.
    """

    id: str
    term: str
    korean: str
    in_notes: str
    notes: str
    chapter: str
    meaning: str
    implemented_by: str = ""
    exercise: str = ""
    settings: tuple[str, ...] = ()
    first_met: str = ""
    planned: bool = False
    test: str = ""
    source: str = ""

    @property
    def section(self) -> str:
        """The section of the notes without the mark for what goes beyond it."""
        return self.notes.rstrip("+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word that the chapters use and the notes do not explain; `see` is the term that says more.

    `implemented_by` and `settings` are as those of a concept, where there are any.
    """

    term: str
    korean: str
    meaning: str
    first_met: str
    implemented_by: str = ""
    settings: tuple[str, ...] = ()
    see: str = ""


@dataclass(frozen=True, slots=True)
class Concepts:
    """The whole list: concepts in the order of the notes, and the words beside them."""

    sections: tuple[Section, ...]
    chapters: tuple[Chapter, ...]
    concepts: tuple[Concept, ...]
    words: tuple[Word, ...] = ()

    @property
    def entries(self) -> tuple[Concept | Word, ...]:
        """All that a reader can look up: the concepts, then the words."""
        return (*self.concepts, *self.words)

    def of_section(self, section: str) -> tuple[Concept, ...]:
        """Return what one section of the notes turned into."""
        return tuple(concept for concept in self.concepts if concept.section == section)


@cache
def load() -> Concepts:
    """Read and check the package's own list.

    Raises:
        ConceptError: naming the row and what is wrong with it.
    """
    return parse(files("kafkabook.book").joinpath("concepts.toml").read_text(encoding="utf-8"))


def parse(text: str) -> Concepts:
    """Build the list from TOML; what does not fit is refused by name."""
    tables = tomllib.loads(text)
    concepts = Concepts(
        tuple(_row(Section, row) for row in tables["section"]),
        tuple(_row(Chapter, row) for row in tables["chapter"]),
        tuple(_row(Concept, row) for row in tables["concept"]),
        tuple(_row(Word, row) for row in tables.get("word", ())),
    )
    _check_unique([concept.id for concept in concepts.concepts])
    _check_unique([row.term for row in concepts.entries])
    for concept in concepts.concepts:
        _refuse(concept.id, _faults_of_concept(concept, concepts))
    for word in concepts.words:
        _refuse(word.term, _faults_of_word(word, concepts))
    return concepts


def _row(kind: type[Row], row: dict[str, Any]) -> Row:
    plain = {name: tuple(v) if isinstance(v, list) else v for name, v in row.items()}
    try:
        return kind(**plain)
    except TypeError as error:
        name = next((row[key] for key in ("id", "slug", "term") if key in row), "a row")
        raise ConceptError(f"{name}: {error}") from error


def _check_unique(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConceptError(f"more than once: {', '.join(twice)}")


def _refuse(name: str, faults: dict[str, bool]) -> None:
    wrong = [reason for reason, holds in faults.items() if holds]
    if wrong:
        raise ConceptError(f"{name}: {'; '.join(wrong)}")


def _faults_of_concept(concept: Concept, among: Concepts) -> dict[str, bool]:
    planned = {chapter.slug: chapter.planned for chapter in among.chapters}
    sections = {section.id for section in among.sections}
    return {
        "its id is not group.name": not _ID.fullmatch(concept.id),
        "its chapter is unknown": concept.chapter not in planned,
        "its section of the notes is unknown": concept.section not in sections,
        "its chapter is built, so it is not planned": concept.planned
        and not planned.get(concept.chapter, True),
        "it is built, so it must name what implements it": not concept.planned
        and not concept.implemented_by,
        **_faults_of_row(concept, among, may_be_unmet=True),
    }


def _faults_of_word(word: Word, among: Concepts) -> dict[str, bool]:
    terms = {row.term for row in among.entries}
    return {
        "what it sends to is no term": bool(word.see) and word.see not in terms,
        **_faults_of_row(word, among, may_be_unmet=False),
    }


def _faults_of_row(row: Concept | Word, among: Concepts, *, may_be_unmet: bool) -> dict[str, bool]:
    built = {chapter.slug for chapter in among.chapters if not chapter.planned}
    return {
        "its meaning is not one sentence": not re.fullmatch(r"[A-Z][^\n]+\.", row.meaning),
        "it is first met in no built chapter": row.first_met not in built
        and not (may_be_unmet and not row.first_met),
    }
