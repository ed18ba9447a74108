"""Marks that several figures share. Hatches and arrow heads are drawn, not referred to.

An SVG pattern or marker needs an id, and ids of two figures in one page collide; lines cost a few
more bytes and never vanish.
"""

from math import hypot

from kafkabook.viz.letters import width_px
from kafkabook.viz.scene import Shape, group, line, number, path, rect, words
from kafkabook.viz.theme import INK, MUTED, ON, RULE


def hatch(
    x: float, y: float, width: float, height: float, *, stroke: str = MUTED, every: float = 7
) -> Shape:
    """Fill a rectangle with slanted lines: what it holds is not committed."""
    strokes = []
    reach = every / 2
    while reach < width + height:
        x1, y1 = (reach, 0.0) if reach < width else (width, reach - width)
        x2, y2 = (0.0, reach) if reach < height else (reach - height, height)
        strokes.append(f"M{number(x + x1)} {number(y + y1)}L{number(x + x2)} {number(y + y2)}")
        reach += every
    return path("".join(strokes), stroke=stroke, stroke_opacity=".45")


def cross(x: float, y: float, width: float, height: float, *, stroke: str, key: str = "") -> Shape:
    """Cross a rectangle out: gone, or lost."""
    far_x, far_y = number(x + width), number(y + height)
    near_x, near_y = number(x), number(y)
    d = f"M{near_x} {near_y}L{far_x} {far_y}M{far_x} {near_y}L{near_x} {far_y}"
    return path(d, stroke=stroke, stroke_width=1.5, key=key)


def badge(x: float, y: float, text: str, *, fill: str, key: str = "") -> Shape:
    """Draw a small number on a patch, its upper right corner at `x`, `y`: an epoch."""
    wide = badge_px(text)
    patch = rect(x - wide, y, wide, 16, fill=fill, rx=3)
    middle = x - wide / 2
    return group(patch, words(middle, y + 12.5, text, bold=True, fill=ON, anchor="middle"), key=key)


def badge_px(text: str) -> float:
    """Return how wide a badge is."""
    return max(14.0, width_px(text, bold=True) + 6)


def triangle(
    x: float,
    y: float,
    *,
    up: bool,
    fill: str,
    stroke: str | None = None,
    half: float = 6,
    key: str = "",
) -> Shape:
    """Draw a triangle whose tip is at `x`, `y`."""
    base = y + (1.5 if up else -1.5) * half
    d = f"M{number(x)} {number(y)}L{number(x - half)} {number(base)}H{number(x + half)}Z"
    return path(d, fill=fill, stroke=stroke, stroke_width=None if stroke is None else 1.6, key=key)


def arrow(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    *,
    stroke: str = INK,
    width: float = 2,
    dash: str | None = None,
) -> Shape:
    """Draw a straight arrow to `x2`, `y2`."""
    long = hypot(x2 - x1, y2 - y1) or 1.0
    ux, uy = (x2 - x1) / long, (y2 - y1) / long
    neck_x, neck_y = x2 - 8 * ux, y2 - 8 * uy
    shaft = line(x1, y1, neck_x, neck_y, stroke=stroke, stroke_width=width, stroke_dasharray=dash)
    return group(shaft, arrow_head(x2, y2, ux, uy, fill=stroke))


def arrow_head(x: float, y: float, ux: float, uy: float, *, fill: str) -> Shape:
    """Draw the head of an arrow that flies along the unit vector `ux`, `uy` to `x`, `y`."""
    left = f"{number(x - 9 * ux - 4.5 * uy)} {number(y - 9 * uy + 4.5 * ux)}"
    right = f"{number(x - 9 * ux + 4.5 * uy)} {number(y - 9 * uy - 4.5 * ux)}"
    return path(f"M{number(x)} {number(y)}L{left}L{right}Z", fill=fill)


def bracket(
    x1: float, x2: float, y: float, text: str, *, stroke: str, right_px: float, key: str = ""
) -> Shape:
    """Draw a bracket from `x1` to `x2` that opens upwards, its text on the line or beside it."""
    d = f"M{number(x1)} {number(y - 5)}V{number(y)}H{number(x2)}V{number(y - 5)}"
    wide_px = width_px(text, bold=True)
    at_px, anchor = x2 + 8, None
    if wide_px + 14 <= x2 - x1:
        at_px, anchor = (x1 + x2) / 2, "middle"
    elif at_px + wide_px > right_px:
        at_px, anchor = x1 - 8, "end"
    told = words(at_px, y + 4, text, bold=True, anchor=anchor, halo=True)
    return group(path(d, stroke=stroke, stroke_width=1.6), told, key=key)


def rule(y: float, x1: float, x2: float) -> Shape:
    """Draw a thin line that separates two parts of a figure."""
    return line(x1, y, x2, y, stroke=RULE)
