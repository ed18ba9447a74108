"""What people ask has an answer with a run in the chapter that it belongs to."""

import json
from pathlib import Path

import pytest

from kafkabook.book.asked import Question, asked_page, questions, slug
from kafkabook.book.concepts import load
from kafkabook.book.sources import BookError
from tests.book.prose import Cell, cells_of, source, tags

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("*.ipynb"))
BY_NAME = {path.stem: path for path in CHAPTERS}


def answered(question: Question) -> list[Cell]:
    """Return the cells of an answer: from its heading to the next one."""
    cells = cells_of(BY_NAME[question.chapter])
    begins = next(n for n, cell in enumerate(cells) if question.id in tags(cell))
    ends = next(
        n
        for n, cell in enumerate(cells[begins + 1 :], begins + 1)
        if cell["cell_type"] == "markdown" and source(cell).startswith("#")
    )
    return cells[begins:ends]


@pytest.mark.parametrize("question", questions(), ids=[it.id for it in questions()])
def test_a_question_is_answered_by_a_run(question: Question) -> None:
    """Guessed, run, answered in words and checked."""
    cells = answered(question)
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert any("guess" in tags(cell) for cell in code)
    assert any("check" in tags(cell) for cell in code)
    assert any("**The answer:**" in source(cell) for cell in cells)


def test_where_the_eras_differ_both_are_run() -> None:
    """The answer for 2.x is no memory."""
    often = [it for it in questions() if it.is_often and it.before]
    ran = ["2.x" in "".join(map(source, answered(question))) for question in often]
    assert all(ran)
    strict = next(it for it in questions() if it.id == "Q26")
    assert '("4.x", "2.x")' in "".join(map(source, answered(strict)))


def test_each_question_of_a_chapter_is_on_the_page() -> None:
    """A tag that the list does not know leads nobody there."""
    tagged = {
        (tag, path.stem)
        for path in CHAPTERS
        for cell in cells_of(path)
        for tag in tags(cell)
        if tag.startswith("Q")
    }
    assert tagged == {(it.id, it.chapter) for it in questions()}


def test_the_page_links_each_answer_to_its_run() -> None:
    """By the anchor that MyST makes of the heading; Sphinx refuses one that leads nowhere."""
    page = asked_page(load(), CHAPTERS)
    assert len(questions()) == page.count("[The run that proves it](chapters/")
    anchor = "-how-do-acksall-and-mininsyncreplicas-work-together"
    assert f"(chapters/06_in_sync_replicas.ipynb#{anchor})" in page
    assert "**Kafka 2.x.** The same." in page and "**Kafka 2.x.** The time was 10 s" in page


def test_a_chapter_without_its_answer_stops_the_build(tmp_path: Path) -> None:
    """So does one that asks in other words than the page."""
    path = tmp_path / "05_replication.ipynb"
    for cells, complaint in (
        ([], "has no cell that is tagged Q28"),
        ([{"metadata": {"tags": ["Q28"]}, "source": ["### Why?"]}], "has the heading"),
    ):
        path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
        with pytest.raises(BookError, match=complaint):
            asked_page(load(), [path])


def test_an_anchor_keeps_letters_and_turns_blanks_into_lines() -> None:
    """Signs go; a sign at the front leaves the blank behind it."""
    assert "-why-acksall-or-1" == slug("★ Why `acks=all`, or 1?")
