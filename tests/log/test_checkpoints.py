"""Small text files, as Kafka writes them; malformed ones are refused with line and remedy."""

from collections.abc import Callable

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.log.checkpoints import (
    read_clean_shutdown,
    read_leader_epochs,
    read_meta_properties,
    read_offsets,
    read_partition_metadata,
    write_atomically,
    write_clean_shutdown,
    write_leader_epochs,
    write_meta_properties,
    write_offsets,
    write_partition_metadata,
)
from kafkabook.log.disk import Disk, MemoryDisk
from kafkabook.log.facts import EpochEntry
from tests.log.vectors import vectors
from tests.refusals import refused

OFFSETS = {
    TopicPartition("orders", 0): 42,
    TopicPartition("orders", 1): 0,
    TopicPartition("a.b_c-d", 10): 2**63 - 1,
}


TOPIC_ID = "AAAAAAAAAAAAAAAAAAAAAg"


def holding(text: str) -> Disk:
    """Return a disk with one file `f`."""
    disk = MemoryDisk()
    disk.append("f", text.encode())
    return disk


def test_leader_epochs_are_written_and_read_as_by_kafka() -> None:
    """The very bytes."""
    text = vectors()["leader_epoch_checkpoint_text"]
    entries = read_leader_epochs(holding(text), "f")
    disk = MemoryDisk()
    write_leader_epochs(disk, "f", entries)
    assert text.encode() == disk.read("f")
    assert EpochEntry(10, 26) == entries[-1]


def test_offsets_are_read_as_kafka_wrote_them() -> None:
    """Their order is that of Java's map; ours is sorted, and reads the same."""
    assert read_offsets(holding(vectors()["offset_checkpoint_text"]), "f") == OFFSETS
    disk = MemoryDisk()
    write_offsets(disk, "f", OFFSETS)
    assert read_offsets(disk, "f") == OFFSETS


def test_partition_metadata_has_no_end_of_line() -> None:
    """The very bytes."""
    text = vectors()["partition_metadata_text"]
    disk = MemoryDisk()
    write_partition_metadata(disk, "f", "AAAAAAAAAAAAAAAAAAAAAg")
    assert text.encode() == disk.read("f")
    assert read_partition_metadata(disk, "f") == "AAAAAAAAAAAAAAAAAAAAAg"


def test_meta_properties_and_clean_shutdown_come_back() -> None:
    """Comments are passed over; an empty shutdown file is what Kafka wrote before 3.7."""
    properties = {"version": "1", "cluster.id": "AAAAAAAAAAAAAAAAAAAAAg", "node.id": "1"}
    disk = MemoryDisk()
    write_meta_properties(disk, "m", properties)
    assert properties == read_meta_properties(disk, "m")
    write_clean_shutdown(disk, "s", 7)
    assert b'{"version":0,"brokerEpoch":7}' == disk.read("s")
    assert (7, -1) == (read_clean_shutdown(disk, "s"), read_clean_shutdown(holding(""), "f"))


def test_an_empty_checkpoint_says_nothing() -> None:
    """Kafka makes each file empty when it first looks for it."""
    assert ({}, ()) == (read_offsets(holding(""), "f"), read_leader_epochs(holding(""), "f"))


@pytest.mark.parametrize(
    ("read", "text", "line"),
    [
        (read_offsets, "1\n0\n", 1),
        (read_offsets, "\n", 1),
        (read_offsets, "\ufeff0\n0\n", 1),
        (read_offsets, "0 \n0\n", 1),
        (read_offsets, "0\nmany\n", 2),
        (read_offsets, "0\n-1\n", 2),
        (read_offsets, "0\n1\norders 0 1\n\n", 2),
        (read_offsets, "0\n" + "9" * 5000 + "\n", 2),
        (read_offsets, "9" * 5000 + "\n0\n", 1),
        (read_offsets, "0\n2\norders 0 1\n", 2),
        (read_offsets, "0\n1\norders 0 1\norders 1 1\n", 2),
        (read_offsets, "0\n1\norders 0\n", 3),
        (read_offsets, "0\n1\n orders 0 1\n", 3),
        (read_offsets, "0\n1\norders 0 1 1\n", 3),
        (read_offsets, "0\n1\norders 0 1\x85\n", 3),
        (read_offsets, "0\n1\norders 2147483648 1\n", 3),
        (read_offsets, "0\n1\norders 0 9223372036854775808\n", 3),
        (read_leader_epochs, "0\n1\n-1 0\n", 3),
        (read_leader_epochs, "0\n1\n9999999999 0\n", 3),
        (read_leader_epochs, "0\n1\n1 -1\n", 3),
        (read_leader_epochs, "0\n1\n1 0 5\n", 3),
        (read_partition_metadata, "", 1),
        (read_partition_metadata, f"version: -1\ntopic_id: {TOPIC_ID}", 1),
        (read_partition_metadata, f"version:0\ntopic_id: {TOPIC_ID}", 1),
        (read_partition_metadata, "version: 0", 2),
        (read_partition_metadata, "version: 0\ntopic_id: short", 2),
        (read_partition_metadata, f"version: 0\ntopic_id: {TOPIC_ID}=", 2),
        (read_partition_metadata, "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA", 2),
    ],
)
def test_a_malformed_file_is_refused_with_line_and_remedy(
    read: Callable[[Disk, str], object], text: str, line: int
) -> None:
    """Kafka takes the whole log directory offline; whoever repairs it wants to know where."""
    with refused(Errors.KAFKA_STORAGE_ERROR, match=rf"f, line {line}: .*[Rr]estore the file"):
        read(holding(text), "f")


@pytest.mark.parametrize(
    "text",
    [
        "0\n1\norders 0 42\n",
        "0\r\n1\r\norders 0 42\r\n",
        "0\r1\rorders 0 42",
        "00\n+1\norders\t \x0b\f0  +42 \t\n",
        "0\n2\norders 0 41\norders 0 42\n",
        "\u0660\n\u0661\norders \u0660 \u0664\u0662",
    ],
)
def test_a_checkpoint_may_be_written_in_more_ways_than_kafka_writes_it(text: str) -> None:
    """Edited by hand, copied over Windows, in digits of another script: Kafka reads them all."""
    assert {TopicPartition("orders", 0): 42} == read_offsets(holding(text), "f")


def test_a_checkpoint_that_ends_behind_its_version_says_nothing() -> None:
    """As one whose writer was stopped there."""
    assert ({}, ()) == (read_offsets(holding("0"), "f"), read_leader_epochs(holding("0\n"), "f"))


def test_numbers_below_zero_are_offsets_too() -> None:
    """Kafka looks at the shape of a line and at nothing else."""
    assert {TopicPartition("ö", -1): -2} == read_offsets(holding("0\n1\nö -1 -2\n"), "f")


def test_epochs_stand_in_the_order_of_the_file() -> None:
    """What a log makes of a disorder is its own business; whoever looks wants to see it."""
    entries = (EpochEntry(2, 5), EpochEntry(1, 2), EpochEntry(1, 4))
    assert entries == read_leader_epochs(holding("0\n3\n2 5\n1 2\n1 4\n"), "f")


@pytest.mark.parametrize(
    "text",
    [
        f"version: 0\r\ntopic_id: {TOPIC_ID}\r\n",
        f" x: 7\ny: \t{TOPIC_ID}\nmore",
        f"version: +0: \ntopic_id: {TOPIC_ID}==",
        f"version: 0\ntopic_id: {TOPIC_ID[:-1]}h",  # two bits that no byte has
    ],
)
def test_a_topic_id_may_be_written_in_more_ways_than_kafka_writes_it(text: str) -> None:
    """Only the shape counts, and a version from the future is read as this one."""
    assert TOPIC_ID == read_partition_metadata(holding(text), "f")


def test_meta_properties_are_javas() -> None:
    """Another separator, an escape, a comment behind blanks, a number between blanks."""
    text = "  # a comment\nversion: \\ 1\ncluster.id: a\\:b\nnode.id 7\nother\n"
    expected = {"version": " 1", "cluster.id": "a:b", "node.id": "7", "other": ""}
    assert expected == read_meta_properties(holding(text), "f")


@pytest.mark.parametrize("text", ["", "version=0\n", "broker.id=3\nnode.id=x\n"])
def test_meta_properties_of_the_time_of_zookeeper_may_leave_everything_out(text: str) -> None:
    """Also the version, which is 0 then."""
    assert "version=1" not in text
    assert text.count("=") == len(read_meta_properties(holding(text), "f"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("version=7\n", "version '7' instead of 0 or 1"),
        ("version=\n", "version '' instead of 0 or 1"),
        ("version=\\u00g1\n", r"\\u without four hexadecimal digits"),
        ("version=1\nnode.id=1\n", "there is no cluster.id"),
        ("version=1\ncluster.id=c\nbroker.id=1\n", "there is no node.id"),
        ("version=1\ncluster.id=c\nnode.id=1 \n", "node.id is '1 ', which is no number of 32"),
        ("broker.id=x\n", "broker.id is 'x', which is no number"),
        ("directory.id=short\n", "directory.id is 'short', not 22 characters"),
    ],
)
def test_meta_properties_that_kafka_refuses_are_refused(text: str, reason: str) -> None:
    """The reason names the property."""
    with refused(Errors.KAFKA_STORAGE_ERROR, match=f"f: .*{reason}.*[Rr]estore the file"):
        read_meta_properties(holding(text), "f")


def test_what_is_quoted_from_a_file_is_made_visible() -> None:
    """A file may hold what turns a terminal upside down."""
    with refused(Errors.KAFKA_STORAGE_ERROR, match=r"'\\x1b\[2Jx 0 y' is not <topic>"):
        read_offsets(holding("0\n1\n\x1b[2Jx 0 y\n"), "f")


def test_a_power_cut_leaves_the_old_checkpoint_or_the_new_one() -> None:
    """Never a half: the new one is flushed before it gets the name."""
    disk = MemoryDisk()
    write_atomically(disk, "f", "old")
    disk.append("f.tmp", b"half of the n")
    disk.lose_power(keep={"f.tmp": 4})
    assert b"old" == disk.read("f")
    write_atomically(disk, "f", "new")
    disk.lose_power()
    assert (b"new", False) == (disk.read("f"), disk.exists("f.tmp"))


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", "[]", "x", '{"brokerEpoch": Infinity}', '{"brokerEpoch": null}'),
        *("[" * 100_000, f'{{"brokerEpoch": {"9" * 5000}}}'),
    ],
)
def test_a_clean_shutdown_file_is_one_whatever_it_holds(text: str) -> None:
    """That it is there is the message; an epoch that cannot be read is not known."""
    assert -1 == read_clean_shutdown(holding(text), "f")
