"""A failing schedule made small: lines are left out as long as the same property breaks.

Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002 (ddmin).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kafkabook.sim.faults import Fault
from kafkabook.storm.run import Change, Run, run, unchanged
from kafkabook.storm.setup import SET

Schedule = tuple[Fault, ...]
Fails = Callable[[Schedule], bool]
ROUNDS_MS = (1000, 500, 200, 100, 50, 20, 10)


@dataclass(slots=True)
class Shrinker:
    """Tries smaller schedules under one seed until none of them fails.

    Attributes: `wanted` (what the failing run broke; one of these must break again), `change` (a
    seeded bug), `runs_left` (a bound on work: each try is one run), `heals` (whether a try goes on
    to the end: only what breaks in the calm after the storm needs it).
    """

    seed: int
    wanted: frozenset[str]
    change: Change = unchanged
    runs_left: int = 300
    heals: bool = False

    def shrink(self, schedule: Schedule) -> Schedule:
        """Return a schedule that still fails and from which no single line can be taken."""
        self.heals = not self.fails(schedule)
        return smallest(schedule, self.fails)

    def fails(self, schedule: Sequence[Fault]) -> bool:
        """Say whether a schedule still breaks what is wanted."""
        if self.runs_left <= 0:
            return False
        self.runs_left -= 1
        found = run(
            schedule, seed=self.seed, change=self.change, heals=self.heals, until=self.wanted
        )
        return bool(self.wanted & set(found.broken))


def smallest(schedule: Schedule, fails: Fails) -> Schedule:
    """Return a schedule that fails still, without a line and without time that it does not need."""
    small = _without_lines(schedule, fails)
    small = _sooner(small, fails)
    return _without_lines(small, fails)


def _without_lines(schedule: Schedule, fails: Fails) -> Schedule:
    """Leave out half, a quarter, an eighth … of the lines, wherever that is possible."""
    size = max(1, len(schedule) // 2)
    while True:
        schedule, was = _without_chunks(schedule, size, fails), len(schedule)
        if size == 1 and len(schedule) == was:
            return schedule
        size = max(1, min(size // 2, len(schedule) // 2))


def _without_chunks(schedule: Schedule, size: int, fails: Fails) -> Schedule:
    """Go from the end to the front: what comes late is needed least."""
    start = len(schedule) - size
    while start > -size:
        first = max(0, start)
        fewer = schedule[:first] + schedule[first + size :]
        if fails(fewer):
            schedule = fewer
        start -= size
    return schedule


def _sooner(schedule: Schedule, fails: Fails) -> Schedule:
    """Take out time in which nothing needs to happen."""
    for place in range(len(schedule)):
        fault = schedule[place]
        if fault.verb == SET:
            continue
        before_ms = schedule[place - 1].at_ms if place else 0
        gap_ms = fault.at_ms - before_ms
        for step_ms in ROUNDS_MS:
            spare_ms = gap_ms // step_ms * step_ms
            if spare_ms and fails(earlier := _moved(schedule, place, spare_ms)):
                schedule = earlier
                break
    return schedule


def _moved(schedule: Schedule, place: int, by_ms: int) -> Schedule:
    later = (replace(fault, at_ms=fault.at_ms - by_ms) for fault in schedule[place:])
    return (*schedule[:place], *later)


def shrunk(failed: Run, *, change: Change = unchanged, wanted: str = "") -> Schedule:
    """Shrink the schedule of a run that broke something, or just what is `wanted`."""
    names = frozenset({wanted}) if wanted else frozenset(failed.broken)
    return Shrinker(failed.seed, names, change).shrink(failed.done)
