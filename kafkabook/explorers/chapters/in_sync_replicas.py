"""Explorers of chapter 06: who counts, how far one may read, who decides it, and what it costs."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from statistics import mean

from kafkabook.base.names import TopicPartition
from kafkabook.base.phrases import members_text
from kafkabook.base.units import HOUR_MS, SECOND_MS
from kafkabook.clients.raw_client import Sent
from kafkabook.cluster.config import ClusterConfig
from kafkabook.explorers.chapters.isr_path import counted_meanwhile, decision, step_by_step
from kafkabook.explorers.explorer import Guess, explorer
from kafkabook.explorers.film import PictureFilm
from kafkabook.lab import Lab
from kafkabook.log.facts import IsolationLevel
from kafkabook.log.reader import Reader
from kafkabook.replication.facts import FollowerFacts, LeaderFacts
from kafkabook.replication.high_watermark import high_watermark
from kafkabook.replication.snapshots import Lane, PartitionSnapshot, StoredRecord
from kafkabook.viz.charts import Points, line_chart
from kafkabook.viz.figure import Figure
from kafkabook.viz.replica_lanes import replica_lanes
from kafkabook.viz.strips import offset_strip

SLOW_QUESTION = "When does a slow follower leave the ISR?"
SEED = 7
FILM_S, SLOW_FROM_S, SLOW_UNTIL_S, STEP_S = 60, 5, 45, 5


def _lab(replica_lag_time_max_ms: int = 10_000, *, tell_messages: bool = False) -> Lab:
    """Start three brokers with one topic, broker 1 leading."""
    today = ClusterConfig.of("4.x")
    config = replace(today, replica_lag_time_max_ms=replica_lag_time_max_ms)
    lab = Lab(config=config, seed=SEED, tell_messages=tell_messages, is_watched=False)
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.run_for(100)
    return lab


@cache
def _slow_film(slower_ms: int, lag_ms: int) -> tuple[Figure, ...]:
    lab = _lab(lag_ms)
    film = PictureFilm(lab, title=SLOW_QUESTION)
    for second in _seconds(lab, slower_ms, FILM_S):
        if second % STEP_S == 0:
            film.take(f"Second {second}. {_known_of_3(lab, lag_ms)}")
    return tuple(film.figures)


@explorer(
    SLOW_QUESTION,
    frames=FILM_S // STEP_S,
    broker_3_slower_by_ms=(4_000, 1_000, 10_000),
    replica_lag_time_max_ms=(10_000, 2_000, 30_000),
    guess=Guess(
        "From second 5 on, each message between broker 3 and the leader takes 4 seconds longer."
        " Broker 3 fetches again and again, and each answer brings every record that there is."
        " It may be behind for 10 seconds. Does it stay in the ISR?",
        answer=lambda: _after_20_s(4_000, 10_000),
        before=lambda: _slow_film(4_000, 10_000)[0],
        choices=("it stays", "it leaves"),
        at=3,
        why="The leader asks when broker 3 last had every record, and not when it last fetched. A"
        " fetch arrives every 8 s, and it shows what broker 3 had up to 16 s ago.",
    ),
    forks={"30 s are allowed": {"replica_lag_time_max_ms": 30_000}},
    caption="One record a second. Broker 3 is slow from second 5 to 45. Try: allow 30 s, and watch"
    " the high watermark. Source: KIP-16, KIP-537; kafka, Partition.scala isFollowerInSync.",
    script="t=5s slow 3 · t=45s heal 3",
)
def one_slow_follower(broker_3_slower_by_ms: int, replica_lag_time_max_ms: int) -> list[Figure]:
    """A follower stays while it had every record not too long ago, however little it lacks."""
    return list(_slow_film(broker_3_slower_by_ms, replica_lag_time_max_ms))


def _seconds(lab: Lab, slower_ms: int, end_s: int) -> Iterator[int]:
    """Write a record a second, with broker 3 slow for a while; yield each second's end."""
    for second in range(end_s):
        if second in (SLOW_FROM_S, SLOW_UNTIL_S):
            lab.slow(3, slower_ms if second == SLOW_FROM_S else 0)
        lab.send(f"m{second}", retries=0)
        lab.run_for(SECOND_MS)
        yield second + 1


def _known_of_3(lab: Lab, lag_ms: int) -> str:
    """Say what the leader knows of broker 3, and what follows from it."""
    now = lab.snapshot()
    lacks = now.lane(1).log_end - now.lane(3).log_end
    waits = now.lane(1).log_end - now.lane(1).high_watermark
    age_s, allowed_s = _age_ms(lab) / SECOND_MS, lag_ms // SECOND_MS
    known = f"The leader knows that broker 3 had every record {age_s:.1f} s ago"
    follows = f"in the ISR. {_writes(waits)} for it"
    if 3 not in now.isr:
        follows = "not in the ISR. No write waits for it"
    return f"{known}; {allowed_s} s are allowed. It lacks {_records(lacks)} and is {follows}."


def _writes(count: int) -> str:
    return f"{count or 'No'} write{'s' * (count > 1)} wait{'s' * (count < 2)}"


def _records(count: int) -> str:
    return "nothing" if count == 0 else f"{count} record{'s' * (count > 1)}"


def _age_ms(lab: Lab) -> int:
    """Return how long ago broker 3 had everything, as far as the leader knows."""
    leader = lab.view.replica(TopicPartition("orders", 0), 1)
    return lab.now_ms - leader.follower(3).caught_up_ms


def _after_20_s(slower_ms: int, lag_ms: int) -> str:
    lab = _lab(lag_ms)
    members = [lab.isr() for _ in _seconds(lab, slower_ms, 20)]
    return "it stays" if 3 in members[-1] else "it leaves"


MARK_QUESTION = "Where is the high watermark?"
LEADERS_END, ENDS_OF_2 = 5, 4
IN, OUT = "in sync", "not in sync"


@explorer(
    MARK_QUESTION,
    broker_2=(IN, OUT),
    broker_3=(IN, OUT),
    broker_3_log_end=(2, 0, 1, 3, 4, 5),
    guess=Guess(
        "Broker 1 leads, and its log end is 5. Broker 2 has log end 4, and broker 3 has log end 2."
        " All three are in the ISR. Where is the high watermark?",
        answer=lambda: _mark(IN, IN, 2),
        choices=(2, 4, 5),
        why="It is the smallest log end in the ISR. Broker 3 has the shortest log.",
    ),
    forks={"broker 3 leaves the ISR": {"broker_3": OUT}},
    caption="Computed by the leader's own rule. Try: broker 3 leaves the ISR. Then let its log"
    " end grow. Source: kafka, Partition.scala maybeIncrementLeaderHW.",
)
def where_is_the_high_watermark(broker_2: str, broker_3: str, broker_3_log_end: int) -> Figure:
    """The smallest log end in the ISR; who is not in it does not count."""
    mark = _mark(broker_2, broker_3, broker_3_log_end)
    ends = {1: LEADERS_END, 2: ENDS_OF_2, 3: broker_3_log_end}
    isr = _members(broker_2, broker_3)
    lanes = tuple(_lane(broker, end, mark) for broker, end in ends.items())
    snapshot = PartitionSnapshot("orders-0", 1, 0, 0, isr, frozenset(), lanes)
    shortest = min(sorted(isr), key=lambda broker: ends[broker])
    known = f"The ISR is {members_text(isr)}, and broker 3 has log end {broker_3_log_end}."
    told = (
        f"{known} The high watermark is {mark}: broker {shortest} has the shortest log in the ISR."
    )
    return replica_lanes(snapshot, title=MARK_QUESTION, sentence=told)


def _mark(broker_2: str, broker_3: str, broker_3_log_end: int) -> int:
    """Ask the leader's rule. Whoever is not in the ISR has not caught up for an hour."""
    isr, now_ms = _members(broker_2, broker_3), HOUR_MS
    ends = {2: ENDS_OF_2, 3: broker_3_log_end}
    followers = tuple(
        FollowerFacts(broker, log_end=end, caught_up_ms=now_ms if broker in isr else 0)
        for broker, end in ends.items()
    )
    facts = LeaderFacts(1, 0, 0, LEADERS_END, 0, isr=isr, counted=isr, followers=followers)
    return high_watermark(facts, now_ms, 30 * SECOND_MS)


def _members(broker_2: str, broker_3: str) -> frozenset[int]:
    return frozenset([1, *[2] * (broker_2 == IN), *[3] * (broker_3 == IN)])


def _lane(broker: int, log_end: int, mark: int) -> Lane:
    records = tuple(StoredRecord(n, 0, f"m{n}", is_acked=n < mark) for n in range(log_end))
    role = "leader" if broker == 1 else "follower"
    return Lane(broker, role, 0, 0, log_end, min(mark, log_end), records)


READ = IsolationLevel.READ_UNCOMMITTED  # the default: up to the high watermark
READ_QUESTION = "How far may a consumer read?"
RECORDS = 8


@explorer(
    READ_QUESTION,
    frames=5,
    broker_3_lacks_records=(2, 0, 4),
    max_poll_records=(3, 1, 5),
    guess=Guess(
        "The leader has eight records. Broker 3 is in the ISR, but its process stands still, and it"
        " lacks the last two. A consumer polls until it gets nothing more. What is its position"
        " then?",
        answer=lambda: _LaggingPartition(2, 3).read_all(),
        before=lambda: _positions(2, 3)[0],
        at=3,
        why="Broker 3 is in the ISR and lacks offsets 6 and 7, so these records could still be"
        " lost. The high watermark is 6, and reading ends there.",
    ),
    caption="Step on: poll, commit, poll again, broker 3 comes back. A position and a commit name"
    " the next offset, and not the last one. Source: kafka, Partition.scala; notes, 1.07.",
)
def four_positions(broker_3_lacks_records: int, max_poll_records: int) -> list[Figure]:
    """Committed, position, high watermark, log end: unless a reader seeks, in this order."""
    return _positions(broker_3_lacks_records, max_poll_records)


class _LaggingPartition:
    """Eight records, of which broker 3 lacks the last ones, and a consumer of them."""

    def __init__(self, lacks: int, max_poll: int) -> None:
        self.lab, self.max_poll = _lab(), max_poll
        for number in range(RECORDS - lacks):
            self.lab.produce(f"m{number}")
        self.lab.pause(3)
        for number in range(RECORDS - lacks, RECORDS):
            self.lab.send(f"m{number}")
        self.lab.run_for(50)
        log = self.lab.view.log(TopicPartition("orders", 0), 1)
        assert log is not None
        self.log, self.billing = log, Reader("billing", log, isolation=READ)

    def read_all(self) -> int:
        while self.billing.poll(self.max_poll):
            pass
        return self.billing.position

    def figure(self, told: str) -> Figure:
        high, end = self.log.high_watermark, self.log.log_end
        committed = "nothing" if self.billing.committed is None else self.billing.committed
        consumer = f"The consumer has committed {committed}, and its position is"
        partition = f"The high watermark is {high}, and the log end is {end}."
        sentence = f"{told} {consumer} {self.billing.position}. {partition}"
        when = f"orders-0 on broker 1, the leader · Kafka 4.x · seed {SEED}"
        return offset_strip(
            self.log, readers=(self.billing,), title=READ_QUESTION, subtitle=when, sentence=sentence
        )


def _positions(lacks: int, max_poll: int) -> list[Figure]:
    desk = _LaggingPartition(lacks, max_poll)
    lacking = f"lacks {lacks or 'none'} of {RECORDS} records"
    began = f"Broker 3 stands still, is in the ISR, and {lacking}."
    pictures = [desk.figure(began)]
    polled = len(desk.billing.poll(max_poll))
    pictures.append(desk.figure(f"A poll returns {_records(polled)}, and moves the position."))
    desk.billing.commit()
    pictures.append(desk.figure("The records are processed, and a commit stores the position."))
    desk.read_all()
    pictures.append(desk.figure("The consumer polls again, until it gets nothing more."))
    desk.lab.resume(3)
    desk.lab.run_for(SECOND_MS)
    return [*pictures, desk.figure("Broker 3 fetches again, and every record is committed.")]


PATH_QUESTION = "Who decides who is in sync?"


@explorer(
    PATH_QUESTION,
    frames=10,
    broker_3=("falls behind", "has caught up"),
    first_request=("arrives", "is lost"),
    guess=Guess(
        "Broker 3 has fallen behind, and the leader has asked for a smaller set. The request is"
        " lost on its way. Which brokers does the leader wait for now?",
        answer=counted_meanwhile,
        before=lambda: step_by_step(PATH_QUESTION, decision("falls behind", "arrives"))[0],
        choices=("1 and 2", "1, 2 and 3", "nobody"),
        shows={"first_request": "is lost"},
        at=1,
        why="The leader cannot know whether the controller has got its request. Until it knows, it"
        " waits for every member of the old set and of the new one: the maximal ISR.",
    ),
    forks={"the first request is lost": {"first_request": "is lost"}},
    caption="Step on, and follow the messages. Then let the first request be lost."
    " Source: KIP-497.",
)
def who_decides(broker_3: str, first_request: str) -> list[Figure]:
    """The leader proposes, the controller decides, and everybody is told."""
    return step_by_step(PATH_QUESTION, decision(broker_3, first_request))


PRICE_QUESTION = "How long does a write wait for a slow follower?"
DELAYS_MS = (0, 400, 1_000, 2_000, 4_000, 7_000, 12_000)
MEASURED = 20


@explorer(
    PRICE_QUESTION,
    replica_lag_time_max_ms=(10_000, 2_000, 30_000),
    guess=Guess(
        "A follower may be behind for 10 seconds. Each message of broker 3 takes 2, 4 or 7 seconds"
        " longer. With which of them does a write with acks=all wait longest?",
        answer=lambda: _slowest((2_000, 4_000, 7_000), 10_000),
        choices=("2 s", "4 s", "7 s"),
        before=lambda: _price_of(DELAYS_MS[:3], 10_000, "This is the beginning, up to 1 second."),
        why="A follower that is somewhat slow stays in the ISR, and every write waits for it. A"
        " very slow one leaves the ISR, and no write waits for it any more.",
    ),
    caption="Measured: one write a second, mean of twenty. Try: 30 s, the default. Source: kafka,"
    " Partition.scala maybeIncrementLeaderHW.",
)
def price_of_waiting(replica_lag_time_max_ms: int) -> Figure:
    """acks=all waits for the slowest in-sync replica; acks=1 waits for none."""
    return _price_of(DELAYS_MS, replica_lag_time_max_ms)


def _price_of(delays_ms: Sequence[int], lag_ms: int, sentence: str = "") -> Figure:
    points = {delay: _waits(delay, lag_ms) for delay in delays_ms}
    inside = [(delay, all_ms) for delay, (all_ms, _, is_in) in points.items() if is_in]
    outside = [(delay, all_ms) for delay, (all_ms, _, is_in) in points.items() if not is_in]
    leader = [(delay, one_ms) for delay, (_, one_ms, _) in points.items()]
    names = ("acks=all, broker 3 in sync", "acks=1", "acks=all, broker 3 out of sync")
    lines = dict(zip(names, (inside, leader, outside), strict=True))
    return line_chart(
        {name: line for name, line in lines.items() if line},
        title=PRICE_QUESTION,
        subtitle=f"Kafka 4.x · seed {SEED}",
        x_label="every message of broker 3 takes longer by (ms)",
        y_label="a write takes (ms)",
        log_y=True,
        sentence=sentence or _price_told(inside[-1], outside[0], leader),
    )


def _price_told(slow: tuple[float, float], left: tuple[float, float], leader: Points) -> str:
    return (
        f"At {_ms(slow[0])} broker 3 is still in sync: a write with acks=all takes {_ms(slow[1])}."
        f" At {_ms(left[0])} it is out of sync: {_ms(left[1])}."
        f" A write with acks=1 takes {_ms(max(ms for _, ms in leader))} at most."
    )


def _ms(span_ms: float) -> str:
    return f"{span_ms:,.0f} ms".replace(",", " ")


@cache
def _waits(slower_ms: int, lag_ms: int) -> tuple[float, float, bool]:
    """Measure a write's mean time in ms with acks=all and acks=1; say whether 3 is in sync."""
    lab = _lab(lag_ms)
    lab.slow(3, slower_ms)
    _write(lab, 2 * lag_ms // SECOND_MS)  # time enough to leave the set
    sent = _write(lab, MEASURED)
    is_in = 3 in lab.isr()
    alone = [lab.produce(f"one {number}", acks=1) for number in range(MEASURED)]
    lab.run_until(lambda: all(it.is_done for it in sent))
    return _mean_ms(sent), _mean_ms(alone), is_in


def _write(lab: Lab, count: int) -> list[Sent]:
    sent = []
    for number in range(count):
        sent.append(lab.send(f"m{number}", retries=0))
        lab.run_for(SECOND_MS)
    return sent


def _mean_ms(sent: list[Sent]) -> float:
    return mean(it.ended_ms - it.sent_ms for it in sent)


def _slowest(delays_ms: tuple[int, ...], lag_ms: int) -> str:
    worst = max(delays_ms, key=lambda delay: _waits(delay, lag_ms)[0])
    return f"{worst // SECOND_MS} s"
