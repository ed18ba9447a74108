"""Every figure can be read in every width: no text on another, none cut off, small, or faint.

What the other tests of this directory draw is measured by a fixture (`conftest.py`).
"""

from collections.abc import Iterator

import pytest

from kafkabook.explorers.catalogue import every_explorer
from kafkabook.explorers.explorer import Explorer
from kafkabook.viz.figure import WIDTHS_PX, Figure
from kafkabook.viz.scene import Scene, Shape, group, rect, words
from kafkabook.viz.theme import CELL, LEADER, MUTED, PAPER
from tests.viz import chosen
from tests.viz.measured import complaints, doubled_keys, nested_buttons

EXPLORERS = every_explorer()


def some_pictures(explorer: Explorer) -> Iterator[Figure]:
    """Yield what is seen before a guess, then the pictures of the grid, or a fixed tenth of it."""
    if explorer.guess is not None and explorer.guess.before is not None:
        yield explorer.guess.before()
    for at in chosen.places(explorer):
        pictures = explorer.pictures(at)
        yield from (pictures[step] for step in chosen.steps(len(pictures)))


@pytest.mark.parametrize("width_px", WIDTHS_PX)
@pytest.mark.parametrize("name", EXPLORERS)
def test_every_picture_of_an_explorer_can_be_read(name: str, width_px: int) -> None:
    """In each width, with no key that names two things."""
    found = {}
    for number, figure in enumerate(some_pictures(EXPLORERS[name])):
        scene = figure.scene_for(width_px)
        told = complaints(scene) + [f"two are called {key}" for key in doubled_keys(scene)]
        told += [f"{key} is a button with buttons in it" for key in nested_buttons(scene)]
        told += [f"is {scene.width} px wide"] if scene.width != width_px else []
        found |= {number: told} if told else {}
    assert {} == found


def a_scene(*shapes: Shape) -> Scene:
    """Return shapes on paper, 100 px wide and 60 high."""
    return Scene(100, 60, (rect(0, 0, 100, 60, fill=PAPER), *shapes))


@pytest.mark.parametrize(
    ("shapes", "told"),
    [
        ((words(10, 20, "one"), words(30, 20, "two")), ["'one' at 10,23 stands on 'two' at 30,23"]),
        ((words(10, 20, "one"), words(60, 20, "two")), []),
        ((words(10, 20, "one"), words(10, 33, "two")), []),
        ((words(90, 20, "one"),), ["'one' at 90,23 leaves the picture"]),
        ((words(5, 20, "one", anchor="middle"),), ["'one' at -6,23 leaves the picture"]),
        ((words(10, 20, "one", size=12),), ["'one' at 10,23 is small"]),
        ((Shape("raw", {}, ('<text font-size="12.5">a</text>',)),), ["markup in 12.5 px"]),
        ((group(words(0, 0, "a"), transform="translate(9 5)"),), ["'a' at 9,8 leaves the picture"]),
        ((group(words(0, 0, "a", anchor="end"), transform="translate(20 9) rotate(-90)"),), []),
        ((rect(0, 0, 90, 50, fill=CELL), words(10, 20, "one", fill=MUTED)), []),
        (
            (rect(0, 0, 90, 50, fill=LEADER), words(10, 20, "one", fill=MUTED)),
            ["'one' at 10,23 is faint on light (1.1)", "'one' at 10,23 is faint on dark (1.1)"],
        ),
        ((words(10, 20, "one", fill=MUTED), rect(0, 0, 90, 50, fill=LEADER)), []),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_found(shapes: tuple[Shape, ...], told: list[str]) -> None:
    """One example of each fault, and its neighbour that is none."""
    assert told == complaints(a_scene(*shapes))


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_part_of_a_picture_has_a_name_or_is_a_part_of_one(name: str) -> None:
    """What stays the same from one picture to the next moves, instead of being drawn anew."""
    pictures = EXPLORERS[name].pictures(EXPLORERS[name].start)
    scenes = [pictures[-1].scene_for(width_px) for width_px in WIDTHS_PX]
    assert [] == [shape for scene in scenes for shape in scene.shapes if not shape.key]


def test_two_things_of_one_name_are_found() -> None:
    """Keys are unique in the whole picture, inside groups too."""
    twice = group(words(1, 20, "a", key="a"), key="b")
    assert ["a"] == doubled_keys(a_scene(twice, words(50, 20, "a", key="a")))


def test_a_button_in_a_button_is_found() -> None:
    """A tip makes a button of what has a key; a part without either is none."""
    inner = group(words(9, 9, "a"), tip="inner", key="inner")
    assert ["outer"] == nested_buttons(a_scene(group(inner, tip="outer", key="outer")))
    assert [] == nested_buttons(a_scene(group(inner, key="outer"), words(9, 9, "b", key="b")))
