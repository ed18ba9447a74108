"""What the root of log.dirs remembers from one start to the next."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.log.checkpoints import CLEANER_OFFSETS, read_offsets
from kafkabook.log.compaction import Cleaner
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.events import LogOpened, RecoveryCompleted
from kafkabook.log.facts import EpochEntry
from kafkabook.log.log_directory import LogDirectory
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from tests.refusals import refused

ORDERS = TopicPartition("orders", 0)


def some_records(count: int) -> list[Record]:
    """Return records that differ."""
    return [Record(value=b"value-%d" % number, timestamp_ms=1000) for number in range(count)]


def test_after_a_clean_stop_marks_are_known_and_nothing_is_read_again() -> None:
    """`.kafka_cleanshutdown` says so, and is gone as soon as the directory is open."""
    directory = LogDirectory()
    log = directory.open("orders-0")
    log.append(some_records(5))
    log.advance_high_watermark(3)
    log.delete_records_before(2)
    directory.close(broker_epoch=9)
    again = LogDirectory(directory.disk)
    reopened = again.open("orders-0")
    assert (True, 9) == (again.after_clean_stop, again.previous_broker_epoch)
    assert (2, 3, 5) == (reopened.log_start, reopened.high_watermark, reopened.log_end)
    assert [] == reopened.trace.of(RecoveryCompleted)
    assert not directory.disk.exists(".kafka_cleanshutdown")


def test_after_a_crash_the_log_is_recovered_from_the_last_checkpoint() -> None:
    """What was flushed and checkpointed is believed, the rest is read again."""
    directory = LogDirectory()
    log = directory.open("orders-0")
    log.append(some_records(5))
    log.flush()
    log.advance_high_watermark(5)
    directory.checkpoint()
    log.append(some_records(3))
    directory.disk.lose_power()
    again = LogDirectory(directory.disk)
    reopened = again.open("orders-0")
    assert not again.after_clean_stop
    assert (5, 5, 5) == (reopened.recovery_point, reopened.high_watermark, reopened.log_end)
    opened = reopened.trace.of(LogOpened)[0].event
    assert LogOpened(0, 5, (0,), after_clean_stop=False) == opened


def test_the_log_start_is_written_only_where_it_lies_inside_a_segment() -> None:
    """Elsewhere the name of the first file says it."""
    directory = LogDirectory()
    log = directory.open("orders-0")
    log.append(some_records(5))
    log.advance_high_watermark()
    directory.checkpoint()
    assert {} == read_offsets(directory.disk, "log-start-offset-checkpoint")
    for start in (1, 2):  # the first record alone counts too
        log.delete_records_before(start)
        directory.checkpoint()
        assert {ORDERS: start} == read_offsets(directory.disk, "log-start-offset-checkpoint")
        assert start == LogDirectory(directory.disk).open("orders-0").log_start


def a_start_inside_the_first_batch() -> LogDirectory:
    """A follower copied 8 to 12 in one batch, and its leader's log starts at 10."""
    directory = LogDirectory()
    log = directory.open("orders-0")
    log.truncate_fully_and_start_at(8)
    batch = RecordBatch.of(some_records(5), base_offset=8, partition_leader_epoch=3)
    log.append_as_follower((batch,))
    log.advance_high_watermark(13)
    log.delete_records_before(10)
    directory.checkpoint()
    return directory


@pytest.mark.parametrize("has_epochs", [True, False])
def test_after_a_crash_a_log_starts_inside_its_first_batch_as_before(has_epochs: bool) -> None:
    """Its checkpoint says so, and that of the leader epochs, which else come from the batches."""
    directory = a_start_inside_the_first_batch()
    if not has_epochs:
        directory.disk.remove("orders-0/leader-epoch-checkpoint")
    log = LogDirectory(directory.disk).open("orders-0")
    assert (10, 13, 13) == (log.log_start, log.high_watermark, log.log_end)
    assert (EpochEntry(3, 10),) == log.epochs.entries
    assert list(range(10, 13)) == [record.offset for record in log.records()]
    log.check()


def test_a_power_cut_that_takes_the_first_batch_leaves_an_empty_log_at_the_start() -> None:
    """Below it nothing may be served; the whole batch is copied again after a new beginning."""
    directory = a_start_inside_the_first_batch()
    directory.disk.lose_power()
    log = LogDirectory(directory.disk).open("orders-0")
    assert (10, 10, 10) == (log.log_start, log.high_watermark, log.log_end)
    assert () == log.epochs.entries
    assert ["00000000000000000010"] == [
        name[:-4] for name in directory.disk.list("orders-0") if name.endswith(".log")
    ]


def test_the_files_of_a_directory_are_those_of_kafka() -> None:
    """Names as they stand in a broker's log.dirs after a clean stop."""
    directory = LogDirectory()
    directory.open("orders-0", topic_id="AAAAAAAAAAAAAAAAAAAAAg").append(some_records(1))
    directory.close()
    assert (
        ".kafka_cleanshutdown",
        ".lock",
        "cleaner-offset-checkpoint",
        "log-start-offset-checkpoint",
        "meta.properties",
        "orders-0/",
        "recovery-point-offset-checkpoint",
        "replication-offset-checkpoint",
    ) == directory.disk.list()
    assert (
        "00000000000000000000.index",
        "00000000000000000000.log",
        "00000000000000000000.timeindex",
        "00000000000000000001.snapshot",
        "leader-epoch-checkpoint",
        "partition.metadata",
    ) == directory.disk.list("orders-0")


@pytest.mark.parametrize(
    "name",
    [
        "recovery-point-offset-checkpoint",
        "replication-offset-checkpoint",
        "log-start-offset-checkpoint",
        "cleaner-offset-checkpoint",
    ],
)
def test_a_malformed_checkpoint_stops_the_start(name: str) -> None:
    """Guessing would be worse: the name, the line and what to do are said."""
    disk = MemoryDisk()
    disk.append(name, b"nonsense\n")
    with refused(Errors.KAFKA_STORAGE_ERROR, match=f"{name}, line 1"):
        LogDirectory(disk)


def test_properties_of_the_future_stop_the_start() -> None:
    """What a later version means nobody here can know."""
    disk = MemoryDisk()
    disk.append("meta.properties", b"version=2\n")
    with refused(Errors.KAFKA_STORAGE_ERROR, match="meta.properties: version '2' instead of 0 or"):
        LogDirectory(disk)


def test_a_directory_of_another_node_is_refused() -> None:
    """Two nodes on one directory would destroy each other's logs."""
    directory = LogDirectory(node_id=1)
    with refused(Errors.KAFKA_STORAGE_ERROR, match=r"node\.id is 1, not 2"):
        LogDirectory(directory.disk, node_id=2)


def test_names_that_are_no_partition_are_refused() -> None:
    """A path in disguise never becomes a directory."""
    directory = LogDirectory()
    for name in ("orders", "orders-x", "-0"):
        with refused(Errors.KAFKA_STORAGE_ERROR, Errors.INVALID_TOPIC_EXCEPTION):
            directory.open(name)
    with refused(Errors.INVALID_TOPIC_EXCEPTION):
        directory.open("../x-0")
    assert () == directory.partitions()


def test_the_partitions_are_found_by_their_folders() -> None:
    """Those on their way out are passed over."""
    directory = LogDirectory()
    directory.open("orders-10")
    directory.open("orders-2")
    directory.disk.append("gone-0.0123456789abcdef0123456789abcdef-delete/x", b"")
    expected = (TopicPartition("orders", 2), TopicPartition("orders", 10))
    assert expected == directory.partitions()


def test_a_directory_that_is_set_aside_has_a_name_that_fits_and_is_no_partition() -> None:
    """Kafka cuts the topic where the whole would be longer than 255 characters."""
    directory = LogDirectory()
    directory.open(f"{'a' * 249}-12", topic_id="AAAAAAAAAAAAAAAAAAAAAg")
    folder = directory.set_aside(f"{'a' * 249}-12", now_ms=5)
    assert (255, "a-12.", "-delete") == (len(folder), folder[211:216], folder[-7:])
    assert ((folder,), ()) == (directory.set_aside_before(), directory.partitions())
    again = directory.open(f"{'a' * 249}-12", topic_id="AAAAAAAAAAAAAAAAAAAAAg")
    assert folder != directory.set_aside(again.name, now_ms=6)


def test_a_log_that_is_set_aside_takes_nothing_more() -> None:
    """Who still holds it hears of that."""
    directory = LogDirectory()
    log = directory.open("orders-0")
    directory.set_aside("orders-0", "-stray")
    with refused(Errors.KAFKA_STORAGE_ERROR):
        log.append(some_records(1))
    assert () == directory.set_aside_before()


def test_a_checkpoint_leaves_what_the_cleaner_wrote() -> None:
    """The cleaner writes its own checkpoint after each cleaning; nobody may take that back."""
    directory = LogDirectory()
    config = LogConfig(cleanup_policy=("compact",), segment_bytes=100)
    log = directory.open("a-0", config=config)
    for number in range(5):
        log.append([Record(key=b"k", value=b"v%d" % number, timestamp_ms=1000)])
    log.advance_high_watermark()
    cleaned = Cleaner().clean(log, now_ms=2000, even_if_not_due=True)
    assert cleaned is not None
    directory.checkpoint()
    expected = {TopicPartition("a", 0): cleaned.end_offset}
    assert expected == read_offsets(directory.disk, CLEANER_OFFSETS)


def test_the_four_checkpoints_are_there_from_the_start() -> None:
    """Empty, as Kafka makes them."""
    directory = LogDirectory()
    names = [name for name in directory.disk.list() if name.endswith("-checkpoint")]
    assert [0, 0, 0, 0] == list(map(directory.disk.size, names))


def test_a_directory_without_a_clean_stop_knows_of_no_broker_epoch() -> None:
    """Its broker tells the controller so when it registers."""
    assert -1 == LogDirectory().previous_broker_epoch
