"""Which offsets records get, and what may follow a log: the rules as parts.

Source: kafka, storage `UnifiedLog.java`; notes, Part 1 ch 02 §07.
"""

from collections.abc import Sequence

from kafkabook.log.facts import Appended
from kafkabook.records.batch_header import BatchHeader
from kafkabook.records.record import Record


def assign_offsets(records: Sequence[Record], log_end: int) -> Appended:
    """Give `records` the next free offsets, one each, in their order.

    Returns:
        The offset of the first, the records with their offsets, and the new log end, which is one
        more than the last offset given.

    >>> assign_offsets([Record(value=b"a"), Record(value=b"b")], log_end=7).log_end
    9
    """
    placed = tuple(record._replace(offset=log_end + i) for i, record in enumerate(records))
    return Appended(base_offset=log_end, records=placed, log_end=log_end + len(placed))


def follows(batch: BatchHeader, log_end: int) -> bool:
    """Say whether a batch that a leader wrote may stand behind `log_end`: it must not begin below.

    Source: kafka, `UnifiedLog.append`, firstOrLastOffsetOfFirstBatch.
    """
    return batch.base_offset >= log_end
