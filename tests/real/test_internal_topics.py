"""A controller's log and snapshots, and records of all internal topics: `inspect` and Kafka's tool.

The directories are those of a real controller that took snapshots, and some of our own making that
hold every record in every version.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from kafkabook.base.names import TopicPartition
from kafkabook.inspect.internal_topics import decoder_for
from kafkabook.records.coordinator_records import (
    decode_coordinator_record,
    encode_key,
    encode_value,
)
from kafkabook.records.message_bytes import Message
from kafkabook.records.message_schema import KEY, schema_of, schemas
from kafkabook.records.metadata_records import encode_metadata_record
from kafkabook.records.record import Record
from kafkabook.records.record_batch import encode_batch
from tests.inspect.directories import run

from . import asking
from .batches import segment_batches
from .dump import Dump, decoded, dump, payloads
from .kafka import RealKafka
from .node import wait_for
from .random_messages import random_values
from .test_messages_of_kafka import from_json

pytestmark = pytest.mark.real
SEED, OF_EACH = 13, 10
METADATA_DECODER = "--cluster-metadata-decoder"
OFTEN = {"metadata.log.max.record.bytes.between.snapshots": "1500"}
KEYED = {
    "__consumer_offsets": ("offsets", "--offsets-decoder"),
    "__transaction_state": ("transactions", "--transaction-log-decoder"),
    "__share_group_state": ("share-state", "--share-group-state-decoder"),
}
DECODED_FURTHER = {"GroupMetadataValue"}  # the tool also reads what the members' clients wrote
CONTROL = re.compile(r"^\| offset: (\d+) .*? ([A-Z]\w+):? (\{.*\})$", re.MULTILINE)


@pytest.fixture(scope="module")
def data(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a controller that took a snapshot, and stopped."""
    del kafka_jars
    with RealKafka.combined(tmp_path_factory.mktemp("metadata"), OFTEN) as kafka:
        (node,) = kafka.nodes
        port = int(kafka.bootstrap.split(":")[1])
        folder = node.data_directory / "__cluster_metadata-0"
        for number in range(8):
            settings = {"min.insync.replicas": "1", "retention.ms": str(number + 1)}
            name = f"topic-{number}"
            assert "NONE" == asking.create_topic(
                port, name, settings, partitions=3, replication_factor=1
            )
        wait_for("a snapshot", lambda: any(int(p.name[:20]) for p in folder.glob("*.checkpoint")))
        kafka.stop()
    return node.data_directory


@pytest.fixture(scope="module")
def files(data: Path) -> list[Path]:
    """Its segments, its snapshots and the records that it was formatted with."""
    found = [*data.rglob("*.checkpoint"), *(data / "__cluster_metadata-0").glob("*.log")]
    assert {"bootstrap.checkpoint"} < {path.name for path in found}
    return sorted(found)


@pytest.fixture(scope="module")
def dumped(files: list[Path]) -> Dump:
    """What the tool says of them."""
    return dump(files, METADATA_DECODER)


def told(row: dict[str, Any]) -> dict[str, Any]:
    """A record of `inspect` in the words of the tool."""
    fields = dict(row["decodedValue"])
    kind, version = fields.pop("kind"), fields.pop("version")
    upper = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).upper()
    return {"type": upper, "version": version, "data": fields}


def test_a_controllers_records_are_what_the_tool_says(files: list[Path], dumped: Dump) -> None:
    """In segments, in snapshots and in `bootstrap.checkpoint`, and all of it is sound."""
    types = set()
    for path in files:
        ran = run(path, "--json")
        assert 0 == ran.exit_code, ran.err
        ours = {row["offset"]: told(row) for row in ran.rows if not row["isControl"]}
        expected = {offset: json.loads(value) for offset, value in payloads(dumped, path)}
        assert expected == ours
        types |= {record["type"] for record in ours.values()}
    assert {
        *("FEATURE_LEVEL_RECORD", "REGISTER_BROKER_RECORD", "BROKER_REGISTRATION_CHANGE_RECORD"),
        *("TOPIC_RECORD", "PARTITION_RECORD", "CONFIG_RECORD", "REGISTER_CONTROLLER_RECORD"),
    } <= types


def test_a_controllers_control_records_are_what_the_tool_says(
    files: list[Path], dumped: Dump
) -> None:
    """Who leads the quorum, who votes, and where a snapshot begins and ends."""
    seen = set()
    for path in files:
        ours = {
            row["offset"]: {n: v for n, v in row["decodedValue"].items() if n != "kind"}
            for row in run(path, "--json").rows
            if row["isControl"]
        }
        (text,) = re.findall(
            rf"^Dumping {re.escape(str(path))}\n(.*?)(?=^Dumping |\Z)",
            dumped.text,
            re.MULTILINE | re.DOTALL,
        )
        expected = {int(at): json.loads(value) for at, name, value in CONTROL.findall(text)}
        assert expected == ours
        seen |= {name for _, name, _ in CONTROL.findall(text)}
    assert {"LeaderChange", "SnapshotHeader", "SnapshotFooter"} <= seen


def test_a_controllers_directory_is_shown_as_a_whole(data: Path) -> None:
    """Every file of it is one that we know, and sound."""
    ran = run(data / "__cluster_metadata-0")
    assert 0 == ran.exit_code, ran.err
    assert "passed over" not in ran.out
    assert ": metadata snapshot, " in ran.out


def segment(folder: Path, records: Iterable[Record]) -> Path:
    """A directory with one segment of these records, each in a batch of its own."""
    folder.mkdir()
    path = folder / f"{0:020d}.log"
    batches = (
        encode_batch([record], base_offset=offset, partition_leader_epoch=0)
        for offset, record in enumerate(records)
    )
    path.write_bytes(b"".join(batches))
    return path


def values_of(name: str, version: int, number: int) -> dict[str, Any]:
    """Random values of a message."""
    schema = schema_of(name)
    random = Random(f"{SEED}/dump/{name}/{version}/{number}")
    return from_json(schema.fields, random_values(schema, version, random))


def framed(kind: str) -> Iterator[Record]:
    """Every record of a log without keys, in every version."""
    for schema in schemas().values():
        for version in schema.versions if schema.kind == kind else ():
            for number in range(OF_EACH):
                values = values_of(schema.name, version, number)
                yield Record(None, encode_metadata_record(schema.name, values, version), 0)


def keyed(kind: str) -> Iterator[Record]:
    """Every key of a log with every version of its value, and its tombstone."""
    for schema in schemas().values():
        name = f"{schema.name.removesuffix('Key')}Value"
        if (schema.kind, schema.part) != (kind, KEY) or name in DECODED_FURTHER:
            continue
        key = encode_key(schema.name, values_of(schema.name, 0, 0))
        yield Record(key, None, 0)
        for version in schema_of(name).versions:
            for number in range(OF_EACH):
                yield Record(key, encode_value(name, values_of(name, version, number), version), 0)


def as_json(values: Any) -> Any:
    """Our values as the tool prints them."""
    if isinstance(values, dict):
        return {name: as_json(value) for name, value in values.items()}
    if isinstance(values, list):
        return [as_json(value) for value in values]
    return b64encode(values).decode() if isinstance(values, bytes) else values


def test_every_record_of_the_metadata_is_what_the_tool_says(
    kafka_jars: Path, tmp_path: Path
) -> None:
    """The topic's name alone tells how it is read."""
    del kafka_jars
    path = segment(tmp_path / "__cluster_metadata-0", framed("metadata"))
    read = decoder_for(TopicPartition("__cluster_metadata", 0), None)
    assert read is not None
    ours = {record.offset: as_json(told(read(record))) for record in records_of(path)}
    said = payloads(dump([path], METADATA_DECODER), path)
    assert {offset: json.loads(value) for offset, value in said} == ours
    types = {schema.number for schema in schemas().values() if schema.kind == "metadata"}
    assert len(types) == len({record["type"] for record in ours.values()})


def records_of(path: Path) -> list[Record]:
    """The records of a segment."""
    return [record for _, batch in segment_batches(path) for record in batch.records]


@pytest.mark.parametrize("topic", KEYED)
def test_every_record_of_a_coordinator_is_what_the_tool_says(
    kafka_jars: Path, tmp_path: Path, topic: str
) -> None:
    """Keys with their types, values with their versions, and tombstones."""
    del kafka_jars
    kind, option = KEYED[topic]
    path = segment(tmp_path / f"{topic}-0", keyed(kind))
    ours, types = {}, set()
    for record in records_of(path):
        key, value = decode_coordinator_record(kind, record.key, record.value)
        assert isinstance(key, Message)
        assert value is None or isinstance(value, Message)
        types.add(key.name)
        number = {"type": str(schema_of(key.name).number), "data": key.fields}
        said = value and {"version": str(value.version), "data": as_json(value.fields)}
        ours[record.offset] = number, said
    theirs = {
        offset: (json.loads(key), None if value == "<DELETE>" else json.loads(value))
        for offset, key, value in decoded(dump([path], option), path.parent)
    }
    assert theirs == ours
    assert len(types) == len({key["type"] for key, _ in theirs.values()})
