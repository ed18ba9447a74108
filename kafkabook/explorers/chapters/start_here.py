"""Explorers of chapter 00: two readers of one log, and three brokers of which one dies."""

from kafkabook.base.units import SECOND_MS
from kafkabook.explorers.explorer import Guess, explorer
from kafkabook.explorers.film import Film
from kafkabook.lab import Lab
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.reader import Reader
from kafkabook.records.record import Record
from kafkabook.viz.figure import Figure
from kafkabook.viz.strips import offset_strip

QUESTION = "Who has read what?"
POLLS = 4
_LETTERS = b"abcdefgh"


class _LogWithReaders:
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
    return _LogWithReaders(6).figure(
        "orders-0 · nobody has read yet", "Six records wait for two readers."
    )


def _resumes_at(polls: int, commit_every: int) -> int:
    desk = _LogWithReaders(6)
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
    desk = _LogWithReaders(appended_records)
    pictures = [desk.figure(f"orders-0 · before the first of {POLLS} polls")]
    for number in range(1, POLLS + 1):
        desk.poll(number, commit_every=commit_every_records)
        pictures.append(desk.figure(f"orders-0 · after poll {number} of {POLLS}"))
    return pictures


CLUSTER_QUESTION = "What happens when a broker dies?"
DIES = {"broker 1": 1, "broker 2": 2, "broker 3": 3}


@explorer(
    CLUSTER_QUESTION,
    dies=tuple(DIES),
    frames=4,
    guess=Guess(
        "Three brokers hold two records, a and b. Broker 1, the leader, is killed, and a producer"
        " sends c. How many records can be read?",
        answer=lambda: _records_after("broker 1"),
        before=lambda: _before_it_dies("broker 1").figures[0],
        at=2,
        unit="records",
        why="The others held copies, and one of them leads now. It takes some seconds until the"
        " dead one is missed; then everything goes on.",
    ),
    caption="Step on: before, killed, another one leads and takes c, and the dead one is back."
    " Chapters 05, 06 and 09 take this apart. Source: notes, Part 1 ch 01 §06 and §07.",
)
def small_cluster(dies: str) -> list[Figure]:
    """Three machines with the same records outlive one of them."""
    film = _killed(dies)
    lab, broker = film.lab, DIES[dies]
    lab.restart(broker)
    lab.run_until(lambda: lab.isr() == {1, 2, 3})
    lab.run_for(600)
    film.take(f"Broker {broker} is back, and has copied what it missed.")
    return film.figures


def _before_it_dies(dies: str) -> Film:
    lab = Lab(tell_messages=False, is_watched=False)
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    for value in ("a", "b"):
        lab.produce(value)
    lab.run_for(6 * SECOND_MS)
    film = Film(lab, title=CLUSTER_QUESTION)
    film.take(f"Broker 1 leads, the others copy. {dies.capitalize()} is about to be killed.")
    return film


def _killed(dies: str) -> Film:
    film, broker = _before_it_dies(dies), DIES[dies]
    lab = film.lab
    began_ms = lab.now_ms
    lab.crash(broker)
    film.take(f"Broker {broker} is killed. Nobody knows yet.")
    lab.run_until(lambda: broker not in lab.isr())
    waited_s = (lab.now_ms - began_ms) / SECOND_MS
    lab.produce("c")
    lab.run_for(600)
    film.take(
        f"{waited_s:.0f} s later it is missed. Broker {lab.leader()} leads, and c is written."
    )
    return film


def _records_after(dies: str) -> int:
    return len(_killed(dies).lab.read())
