"""Explorers of chapter 00: one log, two readers, and what a reader may see."""

from kafkabook.explorers.explorer import Guess, explorer
from kafkabook.viz.figure import Figure
from kafkabook.viz.strips import Cell, ReaderMark, Strip, offset_strip

QUESTION = "Who has read what?"
_LETTERS = "abcdefgh"


def _before() -> Figure:
    strip = _strip(reads=0, records=6)
    return offset_strip(strip, title=QUESTION, sentence="Six records wait. Two readers start at 0.")


@explorer(
    QUESTION,
    appended_records=(6, 4, 8),
    commit_every_records=(2, 1, 4),
    frames=5,
    guess=Guess(
        "billing reads four of six records and commits after every second one."
        " Where does it go on after a crash?",
        answer=lambda: _committed(4, every=2),
        why="A consumer resumes at its committed offset, not at its position.",
        before=_before,
        unit="(offset)",
    ),
    forks={"commit each record": {"commit_every_records": 1}},
    caption="Try: commit less often. Breaks when: it crashes before a commit. Source: notes, 1.02.",
    script="t=0 append 6 · t=1 poll 1 · t=2 poll 1 · t=3 poll 1 · t=4 poll 1",
)
def two_readers(appended_records: int, commit_every_records: int) -> list[Figure]:
    """Reading removes nothing: each reader has its own position in the same log."""
    return [
        offset_strip(
            _strip(reads=reads, records=appended_records, every=commit_every_records),
            title=QUESTION,
            subtitle=f"orders-0 · after poll {reads} of 4",
        )
        for reads in range(5)
    ]


def _strip(*, reads: int, records: int, every: int = 2) -> Strip:
    cells = tuple(Cell(n, _LETTERS[n], epoch=2, tip=f"offset {n}") for n in range(records))
    readers = (
        ReaderMark("billing", reads, _committed(reads, every=every)),
        ReaderMark("audit", reads // 2, reads // 2),
    )
    return Strip("orders-0", cells, 0, records - 1, records, readers=readers)


def _committed(reads: int, *, every: int) -> int:
    return reads - reads % every
