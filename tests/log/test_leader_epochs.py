"""Which leader wrote what, and where each epoch ended."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.log.disk import MemoryDisk
from kafkabook.log.events import LeaderEpochStarted
from kafkabook.log.facts import EpochEntry
from kafkabook.log.leader_epochs import LeaderEpochs
from tests.log.vectors import vectors

PATH = "orders-0/leader-epoch-checkpoint"


def some_epochs(*entries: tuple[int, int]) -> LeaderEpochs:
    """Return the epochs that these assignments made."""
    epochs = LeaderEpochs(MemoryDisk(), PATH)
    for epoch, start in entries:
        epochs.assign(epoch, start, now_ms=0)
    return epochs


def test_every_step_and_answer_is_that_of_kafka() -> None:
    """The script that Kafka's own class was run through."""
    epochs = LeaderEpochs(MemoryDisk(), PATH)
    for row in vectors()["epoch_cache"]:
        verb, *numbers = row["op"].strip("[]").split(", ")
        if verb == "assign":
            epochs.assign(int(numbers[0]), int(numbers[1]), now_ms=0)
        else:
            found = epochs.end_offset_for(int(numbers[0]), log_end=100)
            assert (row["epoch"], row["end_offset"]) == found
        assert row["entries"] == [f"{e.epoch}:{e.start_offset}" for e in epochs.entries]


def test_an_epoch_before_the_first_ended_where_the_first_began() -> None:
    """The log has been cut from the front; of what was before it only that is known."""
    assert (1, 11) == some_epochs((3, 11), (7, 20)).end_offset_for(1, log_end=30)


def test_truncation_forgets_epochs_and_moves_the_first() -> None:
    """From the end: all that began there. From the start: all that ended there."""
    epochs = some_epochs((0, 0), (1, 10), (2, 20))
    epochs.truncate_from_end(20)
    assert (EpochEntry(0, 0), EpochEntry(1, 10)) == epochs.entries
    epochs.truncate_from_start(5)
    assert (EpochEntry(0, 5), EpochEntry(1, 10)) == epochs.entries
    epochs.truncate_from_start(10)
    assert (EpochEntry(1, 10),) == epochs.entries


def test_epochs_are_on_the_disk_before_their_records() -> None:
    """A power cut right after the assignment loses nothing, for the file was flushed."""
    epochs = some_epochs((4, 12))
    epochs.disk.lose_power()
    assert (EpochEntry(4, 12),) == LeaderEpochs(epochs.disk, PATH).entries
    assert [LeaderEpochStarted(4, 12)] == [entry.event for entry in epochs.trace]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 30)), max_size=12))
def test_epochs_always_ascend_in_both_columns(assignments: list[tuple[int, int]]) -> None:
    """Whatever a confused follower is told."""
    entries = some_epochs(*assignments).entries
    for a, b in pairwise(entries):
        assert (a.epoch < b.epoch, a.start_offset < b.start_offset) == (True, True)


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ("2 5\n1 2\n", [(1, 2)]),
        ("1 0\n1 5\n2 6\n", [(1, 0), (2, 6)]),
        ("1 0\n5 9\n3 9\n6 10\n", [(1, 0), (3, 9), (6, 10)]),
    ],
)
def test_lines_that_contradict_each_other_open_the_log_all_the_same(
    lines: str, kept: list[tuple[int, int]]
) -> None:
    """Kafka assigns them one after the other, and a later one removes what contradicts it."""
    disk = MemoryDisk()
    text = f"0\n{lines.count(chr(10))}\n{lines}"
    disk.append(PATH, text.encode())
    epochs = LeaderEpochs(disk, PATH)
    assert tuple(kept) == epochs.entries
    assert text.encode() == disk.read(PATH)  # as it was, until it changes
