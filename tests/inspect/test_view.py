"""A directory that a broker appends to and deletes from meanwhile: one view, and exit code 0."""

import resource
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Event

import pytest

from kafkabook.inspect import view
from kafkabook.inspect.files import Gone
from kafkabook.inspect.place import look_at
from kafkabook.inspect.view import View
from kafkabook.log.disk import DirectoryDisk
from kafkabook.log.partition_log import PartitionLog
from tests.inspect.directories import FIRST_LOG, SMALL, a_batch, a_directory, run
from tests.inspect.test_running import a_broker


def half_written(folder: Path, name: str = FIRST_LOG) -> int:
    """Append half a batch; return where it begins."""
    path = folder / name
    size = path.stat().st_size
    path.write_bytes(path.read_bytes() + a_batch(6, 2, base_offset=6).data[:70])
    return size


def test_half_a_batch_at_the_end_is_being_written_if_a_broker_runs(tmp_path: Path) -> None:
    """Said on the command line; the whole batches are shown, and nothing is wrong."""
    folder = a_directory(tmp_path)
    start = half_written(folder)
    for path in (folder, folder / FIRST_LOG):
        ran = run(path, "--json", "--live")
        assert 0 == ran.exit_code
        told = f"{FIRST_LOG}: the last batch, from byte {start} on, is being written: "
        assert told in ran.err
        assert [0, 1, 2, 3, 4, 5] == [row["offset"] for row in ran.rows if "key" in row]


def test_without_a_broker_half_a_batch_asks_for_the_hint(tmp_path: Path) -> None:
    """A crash leaves the very same bytes, so it is not called damage either."""
    folder = a_directory(tmp_path)
    half_written(folder)
    ran = run(folder / FIRST_LOG)
    assert (4, True) == (ran.exit_code, "say --live" in ran.err)


def test_the_lock_of_a_broker_says_as_much(tmp_path: Path) -> None:
    """Nobody has to say --live on the machine where the broker runs."""
    folder = a_directory(tmp_path)
    half_written(folder)
    with a_broker(tmp_path):
        assert 0 == run(folder).exit_code
    assert 4 == run(folder).exit_code


def test_half_a_batch_in_a_segment_that_is_not_the_last_is_damage(tmp_path: Path) -> None:
    """No broker writes there any more."""
    folder = a_directory(tmp_path, batches=30, config=SMALL)
    path = folder / FIRST_LOG
    path.write_bytes(path.read_bytes()[:-10])
    assert 1 == run(folder, "--live").exit_code


def test_what_is_deleted_or_appended_after_the_look_changes_nothing(tmp_path: Path) -> None:
    """The files were opened, each with its size."""
    folder = a_directory(tmp_path, batches=30, config=SMALL)
    place = look_at(folder, is_live=True)
    before = {name: file.size_bytes for name, file in place.view.held.items()}
    for path in sorted(folder.iterdir()):
        path.write_bytes(path.read_bytes() + b"more")
        path.unlink()
    with place.open() as opened:
        assert before == {name: opened.size(name) for name in place.names}
        assert all(len(opened.read(name)) == size for name, size in before.items())
    place.view.close()


def test_a_file_that_goes_while_others_are_opened_is_looked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest segment was opened, and then deleted with the second one: all is done again."""
    folder = a_directory(tmp_path, batches=30, config=SMALL)
    first, second, third, *_ = sorted(path.name[:20] for path in folder.glob("*.log"))

    def delete(name: str) -> None:
        if name == f"{second}.log":
            for path in [*folder.glob(f"{first}.*"), *folder.glob(f"{second}.*")]:
                path.unlink()

    opening(monkeypatch, delete)
    seen = View.of(folder, is_live=True)
    assert f"{third}.log" == min(name for name in seen.held if name.endswith(".log"))
    assert not any(name.startswith((first, second)) for name in seen.listed)
    seen.close()


def test_a_file_that_always_goes_is_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for ever."""
    folder = a_directory(tmp_path, batches=30, config=SMALL)

    def refuse(name: str) -> None:
        if name == FIRST_LOG:
            raise Gone(folder / name, "it has gone")

    opening(monkeypatch, refuse)
    ran = run(folder, "--json", "--live")
    assert f"{FIRST_LOG}: deleted while the directory was looked at, not shown" in ran.err
    assert FIRST_LOG not in {row["file"] for row in ran.rows}


def opening(monkeypatch: pytest.MonkeyPatch, before: Callable[[str], None]) -> None:
    """Let something happen before each file is opened."""
    real = view.SourceFile

    def opened(path: Path, most_bytes: int, *, is_live: bool) -> view.SourceFile:
        before(path.name)
        return real(path, most_bytes, is_live=is_live)

    monkeypatch.setattr(view, "SourceFile", opened)


def test_entries_of_an_index_that_came_later_are_no_damage(tmp_path: Path) -> None:
    """The index is read after the size of the segment was taken."""
    log = PartitionLog("orders-0", DirectoryDisk(tmp_path), config=SMALL)
    for number in range(4):
        log.append(a_batch(number))
    place = look_at(tmp_path / "orders-0", is_live=True)
    sizes = {name: file.size_bytes for name, file in place.view.held.items()}
    place.view.close()
    for number in range(4, 12):
        log.append(a_batch(number))
    path = tmp_path / "orders-0" / FIRST_LOG
    path.write_bytes(path.read_bytes()[: sizes[FIRST_LOG]])
    ran = run(tmp_path / "orders-0", "--live")
    assert 0 == ran.exit_code
    assert 2 == ran.err.count("entries of batches that came since") + ran.out.count(
        "entries of batches that came since"
    )
    assert 1 == run(tmp_path / "orders-0").exit_code


def test_more_files_than_may_be_open_are_opened_one_by_one(tmp_path: Path) -> None:
    """Without a view then; a directory at rest needs none."""
    folder = a_directory(tmp_path, batches=30, config=SMALL)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 40
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (used + 6, hard))
        monkey = view._raise_limit
        view._raise_limit = lambda: False  # type: ignore[assignment]
        assert {} == View.of(folder, is_live=False).held
        view._raise_limit = monkey
        seen = View.of(folder, is_live=False)
        assert len(seen.held) == len(seen.listed)
        seen.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_while_a_log_is_written_and_deleted_every_look_is_one_whole_log(tmp_path: Path) -> None:
    """Appends, rolls, retention: no look is refused or finds damage, and no offset is missing."""
    log = PartitionLog("orders-0", DirectoryDisk(tmp_path), config=SMALL)
    log.append(a_batch(0))
    stop = Event()

    def write() -> None:
        for number in count(1):
            if stop.is_set():
                return
            log.append(a_batch(number))
            log.advance_high_watermark()
            if number % 60 == 0:
                log.delete_records_before(number - 20)
                log.delete_old_segments(now_ms=0)
                log.delete_old_segments(now_ms=10**9)

    with ThreadPoolExecutor(1) as broker:
        written = broker.submit(write)
        try:
            for _ in range(12):
                ran = run(tmp_path / "orders-0", "--json", "--live")
                assert 0 == ran.exit_code, ran.err
                offsets = [row["offset"] for row in ran.rows if "key" in row]
                assert offsets == list(range(offsets[0], offsets[-1] + 1))
        finally:
            stop.set()
    written.result()
