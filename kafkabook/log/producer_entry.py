"""What one partition remembers of one producer, and whether its next batch may be appended.

Source: KIP-98 (idempotent producer), KIP-360 (unknown producer, epochs); kafka, storage
`ProducerStateEntry`, `ProducerAppendInfo`; notes, Part 1 ch 02 §08.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.units import INT32_MAX
from kafkabook.records.batch_header import BatchHeader

BATCHES_TO_RETAIN = 5  # as many as a producer may have in flight
NO_EPOCH = -1
NO_SEQUENCE = -1


class BatchMetadata(NamedTuple):
    """One remembered batch: enough to recognise it when it comes again, and to answer as before."""

    last_sequence: int
    last_offset: int
    offset_delta: int  # records in the batch, less one
    timestamp_ms: int

    @property
    def first_sequence(self) -> int:
        """Sequence number of the batch's first record."""
        return (self.last_sequence - self.offset_delta) % (INT32_MAX + 1)

    @property
    def first_offset(self) -> int:
        """Offset of the batch's first record."""
        return self.last_offset - self.offset_delta


class Duplicate(NamedTuple):
    """The answer to a batch that is in the log already: where it was put the first time."""

    base_offset: int
    last_offset: int
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class ProducerEntry:
    """A producer as one partition knows it.

    Attributes:
        epoch: its newest epoch, -1 if none is known.
        batches: its last batches of that epoch, oldest first, five at most.
        coordinator_epoch: epoch of the coordinator that wrote its last marker, -1 if none did.
        last_timestamp_ms: largest timestamp of its last batch or marker; expiry counts from it.
        first_offset: where its open transaction begins; None if none is open.
    """

    producer_id: int
    epoch: int = NO_EPOCH
    batches: tuple[BatchMetadata, ...] = ()
    coordinator_epoch: int = -1
    last_timestamp_ms: int = -1
    first_offset: int | None = None

    @property
    def last_sequence(self) -> int:
        """Sequence number of its last record in this epoch, -1 if there is none."""
        return self.batches[-1].last_sequence if self.batches else NO_SEQUENCE

    @property
    def last_data_offset(self) -> int:
        """Offset of its last record in this epoch, -1 if there is none; markers do not count."""
        return self.batches[-1].last_offset if self.batches else -1

    def duplicate_of(self, header: BatchHeader) -> Duplicate | None:
        """Return where the same batch was appended, if it is one of the remembered five."""
        if header.producer_epoch != self.epoch:
            return None
        wanted = header.base_sequence, header.last_sequence
        for batch in self.batches:
            if (batch.first_sequence, batch.last_sequence) == wanted:
                return Duplicate(batch.first_offset, batch.last_offset, batch.timestamp_ms)
        return None

    def with_marker(
        self, header: BatchHeader, coordinator_epoch: int, timestamp_ms: int
    ) -> "ProducerEntry":
        """Return the entry after a marker: no open transaction; a new epoch forgets the batches."""
        return replace(
            self,
            epoch=header.producer_epoch,
            batches=self.batches if header.producer_epoch == self.epoch else (),
            coordinator_epoch=coordinator_epoch,
            last_timestamp_ms=timestamp_ms,
            first_offset=None,
        )


def judge_batch(entry: ProducerEntry | None, header: BatchHeader) -> Duplicate | None:
    """Decide whether a batch from an idempotent producer may be appended: the rule as a part.

    Returns:
        `Duplicate` if it is one of the last five batches: answer with the old offset and append
        nothing. None if it may be appended.

    Raises:
        INVALID_PRODUCER_EPOCH: a newer instance of the producer has been seen.
        OUT_OF_ORDER_SEQUENCE_NUMBER: not the next number, or a new epoch that does not begin at 0.
            A duplicate that is older than the five comes out here too.
        INVALID_TXN_STATE: a batch outside a transaction while one is open.

    An unknown producer may begin at any number: its state may have been deleted with its records
    (KIP-360). This is a hole through which a gap can pass unseen.
    """
    if entry is None or entry.epoch == NO_EPOCH:
        return None
    if (duplicate := entry.duplicate_of(header)) is not None:
        return duplicate
    _check_epoch(entry, header)
    _check_sequence(entry, header)
    if entry.first_offset is not None and not header.is_transactional:
        raise KafkaError(
            Errors.INVALID_TXN_STATE,
            f"producer {entry.producer_id} has a transaction open since offset"
            f" {entry.first_offset}; a batch outside of it may not follow",
        )
    return None


def judge_marker(entry: ProducerEntry | None, header: BatchHeader, coordinator_epoch: int) -> None:
    """Decide whether a leader may append a transaction marker.

    Raises:
        INVALID_PRODUCER_EPOCH: the marker is for an instance that a newer one has fenced.
        TRANSACTION_COORDINATOR_FENCED: a newer coordinator has written a marker already.

    Simplified: KIP-890 also wants a marker of its protocol to carry a *newer* epoch than the data.
    """
    if entry is None:
        return
    _check_epoch(entry, header)
    if coordinator_epoch < entry.coordinator_epoch:
        raise KafkaError(
            Errors.TRANSACTION_COORDINATOR_FENCED,
            f"marker of coordinator epoch {coordinator_epoch} for producer {entry.producer_id};"
            f" epoch {entry.coordinator_epoch} has been seen",
        )


def next_producer_state(entry: ProducerEntry, header: BatchHeader) -> ProducerEntry:
    """Return what is remembered after a batch of data: a new epoch forgets the old batches."""
    same_epoch = header.producer_epoch == entry.epoch
    delta = header.last_offset_delta
    batch = BatchMetadata(header.last_sequence, header.last_offset, delta, header.max_timestamp_ms)
    kept = entry.batches[-(BATCHES_TO_RETAIN - 1) :] if same_epoch else ()
    begins = entry.first_offset is None and header.is_transactional
    return replace(
        entry,
        epoch=header.producer_epoch,
        batches=(*kept, batch),
        last_timestamp_ms=header.max_timestamp_ms,
        first_offset=header.base_offset if begins else entry.first_offset,
    )


def _check_epoch(entry: ProducerEntry, header: BatchHeader) -> None:
    if header.producer_epoch < entry.epoch:
        raise KafkaError(
            Errors.INVALID_PRODUCER_EPOCH,
            f"producer {entry.producer_id} sent epoch {header.producer_epoch};"
            f" epoch {entry.epoch} has been seen",
        )


def _check_sequence(entry: ProducerEntry, header: BatchHeader) -> None:
    same_epoch = header.producer_epoch == entry.epoch
    last = entry.last_sequence if same_epoch else NO_SEQUENCE
    expected = (last + 1) % (INT32_MAX + 1)
    if header.base_sequence != expected:
        raise KafkaError(
            Errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
            f"producer {entry.producer_id} epoch {header.producer_epoch}:"
            f" sequence {header.base_sequence}, expected {expected}",
        )
