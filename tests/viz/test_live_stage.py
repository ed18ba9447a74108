"""A touch does its line: at the end of a film it goes on, before the end it forks, or it says why.

The lines of each lane, run alone, give the trace of that lane's lab to the byte.
"""

import pytest

from kafkabook.lab import Lab
from kafkabook.viz.live_stage import LiveStage


def a_stage() -> LiveStage:
    """Three brokers and nothing that has happened yet; t = 16 ms."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    return LiveStage(lab)


def an_end(stage: LiveStage) -> float:
    """Where a reader stands who has seen all, as the front end tells it."""
    return round(stage.film.axis.end_s, 2)


def lines(stage: LiveStage, lane: int = 0) -> list[str]:
    """The code of a lane, without how the lab was made."""
    return [line.text for line in stage.film.lanes[lane].lines][3:]


def alone(stage: LiveStage, lane: int = 0) -> str:
    """The trace of the lab that a lane's lines make by themselves."""
    names: dict[str, object] = {}
    exec("\n".join(line.text for line in stage.film.lanes[lane].lines), names)
    made = names["lab"]
    assert isinstance(made, Lab)
    return str(made.trace)


def second_of(stage: LiveStage, kind: str) -> float:
    """When the first step of a kind is seen, as the front end is told."""
    return next(step[0] for step in stage.film.data()["axis"]["steps"] if step[2] == kind)


def test_a_touch_at_the_end_goes_on_with_the_lab() -> None:
    """Long enough for what follows from it; the time that passed is a line, too."""
    stage = a_stage()
    stage.touch("lab.crash(1)", an_end(stage))
    assert ["lab.crash(1)", "lab.run_to(12016)"] == lines(stage)
    assert (1, 2, "") == (len(stage.labs), stage.labs[0].leader(), stage.problem)
    assert ["killed", "elected"] == [it.kind for it in stage.film.lanes[0].steps]
    assert str(stage.labs[0].trace) == alone(stage)


def test_a_touch_before_the_end_forks() -> None:
    """The first lab stays as it was; the other one lives as long, and says what is different."""
    stage = a_stage()
    stage.touch("lab.crash(1)", an_end(stage))
    first = str(stage.labs[0].trace)
    killed_s = second_of(stage, "killed")
    stage.touch("lab.restart(1)", killed_s + 0.7)
    assert ["lab.crash(1)", "lab.run_to(16)", "lab.restart(1)", "lab.run_to(12016)"] == lines(
        stage, 1
    )
    assert ["lab.crash(1)", "lab.run_to(12016)"] == lines(stage, 0)
    assert [first, str(stage.labs[1].trace)] == [alone(stage, 0), alone(stage, 1)]
    assert [12_016, 12_016] == [lab.now_ms for lab in stage.labs]
    heads = [(head.word, head.note) for head in stage.film.heads]
    assert [("first", "as it was"), ("fork", "lab.restart(1) at 16 ms")] == heads


def test_a_second_fork_takes_the_place_of_the_first() -> None:
    """Of the first lab, or of the fork itself."""
    stage = a_stage()
    stage.touch("lab.crash(1)", an_end(stage))
    second = second_of(stage, "killed") + 0.7
    stage.touch("lab.restart(1)", second)
    stage.touch("lab.pause(2)", second, 0)
    assert ["lab.pause(2)"] == [it for it in lines(stage, 1) if it not in lines(stage, 0)][1:2]
    stage.touch("lab.cut(2, 3)", second, 1)
    done = [it for it in lines(stage, 1) if "run_to" not in it]
    assert ["lab.crash(1)", "lab.pause(2)", "lab.cut(2, 3)"] == done
    assert 2 == len(stage.labs)
    assert [str(lab.trace) for lab in stage.labs] == [alone(stage, 0), alone(stage, 1)]


def test_a_touch_at_the_end_of_a_fork_goes_on_with_that_one() -> None:
    """Both are shown up to the same time: the first one waits for the other."""
    stage = a_stage()
    stage.touch("lab.crash(1)", an_end(stage))
    stage.touch("lab.restart(1)", second_of(stage, "killed") + 0.7)
    stage.touch('lab.send("a", "orders")', an_end(stage), 1)
    assert ["lab.crash(1)", "lab.run_to(12016)", "lab.run_to(24016)"] == lines(stage, 0)
    assert ['lab.send("a", "orders")', "lab.run_to(24016)"] == lines(stage, 1)[-2:]
    assert [str(lab.trace) for lab in stage.labs] == [alone(stage, 0), alone(stage, 1)]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("lab.crash(1)", "broker 1 is down"),
        ('lab.release("Fetch", 2, 1)', "Fetch 2→1 is not held"),
        ('lab.deliver("Produce")', "no Produce any→any is in flight"),
        ('lab.send("a", "nowhere")', "there is no topic 'nowhere'; there are: orders"),
        ("lab.crash('one')", "crash: brokers must be whole numbers, not 'one'"),
    ],
)
@pytest.mark.parametrize("is_end", [True, False])
def test_a_refused_line_says_why_and_loses_nothing(line: str, why: str, is_end: bool) -> None:
    """No line, no event, no lane more than before; the next touch goes on as if it had not been."""
    stage = a_stage()
    stage.touch("lab.crash(1)", an_end(stage))
    before = str(stage.labs[0].trace), lines(stage), stage.film
    second = an_end(stage) if is_end else second_of(stage, "killed") + 0.7
    stage.touch(line, second)
    assert f"Nothing is done: {line} is refused, for {why}." == stage.problem
    assert before == (str(stage.labs[0].trace), lines(stage), stage.film)
    stage.touch("lab.restart(1)", an_end(stage))
    assert ("", 1) == (stage.problem, len(stage.labs))
    assert str(stage.labs[0].trace) == alone(stage)


def test_a_line_that_is_refused_late_loses_nothing_either() -> None:
    """An election is asked for, and its answer comes milliseconds later."""
    stage = a_stage()
    stage.touch("lab.crash(1)", an_end(stage))
    before = str(stage.labs[0].trace), lines(stage), stage.film
    stage.touch('lab.elect("orders", 0)', an_end(stage))
    why = "broker 1 is dead, or not in sync"
    assert f'Nothing is done: lab.elect("orders", 0) is refused, for {why}.' == stage.problem
    assert before == (str(stage.labs[0].trace), lines(stage), stage.film)


def test_a_line_that_no_stage_has_is_an_error() -> None:
    """The front end offers only lines that are read here."""
    stage = a_stage()
    with pytest.raises(ValueError, match=r"a stage has no 'lab\.world\(\)'"):
        stage.touch("lab.world()", 0.0)


def test_time_can_pass_by_itself() -> None:
    """Where nothing has happened yet, and in both lanes; nothing more passes than was asked for."""
    stage = a_stage()
    stage.touch("lab.run_for(5000)", an_end(stage))
    assert (["lab.run_to(5016)"], 5_016) == (lines(stage), stage.labs[0].now_ms)
    assert 5_017 == stage.film.axis.knots[-1][0]
    stage.touch("lab.crash(1)", 0.0)
    stage.touch("lab.run_for(5000)", an_end(stage))
    assert [17_016, 17_016] == [lab.now_ms for lab in stage.labs]


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_message_is_touched_while_it_is_on_its_way(share: float) -> None:
    """A second between two milliseconds is the earlier one: at the later one it has arrived."""
    stage = a_stage()
    stage.touch('lab.send("a", "orders")', an_end(stage))
    [flight, *_] = [it for it in stage.film.lanes[0].flights if it.name == "Produce"]
    assert flight.end_ms
    axis = stage.film.axis
    began_s, ends_s = axis.after(flight.sent_ms), axis.before(flight.end_ms)
    stage.touch('lab.drop("Produce", "producer-1", 1)', began_s + share * (ends_s - began_s))
    assert ("", 2) == (stage.problem, len(stage.labs))
    assert str(stage.labs[1].trace) == alone(stage, 1)


def test_a_step_is_forked_behind_what_it_tells() -> None:
    """The front end knows seconds with two decimals; a touch at a step has seen the step."""
    stage = a_stage()
    stage.touch('lab.send("a", "orders")', an_end(stage))
    first, found = stage.film, list[str]()
    for step in first.lanes[0].steps:
        second = first.second_of(first.lanes[0], step.at_ms, step.entry)
        other = a_stage()
        other.touch('lab.send("a", "orders")', an_end(other))
        other.touch("lab.pause(3)", round(second, 2))
        found.append(other.film.heads[1].note)
    assert [f"lab.pause(3) at {step.at_ms} ms" for step in first.lanes[0].steps] == found


def test_a_stage_shows_a_topic_that_comes_later_only_by_name() -> None:
    """A lab without topics has a stage, too; what a client does there is refused in words."""
    stage = LiveStage(Lab())
    stage.touch('lab.send("a", "orders")', an_end(stage))
    why = "there is no topic 'orders'; there are: none yet"
    assert f'Nothing is done: lab.send("a", "orders") is refused, for {why}.' == stage.problem
