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


def rebuild_producers(
    producers: ProducerStates,
    local: LocalLog,
    *,
    scanned: Collection[int] = (),
    now_ms: int,
) -> None:
    """Make the state at the log end anew: from the newest usable snapshot, then from the log.

    Snapshots beyond the log end are removed, and one that is damaged is as good as none.

    Args:
        scanned: base offsets of the segments whose transaction index is to be made anew too.
    """
    offset = _load_newest(producers, local, min(scanned, default=local.log_end))
    crossed = offset
    for segment, (position, header) in local.places(offset):
        if segment.base_offset > crossed:
            crossed = segment.base_offset
            save_snapshot(producers, local.disk, local.folder, crossed)
        if header.producer_id >= 0 and header.base_offset >= offset:
            batch = segment.batch_at(position, header)
            is_indexed = segment.base_offset not in scanned
            remember_batch(producers, batch, segment, now_ms=now_ms, is_indexed=is_indexed)
    if local.active.base_offset > crossed:
        save_snapshot(producers, local.disk, local.folder, local.active.base_offset)
    _remove_strays(local)


def _load_newest(producers: ProducerStates, local: LocalLog, upto: int) -> int:
    """Load the newest sound snapshot at or below `upto`; return its offset, or the log's start."""
    producers.clear()
    disk, folder = local.disk, local.folder
    first = local.segments[0].base_offset
    for offset in reversed(snapshot_offsets(disk, folder)):
        path = f"{folder}/{offset:020d}{SNAPSHOT}"
        if offset > local.log_end:
            disk.remove(path)
        elif first <= offset <= upto:
            try:
                producers.load(disk.read(path), file=path)
            except CorruptMessage:
                disk.remove(path)
            else:
                return offset
    return first


def _remove_strays(local: LocalLog) -> None:
    """Keep the snapshots at segment bases, and the newest."""
    offsets = snapshot_offsets(local.disk, local.folder)
    kept = {segment.base_offset for segment in local.segments} | set(offsets[-1:])
    for offset in offsets:
        if offset not in kept:
            local.disk.remove(f"{local.folder}/{offset:020d}{SNAPSHOT}")
