"""Every film of a cluster can be read at every step and between steps, in each of its widths.

What is fading counts for as long as more than half of it is there; so does a message on its way,
which has a ground of its own and hides what it passes over.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kafkabook.viz.figure import WIDTHS_PX
from kafkabook.viz.scene import Scene, Shape, group, words
from tests.viz.chosen import FILMS, film, moments
from tests.viz.measured import misplaced_in_motion

LEAST_OPACITY = 0.5


def seen(scene: Scene) -> Scene:
    """Leave out what is hardly there."""
    return Scene(scene.width, scene.height, tuple(_seen(scene.shapes, 1.0)))


def _seen(shapes: tuple[object, ...], around: float) -> Iterator[Shape]:
    for shape in shapes:
        if isinstance(shape, Shape):
            share = around * float(shape.at.get("opacity", 1))
            if share > LEAST_OPACITY:
                texts = tuple(it for it in shape.inside if isinstance(it, str))
                at = {**shape.at, "opacity": share}
                yield replace(shape, at=at, inside=(*texts, *_seen(shape.inside, share)))


@pytest.mark.parametrize("width_px", WIDTHS_PX)
@pytest.mark.parametrize("scenario", FILMS)
def test_every_moment_of_a_film_can_be_read(scenario: str, width_px: int) -> None:
    """No text lies on another, leaves the picture or is small."""
    it, found = film(scenario), dict[str, list[str]]()
    for lane in range(len(it.lanes)):
        motion = it.motion(it.lanes[lane], width_px)
        for second in moments(it, lane):
            told = misplaced_in_motion(seen(motion.at(second)))
            found |= {f"lane {lane} at {second:.2f} s": told} if told else {}
    assert {} == found


def test_what_fades_counts_while_more_than_half_of_it_is_there() -> None:
    """Alone, and through the group around it."""
    half, most = group(words(9, 9, "a"), opacity=0.5), group(words(9, 9, "b"), opacity=0.8)
    inner = group(group(words(9, 9, "c"), opacity=0.6), words(9, 9, "d"), opacity=0.7)
    left = seen(Scene(99, 99, (half, most, inner)))
    assert ["b", "d"] == [str(it.inside[0]) for it in left.walk() if it.kind == "text"]
