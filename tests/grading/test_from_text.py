"""`replay`: a run out of its text, with the reader's part in it; a wrong text is refused."""

from typing import Any

import pytest

from kafkabook import Lab, Rules, grade, replay
from kafkabook.base.errors import ToldInOneLine
from kafkabook.grading import session
from kafkabook.grading.zoo import high_watermark
from kafkabook.lab.text import text_of

SENDS = "t=60 send a orders-0 all\nt=100 run until"
MINE = f"t=0 part high_watermark my_high_watermark\n{SENDS}"

WRONG = {
    "t=60 crsh 1": "did you mean 'crash'?",
    "crash 1": "replay: line 1: 'crash 1' is not of the form 't=40 crash 1'",
    "t=60 crash": "crash needs a broker at least",
    "t=60 crash one": "replay: `t=60 crash one`: crash: brokers must be whole numbers, not 'one'",
    "t=60 crash 1\nt=0 set brokers 4": "replay: `t=0 set brokers 4` must come before the first",
    "t=0 set brokrs 4": "replay: a storm has no setting 'brokrs'",
    "t=0 set brokers": "replay: `t=0 set brokers` needs a name and a value",
    "t=0 lab brokers=3\nt=0 set brokers 4": "replay: one `lab` line, or `set` lines, say which",
    "t=0 lab broker=3": "a lab has no 'broker'; did you mean 'brokers'?",
    "t=0 lab brokers=x": "'x' is no whole number",
    "t=0 lab version=3.x": "there is no version '3.x'",
    "t=60 run 12": "write `run 12 events` or `run until`",
    "t=60 mark": "`mark` takes one name",
    "t=60 crash 1\nt=70 crash 1": "replay: t=70 crash 1: broker 1",
    "t=0 part high_watermrk mine": "no exercise builds 'high_watermrk'; did you mean",
    MINE: 'replay: your my_high_watermark is not known here; run its cell and grade("06.1",'
    " my_high_watermark), or add high_watermark=my_high_watermark",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_text_is_refused_in_one_line(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has happened, and the line is named."""
    monkeypatch.setattr(session, "_WRITTEN", {})
    with pytest.raises((ToldInOneLine, ValueError, LookupError)) as refused:
        replay(text)
    assert WRONG[text] in str(refused.value.args[0])
    assert "\n" not in str(refused.value)


def test_text_and_parts_must_be_what_they_are_called() -> None:
    """A lab is no text, and a name is no function."""
    with pytest.raises(TypeError, match="replay: text must be the text of a run"):
        replay(Lab())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="replay: elect must be a function of yours"):
        replay(SENDS, elect="my_election")  # type: ignore[arg-type]
    with pytest.raises(KeyError, match="no exercise builds 'elct'; did you mean 'elect'"):
        replay(SENDS, elct=max)


def test_a_part_that_is_handed_over_decides() -> None:
    """Yours, and beside it Kafka's."""
    asked = []

    def my_high_watermark(*facts: Any) -> int:
        asked.append(facts)
        return high_watermark.by_walking_down(*facts)

    lab = replay(MINE, high_watermark=my_high_watermark)
    assert (["a"], True) == (lab.read(), bool(asked))
    asked.clear()
    assert (["a"], []) == (replay(MINE, reference=True).read(), asked)


def my_high_watermark(leader: Any, now_ms: int, replica_lag_time_max_ms: int) -> int:
    """Commit what the leader has, which is wrong; it lies in a file, where its source is known."""
    return max(leader.log_end, leader.high_watermark + 0 * (now_ms + replica_lag_time_max_ms))


def test_the_part_that_was_graded_last_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader pastes the line that the mark has printed, and no more."""
    monkeypatch.setattr(session, "_WRITTEN", {})
    mark = grade("06.1", my_high_watermark)
    assert mark.failure is not None and mark.failure.loss is not None
    lab = replay(mark.failure.loss.text)
    assert "R8" in lab.watch.broken


def test_rules_that_are_given_stand_in_for_those_of_the_text() -> None:
    """As in a storm."""
    rules = Rules().having(high_watermark=high_watermark.commits_what_the_leader_has)
    assert replay(SENDS, rules=rules).watch.broken


def test_the_journal_of_a_lab_is_such_a_text() -> None:
    """What a reader did by hand, or by clicks, can be shared."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.show().touch("lab.crash(1)", 1e9)
    assert list(lab.trace) == list(replay(text_of(lab)).trace)
