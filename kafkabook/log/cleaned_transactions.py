"""Which transactions the cleaner is in the middle of: whose data to drop, which markers may go.

Source: kafka, storage `CleanedTransactionMetadata`; notes, Part 1 ch 03 §04.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush

from kafkabook.log.transaction_index import AbortedTransaction
from kafkabook.records.batch_header import BatchHeader
from kafkabook.records.control_records import ControlType, read_control
from kafkabook.records.record_decoder import decode_records


@dataclass(slots=True)
class _Ongoing:
    """An aborted transaction whose marker has not been met, and whether any of its data was."""

    entry: AbortedTransaction
    has_data: bool = False


class CleanedTransactions:
    """A walk over batches in offset order, which answers for each whether it can be discarded.

    Args:
        aborted: from the transaction indexes; more may come with `expect`, also twice.

    Attributes:
        still_aborted: entries whose marker had data before it: those of the cleaned segment's new
            transaction index.

    Source: kafka, storage `CleanedTransactionMetadata`.
    """

    def __init__(self, aborted: Iterable[AbortedTransaction] = ()) -> None:
        self.still_aborted: list[AbortedTransaction] = []
        self._expected: list[tuple[int, AbortedTransaction]] = []
        self._aborted: dict[int, _Ongoing] = {}  # by producer id
        self._committed: set[int] = set()  # producer ids with data, so far undecided or committed
        self.expect(aborted)

    def expect(self, aborted: Iterable[AbortedTransaction]) -> None:
        """Add aborted transactions that begin further on."""
        for entry in aborted:
            heappush(self._expected, (entry.first_offset, entry))

    def hides(self, header: BatchHeader, payload: bytes) -> bool:
        """Say whether a batch holds nothing that readers of committed records ever see."""
        if header.is_control:
            self.is_idle_marker(header, control_type_of(header, payload))
            return True
        return self.is_aborted(header)

    def is_aborted(self, header: BatchHeader) -> bool:
        """Say whether a batch of data was aborted: readers of committed records never see it."""
        self._begin_up_to(header.last_offset)
        if not header.is_transactional:
            return False
        ongoing = self._aborted.get(header.producer_id)
        if ongoing is None:
            self._committed.add(header.producer_id)
            return False
        ongoing.has_data = True
        return True

    def is_idle_marker(self, header: BatchHeader, control_type: ControlType | None) -> bool:
        """Say whether a control batch ends a transaction of which no batch is left.

        Args:
            control_type: None for a batch whose record an earlier cleaning removed.
        """
        self._begin_up_to(header.last_offset)
        if control_type is ControlType.ABORT:
            return self._abort(header.producer_id)
        if control_type is ControlType.COMMIT:
            had_data = header.producer_id in self._committed
            self._committed.discard(header.producer_id)
            return not had_data
        return control_type is None

    def _abort(self, producer_id: int) -> bool:
        ongoing = self._aborted.pop(producer_id, None)
        if ongoing is None or not ongoing.has_data:
            return True
        self.still_aborted.append(ongoing.entry)
        return False

    def _begin_up_to(self, offset: int) -> None:
        while self._expected and self._expected[0][0] <= offset:
            _, entry = heappop(self._expected)
            self._aborted.setdefault(entry.producer_id, _Ongoing(entry))


def control_type_of(header: BatchHeader, payload: bytes) -> ControlType | None:
    """Return what a control batch says; None if an earlier cleaning left only its shell."""
    records = decode_records(payload, 0, header)
    return read_control(records[0]).type if records else None
