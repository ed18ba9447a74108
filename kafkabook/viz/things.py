"""The things on a stage that a reader can touch, and what each offers from which second on."""

from collections.abc import Callable, Iterable, Sequence
from math import inf
from typing import Any

from kafkabook.base.machine import Address
from kafkabook.viz.deeds import (
    Deed,
    broker_deeds,
    consumer_deeds,
    controller_deeds,
    link_deeds,
    message_deeds,
    producer_deeds,
)
from kafkabook.viz.flights import Flight
from kafkabook.viz.recording import Recording
from kafkabook.viz.stage import node_told
from kafkabook.viz.stage_state import StageState
from kafkabook.viz.time_axis import TimeAxis

States = Sequence[tuple[float, StageState]]
Offer = Callable[[StageState], Sequence[Deed]]


def things(lane: Recording, states: States, axis: TimeAxis) -> dict[str, Any]:
    """Return the things of a lane by their keys, each with its name and its deeds.

    Args:
        states: each state with its second, in order.
    """
    offers = _offers(lane)
    found = {
        key: {"name": name, "does": _offered(states, offer)}
        for key, (name, offer) in offers.items()
    }
    for flight in lane.flights:
        if flight.matters:
            way = f"{flight.name}, {node_told(flight.sender)} → {node_told(flight.receiver)}"
            does = _of_message(flight, states, axis)
            found[f"message/{flight.number}"] = {"name": way, "does": does}
    return found


def _offers(lane: Recording) -> dict[str, tuple[str, Offer]]:
    """Return the name and the deeds of each node and of each link."""
    topic = lane.partition.rpartition("-")[0]
    offers: dict[str, tuple[str, Offer]] = {
        "producer": ("producer", lambda state: producer_deeds(state, topic)),
        "consumer": ("consumer", lambda _: consumer_deeds(topic)),
        "controller": ("controller", lambda _: controller_deeds(lane.brokers, topic)),
    }
    for n in lane.brokers:
        offers[f"broker-{n}"] = (f"Broker {n}", _for_broker(n))
        ends: list[Address] = [it for it in lane.brokers if it < n]
        for one in (*ends, "producer", "controller"):
            name = f"{f'broker {one}' if isinstance(one, int) else one} – broker {n}"
            offers[f"link/{one}/{n}"] = (name, _for_link(one, n))
    return offers


def _for_broker(broker: int) -> Offer:
    return lambda state: broker_deeds(state.broker(broker))


def _for_link(one: Address, other: int) -> Offer:
    return lambda state: link_deeds(one, other, state)


def _offered(states: States, offer: Offer) -> list[Any]:
    """Return what is offered from each second on at which that changes."""
    return _changes((second, offer(state)) for second, state in states)


def _of_message(flight: Flight, states: States, axis: TimeAxis) -> list[Any]:
    """Return what can be done to a message: that changes when it stops, and goes on."""
    stops = [
        (axis.before(a), inf if z is None else axis.before(z), why) for a, z, why in flight.stops
    ]
    ends = {round(second, 2) for a, z, _ in stops for second in (a, z) if second < inf}
    found = list[tuple[float, Sequence[Deed]]]()
    for second in sorted({*ends, *(second for second, _ in states)}):
        state = [it for since, it in states if since <= second][-1]
        why = next((why for a, z, why in stops if a - 0.01 <= second < z - 0.01), "")
        found.append((second, message_deeds(flight, state, why)))
    return _changes(found)


def _changes(offered: Iterable[tuple[float, Sequence[Deed]]]) -> list[Any]:
    """Return each second at which other deeds are offered than before it."""
    found: list[Any] = []
    for second, offers in offered:
        deeds = [list(deed) for deed in offers]
        if not found or found[-1][1] != deeds:
            found.append([second, deeds])
    return found
