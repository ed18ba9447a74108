"""The README's picture shows what the film shows; whoever wants no motion sees its end."""

import re
from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import NamedTuple

import pytest

from kafkabook.viz.motion import Motion
from kafkabook.viz.scene import Shape
from tests.browser.conftest import Opened
from tools.css_painter import LEAD_S, SLOWER
from tools.moving_picture import MARGIN_PX, STAGE_PX, a_leader_dies, captions, said

pytestmark = pytest.mark.browser

SVG = Path(__file__).parents[2] / "docs" / "pictures" / "a_leader_dies.svg"
FAR_PX, CLEAR = 1.5, 0.03
LOOK = """second => {
  for (const it of document.getAnimations()) {
    it.pause();
    it.currentTime = second * 1000;
  }
  const opacity = (el) => el.closest ? getComputedStyle(el).opacity * opacity(el.parentNode) : 1;
  const things = [...document.querySelectorAll("g[data-id]:not([data-id^='link/'])")];
  const placed = things.map((el) => {
    const { e, f } = el.getCTM();
    return [el.dataset.id, e, f, opacity(el)];
  });
  const texts = [...document.querySelectorAll("text")].filter((el) => opacity(el) > 0.5);
  return [placed, texts.map((el) => el.textContent).sort()];
}"""


class Seen(NamedTuple):
    """A shape with all that is around it: where it is, and how much of it can be seen."""

    shape: Shape
    x: float
    y: float
    opacity: float


def seen(
    shape: Shape, x: float = MARGIN_PX, y: float = MARGIN_PX, shown: float = 1
) -> Iterator[Seen]:
    """Walk a shape as the SVG nests it."""
    for dx, dy in re.findall(r"translate\((\S+) (\S+)\)", str(shape.at.get("transform", ""))):
        x, y = x + float(dx), y + float(dy)
    shown *= float(shape.at.get("opacity", 1))
    yield Seen(shape, x, y, shown)
    for part in shape.inside:
        if isinstance(part, Shape):
            yield from seen(part, x, y, shown)


def assert_equal_at(second: float, motions: tuple[Motion, ...], opened: Opened) -> None:
    """Hold all things with a name, and all words, of both painters against each other."""
    placed, texts = opened.page.evaluate(LOOK, LEAD_S + SLOWER * min(second, 1e6))
    drawn = [it for motion in motions for shape in motion.at(second).shapes for it in seen(shape)]
    words = [it.shape for it in drawn if it.shape.kind == "text" and it.opacity > 0.5]
    assert sorted(str(it.inside[0]) for it in words if it.inside) == texts
    groups = [it for it in drawn if it.shape.kind == "g" and it.shape.key]
    named = {it.shape.key: it for it in groups if not it.shape.key.startswith("link/")}
    visible = {key: (x, y, opacity) for key, x, y, opacity in placed if opacity > CLEAR}
    assert {key for key, it in named.items() if it.opacity > CLEAR} == set(visible)
    for key, (x, y, opacity) in visible.items():
        it = named[key]
        assert (it.x, it.y) == pytest.approx((x, y), abs=FAR_PX), (second, key)
        assert it.opacity == pytest.approx(opacity, abs=CLEAR), (second, key)


def test_the_picture_of_the_readme_moves_as_the_film_does(opened: Opened) -> None:
    """A message half on its way, the line that slides, the crown that flies, and the end."""
    film = a_leader_dies()
    lane, told = film.lanes[0], said(film)
    stage = film.motion(lane, STAGE_PX)
    motions = stage, captions(told, stage.height)
    steps = {it.kind: film.second_of(lane, it.at_ms, it.entry) for it in lane.steps}
    opened.page.goto(SVG.as_uri())
    for second in (steps["stored"] - 0.8, steps["committed"] + 0.3, steps["elected"] + 0.4):
        assert_equal_at(second, motions, opened)
    assert_equal_at(inf, motions, opened)
    opened.page.emulate_media(reduced_motion="reduce")
    opened.page.reload()
    assert 0 == opened.page.evaluate("document.getAnimations().length")
    assert_equal_at(inf, motions, opened)
    assert [SVG.as_uri()] == [*{*opened.requests}] and not opened.complaints
