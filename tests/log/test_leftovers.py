"""What a start removes, what it finishes, and what it leaves alone: by Kafka's rules, file by file.

That Kafka does the same is asked of its own classes in `tests/real/test_generated_directories.py`.
"""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.trace import Trace
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.events import LeftoverHandled
from kafkabook.log.examples import a_log
from kafkabook.log.leftovers import Leftovers
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.recovery import Checkpointed
from kafkabook.log.rules import LogRules
from tests.refusals import refused

FOLDER = "orders-0"
SMALL = LogConfig(segment_bytes=200)
CLEAN = Checkpointed(after_clean_stop=True)
FIRST, SECOND, THIRD = (f"{base:020d}" for base in (0, 2, 4))


def a_closed_disk() -> MemoryDisk:
    """Return a disk with a log of three segments of two batches each, stopped cleanly."""
    log = a_log(batches=6, config=SMALL)
    log.close()
    assert [0, 2, 4] == [segment.base_offset for segment in log.segments]
    assert isinstance(log.disk, MemoryDisk)
    return log.disk


def ended(disk: MemoryDisk) -> set[tuple[str, str]]:
    """End the jobs of the log; return what was done with which file."""
    trace = Trace(FOLDER)
    Leftovers(disk, FOLDER, rules=LogRules(), trace=trace, index_bytes=480, now_ms=0).end()
    return {(entry.event.file, entry.event.done) for entry in trace.of(LeftoverHandled)}


@pytest.mark.parametrize("suffix", [".log", ".index", ".timeindex", ".txnindex", ".snapshot"])
@pytest.mark.parametrize("left", [".deleted", ".cleaned"])
def test_what_was_given_up_is_removed(suffix: str, left: str) -> None:
    """Whichever file it was, and whatever is in it."""
    disk = a_closed_disk()
    before = disk.list(FOLDER)
    disk.append(f"{FOLDER}/{SECOND}{suffix}{left}", b"half a file")
    assert {(f"{SECOND}{suffix}{left}", "removed")} == ended(disk)
    assert before == disk.list(FOLDER)


def test_a_snapshot_of_metadata_that_is_to_be_deleted_is_left_to_who_does_that() -> None:
    """KRaft removes its snapshots itself."""
    disk = a_closed_disk()
    name = "00000000000000000010-0000000001.checkpoint.deleted"
    disk.append(f"{FOLDER}/{name}", b"")
    assert set() == ended(disk)
    assert name in disk.list(FOLDER)


@pytest.mark.parametrize(
    "name",
    ["notes.txt", "README", "x.tmp", ".hidden", "x.deleted/inside", "9.bak"],
)
def test_what_is_not_ours_stays(name: str) -> None:
    """Kafka knows its files by their names, and touches no other."""
    disk = a_closed_disk()
    disk.append(f"{FOLDER}/{name}", b"mine")
    assert set() == ended(disk)
    log = PartitionLog(FOLDER, disk, config=SMALL, checkpointed=CLEAN)
    log.close()
    assert b"mine" == disk.read(f"{FOLDER}/{name}")


def test_a_swap_takes_the_place_of_all_that_it_was_made_of() -> None:
    """One segment of two: both go with all their files, and the third one stays."""
    disk = a_closed_disk()
    merged = disk.read(f"{FOLDER}/{FIRST}.log") + disk.read(f"{FOLDER}/{SECOND}.log")
    disk.append(f"{FOLDER}/{FIRST}.log.swap", merged)
    disk.append(f"{FOLDER}/00000000000000000003.txt", b"named like a segment that is replaced")
    done = ended(disk)
    kept = {THIRD, "leader-epoch-checkpoint"}
    assert {f"{FIRST}.log", f"{FIRST}.index", *kept} == {
        name if name.startswith(FIRST) else name.partition(".")[0]
        for name in disk.list(FOLDER)
        if name != f"{6:020d}.snapshot"
    }
    assert (f"{FIRST}.log.swap", "finished") in done
    assert ("00000000000000000003.txt", "removed") in done
    assert merged == disk.read(f"{FOLDER}/{FIRST}.log")


def test_the_index_that_a_swap_lost_comes_into_being_empty() -> None:
    """Kafka asks the swap where it ends, which opens its index, which makes it."""
    disk = a_closed_disk()
    disk.append(f"{FOLDER}/{FIRST}.log.swap", b"")
    ended(disk)
    assert bytes(480) == disk.read(f"{FOLDER}/{FIRST}.index")


@pytest.mark.parametrize(("cleaned", "is_finished"), [(SECOND, True), (FIRST, False)])
def test_a_swap_at_or_behind_a_cleaned_file_was_never_decided(
    cleaned: str, is_finished: bool
) -> None:
    """A split renames its last segment first, so one that is still `.cleaned` ends it all."""
    disk = a_closed_disk()
    disk.append(f"{FOLDER}/{FIRST}.log.swap", b"")
    disk.append(f"{FOLDER}/{cleaned}.log.cleaned", b"")
    assert ((f"{FIRST}.log.swap", "finished") in ended(disk)) == is_finished
    assert (disk.size(f"{FOLDER}/{FIRST}.log") == 0) == is_finished


@pytest.mark.parametrize(
    "name", ["x.log", "x.index", "x.timeindex", "x.snapshot", "x.cleaned", "x.swap", "-1.log"]
)
def test_a_name_that_ends_like_kafkas_and_begins_with_no_offset_is_refused(name: str) -> None:
    """Kafka does not open such a log; nothing of it is touched."""
    disk = a_closed_disk()
    disk.append(f"{FOLDER}/{name}", b"mine")
    with refused(Errors.KAFKA_STORAGE_ERROR, match=f"{FOLDER}/{name}: .*; move it elsewhere"):
        PartitionLog(FOLDER, disk, config=SMALL, checkpointed=CLEAN)
    assert b"mine" == disk.read(f"{FOLDER}/{name}")


def test_indexes_without_their_segment_go() -> None:
    """All three kinds; a snapshot has its own rule."""
    disk = a_closed_disk()
    orphans = [f"{7:020d}{suffix}" for suffix in (".index", ".timeindex", ".txnindex")]
    for name in orphans:
        disk.append(f"{FOLDER}/{name}", bytes(8))
    log = PartitionLog(FOLDER, disk, config=SMALL, checkpointed=CLEAN)
    gone = {entry.event.file for entry in log.trace.of(LeftoverHandled)}
    assert set(orphans) == gone
