"""What can be measured of a scene without a browser: where its words stand, and on what."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kafkabook.viz.figure import LEAST_FONT_PX
from kafkabook.viz.letters import TEXT_PX, width_px
from kafkabook.viz.painter import RAW
from kafkabook.viz.scene import Scene, Shape
from kafkabook.viz.theme import COLOURS

_ABOVE, _BELOW = 0.78, 0.21  # how far letters reach over and under their line, of their size
_NEAR_PX = 0.5
_OPAQUE = 0.5  # a ground counts, as a text does, while more than half of it is there
_TURN = re.compile(r"(translate|rotate)\(([^)]*)\)")
_THEMES = {
    theme: {c.light: getattr(c, theme) for c in COLOURS.values()} for theme in ("light", "dark")
}


@dataclass(frozen=True)
class Box:
    """A rectangle on the sheet, in px."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Say whether two boxes share more than their edges."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide > _NEAR_PX and high > _NEAR_PX

    def holds(self, x: float, y: float) -> bool:
        """Say whether a point lies inside."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom


@dataclass(frozen=True)
class Drawn:
    """A shape where it stands, once all its groups have moved it."""

    shape: Shape
    box: Box


def complaints(scene: Scene) -> list[str]:
    """Return everything that keeps words of a scene from being read."""
    return [*misplaced(scene), *_small_in_markup(scene), *_faint(list(_drawn(scene)))]


def misplaced(scene: Scene) -> list[str]:
    """Return each text that is small, leaves the picture, or stands on another one."""
    texts = [it for it in _drawn(scene) if it.shape.kind == "text"]
    return [*_small(texts), *_outside(texts, scene), *_crowded(texts)]


def misplaced_in_motion(scene: Scene) -> list[str]:
    """Return the same, but what passes on a ground of its own may hide what it passes over."""
    drawn = list(_drawn(scene))
    texts = [it for it in drawn if it.shape.kind == "text"]
    return [*_small(texts), *_outside(texts, scene), *_crowded(texts, drawn)]


def doubled_keys(scene: Scene) -> list[str]:
    """Return the keys that name more than one thing."""
    keys = [shape.key for shape in scene.walk() if shape.key]
    return sorted({key for key in keys if keys.count(key) > 1})


def nested_buttons(scene: Scene) -> list[str]:
    """Return what has a tip, and holds something that has one: a button in a button."""
    return [
        it.key
        for it in scene.walk()
        if _is_button(it) and any(_is_button(part) for part in it.walk() if part is not it)
    ]


def _is_button(it: Shape) -> bool:
    tips = (part for part in it.inside if isinstance(part, Shape) and part.kind == "title")
    return bool(it.key) and any(tips)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2 of two colours, written as #rrggbb."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _small(texts: list[Drawn]) -> list[str]:
    return [f"{_said(it)} is small" for it in texts if _size_px(it.shape) < LEAST_FONT_PX]


def _small_in_markup(scene: Scene) -> list[str]:
    """Look into finished markup too, which is what matplotlib draws."""
    markup = [str(shape.inside[0]) for shape in scene.walk() if shape.kind == RAW]
    sizes = [float(it) for text in markup for it in re.findall(r'font-size="([\d.]+)"', text)]
    return [f"markup in {size:g} px" for size in sorted(set(sizes)) if size < LEAST_FONT_PX]


def _outside(texts: list[Drawn], scene: Scene) -> list[str]:
    page = Box(0, 0, scene.width, scene.height)
    return [
        f"{_said(it)} leaves the picture"
        for it in texts
        if not (page.holds(it.box.left, it.box.top) and page.holds(it.box.right, it.box.bottom))
    ]


def _crowded(texts: list[Drawn], hiding: Sequence[Drawn] = ()) -> list[str]:
    """Return the texts that meet, unless what is painted in between hides the lower one there."""
    ordered = sorted(texts, key=lambda it: it.box.top)
    found = []
    for place, it in enumerate(ordered):
        for other in ordered[place + 1 :]:
            if other.box.top >= it.box.bottom:
                break
            if it.box.meets(other.box) and not _is_hidden(it, other, hiding):
                found.append(f"{_said(it)} stands on {_said(other)}")
    return found


def _is_hidden(one: Drawn, other: Drawn, drawn: Sequence[Drawn]) -> bool:
    """Say whether an opaque rectangle lies between two texts where they meet."""
    a, b = one.box, other.box
    both = Box(
        max(a.left, b.left), max(a.top, b.top), min(a.right, b.right), min(a.bottom, b.bottom)
    )
    numbers = sorted(n for n, it in enumerate(drawn) if it is one or it is other)
    between = drawn[numbers[0] : numbers[1]] if numbers else []
    return any(
        it.shape.kind == "rect"
        and it.shape.at.get("fill") != "none"
        and float(it.shape.at.get("opacity", 1)) > _OPAQUE
        and it.box.holds(both.left + 1, both.top + 1)
        and it.box.holds(both.right - 1, both.bottom - 1)
        for it in between
    )


def _faint(drawn: list[Drawn]) -> list[str]:
    """Compare each text with what was painted below its middle before it."""
    found, grounds = [], list[Drawn]()
    for it in drawn:
        if it.shape.kind in ("rect", "circle"):
            grounds.append(it)
        elif it.shape.kind == "text":
            found += [
                f"{_said(it)} is faint on {theme} ({ratio:.1f})"
                for theme in _THEMES
                if (ratio := _ratio(it, grounds, theme)) < 4.5
            ]
    return found


def _ratio(it: Drawn, grounds: list[Drawn], theme: str) -> float:
    x, y = (it.box.left + it.box.right) / 2, (it.box.top + it.box.bottom) / 2
    behind = _THEMES[theme][COLOURS["paper"].light]
    for ground in grounds:
        if ground.box.holds(x, y):
            behind = _laid_over(behind, ground.shape, theme)
    return contrast(_colour(str(it.shape.at["fill"]), theme), behind)


def _laid_over(behind: str, shape: Shape, theme: str) -> str:
    fill = str(shape.at.get("fill", "#000000"))
    if fill == "none":
        return behind
    share = float(shape.at.get("fill-opacity", 1))
    pairs = zip(_parts(behind), _parts(_colour(fill, theme)), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _colour(light: str, theme: str) -> str:
    return _THEMES[theme].get(light, light)


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    parts = [part / 255 for part in _parts(colour)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _drawn(scene: Scene) -> Iterator[Drawn]:
    for shape in scene.shapes:
        yield from _moved(shape, 0, 0, turned=0)


def _moved(shape: Shape, dx: float, dy: float, *, turned: int) -> Iterator[Drawn]:
    for kind, told in _TURN.findall(str(shape.at.get("transform", ""))):
        numbers = [*map(float, told.split()), 0.0]
        if kind == "translate":
            dx, dy = dx + numbers[0], dy + numbers[1]
        if kind == "rotate" and abs(numbers[0]) == 90:
            turned = 1 if numbers[0] > 0 else -1
    box = _box(shape, turned=turned)
    if box is not None:
        yield Drawn(shape, Box(box.left + dx, box.top + dy, box.right + dx, box.bottom + dy))
    for part in shape.inside:
        if isinstance(part, Shape):
            yield from _moved(part, dx, dy, turned=turned)


def _box(shape: Shape, *, turned: int) -> Box | None:
    at = {name: value for name, value in shape.at.items() if isinstance(value, int | float)}
    if shape.kind == "rect":
        return Box(at["x"], at["y"], at["x"] + at["width"], at["y"] + at["height"])
    if shape.kind == "circle":
        x, y, r = at.get("cx", 0), at.get("cy", 0), at["r"]
        return Box(x - r, y - r, x + r, y + r)
    return _text_box(shape, turned=turned) if shape.kind == "text" and _text(shape) else None


def _text_box(shape: Shape, *, turned: int) -> Box:
    """Return the box of a text; one that is turned stands upright, turned round its anchor."""
    x, y, size = float(shape.at["x"]), float(shape.at["y"]), _size_px(shape)
    bold, mono = "font-weight" in shape.at, "font-family" in shape.at
    wide = width_px(_text(shape), size, bold=bold, mono=mono)
    before = {"middle": wide / 2, "end": wide}.get(str(shape.at.get("text-anchor")), 0.0)
    left, top, right, bottom = -before, -_ABOVE * size, wide - before, _BELOW * size
    if turned < 0:  # by 90 degrees against the clock
        left, top, right, bottom = top, -right, bottom, -left
    if turned > 0:  # with the clock
        left, top, right, bottom = -bottom, left, -top, right
    return Box(x + left, y + top, x + right, y + bottom)


def _text(shape: Shape) -> str:
    return "".join(part for part in shape.inside if isinstance(part, str))


def _size_px(shape: Shape) -> float:
    return float(shape.at.get("font-size", TEXT_PX))


def _said(it: Drawn) -> str:
    return f"{_text(it.shape)[:40]!r} at {it.box.left:.0f},{it.box.bottom:.0f}"
