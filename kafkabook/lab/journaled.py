"""Time in a lab: commands are written down, so that time can run again, and run differently.

Source: the idea of a log, notes, Part 1 ch 01 §02.
"""

from collections.abc import Callable, Sequence
from typing import Any, Self

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.shown import Shown
from kafkabook.base.trace import Trace
from kafkabook.checkers.cluster_all import CLUSTER_CHECKERS
from kafkabook.checkers.cluster_watch import ClusterWatch
from kafkabook.clients.admin import Asked
from kafkabook.clients.raw_client import Sent
from kafkabook.cluster.config import ClusterConfig
from kafkabook.lab.commands import carry_out
from kafkabook.lab.journal import RUN, RUN_FOR, Command
from kafkabook.lab.rules import LabVersion, Rules, config_of, rules_of
from kafkabook.lab.world import World

PATIENCE_MS = 120_000
FOREVER_MS = 10**12


class Journaled(Shown):
    """A world, the journal of what it was told, and the ways to run it; see `Lab`."""

    def __init__(
        self,
        brokers: int = 3,
        *,
        racks: Sequence[str | None] | None = None,
        version: LabVersion = "4.x",
        seed: int = 7,
        rules: Rules | None = None,
        config: ClusterConfig | None = None,
        tell_messages: bool = True,
        is_watched: bool = True,
    ) -> None:
        self.rules = rules_of(version) if rules is None else rules
        self.config = config_of(version) if config is None else config
        self._made: dict[str, Any] = {
            "brokers": brokers,
            "racks": tuple(racks) if racks is not None else (None,) * brokers,
            "config": self.config,
            "rules": self.rules,
            "seed": seed,
            "tell_messages": tell_messages,
        }
        self._is_watched = is_watched
        self._refused: list[str] = []  # commands that made no sense in this fork
        self._repeated: list[tuple[Command, Asked]] = []  # what it asked for again
        self._begin(stop_at=None)

    @property
    def now_ms(self) -> int:
        """Virtual time, in milliseconds."""
        return self.world.now_ms

    @property
    def refused(self) -> list[str]:
        """The commands that made no sense in this fork, or that the cluster refused in it."""
        failed = [
            f"{command}: {_error(asked)}" for command, asked in self._repeated if _error(asked)
        ]
        return self._refused + failed

    def step(self, events: int = 1) -> None:
        """Run some events: messages that arrive, timers that go off."""
        kernel = self.world.simulation.kernel
        last = kernel.steps + events
        self.run_until(lambda: kernel.steps >= last, within_ms=FOREVER_MS)

    def run_for(self, span_ms: int) -> None:
        """Let virtual time pass."""
        self._pass(self.now_ms + span_ms)
        self._note(RUN_FOR, (self.now_ms,))

    def run_until(
        self, when: Callable[[], bool], *, within_ms: int = PATIENCE_MS, waiting_for: str = ""
    ) -> None:
        """Run until `when()` holds.

        Raises:
            LimitReached: it does not within `within_ms`; says what was still to come.
        """
        kernel = self.world.simulation.kernel
        began = kernel.steps
        try:
            self._run(when, within_ms=within_ms, waiting_for=waiting_for)
        finally:
            self._note(RUN, (kernel.steps - began,))

    def at(self, entry: int) -> Self:
        """Return this lab as it was when its trace had `entry` entries: everything is done again.

        It stops behind the event that told that entry.

        Raises:
            INVALID_REQUEST: the trace is not that long.
        """
        return self._until(entry)[0]

    def fork(self, entry: int, change: Callable[[Self], object]) -> Self:
        """Return the other future: as it was at `entry`, then `change`, then the same commands.

        Where this lab ran until something held, the other one runs for the same virtual time.
        Commands that make no sense any more are left out, and listed in `refused`.

        Raises:
            INVALID_REQUEST: the trace is not that long.
        """
        other, done = self._until(entry)
        change(other)
        for command in self.journal[done:]:
            other._repeat(command)
        return other

    def _until(self, entry: int) -> tuple[Self, int]:
        """Do again what was done up to an entry; say how many commands that were, in whole."""
        if not 0 <= entry <= len(self.trace):
            raise KafkaError(
                Errors.INVALID_REQUEST,
                f"the trace has {len(self.trace)} entries; you asked for {entry}",
            )
        earlier, done = self._again(stop_at=entry), 0
        for command in self.journal:
            if len(earlier.trace) >= entry:
                break
            earlier._redo(command)
            done += earlier.now_ms >= command.at_ms and len(earlier.trace) >= command.entries
        earlier._stop_at = None
        return earlier, done

    def _begin(self, *, stop_at: int | None) -> None:
        self.trace, self.journal = Trace("lab"), list[Command]()
        self.watch = self._watching()
        self._stop_at, self._sent = stop_at, list[Sent]()
        self.world = World(trace=self.trace, **self._made)
        self._run(self._is_up, within_ms=PATIENCE_MS, waiting_for="the brokers to be unfenced")

    def _watching(self) -> ClusterWatch:
        """Watch the trace; a promise that began after the rules' version is left out."""
        version = self.rules.replication.version
        kinds = [kind for kind in CLUSTER_CHECKERS if kind.since <= version]
        watch = ClusterWatch(kinds if self._is_watched else ())
        self.trace.observe(watch.observe, *watch.kinds)
        return watch

    def _again(self, *, stop_at: int | None) -> Self:
        lab = type(self).__new__(type(self))
        lab.rules, lab.config, lab._made = self.rules, self.config, self._made
        lab._is_watched, lab._refused, lab._repeated = self._is_watched, [], []
        lab._begin(stop_at=stop_at)
        return lab

    def _is_up(self) -> bool:
        return len(self.world.controller.image.alive()) == len(self.world.hosts)

    def _do(self, verb: str, *arguments: Any, **options: Any) -> Any:
        """Carry out a command and write it down; one that is refused is not written."""
        self.world.simulation.network.cause = verb
        answer = carry_out(self.world, verb, arguments, options)
        if isinstance(answer, Sent):
            self._sent += answer.batch
        self._note(verb, arguments, tuple(options.items()))
        return answer

    def _note(
        self, verb: str, arguments: tuple[Any, ...], options: tuple[tuple[str, Any], ...] = ()
    ) -> None:
        command = Command(verb, arguments, options, len(self.trace), self.now_ms)
        self.journal.append(command)

    def _redo(self, command: Command) -> Any:
        """Do a command of the journal exactly as it was done; return what it began."""
        kernel = self.world.simulation.kernel
        if command.verb == RUN:
            last = kernel.steps + command.arguments[0]
            self.run_until(lambda: kernel.steps >= last, within_ms=FOREVER_MS)
        elif command.verb == RUN_FOR:
            self.run_for(command.arguments[0] - self.now_ms)
        else:
            return self._do(command.verb, *command.arguments, **dict(command.options))
        return None

    def _repeat(self, command: Command) -> None:
        """Do a command in another future, if it makes sense there."""
        if command.verb in (RUN, RUN_FOR):
            self.run_for(max(0, command.at_ms - self.now_ms))
            return
        try:
            began = self._redo(command)
        except (KafkaError, LookupError, ValueError) as error:
            self._refused.append(f"{command}: {error}")
        else:
            if isinstance(began, Asked):
                self._repeated.append((command, began))

    def _run(self, when: Callable[[], bool], *, within_ms: int, waiting_for: str) -> None:
        self.world.simulation.run_until(
            lambda: self._looked(when), within_ms=within_ms, waiting_for=waiting_for
        )

    def _looked(self, when: Callable[[], bool]) -> bool:
        """After each event: bury who has stopped, and stop where somebody wants to look."""
        self.world.bury_the_stopped()
        if self._stop_at is not None and len(self.trace) >= self._stop_at:
            return True
        return when()

    def _pass(self, until_ms: int) -> None:
        rung: list[bool] = []
        self.world.simulation.kernel.at(until_ms, rung.append, True)
        self._run(lambda: bool(rung), within_ms=FOREVER_MS, waiting_for="time to pass")

    def _settle(self) -> None:
        """Run until every leader knows that it leads; a command that makes topics ends so."""
        self.run_until(self.world.leaders_know, waiting_for="the leaders to learn of it")

    def _topic(self, topic: str) -> str:
        """Return the topic that is meant; without a name, the only one there is.

        Raises:
            UNKNOWN_TOPIC_OR_PARTITION: there is none of that name.
            INVALID_REQUEST: there are several.
        """
        topics = self.world.controller.image.topics
        if topic and topic not in topics:
            known = ", ".join(topics) or "none yet"
            raise KafkaError(
                Errors.UNKNOWN_TOPIC_OR_PARTITION,
                f"there is no topic {topic!r}; there are: {known}",
            )
        if not topic and len(topics) != 1:
            raise KafkaError(
                Errors.INVALID_REQUEST,
                f"say which topic; there are: {', '.join(topics) or 'none yet'}",
            )
        return topic or next(iter(topics))


def _error(asked: Asked) -> str:
    """Say why a request failed; "" where it did not, or is not answered yet."""
    if not asked.is_done:
        return ""
    try:
        asked.result()
    except KafkaError as error:
        return str(error)
    return ""
