"""Where replicas go, beside where Kafka itself put them."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafkabook.base.errors import Errors
from kafkabook.base.java_random import JavaRandom
from kafkabook.cluster.placement import PlaceableBroker, Placement, place_legacy, place_striped
from tests.refusals import refused

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "vectors.json").read_text())
SHIPPED = (place_legacy, place_striped)
PLACEMENTS = pytest.mark.parametrize("place", SHIPPED)


class MockRandom(JavaRandom):
    """The generator of Kafka's own placement tests: another multiplier, and 64 bits of state.

    Source: kafka, server-common tests `MockRandom.java`.
    """

    def __init__(self, state: int) -> None:
        self._state = state

    def next_bits(self, bits: int) -> int:
        """Return the highest bits of the next state."""
        self._state = (self._state * 2862933555777941757 + 3037000493) % (1 << 64)
        return self._state >> (64 - bits)


GENERATORS = {"java.util.Random": JavaRandom, "MockRandom": MockRandom}


def random_named(text: str) -> JavaRandom:
    """Return the generator that a vector names, such as `MockRandom(17)`."""
    kind, seed = re.fullmatch(r"([\w.]+)\((\d+)\)", text).groups()
    return GENERATORS[kind](int(seed))


def brokers_of(racks: dict[str, str | None]) -> list[PlaceableBroker]:
    """Return live brokers from a vector's map of racks."""
    return [PlaceableBroker(int(broker), rack) for broker, rack in racks.items()]


def live(brokers: int, *racks: str | None) -> list[PlaceableBroker]:
    """Return brokers 1, 2, …; the racks, if any, are dealt out in turn."""
    names = racks or (None,)
    return [PlaceableBroker(n + 1, names[n % len(names)]) for n in range(brokers)]


@pytest.mark.parametrize("case", VECTORS["legacy_admin_utils_placement"], ids=lambda c: c["name"])
def test_the_era_of_zookeeper_placed_so(case: dict[str, Any]) -> None:
    """A start index below zero is Kafka's word for *draw one*; so is a start partition for zero."""
    first = max(0, case["start_partition_id"])
    placed = place_legacy(
        brokers_of(case["broker_racks"]),
        case["partitions"],
        case["replication_factor"],
        random=JavaRandom(0),
        first_partition=first,
        start_index=case["fixed_start_index"],
    )
    expected = {int(number): tuple(ids) for number, ids in case["assignment"].items()}
    assert expected == dict(enumerate(placed, start=first))


@pytest.mark.parametrize(
    "case", VECTORS["striped_replica_placer"], ids=lambda c: f"{c['name']} {c['random']}"
)
def test_a_kraft_controller_places_so(case: dict[str, Any]) -> None:
    """The same draws in the same order: one too many would change every partition behind it."""
    brokers = [PlaceableBroker(b["id"], b["rack"], b["fenced"]) for b in case["brokers"]]
    placed = place_striped(
        brokers,
        case["partitions"],
        case["replication_factor"],
        random=random_named(case["random"]),
    )
    assert case["assignment"] == [list(replicas) for replicas in placed]


@PLACEMENTS
@pytest.mark.parametrize("replication_factor", [-1, 0, 4])
def test_a_factor_that_three_brokers_cannot_hold_is_refused(
    place: Placement, replication_factor: int
) -> None:
    """Two replicas on one broker would be lost together."""
    with refused(Errors.INVALID_REPLICATION_FACTOR):
        place(live(3), 1, replication_factor, random=JavaRandom(0))


@PLACEMENTS
def test_a_topic_has_at_least_one_partition(place: Placement) -> None:
    """Zero is not an empty topic but a mistake."""
    with refused(Errors.INVALID_PARTITIONS):
        place(live(3), 0, 1, random=JavaRandom(0))


@PLACEMENTS
def test_nothing_is_placed_while_every_broker_is_fenced(place: Placement) -> None:
    """Nobody could lead."""
    fenced = [PlaceableBroker(1, is_fenced=True), PlaceableBroker(2, is_fenced=True)]
    with refused(Errors.INVALID_REPLICATION_FACTOR):
        place(fenced, 1, 1, random=JavaRandom(0))


def test_a_fenced_broker_was_not_there_for_zookeeper_and_follows_in_kraft() -> None:
    """KRaft keeps a place for a broker that is expected back; ZooKeeper knew the live ones only."""
    brokers = [*live(2), PlaceableBroker(3, is_fenced=True)]
    with refused(Errors.INVALID_REPLICATION_FACTOR):
        place_legacy(brokers, 1, 3, random=JavaRandom(0))
    placed = place_striped(brokers, 4, 3, random=JavaRandom(0))
    assert {3} == {replicas[2] for replicas in placed}


def test_racks_known_of_some_brokers_only_were_refused() -> None:
    """A broker without a rack could be in any; KRaft calls it a rack of its own."""
    brokers = [PlaceableBroker(1, "a"), PlaceableBroker(2), PlaceableBroker(3, "b")]
    with refused(Errors.INVALID_REPLICATION_FACTOR):
        place_legacy(brokers, 1, 2, random=JavaRandom(0))
    [replicas] = place_striped(brokers, 1, 3, random=JavaRandom(0))
    assert [1, 2, 3] == sorted(replicas)


def test_the_only_live_broker_leads_everything() -> None:
    """Shuffling a list of one would begin the round anew for ever."""
    brokers = [PlaceableBroker(1), PlaceableBroker(2, is_fenced=True)]
    assert ((1, 2),) * 5 == place_striped(brokers, 5, 2, random=JavaRandom(0))


@PLACEMENTS
@pytest.mark.parametrize("brokers", [live(5), live(6, "a", "b", "c")], ids=["no racks", "racks"])
def test_the_order_of_registration_is_of_no_weight(
    place: Placement, brokers: list[PlaceableBroker]
) -> None:
    """Whoever was seen first, the draws and their use are the same."""
    forwards = place(brokers, 12, 3, random=JavaRandom(3))
    assert forwards == place(brokers[::-1], 12, 3, random=JavaRandom(3))


class Recorder(JavaRandom):
    """A generator that remembers the bounds it was asked for."""

    def __init__(self) -> None:
        super().__init__(0)
        self.bounds: list[int | None] = []

    def next_int(self, bound: int | None = None) -> int:
        """Remember, and draw."""
        self.bounds.append(bound)
        return super().next_int(bound)


def test_racks_draw_their_start_in_the_order_of_a_java_map() -> None:
    """Java walks aaa, zzz, mmm; fenced brokers of a rack draw first, and an empty list never."""
    racks = {"mmm": 3, "zzz": 2, "aaa": 1}
    names = [name for name, size in racks.items() for _ in range(size)]
    brokers = [PlaceableBroker(number, name) for number, name in enumerate(names)]
    fenced = [PlaceableBroker(number, "zzz", is_fenced=True) for number in range(10, 14)]
    place_striped([*brokers, *fenced], 1, 1, random=(random := Recorder()))
    assert [1, 4, 2, 3, len(racks)] == random.bounds


def test_added_partitions_shift_as_if_they_had_been_there_from_the_start() -> None:
    """Under ZooKeeper the number of a partition counts; KRaft begins anew with fresh draws."""
    brokers = live(4)
    whole = place_legacy(brokers, 4, 2, random=JavaRandom(0), start_index=1)
    added = place_legacy(brokers, 2, 2, random=JavaRandom(0), start_index=1, first_partition=2)
    assert whole[2:] == added
    random = JavaRandom(0)
    assert place_striped(brokers, 2, 2, random=random) == place_striped(
        brokers, 2, 2, random=JavaRandom(0), first_partition=2
    )


RACKS = st.sampled_from([(), ("a", "b"), ("a", "b", "c"), ("a", "a", "b"), ("c", "b", "a", "a")])


@st.composite
def clusters(draw: st.DrawFn) -> tuple[list[PlaceableBroker], int, int, int]:
    """Draw brokers, partitions, a factor that they can hold, and a seed."""
    brokers = live(draw(st.integers(1, 7)), *draw(RACKS))
    factor = draw(st.integers(1, len(brokers)))
    return brokers, draw(st.integers(1, 30)), factor, draw(st.integers(0, 1 << 48))


@PLACEMENTS
@settings(max_examples=60)
@given(cluster=clusters())
def test_no_broker_holds_two_replicas_of_a_partition(
    place: Placement, cluster: tuple[list[PlaceableBroker], int, int, int]
) -> None:
    """Every partition has its full number of replicas, on as many registered brokers."""
    brokers, partitions, factor, seed = cluster
    placed = place(brokers, partitions, factor, random=JavaRandom(seed))
    known = {broker.id for broker in brokers}
    assert [factor] * partitions == [len(set(replicas) & known) for replicas in placed]
    assert [factor] * partitions == [len(replicas) for replicas in placed]


@PLACEMENTS
@settings(max_examples=60)
@given(cluster=clusters())
def test_replicas_lie_in_as_many_racks_as_possible(
    place: Placement, cluster: tuple[list[PlaceableBroker], int, int, int]
) -> None:
    """A rack that dies takes the fewest replicas with it."""
    brokers, partitions, factor, seed = cluster
    rack = {broker.id: broker.rack for broker in brokers}
    most = min(factor, len(set(rack.values())))
    placed = place(brokers, partitions, factor, random=JavaRandom(seed))
    assert [most] * partitions == [len({rack[b] for b in replicas}) for replicas in placed]


@PLACEMENTS
@settings(max_examples=40)
@given(
    size=st.integers(1, 7),
    factor=st.integers(1, 3),
    rounds=st.integers(1, 3),
    seed=st.integers(0, 1 << 48),
)
def test_leaders_are_even_when_brokers_divide_partitions(
    place: Placement, size: int, factor: int, rounds: int, seed: int
) -> None:
    """Without racks nobody is preferred leader of more partitions than another."""
    placed = place(live(size), rounds * size, min(factor, size), random=JavaRandom(seed))
    expected = {broker.id: rounds for broker in live(size)}
    assert expected == Counter(replicas[0] for replicas in placed)


@settings(max_examples=40)
@given(cluster=clusters())
def test_racks_never_made_leaders_uneven_under_zookeeper(
    cluster: tuple[list[PlaceableBroker], int, int, int],
) -> None:
    """Leaders go round all brokers in turn, whatever their racks."""
    brokers, partitions, factor, seed = cluster
    placed = place_legacy(brokers, partitions, factor, random=JavaRandom(seed))
    led = Counter(replicas[0] for replicas in placed)
    assert max(led.values()) - min(led[broker.id] for broker in brokers) <= 1


def test_as_many_racks_as_brokers_in_each_leave_kraft_with_idle_leaders() -> None:
    """Each rack leads every second partition, and its ring moves two brokers on meanwhile.

    Kafka does so, too: replicas are even, preferred leaders are not.
    """
    placed = place_striped(live(4, "a", "b"), 4, 2, random=JavaRandom(0))
    assert 2 == len({replicas[0] for replicas in placed})
    assert {1: 2, 2: 2, 3: 2, 4: 2} == Counter(broker for replicas in placed for broker in replicas)


def test_a_rack_that_was_asked_in_round_nought_alone_sits_out_the_next_round_nought() -> None:
    """Kafka numbers its rounds from nought again after a shuffle and takes the rack for used up.

    Found by the law above, which a shuffle between two rounds breaks once there are racks.
    """
    placed = place_striped(live(2, "a", "b"), 4, 1, random=JavaRandom(0))
    assert {1: 1, 2: 3} == Counter(replicas[0] for replicas in placed)
