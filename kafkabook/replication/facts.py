"""What the decisions of replication are given, and what they answer: plain frozen values.

A part sees nothing else, so that a reader can write one, a grader can feed one, and a search
through all states can compare two.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import NamedTuple

from kafkabook.base.in_order import repr_in_order
from kafkabook.base.quick_init import with_quick_init
from kafkabook.log.facts import EpochEntry

UNKNOWN = -1  # an epoch or an offset that nobody has told yet
NEVER_MS = -(10**12)  # Kafka writes 0, long ago by a real clock; virtual time begins there


class EpochEnd(NamedTuple):
    """A leader's answer to "where did this epoch end?"; (-1, -1) where it does not know."""

    epoch: int
    end_offset: int


UNDEFINED = EpochEnd(UNKNOWN, UNKNOWN)


@with_quick_init
@dataclass(frozen=True, slots=True)
class FollowerFacts:
    """What a leader knows of another replica, in its present leader epoch.

    Attributes: `broker` (id), `log_end` (first offset it lacks; -1 if it has not fetched in this
    epoch), `caught_up_ms` (last time at which it had everything), `broker_epoch` (the incarnation
    of its broker that fetched last; -1 if unknown), `is_eligible` (alive, not shutting down, and
    that incarnation is its present one: it may become a member).
    """

    broker: int
    log_end: int = UNKNOWN
    caught_up_ms: int = 0
    broker_epoch: int = UNKNOWN
    is_eligible: bool = True


@with_quick_init
@dataclass(frozen=True, slots=True)
class LeaderFacts:
    """A leader's own state, and all that it knows of the others.

    Attributes: `isr` (members that the controller has confirmed), `counted` (members that the high
    watermark waits for while a change is under way), `epoch_start_offset` (its log end when its
    epoch began), `followers` (every other replica, by id), `min_insync_replicas`.
    """

    __repr__ = repr_in_order

    leader: int
    leader_epoch: int
    epoch_start_offset: int
    log_end: int
    high_watermark: int
    isr: frozenset[int]
    counted: frozenset[int]
    followers: tuple[FollowerFacts, ...]
    min_insync_replicas: int = 1


@dataclass(frozen=True, slots=True)
class FollowerLog:
    """A follower's log as far as it matters for where it leaves the leader's."""

    epochs: tuple[EpochEntry, ...]
    log_end: int
    high_watermark: int

    @property
    def latest_epoch(self) -> int:
        """The epoch of its last record; -1 for a log without any."""
        return self.epochs[-1].epoch if self.epochs else UNKNOWN


@dataclass(frozen=True, slots=True)
class Truncation:
    """Where a follower cuts its log; if not complete, it asks again about its new last epoch."""

    to_offset: int
    is_complete: bool = True


class Reconcile(Enum):
    """How a new follower finds out where its log leaves its leader's."""

    HIGH_WATERMARK = "cut to its own high watermark, and ask nobody"  # before KIP-101
    ASK = "ask with OffsetsForLeaderEpoch, then fetch"  # 0.11 to 2.6
    FETCH = "fetch at once, naming its last epoch; the leader answers where they part"  # KIP-595


@with_quick_init
@dataclass(frozen=True, slots=True)
class AckFacts:
    """What decides whether a produce request is appended, waits, or is answered.

    Attributes: `acks` (0, 1, or -1 for all), `next_offset` (one past its last record; None before
    it is appended), `high_watermark`, `isr_size` (confirmed members), `min_insync_replicas`.
    """

    acks: int
    next_offset: int | None
    high_watermark: int
    isr_size: int
    min_insync_replicas: int


class Ack(StrEnum):
    """The next thing to do with a produce request."""

    APPEND = "APPEND"
    WAIT = "WAIT"
    ACKNOWLEDGE = "ACKNOWLEDGE"
    NOT_ENOUGH_REPLICAS = "NOT_ENOUGH_REPLICAS"
    NOT_ENOUGH_REPLICAS_AFTER_APPEND = "NOT_ENOUGH_REPLICAS_AFTER_APPEND"


@with_quick_init
@dataclass(frozen=True, slots=True)
class PartitionState:
    """What the controller decided on a partition, as brokers learn it.

    Attributes: `replicas` (preferred leader first), `leader` (None: nobody), `leader_epoch` (grows
    with every change of leader), `partition_epoch` (with every change), `elr` and `last_known_elr`
    (KIP-966).
    """

    __repr__ = repr_in_order

    replicas: tuple[int, ...]
    isr: frozenset[int]
    leader: int | None
    leader_epoch: int = 0
    partition_epoch: int = 0
    elr: frozenset[int] = frozenset()
    last_known_elr: tuple[int, ...] = ()
