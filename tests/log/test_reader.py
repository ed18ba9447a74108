"""Readers share a log and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.errors import OffsetOutOfRange
from kafkabook.base.settings import default_of
from kafkabook.log.config import LogConfig
from kafkabook.log.examples import a_log
from kafkabook.log.facts import IsolationLevel
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.reader import Reader
from kafkabook.records.control_records import ControlType, end_transaction_marker
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch


@given(st.lists(st.integers(1, 7), max_size=12))
def test_any_pace_reads_the_same_records(paces: list[int]) -> None:
    """Each once, in order, whatever another reader does meanwhile."""
    log = a_log(batches=6, records_per_batch=3, config=LogConfig(segment_bytes=300))
    fast, slow = Reader("fast", log), Reader("slow", log)
    assert 18 == len(fast.poll())
    read = [record.offset for pace in paces for record in slow.poll(pace)]
    assert list(range(min(18, sum(paces)))) == read
    assert (slow.position, 18 - slow.position) == (len(read), slow.lag)


def test_a_poll_returns_at_most_as_many_records_as_kafkas_does() -> None:
    """The default of `max.poll.records`."""
    reader = Reader("billing", a_log(batches=2, records_per_batch=400))
    limit = default_of("max.poll.records")
    assert [limit, 800 - limit] == [len(reader.poll()), len(reader.poll())]


def test_what_was_not_committed_is_read_again_after_a_restart() -> None:
    """At least once: the commit is the offset of the next record."""
    reader = Reader("billing", a_log(batches=5))
    reader.poll(2)
    assert 2 == reader.commit()
    reader.poll(2)
    reader.restart()
    assert [2, 3, 4] == [record.offset for record in reader.poll()]


def test_a_seek_goes_anywhere_inside_the_log() -> None:
    """Backwards too, for reading took nothing away."""
    reader = Reader("search", a_log(batches=5))
    reader.poll()
    reader.seek(1)
    assert 1 == reader.poll(1)[0].offset
    with pytest.raises(OffsetOutOfRange):
        reader.seek(6)


def test_a_position_that_retention_took_is_an_error() -> None:
    """The reader was too slow; what it does now is its own decision."""
    log = a_log(batches=5)
    reader = Reader("slow", log)
    log.delete_records_before(3)
    with pytest.raises(OffsetOutOfRange):
        reader.poll()
    reader.seek(log.log_start)
    assert 2 == len(reader.poll())


@pytest.mark.parametrize(
    ("isolation", "values"),
    [
        (IsolationLevel.READ_UNCOMMITTED, [b"plain", b"aborted", b"committed"]),
        (IsolationLevel.READ_COMMITTED, [b"plain", b"committed"]),
    ],
)
def test_what_was_aborted_is_given_only_to_those_who_asked(
    isolation: IsolationLevel, values: list[bytes]
) -> None:
    """Markers are given to nobody, though they take an offset."""
    log = PartitionLog()
    log.append([Record(value=b"plain")])
    for sequence, kind in enumerate((ControlType.ABORT, ControlType.COMMIT)):
        value = b"aborted" if kind is ControlType.ABORT else b"committed"
        log.append(
            RecordBatch.of(
                [Record(value=value)],
                producer_id=1,
                producer_epoch=0,
                base_sequence=sequence,
                is_transactional=True,
            )
        )
        log.append(
            end_transaction_marker(
                kind, producer_id=1, producer_epoch=0, coordinator_epoch=0, timestamp_ms=0
            )
        )
    log.advance_high_watermark()
    reader = Reader("r", log, isolation=isolation)
    assert values == [record.value for record in reader.poll()]
    assert (5, 0) == (reader.position, reader.lag)
