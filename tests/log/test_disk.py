"""One disk: what was written, what was flushed, and what a power cut leaves."""

import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kafkabook.base.errors import Errors
from kafkabook.base.units import KIB, MIB
from kafkabook.log.disk import CachedFile, DirectoryDisk, Disk, MemoryDisk
from kafkabook.log.partition_log import PartitionLog
from tests.log.vectors import files_of, plain_log
from tests.refusals import refused


@pytest.fixture(params=["memory", "directory"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    """Both disks obey the same laws."""
    return MemoryDisk() if request.param == "memory" else DirectoryDisk(tmp_path / "root")


def test_what_was_written_can_be_read_before_it_is_flushed(disk: Disk) -> None:
    """The page cache serves readers; the platter only matters when the power goes."""
    assert [0, 3] == [disk.append("orders-0/a.log", b"abc"), disk.append("orders-0/a.log", b"def")]
    disk.write("orders-0/a.log", 2, b"--")
    assert (b"ab--ef", b"b-") == (
        disk.read("orders-0/a.log"),
        disk.read("orders-0/a.log", 1, 3),
    )
    assert (("orders-0/",), ("a.log",)) == (disk.list(), disk.list("orders-0"))


def test_a_power_cut_takes_back_every_change_since_the_flush(disk: Disk) -> None:
    """Appends, overwrites and truncations, in files whose names stay."""
    disk.append("a", b"0123456789")
    disk.flush("a")
    disk.write("a", 8, b"WRITTEN")
    disk.truncate("a", 5)
    disk.append("a", b"APPENDED")
    disk.append("b", b"never flushed")
    assert ("a", "b") == disk.lose_power()
    assert (b"0123456789", b"") == (disk.read("a"), disk.read("b"))


@pytest.mark.parametrize("kept", range(7))
def test_a_torn_write_keeps_the_first_bytes_of_what_was_appended(disk: Disk, kept: int) -> None:
    """However many had reached the platter by luck."""
    disk.append("a", b"flushed ")
    disk.flush("a")
    disk.append("a", b"abc")
    disk.append("a", b"def")
    disk.lose_power(keep={"a": kept})
    assert b"flushed " + b"abcdef"[:kept] == disk.read("a")


def test_the_page_cache_tells_written_from_flushed(disk: Disk) -> None:
    """What the figure shows: a file, its length, and how much of it is safe."""
    disk.append("a", b"12345")
    disk.flush("a")
    disk.append("a", b"678")
    assert (CachedFile("a", size_bytes=8, flushed_bytes=5, unflushed_bytes=3),) == disk.page_cache()
    disk.flush("a")
    assert ((), 0) == (disk.page_cache(), disk.unflushed_bytes("a"))


def test_a_file_renamed_before_it_was_flushed_comes_back_empty(disk: Disk) -> None:
    """The reason why a checkpoint is flushed before it gets its name."""
    disk.append("old", b"old")
    disk.flush("old")
    disk.append("new.tmp", b"new")
    disk.rename("new.tmp", "old")
    disk.lose_power()
    assert (b"", False) == (disk.read("old"), disk.exists("new.tmp"))


def test_a_flushed_file_that_replaces_one_that_was_not_is_safe(disk: Disk) -> None:
    """What was to be taken back belonged to the bytes that are gone."""
    disk.append("b", b"old")
    disk.append("a", b"new")
    disk.flush("a")
    disk.rename("a", "b")
    assert ((), (), b"new") == (disk.page_cache(), disk.lose_power(), disk.read("b"))


def test_a_folder_is_renamed_with_what_is_not_flushed_and_goes_with_its_files(disk: Disk) -> None:
    """A deleted topic's directory; nothing of it stays, not even its name."""
    disk.append("orders-0/a", b"flushed")
    disk.flush("orders-0/a")
    disk.append("orders-0/a", b", not yet")
    disk.preallocate("orders-0/b", 10)
    disk.rename_folder("orders-0", "orders-0.x-delete")
    assert (("orders-0.x-delete/",), 10) == (disk.list(), disk.size("orders-0.x-delete/b"))
    assert ("orders-0.x-delete/a",) == disk.lose_power()
    assert b"flushed" == disk.read("orders-0.x-delete/a")
    for name in disk.list("orders-0.x-delete"):
        disk.remove(f"orders-0.x-delete/{name}")
    assert () == disk.list()


def test_room_is_zeros_and_survives(disk: Disk) -> None:
    """A preallocated index has its full length after a crash."""
    disk.preallocate("a.index", 100)
    disk.write("a.index", 0, b"entry")
    assert (100, b"entry\0\0") == (disk.size("a.index"), disk.read("a.index", 0, 7))
    disk.lose_power()
    assert bytes(100) == disk.read("a.index")


@pytest.mark.parametrize("used", [0, 1, 64 * KIB - 1, 64 * KIB, 150_000])
@pytest.mark.parametrize("cut", [0, 7, 128 * KIB])
def test_cutting_a_file_with_room_behind_can_be_taken_back(disk: Disk, used: int, cut: int) -> None:
    """Whatever the zeros at the end are, the bytes before them come back."""
    disk.preallocate("a.index", 192 * KIB + 5)
    disk.write("a.index", 0, b"e" * used)
    disk.flush("a.index")
    before = disk.read("a.index")
    disk.truncate("a.index", cut)
    disk.lose_power()
    assert before == disk.read("a.index")


def test_cutting_off_a_room_of_many_megabytes_reads_little_at_once(tmp_path: Path) -> None:
    """It is zeros; a preallocated index is cut whenever its segment is closed."""
    disk = DirectoryDisk(tmp_path)
    disk.preallocate("a.index", 16 * MIB)
    tracemalloc.start()
    disk.truncate("a.index", 12)
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most_bytes < 1 * MIB


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x", "a/../../x", "a//b", ".", "a\\b", "a\0"]
)
def test_no_path_leaves_the_root(disk: Disk, path: str) -> None:
    """A topic's name becomes a folder; it must not become somebody else's."""
    for act in (lambda: disk.append(path, b"x"), lambda: disk.read(path)):
        with refused(Errors.KAFKA_STORAGE_ERROR):
            act()


def test_a_folder_is_not_renamed_as_a_file(disk: Disk) -> None:
    """What is not flushed of its files would be forgotten."""
    disk.append("orders-0/a", b"x")
    with refused(Errors.KAFKA_STORAGE_ERROR, match="orders-0"):
        disk.rename("orders-0", "bills-0")
    assert (True, ("a",)) == (disk.exists("orders-0/a"), disk.list("orders-0"))


def test_a_file_that_is_not_there_is_named(disk: Disk) -> None:
    """The system's own error would not say which of the files."""
    for act in (disk.read, disk.size, disk.flush, disk.remove):
        with refused(Errors.KAFKA_STORAGE_ERROR, match=r"orders-0/x\.log"):
            act("orders-0/x.log")


def test_a_directory_disk_refuses_links_and_what_is_no_file(tmp_path: Path) -> None:
    """A link may lead out of the root; opening a FIFO would wait for ever."""
    disk = DirectoryDisk(tmp_path / "root")
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (tmp_path / "root" / "link").symlink_to(secret)
    (tmp_path / "root" / "folder").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "root" / "fifo")
    (tmp_path / "root" / "dir").mkdir()
    for path in ("link", "folder/secret", "fifo", "dir"):
        for act in (lambda p=path: disk.read(p), lambda p=path: disk.append(p, b"x")):
            with refused(Errors.KAFKA_STORAGE_ERROR, match=path):
                act()
    assert b"secret" == secret.read_bytes()
    with refused(Errors.KAFKA_STORAGE_ERROR):
        DirectoryDisk(secret)
    with refused(Errors.KAFKA_STORAGE_ERROR):
        DirectoryDisk(tmp_path / "root" / "folder")


def test_a_log_leaves_the_same_bytes_on_both_disks(tmp_path: Path) -> None:
    """Whatever is shown in memory is what a directory would hold."""
    in_memory, on_disk = plain_log(MemoryDisk()), plain_log(DirectoryDisk(tmp_path / "log"))
    assert files_of(in_memory.disk, "t-0") == files_of(on_disk.disk, "t-0")
    on_disk.close()
    again = PartitionLog("t-0", DirectoryDisk(tmp_path / "log"), config=on_disk.config)
    assert list(in_memory.records()) == list(again.records())


PATHS = st.sampled_from(["a", "b"])
DATA = st.binary(max_size=12)


class DisksAgree(RuleBasedStateMachine):
    """A disk in memory beside a plain model of what is written and what is flushed."""

    def __init__(self) -> None:
        super().__init__()
        self.disk = MemoryDisk()
        self.written: dict[str, bytes] = {}
        self.flushed: dict[str, bytes] = {}

    @rule(path=PATHS, data=DATA)
    def append(self, path: str, data: bytes) -> None:
        """Write at the end."""
        self.disk.append(path, data)
        self.written[path] = self.written.get(path, b"") + data

    @rule(path=PATHS, at=st.integers(0, 20), data=DATA)
    def write(self, path: str, at: int, data: bytes) -> None:
        """Write anywhere."""
        self.disk.write(path, at, data)
        old = self.written.get(path, b"")
        new = old.ljust(at, b"\0") if data else old
        self.written[path] = new[:at] + data + new[at + len(data) :] if data else old

    @rule(path=PATHS, size_bytes=st.integers(0, 20))
    def truncate(self, path: str, size_bytes: int) -> None:
        """Cut."""
        if path in self.written:
            self.disk.truncate(path, size_bytes)
            self.written[path] = self.written[path][:size_bytes]

    @rule(path=PATHS)
    def flush(self, path: str) -> None:
        """Make safe."""
        if path in self.written:
            self.disk.flush(path)
            self.flushed[path] = self.written[path]

    @rule()
    def lose_power(self) -> None:
        """Only what was flushed is left."""
        self.disk.lose_power()
        self.written = {path: self.flushed.get(path, b"") for path in self.written}
        self.flushed = dict(self.written)

    @invariant()
    def the_same_bytes(self) -> None:
        """Whatever was done, in whatever order."""
        assert self.written == {path: self.disk.read(path) for path in self.disk.list()}


TestDisksAgree = DisksAgree.TestCase
TestDisksAgree.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


@given(chunks=st.lists(DATA, max_size=6), kept=st.integers(0, 80))
def test_any_torn_write_is_a_prefix(chunks: list[bytes], kept: int) -> None:
    """Of everything that was appended since the flush."""
    disk = MemoryDisk()
    disk.append("a", b"safe")
    disk.flush("a")
    for chunk in chunks:
        disk.append("a", chunk)
    disk.lose_power(keep={"a": kept})
    assert b"safe" + b"".join(chunks)[:kept] == disk.read("a")
