"""A row of segments: where batches go, where they are found, how segments come and go.

This floor knows bytes and offsets only. What is committed, who produced and which leader wrote is
known one floor up, in `partition_log`.

Source: kafka, storage `LocalLog.java`, `LogSegments.java`.
"""

from bisect import bisect_right
from collections.abc import Sequence

from kafkabook.base.shown import Shown
from kafkabook.base.trace import Trace
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import Disk
from kafkabook.log.events import FilesUnlinked, SegmentDeleted, SegmentRolled
from kafkabook.log.facts import RollReason, SegmentFacts
from kafkabook.log.rules import LogRules
from kafkabook.log.segment import Segment
from kafkabook.log.segment_names import DELETED
from kafkabook.records.record_batch import RecordBatch


class LocalLog(Shown):
    """The segments of one log, oldest first; the last one is active.

    Args:
        disk, folder: where the files are.
        config, rules, trace: those of the log.
        segments: as recovery found them; a first one is made at `start` if there is none.
        start: offset at which an empty log begins.
        waiting: the `.deleted` files, each with the time from which on it may be unlinked.
        now_ms: the time.

    Source: kafka, `LocalLog.java`.
    """

    def __init__(
        self,
        disk: Disk,
        folder: str,
        *,
        config: LogConfig,
        rules: LogRules,
        trace: Trace,
        segments: Sequence[Segment] = (),
        start: int = 0,
        waiting: Sequence[tuple[int, str]] = (),
        now_ms: int = 0,
    ) -> None:
        self.disk, self.folder = disk, folder
        self.config, self.rules, self.trace = config, rules, trace
        self.segments, self.waiting = list(segments), list(waiting)
        if self.segments:
            self.active.resume()
        else:
            self._begin(start, now_ms)

    @property
    def active(self) -> Segment:
        """The segment that takes the next batch."""
        return self.segments[-1]

    @property
    def log_end(self) -> int:
        """Offset of the next record."""
        return self.active.next_offset

    @property
    def size_bytes(self) -> int:
        """Bytes of all .log files."""
        return sum(segment.size_bytes for segment in self.segments)

    def facts(self) -> list[SegmentFacts]:
        """Return what the rules may know of each segment, oldest first."""
        return [
            segment.facts(end, is_active=segment is self.active) for segment, end in self.spans()
        ]

    def spans(self, offset: int = 0) -> list[tuple[Segment, int]]:
        """Return each segment from the one that holds `offset` on, and where the next begins."""
        segments = self.segments[self.index_of(offset) :]
        ends = [segment.base_offset for segment in segments[1:]] + [self.log_end]
        return list(zip(segments, ends, strict=True))

    def index_of(self, offset: int) -> int:
        """Return the number of the segment that holds `offset`; 0 if it is below all."""
        found = bisect_right(self.segments, offset, key=lambda segment: segment.base_offset)
        return max(0, found - 1)

    def read(self, offset: int, *, max_bytes: int, upto: int | None) -> list[RecordBatch]:
        """Return batches of the first segment that has any at or above `offset`.

        Like Kafka's, a read ends with its segment; the next one begins in the next segment.
        """
        for segment in self.segments[self.index_of(offset) :]:
            if upto is not None and segment.base_offset >= upto:
                break
            # Compaction may have left nothing here at or above the offset; then the next is asked.
            if batches := segment.read(offset, max_bytes=max_bytes, upto=upto):
                return batches
        return []

    def roll(self, new_base: int, reason: RollReason | str, *, now_ms: int) -> None:
        """Close the active segment and begin a new one."""
        closed = self.active
        closed.seal()
        closed.flush()
        self._begin(new_base, now_ms)
        rolled = SegmentRolled(closed.base_offset, new_base, closed.size_bytes, str(reason))
        self.trace.emit(rolled, at_ms=now_ms)

    def drop(
        self,
        doomed: Sequence[tuple[SegmentFacts, str]],
        *,
        high_watermark: int,
        log_start: int,
        now_ms: int,
    ) -> None:
        """Take segments out of the log, each for a reason, and mark their files `.deleted`."""
        size_bytes = self.size_bytes
        for facts, reason in doomed:
            segment = next(s for s in self.segments if s.base_offset == facts.base_offset)
            self.segments.remove(segment)
            for path in (*segment.files(), f"{segment.stem}.snapshot"):
                self.mark_deleted(path, now_ms=now_ms)
            told = deletion_of(
                facts,
                reason,
                config=self.config,
                log_size_bytes=size_bytes,
                high_watermark=high_watermark,
                log_start=log_start,
            )
            self.trace.emit(told, at_ms=now_ms)
            size_bytes -= facts.size_bytes

    def mark_deleted(self, path: str, *, now_ms: int) -> None:
        """Rename a file, if it is there, so that nobody opens it; unlink it after the delay."""
        due_ms = now_ms + self.config.file_delete_delay_ms
        self.waiting += mark_deleted(self.disk, path, due_ms=due_ms)

    def unlink_deleted(self, *, now_ms: int) -> tuple[str, ...]:
        """Remove, and return, the `.deleted` files whose delay is over."""
        due = tuple(path for due_ms, path in self.waiting if due_ms <= now_ms)
        self.waiting = [(due_ms, path) for due_ms, path in self.waiting if due_ms > now_ms]
        for path in due:
            if self.disk.exists(path):
                self.disk.remove(path)
        if due:
            self.trace.emit(FilesUnlinked(due), at_ms=now_ms)
        return due

    def start_anew(self, offset: int, *, now_ms: int) -> None:
        """Begin an empty log at `offset`; the caller has dropped all segments."""
        self._begin(offset, now_ms)

    def _begin(self, base_offset: int, now_ms: int) -> None:
        segment = Segment(
            self.disk,
            self.folder,
            base_offset,
            config=self.config,
            rules=self.rules,
            trace=self.trace,
            now_ms=now_ms,
        )
        segment.create()
        self.segments.append(segment)

    def __repr__(self) -> str:
        return f"LocalLog({self.folder!r}, {len(self.segments)} segments, end {self.log_end})"


def mark_deleted(disk: Disk, path: str, *, due_ms: int) -> list[tuple[int, str]]:
    """Rename a file, if it is there; return when it may be unlinked, and under which name."""
    if not disk.exists(path):
        return []
    disk.rename(path, path + DELETED)
    return [(due_ms, path + DELETED)]


def deletion_of(
    facts: SegmentFacts,
    reason: str,
    *,
    config: LogConfig,
    log_size_bytes: int,
    high_watermark: int,
    log_start: int,
) -> SegmentDeleted:
    """Return the event that tells of a segment's end and of all that was decisive."""
    return SegmentDeleted(
        base_offset=facts.base_offset,
        next_offset=facts.next_offset,
        largest_timestamp_ms=facts.largest_timestamp_ms,
        size_bytes=facts.size_bytes,
        reason=reason,
        was_active=facts.is_active,
        log_size_bytes=log_size_bytes,
        retention_ms=config.retention_ms,
        retention_bytes=config.retention_bytes,
        high_watermark=high_watermark,
        log_start=log_start,
    )
