"""What a figure, a grader or a reader is given of a partition: its lanes, frozen."""

from dataclasses import dataclass

from kafkabook.base.errors import MissingKey
from kafkabook.base.in_order import repr_in_order
from kafkabook.base.shown import Shown


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One record of one replica: its offset, the epoch of its batch, and its value as text."""

    offset: int
    epoch: int
    value: str
    is_acked: bool = False  # its producer was told that it is safe


@dataclass(frozen=True, slots=True)
class Lane:
    """One replica: its log and its marks, as they lie on its broker.

    Attributes: `role` ("leader", "follower", or "offline" for a broker that is down),
    `leader_epoch` (that it has learned of), `high_watermark` (its own, which may be older than
    the leader's), `believes_leader` (whom it takes for the leader; None if nobody).
    """

    broker: int
    role: str
    leader_epoch: int
    log_start: int
    log_end: int
    high_watermark: int
    records: tuple[StoredRecord, ...]
    believes_leader: int | None = None
    is_alive: bool = True
    rack: str | None = None


@dataclass(frozen=True)
class PartitionSnapshot(Shown):
    """A partition: what the controller says of it, and every replica's lane in assignment order.

    Attributes: `at_ms` and `seed` (when in which run it was taken; None for one made by hand).
    """

    __repr__ = repr_in_order

    partition: str
    leader: int | None
    leader_epoch: int
    partition_epoch: int
    isr: frozenset[int]
    elr: frozenset[int]
    lanes: tuple[Lane, ...]
    min_insync_replicas: int = 1
    at_ms: int = 0
    seed: int | None = None

    @property
    def replicas(self) -> tuple[int, ...]:
        """The brokers that hold a replica, the preferred leader first."""
        return tuple(lane.broker for lane in self.lanes)

    def lane(self, broker: int) -> Lane:
        """Return the lane of one broker.

        Raises:
            KeyError: it holds no replica.
        """
        for lane in self.lanes:
            if lane.broker == broker:
                return lane
        raise MissingKey(f"broker {broker} holds no replica of {self.partition}")
