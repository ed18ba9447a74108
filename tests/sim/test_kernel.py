"""Time, order and limits: what every run stands on."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.sim.kernel import Kernel, LimitReached, Timer


@given(st.lists(st.integers(0, 5)))
def test_events_run_by_time_and_then_in_the_order_in_which_they_were_planned(
    times_ms: list[int],
) -> None:
    """Ties are what differs between two kernels; ours are decided by insertion alone."""
    kernel, seen = Kernel(), list[tuple[int, int]]()
    for number, at_ms in enumerate(times_ms):
        kernel.at(at_ms, lambda n=number: seen.append((kernel.now_ms, n)))
    while kernel.step():
        pass
    assert sorted((at_ms, number) for number, at_ms in enumerate(times_ms)) == seen
    assert len(times_ms) == kernel.steps


def test_what_is_planned_for_now_runs_in_this_millisecond_behind_the_others() -> None:
    """An event may cause another without time passing."""
    kernel, seen = Kernel(), list[str]()
    kernel.at(5, lambda: kernel.at(5, seen.append, "caused"))
    kernel.at(5, seen.append, "planned")
    kernel.run_for(5)
    assert ["planned", "caused"] == seen


def test_at_once_is_before_everything_else_and_in_order() -> None:
    """A message that somebody hands over comes next, whatever else is due."""
    kernel, seen = Kernel(), list[str]()
    kernel.at(0, lambda: kernel.at_once(seen.append, "fourth"))
    kernel.at(0, seen.append, "due")
    kernel.at_once(seen.append, "first")
    kernel.at_once(lambda: kernel.at_once(seen.append, "third"))
    kernel.at_once(seen.append, "second")
    kernel.run_for(0)
    assert ["first", "second", "third", "fourth", "due"] == seen


def test_nothing_can_be_planned_for_the_past() -> None:
    """A machine that asks for it has a bug, and should hear of it where it asks."""
    kernel = Kernel()
    kernel.run_for(10)
    with pytest.raises(ValueError, match="t=9 ms is in the past: it is t=10 ms"):
        kernel.at(9, print)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans())))
def test_a_cancelled_event_neither_runs_nor_moves_the_clock(plan: list[tuple[int, bool]]) -> None:
    """Timers of 30 s that nobody needed must not make a run last 30 s."""
    kernel, seen = Kernel(), list[int]()
    timers = [(kernel.at(at_ms, seen.append, at_ms), gone) for at_ms, gone in plan]
    for timer, gone in timers:
        if gone:
            kernel.cancel(timer)
    kept = sorted(at_ms for at_ms, gone in plan if not gone)
    assert len(kept) == kernel.pending()
    while kernel.step():
        pass
    assert (kept, max(kept, default=0)) == (seen, kernel.now_ms)


def test_an_event_may_come_before_one_that_was_passed_over() -> None:
    """Looking past cancelled timers must not lose the place of the clock."""
    kernel, seen = Kernel(), list[str]()
    kernel.cancel(kernel.at(9, seen.append, "cancelled"))
    kernel.at(9, seen.append, "late")
    with pytest.raises(LimitReached):
        kernel.run_until(lambda: False, within_ms=8)
    kernel.at(3, seen.append, "early")
    kernel.run_for(9)
    assert ["early", "late"] == seen


def test_cancelling_what_has_run_is_no_error() -> None:
    """An answer and its timeout may come in the same millisecond."""
    kernel, seen = Kernel(), list[str]()
    timer = kernel.at(1, seen.append, "rang")
    assert kernel.step()
    kernel.cancel(timer)
    assert (["rang"], False) == (seen, kernel.step())


def test_run_for_takes_the_last_millisecond_along_and_leaves_the_clock_there() -> None:
    """Two runs of 5 ms are one of 10 ms."""
    kernel, seen = Kernel(), list[int]()
    for at_ms in (4, 5, 6):
        kernel.at(at_ms, seen.append, at_ms)
    kernel.run_for(5)
    assert ([4, 5], 5) == (seen, kernel.now_ms)
    kernel.run_for(5)
    assert ([4, 5, 6], 10) == (seen, kernel.now_ms)


def a_clock(kernel: Kernel) -> Timer:
    """Something that happens every 10 ms, for ever."""
    return kernel.at(kernel.now_ms + 10, lambda: a_clock(kernel))


def test_run_until_stops_at_the_first_event_that_makes_it_so() -> None:
    """Not one event further: a scenario goes on from exactly there."""
    kernel = Kernel()
    a_clock(kernel)
    kernel.run_until(lambda: kernel.steps == 3, within_ms=1_000)
    kernel.run_until(lambda: kernel.steps == 3, within_ms=0)
    assert (30, 3) == (kernel.now_ms, kernel.steps)


@pytest.mark.parametrize(
    ("limits", "limit", "gave_up_ms"),
    [({"within_ms": 35}, "35 ms", 30), ({"within_ms": 100, "within_steps": 2}, "2 steps", 20)],
)
def test_a_wait_that_is_in_vain_says_what_for_and_what_was_still_to_come(
    limits: dict[str, int], limit: str, gave_up_ms: int
) -> None:
    """A red run of a storm is read by somebody who did not write it."""
    kernel = Kernel()
    a_clock(kernel)
    kernel.at(5_000, print)
    with pytest.raises(LimitReached) as reached:
        kernel.run_until(lambda: False, **limits, waiting_for="an election")
    waited = f"waited for an election for {limit}, until t={gave_up_ms} ms"
    pending = f"2 events are pending, the next at t={gave_up_ms + 10} ms"
    assert f"{waited}; {pending}" == str(reached.value)


def test_a_wait_ends_at_once_when_nothing_can_happen_any_more() -> None:
    """No need to count to a million where the queue is empty."""
    kernel = Kernel()
    kernel.cancel(kernel.at(1, print))
    with pytest.raises(LimitReached) as reached:
        kernel.run_until(lambda: False, within_ms=50)
    assert "waited for a condition for 50 ms, until t=0 ms; nothing is pending" == str(
        reached.value
    )


def test_a_named_stream_of_chance_is_one_stream_apart_from_the_others() -> None:
    """One more draw for the faults must not change a latency."""
    kernel, same = Kernel(7), Kernel(7)
    kernel.random("faults").random()
    assert same.random("network").random() == kernel.random("network").random()
    drawn = [kernel.random("network").random() for _ in range(10)]
    assert all(a != b for a, b in pairwise(drawn))
    assert Kernel(8).random("network").random() != Kernel(7).random("network").random()
