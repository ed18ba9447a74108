"""Producer snapshots, transaction indexes and the text files of a log directory as findings."""

import json
from collections.abc import Callable, Iterator

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.names import checked_topic
from kafkabook.base.plain import plain
from kafkabook.inspect.findings import Fields, Finding, Remark, Row
from kafkabook.inspect.folder import ReadOnlyFolder
from kafkabook.inspect.kinds import Kind, known
from kafkabook.log.checkpoints import (
    read_leader_epochs,
    read_meta_properties,
    read_offsets,
    read_partition_metadata,
    read_text,
)
from kafkabook.log.producer_entry import ProducerEntry
from kafkabook.log.producer_snapshots import read_snapshot
from kafkabook.log.transaction_index import read_transaction_index


def state_findings(folder: ReadOnlyFolder, name: str) -> Iterator[Finding]:
    """Yield the rows of one file of these kinds; say so if it holds none.

    Raises:
        CorruptMessage: a binary file that cannot be what Kafka wrote.
        KAFKA_STORAGE_ERROR: a text file that Kafka would refuse.
    """
    what = known(name)
    assert what is not None
    is_empty = True
    for fields in _READERS[what.kind](folder, name):
        is_empty = False
        yield Row(what.kind.value, {"file": name} | fields | {"file": name})
        if "topic" in fields:
            yield from _doubts(name, fields["topic"])
    if is_empty:
        yield Remark(f"{name}: no entries")


def _doubts(name: str, topic: str) -> Iterator[Remark]:
    """Say so if no topic can have a name that Kafka reads without a look at it."""
    try:
        checked_topic(topic)
    except KafkaError as error:
        rule = str(error).partition(": ")[2]
        yield Remark(f"{name}: no topic can be called '{plain(topic, 60)}': {rule}")


def _snapshot(folder: ReadOnlyFolder, name: str) -> Iterator[Fields]:
    for entry in read_snapshot(folder.read(name), file=name):
        yield _producer(entry)


def _producer(entry: ProducerEntry) -> Fields:
    batch = entry.batches[-1] if entry.batches else None
    return {
        "producerId": entry.producer_id,
        "producerEpoch": entry.epoch,
        "lastSequence": entry.last_sequence,
        "lastOffset": entry.last_data_offset,
        "offsetDelta": batch.offset_delta if batch else 0,
        "timestamp": entry.last_timestamp_ms,
        "coordinatorEpoch": entry.coordinator_epoch,
        "currentTxnFirstOffset": -1 if entry.first_offset is None else entry.first_offset,
    }


def _transaction_index(folder: ReadOnlyFolder, name: str) -> Iterator[Fields]:
    for entry in read_transaction_index(folder.read(name), file=name):
        yield {
            "version": 0,
            "producerId": entry.producer_id,
            "firstOffset": entry.first_offset,
            "lastOffset": entry.last_offset,
            "lastStableOffset": entry.last_stable_offset,
        }


def _leader_epochs(folder: ReadOnlyFolder, name: str) -> Iterator[Fields]:
    for entry in read_leader_epochs(folder, name):
        yield {"epoch": entry.epoch, "startOffset": entry.start_offset}


def _offsets(folder: ReadOnlyFolder, name: str) -> Iterator[Fields]:
    for partition, offset in read_offsets(folder, name).items():
        yield {"topic": partition.topic, "partition": partition.partition, "offset": offset}


def _metadata(folder: ReadOnlyFolder, name: str) -> Iterator[Fields]:
    yield {"version": 0, "topic_id": read_partition_metadata(folder, name)}


def _properties(folder: ReadOnlyFolder, name: str) -> Iterator[Fields]:
    yield dict(read_meta_properties(folder, name))


def _clean_shutdown(folder: ReadOnlyFolder, name: str) -> Iterator[Fields]:
    """Before 3.7 the file was empty; that it is there is what counts."""
    yield _document(folder, name) if folder.size(name) else {"brokerEpoch": None}


def _quorum_state(folder: ReadOnlyFolder, name: str) -> Iterator[Fields]:
    yield _document(folder, name)


def _document(folder: ReadOnlyFolder, name: str) -> Fields:
    try:
        document = json.loads(read_text(folder, name))
    except (ValueError, RecursionError) as error:
        told = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise KafkaError(
            Errors.KAFKA_STORAGE_ERROR, f"{name}: not the JSON that Kafka writes: {told}"
        ) from error
    if not isinstance(document, dict):
        raise KafkaError(
            Errors.KAFKA_STORAGE_ERROR, f"{name}: not the JSON object that Kafka writes"
        )
    return document


_READERS: dict[Kind, Callable[[ReadOnlyFolder, str], Iterator[Fields]]] = {
    Kind.SNAPSHOT: _snapshot,
    Kind.TRANSACTION_INDEX: _transaction_index,
    Kind.LEADER_EPOCHS: _leader_epochs,
    Kind.OFFSET_CHECKPOINT: _offsets,
    Kind.PARTITION_METADATA: _metadata,
    Kind.META_PROPERTIES: _properties,
    Kind.CLEAN_SHUTDOWN: _clean_shutdown,
    Kind.QUORUM_STATE: _quorum_state,
}
