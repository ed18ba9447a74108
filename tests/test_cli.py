"""The command line answers in sentences: help with an example, one line for what cannot be done."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from kafkabook import __version__
from kafkabook.cli import main

COMMANDS = ("lab", "book", "grade", "inspect", "storm", "explain")


def told(*words: str) -> tuple[int, str]:
    """Run a command line; return its exit code and all that it printed."""
    result = CliRunner().invoke(main, words)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


@pytest.mark.parametrize("command", [c for c in COMMANDS if c != "inspect"])
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    """A reader tries `--help` before any page of documentation."""
    code, output = told(command, "--help")
    assert (0, True) == (code, f"Example: kafkabook {command}" in output)


def test_help_lists_every_command_in_one_short_line() -> None:
    """None is cut off by three dots."""
    code, output = told("--help")
    listed = output.partition("Commands:\n")[2].split("\n\n")[0].splitlines()
    assert (0, sorted(COMMANDS)) == (code, sorted(line.split()[0] for line in listed))
    assert [] == [line for line in listed if line.endswith("...")]


def test_help_imports_nothing_that_is_not_needed() -> None:
    """It answers at once: no notebook, no Sphinx, no widget is loaded for it."""
    code = (
        "import sys, kafkabook.cli;"
        "heavy = ['nbformat', 'sphinx', 'IPython', 'ipywidgets', 'hypothesis', 'matplotlib'];"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]\n" == done.stdout


def test_the_version_is_the_packages() -> None:
    """The first question of every bug report."""
    assert (0, f"kafkabook, version {__version__}\n") == told("--version")


def test_a_setting_is_explained_then_and_now() -> None:
    """The notes say 0; since 4.0 it is 5."""
    code, output = told("explain", "linger.ms")
    assert (0, ["0", "0", "5"]) == (code, [line.split()[2] for line in output.splitlines()[2:5]])


def test_an_unknown_setting_is_one_sentence_with_the_nearest() -> None:
    """No traceback, and a way on."""
    code, output = told("explain", "linger.m")
    assert 1 == code
    assert output.startswith(
        "Error: no setting of a client, topic or broker is called 'linger.m' in"
    )
    assert "; did you mean linger.ms, " in output


def test_a_missing_word_is_a_fault_of_the_command_line() -> None:
    """Exit code 2, as everywhere."""
    assert 2 == told("explain")[0]


def test_grading_nothing_names_the_command_that_makes_something(tmp_path: Path) -> None:
    """There is no working copy before `kafkabook lab` has laid one."""
    code, output = told("grade", str(tmp_path / "none"))
    assert (1, True) == (code, "`kafkabook lab` makes one" in output)


@pytest.mark.parametrize("command", ["lab", "book"])
def test_a_file_is_no_folder(command: str, tmp_path: Path) -> None:
    """Refused before anything is written."""
    (tmp_path / "file").write_text("mine")
    assert 2 == told(command, str(tmp_path / "file"))[0]


def test_the_book_never_replaces_a_folder_that_holds_something_else(tmp_path: Path) -> None:
    """`kafkabook book ~` must not empty a home."""
    (tmp_path / "thesis.txt").write_text("mine")
    code, output = told("book", str(tmp_path))
    assert (1, True) == (code, "is not empty and is no book" in output)
    assert "mine" == (tmp_path / "thesis.txt").read_text()
