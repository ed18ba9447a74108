"""Every schedule there is, within bounds: a breadth-first search through the states of a model.

Random schedules find most bugs and miss the rarest. A search finds the shortest schedule that
breaks an invariant, or says that within its bounds there is none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kafkabook.replication.rules import ReplicationRules
from kafkabook.storm.model import Model, ModelState, strong_isr
from kafkabook.storm.space import Numbers, Space


@dataclass(frozen=True, slots=True)
class Found:
    """The shortest schedule that breaks the invariant, one line a step, and what it took."""

    trace: tuple[str, ...]
    states: int

    @property
    def depth(self) -> int:
        """How many steps it takes."""
        return len(self.trace)


@dataclass(frozen=True, slots=True)
class Exhausted:
    """No schedule of `depth` steps breaks it; `is_complete` if there is no longer one either."""

    states: int
    depth: int
    is_complete: bool


def search(
    rules: ReplicationRules,
    *,
    replicas: int = 3,
    max_records: int = 2,
    max_epoch: int = 3,
    max_depth: int = 100,
    max_states: int = 2_000_000,
    invariant: Callable[[ModelState], bool] = strong_isr,
) -> Found | Exhausted:
    """Look at every state that can be reached, nearest first, until one breaks the invariant.

    Decisions are remembered, so the rules must be pure functions. The bound on states is looked at
    after each layer.

    Cost: tens of thousands of states a second, a few hundred bytes each.
    """
    space = Space(Model(rules, replicas, max_records, max_epoch))
    start = space.canonical(space.number(space.model.start()))
    reached: dict[Numbers, Numbers | None] = {start: None}
    layer, depth = [start], 0
    while layer and depth < max_depth and len(reached) < max_states:
        following: list[Numbers] = []
        for state in layer:
            for _, after in space.steps(state):
                found = space.canonical(after)
                if found in reached:
                    continue
                reached[found] = state
                following.append(found)
                if not invariant(space.state(found)):
                    return Found(_schedule_to(found, reached, space), len(reached))
        layer, depth = following, depth + 1
    return Exhausted(len(reached), depth, is_complete=not layer)


def replay(model: Model, trace: Sequence[str]) -> list[ModelState]:
    """Take the steps of a schedule one by one; return the states, as far as the rules allow."""
    space = Space(model)
    at = space.number(model.start())
    states = [space.state(at)]
    for line in trace:
        after = dict(space.steps(at)).get(line)
        if after is None:
            break
        at = after
        states.append(space.state(at))
    return states


def _schedule_to(
    found: Numbers, reached: dict[Numbers, Numbers | None], space: Space
) -> tuple[str, ...]:
    """Walk there again under one set of names, along the states that led to it."""
    way = [found]
    while (before := reached[way[-1]]) is not None:
        way.append(before)
    at = space.number(space.model.start())
    lines: list[str] = []
    for canonical in reversed(way[:-1]):
        line, at = next(s for s in space.steps(at) if space.canonical(s[1]) == canonical)
        lines.append(line)
    return tuple(lines)
