"""Many storms: seed after seed, on all cores if wanted, and what they add up to."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import NamedTuple

from kafkabook.lab.bugs import bug_called
from kafkabook.sim.faults import show
from kafkabook.storm.run import Change, Run, run, unchanged
from kafkabook.storm.schedule import ScheduleDraw
from kafkabook.storm.shrink import shrunk

EVENTS = 2_000
SEEDS_AT_ONCE = 4


class Job(NamedTuple):
    """One storm to run: plain values, so that another process can."""

    seed: int
    events: int = EVENTS
    bug: str = ""


@dataclass(frozen=True, slots=True)
class StormOutcome:
    """What one storm came to; without its lab, so that it travels between processes."""

    seed: int
    events: int
    entries: int
    faults: Counter[str]
    marks: Counter[str]
    judged: Counter[str]
    broken: tuple[str, ...]
    says: str
    actions: int


@dataclass(slots=True)
class Total:
    """What many storms add up to."""

    runs: int = 0
    events: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    marks: Counter[str] = field(default_factory=Counter)
    judged: Counter[str] = field(default_factory=Counter)
    failed: list[StormOutcome] = field(default_factory=list)

    def add(self, outcome: StormOutcome) -> None:
        """Add one storm."""
        self.runs += 1
        self.events += outcome.events
        self.faults += outcome.faults
        self.marks += outcome.marks
        self.judged.update(outcome.judged)  # and keep those that saw nothing
        if outcome.broken:
            self.failed.append(outcome)


def storm(job: Job) -> Run:
    """Run one seed's storm: so many events under faults; the calm afterwards comes on top."""
    change, until = _of(job.bug)
    schedule = ScheduleDraw(job.seed, span_ms=4 * job.events).schedule()
    return run(schedule, seed=job.seed, events=job.events, change=change, until=until)


def tell(job: Job) -> StormOutcome:
    """Run one seed's storm, and keep what is worth telling."""
    done = storm(job)
    return StormOutcome(
        seed=job.seed,
        events=done.events,
        entries=len(done.lab.trace),
        faults=done.did,
        marks=done.marks.seen,
        judged=done.judged,
        broken=done.broken,
        says=done.says,
        actions=len(done.done),
    )


def storms(
    seeds: Iterable[int], *, events: int = EVENTS, bug: str = "", workers: int = 1
) -> Iterator[StormOutcome]:
    """Run a storm for every seed, and yield what each came to, in the order of seeds.

    Raises:
        LookupError: there is no bug of that name.
    """
    _of(bug)
    jobs = (Job(seed, events, bug) for seed in seeds)
    if workers == 1:
        yield from map(tell, jobs)
        return
    with get_context("spawn").Pool(workers) as pool:
        yield from pool.imap(tell, jobs, chunksize=SEEDS_AT_ONCE)


def paste(outcome: StormOutcome, *, events: int = EVENTS, bug: str = "") -> str:
    """Shrink a failed storm; return a call that shows the failure in a notebook or a test."""
    change, until = _of(bug)
    failed = storm(Job(outcome.seed, events, bug))
    seen = until & set(failed.broken)  # a bug may break others than the one that was named
    schedule = shrunk(failed, change=change, wanted=next(iter(seen), ""))
    more = f", bug={bug!r}" if bug else ""
    return f'replay("""\n{show(schedule)}\n""", seed={outcome.seed}{more})'


def _of(bug: str) -> tuple[Change, frozenset[str]]:
    """Return a bug's change, and the checker that is to see it; nothing for no bug."""
    if not bug:
        return unchanged, frozenset()
    found = bug_called(bug)
    return found.put_into, frozenset({found.caught_by})
