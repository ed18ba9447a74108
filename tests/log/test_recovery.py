"""After a crash a log is its valid prefix, its indexes are made again, and the trace tells all."""

from dataclasses import replace

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.trace import Entry
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import Disk, MemoryDisk
from kafkabook.log.events import (
    BatchDoubted,
    DamageFound,
    IndexDistrusted,
    IndexLoaded,
    IndexRebuilt,
    LeftoverHandled,
    RecoveryCompleted,
    SegmentDeleted,
    SegmentSplit,
)
from kafkabook.log.examples import FIRST_MS, a_log
from kafkabook.log.facts import EpochEntry
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.recovery import Checkpointed
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from tests.log.vectors import PLAIN_CONFIG, expected_files, files_of, plain, plain_log
from tests.refusals import refused

UNCLEAN = Checkpointed()
CLEAN = Checkpointed(after_clean_stop=True, high_watermark=60, recovery_point=60)


def reopened(disk: Disk, checkpointed: Checkpointed = UNCLEAN) -> PartitionLog:
    """Return the log of the vectors as it opens next."""
    return PartitionLog("t-0", disk, config=PLAIN_CONFIG, checkpointed=checkpointed)


def a_disk(files: dict[str, bytes]) -> Disk:
    """Return a disk with these files in the directory of the vectors' log."""
    disk = MemoryDisk()
    for name, content in files.items():
        disk.append(f"t-0/{name}", content)
    return disk


def test_a_killed_process_loses_nothing() -> None:
    """`kill -9` takes the process, not the page cache; what opens is what was."""
    log = plain_log()
    again = reopened(log.disk)
    assert list(log.records()) == list(again.records())
    assert log.snapshot().epochs == again.snapshot().epochs
    assert [] == again.trace.of(DamageFound)


def test_recovery_makes_the_very_indexes_that_appending_made() -> None:
    """All index files of the directory that Kafka wrote come back from its .log files alone."""
    log = plain_log()
    log.close()
    for name in log.disk.list("t-0"):
        if name.endswith(("index", ".snapshot")):
            log.disk.remove(f"t-0/{name}")
    again = reopened(log.disk)
    again.close()
    assert expected_files(plain()["files_closed"]) == files_of(again.disk, "t-0")


@pytest.mark.parametrize("suffix", [".index", ".timeindex"])
def test_e4_a_corrupt_index_is_rebuilt_not_trusted(suffix: str) -> None:
    """Any flipped bit in an index of a cleanly closed log changes no answer."""
    name = f"00000000000000000018{suffix}"
    log = plain_log()
    log.close()
    files = files_of(log.disk, "t-0")
    for bit in range(len(files[name]) * 8):
        changed = bytearray(files[name])
        changed[bit // 8] ^= 1 << bit % 8
        again = reopened(a_disk({**files, name: bytes(changed)}), CLEAN)
        rebuilt = [entry.event for entry in again.trace.of(IndexRebuilt)]
        assert [IndexRebuilt(18, "they do not fit")] == rebuilt
        assert log.segments[1].index.entries == again.segments[1].index.entries
        assert log.segments[1].time_index.entries == again.segments[1].time_index.entries


def test_after_a_clean_stop_nothing_is_read_again() -> None:
    """The indexes are taken as they stand."""
    log = plain_log()
    log.close()
    again = reopened(log.disk, CLEAN)
    assert [] == again.trace.of(RecoveryCompleted, IndexRebuilt)
    assert 4 == len(again.trace.of(IndexLoaded))
    assert log.log_end == again.log_end


@pytest.mark.parametrize(
    ("recovery_point", "scanned"),
    [(18, (18, 36, 54)), (35, (18, 36, 54)), (36, (36, 54)), (54, (54,)), (60, (54,))],
)
def test_only_segments_from_the_recovery_point_on_are_read_again(
    recovery_point: int, scanned: tuple[int, ...]
) -> None:
    """Everything below it had been flushed, so nobody needs to look."""
    again = reopened(plain_log().disk, Checkpointed(recovery_point=recovery_point))
    (completed,) = again.trace.of(RecoveryCompleted)
    assert RecoveryCompleted(recovery_point, scanned, 60, 0) == completed.event


def test_an_index_that_has_become_too_small_still_says_how_young_the_youngest_is() -> None:
    """Under a smaller `segment.index.bytes`; the slot that is kept free is for this last word."""
    config = LogConfig(index_interval_bytes=0)
    log = a_log(batches=4, config=config)
    smaller = replace(config, segment_index_bytes=24)
    again = PartitionLog("orders-0", log.disk, config=smaller)
    assert [(FIRST_MS + 1000, 1), (FIRST_MS + 3000, 3)] == again.segments[0].time_index.entries


def test_e3_a_torn_write_at_every_byte_of_the_last_batch() -> None:
    """What survives of the last batch does not matter as long as it is not all of it."""
    size = a_log(batches=1).local.size_bytes
    for kept in range(size):
        disk = MemoryDisk()
        log = a_log(batches=3, disk=disk)
        log.flush()
        log.append([Record(b"key-3", b"value-3", 1_700_000_003_000)])
        disk.lose_power(keep={log.segments[0].path: kept})
        again = PartitionLog("orders-0", disk)
        assert 3 == again.log_end
        told = [(e.at_byte, e.torn_tail) for e in map(_damage, again.trace.of(DamageFound))]
        assert ([(3 * size, True)] if kept else []) == told
        assert 3 * size == disk.size(log.segments[0].path)


def _damage(entry: Entry) -> DamageFound:
    event = entry.event
    assert isinstance(event, DamageFound)
    return event


def test_damage_in_an_early_segment_costs_all_later_ones_and_says_so() -> None:
    """A hole may not be served over; the segments behind it go, each with its reason."""
    log = plain_log()
    log.disk.write("t-0/00000000000000000018.log", 70, b"\xff")
    again = reopened(log.disk)
    damage = _damage(again.trace.of(DamageFound)[0])
    assert ("t-0/00000000000000000018.log", 0, 18, False) == (
        damage.file,
        damage.at_byte,
        damage.recovered_upto,
        damage.torn_tail,
    )
    gone = [e.event.base_offset for e in again.trace.of(SegmentDeleted)]
    assert [36, 54] == gone
    assert 18 == again.log_end
    assert list(log.records(stop=18)) == list(again.records())
    again.check()


def test_what_recovery_has_cut_off_stays_cut_off_after_a_power_cut() -> None:
    """Else the records appended since would stand before those of another time."""
    log = a_log(batches=3)
    path = log.segments[0].path
    size = log.local.size_bytes // 3
    log.disk.write(path, size + 70, b"\xff")
    log.flush()
    again = PartitionLog("orders-0", log.disk)
    assert (1, size) == (again.log_end, log.disk.size(path))
    log.disk.lose_power()
    assert size == log.disk.size(path)
    assert [] == PartitionLog("orders-0", log.disk).trace.of(DamageFound)


def test_a_segment_that_ends_too_early_is_named_and_what_follows_is_kept() -> None:
    """Whole batches that are missing at its end leave no broken byte behind that could be cut."""
    log = plain_log()
    last, _ = list(log.segments[1].file.scan())[-1]
    log.disk.truncate("t-0/00000000000000000018.log", last)
    again = reopened(log.disk)
    (doubt,) = (entry.event for entry in again.trace.of(BatchDoubted))
    reason = "ends before offset 33, the next segment begins at 36"
    path = "t-0/00000000000000000018.log"
    assert BatchDoubted(path, last, 33, reason) == doubt
    assert (60, 4) == (again.log_end, len(again.segments))
    again.check()


def test_leftovers_of_unfinished_jobs_are_ended() -> None:
    """`.deleted` and `.cleaned` go, a `.swap` was decided and is finished, orphans go."""
    log = plain_log()
    log.close()
    disk = log.disk
    content = disk.read("t-0/00000000000000000018.log")
    disk.append("t-0/00000000000000000099.log.deleted", b"x")
    disk.append("t-0/00000000000000000054.log.cleaned", b"half")
    disk.append("t-0/00000000000000000777.index", bytes(8))
    disk.append("t-0/00000000000000000036.log.swap", disk.read("t-0/00000000000000000036.log"))
    again = reopened(disk)
    told = {(e.event.file, e.event.done) for e in again.trace.of(LeftoverHandled)}
    assert ("00000000000000000099.log.deleted", "removed") in told
    assert ("00000000000000000054.log.cleaned", "removed") in told
    assert ("00000000000000000777.index", "removed") in told
    assert ("00000000000000000036.log.swap", "finished") in told
    assert content == disk.read("t-0/00000000000000000018.log")
    assert 60 == again.log_end
    again.check()


def test_a_finished_cleaning_may_have_left_nothing() -> None:
    """Then the segment of its first offset, and no other, is the one that it replaced."""
    log = plain_log()
    log.close()
    log.disk.append("t-0/00000000000000000054.log.swap", b"")
    again = reopened(log.disk, CLEAN)
    assert [0, 18, 36, 54] == [segment.base_offset for segment in again.segments]
    assert (54, 0) == (again.log_end, again.segments[-1].size_bytes)


def test_a_log_whose_end_lies_below_its_start_begins_anew() -> None:
    """Records were deleted up to 100, then the end was lost: nothing that is left may be served."""
    again = reopened(plain_log().disk, Checkpointed(log_start=100))
    assert (100, 100) == (again.log_start, again.log_end)
    again.append([Record(value=b"on")], leader_epoch=5)
    assert [100] == [record.offset for record in again.records()]
    again.check()


def test_a_preallocated_file_is_not_damaged_by_its_own_room() -> None:
    """`preallocate=true`: zeros behind the last batch are room."""
    disk = MemoryDisk()
    config = LogConfig(preallocate=True, segment_bytes=4096)
    log = PartitionLog("orders-0", disk, config=config)
    log.append([Record(value=b"v")])
    assert 4096 == disk.size(log.segments[0].path)
    again = PartitionLog("orders-0", disk, config=config)
    assert (1, []) == (again.log_end, again.trace.of(DamageFound))


def test_a_sparse_file_of_a_terabyte_is_refused() -> None:
    """A segment ends at 2 GiB; nobody waits until a terabyte of zeros is read."""

    class Sparse(MemoryDisk):
        def size(self, path: str) -> int:
            return 1 << 40 if path.endswith(".log") else super().size(path)

    disk = Sparse()
    a_log(batches=1, disk=disk)
    with refused(Errors.KAFKA_STORAGE_ERROR, match="a segment has at most 2147483647"):
        PartitionLog("orders-0", disk)


@pytest.mark.parametrize("name", ["orders.log", "99999999999999999999.log", "x.log.swap"])
def test_a_segment_whose_name_is_no_offset_is_refused_by_name(name: str) -> None:
    """Which records it holds cannot be known."""
    disk = a_disk({name: b"x"})
    with refused(Errors.KAFKA_STORAGE_ERROR, match=rf"t-0/{name}: a segment is named by"):
        reopened(disk)


def test_producers_come_back_from_snapshot_and_log() -> None:
    """What they had is known again: the same snapshot bytes."""
    log = plain_log()
    again = reopened(log.disk)
    assert log.producers.take_snapshot() == again.producers.take_snapshot()


# --- hints decide nothing ------------------------------------------------------------------------


TWO_LEADERS = [
    RecordBatch.of([Record(value=b"v", timestamp_ms=0)], base_offset=n, partition_leader_epoch=n)
    for n in range(2)
]
LOG_0 = "00000000000000000000.log"


@pytest.mark.parametrize(
    "checkpoint",
    [b"", b"0\n", b"0\n0\n", b"0\n1\n0 0\n", b"0\n1\n0  0\n", b"0\n2\n7 1\n0 0\n", b"0\n1\n0 9\n"],
)
def test_an_epoch_checkpoint_behind_ahead_empty_or_out_of_order_costs_no_batch(
    checkpoint: bytes,
) -> None:
    """The batches say their epochs themselves, and the checkpoint is made from them."""
    data = b"".join(batch.data for batch in TWO_LEADERS)
    disk = a_disk({LOG_0: data, "leader-epoch-checkpoint": checkpoint})
    log = reopened(disk)
    assert (2, len(data), []) == (log.log_end, log.size_bytes, log.trace.of(DamageFound))
    assert EpochEntry(1, 1) == log.epochs.entries[-1]


def test_what_is_doubted_is_cut_if_a_reader_is_strict() -> None:
    """The second batch says offset 5, and nothing stands behind it that would agree."""
    shifted = TWO_LEADERS[1].stamped(base_offset=5).data
    files = {LOG_0: TWO_LEADERS[0].data + shifted}
    kept, strict = reopened(a_disk(files)), PartitionLog("t-0", a_disk(files), strict=True)
    assert (6, 1) == (kept.log_end, strict.log_end)
    reason = "base offset 5 where 1 must follow"
    told = [entry.event for entry in kept.trace.of(BatchDoubted)]
    assert [BatchDoubted(f"t-0/{LOG_0}", len(TWO_LEADERS[0].data), 5, reason)] == told
    assert reason == _damage(strict.trace.of(DamageFound)[0]).reason


@pytest.mark.parametrize(("recovery_point", "log_end"), [(0, 18), (60, 60)])
def test_a_recovery_point_ahead_is_believed_and_one_behind_costs_only_time(
    recovery_point: int, log_end: int
) -> None:
    """What lies below it is not read, so damage there is left to whom reads it."""
    disk = plain_log().disk
    disk.write("t-0/00000000000000000018.log", 70, b"\xff")
    again = reopened(disk, Checkpointed(recovery_point=recovery_point))
    assert log_end == again.log_end


def test_damage_in_a_segment_without_its_index_leaves_the_later_ones() -> None:
    """It is read while it is loaded, and nobody looks behind it then: a hole, as in Kafka."""
    log = plain_log()
    log.close()
    log.disk.write("t-0/00000000000000000018.log", 70, b"\xff")
    log.disk.remove("t-0/00000000000000000018.index")
    again = reopened(log.disk)
    assert ([0, 18, 36, 54], 60) == ([s.base_offset for s in again.segments], again.log_end)
    assert 0 == again.segments[1].size_bytes


def test_indexes_that_lie_about_a_broken_segment_are_done_without_and_left() -> None:
    """After a clean stop nobody has asked for its batches, so none is cut."""
    log = plain_log()
    log.close()
    log.disk.write("t-0/00000000000000000018.index", 3, b"\xff")
    log.disk.write("t-0/00000000000000000018.log", 70, b"\xff")
    before = files_of(log.disk, "t-0")
    again = reopened(log.disk, CLEAN)
    assert [IndexDistrusted(18)] == [e.event for e in again.trace.of(IndexDistrusted)]
    again.close()
    after = files_of(again.disk, "t-0")
    assert {n: before[n] for n in before if n.startswith(f"{18:020d}")} == {
        n: after[n] for n in after if n.startswith(f"{18:020d}") and "snapshot" not in n
    } | {n: before[n] for n in before if n.startswith(f"{18:020d}") and "snapshot" in n}


def test_an_index_longer_than_it_may_be_is_refused_with_its_remedy() -> None:
    """Kafka maps as many bytes as `segment.index.bytes` says, and has more entries than that."""
    log = plain_log()
    log.close()
    log.disk.append("t-0/00000000000000000054.index", bytes(PLAIN_CONFIG.segment_index_bytes + 8))
    with refused(Errors.KAFKA_STORAGE_ERROR, match="segment.index.bytes lets it have.*remove"):
        reopened(log.disk, CLEAN)


# --- offsets that no index can hold --------------------------------------------------------------


INDEXED = {LOG_0.replace(".log", suffix): b"" for suffix in (".index", ".timeindex")}


def a_batch_at(offset: int) -> bytes:
    """Build a batch of one record."""
    record = Record(value=b"v", timestamp_ms=offset)
    return RecordBatch.of([record], base_offset=offset, partition_leader_epoch=0).data


def test_a_segment_whose_offsets_go_back_is_emptied() -> None:
    """The index that recovery makes cannot hold them, and Kafka gives the whole segment up."""
    parts = [a_batch_at(offset) for offset in (0, 1, 2, 1)]
    files = {LOG_0: b"".join(parts)}
    log = PartitionLog("t-0", a_disk(files | INDEXED), config=LogConfig(index_interval_bytes=0))
    assert (0, 0) == (log.log_end, log.size_bytes)
    assert "its offsets go back" in _damage(log.trace.of(DamageFound)[0]).reason


def test_a_segment_whose_offsets_overflow_its_index_is_split() -> None:
    """Old brokers wrote such segments (KAFKA-6264); no record is lost."""
    far = 1 << 40
    parts = [a_batch_at(offset) for offset in (0, 1, far, far + 1)]
    files = {LOG_0: b"".join(parts)}
    log = PartitionLog("t-0", a_disk(files | INDEXED), config=LogConfig())
    assert [SegmentSplit(0, (0, far))] == [e.event for e in log.trace.of(SegmentSplit)]
    assert [0, 1, far, far + 1] == [record.offset for record in log.records()]
    assert f"{LOG_0}.deleted" in log.disk.list("t-0")
    log.remove_deleted_files(now_ms=LogConfig().file_delete_delay_ms)
    assert f"{LOG_0}.deleted" not in log.disk.list("t-0")
    log.check()


@pytest.mark.parametrize("offsets", [(0, 1 << 40, 2), (5, 6)])
def test_an_offset_outside_of_its_segment_is_refused_and_cut_only_if_strict(
    offsets: tuple[int, ...],
) -> None:
    """It is no overflow at the end, so Kafka cannot split it, and does not open the log."""
    name = f"{offsets[-1]:020d}.log" if offsets[0] else LOG_0
    files = {name: b"".join(map(a_batch_at, offsets))}
    with refused(Errors.KAFKA_STORAGE_ERROR, match="Kafka does not open a log with such a segment"):
        PartitionLog("t-0", a_disk(files), config=LogConfig())
    strict = PartitionLog("t-0", a_disk(files), config=LogConfig(), strict=True)
    assert (offsets[-1] if offsets[0] else 1) == strict.log_end


def test_what_recovery_takes_away_waits_as_deleted() -> None:
    """Segments behind damage, with their snapshots; they are unlinked after the delay."""
    log = plain_log()
    log.close()
    log.disk.write("t-0/00000000000000000018.log", 70, b"\xff")
    again = reopened(log.disk, Checkpointed(recovery_point=19))
    deleted = [name for name in again.disk.list("t-0") if name.endswith(".deleted")]
    assert {36, 54} == {int(name[:20]) for name in deleted}
    again.remove_deleted_files(now_ms=PLAIN_CONFIG.file_delete_delay_ms)
    assert not any(name.endswith(".deleted") for name in again.disk.list("t-0"))
