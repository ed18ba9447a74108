"""Every film of a cluster can be read at every step and between steps, in each of its widths.

What is fading counts for as long as more than half of it is there; so does a message on its way,
which has a ground of its own and hides what it passes over.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from kafkabook.scenarios.catalogue import SCENARIOS
from kafkabook.scenarios.cluster_end import ClusterEnd
from kafkabook.viz.figure import WIDTHS_PX
from kafkabook.viz.film import Film
from kafkabook.viz.films import scenario_film
from kafkabook.viz.scene import Scene, Shape, group, words
from tests.viz.measured import misplaced_in_motion

EVERY_FILM = os.environ.get("KAFKABOOK_FULL") == "1"
OF_CLUSTERS = [id for id, it in SCENARIOS.items() if isinstance(it.bad, ClusterEnd)]
SHARE = 10  # one film of so many is measured in the normal run
BETWEEN = 5  # moments between two steps
SETTLED_S = 0.7
LEAST_OPACITY = 0.5


@cache
def film(scenario: str) -> Film:
    """Both ends of a scenario, played once."""
    return scenario_film(SCENARIOS[scenario])


def moments(it: Film, lane: int) -> Iterator[float]:
    """Yield each step of a lane, how it has settled, and moments on the way to the next one."""
    own = it.lanes[lane]
    steps = [it.second_of(own, step.at_ms, step.entry) for step in own.steps]
    for began, ends in zip((0.0, *steps), (*steps, it.axis.end_s), strict=True):
        yield began
        yield min(began + SETTLED_S, ends)
        yield from (began + (ends - began) * n / (BETWEEN + 1) for n in range(1, BETWEEN + 1))


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
@pytest.mark.parametrize("scenario", OF_CLUSTERS if EVERY_FILM else OF_CLUSTERS[::SHARE])
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
