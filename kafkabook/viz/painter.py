"""The painter that needs no script: shapes become SVG. Texts and attributes are escaped here."""

from functools import lru_cache
from html import escape
from zlib import crc32

from kafkabook.viz.letters import TEXT_PX
from kafkabook.viz.scene import Scene, Shape, number, tag
from kafkabook.viz.theme import STILL_SANS, style_of

RAW = "raw"
_REMEMBERED = 1024  # a picture repeats its colours, anchors and dashes in every mark


def picture(scene: Scene, title: str, sentence: str = "", *, has_style: bool = True) -> str:
    """Return a scene as one SVG element; its colours follow the page.

    Args:
        has_style: it needs nothing else; without, the page must have `style_of` its colours.
    """
    body = "".join(map(painted, scene.shapes))
    mark = f"kb{crc32(body.encode()):08x}"
    svg = tag(
        "svg",
        tag("title", title, id=f"{mark}t"),
        Shape("desc", {"id": f"{mark}d"}, (sentence,)),
        *([Shape("style", {}, (Shape(RAW, {}, (style_of(body),)),))] if has_style else []),
        Shape(RAW, {}, (body,)),
        xmlns="http://www.w3.org/2000/svg",
        width=scene.width,
        height=scene.height,
        viewBox=f"0 0 {number(scene.width)} {number(scene.height)}",
        class_="kb",
        role="group",
        aria_labelledby=f"{mark}t {mark}d",
        font_family=STILL_SANS,
        font_size=TEXT_PX,
        style="max-width:100%;height:auto",
    )
    return painted(svg)


def painted(shape: Shape) -> str:
    """Return a shape as SVG; its key becomes `data-id`.

    >>> painted(Shape("text", {"x": 1.0}, ("<img onerror=x>",), "a-1"))
    '<text x="1" data-id="a-1">&lt;img onerror=x&gt;</text>'
    """
    if shape.kind == RAW:
        return str(shape.inside[0])
    written = "".join(
        [
            f' {name}="{_quoted(value) if isinstance(value, str) else number(value)}"'
            for name, value in shape.at.items()
            if name[0] != "~"
        ]
    )
    named = f' data-id="{_quoted(shape.key)}"' if shape.key else ""
    inside = "".join([painted(it) if isinstance(it, Shape) else escape(it) for it in shape.inside])
    head = f"{shape.kind}{written}{named}"
    return f"<{head}>{inside}</{shape.kind}>" if inside else f"<{head}/>"


@lru_cache(_REMEMBERED)
def _quoted(value: str) -> str:
    return escape(value, quote=True)
