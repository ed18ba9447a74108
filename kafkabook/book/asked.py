"""The page *Asked all the time*: questions that people ask, each with its answer and its run.

A chapter answers a question in cells of its own: a heading in a cell that is tagged with the
question's id, runs, and a paragraph that begins with "The answer:".
"""

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from kafkabook.book.concepts import Concepts
from kafkabook.book.sources import BookError

HEADING = re.compile(r"^### (★ )?(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Question:
    """One question: `before` is the answer for Kafka 2.x, empty where it is the same."""

    id: str
    text: str
    chapter: str
    today: str
    before: str = ""
    is_often: bool = False

    @property
    def heading(self) -> str:
        """The heading of its cells in the chapter."""
        return f"### {'★ ' if self.is_often else ''}{self.text}"


@cache
def questions() -> tuple[Question, ...]:
    """Return all questions that the book answers by now, in the order of its chapters."""
    text = files("kafkabook.book").joinpath("asked.toml").read_text(encoding="utf-8")
    return tuple(Question(**row) for row in tomllib.loads(text)["question"])


def asked_page(concepts: Concepts, chapters: Sequence[Path]) -> str:
    """Return the page; each answer links to the cells that run it.

    Raises:
        BookError: a chapter that is here does not answer a question that the list gives to it.
    """
    built = {path.stem: path for path in chapters}
    lines = [
        "# Asked all the time",
        "",
        "Questions that people ask about Kafka again and again. Each answer links to the run that",
        "proves it. A star marks those that are asked most.",
        "",
    ]
    for chapter in concepts.chapters:
        if chapter.slug in built:
            mine = [it for it in questions() if it.chapter == chapter.slug]
            lines += [f"## {chapter.number} {chapter.title}", ""] if mine else []
            lines += [line for it in mine for line in _answer(it, built[chapter.slug])]
    return "\n".join(lines)


def _answer(question: Question, chapter: Path) -> list[str]:
    link = f"chapters/{chapter.stem}.ipynb#{_anchor(question, chapter)}"
    before = question.before or "The same."
    return [
        *(question.heading, "", f"**Kafka 4.x.** {question.today}", ""),
        *(f"**Kafka 2.x.** {before}", "", f"[The run that proves it]({link})", ""),
    ]


def _anchor(question: Question, chapter: Path) -> str:
    """Return the anchor of the heading that a chapter gives to a question, as MyST makes it."""
    for cell in json.loads(chapter.read_text(encoding="utf-8"))["cells"]:
        if question.id in cell["metadata"].get("tags", ()):
            told = "".join(cell["source"]).split("\n")[0]
            if told == question.heading:
                return slug(told.removeprefix("### "))
            raise BookError(f"{chapter.stem}: {question.id} has the heading {told!r}")
    raise BookError(f"{chapter.stem} has no cell that is tagged {question.id}")


def slug(heading: str) -> str:
    """Return the anchor of a heading as GitHub and MyST write it.

    >>> slug("★ How do `acks=all` and others work?")
    '-how-do-acksall-and-others-work'
    """
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")
