"""One Kafka process that starts, stops and dies by its own id; and Kafka's tools."""

import atexit
import contextlib
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

from . import class_data
from .distribution import HERE, jars

CLUSTER_ID = "a2Fma2Fib29rLXJlYWwtMQ"
JAVA_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData")
"""They halve the start: code of few seconds, few cores, and nobody who looks in from outside."""

WAIT_LIMIT_S = 60.0
START_LIMIT_S = 120.0
STOP_LIMIT_S = 60.0
TOOL_LIMIT_S = 120.0
READY = "Kafka Server started"
ENDED_CLEANLY = 128 + signal.SIGTERM  # as Java says it

T = TypeVar("T")


class Failed(AssertionError):
    """A node or a tool did not do what was asked; the message ends with what it printed."""


def free_ports(count: int) -> list[int]:
    """`count` different free ports, all held at the same time while they are chosen.

    Chosen one by one, a controller could be given the port of another cluster's broker.
    """
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in held]


def wait_for(what: str, probe: Callable[[], T | None], *, limit_s: float = WAIT_LIMIT_S) -> T:
    """Ask `probe` again and again until it gives something true; then return that."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        found = probe()
        if found:
            return found
        time.sleep(0.05)
    raise Failed(f"waited {limit_s} s in vain for {what}")


@cache
def class_path() -> str:
    """Kafka's jars, asked for once: neither Java nor the jars go away while tests run."""
    return f"{jars()}/*"


@cache
def classes() -> Path:
    """Where classes that were read once are kept, perhaps; see `class_data`."""
    return class_data.place_of(JAVA_OPTIONS)


def java(*arguments: str, heap: str = "512m", classes_to: Path | None = None) -> list[str]:
    """The command line of one Java process with Kafka's jars.

    Args:
        classes_to: where its classes go at its end, if none are kept yet.
    """
    logging = f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}"
    options = [*JAVA_OPTIONS, *class_data.options(classes(), classes_to)]
    return ["java", f"-Xmx{heap}", *options, "-cp", class_path(), logging, *arguments]


def run_tool(main_class: str, *arguments: str, limit_s: float = TOOL_LIMIT_S) -> str:
    """Run one of Kafka's tools to its end and return what it printed on standard output.

    Raises Failed when it exits with another code than 0 (DumpLogSegments seldom does).
    """
    answer = call_tool(main_class, *arguments, limit_s=limit_s)
    if answer.returncode != 0:
        raise Failed(f"{main_class} {arguments}: {answer.stdout[-2000:]}{answer.stderr[-2000:]}")
    return answer.stdout


def call_tool(
    main_class: str, *arguments: str, limit_s: float = TOOL_LIMIT_S
) -> subprocess.CompletedProcess[str]:
    """Run one of Kafka's tools to its end, whatever comes of it."""
    command = java(main_class, *arguments, heap="256m")
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=limit_s)


def run_java(program: str, *arguments: str) -> str:
    """Compile and run a program of `tests/real/java`; return what it printed. Raises Failed."""
    return run_tool(str(HERE / "java" / f"{program}.java"), *arguments)


class Node:
    """One Kafka process with its folder: settings, log, data. It may start and end many times.

    Args:
        folder: where `server.properties`, `node.log` and `data/` are kept; made if absent.
        properties: the content of `server.properties` besides `log.dirs`.
        gives_classes: whether its first clean stop leaves its classes for all later starts.
    """

    def __init__(
        self, folder: Path, properties: Mapping[str, str], *, gives_classes: bool = False
    ) -> None:
        self.folder = folder
        self.node_id = int(properties["node.id"])
        self.data_directory = folder / "data"
        self._classes = folder / "classes.jsa" if gives_classes else None
        self._process: subprocess.Popen[bytes] | None = None
        self._starts_at = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._settings = {**properties, "log.dirs": str(self.data_directory)}
        self.configure({})
        self._log.touch()

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def configure(self, settings: Mapping[str, str]) -> None:
        """Change lines of `server.properties`; they count from the next start on."""
        self._settings |= settings
        lines = (f"{name}={value}\n" for name, value in self._settings.items())
        Path(self._properties).write_text("".join(lines))

    def format(self) -> None:
        """Lay down `meta.properties`, as `kafka-storage.sh format` does."""
        run_tool("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", self._properties)

    def start(self) -> None:
        """Start the process and return at once; see `ready`."""
        assert not self.running, f"node {self.node_id} runs already"
        self._starts_at = self._log.stat().st_size
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                java("kafka.Kafka", self._properties, classes_to=self._classes),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        atexit.register(self.kill)

    def ready(self) -> None:
        """Wait until the node says that it has started; Failed if it dies before."""
        self.saw(READY, limit_s=START_LIMIT_S)

    def saw(self, words: str, *, limit_s: float = WAIT_LIMIT_S) -> str:
        """Wait for a line with `words` in this start's log, and return the line."""

        def probe() -> str | None:
            alive = self.running
            found = next((line for line in self.log_lines() if words in line), None)
            if found is None and not alive:
                raise Failed(f"node {self.node_id} ended without {words!r}:\n{self.excerpt()}")
            return found

        try:
            return wait_for(words, probe, limit_s=limit_s)
        except Failed as failure:
            raise Failed(f"{failure}\n{self.excerpt()}") from None

    def stop(self) -> None:
        """End the process by SIGTERM, cleanly (`.kafka_cleanshutdown`), and wait for its end."""
        self._end(signal.SIGTERM)
        if self._process and self._process.returncode == ENDED_CLEANLY:
            self._keep_classes()

    def kill(self) -> None:
        """End the process by SIGKILL: nothing is flushed, trimmed or written any more."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze the process by SIGSTOP: its sockets stay open and nobody answers them."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen process go on, unaware of the time that passed."""
        self._signal(signal.SIGCONT)

    def partition_directory(self, name: str) -> Path:
        """The directory of a partition, such as `orders-0`."""
        return self.data_directory / name

    def log_lines(self) -> list[str]:
        """What the process has logged since its last start."""
        with self._log.open("rb") as log:
            log.seek(self._starts_at)
            return log.read().decode(errors="replace").splitlines()

    def excerpt(self, lines: int = 25) -> str:
        """The end of the log, for the message of a failure."""
        return "\n".join(f"    node {self.node_id}| {line}" for line in self.log_lines()[-lines:])

    @property
    def _log(self) -> Path:
        return self.folder / "node.log"

    @property
    def _properties(self) -> str:
        return str(self.folder / "server.properties")

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, f"node {self.node_id} was never started"
        self._process.send_signal(number)

    def _keep_classes(self) -> None:
        if self._classes and self._classes.exists():
            class_data.keep(self._classes, classes())

    def _end(self, number: signal.Signals) -> None:
        if self._process is None or not self.running:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise Failed(f"node {self.node_id} ignored {number.name}:\n{self.excerpt()}") from None


def copy_of(directory: Path, target: Path) -> Path:
    """Copy a directory as it is, also while a broker runs.

    Such a broker may remove a file meanwhile (`.deleted`, `.cleaned`): then it is left out.
    """
    target.mkdir(parents=True)
    for entry in sorted(directory.iterdir()):
        with contextlib.suppress(FileNotFoundError):
            if entry.is_dir():
                copy_of(entry, target / entry.name)
            else:
                shutil.copyfile(entry, target / entry.name)
    return target
