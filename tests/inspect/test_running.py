"""Whether a broker runs is asked of its lock, which only another process can hold."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kafkabook.inspect.running import LOCK, is_running

HOLD = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def a_broker(log_directory: Path) -> Iterator[None]:
    """Let another process hold the lock, as Java's `FileChannel.lock` does."""
    command = [sys.executable, "-c", HOLD, str(log_directory / LOCK)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == "held\n"
        yield
        process.stdin.close()


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="asks POSIX")
def test_a_lock_that_is_held_is_seen_and_one_that_was_left_is_not(tmp_path: Path) -> None:
    """The file stays when the process has gone; only the system knows who holds it."""
    with a_broker(tmp_path):
        assert is_running(tmp_path)
    assert (tmp_path / LOCK).exists()
    assert not is_running(tmp_path)


def test_without_a_lock_nobody_runs(tmp_path: Path) -> None:
    """A copy of a partition directory has none beside it; and nothing is made."""
    assert not is_running(tmp_path)
    assert not is_running(tmp_path / "nowhere")
    (tmp_path / LOCK).symlink_to(tmp_path / "elsewhere")
    assert not is_running(tmp_path)
    assert [LOCK] == [path.name for path in tmp_path.iterdir()]
