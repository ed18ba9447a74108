"""A failure is a film: what each wrong part loses, or the sentence why a run does not show it."""

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from kafkabook import replay
from kafkabook.grading.exercise import Exercise
from kafkabook.grading.exercises import EXERCISES, find
from kafkabook.grading.laws.law import Part
from kafkabook.grading.loss import loss_of
from kafkabook.grading.mark import Failure, Loss
from kafkabook.grading.parting import Worst, reference_of, run_beside
from kafkabook.grading.process import PartRaised, PartStopped
from kafkabook.grading.rings import Heard
from kafkabook.grading.short_runs import short_runs
from kafkabook.grading.zoo import acks, election, high_watermark, in_sync, truncation
from kafkabook.grading.zoo.variant import Variant
from kafkabook.sim.faults import parse
from tests.grading.submissions import graded_as
from tests.grading.test_zoo import variants
from tests.viz.chosen import EVERYTHING

MAJORITY = """
def my_high_watermark(leader, now_ms, replica_lag_time_max_ms):
    ends = [leader.log_end] + [f.log_end for f in leader.followers if f.broker in leader.counted]
    return max(leader.high_watermark, sorted(ends)[len(ends) // 2])
"""
UNSEEN = {  # what only a law shows: no run that we know brings a cluster there
    "05.1": {"shrinks the set to the living", "elects the longest log"},
    "06.1": {
        "goes back to what a member tells",
        "asks whether the proposed are eligible",
        "can go back",
        "takes the limit for too late",
    },
    "06.2": {
        "puts out who is not eligible",
        "takes the limit for too late",
        "takes the proposed for members",
    },
    "09.1": {"looks at the minimum only before", "gives the same error twice"},
    "09.2": set(),
}


@cache
def lost(number: str, part: Part, failure: Failure) -> Loss:
    """Look for what a part of this process loses, once."""
    exercise = find(number)
    return loss_of(exercise, Heard(part, exercise.normal), failure, exercise.part)


@pytest.mark.parametrize(("exercise", "variant"), variants())
def test_each_wrong_part_shows_what_it_loses_or_why_no_run_does(
    exercise: Exercise, variant: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster has a film that `replay` opens, a log has its history; else one sentence.

    `test_zoo.py` holds that the part fails where it says. To make a run shorter takes as long as to
    find it; that is done below for one part of each exercise, and for all with KAFKABOOK_FULL=1.
    """
    if not EVERYTHING:
        monkeypatch.setattr("kafkabook.grading.loss.SHRINKING_RUNS", 0)
    failure = Failure(variant.ring, variant.law, "")
    heard = Heard(variant.part, exercise.normal)
    loss = loss_of(exercise, heard, failure, exercise.part)
    if variant.ring == "R0":
        assert loss.why_not.startswith("A run cannot show it:")
    elif exercise.number in UNSEEN:
        _check_film(exercise, variant, loss)
    else:
        assert bool(loss.lines) != bool(loss.why_not)
    assert loss.told and all(loss.told)


def _check_film(exercise: Exercise, variant: Variant, loss: Loss) -> None:
    if variant.name in UNSEEN[exercise.number]:
        assert loss.why_not.startswith("A run does not show it. In ")
        return
    assert "" == loss.why_not
    lines = parse(loss.text)
    assert (exercise.slot, exercise.part) == lines[0].args
    assert (len(loss.film.lanes) == 2) == (loss.film.parts_at is not None)
    again = run_beside(lines[1:], exercise.slot, _slotted(exercise, variant.part))
    assert (True, loss.says) == (again.worst > Worst.NOTHING, again.says)


def _slotted(exercise: Exercise, part: Part) -> Part:
    return exercise.slotted(Heard(part, exercise.normal))


LOST: dict[str, tuple[Exercise, Any, str]] = {
    "05.1": (find("05.1"), election.elects_any_live_replica, "R18"),
    "06.1": (find("06.1"), high_watermark.asks_a_majority, "R8"),
    "06.2": (find("06.2"), in_sync.lets_everybody_in_who_fetches, "R5"),
    "09.1": (find("09.1"), acks.acknowledges_at_the_log_end, "R8"),
    "09.2": (find("09.2"), truncation.cuts_to_the_high_watermark, "R14"),
}


@pytest.mark.parametrize("number", LOST)
def test_a_rule_that_history_or_readers_got_wrong_breaks_a_promise(number: str) -> None:
    """The promise is told in words, and the lab that `replay` opens has broken it."""
    exercise, part, name = LOST[number]
    loss = lost(number, part, Failure("R1", "", ""))
    assert loss.promise.endswith(f"({name})")
    normal = Heard(part, exercise.normal)
    assert name in replay(loss.text, **{exercise.slot: normal}).watch.broken
    assert name not in replay(loss.text, reference=True).watch.broken


def test_the_reference_breaks_nothing_in_any_short_run() -> None:
    """What breaks is the part's, and not the run's."""
    seen = [reference_of(lines, "truncate").seen for lines in short_runs()]
    assert [{}] * len(short_runs()) == [it.broken for it in seen]


@pytest.mark.parametrize("number", LOST)
def test_the_text_is_the_shortest_that_loses_the_same(number: str) -> None:
    """Without any one of its lines nothing, or something else, is lost."""
    exercise, part, _ = LOST[number]
    lines = parse(lost(number, part, Failure("R1", "", "")).text)[1:]
    whole = run_beside(lines, exercise.slot, _slotted(exercise, part))
    for number in range(len(lines)):
        fewer = (*lines[:number], *lines[number + 1 :])
        parting = run_beside(fewer, exercise.slot, _slotted(exercise, part))
        assert (whole.worst, whole.name) != (parting.worst, parting.name)


def test_a_failing_mark_tells_the_loss_and_has_the_film() -> None:
    """The law with its reason, yours beside should-be, the promise, the line that opens the run."""
    mark = graded_as("06.1", "my_high_watermark", MAJORITY)
    text = str(mark)
    assert "Example 1 fails: All three are members; the slowest lacks offset 7." in text
    assert (
        "What it loses in a cluster: broker 3 leads orders-0 in epoch 2, its log ends at 0" in text
    )
    assert "Kafka's promise: a running leader has everything committed" in text
    assert '    lab = replay("""\n    t=0 part high_watermark my_high_watermark\n' in text
    told = repr(mark.film)
    assert ("YOURS: my_high_watermark" in told, "KAFKA'S: the reference" in told) == (True, True)
    assert "Broker 3 leads orders-0 in epoch 2, its log ends at 0" in told
    bundle = mark._repr_mimebundle_()
    assert "lab = replay(&quot;&quot;&quot;\nt=0 part" in bundle["text/html"]
    assert "Kafka's promise" in bundle["image/svg+xml"].replace("&#x27;", "'")


def test_a_part_that_stops_only_in_a_cluster_says_so() -> None:
    """The mark of the ring stays as it was."""
    loop = (
        "    while replica_lag_time_max_ms != 30_000: pass\n    ends"  # no storm has Kafka's limit
    )
    mark = graded_as("06.1", "my_high_watermark", MAJORITY.replace("    ends", loop, 1))
    assert mark.failure is not None and mark.failure.loss is not None
    assert ("R1", "example 1") == (mark.failure.ring, mark.failure.law)
    told = mark.failure.loss.why_not
    assert told.startswith("There is no film, because in a run your part ")
    assert told.endswith("a loop that does not end?")


def _failing(error: BaseException) -> Loss:
    def part(*_: object) -> int:
        raise error

    failure = Failure("R1", "example 1", "")
    return loss_of(find("06.1"), Heard(part, find("06.1").normal), failure, "my_high_watermark")


def test_a_part_that_raises_or_stops_has_no_film_and_a_sentence() -> None:
    """Whoever asks it cannot go on."""
    raised = _failing(PartRaised("ZeroDivisionError", "division by zero", 3))
    assert "In a cluster your part raised ZeroDivisionError: division by zero" in raised.why_not
    stopped = _failing(PartStopped("printed more than 1 MiB"))
    told = "There is no film, because in a run your part printed more than 1 MiB"
    assert told == stopped.why_not


def test_what_was_found_before_the_part_stopped_has_to_do() -> None:
    """A film that there is is not thrown away."""
    asked = 0

    def part(leader: Any, now_ms: int, limit_ms: int) -> Any:
        nonlocal asked
        asked += 1
        if asked == 100:  # in a run behind the first, and while nothing is filmed yet
            raise PartStopped("ran for more than 10 seconds")
        return high_watermark.names_the_last_committed_record(leader, now_ms, limit_ms)

    failure = Failure("R1", "example 1", "")
    loss = loss_of(find("06.1"), Heard(part, find("06.1").normal), failure, "mine")
    assert loss.says.startswith("send 1, a to orders-0 with acks=all,")
    assert "t=0 part high_watermark mine" == loss.text.splitlines()[0]


def test_a_log_shows_its_history() -> None:
    """Where there is no cluster, a log is written, read and loses its power."""
    variant = next(v for v in (_variant("01.1", "starts every append at zero"),))
    loss = lost("01.1", variant.part, Failure(variant.ring, variant.law, ""))
    assert loss.lines and "Kafka's" in loss.says
    assert loss.told[0].startswith("What it loses in a log: yours ")
    assert replace(loss, film=None) == loss


def _variant(number: str, name: str) -> Variant:
    from kafkabook.grading.own_test import zoo_of

    return next(it for it in zoo_of(find(number)) if it.name == name)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.number)
def test_each_exercise_has_a_debrief_of_three_to_six_sentences(exercise: Exercise) -> None:
    """Full marks are not the end; the wrong ideas that it names live in the zoo."""
    from kafkabook.grading.debriefs import DEBRIEFS
    from kafkabook.grading.own_test import zoo_of

    debrief = DEBRIEFS[exercise.number]
    assert {name for name, _ in debrief.avoided} <= {it.name for it in zoo_of(exercise)}
    told = " ".join(debrief.sentences)
    assert 3 <= told.count(". ") + told.count("? ") + 1 <= 6
    assert ".java`" in told or ".scala`" in told
    assert len(told) <= 500  # what a card has room for
