"""What a read_committed consumer of a real broker was given, found by us in the files alone."""

from pathlib import Path

import pytest

from kafkabook.log.disk import DirectoryDisk
from kafkabook.log.isolation import (
    aborted_transactions,
    last_stable_offset,
    read_committed,
    read_uncommitted,
)
from kafkabook.log.producer_snapshots import read_snapshot
from kafkabook.log.transaction_index import TransactionIndex
from kafkabook.records.record import Record

from .batches import batches
from .history import TOPICS, Recorded
from .workload import Received

pytestmark = pytest.mark.real


def stable_below(directory: Path) -> int:
    """The last stable offset after a clean stop; the newest snapshot tells what is open."""
    newest = max(directory.glob("*.snapshot"))
    open_offsets = [
        entry.first_offset
        for entry in read_snapshot(newest.read_bytes())
        if entry.first_offset is not None
    ]
    return last_stable_offset(int(newest.stem), min(open_offsets, default=None))


def received(record: Record) -> Received:
    """Our record as a consumer hands it over."""
    return Received(record.offset, record.timestamp_ms, record.key, record.value, record.headers)


@pytest.mark.parametrize("topic", TOPICS)
def test_read_committed_is_what_a_real_consumer_was_given(recorded: Recorded, topic: str) -> None:
    """Aborted records are left out, and everything behind the first open transaction."""
    directory = recorded.directory(topic)
    disk = DirectoryDisk(directory)
    indexes = [
        TransactionIndex(disk, path.with_suffix(".txnindex").name)
        for path in sorted(directory.glob("*.log"))
    ]
    upper_offset = stable_below(directory)
    aborted = aborted_transactions(indexes, 0, upper_offset)
    read = read_committed(
        (batch for _, batch in batches(directory)), aborted, upper_offset=upper_offset
    )
    assert recorded.received["read_committed"][topic] == [received(record) for record in read]


@pytest.mark.parametrize("topic", TOPICS)
def test_read_uncommitted_is_what_a_real_consumer_was_given(recorded: Recorded, topic: str) -> None:
    """Everything but the markers."""
    read = read_uncommitted(batch for _, batch in batches(recorded.directory(topic)))
    assert recorded.received["read_uncommitted"][topic] == [received(record) for record in read]
