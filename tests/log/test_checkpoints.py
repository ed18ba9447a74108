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
        (read_offsets, "0\n", 2),
        (read_offsets, "0\nmany\n", 2),
        (read_offsets, "0\n" + "9" * 5000 + "\n", 2),
        (read_offsets, "9" * 5000 + "\n0\n", 1),
        (read_offsets, "0\n2\norders 0 1\n", 2),
        (read_offsets, "0\n1\norders 0 1\norders 1 1\n", 2),
        (read_offsets, "0\n1\norders 0\n", 3),
        (read_offsets, "0\n1\norders  0 1\n", 3),
        (read_offsets, "0\n1\norders 0 9223372036854775808\n", 3),
        (read_leader_epochs, "0\n1\n-1 0\n", 3),
        (read_leader_epochs, "0\n1\n9999999999 0\n", 3),
        (read_leader_epochs, "0\n2\n1 0\n0 5\n", 4),
        (read_leader_epochs, "0\n2\n1 5\n2 4\n", 4),
        (read_partition_metadata, "version: 1\ntopic_id: AAAAAAAAAAAAAAAAAAAAAg", 1),
        (read_partition_metadata, "version: 0\ntopic_id: short", 2),
        (read_meta_properties, "version=1\nnode.id\n", 2),
        (read_meta_properties, "version=7\n", 1),
    ],
)
def test_a_malformed_file_is_refused_with_line_and_remedy(
    read: Callable[[Disk, str], object], text: str, line: int
) -> None:
    """Kafka takes the whole log directory offline; whoever repairs it wants to know where."""
    with refused(Errors.KAFKA_STORAGE_ERROR, match=rf"f, line {line}: .*[Rr]estore the file"):
        read(holding(text), "f")


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
