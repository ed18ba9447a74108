"""The offset strip tells in words what it draws, and survives whatever stands in a log."""

import re
import xml.etree.ElementTree as ET

import pytest

from kafkabook.records.record import Record
from kafkabook.viz.strips import MOST_CELLS, Cell, ReaderMark, Strip, cell_of, offset_strip

HOSTILE = '<img src=x onerror="alert(1)">\u202e\x00'


def a_strip(*, records: int = 6, high_watermark: int = 4, log_start: int = 0) -> Strip:
    """Return a strip of one-letter records with two readers."""
    cells = tuple(Cell(n, "abcdefghij"[n % 10], epoch=2 + n // 4) for n in range(records))
    readers = (ReaderMark("billing", 4, 2), ReaderMark("audit", 1))
    return Strip("orders-0", cells, log_start, high_watermark, records, readers=readers)


GOLDEN = """\
Which records may billing see?
seed 7
orders-0 holds offsets 0 to 5; its next record gets 6. From 4 on nothing is committed yet (2 \
hatched). billing reads on at 4, has committed 2: lag 2. audit reads on at 1 and has committed \
nothing.
partition  offset  what      holds    epoch  committed
orders-0        0  record    a        2      yes
orders-0        1  record    b        2      yes
orders-0        2  record    c        2      yes
orders-0        3  record    d        2      yes
orders-0        4  record    e        3      no
orders-0        5  record    f        3      no
orders-0        4  position  billing
orders-0        1  position  audit"""


def test_the_twin_of_a_strip_says_everything_that_is_drawn() -> None:
    """If the words cannot say it, the figure is wrong."""
    figure = offset_strip(a_strip(), title="Which records may billing see?", subtitle="seed 7")
    assert GOLDEN == figure.text


def test_short_labels_of_thirteen_cells_are_written_whole() -> None:
    """Day-10 beside day-11: where both end in an ellipsis they are the same word."""
    names = [f"day-{n}" for n in range(13)]
    for gone in (0, 6):
        cells = tuple(Cell(n, name) for n, name in enumerate(names))
        drawn = texts(offset_strip(Strip("orders-0", cells, gone, 13, 13)).svg)
        assert names == [text for text in drawn if text.startswith("da")]


def test_triangles_are_explained_once_where_there_are_readers() -> None:
    """Nobody is born knowing that hollow means position."""
    drawn = texts(offset_strip(a_strip(), a_strip()).svg)
    assert [1, 1] == [
        drawn.count(f"{word} here") for word in ("committed: resumes", "position: reads on")
    ]
    alone = texts(offset_strip(Strip("orders-0", (Cell(0, "a"),), 0, 1, 1)).svg)
    assert [] == [text for text in alone if text.endswith(" here")]


def test_positions_at_one_offset_share_one_flag() -> None:
    """Three flags at one pole would hide each other; the log end is never left out."""
    drawn = texts(offset_strip(a_strip(records=3, high_watermark=3)).svg)
    assert "high watermark = log end 3" in drawn
    assert "log start 0" in drawn


def test_only_what_waits_is_hatched() -> None:
    """Hatch means not committed, at every high watermark."""
    for high_watermark in range(7):
        svg = offset_strip(a_strip(high_watermark=high_watermark)).svg
        assert 6 - high_watermark == svg.count('stroke-opacity=".45"')


def test_what_retention_deleted_is_a_ghost() -> None:
    """Cells before the log start are dashed, and so is the place of the next record."""
    assert 3 + 1 == offset_strip(a_strip(log_start=3)).svg.count("stroke-dasharray")


def test_a_long_log_shows_its_end_and_says_what_it_leaves_out() -> None:
    """Cells keep a width that can be read."""
    drawn = texts(offset_strip(a_strip(records=100, high_watermark=98)).svg)
    assert f"{100 - MOST_CELLS} earlier not drawn" in drawn
    assert "log start 0" not in drawn


def test_an_empty_log_still_has_its_next_offset() -> None:
    """The log end is where the next record goes, also when there is none."""
    drawn = offset_strip(Strip("orders-0", (), 7, 7, 7))
    assert "orders-0 is empty; its next record gets offset 7." in drawn.text
    assert "log start = high watermark = log end 7" in texts(drawn.svg)


@pytest.mark.parametrize(
    ("record", "cell"),
    [
        (Record(b"k", b"v", 5, offset=3), ("k", "v", "record")),
        (Record(None, b"v", 5, offset=3), ("v", "", "record")),
        (Record(b"k", None, 5, offset=3), ("k", "", "tombstone")),
        (Record(b"\xff", b"", 5, offset=3), ("0xff", "", "record")),
    ],
)
def test_a_cell_shows_key_and_value(record: Record, cell: tuple[str, str, str]) -> None:
    """A null value under a key deletes the key, which is a cell of its own kind."""
    drawn = cell_of(record)
    assert cell == (drawn.text, drawn.under, drawn.kind)


def test_hostile_records_stay_text() -> None:
    """Keys, values, names of topics and groups are attacker's data."""
    cells = (Cell(0, HOSTILE, HOSTILE, tip=HOSTILE), Cell(1, HOSTILE, kind="tombstone"))
    strip = Strip(HOSTILE, cells, 0, 1, 2, readers=(ReaderMark(HOSTILE, 1, 0),))
    figure = offset_strip(strip)
    assert {"img"}.isdisjoint(part.tag for part in ET.fromstring(figure.svg).iter())
    assert [] == re.findall("[\u202e\x00]", figure.svg + figure.text)


def test_long_offsets_stand_on_nothing() -> None:
    """After a year of writing; the fixture measures it in all widths."""
    cells = tuple(Cell(n, f"order-{n}", "paid", epoch=n // 4) for n in range(99_990, 100_004))
    reader = ReaderMark("billing", 100_001, 99_999)
    strip = Strip("orders-0", cells, 99_990, 100_001, 100_004, 99_998, (reader,))
    drawn = texts(offset_strip(strip).svg)
    assert {"log end 100004", "high watermark 100001", "last stable offset 99998"} <= set(drawn)


def test_words_of_a_cell_stay_inside_it_beside_its_epoch() -> None:
    """What is written out letter by letter is longer than it was; the fixture measures it."""
    cells = (Cell(0, "order", epoch=2), Cell(1, "\u202e\u202e", "\u202e\u202e", epoch=3))
    drawn = texts(offset_strip(Strip("orders-0", (*cells, Cell(2, "c", "d")), 0, 3, 3)).svg)
    assert "order" in drawn
    assert 2 == sum(it.startswith("\\u") for it in drawn)


def test_a_narrow_strip_shows_the_end_of_a_long_log_and_counts_the_rest() -> None:
    """In 400 px fourteen cells can be read; names stand above them, readers below."""
    scene = offset_strip(a_strip(records=20, high_watermark=18)).scene_for(400)
    at = {shape.key: shape for shape in scene.walk() if shape.key}
    assert [f"orders-0/{n}" for n in range(6, 20)] == [
        key for key in at if re.match(r"orders-0/\d+$", key)
    ]
    assert ("6 earlier not drawn",) == at["orders-0/told"].inside
    assert at["orders-0/name"].at["y"] < at["orders-0/6/number"].at["y"]


def test_readers_and_positions_keep_their_keys_when_they_move() -> None:
    """A triangle that goes on is the same triangle."""
    first, second = (
        {shape.key for shape in offset_strip(it).scene.walk() if "/" in shape.key}
        for it in (a_strip(), a_strip(high_watermark=5, log_start=1))
    )
    moving = {
        *("orders-0/high-watermark", "orders-0/log-end", "orders-0/log-start", "orders-0/next"),
        *("orders-0/reader/billing/committed", "orders-0/reader/billing/position"),
        *("orders-0/reader/billing/lag", "orders-0/epoch/3"),
    }
    assert moving <= first & second


def test_flags_near_the_edge_of_a_narrow_sheet_stand_on_no_other() -> None:
    """Four positions at the end of a log of fourteen; the fixture measures them."""
    cells = tuple(Cell(n, "a") for n in range(14))
    strip = Strip("orders-0", cells, 10, 12, 14, last_stable=11)
    scene = offset_strip(strip).scene_for(400)
    told = [shape.key for shape in scene.walk() if shape.key.endswith("/told") and "/" in shape.key]
    names = ("log-start", "high-watermark", "last-stable-offset", "log-end")
    assert {f"orders-0/{name}/told" for name in names} <= set(told)


def texts(svg: str) -> list[str]:
    """Return all that is written in a picture."""
    return [part.text or "" for part in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
