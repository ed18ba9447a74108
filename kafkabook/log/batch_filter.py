"""What compaction leaves of a batch: all of it, some records, an empty shell, or nothing.

Source: kafka, clients `MemoryRecords.filterTo`, storage `Cleaner.cleanInto`; KIP-534.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kafkabook.log.cleaned_transactions import CleanedTransactions, control_type_of
from kafkabook.log.compaction_rules import Candidate, keep_record
from kafkabook.log.offset_map import OffsetMap
from kafkabook.log.producer_entry import ProducerEntry
from kafkabook.log.record_walk import keys_of, payload_of, records_at
from kafkabook.log.rules import LogRules
from kafkabook.records.batch_header import BatchHeader
from kafkabook.records.record import Record
from kafkabook.records.record_decoder import decode_records
from kafkabook.records.scan import scan_headers


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFilter:
    """One cleaning's view of batches, which are shown to it in offset order.

    Args:
        offsets: the complete map of this cleaning.
        transactions: told of every batch as it passes.
        producers: the partition's active producers, by id; the last batch of each is kept, if
            need be without records, for it holds the last sequence number.
        upper_bound: where this cleaning ends; its last batch is kept likewise, for it holds the
            last offset.
        now_ms, delete_retention_ms: a batch with tombstones that has no delete horizon gets
            their sum.

    Source: kafka, storage `Cleaner.cleanInto`, clients `MemoryRecords.filterTo`.
    """

    offsets: OffsetMap
    transactions: CleanedTransactions
    producers: Mapping[int, ProducerEntry]
    upper_bound: int
    now_ms: int
    delete_retention_ms: int
    rules: LogRules

    def kept(self, data: bytes, segment_last_offset: int) -> Iterator[bytes]:
        """Yield what is left of each batch of a segment's file, in order; unchanged ones as are.

        Raises:
            CorruptMessage: a batch cannot be true; names its byte. Nothing is yielded of it. Its
                checksum is compared, for a batch that is written anew would get a right one.
        """
        for at, header in scan_headers(data, check_crc=True):
            batch = self._left(data, at, header, segment_last_offset)
            if batch is not None:
                yield batch

    def _left(
        self, data: bytes, at: int, header: BatchHeader, segment_last_offset: int
    ) -> bytes | None:
        if header.is_control:
            batch = self._left_of_marker(data, at, header)
        elif self.transactions.is_aborted(header):
            batch = None
        else:
            batch = self._left_of_data(data, at, header, segment_last_offset)
        if batch is None and self._must_stay(header):
            return self.rules.rebuild_batch(header, ())
        return batch

    def _must_stay(self, header: BatchHeader) -> bool:
        if header.next_offset == self.upper_bound:
            return True
        entry = self.producers.get(header.producer_id)
        if entry is None:
            return False
        if entry.batches:
            return header.last_offset == entry.last_data_offset
        return header.is_control and header.producer_epoch == entry.epoch

    def _left_of_marker(self, data: bytes, at: int, header: BatchHeader) -> bytes | None:
        payload = payload_of(data, at, header)
        idle = self.transactions.is_idle_marker(header, control_type_of(header, payload))
        if not payload or (idle and self._expired(header)):
            return None
        if idle and header.delete_horizon_ms is None:
            records = decode_records(payload, 0, header)
            return self.rules.rebuild_batch(header, records, self._horizon())
        return data[at : at + header.size_bytes]

    def _left_of_data(
        self, data: bytes, at: int, header: BatchHeader, segment_last_offset: int
    ) -> bytes | None:
        if self.rules.keep_record is keep_record:
            records = self._newest_in(data, at, header)
        else:
            payload = payload_of(data, at, header)
            records = self._newest_plainly(payload, header, segment_last_offset)
        if not records:
            return None
        horizon_ms = header.delete_horizon_ms
        if horizon_ms is None and any(record.value is None for record in records):
            horizon_ms = self._horizon()
        if len(records) == header.records_count and horizon_ms == header.delete_horizon_ms:
            return data[at : at + header.size_bytes]
        return self.rules.rebuild_batch(header, records, horizon_ms)

    def _newest_plainly(
        self, payload: bytes, header: BatchHeader, segment_last_offset: int
    ) -> tuple[Record, ...]:
        """Ask the rule for every record."""
        expired, latest = self._expired(header), self.offsets.latest_offset
        return tuple(
            record
            for record in decode_records(payload, 0, header)
            if record.offset > latest
            or (
                record.key is not None
                and self.rules.keep_record(
                    Candidate(
                        record.offset,
                        self.offsets.newest(record.key),
                        record.value is None,
                        expired,
                        segment_last_offset,
                    )
                )
            )
        )

    def _newest_in(self, data: bytes, at: int, header: BatchHeader) -> tuple[Record, ...]:
        """Do the same for today's rule: a batch of which nothing is left is not even looked at."""
        mapped = header.base_offset >= self.offsets.start_offset
        if mapped and header.last_offset <= self.offsets.latest_offset:
            offsets = self.offsets.newest_between(header.base_offset, header.last_offset)
            if not offsets:
                return ()
            return self._alive(records_at(payload_of(data, at, header), header, offsets), header)
        payload = payload_of(data, at, header)
        offsets = self._newest_by_key(*keys_of(payload, header))
        return self._alive(records_at(payload, header, offsets), header)

    def _newest_by_key(self, keys: Sequence[bytes | None], offsets: Sequence[int]) -> list[int]:
        newest, latest = self.offsets.newest, self.offsets.latest_offset
        return [
            offset
            for key, offset in zip(keys, offsets, strict=True)
            if offset > latest or (key is not None and newest(key) <= offset)
        ]

    def _alive(self, records: tuple[Record, ...], header: BatchHeader) -> tuple[Record, ...]:
        if not self._expired(header):
            return records
        latest = self.offsets.latest_offset
        return tuple(r for r in records if r.value is not None or r.offset > latest)

    def _expired(self, header: BatchHeader) -> bool:
        return self.rules.tombstone_expired(header.delete_horizon_ms, self.now_ms)

    def _horizon(self) -> int:
        return self.now_ms + self.delete_retention_ms
