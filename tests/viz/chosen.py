"""What is measured of all figures: a fixed tenth in the normal run, with KAFKABOOK_FULL=1 all."""

import os
from collections.abc import Iterator, Sequence
from functools import cache

from kafkabook.explorers.explorer import Explorer, Places
from kafkabook.scenarios.catalogue import SCENARIOS
from kafkabook.scenarios.cluster_end import ClusterEnd
from kafkabook.viz.film import Film
from kafkabook.viz.films import scenario_film

EVERYTHING = os.environ.get("KAFKABOOK_FULL") == "1"
SHARE = 10  # one of so many is measured in the normal run
BETWEEN = 5  # moments between two steps
SETTLED_S = 0.7
_OF_CLUSTERS = [id for id, it in SCENARIOS.items() if isinstance(it.bad, ClusterEnd)]
FILMS = _OF_CLUSTERS if EVERYTHING else _OF_CLUSTERS[::SHARE]


@cache
def film(scenario: str) -> Film:
    """Both ends of a scenario, played once."""
    return scenario_film(SCENARIOS[scenario])


def moments(it: Film, lane: int) -> Iterator[float]:
    """Yield each step of a lane, how it has settled, and moments on the way to the next one."""
    own = it.lanes[lane]
    steps = [it.second_of(own, step.at_ms, step.entry) for step in own.steps]
    return moments_between(steps, it.axis.end_s)


def moments_between(steps: Sequence[float], end_s: float) -> Iterator[float]:
    """Yield the same for steps at given seconds of a film."""
    for began, ends in zip((0.0, *steps), (*steps, end_s), strict=True):
        yield began
        yield min(began + SETTLED_S, ends)
        yield from (began + (ends - began) * n / (BETWEEN + 1) for n in range(1, BETWEEN + 1))


def places(explorer: Explorer) -> list[Places]:
    """Return the points of an explorer's grid, or where it begins and a fixed tenth of them."""
    grid = list(explorer.places())
    return grid if EVERYTHING else [grid[0], *grid[SHARE - 1 :: SHARE]]


def steps(count: int) -> Sequence[int]:
    """Return the steps at a point of the grid, or the first, the middle and the last one."""
    return range(count) if EVERYTHING else sorted({0, count // 2, count - 1})
