"""Schedules as text: what a shrunk storm prints can be pasted and runs again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.sim.faults import Fault, parse, show

arguments = st.one_of(st.none(), st.integers(), st.text())
faults = st.builds(
    Fault,
    st.integers(0, 10**9),
    st.from_regex(r"[a-z_]+", fullmatch=True),
    st.lists(arguments, max_size=4).map(tuple),
)


@given(st.lists(faults, max_size=5).map(tuple))
def test_a_schedule_is_read_back_as_it_was(schedule: tuple[Fault, ...]) -> None:
    """The text is the schedule, whole: numbers stay numbers, None stays None, order stays."""
    assert schedule == parse(show(schedule))


@given(st.text(), st.text())
def test_a_fault_has_a_text_that_reads_back_or_is_refused(verb: str, argument: str) -> None:
    """Whatever can be built can be kept in a test; the rest says why not."""
    try:
        fault = Fault(0, verb, (argument,))
    except ValueError:
        return
    assert (fault,) == parse(str(fault))


def test_comments_empty_lines_and_spaces_mean_nothing() -> None:
    """A schedule in a test is commented by a person."""
    text = """
        # the leader dies
        t=40 crash 1   # for good
        t=55   drop_next Fetch 2 *

    """
    assert (Fault(40, "crash", (1,)), Fault(55, "drop_next", ("Fetch", 2, None))) == parse(text)


@pytest.mark.parametrize(
    ("text", "argument"),
    [("'order 1'", "order 1"), ("'12'", "12"), ("'#3'", "#3"), ("'*'", "*"), ("''", "")],
)
def test_a_word_that_reads_like_something_else_stands_in_quotes(text: str, argument: str) -> None:
    """The number 12 and the word "12" would look the same in a line."""
    fault = Fault(4, "send", (argument,))
    assert f"t=4 send {text}" == str(fault)
    assert (fault,) == parse(f"t=4 send {text}  # and a comment")


@pytest.mark.parametrize(
    "line",
    ["t=4 send 'a", "t=4 send 'a'b", "crash 1", "t=-1 crash 1", "t=4 Crash 1", "t=04 crash", "t=4"],
)
def test_a_line_that_is_no_fault_is_named(line: str) -> None:
    """The number of the line and the line itself: nothing else helps."""
    with pytest.raises(ValueError) as refused:
        parse(f"t=1 heal\n\n{line}")
    assert f"line 3: {line!r} is not of the form 't=40 crash 1'" == str(refused.value)


@pytest.mark.parametrize(
    ("at_ms", "verb", "argument", "told"),
    [
        (-1, "crash", 1, "t=-1 is before the start"),
        (1, "Crash", 1, "'Crash' is no verb: small letters and _ only"),
    ],
)
def test_a_fault_that_its_text_could_not_give_back_is_refused(
    at_ms: int, verb: str, argument: object, told: str
) -> None:
    """No time lies before the start, and a verb is one small word."""
    with pytest.raises(ValueError) as refused:
        Fault(at_ms, verb, (argument,))
    assert told == str(refused.value)
