"""Motion: what a figure shows at any second, from pictures of the moments at which it changes.

A *keyframe* is a scene and the second at which it begins to be true. Two keyframes in a row are
compared by keys: what has the same key is the same thing, and moves from where it was to where it
is; what is new appears, what is gone leaves. A text that is written to the other side of its anchor
is another text. The picture at a second depends on that second alone, so that a film plays
backwards, and side by side with another one, without further code.

Both painters read the same tree: `at` evaluates it for stills and tests, `data` hands it to the
front end, which does the same sums (`front_end/scene.js`).
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from kafkabook.viz.scene import Scene, Shape

VERSION = 1  # of the data that the front end is given
EASE_S = 0.6  # how long a change takes, unless the shape says otherwise by `ease`
SHOW_S = 0.35  # how long a thing takes to appear or to leave, unless it says so by `leave`
FALL_PX = 46  # how far falls what leaves for good
SHOWN = "~show"  # 1 while the thing is there, 0 while it is not
TEXT = "~text"
FROM = "~from"  # the `transform` with which a thing appears, and from which it moves to its place
FLY = "~fly"  # "second share second share …": how far a message is on its way, evenly in between
WAY = "~way"  # "x y x y x y": start, bend and end of the curve that a message travels along
_BEFORE = float("-inf")
_BLENDED = ("d", "points", "transform")  # texts whose numbers move
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
Track = list[tuple[float, str | float]]  # second → value from then on, in order


class Passing(NamedTuple):
    """A shape that is there for a while, whatever else changes; it stands on top."""

    from_s: float
    to_s: float
    shape: Shape


class Keyframe(NamedTuple):
    """What is drawn from a second of the film on."""

    second: float
    scene: Scene


@dataclass(slots=True, eq=False)
class Moving:
    """One shape over the whole film: its attributes at first, and the tracks of what changes.

    Attributes: `last` (as the newest keyframe has it; what is equal to that needs no second look).
    """

    kind: str
    key: str
    at: dict[str, str | float]
    tracks: dict[str, Track] = field(default_factory=dict)
    inside: list["Moving"] = field(default_factory=list)
    last: Shape | None = None

    @property
    def ease_s(self) -> float:
        """How long its changes take."""
        return float(self.at.get("~ease", EASE_S))

    @property
    def leave_s(self) -> float:
        """How long it takes to leave; what falls takes longer than what fades."""
        return float(self.at.get("~leave", SHOW_S))


class Motion:
    """A scene that changes: one tree of shapes, each with its tracks.

    Args:
        keyframes: in the order of their seconds from 0 on; at least one.
        passing: what comes and goes by itself, such as messages.
        turn_s: for so long what is gone leaves, and only then what is new appears, so that one is
            not read through the other; 0 lets them cross.
    """

    def __init__(
        self,
        keyframes: Sequence[Keyframe],
        passing: Sequence[Passing] = (),
        *,
        turn_s: float = 0,
    ) -> None:
        self.turn_s = turn_s
        first = keyframes[0].scene
        self.width = max(frame.scene.width for frame in keyframes)
        self.height = max(frame.scene.height for frame in keyframes)
        self._top = Moving("svg", "", {})
        for second, scene in keyframes:
            _merge(self._top, scene.shapes, second, is_first=scene is first)
        for from_s, to_s, shape in passing:
            moving = _new(shape, from_s, is_first=False)
            moving.tracks[SHOWN].append((to_s, 0))
            self._top.inside.append(moving)

    @property
    def shapes(self) -> Sequence[Moving]:
        """The outermost shapes, later ones on top."""
        return self._top.inside

    def at(self, second: float) -> Scene:
        """Return what is drawn at a second, moves half done included."""
        drawn = (_drawn(moving, second, self.turn_s) for moving in self.shapes)
        return Scene(self.width, self.height, tuple(it for it in drawn if it is not None))

    def data(self) -> dict[str, Any]:
        """Return the tree as the front end takes it: plain lists, numbers with one decimal."""
        turn = {"turn": self.turn_s} if self.turn_s else {}
        shapes = [_data(it) for it in self.shapes]
        return {"w": self.width, "h": self.height, **turn, "shapes": shapes}


# --- from keyframes to tracks --------------------------------------------------------------------


def _merge(parent: Moving, shapes: Sequence[Shape], second: float, *, is_first: bool) -> None:
    """Write one keyframe's shapes into the tracks of what stands there already."""
    known = {_name(it, n): it for it, n in _counted(parent.inside)}
    place = 0
    for shape, n in _counted(shapes):
        name = _name(shape, n)
        moving = known.pop(name, None)
        if moving is None:
            moving = _new(shape, second, is_first=is_first)
            parent.inside.insert(place, moving)
        else:
            place = max(place, parent.inside.index(moving))
            _put(moving, SHOWN, second, 1)
            if moving.last != shape:
                _follow(moving, shape, second)
        moving.last = shape
        place += 1
    for gone in known.values():
        _put(gone, SHOWN, second, 0)


def _counted(shapes: Sequence[Any]) -> list[tuple[Any, int]]:
    """Number the shapes of each kind that have no key; a key is a name by itself."""
    seen: dict[str, int] = {}
    numbered = []
    for shape in shapes:
        seen[shape.kind] = seen.get(shape.kind, -1) + (not shape.key)
        numbered.append((shape, seen[shape.kind]))
    return numbered


def _name(it: Shape | Moving, n: int) -> tuple[str, str, int]:
    kind = f"{it.kind} {it.at.get('text-anchor', 'start')}" if it.kind == "text" else it.kind
    return (kind, it.key, 0) if it.key else (kind, "", n)


def _new(shape: Shape, second: float, *, is_first: bool) -> Moving:
    moving = Moving(shape.kind, shape.key, dict(_values(shape)))
    door = moving.at.pop(FROM, None)
    if not is_first:
        moving.tracks[SHOWN] = [(_BEFORE, 0), (second, 1)]
        if door is not None:
            moving.tracks["transform"] = [(_BEFORE, door), (second, shape.at["transform"])]
    _merge(moving, _parts(shape), second, is_first=True)
    return moving


def _follow(moving: Moving, shape: Shape, second: float) -> None:
    """Take over what a known shape is now; an attribute that it has no more becomes empty."""
    values = _values(shape)
    for name in {**moving.at, **moving.tracks, **values}:
        if name not in (SHOWN, FROM):
            _put(moving, name, second, values.get(name, ""))
    _merge(moving, _parts(shape), second, is_first=False)


def _put(moving: Moving, name: str, second: float, value: str | float) -> None:
    was = moving.at.get(name, 1 if name == SHOWN else "")
    track = moving.tracks.get(name, [(_BEFORE, was)])
    if track[-1][1] == value:
        return
    moving.tracks[name] = track
    if track[-1][0] == second:
        track.pop()
    track.append((second, value))


def _values(shape: Shape) -> dict[str, str | float]:
    text = "".join(it for it in shape.inside if isinstance(it, str))
    return {**shape.at, TEXT: text} if text else dict(shape.at)


def _parts(shape: Shape) -> list[Shape]:
    return [it for it in shape.inside if isinstance(it, Shape)]


# --- from tracks to a picture --------------------------------------------------------------------


def _drawn(moving: Moving, second: float, turn_s: float) -> Shape | None:
    shown, leaves = _shown(moving, second, turn_s)
    if shown < 0.01:
        return None
    at = {name: _value(moving, name, second) for name in {**moving.at, **moving.tracks}}
    text = str(at.pop(TEXT, ""))
    at |= _placed(moving, at, second, (1 - shown) if leaves else 0)
    if shown < 1:
        at["opacity"] = round(float(at.get("opacity", 1)) * shown, 3)
    plain = {name: value for name, value in at.items() if name[0] != "~" and value != ""}
    parts = (_drawn(part, second, turn_s) for part in moving.inside)
    inside = [it for it in parts if it is not None]
    return Shape(moving.kind, plain, (*((text,) if text else ()), *inside), moving.key)


def _shown(moving: Moving, second: float, turn_s: float) -> tuple[float, bool]:
    """Return how much of a thing is there, and whether it is about to leave."""
    track = moving.tracks.get(SHOWN)
    if track is None:
        return 1, False
    was, now, since = _around(track, second)
    leaves = float(now) < float(was)
    fades_s = turn_s if turn_s and "~leave" not in moving.at else moving.leave_s
    passed = (second - since) / fades_s if leaves else (second - since - turn_s) / SHOW_S
    share = eased(passed)
    return _mixed(float(was), float(now), share), leaves


def _value(moving: Moving, name: str, second: float) -> str | float:
    track = moving.tracks.get(name)
    if track is None:
        return moving.at[name]
    was, now, since = _around(track, second)
    return blended(name, was, now, eased((second - since) / moving.ease_s))


def _around(track: Track, second: float) -> tuple[str | float, str | float, float]:
    """Return the value before the last change, the value since, and when that was."""
    place = max(bisect_right(track, second, key=lambda step: step[0]) - 1, 0)
    return track[max(place - 1, 0)][1], track[place][1], track[place][0]


def _placed(
    moving: Moving, at: Mapping[str, str | float], second: float, gone: float
) -> dict[str, str | float]:
    """Return where a message is on its way, and how deep has fallen what falls."""
    moves = [str(at["transform"])] if at.get("transform") else []
    if FLY in at:
        x, y = along(str(at[WAY]), share_at(str(at[FLY]), second))
        moves.insert(0, f"translate({x:.1f} {y:.1f})")
    if gone and "~leave" in moving.at:
        moves.insert(0, f"translate(0 {FALL_PX * gone * gone:.1f})")
    return {"transform": " ".join(moves)} if moves else {}


def eased(share: float) -> float:
    """Return how far a move has come: slow at both ends (cubic).

    >>> eased(-1), eased(0.5), eased(2)
    (0.0, 0.5, 1.0)
    """
    share = min(max(share, 0.0), 1.0)
    return 4 * share**3 if share < 0.5 else 1 - (2 - 2 * share) ** 3 / 2


def blended(name: str, was: str | float, now: str | float, share: float) -> str | float:
    """Return an attribute on its way; a word or a colour changes as its move begins.

    >>> blended("x", 0.0, 10.0, 0.5), blended("d", "M0 0H4", "M0 2H8", 0.5)
    (5.0, 'M0 1H6')
    """
    if isinstance(was, int | float) and isinstance(now, int | float):
        return round(_mixed(was, now, share), 2)
    if name in _BLENDED and _skeleton(str(was)) == _skeleton(str(now)):
        ends = zip(_numbers(str(was)), _numbers(str(now)), strict=True)
        between = iter([f"{_mixed(a, b, share):.1f}".removesuffix(".0") for a, b in ends])
        return _NUMBER.sub(lambda _: next(between), str(now))
    return now


@cache
def _skeleton(text: str) -> str:
    return _NUMBER.sub("0", text)


@cache
def _numbers(text: str) -> tuple[float, ...]:
    return tuple(map(float, _NUMBER.findall(text)))


def along(way: str, share: float) -> tuple[float, float]:
    """Return a point of the curve that a message travels along.

    >>> along("0 0 5 10 10 0", 0.5)
    (5.0, 5.0)
    """
    x0, y0, x1, y1, x2, y2 = _numbers(way)
    rest = 1 - share
    return (
        rest * rest * x0 + 2 * rest * share * x1 + share * share * x2,
        rest * rest * y0 + 2 * rest * share * y1 + share * share * y2,
    )


def share_at(fly: str, second: float) -> float:
    """Return how far a message is at a second; it stands still where two shares are equal.

    >>> share_at("1 0 3 1", 2.0), share_at("1 0 3 1", 9.0)
    (0.5, 1.0)
    """
    knots = _numbers(fly)
    seconds, shares = knots[::2], knots[1::2]
    place = bisect_right(seconds, second)
    if place in (0, len(seconds)):
        return shares[0 if place == 0 else -1]
    began, ends = seconds[place - 1], seconds[place]
    return _mixed(shares[place - 1], shares[place], (second - began) / (ends - began))


def _mixed(was: float, now: float, share: float) -> float:
    return was + (now - was) * share


def _data(moving: Moving) -> list[Any]:
    tracks = {
        name: [[_short(max(second, -1)), _short(value)] for second, value in track]
        for name, track in moving.tracks.items()
    }
    at = {name: _short(value) for name, value in moving.at.items() if name not in tracks}
    row: list[Any] = [moving.kind, moving.key, at, tracks, [_data(it) for it in moving.inside]]
    while not row[-1]:
        row.pop()
    return row


def _short(value: str | float) -> str | float:
    if isinstance(value, str):
        return value
    return int(value) if value == int(value) else round(value, 2)
