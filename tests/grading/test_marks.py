"""Marks of a whole working copy: graded from the sources, kept as JSON, never unpickled."""

import json
from pathlib import Path

import pytest

from kafkabook.grading.marks import MARKS_FILE, grade_folder, read_marks
from tests.grading.submissions import GOOD_ROLL, IMPORTS

HOME = Path(__file__).parents[2]
SLUG = "01_events_and_the_log"


def a_notebook(folder: Path, *cells: str) -> Path:
    """Write an exercise notebook with these code cells."""
    path = folder / "exercises" / SLUG / f"{SLUG}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    path.write_text(json.dumps({"cells": rows}), "utf-8")
    return path


def test_a_folder_is_graded_part_by_part_and_remembered(tmp_path: Path) -> None:
    """Only what is there is graded; the next time shows what it was before."""
    a_notebook(tmp_path, IMPORTS, "%matplotlib inline\n1 / 0", GOOD_ROLL)
    first = grade_folder(tmp_path)
    assert [0.0, 10.0, 0.0] == [mark.points for mark in first.marks]
    assert "01.2 Roll ★                10 of 10  all rings hold" in str(first)
    assert "no cell defines `my_offsets`" in str(first.marks[0])
    a_notebook(tmp_path, IMPORTS, GOOD_ROLL.replace("SIZE", "AGE"))
    second = str(grade_folder(tmp_path))
    assert "01.2 Roll ★                 1 of 10  (was 10) R1, example 3" in second
    assert "together                   1 of 30" in second


def test_the_untouched_book_has_no_points_and_takes_no_time() -> None:
    """No process is started for a stub."""
    marks = grade_folder_without_saving(HOME / "exercises")
    numbers = "01.1 01.2 01.3 05.1 05.p1 05.p2 06.1 06.2 06.p1 06.p2 09.1 09.2 09.p1 12.1 12.2"
    assert [(number, 0.0) for number in numbers.split()] == marks


def grade_folder_without_saving(folder: Path) -> list[tuple[str, float]]:
    """Grade the repository's notebooks where they lie, and leave no file there."""
    from kafkabook.grading.marks import WHOLE_BOOK, grade_notebook

    paths = [folder / it.chapter / f"{it.chapter}.ipynb" for it in WHOLE_BOOK]
    marks = [grade_notebook(it, path) for it, path in zip(WHOLE_BOOK, paths, strict=True)]
    assert {"Not written yet"} == {mark.verdict for mark in marks}
    return [(mark.exercise, mark.points) for mark in marks]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": 2}', '{"format": 1, "marks": {"01.2": {"points": 99}}}', "\udcff"],
)
def test_a_marks_file_that_cannot_be_read_is_kept_aside(tmp_path: Path, text: str) -> None:
    """A reader's history is not thrown away, and not believed either."""
    path = tmp_path / MARKS_FILE
    path.parent.mkdir()
    data = text.encode("utf-8", "surrogateescape")
    path.write_bytes(data)
    assert ({}, "marks.json.corrupt-1") == read_marks(path)
    assert (data, False) == (path.with_name("marks.json.corrupt-1").read_bytes(), path.exists())


def test_a_file_that_is_no_notebook_is_a_mark_of_nothing(tmp_path: Path) -> None:
    """One spoilt notebook must not take the marks of the others away."""
    a_notebook(tmp_path).write_bytes(b"\x00not json")
    marks = grade_folder(tmp_path)
    assert 0.0 == marks.points
    assert "is not a notebook that can be read" in str(marks.marks[0])


def test_a_folder_that_takes_no_file_is_graded_all_the_same(tmp_path: Path) -> None:
    """A submission may be mounted read-only; its marks are for whoever asked, not for it."""
    a_notebook(tmp_path, "pass")
    (tmp_path / MARKS_FILE.parent).write_text("a file, where the folder of the marks would be")
    told = str(grade_folder(tmp_path)).splitlines()
    assert [
        "together                   0 of 30",
        "These marks were not saved: Not a directory.",
    ] == [*told[-2:]]


def test_former_marks_are_shown_where_new_ones_cannot_be_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can be read is; only the writing fails."""
    a_notebook(tmp_path, "pass")
    former = {"format": 1, "marks": {"01.2": {"points": 7}}}
    (tmp_path / MARKS_FILE).parent.mkdir()
    (tmp_path / MARKS_FILE).write_text(json.dumps(former), "utf-8")

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "write_text", refuse)
    told = str(grade_folder(tmp_path))
    assert "(was 7)" in told
    assert told.endswith("These marks were not saved: Read-only file system.")
