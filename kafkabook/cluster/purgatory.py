"""Answers that cannot be given yet wait here as data, with a deadline, under what they wait for.

Source: kafka, server `DelayedOperationPurgatory.java`, `DelayedProduce.scala`,
`DelayedFetch.scala`; notes, Part 3 ch 02.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from kafkabook.protocol.records_api import FetchRequest, ProduceRequest
from kafkabook.sim.effects import Address


@dataclass(frozen=True, slots=True)
class Delayed:
    """A request whose answer is owed.

    Attributes: `number` (in order of arrival), `sender`, `request`, `deadline_ms`, and for a
    produce request `base_offset` and `next_offset` (where its records went) and `crc`.
    """

    number: int
    sender: Address
    request: ProduceRequest | FetchRequest
    deadline_ms: int
    base_offset: int = -1
    next_offset: int = -1
    crc: int = 0


class Purgatory:
    """Delayed answers, found by the partition that may complete them.

    Simplified: Kafka keeps one purgatory per API and a timing wheel of its own; here the kernel
    keeps the deadlines.
    """

    def __init__(self) -> None:
        self._waiting: dict[int, Delayed] = {}
        self._by_partition: dict[str, dict[int, None]] = {}
        self._numbers = 0

    def next_number(self) -> int:
        """Return a number for the next answer that has to wait."""
        self._numbers += 1
        return self._numbers

    def wait(self, delayed: Delayed, partitions: Iterable[str]) -> None:
        """Keep an answer until a partition completes it, or its deadline does."""
        self._waiting[delayed.number] = delayed
        for partition in partitions:
            self._by_partition.setdefault(partition, {})[delayed.number] = None

    def on(self, partition: str) -> list[Delayed]:
        """Return what waits for a partition, in the order of arrival."""
        numbers = self._by_partition.get(partition)
        if not numbers:
            return []
        live = [number for number in numbers if number in self._waiting]
        self._by_partition[partition] = dict.fromkeys(live)
        return [self._waiting[number] for number in live]

    def take(self, number: int) -> Delayed | None:
        """Remove an answer that is given now; None if it has been given."""
        return self._waiting.pop(number, None)

    def __len__(self) -> int:
        return len(self._waiting)
