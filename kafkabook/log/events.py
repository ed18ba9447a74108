"""What a log tells: the vocabulary of its trace, and nothing else.

Each holds what a checker needs: offsets, byte positions, the reason, the settings behind it.
"""

from dataclasses import dataclass

from kafkabook.base.trace import Event

# --- opening, appending, rolling ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogOpened(Event):
    """A log was opened: what its directory held, after recovery if there was need of one."""

    log_start: int
    log_end: int
    segment_bases: tuple[int, ...]
    after_clean_stop: bool


@dataclass(frozen=True, slots=True)
class LogClosed(Event):
    """A clean stop: indexes trimmed, everything flushed, a producer snapshot at the log end."""

    log_end: int


@dataclass(frozen=True, slots=True)
class BatchAppended(Event):
    """A batch was written at the end of the active segment."""

    base_offset: int
    last_offset: int
    segment_base: int
    position: int  # byte in the segment's .log file where the batch begins
    size_bytes: int
    leader_epoch: int
    max_timestamp_ms: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    is_control: bool


@dataclass(frozen=True, slots=True)
class DuplicateIgnored(Event):
    """An idempotent producer sent again what the log holds; nothing was appended."""

    base_offset: int
    last_offset: int
    producer_id: int
    base_sequence: int


@dataclass(frozen=True, slots=True)
class SegmentRolled(Event):
    """The active segment became full in one of four senses; a new one starts at the log end."""

    closed_base: int
    new_base: int
    closed_size_bytes: int
    reason: str  # a RollReason, or why somebody rolled by hand


@dataclass(frozen=True, slots=True)
class LeaderEpochStarted(Event):
    """The first record of a leader's term."""

    epoch: int
    start_offset: int


# --- indexes -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IndexEntryAdded(Event):
    """The offset index learned that the batch ending at `offset` begins at `position`."""

    segment_base: int
    offset: int
    position: int


@dataclass(frozen=True, slots=True)
class TimeIndexEntryAdded(Event):
    """Up to and with `offset`, no record of the segment is younger than `timestamp_ms`."""

    segment_base: int
    timestamp_ms: int
    offset: int


@dataclass(frozen=True, slots=True)
class IndexLoaded(Event):
    """An index file was taken as it stood on the disk."""

    segment_base: int
    entries: tuple[tuple[int, int], ...]  # (offset, position)


@dataclass(frozen=True, slots=True)
class IndexRebuilt(Event):
    """The indexes of a segment were thrown away and made again from its .log file."""

    segment_base: int
    reason: str


# --- what readers may see ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HighWatermarkAdvanced(Event):
    """Everything below `to_offset` is committed."""

    from_offset: int
    to_offset: int


@dataclass(frozen=True, slots=True)
class LogStartAdvanced(Event):
    """Records below `to_offset` are no longer served, though their bytes may still be there."""

    from_offset: int
    to_offset: int
    reason: str


@dataclass(frozen=True, slots=True)
class LogTruncated(Event):
    """The end of the log was cut off."""

    from_offset: int  # the log end before
    to_offset: int  # the log end now
    reason: str


@dataclass(frozen=True, slots=True)
class LogFlushed(Event):
    """All records below `recovery_point` are on the disk, whatever happens to the power."""

    recovery_point: int


# --- retention ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SegmentDeleted(Event):
    """A whole segment left the log; its files wait as `.deleted` for `file.delete.delay.ms`."""

    base_offset: int
    next_offset: int
    largest_timestamp_ms: int
    size_bytes: int
    reason: str  # "retention.ms", "retention.bytes", "log start", "truncated", "damage", ...
    was_active: bool
    log_size_bytes: int  # of the whole log, this segment included
    retention_ms: int
    retention_bytes: int
    high_watermark: int
    log_start: int


@dataclass(frozen=True, slots=True)
class RetentionChecked(Event):
    """A retention check ended; it kept `oldest_kept_base`, which shows what stopped it."""

    deleted: int
    oldest_kept_base: int
    oldest_kept_next_offset: int
    oldest_kept_largest_timestamp_ms: int
    oldest_kept_size_bytes: int
    oldest_kept_is_active: bool
    log_size_bytes: int
    retention_ms: int
    retention_bytes: int
    high_watermark: int
    log_start: int


@dataclass(frozen=True, slots=True)
class FilesUnlinked(Event):
    """Files marked `.deleted` were removed for good."""

    files: tuple[str, ...]


# --- producers and transactions ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TransactionStarted(Event):
    """The first batch of a transaction was appended; readers of committed records stop here."""

    producer_id: int
    producer_epoch: int
    first_offset: int


@dataclass(frozen=True, slots=True)
class TransactionCompleted(Event):
    """A marker was appended at `last_offset`; it decides over all since `first_offset`."""

    producer_id: int
    first_offset: int
    last_offset: int
    is_aborted: bool
    last_stable_offset: int


@dataclass(frozen=True, slots=True)
class ProducersExpired(Event):
    """Idle producers were forgotten; should one come back, any sequence number is accepted."""

    producer_ids: tuple[int, ...]
    producer_id_expiration_ms: int


# --- compaction --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SegmentsCompacted(Event):
    """Old segments were replaced by one that holds what compaction left of them."""

    old_bases: tuple[int, ...]
    new_base: int
    old_size_bytes: int
    new_size_bytes: int
    active_base: int  # of the active segment, which compaction leaves alone
    batches: tuple[tuple[int, int], ...]  # (last offset, position) of each batch that is left


@dataclass(frozen=True, slots=True)
class RecordsCompacted(Event):
    """A cleaning ended: what its segments held before, and what they hold now.

    A record is `(offset, key, checksum of its value, delete horizon of its batch in ms)`; a
    tombstone's checksum is None, as is the horizon of a batch without. Markers are left out, and
    records of aborted transactions, which readers of committed records never see, and records
    without a key. From `end_offset` on all are kept: the cleaner did not compare them.
    """

    first_dirty_offset: int
    end_offset: int  # where this cleaning ended, and where the next one begins
    active_base: int
    before: tuple[tuple[int, bytes | None, int | None, int | None], ...]
    after: tuple[tuple[int, bytes | None, int | None, int | None], ...]
    delete_retention_ms: int


# --- recovery: leftovers, damage, and what is left of the segments -----------------------------


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


# --- faults and deliveries, told by whoever causes them ----------------------------------------


@dataclass(frozen=True, slots=True)
class PowerLost(Event):
    """The power went; each file kept what was flushed, and perhaps some of what was not."""

    # For each file that changed, how many of its first bytes are still what had been written.
    surviving_bytes: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class BytesDamaged(Event):
    """Bytes of a file changed that nobody wrote: a failing disk, a flipped bit."""

    file: str
    at_byte: int
    length_bytes: int


@dataclass(frozen=True, slots=True)
class FileLost(Event):
    """A file disappeared."""

    file: str


@dataclass(frozen=True, slots=True)
class RecordDelivered(Event):
    """A reader was given a record."""

    reader: str
    offset: int
    key: bytes | None
    is_tombstone: bool
