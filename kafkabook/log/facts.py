"""The plain values that a log's rules are given and answer with."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple

from kafkabook.base.errors import CorruptSegment
from kafkabook.base.quick_init import with_quick_init
from kafkabook.records.record import Record


class RollReason(StrEnum):
    """Why a segment takes no more batches; the value is the setting that said so."""

    SIZE = "segment.bytes"
    AGE = "segment.ms"
    INDEX_FULL = "segment.index.bytes"
    OFFSET_OVERFLOW = "relative offset above 2147483647"


class IsolationLevel(IntEnum):
    """How far a consumer may read: Kafka's `isolation.level`."""

    READ_UNCOMMITTED = 0  # up to the high watermark
    READ_COMMITTED = 1  # up to the last stable offset, and nothing of aborted transactions


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append answers: the records with their offsets, and where the log ends now."""

    base_offset: int
    records: Sequence[Record]
    log_end: int


class IndexEntry(NamedTuple):
    """One entry of an offset index: the batch that ends with `offset` begins at byte `position`."""

    offset: int
    position: int


class TimeIndexEntry(NamedTuple):
    """One entry of a time index: the youngest record so far, and the last offset of its batch."""

    timestamp_ms: int
    offset: int


class EpochEntry(NamedTuple):
    """The leader of `epoch` wrote its first record at `start_offset`."""

    epoch: int
    start_offset: int


class TimestampedOffset(NamedTuple):
    """What a search by time answers; -1 stands for no timestamp and no epoch."""

    timestamp_ms: int
    offset: int
    leader_epoch: int


@with_quick_init
@dataclass(frozen=True, slots=True)
class SegmentFacts:
    """What the rules of rolling and retention may know of a segment.

    `next_offset` is where the next segment begins, or the log end for the last one.
    `largest_timestamp_ms` falls back on the time of the last write where no record has one.
    """

    base_offset: int
    next_offset: int
    size_bytes: int
    first_timestamp_ms: int = -1  # largest timestamp of its first batch, -1 if there is none
    largest_timestamp_ms: int = -1
    created_ms: int = 0
    offset_index_full: bool = False
    time_index_full: bool = False
    is_active: bool = False


@dataclass(frozen=True, slots=True)
class Repair:
    """What recovery does at damage: how much of the file it keeps, and what it says of it."""

    keep_bytes: int
    reported: CorruptSegment | None


@dataclass(frozen=True, slots=True)
class BatchPlace:
    """One batch of a segment: where it is, and what its header says without decoding a record."""

    position: int
    size_bytes: int
    base_offset: int
    last_offset: int
    leader_epoch: int
    max_timestamp_ms: int
    producer_id: int
    is_transactional: bool
    is_control: bool
    records_count: int


@dataclass(frozen=True, slots=True)
class SegmentSnapshot:
    """The public state of a segment."""

    base_offset: int
    next_offset: int
    size_bytes: int
    largest_timestamp_ms: int
    is_active: bool
    index: tuple[IndexEntry, ...]
    time_index: tuple[TimeIndexEntry, ...]
    batches: tuple[BatchPlace, ...]


@dataclass(frozen=True, slots=True)
class LogSnapshot:
    """The public state of a log: what a figure, a checker or a grader is given."""

    name: str
    log_start: int
    log_end: int
    high_watermark: int
    last_stable_offset: int
    recovery_point: int
    size_bytes: int
    epochs: tuple[EpochEntry, ...]
    segments: tuple[SegmentSnapshot, ...]
