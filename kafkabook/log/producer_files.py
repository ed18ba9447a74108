"""The `.snapshot` files of a log's producers: written at every roll, read on opening.

A snapshot is a hint. One that is damaged, or that lies outside the log, is removed, and what it
held is read from the log instead.

Source: kafka, storage `ProducerStateManager`, `UnifiedLog.rebuildProducerState`.
"""

from collections.abc import Sequence

from kafkabook.base.errors import CorruptMessage
from kafkabook.base.units import INT64_MAX
from kafkabook.log.disk import Files
from kafkabook.log.local_log import LocalLog
from kafkabook.log.producer_state import ProducerStates
from kafkabook.log.segment import Segment
from kafkabook.log.segment_names import SNAPSHOT, base_name, base_offset_in, files_in
from kafkabook.records.batch_header import BatchHeader
from kafkabook.records.control_records import ControlType, read_control
from kafkabook.records.record_batch import RecordBatch


def snapshot_offsets(disk: Files, folder: str) -> list[int]:
    """Return the offsets up to which there are snapshots, ascending.

    Raises:
        KAFKA_STORAGE_ERROR: a `.snapshot` file with a name that is no offset.
    """
    names = (name for name in files_in(disk, folder) if name.endswith(SNAPSHOT))
    return sorted(base_offset_in(f"{folder}/{name}") for name in names)


def save_snapshot(producers: ProducerStates, disk: Files, folder: str, offset: int) -> None:
    """Write the state of all producers up to `offset`, and flush it."""
    path = snapshot_path(folder, offset)
    if disk.exists(path):
        disk.remove(path)
    disk.append(path, producers.take_snapshot())
    disk.flush(path)


def save_newest(
    producers: ProducerStates, disk: Files, folder: str, offset: int, log_start: int
) -> None:
    """Write a snapshot at `offset`, unless there is one, or the log begins there."""
    if offset > max([log_start, *snapshot_offsets(disk, folder)]):
        save_snapshot(producers, disk, folder, offset)


def snapshot_path(folder: str, offset: int) -> str:
    """Return where the snapshot of an offset is."""
    return f"{folder}/{base_name(offset)}{SNAPSHOT}"


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


def remember_stored(
    producers: ProducerStates,
    segment: Segment,
    position: int,
    header: BatchHeader,
    *,
    now_ms: int,
    is_indexed: bool = True,
) -> None:
    """Tell the producers of a batch at a byte of a segment; only of a marker is more read."""
    if header.producer_id < 0:
        return
    if header.is_control:
        batch = segment.file.unchecked_at(position, header)
        remember_batch(producers, batch, segment, now_ms=now_ms, is_indexed=is_indexed)
    else:
        producers.update(header, now_ms=now_ms)


def remove_strays(local: LocalLog) -> None:
    """Keep the snapshots at segment bases, and the one of the last stop behind them all."""
    bases = {segment.base_offset for segment in local.segments}
    strays = [o for o in snapshot_offsets(local.disk, local.folder) if o not in bases]
    for offset in strays:
        if offset != strays[-1] or offset < local.active.base_offset:
            local.disk.remove(snapshot_path(local.folder, offset))


def rebuild_producers(
    producers: ProducerStates,
    segments: Sequence[Segment],
    disk: Files,
    folder: str,
    *,
    log_start: int,
    upto: int,
    now_ms: int,
    after_clean_stop: bool = False,
) -> None:
    """Make the state at an offset anew: from the newest usable snapshot, then from the log.

    It leaves a snapshot there, and removes those beyond it or not above the log start. After a
    clean stop without any snapshot nothing is read: the log is that of a broker from before there
    were any, and begins with no producers.

    Args:
        log_start: below it nothing is read. upto: the offset.

    Raises:
        CorruptSegment: a batch on the way has a header that cannot be true.
    """
    producers.clear()
    worth_a_snapshot = [segment.base_offset for segment in segments[-2:]]
    if after_clean_stop and not snapshot_offsets(disk, folder):
        for offset in (*worth_a_snapshot, upto):
            save_newest(producers, disk, folder, offset, 0)
        return
    at = _load_newest(producers, disk, folder, range(log_start + 1, upto + 1), now_ms=now_ms)
    for segment in _between(segments, at, upto):
        at = max(segment.base_offset, at, log_start)
        if segment.base_offset in worth_a_snapshot:
            save_newest(producers, disk, folder, at, log_start)
        is_last = segment is _floor(segments, upto)
        _read_producers(producers, segment, at, upto if is_last else INT64_MAX, now_ms=now_ms)
    save_newest(producers, disk, folder, upto, log_start)


def _load_newest(
    producers: ProducerStates, disk: Files, folder: str, usable: range, *, now_ms: int
) -> int:
    """Load the newest sound snapshot, remove all unusable ones; return its offset, or the start."""
    offsets = snapshot_offsets(disk, folder)
    for offset in offsets:
        if offset not in usable:
            disk.remove(snapshot_path(folder, offset))
    for offset in reversed([o for o in offsets if o in usable]):
        path = snapshot_path(folder, offset)
        try:
            producers.load(disk.read(path), now_ms=now_ms)
        except CorruptMessage:
            disk.remove(path)
        else:
            return offset
    return usable.start - 1


def _between(segments: Sequence[Segment], start: int, stop: int) -> Sequence[Segment]:
    """Return the segments from the one that holds `start` up to those that begin at `stop`."""
    if start >= stop:
        return ()
    ends = [*(segment.base_offset for segment in segments[1:]), INT64_MAX]
    spans = zip(segments, ends, strict=False)
    return [s for s, end in spans if start < end and s.base_offset < stop]


def _floor(segments: Sequence[Segment], offset: int) -> Segment | None:
    """Return the segment that should hold an offset."""
    return next((s for s in reversed(segments) if s.base_offset <= offset), None)


def _read_producers(
    producers: ProducerStates, segment: Segment, start: int, stop: int, *, now_ms: int
) -> None:
    end_byte = segment.position_of(stop)
    for position, header in segment.places(start):
        if end_byte is not None and position >= end_byte:
            return
        remember_stored(producers, segment, position, header, now_ms=now_ms)
