"""What a stage offers is a line that can be run, and nothing else is run."""

import pytest

from kafkabook.lab import Lab
from kafkabook.viz.deeds import (
    broker_deeds,
    consumer_deeds,
    controller_deeds,
    done,
    link_deeds,
    producer_deeds,
)
from kafkabook.viz.recording import record
from kafkabook.viz.stage_state import StageState


def a_lab() -> Lab:
    """Three brokers and one record."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.produce("a")
    lab.run_for(50)
    return lab


def now(lab: Lab) -> StageState:
    """What the stage shows of it."""
    return record(lab).seen[-1].state


def test_each_line_that_is_offered_can_be_done() -> None:
    """On a running broker, on one that is down, on a link, by each client."""
    state = now(a_lab())
    offered = [
        *broker_deeds(state.broker(2)),
        *link_deeds(1, 2, state),
        *link_deeds("producer", 1, state),
        *link_deeds("controller", 3, state),
        *producer_deeds(state, "orders"),
        *consumer_deeds("orders"),
    ]
    offered += [it for it in controller_deeds((1, 2, 3), "orders") if "elect" not in it.line]
    for deed in offered:
        done(a_lab(), deed.line)


def test_what_is_offered_follows_the_state() -> None:
    """A broker that is down can be started; one that is paused can go on; a cut link can heal."""
    lab = a_lab()
    lab.crash(1)
    lab.pause(2)
    lab.cut(2, 3)
    lab.run_for(10)
    state = now(lab)
    assert ["lab.restart(1)", "lab.lose_disk(1)"] == [d.line for d in broker_deeds(state.broker(1))]
    assert "lab.resume(2)" in [deed.line for deed in broker_deeds(state.broker(2))]
    assert ["lab.heal(2, 3)"] == [deed.line for deed in link_deeds(2, 3, state)]


def test_a_producer_is_offered_a_letter_that_it_has_not_sent() -> None:
    """So that records can be told apart."""
    assert ['lab.send("b", "orders")'] == [d.line for d in producer_deeds(now(a_lab()), "orders")]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("import os", "is no line such as lab.crash(1)"),
        ("lab.crash(open('x'))", "is no line such as lab.crash(1)"),
        ("lab.__class__()", "a stage has no 'lab.__class__()'"),
        ("os.system('x')", "a stage has no \"os.system('x')\""),
        ("lab.world.crash(1)", "is no line such as lab.crash(1)"),
    ],
)
def test_nothing_but_a_verb_with_plain_words_is_run(line: str, says: str) -> None:
    """A page hands over text; it is read, and not evaluated."""
    with pytest.raises(ValueError, match=".") as caught:
        done(a_lab(), line)
    assert says in str(caught.value)
