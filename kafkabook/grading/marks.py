"""The marks of a whole book: exercises and puzzles of a working copy, from their source, and kept.

Nothing of the notebooks is executed here but the parts themselves, each in a process of its own.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafkabook.grading.exercise import Exercise
from kafkabook.grading.exercises import EXERCISES
from kafkabook.grading.goal import Puzzle, PuzzleMark
from kafkabook.grading.grader import grade_source, nothing_to_grade
from kafkabook.grading.mark import FULL_POINTS, Mark
from kafkabook.grading.puzzles import PUZZLES
from kafkabook.grading.source import NoSource, Submission, submission
from kafkabook.grading.ways import mark_of_way

MARKS_FILE = Path(".kafkabook") / "marks.json"
_FORMAT = 1
Asked = Exercise | Puzzle
WHOLE_BOOK: list[Asked] = sorted((*EXERCISES, *PUZZLES), key=lambda it: it.number)


@dataclass(frozen=True, slots=True, repr=False)
class BookMarks:
    """The marks of a working copy, as a table.

    Attributes: `marks` in the order of the book, `before` (points of the last time, by exercise),
    `aside` (where a marks file was put that could not be read; empty if there was none), `unsaved`
    (why the marks could not be saved; empty if they were).
    """

    marks: tuple[Mark | PuzzleMark, ...]
    before: dict[str, float]
    aside: str = ""
    unsaved: str = ""

    @property
    def points(self) -> float:
        """All points together."""
        return sum(mark.points for mark in self.marks)

    def __str__(self) -> str:
        rows = [self._row(mark) for mark in self.marks]
        wide = max((len(name) for name, _, _ in rows), default=0)
        lines = [f"{name:<{wide}}  {points:>8}  {says}".rstrip() for name, points, says in rows]
        lines += [f"{'together':<{wide}}  {self.points:g} of {FULL_POINTS * len(self.marks):g}"]
        if self.aside:
            lines += [f"The former marks could not be read; they are kept in {self.aside}."]
        if self.unsaved:
            lines += [f"These marks were not saved: {self.unsaved}."]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _row(self, mark: Mark | PuzzleMark) -> tuple[str, str, str]:
        was = self.before.get(mark.exercise, mark.points)
        changed = f"(was {was:g}) " if was != mark.points else ""
        return (
            f"{mark.exercise} {mark.title} {mark.stars}",
            f"{mark.points:g} of {FULL_POINTS:g}",
            changed + "; ".join((mark.verdict, *(f"flag: {flag}" for flag in mark.flags))),
        )


def grade_folder(folder: str | os.PathLike[str]) -> BookMarks:
    """Grade all exercises and puzzles under `folder` and save the marks there, if they can be.

    Args:
        folder: a working copy, or any folder with exercise notebooks under the names of ours.

    Cost: about a second for each part that is written.
    """
    root = Path(folder)
    found = {path.stem: path for path in sorted(root.rglob("*.ipynb")) if _is_exercise(root, path)}
    marks = tuple(grade_notebook(it, found[it.chapter]) for it in WHOLE_BOOK if it.chapter in found)
    return _saved(root / MARKS_FILE, marks)


def taken_from_folder(folder: Path, exercise: Exercise) -> Submission | None:
    """Return the source of a part of a working copy; None where there is none."""
    for path in sorted(folder.rglob(f"{exercise.chapter}.ipynb")):
        if _is_exercise(folder, path):
            try:
                return _taken(exercise, list(_cells(path)))
            except NoSource:
                return None
    return None


def _saved(path: Path, marks: tuple[Mark | PuzzleMark, ...]) -> BookMarks:
    """Save marks beside those of the last time; a folder that is read-only still gets its table."""
    before, aside, unsaved = dict[str, float](), "", ""
    try:
        before, aside = read_marks(path)
        write_marks(path, marks)
    except OSError as error:
        unsaved = error.strerror or type(error).__name__
    return BookMarks(marks, before, aside, unsaved)


def grade_notebook(asked: Asked, path: Path) -> Mark | PuzzleMark:
    """Grade one exercise or puzzle of one notebook."""
    try:
        taken = _taken(asked, list(_cells(path)))
    except NoSource as error:
        return _untaken(asked, str(error))
    if isinstance(asked, Puzzle):
        return mark_of_way(asked, taken)
    return grade_source(asked.number, taken)


def _untaken(asked: Asked, says: str) -> Mark | PuzzleMark:
    if isinstance(asked, Puzzle):
        return asked.unsolved(f"Nothing to grade: {says}.")
    return nothing_to_grade(asked, says)


def write_marks(path: Path, marks: tuple[Mark | PuzzleMark, ...]) -> None:
    """Save marks as JSON, whole or not at all."""
    rows = {m.exercise: {"points": m.points, "flags": list(m.flags)} for m in marks}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps({"format": _FORMAT, "marks": rows}, indent=1) + "\n", "utf-8")
    draft.replace(path)


def read_marks(path: Path) -> tuple[dict[str, float], str]:
    """Return saved points by exercise; a file that cannot be read is put aside, and named."""
    try:
        return _checked(json.loads(path.read_text("utf-8"))), ""
    except FileNotFoundError:
        return {}, ""
    except (ValueError, RecursionError):
        number = len(list(path.parent.glob(f"{path.name}.corrupt-*"))) + 1
        aside = path.with_name(f"{path.name}.corrupt-{number}")
        path.replace(aside)
        return {}, aside.name


def _checked(saved: Any) -> dict[str, float]:
    """Return the points of a marks file.

    Raises:
        ValueError: it is not what `write_marks` writes.
    """
    if not isinstance(saved, dict) or saved.get("format") != _FORMAT:
        raise ValueError("not a marks file of this format")
    rows = saved.get("marks")
    if not isinstance(rows, dict):
        raise ValueError("no marks")
    return {str(number): _points(row) for number, row in rows.items()}


def _points(row: Any) -> float:
    points: Any = row.get("points") if isinstance(row, dict) else None
    if type(points) not in (int, float) or not 0 <= points <= FULL_POINTS:
        raise ValueError(f"{points!r} are no points")
    return float(points)


def _is_exercise(root: Path, path: Path) -> bool:
    """Tell exercises from chapters of the same name: an exercise lies in a folder of its own."""
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    return path.parent.name == path.stem and not hidden


def _taken(asked: Asked, cells: list[str]) -> Submission:
    """Return the last cell that defines the part, which is the one that a reader would run last."""
    for cell in reversed(cells):
        if f"def {asked.part}(" in cell:
            return submission(asked.part, cell, cells)
    raise NoSource(f"no cell defines `{asked.part}`")


def _cells(path: Path) -> Iterator[str]:
    """Yield the code cells of a notebook as plain Python, whatever else the file holds.

    Raises:
        NoSource: it is not a notebook.
    """
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NoSource(f"{path.name} is not a notebook that can be read") from error
    for source in sources:
        yield _without_magic(source)


def _without_magic(source: str) -> str:
    """Blank the lines that only IPython understands."""
    lines = source.splitlines()
    return "\n".join("" if line.lstrip().startswith(("%", "!", "?")) else line for line in lines)
