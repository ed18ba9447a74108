"""A schedule that a storm printed, run again: in a test, or in a cell of a notebook."""

from dataclasses import replace

from kafkabook.base.door import at_the_door
from kafkabook.lab import Lab, Rules
from kafkabook.lab.bugs import bug_called
from kafkabook.sim.faults import parse
from kafkabook.storm.run import Change, Run, run, unchanged

NEVER = frozenset({"nothing"})  # no property has that name


@at_the_door
def replay(
    schedule: str, *, seed: int = 7, rules: Rules | None = None, bug: str = "", heals: bool = True
) -> Lab:
    """Run a schedule to its end, heal everything, and return the lab as it is then.

    Args:
        schedule: its text; the `set` lines say which cluster. seed: decides latencies.
        rules: instead of those of the setup. bug: a seeded bug, such as "M8".
        heals: whether all is healed in the end; without it the lab stays as the last line left it.

    Raises:
        LookupError: no such verb, or no such bug. ValueError: a line that is none.

    >>> lab = replay("t=60 send v1 orders-0 all", seed=1, heals=False)
    >>> lab.run_for(20)
    >>> lab.read()
    ['v1']
    """
    change: Change = bug_called(bug).put_into if bug else unchanged
    if rules is not None:
        given = rules
        change = lambda _: replace(given)  # noqa: E731
    return replayed(schedule, seed=seed, change=change, heals=heals).lab


def replayed(schedule: str, *, seed: int, change: Change = unchanged, heals: bool = True) -> Run:
    """Run a schedule to its end whatever breaks, and return all that is told of it."""
    return run(parse(schedule), seed=seed, change=change, heals=heals, until=NEVER)
