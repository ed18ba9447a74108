"""A cluster with many partitions and nothing to do: what it costs to make them, and to wait (1e).

python -m benchmarks.scale
"""

import gc
import time

from benchmarks.side_by_side import collector_off
from kafkabook.lab import Lab

IDLE_MS = 60_000
GOALS_S = {50: 0.6, 500: 3.0, 2_000: 12.0}  # CPU seconds for both, all checks on
MOST_GROWTH = 1.5  # a partition of the largest topic costs at most so many of the middle one


def main() -> None:
    """Run each size, and print the CPU seconds of making a topic and of an idle minute."""
    print("\n1e partitions without records, an idle virtual minute, all checks on")
    _spent_s(10)  # warm
    made: dict[int, float] = {}
    for partitions, goal_s in GOALS_S.items():
        made[partitions], idle_s = _spent_s(partitions)
        verdict = "met" if made[partitions] + idle_s <= goal_s else "missed"
        told = f"{made[partitions]:>6.2f} s to make, {idle_s:>6.2f} s idle"
        print(f"  {partitions:>5,} partitions {told}; goal {goal_s} s: {verdict}")
    growth = (made[2_000] / 2_000) / (made[500] / 500)
    verdict = "met" if growth <= MOST_GROWTH else "missed"
    print(f"  one of 2,000 takes {growth:.2f} of one of 500 to make; goal {MOST_GROWTH}: {verdict}")


def _spent_s(partitions: int) -> tuple[float, float]:
    """Return the CPU seconds of making a topic, and of what follows."""
    gc.collect()
    with collector_off():
        lab = Lab(brokers=3)
        began = time.process_time()
        lab.create_topic("idle", partitions=partitions, replication_factor=3)
        made = time.process_time()
        lab.run_for(IDLE_MS)
        return made - began, time.process_time() - made


if __name__ == "__main__":
    main()
