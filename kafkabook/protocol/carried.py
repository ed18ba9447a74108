"""What a message carries for one partition, as plain values that a figure can show."""

from collections.abc import Iterable
from typing import NamedTuple

from kafkabook.base.errors import KafkaError
from kafkabook.records.record_batch import RecordBatch


class Carried(NamedTuple):
    """One partition's share of a message; -1 and "" where the message says nothing of that kind.

    Attributes: `partition` (or a topic; "" where it speaks of neither), `offset` (of the first
    record, or the one asked for), `last_offset`, `values` (of the records, as text), `crc` (of the
    first batch: it ties what is sent to what is stored), `epoch`, `high_watermark`, `error`
    (Kafka's name, as text: traces keep plain values), `says` (the rest in words).
    """

    partition: str
    offset: int = -1
    last_offset: int = -1
    values: tuple[str, ...] = ()
    crc: int = 0
    epoch: int = -1
    high_watermark: int = -1
    error: str = ""
    says: str = ""

    @classmethod
    def batches(cls, partition: str, batches: Iterable[RecordBatch]) -> "Carried":
        """Say what is in batches."""
        found = tuple(batches)
        if not found:
            return cls(partition)
        first, last = found[0].header, found[-1].header
        values = tuple(value for batch in found for value in _values(batch))
        return cls(partition, first.base_offset, last.last_offset, values, first.crc)


def numbers_told(what: str, numbers: Iterable[int]) -> str:
    """Name numbers in words.

    >>> numbers_told("in-sync", (1, 2))
    'in-sync 1, 2'
    """
    return f"{what} {', '.join(map(str, numbers)) or 'none'}"


def state_told(leader: int | None, isr: Iterable[int]) -> str:
    """Say who leads a partition, and who is in sync.

    >>> state_told(None, (2, 1))
    'leader none, in-sync 1, 2'
    """
    leads = "none" if leader is None else leader
    return f"leader {leads}, {numbers_told('in-sync', sorted(isr))}"


def settings_told(settings: Iterable[tuple[str, str | None]]) -> str:
    """Name settings with their values.

    >>> settings_told((("retention.ms", "1000"), ("cleanup.policy", None)))
    'retention.ms=1000, cleanup.policy as by default'
    """
    return ", ".join(
        f"{name} as by default" if value is None else f"{name}={value}" for name, value in settings
    )


def _values(batch: RecordBatch) -> Iterable[str]:
    try:
        return [(record.value or b"").decode(errors="replace") for record in batch.records]
    except KafkaError:  # damaged on its way: nobody can say what it was
        return []
