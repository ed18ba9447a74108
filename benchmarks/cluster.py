"""A whole cluster under faults, every property held against every event: kernel events a second.

python -m benchmarks.cluster
"""

import time

from benchmarks.side_by_side import collector_off
from kafkabook.storm.many import EVENTS, Total, storms

SEEDS = 40
GOAL_PER_SECOND = 5_000  # on one core


def main() -> None:
    """Run storms over correct rules and print their rate by CPU time; there is no peer (1d)."""
    for _ in storms(range(2), events=EVENTS):
        pass  # warm
    total = Total()
    with collector_off():
        began = time.process_time()
        for told in storms(range(SEEDS), events=EVENTS):
            total.add(told)
        spent_s = time.process_time() - began
    rate = total.events / spent_s
    verdict = "met" if rate >= GOAL_PER_SECOND else "missed"
    print("\n1d whole cluster, all checks on")
    print(f"  {rate:,.0f} events/s on one core; goal {GOAL_PER_SECOND:,}: {verdict}")
    print(f"  {total.runs} storms, {total.events:,} events, {len(total.failed)} broke something")


if __name__ == "__main__":
    main()
