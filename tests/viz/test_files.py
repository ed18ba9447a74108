"""Every file of a partition is named, and what a crash would take of it is seen."""

import pytest

from kafkabook.log.disk import MemoryDisk
from kafkabook.viz.files import FileBytes, bytes_on, disk_view, files_view, what_it_is

GOLDEN = """\
Which files make a partition?
3 files, 4.1 KiB in all.
file                            bytes  what it is
00000000000000000000.log         4096  record batches, one after another
00000000000000000000.timeindex     24  timestamp → offset, sparse
partition.metadata                 43  the id of the topic"""


def test_the_twin_of_a_directory_lists_its_files() -> None:
    """By name, with bytes and purpose."""
    sizes = {
        "partition.metadata": 43,
        "00000000000000000000.log": 4096,
        "00000000000000000000.timeindex": 24,
    }
    assert GOLDEN == files_view(sizes).text


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("00000000000000000000.index", "offset → byte in the .log, sparse"),
        ("00000000000000000000.timeindex", "timestamp → offset, sparse"),
        ("00000000000000000000.log.deleted", "record batches, one after another, going"),
        ("x<script>", "not Kafka's"),
    ],
)
def test_a_file_is_known_by_its_ending(name: str, told: str) -> None:
    """`.timeindex` also ends in `index`, but not in `.index`."""
    assert told == what_it_is(name)


def test_a_disk_tells_what_is_flushed_and_what_only_written() -> None:
    """The page cache is a view of the one disk."""
    disk = MemoryDisk()
    disk.append("orders-0/a.log", b"12345")
    disk.flush("orders-0/a.log")
    disk.append("orders-0/a.log", b"678")
    assert [FileBytes("a.log", 5, 3)] == bytes_on(disk, "orders-0")


def test_the_twin_of_a_disk_says_what_is_safe() -> None:
    """Safe, waiting and lost are three different things."""
    figure = disk_view([FileBytes("a.log", 4096, 900), FileBytes("b.log", 300, 0, 220)])
    expected = (
        "What would a power failure leave?\n"
        "4.3 KiB are safe on the disk. 900 B are only in the page cache. 220 B are lost.\n"
        "file   flushed  only written  lost\n"
        "a.log     4096           900     0\n"
        "b.log      300             0   220"
    )
    assert expected == figure.text


def test_many_files_are_counted_where_they_are_not_drawn() -> None:
    """A figure has a largest height; the twin holds all."""
    figure = files_view({f"{n:020d}.log": n for n in range(40)})
    assert "and 27 more files" in figure.svg
    assert f"{39:020d}.log" in figure.text
