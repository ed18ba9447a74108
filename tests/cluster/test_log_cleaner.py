"""The cleaner of a broker: the dirtiest log first, and never what is not committed."""

from typing import Any

from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Event
from kafkabook.cluster.config import ClusterConfig, TopicConfig
from kafkabook.cluster.log_cleaner import TIMER
from kafkabook.cluster.metadata import ConfigRecord, RemoveTopicRecord
from kafkabook.log.checkpoints import CLEANER_OFFSETS, read_offsets
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.events import (
    CleaningFailed,
    DeletedFilesRemoved,
    LogStartMoved,
    OldSegmentsDeleted,
    ReplicaCompacted,
)
from kafkabook.replication.facts import PartitionState
from tests.cluster.brokers import BILLS, LED, ORDERS, SomeBroker, bills, orders

ALONE = PartitionState((1,), frozenset({1}), 1)


def a_broker(
    state: PartitionState = ALONE,
    config: ClusterConfig = ClusterConfig(),  # noqa: B008 - frozen
    **settings: str,
) -> SomeBroker:
    """A broker with two compacted topics, whose segments hold two batches of one record."""
    some = SomeBroker(config=config)
    named = {"cleanup_policy": "compact", "segment_bytes": "150", **settings}
    texts = tuple((name.replace("_", "."), text) for name, text in named.items())
    topic = TopicConfig().with_texts(texts)
    for (first, *rest), name in ((orders(state), "orders"), (bills(state), "bills")):
        some.learn(first, ConfigRecord(name, topic), *rest)
    return some


def put(some: SomeBroker, name: TopicPartition, *keys: str) -> None:
    """Append one batch for each key."""
    for key in keys:
        record = Record(key.encode(), b"v", timestamp_ms=1)
        some.produce((name, RecordBatch.of([record])))


def told(some: SomeBroker, *kinds: type[Event]) -> list[Event]:
    """What was told of these kinds."""
    return [entry.event for entry in some.trace.of(*kinds)]


def keys(some: SomeBroker, name: TopicPartition) -> list[tuple[int, bytes | None]]:
    """The records that a log holds."""
    return [(it.offset, it.key) for it in some.partition(name).replica_log.log.records()]


def test_the_dirtiest_log_is_cleaned_first_and_the_next_one_at_once() -> None:
    """A round without work is followed by `log.cleaner.backoff.ms`."""
    some = a_broker()
    put(some, BILLS, "a", "a", "a")
    put(some, ORDERS, "a", "b", "a", "a", "b")
    names, armed = [], []
    for _ in range(3):
        before = len(told(some, ReplicaCompacted))
        some.wake(TIMER)
        names += [event.partition for event in told(some, ReplicaCompacted)[before:]]  # type: ignore[attr-defined]
        armed += [ms for timer, ms in some.armed() if timer == TIMER]
    assert ({ORDERS, BILLS}, [0, 0, 15_000]) == (set(names), armed)
    assert {ORDERS: 4, BILLS: 2} == read_offsets(some.disk, CLEANER_OFFSETS)
    assert [(1, b"b"), (3, b"a"), (4, b"b")] == keys(some, ORDERS)


def test_a_cleaning_is_told_with_what_it_worked_on_and_its_files_go_later() -> None:
    """The old files wait for their delay."""
    some = a_broker()
    put(some, ORDERS, "a", "a", "a", "a", "b")
    some.wake(TIMER)
    assert [ReplicaCompacted(ORDERS, 1, 0, 4, 2, 2, 280, 70)] == told(some, ReplicaCompacted)
    assert (("file removal", ORDERS), 60_000) in some.armed()
    some.now_ms = 60_000
    some.wake("file removal", ORDERS)
    assert 1 == len(told(some, DeletedFilesRemoved))


def test_what_is_not_committed_is_not_cleaned() -> None:
    """Nor is the active segment."""
    some = a_broker(LED)
    put(some, ORDERS, "a", "a", "a", "a", "a")
    some.wake(TIMER)
    assert ([], 5) == (told(some, ReplicaCompacted), len(keys(some, ORDERS)))
    some.fetched_by(2, 5)
    some.wake(TIMER)
    assert [(3, b"a"), (4, b"a")] == keys(some, ORDERS)


def test_a_log_that_did_not_change_is_not_looked_at_again() -> None:
    """A round must cost what has changed; with a lag the time alone changes something."""
    some = a_broker()
    put(some, ORDERS, "a", "b", "c")
    cleaner = some.broker.logs.cleaner
    some.wake(TIMER)  # cleans it, although nothing is superseded
    looked: list[list[str]] = []
    dirtiest = cleaner._cleaner.dirtiest

    def listening(logs: Any, *, now_ms: int) -> Any:
        found = list(logs)
        looked.append([log.name for log in found])
        return dirtiest(found, now_ms=now_ms)

    cleaner._cleaner.dirtiest = listening  # type: ignore[method-assign]
    for _ in range(2):
        some.wake(TIMER)
    put(some, BILLS, "a")
    some.wake(TIMER)
    assert [[ORDERS, BILLS], [], [BILLS]] == looked
    lagging = TopicConfig().with_texts(
        (("cleanup.policy", "compact"), ("max.compaction.lag.ms", "9"))
    )
    some.learn(ConfigRecord("bills", lagging))
    for _ in range(2):
        some.wake(TIMER)
    assert [[BILLS], [BILLS]] == looked[3:]


def test_old_segments_of_compacted_logs_are_the_cleaners_business() -> None:
    """With "delete" beside "compact" they expire, and with "compact" alone they do not."""
    some = a_broker(cleanup_policy="compact,delete", retention_ms="1000")
    put(some, ORDERS, "a", "b", "c")
    some.now_ms = 5_000
    some.wake(TIMER)
    kinds = [type(event) for event in told(some, OldSegmentsDeleted, LogStartMoved)]
    assert [OldSegmentsDeleted, LogStartMoved] == kinds
    alone = a_broker(retention_ms="1000")
    put(alone, ORDERS, "a", "b", "c")
    alone.now_ms = 5_000
    alone.wake(TIMER)
    assert [] == told(alone, OldSegmentsDeleted)


def test_a_log_that_cannot_be_read_is_left_alone() -> None:
    """Until its topic is made anew; the others are cleaned."""
    some = a_broker()
    put(some, ORDERS, "a", "b", "a", "a", "b")
    put(some, BILLS, "a", "a", "a")
    path = "orders-0/00000000000000000000.log"
    some.disk.write(path, 17, b"\x00\x00\x00\x00")
    for _ in range(3):
        some.wake(TIMER)
    assert [ORDERS] == [event.partition for event in told(some, CleaningFailed)]  # type: ignore[attr-defined]
    assert [BILLS] == [event.partition for event in told(some, ReplicaCompacted)]  # type: ignore[attr-defined]
    assert [ORDERS] == list(some.broker.logs.cleaner.uncleanable)
    some.learn(RemoveTopicRecord("orders"))
    some.wake(TIMER)
    assert [] == list(some.broker.logs.cleaner.uncleanable)


def test_a_buffer_without_room_for_a_key_does_not_stop_the_cleaner() -> None:
    """`log.cleaner.dedupe.buffer.size`: that log cannot be cleaned, ever."""
    some = a_broker(config=ClusterConfig(log_cleaner_dedupe_buffer_size=1))
    put(some, ORDERS, "a", "b", "c")
    some.wake(TIMER)
    assert (1, 15_000) == (len(told(some, CleaningFailed)), dict(some.armed())[TIMER])


def test_a_backoff_of_zero_still_lets_time_pass() -> None:
    """Else virtual time would stand still for ever."""
    some = a_broker(config=ClusterConfig(log_cleaner_backoff_ms=0))
    some.wake(TIMER)
    assert 1 == dict(some.armed())[TIMER]
