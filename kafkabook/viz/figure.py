"""A figure is a value: its picture, the same in words, and what it is called."""

import os
from dataclasses import dataclass
from functools import cached_property
from html import escape

from kafkabook.viz.painter import picture
from kafkabook.viz.scene import Scene

WIDTH_PX = 720
MOST_HEIGHT_PX = 420
LEAST_FONT_PX = 12
MOST_SVG_BYTES = 60_000
MODE = "KAFKABOOK_MODE"  # live, book or still; the name of an environment variable


@dataclass(frozen=True)
class Figure:
    """A picture that can be compared, tested, shown in a notebook and laid into a page.

    Attributes: `title` (the question it answers), `scene` (its shapes), `text` (its twin in words:
    a sentence, then a table), `caption` (what to try, what breaks it, the source), `sentence` (what
    is to be seen), `svg` (the scene as one self-contained element).

    Raises:
        ValueError: the SVG is wider than 720 px, higher than 420 px, heavier than 60 kB or writes
            smaller than 12 px; the message names the figure.
    """

    title: str
    scene: Scene
    text: str
    caption: str = ""
    sentence: str = ""

    def __post_init__(self) -> None:
        for complaint in _complaints(self):
            raise ValueError(f"figure {self.title!r}: {complaint}")

    @cached_property
    def svg(self) -> str:
        """The picture; painted once."""
        return picture(self.scene, self.title, self.sentence)

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


def _complaints(figure: Figure) -> list[str]:
    wide, high = figure.scene.width, figure.scene.height
    sizes = [float(it.at["font-size"]) for it in figure.scene.walk() if "font-size" in it.at]
    smallest = min(sizes, default=LEAST_FONT_PX)
    size_bytes = len(figure.svg.encode())
    found = (
        (wide > WIDTH_PX, f"{wide:g} px wide, at most {WIDTH_PX} are allowed"),
        (high > MOST_HEIGHT_PX, f"{high:g} px high, at most {MOST_HEIGHT_PX} are allowed"),
        (smallest < LEAST_FONT_PX, f"writes in {smallest:g} px, {LEAST_FONT_PX} is the least"),
        (
            size_bytes > MOST_SVG_BYTES,
            f"{size_bytes} bytes, at most {MOST_SVG_BYTES} are allowed",
        ),
    )
    return [complaint for is_so, complaint in found if is_so]
