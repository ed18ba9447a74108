"""The painter of a `Motion` that moves without a script: shapes become SVG, their tracks CSS.

Every shape is written as it is in the end, and `@keyframes` play how that came about: once, as
nothing loops in this project. Who asks for less motion sees the end at once, and so does a viewer
that plays no CSS. The sums are those of `motion.py`; a browser test holds both against each other.
What leaves fades; it does not fall, for nothing is lost in the one picture that this is made for.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import inf
from re import sub
from typing import NamedTuple

from kafkabook.viz.motion import (
    FLY,
    SHOW_S,
    SHOWN,
    TEXT,
    WAY,
    Moving,
    along,
    blended,
    eased,
    share_at,
)
from kafkabook.viz.scene import Shape

LEAD_S = 2.0  # in which the first picture can be read
SLOWER = 1.2  # than in the book: nobody can stop a picture to read
SAMPLES = 12  # of the curve that a message flies along
SLIDES = ("opacity", "transform", "d")  # what CSS moves; Safari has no `d`, so there paths switch
HALF = "animation-timing-function:cubic-bezier(.33333,{0},.66667,{0})"
STARTS, LANDS = HALF.format(0), HALF.format(1)  # exactly the halves of `eased`
BLINK_S = 0.002


class Stop(NamedTuple):
    """What an attribute is at a second of the film; `ease` says how it goes on, if not as usual."""

    second: float
    value: str | float
    ease: str = ""


class CssPainter:
    """Draws shapes as they are in the end, and keeps the keyframes that lead there, each once.

    Args:
        end_s: how long the film is.
    """

    def __init__(self, end_s: float) -> None:
        self._end_s = end_s
        self._names: dict[str, str] = {}

    def css(self) -> str:
        """Return the keyframes, played once for whoever does not ask for less motion."""
        frames = "".join(f"@keyframes {name}{{{body}}}" for body, name in self._names.items())
        plays = f"animation:{SLOWER * self._end_s:.2f}s {LEAD_S:g}s both;{STARTS}"
        return f"@media(prefers-reduced-motion:no-preference){{[style]{{{plays}}}{frames}}}"

    def drawn(self, moving: Moving) -> Iterator[Shape]:
        """Return the elements of a shape: one for each look that no movement leads to."""
        looks = _looks(moving)
        for began, ends in pairwise([*looks, inf]):
            element = self._element(moving, began)
            if element is not None and len(looks) > 1:
                turns = [Stop(0, 0), Stop(began, 1), *([Stop(ends, 0)] if ends < inf else [])]
                element = self._wrapped(element, "opacity", turns, "step-end")
            if element is not None and FLY in moving.at:
                element = self._wrapped(element, "transform", [*_flight(moving)], "linear")
            if element is not None and SHOWN in moving.tracks:
                element = self._wrapped(element, "opacity", [*_stops(moving, SHOWN)])
            yield from [] if element is None else [element]

    def _element(self, moving: Moving, second: float) -> Shape | None:
        """Return a shape as it looks from a second on, or None where there is nothing to see."""
        values = {name: _then(moving, name, second) for name in {**moving.at, **moving.tracks}}
        text = str(values.get(TEXT, ""))
        parts = [it for part in moving.inside for it in self.drawn(part)]
        if _is_unseen(moving, values, bool(text or parts)):
            return None
        at = {name: _short(it) for name, it in values.items() if name[0] != "~" and it != ""}
        moved = [
            self._name(name, [*_stops(moving, name)]) for name in SLIDES if name in moving.tracks
        ]
        at |= {"style": f"animation-name:{','.join(moved)}"} if moved else {}
        return Shape(moving.kind, at, (*([text] if text else []), *parts), moving.key)

    def _wrapped(self, shape: Shape, name: str, stops: Sequence[Stop], timing: str = "") -> Shape:
        how = f";animation-timing-function:{timing}" if timing else ""
        style = f"animation-name:{self._name(name, stops)}{how}"
        return Shape("g", {name: _short(stops[-1].value), "style": style}, (shape,))

    def _name(self, attribute: str, stops: Sequence[Stop]) -> str:
        """Return the name of the keyframes that lead an attribute from stop to stop."""
        timed = [Stop(0, stops[0].value), *stops]
        shares = {f"{max(it.second, 0) / self._end_s:.3%}": it for it in timed}
        body = "".join(
            f"{share}{{{attribute}:{_css(attribute, it.value)}{it.ease}}}"
            for share, it in shares.items()
        )
        return self._names.setdefault(body, f"k{len(self._names)}")


def _looks(moving: Moving) -> list[float]:
    """Return the seconds from which on a shape is drawn anew, with another text or colour."""
    led = ("opacity", "transform", SHOWN)
    turns = {it[0] for name, track in moving.tracks.items() if name not in led for it in track}
    return sorted(turns) or [-inf]


def _then(moving: Moving, name: str, second: float) -> str | float:
    """Return an attribute from a second on; where a movement leads, it is as in the end."""
    until = inf if name in ("opacity", "transform") else second
    known = [value for at_s, value in moving.tracks.get(name, ()) if at_s <= until]
    return known[-1] if known else moving.at[name]


def _is_unseen(moving: Moving, values: Mapping[str, str | float], has_inside: bool) -> bool:
    is_clear = values.get("opacity") == 0 and "opacity" not in moving.tracks
    is_empty = moving.kind in ("g", "text") and not has_inside
    return is_clear or is_empty or values.get("stroke-opacity") == 0 or moving.kind == "title"


def _stops(moving: Moving, name: str) -> Iterator[Stop]:
    """Return where each change of an attribute begins, is half done, and ends."""
    track = moving.tracks[name]
    ends = [*(second for second, _ in track[2:]), inf]
    for ((_, was), (since, now)), until in zip(pairwise(track), ends, strict=True):
        takes_s = _takes_s(moving, name, leaves=name == SHOWN and not now)
        for share, ease in ((0.0, ""), (0.5, f";{LANDS}"), (1.0, "")):
            if since + share * takes_s < until:
                yield Stop(since + share * takes_s, blended(name, was, now, share), ease)
        if since + takes_s >= until:  # the next change comes first
            yield Stop(until - BLINK_S, blended(name, was, now, eased((until - since) / takes_s)))


def _takes_s(moving: Moving, name: str, *, leaves: bool) -> float:
    if name != SHOWN:
        return moving.ease_s
    return moving.leave_s if leaves else SHOW_S


def _flight(moving: Moving) -> Iterator[Stop]:
    """Return points of the curve that a message flies along."""
    fly, way = str(moving.at[FLY]), str(moving.at[WAY])
    seconds = [float(it) for it in fly.split()[::2]]
    for from_s, to_s in pairwise(seconds):
        for n in range(SAMPLES + 1):
            second = from_s + (to_s - from_s) * n / SAMPLES
            x, y = along(way, share_at(fly, second))
            yield Stop(second, f"translate({x:.1f} {y:.1f})")


def _css(attribute: str, value: str | float) -> str:
    """Return a value as CSS writes it: lengths and angles with their units."""
    text = _short(value)
    if attribute == "d":
        return f"path('{text}')"
    turned = sub(r"rotate\((\S+)\)", r"rotate(\1deg)", text)
    return sub(r"translate\((\S+) (\S+)\)", r"translate(\1px,\2px)", turned)


def _short(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
