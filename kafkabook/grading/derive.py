"""Derives `exercises/` from `solutions/` by nbgrader's own machinery.

    python -m kafkabook.grading.derive

nbgrader cuts the solutions out, locks the cells that grade, sums them, and drops all outputs. It
works in a folder that is thrown away; its settings are those of `nbgrader_config.py`, so a
teacher's `nbgrader generate_assignment` gives the same cells.
"""

import json
import logging
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

HOME = Path(__file__).parents[2]


def derived(home: Path = HOME) -> dict[str, str]:
    """Return the text of every exercise notebook, by its path under `exercises/`.

    Args:
        home: a checkout, with `solutions/` and `nbgrader_config.py`.

    Raises:
        RuntimeError: nbgrader refuses a notebook; its own words say which cell.

    Cost: a second for each notebook.
    """
    with tempfile.TemporaryDirectory() as folder:
        release = Path(folder) / "exercises"
        for assignment in sorted(path.name for path in (home / "solutions").iterdir()):
            _generate(home, Path(folder), assignment)
        return {
            str(path.relative_to(release)): _steady(path)
            for path in sorted(release.rglob("*.ipynb"))
        }


def derive(home: Path = HOME) -> list[str]:
    """Write `exercises/` anew; what has no source any more goes. Return the paths written."""
    notebooks, target = derived(home), home / "exercises"
    shutil.rmtree(target, ignore_errors=True)
    for name, text in notebooks.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(notebooks)


def config_of(home: Path) -> Any:
    """Return the settings in the `nbgrader_config.py` of a course directory."""
    from traitlets.config.loader import PyFileConfigLoader

    return PyFileConfigLoader("nbgrader_config.py", path=str(home)).load_config()


def _generate(home: Path, folder: Path, assignment: str) -> None:
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import SaveCells

    config = config_of(home)
    config.CourseDirectory.update(
        root=str(folder),
        source_directory=str(home / "solutions"),
        release_directory=str(folder / "exercises"),
        db_url=f"sqlite:///{folder / 'gradebook.db'}",
        assignment_id=assignment,
    )
    config.GenerateAssignment.no_database = True
    config.GenerateAssignment.preprocessors = [
        step for step in GenerateAssignment.preprocessors.default_args[0] if step is not SaveCells
    ]
    said = logging.getLogger(f"{__name__}.nbgrader")
    said.setLevel(logging.ERROR)
    course = CourseDirectory(config=config, log=said)
    try:
        GenerateAssignment(coursedir=course, config=config, log=said).start()
    except NbGraderException as error:
        raise RuntimeError(f"nbgrader could not derive {assignment}: {error}") from error


def _steady(path: Path) -> str:
    """Write a notebook the same way each time, with a newline at its end."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.writelines(f"exercises/{name}\n" for name in derive())
