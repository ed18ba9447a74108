"""Putting new segments in the place of old ones, so that a crash at any step does no harm.

    write X.log.cleaned …, flush   a crash: `.cleaned` is thrown away, the old segments serve
    X.cleaned -> X.swap            the decision; a crash from here on: the `.swap` is finished
    old files -> .deleted          hidden from readers, unlinked after `file.delete.delay.ms`
    X.swap    -> X                 done

A cleaning makes one segment of several. A split makes several of one whose offsets reach further
from its base than its index can say; old brokers wrote such segments (KAFKA-6264).

Source: kafka, storage `LocalLog.replaceSegments`, `LocalLog.splitOverflowedSegment`, `LogLoader`.
"""

from collections.abc import Sequence
from typing import Protocol

from kafkabook.base.trace import Trace
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import Disk
from kafkabook.log.local_log import LocalLog
from kafkabook.log.log_file import LogFile
from kafkabook.log.offset_index import OffsetIndex
from kafkabook.log.rules import LogRules
from kafkabook.log.segment import Segment
from kafkabook.log.segment_names import CLEANED, SWAP
from kafkabook.log.time_index import TimeIndex
from kafkabook.log.transaction_index import TransactionIndex
from kafkabook.records.batch_header import BatchHeader


class Home(Protocol):
    """Whose segments they are: a log, or the recovery that opens it."""

    disk: Disk
    folder: str
    config: LogConfig
    rules: LogRules

    def mark_deleted(self, path: str, *, now_ms: int) -> None:
        """Rename a file, if it is there, so that nobody opens it; unlink it after the delay."""


def begin_cleaned(home: Home, base_offset: int, *, now_ms: int) -> Segment:
    """Create an empty segment whose files end in `.cleaned`; leftovers of that name go."""
    segment = Segment(
        home.disk,
        home.folder,
        base_offset,
        config=home.config,
        rules=home.rules,
        trace=Trace(),  # what it will hold was appended long ago
        now_ms=now_ms,
    )
    for part in _parts(segment):
        part.path += CLEANED
        if home.disk.exists(part.path):
            home.disk.remove(part.path)
    segment.create()
    return segment


def swap_in(local: LocalLog, cleaned: Segment, old: Sequence[Segment], *, now_ms: int) -> None:
    """Put `cleaned` in the place of `old`, neighbours in the log.

    The producer snapshots of old segments that have no successor of the same base go too.
    """
    _replace(local, [cleaned], old, now_ms=now_ms)
    for segment in old[1:]:
        local.mark_deleted(f"{segment.stem}.snapshot", now_ms=now_ms)
    cleaned.trace = local.trace
    cleaned.created_ms, cleaned.modified_ms = old[0].created_ms, old[-1].modified_ms
    place = local.segments.index(old[0])
    local.segments[place : place + len(old)] = [cleaned]


def split(home: Home, segment: Segment, *, now_ms: int) -> tuple[int, ...]:
    """Put segments in the place of one whose offsets overflow; return their base offsets.

    Raises:
        CorruptSegment: a header in it cannot be true.
    """
    new: list[Segment] = []
    for position, header in segment.file.scan():
        if not new or not new[-1].can_hold(header.last_offset):
            new.append(begin_cleaned(home, header.base_offset, now_ms=now_ms))
        _copy(segment, position, header, new[-1])
    _replace(home, new, [segment], now_ms=now_ms)
    return tuple(part.base_offset for part in new)


def _copy(segment: Segment, position: int, header: BatchHeader, to: Segment) -> None:
    batch = segment.disk.read(segment.path, position, position + header.size_bytes)
    at = to.disk.append(to.path, batch)
    to.note(at, header)


def _replace(home: Home, new: Sequence[Segment], old: Sequence[Segment], *, now_ms: int) -> None:
    for segment in new:
        segment.seal()
        _flush(segment)
    # The last one first: what is `.swap` below a `.cleaned` belongs to a job that was decided.
    for segment in reversed(new):
        _rename(segment, CLEANED, SWAP)
    for path in [path for segment in old for path in segment.files()]:
        home.mark_deleted(path, now_ms=now_ms)
    for segment in new:
        _rename(segment, SWAP, "")


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
