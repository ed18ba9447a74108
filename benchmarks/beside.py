"""One workload of a whole cluster, run by this tree and by the tree of an earlier commit (1d).

python -m benchmarks.beside [commit]
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent.parent
WORKLOAD = Path(__file__).with_name("cluster_workload.py")
BEFORE = "fd04e0a"  # the last commit before nodes became loops over connections
ROUNDS = 9
GOAL = 1.0  # times the CPU time of the earlier tree


def main(commit: str = BEFORE) -> None:
    """Run both in turn, round by round, and print how many times the earlier one's time is ours."""
    print("\n1d the same 50 virtual seconds of a cluster, all checks on")
    with tempfile.TemporaryDirectory() as folder:
        trees = {"this tree": HERE}
        if _unpacked(commit, Path(folder)):
            trees[commit] = Path(folder)
        else:
            print(f"  This tree runs alone, since git does not have commit {commit} here.")
        medians = _race(trees)
    for name, spent_s in medians.items():
        print(f"  {name:<12}{1_000 * spent_s:>8.0f} ms")
    if commit in medians:
        ratio = medians["this tree"] / medians[commit]
        verdict = "met" if ratio <= GOAL else "missed"
        print(f"  ours takes {ratio:.2f} of it; goal at most {GOAL:.1f}: {verdict}")


def _unpacked(commit: str, folder: Path) -> bool:
    """Put a commit's tree into a folder; false where there is no git or no such commit."""
    archive = ["git", "-C", str(HERE), "archive", commit, "kafkabook"]
    try:
        packed = subprocess.run(archive, capture_output=True, check=True).stdout
        subprocess.run(["tar", "x", "-C", str(folder)], input=packed, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _race(trees: dict[str, Path]) -> dict[str, float]:
    """Let every tree run once a round; return the median CPU seconds of each."""
    for tree in trees.values():
        _cpu_seconds(tree)  # warm: compiled modules
    spent: dict[str, list[float]] = {name: [] for name in trees}
    for _ in range(ROUNDS):
        for name, tree in trees.items():
            spent[name].append(_cpu_seconds(tree))
    return {name: statistics.median(times) for name, times in spent.items()}


def _cpu_seconds(tree: Path) -> float:
    """Run the workload in a process of its own that imports this tree's package."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    command = [sys.executable, str(WORKLOAD)]
    told = subprocess.run(
        command, env=environment, cwd=tree, capture_output=True, check=True, text=True
    )
    return float(told.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
