"""The laws of truncation: a follower ends at the last record that it shares with its leader.

The logs come from one history of leaders, drawn at random, so that they part as real ones do. The
leader of each epoch cuts nobody: whoever follows it keeps what both have and copies what it may.
"""

from itertools import takewhile
from typing import NamedTuple

from kafkabook.grading import draws
from kafkabook.grading.draws import Draw
from kafkabook.grading.laws.law import Law, LawBroken, Part, Said, expect
from kafkabook.log.facts import EpochEntry
from kafkabook.replication.facts import UNDEFINED, EpochEnd, FollowerLog, Truncation
from kafkabook.replication.truncation import end_of_epoch

Epochs = tuple[EpochEntry, ...]


class History(NamedTuple):
    """A replica's log as a law sees it: each record's epoch, and where it knows them to begin."""

    records: tuple[int, ...] = ()
    epochs: Epochs = ()

    @property
    def log_end(self) -> int:
        """The first offset that it does not hold."""
        return len(self.records)

    def cut(self, to_offset: int) -> "History":
        """Return what is left below an offset."""
        kept = (entry for entry in self.epochs if entry.start_offset < to_offset)
        return History(self.records[: max(to_offset, 0)], tuple(kept))

    def led(self, epoch: int, count: int) -> "History":
        """Return the log after a leader epoch of its own: its start is noted, records or none."""
        began = tuple(takewhile(lambda entry: entry.start_offset < self.log_end, self.epochs))
        epochs = (*began, EpochEntry(epoch, self.log_end))
        return History(self.records + (epoch,) * count, epochs)

    def followed(self, leader: "History", most: int) -> "History":
        """Return the log after it followed a leader for up to `most` records."""
        shared = common(self, leader)
        end = min(shared + most, leader.log_end)
        return History(leader.records[:end], leader.cut(end).epochs)

    def as_follower(self, high_watermark: int) -> FollowerLog:
        """Return what a part is given of it."""
        return FollowerLog(self.epochs, self.log_end, min(high_watermark, self.log_end))


def common(one: History, other: History) -> int:
    """Return the offset where two logs part: the same epoch at the same offset is the same record.

    >>> common(History((1, 1, 2)), History((1, 1, 3, 3)))
    2
    """
    pairs = zip(one.records, other.records, strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


def told(log: FollowerLog, answer: EpochEnd) -> tuple[str, ...]:
    """Show a call: the follower's epochs, and what its leader answered."""
    said = f"epoch {answer.epoch} ends at {answer.end_offset}"
    marks = f"log end {log.log_end}, high watermark {log.high_watermark}"
    return (
        f"follower  {_listed(log.epochs)}, {marks}",
        f"leader    {'knows nothing of that epoch' if answer == UNDEFINED else said}",
    )


def told_pair(follower: History, leader: History, high_watermark: int) -> tuple[str, ...]:
    """Show two logs by their epochs, and where they part."""
    mark = min(high_watermark, follower.log_end)
    return (
        f"follower  {_listed(follower.epochs)}, log end {follower.log_end}, high watermark {mark}",
        f"leader    {_listed(leader.epochs)}, log end {leader.log_end}",
        f"common    {common(follower, leader)} records",
    )


def _listed(epochs: Epochs) -> str:
    return ", ".join(f"epoch {it.epoch} from {it.start_offset}" for it in epochs) or "empty"


def what_both_hold_is_kept(part: Part, follower: History, leader: History, mark: int) -> None:
    """In no round a record is cut that the leader has at the same offset from the same leader."""
    shared = common(follower, leader)
    for left, _ in _rounds(part, follower, leader, mark):
        if left.log_end < shared:
            why = f"Offset {left.log_end} was the same record in both logs."
            raise LawBroken(Said(f"nothing below {shared} is cut"), Said(_cut(left)), why)


def what_the_leader_lacks_goes(part: Part, follower: History, leader: History, mark: int) -> None:
    """When the walk is over, nothing is left that another leader wrote there."""
    shared = common(follower, leader)
    for left, is_over in _rounds(part, follower, leader, mark):
        if is_over and left.log_end > shared:
            why = f"Offset {shared} is of epoch {left.records[shared]} here, and not in the leader."
            raise LawBroken(Said(_cut(follower.cut(shared))), Said(_cut(left)), why)


def the_walk_ends(part: Part, follower: History, leader: History, mark: int) -> None:
    """A follower asks at most once for each of its epochs, and once more."""
    most = len(follower.epochs) + 1
    rounds = _rounds(part, follower, leader, mark)
    if not rounds[-1][1]:
        cuts = ", ".join(str(left.log_end) for left, _ in rounds)
        raise LawBroken(Said(f"an end after {most} rounds"), Said(f"log ends {cuts}"))


def _rounds(
    part: Part, follower: History, leader: History, mark: int
) -> list[tuple[History, bool]]:
    """Ask and cut as a follower does; return what was left after each round, and if it was over."""
    left = follower
    rounds: list[tuple[History, bool]] = []
    for _ in range(len(follower.epochs) + 1):
        epoch = left.epochs[-1].epoch if left.epochs else -1
        answer = end_of_epoch(leader.epochs, leader.log_end, epoch)
        if answer == UNDEFINED:  # an empty log has nothing to ask about
            return [*rounds, (left, True)]
        cut = part(left.as_follower(mark), answer)
        expect(Truncation, type(cut), "What a part answers with.")
        left = left.cut(min(cut.to_offset, left.log_end))
        rounds.append((left, cut.is_complete))
        if cut.is_complete:
            break
    return rounds


def _cut(left: History) -> str:
    return f"cut to {left.log_end}"


def a_leader_that_knows_nothing_leaves_the_high_watermark(
    part: Part, log: FollowerLog, answer: EpochEnd
) -> None:
    """After the answer `UNDEFINED` only what is known to be committed can be kept."""
    expect(Truncation(min(log.high_watermark, log.log_end)), part(log, answer))


@draws.composite
def _pairs(draw: Draw) -> tuple[History, History, int]:
    """Draw the logs of two replicas that led in turn, and seldom heard of each other."""
    leader = follower = History().led(0, draw(draws.sampled_from((2, 1, 3, 0))))
    for epoch in range(1, draw(draws.integers(3, 7))):
        if draw(draws.booleans()):
            leader, follower = follower, leader
        leader = leader.led(epoch, draw(draws.sampled_from((2, 3, 4, 0))))
        if (copies := draw(draws.sampled_from((None, 1, None, 9)))) is not None:
            follower = follower.followed(leader, copies)
    leader, follower = follower.led(7, draw(draws.integers(0, 2))), leader
    return follower, leader, draw(draws.integers(0, follower.log_end))


@draws.composite
def _follower_logs(draw: Draw) -> FollowerLog:
    steps = draw(
        draws.lists(
            draws.tuples(draws.integers(1, 3), draws.integers(1, 4)), min_size=1, max_size=5
        )
    )
    epochs, epoch, end = [], -1, 0
    for newer, count in steps:
        epoch += newer
        epochs.append(EpochEntry(epoch, end))
        end += count
    return FollowerLog(tuple(epochs), end, draw(draws.integers(0, end)))


_unknown = _follower_logs().map(lambda log: (log, UNDEFINED))

LAWS = (
    Law(what_both_hold_is_kept, _pairs(), told_pair, count=100),
    Law(what_the_leader_lacks_goes, _pairs(), told_pair, count=300),
    Law(the_walk_ends, _pairs(), told_pair, count=150),
    Law(a_leader_that_knows_nothing_leaves_the_high_watermark, _unknown, told),
)
