"""The same compressed bytes to Kafka's classes and to ours: who takes what, and what comes out."""

import hashlib
import json
import os
from pathlib import Path
from random import SystemRandom

import pytest

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.compression import Codec, decompress

from .codec_cases import Case, cases
from .distribution import HERE
from .node import run_tool

pytestmark = pytest.mark.real
PINNED, FRESH = "codecs", f"{SystemRandom().getrandbits(32):08x}"
LEAST_CASES, LEAST_TAKEN = 40, 10
Said = dict[str, object]


def said_by_kafka(told: list[Case], folder: Path) -> list[Said]:
    """What each case is to Kafka: a size and a digest, or a refusal."""
    file = folder / "cases"
    file.write_text("".join(f"{it.codec} {it.magic} {it.data.hex()}\n" for it in told))
    answer = run_tool(str(HERE / "java" / "Decompresses.java"), str(file))
    return [without_reason(json.loads(line)) for line in answer.splitlines()]


def without_reason(said: Said) -> Said:
    """Why something is refused is told in other words by each library."""
    return {"refused": True} if "refused" in said else said


def said_by_us(case: Case) -> Said:
    """What the case is to us, in the same words."""
    try:
        plain = decompress(case.codec, case.data, of_magic_0=case.magic == 0)
    except CorruptMessage:
        return {"refused": True}
    return {"bytes": len(plain), "sha256": hashlib.sha256(plain).hexdigest()}


@pytest.mark.parametrize("codec", [codec for codec in Codec if codec is not Codec.NONE])
@pytest.mark.parametrize(
    "seed", [PINNED, os.environ.get("KAFKABOOK_SEED", FRESH)], ids=["pinned", "fresh"]
)
def test_kafka_and_we_read_the_same_of_compressed_bytes(
    codec: Codec, seed: str, kafka_jars: Path, tmp_path: Path
) -> None:
    """What Kafka takes is no damage, what it refuses is not read, and all bytes are the same."""
    print(f"KAFKABOOK_SEED={seed}")
    told = cases(codec, seed)
    theirs, ours = said_by_kafka(told, tmp_path), [said_by_us(case) for case in told]
    names = [f"{number}: {it.what}, magic {it.magic}" for number, it in enumerate(told)]
    assert dict(zip(names, theirs, strict=True)) == dict(zip(names, ours, strict=True))
    taken = sum("bytes" in said for said in theirs)
    assert len(told) >= LEAST_CASES and LEAST_TAKEN <= taken <= len(told) - LEAST_TAKEN
