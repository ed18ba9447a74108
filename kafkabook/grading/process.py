"""The parent's side of a part that runs in a process of its own: start, call, time, end."""

import contextlib
import json
import os
import secrets
import select
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any

from kafkabook.base.units import GIB, MIB
from kafkabook.grading import wire
from kafkabook.grading.source import Submission

STEPS_LIMIT = 1_000_000  # lines of Python in one call
UNCOUNTED = 0  # no limit of lines: to count them takes ten times the time
CPU_SECONDS = 2  # of computing, for one answer
OUTPUT_BYTES = 1 * MIB
MEMORY_BYTES = 1 * GIB
ANSWER_BYTES = 4 * MIB
RING_SECONDS = 10.0

Parameters = tuple[tuple[str, bool, str], ...]  # name, has a default, kind


class PartRaised(Exception):
    """The part raised instead of answering."""

    def __init__(self, kind: str, text: str, line: int = 0) -> None:
        where = f" at line {line} of the cell" if line else ""
        super().__init__(f"raised {kind}{f': {text}' if text else ''}{where}")
        self.kind = kind


class PartImpure(Exception):
    """The part answered, and changed something on the way that is not its own."""


class PartStopped(BaseException):
    """The part's process is gone; nothing more can be asked of it.

    Not an `Exception`, so that no search for a smaller input goes on without the process.
    """


class PartProcess:
    """A learner's function behind a pipe; calling this object calls the function.

    Args:
        taken: what to load.
        references: functions whose use by the part is remembered in `used`, as `module:name`.
        variants: functions of ours, as `module:name`, that calls hand over by their number.
        runs_a_lab: its steps are not counted, and it may compute for all of its ten seconds.

    Attributes: `parameters` (what the function says it takes), `used` (references that ran).

    Errors: a call raises PartRaised, PartImpure or PartStopped. It never hangs: all waiting since
    `renew` adds up to at most ten seconds.
    Cost: about 60 ms to start, 0.1 ms a call.
    """

    def __init__(
        self,
        taken: Submission,
        references: Sequence[str] = (),
        variants: Sequence[str] = (),
        *,
        runs_a_lab: bool = False,
    ) -> None:
        self.used: set[str] = set()
        self.parameters: Parameters = ()
        self._taken, self._references, self._variants = taken, references, variants
        self._runs_a_lab = runs_a_lab
        self._nonce = secrets.token_hex(16).encode()
        self._left_seconds = RING_SECONDS

    def __enter__(self) -> "PartProcess":
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._process = _started(self._folder.name)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        _end(self._process)
        self._folder.cleanup()

    def load(self) -> Parameters:
        """Run the cell in the process and return the parameters of the function."""
        self._send(json.dumps(self._job()).encode())
        self.parameters = tuple(tuple(one) for one in self._answer()["loaded"])
        return self.parameters

    def renew(self) -> None:
        """Give the part a fresh ten seconds."""
        self._left_seconds = RING_SECONDS

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call the function there, and return what it answered."""
        self._send(wire.written([arguments, named]))
        told = self._answer()
        self.used.update(map(str, told.get("used", ())))
        if "impure" in told:
            raise PartImpure(str(told["impure"]))
        try:
            return wire.read(str(told["answer"]).encode())
        except ValueError as error:
            raise PartStopped("gave an answer that cannot be read") from error

    def _job(self) -> dict[str, Any]:
        return {
            "nonce": self._nonce.decode(),
            "path": _search_path(),
            "imports": self._taken.imports,
            "source": self._taken.source,
            "name": self._taken.name,
            "references": list(self._references),
            "variants": list(self._variants),
            "steps_limit": UNCOUNTED if self._runs_a_lab else STEPS_LIMIT,
            "cpu_seconds": int(RING_SECONDS) if self._runs_a_lab else CPU_SECONDS,
            "output_bytes": OUTPUT_BYTES,
            "memory_bytes": MEMORY_BYTES,
        }

    def _send(self, payload: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # a process that is gone is found out when it is read
            self._process.stdin.write(struct.pack(">I", len(payload)) + payload)

    def _answer(self) -> dict[str, Any]:
        size_bytes = struct.unpack(">I", self._exactly(4))[0]
        if size_bytes > ANSWER_BYTES:
            raise PartStopped("gave an answer of more than 4 MiB")
        frame = self._exactly(size_bytes)
        told = _frame(frame, self._nonce)
        if "stopped" in told:
            raise PartStopped(_stopped(str(told["stopped"])))
        if "raised" in told:
            raise PartRaised(str(told["raised"]), str(told["text"]), int(told["line"]))
        return told

    def _exactly(self, size_bytes: int) -> bytes:
        data = b""
        while len(data) < size_bytes:
            data += self._some(size_bytes - len(data))
        return data

    def _some(self, size_bytes: int) -> bytes:
        """Return bytes that arrive in time; what is waited for comes off the ten seconds."""
        assert self._process.stdout is not None
        began, pipe = monotonic(), self._process.stdout.fileno()
        ready = _wait(pipe, self._left_seconds)
        self._left_seconds -= monotonic() - began
        if not ready:
            _end(self._process)
            raise PartStopped("ran for more than 10 seconds")
        data = os.read(pipe, size_bytes)
        if not data:
            raise PartStopped(_ended(_exit_code(self._process)))
        return data


def _started(folder: str) -> subprocess.Popen[bytes]:
    """Start the runner alone: no environment, no standard streams, a session of its own."""
    runner = Path(__file__).with_name("runner.py")
    return subprocess.Popen(
        [sys.executable, "-I", "-B", "-X", "utf8", str(runner)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        cwd=folder,
        env=_environment(folder),
        start_new_session=True,
    )


def _environment(folder: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return kept | {"HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}


def _search_path() -> list[str]:
    """Return where this process finds packages; the folder of the notebook is not among them."""
    home = str(Path(__file__).parents[2])
    return [home, *(place for place in sys.path if place and Path(place).is_absolute())]


def _wait(pipe: int, seconds: float) -> bool:
    if os.name == "nt":  # Windows cannot wait for a pipe: there the runner ends itself in time
        return True
    return bool(select.select([pipe], [], [], max(0.0, seconds))[0])


def _exit_code(process: subprocess.Popen[bytes]) -> int:
    """Return how a process ended that has closed its pipe; -9 if it goes on without it."""
    try:
        return process.wait(1.0)
    except subprocess.TimeoutExpired:
        return -9


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process with all that it started."""
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _frame(frame: bytes, nonce: bytes) -> dict[str, Any]:
    try:
        told = json.loads(frame.removeprefix(nonce)) if frame.startswith(nonce) else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise PartStopped("wrote into the pipe that carries the answers")
    return told


def _ended(code: int) -> str:
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return f"brought its process down ({name}): endless recursion, or too much memory?"
    return f"ended its own process (exit code {code}) instead of returning an answer"


def _stopped(reason: str) -> str:
    word, _, rest = reason.partition(" ")
    if word == "steps":
        return f"took more than {int(rest):,} steps for one answer: a loop that does not end?"
    if word == "time":
        return f"computed for more than {rest} seconds for one answer: a loop that does not end?"
    if word == "printed":
        return "printed more than 1 MiB"
    if word == "broken":
        return f"broke the process that holds it ({rest})"
    return f"{rest}; a part only computes its answer"
