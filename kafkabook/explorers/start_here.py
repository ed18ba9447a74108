"""Explorers of chapter 00: one log, two readers, and where each goes on after a crash."""

from kafkabook.explorers.explorer import Guess, explorer
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.reader import Reader
from kafkabook.records.record import Record
from kafkabook.viz.figure import Figure
from kafkabook.viz.strips import offset_strip

QUESTION = "Who has read what?"
POLLS = 4
_LETTERS = b"abcdefgh"


class _Desk:
    """One log, `billing` who reads a record a poll, and `audit` who reads every second poll."""

    def __init__(self, records: int) -> None:
        self.log = PartitionLog("orders-0")
        self.log.append([Record(value=_LETTERS[n : n + 1]) for n in range(records)], now_ms=0)
        self.log.advance_high_watermark(self.log.log_end)
        self.billing, self.audit = Reader("billing", self.log), Reader("audit", self.log)

    def poll(self, number: int, *, commit_every: int) -> None:
        self.billing.poll(1)
        if number % commit_every == 0:
            self.billing.commit()
        if number % 2 == 0:
            self.audit.poll(1)
            self.audit.commit()

    def figure(self, told: str, sentence: str = "") -> Figure:
        readers = (self.billing, self.audit)
        return offset_strip(
            self.log, readers=readers, title=QUESTION, subtitle=told, sentence=sentence
        )


def _before() -> Figure:
    return _Desk(6).figure("orders-0 · nobody has read yet", "Six records wait for two readers.")


def _resumes_at(polls: int, commit_every: int) -> int:
    desk = _Desk(6)
    for number in range(1, polls + 1):
        desk.poll(number, commit_every=commit_every)
    return desk.billing.committed or 0


@explorer(
    QUESTION,
    appended_records=(6, 4, 8),
    commit_every_records=(2, 1, 4),
    frames=POLLS + 1,
    guess=Guess(
        "billing reads one record a poll, commits after every second one, and crashes after the"
        " third. At which offset does it go on?",
        answer=lambda: _resumes_at(3, 2),
        why="A consumer resumes at its committed offset, not at its position: one record is read"
        " twice, and none is missed.",
        before=_before,
        at=3,
    ),
    forks={"commit each record": {"commit_every_records": 1}},
    caption="Try: commit every 4 records. Breaks when: it commits before it has done the work."
    " Source: notes, Part 1 ch 01 §02.",
)
def two_readers(appended_records: int, commit_every_records: int) -> list[Figure]:
    """Reading removes nothing: each reader has its own position in the same log."""
    desk = _Desk(appended_records)
    pictures = [desk.figure(f"orders-0 · before the first of {POLLS} polls")]
    for number in range(1, POLLS + 1):
        desk.poll(number, commit_every=commit_every_records)
        pictures.append(desk.figure(f"orders-0 · after poll {number} of {POLLS}"))
    return pictures
