"""Every record of Kafka's schemas in every version: bytes of Kafka's own classes, read by us."""

import json
from base64 import b64decode, b64encode
from math import isfinite, isnan
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from kafkabook.base.errors import CorruptMessage
from kafkabook.records import message_schema
from kafkabook.records.message_bytes import UNKNOWN_TAGS, read_message, write_message
from kafkabook.records.message_schema import Field, Schema, schemas
from kafkabook.records.wire_fields import FieldReader
from tools.messages import table

from .node import run_java
from .random_messages import random_values

pytestmark = pytest.mark.real
SEED = 13
OF_EACH = 40  # messages of each version
CHANGED = 40  # byte strings of each version that are no message any more
PACKAGES = {
    "metadata": "org.apache.kafka.common.metadata",
    "offsets": "org.apache.kafka.coordinator.group.generated",
    "transactions": "org.apache.kafka.coordinator.transaction.generated",
    "share-state": "org.apache.kafka.coordinator.share.generated",
    "remote-log": "org.apache.kafka.server.log.remote.metadata.storage.generated",
    "control": "org.apache.kafka.common.message",
}
EVERY = [(schema, version) for schema in schemas().values() for version in schema.versions]


class Said(NamedTuple):
    """What Kafka says: the bytes, how many it left unread, and its JSON; None if it refused."""

    data: bytes
    left: int = 0
    values: dict[str, Any] | None = None


def asked(folder: Path, lines: list[tuple[Schema, int, str]]) -> list[Said]:
    """Kafka's answers, line by line."""
    path = folder / "messages"
    asking = [
        f"{PACKAGES[schema.kind]}.{schema.name}\t{version}\t{given}\n"
        for schema, version, given in lines
    ]
    path.write_text("".join(asking), encoding="utf-8")
    answers = run_java("MessagesOfKafka", str(path)).split("\n")[:-1]
    return [said(answer, line[2]) for answer, line in zip(answers, lines, strict=True)]


def said(answer: str, given: str) -> Said:
    """One answer."""
    if answer == "refused":
        return Said(bytes.fromhex(given.removeprefix("hex:")))
    data, left, values = answer.split("\t")
    return Said(bytes.fromhex(data), int(left), json.loads(values))


def random_lines() -> list[tuple[Schema, int, str]]:
    """Random messages of every kind and version, as JSON."""
    return [
        (schema, version, json.dumps(random_values(schema, version, random)))
        for schema, version in EVERY
        for random in (Random(f"{SEED}/{schema.name}/{version}/{n}") for n in range(OF_EACH))
    ]


@pytest.fixture(scope="module")
def written(
    kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[Schema, int, Said]]:
    """Random messages as Kafka's classes write them, and read them again."""
    del kafka_jars
    lines = random_lines()
    answers = asked(tmp_path_factory.mktemp("messages"), lines)
    return [(schema, version, it) for (schema, version, _), it in zip(lines, answers, strict=True)]


def as_json(values: Any) -> Any:
    """Our values as Kafka's JSON has them: bytes as base64, and no tags of the future."""
    if isinstance(values, dict):
        return {name: as_json(value) for name, value in values.items() if name != UNKNOWN_TAGS}
    if isinstance(values, list):
        return [as_json(value) for value in values]
    if isinstance(values, float) and not isfinite(values):
        return "NaN" if isnan(values) else f"{'-' * (values < 0)}Infinity"
    return b64encode(values).decode() if isinstance(values, bytes) else values


def from_json(fields: tuple[Field, ...], values: Any) -> Any:
    """Kafka's JSON as our values."""
    told = {field.name: field for field in fields}
    return {name: of_field(told[name], value) for name, value in values.items()}


def of_field(field: Field, value: Any) -> Any:
    """One value of Kafka's JSON."""
    if isinstance(value, list):
        return [of_field(field, element) for element in value]
    if field.type == "struct" and value is not None:
        return from_json(field.fields, value)
    return b64decode(value) if field.type == "bytes" and value is not None else value


def read(schema: Schema, version: int, data: bytes) -> Said:
    """The same of ours."""
    reader = FieldReader(data)
    try:
        message = read_message(schema, reader, version)
    except CorruptMessage as fault:
        assert 0 <= fault.at_byte <= len(data)
        return Said(data)
    return Said(data, len(reader.rest()), as_json(message.fields))


def test_the_table_is_the_one_in_the_jars(kafka_jars: Path) -> None:
    """Nobody has changed it by hand, and no version of Kafka has come since."""
    path = Path(message_schema.__file__).with_name("messages.txt")
    assert table(kafka_jars) == path.read_text(encoding="utf-8")


def test_every_message_of_every_version_is_read_as_kafka_reads_it(
    written: list[tuple[Schema, int, Said]],
) -> None:
    """Whole values, and nothing is left over."""
    for schema, version, it in written:
        assert it == read(schema, version, it.data)


def test_every_message_of_every_version_is_written_as_kafka_writes_it(
    written: list[tuple[Schema, int, Said]],
) -> None:
    """To the byte."""
    for schema, version, it in written:
        assert it.values is not None
        values = from_json(schema.fields, it.values)
        assert it.data == write_message(schema, values, version)


def test_bytes_that_are_no_message_are_read_or_refused_as_by_kafka(
    written: list[tuple[Schema, int, Said]], tmp_path: Path
) -> None:
    """A bit turned, an end cut off or put on: the same values, or no values on both sides."""
    lines = []
    for schema, version in EVERY:
        good = [it.data for its, number, it in written if (its, number) == (schema, version)]
        random = Random(f"{SEED}/{schema.name}/{version}")
        changes = [changed(random.choice(good), random) for _ in range(CHANGED)]
        lines += [(schema, version, f"hex:{data.hex()}") for data in changes]
    answers = asked(tmp_path, lines)
    refused = 0
    for (schema, version, _), it in zip(lines, answers, strict=True):
        assert it == read(schema, version, it.data)
        refused += it.values is None
    assert 0 < refused < len(lines)


def changed(data: bytes, random: Random) -> bytes:
    """Bytes with one to three places changed."""
    for _ in range(random.randint(1, 3)):
        at, more = random.randint(0, len(data)), random.randint(0, 2)
        data = (
            data[:at]
            + random.choice([b"", b"\0", b"\xff", random.randbytes(1)])
            + data[at + more :]
        )
    return data
