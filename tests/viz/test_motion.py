"""What is drawn at a second depends on that second alone; what keeps its key moves."""

from kafkabook.viz.motion import FALL_PX, SHOW_S, Keyframe, Motion, Passing
from kafkabook.viz.scene import Scene, Shape, group, rect, words


def scene(*shapes: Shape) -> Scene:
    """Shapes on a sheet."""
    return Scene(100, 60, shapes)


def box(x: float, **at: object) -> Shape:
    """A named rectangle."""
    return rect(x, 0, 10, 10, key="box", **at)  # type: ignore[arg-type]


def xs(motion: Motion, *seconds: float) -> list[object]:
    """Where the box is, or None."""
    found = []
    for second in seconds:
        [*shapes] = [it for it in motion.at(second).shapes if it.key == "box"]
        found.append(shapes[0].at["x"] if shapes else None)
    return found


def test_what_keeps_its_key_moves_and_both_ends_are_slow() -> None:
    """Half way at half the time; before and behind, it stands."""
    motion = Motion([Keyframe(0, scene(box(0))), Keyframe(2, scene(box(40)))])
    assert [0, 0, 2.5, 20, 37.5, 40, 40] == xs(motion, 0, 2, 2.15, 2.3, 2.45, 2.6, 9)
    slow = Motion([Keyframe(0, scene(box(0))), Keyframe(2, scene(box(40, ease=2.0)))])
    assert [40] == xs(slow, 4)


def test_seconds_can_be_asked_for_in_any_order() -> None:
    """A film plays backwards without further code."""
    motion = Motion([Keyframe(0, scene(box(0))), Keyframe(1, scene(box(9))), Keyframe(2, scene())])
    seconds = [0.2 * n for n in range(15)]
    forwards = [motion.at(second) for second in seconds]
    assert forwards == [motion.at(second) for second in reversed(seconds)][::-1]


def test_what_is_new_appears_and_what_is_gone_leaves() -> None:
    """In a third of a second; half way it is half there."""
    motion = Motion([Keyframe(0, scene()), Keyframe(1, scene(box(0))), Keyframe(3, scene())])
    half = SHOW_S / 2
    shown = [motion.at(second).shapes for second in (0.9, 1 + half, 2, 3 + half, 3 + SHOW_S)]
    assert [0, 1, 1, 1, 0] == [len(it) for it in shown]
    assert [0.5, None, 0.5] == [it[0].at.get("opacity") for it in shown[1:4]]


def test_what_falls_takes_its_own_time() -> None:
    """It is lower the less of it is there."""
    falls = group(words(0, 0, "a"), key="a", leave=1.2)
    motion = Motion([Keyframe(0, scene(falls)), Keyframe(1, scene())])
    [middle] = motion.at(1.6).shapes
    assert f"translate(0 {FALL_PX / 4:.1f})" == middle.at["transform"]
    assert () == motion.at(2.2).shapes


def test_a_word_changes_as_its_move_begins() -> None:
    """There is no half of a word."""
    told = [scene(words(0, 9, text, key="a")) for text in ("one", "two")]
    motion = Motion([Keyframe(0, told[0]), Keyframe(1, told[1])])
    assert ["one", "two"] == [motion.at(it).shapes[0].inside[0] for it in (0.99, 1.0)]


def test_a_text_on_the_other_side_of_its_anchor_is_another_text() -> None:
    """Else it would cross what it is anchored at: a side cannot be half left."""
    sides = [scene(words(50, 9, "a", key="a", anchor=side)) for side in ("start", "end")]
    motion = Motion([Keyframe(0, sides[0]), Keyframe(1, sides[1])])
    crossing = [it.at.get("text-anchor") for it in motion.at(1 + SHOW_S / 2).shapes]
    assert ["end", "start"] == sorted(map(str, crossing))
    assert ["end"] == [it.at.get("text-anchor") for it in motion.at(2).shapes]


def test_what_comes_may_wait_for_what_goes() -> None:
    """Then one is not read through the other; the front end is told for how long."""
    gone, new = scene(words(0, 9, "gone", key="a")), scene(words(0, 9, "new", key="b"))
    motion = Motion([Keyframe(0, gone), Keyframe(1, new)], turn_s=0.25)
    shown = [[it.inside[0] for it in motion.at(second).shapes] for second in (1.1, 1.25, 1.4, 1.6)]
    assert [["gone"], [], ["new"], ["new"]] == shown
    assert None is motion.at(1.25 + SHOW_S).shapes[0].at.get("opacity")
    assert 0.25 == motion.data()["turn"]


def test_what_passes_is_there_for_its_while_and_flies_evenly() -> None:
    """On top of all else; it stands where its share stands."""
    flies = group(words(0, 0, "a"), key="m", fly="1 0 2 0.5 3 0.5 4 1", way="0 0 5 10 10 0")
    motion = Motion([Keyframe(0, scene(box(0)))], [Passing(1.0, 4.0, flies)])
    assert ["box"] == [it.key for it in motion.at(0.9).shapes]
    assert ["box", "m"] == [it.key for it in motion.at(2.0).shapes]
    places = [motion.at(it).shapes[1].at["transform"] for it in (1.5, 2, 2.5, 3, 3.5)]
    assert ["translate(2.5 3.8)", *["translate(5.0 5.0)"] * 3, "translate(7.5 3.8)"] == places
    assert ["box"] == [it.key for it in motion.at(4.0 + SHOW_S).shapes]


def test_the_front_end_is_given_what_changes_and_nothing_twice() -> None:
    """An attribute that stays is written once; one that moves has its track."""
    motion = Motion([Keyframe(0, scene(box(0, rx=2))), Keyframe(1.5, scene(box(4, rx=2)))])
    [[kind, key, at, tracks]] = motion.data()["shapes"]
    assert ("rect", "box", {"y": 0, "width": 10, "height": 10, "rx": 2}) == (kind, key, at)
    assert {"x": [[-1, 0], [1.5, 4]]} == tracks
