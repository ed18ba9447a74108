"""JupyterLab starts with this interpreter, on loopback, with its token, and asks no questions."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_core.paths import jupyter_config_path, jupyter_path
from pytest import MonkeyPatch

from kafkabook.book.jupyter_settings import lay_kernel, lay_settings
from kafkabook.book.lab import FIRST, command, default_folder, environment
from kafkabook.book.sources import Sources, find_sources


def test_the_command_keeps_the_token_and_stays_on_loopback() -> None:
    """Whoever reaches the server runs code: nobody but its owner may."""
    line = command(Path("work"), browser=False, port=8890)
    assert line[:4] == [sys.executable, "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1"]
    assert [] == [word for word in line if "token" in word or "password" in word]
    assert {"--no-browser", "--ServerApp.port=8890"} <= set(line)


def test_it_opens_on_a_chapter_that_exists() -> None:
    """The first thing a reader sees must not be a missing file."""
    assert (find_sources().root / FIRST).is_file()
    assert f"--LabApp.default_url=/lab/tree/{FIRST}" in command(Path(), browser=True, port=None)


def test_ours_come_before_the_readers_own_settings_and_nothing_of_theirs_is_lost() -> None:
    """Only the book's own mode is left out, for it would turn off the sliders."""
    told = environment(
        {"JUPYTER_PATH": "mine", "HOME": "h", "KAFKABOOK_MODE": "book"}, Path("ours")
    )
    assert {
        "JUPYTER_PATH": "ours:mine" if sys.platform != "win32" else "ours;mine",
        "JUPYTER_CONFIG_PATH": "ours",
        "HOME": "h",
    } == told


def test_the_kernel_is_this_very_interpreter(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    """Whatever kernel called python3 is installed elsewhere on the machine."""
    lay_kernel(tmp_path)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert str(tmp_path) == jupyter_path()[0]
    assert sys.executable == KernelSpecManager().get_kernel_spec("python3").argv[0]


def test_jupyterlab_asks_for_no_news(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    """A reader's first minute needs no network and no decision about one."""
    settings = lay_settings(tmp_path)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(settings))
    assert str(settings) == jupyter_config_path()[0]
    defaults = json.loads((settings / "labconfig/default_setting_overrides.json").read_text())
    notification = defaults["@jupyterlab/apputils-extension:notification"]
    assert ("false", False) == (notification["fetchNews"], notification["checkForUpdates"])


def test_a_checkout_keeps_the_work_out_of_git() -> None:
    """Its `work/` is ignored; where the package is installed there is no such folder."""
    home = Path("checkout")
    assert home / "work" == default_folder(Sources(home, is_checkout=True))
    assert Path("kafkabook-work") == default_folder(Sources(home, is_checkout=False))


def test_who_ends_the_command_ends_jupyterlab(tmp_path: Path) -> None:
    """A service manager sends SIGTERM to the command, and to nobody else."""
    told = tmp_path / "pid"
    stands_in = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    serves = "import sys; from kafkabook.book.lab import _serve; sys.exit(_serve(sys.argv[1:], {}))"
    server = subprocess.Popen([sys.executable, "-c", serves, sys.executable, "-c", stands_in])
    while not (told.exists() and told.read_text()):
        sleep(0.05)
    server.terminate()
    assert 256 - signal.SIGTERM == server.wait(20)
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)
