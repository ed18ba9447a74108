"""Charts: a quantity over a parameter, drawn by matplotlib, in the book's colours, as text too.

matplotlib is imported when the first chart is drawn. Its SVG is made reproducible (hash salt, no
date, its own font for measuring) and plain: colours become attributes, so that a chart follows
light and dark like every other figure.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from io import StringIO
from math import ceil, floor, log2
from typing import Any

from kafkabook.base.units import bytes_text
from kafkabook.viz.figure import WIDTH_PX, Figure, in_every_width
from kafkabook.viz.painter import RAW
from kafkabook.viz.scene import Shape, group
from kafkabook.viz.sheet import Sheet
from kafkabook.viz.theme import (
    CONSUMER,
    CONTROLLER,
    INK,
    LEADER,
    MUTED,
    PAPER,
    PRODUCER,
    RULE,
)

Points = Sequence[tuple[float, float]]
_LINES = ((LEADER, "-", "o"), (PRODUCER, "--", "s"), (CONSUMER, "-.", "^"), (CONTROLLER, ":", "D"))
_MOST_TICKS = 9
_HIGH_PT = 280
_LEFT_PT, _RIGHT_PT = 78, 14  # beside the axes where there is little room
_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "kafkabook",
    "font.family": "DejaVu Sans",
    "font.size": 13,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "text.color": INK,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "xtick.labelsize": 13,
    "ytick.labelsize": 13,
    "legend.fontsize": 13,
    "legend.frameon": False,
}


@in_every_width
def line_chart(
    series: Mapping[str, Points],
    *,
    title: str,
    x_label: str,
    y_label: str,
    log_x: bool = False,
    log_y: bool = False,
    subtitle: str = "",
    sentence: str = "",
    caption: str = "",
    width_px: float = WIDTH_PX,
) -> Figure:
    """Draw lines over one axis, at most four; each has its own colour, dash and marker.

    Args:
        series: name → points (x, y); names go into the legend if there are several.
        x_label, y_label: with their units.
    """

    def plot(axes: Any) -> None:
        for (name, points), (colour, dash, mark) in zip(series.items(), _LINES, strict=False):
            x, y = zip(*points, strict=True)
            axes.plot(x, y, color=colour, linestyle=dash, marker=mark, label=name, mew=0, lw=2)
        axes.set_xscale("log" if log_x else "linear")
        axes.set_yscale("log" if log_y else "linear")
        places = sorted({x for points in series.values() for x, _ in points})
        if log_x and "bytes" not in x_label:
            axes.set_xticks(places[:: -(-len(places) // _most_ticks(width_px))])
            axes.set_xticks([], minor=True)
        _number(axes.xaxis, x_label, is_log=log_x)
        _number(axes.yaxis, y_label, is_log=log_y)
        if len(series) > 1:
            axes.legend()

    rows = [(name, x, y) for name, points in series.items() for x, y in points]
    sheet = Sheet(title, subtitle, width_px=width_px)
    _place(sheet, _drawn(plot, x_label, y_label, width_px))
    heads = ("line", x_label, y_label)
    return sheet.figure(
        sentence or _spans(series, y_label), heads=heads, rows=rows, caption=caption
    )


@in_every_width
def bar_chart(
    bars: Mapping[str, float],
    *,
    title: str,
    y_label: str,
    subtitle: str = "",
    sentence: str = "",
    caption: str = "",
    top: float | None = None,
    width_px: float = WIDTH_PX,
) -> Figure:
    """Draw one bar for each name, with its number on top.

    `top` is the end of the axis: the same one for all steps of a film, or bars seem to change that
    do not. Without it the highest bar decides.
    """
    counts = all(isinstance(value, int) for value in bars.values())
    sheet = Sheet(title, subtitle, width_px=width_px)
    _place(sheet, _bars(tuple(bars.items()), y_label, top, width_px, in_wholes=counts))
    most = max(bars, key=lambda name: bars[name])
    told = sentence or f"The largest is {most} with {bars[most]:g} ({y_label})."
    return sheet.figure(told, heads=("", y_label), rows=list(bars.items()), caption=caption)


@lru_cache(48)
def _bars(
    bars: tuple[tuple[str, float], ...],
    y_label: str,
    top: float | None,
    width_px: float,
    *,
    in_wholes: bool,
) -> Shape:
    """Draw bars; the same ones often stand below another sentence, and take 50 ms."""

    def plot(axes: Any) -> None:
        drawn = axes.bar(*zip(*bars, strict=True), color=LEADER, width=0.6)
        axes.bar_label(drawn, padding=2, color=INK)
        axes.set_ylim(top=top and 1.05 * top)
        _number(axes.yaxis, y_label, in_wholes=in_wholes)
        axes.grid(visible=False, axis="x")

    return _drawn(plot, "", y_label, width_px)


def _number(axis: Any, label: str, *, is_log: bool = False, in_wholes: bool = False) -> None:
    """Number an axis in words of its unit, bytes at powers of two, counts in whole numbers."""
    from matplotlib.ticker import MultipleLocator

    in_bytes = "bytes" in label
    least, most = axis.get_view_interval()
    if in_bytes and is_log:
        axis.set_ticks(_powers(least, most))
        axis.set_ticks([], minor=True)
    elif in_bytes:
        axis.set_major_locator(MultipleLocator(2 ** ceil(log2(max(most, 4) / 5))))
    elif in_wholes:
        axis.get_major_locator().set_params(integer=True)

    def said(value: float, _place: int) -> str:
        return bytes_text(round(value)) if in_bytes else f"{value:,g}".replace(",", " ")

    axis.set_major_formatter(said)


def _powers(least: float, most: float) -> list[int]:
    """Return powers of two from `least` to `most`: all, every second (1, 4, 16), every fourth …"""
    first, last = ceil(log2(max(least, 1))), floor(log2(max(most, 1)))
    steps = (1,) if last - first < 4 else (2, 4, 8, 16)
    step = next((n for n in steps if (last - first) // n < _MOST_TICKS), 32)
    return [2**n for n in range(-(-first // step) * step, last + 1, step)]


def _place(sheet: Sheet, drawing: Shape) -> None:
    top_px = sheet.take(_HIGH_PT + 4)
    sheet.add(group(drawing, key="chart", transform=f"translate(0 {top_px:g})"))


def _most_ticks(width_px: float) -> int:
    """Return how many numbers have room below an axis."""
    return int(_MOST_TICKS * width_px / WIDTH_PX)


def _axes(width_px: float, *, is_named: bool) -> tuple[float, float, float, float]:
    """Return where the axes stand on a drawing: left, bottom, width and height, as shares of it."""
    bottom, high = (0.2, 0.75) if is_named else (0.12, 0.8)
    if width_px == WIDTH_PX:
        return 0.12, bottom, 0.85, high
    return _LEFT_PT / width_px, bottom, 1 - (_LEFT_PT + _RIGHT_PT) / width_px, high


def _drawn(plot: Any, x_label: str, y_label: str, width_px: float) -> Shape:
    """Return what matplotlib draws, without its frame, in plain attributes."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Drawing

    with mpl.rc_context():
        mpl.rcdefaults()  # a reader's own style must not change the book's pictures
        mpl.rcParams.update(_SETTINGS)  # type: ignore[arg-type]
        drawing = Drawing(figsize=(width_px / 72, _HIGH_PT / 72))
        axes = drawing.add_axes(_axes(width_px, is_named=bool(x_label)))
        plot(axes)
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        text = StringIO()
        drawing.savefig(text, format="svg", metadata=dict.fromkeys(_METADATA))
    return Shape(RAW, {}, (_plain(text.getvalue()),))


_METADATA = ("Date", "Creator", "Format", "Type")


def _plain(svg: str) -> str:
    """Take the drawing out of its document; turn styles into attributes, fonts into ours."""
    body = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    body = re.sub(
        r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", body, flags=re.DOTALL
    )
    body = re.sub(r' style="([^"]*)"', lambda found: _attributes(found.group(1)), body)
    body = body.replace("xlink:href", "href")
    meant = set(re.findall(r'(?:url\(|href=")#([^")]+)', body))
    body = re.sub(r' id="([^"]*)"', lambda found: found.group() * (found.group(1) in meant), body)
    return re.sub(r"\s*\n\s*", " ", body)


def _attributes(style: str) -> str:
    told = []
    for part in filter(None, map(str.strip, style.split(";"))):
        name, _, value = (piece.strip() for piece in part.partition(":"))
        if name == "font-size":
            told.append(f' font-size="{float(value.removesuffix("px")):g}"')
        elif name not in ("font", "font-family"):  # the sheet's own font instead
            told.append(f' {name}="{value}"')
    return "".join(told)


def _spans(series: Mapping[str, Points], y_label: str) -> str:
    told = []
    for name, points in series.items():
        first, last = points[0], points[-1]
        told.append(f"{name}: {first[1]:g} at {first[0]:g}, {last[1]:g} at {last[0]:g}")
    return f"{'; '.join(told)} ({y_label})."
