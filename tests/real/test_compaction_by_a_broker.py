"""The same log to the real cleaner and to ours: the same records survive, in the same bytes."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from kafkabook.base.names import TopicPartition
from kafkabook.base.units import MIB
from kafkabook.log.checkpoints import CLEANER_OFFSETS, read_offsets, write_offsets
from kafkabook.log.compaction import Cleaner
from kafkabook.log.disk import DirectoryDisk
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.recovery import Checkpointed
from kafkabook.records.batch_header import BatchHeader
from kafkabook.records.record import Record

from .batches import batches, contents
from .history import COMPACTED_TOPICS, DELETE_RETENTION_MS, Cleaning, Recorded, log_config
from .node import copy_of
from .ours import directory_of

pytestmark = pytest.mark.real

PASSES = (0, 1, 2)


def cleaned_by_us(cleaning: Cleaning, root: Path) -> PartitionLog:
    """What our cleaner makes of the directory that the real one was given, at the same time."""
    root.mkdir(exist_ok=True)
    directory = copy_of(cleaning.before, root / cleaning.before.name)
    disk = DirectoryDisk(root)
    place = TopicPartition.parse(directory.name)
    write_offsets(disk, CLEANER_OFFSETS, {place: cleaning.first_dirty_before})
    running = Checkpointed(after_clean_stop=True, was_compacted=True)
    # The copy was made while the broker ran, so its newest indexes are as long as they may get.
    config = replace(log_config(place.topic), segment_index_bytes=10 * MIB)
    log = PartitionLog(directory.name, disk, config=config, checkpointed=running)
    log.advance_high_watermark()
    cleaned = Cleaner().clean(log, now_ms=cleaned_at_ms(cleaning), even_if_not_due=True)
    assert cleaned is not None
    assert {place: cleaning.first_dirty_after} == read_offsets(disk, CLEANER_OFFSETS)
    log.check()
    return log


@pytest.fixture(scope="module")
def ours(
    recorded: Recorded, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, int], PartitionLog]:
    """Each log after each pass of our cleaner."""
    root = tmp_path_factory.mktemp("cleaned-by-us")
    logs = {}
    for topic, number in product(COMPACTED_TOPICS, PASSES):
        place = root / f"pass-{number}"
        logs[topic, number] = cleaned_by_us(recorded.cleanings[topic][number], place)
    return logs


def cleaned_at_ms(cleaning: Cleaning) -> int:
    """When the real cleaner worked: the horizon that it gave to tombstones tells."""
    horizons = {b.header.delete_horizon_ms or -1 for _, b in batches(cleaning.after)}
    older = {b.header.delete_horizon_ms or -1 for _, b in batches(cleaning.before)}
    assert horizons - older, "the real cleaner met no tombstone"
    return max(horizons - older) - DELETE_RETENTION_MS


def shape(header: BatchHeader) -> tuple[object, ...]:
    """A header without what hangs on the library that compressed the records."""
    return (
        *header._replace(batch_length=0, crc=0),
        header.delete_horizon_ms,
        header.last_offset,
    )


def survivors(directory: Path) -> list[tuple[tuple[object, ...], tuple[Record, ...]]]:
    """Every batch that is left, and every record in it."""
    return [(shape(batch.header), batch.records) for _, batch in batches(directory)]


@pytest.mark.parametrize("number", PASSES)
@pytest.mark.parametrize("topic", COMPACTED_TOPICS)
def test_the_same_records_survive(
    recorded: Recorded, ours: dict[tuple[str, int], PartitionLog], topic: str, number: int
) -> None:
    """Offsets, values, times, horizons; shells of batches that hold a producer's last sequence."""
    cleaning = recorded.cleanings[topic][number]
    assert survivors(cleaning.after) == survivors(directory_of(ours[topic, number]))
    assert len(survivors(cleaning.after)) < len(survivors(cleaning.before))


@pytest.mark.parametrize("number", PASSES)
def test_the_files_are_the_same(
    recorded: Recorded, ours: dict[tuple[str, int], PartitionLog], number: int
) -> None:
    """Uncompressed, so that the bytes do not hang on a library: segments, indexes, aborted."""
    cleaning = recorded.cleanings["latest-transactions"][number]
    log = ours["latest-transactions", number]
    end = cleaning.first_dirty_after
    log.local.unlink_deleted(now_ms=cleaned_at_ms(cleaning) + log.config.file_delete_delay_ms)
    expected, actual = (
        {
            name: data
            for name, data in contents(directory).items()
            if not name.endswith(".deleted") and name[:20].isdigit() and int(name[:20]) < end
        }
        for directory in (cleaning.after, directory_of(log))
    )
    assert sorted(expected) == sorted(actual)
    assert expected == actual


def test_tombstones_go_in_the_second_pass(recorded: Recorded) -> None:
    """Were none met, or none old enough, the comparison above would not have seen that rule."""
    first, second, _ = recorded.cleanings["latest"]
    kept = {record.offset for record in tombstones(first.after, first.first_dirty_after)}
    assert kept
    assert kept - {record.offset for record in tombstones(second.after, second.first_dirty_after)}
    assert set() == kept & {r.offset for r in tombstones(second.after, first.first_dirty_after)}


def tombstones(directory: Path, end: int) -> list[Record]:
    """The records without a value below an offset."""
    records = (record for _, batch in batches(directory) for record in batch.records)
    return [record for record in records if record.value is None and record.offset < end]


def test_markers_and_aborted_records_were_met(recorded: Recorded) -> None:
    """Aborted records go at once; their markers get a horizon next, and then they go too."""
    first, second, third = recorded.cleanings["latest-transactions"]
    counts = [
        sum(
            batch.header.is_control and batch.header.records_count > 0
            for _, batch in batches(directory)
            if batch.base_offset < first.first_dirty_after
        )
        for directory in (first.before, first.after, second.after, third.after)
    ]
    assert counts[0] == counts[1] == counts[2] > counts[3]
