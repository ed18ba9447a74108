"""A run of a cluster as text: commands, and under each what it answered and what it caused.

`# ` begins a comment, `> ` one statement or expression of Python. All other lines are the answers
of the commands, and `played` makes them anew.
"""

from dataclasses import replace
from typing import Any

from kafkabook.base.errors import KafkaError, name_of
from kafkabook.base.trace import Entry
from kafkabook.cluster.config import ClusterConfig
from kafkabook.lab import Lab
from kafkabook.lab.rules import Rules
from kafkabook.sim.kernel import LimitReached
from tests.runs.words import DEFAULT, KINDS, folded, labels, line

COMMAND, COMMENT = "> ", "#"
REFUSALS = (KafkaError, LimitReached, LookupError, ValueError)  # what a run may be answered with


def played(text: str) -> str:
    """Play the commands of a run, and return it with the answers that they have now.

    >>> print(played("> 1 + 1"), end="")
    > 1 + 1
    2
    """
    run = Run()
    lines: list[str] = []
    for written in text.splitlines():
        if written.startswith(COMMAND):
            lines += [written, *run.answers(written.removeprefix(COMMAND))]
        elif not written or written.startswith(COMMENT):
            lines.append(written)
    return "".join(f"{each}\n" for each in lines)


class Run:
    """The names that the commands of one run share, and the choice of what is told.

    Messages that are not told are not counted either, so one heartbeat more changes no run.
    """

    def __init__(self) -> None:
        self.shown, self.hidden = set(DEFAULT), set[str]()
        self.names: dict[str, Any] = {
            "Lab": Lab,
            "Rules": Rules,
            "ClusterConfig": ClusterConfig,
            "KafkaError": KafkaError,
            "replace": replace,
            "show": self.show,
            "hide": self.hide,
            "logs": logs,
        }
        self._read: dict[Lab, int] = {}  # how many entries of each trace were looked at

    def show(self, *chosen: str) -> None:
        """Tell entries of these kinds, classes or names of messages too."""
        self.shown |= set(_known(chosen))
        self.hidden -= set(chosen)

    def hide(self, *chosen: str) -> None:
        """Tell entries of these kinds, classes or names of messages no more."""
        self.hidden |= set(_known(chosen))
        self.shown -= set(chosen)

    def answers(self, command: str) -> list[str]:
        """Do one command; return its value or its error, and what it caused, in lines."""
        try:
            value = self._do(command)
            told = [] if value is None else repr(value).splitlines()
        except REFUSALS as error:
            told = [folded(f"{name_of(error)}: {error}")]
        return [*told, *self._caused()]

    def _do(self, command: str) -> Any:
        """Return the value of an expression; None for a statement."""
        try:
            code = compile(command, "a run", "eval")
        except SyntaxError:
            exec(compile(command, "a run", "exec"), self.names)
            return None
        return eval(code, self.names)

    def _caused(self) -> list[str]:
        labs = dict.fromkeys(lab for lab in self.names.values() if isinstance(lab, Lab))
        return [told for lab in labs for told in self._told(lab)]

    def _told(self, lab: Lab) -> list[str]:
        """Tell what is new in the trace of a lab; how it started only if that is asked for."""
        is_new, began = lab not in self._read, self._read.get(lab, 0)
        self._read[lab] = len(lab.trace)
        if is_new and "start" not in self.shown:
            return []
        news = [lab.trace[number] for number in range(began, len(lab.trace))]
        told = [line(entry) for entry in news if self._is_told(entry)]
        others = sum(_counts(entry) and not self._is_told(entry) for entry in news)
        return [*told, f"  ({others} more)"] if others else told

    def _is_told(self, entry: Entry) -> bool:
        known = labels(entry)
        return bool(known & self.shown) and not known & self.hidden


def _counts(entry: Entry) -> bool:
    """Say whether an entry that is not told is counted: none of a message or a fetch session is."""
    return not type(entry.event).__name__.startswith(("Message", "FetchSession"))


def logs(lab: Lab, topic: str = "", partition: int = 0) -> "Logs":
    """Return what each replica of a partition holds, one line each."""
    lanes = lab.snapshot(topic, partition).lanes
    rows = []
    for lane in lanes:
        held = " ".join(f"{r.offset}:{r.value}@{r.epoch}" for r in lane.records) or "nothing"
        where = f"broker {lane.broker}  {lane.role:<8}  epoch {lane.leader_epoch:>2}"
        rows.append(f"  {where}  high watermark {lane.high_watermark}  {held}")
    return Logs("\n".join(rows))


class Logs(str):
    """Text that a run shows as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _known(chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a kind that does not exist; classes and messages begin with a capital letter.

    Raises:
        NameError: there is no such kind.
    """
    for name in chosen:
        if name[0].islower() and name not in KINDS:
            raise NameError(f"there is no kind {name!r}; there are {', '.join(sorted(KINDS))}")
    return chosen
