"""A film has few steps, chosen by weight, and each is a sentence."""

import pytest

from kafkabook import SCENARIOS
from kafkabook.base.names import TopicPartition
from kafkabook.lab import Lab
from kafkabook.viz.film import unmarked
from kafkabook.viz.film_steps import MOST_STEPS, FilmStep
from kafkabook.viz.recording import record

GONE = "is in no log any more, though it was acknowledged."


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


def steps_of(scenario: str, end: str) -> tuple[FilmStep, ...]:
    """The steps of one end of a scenario."""
    return tuple(SCENARIOS[scenario].film(end).lanes[0].steps)


def told(lab: Lab, kind: str, since: int | None = None) -> list[str]:
    """What its steps of a kind say."""
    return [unmarked(step.says) for step in steps(lab, since) if step.kind == kind]


def test_an_acknowledged_record_that_no_log_has_is_mourned() -> None:
    """Beside the sentence of what took it; once, by the entry that did."""
    lab = a_lab()
    lab.hold("FetchResponse", 1)
    lab.produce("b", acks=1)
    lab.lose_disk(1)
    took = "Broker 1 loses its disk, and all that was on it."
    assert [f"{took} b {GONE}"] == told(lab, "lost")
    lab.run_for(20_000)
    assert 1 == sum("in no log any more" in step.says for step in steps(lab))


def test_what_was_lost_before_a_film_began_is_not_lost_in_it() -> None:
    """The opening knows it already."""
    lab = a_lab()
    lab.hold("FetchResponse", 1)
    lab.produce("b", acks=1)
    lab.lose_disk(1)
    began = len(lab.trace)
    lab.restart(1)
    lab.run_for(5_000)
    assert [] == [step.says for step in steps(lab, began) if "in no log any more" in step.says]


def test_several_are_mourned_together() -> None:
    """One sentence of all that one entry took."""
    lab = a_lab()
    lab.hold("FetchResponse", 1)
    lab.produce("b", acks=1)
    lab.produce("c", acks=1)
    lab.lose_disk(1)
    [says] = told(lab, "lost")
    assert says.endswith(" b, c are in no log any more, though they were acknowledged.")


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


@pytest.mark.parametrize(
    ("scenario", "end", "sentence"),
    [
        ("S1", "bad", "nobody who may lead: broker 1 is silent, and no other broker has a copy."),
        ("S3", "bad", "nobody who may lead: broker 1 is silent, and no other broker has a copy."),
        ("S2", "bad", "The answer reaches the producer: m2 is acknowledged."),
        ("S2", "bad", "brokers 2 and 3 are no longer in sync, for they have not caught up in"),
        ("S1", "bad", "the leader, in epoch 2: it led last, and nobody is in sync; it may lack"),
        ("S1", "good", "leader, in epoch 1: broker 1 is silent, and broker 2 is in sync."),
        ("A9", "bad", "may lead: broker 1 is silent, and brokers 2 and 3 are not in sync."),
        ("A9", "good", "broker 1 is silent, and broker 2 has all that was committed."),
        ("A9", "bad", "Broker 1 tells the controller: brokers 2 and 3 are no longer in sync, for"),
        ("A9", "good", "m8 is refused. NOT_ENOUGH_REPLICAS: Fewer replicas are in sync than"),
        ("A11", "bad", "The controller notes: broker 2 is no longer in sync."),
        ("A11", "bad", "in epoch 2, though it may lack records: an unclean election."),
        ("A1", "bad", "the leader, in epoch 2, as it was asked to."),
        ("A1", "bad", "cuts m1 off its log: it keeps what is below its own high watermark, 1."),
        ("A1", "bad", "Broker 3 cuts m1 off its log: the leader's log ends at offset 1."),
        (
            "A14",
            "bad",
            "Broker 1 asks the controller to drop broker 3: it has not caught up in time.",
        ),
        (
            "A14",
            "good",
            "cuts m9 off its log: broker 3 says that leader epoch 0 ended at offset 1.",
        ),
    ],
)
def test_a_turn_of_the_story_says_why(scenario: str, end: str, sentence: str) -> None:
    """Who joins, who leaves, who leads, who cuts: each with the reason that the trace gives."""
    assert sentence in " ".join(unmarked(step.says) for step in steps_of(scenario, end))


def test_a_question_that_is_answered_at_once_is_no_step() -> None:
    """The controller's word follows within milliseconds, and says the same."""
    assert [] == [step for step in steps_of("A9", "bad") if step.kind == "asked"]


def test_a_scenario_says_in_the_end_what_it_comes_to() -> None:
    """In the words of its ends, which the scenario's own tests hold against the run."""
    film = SCENARIOS["A9"].film()
    ends = [lane["says"][-1][1] for lane in film.data(())["lanes"]]
    assert [SCENARIOS["A9"].bad.says, SCENARIOS["A9"].good.says] == ends
    assert "min.insync.replicas = 1 · seed" in SCENARIOS["A9"].film("bad").run
