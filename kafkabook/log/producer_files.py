"""The `.snapshot` files of a log's producers: written at every roll, read on opening.

Source: kafka, storage `ProducerStateManager`, `UnifiedLog.rebuildProducerState`.
"""

from collections.abc import Collection

from kafkabook.base.errors import CorruptMessage
from kafkabook.log.disk import Files
from kafkabook.log.local_log import LocalLog
from kafkabook.log.producer_state import ProducerStates
from kafkabook.log.segment import Segment
from kafkabook.records.control_records import ControlType, read_control
from kafkabook.records.record_batch import RecordBatch

SNAPSHOT = ".snapshot"


def snapshot_offsets(disk: Files, folder: str) -> list[int]:
    """Return the offsets up to which there are snapshots, ascending."""
    names = (name for name in disk.list(folder) if name.endswith(SNAPSHOT))
    digits = (name[: -len(SNAPSHOT)] for name in names)
    return sorted(int(d) for d in digits if len(d) == 20 and d.isascii() and d.isdigit())


def save_snapshot(producers: ProducerStates, disk: Files, folder: str, offset: int) -> None:
    """Write the state of all producers up to `offset`, and flush it."""
    path = f"{folder}/{offset:020d}{SNAPSHOT}"
    if disk.exists(path):
        disk.remove(path)
    disk.append(path, producers.take_snapshot())
    disk.flush(path)


def remember_batch(
    producers: ProducerStates,
    batch: RecordBatch,
    segment: Segment,
    *,
    now_ms: int,
    is_indexed: bool = False,
) -> None:
    """Tell the producers of a batch that is in the log; an abort goes into the segment's index.

    Args:
        is_indexed: the transaction index has it already.
    """
    header = batch.header
    if header.producer_id < 0:
        return
    if not header.is_control:
        producers.update(header, now_ms=now_ms)  # compaction keeps empty batches for this
        return
    if header.records_count == 0:
        return
    control = read_control(batch.records[0])
    if control.coordinator_epoch is None:
        return
    completed = producers.complete(
        header,
        is_aborted=control.type is ControlType.ABORT,
        coordinator_epoch=control.coordinator_epoch,
        now_ms=now_ms,
    )
    if completed is not None and completed.is_aborted and not is_indexed:
        segment.aborted.append(segment.rules.aborted_entry(completed))


def remove_strays(local: LocalLog) -> None:
    """Keep the snapshots at segment bases, and the one of the last stop behind them all."""
    bases = {segment.base_offset for segment in local.segments}
    strays = [o for o in snapshot_offsets(local.disk, local.folder) if o not in bases]
    for offset in strays:
        if offset != strays[-1] or offset < local.active.base_offset:
            _remove_snapshot(local, offset)


def rebuild_producers(
    producers: ProducerStates,
    local: LocalLog,
    *,
    log_start: int,
    scanned: Collection[int] = (),
    now_ms: int,
) -> None:
    """Make the state at the log end anew: from the newest usable snapshot, then from the log.

    It leaves a snapshot at the log end; those beyond it or not above the log start go, and one that
    is damaged is as good as none. Behind each segment that recovery has read, the state goes
    through a snapshot and back, as Kafka's does: idle producers expire, only last batches are kept.

    Args:
        scanned: base offsets of the segments whose transaction index is to be made anew too.
    """
    upto = min(scanned, default=local.log_end)
    known = _load_newest(producers, local, range(log_start, upto + 1), now_ms=now_ms)
    start = min(known, *scanned) if scanned else known
    worth_a_snapshot = {*scanned, *(segment.base_offset for segment in local.segments[-2:])}
    for segment, end in local.spans(start):
        if segment.base_offset in worth_a_snapshot:
            save_newest(producers, local, segment.base_offset, log_start)
        is_scanned = segment.base_offset in scanned
        _read_producers(producers, segment, start, now_ms=now_ms, is_indexed=not is_scanned)
        if is_scanned:
            save_newest(producers, local, end, log_start)
            producers.reload(now_ms=now_ms)
    save_newest(producers, local, local.log_end, log_start)
    for offset in snapshot_offsets(local.disk, local.folder):
        if offset <= log_start:
            _remove_snapshot(local, offset)


def save_newest(producers: ProducerStates, local: LocalLog, offset: int, log_start: int) -> None:
    """Write a snapshot at `offset`, unless there is one, or the log begins there."""
    if offset > max([log_start, *snapshot_offsets(local.disk, local.folder)]):
        save_snapshot(producers, local.disk, local.folder, offset)


def _load_newest(producers: ProducerStates, local: LocalLog, usable: range, *, now_ms: int) -> int:
    """Load the newest sound snapshot, remove those beyond; return its offset, or where to begin."""
    producers.clear()
    for offset in reversed(snapshot_offsets(local.disk, local.folder)):
        if offset < usable.start:
            break
        path = f"{local.folder}/{offset:020d}{SNAPSHOT}"
        if offset in usable:
            try:
                producers.load(local.disk.read(path), now_ms=now_ms)
            except CorruptMessage:
                pass
            else:
                return offset
        local.disk.remove(path)
    return usable.start


def _read_producers(
    producers: ProducerStates, segment: Segment, start: int, *, now_ms: int, is_indexed: bool
) -> None:
    for position, header in segment.places(start):
        if header.producer_id >= 0:
            batch = segment.file.batch_at(position, header)
            remember_batch(producers, batch, segment, now_ms=now_ms, is_indexed=is_indexed)


def _remove_snapshot(local: LocalLog, offset: int) -> None:
    local.disk.remove(f"{local.folder}/{offset:020d}{SNAPSHOT}")
