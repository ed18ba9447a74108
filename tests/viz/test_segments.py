"""The segment strip: files to scale, the active one thick, deleted ones as ghosts."""

import re

from kafkabook.viz.segments import SegmentBar, segment_strip
from kafkabook.viz.sheet import LEFT_PX

BARS = (
    SegmentBar(0, 10, 900, 0, 5000, why="size"),
    SegmentBar(10, 22, 1020, 6000, 9000, why="age"),
    SegmentBar(22, 24, 130, 9100, 9500, state="active"),
)
GOLDEN = """\
Which files hold the log?
3 segments hold 2.0 KiB; only the last, thick-framed, is written to. 1 deleted.
segment               state    offsets  bytes  timestamps    why
00000000000000000000  deleted  0–4        500  0–90 ms       retention.ms
00000000000000000000  closed   0–9        900  0–5000 ms     size
00000000000000000010  closed   10–21     1020  6000–9000 ms  age
00000000000000000022  active   22–23      130  9100–9500 ms"""


def test_the_twin_names_every_file_and_what_closed_it() -> None:
    """Sizes, spans and reasons are numbers of the log."""
    gone = SegmentBar(0, 5, 500, 0, 90, why="retention.ms")
    assert GOLDEN == segment_strip(BARS, deleted=[gone]).text


def test_one_segment_holds_and_several_hold() -> None:
    """The sentence is read aloud."""
    told = segment_strip([SegmentBar(0, 3, 210, 0, 9, state="active")]).text.split("\n")[1]
    assert "1 segment holds 210 B; it is written to." == told


def test_segments_are_drawn_to_scale() -> None:
    """The first two share the room by bytes; the third is drawn wider than it is, to be read."""
    svg = segment_strip(BARS).svg
    first, second, third = map(float, re.findall(r'width="([\d.]+)" height="46"', svg))
    assert abs(first / second - 900 / 1020) < 0.01
    assert third == 76 - 3


def test_many_segments_stand_in_rows_of_one_scale() -> None:
    """Fifteen days in 400 px: each can be read, and a byte is as wide in all rows."""
    sizes = [560 if n < 8 else 600 for n in range(15)]
    bars = [SegmentBar(n, n + 1, size, n, n, why="age") for n, size in enumerate(sizes)]
    scene = segment_strip(bars).scene_for(400)
    frames = [
        shape.inside[1].at  # type: ignore[union-attr]
        for shape in scene.walk()
        if shape.key.startswith("segment/")
    ]
    assert 4 == len({frame["y"] for frame in frames})
    assert 15 == len({(frame["x"], frame["y"]) for frame in frames})
    scales = {
        round((float(frame["width"]) + 3) / size, 4)
        for frame, size in zip(frames, sizes, strict=True)
    }
    assert 1 == len(scales)
    assert all(float(frame["x"]) + float(frame["width"]) <= 400 - LEFT_PX for frame in frames)


def test_only_the_active_segment_has_a_thick_frame() -> None:
    """Shape says it as well as colour."""
    svg = segment_strip(BARS).svg
    assert (1, 2) == (svg.count('stroke-width="3"'), svg.count('stroke-width="1.4"'))
