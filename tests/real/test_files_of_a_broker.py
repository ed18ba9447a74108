"""Index, snapshot and checkpoint files of a real broker: read by us, and made again by us."""

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Trace
from kafkabook.log.checkpoints import (
    CLEAN_SHUTDOWN,
    CLEANER_OFFSETS,
    HIGH_WATERMARKS,
    LEADER_EPOCHS,
    LOG_STARTS,
    META_PROPERTIES,
    PARTITION_METADATA,
    RECOVERY_POINTS,
    read_clean_shutdown,
    read_leader_epochs,
    read_meta_properties,
    read_offsets,
    read_partition_metadata,
)
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import DirectoryDisk, MemoryDisk
from kafkabook.log.facts import EpochEntry
from kafkabook.log.offset_index import OffsetIndex
from kafkabook.log.producer_entry import ProducerEntry
from kafkabook.log.producer_snapshots import read_snapshot
from kafkabook.log.producer_state import ProducerStates
from kafkabook.log.rules import LogRules
from kafkabook.log.segment import Segment
from kafkabook.log.time_index import TimeIndex
from kafkabook.log.transaction_index import TransactionIndex, index_entry, read_transaction_index
from kafkabook.records.control_records import ControlType, read_control
from kafkabook.records.record_batch import RecordBatch

from .batches import batches, segment_batches, used
from .dump import Dump, dump, segment_files
from .history import COMPACTED_TOPICS, TOPICS, Recorded, log_config
from .node import CLUSTER_ID

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def dumped(recorded: Recorded) -> Dump:
    """Every file of every kind, dumped in one call."""
    return dump(segment_files(*map(recorded.directory, TOPICS)))


def segment_made_again(path: Path, config: LogConfig) -> Segment:
    """A segment of ours to which the broker's batches were appended, one by one, then closed."""
    segment = Segment(
        MemoryDisk(),
        "again-0",
        int(path.stem),
        config=config,
        rules=LogRules(),
        trace=Trace("again"),
    )
    segment.create()
    for _, batch in segment_batches(path):
        segment.append(batch, now_ms=0)
    segment.seal()
    return segment


@pytest.mark.parametrize("topic", TOPICS)
def test_every_index_entry_is_what_the_dump_tool_says(
    recorded: Recorded, dumped: Dump, topic: str
) -> None:
    """Offsets are kept relative to the segment's base: a wrong base shows here."""
    directory = recorded.directory(topic)
    for file in dumped.of(directory, ".index"):
        index = OffsetIndex(DirectoryDisk(directory), file.path.name, int(file.path.stem), 10**6)
        index.load()
        expected = [{"offset": str(e.offset), "position": str(e.position)} for e in index.entries]
        assert file.entries == expected
    for file in dumped.of(directory, ".timeindex"):
        times = TimeIndex(DirectoryDisk(directory), file.path.name, int(file.path.stem), 10**6)
        times.load()
        expected = [
            {"timestamp": str(e.timestamp_ms), "offset": str(e.offset)} for e in times.entries
        ]
        assert file.entries == expected


@pytest.mark.parametrize("topic", TOPICS)
def test_our_rules_make_the_brokers_indexes_again(recorded: Recorded, topic: str) -> None:
    """Same batches, same entries, to the byte: which batches are indexed, and what of them."""
    paths = sorted(recorded.directory(topic).glob("*.log"))
    for path in paths:
        again = segment_made_again(path, log_config(topic))
        for suffix in (".log", ".index", ".timeindex"):
            expected = path.with_suffix(suffix).read_bytes()
            assert expected == again.disk.read(f"{again.stem}{suffix}"), path.with_suffix(suffix)
    assert len(paths) > 1


def test_a_killed_broker_leaves_entries_before_the_zeros(real_killed_directory: Path) -> None:
    """The newest index is still 10 MiB long; its zeros are room, not entries."""
    newest = max(real_killed_directory.glob("*.index"))
    index = OffsetIndex(DirectoryDisk(newest.parent), newest.name, int(newest.stem), 10**7)
    index.load()
    positions = {position: batch.last_offset for position, batch in segment_batches(newest)}
    assert len(used(newest.read_bytes())) // 8 <= len(index.entries) < 1000
    assert index.entries
    assert [positions[entry.position] for entry in index.entries] == [
        entry.offset for entry in index.entries
    ]


def test_every_aborted_transaction_is_what_the_dump_tool_says(
    recorded: Recorded, dumped: Dump
) -> None:
    """Producer, span, and the last stable offset when it ended."""
    seen = 0
    for topic in ("transactions", "latest-transactions"):
        directory = recorded.directory(topic)
        for file in dumped.of(directory, ".txnindex"):
            index = TransactionIndex(DirectoryDisk(directory), file.path.name)
            expected = [
                {
                    "version": "0",
                    "producerId": str(entry.producer_id),
                    "firstOffset": str(entry.first_offset),
                    "lastOffset": str(entry.last_offset),
                    "lastStableOffset": str(entry.last_stable_offset),
                }
                for entry in index
            ]
            assert file.entries == expected
            seen += len(expected)
    assert seen > 3


def snapshot_words(entry: ProducerEntry) -> dict[str, str]:
    """A producer in the words of the dump tool."""
    words = {
        "producerId": entry.producer_id,
        "producerEpoch": entry.epoch,
        "coordinatorEpoch": entry.coordinator_epoch,
        "currentTxnFirstOffset": "OptionalLong.empty"
        if entry.first_offset is None
        else f"OptionalLong[{entry.first_offset}]",
        "lastTimestamp": entry.last_timestamp_ms,
    }
    for batch in entry.batches:
        words |= {
            "firstSequence": batch.first_sequence,
            "lastSequence": batch.last_sequence,
            "lastOffset": batch.last_offset,
            "offsetDelta": batch.offset_delta,
            "timestamp": batch.timestamp_ms,
        }
    return {name: str(value) for name, value in words.items()}


@pytest.mark.parametrize("topic", TOPICS)
def test_every_producer_of_a_snapshot_is_what_the_dump_tool_says(
    recorded: Recorded, dumped: Dump, topic: str
) -> None:
    """Epochs, sequences, open transactions: what a restart must know."""
    for file in dumped.of(recorded.directory(topic), ".snapshot"):
        entries = read_snapshot(file.path.read_bytes())
        assert file.entries == [snapshot_words(entry) for entry in entries]


def replayed(directory: Path) -> Iterator[tuple[int, ProducerStates, list[bytes]]]:
    """Before each batch: its offset, what its producers are known by, and what was aborted.

    The last step stands behind the last batch.
    """
    states, next_offset = ProducerStates(), 0
    aborted: list[bytes] = []
    for _, batch in batches(directory):
        yield batch.base_offset, states, aborted
        next_offset = batch.next_offset
        remember(states, batch, aborted)
    yield next_offset, states, aborted


def remember(states: ProducerStates, batch: RecordBatch, aborted: list[bytes]) -> None:
    """Tell our producer state of a batch, as a follower does."""
    if not batch.header.is_control:
        states.update(batch.header)
        return
    control = read_control(batch.records[0])
    is_aborted = control.type == ControlType.ABORT
    ended = states.complete(
        batch.header, is_aborted=is_aborted, coordinator_epoch=control.coordinator_epoch or 0
    )
    if ended and is_aborted:
        aborted.append(struct.pack(">hqqqq", 0, *index_entry(ended)))


@pytest.mark.parametrize("topic", ["plain", "idempotent", "transactions", *COMPACTED_TOPICS])
def test_our_producer_state_writes_the_brokers_snapshots(recorded: Recorded, topic: str) -> None:
    """To the byte at every roll, the order of Java's hash map included."""
    directory = recorded.directory(topic)
    if topic in COMPACTED_TOPICS:
        directory = recorded.cleanings[topic][0].before
    expected = {int(path.stem): path.read_bytes() for path in directory.glob("*.snapshot")}
    actual = {
        offset: states.take_snapshot()
        for offset, states, _ in replayed(directory)
        if offset in expected
    }
    assert expected == actual
    assert len(expected) > 1


@pytest.mark.parametrize("topic", ["transactions", "latest-transactions"])
def test_our_producer_state_writes_the_brokers_transaction_indexes(
    recorded: Recorded, topic: str
) -> None:
    """Which transactions were aborted, and what was stable then, follows from the log alone."""
    directory = recorded.directory(topic)
    if topic in COMPACTED_TOPICS:
        directory = recorded.cleanings[topic][0].before
    *_, (_, _, aborted) = replayed(directory)
    expected = b"".join(path.read_bytes() for path in sorted(directory.glob("*.txnindex")))
    assert read_transaction_index(expected) == read_transaction_index(b"".join(aborted))
    assert expected == b"".join(aborted)


def test_the_checkpoints_of_a_log_directory_are_read(recorded: Recorded) -> None:
    """Five files beside the logs say how far each log was flushed, committed and cleaned."""
    disk = DirectoryDisk(recorded.directories)
    ends = {
        TopicPartition(topic, 0): max(
            int(path.stem) for path in recorded.directory(topic).glob("*.snapshot")
        )
        for topic in TOPICS
    }
    flushed, committed = (read_offsets(disk, name) for name in (RECOVERY_POINTS, HIGH_WATERMARKS))
    assert ends == {place: flushed[place] for place in ends}
    assert ends == {place: committed[place] for place in ends}
    assert {} == read_offsets(disk, LOG_STARTS)
    assert {
        TopicPartition(topic, 0): recorded.cleanings[topic][-1].first_dirty_after
        for topic in COMPACTED_TOPICS
    } == read_offsets(disk, CLEANER_OFFSETS)
    properties = read_meta_properties(disk, META_PROPERTIES)
    assert ("1", "1", CLUSTER_ID) == tuple(
        properties[name] for name in ("version", "node.id", "cluster.id")
    )
    assert read_clean_shutdown(disk, CLEAN_SHUTDOWN) > 0


def test_the_epochs_of_a_log_are_read(recorded: Recorded, killed: Path) -> None:
    """One leader epoch until the stop, another one after the restart."""
    disk = DirectoryDisk(recorded.directory("plain"))
    assert (EpochEntry(0, 0),) == read_leader_epochs(disk, LEADER_EPOCHS)
    first, second = read_leader_epochs(DirectoryDisk(killed / "plain-0"), LEADER_EPOCHS)
    assert EpochEntry(0, 0) == first
    assert second.epoch > 0
    assert 400 == second.start_offset


def test_topic_ids_are_read_and_all_differ(recorded: Recorded) -> None:
    """`partition.metadata` ends without an end of line, which a strict reader may trip over."""
    ids = {
        read_partition_metadata(DirectoryDisk(recorded.directory(topic)), PARTITION_METADATA)
        for topic in TOPICS
    }
    assert len(TOPICS) == len(ids)
