"""Films of labs and scenarios, and stages of labs; registered when anything is displayed."""

from collections.abc import Sequence

from kafkabook.base.door import meant, must_be, must_be_whole
from kafkabook.base.errors import UnknownName, WrongValue
from kafkabook.base.names import TopicPartition
from kafkabook.base.shown import makes
from kafkabook.lab import Lab
from kafkabook.replication.events import BecameLeader
from kafkabook.scenarios.cluster_end import ClusterEnd, ClusterOutcome
from kafkabook.scenarios.scenario import Scenario
from kafkabook.viz.film import Film, FilmGuess, Head
from kafkabook.viz.film_guesses import guess_of
from kafkabook.viz.live_stage import LiveStage
from kafkabook.viz.recording import record
from kafkabook.viz.replay import differing, run_told


@makes("film", Lab)
def lab_film(
    lab: Lab,
    *,
    title: str = "",
    partition: str = "",
    since: int | None = None,
    guess: FilmGuess | None = None,
    plays: bool = False,
    beside: Lab | None = None,
) -> Film:
    """Return a film of one partition of a lab, or of two labs side by side.

    Args:
        title: a question. partition: such as "orders-0"; the first one if omitted.
        since: the entry of the trace at which it begins; before the first record if omitted.
        guess: what is asked on the way. plays: whether it plays once when it is first seen.
        beside: another lab, with other settings or another fate; what it has otherwise stands above
            it, and the film marks where the two part.
    """
    labs = (lab,) if beside is None else (lab, beside)
    _check_words(labs, title, partition, since, guess)
    lanes = tuple(record(it, partition=partition, since=since) for it in labs)
    name = lanes[0].partition
    heads = () if beside is None else _heads(lab, beside, TopicPartition.parse(name).topic)
    asked = title or (f"What happens to {name}?" if beside is None else "Where do they part?")
    seeds = {it.view.seed for it in labs}
    told = run_told(lab) if beside is None else "" if len(seeds) > 1 else f"seed {lab.view.seed}"
    run = f"{name} · {told}".removesuffix(" · ")
    return Film(asked, run, lanes, heads=heads, guess=guess, plays=plays)


def _check_words(
    labs: Sequence[Lab], title: str, partition: str, since: int | None, guess: FilmGuess | None
) -> None:
    """Check whether there can be a film like that.

    Raises:
        TypeError: a word is of another kind. LookupError: no lab has that partition, or any.
        ValueError: the trace has no such entry.
    """
    must_be(str, "text", "film", "title", title)
    must_be((FilmGuess, type(None)), "a FilmGuess", "film", "guess", guess)
    for lab in labs:
        must_be(Lab, "a lab", "film", "beside", lab)
        check_partition("film", lab, partition)
        if since is not None:
            must_be_whole("film", "since", since)
            if since > len(lab.trace):
                raise WrongValue(f"film: the trace has {len(lab.trace)} entries, and none {since}")


def check_partition(verb: str, lab: Lab, partition: str) -> None:
    """Check whether a lab has, or ever had, a partition; "" means its first one.

    Raises:
        LookupError: it has not.
    """
    must_be(str, "text", verb, "partition", partition)
    led = (entry.event for entry in lab.trace.of(BecameLeader))
    made = (str(event.partition) for event in led if isinstance(event, BecameLeader))
    known = dict.fromkeys((*map(str, lab.view.partitions), *made))
    if not known:
        raise UnknownName(f"{verb}: the lab has no topic yet; create_topic makes one")
    if partition and partition not in known:
        hint = meant(partition, known) or f"; there are {', '.join(known)}"
        raise UnknownName(f"{verb}: there is no partition {partition!r}{hint}")


def _heads(lab: Lab, other: Lab, topic: str) -> tuple[Head, Head]:
    ways = (lab, other, topic), (other, lab, topic)
    one, two = (", ".join(differing(*way)) for way in ways)
    return Head(word="first", note=one), Head(word="second", note=two)


@makes("stage", Lab)
def lab_stage(lab: Lab, *, title: str = "", partition: str = "") -> LiveStage:
    """Return a lab as a stage that a reader touches."""
    must_be(str, "text", "show", "title", title)
    if partition:
        check_partition("show", lab, partition)
    return LiveStage(lab, title=title, partition=partition)


@makes("film", Scenario)
def scenario_film(
    scenario: Scenario,
    end: str = "",
    *,
    title: str = "",
    guess: FilmGuess | None = None,
    plays: bool = False,
) -> Film:
    """Return a film of a scenario: of one end, or of the bad and the good one side by side.

    Raises:
        ValueError: another end than "bad" and "good"; or a scenario of one log, which no stage can
            show.
    """
    if not isinstance(scenario.bad, ClusterEnd):
        raise WrongValue(f"{scenario.id} is a scenario of one log: there is no cluster to film")
    ends = (end,) if end else ("bad", "good")
    outcomes = [_played(scenario, name) for name in ends]
    lanes = tuple(record(outcome.lab) for outcome in outcomes)
    asked = guess or guess_of(scenario.id, end, lanes[0], outcomes[0].end.says)
    heads = tuple(map(_head, ends, outcomes))
    seed = f"seed {outcomes[0].lab.view.seed}"
    told = (scenario.id, scenario.title, *([heads[0].note] if end else []), seed)
    return Film(
        title or scenario.question,
        " · ".join(told),
        lanes,
        heads=() if end else heads,
        verdicts=tuple(outcome.end.says for outcome in outcomes),
        guess=asked,
        plays=plays,
    )


def _played(scenario: Scenario, end: str) -> ClusterOutcome:
    outcome = scenario.play(end)
    assert isinstance(outcome, ClusterOutcome)
    return outcome


def _head(end: str, outcome: ClusterOutcome) -> Head:
    scenario = outcome.scenario
    mine, other = (scenario.bad, scenario.good)[:: 1 if end == "bad" else -1]
    return Head(end, end.upper(), ", ".join(mine.differing(other)))
