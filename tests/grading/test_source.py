"""A part is graded from its source: its cell's definitions, and the imports that those use."""

import pytest

from kafkabook.grading.source import NoSource, submission, suspicions

CELL = """
LIMIT = 3  # used below
mark = grade("01.2", my_roll)
print("trying it out")

def my_roll(segment):
    '''Doc.'''
    return log(LIMIT)

my_roll(None)
"""


def test_a_cell_is_cut_down_to_its_definitions_at_their_lines() -> None:
    """What tries or grades the part stays behind; an error still names the line of the cell."""
    kept = submission("my_roll", CELL, []).source
    assert CELL.splitlines()[5:8] == kept.splitlines()[5:8]
    assert "LIMIT = 3  # used below" == kept.splitlines()[1]
    assert not any(word in kept for word in ("grade", "print", "my_roll(None)"))


def test_only_the_imports_that_are_used_come_along() -> None:
    """An import cell may bring pictures and charts, which a part's process need not pay for."""
    cells = ["from math import log, sin\nimport matplotlib", "import json\nx = 1", "not python!"]
    assert "from math import log" == submission("my_roll", CELL, cells).imports


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("def other(): pass", "has no `def my_roll` at its top level"),
        ("def my_roll(:", "line 1 of the cell is not Python"),
        ("my_roll = lambda: 0", "has no `def my_roll` at its top level"),
    ],
)
def test_a_cell_without_the_part_is_explained(cell: str, says: str) -> None:
    """In words that tell the reader what to do."""
    with pytest.raises(NoSource, match=says):
        submission("my_roll", cell, [])


@pytest.mark.parametrize(
    ("body", "is_stub"),
    [
        ("raise NotImplementedError", True),
        ("'''Doc.'''\n    raise NotImplementedError()", True),
        ("'''Doc.'''\n    return 1", False),
        ("x = 1\n    raise NotImplementedError", False),
    ],
)
def test_a_stub_is_known_without_running_it(body: str, is_stub: bool) -> None:
    """So an untouched book is graded in no time."""
    assert is_stub is submission("f", f"def f(x):\n    {body}\n", []).is_stub


def test_names_of_the_reference_and_of_the_grader_are_suspicious() -> None:
    """Lint for a teacher, not security."""
    cell = "from kafkabook.grading import rings\ndef f(x):\n    return rings.should_roll\n"
    found = suspicions(submission("f", cell, []), "should_roll")
    assert ("names the reference `should_roll`", "names the grader `kafkabook.grading`") == found
    assert () == suspicions(submission("f", "def f(x):\n    return x.y\n", []), "should_roll")


def test_a_fact_that_has_the_name_of_the_reference_raises_no_suspicion() -> None:
    """A leader has a high watermark; a part that works one out has to look at it."""
    imports = ["import kafkabook.replication.high_watermark as ours\n"]
    looks = "def f(leader):\n    return leader.high_watermark\n"
    calls = "def f(leader):\n    return ours.high_watermark(leader)\n"
    assert () == suspicions(submission("f", looks, imports), "high_watermark")
    assert ("names the reference `high_watermark`",) == suspicions(
        submission("f", calls, imports), "high_watermark"
    )
