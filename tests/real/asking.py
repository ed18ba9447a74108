"""Raw requests to one real broker: each answer is that broker's own, with no client's retry.

A client library hides what the runs compare: it retries NOT_ENOUGH_REPLICAS until it times out,
waits for dead brokers, and chooses itself whom it asks.

Source: kafka, clients `ProduceRequest.json` v3, `ListOffsetsRequest.json` v5,
`CreateTopicsRequest.json` v2, `ElectLeadersRequest.json` v1, `IncrementalAlterConfigsRequest.json`
v0, `DescribeConfigsRequest.json` v1, `DeleteRecordsRequest.json` v1.
"""

import socket
import struct
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from confluent_kafka import KafkaError

from kafkabook.records.record import Record
from kafkabook.records.record_batch import encode_batch
from kafkabook.records.wire_fields import INT8, INT16, INT32, INT64, FieldReader, FieldWriter

from .node import wait_for

PRODUCE, LIST_OFFSETS, CREATE_TOPICS, ELECT_LEADERS = (0, 3), (2, 5), (19, 2), (43, 1)
ALTER_CONFIGS, DESCRIBE_CONFIGS, DELETE_RECORDS = (44, 0), (32, 1), (21, 1)
ACKS = {"all": -1, "0": 0, "1": 1}
ELECTIONS = {"preferred": 0, "unclean": 1}
RENAMED = {0: "NONE", 3: "UNKNOWN_TOPIC_OR_PARTITION", 6: "NOT_LEADER_OR_FOLLOWER"}
"""What librdkafka calls by another name."""
LATEST, EARLIEST = -1, -2
CLIENT, ANY_REPLICA = -1, -2  # in place of a broker's id; the latter is answered by followers too
OF_A_TOPIC, OF_A_BROKER, SET = 2, 4, 0
LIMIT_S = 20.0
LIMIT_MS = 10_000


def ask(port: int, api: tuple[int, int], body: bytes) -> FieldReader:
    """Send one request over a connection of its own, and return the response's body."""
    header = struct.pack(">hhih", *api, 1, -1)  # correlation 1, no client id
    with wait_for(f"a broker at port {port}", partial(connected, port)) as connection:
        connection.sendall(INT32.pack(len(header + body)) + header + body)
        with connection.makefile("rb") as answers:
            (size,) = INT32.unpack(answers.read(4))
            data = answers.read(size)
    reader = FieldReader(data)
    assert reader.number(INT32) == 1
    return reader


def connected(port: int) -> socket.socket | None:
    """A connection; None from a broker that has been let in and does not listen yet."""
    try:
        return socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S)
    except ConnectionRefusedError:
        return None


def error_name(code: int) -> str:
    """Kafka's name of an error, "NONE" for success."""
    return RENAMED.get(code) or KafkaError(code).name()


def produce(
    port: int, topic: str, values: Sequence[str], acks: str, *, limit_ms: int = LIMIT_MS
) -> tuple[str, int]:
    """Send one batch of today to partition 0; the error's name, and the first record's offset."""
    now_ms = int(time.time() * 1000)
    batch = encode_batch([Record(value=it.encode(), timestamp_ms=now_ms) for it in values])
    return produce_batch(port, topic, batch, acks, limit_ms=limit_ms)


def produce_batch(
    port: int, topic: str, batch: bytes, acks: str = "all", *, limit_ms: int = LIMIT_MS
) -> tuple[str, int]:
    """Send a batch to partition 0; the error's name, and the offset of its first record."""
    out = FieldWriter()
    out.string(None)  # no transaction
    out.number(INT16, ACKS[acks])
    out.number(INT32, limit_ms)
    partition_0_of(out, topic)
    out.blob(batch)
    answer = ask(port, PRODUCE, out.data)
    skip_to_partition(answer)
    return error_name(answer.number(INT16)), answer.number(INT64)


def latest_offset(port: int, topic: str) -> tuple[str, int]:
    """Ask a leader for the end of partition 0 as consumers see it: its high watermark."""
    return listed_offset(port, topic, LATEST, asker=CLIENT)


def listed_offset(port: int, topic: str, at: int, *, asker: int) -> tuple[str, int]:
    """Ask for an end of partition 0, as a client does, or for the log of any replica."""
    out = FieldWriter()
    out.number(INT32, asker)
    out.number(INT8, 0)  # read_uncommitted
    partition_0_of(out, topic)
    out.number(INT32, -1)  # whatever the leader's epoch is
    out.number(INT64, at)
    answer = ask(port, LIST_OFFSETS, out.data)
    answer.number(INT32)  # throttle time
    skip_to_partition(answer)
    error, _, offset = answer.number(INT16), answer.number(INT64), answer.number(INT64)
    return error_name(error), offset


def delete_records(port: int, topic: str, offset: int) -> tuple[str, int]:
    """Delete all records of partition 0 before an offset; the error's name, and the log start."""
    out = FieldWriter()
    partition_0_of(out, topic)
    out.number(INT64, offset)
    out.number(INT32, LIMIT_MS)
    answer = ask(port, DELETE_RECORDS, out.data)
    answer.number(INT32)  # throttle time
    skip_to_partition(answer)
    low_watermark, error = answer.number(INT64), answer.number(INT16)
    return error_name(error), low_watermark


def create_topic(
    port: int,
    topic: str,
    settings: Mapping[str, str],
    *,
    assignment: Sequence[int] = (),
    partitions: int = -1,
    replication_factor: int = -1,
) -> str:
    """Create a topic: partition 0 on `assignment`, or as many as asked, placed for us."""
    out = FieldWriter()
    out.count(1)
    out.string(topic)
    out.number(INT32, partitions)
    out.number(INT16, replication_factor)
    out.count(1 if assignment else 0)
    if assignment:
        out.number(INT32, 0)
        numbers(out, assignment)
    out.count(len(settings))
    for name, value in settings.items():
        out.string(name)
        out.string(value)
    out.number(INT32, LIMIT_MS)
    out.number(INT8, 0)  # not only validate
    answer = ask(port, CREATE_TOPICS, out.data)
    answer.number(INT32)
    answer.count(), answer.text()
    return error_name(answer.number(INT16))


def elect(port: int, topic: str, kind: str) -> str:
    """Ask for an election of partition 0, preferred or unclean; the partition's error."""
    out = FieldWriter()
    out.number(INT8, ELECTIONS[kind])
    out.count(1)
    out.string(topic)
    numbers(out, [0])
    out.number(INT32, LIMIT_MS)
    answer = ask(port, ELECT_LEADERS, out.data)
    answer.number(INT32)
    whole = answer.number(INT16)
    if whole:
        return error_name(whole)
    skip_to_partition(answer)
    return error_name(answer.number(INT16))


def alter_topic(port: int, topic: str, settings: Mapping[str, str]) -> str:
    """Change settings of a topic; the error's name."""
    out = FieldWriter()
    out.count(1)
    out.number(INT8, OF_A_TOPIC)
    out.string(topic)
    out.count(len(settings))
    for name, value in settings.items():
        out.string(name)
        out.number(INT8, SET)
        out.string(value)
    out.number(INT8, 0)  # not only validate
    answer = ask(port, ALTER_CONFIGS, out.data)
    answer.number(INT32), answer.count()
    return error_name(answer.number(INT16))


def partition_0_of(out: FieldWriter, topic: str) -> None:
    """One topic with one partition, as most requests begin."""
    out.count(1)
    out.string(topic)
    out.count(1)
    out.number(INT32, 0)


def numbers(out: FieldWriter, values: Sequence[int]) -> None:
    """An array of int32."""
    out.count(len(values))
    for value in values:
        out.number(INT32, value)


def skip_to_partition(answer: FieldReader) -> Any:
    """Over the array of topics, the name, the array of partitions and the number of the first."""
    return answer.count(), answer.text(), answer.count(), answer.number(INT32)


def alter_broker(port: int, broker: str, settings: Mapping[str, str]) -> tuple[str, str]:
    """Ask whether settings of a broker, or of all (""), could be altered; the error and its text.

    Nothing is altered.
    """
    out = FieldWriter()
    out.count(1)
    out.number(INT8, OF_A_BROKER)
    out.string(broker)
    out.count(len(settings))
    for name, value in settings.items():
        out.string(name)
        out.number(INT8, SET)
        out.string(value)
    out.number(INT8, 1)  # only validate
    answer = ask(port, ALTER_CONFIGS, out.data)
    answer.number(INT32), answer.count()
    return error_name(answer.number(INT16)), answer.string() or ""


def describe_broker(port: int, broker: str) -> tuple[tuple[str, str], dict[str, tuple[bool, int]]]:
    """Ask for the settings of a broker, or of all (""): the error and its text, then by name
    whether a setting is read-only, and the code of who has set it.
    """
    out = FieldWriter()
    out.count(1)
    out.number(INT8, OF_A_BROKER)
    out.string(broker)
    out.count(None)  # all settings
    out.number(INT8, 0)  # without synonyms
    answer = ask(port, DESCRIBE_CONFIGS, out.data)
    answer.number(INT32), answer.count()
    error = error_name(answer.number(INT16)), answer.string() or ""
    answer.number(INT8), answer.string()
    return error, dict(described(answer) for _ in range(answer.count() or 0))


def described(answer: FieldReader) -> tuple[str, tuple[bool, int]]:
    """One setting of a description; its value is that of another file and host."""
    name, _, is_read_only = answer.text(), answer.string(), bool(answer.number(INT8))
    source, _ = answer.number(INT8), answer.number(INT8)
    assert 0 == answer.count()
    return name, (is_read_only, source)
