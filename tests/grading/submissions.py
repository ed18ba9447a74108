"""Submissions for tests: a right part as source, and the same with something added."""

from kafkabook.grading.grader import grade_source
from kafkabook.grading.mark import Mark
from kafkabook.grading.source import submission

IMPORTS = "from kafkabook.log.facts import RollReason\n"
GOOD_ROLL = """
def my_roll(segment, batch, config, now_ms, jitter_ms=0):
    if segment.size_bytes + batch.size_bytes > config.segment_bytes:
        return RollReason.SIZE
    first_ms = segment.first_timestamp_ms
    waited_ms = batch.max_timestamp_ms - first_ms if first_ms >= 0 else now_ms - segment.created_ms
    if segment.size_bytes and waited_ms > config.segment_ms - jitter_ms:
        return RollReason.AGE
    if segment.offset_index_full or segment.time_index_full:
        return RollReason.INDEX_FULL
    if batch.last_offset - segment.base_offset > 2**31 - 1:
        return RollReason.OFFSET_OVERFLOW
    return None
"""

ACKS_IMPORTS = "from kafkabook.replication.facts import Ack\n"
ACKS = """
def my_acknowledge(facts):
    too_few = facts.isr_size < facts.min_insync_replicas
    if facts.next_offset is None:
        return Ack.NOT_ENOUGH_REPLICAS if facts.acks == -1 and too_few else Ack.APPEND
    if facts.acks == -1 and facts.high_watermark < facts.next_offset:
        return Ack.WAIT
    late = facts.acks == -1 and too_few
    return Ack.NOT_ENOUGH_REPLICAS_AFTER_APPEND if late else Ack.ACKNOWLEDGE
"""


def doing(*lines: str, before: str = "") -> str:
    """Return a right roll that does something else first, in its body and before its `def`."""
    head, _, body = GOOD_ROLL.strip().partition("\n")
    added = "\n".join(f"    {line}" for line in lines)
    return f"{before}\n{head}\n{added}\n{body}\n"


def graded(source: str, *, seed: int | None = None) -> Mark:
    """Grade a roll from its source."""
    return grade_source("01.2", submission("my_roll", source, [IMPORTS]), seed=seed)


def graded_as(number: str, name: str, source: str, imports: str = "") -> Mark:
    """Grade a part of any exercise from its source."""
    return grade_source(number, submission(name, source, [imports]))
