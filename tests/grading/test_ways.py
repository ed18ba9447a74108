"""A way through a puzzle is taken from its source, and harms nobody who grades it."""

import json
from pathlib import Path

import pytest

from kafkabook.grading.puzzles import PUZZLES, puzzle
from kafkabook.grading.source import submission
from kafkabook.grading.ways import mark_of_way

ALONE = """
def my_way_06_p1(lab):
    lab.cut(2, 1)
    lab.cut(3, 1)
    lab.send("a")
    lab.run_until(lambda: lab.isr() == {1})
    lab.produce("b")
"""
STUB = "def my_way_06_p1(lab):\n    raise NotImplementedError\n"
ENDLESS = "def my_way_06_p1(lab):\n    while True:\n        pass\n"
WRONG = "def my_way_06_p1(lab):\n    lab.cut(2, 1)\n    lab.cutt(3, 1)\n"
REACHES = "def my_way_06_p1(lab):\n    import kafkabook.grading.puzzles\n"
WRITES = 'def my_way_06_p1(lab):\n    open("x", "w")\n'
HOME = Path(__file__).parents[2]


def told(source: str) -> str:
    """Grade a way through 06.p1; return its points and its problem."""
    mark = mark_of_way(puzzle("06.p1"), submission("my_way_06_p1", source, []))
    return f"{mark.points:g} {mark.problem}"


def test_a_way_is_judged_from_its_source() -> None:
    """The state that its own process reached is reached again here, from the text."""
    mark = mark_of_way(puzzle("06.p1"), submission("my_way_06_p1", ALONE, []))
    assert (10.0, (4, 4), "solved") == (mark.points, mark.commands, mark.verdict)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (STUB, "0 Not written yet: give the lab its commands."),
        (WRONG, "0 Your way raised UnknownVerb: Lab has no 'cutt'; did you mean 'cut'?"),
        (WRONG, " at line 3 of the cell"),
        (REACHES, "0 Your way reaches into the grader (import)"),
        (WRITES, "0 Your way writes a file (open)"),
        (ENDLESS, "for more than 10 seconds"),
    ],
)
def test_a_way_that_is_none_is_told_in_one_sentence(source: str, says: str) -> None:
    """It earns nothing, and no traceback ends the table of marks."""
    assert says in told(source)


def test_what_it_says_of_itself_is_not_believed() -> None:
    """A cell that forges the text is judged by the text, which solves nothing."""
    forged = ALONE.replace("    lab.cut(2, 1)\n", "    lab.journal.clear()\n    return\n")
    assert told(forged).startswith("0 ")


def test_headings_in_the_notebooks_are_those_of_the_puzzles() -> None:
    """Number, title and stars are told twice, and once alone is kept by hand."""
    for it in PUZZLES:
        path = HOME / "solutions" / it.chapter / f"{it.chapter}.ipynb"
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells)
        assert f"### {it.number} {it.title} {it.stars}\n" in text
        assert f"def {it.part}(" in text
