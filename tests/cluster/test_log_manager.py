"""A broker looks after its logs by timers, and a deleted topic's files go later."""

import pytest

from kafkabook.base.trace import Event
from kafkabook.cluster.config import ClusterConfig, TopicConfig
from kafkabook.cluster.metadata import BrokerConfigRecord, ConfigRecord, RemoveTopicRecord
from kafkabook.log.checkpoints import (
    CLEANER_OFFSETS,
    HIGH_WATERMARKS,
    LOG_STARTS,
    RECOVERY_POINTS,
    read_offsets,
    write_offsets,
)
from kafkabook.log.config import LogConfig
from kafkabook.log.partition_log import PartitionLog
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.events import (
    DeletedFilesRemoved,
    DirectoryRemoved,
    LogStartMoved,
    OldSegmentsDeleted,
    ProducersForgotten,
    ReplicaDeleted,
    ReplicaFlushed,
)
from kafkabook.replication.facts import PartitionState
from tests.cluster.brokers import BILLS, NEXT_ID, ORDERS, SomeBroker, bills, orders

ALONE = PartitionState((1,), frozenset({1}), 1)
UPKEEP = (LogStartMoved, OldSegmentsDeleted, DeletedFilesRemoved, DirectoryRemoved, ReplicaDeleted)


def a_broker(config: ClusterConfig = ClusterConfig(), **settings: str) -> SomeBroker:  # noqa: B008
    """A broker that leads orders-0 alone, with segments of two batches of one record."""
    some = SomeBroker(config=config)
    texts = tuple((name.replace("_", "."), text) for name, text in settings.items())
    topic = TopicConfig().with_texts((("segment.bytes", "150"), *texts))
    first, *rest = orders(ALONE)
    some.learn(first, ConfigRecord("orders", topic), *rest)
    return some


def log_of(some: SomeBroker) -> PartitionLog:
    """The log of orders-0."""
    return some.partition().replica_log.log


def bases(some: SomeBroker) -> list[int]:
    """Where the segments of orders-0 begin."""
    return [segment.base_offset for segment in log_of(some).segments]


def told(some: SomeBroker, *kinds: type[Event]) -> list[Event]:
    """What was told of these kinds, upkeep if none is named."""
    return [entry.event for entry in some.trace.of(*(kinds or UPKEEP))]


# --- timers ---------------------------------------------------------------------------------------


def test_timers_wait_for_the_initial_delay_once_all_logs_are_open() -> None:
    """Not before: nobody knows the settings of a topic until then."""
    some = SomeBroker()
    assert [] == [timer for timer, _ in some.armed() if str(timer).startswith("log ")]
    some.learn(*orders(ALONE))
    assert {
        "log retention": 30_000,
        "log flusher": 30_000,
        "recovery point checkpoint": 30_000,
        "log start offset checkpoint": 30_000,
        "log cleaner": 0,
        ("producer expiration", ORDERS): 600_000,
    } == dict(some.armed())


def test_the_initial_delay_is_a_setting_and_the_cleaner_may_be_off() -> None:
    """`log.initial.task.delay.ms`, `log.cleaner.enable`."""
    some = a_broker(ClusterConfig(log_initial_task_delay_ms=7, log_cleaner_enable=False))
    armed = dict(some.armed())
    assert (7, False) == (armed["log retention"], "log cleaner" in armed)


@pytest.mark.parametrize(
    ("timer", "interval_ms"),
    [
        ("log retention", 300_000),
        ("recovery point checkpoint", 60_000),
        ("log start offset checkpoint", 60_000),
        ("high watermark checkpoint", 5_000),
        ("log cleaner", 15_000),
    ],
)
def test_each_timer_goes_off_again_and_tells_nothing_where_nothing_changed(
    timer: str, interval_ms: int
) -> None:
    """A check that deletes nothing must not fill the trace."""
    some = a_broker()
    some.append("m0", "m1")
    before = len(some.trace)
    some.wake(timer)
    assert ([(timer, interval_ms)], before) == (some.armed(), len(some.trace))


def test_the_intervals_are_settings() -> None:
    """Each has its own."""
    config = ClusterConfig(
        log_retention_check_interval_ms=1,
        log_flush_scheduler_interval_ms=2,
        log_flush_offset_checkpoint_interval_ms=3,
        log_flush_start_offset_checkpoint_interval_ms=4,
        log_cleaner_backoff_ms=5,
        producer_id_expiration_check_interval_ms=6,
    )
    some = a_broker(config)
    names = ("log retention", "log flusher", "recovery point checkpoint")
    armed = []
    for name in (*names, "log start offset checkpoint", "log cleaner"):
        some.wake(name)
        armed += some.armed()
    some.wake("producer expiration", ORDERS)
    assert [1, 2, 3, 4, 5, 6] == [ms for _, ms in armed + some.armed()]


# --- retention ------------------------------------------------------------------------------------


def test_retention_by_time_deletes_whole_segments_and_their_files_go_later() -> None:
    """By a timer of their own, not by the next check."""
    some = a_broker(retention_ms="1000", file_delete_delay_ms="5000")
    some.append("m0", "m1", "m2")
    some.now_ms = 1_002
    some.wake("log retention")
    deleted = OldSegmentsDeleted(ORDERS, 1, (0, 2), 3, 210, "retention.ms")
    moved = LogStartMoved(ORDERS, 1, 0, 3, "segments deleted")
    assert [deleted, moved] == told(some)
    assert ReplicaFlushed(ORDERS, 1, 3) in told(some, ReplicaFlushed)
    assert ("file removal", ORDERS) == some.armed()[0][0]
    assert 5_000 == some.armed()[0][1]
    some.now_ms = 6_001
    some.wake("file removal", ORDERS)
    assert ([(("file removal", ORDERS), 1)], 2) == (some.armed(), len(told(some)))
    some.now_ms = 6_002
    some.wake("file removal", ORDERS)
    gone = [name for name in some.disk.list("orders-0") if name.endswith(".deleted")]
    assert ([], [], 1) == (gone, some.armed(), len(told(some, DeletedFilesRemoved)))


def test_files_that_go_with_a_check_are_told_too() -> None:
    """The check and the timer may meet in one millisecond."""
    some = a_broker(retention_ms="1000", file_delete_delay_ms="5000")
    some.append("m0", "m1", "m2")
    for some.now_ms in (1_002, 6_002):
        some.wake("log retention")
        some.append("m3")
    assert 1 == len(told(some, DeletedFilesRemoved))


def test_retention_by_size_keeps_what_fits() -> None:
    """The oldest go first."""
    some = a_broker(retention_bytes="150")
    some.append("m0", "m1", "m2", "m3", "m4")
    some.wake("log retention")
    assert [OldSegmentsDeleted(ORDERS, 1, (0,), 2, 140, "retention.bytes")] == told(some)[:1]
    assert [2, 4] == bases(some)


def test_segments_below_the_log_start_go_and_the_log_start_stays() -> None:
    """DeleteRecords has moved it already; nothing that waits for it is looked at again."""
    some = a_broker(retention_ms="-1")
    some.append("m0", "m1", "m2")
    log_of(some).delete_records_before(2)
    some.wake("log retention")
    assert [OldSegmentsDeleted(ORDERS, 1, (0,), 2, 140, "log start")] == told(some)


def test_retention_leaves_compacted_logs_to_the_cleaner() -> None:
    """No other thread deletes what the cleaner may be reading."""
    some = a_broker(cleanup_policy="compact,delete", retention_ms="1000")
    for value in ("m0", "m1", "m2"):
        keyed = RecordBatch.of([Record(b"k", value.encode(), timestamp_ms=1)])
        some.produce((ORDERS, keyed))
    some.now_ms = 5_000
    some.wake("log retention")
    assert [] == told(some)
    some.wake("log cleaner")
    assert [OldSegmentsDeleted, LogStartMoved] == [type(event) for event in told(some)]


def test_what_waits_for_a_log_start_is_looked_at_again() -> None:
    """A DeleteRecords may wait for just this."""
    some = a_broker(retention_ms="1000")
    some.append("m0")
    looked: list[object] = []
    some.broker.purgatory.complete = lambda key, _: looked.append(key)  # type: ignore[method-assign]
    some.now_ms = 5_000
    some.wake("log retention")
    assert [ORDERS] == looked


# --- flushing, checkpoints, producers -------------------------------------------------------------


def test_a_log_is_flushed_by_time_if_its_topic_says_so() -> None:
    """`flush.ms` counts from the last flush; by default the timer goes off only once."""
    some = a_broker(flush_ms="1000")
    some.append("m0")
    some.now_ms = 999
    some.wake("log flusher")
    assert (0, []) == (log_of(some).recovery_point, some.armed())
    some.now_ms = 1_000
    some.wake("log flusher")
    assert [ReplicaFlushed(ORDERS, 1, 1)] == told(some, ReplicaFlushed)
    some.append("m1")
    some.now_ms = 1_999
    some.wake("log flusher")
    assert 1 == log_of(some).recovery_point


def test_each_checkpoint_has_its_timer() -> None:
    """High watermarks are ahead of recovery points on the disk, and of log starts."""
    some = a_broker()
    some.append("m0", "m1")
    log_of(some).flush()
    some.broker.replicas.partitions[ORDERS].replica_log.log.delete_records_before(1)
    files = (HIGH_WATERMARKS, RECOVERY_POINTS, LOG_STARTS)

    def on_disk() -> list[int]:
        return [read_offsets(some.disk, file).get(ORDERS, -1) for file in files]

    assert [-1, -1, -1] == on_disk()
    some.wake("high watermark checkpoint")
    assert [2, -1, -1] == on_disk()
    some.wake("recovery point checkpoint")
    assert [2, 2, -1] == on_disk()
    some.wake("log start offset checkpoint")
    assert [2, 2, 1] == on_disk()


def test_a_checkpoint_is_written_again_only_if_its_bytes_are_not_on_the_disk() -> None:
    """Two thousand lines every five seconds would be work for nothing."""
    some = a_broker()
    some.append("m0")
    some.wake("high watermark checkpoint")
    renamed: list[str] = []
    keep = some.disk.rename
    some.disk.rename = lambda path, to: (renamed.append(to), keep(path, to))[1]  # type: ignore[method-assign]
    some.wake("high watermark checkpoint")
    assert [] == renamed
    some.disk.write(HIGH_WATERMARKS, 0, b"9")
    some.wake("high watermark checkpoint")
    some.append("m1")
    some.wake("high watermark checkpoint")
    assert ([HIGH_WATERMARKS] * 2, {ORDERS: 2}) == (
        renamed,
        read_offsets(some.disk, HIGH_WATERMARKS),
    )


def test_a_truncation_takes_back_what_the_checkpoints_say() -> None:
    """Else what is appended anew would count as flushed, and as cleaned."""
    some = a_broker(cleanup_policy="compact")
    for number in range(5):
        keyed = RecordBatch.of([Record(b"k", b"%d" % number, timestamp_ms=1)])
        some.produce((ORDERS, keyed))
    log_of(some).flush()
    some.wake("recovery point checkpoint")
    write_offsets(some.disk, CLEANER_OFFSETS, {ORDERS: 4})

    def act(context: object) -> None:
        replica_log = some.partition().replica_log
        replica_log.truncate_to(1, context, leader_epoch=0, reason="a test")  # type: ignore[arg-type]

    some.perform(act)
    assert ({ORDERS: 1}, {ORDERS: 0}) == (
        read_offsets(some.disk, RECOVERY_POINTS),
        read_offsets(some.disk, CLEANER_OFFSETS),
    )
    assert ("file removal", ORDERS) in dict(some.armed())


def test_idle_producers_are_forgotten_by_a_timer_of_each_log() -> None:
    """Ten minutes after its opening, and every ten minutes."""
    config = ClusterConfig(producer_id_expiration_ms=500_000)
    some = a_broker(config)
    data = RecordBatch.of(
        [Record(value=b"m0", timestamp_ms=1)], producer_id=9, producer_epoch=0, base_sequence=0
    )
    some.produce((ORDERS, data))
    some.wake("producer expiration", ORDERS)
    assert ([(("producer expiration", ORDERS), 600_000)], []) == (
        some.armed(),
        told(some, ProducersForgotten),
    )
    some.now_ms = 600_000
    some.wake("producer expiration", ORDERS)
    assert [ProducersForgotten(ORDERS, 1, (9,))] == told(some, ProducersForgotten)


# --- settings -------------------------------------------------------------------------------------


def test_a_changed_setting_reaches_the_open_log() -> None:
    """The next check knows it; a segment that exists keeps its indexes as they are."""
    some = a_broker()
    some.append("m0", "m1", "m2")
    some.now_ms = 5_000
    some.wake("log retention")
    assert [] == told(some)
    topic = TopicConfig().with_texts((("retention.ms", "1000"), ("segment.bytes", "150")))
    some.learn(ConfigRecord("orders", topic))
    assert (topic.log, topic.log) == (log_of(some).config, log_of(some).local.config)
    some.wake("log retention")
    assert [3] == bases(some)


def test_settings_of_brokers_count_where_a_topic_says_nothing() -> None:
    """`log.retention.ms` and its like."""
    some = a_broker(ClusterConfig(log_retention_ms=1_000))
    assert 1_000 == log_of(some).config.retention_ms


# --- deletion -------------------------------------------------------------------------------------


def test_altered_settings_of_brokers_reach_the_open_logs_and_those_to_come() -> None:
    """This broker's own before the default of all; another's, and a topic's own word, stay."""
    some = a_broker(retention_bytes="7")
    kept = []
    for broker, texts in (
        ("2", {"log.retention.ms": "1"}),
        ("", {"log.retention.ms": "5000", "log.retention.bytes": "9"}),
        ("1", {"log.retention.ms": "6000"}),
        ("1", {}),
    ):
        some.learn(BrokerConfigRecord(broker, tuple(texts.items())))
        kept.append((log_of(some).config.retention_ms, log_of(some).config.retention_bytes))
    usual = LogConfig().retention_ms
    assert [(usual, 7), (5_000, 7), (6_000, 7), (5_000, 7)] == kept
    some.learn(*bills(ALONE))
    new = some.partition(BILLS).replica_log.log.config
    assert (5_000, 9) == (new.retention_ms, new.retention_bytes)


def test_the_directory_of_a_deleted_topic_is_renamed_and_removed_later() -> None:
    """After `log.segment.delete.delay.ms`; the checkpoints know it no more at once."""
    some = a_broker()
    some.learn(*bills(ALONE))
    some.append("m0")
    log_of(some).append([Record(value=b"m1", timestamp_ms=1)] * 2)
    log_of(some).delete_records_before(1)
    for timer in ("high watermark", "recovery point", "log start offset"):
        some.wake(f"{timer} checkpoint")
    assert {ORDERS: 1} == read_offsets(some.disk, LOG_STARTS)
    write_offsets(some.disk, CLEANER_OFFSETS, {ORDERS: 4, BILLS: 2})
    some.now_ms = 40_000
    some.learn(RemoveTopicRecord("orders"))
    (folder,) = [name for name in some.disk.list() if name.endswith("-delete/")]
    topic, _, rest = folder.partition(".")
    assert ("orders-0", 32) == (topic, len(rest.removesuffix("-delete/")))
    assert "00000000000000000000.log" in some.disk.list(folder[:-1])
    assert [("directory removal", 60_000)] == some.armed()
    files = (RECOVERY_POINTS, CLEANER_OFFSETS, LOG_STARTS)
    assert [{BILLS: 0}, {BILLS: 2}, {}] == [read_offsets(some.disk, file) for file in files]
    some.now_ms = 100_000
    some.wake("directory removal")
    assert [ReplicaDeleted(ORDERS, 1), DirectoryRemoved(1, folder[:-1])] == told(some)
    assert ((), []) == (some.disk.list(folder[:-1]), some.armed())
    some.wake("high watermark checkpoint")
    assert {BILLS: 0} == read_offsets(some.disk, HIGH_WATERMARKS)


def test_no_directory_goes_before_the_first_round() -> None:
    """The timer of Kafka waits for `log.initial.task.delay.ms` too."""
    some = a_broker(ClusterConfig(log_segment_delete_delay_ms=1_000))
    some.learn(RemoveTopicRecord("orders"))
    assert [("directory removal", 30_000)] == some.armed()


def test_each_directory_waits_for_its_own_time() -> None:
    """The oldest first."""
    some = a_broker()
    some.learn(*bills(ALONE))
    some.learn(RemoveTopicRecord("orders"))
    some.now_ms = 10_000
    some.learn(RemoveTopicRecord("bills"))
    assert [("directory removal", 50_000)] == some.armed()
    some.now_ms = 60_000
    some.wake("directory removal")
    assert ([("directory removal", 10_000)], 1) == (some.armed(), len(told(some, DirectoryRemoved)))


def test_a_start_removes_what_an_earlier_one_left_to_be_removed() -> None:
    """It waits anew, for nobody knows since when it has waited."""
    first = a_broker()
    first.learn(RemoveTopicRecord("orders"))
    (folder,) = [name for name in first.disk.list() if name.endswith("-delete/")]
    second = SomeBroker(first.disk)
    second.learn(*bills(ALONE))
    assert ("directory removal", 60_000) in second.armed()
    second.now_ms = 60_000
    second.wake("directory removal")
    assert [DirectoryRemoved(1, folder[:-1])] == told(second, DirectoryRemoved)
    assert folder not in second.disk.list()


def test_a_log_that_nobody_gives_to_this_broker_is_set_aside_and_kept() -> None:
    """Nobody asked for its end."""
    first = a_broker()
    first.append("m0")
    second = SomeBroker(first.disk)
    second.learn(*orders(ALONE, NEXT_ID))
    (folder,) = [name for name in second.disk.list() if name.endswith("-stray/")]
    assert folder.startswith("orders-0.")
    assert "00000000000000000000.log" in second.disk.list(folder[:-1])
    assert (0, NEXT_ID) == (log_of(second).log_end, log_of(second).topic_id)
    second.now_ms = 10**6
    second.wake("directory removal")
    assert folder in second.disk.list()


def test_a_topic_deleted_with_timers_armed_leaves_none_that_fails() -> None:
    """They go off for a log that is not there any more."""
    some = a_broker(retention_ms="1000")
    some.append("m0", "m1", "m2")
    some.now_ms = 5_000
    some.wake("log retention")
    some.learn(RemoveTopicRecord("orders"))
    some.now_ms = 600_000
    some.wake("file removal", ORDERS)
    some.wake("producer expiration", ORDERS)
    assert [] == some.armed()
