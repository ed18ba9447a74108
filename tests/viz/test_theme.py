"""The colours can be told from paper, in both themes, and never collide."""

import pytest

from kafkabook.viz.theme import COLOURS, LEADER, style_of

WORDS = [n for n in COLOURS if n.endswith("-word") or n in {"ink", "muted", "leader"}]
MARKS = ["leader", "follower", "controller", "producer", "consumer", "coordinator", "error"]


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("ground", ["paper", "cell", "panel"])
def test_words_can_be_read(name: str, ground: str) -> None:
    """WCAG AA asks 4.5 to 1 for small text."""
    for theme in ("light", "dark"):
        ratio = contrast(getattr(COLOURS[name], theme), getattr(COLOURS[ground], theme))
        assert ratio >= 4.5, (name, ground, theme, ratio)


@pytest.mark.parametrize("name", MARKS)
def test_marks_can_be_seen_on_paper(name: str) -> None:
    """WCAG asks 3 to 1 for graphics that carry meaning."""
    for theme in ("light", "dark"):
        ratio = contrast(getattr(COLOURS[name], theme), getattr(COLOURS["paper"], theme))
        assert ratio >= 3, (name, theme, ratio)


def test_no_two_words_share_a_colour() -> None:
    """A style finds a colour by its light value, so the values must differ."""
    values = [colour.light for colour in COLOURS.values()]
    assert len(set(values)) == len(values)


def test_a_style_speaks_only_of_colours_that_are_used() -> None:
    """Each figure carries its style, so it should be short; the page chooses when to be dark."""
    style = style_of(f'<rect fill="{LEADER}"/>')
    rule, dark = style.split("@media", 1)
    assert '.kb [fill="#0072b2"]{fill:var(--kb-leader,#0072b2)}' == rule
    for page in ("body[data-theme=dark]", "body[data-jp-theme-light=false]", "svg.kb:root"):
        assert page in dark
