"""What a log tells: the vocabulary of its trace, and nothing else.

Each holds what a checker needs: offsets, byte positions, the reason, the settings behind it.
"""

from dataclasses import dataclass

from kafkabook.base.phrases import count_text, key_text, offsets_text
from kafkabook.base.trace import Event
from kafkabook.base.units import ms_text

# --- opening, appending, rolling ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogOpened(Event):
    """A log was opened: what its directory held, after recovery if there was need of one."""

    log_start: int
    log_end: int
    segment_bases: tuple[int, ...]
    after_clean_stop: bool

    def sentence(self) -> str:
        stopped = "after a clean stop" if self.after_clean_stop else "without a clean stop before"
        kept = count_text(len(self.segment_bases), "segment")
        span = f"from offset {self.log_start} up to the log end {self.log_end}"
        return f"The log opens with {kept}, {span}, {stopped}."


@dataclass(frozen=True, slots=True)
class LogClosed(Event):
    """A clean stop: indexes trimmed, everything flushed, a producer snapshot at the log end."""

    log_end: int

    def sentence(self) -> str:
        return f"The log stops cleanly; its log end is {self.log_end}."


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

    def sentence(self) -> str:
        what = "a control batch" if self.is_control else "a batch"
        where = f"at byte {self.position} of segment {self.segment_base}"
        span = offsets_text(self.base_offset, self.last_offset)
        return f"The log appends {what} of {self.size_bytes} bytes, {span}, {where}."


@dataclass(frozen=True, slots=True)
class DuplicateIgnored(Event):
    """An idempotent producer sent again what the log holds; nothing was appended."""

    base_offset: int
    last_offset: int
    producer_id: int
    base_sequence: int

    def sentence(self) -> str:
        span = offsets_text(self.base_offset, self.last_offset)
        again = f"Producer {self.producer_id} sends sequence {self.base_sequence} again"
        return f"{again}: the log has it as {span}, and appends nothing."


@dataclass(frozen=True, slots=True)
class SegmentRolled(Event):
    """The active segment became full in one of four senses; a new one starts at the log end."""

    closed_base: int
    new_base: int
    closed_size_bytes: int
    reason: str  # a RollReason, or why somebody rolled by hand

    def sentence(self) -> str:
        closed = f"segment {self.closed_base} of {self.closed_size_bytes} bytes"
        return f"The log closes {closed} and begins segment {self.new_base}: {self.reason}."


@dataclass(frozen=True, slots=True)
class LeaderEpochStarted(Event):
    """The first record of a leader epoch."""

    epoch: int
    start_offset: int

    def sentence(self) -> str:
        return f"Leader epoch {self.epoch} starts at offset {self.start_offset}."


# --- indexes -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IndexEntryAdded(Event):
    """The offset index learned that the batch ending at `offset` begins at `position`."""

    segment_base: int
    offset: int
    position: int

    def sentence(self) -> str:
        entry = f"offset {self.offset} → byte {self.position}"
        return f"The offset index of segment {self.segment_base} gets the entry {entry}."


@dataclass(frozen=True, slots=True)
class TimeIndexEntryAdded(Event):
    """Up to and with `offset`, no record of the segment is younger than `timestamp_ms`."""

    segment_base: int
    timestamp_ms: int
    offset: int

    def sentence(self) -> str:
        entry = f"{self.timestamp_ms} ms → offset {self.offset}"
        return f"The time index of segment {self.segment_base} gets the entry {entry}."


@dataclass(frozen=True, slots=True)
class IndexLoaded(Event):
    """An index file was taken as it stood on the disk."""

    segment_base: int
    entries: tuple[tuple[int, int], ...]  # (offset, position)

    def sentence(self) -> str:
        count = f"{len(self.entries)} {'entry' if len(self.entries) == 1 else 'entries'}"
        return f"The log loads the offset index of segment {self.segment_base}: {count}."


@dataclass(frozen=True, slots=True)
class IndexDistrusted(Event):
    """The indexes of a segment do not fit it, and it is broken itself: both stay as they are.

    Nobody has asked for the segment to be read again. Reads walk over it from its beginning.
    """

    segment_base: int

    def sentence(self) -> str:
        return f"The log does without the indexes of segment {self.segment_base}: they do not fit."


@dataclass(frozen=True, slots=True)
class IndexRebuilt(Event):
    """The indexes of a segment were thrown away and made again from its .log file."""

    segment_base: int
    reason: str

    def sentence(self) -> str:
        return f"The log rebuilds the indexes of segment {self.segment_base}: {self.reason}."


# --- what readers may see ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HighWatermarkAdvanced(Event):
    """Everything below `to_offset` is committed."""

    from_offset: int
    to_offset: int

    def sentence(self) -> str:
        moved = f"from {self.from_offset} to {self.to_offset}"
        return f"The high watermark advances {moved}: all below is committed."


@dataclass(frozen=True, slots=True)
class LogStartAdvanced(Event):
    """Records below `to_offset` are no longer served, though their bytes may still be there."""

    from_offset: int
    to_offset: int
    reason: str

    def sentence(self) -> str:
        moved = f"from {self.from_offset} to {self.to_offset}"
        return f"The log start offset advances {moved}: {self.reason}."


@dataclass(frozen=True, slots=True)
class LogTruncated(Event):
    """The end of the log was cut off."""

    from_offset: int  # the log end before
    to_offset: int  # the log end now
    reason: str

    def sentence(self) -> str:
        moved = f"from log end {self.from_offset} to {self.to_offset}"
        return f"The log is truncated {moved}: {self.reason}."


@dataclass(frozen=True, slots=True)
class LogFlushed(Event):
    """All records below `recovery_point` are on the disk, whatever happens to the power."""

    recovery_point: int

    def sentence(self) -> str:
        point = f"the recovery point {self.recovery_point}"
        return f"The log is flushed: all below {point} is on the disk."


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

    def sentence(self) -> str:
        span = offsets_text(self.base_offset, self.next_offset - 1)
        segment = f"segment {self.base_offset} of {self.size_bytes} bytes, {span}"
        return f"The log deletes {segment}: {self.reason}."


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

    def sentence(self) -> str:
        gone = count_text(self.deleted, "segment")
        return f"Retention deletes {gone}; segment {self.oldest_kept_base} is now the oldest."


@dataclass(frozen=True, slots=True)
class FilesUnlinked(Event):
    """Files marked `.deleted` were removed for good."""

    files: tuple[str, ...]

    def sentence(self) -> str:
        return f"The disk gives up the deleted files {', '.join(self.files)}."


# --- producers and transactions ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TransactionStarted(Event):
    """The first batch of a transaction was appended; readers of committed records stop here."""

    producer_id: int
    producer_epoch: int
    first_offset: int

    def sentence(self) -> str:
        who = f"Producer {self.producer_id}, epoch {self.producer_epoch},"
        return f"{who} starts a transaction at offset {self.first_offset}."


@dataclass(frozen=True, slots=True)
class TransactionCompleted(Event):
    """A marker was appended at `last_offset`; it decides over all since `first_offset`."""

    producer_id: int
    first_offset: int
    last_offset: int
    is_aborted: bool
    last_stable_offset: int

    def sentence(self) -> str:
        how = "aborted" if self.is_aborted else "committed"
        begun = f"of producer {self.producer_id}, begun at offset {self.first_offset},"
        marker = f"the marker at offset {self.last_offset}"
        stable = f"the last stable offset is {self.last_stable_offset}"
        return f"The transaction {begun} is {how} by {marker}; {stable}."


@dataclass(frozen=True, slots=True)
class ProducersExpired(Event):
    """Idle producers were forgotten; should one come back, any sequence number is accepted."""

    producer_ids: tuple[int, ...]
    producer_id_expiration_ms: int

    def sentence(self) -> str:
        who = ", ".join(map(str, self.producer_ids))
        return (
            f"The log forgets producers {who}, idle for {ms_text(self.producer_id_expiration_ms)}."
        )


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

    def sentence(self) -> str:
        old = ", ".join(map(str, self.old_bases))
        sizes = f"{self.old_size_bytes} bytes become {self.new_size_bytes} bytes"
        return f"The cleaner replaces segments {old} by segment {self.new_base}: {sizes}."


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

    def sentence(self) -> str:
        span = f"from offset {self.first_dirty_offset} up to {self.end_offset}"
        kept = f"of {count_text(len(self.before), 'record')} with a key {len(self.after)} stay"
        return f"The cleaner has compared what is new {span}: {kept}."


# --- recovery: leftovers, damage, and what is left of the segments -----------------------------


@dataclass(frozen=True, slots=True)
class LeftoverHandled(Event):
    """A file of an unfinished job was met at start: removed, or its job finished."""

    file: str
    done: str  # "removed" or "finished"

    def sentence(self) -> str:
        if self.done == "finished":
            return f"The log finishes the swap that {self.file} is left of."
        return f"The log removes {self.file}, left of an unfinished job."


@dataclass(frozen=True, slots=True)
class DamageFound(Event):
    """Bytes that nobody wrote like this; see `CorruptSegment` for the fields."""

    file: str
    at_byte: int
    batch_base: int
    reason: str
    recovered_upto: int
    torn_tail: bool

    def sentence(self) -> str:
        what = "a torn tail" if self.torn_tail else "damage"
        kept = f"all below offset {self.recovered_upto} is whole"
        return (
            f"Recovery finds {what} at byte {self.at_byte} of {self.file}: {self.reason}; {kept}."
        )


@dataclass(frozen=True, slots=True)
class BatchDoubted(Event):
    """A batch is kept, for its checksum holds, though its offset or its epoch is strange.

    Kafka does not look: the first 21 bytes of a batch are not under its checksum.
    """

    file: str
    at_byte: int
    batch_base: int
    reason: str

    def sentence(self) -> str:
        where = f"the batch at byte {self.at_byte} of {self.file}"
        return f"Recovery keeps {where} and doubts it: {self.reason}."


@dataclass(frozen=True, slots=True)
class GapAccepted(Event):
    """Offsets are missing, in a log that nobody calls compacted; what is behind goes on, and stays.

    Told of the first batch that shows it; from there on the log counts as compacted.
    """

    file: str
    at_byte: int
    expected_offset: int
    base_offset: int  # of the batch; the expected one, if records are missing inside it

    def sentence(self) -> str:
        where = f"at byte {self.at_byte} of {self.file}"
        return f"Recovery misses offset {self.expected_offset} {where}, and goes on behind the gap."


@dataclass(frozen=True, slots=True)
class SegmentSplit(Event):
    """The offsets of a segment reached further from its base than its index can say."""

    segment_base: int
    new_bases: tuple[int, ...]

    def sentence(self) -> str:
        new = ", ".join(map(str, self.new_bases))
        return f"Recovery splits segment {self.segment_base}, whose offsets overflow, into {new}."


@dataclass(frozen=True, slots=True)
class SegmentRecovered(Event):
    """A segment was read again, batch by batch; so much of it is left."""

    segment_base: int
    size_bytes: int
    next_offset: int
    index_entries: int

    def sentence(self) -> str:
        left = f"{self.size_bytes} bytes, up to offset {self.next_offset}"
        return f"Recovery has read segment {self.segment_base} batch by batch: {left}."


@dataclass(frozen=True, slots=True)
class RecoveryCompleted(Event):
    """Segments from the recovery point on were read again, batch by batch."""

    recovery_point: int
    scanned_bases: tuple[int, ...]
    recovered_upto: int  # the log end
    cut_bytes: int  # of the .log files, whole later segments included

    def sentence(self) -> str:
        read = count_text(len(self.scanned_bases), "segment")
        cut = count_text(self.cut_bytes, "byte")
        left = f"the log end is {self.recovered_upto}, cut off: {cut}"
        return f"Recovery from offset {self.recovery_point} on has read {read}: {left}."


# --- faults and deliveries, told by whoever causes them ----------------------------------------


@dataclass(frozen=True, slots=True)
class PowerLost(Event):
    """The power went; each file kept what was flushed, and perhaps some of what was not."""

    # For each file that changed, how many of its first bytes are still what had been written.
    surviving_bytes: tuple[tuple[str, int], ...]

    def sentence(self) -> str:
        struck = count_text(len(self.surviving_bytes), "file")
        return f"The power fails; {struck} lost bytes that were not flushed."


@dataclass(frozen=True, slots=True)
class BytesDamaged(Event):
    """Bytes of a file changed that nobody wrote: a failing disk, a flipped bit."""

    file: str
    at_byte: int
    length_bytes: int

    def sentence(self) -> str:
        count = count_text(self.length_bytes, "byte")
        return f"The disk changes {count} of {self.file} at byte {self.at_byte}."


@dataclass(frozen=True, slots=True)
class FileLost(Event):
    """A file disappeared."""

    file: str

    def sentence(self) -> str:
        return f"The disk loses the file {self.file}."


@dataclass(frozen=True, slots=True)
class RecordDelivered(Event):
    """A reader was given a record."""

    reader: str
    offset: int
    key: bytes | None
    is_tombstone: bool

    def sentence(self) -> str:
        what = "a tombstone" if self.is_tombstone else "the record"
        return f"{self.reader} reads {what} at offset {self.offset}, {key_text(self.key)}."
