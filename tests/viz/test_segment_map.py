"""A lookup: the floor entry, a short scan, the batch that holds the offset."""

from types import SimpleNamespace

import pytest

from kafkabook.log.facts import IndexEntry
from kafkabook.viz.scene import Shape
from kafkabook.viz.segment_map import Lookup, lookup_frames, segment_map


def a_segment() -> SimpleNamespace:
    """Return the segment of the notes' drawing: five batches, two index entries."""
    places = [(42, 43, 0, 110), (44, 46, 110, 150), (47, 48, 260, 95), (49, 52, 355, 180)]
    names = ("base_offset", "last_offset", "position", "size_bytes")
    batches = tuple(SimpleNamespace(**dict(zip(names, p, strict=True))) for p in places)
    entries = (IndexEntry(44, 110), IndexEntry(49, 355))
    return SimpleNamespace(base_offset=42, batches=batches, index=entries)


@pytest.mark.parametrize(
    ("find", "begin_byte", "scanned", "hit"),
    [
        (42, 0, [0], 0),
        (44, 110, [1], 1),
        (48, 110, [1, 2], 2),
        (49, 355, [3], 3),
        (99, 355, [3], None),
    ],
)
def test_a_lookup_is_floor_scan_hit(
    find: int, begin_byte: int, scanned: list[int], hit: int | None
) -> None:
    """Below the first entry the scan begins at byte 0; beyond the end nothing is found."""
    segment = a_segment()
    lookup = Lookup(segment.batches, segment.index, find)
    assert (begin_byte, scanned, hit) == (lookup.begin_byte, lookup.scanned, lookup.hit)


def test_the_frames_of_a_lookup_tell_it_step_by_step() -> None:
    """Question, entry, each header, hit: what a time bar walks through."""
    told = [frame.text.split("\n")[1] for frame in lookup_frames(a_segment(), 48)]
    floor = "The largest entry not above 48 is 44, at byte 110."
    assert [
        "Offset 48 is asked for. The file holds 4 batches.",
        floor,
        f"{floor} 1 batch header read, not there yet.",
        f"{floor} 2 batch headers read from there; batch 47–48 holds offset 48.",
    ] == told


GOLDEN = """\
How does a broker find offset 48 without reading the whole file?
orders-0
The largest entry not above 48 is 44, at byte 110. 2 batch headers read from there; batch 47–48 \
holds offset 48.
first  last  at byte  bytes  lookup
   42    43        0    110
   44    46      110    150  header read
   47    48      260     95  hit
   49    52      355    180"""


def test_the_twin_of_a_segment_map_lists_batches_and_the_lookup() -> None:
    """Bytes and places are the file's."""
    assert GOLDEN == segment_map(a_segment(), find=48, subtitle="orders-0").text


def test_a_batch_too_narrow_for_both_of_its_offsets_shows_the_first() -> None:
    """Twelve batches in 400 px: 31 px each."""
    batches = [
        SimpleNamespace(base_offset=2 * n, last_offset=2 * n + 1, position=80 * n, size_bytes=80)
        for n in range(5, 17)
    ]
    segment = SimpleNamespace(base_offset=10, batches=batches, index=())
    drawn = [
        [part.inside[0] for shape in scene.walk() if shape.key.startswith("batch/")
         for part in shape.inside if isinstance(part, Shape) and part.kind == "text"]
        for scene in map(segment_map(segment).scene_for, (820, 400))
    ]  # fmt: skip
    assert [f"{2 * n}–{2 * n + 1}" for n in range(5, 17)] == drawn[0]
    assert [f"{2 * n}" for n in range(5, 17)] == drawn[1]


def test_entries_keep_their_frames_and_only_some_are_drawn_where_there_is_no_room() -> None:
    """Those around the one that is used; how many there are is said."""
    batches = [
        SimpleNamespace(base_offset=n, last_offset=n, position=100 * n, size_bytes=100)
        for n in range(20)
    ]
    entries = [IndexEntry(n, 100 * n) for n in range(20)]
    segment = SimpleNamespace(base_offset=0, batches=batches, index=entries)
    figure = segment_map(segment, find=10)
    shapes = [{it.key: it for it in figure.scene_for(px).walk() if it.key} for px in (820, 400)]
    shown = [[key for key in it if key.startswith("entry/")] for it in shapes]
    assert [f"entry/{n}" for n in range(9, 12)] == shown[1]
    assert 6 == len(shown[0])
    assert (".index, 3 of 20 entries",) == shapes[1]["index"].inside


def test_entries_of_large_files_stay_in_their_frames() -> None:
    """Offsets of nine digits; the fixture measures them."""
    far = 123_456_789
    batches = [
        SimpleNamespace(base_offset=far + n, last_offset=far + n, position=n * far, size_bytes=far)
        for n in range(8)
    ]
    entries = [IndexEntry(far + n, n * far) for n in range(8)]
    segment = SimpleNamespace(base_offset=far, batches=batches, index=entries)
    assert (
        f"the largest entry not above {far + 5} is"
        in segment_map(segment, find=far + 5).text.lower()
    )


def test_a_segment_without_entries_or_batches_can_be_drawn() -> None:
    """A fresh segment has neither."""
    empty = SimpleNamespace(base_offset=0, batches=(), index=())
    assert "0 batches, 0 index entries: a sparse index." in segment_map(empty).text
    assert "no entry at or below 3" in segment_map(empty, find=3).text
