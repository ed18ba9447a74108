"""`exercises/` is what nbgrader makes of `solutions/`, and nbgrader can grade a class with it."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip(
    "nbgrader", reason="nbgrader is an optional extra: pip install kafkabook[class]"
)

import nbgrader.api
from alembic.script import ScriptDirectory

from kafkabook.grading.derive import HOME, config_of, derived
from kafkabook.grading.exercises import EXERCISES
from kafkabook.grading.puzzles import PUZZLES

SLUG = "12_log_files"


def test_the_exercises_are_those_that_the_solutions_give() -> None:
    """`make exercises` writes them anew; nobody edits them by hand."""
    found = {
        str(path.relative_to(HOME / "exercises")): path.read_text("utf-8")
        for path in sorted((HOME / "exercises").rglob("*.ipynb"))
        if ".ipynb_checkpoints" not in path.parts
    }
    assert derived() == found


def test_every_exercise_has_its_stub_and_its_cell_of_points_and_no_solution() -> None:
    """A cell id of nbgrader must be unique, or autograding loses a mark."""
    ids, text = [], ""
    for path in sorted((HOME / "exercises").rglob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        ids += [c["metadata"]["nbgrader"]["grade_id"] for c in cells if "nbgrader" in c["metadata"]]
        text += "\n".join("".join(cell["source"]) for cell in cells)
        assert all(cell.get("outputs", []) == [] for cell in cells)
    assert sorted(set(ids)) == sorted(ids)
    for exercise in EXERCISES:
        assert f"def {exercise.part}(" in text
        assert f'grade("{exercise.number}", {exercise.part}).points' in text
    for puzzle in PUZZLES:
        way = f"my_way_{puzzle.number.replace('.', '_')}"
        assert f'puzzle("{puzzle.number}").check({way}).points' in text
    assert ("SOLUTION" in text, text.count("raise NotImplementedError")) == (False, 17)


def a_course(folder: Path) -> Path:
    """Lay a course directory with one assignment of one exercise, as small as it can be."""
    solution = json.loads((HOME / "solutions" / SLUG / f"{SLUG}.ipynb").read_text("utf-8"))
    wanted = {"files-02", "files_my_lookup", "files_points_12_1"}
    solution["cells"] = [cell for cell in solution["cells"] if cell["id"] in wanted]
    path = folder / "solutions" / SLUG / f"{SLUG}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(solution), "utf-8")
    config = (HOME / "nbgrader_config.py").read_text("utf-8")
    (folder / "nbgrader_config.py").write_text(config, "utf-8")
    (folder / ".grading").mkdir()
    return path


def alembic_head() -> str:
    """Say what `alembic heads` prints for nbgrader, without a process that imports it all again."""
    scripts = Path(nbgrader.api.__file__).with_name("alembic")
    return ScriptDirectory(str(scripts)).get_current_head() or ""


def a_grader(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return nbgrader's own API over a course directory, set up by our configuration file."""
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(HOME))
    monkeypatch.setattr("nbgrader.api.get_alembic_version", alembic_head)
    settings = config_of(folder)
    course = CourseDirectory(config=settings, root=str(folder))
    return NbGraderAPI(coursedir=course, config=settings)


def submit(folder: Path, student: str, notebook: Path, body: str) -> None:
    """Hand a release notebook in with this body in place of the stub's."""
    text = json.loads(notebook.read_text("utf-8"))
    for cell in text["cells"]:
        source = "".join(cell["source"])
        if "raise NotImplementedError" in source:
            cell["source"] = source.replace("raise NotImplementedError", body)
    path = folder / ".grading" / "submitted" / student / SLUG / f"{SLUG}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(text), "utf-8")


@pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")  # nbgrader's own
def test_a_class_is_graded_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Generate, submit a right part, a wrong and an untouched one, autograde, read the scores."""
    a_course(tmp_path)
    grader = a_grader(tmp_path, monkeypatch)
    assert grader.generate_assignment(SLUG)["success"]
    released = tmp_path / "exercises" / SLUG / f"{SLUG}.ipynb"
    right = "return max([e.position for e in entries if e.offset <= offset], default=0)"
    submit(tmp_path, "ann", released, right)
    submit(tmp_path, "bob", released, right.replace("<=", "<"))
    submit(tmp_path, "eve", released, "raise NotImplementedError")
    for student in ("ann", "bob", "eve"):
        done = grader.autograde(SLUG, student, create=True)
        assert done["success"], done["log"]
    scores = {row["student"]: row["score"] for row in grader.get_submissions(SLUG)}
    assert {"ann": 10.0, "bob": 1.0, "eve": 0.0} == scores
