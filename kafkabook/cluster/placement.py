"""On which brokers the replicas of a new partition lie: rules of the ZooKeeper era and of KRaft.

A rule answers one tuple of broker ids for each new partition. The first id of a tuple is the
*preferred leader*, so a placement also decides how work is spread before anything fails.

Source: KIP-36, KIP-631; kafka, `AdminUtils.java` (3.9), metadata `StripedReplicaPlacer.java`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count, cycle, islice, zip_longest
from typing import Protocol

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.java_hash_map import hash_map_order, string_hash
from kafkabook.base.java_random import JavaRandom

Replicas = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlaceableBroker:
    """What a placement may know of a broker; `rack` is its `broker.rack`."""

    id: int
    rack: str | None = None
    is_fenced: bool = False


class Placement(Protocol):
    """The signature that placements share, so that one can stand in for the other.

    Args:
        brokers: every registered broker, in any order, fenced ones included.
        partitions: how many new partitions to place.
        replication_factor: replicas of each partition, on different brokers.
        random: where to begin, so that not every topic loads the same broker first.
        first_partition: number of the first new partition; above 0 when a topic grows.

    Returns:
        The replicas of each new partition, preferred leader first.

    Raises:
        INVALID_PARTITIONS: `partitions` is not positive.
        INVALID_REPLICATION_FACTOR: not positive, or more than there are brokers for it.
    """

    def __call__(  # noqa: D102 - the class says it
        self,
        brokers: Sequence[PlaceableBroker],
        partitions: int,
        replication_factor: int,
        *,
        random: JavaRandom,
        first_partition: int = 0,
    ) -> tuple[Replicas, ...]: ...


def _check(partitions: int, replication_factor: int, available: int) -> None:
    if partitions <= 0:
        raise KafkaError(
            Errors.INVALID_PARTITIONS, f"{partitions} partitions: there must be at least one"
        )
    if replication_factor <= 0:
        raise KafkaError(
            Errors.INVALID_REPLICATION_FACTOR,
            f"{replication_factor} replicas: there must be at least one",
        )
    if replication_factor > available:
        reason = f"{replication_factor} replicas need as many brokers; there are {available}"
        raise KafkaError(Errors.INVALID_REPLICATION_FACTOR, reason)


def place_legacy(
    brokers: Sequence[PlaceableBroker],
    partitions: int,
    replication_factor: int,
    *,
    random: JavaRandom,
    first_partition: int = 0,
    start_index: int | None = None,
) -> tuple[Replicas, ...]:
    """Place as controllers under ZooKeeper did: round robin, the followers shifted once a round.

    With racks the round goes over racks in turn, and a rack takes a second replica only when every
    rack has one. A fenced broker is not there: ZooKeeper knew the live ones only.

    Args:
        brokers, partitions, replication_factor, random, first_partition: see `Placement`.
        start_index: index of the first leader and first shift of the followers; drawn if omitted.

    Raises:
        INVALID_PARTITIONS: `partitions` is not positive.
        INVALID_REPLICATION_FACTOR: not positive, more than live brokers, or some brokers name a
            rack and others do not (Kafka: AdminOperationException, to clients
            UNKNOWN_SERVER_ERROR).

    Cost: O(partitions * brokers).
    Source: KIP-36; kafka, `AdminUtils.java` `assignReplicasToBrokers`, removed in 4.1.

    >>> three = [PlaceableBroker(1), PlaceableBroker(2), PlaceableBroker(3)]
    >>> place_legacy(three, 4, 2, random=JavaRandom(0), start_index=0)
    ((1, 2), (2, 3), (3, 1), (1, 3))
    """
    live = sorted((b for b in brokers if not b.is_fenced), key=lambda broker: broker.id)
    _check(partitions, replication_factor, len(live))
    racks = _rack_of_each(live)
    around = _rack_alternated(racks)
    start = random.next_int(len(around)) if start_index is None else start_index
    shift = random.next_int(len(around)) if start_index is None else start_index
    placed = []
    for number in range(first_partition, first_partition + partitions):
        shift += number > 0 and number % len(around) == 0
        first = (number + start) % len(around)
        candidates = _candidates(around, first, shift * len(set(racks.values())))
        placed.append(tuple(islice(_spread(candidates, racks), replication_factor)))
    return tuple(placed)


def _rack_of_each(live: Sequence[PlaceableBroker]) -> dict[int, str | None]:
    racks = {broker.id: broker.rack for broker in live}
    if None in racks.values() and set(racks.values()) != {None}:
        raise KafkaError(
            Errors.INVALID_REPLICATION_FACTOR, "either every broker names its rack, or none does"
        )
    return racks


def _rack_alternated(racks: dict[int, str | None]) -> list[int]:
    """Return the brokers, one of each rack in turn: racks by name, brokers of a rack by id."""
    by_rack: dict[str, list[int]] = {}
    for broker in sorted(racks):
        by_rack.setdefault(racks[broker] or "", []).append(broker)
    rounds = zip_longest(*(by_rack[rack] for rack in sorted(by_rack)))
    return [broker for broker in chain.from_iterable(rounds) if broker is not None]


def _candidates(around: Sequence[int], first: int, shift: int) -> Iterator[int]:
    """Yield the leader, then the others again and again, beginning `shift` behind the leader."""
    yield around[first]
    for step in count(shift):
        yield around[(first + 1 + step % (len(around) - 1)) % len(around)]


def _spread(candidates: Iterator[int], racks: dict[int, str | None]) -> Iterator[int]:
    """Yield each candidate once, and while a rack has none yet, only one of a rack."""
    taken: set[int] = set()
    empty_racks = set(racks.values())
    for broker in candidates:
        if broker not in taken and (not empty_racks or racks[broker] in empty_racks):
            taken.add(broker)
            empty_racks.discard(racks[broker])
            yield broker


def place_striped(
    brokers: Sequence[PlaceableBroker],
    partitions: int,
    replication_factor: int,
    *,
    random: JavaRandom,
    first_partition: int = 0,  # noqa: ARG001 - a placement of KRaft begins anew for added ones
) -> tuple[Replicas, ...]:
    """Place as a KRaft controller does: stripes over the racks, and over the brokers of each.

    Every partition begins one rack, and in each rack one broker, further on. After as many
    partitions as there are unfenced brokers all lists are shuffled, so that the pattern does not
    repeat. Fenced brokers lead nothing and follow only where a rack has no other broker left.

    Preferred leaders come out even without racks, and not always with them: a rack that leads
    every second partition has moved on by two brokers in between.

    Args:
        brokers, partitions, replication_factor, random: see `Placement`.
        first_partition: of no effect; added partitions continue no old stripe.

    Raises:
        INVALID_PARTITIONS: `partitions` is not positive.
        INVALID_REPLICATION_FACTOR: not positive, more than registered brokers, or all are fenced.

    Cost: O(partitions * (replication_factor + racks)).
    Source: KIP-631; kafka, metadata `StripedReplicaPlacer.java`.
    """
    _check(partitions, replication_factor, len(brokers))
    if all(broker.is_fenced for broker in brokers):
        raise KafkaError(
            Errors.INVALID_REPLICATION_FACTOR, "all brokers are fenced, and nobody could lead"
        )
    stripes = _Stripes(brokers, random)
    return tuple(stripes.next(replication_factor) for _ in range(partitions))


@dataclass
class _BrokerRing:
    """Brokers of one rack that are taken in turn; each round begins one broker further on."""

    brokers: list[int] = field(default_factory=list)
    offset: int = 0
    taken: int = 0
    round: int = 0

    def start(self, random: JavaRandom) -> None:
        self.brokers.sort()
        self.offset = random.next_int(len(self.brokers)) if self.brokers else 0

    def next(self, round_number: int) -> int | None:
        if round_number != self.round:
            self.round, self.taken, self.offset = round_number, 0, self.offset + 1
        if self.taken == len(self.brokers):
            return None
        self.taken += 1
        return self.brokers[(self.taken - 1 + self.offset) % len(self.brokers)]


@dataclass
class _Rack:
    fenced: _BrokerRing = field(default_factory=_BrokerRing)
    unfenced: _BrokerRing = field(default_factory=_BrokerRing)

    def next(self, round_number: int) -> int | None:
        broker = self.unfenced.next(round_number)
        return self.fenced.next(round_number) if broker is None else broker


class _Stripes:
    """Where the next partition begins; draws from `random` in the very order of Kafka."""

    def __init__(self, brokers: Sequence[PlaceableBroker], random: JavaRandom) -> None:
        self._random = random
        self._racks: dict[str, _Rack] = {}  # no rack is a rack without a name
        for broker in brokers:
            rack = self._racks.setdefault(broker.rack or "", _Rack())
            (rack.fenced if broker.is_fenced else rack.unfenced).brokers.append(broker.id)
        self._unfenced = sum(not broker.is_fenced for broker in brokers)
        for ring in self._rings():
            ring.start(random)
        self._order = sorted(self._racks)
        self._offset = random.next_int(len(self._order))
        self._round = 0

    def _rings(self) -> Iterator[_BrokerRing]:
        """Yield every ring in the order of Java's map of racks."""
        for name in hash_map_order(self._racks, string_hash):
            yield self._racks[name].fenced
            yield self._racks[name].unfenced

    def next(self, replication_factor: int) -> Replicas:
        """Return the replicas of the next partition."""
        if self._round == self._unfenced > 1:
            self._shuffle()
        self._offset %= len(self._order)
        around = [(self._offset + step) % len(self._order) for step in range(len(self._order))]
        replicas = tuple(islice(self._replicas(around), replication_factor))
        self._round += 1
        self._offset += 1
        return replicas

    def _replicas(self, around: Sequence[int]) -> Iterator[int]:
        """Yield the leader, then one broker of each next rack; the leader's rack waits a lap."""
        racks = [self._racks[self._order[index]] for index in around]
        for led in racks:
            leader = led.unfenced.next(self._round)
            if leader is not None:
                yield leader
                break
        others = [rack for rack in racks if rack is not led]
        for rack in chain(others, cycle(racks)):
            broker = rack.next(self._round)
            if broker is not None:
                yield broker

    def _shuffle(self) -> None:
        self._random.shuffle(self._order)
        for ring in self._rings():
            self._random.shuffle(ring.brokers)
        self._round = 0
