"""What a figure is drawn with: a few kinds of shapes, each a value that two painters can draw.

`painter` writes shapes as SVG, where nothing runs; the front end builds them in the page, and lets
what keeps its key move. A *key* names the thing that a shape stands for, such as `broker-2/5` for
the record at offset 5 of broker 2, and stays the same for the whole life of that thing. A shape
without a key is a part of the keyed shape around it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from kafkabook.base.plain import plain
from kafkabook.viz.letters import TEXT_PX, width_px
from kafkabook.viz.theme import INK, MONO, PAPER

Value = str | float | None
_NO_ATTRIBUTES: Mapping[str, str | float] = {}


@dataclass(frozen=True, slots=True)
class Shape:
    """One primitive: a rectangle, a circle, a line, a path, a text, or a group of them.

    Attributes: `kind` (the name of the SVG element), `at` (its attributes by SVG's names, numbers
    in px), `inside` (shapes, or the text of a text), `key` (what it stands for; may be empty). A
    shape of kind "raw" holds finished markup, such as a chart of matplotlib, in its only text.
    """

    kind: str
    at: Mapping[str, str | float] = field(default_factory=lambda: _NO_ATTRIBUTES)
    inside: tuple["Shape | str", ...] = ()
    key: str = ""

    def walk(self) -> Iterable["Shape"]:
        """Return this shape and all inside it, outer ones first."""
        yield self
        for part in self.inside:
            if isinstance(part, Shape):
                yield from part.walk()


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is drawn at one moment in one width, later ones on top; sizes in px."""

    width: float
    height: float
    shapes: tuple[Shape, ...]

    def walk(self) -> Iterable[Shape]:
        """Return every shape, outer ones before inner ones."""
        for shape in self.shapes:
            yield from shape.walk()


def tag(kind: str, *inside: Shape | str, **attributes: Value) -> Shape:
    """Return one shape: `stroke_width=2` becomes `stroke-width`, `class_` `class`, None nothing.

    >>> tag("text", "6 records", x=1.0, class_="a", key="told")
    Shape(kind='text', at={'x': 1.0, 'class': 'a'}, inside=('6 records',), key='told')
    """
    at = {
        _named(name): _harmless(value) if isinstance(value, str) else value
        for name, value in attributes.items()
        if value is not None
    }
    parts = tuple([it if isinstance(it, Shape) else plain(it) for it in inside])
    return Shape(kind, at, parts, str(at.pop("key", "")))


def group(*inside: Shape, tip: str | None = None, **attributes: Value) -> Shape:
    """Return shapes that belong together; a `tip` shows when the pointer rests on them."""
    titled = () if tip is None else (tag("title", tip),)
    return tag("g", *titled, *inside, **attributes)


def rect(x: float, y: float, width: float, height: float, **attributes: Value) -> Shape:
    """Return a rectangle, without outline unless `stroke` is given."""
    return tag("rect", x=x, y=y, width=width, height=height, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: Value) -> Shape:
    """Return a straight line in ink unless `stroke` is given."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, **{"stroke": INK, **attributes})


def path(d: str, **attributes: Value) -> Shape:
    """Return a path, not filled unless `fill` is given."""
    return tag("path", d=d, **{"fill": "none", **attributes})


def words(
    x: float,
    y: float,
    text: str,
    *,
    size: float = TEXT_PX,
    fill: str = INK,
    bold: bool = False,
    mono: bool = False,
    anchor: str | None = None,
    halo: bool = False,
    key: str = "",
) -> Shape:
    """Return text on the base line `y`; `halo` lays paper behind it where lines cross."""
    shown = tag(
        "text",
        text,
        key="" if halo else key,
        x=x,
        y=y,
        fill=fill,
        font_size=None if size == TEXT_PX else size,
        font_weight="bold" if bold else None,
        font_family=MONO if mono else None,
        text_anchor=anchor,
        **{"xml:space": "preserve" if "  " in text else None},
    )
    if not halo:
        return shown
    return group(_paper_behind(x, y, text, size, bold, mono, anchor), shown, key=key)


def number(value: float) -> str:
    """Write a coordinate with at most one decimal.

    >>> number(2.0), number(1 / 3)
    ('2', '0.3')
    """
    return f"{value:.1f}".removesuffix(".0")


def _paper_behind(
    x: float, y: float, text: str, size: float, bold: bool, mono: bool, anchor: str | None
) -> Shape:
    wide = width_px(text, size, bold=bold, mono=mono)
    left = x - {None: 0.0, "start": 0.0, "middle": wide / 2, "end": wide}[anchor]
    return rect(left - 3, y - size + 1, wide + 6, size + 3, fill=PAPER)


MOTION = ("ease", "leave", "from", "fly", "way")  # how a shape moves: for `motion`, and not painted


def _harmless(value: str) -> str:
    is_harmless = value.isascii() and value.isprintable()
    return value if is_harmless else plain(value, most=len(value))


@cache
def _named(name: str) -> str:
    plain_name = name.rstrip("_")
    return f"~{plain_name}" if plain_name in MOTION else plain_name.replace("_", "-")
