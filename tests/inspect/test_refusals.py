"""What is nothing to show is refused before it is read: a reason, a remedy, and exit code 2."""

import errno
import os
from pathlib import Path

import pytest

from kafkabook.inspect import files
from tests.inspect.directories import FIRST_LOG, a_directory, contents, run


def refused(path: Path | str, *words: object) -> str:
    """Return the one sentence with which a path is refused."""
    ran = run(path, *words)
    assert (2, 1) == (ran.exit_code, len(ran.err.splitlines()))
    assert ran.err.startswith("refused: ")
    return ran.err


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    """Opening one would wait for ever for somebody to write."""
    os.mkfifo(tmp_path / FIRST_LOG)
    assert "a pipe (FIFO), which has no end to read to" in refused(tmp_path / FIRST_LOG)
    assert "a pipe (FIFO), which has no end to read to" in refused(tmp_path)


def test_a_device_is_refused() -> None:
    """/dev/zero never ends either."""
    assert "a device; give a file of a log directory" in refused("/dev/zero")


def test_a_directory_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    """A name that is a segment's must be a file."""
    (tmp_path / FIRST_LOG).mkdir()
    told = "a directory where a file is expected"
    assert told in refused(tmp_path / FIRST_LOG)
    (tmp_path / "00000000000000000007.index").mkdir()
    assert "no segment in it" in refused(tmp_path) or told in refused(tmp_path)


@pytest.mark.parametrize("name", [FIRST_LOG, f"{'0' * 20}.index", "leader-epoch-checkpoint"])
def test_a_terabyte_of_nothing_is_refused(tmp_path: Path, name: str) -> None:
    """A sparse file costs its sender nothing; no file of a log is that large."""
    with (tmp_path / name).open("wb") as file:
        file.truncate(1 << 40)
    assert "1024 GiB, but no file of its kind is larger than" in refused(tmp_path / name)


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link could lead anywhere; one that leads to itself leads nowhere."""
    folder = a_directory(tmp_path, batches=1)
    (tmp_path / "link-0").symlink_to(folder)
    (folder / "00000000000000000009.log").symlink_to("/etc/passwd")
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert "a symbolic link, and links are not followed" in refused(tmp_path / "link-0")
    assert "a symbolic link, and links are not followed" in refused(folder)
    assert "symbolic links that lead in a circle" in refused(tmp_path / "a")
    assert "symbolic links that lead in a circle" in refused(tmp_path / "a" / FIRST_LOG)


@pytest.mark.parametrize("name", ["..-0", "a b-0", "orders\u202e-0", "x" * 250 + "-0"])
def test_a_directory_that_no_topic_can_name_is_refused(tmp_path: Path, name: str) -> None:
    """Kafka would never have made it; something else did."""
    folder = a_directory(tmp_path, batches=1)
    folder.rename(tmp_path / name)
    told = refused(tmp_path / name)
    assert "is not allowed: use 1 to 249 of a-z A-Z 0-9 . _ -" in told
    assert "\u202e" not in told


def test_a_topic_that_is_a_path_is_shown_and_followed_nowhere(tmp_path: Path) -> None:
    """Kafka reads `../x` as it stands; a checkpoint names topics, and opens nothing."""
    path = tmp_path / "replication-offset-checkpoint"
    path.write_text("0\n1\n../x 0 5\n")
    ran = run(path, "--json")
    assert (0, ["../x"]) == (ran.exit_code, [row["topic"] for row in ran.rows])
    assert "no topic can be called '../x': use 1 to 249 of a-z A-Z 0-9 . _ -" in ran.err


@pytest.mark.parametrize(
    ("made", "given", "told"),
    [
        ("", "missing-0", "there is no such file; look at the spelling"),
        ("empty-0/", "empty-0", "the directory is empty; give a partition directory"),
        ("data/orders-0/", "data", "it holds partitions; give one of them: orders-0"),
        ("notes-0/todo.txt", "notes-0", "there is no segment in it"),
        ("server.log", "server.log", "its name is none that Kafka gives"),
        ("a/file", "a/file/00000000000000000000.log", "a part of the path is a file"),
        ("", "x" * 300, "the name is longer than the file system allows"),
        ("", "nul\0nul", "the system cannot read it"),
        ("99999999999999999999.log", "99999999999999999999.log", "none that Kafka gives"),
    ],
)
def test_the_wrong_thing_gets_a_remedy(tmp_path: Path, made: str, given: str, told: str) -> None:
    """Each says what to give instead."""
    target = tmp_path / made
    if made.endswith("/"):
        target.mkdir(parents=True)
    elif made:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"")
    assert told in refused(tmp_path / given)


def test_a_file_that_may_not_be_read_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tested by the system's answer, for a test may run as somebody who may read everything."""

    def no(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    folder = a_directory(tmp_path, batches=1)
    monkeypatch.setattr(files.os, "open", no)
    assert "this user may not read it; change its permissions" in refused(folder / FIRST_LOG)


def test_a_file_that_shrinks_while_it_is_read_says_so(tmp_path: Path) -> None:
    """Its size was looked at before; what is gone since is not taken for a torn tail."""
    path = tmp_path / FIRST_LOG
    path.write_bytes(bytes(5000))
    with files.SourceFile(path, 10_000) as file:
        os.truncate(path, 100)
        with pytest.raises(files.Refused, match="it became shorter while it was read"):
            file.read(0, 5000)


def test_strange_names_in_a_directory_are_passed_over_and_said(tmp_path: Path) -> None:
    """A stray file is not damage, and its name is not trusted either."""
    folder = a_directory(tmp_path, batches=1)
    (folder / "notes\u202e.txt").write_text("x")
    ran = run(folder, "--json")
    assert 0 == ran.exit_code
    assert "notes\\u202e.txt: not a file of a Kafka partition, passed over\n" in ran.err


def test_nothing_is_written_and_nothing_touched(tmp_path: Path) -> None:
    """Evidence stays as it was, whichever way it is looked at."""
    folder = a_directory(tmp_path, batches=3)
    before = contents(tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    for words in ([], ["--json"], ["--bytes"], ["--isolation", "read_committed"]):
        assert 0 == run(folder, *words).exit_code
    assert before == contents(tmp_path)
    assert times == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
