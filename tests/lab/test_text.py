"""A lab as text: the journal, as one parser reads it, gives the same trace to the byte."""

import pytest

from kafkabook import Lab, Rules
from kafkabook.lab.text import text_of
from kafkabook.storm.played import lines_of, played


def lived() -> Lab:
    """Return a lab with all kinds of lines: values with spaces, labels, events, time."""
    lab = Lab(brokers=3, racks=["a", None, "b"], seed=3)
    lab.create_topic("orders", assignment=[[1, 2, 3]], min_insync_replicas=2)
    lab.produce("order 1", key="the key")
    lab.send_batch(["b 1", "#2", "12"])
    lab.mark("before the crash")
    lab.crash(1)
    lab.run_until(lambda: lab.leader() == 2)
    lab.hold("Fetch", 3, 2)
    lab.send("'quoted'")
    lab.step(3)
    lab.run_for(500)
    return lab


def test_the_text_of_a_lab_gives_its_trace_to_the_byte() -> None:
    """A stage's journal and a puzzle's solution can be kept as text."""
    lab = lived()
    again, refused = played(lines_of(text_of(lab)))
    assert [] == refused
    assert list(lab.trace) == list(again.trace)
    assert text_of(lab) == text_of(again)
    assert "t=0 lab brokers=3 seed=3 version=4.x racks=a,-,b" == text_of(lab).splitlines()[0]


def test_an_older_version_has_a_text_too() -> None:
    """Its rules and settings have a name."""
    lab = Lab(version="2.x")
    assert played(lines_of(text_of(lab)))[0].rules == lab.rules


def test_rules_of_ones_own_have_no_text() -> None:
    """A function cannot be written down."""
    with pytest.raises(
        ValueError, match="only a lab with the rules and settings of a version has a text"
    ):
        text_of(Lab(rules=Rules().having(elect=max)))


def test_two_lines_of_one_millisecond_are_done_one_behind_the_other() -> None:
    """No time passes between them, so nothing that is due just then comes in between."""
    text = "t=60 send a orders-0 all\nt=60 crash 1\nt=60 send b orders-0 all"
    lab, _ = played(lines_of(text))
    assert [60, 60] == [sent.sent_ms for sent in lab.sends]
    assert not any(line.is_time for line in list(lab.journal)[-2:])
