"""Segments from before Kafka 0.11 as `kafkabook inspect` shows them: by their own fields."""

from pathlib import Path

from kafkabook.records.compression import Codec
from tests.inspect.directories import FIRST_LOG, a_batch, run
from tests.records.old_messages import APPEND_TIME, T, message, wrapped

OLD = (
    message(0, b"k", b"v", magic=0),
    wrapped(Codec.GZIP, [1, 2], timestamp_type=APPEND_TIME),
    message(3, None, b"w"),
)


def a_segment(folder: Path) -> Path:
    """Write the old messages, and a batch of today behind them."""
    new = a_batch(4, base_offset=4, partition_leader_epoch=0)
    (folder / FIRST_LOG).write_bytes(b"".join(OLD) + new.data)
    return folder / FIRST_LOG


def test_the_table_says_which_format_each_message_has(tmp_path: Path) -> None:
    """A wrapper has a heading, and its messages follow as records do."""
    ran = run(a_segment(tmp_path))
    size, packed = sum(map(len, OLD)) + 80, len(OLD[1])
    second, third = len(OLD[0]), len(OLD[0]) + packed
    expected = f"""\
{FIRST_LOG}: segment, {size} B, base offset 0
      offset  timestamp (UTC)          key                       value
message at byte 0: magic 0, offset 0, 28 B
           0  none                     "k"                       "v"
message at byte {second}: magic 1, offset 2, {packed} B, 2 messages inside, offsets 1..2, gzip
           1  2023-11-14 22:14:59.999  "k"                       "1"
           2  2023-11-14 22:14:59.999  "k"                       "2"
message at byte {third}: magic 1, offset 3, 35 B
           3  2023-11-14 22:13:20.000  null                      "w"
batch at byte {third + 35}: offsets 4..4, 1 record, 80 B, leader epoch 0
           4  2023-11-14 22:13:24.000  "key-4"                   "value-4"
"""
    assert (0, expected, "") == (ran.exit_code, ran.out, ran.err)


def test_json_has_the_fields_that_a_message_has_and_no_others(tmp_path: Path) -> None:
    """No producer, no epoch, no headers; of magic 0 no timestamp; inside a wrapper whose it is."""
    plain, first, _, last, _ = run(a_segment(tmp_path), "--json").rows
    crcs = [int.from_bytes(data[12:16]) for data in OLD]
    assert plain == {
        "file": FIRST_LOG,
        "position": 0,
        "offset": 0,
        "messageSize": 16,
        "crc": crcs[0],
        "magic": 0,
        "attributes": 0,
        "compression": "none",
        "key": "k",
        "value": "v",
    }
    assert first == {
        "file": FIRST_LOG,
        "position": 28,
        "offset": 1,
        "wrapperOffset": 2,
        "magic": 1,
        "timestamp": T + 99_999,
        "timestampType": "LogAppendTime",
        "compression": "gzip",
        "key": "k",
        "value": "1",
    }
    assert (T, "CreateTime") == (last["timestamp"], last["timestampType"])


def test_headers_alone_say_what_a_wrapper_spans(tmp_path: Path) -> None:
    """Which is inside it, and in no field of its own."""
    rows = run(a_segment(tmp_path), "--json", "--headers-only").rows
    assert [None, (1, 2), None, None] == [
        (row["baseOffset"], row["messages"]) if "messages" in row else None for row in rows
    ]


def test_bytes_are_drawn_by_the_layout_that_they_have(tmp_path: Path) -> None:
    """The fields of today's batches were drawn over them once."""
    (tmp_path / FIRST_LOG).write_bytes(b"".join(OLD))
    ran = run(tmp_path / FIRST_LOG, "--bytes")
    shown = [line.split()[-2] for line in ran.out.splitlines()[2:11]]
    fields = ["offset", "messageSize", "crc", "magic", "attributes"]
    rest = ["keyLength", "key", "valueLength", "value"]
    assert [*fields, *rest] == shown
    lines = [line.split() for line in ran.out.splitlines()]
    assert ["timestamp", str(T + 99_999)] in [line[-2:] for line in lines]
    assert "2 messages, compressed with gzip" in ran.out
    assert ["keyLength", "-1"] in [line[-2:] for line in lines]
    heads = [line.strip() for line in ran.out.splitlines() if line.startswith(" message of")]
    assert [f"message of magic {m}, offset {o}" for m, o in ((0, 0), (1, 2), (1, 3))] == heads


def test_bytes_of_headers_alone_end_before_the_key(tmp_path: Path) -> None:
    """As those of a batch end before its records."""
    ran = run(a_segment(tmp_path), "--bytes", "--headers-only")
    assert "keyLength" not in ran.out
    assert 2 == ran.out.count(" timestamp ")


def test_a_damaged_message_is_drawn_by_its_own_layout(tmp_path: Path) -> None:
    """As far as it goes, with the first damage behind it."""
    data = bytearray(b"".join(OLD))
    data[-1] ^= 1
    (tmp_path / FIRST_LOG).write_bytes(data)
    ran = run(tmp_path / FIRST_LOG, "--bytes")
    at = len(OLD[0]) + len(OLD[1])
    assert 1 == ran.exit_code
    told = ran.out.partition("the damaged batch, as it stands")[2].splitlines()
    assert ["offset", "messageSize", "crc", "magic", "attributes", "timestamp"] == [
        line.split()[-2] for line in told if line.strip()
    ]
    assert f"{FIRST_LOG}: torn tail at byte {at}, batch 3: checksum" in ran.err


def test_consumers_are_given_old_records_too(tmp_path: Path) -> None:
    """None of them belongs to a transaction. Hashes hide what is in them."""
    words = ("--json", "--isolation", "read_committed", "--hash-values")
    ran = run(a_segment(tmp_path), *words)
    assert [0, 1, 2, 3, 4] == [row["offset"] for row in ran.rows]
    assert ["bytes", "sha256"] == sorted(ran.rows[1]["value"])


def test_an_index_beside_old_messages_is_judged(tmp_path: Path) -> None:
    """Its entries name the last offset of a message, and the byte where that begins."""
    a_segment(tmp_path)
    index = tmp_path / FIRST_LOG.replace(".log", ".index")
    entries = [(2, 28), (3, 28 + len(OLD[1]))]
    index.write_bytes(b"".join(n.to_bytes(4) + at.to_bytes(4) for n, at in entries))
    assert 0 == run(index).exit_code
    index.write_bytes((1).to_bytes(4) + (28).to_bytes(4))
    assert "offset 1 points at batch 1..2, which does not end there" in run(index).err


def test_only_todays_batches_have_a_picture(tmp_path: Path) -> None:
    """It is refused in a sentence, and nothing is written."""
    (tmp_path / "log").mkdir()
    target = tmp_path / "old.svg"
    ran = run(a_segment(tmp_path / "log"), "--svg", target)
    assert (2, False) == (ran.exit_code, target.exists())
    assert "batch 0 cannot be drawn: only batches of magic 2 have a picture" in ran.err
