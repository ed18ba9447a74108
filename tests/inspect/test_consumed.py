"""`--isolation`: what a consumer would be given, found from the files alone."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafkabook.log.checkpoints import HIGH_WATERMARKS, LOG_STARTS
from kafkabook.log.facts import IsolationLevel
from kafkabook.log.isolation import aborted_transactions, read_committed
from kafkabook.log.partition_log import PartitionLog
from tests.inspect.directories import FIRST_LOG, Ran, a_directory, a_transaction_log, run

STEPS = [
    ("plain", -1),  # 0, 1
    ("data", 7),  # 2, 3: aborted
    ("data", 8),  # 4, 5: committed
    ("abort", 7),  # 6
    ("data", 7),  # 7, 8: committed
    ("commit", 8),  # 9
    ("commit", 7),  # 10
    ("data", 9),  # 11, 12: open
    ("plain", -1),  # 13, 14
]
COMMITTED = ("--json", "--isolation", "read_committed")


def offsets(ran: Ran) -> list[int]:
    """Which records were handed out."""
    return [row["offset"] for row in ran.rows]


def a_partition(root: Path, **config: int) -> Path:
    """Write the steps above and close the log."""
    a_transaction_log(root, STEPS, **config).close()
    return root / "orders-0"


def test_neither_aborted_nor_open_transactions_are_handed_out(tmp_path: Path) -> None:
    """Up to the last stable offset, without the aborted records and without markers."""
    ran = run(a_partition(tmp_path), *COMMITTED)
    assert [0, 1, 4, 5, 7, 8] == offsets(ran)
    assert (
        "read_committed up to offset 11: high watermark 15 (the log end, for no"
        " replication-offset-checkpoint beside the directory names it), last stable offset 11\n"
    ) == ran.err


def test_read_uncommitted_sees_all_but_markers(tmp_path: Path) -> None:
    """It trusts everybody; the plain dump shows the markers too."""
    folder = a_partition(tmp_path)
    ran = run(folder, "--json", "--isolation", "read_uncommitted")
    assert [0, 1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 14] == offsets(ran)
    assert list(range(15)) == [r["offset"] for r in run(folder / FIRST_LOG, "--json").rows]


@pytest.mark.parametrize(
    ("high_watermark", "given"),
    [
        (0, []),
        (1, []),  # a broker sends no half batch
        (2, [0, 1]),
        (6, [0, 1]),  # undecided, as far as anybody can know
        (7, [0, 1]),  # the abort is known, but offset 4 is not decided
        (10, [0, 1, 4, 5]),
        (11, [0, 1, 4, 5, 7, 8]),
        (15, [0, 1, 4, 5, 7, 8]),
        (99, [0, 1, 4, 5, 7, 8]),
    ],
)
def test_markers_beyond_the_high_watermark_decide_nothing(
    tmp_path: Path, high_watermark: int, given: list[int]
) -> None:
    """A marker that is not committed might be gone with its leader."""
    ran = run(a_partition(tmp_path), *COMMITTED, "--high-watermark", high_watermark)
    assert given == offsets(ran)
    assert f"high watermark {min(high_watermark, 15)} (as given" in ran.err


def test_the_checkpoint_beside_the_directory_says_how_far(tmp_path: Path) -> None:
    """And the output says that it does."""
    folder = a_partition(tmp_path)
    (tmp_path / HIGH_WATERMARKS).write_text("0\n2\npayments 0 1\norders 0 10\n")
    ran = run(folder, *COMMITTED)
    assert [0, 1, 4, 5] == offsets(ran)
    assert f"high watermark 10 (from {HIGH_WATERMARKS} beside the directory)" in ran.err
    (tmp_path / HIGH_WATERMARKS).write_text("0\n1\norders 0 80\n")
    assert ", which says 80), last stable offset 11\n" in run(folder, *COMMITTED).err
    (tmp_path / HIGH_WATERMARKS).write_text("1\n")
    broken = run(folder, *COMMITTED)
    assert (2, "") == (broken.exit_code, broken.out)
    assert "say --high-watermark" in broken.err


def test_deleted_records_are_not_handed_out(tmp_path: Path) -> None:
    """A log start inside a segment is known to the checkpoint beside the directory only."""
    folder = a_partition(tmp_path)
    (tmp_path / LOG_STARTS).write_text("0\n1\norders 0 5\n")
    assert [5, 7, 8] == offsets(run(folder, *COMMITTED))


def test_a_transaction_of_which_only_a_snapshot_knows_holds_everybody_back(tmp_path: Path) -> None:
    """Its records are deleted, but a broker that loads the snapshot still waits for its end."""
    log = a_transaction_log(tmp_path, [("data", 7), ("plain", -1)])
    log.roll()
    log.close()
    folder = tmp_path / "orders-0"
    for path in folder.glob(f"{'0' * 20}.*"):
        path.unlink()
    assert "last stable offset 0\n" in run(folder, *COMMITTED).err


def test_one_segment_is_read_with_the_decisions_of_all(tmp_path: Path) -> None:
    """The marker that aborts a record may stand in the next segment."""
    folder = a_partition(tmp_path, segment_bytes=250)
    names = sorted(path.name for path in folder.glob("*.log"))
    parts = [offsets(run(folder / name, *COMMITTED)) for name in names]
    assert len(names) > 3
    assert [0, 1, 4, 5, 7, 8] == [offset for part in parts for offset in part]
    assert [0, 1, 4, 5, 7, 8] == offsets(run(folder, *COMMITTED))


def test_damage_ends_what_a_consumer_is_given(tmp_path: Path) -> None:
    """The whole prefix first, then the damage by name, and its exit code."""
    folder = a_directory(tmp_path, batches=4)
    path = folder / FIRST_LOG
    path.write_bytes(path.read_bytes()[:250])
    ran = run(folder, *COMMITTED)
    assert (4, [0, 1, 2, 3]) == (ran.exit_code, offsets(ran))
    assert "read_committed up to offset 4: " in ran.err
    assert f"{FIRST_LOG}: torn tail at byte 200, batch 4: " in ran.err


def test_other_files_have_nothing_for_a_consumer(tmp_path: Path) -> None:
    """An index has no records."""
    ran = run(a_partition(tmp_path) / f"{'0' * 20}.index", *COMMITTED)
    assert (2, "") == (ran.exit_code, ran.out)
    assert "give a partition directory or a .log file" in ran.err


STEP = st.tuples(st.sampled_from(["data", "data", "plain", "commit", "abort"]), st.integers(7, 9))


@settings(max_examples=40)
@given(st.lists(STEP, max_size=20), st.integers(0, 45), st.sampled_from([250, 1000]))
def test_the_files_tell_what_the_log_itself_would_serve(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, int]],
    high_watermark: int,
    segment_bytes: int,
) -> None:
    """Two ways to one answer: the log's stable offset and transaction index, and the markers."""
    root = tmp_path_factory.mktemp("log")
    log = a_transaction_log(root, steps, segment_bytes=segment_bytes, segment_index_bytes=1000)
    log.advance_high_watermark(min(high_watermark, log.log_end))
    served = list(_served(log))
    ran = run(root / "orders-0", *COMMITTED, "--high-watermark", high_watermark)
    assert (0, served) == (ran.exit_code, offsets(ran))
    assert f"last stable offset {log.last_stable_offset}\n" in ran.err


def _served(log: PartitionLog) -> list[int]:
    """Poll to the end as a consumer does."""
    position, given = log.log_start, []
    while batches := log.read(position, isolation=IsolationLevel.READ_COMMITTED):
        indexes = [segment.aborted for segment in log.segments]
        aborted = aborted_transactions(indexes, position, batches[-1].next_offset)
        records = read_committed(batches, aborted, from_offset=position)
        given += [record.offset for record in records]
        position = batches[-1].next_offset
    return given
