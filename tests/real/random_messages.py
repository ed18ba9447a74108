"""Random values for every message of Kafka's schemas, as the JSON that Kafka's own classes read."""

import base64
from collections.abc import Sequence
from random import Random
from typing import Any

from kafkabook.records.message_schema import Field, Schema

TEXTS = ("", "a", "orders", "größe €", "😀", "x" * 200)
BITS = {"int8": 8, "int16": 16, "int32": 32, "int64": 64}
SHARE_OF_NULLS = 0.3
MOST_ELEMENTS = 3


def random_values(schema: Schema, version: int, random: Random) -> dict[str, Any]:
    """Values of every field that the version has; a tagged one may be left out."""
    return fields(schema.fields, version, random)


def fields(schemas: Sequence[Field], version: int, random: Random) -> dict[str, Any]:
    """Values of fields."""
    return {
        field.name: value(field, version, random)
        for field in schemas
        if version in field.versions and not (version in field.tagged and random.random() < 0.5)
    }


def value(field: Field, version: int, random: Random) -> Any:
    """A value of one field."""
    if version in field.nullable and random.random() < SHARE_OF_NULLS:
        return None
    if field.is_array:
        return [one(field, version, random) for _ in range(random.randint(0, MOST_ELEMENTS))]
    return one(field, version, random)


def one(field: Field, version: int, random: Random) -> Any:
    """A value that is not null; of an array, one element."""
    if field.type == "struct":
        return fields(field.fields, version, random)
    if field.type in BITS:
        limit = 1 << BITS[field.type] - 1
        return random.choice([0, -1, 1, -2, limit - 1, -limit, random.randrange(-limit, limit)])
    return {
        "bool": lambda: random.random() < 0.5,
        "uint16": lambda: random.choice([0, 9092, 65535]),
        "float64": lambda: random.choice([0.0, -1.5, 1e300, random.random()]),
        "string": lambda: random.choice(TEXTS),
        "bytes": lambda: base64.b64encode(random.randbytes(random.choice([0, 1, 40]))).decode(),
        "uuid": lambda: base64.urlsafe_b64encode(random.randbytes(16)).decode()[:22],
    }[field.type]()
