"""What a storm adds where brokers look after their logs: retention, cleaning, deletions.

One seed in two has it. It is drawn by itself and added to the other faults, so that a seed without
it has the schedule that it always had.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random

from kafkabook.base.names import TopicPartition
from kafkabook.sim.faults import Argument, Fault
from kafkabook.storm.setup import TOPIC, Setup

Kind = Callable[["UpkeepDraw"], None]
UPKEEP = 0.5  # the share of the seeds that have it
KEYS = 5


class UpkeepDraw:
    """One seed's upkeep in the making.

    Args:
        seed: decides everything. setup: as it was drawn. span_ms: until when things happen.

    Attributes:
        setup: with the settings of upkeep. has_upkeep: whether there are any.
    """

    def __init__(self, seed: int, setup: Setup, *, span_ms: int) -> None:
        self.random, self.span_ms = Random(f"{seed}/upkeep"), span_ms
        self.has_upkeep = self.random.random() < UPKEEP
        self.setup = self._draw_setup(setup) if self.has_upkeep else setup
        self.faults: list[Fault] = []
        self.now_ms = 60
        self.sends: list[Fault] = []

    def with_upkeep(self, faults: Iterable[Fault]) -> list[Fault]:
        """Return the faults of a schedule, with what upkeep adds to them and changes in them."""
        if not self.has_upkeep:
            return list(faults)
        known = list(faults)
        self.sends = [fault for fault in known if fault.verb == "send"]
        kinds = [kind for kind in KINDS if self.random.random() < 0.5] or [_delete_records]
        pace_ms = self.random.choice((100, 200, 400))
        while self.now_ms < self.span_ms:
            self.now_ms += 1 + int(self.random.expovariate(1 / pace_ms))
            self.random.choice(kinds)(self)
        return [*map(self._changed, known), *self.faults]

    def add(self, verb: str, *args: Argument) -> None:
        """Add a line now."""
        self.faults.append(Fault(self.now_ms, verb, args))

    def partition(self) -> TopicPartition:
        """Draw a partition."""
        return TopicPartition(TOPIC, self.random.randrange(self.setup.partitions))

    def offset(self, partition: TopicPartition, at_ms: int) -> int:
        """Draw an offset below which something may have been written by then, the newest more."""
        sent = sum(it.args[1] == partition and it.at_ms <= at_ms for it in self.sends)
        return max(self.random.randint(0, sent), self.random.randint(0, sent))

    def _draw_setup(self, setup: Setup) -> Setup:
        random = self.random
        return replace(
            setup,
            upkeep_ms=random.choice((30, 60, 150)),
            segment_bytes=random.choice((200, 400, 1000)),
            retention_ms=random.choice((0, 300, 800, 2000)),
            retention_bytes=random.choice((0, 0, 500, 2000)),
            cleanup=random.choice(("delete", "delete", "compact", "compact,delete")),
            sessions=random.choice((1, 1_000, 1_000)),
            nearer=random.choice((0, 1)) if setup.racks else 0,
        )

    def _changed(self, fault: Fault) -> Fault:
        """Give records keys where the cleaner asks for them, and let reads begin later."""
        if fault.verb == "send" and self.setup.compacts:
            return replace(fault, args=(*fault.args, f"key=k{self.random.randint(1, KEYS)}"))
        if fault.verb == "read":
            partition = fault.args[0]
            assert isinstance(partition, str)
            offset = self.offset(TopicPartition.parse(partition), fault.at_ms)
            return replace(fault, args=(partition, offset))
        return fault


def _delete_records(draw: UpkeepDraw) -> None:
    """Up to an offset, or to the high watermark; the leader waits a short or a long time."""
    partition = draw.partition()
    offset = -1 if draw.random.random() < 0.2 else draw.offset(partition, draw.now_ms)
    draw.add("delete_records", partition, offset, draw.random.choice((20, 60, 30_000)))


def _alter_retention(draw: UpkeepDraw) -> None:
    setting = draw.random.choice(
        (
            *("retention.ms=200", "retention.ms=1000", "retention.ms=-1"),
            *("retention.bytes=300", "retention.bytes=1500", "retention.bytes=-1"),
            *("min.cleanable.dirty.ratio=0", "min.cleanable.dirty.ratio=0.8"),
        )
    )
    draw.add("alter_topic", TOPIC, setting)


def _wait_for_records(draw: UpkeepDraw) -> None:
    """A consumer reads near the end, and waits there for more."""
    partition = draw.partition()
    offset, wait_ms = draw.offset(partition, draw.now_ms), draw.random.choice((20, 60, 120))
    rack = _rack(draw)
    draw.add("read", partition, offset, None, "consumer-1", rack, wait_ms)


def _read_nearby(draw: UpkeepDraw) -> None:
    partition = draw.partition()
    offset = draw.offset(partition, draw.now_ms)
    draw.add("read", partition, offset, None, "consumer-1", _rack(draw))


def _rack(draw: UpkeepDraw) -> str | None:
    return f"rack-{draw.random.randrange(draw.setup.racks)}" if draw.setup.nearer else None


KINDS: tuple[Kind, ...] = (
    *(_delete_records, _delete_records, _alter_retention),
    *(_wait_for_records, _read_nearby),
)
