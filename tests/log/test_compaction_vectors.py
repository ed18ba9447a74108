"""Three cleanings of one log, byte for byte as Kafka 4.3 did them: every file of the directory."""

import pytest

from kafkabook.log.compaction import Cleaned, Cleaner
from kafkabook.log.config import LogConfig
from kafkabook.log.partition_log import PartitionLog
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from tests.log.vectors import TOPIC_ID, expected_files, files_of, vectors

T0_MS = 1_700_000_000_000  # what the clock of Kafka's run stood at
DAY_MS = 86_400_000
CONFIG = LogConfig(segment_bytes=400, cleanup_policy=("compact",), delete_retention_ms=DAY_MS)
CLEANINGS_MS = {"pass1": T0_MS, "pass2": T0_MS, "pass3": T0_MS + DAY_MS}


def the_log() -> PartitionLog:
    """Build the log that Kafka cleaned: 14 batches of one record, two tombstones, 3 segments."""
    log = PartitionLog("t-0", config=CONFIG, topic_id=TOPIC_ID)
    for timestamp_ms, key, value, segment_base in vectors()["log_dirs"][1]["appends"]:
        record = Record(key.encode(), None if value is None else value.encode(), timestamp_ms)
        log.append([record])
        assert segment_base == log.segments[-1].base_offset
    log.advance_high_watermark()
    return log


def the_log_after(cleanings: int) -> tuple[PartitionLog, list[Cleaned | None]]:
    """Clean it as often; files that an earlier cleaning marked are gone by the next one."""
    log, answers = the_log(), []
    for now_ms in list(CLEANINGS_MS.values())[:cleanings]:
        log.local.unlink_deleted(now_ms=now_ms + 10 * DAY_MS)
        answers.append(Cleaner().clean(log, now_ms=now_ms, even_if_not_due=True))
    return log, answers


def test_the_log_is_the_same_before() -> None:
    """Else the cleanings would prove nothing."""
    expected = expected_files(vectors()["log_dirs"][1]["files_before"])
    assert expected == files_of(the_log().disk, "t-0")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_each_cleaning_leaves_the_bytes_that_kafka_leaves(number: int) -> None:
    """First: horizons are set. Second: segments are joined. Third: tombstones are gone, and the
    last batch stays as a shell, for it holds the last offset."""
    log, answers = the_log_after(number)
    told = vectors()["log_dirs"][1][f"pass{number}"]
    assert expected_files(told["files"]) == files_of(log.disk, "t-0")
    assert answers[-1] is not None
    assert told["end_offset"] == answers[-1].end_offset
    log.check()


@pytest.mark.parametrize(("cleanings", "ratio"), [(0, 1.0), (1, 0.0), (2, 0.0)])
def test_the_dirty_ratio_is_kafkas(cleanings: int, ratio: float) -> None:
    """All is dirty at first, and nothing after."""
    log, _ = the_log_after(cleanings)
    told = vectors()["log_dirs"][1][f"pass{cleanings + 1}"]
    found = Cleaner().cleanable(log, now_ms=T0_MS)
    assert [ratio, ratio] == [told["cleanable_ratio"], found.dirty_ratio]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_reader_is_given_the_records_that_kafka_gives(number: int) -> None:
    """At the offsets and times that they always had, and with the horizon of their batch."""
    log, _ = the_log_after(number)
    batches = [batch for segment in log.segments for batch in log.read(segment.base_offset)]
    told = [_told(batch, record) for batch in batches for record in batch.records]
    assert vectors()["log_dirs"][1][f"pass{number}"]["kept"] == told


def _told(batch: RecordBatch, record: Record) -> str:
    value = "null" if record.value is None else record.value.decode()
    horizon_ms = batch.header.delete_horizon_ms
    suffix = "" if horizon_ms is None else f" dh={horizon_ms}"
    return f"{record.offset}:{record.key.decode()}={value}{suffix}"
