"""What a broker reads from its log for whoever may read it."""

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.log.facts import IsolationLevel
from kafkabook.log.partition_log import PartitionLog
from kafkabook.protocol.records_api import FetchedPartition, FetchPartition
from kafkabook.replication.facts import EpochEnd


def read_partition(
    log: PartitionLog,
    wanted: FetchPartition,
    *,
    max_bytes: int,
    diverging: EpochEnd | None = None,
    isolation: IsolationLevel | None = None,
) -> FetchedPartition:
    """Return records, or where the logs part, or the error, with the marks of the log.

    Args:
        isolation: None for a replica, which reads to the log end; a consumer reads to the mark.
    """
    name, marks = wanted.partition, (log.high_watermark, log.log_start, log.log_end)
    if diverging is not None:
        return FetchedPartition(name, Errors.NONE, *marks, diverging=diverging)
    if log.log_start <= wanted.fetch_offset == log.log_end:  # most fetches: nothing new
        return FetchedPartition(name, Errors.NONE, *marks)
    try:
        batches = log.read(wanted.fetch_offset, max_bytes=max_bytes, isolation=isolation)
    except KafkaError as error:
        return FetchedPartition(name, error.error, *marks)
    return FetchedPartition(name, Errors.NONE, *marks, batches)
