"""Kafka's own classes at messages of magic 0 and 1: what they write, read and open.

Record the vectors anew with `python -m tests.real.old_formats`.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from kafkabook.records.compression import Codec
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from tests.records.old_messages import APPEND_TIME, CREATE_TIME, PATH, T, message, wrapped

from .distribution import HERE
from .node import run_tool

PROGRAM = str(HERE / "java" / "OldFormats.java")
CODECS = (Codec.NONE, Codec.GZIP, Codec.SNAPPY, Codec.LZ4)
MOST_ENTRIES, DAMAGED_SHARE = 12, 0.3
LOG = "{:020d}.log"


def asked(what: str, *arguments: object) -> list[dict[str, Any]]:
    """Run the program in one of its ways; an object a line."""
    answer = run_tool(PROGRAM, what, *map(str, arguments))
    return [json.loads(line) for line in answer.splitlines()]


def a_directory(root: Path, seed: str) -> Path:
    """Write a log of old segments, and perhaps of new ones, by a seed; some end in damage.

    Damage further in front would be a question of recovery, and none of the format.
    """
    random, folder, offset = Random(seed), root / "orders-0", 0
    folder.mkdir(parents=True)
    segments = random.randint(1, 3)
    for number in range(segments):
        is_new = number == 2 or random.random() < 0.1
        entries, base = [], offset
        for _ in range(random.randint(1, MOST_ENTRIES)):
            entry, offset = (a_batch if is_new else an_entry)(random, offset)
            entries.append(entry)
        data = b"".join(entries)
        if number == segments - 1 and random.random() < DAMAGED_SHARE:
            data = damaged(entries, random)
        (folder / LOG.format(base)).write_bytes(data)
    return folder


def an_entry(random: Random, offset: int) -> tuple[bytes, int]:
    """A message, or a wrapper around some; and the offset that follows it."""
    codec, magic = random.choice(CODECS), random.choice((0, 1))
    if codec is Codec.NONE:
        key, value = random.choice([(b"k", b"v"), (None, b"v"), (b"k", None), (b"", b"long" * 99)])
        when_ms = T + random.randrange(1000) * 10
        return message(offset, key, value, magic=magic, timestamp_ms=when_ms), offset + 1
    offsets = [offset]
    for _ in range(random.randrange(5)):
        offsets.append(offsets[-1] + random.choice((1, 1, 1, 3)))
    kind = random.choice((CREATE_TIME, APPEND_TIME)) if magic else CREATE_TIME
    return wrapped(codec, offsets, magic=magic, timestamp_type=kind), offsets[-1] + 1


def a_batch(random: Random, offset: int) -> tuple[bytes, int]:
    """A batch of today, by a leader of epoch 3."""
    made = [Record(b"k", b"new", T + random.randrange(10_000)) for _ in range(random.randint(1, 3))]
    batch = RecordBatch.of(made, base_offset=offset, partition_leader_epoch=3)
    return batch.data, batch.next_offset


def damaged(entries: Sequence[bytes], random: Random) -> bytes:
    """The segment with one bit turned that a checksum covers, or without its last bytes."""
    if random.random() < 0.5:
        data = b"".join(entries)
        return data[: -random.randrange(1, len(entries[-1]))]
    number = random.randrange(len(entries))
    entry = bytearray(entries[number])
    entry[random.randrange(21, len(entry))] ^= 1 << random.randrange(8)
    return b"".join((*entries[:number], bytes(entry), *entries[number + 1 :]))


if __name__ == "__main__":
    told = ",\n".join(json.dumps(it) for it in asked("record"))
    PATH.write_text(f"[\n{told}\n]\n", encoding="utf-8")
