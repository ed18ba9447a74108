"""Small text files, read by Kafka's own classes and by ours: the same is read, or both refuse."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from kafkabook.base.errors import KafkaError
from kafkabook.base.java_properties import parse_properties
from kafkabook.log.checkpoints import (
    read_leader_epochs,
    read_meta_properties,
    read_offsets,
    read_partition_metadata,
)
from kafkabook.log.disk import Disk, MemoryDisk
from kafkabook.log.leader_epochs import believed

from .node import run_java

pytestmark = pytest.mark.real
SEED = 13
CHANGED = 250
ID = "AAAAAAAAAAAAAAAAAAAAAg"
CHECKPOINTS = (
    *("", "\n", "0", "0\n", "0\n0", "0\n1\nROW", "0\r\n1\r\nROW\r\n", "0\r1\rROW", "0\n2\nROW"),
    *(
        "0\n1\nROW\nROW",
        "0\n1\nROW\n\n",
        "0\n1\n ROW",
        "0 \n0\n",
        " 0\n0\n",
        "+0\n+1\nROW",
        "-0\n0",
    ),
    *("00\n01\nROW", "\u0660\n\u0661\nROW", "0\n-1\n", "0\n2147483648\n", "1\n0\n", "\ufeff0\n0\n"),
    *("0\n1\nROW\x85", "0\n1\nROW\u2028x", "0\n1\nROW 3", "0\n1\nROWx", "0\n1\nROW \t\x0b\f"),
)
FURTHER_ROWS = {
    "offsets": (
        *("o\t \f\x0b1\t2", "o +1 +2", "o -1 -2", "o \u0661 \u0662", "o 2147483648 2", "ö 1 2"),
        *("o 1 9223372036854775808", "o 1 9223372036854775807", "o\xa0x 1 2", "\x1co 1 2"),
        *("o/../.. 1 2", "o 1 2\no 1 3", "o  2", "o \U0001d7d9 1"),
    ),
    "cache": (
        *("1\t \f\x0b2", "+1 +2", "-1 2", "1 -2", "\u0661 \u0662", "2147483648 2", "2147483647 2"),
        *(
            "1 9223372036854775808",
            "1 9223372036854775807",
            "2 5\n1 2",
            "1 5\n2 2",
            "1 0\n1 5\n2 6",
        ),
        *("1 0\n2 5\n3 5", "1 0\n2 5\n2 3", "1 0\n5 9\n3 9\n6 10", "1 4\n1 2", "1 4\n1 4"),
    ),
}
METADATA = (
    *(f"version: 0\ntopic_id: {ID}", f"version: 0\r\ntopic_id: {ID}\r\n", f"version:0\nx: {ID}"),
    *(f"x: 7\ny: \t{ID}\nmore", "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA", "", "version: 0"),
    *(f"version: 0\nx: {ID}==", f"version: 0\nx: {ID}=", f"version: 0\nx: {ID[:-1]}h"),
    *("version: 0\nx: short", f"version: 0 \nx: {ID}", f"version: 0\nx: {ID} ", f": 0\n: {ID}"),
    *(f"version: -1\nx: {ID}", f"version: 0\nx: {ID[:-3]}+/g", f"version: 0\n\nx: {ID}"),
    *(f"version: 0\na: b: {ID}", f"version: 0:  \nx: {ID}: ", f"version: 0\nx: {ID[:-1]}_"),
)
NAMED = "cluster.id=c\nnode.id=1\n"
META = (
    *(f"version=1\n{NAMED}", f"version=0\n{NAMED}", NAMED, "version=0\nbroker.id=3\n", "", "x"),
    *(
        "version=1\nbroker.id=3\ncluster.id=c\n",
        "version=1\nnode.id=1\n",
        "version=1\ncluster.id=c",
    ),
    *("version: 1\ncluster.id: c\\:d\n  # x\nnode.id 7\n", f"version=1 \n{NAMED}", "version=\n"),
    *(f"version=\\ 1\n{NAMED}", f"version=\\u00011\\u2003\n{NAMED}", f"version=2\n{NAMED}"),
    *("version=1\nnode.id=x\ncluster.id=c\n", "version=1\nnode.id=1 \ncluster.id=c\n"),
    *(f"version=1\n{NAMED}directory.id={ID}{tail}\n" for tail in ("", " ", "=", "==", "A")),
    *("version=0\nbroker.id=1\nnode.id=x\n", "version=0\nbroker.id=\n", f"version=-1\n{NAMED}"),
    *(f"version=+1\n{NAMED}", f"version=\\u0661\n{NAMED}", f"version=2147483648\n{NAMED}"),
    *("version=1\nversion=0\nbroker.id=1", f"a=\\u00g1\nversion=1\n{NAMED}", "directory.id=short"),
)
PROPERTIES = (
    *("a=1\nb:2\nc 3\nd\t=\t4\ne\n=f\n", "a = b = c", "a\\=b=c\n a\\ b c", "#c\n!c\n  #c\na=#x !y"),
    *(
        "a=b\\\n   c\\\n\n d",
        "a=b\\\\\nc=\\u00e9\\t\\n\\r\\f\\q\\\\",
        "a=\\u00g1",
        "a=\\u00",
        "a\\",
    ),
    *("a=b\\", "a=b\\\n#c=d", "\\\n#c=d", "é=€", "a\f=\fb", "a::b", "a==b", "a :b", "a  b  "),
    *("a\r\nb\rc", "  \n\t\n\f\n", "a=1\na=2", "\\\n a=1", "a\\\nb=1", ":", "=x", "#a\\\nb=1"),
    *(
        "a\\\r\n  b=1",
        "a=\\u00E9\\uABCD\\ud83d\\ude00",
        "a=\\U0041",
        "\\#a=1\n\\!b=2",
        "a=\x00b\x1c",
    ),
    *("a\x0bb", "\x85a=b", "\xa0a=b", "a=b  \\\n  c", "a=b\\ \nc", "a\\\n\n\nb", "a\\\r\rb"),
)
LETTERS = {"offsets": "o10 \t\n\r-+\x0b9x", "cache": "10 \t\n\r-+2", "metadata": ": \t\n\r0-+=gA"}
LETTERS |= {"properties": "ab=: \t\f\n\r\\#!u0041", "meta": "=: \n\\#1x"}


def texts_of(kind: str) -> tuple[str, ...]:
    """The files of a kind that are written out above."""
    if kind in FURTHER_ROWS:
        row = {"offsets": "o 1 2", "cache": "1 2"}[kind]
        rows = (f"0\n{rows.count(chr(10)) + 1}\n{rows}" for rows in FURTHER_ROWS[kind])
        return (*(text.replace("ROW", row) for text in CHECKPOINTS), *rows)
    return {"metadata": METADATA, "meta": META, "properties": PROPERTIES}[kind]


def changed(text: str, letters: str, random: Random) -> str:
    """A text with one to three places in it replaced, cut or filled."""
    for _ in range(random.randint(1, 3)):
        at, more = random.randint(0, len(text)), random.randint(0, 1)
        text = text[:at] + random.choice(["", *letters]) + text[at + more :]
    return text


def files_of(kind: str) -> Iterator[bytes]:
    """All files of a kind; the same for every run."""
    random, texts = Random(f"{SEED}/{kind}"), texts_of(kind)
    yield from (text.encode() for text in texts)
    yield texts[-1].encode() + b"\xff"
    for _ in range(CHANGED):
        yield changed(random.choice(texts), LETTERS[kind], random).encode()


def epochs(disk: Disk, path: str) -> list[list[int]]:
    """What a log makes of its checkpoint."""
    return [list(entry) for entry in believed(read_leader_epochs(disk, path))]


def offsets(disk: Disk, path: str) -> dict[str, int]:
    """A checkpoint as Java prints it."""
    return {f"{p.topic} {p.partition}": offset for p, offset in read_offsets(disk, path).items()}


def properties(disk: Disk, path: str) -> dict[str, str]:
    """Any properties."""
    return parse_properties(disk.read(path))


def meta(disk: Disk, path: str) -> str:
    """The properties that say whose directory it is, in Kafka's words."""
    found = read_meta_properties(disk, path)
    version = int(found.get("version", "0"))
    node = found.get("node.id" if version else "broker.id")
    told = {
        "clusterId": found.get("cluster.id"),
        "nodeId": None if node is None else int(node),
        "directoryId": found["directory.id"][:22] if "directory.id" in found else None,
    }
    fields = [f"{name}={value}" for name, value in told.items() if value is not None]
    return f"MetaProperties({', '.join([f'version={version}', *fields])})"


READERS: dict[str, Callable[[Disk, str], Any]] = {
    "offsets": offsets,
    "cache": epochs,
    "metadata": read_partition_metadata,
    "meta": meta,
    "properties": properties,
}


def ours(kind: str, data: bytes) -> dict[str, Any]:
    """What we read of a file."""
    disk = MemoryDisk()
    disk.append("f", data)
    try:
        return {"read": READERS[kind](disk, "f")}
    except (KafkaError, ValueError):
        return {"refused": True}


@pytest.fixture(scope="module")
def theirs(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Kafka read of each file, by the file's name."""
    del kafka_jars
    folder = tmp_path_factory.mktemp("texts")
    for kind in READERS:
        for number, data in enumerate(files_of(kind)):
            (folder / f"{kind}.{number}").write_bytes(data)
    answers = map(json.loads, run_java("TextsAsKafkaReads", str(folder)).splitlines())
    return {answer.pop("file"): answer for answer in answers}


@pytest.mark.parametrize("kind", READERS)
def test_the_same_is_read_or_refused(theirs: dict[str, Any], kind: str) -> None:
    """Each file that is written out above, and hundreds that somebody's hand has slipped on."""
    read, expected = {}, {}
    for number, data in enumerate(files_of(kind)):
        answer = theirs[f"{kind}.{number}"]
        read[number] = data, ours(kind, data)
        expected[number] = data, {"refused": True} if "refused" in answer else answer
    assert expected == read
    assert 0 < sum("refused" in answer for _, answer in read.values()) < len(read)
