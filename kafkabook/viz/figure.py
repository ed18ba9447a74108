"""A figure is a value: its picture, the same in words, and what it is called.

It is laid out for three widths. The widest is drawn at once and is the still; the narrower ones are
drawn when somebody asks for them, and show the same thing under the same keys.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial, wraps
from html import escape
from typing import ParamSpec, TypeVar

from kafkabook.viz.letters import TEXT_PX
from kafkabook.viz.modes import STILL, mode
from kafkabook.viz.painter import picture
from kafkabook.viz.scene import Scene
from kafkabook.viz.theme import style_of

WIDTHS_PX = (400, 520, 820)
WIDTH_PX = WIDTHS_PX[-1]
_MOST_HEIGHTS_PX = {400: 900, 520: 780, 820: 560}
LEAST_FONT_PX = TEXT_PX
MOST_SVG_BYTES = 60_000
# One width is seen: the widest that has room, or the widest of all in a browser without containers.
_ONE_WIDTH_CSS = (
    ".kb-wide{container-type:inline-size}"
    ".kb-wide>.kb-at{display:none}.kb-wide>.kb-at-820{display:block}"
    "@container (width<820px){.kb-wide>.kb-at-820{display:none}"
    ".kb-wide>.kb-at-520{display:block}}"
    "@container (width<520px){.kb-wide>.kb-at-520{display:none}"
    ".kb-wide>.kb-at-400{display:block}}"
)
_P = ParamSpec("_P")
_F = TypeVar("_F", bound="Figure")


@dataclass(frozen=True)
class Figure:
    """A picture that can be compared, tested, shown in a notebook and laid into a page.

    Attributes: `title` (the question it answers), `scene` (its shapes), `text` (its twin in words:
    a sentence, then a table), `caption` (what to try, what breaks it, the source), `sentence` (what
    is to be seen), `svg` (the scene as one self-contained element), `draw_again` (draws the same
    figure for the width in px that it is given; without it there is one width).

    Raises:
        ValueError: the picture is wider than 820 px, higher than its width allows (400 px: 900 px,
            520: 780, 820: 560), heavier than 60 kB or writes smaller than 13 px; the message names
            the figure.
    """

    title: str
    scene: Scene = field(hash=False)  # its shapes hold dictionaries; equal figures are still equal
    text: str
    caption: str = ""
    sentence: str = ""
    draw_again: "Callable[..., Figure] | None" = field(
        default=None, compare=False, repr=False, kw_only=True
    )

    def __post_init__(self) -> None:
        _check(self.title, self.scene, len(self.svg.encode()))

    @cached_property
    def svg(self) -> str:
        """The picture; painted once."""
        return picture(self.scene, self.title, self.sentence)

    def scene_for(self, width_px: float) -> Scene:
        """Return the shapes, laid out for the widest width class that fits into `width_px`.

        What has no room in that class has the next wider one.
        """
        wide_enough = [it for it in WIDTHS_PX if it > width_px]
        fits = max((it for it in WIDTHS_PX if it <= width_px), default=WIDTHS_PX[0])
        for width in sorted({fits, *wide_enough}):
            if self.draw_again is None or width == self.scene.width:
                break
            if width not in self._scenes:
                self._scenes[width] = self._laid_out(width)
            if (scene := self._scenes[width]) is not None:
                return scene
        return self.scene

    def _laid_out(self, width_px: int) -> Scene | None:
        """Draw again for a width; None where there is not enough room."""
        assert self.draw_again is not None
        try:
            return self.draw_again(width_px=width_px).scene
        except ValueError:
            return None

    @cached_property
    def _scenes(self) -> dict[int, Scene | None]:
        return {}

    def __hash__(self) -> int:
        return hash((self.title, self.text))

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        return self.shown()

    def shown(self, text: str = "") -> dict[str, str]:
        """Return what a notebook shows, by mime type; `text` where other words say it better.

        Front ends show an SVG as a file, of one size. Where somebody looks at it, the figure is
        HTML too, which has the room that it is given.
        """
        words = text or self.text
        bundle = {"text/plain": words, "image/svg+xml": self.svg}
        return bundle if mode() == STILL else bundle | {"text/html": self.html(words)}

    def html(self, words: str = "") -> str:
        """Return the figure for a page: the SVG in place, so that it follows the page's colours."""
        told = f"<summary>In words</summary><pre>{escape(words or self.text)}</pre>"
        return f'<div class="kb kb-still">{self._in_place()}<details>{told}</details></div>'

    def _in_place(self) -> str:
        """Write one picture for each width that is laid out apart; the page shows one of them."""
        drawn: dict[str, list[str]] = {}
        for width in WIDTHS_PX:
            svg = picture(self.scene_for(width), self.title, self.sentence, has_style=False)
            drawn.setdefault(svg, []).append(f"kb-at-{width}")
        shown = [f'<div class="kb-at {" ".join(at)}">{svg}</div>' for svg, at in drawn.items()]
        style = f"<style>{_ONE_WIDTH_CSS}{style_of(''.join(drawn))}</style>"
        return f'{style}<div class="kb-wide">{"".join(shown)}</div>'


def in_every_width(draw: Callable[_P, _F]) -> Callable[_P, _F]:
    """Let a drawing function draw its figure again in other widths, with the same arguments.

    `draw` takes the keyword `width_px`. What it is given must not change afterwards: the narrow
    widths are drawn later.
    """

    @wraps(draw)
    def drawn(*values: _P.args, **named: _P.kwargs) -> _F:
        figure = draw(*values, **named)
        # set, not replaced: a replaced figure would be painted and measured a second time
        object.__setattr__(figure, "draw_again", partial(draw, *values, **named))
        return figure

    return drawn


def most_height_px(width_px: float) -> float:
    """Return how high a figure of a width may be; a narrow one may be higher.

    >>> most_height_px(400), most_height_px(820)
    (900, 560)
    """
    return _MOST_HEIGHTS_PX.get(int(width_px), _MOST_HEIGHTS_PX[WIDTH_PX])


def _check(title: str, scene: Scene, size_bytes: int) -> None:
    for complaint in _complaints(scene, size_bytes):
        raise ValueError(f"figure {title!r}: {complaint}")


def _complaints(scene: Scene, size_bytes: int) -> list[str]:
    wide, high, most_px = scene.width, scene.height, most_height_px(scene.width)
    sizes = [float(it.at["font-size"]) for it in scene.walk() if "font-size" in it.at]
    smallest = min(sizes, default=LEAST_FONT_PX)
    found = (
        (wide > WIDTH_PX, f"{wide:g} px wide, at most {WIDTH_PX} are allowed"),
        (high > most_px, f"{high:g} px high, at most {most_px:g} are allowed"),
        (smallest < LEAST_FONT_PX, f"writes in {smallest:g} px, {LEAST_FONT_PX} is the least"),
        (
            size_bytes > MOST_SVG_BYTES,
            f"{size_bytes} bytes, at most {MOST_SVG_BYTES} are allowed",
        ),
    )
    return [complaint for is_so, complaint in found if is_so]
