"""Putting a cleaned segment in the place of old ones, so that a crash at any step does no harm.

    write X.log.cleaned …, flush   a crash: `.cleaned` is thrown away, the old segments serve
    X.cleaned -> X.swap            the decision; a crash from here on: the `.swap` is finished
    old files -> .deleted          hidden from readers, unlinked after `file.delete.delay.ms`
    X.swap    -> X                 done

Source: kafka, storage `LocalLog.replaceSegments`, `LogLoader`.
"""

from collections.abc import Sequence

from kafkabook.base.trace import Trace
from kafkabook.log.local_log import LocalLog
from kafkabook.log.log_file import LogFile
from kafkabook.log.offset_index import OffsetIndex
from kafkabook.log.segment import Segment
from kafkabook.log.segment_names import CLEANED, SWAP
from kafkabook.log.time_index import TimeIndex
from kafkabook.log.transaction_index import TransactionIndex


def begin_cleaned(local: LocalLog, base_offset: int, *, now_ms: int) -> Segment:
    """Create an empty segment whose files end in `.cleaned`; leftovers of that name go."""
    segment = Segment(
        local.disk,
        local.folder,
        base_offset,
        config=local.config,
        rules=local.rules,
        trace=Trace(),  # what it will hold was appended long ago
        now_ms=now_ms,
    )
    for part in _parts(segment):
        part.path += CLEANED
        if local.disk.exists(part.path):
            local.disk.remove(part.path)
    segment.create()
    return segment


def swap_in(local: LocalLog, cleaned: Segment, old: Sequence[Segment], *, now_ms: int) -> None:
    """Put `cleaned` in the place of `old`, neighbours in the log.

    The producer snapshots of old segments that have no successor of the same base go too.
    """
    cleaned.seal()
    _flush(cleaned)
    _rename(cleaned, CLEANED, SWAP)
    for path in [path for segment in old for path in segment.files()]:
        local.mark_deleted(path, now_ms=now_ms)
    _rename(cleaned, SWAP, "")
    for segment in old[1:]:
        local.mark_deleted(f"{segment.stem}.snapshot", now_ms=now_ms)
    cleaned.trace = local.trace
    cleaned.created_ms, cleaned.modified_ms = old[0].created_ms, old[-1].modified_ms
    place = local.segments.index(old[0])
    local.segments[place : place + len(old)] = [cleaned]


def _parts(segment: Segment) -> tuple[LogFile, OffsetIndex, TimeIndex, TransactionIndex]:
    return segment.file, segment.index, segment.time_index, segment.aborted


def _flush(segment: Segment) -> None:
    for part in _parts(segment):
        if segment.disk.exists(part.path):
            segment.disk.flush(part.path)


def _rename(segment: Segment, was: str, now: str) -> None:
    for part in _parts(segment):
        path = part.path.removesuffix(was) + now
        if segment.disk.exists(part.path):
            segment.disk.rename(part.path, path)
        part.path = path
