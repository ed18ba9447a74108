"""R2's other half: what a log keeps of its leader epochs is what its batches say themselves."""

from collections.abc import Iterator
from functools import cache

import pytest

from kafkabook.lab import Lab, Rules
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.variants import keep_epochs
from kafkabook.records.batch_header import BatchHeader
from kafkabook.storm.many import Job, storm
from kafkabook.storm.run import Run, run

SEEDS = (4, 5, 6, 7, 8, 10, 37)  # with the wrong rule, seed 37 leaves a denied cache


def disagreements(lab: Lab) -> Iterator[tuple[int, str, int]]:
    """Yield broker, partition and base offset of each batch whose epoch its log's cache denies.

    Below the log start a log remembers no epochs.
    """
    for broker in lab.view.brokers:
        for name in lab.view.partitions:
            log = lab.view.log(name, broker.id)
            for header in _served(log) if log is not None else ():
                if log.epochs.epoch_at(header.base_offset) != header.partition_leader_epoch:
                    yield broker.id, name, header.base_offset


def _served(log: PartitionLog) -> Iterator[BatchHeader]:
    for segment in log.segments:
        for _, header in segment.file.scan():
            if header.base_offset >= log.log_start:
                yield header


@cache
def raged(seed: int) -> Run:
    """Run a storm once for both tests."""
    return storm(Job(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_storm_every_leader_epoch_cache_agrees_with_its_log(seed: int) -> None:
    """Through elections, truncations, power cuts and empty disks."""
    ended = raged(seed)
    assert ((), []) == (ended.broken, list(disagreements(ended.lab)))


def test_a_cache_that_is_not_cut_with_its_log_disagrees() -> None:
    """The negative control: without it nothing would show that the comparison sees anything."""

    def wrong(rules: Rules) -> Rules:
        return rules.having(truncate_epochs=keep_epochs)

    ends = (run(raged(seed).done, seed=seed, change=wrong) for seed in SEEDS)
    assert any(list(disagreements(ended.lab)) for ended in ends)
