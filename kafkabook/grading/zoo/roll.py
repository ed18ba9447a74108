"""Wrong ways to decide when a segment is rolled, and right ones that are not ours."""

from kafkabook.base.units import INT32_MAX
from kafkabook.grading.zoo.variant import Variant
from kafkabook.log.config import LogConfig
from kafkabook.log.facts import RollReason, SegmentFacts
from kafkabook.records.batch_header import BatchHeader

Reason = RollReason | None


def _by_size(segment: SegmentFacts, batch: BatchHeader, config: LogConfig) -> Reason:
    full = segment.size_bytes + batch.size_bytes > config.segment_bytes
    return RollReason.SIZE if full else None


def _by_age(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int
) -> Reason:
    first_ms = segment.first_timestamp_ms
    waited_ms = batch.max_timestamp_ms - first_ms if first_ms >= 0 else now_ms - segment.created_ms
    old = segment.size_bytes > 0 and waited_ms > config.segment_ms - jitter_ms
    return RollReason.AGE if old else None


def _by_index(segment: SegmentFacts) -> Reason:
    full = segment.offset_index_full or segment.time_index_full
    return RollReason.INDEX_FULL if full else None


def _by_offset(segment: SegmentFacts, batch: BatchHeader) -> Reason:
    far = batch.last_offset - segment.base_offset > INT32_MAX
    return RollReason.OFFSET_OVERFLOW if far else None


def _or_another(
    age: Reason, segment: SegmentFacts, batch: BatchHeader, config: LogConfig
) -> Reason:
    """Return the first reason that holds, with `age` for the one by age."""
    size = _by_size(segment, batch, config)
    return size or age or _by_index(segment) or _by_offset(segment, batch)


def checks_the_size_after_the_append(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> Reason:
    """Lets a segment grow past its limit by one batch."""
    if segment.size_bytes > config.segment_bytes:
        return RollReason.SIZE
    age = _by_age(segment, batch, config, now_ms, jitter_ms)
    return age or _by_index(segment) or _by_offset(segment, batch)


def rolls_when_the_last_byte_is_used(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> Reason:
    """Takes the limit itself for too much."""
    if segment.size_bytes + batch.size_bytes >= config.segment_bytes:
        return RollReason.SIZE
    age = _by_age(segment, batch, config, now_ms, jitter_ms)
    return age or _by_index(segment) or _by_offset(segment, batch)


def asks_the_clock_for_the_age(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> Reason:
    """Rolls on the wall clock, so that replaying old records makes other segments."""
    old = segment.size_bytes > 0 and now_ms - segment.created_ms > config.segment_ms - jitter_ms
    age = RollReason.AGE if old else None
    return _or_another(age, segment, batch, config)


def counts_age_to_now(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> Reason:
    """Starts at the right record and ends at the wrong clock."""
    first_ms = segment.first_timestamp_ms if segment.first_timestamp_ms >= 0 else segment.created_ms
    old = segment.size_bytes > 0 and now_ms - first_ms > config.segment_ms - jitter_ms
    age = RollReason.AGE if old else None
    return _or_another(age, segment, batch, config)


def never_ages_without_timestamps(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> Reason:
    """Forgets the segments whose first record has no timestamp."""
    known = segment.first_timestamp_ms >= 0
    age = _by_age(segment, batch, config, now_ms, jitter_ms) if known else None
    return _or_another(age, segment, batch, config)


def takes_minus_one_for_a_timestamp(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> Reason:
    """Subtracts -1 and finds every segment half a century old."""
    waited_ms = batch.max_timestamp_ms - segment.first_timestamp_ms + 0 * now_ms
    old = segment.size_bytes > 0 and waited_ms > config.segment_ms - jitter_ms
    age = RollReason.AGE if old else None
    return _or_another(age, segment, batch, config)


def rolls_an_empty_segment(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> Reason:
    """Leaves empty files behind."""
    first_ms = segment.first_timestamp_ms
    waited_ms = batch.max_timestamp_ms - first_ms if first_ms >= 0 else now_ms - segment.created_ms
    age = RollReason.AGE if waited_ms > config.segment_ms - jitter_ms else None
    return _or_another(age, segment, batch, config)


def ignores_the_jitter(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> Reason:
    """Lets all segments of a broker roll at the same moment."""
    age = _by_age(segment, batch, config, now_ms, 0 * jitter_ms)
    return _or_another(age, segment, batch, config)


def adds_the_jitter(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> Reason:
    """Rolls later by the jitter instead of earlier."""
    age = _by_age(segment, batch, config, now_ms, -jitter_ms)
    return _or_another(age, segment, batch, config)


def ignores_the_indexes(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> Reason:
    """Writes into an index that has no room."""
    age = _by_age(segment, batch, config, now_ms, jitter_ms)
    return _by_size(segment, batch, config) or age or _by_offset(segment, batch)


def knows_one_index_only(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> Reason:
    """Forgets that the offset index fills up too."""
    full = RollReason.INDEX_FULL if segment.time_index_full else None
    age = _by_age(segment, batch, config, now_ms, jitter_ms)
    return _by_size(segment, batch, config) or age or full or _by_offset(segment, batch)


def measures_offsets_to_the_batchs_first(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> Reason:
    """Takes 2147483648 for a number that 31 bits hold."""
    far = batch.base_offset - segment.base_offset > INT32_MAX + 1
    age = _by_age(segment, batch, config, now_ms, jitter_ms)
    overflow = RollReason.OFFSET_OVERFLOW if far else None
    return _by_size(segment, batch, config) or age or _by_index(segment) or overflow


def says_yes_instead_of_why(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> bool:
    """Answers True or False."""
    age = _by_age(segment, batch, config, now_ms, jitter_ms)
    return bool(_by_size(segment, batch, config) or age or _by_index(segment))


_calls = [0]


def remembers_its_calls(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> Reason:
    """Rolls every other time."""
    _calls[0] += 1
    age = _by_age(segment, batch, config, now_ms, jitter_ms)
    return RollReason.SIZE if _calls[0] % 2 == 0 else age


def knows_the_limit_of_the_examples(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> Reason:
    """Has 1,000 bytes built in, which is what the examples have."""
    size = RollReason.SIZE if segment.size_bytes + batch.size_bytes > 1_000 else None
    age = _by_age(segment, batch, config, now_ms, jitter_ms)
    return size or age or _by_index(segment) or _by_offset(segment, batch)


WRONG = (
    Variant(checks_the_size_after_the_append, "R1", "example 3"),
    Variant(rolls_when_the_last_byte_is_used, "R1", "example 2"),
    Variant(asks_the_clock_for_the_age, "R1", "example 4"),
    Variant(counts_age_to_now, "R1", "example 4"),
    Variant(never_ages_without_timestamps, "R2", "without timestamps the file has the age"),
    Variant(takes_minus_one_for_a_timestamp, "R2", "without timestamps the file has the age"),
    Variant(rolls_an_empty_segment, "R2", "an empty segment never ages"),
    Variant(ignores_the_jitter, "R2", "an old segment rolls"),
    Variant(adds_the_jitter, "R2", "an old segment rolls"),
    Variant(ignores_the_indexes, "R1", "example 5"),
    Variant(knows_one_index_only, "R2", "a full index rolls"),
    Variant(measures_offsets_to_the_batchs_first, "R2", "offsets fit in four bytes"),
    Variant(says_yes_instead_of_why, "R0", "signature"),
    Variant(remembers_its_calls, "R0", "purity"),
    Variant(knows_the_limit_of_the_examples, "R3", "a log that crashes stays whole"),
)


def by_a_table_of_reasons(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> Reason:
    """Answers by a table, the rarest reason first."""
    dated = segment.first_timestamp_ms > -1
    began_ms = segment.first_timestamp_ms if dated else segment.created_ms
    ended_ms = batch.max_timestamp_ms if dated else now_ms
    table = (
        (RollReason.OFFSET_OVERFLOW, batch.last_offset > segment.base_offset + INT32_MAX),
        (RollReason.INDEX_FULL, any((segment.time_index_full, segment.offset_index_full))),
        (RollReason.SIZE, config.segment_bytes - segment.size_bytes < batch.size_bytes),
        (
            RollReason.AGE,
            segment.size_bytes and began_ms + config.segment_ms < ended_ms + jitter_ms,
        ),
    )
    return next((reason for reason, holds in table if holds), None)


def by_asking_whether_it_stays(
    segment: SegmentFacts, batch: BatchHeader, config: LogConfig, now_ms: int, jitter_ms: int = 0
) -> Reason:
    """Looks first for the reason to stay."""
    room_bytes = config.segment_bytes - segment.size_bytes
    if batch.size_bytes > room_bytes:
        return RollReason.SIZE
    if segment.offset_index_full | segment.time_index_full:
        return RollReason.INDEX_FULL
    if not 0 <= batch.last_offset - segment.base_offset < 2**31:
        return RollReason.OFFSET_OVERFLOW
    return _by_age(segment, batch, config, now_ms, jitter_ms)


RIGHT = (by_a_table_of_reasons, by_asking_whether_it_stays)
