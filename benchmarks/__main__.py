"""All benchmarks, one after the other; each prints its ratios beside the named peers.

python -m benchmarks
"""

from benchmarks import (
    beside,
    cluster,
    compaction,
    import_time,
    kernel,
    motion,
    record_batches,
    scale,
)

if __name__ == "__main__":
    for benchmark in (
        import_time,
        record_batches,
        compaction,
        kernel,
        cluster,
        scale,
        beside,
        motion,
    ):
        benchmark.main()
