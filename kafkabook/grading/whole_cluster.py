"""`your_cluster`: all parts that a reader has written, in one cluster under faults.

Each part answers from a process of its own, within its limits, as in a grade. Where a promise
breaks, the parts are tried one by one, so that each line says whose rule it was.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafkabook.base.door import at_the_door
from kafkabook.checkers.all import CLUSTER_CHECKERS
from kafkabook.grading.draws import fresh
from kafkabook.grading.exercise import Exercise
from kafkabook.grading.exercises import EXERCISES
from kafkabook.grading.laws.running_cluster import schedules
from kafkabook.grading.marks import MARKS_FILE, read_marks, taken_from_folder
from kafkabook.grading.process import PartImpure, PartProcess, PartRaised, PartStopped
from kafkabook.grading.rings import Heard
from kafkabook.grading.session import written
from kafkabook.grading.short_runs import short_runs
from kafkabook.grading.source import Submission
from kafkabook.lab.rules import Rules
from kafkabook.sim.faults import Fault
from kafkabook.storm.run import run

STORMS = 6
_SEED = 7
Parts = Mapping[str, Callable[..., Any]]  # by slot


@dataclass(frozen=True, slots=True)
class PartInCluster:
    """A part of the cluster: whose it is, and what it broke; empty if it held."""

    exercise: Exercise
    is_yours: bool
    broke: str = ""

    def __repr__(self) -> str:
        name = f"{self.exercise.number} {self.exercise.title}"
        if not self.is_yours:
            return f"{name}: reference"
        return f"{name}: yours, {f'broke {self.broke}' if self.broke else 'held'}"


@dataclass(frozen=True, slots=True, repr=False)
class YourCluster:
    """What became of a cluster that was made of a reader's parts.

    Attributes: `parts` (in the order of the book), `storms` (how many schedules were run), `broke`
    (what all parts together broke; empty if everything held), `schedule` (under which).
    """

    parts: tuple[PartInCluster, ...]
    storms: int
    broke: str = ""
    schedule: tuple[Fault, ...] = ()

    def __repr__(self) -> str:
        yours = sum(part.is_yours for part in self.parts)
        lines = [f"Your cluster: {yours} of {len(self.parts)} parts are yours."]
        lines += [f"  {part!r}" for part in self.parts]
        if not yours:
            return "\n".join((*lines, "Write a part and grade it; then it runs here."))
        if not self.broke:
            kept = "nothing is lost, and all comes back"
            return "\n".join((*lines, f"{self.storms} schedules with faults: {kept}."))
        told = [f"  {line}" for line in map(str, self.schedule)]
        return "\n".join((*lines, f"Together they broke {self.broke} under:", *told))


@at_the_door
def your_cluster(folder: str | Path | None = None) -> YourCluster:
    """Let all parts that you have written run together in a cluster under faults.

    Args:
        folder: a working copy that was graded; its saved marks say which parts are written. Parts
            that you graded in this session count too, and come first.

    Cost: some seconds.
    """
    return cluster_of(_submissions(folder))


def _submissions(folder: str | Path | None) -> dict[str, Submission]:
    """Return the sources of what is written, by slot."""
    found = {} if folder is None else _saved(Path(folder))
    return found | {slot: it.taken for slot, it in written().items()}


def _saved(root: Path) -> dict[str, Submission]:
    points, _ = read_marks(root / MARKS_FILE)
    graded = [it for it in EXERCISES if points.get(it.number, 0) > 0]
    taken = {it.slot: taken_from_folder(root, it) for it in graded}
    return {slot: it for slot, it in taken.items() if it is not None}


def cluster_of(submissions: Mapping[str, Submission]) -> YourCluster:
    """Run the parts of these sources, by slot, in one cluster."""
    schedules_run = _schedules()
    with ExitStack() as stack:
        parts, unloaded = dict[str, Callable[..., Any]](), dict[str, str]()
        for exercise in EXERCISES:
            if exercise.slot in submissions:
                process = stack.enter_context(PartProcess(submissions[exercise.slot]))
                if why := _loaded(process):
                    unloaded[exercise.slot] = why
                else:
                    parts[exercise.slot] = _Tended(exercise, process)
        broke, schedule = _first_broken(parts, schedules_run)
        guilty = _guilty(parts, schedule, broke) if broke else {}
    lines = tuple(
        PartInCluster(it, it.slot in submissions, (unloaded | guilty).get(it.slot, ""))
        for it in EXERCISES
    )
    return YourCluster(lines, len(schedules_run), broke, schedule)


def _schedules() -> list[tuple[Fault, ...]]:
    drawn = fresh(schedules(), STORMS, _SEED)
    return [*short_runs()[:: len(short_runs()) // STORMS], *(value for _, value in drawn)]


def _loaded(process: PartProcess) -> str:
    try:
        process.load()
    except (PartRaised, PartImpure, PartStopped) as error:
        return f"its own cell, which {error}"
    return ""


class _Tended:
    """A part in its process: it is fitted to its slot, and what stops it is remembered."""

    def __init__(self, exercise: Exercise, process: PartProcess) -> None:
        self._process, self.problem = process, ""
        self._part = exercise.slotted(Heard(process, exercise.normal))

    def renew(self) -> None:
        """Give it its ten seconds again."""
        self._process.renew()

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Ask it."""
        try:
            return self._part(*arguments, **named)
        except (PartRaised, PartImpure) as error:
            self.problem = self.problem or f"an answer: it {error}"
            raise
        except PartStopped as stopped:  # a cluster takes it for an error, and ends
            self.problem = self.problem or f"an answer: it {stopped}"
            raise PartRaised("PartStopped", str(stopped)) from stopped


def _first_broken(
    parts: Mapping[str, Any], schedules_run: list[tuple[Fault, ...]]
) -> tuple[str, tuple[Fault, ...]]:
    """Return what the parts break together first, and under which schedule."""
    for schedule in schedules_run:
        if broke := _broken(parts, schedule):
            return broke, schedule
    return "", ()


def _broken(parts: Parts, schedule: tuple[Fault, ...]) -> str:
    for part in parts.values():
        if isinstance(part, _Tended):
            part.renew()

    def change(rules: Rules) -> Rules:
        return rules.having(**parts)

    return ", ".join(map(_promised, run(schedule, seed=_SEED, change=change).broken))


def _promised(name: str) -> str:
    """Name a promise in words, if it is one of the checkers'."""
    promise = next((kind.promise for kind in CLUSTER_CHECKERS if kind.name == name), "")
    return f"{name} ({promise})" if promise else name


def _guilty(parts: Mapping[str, Any], schedule: tuple[Fault, ...], broke: str) -> dict[str, str]:
    """Say of each part what it breaks alone; if none does alone, all of them are named."""
    problems = {slot: part.problem for slot, part in parts.items() if part.problem}
    if problems:
        return problems
    alone = {slot: _broken({slot: part}, schedule) for slot, part in parts.items()}
    guilty = {slot: told for slot, told in alone.items() if told}
    return guilty or dict.fromkeys(parts, f"{broke}, together with the others")
