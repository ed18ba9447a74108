"""Watches a part while it runs: its steps, its time, and the deeds that a pure function never does.

Simplified: a seat belt, not a sandbox. Code that means harm gets out of any Python process; a class
runs its grading in a container.
"""

import _thread
import builtins
import faulthandler
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import CodeType, FrameType, ModuleType
from typing import Any, NoReturn

_GUARDED = (random, time, builtins)
_FORBIDDEN = {
    "os.fork": "starts another process",
    "os.forkpty": "starts another process",
    "os.posix_spawn": "starts another process",
    "os.spawn": "starts another process",
    "os.exec": "replaces its own process",
    "os.system": "starts another process",
    "subprocess.Popen": "starts another process",
    "os.kill": "sends a signal to a process",
    "os.killpg": "sends a signal to a process",
    "os.remove": "removes a file",
    "os.rename": "renames a file",
    "os.rmdir": "removes a folder",
    "socket.__new__": "opens a network connection",
    "sys.settrace": "changes how Python is watched",
    "sys.setprofile": "changes how Python is watched",
}
_THREAD_STARTERS = (
    (_thread, "start_new_thread"),
    (_thread, "start_new"),
    (threading, "_start_new_thread"),
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Guard:
    """Counts steps, sees which functions run, and refuses what a pure function never does.

    Args:
        steps_limit: lines of Python for one answer; 0: they are not counted, nor is it seen which
            functions run. cpu_seconds: of computing for one answer.
    """

    def __init__(
        self,
        stop: Callable[[str], NoReturn],
        steps_limit: int,
        cpu_seconds: int,
        *,
        keeps_grader: bool = True,
    ) -> None:
        self._cpu_seconds = cpu_seconds
        self._keeps_grader = keeps_grader
        self._stop, self._steps_limit = stop, steps_limit
        self.references: dict[CodeType, str] = {}
        self.used: set[str] = set()
        self._steps, self._open, self._ours = 0, False, False
        self._before: list[tuple[ModuleType, dict[str, Any]]] = []
        self._looks = 0

    def watch(self, references: dict[CodeType, str]) -> None:
        """Begin to refuse; `references` are the functions whose use is worth a flag."""
        self.references = references
        self._before = [(module, dict(vars(module))) for module in _watched()]
        if hasattr(signal, "SIGVTALRM"):
            signal.signal(signal.SIGVTALRM, lambda *_: self._stop(f"time {self._cpu_seconds}"))
        for module, name in _THREAD_STARTERS:
            setattr(module, name, self._no_thread)
        sys.addaudithook(self._audit)

    def run(self, act: Callable[[], Any]) -> Any:
        """Do `act` under the step limit."""
        self._time(self._cpu_seconds)
        self._steps, self._open = 0, True
        if self._steps_limit:
            self._trace(self._step)
        try:
            return act()
        finally:
            self._trace(None)
            self._open = False
            self._time(0)

    def changed(self) -> str:
        """Name something outside the part that is not as it was, or return an empty text."""
        self._looks += 1
        often = self._looks < 20 or self._looks % 50 == 0
        for module, before in self._before if often else self._before[: len(_GUARDED)]:
            now = vars(module)
            for name, value in before.items():
                if now.get(name) is not value:
                    return f"{module.__name__}.{name}"
        return ""

    def _time(self, seconds: float) -> None:
        """Set the alarm that ends loops which have no lines, such as `while True: pass`."""
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        elif seconds:  # Windows, where the parent cannot time its reading either
            faulthandler.dump_traceback_later(10, exit=True, file=2)

    def _trace(self, tracer: Any) -> None:
        self._ours = True
        sys.settrace(tracer)
        self._ours = False

    def _step(self, frame: FrameType, event: str, arg: object) -> Any:  # noqa: ARG002
        if event == "call" and frame.f_code in self.references:
            self.used.add(self.references[frame.f_code])
        self._steps += 1
        if self._steps > self._steps_limit:
            self._stop(f"steps {self._steps_limit}")
        return self._step

    def _no_thread(self, *_: object, **__: object) -> NoReturn:
        self._open = False
        self._stop("forbidden starts a thread (threading)")

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._open or self._ours:
            return
        deed = _FORBIDDEN.get(event, "")
        if event == "open" and (arguments[2] or 0) & _WRITING:
            deed = "writes a file"
        if event == "import" and str(arguments[0]).startswith("kafkabook.grading."):
            deed = "reaches into the grader" if self._keeps_grader else ""
        if deed:
            self._open = False
            self._stop(f"forbidden {deed} ({event})")


def _watched() -> list[ModuleType]:
    ours = [m for name, m in sorted(sys.modules.items()) if name.startswith("kafkabook")]
    return [*_GUARDED, *ours]
