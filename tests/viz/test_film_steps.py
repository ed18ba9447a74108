"""A film has few steps, chosen by weight, and each is a sentence."""

import pytest

from kafkabook.base.names import TopicPartition
from kafkabook.lab import Lab
from kafkabook.viz.film import unmarked
from kafkabook.viz.film_steps import MOST_STEPS, FilmStep
from kafkabook.viz.recording import record


def a_lab(*sends: str, acks: int | str = "all") -> Lab:
    """Three brokers; each value is acknowledged."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    for value in sends:
        lab.produce(value, acks=acks)
    return lab


def steps(lab: Lab, since: int | None = None) -> tuple[FilmStep, ...]:
    """The steps of its film."""
    return record(lab, partition=str(TopicPartition("orders", 0)), since=since).steps


def told(lab: Lab, kind: str, since: int | None = None) -> list[str]:
    """What its steps of a kind say."""
    return [unmarked(step.says) for step in steps(lab, since) if step.kind == kind]


def test_an_acknowledged_record_that_no_log_has_is_mourned() -> None:
    """Beside the sentence of what took it; once, by the entry that did."""
    lab = a_lab()
    lab.hold("FetchResponse", 1)
    lab.produce("b", acks=1)
    lab.lose_disk(1)
    took = "Broker 1 loses its disk. The controller still takes it for the leader."
    assert [f"{took} You lost b. It was acknowledged."] == told(lab, "lost")
    lab.run_for(20_000)
    assert 1 == sum("You lost" in step.says for step in steps(lab))


def test_what_was_lost_before_a_film_began_is_not_lost_in_it() -> None:
    """The opening knows it already."""
    lab = a_lab()
    lab.hold("FetchResponse", 1)
    lab.produce("b", acks=1)
    lab.lose_disk(1)
    began = len(lab.trace)
    lab.restart(1)
    lab.run_for(5_000)
    assert [] == [step.says for step in steps(lab, began) if "You lost" in step.says]


def test_several_are_mourned_together() -> None:
    """One sentence of all that one entry took."""
    lab = a_lab()
    lab.hold("FetchResponse", 1)
    lab.produce("b", acks=1)
    lab.produce("c", acks=1)
    lab.lose_disk(1)
    assert ["You lost b, c. They were acknowledged."] == [
        says.partition("leader. ")[2] for says in told(lab, "lost")
    ]


def test_a_record_that_was_not_acknowledged_is_not_mourned() -> None:
    """Nobody had a promise."""
    lab = a_lab()
    lab.hold("FetchResponse", 1)
    lab.send("b")
    lab.run_for(10)
    lab.lose_disk(1)
    assert [] == told(lab, "lost")


def test_a_record_that_another_log_holds_is_not_mourned() -> None:
    """The logs of the dead hold theirs."""
    lab = a_lab("b")
    lab.crash(2)
    lab.crash(3)
    lab.lose_disk(1)
    assert [] == told(lab, "lost")


@pytest.mark.parametrize("values", ["abc", "abcdefghijklmnopqrstuvwxyz"])
def test_a_film_has_few_steps_and_the_weighty_ones(values: str) -> None:
    """A kill is never left out for the twentieth record."""
    lab = a_lab(*values)
    lab.crash(1)
    lab.run_for(20_000)
    kinds = [step.kind for step in steps(lab)]
    assert min(MOST_STEPS, len(kinds)) == len(kinds)
    assert {"killed", "elected", "sent", "committed", "acked"} <= set(kinds)
    assert sorted(steps(lab), key=lambda step: step.entry) == [*steps(lab)]
