"""Peers measured side by side: interleaved round by round in one process, by CPU time, by median.

Machines are shared, so absolute numbers mean little; the ratio of two that were measured in the
same seconds does. Nothing here is a timed test.
"""

import gc
import statistics
import time
from collections.abc import Callable
from contextlib import contextmanager

ROUNDS = 9


def race(
    title: str,
    amount: float,
    unit: str,
    runs: dict[str, Callable[[], object]],
    *,
    goals: dict[str, float] | None = None,
    rounds: int = ROUNDS,
) -> dict[str, float]:
    """Run everybody once per round and print rates, and how many times faster the first one is.

    Args:
        amount: how much work one run does, in `unit`.
        runs: name to run; the first is ours, the others are peers.
        goals: peer to the ratio that we want.

    Returns:
        Peer to our ratio, by the medians.
    """
    spent: dict[str, list[float]] = {name: [] for name in runs}
    with collector_off():
        for run in runs.values():
            run()  # warm: imports, tables, the interpreter's own caches
        for _ in range(rounds):
            for name, run in runs.items():
                spent[name].append(_cpu_seconds(run))
    return _told(title, amount, unit, spent, goals or {})


def _cpu_seconds(run: Callable[[], object]) -> float:
    """Time one run; garbage is collected between runs, never within."""
    gc.collect()
    start = time.process_time()
    run()
    return time.process_time() - start


@contextmanager
def collector_off():
    """Switch the garbage collector off, as `timeit` does, and back to what it was."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _told(
    title: str,
    amount: float,
    unit: str,
    spent: dict[str, list[float]],
    goals: dict[str, float],
) -> dict[str, float]:
    medians = {name: statistics.median(times) for name, times in spent.items()}
    ours, *peers = medians
    ratios = {peer: medians[peer] / medians[ours] for peer in peers}
    rounds = len(spent[ours])
    print(f"\n{title}  (CPU time, median of {rounds} interleaved rounds, collector off)")
    for name, median in medians.items():
        line = f"  {name:<24}{amount / median:>14,.0f} {unit}/s{1000 * median:>10.2f} ms"
        if name in ratios:
            line += f"   ours is {ratios[name]:.2f} x"
        if name in goals:
            line += f"   goal {goals[name]:.2f} x  {_verdict(ratios[name], goals[name])}"
        print(line)
    return ratios


def _verdict(ratio: float, goal: float) -> str:
    return "met" if ratio >= goal else "NOT MET"
