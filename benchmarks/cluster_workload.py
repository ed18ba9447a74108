"""The workload that `beside` runs with one tree and with another: it knows only what both offer.

python benchmarks/cluster_workload.py
"""

import gc
import time

from kafkabook.lab import Lab

PARTITIONS, SPAN_S = 4, 50
SENDS_PER_S = 10
CRASH_AT_S, RETURN_AT_S = 15, 30


def run_workload() -> None:
    """Let three brokers take records for acks=all while one of them crashes and returns.

    Every checker looks at every event. Fifty virtual seconds pass.
    """
    lab = Lab(brokers=3)
    lab.create_topic("orders", partitions=PARTITIONS, replication_factor=3)
    for second in range(SPAN_S):
        if second == CRASH_AT_S:
            lab.crash(1)
        if second == RETURN_AT_S:
            lab.restart(1)
        for turn in range(SENDS_PER_S):
            number = second * SENDS_PER_S + turn
            lab.send(f"v{number}", "orders", number % PARTITIONS, acks="all")
            lab.run_for(1_000 // SENDS_PER_S)


if __name__ == "__main__":
    gc.disable()
    began = time.process_time()
    run_workload()
    print(time.process_time() - began)
