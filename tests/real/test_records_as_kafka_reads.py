"""Batches that no client of ours writes: what Kafka takes of them is read here, and the same."""

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import pytest

from kafkabook.base.errors import KafkaError
from kafkabook.base.units import MIB
from kafkabook.records.batch_header import FROM_CRC_START, HEADER, BatchHeader
from kafkabook.records.checksum import crc32c
from kafkabook.records.compression import Codec, compress
from kafkabook.records.formats import decode
from kafkabook.records.record import Record
from kafkabook.records.record_encoder import encode_plainly
from kafkabook.records.varint import encode_varint, encode_varlong

from .old_formats import asked

pytestmark = pytest.mark.real
PINNED, FRESH = "records", f"{SystemRandom().getrandbits(32):08x}"
NAMES = 120
PARTS = "61 c3a9 eda080 edbfbf f09f92a9 ff 80 ed eda0 e282 f09f f0808080 e080 c0af"
DENSE = (Codec.GZIP, Codec.ZSTD)
Said = dict[str, Any]


def a_batch(payload: bytes, count: int, codec: Codec = Codec.NONE) -> bytes:
    """A batch around any bytes, with a right checksum."""
    numbers = (codec, max(count - 1, 0), 5, 5, -1, -1, -1, count)
    header = BatchHeader(0, 49 + len(payload), 0, 2, 0, *numbers)
    covered = FROM_CRC_START.pack(*header[5:]) + payload
    return HEADER.pack(*header._replace(crc=crc32c(covered))) + payload


def a_record(
    number: int, *, key: bytes = b"\x02k", value: bytes = b"\x02v", headers: bytes = b"\0"
) -> bytes:
    """A record whose fields are any bytes."""
    body = b"\0" + encode_varlong(0) + encode_varint(number) + key + value + headers
    return encode_varint(len(body)) + body


def cases(random: Random) -> Iterator[tuple[str, bytes]]:
    """Names of headers, lengths below -1, streams in parts, values that shrink a thousandfold."""
    for number in range(NAMES):
        parts = random.choices(PARTS.split(), k=random.randrange(6))
        name = bytes.fromhex("".join(parts)) + random.randbytes(random.randrange(3))
        headers = encode_varint(1) + encode_varint(len(name)) + name + encode_varint(-1)
        yield f"name {number} {name.hex()}", a_batch(a_record(0, headers=headers), 1)
    for length in (-1, -2, -64):
        field = encode_varint(length)
        for what, fields in {
            "key": {"key": field},
            "value": {"value": field},
            "header's value": {"headers": b"\x02\x02h" + field},
            "header's name": {"headers": b"\x02" + field + b"\0"},
            "number of headers": {"headers": field},
        }.items():
            yield f"{what}: {length}", a_batch(a_record(0, **fields), 1)
    for codec in Codec:
        for what, (payload, count) in streams(codec).items():
            yield f"{codec}: {what}", a_batch(payload, count, codec)


def streams(codec: Codec) -> dict[str, tuple[bytes, int]]:
    """Bytes behind a header, and how many records it announces."""
    pair = a_record(0), a_record(1)
    both, one = compress(codec, b"".join(pair)), compress(codec, pair[0])
    large = encode_plainly([Record(value=bytes(3 * MIB))], [0], 5)
    return {
        "two parts": (one + compress(codec, pair[1]), 2),
        "a zero behind": (both + b"\0", 2),
        "a word behind": (both + b"tail", 2),
        "forty zeros behind": (both + bytes(40), 2),
        "fewer records than announced": (one, 2),
        "more records than announced": (both, 1),
        "records where none are announced": (one, 0),
        "anything where none are announced": (b"anything", 0),
        **({"3 MiB of one byte": (compress(codec, large), 1)} if codec in DENSE else {}),
    }


@pytest.mark.parametrize(
    "seed", [PINNED, os.environ.get("KAFKABOOK_SEED", FRESH)], ids=["pinned", "fresh"]
)
def test_kafka_and_we_read_the_same_records(seed: str, kafka_jars: Path, tmp_path: Path) -> None:
    """A sound checksum, and something strange under it: taken by both or by neither."""
    print(f"KAFKABOOK_SEED={seed}")
    told = dict(cases(Random(seed)))
    files = [tmp_path / f"{number}.log" for number, _ in enumerate(told)]
    for file, data in zip(files, told.values(), strict=True):
        file.write_bytes(data)
    theirs = {name: without_words(it) for name, it in zip(told, asked("read", *files), strict=True)}
    assert theirs == {name: said_by_us(data) for name, data in told.items()}
    assert any("refused" in said for said in theirs.values())


def without_words(said: Said) -> Said:
    """Records, or that there are none; why is told in other words."""
    (batch,) = said["batches"]
    return {"refused": True} if "refused" in batch else {"records": batch["records"]}


def said_by_us(data: bytes) -> Said:
    """The same of us."""
    try:
        return {"records": [row(record) for record in decode(data).records]}
    except KafkaError:
        return {"refused": True}


def row(record: Record) -> Said:
    """A record as the program prints it."""
    said = {
        "offset": record.offset,
        "timestamp": record.timestamp_ms,
        "key_hex": text(record.key),
        "value_hex": text(record.value),
    }
    headers = [[name, text(value)] for name, value in record.headers]
    return said | ({"headers": headers} if headers else {})


def text(data: bytes | None) -> str | None:
    """Bytes as hexadecimal."""
    return None if data is None else data.hex()
