"""What a broker does to the log of a replica by itself, and what the trace is told of it.

What changes nothing is not told.

Source: kafka, storage `UnifiedLog.deleteOldSegments`, `removeExpiredProducers`; core
`LogManager.flushDirtyLogs`, `LogCleaner`.
"""

from itertools import groupby

from kafkabook.base.errors import KafkaError
from kafkabook.base.machine import Context
from kafkabook.log.compaction import Cleaner
from kafkabook.log.facts import SegmentFacts
from kafkabook.replication.events import (
    CleaningFailed,
    DeletedFilesRemoved,
    LogStartMoved,
    OldSegmentsDeleted,
    ProducersForgotten,
    ReplicaCompacted,
)
from kafkabook.replication.replica_log import ReplicaLog, wake_for_removal


def delete_old_segments(replica_log: ReplicaLog, context: Context) -> None:
    """Run one retention check: what is too old, too much, or below the log start goes."""
    remove_deleted_files(replica_log, context)
    log, name = replica_log.log, replica_log.partition
    doomed = log.doomed_segments(now_ms=context.now_ms)
    if not doomed:
        return
    was = log.log_start
    log.delete_old_segments(now_ms=context.now_ms)
    for reason, gone in groupby(doomed, key=lambda facts_and_reason: facts_and_reason[1]):
        context.tell(_deletion(replica_log, [facts for facts, _ in gone], reason))
    if log.log_start > was:
        moved = LogStartMoved(name, replica_log.broker, was, log.log_start, "segments deleted")
        context.tell(moved)
        context.changed(name)
    replica_log.flushed(context)  # where the active segment had to be rolled
    wake_for_removal(replica_log, context)


def remove_deleted_files(replica_log: ReplicaLog, context: Context) -> None:
    """Remove the `.deleted` files whose delay is over, and wait for the next ones."""
    files = replica_log.log.remove_deleted_files(now_ms=context.now_ms)
    if files:
        told = DeletedFilesRemoved(replica_log.partition, replica_log.broker, files)
        context.tell(told)
    wake_for_removal(replica_log, context)


def flush_if_due(replica_log: ReplicaLog, context: Context) -> None:
    """Flush a log that was not flushed for `flush.ms`."""
    log = replica_log.log
    if context.now_ms - log.last_flush_ms >= log.config.flush_ms:
        log.flush(now_ms=context.now_ms)
        replica_log.flushed(context)


def expire_producers(replica_log: ReplicaLog, context: Context) -> None:
    """Forget producers that were idle for `producer.id.expiration.ms`."""
    gone = replica_log.log.expire_producers(now_ms=context.now_ms)
    if gone:
        context.tell(ProducersForgotten(replica_log.partition, replica_log.broker, gone))


def compact(replica_log: ReplicaLog, cleaner: Cleaner, context: Context) -> bool:
    """Clean a log that is due; say whether it could be done, and came further.

    The retention check that follows it waits for the removal of the old files too.
    """
    who = replica_log.partition, replica_log.broker
    try:
        cleaned = cleaner.clean(replica_log.log, now_ms=context.now_ms)
    except KafkaError as error:
        context.tell(CleaningFailed(*who, str(error)))
        return False
    if cleaned is None or cleaned.end_offset <= cleaned.first_dirty_offset:
        context.tell(CleaningFailed(*who, "log.cleaner.dedupe.buffer.size has no room for it"))
        return False
    told = ReplicaCompacted(
        *who,
        cleaned.first_dirty_offset,
        cleaned.end_offset,
        cleaned.segments_before,
        cleaned.segments_after,
        cleaned.bytes_before,
        cleaned.bytes_after,
    )
    context.tell(told)
    return True


def _deletion(replica_log: ReplicaLog, gone: list[SegmentFacts], reason: str) -> OldSegmentsDeleted:
    return OldSegmentsDeleted(
        replica_log.partition,
        replica_log.broker,
        tuple(facts.base_offset for facts in gone),
        gone[-1].next_offset,
        sum(facts.size_bytes for facts in gone),
        reason,
    )
