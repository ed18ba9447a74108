"""A figure is a value: its picture, the same in words, and what it is called."""

import os
import re
from dataclasses import dataclass
from html import escape

WIDTH_PX = 720
MOST_HEIGHT_PX = 420
LEAST_FONT_PX = 12
MOST_SVG_BYTES = 60_000
MODE = "KAFKABOOK_MODE"  # live, book or still; the name of an environment variable


@dataclass(frozen=True)
class Figure:
    """A picture that can be compared, tested, shown in a notebook and laid into a page.

    Attributes: `title` (the question it answers), `svg` (one self-contained element), `text` (its
    twin in words: a sentence, then a table), `caption` (what to try, what breaks it, the source).

    Raises:
        ValueError: the SVG is wider than 720 px, higher than 420 px, heavier than 60 kB or writes
            smaller than 12 px; the message names the figure.
    """

    title: str
    svg: str
    text: str
    caption: str = ""

    def __post_init__(self) -> None:
        for complaint in _complaints(self.svg):
            raise ValueError(f"figure {self.title!r}: {complaint}")

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        bundle = {"text/plain": self.text, "image/svg+xml": self.svg}
        return bundle | ({"text/html": self.html()} if mode_wanted() == "book" else {})

    def html(self) -> str:
        """Return the figure for a page: the SVG in place, so that it follows the page's colours."""
        told = f"<summary>In words</summary><pre>{escape(self.text)}</pre>"
        return f'<div class="kb kb-still">{self.svg}<details>{told}</details></div>'


def mode_wanted() -> str:
    """Return the mode that the environment asks for, or the empty string."""
    return os.environ.get(MODE, "")


def _complaints(svg: str) -> list[str]:
    size = re.match(r'<svg[^>]* width="([\d.]+)" height="([\d.]+)"', svg)
    wide, high = map(float, size.groups()) if size else (0.0, 0.0)
    smallest = min(map(float, re.findall(r'font-size="([\d.]+)"', svg)), default=LEAST_FONT_PX)
    found = (
        (size is None, "its SVG does not begin with its width and height"),
        (wide > WIDTH_PX, f"{wide:g} px wide, at most {WIDTH_PX} are allowed"),
        (high > MOST_HEIGHT_PX, f"{high:g} px high, at most {MOST_HEIGHT_PX} are allowed"),
        (smallest < LEAST_FONT_PX, f"writes in {smallest:g} px, {LEAST_FONT_PX} is the least"),
        (
            len(svg.encode()) > MOST_SVG_BYTES,
            f"{len(svg.encode())} bytes, at most {MOST_SVG_BYTES} are allowed",
        ),
    )
    return [complaint for is_so, complaint in found if is_so]
