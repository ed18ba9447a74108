"""What a log tells while it is opened: leftovers, damage, and what is left of its segments.

They are part of the vocabulary in `events`, from where they are imported.
"""

from dataclasses import dataclass

from kafkabook.base.trace import Event


@dataclass(frozen=True, slots=True)
class LeftoverHandled(Event):
    """A file of an unfinished job was met at start: removed, or its job finished."""

    file: str
    done: str  # "removed" or "finished"


@dataclass(frozen=True, slots=True)
class DamageFound(Event):
    """Bytes that nobody wrote like this; see `CorruptSegment` for the fields."""

    file: str
    at_byte: int
    batch_base: int
    reason: str
    recovered_upto: int
    torn_tail: bool


@dataclass(frozen=True, slots=True)
class GapAccepted(Event):
    """Offsets are missing, in a log that nobody calls compacted; what is behind goes on, and stays.

    Told of the first batch that shows it; from there on the log counts as compacted.
    """

    file: str
    at_byte: int
    expected_offset: int
    base_offset: int  # of the batch; the expected one, if records are missing inside it


@dataclass(frozen=True, slots=True)
class SegmentRecovered(Event):
    """A segment was read again, batch by batch; so much of it is left."""

    segment_base: int
    size_bytes: int
    next_offset: int
    index_entries: int


@dataclass(frozen=True, slots=True)
class RecoveryCompleted(Event):
    """Segments from the recovery point on were read again, batch by batch."""

    recovery_point: int
    scanned_bases: tuple[int, ...]
    recovered_upto: int  # the log end
    cut_bytes: int  # of the .log files, whole later segments included
