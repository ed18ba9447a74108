"""The grade card fits, whatever a failure has to say."""

import re
from html import unescape
from types import SimpleNamespace

import pytest

from kafkabook.grading.mark import Failure
from kafkabook.grading.mark import Mark as RealMark
from kafkabook.viz.figure import WIDTHS_PX, most_height_px
from kafkabook.viz.grade_card import grade_card

LONG = "a replica outside the ISR must not hold the others back; " * 8


class Mark(SimpleNamespace):
    """Stands for `grading.mark.Mark`, which lives a floor above."""

    def __str__(self) -> str:
        return "the mark in words"


def a_mark(text: str = "short.", shown: int = 3, yours: str = "2") -> Mark:
    """Return a mark whose third ring broke."""
    signs = ("✓", "✓", "✗", "not reached")
    rings = tuple(
        SimpleNamespace(name=f"R{n}", asks="laws", points=n + 1, sign=sign)
        for n, sign in enumerate(signs)
    )
    failure = SimpleNamespace(
        headline=f"The law fails: {text}",
        tried=200,
        evidence="Smallest counter-example",
        shown=tuple(f"line {n} <b>" for n in range(shown)),
        yours=yours,
        should_be="4",
        because=text,
        loss=None,
    )
    return Mark(
        exercise="06.1", title="High watermark", stars="★★", points=3, rings=rings, seed=91,
        failure=failure, hint="", flags=(), badge="", passed=False, debrief=(),
        reproduce='grade("06.1", seed=91)', not_checked="R3",
    )  # fmt: skip


@pytest.mark.parametrize("shown", [0, 3, 50])
@pytest.mark.parametrize("text", ["short.", LONG])
@pytest.mark.parametrize("yours", ["2", "Record(value=b'x'), " * 40])
def test_a_card_never_outgrows_a_figure(text: str, shown: int, yours: str) -> None:
    """A grade that raises because its picture is too high would be worse than no picture."""
    card = grade_card(a_mark(text, shown, yours))
    for width_px in WIDTHS_PX:
        assert card.scene_for(width_px).height <= most_height_px(width_px)
    assert "the mark in words" == card.text


def test_both_answers_stand_below_each_other() -> None:
    """Yours and what should be, in their colours and in words."""
    svg = grade_card(a_mark()).svg
    assert svg.index(">yours<") < svg.index(">should be<")
    assert "line 0 &lt;b&gt;" in svg


def test_long_answers_and_sentences_are_wrapped_and_not_cut() -> None:
    """The end of an answer is often where it differs."""
    answer = "(" + ", ".join(f"Record(value=b'{n}', offset={n})" for n in range(8)) + ")"
    sentence = "what a consumer is given must be what was acknowledged, in its order; " * 2
    svg = grade_card(a_mark(sentence, shown=1, yours=answer)).svg
    drawn = unescape(" ".join(re.findall("<text[^>]*>([^<]*)</text>", svg)))
    assert re.sub(r"\s", "", answer) in re.sub(r"\s", "", drawn)
    assert 2 == drawn.count(sentence.strip())
    assert "…" not in drawn


def test_what_does_not_fit_is_said_to_be_in_the_text() -> None:
    """A line that ends in the middle looks like a fault of the card."""
    svg = grade_card(a_mark(shown=50)).svg
    left_out = 50 - svg.count(" &lt;b&gt;")
    assert f"…and {left_out} more lines in the text" in svg


@pytest.mark.parametrize(
    ("tried", "heading"),
    [(200, "Smallest counter-example, found among 200, seed 91:"), (0, "The call:")],
)
def test_the_evidence_has_the_heading_of_the_text(tried: int, heading: str) -> None:
    """A fixed call is not the smallest of anything."""
    failure = Failure("R1", "the docstring", "no.", ("roll()",), "1", "2", tried=tried)
    mark = Mark(**{**vars(a_mark()), "failure": failure})
    assert f">{heading}<" in grade_card(mark).svg
    assert heading in str(RealMark("1", "t", "★", (), failure, seed=91))
