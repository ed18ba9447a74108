"""Whole runs of a cluster read as they did when somebody last looked at them.

Each file holds commands with their answers; `pytest tests/runs --rewrite-runs` writes the answers
anew, and the difference is read in review.
"""

from difflib import unified_diff
from pathlib import Path

import pytest

from tests.runs.run import played
from tests.runs.words import WIDTH

HERE = Path(__file__).parent
RUNS = sorted(HERE.glob("*.txt"))
LONGEST_RUN_LINES = 90


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_a_run_reads_as_it_did(path: Path, is_rewriting: bool) -> None:
    """To the byte, or it is written anew."""
    written = path.read_text(encoding="utf-8")
    now = played(written)
    if is_rewriting:
        path.write_text(now, encoding="utf-8")
    elif now != written:
        pytest.fail(difference(path.name, written, now), pytrace=False)


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_a_run_is_a_page_that_begins_with_what_it_shows(path: Path) -> None:
    """One sentence above, and no line or run that is too long to be read."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert len(lines) <= LONGEST_RUN_LINES
    described = ("Topic: ", "\t")  # as wide as `kafka-topics.sh --describe` prints it
    assert max(len(line) for line in lines if not line.startswith(described)) <= WIDTH


def test_a_difference_says_how_to_take_it_over() -> None:
    """Who changed the engine on purpose wants the command, not its documentation."""
    told = difference("sum.txt", "> 1 + 1\n3\n", played("> 1 + 1\n3\n"))
    assert "-3\n+2\n" in told
    assert "pytest tests/runs --rewrite-runs" in told


def difference(name: str, written: str, now: str) -> str:
    """Return the lines of a run that changed, and what to do if they should."""
    lines = written.splitlines(keepends=True), now.splitlines(keepends=True)
    changed = "".join(unified_diff(*lines, fromfile=f"tests/runs/{name}", tofile="now"))
    return f"{changed}\nIf this is meant: pytest tests/runs --rewrite-runs, and read the diff."
