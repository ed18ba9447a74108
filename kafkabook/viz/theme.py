"""The colours of the book, light and dark: one word, one colour, everywhere.

A figure writes the light value as a plain attribute, `fill="#0072b2"`, which every viewer of SVG
understands. A small style inside the figure maps each value that it uses to a variable, and gives
the variables their dark values where a page says that it is dark: JupyterLab, furo, VS Code, or the
system, when the figure is opened alone. A viewer that drops styles shows the light figure whole,
because it paints its own paper.

Hues are Okabe and Ito's. Graphic colours stand out from paper at 3 to 1 or more, words at 4.5 to 1.
"""

from functools import cache
from typing import NamedTuple


class Colour(NamedTuple):
    """What a thing looks like on light and on dark paper."""

    light: str
    dark: str


COLOURS = {
    "paper": Colour("#ffffff", "#111111"),
    "ink": Colour("#1b1d24", "#e9ebef"),
    "muted": Colour("#5f6779", "#a2a8b6"),
    "rule": Colour("#d3d6dd", "#3d4048"),
    "panel": Colour("#f5f7fa", "#1e1f22"),
    "cell": Colour("#eef3fb", "#1f2937"),
    "on": Colour("#fffffe", "#0d1217"),
    "card": Colour("#fbfcfe", "#191b20"),
    "slot": Colour("#e6e9ef", "#2a2d35"),
    "dark": Colour("#2b2e37", "#050506"),
    "dark-ink": Colour("#e6e8ee", "#c9ccd4"),
    "fault": Colour("#ffb07a", "#ffb07b"),
    "leader": Colour("#0072b2", "#4ea5df"),
    "follower": Colour("#3898d3", "#7cc5f2"),
    "controller": Colour("#cc79a7", "#dd97bd"),
    "producer": Colour("#c47f00", "#f0b43c"),
    "consumer": Colour("#009e73", "#34c497"),
    "coordinator": Colour("#a39100", "#e3d23a"),
    "error": Colour("#d55e00", "#f0813a"),
    "follower-word": Colour("#1f72a6", "#7cc5f3"),
    "controller-word": Colour("#a34d7c", "#dd97be"),
    "producer-word": Colour("#8f5d00", "#f0b43d"),
    "consumer-word": Colour("#007a59", "#34c498"),
    "coordinator-word": Colour("#746700", "#e3d23b"),
    "error-word": Colour("#b84f00", "#f59a5f"),
}
PAPER, INK, MUTED, RULE, PANEL, CELL, ON = (
    COLOURS[name].light for name in ("paper", "ink", "muted", "rule", "panel", "cell", "on")
)
CARD, SLOT, DARK, DARK_INK, FAULT = (
    COLOURS[name].light for name in ("card", "slot", "dark", "dark-ink", "fault")
)
LEADER, FOLLOWER, CONTROLLER, PRODUCER, CONSUMER, COORDINATOR, ERROR = (
    COLOURS[name].light
    for name in (
        *("leader", "follower", "controller", "producer"),
        *("consumer", "coordinator", "error"),
    )
)
_WORDS = {
    COLOURS[name].light: COLOURS[f"{name}-word"].light
    for name in ("follower", "controller", "producer", "consumer", "coordinator", "error")
}
FAMILY = "Arimo"  # it travels with the pages, see `viz/fonts/`
STILL_SANS = "Arial, Liberation Sans, Helvetica, sans-serif"  # a picture as a file brings no font
SANS = f"{FAMILY}, {STILL_SANS}"
MONO = "DejaVu Sans Mono, Menlo, Consolas, monospace"
_PAGE_PAPER = "var(--jp-layout-color0,var(--color-background-primary,{}))"
_DARK_PAGES = "body[data-theme=dark] .kb,body[data-jp-theme-light=false] .kb,body.vscode-dark .kb"
_DARK_SYSTEM = "svg.kb:root,body[data-theme=auto] .kb"


def word_colour(colour: str) -> str:
    """Return the shade of `colour` that is dark enough to write with.

    >>> word_colour(ERROR), word_colour(INK)
    ('#b84f00', '#1b1d24')
    """
    return _WORDS.get(colour, colour)


def style_of(body: str) -> str:
    """Return the style that lets the colours used in `body` follow the page."""
    return "".join(_rules(body)) + _dark_values()


def _rules(body: str) -> list[str]:
    return [
        f'.kb [{kind}="{colour.light}"]{{{kind}:var(--kb-{name},{colour.light})}}'
        for name, colour in COLOURS.items()
        for kind in ("fill", "stroke")
        if f'{kind}="{colour.light}"' in body
    ]


@cache
def _dark_values() -> str:
    values = {name: colour.dark for name, colour in COLOURS.items()}
    values["paper"] = _PAGE_PAPER.format(values["paper"])
    css = ";".join(f"--kb-{name}:{value}" for name, value in values.items())
    return f"@media(prefers-color-scheme:dark){{{_DARK_SYSTEM}{{{css}}}}}{_DARK_PAGES}{{{css}}}"
