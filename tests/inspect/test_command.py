"""What `kafkabook inspect` prints for sound directories, letter for letter."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kafkabook.records.compression import Codec
from kafkabook.records.coordinator_records import encode_key, encode_value
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from tests.inspect.directories import (
    FIRST_LOG,
    FIRST_MS,
    SMALL,
    a_batch,
    a_directory,
    a_transaction_log,
    contents,
    run,
)

VECTORS = json.loads((Path(__file__).parent.parent / "data" / "vectors.json").read_text())


def a_file(folder: Path, name: str, data: bytes) -> Path:
    """Write one file of a partition directory."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name


def kafkas_directory(root: Path, files: dict[str, object]) -> Path:
    """Lay out a directory that Apache Kafka wrote."""
    for name, data in files.items():
        prefix = data if isinstance(data, str) else data["prefix_hex"]
        size = len(prefix) // 2 if isinstance(data, str) else data["size"]
        a_file(root / "orders-0", name, bytes.fromhex(prefix).ljust(size, b"\0"))
    return root / "orders-0"


def test_a_directory_is_shown_file_by_file(tmp_path: Path) -> None:
    """A person sees each batch, its records, and the files that go with them."""
    ran = run(a_directory(tmp_path, batches=2))
    expected = """\
00000000000000000000.log: segment, 200 B, base offset 0
      offset  timestamp (UTC)          key                       value
batch at byte 0: offsets 0..1, 2 records, 100 B, leader epoch 0
           0  2023-11-14 22:13:20.000  "key-0"                   "value-0"
           1  2023-11-14 22:13:21.000  "key-1"                   "value-1"
batch at byte 100: offsets 2..3, 2 records, 100 B, leader epoch 0
           2  2023-11-14 22:13:22.000  "key-2"                   "value-2"
           3  2023-11-14 22:13:23.000  "key-3"                   "value-3"

00000000000000000000.index: offset index, 0 B, base offset 0

00000000000000000000.timeindex: time index, 12 B, base offset 0
                timestamp      offset
  2023-11-14 22:13:23.000           3

00000000000000000004.snapshot: producer snapshot, 10 B, base offset 4
  no entries

leader-epoch-checkpoint: leader epoch checkpoint, 8 B
       epoch  startOffset
           0            0
"""
    assert (0, expected, "") == ran


def test_a_record_is_one_object_by_kafkas_names(tmp_path: Path) -> None:
    """Every field that the format knows; text as text, other bytes as base64, nothing as null."""
    record = Record(b"k\xc3\xa9", b"\xff\x00", FIRST_MS, (("trace", b"1"), ("none", None)))
    batch = RecordBatch.of(
        [record, Record(None, None, FIRST_MS)],
        base_offset=7,
        partition_leader_epoch=4,
        codec=Codec.GZIP,
        producer_id=9,
        producer_epoch=1,
        base_sequence=2**31 - 1,
        is_transactional=True,
    )
    path = a_file(tmp_path / "orders-0", "00000000000000000007.log", batch.data)
    of_batch = {
        "producerId": 9,
        "producerEpoch": 1,
        "partitionLeaderEpoch": 4,
        "isTransactional": True,
        "isControl": False,
        "compression": "gzip",
        "timestampType": "CreateTime",
    }
    place = {"file": path.name, "position": 0, "baseOffset": 7, "timestamp": FIRST_MS}
    first = {"offset": 7, "key": "ké", "value": {"base64": "/wA="}, "sequence": 2**31 - 1}
    second = {"offset": 8, "key": None, "value": None, "headers": [], "sequence": 0}
    headers = {"headers": [["trace", "1"], ["none", None]]}
    assert [place | first | headers | of_batch, place | second | of_batch] == run(
        path, "--json"
    ).rows


@pytest.mark.parametrize("codec", Codec)
def test_every_codec_is_read(tmp_path: Path, codec: Codec) -> None:
    """What the records are does not depend on how they are packed."""
    folder = a_directory(tmp_path, batches=2, codec=codec)
    rows = run(folder / FIRST_LOG, "--json").rows
    told = [(row["offset"], row["value"], row["compression"]) for row in rows]
    assert [(n, f"value-{n}", codec.name.lower()) for n in range(4)] == told


@pytest.mark.parametrize("state", ["files_open", "files_closed"])
def test_a_directory_of_a_real_broker_is_sound(tmp_path: Path, state: str) -> None:
    """Kafka's own segments, indexes and checkpoints, preallocated tails included."""
    known = VECTORS["log_dirs"][0]
    folder = kafkas_directory(tmp_path, known[state])
    before = contents(tmp_path)
    ran = run(folder, "--json")
    sent = [record["value"] for append in known["appends"] for record in append["records"]]
    assert 0 == ran.exit_code
    assert sent == [row["value"] for row in ran.rows if "value" in row]
    assert list(range(len(sent))) == [row["offset"] for row in ran.rows if "value" in row]
    assert before == contents(tmp_path)


def test_index_entries_come_by_kafkas_names(tmp_path: Path) -> None:
    """The entries of a real broker's files, offsets made absolute."""
    folder = kafkas_directory(tmp_path, VECTORS["log_dirs"][0]["files_closed"])
    name = "00000000000000000018"
    assert [
        {"file": f"{name}.index", "offset": 24, "position": 317},
        {"file": f"{name}.index", "offset": 30, "position": 635},
    ] == run(folder / f"{name}.index", "--json").rows
    entry = {"file": f"{name}.timeindex", "timestamp": 1700000020500, "offset": 24}
    assert entry == run(folder / f"{name}.timeindex", "--json").rows[0]


def test_preallocated_room_is_said_and_is_no_damage(tmp_path: Path) -> None:
    """After a crash an index has its full size; the zeros are not entries."""
    folder = kafkas_directory(tmp_path, VECTORS["log_dirs"][0]["files_open"])
    ran = run(folder / "00000000000000000054.index", "--json")
    told = "00000000000000000054.index: 1000 B of zeros from byte 0 on, room for entries\n"
    assert (0, "", told) == ran


@pytest.mark.parametrize("step", ["files_before", "pass1", "pass2", "pass3"])
def test_a_compacted_directory_of_a_real_broker_is_sound(tmp_path: Path, step: str) -> None:
    """Nothing beside it says that it is compacted; the gaps in its offsets prove it."""
    known = VECTORS["log_dirs"][1][step]
    files = known if step == "files_before" else known["files"]
    ran = run(kafkas_directory(tmp_path, files), "--json")
    kept = [row for row in ran.rows if row["file"].endswith(".log") and "value" in row]
    assert 0 == ran.exit_code
    if step != "files_before":
        assert [int(line.split(":")[0]) for line in known["kept"]] == [r["offset"] for r in kept]


def test_a_batch_without_records_is_shown_too(tmp_path: Path) -> None:
    """Compaction keeps it for its sequence number; a dump that skips it hides an offset."""
    folder = kafkas_directory(tmp_path, VECTORS["log_dirs"][1]["pass3"]["files"])
    empty = [r for r in run(folder, "--json").rows if r.get("recordsCount") == 0]
    assert [(213, 9, 9)] == [(r["position"], r["baseOffset"], r["lastOffset"]) for r in empty]


def test_markers_say_what_they_decide(tmp_path: Path) -> None:
    """A dump shows control records, and by name."""
    a_transaction_log(tmp_path, [("data", 7), ("abort", 7)]).close()
    marker = run(tmp_path / "orders-0" / FIRST_LOG, "--json").rows[-1]
    told = {name: marker[name] for name in ("offset", "isControl", "controlType")}
    assert {"offset": 2, "isControl": True, "controlType": "ABORT"} == told
    assert 3 == marker["coordinatorEpoch"]


def test_snapshots_and_transaction_indexes_come_by_kafkas_names(tmp_path: Path) -> None:
    """One line a producer, one line an aborted transaction."""
    a_transaction_log(tmp_path, [("data", 7), ("abort", 7)]).close()
    rows = run(tmp_path / "orders-0", "--json").rows
    assert {
        "file": "00000000000000000003.snapshot",
        "producerId": 7,
        "producerEpoch": 0,
        "lastSequence": 1,
        "lastOffset": 1,
        "offsetDelta": 1,
        "timestamp": FIRST_MS,
        "coordinatorEpoch": 3,
        "currentTxnFirstOffset": -1,
    } in rows
    assert {
        "file": "00000000000000000000.txnindex",
        "version": 0,
        "producerId": 7,
        "firstOffset": 0,
        "lastOffset": 2,
        "lastStableOffset": 3,
    } in rows


TEXTS = {
    "leader-epoch-checkpoint": ("0\n1\n4 33\n", {"epoch": 4, "startOffset": 33}),
    "replication-offset-checkpoint": (
        "0\n1\nmy-orders 2 57\n",
        {"topic": "my-orders", "partition": 2, "offset": 57},
    ),
    "partition.metadata": (
        "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAg",
        {"version": 0, "topic_id": "AAAAAAAAAAAAAAAAAAAAAg"},
    ),
    "meta.properties": (
        "  #\nversion: 1\ncluster.id=a\\:b\nnode.id 3\n",
        {"version": "1", "cluster.id": "a:b", "node.id": "3"},
    ),
    ".kafka_cleanshutdown": ('{"version":0,"brokerEpoch":9}', {"version": 0, "brokerEpoch": 9}),
    "quorum-state": ('{"leaderId":1}', {"leaderId": 1}),
}


@pytest.mark.parametrize("name", TEXTS)
def test_text_files_are_shown_by_line(tmp_path: Path, name: str) -> None:
    """Every text file of a log directory, alone."""
    text, fields = TEXTS[name]
    path = a_file(tmp_path, name, text.encode())
    assert (0, [{"file": name} | fields]) == (
        run(path, "--json").exit_code,
        run(path, "--json").rows,
    )


def test_committed_offsets_are_read_by_the_name_of_the_topic(tmp_path: Path) -> None:
    """The directory's name tells what the records are; `--decode` tells it for a copy."""
    key = encode_key("OffsetCommitKey", {"group": "g1", "topic": "orders", "partition": 3})
    fields = {"offset": 42, "metadata": "m", "commitTimestamp": FIRST_MS, "leaderEpoch": 5}
    value = encode_value("OffsetCommitValue", fields, 4)
    batch = RecordBatch.of(
        [Record(key, value, FIRST_MS), Record(b"\0\1", None, FIRST_MS)],
        partition_leader_epoch=0,
    )
    path = a_file(tmp_path / "__consumer_offsets-17", FIRST_LOG, batch.data)
    row, broken = run(path, "--json").rows
    assert ("g1", "orders", 3) == tuple(
        row["decodedKey"][n] for n in ("group", "topic", "partition")
    )
    assert (42, 5, FIRST_MS) == tuple(
        row["decodedValue"][n] for n in ("offset", "leaderEpoch", "commitTimestamp")
    )
    assert "undecoded" in broken
    told = run(path).out.splitlines()[3]
    assert (
        "OffsetCommitKey(group=g1, topic=orders, partition=3) = OffsetCommitValue(version=4, "
        in told
    )
    copy = a_file(tmp_path / "copy", FIRST_LOG, batch.data)
    assert "decodedKey" not in run(copy, "--json").rows[0]
    assert "decodedKey" in run(copy, "--json", "--decode", "offsets").rows[0]


def test_bytes_of_a_batch_have_names(tmp_path: Path) -> None:
    """Byte, hex, name and value of each field, up to the last record's."""
    path = a_file(tmp_path / "orders-0", FIRST_LOG, a_batch(0, partition_leader_epoch=0).data)
    lines = run(path, "--bytes").out.splitlines()
    assert 2 + 13 + 1 + 9 == len(lines)
    assert ["0", *["00"] * 8, "baseOffset", "0"] == lines[2].split()
    assert ["16", "02", "magic", "2"] == lines[5].split()
    assert ["66", *["6b", "65", "79", "2d", "30"], "key", '"key-0"'] == lines[-4].split()


@pytest.mark.parametrize("ending", ["index", "timeindex", "snapshot"])
def test_bytes_of_any_file_give_it_back(tmp_path: Path, ending: str) -> None:
    """The hex of all fields, one behind the other, is the file."""
    folder = kafkas_directory(tmp_path, VECTORS["log_dirs"][0]["files_closed"])
    path = folder / f"00000000000000000018.{ending}"
    found = re.findall(r"^ +\d+  ((?:[0-9a-f]{2} )+)", run(path, "--bytes").out, re.MULTILINE)
    assert path.read_bytes() == bytes.fromhex("".join(found))


def test_a_batch_is_drawn_into_a_file_elsewhere(tmp_path: Path) -> None:
    """Never over a file that is there, never beside what is inspected."""
    (tmp_path / "data").mkdir()
    folder, target = a_directory(tmp_path / "data", batches=1), tmp_path / "a.svg"
    assert "drew batch 0..1\n" == run(folder, "--svg", target).err
    assert target.read_text().startswith("<svg")
    again, beside = run(folder, "--svg", target), run(folder, "--svg", folder / "b.svg")
    assert (2, 2) == (again.exit_code, beside.exit_code)
    assert not (folder / "b.svg").exists()


def test_rows_can_be_limited_and_begun_later(tmp_path: Path) -> None:
    """A large segment can be looked at in parts, and the rest is said to be unseen."""
    folder = a_directory(tmp_path, batches=3)
    ran = run(folder, "--json", "--from-offset", 3, "--limit", 2)
    assert [3, 4] == [row["offset"] for row in ran.rows]
    assert "stopped after 2 rows; what follows was not looked at\n" == ran.err
    headers = run(folder / FIRST_LOG, "--json", "--headers-only").rows
    assert [(0, 2), (2, 2), (4, 2)] == [(r["baseOffset"], r["recordsCount"]) for r in headers]


def test_values_can_be_hidden(tmp_path: Path) -> None:
    """A report may be passed on without what people wrote."""
    folder = a_directory(tmp_path, batches=1)
    out = run(folder, "--json", "--hash-values").out
    assert "value-0" not in out
    assert "key-0" not in out
    assert {"sha256", "bytes"} == set(json.loads(out.splitlines()[0])["value"])


def test_foreign_text_cannot_move_the_cursor(tmp_path: Path) -> None:
    """Control and bidirectional characters are escaped, long values are cut, JSON is ASCII."""
    value = "\x1b[2J\u202egnp.exe\n" + "x" * 10_000
    batch = RecordBatch.of(
        [Record(b"\x9b\x7f", value.encode(), 2**62, (("\u2066h\r", b""),))],
        partition_leader_epoch=0,
    )
    path = a_file(tmp_path / "orders-0", FIRST_LOG, batch.data)
    table, lines = run(path).out, run(path, "--json").out
    assert [] == [c for c in table + lines if c != "\n" and not c.isprintable()]
    assert max(map(len, table.splitlines())) < 400
    assert f"{2**62} (out of range)" in table
    assert value == json.loads(lines)["value"]
    assert lines.isascii()


@pytest.mark.parametrize(
    "words",
    [
        ("--json", "--bytes"),
        ("--high-watermark", 3),
        ("--isolation", "read_committed", "--headers-only"),
        ("--isolation", "serializable"),
        ("--limit", 0),
        ("--unknown",),
    ],
)
def test_a_command_line_that_makes_no_sense_is_refused(
    tmp_path: Path, words: tuple[object, ...]
) -> None:
    """Two, like every command line tool, and nothing on standard output."""
    ran = run(a_directory(tmp_path, batches=1), *words)
    assert (2, "") == (ran.exit_code, ran.out)
    assert "Error" in ran.err


def test_a_reader_may_stop_listening(tmp_path: Path) -> None:
    """`| head` is the most natural thing to do with a long dump."""
    folder = a_directory(tmp_path, batches=400, records=10)
    words = [sys.executable, "-m", "kafkabook", "inspect", str(folder), "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        first = process.stdout.readline()
        process.stdout.close()
        assert b"" == process.stderr.read()
    assert (0, 0) == (process.returncode, json.loads(first)["offset"])


def test_a_log_that_rolled_is_read_through_all_its_segments(tmp_path: Path) -> None:
    """Segment by segment, and the chain of offsets runs through."""
    folder = a_directory(tmp_path, batches=30, config=SMALL)
    ran = run(folder, "--json")
    logs = {row["file"] for row in ran.rows if row["file"].endswith(".log")}
    assert (0, "") == (
        ran.exit_code,
        "".join(w for w in ran.err.splitlines() if "no entries" not in w),
    )
    assert len(logs) > 2
    assert list(range(60)) == [row["offset"] for row in ran.rows if "value" in row]
