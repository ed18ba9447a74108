"""A tiny builder of SVG: texts and attributes are escaped, numbers short, nothing is random."""

from functools import lru_cache
from html import escape

from kafkabook.viz.letters import width_px
from kafkabook.viz.plain import plain
from kafkabook.viz.theme import INK, MONO, PAPER

Value = str | float | None


class Svg(str):
    """Markup that is already safe; any other string is escaped when it becomes a child."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: Value) -> Svg:
    """Return one element: `stroke_width=2` becomes `stroke-width`, `class_` `class`, None nothing.

    >>> tag("text", "<img onerror=x>", x=1.0, class_="a")
    '<text x="1" class="a">&lt;img onerror=x&gt;</text>'
    """
    written = "".join(
        [
            f' {_key(key)}="{_quoted(value) if isinstance(value, str) else number(value)}"'
            for key, value in attributes.items()
            if value is not None
        ]
    )
    inside = "".join([it if isinstance(it, Svg) else escape(plain(it)) for it in children])
    return Svg(f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>")


def group(*children: str, tip: str | None = None, **attributes: Value) -> Svg:
    """Return a `<g>`; a `tip` shows when the pointer rests on it, or when it is clicked."""
    titled = () if tip is None else (tag("title", tip),)
    return tag("g", *titled, *children, **attributes)


def rect(x: float, y: float, width: float, height: float, **attributes: Value) -> Svg:
    """Return a rectangle, without outline unless `stroke` is given."""
    return tag("rect", x=x, y=y, width=width, height=height, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: Value) -> Svg:
    """Return a straight line in ink unless `stroke` is given."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, **{"stroke": INK, **attributes})


def path(d: str, **attributes: Value) -> Svg:
    """Return a path, not filled unless `fill` is given."""
    return tag("path", d=d, **{"fill": "none", **attributes})


def words(
    x: float,
    y: float,
    text: str,
    *,
    size: float = 12,
    fill: str = INK,
    bold: bool = False,
    mono: bool = False,
    anchor: str | None = None,
    halo: bool = False,
) -> Svg:
    """Return text on the base line `y`; `halo` lays paper behind it where lines cross."""
    shown = tag(
        "text",
        text,
        x=x,
        y=y,
        fill=fill,
        font_size=None if size == 12 else size,
        font_weight="bold" if bold else None,
        font_family=MONO if mono else None,
        text_anchor=anchor,
        **{"xml:space": "preserve" if "  " in text else None},
    )
    return shown if not halo else Svg(_paper_behind(x, y, text, size, bold, mono, anchor) + shown)


def number(value: float) -> str:
    """Write a coordinate with at most one decimal.

    >>> number(2.0), number(1 / 3)
    ('2', '0.3')
    """
    return f"{value:.1f}".removesuffix(".0")


_REMEMBERED = 1024  # a picture repeats its colours, anchors and dashes in every mark


@lru_cache(_REMEMBERED)
def _key(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


@lru_cache(_REMEMBERED)
def _quoted(value: str) -> str:
    return escape(plain(value, most=len(value)), quote=True)


def _paper_behind(
    x: float, y: float, text: str, size: float, bold: bool, mono: bool, anchor: str | None
) -> Svg:
    wide = width_px(text, size, bold=bold, mono=mono)
    left = x - {None: 0.0, "start": 0.0, "middle": wide / 2, "end": wide}[anchor]
    return rect(left - 3, y - size + 1, wide + 6, size + 3, fill=PAPER)
