"""The process that holds a learner's part: it loads the source, answers calls, and judges nothing.

Run by path in an isolated interpreter (`process.py` starts it). It takes its job from the pipe that
was its standard input, then gives all three standard streams away, so that what a part prints goes
nowhere. A part that runs on too long, prints without end, starts a process or writes a file is
stopped from below: the reason is sent and the process ends, which no `except` can catch.

Simplified: a seat belt, not a sandbox. Code that means harm gets out of any Python process; a class
runs grading in a container (`docs/grading.md`).
"""

import inspect
import json
import os
import struct
import sys
from collections.abc import Callable
from types import CodeType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from kafkabook.grading.guard import Guard

Job = dict[str, Any]


class Channel:
    """Length-prefixed frames on two private descriptors, each answer behind a nonce."""

    def __init__(self) -> None:
        self.nonce = b""
        self._in, self._out = os.dup(0), os.dup(1)
        self._os_read, self._os_write, self._exit = os.read, os.write, os._exit
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)

    def receive(self) -> bytes:
        """Return the next frame; end the process when the other side is gone."""
        return self._exactly(struct.unpack(">I", self._exactly(4))[0])

    def send(self, payload: bytes) -> None:
        """Write one frame."""
        frame = self.nonce + payload
        frame = struct.pack(">I", len(frame)) + frame
        while frame:
            frame = frame[self._os_write(self._out, frame) :]

    def stop(self, reason: str) -> NoReturn:
        """Say why this process ends, and end it under whatever the part is doing."""
        self.send(json.dumps({"stopped": reason}).encode())
        self._exit(1)
        raise SystemExit

    def _exactly(self, size_bytes: int) -> bytes:
        data = b""
        while len(data) < size_bytes:
            chunk = self._os_read(self._in, size_bytes - len(data))
            if not chunk:
                self._exit(0)
            data += chunk
        return data


class Printed:
    """Stands in for standard output: drops what is printed, and counts it."""

    encoding = "utf-8"

    def __init__(self, channel: Channel, limit_bytes: int) -> None:
        self._channel, self._left_bytes = channel, limit_bytes

    def write(self, text: str) -> int:
        """Drop `text`; end the process when the limit is passed."""
        self._left_bytes -= len(text)
        if self._left_bytes < 0:
            self._channel.stop("printed")
        return len(text)

    def flush(self) -> None:
        """Do nothing: nothing is kept."""

    def isatty(self) -> bool:
        """Answer no."""
        return False


def main() -> None:
    """Take the job, load the part, answer calls until the pipe closes."""
    channel = Channel()
    job = json.loads(channel.receive())
    channel.nonce = job["nonce"].encode()
    try:
        _serve(channel, job)
    except BaseException as error:  # noqa: BLE001  a part that breaks what is around it
        channel.stop(f"broken {type(error).__name__}: {_text(error)}")


def _serve(channel: Channel, job: Job) -> NoReturn:
    sys.path[:] = job["path"]
    _limit_memory(job["memory_bytes"])
    from kafkabook.grading import wire
    from kafkabook.grading.guard import Guard

    variants = [_found(name) for name in job["variants"]]
    guard = Guard(channel.stop, job["steps_limit"], job["cpu_seconds"], keeps_grader=not variants)
    sys.stdout = sys.stderr = Printed(channel, job["output_bytes"])
    part = _load(channel, guard, job)
    while True:
        _answer(channel, guard, wire, part, variants)


def _limit_memory(memory_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    for kind, limit in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, 120),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def _load(channel: Channel, guard: "Guard", job: Job) -> Any:
    namespace: dict[str, Any] = {"__name__": "__notebook__"}
    guard.watch(_codes(job["references"]))
    told = _tried(guard, lambda: _define(job, namespace))
    part = namespace.get(job["name"])
    if "raised" not in told:
        told = {"loaded": _parameters(part)}
    channel.send(json.dumps(told).encode())
    return part


def _define(job: Job, namespace: dict[str, Any]) -> None:
    for filename, source in (("the import cell", job["imports"]), ("your cell", job["source"])):
        exec(compile(source, f"<{filename}>", "exec", dont_inherit=True), namespace)


def _parameters(part: Any) -> list[Any]:
    if not inspect.isfunction(part):
        return []
    empty = inspect.Parameter.empty
    return [
        [p.name, p.default is not empty, p.kind.name]
        for p in inspect.signature(part).parameters.values()
    ]


def _codes(references: list[str]) -> dict[CodeType, str]:
    return {_found(name).__code__: name.replace(":", ".") for name in references}


def _found(reference: str) -> Any:
    module_name, _, path = reference.partition(":")
    thing: Any = __import__(module_name, fromlist=["x"])
    for name in path.split("."):
        thing = getattr(thing, name)
    getter: Any = thing.fget if isinstance(thing, property) else thing
    return inspect.unwrap(getter)


def _answer(
    channel: Channel, guard: "Guard", wire: Any, part: Callable[..., Any], variants: list[Any]
) -> None:
    asked = channel.receive()
    arguments, named = wire.read(asked)
    handed = [variants[number] for number in arguments] if variants else arguments
    told = _tried(guard, lambda: part(*handed, **named))
    if "answer" in told:
        told = _tried(guard, lambda: wire.written(told["answer"]).decode(), watched=False)
    if wire.written([arguments, named]) != asked:
        told = {"impure": "changes the arguments that it is given"}
    if guard.changed():
        told = {"impure": f"replaces `{guard.changed()}`, which belongs to everybody"}
    told["used"] = sorted(guard.used)
    channel.send(json.dumps(told).encode())


def _tried(guard: "Guard", act: Callable[[], Any], *, watched: bool = True) -> dict[str, Any]:
    try:
        return {"answer": guard.run(act) if watched else act()}
    except BaseException as error:  # noqa: BLE001  whatever a part raises is its answer
        return {"raised": type(error).__name__[:80], "text": _text(error), "line": _line(error)}


def _text(error: BaseException) -> str:
    try:
        return str(error)[:300]
    except BaseException:  # noqa: BLE001  a hostile __str__
        return ""


def _line(error: BaseException) -> int:
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<your cell>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


if __name__ == "__main__":
    main()
