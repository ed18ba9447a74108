"""Kafka's own dump tool reads directories that we wrote, and finds nothing to complain of."""

from itertools import pairwise
from pathlib import Path

import pytest

from kafkabook.log.partition_log import PartitionLog

from . import ours
from .batches import segment_batches
from .dump import Dump, dump, segment_files

pytestmark = pytest.mark.real

KINDS = [topic for topic in ours.KINDS if topic not in ours.LEFT_OPEN]


@pytest.fixture(scope="module")
def written(our_logs: dict[str, PartitionLog]) -> dict[str, PartitionLog]:
    """The logs that were closed."""
    return {topic: our_logs[topic] for topic in KINDS}


def gaps(log: PartitionLog) -> list[tuple[int, int]]:
    """Where offsets of records are missing within a segment: only compaction leaves such."""
    found = []
    for path in sorted(ours.directory_of(log).glob("*.log")):
        offsets = [r.offset for _, batch in segment_batches(path) for r in batch.records]
        found += [(a, b) for a, b in pairwise(offsets) if b > a + 1]
    return found


def text(data: bytes | None) -> str | None:
    """Bytes as the tool prints them."""
    return None if data is None else data.decode()


@pytest.fixture(scope="module")
def dumped(kafka_jars: Path, written: dict[str, PartitionLog]) -> Dump:
    """Every file, every record, in one call."""
    return dump(segment_files(*map(ours.directory_of, written.values())), "--print-data-log")


def test_the_dump_tool_finds_no_fault(written: dict[str, PartitionLog], dumped: Dump) -> None:
    """Every batch valid, every index entry where a batch is; offsets are missing where we say."""
    assert () == dumped.faults
    expected = {gap for log in written.values() for gap in gaps(log)}
    assert expected == set(dumped.gaps)
    assert len(expected) > 5


def test_the_indexes_pass_kafkas_sanity_check(
    kafka_jars: Path, written: dict[str, PartitionLog]
) -> None:
    """The check by which a broker decides whether to build an index anew."""
    files = segment_files(*map(ours.directory_of, written.values()))
    indexes = [path for path in files if path.suffix in (".index", ".timeindex")]
    checked = dump(indexes, "--index-sanity-check")
    assert () == checked.faults
    assert len(indexes) == checked.text.count(" passed sanity check.") + checked.text.count(
        " is empty."
    )


@pytest.mark.parametrize("topic", KINDS)
def test_the_tool_reads_every_record_that_our_log_holds(
    written: dict[str, PartitionLog], dumped: Dump, topic: str
) -> None:
    """A silent tool that saw half of the log would prove nothing."""
    log = written[topic]
    expected = [(r.offset, r.timestamp_ms, text(r.key), text(r.value)) for r in log.records()]
    seen = [r for r in dumped.records(ours.directory_of(log)) if not r.is_control]
    assert expected == [(r.offset, r.timestamp_ms, r.key, r.value) for r in seen]
    assert len(dumped.of(ours.directory_of(log), ".log")) > 1
