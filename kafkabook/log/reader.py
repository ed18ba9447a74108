"""A reader of one log: a position that is its own, and a committed offset to come back to."""

from collections.abc import Iterator
from itertools import islice

from kafkabook.base.errors import OffsetOutOfRange
from kafkabook.base.shown import Shown
from kafkabook.log.facts import IsolationLevel
from kafkabook.log.isolation import aborted_transactions, read_committed, read_uncommitted
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.transaction_index import AbortedTransaction
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch


class Reader(Shown):
    """Reads a log at its own pace; reading takes nothing away, so any number may.

    Args:
        name: whose position this is.
        log: what it reads.
        isolation: how far it may read; None reads to the log end.

    Simplified: a consumer fetches from a broker, and keeps its commits in `__consumer_offsets`;
    without a commit it begins at the log start, as with auto.offset.reset=earliest, while Kafka's
    default is latest.
    Source: notes, Part 1 ch 01 §02 and §07.

    >>> from kafkabook.log.examples import a_log
    >>> log = a_log(batches=5)
    >>> billing, search = Reader("billing", log), Reader("search", log)
    >>> [record.offset for record in billing.poll(3)], len(search.poll(1))
    ([0, 1, 2], 1)
    >>> billing.commit(), billing.lag, search.lag
    (3, 2, 4)
    """

    def __init__(
        self, name: str, log: PartitionLog, *, isolation: IsolationLevel | None = None
    ) -> None:
        self.name, self.log, self.isolation = name, log, isolation
        self.position = log.log_start  # offset of the next record to read
        self.committed: int | None = None  # offset to go on from after a restart

    @property
    def lag(self) -> int:
        """How many offsets lie between the position and the log end."""
        return self.log.log_end - self.position

    def poll(self, max_records: int = 500) -> tuple[Record, ...]:
        """Return the next records and move the position past them; none at the end.

        Raises:
            OffsetOutOfRange: retention took the position away; `seek` to go on.
        """
        taken: list[Record] = []
        while len(taken) < max_records:
            batches = self.log.read(self.position, isolation=self.isolation)
            if not batches:
                break
            room = max_records - len(taken)
            found = list(islice(self._given(batches), room))
            taken += found
            is_cut = len(found) == room
            self.position = found[-1].offset + 1 if is_cut else batches[-1].next_offset
        return tuple(taken)

    def seek(self, offset: int) -> None:
        """Move the position, backwards too.

        Raises:
            OffsetOutOfRange: outside the log.
        """
        if not self.log.log_start <= offset <= self.log.log_end:
            raise OffsetOutOfRange(offset, log_start=self.log.log_start, log_end=self.log.log_end)
        self.position = offset

    def commit(self) -> int:
        """Remember the position, which is the offset of the *next* record, and return it."""
        self.committed = self.position
        return self.committed

    def restart(self) -> None:
        """Lose the position, as a crash does, and go on from the commit, or from the log start."""
        self.position = self.log.log_start if self.committed is None else self.committed

    def _given(self, batches: tuple[RecordBatch, ...]) -> Iterator[Record]:
        """Return what a consumer is handed of a fetch: no markers, and nothing that was aborted."""
        if self.isolation is IsolationLevel.READ_COMMITTED:
            return read_committed(batches, self._aborted(), from_offset=self.position)
        return read_uncommitted(batches, from_offset=self.position)

    def _aborted(self) -> tuple[AbortedTransaction, ...]:
        local, upto = self.log.local, self.log.last_stable_offset
        behind = local.segments[local.index_of(self.position) :]
        return aborted_transactions((s.aborted for s in behind), self.position, upto)

    def __repr__(self) -> str:
        return f"Reader({self.name!r}, position {self.position}, committed {self.committed})"
