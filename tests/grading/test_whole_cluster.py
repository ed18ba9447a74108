"""Your cluster: all written parts together under faults, and a line for each."""

from pathlib import Path

import pytest

from kafkabook import your_cluster
from kafkabook.grading import session
from kafkabook.grading.derive import HOME
from kafkabook.grading.exercises import EXERCISES
from kafkabook.grading.marks import MARKS_FILE, grade_folder
from kafkabook.grading.source import Submission, submission
from kafkabook.grading.whole_cluster import cluster_of
from tests.grading.submissions import ACKS, ACKS_IMPORTS
from tests.grading.test_loss import MAJORITY

GOOD = submission("my_acknowledge", ACKS, [ACKS_IMPORTS])
BAD = submission("my_high_watermark", MAJORITY, [])


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was graded before."""
    monkeypatch.setattr(session, "_WRITTEN", {})


def test_nothing_written_says_how_to_begin() -> None:
    """Each line says whose part it is."""
    told = repr(your_cluster()).splitlines()
    assert "Your cluster: 0 of 10 parts are yours." == told[0]
    assert "  06.1 High watermark: reference" in told
    assert "Write a part and grade it; then it runs here." == told[-1]


def test_a_right_part_holds() -> None:
    """What others have not written yet is ours."""
    found = cluster_of({"acknowledge": GOOD})
    assert ("", ()) == (found.broke, found.schedule)
    assert "09.1 When to acknowledge: yours, held" in repr(found)
    assert f"{found.storms} schedules with faults: nothing is lost" in repr(found)


def test_the_part_that_broke_it_is_named_and_the_others_held() -> None:
    """One wrong part does not make the others wrong."""
    found = cluster_of({"acknowledge": GOOD, "high_watermark": BAD})
    lines = {part.exercise.number: part for part in found.parts}
    assert lines["06.1"].broke and "(" in lines["06.1"].broke
    assert ("", True) == (lines["09.1"].broke, lines["09.1"].is_yours)
    assert found.schedule and str(found.schedule[0]) in repr(found)


@pytest.mark.parametrize(
    ("deed", "told"),
    [
        ("while True: pass", "a loop that does not end"),
        ("import os; os._exit(0)", "ended its own process"),
        ("while True: print('x' * 9999)", "printed more than 1 MiB"),
        ("return 1 // 0", "raised ZeroDivisionError"),
    ],
)
def test_a_hostile_part_is_told_by_name(deed: str, told: str) -> None:
    """It harms neither this process nor the line of another part."""
    hostile = ACKS.replace("    too_few", f"    {deed}\n    too_few", 1)
    taken = Submission(GOOD.name, hostile, GOOD.imports)
    found = cluster_of({"acknowledge": taken})
    lines = {part.exercise.number: part.broke for part in found.parts}
    assert told in lines["09.1"]
    assert {"09.1"} == {number for number, broke in lines.items() if broke}


def test_a_cell_that_does_not_run_is_told() -> None:
    """The others run all the same."""
    broken = Submission(GOOD.name, "import nothing_of_that_name\n" + ACKS, GOOD.imports)
    assert "its own cell, which raised ModuleNotFoundError" in repr(
        cluster_of({"acknowledge": broken})
    )


def test_saved_marks_say_what_is_written(tmp_path: Path) -> None:
    """After `kafkabook grade` a new session knows the parts."""
    slug = "05_replication"
    (tmp_path / slug).mkdir()
    text = (HOME / "solutions" / slug / f"{slug}.ipynb").read_text(encoding="utf-8")
    (tmp_path / slug / f"{slug}.ipynb").write_text(text, encoding="utf-8")
    assert not any(part.is_yours for part in your_cluster(tmp_path).parts)  # not graded yet
    grade_folder(tmp_path)
    assert (tmp_path / MARKS_FILE).exists()
    yours = [part.exercise.number for part in your_cluster(tmp_path).parts if part.is_yours]
    assert ["05.1"] == yours
    assert len(EXERCISES) == len(your_cluster().parts)
