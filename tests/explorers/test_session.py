"""What a reader does to an explorer, told as small messages."""

from typing import Any

import pytest

from kafkabook.explorers.explorer import Explorer, Guess, explorer
from kafkabook.explorers.session import Session
from kafkabook.viz.figure import Figure
from kafkabook.viz.sheet import Sheet


def a_session(guess: Guess | None = None) -> Session:
    """Return a session over two knobs and one fork."""
    return Session(an_explorer(guess))


def an_explorer(guess: Guess | None = None) -> Explorer:
    """Return an explorer that draws the values of its knobs."""

    @explorer("What?", a=(1, 2, 3), b=("x", "y"), forks={"more": {"a": 3}}, guess=guess)
    def values(a: int, b: str) -> Figure:
        return Sheet("What?").figure(f"{a}{b}")

    return values


def shown(session: Session) -> tuple[list[str], list[str]]:
    """Return the sentences of the picture and of the fork beside it."""
    picture = session.picture()
    parts = [picture[part] or {"texts": []} for part in ("shown", "beside")]
    sentences = [[text.split("\n")[1] for text in part["texts"]] for part in parts]
    return sentences[0], sentences[1]


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([], (["1x"], [])),
        ([{"do": "knob", "knob": 0, "place": 1}], (["2x"], [])),
        ([{"do": "set", "name": "b", "value": "y"}], (["1y"], [])),
        ([{"do": "fork", "name": "more"}], (["1x"], ["3x"])),
        ([{"do": "fork", "name": "more"}, {"do": "fork", "name": ""}], (["1x"], [])),
        (
            [{"do": "fork", "name": "more"}, {"do": "set", "name": "b", "value": "y"}],
            (["1y"], ["3y"]),
        ),
        (
            [
                {"do": "fork", "name": "more"},
                {"do": "knob", "knob": 0, "place": 2},
                {"do": "reset"},
            ],
            (["1x"], []),
        ),
    ],
)
def test_messages_move_knobs_and_forks(
    messages: list[dict[str, Any]], expected: tuple[list[str], list[str]]
) -> None:
    """A fork stands beside what the knobs say, and follows the other knobs."""
    session = a_session()
    for message in messages:
        session.do(message)
    assert expected == shown(session)


@pytest.mark.parametrize(
    "message",
    [
        {"do": "format the disk"},
        {"do": "knob", "knob": 0, "place": 7},
        {"do": "knob", "knob": 0, "place": -1},
        {"do": "set", "name": "b", "value": "z"},
        {"do": "fork", "name": "less"},
    ],
)
def test_what_is_not_there_cannot_be_asked_for(message: dict[str, Any]) -> None:
    """An error raises, and leaves the knobs where they were."""
    session = a_session()
    with pytest.raises((KeyError, ValueError)):
        session.do(message)
    assert (["1x"], []) == shown(session)


def test_reset_leads_to_the_start_wherever_it_stands_on_the_slider() -> None:
    """The numbers of a slider are sorted; the first that was given is the start all the same."""
    session = Session(explorer("What?", a=(2, 1, 3))(lambda a: Sheet("What?").figure(f"{a}")))
    assert (["2"], []) == shown(session)
    session.do({"do": "knob", "knob": 0, "place": 0})
    assert (["1"], []) == shown(session)
    session.do({"do": "reset"})
    assert (["2"], []) == shown(session)


@pytest.mark.parametrize("value", ["2", ""])
def test_a_guess_or_a_skip_unlocks(value: str) -> None:
    """Skipping is recorded as such."""
    session = a_session(Guess("1 or 2?", lambda: 2, "why", (1, 2)))
    assert session.is_locked
    session.do({"do": "guess", "value": value})
    assert (False, value) == (session.is_locked, session.picture()["guessed"])


@pytest.mark.parametrize("value", ["2", ""])
def test_a_guess_or_a_skip_leads_to_where_the_answer_can_be_seen(value: str) -> None:
    """An answer that is only told, while the picture shows something else, is not believed."""
    session = a_session(Guess("1 or 3?", lambda: 3, "why", (1, 3), shows={"a": 3, "b": "y"}))
    session.do({"do": "guess", "value": value})
    assert (["3y"], []) == shown(session)
    session.do({"do": "reset"})
    assert (["1x"], []) == shown(session)
