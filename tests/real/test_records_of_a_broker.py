"""We decode what a real broker wrote: batch by batch as its dump tool, record by record as clients.

Two independent readers: the tool sees every header field but no value that is not text; a consumer
sees every byte of a record but no header field.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kafkabook.records.batch_header import BatchHeader
from kafkabook.records.control_records import read_control
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.records.scan import check_batches, scan_headers

from .batches import batches
from .dump import Dump, DumpedBatch, dump, segment_files
from .history import TOPICS, Recorded
from .workload import Received

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def dumped(recorded: Recorded, killed: Path) -> Dump:
    """Everything that the tool says of all these logs, in one call."""
    directories = [recorded.directory(topic) for topic in TOPICS]
    return dump(segment_files(*directories, killed / "plain-0"), "--print-data-log")


def told(header: BatchHeader, position: int) -> dict[str, str]:
    """A header in the words of the dump tool."""
    horizon = header.delete_horizon_ms
    kind = ("CreateTime", "LogAppendTime")[header.timestamp_type]
    return {
        "baseOffset": str(header.base_offset),
        "lastOffset": str(header.last_offset),
        "count": str(header.records_count),
        "baseSequence": str(header.base_sequence),
        "lastSequence": str(header.last_sequence),
        "producerId": str(header.producer_id),
        "producerEpoch": str(header.producer_epoch),
        "partitionLeaderEpoch": str(header.partition_leader_epoch),
        "isTransactional": str(header.is_transactional).lower(),
        "isControl": str(header.is_control).lower(),
        "deleteHorizonMs": "OptionalLong.empty" if horizon is None else f"OptionalLong[{horizon}]",
        "position": str(position),
        kind: str(header.max_timestamp_ms),
        "size": str(header.size_bytes),
        "magic": str(header.magic),
        "compresscodec": header.codec.name.lower(),
        "crc": str(header.crc),
        "isvalid": "true",
    }


def texts(batch: RecordBatch) -> list[tuple[object, ...]]:
    """Our records as the dump tool prints them: text, and names of headers without values."""
    sequence = batch.header.base_sequence
    return [
        (
            record.offset,
            record.timestamp_ms,
            None if record.key is None else record.key.decode(),
            None if record.value is None else record.value.decode(),
            -1 if sequence < 0 else sequence + record.offset - batch.base_offset,
            tuple(name for name, _ in record.headers),
        )
        for record in batch.records
    ]


def dumped_texts(batch: DumpedBatch) -> list[tuple[object, ...]]:
    """The same of what the tool printed."""
    return [
        (r.offset, r.timestamp_ms, r.key, r.value, r.sequence, r.header_names)
        for r in batch.records
    ]


def given(records: Iterator[Record]) -> list[Received]:
    """Our records as a consumer would hand them over."""
    return [Received(r.offset, r.timestamp_ms, r.key, r.value, r.headers) for r in records]


@pytest.mark.parametrize("topic", TOPICS)
def test_every_batch_header_is_what_the_dump_tool_says(
    recorded: Recorded, dumped: Dump, topic: str
) -> None:
    """All 13 fields and what follows from them, in every kind of log."""
    directory = recorded.directory(topic)
    expected = [batch.fields for file in dumped.of(directory, ".log") for batch in file.batches]
    assert expected == [told(batch.header, position) for position, batch in batches(directory)]


@pytest.mark.parametrize("topic", TOPICS)
def test_every_record_is_what_the_dump_tool_says(
    recorded: Recorded, dumped: Dump, topic: str
) -> None:
    """Offsets, times, keys, values and sequence numbers, all codecs and compaction included."""
    directory = recorded.directory(topic)
    expected = [
        dumped_texts(batch)
        for file in dumped.of(directory, ".log")
        for batch in file.batches
        if batch.fields["isControl"] == "false"
    ]
    actual = [texts(batch) for _, batch in batches(directory) if not batch.header.is_control]
    assert expected == actual


@pytest.mark.parametrize("topic", TOPICS)
def test_every_record_is_what_a_real_consumer_was_given(recorded: Recorded, topic: str) -> None:
    """To the byte: values of headers, empty against absent keys, and nothing too much."""
    directory = recorded.directory(topic)
    data = (batch for _, batch in batches(directory) if not batch.header.is_control)
    expected = recorded.received["read_uncommitted"][topic]
    assert expected == given(record for batch in data for record in batch.records)


def test_every_marker_is_what_the_dump_tool_says(recorded: Recorded, dumped: Dump) -> None:
    """Commit or abort, and the epoch of the coordinator that decided it."""
    expected, actual = [], []
    for topic in ("transactions", "latest-transactions"):
        directory = recorded.directory(topic)
        expected += [r.rest for r in dumped.records(directory) if r.is_control]
        markers = (b.records[0] for _, b in batches(directory) if b.header.is_control and b.records)
        controls = [read_control(marker) for marker in markers]
        actual += [
            f" endTxnMarker: {c.type.name} coordinatorEpoch: {c.coordinator_epoch}"
            for c in controls
        ]
    assert expected == actual
    assert {"COMMIT", "ABORT"} == {line.split()[1] for line in actual}


def test_the_killed_log_reads_as_the_tool_says(killed: Path, dumped: Dump) -> None:
    """Nothing of a log changes its meaning by the death of its broker; two epochs are in it."""
    directory = killed / "plain-0"
    expected = [batch.fields for file in dumped.of(directory, ".log") for batch in file.batches]
    read = list(batches(directory))
    assert expected == [told(batch.header, position) for position, batch in read]
    assert 2 == len({batch.header.partition_leader_epoch for _, batch in read})


def test_a_walk_that_decodes_nothing_finds_the_same(recorded: Recorded) -> None:
    """The fast check is what recovery runs; it must agree with the slow reading."""
    for topic in TOPICS:
        for path in recorded.directory(topic).glob("*.log"):
            data = path.read_bytes()
            if data:
                headers = [header for _, header in scan_headers(data)]
                checked = check_batches(data)
                assert len(headers) == checked.batches
                assert sum(header.records_count for header in headers) == checked.records
                assert headers[-1].next_offset == checked.next_offset


@pytest.mark.parametrize("topic", ["plain", "idempotent"])
def test_encoding_again_gives_the_bytes_of_the_producer(recorded: Recorded, topic: str) -> None:
    """What is uncompressed has one encoding only; librdkafka's and ours are the same."""
    for _, batch in batches(recorded.directory(topic)):
        header = batch.header
        again = RecordBatch.of(
            batch.records,
            base_offset=header.base_offset,
            partition_leader_epoch=header.partition_leader_epoch,
            producer_id=header.producer_id,
            producer_epoch=header.producer_epoch,
            base_sequence=header.base_sequence,
        )
        assert bytes(batch.data) == again.data
