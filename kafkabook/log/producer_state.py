"""What a partition knows of its producers: who may append next, and which transactions are open.

Source: KIP-98, KIP-360; kafka, storage `ProducerStateManager`; notes, Part 1 ch 02 §08 and §09.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kafkabook.base.java_hash_map import SMALLEST_TABLE, hash_map_order, long_hash, table_size
from kafkabook.base.shown import Shown
from kafkabook.base.trace import Trace
from kafkabook.base.units import DAY_MS
from kafkabook.log.events import ProducersExpired, TransactionCompleted, TransactionStarted
from kafkabook.log.producer_entry import (
    BATCHES_TO_RETAIN,
    Duplicate,
    ProducerEntry,
    judge_batch,
    judge_marker,
    next_producer_state,
)
from kafkabook.log.producer_snapshots import read_snapshot, write_snapshot
from kafkabook.records.batch_header import BatchHeader

Judge = Callable[[ProducerEntry | None, BatchHeader], Duplicate | None]
Remember = Callable[[ProducerEntry, BatchHeader], ProducerEntry]
Unstable = Callable[[Sequence[int], Sequence[int]], int | None]
Write = Callable[[Iterable[ProducerEntry]], bytes]


class CompletedTransaction(NamedTuple):
    """A transaction that a marker has just ended, and what a transaction index wants to know."""

    producer_id: int
    first_offset: int
    last_offset: int  # of the marker
    is_aborted: bool
    last_stable_offset: int  # once this one is decided; the high watermark set aside


@dataclass(frozen=True, slots=True)
class ProducersSnapshot:
    """Public state of a partition's producers, as figures and checkers see it."""

    producers: tuple[ProducerEntry, ...]  # by producer id
    open_transactions: tuple[tuple[int, int], ...]  # (first offset, producer id), oldest first
    undecided_for_readers: tuple[tuple[int, int], ...]  # (first offset, marker's offset)
    first_undecided_offset: int | None


def first_undecided(open_offsets: Sequence[int], decided_offsets: Sequence[int]) -> int | None:
    """Return the offset from which on the outcome is unknown to readers: the rule as a part.

    Args:
        open_offsets: first offsets of open transactions.
        decided_offsets: first offsets of transactions with a marker that is not yet committed: a
            new leader might not have it.

    >>> first_undecided([9, 4], [6]), first_undecided([], [])
    (4, None)
    """
    return min((*open_offsets, *decided_offsets), default=None)


class ProducerStates(Shown):
    """The producers of one partition: sequence numbers, epochs, open transactions.

    A leader asks `validate` before it appends and tells with `update` or `complete` what it has
    appended. A follower and a recovery only tell: what the leader wrote is not judged again.

    Args:
        producer_id_expiration_ms: Kafka's `producer.id.expiration.ms`, in milliseconds.
        judge, remember, undecided, write: the rules, as parts.
        trace: where events go; a private trace if omitted.

    Simplified: no verification of a transaction before its first batch (KIP-890).
    Source: kafka, storage `ProducerStateManager`, `ProducerAppendInfo`.
    """

    def __init__(
        self,
        *,
        producer_id_expiration_ms: int = 1 * DAY_MS,
        judge: Judge = judge_batch,
        remember: Remember = next_producer_state,
        undecided: Unstable = first_undecided,
        write: Write = write_snapshot,
        trace: Trace | None = None,
    ) -> None:
        self.producer_id_expiration_ms = producer_id_expiration_ms
        self.trace = Trace("producers") if trace is None else trace
        self._judge, self._remember = judge, remember
        self._undecided, self._write = undecided, write
        self._entries: dict[int, ProducerEntry] = {}
        self._buckets = SMALLEST_TABLE
        self._open: dict[int, int] = {}  # first offset -> producer id
        self._decided: dict[int, int] = {}  # first offset -> offset of its marker

    def validate(
        self, header: BatchHeader, *, coordinator_epoch: int | None = None
    ) -> Duplicate | None:
        """Say whether a leader may append the batch; changes nothing.

        Args:
            header: the batch as it came, its offsets not yet stamped.
            coordinator_epoch: of a transaction marker; None for data.

        Returns:
            where the batch is already, if it is one of its producer's last five; else None.

        Raises:
            INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_TXN_STATE,
            TRANSACTION_COORDINATOR_FENCED: see `judge_batch` and `judge_marker`.
        """
        if header.producer_id < 0:
            return None
        entry = self._entries.get(header.producer_id)
        if coordinator_epoch is not None:
            judge_marker(entry, header, coordinator_epoch)
            return None
        return self._judge(entry, header)

    def update(self, header: BatchHeader, *, now_ms: int = 0) -> None:
        """Remember a batch of data that has been appended, with its offsets; others are ignored."""
        if header.producer_id < 0 or header.is_control:
            return
        before = self._entry(header.producer_id)
        after = self._remember(before, header)
        self._put(after)
        if before.first_offset is None and after.first_offset is not None:
            self._open[after.first_offset] = after.producer_id
            started = TransactionStarted(after.producer_id, after.epoch, after.first_offset)
            self.trace.emit(started, at_ms=now_ms)

    def complete(
        self, header: BatchHeader, *, is_aborted: bool, coordinator_epoch: int, now_ms: int = 0
    ) -> CompletedTransaction | None:
        """Remember a marker that has been appended.

        Returns:
            the transaction that it ended; None if there was none open, for then neither readers
            nor the transaction index have anything to learn.
        """
        before = self._entry(header.producer_id)
        self._put(before.with_marker(header, coordinator_epoch, header.max_timestamp_ms))
        if before.first_offset is None:
            return None
        ended = self._ended(before.producer_id, before.first_offset, header.last_offset, is_aborted)
        del self._open[ended.first_offset]
        self._decided[ended.first_offset] = ended.last_offset
        self.trace.emit(TransactionCompleted(*ended), at_ms=now_ms)
        return ended

    def advance_high_watermark(self, offset: int) -> None:
        """Let readers see past the transactions whose markers are below `offset`."""
        self._decided = {first: last for first, last in self._decided.items() if last >= offset}

    def expire(self, *, now_ms: int) -> tuple[int, ...]:
        """Forget, and return, producers without open transaction that were idle for too long."""
        gone = self._expired(self._entries.values(), now_ms)
        for producer_id in gone:
            del self._entries[producer_id]
        return gone

    @property
    def first_undecided_offset(self) -> int | None:
        """First offset that a read_committed reader must wait for; None if there is none.

        Kafka calls it `firstUnstableOffset`: of open transactions, and of completed ones whose
        marker is not below the high watermark.
        """
        return self._undecided(tuple(self._open), tuple(self._decided))

    def take_snapshot(self) -> bytes:
        """Return the `.snapshot` file that holds this state, in the order that Java would write."""
        order = hash_map_order(self._entries, long_hash, buckets=self._buckets)
        return self._write(self._entries[producer_id] for producer_id in order)

    def load(self, data: bytes, *, now_ms: int | None = None) -> None:
        """Replace everything by the state in a `.snapshot` file.

        Args:
            now_ms: producers that have expired by then are left out; None keeps all.

        Raises:
            CorruptMessage: see `read_snapshot`; nothing has changed then.
        """
        entries = read_snapshot(data)
        self.clear()
        gone = () if now_ms is None else self._expired(entries, now_ms)
        for entry in entries:
            if entry.producer_id in gone:
                continue
            self._put(entry)
            if entry.first_offset is not None:
                self._open[entry.first_offset] = entry.producer_id

    def reload(self, *, now_ms: int) -> None:
        """Keep what a broker would know that starts at `now_ms` and reads our snapshot back."""
        data, self._buckets = self.take_snapshot(), SMALLEST_TABLE
        self.load(data, now_ms=now_ms)

    def clear(self) -> None:
        """Forget everything; a truncation does so, then loads a snapshot and reads on from it."""
        self._entries.clear()
        self._open.clear()
        self._decided.clear()

    def snapshot(self) -> ProducersSnapshot:
        """Return the public state."""
        return ProducersSnapshot(
            tuple(self._entries[producer_id] for producer_id in sorted(self._entries)),
            tuple(sorted(self._open.items())),
            tuple(sorted(self._decided.items())),
            self.first_undecided_offset,
        )

    def check(self) -> None:
        """Assert that entries and open transactions tell the same story, five batches at most."""
        undecided = {e.first_offset: e.producer_id for e in self._entries.values()}
        undecided.pop(None, None)
        assert undecided == self._open
        assert all(len(entry.batches) <= BATCHES_TO_RETAIN for entry in self._entries.values())

    def _expired(self, entries: Iterable[ProducerEntry], now_ms: int) -> tuple[int, ...]:
        oldest_ms = now_ms - self.producer_id_expiration_ms
        gone = tuple(
            entry.producer_id
            for entry in entries
            if entry.first_offset is None and entry.last_timestamp_ms <= oldest_ms
        )
        if gone:
            told = ProducersExpired(gone, self.producer_id_expiration_ms)
            self.trace.emit(told, at_ms=now_ms)
        return gone

    def _entry(self, producer_id: int) -> ProducerEntry:
        return self._entries.get(producer_id) or ProducerEntry(producer_id)

    def _put(self, entry: ProducerEntry) -> None:
        self._entries[entry.producer_id] = entry
        self._buckets = max(self._buckets, table_size(len(self._entries)))

    def _ended(
        self, producer_id: int, first_offset: int, last_offset: int, is_aborted: bool
    ) -> CompletedTransaction:
        others = [first for first, other in self._open.items() if other != producer_id]
        stable = min(others, default=last_offset + 1)
        return CompletedTransaction(producer_id, first_offset, last_offset, is_aborted, stable)
