"""The way of an ISR: the leader asks, the controller decides, and every broker is told."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from kafkabook.base.phrases import members_text
from kafkabook.base.trace import Entry
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.events import PartitionChanged
from kafkabook.lab import Lab
from kafkabook.replication.events import HighWatermarkMoved, IsrAdopted, IsrProposed
from kafkabook.sim.events import MessageDelivered, MessageDropped
from kafkabook.viz.figure import Figure
from kafkabook.viz.sequence import sequence

LAG_MS = 10_000
NEWS_MS = 20  # by then everybody has heard of a change
SEED = 7
_COLUMNS = (1, 2, 3, "controller")
_PASSED = ("AlterPartition", "AlterPartitionResponse", "MetadataUpdate")


_NOTES = {
    IsrProposed: lambda it: f"asks for {members_text(it.now)}",
    PartitionChanged: lambda it: f"decides {members_text(it.isr)}",
    IsrAdopted: lambda it: f"waits for {members_text(it.counted)}",
    HighWatermarkMoved: lambda it: f"high watermark {it.to_offset}",
}


@cache
def decision(broker_3: str, first_request: str) -> tuple[Entry, ...]:
    """Return what was said and decided when broker 3 left the set, or came back to it.

    Args:
        broker_3: "falls behind" or "has caught up".
        first_request: "arrives" or "is lost": the leader's first AlterPartition.
    """
    lab = _lab()
    lab.hold("Fetch", 3, 1)
    lab.send("m0", retries=0)
    leaves = broker_3 == "falls behind"
    if not leaves:
        lab.run_until(lambda: 3 not in lab.isr())
        lab.run_for(NEWS_MS)  # or the news of that change would be drawn with this one
        lab.release("Fetch", 3, 1)
    if first_request == "is lost":
        lab.drop_next("AlterPartition", 1, "controller")
    lab.run_until(lambda: (3 not in lab.isr()) is leaves)
    lab.run_for(NEWS_MS)
    rows = tuple(entry for entry in lab.trace if _is_told(entry))
    return rows[_last_wish(rows) :]


def step_by_step(question: str, rows: Sequence[Entry]) -> list[Figure]:
    """Draw the first row, the first two, and so on; each picture tells of its last row."""
    return [
        sequence(
            rows[: number + 1],
            title=question,
            actors=_COLUMNS,
            subtitle=f"orders-0 · Kafka 4.x · seed {SEED}",
            sentence=_told(row),
            notes=_NOTES,
        )
        for number, row in enumerate(rows)
    ]


def counted_meanwhile() -> str:
    """Return for whom the leader waits while nobody has answered its wish for a smaller set."""
    wish = decision("falls behind", "is lost")[0].event
    assert isinstance(wish, IsrProposed)
    return {(1, 2): "1 and 2", (1, 2, 3): "1, 2 and 3"}[tuple(sorted(wish.counted))]


def _lab() -> Lab:
    config = replace(ClusterConfig.of("4.x"), replica_lag_time_max_ms=LAG_MS)
    lab = Lab(config=config, seed=SEED, is_watched=False)
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.run_for(100)
    return lab


def _is_told(entry: Entry) -> bool:
    event = entry.event
    if isinstance(event, MessageDelivered | MessageDropped):
        return event.name in _PASSED
    if isinstance(event, HighWatermarkMoved):
        return event.is_leader
    return isinstance(event, IsrProposed | IsrAdopted | PartitionChanged)


def _last_wish(rows: Sequence[Entry]) -> int:
    return max(n for n, entry in enumerate(rows) if isinstance(entry.event, IsrProposed))


def _told(entry: Entry) -> str:
    match entry.event:
        case PartitionChanged(partition_epoch=epoch) as event:
            return f"{event.sentence()} Its partition epoch is {epoch}."
        case MessageDropped():
            return "The request is lost. Until an answer comes, all of both sets count."
        case MessageDelivered(name=name, receiver=receiver):
            return _delivered(name, receiver)
    return entry.event.sentence()


def _delivered(name: str, receiver: object) -> str:
    if name == "MetadataUpdate":
        return f"Broker {receiver} is told what was decided."
    if name == "AlterPartition":
        return (
            "The controller is asked for that set, with the partition epoch that the leader knows."
        )
    return "The leader has its answer."
