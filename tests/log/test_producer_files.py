"""The snapshots of a log's producers: where they lie, who is in them, and who is known again."""

from dataclasses import replace

from kafkabook.base.units import DAY_MS
from kafkabook.log.compaction_rules import rebuild_batch
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import Disk, MemoryDisk
from kafkabook.log.events import ProducersExpired
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.producer_files import remember_batch, snapshot_offsets
from kafkabook.log.producer_snapshots import read_snapshot
from kafkabook.log.recovery import Checkpointed
from kafkabook.records.control_records import ControlType, end_transaction_marker
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

FOLDER = "orders-0"
CONFIG = LogConfig(segment_bytes=250)
CLEAN = Checkpointed(after_clean_stop=True)


def a_batch(
    producer_id: int, sequence: int, when_ms: int, *, is_transactional: bool = False
) -> RecordBatch:
    """Build one record of an idempotent producer."""
    record = Record(value=b"value", timestamp_ms=when_ms)
    return RecordBatch.of(
        [record],
        producer_id=producer_id,
        producer_epoch=0,
        base_sequence=sequence,
        is_transactional=is_transactional,
    )


def an_end(how: ControlType, producer_id: int) -> RecordBatch:
    """Build the marker that ends the transaction of a producer."""
    return end_transaction_marker(
        how, producer_id=producer_id, producer_epoch=0, coordinator_epoch=0, timestamp_ms=0
    )


def a_log(*producer_ids: int, disk: Disk | None = None) -> PartitionLog:
    """Return a log of one batch each, an hour apart; three batches make a segment."""
    log = PartitionLog(FOLDER, disk, config=CONFIG)
    for number, producer_id in enumerate(producer_ids):
        sequence = producer_ids[:number].count(producer_id)
        log.append(a_batch(producer_id, sequence, number * DAY_MS // 24))
    return log


def reopened(log: PartitionLog, checkpointed: Checkpointed, now_ms: int = 0) -> PartitionLog:
    """Return the log that opens on the same disk."""
    return PartitionLog(FOLDER, log.disk, config=CONFIG, checkpointed=checkpointed, now_ms=now_ms)


def known(log: PartitionLog) -> list[int]:
    """Return the producers that the log knows."""
    return [entry.producer_id for entry in log.producers.snapshot().producers]


def written(log: PartitionLog, offset: int) -> list[int]:
    """Return the producers in a snapshot file."""
    path = f"{FOLDER}/{offset:020d}.snapshot"
    return sorted(entry.producer_id for entry in read_snapshot(log.disk.read(path)))


def test_a_crash_leaves_no_snapshot_at_the_log_end_and_recovery_writes_it() -> None:
    """The next start then need not read the active segment for its producers."""
    log = a_log(1, 2, 3, 4)
    assert [3] == snapshot_offsets(log.disk, FOLDER)
    again = reopened(log, Checkpointed())
    assert [3, 4] == snapshot_offsets(log.disk, FOLDER)
    assert log.producers.take_snapshot() == log.disk.read(f"{FOLDER}/{4:020d}.snapshot")
    assert [1, 2, 3, 4] == known(again)


def test_an_empty_log_has_no_snapshot() -> None:
    """Nobody has produced to it."""
    log = reopened(a_log(), Checkpointed())
    log.close()
    assert [] == snapshot_offsets(log.disk, FOLDER)


def test_a_truncation_leaves_a_snapshot_at_the_new_end_and_none_beyond() -> None:
    """What is cut off is unlearned, on the disk too."""
    log = a_log(1, 2, 3, 4, 5, 6, 7)
    assert [3, 6] == snapshot_offsets(log.disk, FOLDER)
    log.truncate_to(5)
    assert [3, 5] == snapshot_offsets(log.disk, FOLDER)
    assert ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]) == (known(log), written(log, 5))


def test_who_has_expired_is_left_out_when_a_snapshot_is_loaded() -> None:
    """A broker that was down for a day starts with a short list; the file keeps the long one."""
    log = a_log(1, 2, 3, 4)
    log.close()
    again = reopened(log, CLEAN, now_ms=DAY_MS + DAY_MS // 24)
    assert ([3, 4], [1, 2, 3, 4]) == (known(again), written(log, 4))
    expired = [entry.event for entry in again.trace.of(ProducersExpired)]
    assert [ProducersExpired((1, 2), DAY_MS)] == expired


def test_recovery_drops_the_expired_behind_each_segment_that_it_has_read() -> None:
    """What it writes still has those of the last segment, what it knows has not."""
    log = a_log(1, 2, 3, 4, 5, 6, 7, 8)
    again = reopened(log, Checkpointed(), now_ms=2 * DAY_MS)
    assert [3, 6, 8] == snapshot_offsets(log.disk, FOLDER)
    files = {offset: written(log, offset) for offset in (3, 6, 8)}
    assert {3: [1, 2, 3], 6: [4, 5, 6], 8: [7, 8]} == files
    assert [] == known(again)


def test_after_recovery_only_the_last_batch_of_a_producer_is_known() -> None:
    """The state went through a snapshot, which holds no more."""
    log = a_log(1, 1)
    again = reopened(log, Checkpointed())
    (before,), (after,) = (x.producers.snapshot().producers for x in (log, again))
    assert (2, 1) == (len(before.batches), len(after.batches))


def test_a_snapshot_at_the_log_start_goes_with_what_was_before_it() -> None:
    """Nothing would be read from there on that it could serve; a newer one has all producers."""
    log = a_log(1, 2, 3, 4)
    log.advance_high_watermark()
    log.delete_records_before(3)
    log.close()
    again = reopened(log, Checkpointed(log_start=3, after_clean_stop=True))
    assert [4] == snapshot_offsets(log.disk, FOLDER)
    assert [1, 2, 3, 4] == known(again)


def test_of_snapshots_that_belong_to_no_segment_only_the_newest_at_the_end_stays() -> None:
    """It is that of the last stop; older ones were left by stops before."""
    log = a_log(1, 2)
    log.close()
    again = reopened(log, CLEAN)
    again.append(a_batch(3, 0, 0))
    again.close()
    assert [2, 3] == snapshot_offsets(log.disk, FOLDER)
    reopened(again, CLEAN)
    assert [3] == snapshot_offsets(log.disk, FOLDER)


def test_a_damaged_snapshot_is_removed_and_the_log_read_instead() -> None:
    """The one before it is as good, with more to read."""
    log = a_log(1, 2, 3, 4)
    log.close()
    log.disk.write(f"{FOLDER}/{4:020d}.snapshot", 20, b"\xff")
    again = reopened(log, CLEAN)
    assert [1, 2, 3, 4] == known(again) == written(log, 4)


def test_a_log_read_instead_of_its_snapshots_waits_for_no_transaction_that_is_committed() -> None:
    """Its markers are met again, and the high watermark says how far they count for readers."""
    log = PartitionLog(FOLDER, MemoryDisk(), config=CONFIG)
    for producer_id in (1, 2):
        log.append(a_batch(producer_id, 0, 0, is_transactional=True))
        log.append(an_end(ControlType.COMMIT, producer_id))
    log.close()
    log.disk.remove(f"{FOLDER}/{4:020d}.snapshot")
    again = reopened(log, replace(CLEAN, high_watermark=3, recovery_point=4))
    assert (3, 2) == (again.high_watermark, again.last_stable_offset)


def test_after_a_clean_stop_without_any_snapshot_nobody_has_produced() -> None:
    """A broker from before there were snapshots stopped; Kafka does not read ten years of log."""
    log = a_log(1, 2, 3, 4)
    log.close()
    for offset in snapshot_offsets(log.disk, FOLDER):
        log.disk.remove(f"{FOLDER}/{offset:020d}.snapshot")
    again = reopened(log, CLEAN)
    assert ([], [3, 4]) == (known(again), snapshot_offsets(log.disk, FOLDER))
    assert [[], []] == [written(log, offset) for offset in (3, 4)]


def test_a_marker_without_its_record_ends_nothing_again() -> None:
    """An earlier cleaning has dropped the record and kept the batch for its sequence number."""
    log = a_log(1)
    before = log.producers.snapshot()
    shell = RecordBatch(rebuild_batch(an_end(ControlType.COMMIT, 1).header, ()))
    remember_batch(log.producers, shell, log.segments[0], now_ms=0)
    assert (0, before) == (shell.header.records_count, log.producers.snapshot())


def test_an_index_of_aborted_transactions_that_loses_all_its_entries_stays_empty() -> None:
    """Kafka empties the file, be it for a truncation or for a recovery, and removes it never."""
    path = f"{FOLDER}/{0:020d}.txnindex"
    log = PartitionLog(FOLDER, MemoryDisk(), config=CONFIG)
    log.append(a_batch(1, 0, 0, is_transactional=True))
    marker = an_end(ControlType.ABORT, 1)
    log.append(marker)
    assert 1 == len(log.segments[0].aborted)
    log.truncate_to(1)
    assert b"" == log.disk.read(path)
    log.append(marker)
    log.disk.write(log.segments[0].path, 30, b"\xff")
    assert 0 == reopened(log, Checkpointed()).log_end
    assert b"" == log.disk.read(path)
