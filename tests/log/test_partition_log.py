"""A log keeps what it was given, in order, under the offsets it gave, byte for byte as Kafka."""

from tests.log.vectors import expected_files, files_of, plain, plain_log


def test_offsets_and_segments_are_those_of_kafka() -> None:
    """The same appends land at the same offsets, and roll at the same batches."""
    log = plain_log()
    appends = plain()["appends"]
    assert appends[-1]["last_offset"] + 1 == log.log_end
    bases = sorted({append["segment_base_after"] for append in appends})
    assert bases == [segment.base_offset for segment in log.segments]


def test_an_open_directory_is_that_of_kafka() -> None:
    """All files while the log is open, preallocated indexes included."""
    log = plain_log()
    assert expected_files(plain()["files_open"]) == files_of(log.disk, "t-0")


def test_a_closed_directory_is_that_of_kafka() -> None:
    """A clean stop trims the indexes and leaves a snapshot at the log end."""
    log = plain_log()
    log.close()
    assert expected_files(plain()["files_closed"]) == files_of(log.disk, "t-0")


def test_lookups_in_both_indexes_answer_as_kafka() -> None:
    """Floor entries by offset and by time, in every segment."""
    log = plain_log()
    segments = {segment.base_offset: segment for segment in log.segments}
    for row in plain()["offset_index_lookups"]:
        segment = segments[row["segment"]]
        position = log.rules.lookup(segment.index.entries, row["target"])
        assert row["position"] == position
        found = segment.time_index.lookup(row["time_target"])
        assert (row["time_ts"], row["time_offset"]) == found


def test_the_end_of_an_epoch_is_that_of_kafka() -> None:
    """-1 stands for what the log cannot know."""
    log = plain_log()
    for row in plain()["end_offset_for_epoch"]:
        expected = (row["cache_epoch"], row["cache_end_offset"])
        assert expected == log.end_offset_for_epoch(row["epoch"])


def test_a_search_by_time_answers_as_kafka() -> None:
    """Also for the three numbers that stand for latest, earliest and largest timestamp."""
    log = plain_log()
    for row in plain()["fetch_offset_by_timestamp"]:
        found = log.offset_for_timestamp(row["ts"])
        assert row["result"] == (None if found is None else ":".join(map(str, found)))
