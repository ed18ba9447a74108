"""The shipped rules in every schedule within bounds: which sets break, how soon, and which hold."""

from itertools import permutations

import pytest

from kafkabook.replication.history import HISTORY
from kafkabook.replication.rules import ReplicationRules
from kafkabook.replication.variants import BUGS
from kafkabook.storm.model import (
    Model,
    ModelController,
    ModelReplica,
    ModelState,
    Request,
    strong_isr,
)
from kafkabook.storm.search import Exhausted, Found, replay, search
from kafkabook.storm.space import Space

TODAY = ReplicationRules()
TWO = {"replicas": 2, "max_records": 2, "max_epoch": 3}
SMALL = {"replicas": 3, "max_records": 1, "max_epoch": 2}
WIDE = {"replicas": 3, "max_records": 2, "max_epoch": 3}


def rules_named(name: str) -> ReplicationRules:
    """Return the rules of an era, or today's with a bug; "KIP-320 M4" puts it into that era's."""
    era, _, bug = name.rpartition(" ")
    if name in HISTORY:
        return HISTORY[name]
    if name in BUGS:
        return BUGS[name].put_into(TODAY)
    return BUGS[bug].put_into(HISTORY[era])


@pytest.mark.parametrize(
    ("name", "bounds", "steps"),
    [
        ("before KIP-101", TWO, 9),
        ("before KIP-101", SMALL, 8),
        ("KIP-101", TWO, 11),
        ("KIP-279", TWO, 11),
        ("KIP-320 first try", SMALL, 11),
        ("KIP-320 M5", TWO, 11),
        ("M1", TWO, 9),
        ("M2", TWO, 12),
        ("M3", TWO, 12),
        ("M4", SMALL, 12),
        ("M5", TWO, 12),
        ("M6", SMALL, 10),
        ("M7", SMALL, 7),
        ("M18", TWO, 3),
    ],
)
def test_wrong_rules_break_in_a_few_steps(name: str, bounds: dict[str, int], steps: int) -> None:
    """And the schedule that the search gives does break them, step by step, and not one sooner."""
    rules = rules_named(name)
    found = search(rules, **bounds)
    assert isinstance(found, Found)
    assert steps == found.depth

    states = replay(Model(rules, **bounds), found.trace)
    assert [True] * steps + [False] == [strong_isr(state) for state in states]


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("KIP-320", TWO),
        ("today", TWO),
        ("today", SMALL),
    ],
)
def test_sound_rules_hold_in_every_schedule_there_is(name: str, bounds: dict[str, int]) -> None:
    """No state is left to look at: within these bounds this is a proof."""
    ended = search(rules_named(name), **bounds)
    assert isinstance(ended, Exhausted)
    assert ended.is_complete
    assert ended.states > 5_000


M5 = """
controller takes out 1, leader 2
controller elects 3
controller elects 2
2 hears of epoch 0
2 writes
3 hears of epoch 0
3 fetches from 2
2 commits
3 hears of epoch 1
3 writes
3 hears of epoch 2
3 fetches from 2
"""
FIRST_TRY = """
controller elects 1
controller elects 2
controller takes out 2, leader 1
1 hears of epoch 2
1 writes
2 hears of epoch 1
3 hears of epoch 0
3 fetches from 1
1 commits
3 hears of epoch 1
3 fetches from 2
"""
PINNED = {"M5": (M5, 11), "KIP-320 first try": (FIRST_TRY, 7)}  # schedule, first refused step


@pytest.mark.parametrize("name", PINNED)
def test_the_rarest_bugs_break_on_their_pinned_schedules(name: str) -> None:
    """Random schedules hardly ever meet them; these lines always do."""
    schedule, _ = PINNED[name]
    lines = schedule.strip().splitlines()
    states = replay(Model(rules_named(name), **WIDE), lines)
    assert [True] * len(lines) + [False] == [strong_isr(state) for state in states]


@pytest.mark.parametrize("name", PINNED)
def test_todays_rules_refuse_the_step_that_would_break_them(name: str) -> None:
    """The request comes from another epoch than the leader's, and nothing goes on from there."""
    schedule, refused = PINNED[name]
    states = replay(Model(TODAY, **WIDE), schedule.strip().splitlines())
    assert refused + 1 == len(states)
    assert all(strong_isr(state) for state in states)


# --- the search itself ----------------------------------------------------------------------------


def plain_walk(model: Model) -> set[ModelState]:
    """Reach every state without merging any: slow, and with nothing to get wrong."""
    space = Space(model)
    start = space.number(model.start())
    reached, open_states = {start}, [start]
    while open_states:
        for _, after in space.steps(open_states.pop()):
            if after not in reached:
                reached.add(after)
                open_states.append(after)
    return {space.state(numbers) for numbers in reached}


def under(state: ModelState, names: tuple[int, ...]) -> ModelState:
    """Return a state with its brokers called otherwise."""
    renamed = sorted(replica.under(names) for replica in state.replicas)
    return ModelState(state.controller.under(names), state.written, tuple(renamed))


def test_the_search_looks_at_each_state_under_one_set_of_names_only() -> None:
    """Brokers are alike at the start, so what can happen to one can happen to another."""
    model = Model(TODAY, replicas=3, max_records=1, max_epoch=0)
    states = plain_walk(model)
    names = list(permutations((1, 2, 3)))
    lots = {frozenset(under(state, order) for order in names) for state in states}
    ended = search(TODAY, replicas=3, max_records=1, max_epoch=0)
    assert Exhausted(len(lots), ended.depth, is_complete=True) == ended
    assert states == set().union(*lots)


@pytest.mark.parametrize(("bound", "value"), [("max_depth", 4), ("max_states", 200)])
def test_a_search_that_stops_early_says_so(bound: str, value: int) -> None:
    """Nothing found is not the same as nothing there."""
    ended = search(HISTORY["before KIP-101"], **TWO, **{bound: value})
    assert isinstance(ended, Exhausted)
    assert not ended.is_complete


def test_a_schedule_stops_where_the_rules_do_not_allow_its_next_step() -> None:
    """A replica that nobody told of a leader epoch does not write."""
    states = replay(Model(TODAY, **TWO), ["controller elects 1", "1 writes", "1 commits"])
    assert 2 == len(states)


def a_state(*logs: tuple[int, ...], mark: int, isr: set[int]) -> ModelState:
    """Build a state in which broker 1 leads epoch 0 with this mark."""
    members = frozenset(isr)
    leader = ModelReplica(1, logs[0], mark, 0, 1, members)
    others = (ModelReplica(me, log, 0, 0, 1, members) for me, log in enumerate(logs[1:], start=2))
    told = Request(0, 1, members)
    return ModelState(ModelController(*told, (told,)), len(logs[0]), (leader, *others))


@pytest.mark.parametrize(
    ("state", "holds"),
    [
        (a_state((0, 0), (0,), mark=1, isr={1, 2}), True),
        (a_state((0, 0), (0, 0), mark=2, isr={1, 2}), True),
        (a_state((0, 0), (0,), mark=2, isr={1}), True),  # it is no member
        (a_state((0, 0), (0, 1), mark=1, isr={1, 2}), True),  # they part above the mark
        (a_state((0, 0), (0,), mark=2, isr={1, 2}), False),
        (a_state((0, 0), (0, 1), mark=2, isr={1, 2}), False),
        (a_state((0,), (0,), mark=2, isr={1}), False),  # past its own end
    ],
)
def test_what_a_leader_calls_committed_is_in_every_members_log(
    state: ModelState, holds: bool
) -> None:
    """Members by the controller's word, since it is they who can be elected."""
    assert holds == strong_isr(state)


def test_a_leader_that_was_replaced_and_does_not_know_is_held_to_it_too() -> None:
    """Its consumers still read from it."""
    state = a_state((0, 0), (0,), mark=2, isr={1})
    later = state.controller._replace(epoch=1, leader=2, isr=frozenset({2}))
    assert not strong_isr(state._replace(controller=later))
