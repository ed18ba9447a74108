"""Explorers of chapter 05: one fetch, who leads what, and where the copies lie."""

from collections import Counter
from functools import cache

from kafkabook.base.units import SECOND_MS
from kafkabook.explorers.explorer import Guess, explorer
from kafkabook.explorers.film import PictureFilm, without
from kafkabook.lab import Lab
from kafkabook.replication.events import IsrProposed
from kafkabook.viz.charts import bar_chart
from kafkabook.viz.cluster_map import rack_map
from kafkabook.viz.figure import Figure

FETCH_QUESTION = "What does one fetch carry, and what does it prove?"
STEPS = 16


@explorer(
    FETCH_QUESTION,
    frames=STEPS,
    records=(1, 2),
    broker_3_slower_by_ms=(0, 20),
    guess=Guess(
        "The leader has appended m0. Now both followers copy it, and nothing else has happened yet."
        " At which offset is the high watermark then?",
        answer=lambda: _mark_when_copied(),
        before=lambda: _one_record_appended().figures[-1],
        shows={"records": 1, "broker_3_slower_by_ms": 0},
        at=3,
        why="The leader cannot see the disks of its followers. It learns from their next fetch what"
        " they have, so a copy counts one fetch later.",
    ),
    forks={"broker 3 is slow": {"broker_3_slower_by_ms": 20}},
    caption="Step on: append, copy, fetch again, commit, and one fetch later the followers know."
    " Try: a slow broker 3. Source: KIP-16; kafka, Partition.scala, AbstractFetcherThread.scala.",
)
def one_fetch_after_another(records: int, broker_3_slower_by_ms: int) -> list[Figure]:
    """A fetch brings records, and its offset says what the follower has already."""
    film = _film(records, broker_3_slower_by_ms)
    lanes = range(1, 4)
    film.roll(lambda: all(_has_all(film.lab, broker, records) for broker in lanes))
    return film.figures


def _film(records: int, slower_ms: int) -> PictureFilm:
    lab = Lab(tell_messages=False, is_watched=False)
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.run_for(100)
    lab.slow(3, slower_ms)
    film = PictureFilm(lab, title=FETCH_QUESTION, sentences=without(IsrProposed), most=STEPS)
    film.take("Broker 1 leads. The fetches of brokers 2 and 3 wait there for new records.")
    for number in range(records):
        lab.send(f"m{number}")
    return film


def _has_all(lab: Lab, broker: int, records: int) -> bool:
    return lab.snapshot().lane(broker).high_watermark == records


def _one_record_appended() -> PictureFilm:
    film = _film(1, 0)
    film.roll(lambda: film.snapshot().lane(1).log_end == 1)
    return film


def _one_record_copied() -> PictureFilm:
    film = _film(1, 0)
    film.roll(lambda: all(lane.log_end == 1 for lane in film.snapshot().lanes))
    return film


def _mark_when_copied() -> int:
    return _one_record_copied().snapshot().lane(1).high_watermark


HOT_QUESTION = "Who does the work after a crash?"
HOT_SEED, RACK_SEED = 7, 11
MOST_LED = 6  # by one broker, at any step and any knob


@cache
def _hot(partitions: int, broker: int) -> tuple[Counter[int], ...]:
    """Count the leaders per broker at each of the four moments."""
    lab = Lab(seed=HOT_SEED, tell_messages=False, is_watched=False)
    lab.create_topic("orders", partitions=partitions)
    counts = [_leaders(lab)]
    lab.crash(broker)
    lab.run_until(lambda: broker not in _leaders(lab))
    counts.append(_leaders(lab))
    lab.restart(broker)
    lab.run_until(lambda: all(len(lab.isr(partition=p)) == 3 for p in range(partitions)))
    counts.append(_leaders(lab))
    for number in range(partitions):
        if lab.snapshot(partition=number).replicas[0] == broker:
            lab.elect(partition=number)
    return *counts, _leaders(lab)


@explorer(
    HOT_QUESTION,
    frames=4,
    partitions=(9, 6),
    crashed_broker=(1, 2),
    guess=Guess(
        "There are nine partitions, and each broker leads three. Broker 1 is killed, comes back and"
        " is in sync again. How many partitions does it lead?",
        answer=lambda: _leads(_hot(9, 1)[2], 1),
        before=lambda: _chart(_hot(9, 1)[0], "Nine partitions, evenly led."),
        shows={"partitions": 9, "crashed_broker": 1},
        at=2,
        why="A leader that is alive stays. A preferred leader election makes the first replica of"
        " each list the leader again: by hand, or every 300 s.",
        unit="partitions",
    ),
    caption="Step on: even, after the crash, after the return, after the preferred election."
    " Source: KIP-460; notes, Part 1 ch 01 §06.",
)
def leaders_per_broker(partitions: int, crashed_broker: int) -> list[Figure]:
    """A crash moves leaders away, and nothing but an election moves them back."""
    told = (
        "Placed by the rule: the preferred leaders are spread evenly.",
        f"Broker {crashed_broker} was killed: the next in-sync replicas lead its partitions.",
        f"Broker {crashed_broker} is back and in sync, and leads nothing.",
        "A preferred election was held: the first replica of every list leads again.",
    )
    return [
        _chart(counts, why)
        for counts, why in zip(_hot(partitions, crashed_broker), told, strict=True)
    ]


def _leaders(lab: Lab) -> Counter[int]:
    states = lab.view.partitions.values()
    return Counter(state.leader for state in states if state.leader is not None)


def _leads(counts: Counter[int], broker: int) -> int:
    return counts[broker]


def _chart(counts: Counter[int], told: str) -> Figure:
    bars = {f"broker {broker}": counts[broker] for broker in (1, 2, 3)}
    led = "Brokers 1, 2 and 3 lead {}, {} and {} partitions.".format(*bars.values())
    sentence = f"{told} {led}"
    return bar_chart(
        bars,
        title=HOT_QUESTION,
        subtitle=f"Kafka 4.x · seed {HOT_SEED}",
        y_label="partitions led",
        sentence=sentence,
        top=MOST_LED,
    )


RACK_QUESTION = "Which partitions survive when a rack burns?"
RACKS = ("A", "A", "B", "B", "C", "C")
BURNS = {"none yet": (), "rack A": (1, 2), "rack B": (3, 4), "rack C": (5, 6)}


@explorer(
    RACK_QUESTION,
    broker_rack=("set", "not set"),
    replication_factor=(2, 3, 1),
    dies=("none yet", "rack A", "rack B", "rack C"),
    guess=Guess(
        "Six brokers are in three racks, and every broker knows its rack. Each of three partitions"
        " has two copies. Rack A burns. How many partitions have no leader then?",
        answer=lambda: _lost("set", 2, "rack A"),
        before=lambda: _racks_drawn("set", 2, "none yet"),
        shows={"broker_rack": "set", "replication_factor": 2, "dies": "rack A"},
        why="When the brokers know their racks, Kafka puts the two copies of a partition into"
        " different racks. So rack A has one copy of it at most.",
        unit="partitions",
    ),
    caption="Try: broker.rack not set. Racks are looked at when a topic is created or grows, and"
    " never again. Source: KIP-36; notes, Part 1 ch 01 §06.",
)
def which_rack(broker_rack: str, replication_factor: int, dies: str) -> Figure:
    """Copies in different racks outlive one of them."""
    return _racks_drawn(broker_rack, replication_factor, dies)


def _racks_drawn(broker_rack: str, replication_factor: int, dies: str) -> Figure:
    lab = _racked(broker_rack, replication_factor, dies)
    partitions = lab.view.partitions
    return rack_map(
        {name: state.replicas for name, state in partitions.items()},
        dict(enumerate(RACKS, 1)),
        {name: state.leader for name, state in partitions.items()},
        BURNS[dies],
        title=RACK_QUESTION,
        subtitle=f"Kafka 4.x · seed {RACK_SEED}",
    )


def _racked(broker_rack: str, replication_factor: int, dies: str) -> Lab:
    racks = RACKS if broker_rack == "set" else None
    lab = Lab(6, racks=racks, seed=RACK_SEED, tell_messages=False, is_watched=False)
    lab.create_topic("orders", partitions=3, replication_factor=replication_factor)
    if BURNS[dies]:
        lab.power_off(*BURNS[dies])
        lab.run_for(20 * SECOND_MS)
    return lab


def _lost(broker_rack: str, replication_factor: int, dies: str) -> int:
    lab = _racked(broker_rack, replication_factor, dies)
    states = lab.view.partitions.values()
    return sum(state.leader is None for state in states)
