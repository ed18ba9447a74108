"""What read_committed may see: nothing undecided, nothing aborted, no marker.

Source: KIP-98; kafka, storage `UnifiedLog.fetchLastStableOffsetMetadata`, clients `CompletedFetch`;
notes, Part 1 ch 02 §09.
"""

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop
from typing import NamedTuple

from kafkabook.log.producer_state import CompletedTransaction, ProducerStates
from kafkabook.log.transaction_index import AbortedTransaction, TransactionIndex, index_entry
from kafkabook.records.batch_header import BatchHeader
from kafkabook.records.control_records import ControlType, read_control
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch


def last_stable_offset(high_watermark: int, first_undecided_offset: int | None) -> int:
    """Return the offset below which every transaction is decided, and its decision committed.

    >>> last_stable_offset(10, None), last_stable_offset(10, 4), last_stable_offset(3, 4)
    (10, 4, 3)
    """
    if first_undecided_offset is None:
        return high_watermark
    return min(high_watermark, first_undecided_offset)


def aborted_transactions(
    indexes: Iterable[TransactionIndex], from_offset: int, upper_offset: int
) -> tuple[AbortedTransaction, ...]:
    """Return the aborted transactions that a fetch of `from_offset .. upper_offset - 1` must know.

    Args:
        indexes: of the segment that holds `from_offset` and of those behind it, in order. A marker
            may lie far behind the data, so the search goes on until all below the upper bound is
            known to be decided.

    Source: kafka, storage `LocalLog.collectAbortedTransactions`.
    """
    found: list[AbortedTransaction] = []
    for index in indexes:
        aborted, is_complete = index.aborted_in(from_offset, upper_offset)
        found += aborted
        if is_complete:
            break
    return tuple(found)


def read_committed(
    batches: Iterable[RecordBatch],
    aborted: Iterable[AbortedTransaction],
    *,
    from_offset: int = 0,
    upper_offset: int | None = None,
) -> Iterator[Record]:
    """Yield the records that a read_committed consumer is given, in the order of their offsets.

    Args:
        batches: as the log holds them, ascending.
        aborted: those that touch the range, in any order; others do no harm.
        from_offset: the consumer's position; a batch may begin below it.
        upper_offset: the last stable offset, which the broker does not serve beyond; None if
            `batches` end there.

    Raises:
        CorruptMessage: a batch's records are not what its header says.

    Source: kafka, clients `CompletedFetch.nextFetchedRecord`.
    """
    pending = [(entry.first_offset, entry.producer_id, entry.last_offset) for entry in aborted]
    heapify(pending)
    aborting: set[int] = set()
    for batch in batches:
        while pending and pending[0][0] <= batch.last_offset:
            _, producer_id, marker = heappop(pending)
            if marker >= batch.base_offset:  # else it ended before the first batch
                aborting.add(producer_id)
        if _ends_abort(batch):
            aborting.discard(batch.header.producer_id)
        elif not _is_hidden(batch.header, aborting):
            yield from records_between(batch, from_offset, upper_offset)


class Decisions(NamedTuple):
    """What the batches of a log say of its transactions, without index or snapshot."""

    aborted: tuple[AbortedTransaction, ...]
    first_undecided_offset: int | None


def decisions_in(batches: Iterable[RecordBatch]) -> Decisions:
    """Read a log from its start for what is aborted and what is open: the files alone tell it.

    Transactions whose data begins below the first batch are not known; a snapshot knows them.

    Raises:
        CorruptMessage: a marker is not what its header says.
    """
    producers = ProducerStates()
    aborted: list[AbortedTransaction] = []
    for batch in batches:
        ended = _remember(producers, batch)
        producers.advance_high_watermark(batch.next_offset)
        if ended is not None and ended.is_aborted:
            aborted.append(index_entry(ended))
    return Decisions(tuple(aborted), producers.first_undecided_offset)


def _remember(producers: ProducerStates, batch: RecordBatch) -> CompletedTransaction | None:
    producers.update(batch.header)
    if not (batch.header.is_control and batch.records):
        return None
    control = read_control(batch.records[0])
    if control.coordinator_epoch is None:
        return None
    is_aborted, epoch = control.type is ControlType.ABORT, control.coordinator_epoch
    return producers.complete(batch.header, is_aborted=is_aborted, coordinator_epoch=epoch)


def read_uncommitted(
    batches: Iterable[RecordBatch], *, from_offset: int = 0, upper_offset: int | None = None
) -> Iterator[Record]:
    """Yield all records but those of control batches, which no consumer ever sees."""
    for batch in batches:
        if not batch.header.is_control:
            yield from records_between(batch, from_offset, upper_offset)


def records_between(batch: RecordBatch, first: int, end: int | None) -> Iterator[Record]:
    """Yield the records of a batch with offsets from `first` on and below `end`."""
    for record in batch.records:
        if record.offset >= first and (end is None or record.offset < end):
            yield record


def _is_hidden(header: BatchHeader, aborting: set[int]) -> bool:
    is_aborted = header.is_transactional and header.producer_id in aborting
    return header.is_control or is_aborted


def _ends_abort(batch: RecordBatch) -> bool:
    if not (batch.header.is_control and batch.records):
        return False
    return read_control(batch.records[0]).type is ControlType.ABORT
