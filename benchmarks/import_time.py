"""How long `import` takes, beside SimPy: a fresh interpreter each time, CPU time, by median.

python -m benchmarks.import_time
"""

import resource
import statistics
import subprocess
import sys

ROUNDS = 15
GOAL = 1.2  # of SimPy's time, at most
HEAVY = ("numpy", "matplotlib", "networkx", "ipywidgets")


def cpu_ms(statement: str) -> float:
    """Run one statement in an interpreter of its own; return its CPU time in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", statement], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    return 1000 * (user + system)


def main() -> None:
    statements = {
        "nothing": "pass",
        "import kafkabook": "import kafkabook",
        "import kafkabook.log.partition_log": "import kafkabook.log.partition_log",
        "import simpy": "import simpy",
    }
    spent: dict[str, list[float]] = {name: [] for name in statements}
    for _ in range(ROUNDS):
        for name, statement in statements.items():
            spent[name].append(cpu_ms(statement))
    medians = {name: statistics.median(times) for name, times in spent.items()}
    bare = medians.pop("nothing")
    print(f"\nimport, above a bare interpreter  (CPU time, median of {ROUNDS} interleaved rounds)")
    for name, median in medians.items():
        print(f"  {name:<38}{median - bare:>8.1f} ms")
    ratio = (medians["import kafkabook"] - bare) / (medians["import simpy"] - bare)
    verdict = "met" if ratio <= GOAL else "NOT MET"
    print(f"  kafkabook takes {ratio:.2f} of SimPy's time   goal at most {GOAL}  {verdict}")
    print(f"  heavy packages that it imports: {_heavy() or 'none'}")


def _heavy() -> str:
    """Name those of the heavy packages that the whole engine brings along."""
    code = (
        "import sys, kafkabook.log.partition_log, kafkabook.viz.renderers;"
        f"print(*(m for m in {HEAVY} if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    main()
