"""L1 and L4: what may leave a log, and from where."""

from kafkabook.base.trace import Entry
from kafkabook.checkers.anomaly import Watching
from kafkabook.log.events import (
    LogOpened,
    RetentionChecked,
    SegmentDeleted,
    SegmentRolled,
    SegmentsCompacted,
)


class ActiveSegmentUntouched(Watching):
    """L1: neither the cleaner nor retention removes anything from the segment being written."""

    name = "L1"
    promise = "the active segment is never cleaned; retention rolls it first"
    scope = "truncation, and a log that is deleted as a whole"

    def __init__(self) -> None:
        super().__init__()
        self._active: dict[str, int] = {}

    def observe(self, entry: Entry) -> None:
        """Follow which segment is active, and judge every removal."""
        match entry.event:
            case LogOpened(segment_bases=bases) if bases:
                self._active[entry.place] = bases[-1]
            case SegmentRolled(new_base=base):
                self._active[entry.place] = base
            case SegmentDeleted(base_offset=base, reason=reason) if reason in _RETENTION:
                self._judge(entry, (base,), f"retention ({reason})")
            case SegmentsCompacted(old_bases=bases):
                self._judge(entry, bases, "the cleaner")

    def _judge(self, entry: Entry, bases: tuple[int, ...], who: str) -> None:
        self.saw += 1
        active = self._active.get(entry.place)
        if active in bases:
            self.report(f"{who} removed from segment {active}, which is being written", entry)


class RetentionRule(Watching):
    """L4: a segment goes if and only if it is old or large enough, whole, from the front."""

    name = "L4"
    promise = "whole segments go, oldest first, by their newest record, never past the watermark"
    scope = "timestamps missing or wrong: then the file's own time decides, clock skew included"

    def observe(self, entry: Entry) -> None:
        """Judge each deletion by the numbers it carries, and each check by what it kept."""
        match entry.event:
            case SegmentDeleted(reason=reason) as event if reason in _RETENTION:
                self.saw += 1
                for says in _wrongly_deleted(event, entry.at_ms):
                    self.report(says, entry)
            case RetentionChecked() as event:
                self.saw += 1
                if _wrongly_kept(event, entry.at_ms):
                    base = event.oldest_kept_base
                    self.report(f"segment {base} was kept, though retention must delete it", entry)


_BY_A_PART = "the part says so"  # where no rule of Kafka gives a reason
_RETENTION = ("retention.ms", "retention.bytes", "log start", _BY_A_PART)


def _wrongly_deleted(event: SegmentDeleted, now_ms: int) -> list[str]:
    age_ms = now_ms - event.largest_timestamp_ms
    spare_bytes = event.log_size_bytes - event.retention_bytes
    wrong = {
        "retention.ms": not 0 <= event.retention_ms < age_ms,
        "retention.bytes": event.retention_bytes < 0 or spare_bytes < event.size_bytes,
        "log start": event.next_offset > event.log_start,
        _BY_A_PART: True,
    }[event.reason]
    named = f"segment {event.base_offset}"
    above = event.next_offset > event.high_watermark
    return [
        *([f"{named} was deleted by {event.reason}, which did not ask for it"] if wrong else []),
        *([f"{named} was deleted above the high watermark"] if above else []),
    ]


def _wrongly_kept(event: RetentionChecked, now_ms: int) -> bool:
    if event.oldest_kept_next_offset > event.high_watermark or event.oldest_kept_is_active:
        return False
    age_ms = now_ms - event.oldest_kept_largest_timestamp_ms
    spare_bytes = event.log_size_bytes - event.retention_bytes
    return (
        0 <= event.retention_ms < age_ms
        or (event.retention_bytes >= 0 and spare_bytes >= event.oldest_kept_size_bytes)
        or event.oldest_kept_next_offset <= event.log_start
    )
