"""The bytes that Kafka itself wrote, and how a test reads them."""

import json
from pathlib import Path
from typing import Any

from kafkabook.records.record import Record

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "data" / "vectors.json").read_text(encoding="utf-8")
)
BATCHES = {batch["name"]: batch for batch in VECTORS["record_batches"]}


def data_of(name: str) -> bytes:
    """Return the bytes of the batch with that name."""
    return bytes.fromhex(BATCHES[name]["hex"])


def records_of(name: str) -> tuple[Record, ...]:
    """Return the records that Kafka says are in it."""
    return tuple(
        Record(
            key=absent_or_bytes(record["key_hex"]),
            value=absent_or_bytes(record["value_hex"]),
            timestamp_ms=record["timestamp"],
            headers=tuple((h["key"], absent_or_bytes(h["value_hex"])) for h in record["headers"]),
            offset=record["offset"],
        )
        for record in BATCHES[name]["records"]
    )


def absent_or_bytes(text: str | None) -> bytes | None:
    """Turn hexadecimal into bytes, and null into None."""
    return None if text is None else bytes.fromhex(text)
