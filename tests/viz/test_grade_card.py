"""The grade card fits, whatever a failure has to say."""

from types import SimpleNamespace

import pytest

from kafkabook.viz.figure import MOST_HEIGHT_PX
from kafkabook.viz.grade_card import grade_card

LONG = "a replica outside the in-sync set must not hold the others back; " * 8


class Mark(SimpleNamespace):
    """Stands for `grading.mark.Mark`, which lives a floor above."""

    def __str__(self) -> str:
        return "the mark in words"


def a_mark(text: str = "short.", shown: int = 3) -> Mark:
    """Return a mark whose third ring broke."""
    signs = ("✓", "✓", "✗", "not reached")
    rings = tuple(
        SimpleNamespace(name=f"R{n}", asks="laws", points=n + 1, sign=sign)
        for n, sign in enumerate(signs)
    )
    failure = SimpleNamespace(
        headline=f"The law fails: {text}",
        tried=200,
        shown=tuple(f"line {n} <b>" for n in range(shown)),
        yours="2",
        should_be="4",
        because=text,
    )
    return Mark(
        exercise="06.1", title="High watermark", stars="★★", points=3, rings=rings, seed=91,
        failure=failure, hint="", flags=(), badge="", passed=False,
        reproduce='grade("06.1", seed=91)', not_checked="R3",
    )  # fmt: skip


@pytest.mark.parametrize("shown", [0, 3, 50])
@pytest.mark.parametrize("text", ["short.", LONG])
def test_a_card_never_outgrows_a_figure(text: str, shown: int) -> None:
    """A grade that raises because its picture is too high would be worse than no picture."""
    card = grade_card(a_mark(text, shown))
    assert int(card.svg.split('height="')[1].split('"')[0]) <= MOST_HEIGHT_PX
    assert "the mark in words" == card.text


def test_both_answers_stand_below_each_other() -> None:
    """Yours and what should be, in their colours and in words."""
    svg = grade_card(a_mark()).svg
    assert svg.index(">yours<") < svg.index(">should be<")
    assert "line 0 &lt;b&gt;" in svg
