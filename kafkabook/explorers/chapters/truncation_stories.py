"""Two stories of truncation on film: who cuts where, and what is gone afterwards.

The rule of truncation is the only thing that differs between two films of a story. Chapter 09.
"""

from collections.abc import Callable
from dataclasses import replace

from kafkabook.cluster.events import PartitionChanged
from kafkabook.explorers.film import PictureFilm, Told, only
from kafkabook.lab import Lab
from kafkabook.lab.rules import rules_of
from kafkabook.replication.events import EpochEndTold, ReplicaTruncated
from kafkabook.replication.history import HISTORY

HISTORY_QUESTION = "Where does a follower cut its log?"
EPOCH_THEN_CRASH = "A1: a new leader epoch, then a crash"
TWO_FAIL_OVERS = "A4: two quick elections"
MOST_SCENES = 12
HEARD_MS = 30  # to hear of a leader epoch, to ask and to cut
HIGH_WATERMARK_MS = 600  # a follower asks again after half a second, and learns of the mark


_SCENES: Told = only(ReplicaTruncated, PartitionChanged, EpochEndTold)


def both_committed(rule: str) -> PictureFilm:
    """Return the beginning of A1: two committed records, and a follower that knows of one."""
    lab = _two_brokers(rule)
    lab.run_for(HIGH_WATERMARK_MS)
    lab.produce("m1")
    told = "m0 and m1 are on both, and committed. Broker 2 knows only that m0 is committed."
    return _filmed(lab, told)


def new_leader_epoch(rule: str) -> PictureFilm:
    """Begin a leader epoch under the same leader; let broker 2 cut what it thinks it must."""
    film = both_committed(rule)
    film.lab.make_leader(1)
    _roll_on(film)
    return film


def cut_then_elected(rule: str) -> PictureFilm:
    """Let broker 2 cut in a new leader epoch; elect it before it has that back (KIP-101)."""
    film = new_leader_epoch(rule)
    lab = film.lab
    lab.crash(1)
    film.take("Broker 1 is killed.")
    film.roll(lambda: lab.leader() == 2)
    lab.restart(1)
    film.roll(lambda: len(lab.isr()) == 2)
    return _judged(film, "m0", "m1")


def two_fail_overs(rule: str) -> PictureFilm:
    """Elect 2, 1 and 2 again, so quickly that each hears of its epochs late (KIP-279)."""
    lab = _two_brokers(rule)
    film = _filmed(lab, "m0 is on both, and committed. Broker 2 does not know that yet.")
    lab.hold("MetadataUpdate", "controller", 1)
    lab.make_leader(2)
    _roll_on(film)
    lab.send("m1", to=2, retries=0)
    lab.run_for(HEARD_MS)
    film.take("Broker 1 has not heard of it: both lead. Broker 2 appends m1, which it alone holds.")
    lab.hold("MetadataUpdate", "controller", 2)
    lab.make_leader(1)
    lab.release("MetadataUpdate", "controller", 1)
    _roll_on(film)
    lab.release("MetadataUpdate", "controller", 2)
    film.roll(lambda: lab.snapshot().lane(2).log_end < 2)
    lab.make_leader(2)
    _roll_on(film)
    return _judged(film, "m0")


STORIES: dict[str, Callable[[str], PictureFilm]] = {
    EPOCH_THEN_CRASH: cut_then_elected,
    TWO_FAIL_OVERS: two_fail_overs,
}


def _two_brokers(rule: str) -> Lab:
    """Return brokers 1 and 2 under a rule of truncation, with one record that both hold."""
    era = rules_of("4.x" if rule == "today" else "2.x")
    rules = replace(era, replication=HISTORY[rule])
    lab = Lab(2, rules=rules, tell_messages=False, is_watched=False)
    lab.create_topic("orders", assignment=[[1, 2]])
    lab.produce("m0")
    return lab


def _filmed(lab: Lab, told: str) -> PictureFilm:
    film = PictureFilm(lab, title=HISTORY_QUESTION, sentences=_SCENES, most=MOST_SCENES)
    film.take(told)
    return film


def _roll_on(film: PictureFilm) -> None:
    until_ms = film.lab.now_ms + HEARD_MS
    film.roll(lambda: film.lab.now_ms >= until_ms)


def _judged(film: PictureFilm, *committed: str) -> PictureFilm:
    """End a film with what was committed and is gone."""
    lanes = film.lab.snapshot().lanes
    held = {record.value for lane in lanes for record in lane.records}
    gone = [value for value in committed if value not in held]
    lost = f"{' and '.join(gone)} was committed, and is on no replica any more."
    film.take(lost if gone else f"Committed and kept: {', '.join(committed)}.")
    return film
