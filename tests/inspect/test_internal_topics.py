"""Records of internal topics, a controller's snapshots, and indexes of remote segments.

`tests/real/test_internal_topics.py` compares them with Kafka's own tool.
"""

from pathlib import Path

import pytest

from kafkabook.records.control_records import ControlType
from kafkabook.records.coordinator_records import encode_key, encode_value
from kafkabook.records.message_bytes import write_message
from kafkabook.records.message_schema import schema_of
from kafkabook.records.metadata_records import encode_metadata_record
from kafkabook.records.record import Record
from kafkabook.records.record_batch import encode_batch
from tests.inspect.directories import FIRST_LOG, contents, run

ID = "AAAAAAAAAAAAAAAAAAAAAg"
TOPIC = encode_metadata_record("TopicRecord", {"name": "orders", "topicId": ID}, 0)
SNAPSHOT = "00000000000000000010-0000000003.checkpoint"


def control(kind: ControlType, name: str, **fields: object) -> Record:
    """A control record of KRaft."""
    value = write_message(schema_of(name), fields, 0)
    return Record(b"\0\0" + kind.to_bytes(2), value, 0)


def a_snapshot(path: Path, *values: bytes) -> Path:
    """Write a snapshot as a controller in epoch 3 does: offsets count from 0."""
    header = control(ControlType.SNAPSHOT_HEADER, "SnapshotHeaderRecord")
    footer = control(ControlType.SNAPSHOT_FOOTER, "SnapshotFooterRecord")
    records = [Record(None, value, 0) for value in values]
    parts = [([header], True), (records, False), ([footer], True)]
    data, offset = b"", 0
    for batch, is_control in parts:
        data += encode_batch(
            batch, base_offset=offset, partition_leader_epoch=3, is_control=is_control
        )
        offset += len(batch)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "name",
    [
        f"__cluster_metadata-0/{SNAPSHOT}",
        f"__cluster_metadata-0/{SNAPSHOT}.deleted",
        "__cluster_metadata-0/00000000000000000010-0000000003-123.checkpoint.part",
        "bootstrap.checkpoint",
        f"a copy/{SNAPSHOT}",
    ],
)
def test_a_snapshot_is_read_by_its_name(tmp_path: Path, name: str) -> None:
    """Wherever it lies, for its own name says what it is."""
    ran = run(a_snapshot(tmp_path / name, TOPIC), "--json")
    assert (0, [0, 1, 2]) == (ran.exit_code, [row["offset"] for row in ran.rows])
    header, topic, footer = ran.rows
    assert ["SNAPSHOT_HEADER", "SNAPSHOT_FOOTER"] == [header["controlType"], footer["controlType"]]
    expected = {"kind": "SnapshotHeaderRecord", "version": 0, "lastContainedLogTimestamp": 0}
    assert expected == header["decodedValue"]
    expected = {"kind": "TopicRecord", "version": 0, "name": "orders", "topicId": ID}
    assert expected == topic["decodedValue"]


def test_a_snapshot_is_shown_in_a_table_and_byte_by_byte(tmp_path: Path) -> None:
    """Names and values in one line; a snapshot is no segment, and its name no offset of it."""
    path = a_snapshot(tmp_path / "__cluster_metadata-0" / SNAPSHOT, TOPIC)
    lines = run(path).out.splitlines()
    assert lines[0].startswith(f"{SNAPSHOT}: metadata snapshot, ")
    assert "base offset" not in lines[0]
    assert "controlType=SNAPSHOT_HEADER  SnapshotHeaderRecord(version=0, last" in lines[3]
    assert f"TopicRecord(version=0, name=orders, topicId={ID})" in lines[5]
    assert " partitionLeaderEpoch " in run(path, "--bytes").out


def test_a_controllers_directory_is_shown_with_its_snapshots(tmp_path: Path) -> None:
    """The epochs beside it are those of the log; a snapshot's batches all have the last one."""
    folder = tmp_path / "__cluster_metadata-0"
    a_snapshot(folder / SNAPSHOT, TOPIC)
    log = encode_batch([Record(None, TOPIC, 0)], base_offset=10, partition_leader_epoch=4)
    (folder / "00000000000000000010.log").write_bytes(log)
    (folder / "leader-epoch-checkpoint").write_text("0\n1\n4 10\n")
    ran = run(folder, "--json")
    assert (0, "") == (ran.exit_code, ran.err)
    names = ["00000000000000000010.log", *[SNAPSHOT] * 3, "leader-epoch-checkpoint"]
    assert names == [row["file"] for row in ran.rows]


def test_a_damaged_snapshot_is_damaged(tmp_path: Path) -> None:
    """It has checksums as a segment has, and hides none of the files beside it."""
    path = a_snapshot(tmp_path / "__cluster_metadata-0" / SNAPSHOT, TOPIC)
    data = path.read_bytes()
    path.write_bytes(data[:-3] + b"\xff" + data[-2:])
    (path.parent / "leader-epoch-checkpoint").write_text("0\n1\n4 10\n")
    before = contents(path.parent)
    ran = run(path.parent, "--json")
    assert (1, 3) == (ran.exit_code, len(ran.rows))
    assert ran.err.startswith(f"{SNAPSHOT}: ")
    assert before == contents(path.parent)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (TOPIC + b"\0", "undecoded: 1 bytes follow the last field"),
        (b"\2" + TOPIC[1:], "undecoded: a frame of version 2, and only 1 is known"),
        (b"\1\x7f\0abc", 'UnknownRecord(type=127, version=0, data="abc")'),
        (
            encode_metadata_record("TopicRecord", {"name": "\x1b[2J\u202e"}, 0),
            "TopicRecord(version=0, name=\\x1b[2J\\u202e, ",
        ),
    ],
)
def test_what_is_not_read_is_said_and_what_is_hostile_is_escaped(
    tmp_path: Path, data: bytes, told: str
) -> None:
    """The checksum is right, so nothing is damaged."""
    ran = run(a_snapshot(tmp_path / SNAPSHOT, data))
    assert (0, "") == (ran.exit_code, ran.err)
    assert told in ran.out
    assert "\x1b" not in ran.out


def test_a_control_record_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    """Its type is known all the same."""
    key = b"\0\0" + ControlType.KRAFT_VOTERS.to_bytes(2)
    batch = encode_batch([Record(key, b"\0\0\x7f", 0)], partition_leader_epoch=0, is_control=True)
    (tmp_path / FIRST_LOG).write_bytes(batch)
    (row,) = run(tmp_path / FIRST_LOG, "--json").rows
    assert ("KRAFT_VOTERS", "126 elements, but 0 bytes are left") == (
        row["controlType"],
        row["undecoded"],
    )


def test_share_groups_are_read_by_the_name_of_the_topic(tmp_path: Path) -> None:
    """Structures in arrays are told in the same line."""
    key = encode_key("ShareSnapshotKey", {"groupId": "g", "topicId": ID, "partition": 1})
    batches = [{"firstOffset": 5, "lastOffset": 6, "deliveryState": 2, "deliveryCount": 1}]
    value = encode_value("ShareSnapshotValue", {"startOffset": 5, "stateBatches": batches}, 0)
    folder = tmp_path / "__share_group_state-7"
    folder.mkdir()
    log = encode_batch([Record(key, value, 0)], partition_leader_epoch=0)
    (folder / FIRST_LOG).write_bytes(log)
    assert (
        f"ShareSnapshotKey(groupId=g, topicId={ID}, partition=1) = ShareSnapshotValue(version=0,"
    ) in run(folder).out
    (row,) = run(folder, "--json").rows
    assert batches == row["decodedValue"]["stateBatches"]


def test_a_status_of_a_transaction_is_a_word(tmp_path: Path) -> None:
    """One that is none stays a number."""
    key = encode_key("TransactionLogKey", {"transactionalId": "t"})
    values = [encode_value("TransactionLogValue", {"transactionStatus": n}, 1) for n in (5, 99)]
    folder = tmp_path / "__transaction_state-0"
    folder.mkdir()
    records = [Record(key, value, 0) for value in values]
    (folder / FIRST_LOG).write_bytes(encode_batch(records, partition_leader_epoch=0))
    rows = run(folder, "--json").rows
    told = [row["decodedValue"]["transactionStatus"] for row in rows]
    assert ["CompleteAbort", 99] == told


def test_indexes_of_remote_segments_are_read_without_the_segments(tmp_path: Path) -> None:
    """`remote-log-index-cache` names them by offset and id, and the segments lie elsewhere."""
    folder = tmp_path / "remote-log-index-cache"
    folder.mkdir()
    (folder / f"42_{ID}.index").write_bytes(bytes.fromhex("00000003 00000064"))
    (folder / f"42_{ID}.timeindex").write_bytes(bytes.fromhex("0000000000000007 00000003"))
    (folder / f"42_{ID}.txnindex.deleted").write_bytes(b"")
    (folder / f"042_{ID}x.index").write_bytes(b"")
    ran = run(folder, "--json")
    assert (0, [(45, 100), (45, None)]) == (
        ran.exit_code,
        [(row["offset"], row.get("position")) for row in ran.rows],
    )
    assert f"042_{ID}x.index: not a file of a Kafka partition, passed over" in ran.err
