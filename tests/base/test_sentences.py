"""Every event has a sentence of its own that says who did what to which partition.

Events are made here from the types of their fields alone, each number and text another one, so that
a sentence that leaves out a broker or a partition is seen.
"""

import importlib.util
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import count
from typing import Any, get_args, get_origin, get_type_hints

import pytest

import kafkabook
from kafkabook.base.trace import Event
from kafkabook.cluster.events import BrokerFenced, PartitionChanged, RecordSent
from kafkabook.explorers.film import PICTURED, only, without
from kafkabook.replication.events import (
    BatchStored,
    EpochEndTold,
    FetchServed,
    HighWatermarkMoved,
    ProduceAnswered,
    ReplicaTruncated,
)
from kafkabook.sim.events import HoldBegan, MessageSent

NAMED = ("broker", "follower", "topic", "reader", "file", "one", "other")


def kinds() -> list[type[Event]]:
    """Return every event class that a package of ours has in its `events` module."""
    packages = [
        it.name for it in pkgutil.iter_modules(kafkabook.__path__, "kafkabook.") if it.ispkg
    ]
    names = [f"{name}.events" for name in packages]
    modules = [importlib.import_module(it) for it in names if importlib.util.find_spec(it)]
    found = (it for module in modules for it in vars(module).values() if isinstance(it, type))
    return [kind for kind in found if issubclass(kind, Event) and kind is not Event]


def sample(kind: type[Event], **facts: Any) -> Event:
    """Make an event out of values of its fields' types, each one different."""
    hints, numbers = get_type_hints(kind), count(101)
    made = {field.name: _value(hints[field.name], numbers) for field in fields(kind)}
    return kind(**(made | facts))


def _value(hint: Any, numbers: Iterator[int]) -> Any:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is tuple:
        return tuple(_value(part, numbers) for part in parts if part is not Ellipsis)
    if origin is frozenset:
        return frozenset(_value(part, numbers) for part in parts)
    if parts:  # one of several types: the first
        return _value(parts[0], numbers)
    if isinstance(hint, type) and issubclass(hint, tuple):
        return hint(*(_value(part, numbers) for part in get_type_hints(hint).values()))
    number = next(numbers)
    return {bool: True, int: number, str: f"text-{number}", bytes: b"%d" % number}.get(hint, number)


KINDS = kinds()


def test_all_packages_with_events_are_walked() -> None:
    """A walk that finds nothing would pass every test."""
    packages = {kind.__module__ for kind in KINDS}
    names = {f"kafkabook.{name}.events" for name in ("cluster", "log", "replication", "sim")}
    assert names <= packages
    assert len(KINDS) > 80


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_event_has_a_sentence_of_its_own(kind: type[Event]) -> None:
    """It begins in the way of a sentence, ends so, and is no list of fields."""
    said = sample(kind).sentence()
    assert "sentence" in vars(kind)
    assert said.endswith(".")
    assert kind.__name__ not in said
    assert "_" not in said.replace("text_", "")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_sentence_names_who_and_where(kind: type[Event]) -> None:
    """Broker, topic, file, client: whoever acts or is acted upon."""
    event = sample(kind)
    names = {field.name for field in fields(event)}
    wanted = [name for name in NAMED if name in names]
    wanted += ["partition"] if "partition" in names and "broker" not in names else []
    said = event.sentence()
    assert [] == [name for name in wanted if str(getattr(event, name)) not in said]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_reason_and_the_error_are_in_the_sentence(kind: type[Event]) -> None:
    """What went wrong, and why something was done, is what a reader looks for."""
    event = sample(kind)
    names = {"reason", "error"} & {field.name for field in fields(event)}
    excepted = {"reason"} if kind is PartitionChanged else set()  # too long beside both sets
    assert (
        set() == {name for name in names if getattr(event, name) not in event.sentence()} - excepted
    )


def test_sentences_say_which_of_several_things_happened() -> None:
    """One event class may tell of two: a leader's append and a follower's copy."""
    stored = replace(sample(BatchStored), broker=2, base_offset=5, last_offset=6, is_leader=False)
    served = replace(sample(FetchServed), broker=1, follower=2, fetch_offset=5, is_counted=True)
    moved = replace(sample(HighWatermarkMoved), broker=1, to_offset=5, is_leader=True)
    ended = replace(
        sample(EpochEndTold), broker=1, follower=2, asked_epoch=3, epoch=2, end_offset=7
    )
    cut = replace(sample(ReplicaTruncated), broker=2, from_offset=5, to_offset=3, reason="why")
    answered = replace(sample(ProduceAnswered), broker=1, acks=-1, base_offset=5, error="")
    assert [
        "Broker 2, the leader, appends at offset 5.",
        "Broker 2 copies offsets 5 to 6 into its own log.",
        "Broker 2 fetches from broker 1 at 5: so it has everything below 5.",
        "Broker 2 fetches from broker 1 at 0: so it has nothing yet.",
        "Broker 2 fetches from broker 1 at 5; broker 1 does not count it.",
        "All in sync have everything below 5: broker 1 moves the high watermark.",
        "Broker 1 learns of the high watermark 5.",
        "Broker 2 asks where epoch 3 ended. Broker 1: epoch 2 ended at 7.",
        "Broker 2 asks where epoch 3 ended. Broker 1 knows of no such epoch.",
        "Broker 2 cuts 2 records off its log: why.",
        "Broker 2 begins its log anew at 9: why.",
        "Broker 1 answers the producer: offset 5 is committed.",
        "Broker 1 answers the producer: offset 5 is in its log.",
        "Broker 1 answers the producer: NOT_ENOUGH_REPLICAS.",
    ] == [
        event.sentence()
        for event in (
            *(replace(stored, is_leader=True), stored),
            *(served, replace(served, fetch_offset=0), replace(served, is_counted=False)),
            *(moved, replace(moved, is_leader=False)),
            *(ended, replace(ended, end_offset=-1)),
            *(cut, replace(cut, to_offset=9)),
            *(answered, replace(answered, acks=1), replace(answered, error="NOT_ENOUGH_REPLICAS")),
        )
    ]


def test_the_controller_says_whom_it_elects_and_whether_cleanly() -> None:
    """An unclean election may lose committed records."""
    elected = replace(
        sample(PartitionChanged),
        partition="orders-0",
        leader=2,
        was_leader=1,
        leader_epoch=4,
        isr=frozenset({3, 2}),
        is_unclean=False,
    )
    led = "The controller decides: broker 2 leads orders-0, epoch 4, in sync {2, 3}"
    nobody = "The controller decides: nobody leads orders-0, epoch 4, in sync {2, 3}."
    confirmed = "The controller confirms the ISR {2, 3} of orders-0; broker 2 leads in epoch 4."
    changes: list[dict[str, Any]] = [{}, {"is_unclean": True}, {"leader": None}, {"was_leader": 2}]
    assert [f"{led}.", f"{led}, unclean.", nobody, confirmed] == [
        replace(elected, **change).sentence() for change in changes
    ]


def test_the_network_knows_nodes_and_names() -> None:
    """A number is a node, a text is a name, nothing is anybody."""
    sent = MessageSent(7, "Fetch", 3, "controller", "timer", 0, ())
    assert "Fetch from node 3 to controller is sent." == sent.sentence()
    assert (
        "Every message from anybody to node 1 is held from now on."
        == HoldBegan(None, None, 1).sentence()
    )


def test_a_record_value_is_in_the_sentence_as_it_is() -> None:
    """Whoever paints a sentence makes it harmless."""
    value = "<script>\u202e"
    assert value in RecordSent("orders-0", value, -1, 0).sentence()


def test_films_take_the_sentences_of_the_events() -> None:
    """One text for one event, wherever it is shown."""
    assert [kind.sentence for kind in PICTURED] == list(without().values())
    fenced = BrokerFenced(1, "its session timed out")
    told = {kind: tell(fenced) for kind, tell in only(BrokerFenced).items()}
    assert {BrokerFenced: fenced.sentence()} == told
