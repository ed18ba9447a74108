"""What became of every record under every setting: a table with one strip of time in each row.

A strip reads from left to right. Kept is a full bar, lost a crossed one, out of reach a hollow one;
where nothing was acknowledged there is only a thin line.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

from kafkabook.viz.figure import Figure
from kafkabook.viz.letters import width_px
from kafkabook.viz.scene import Shape, group, line, path, rect, words
from kafkabook.viz.sheet import LEFT_PX, RIGHT_PX, ROOM_PX, Sheet
from kafkabook.viz.theme import CONSUMER, ERROR, INK, LEADER, MUTED, ON, PANEL, RULE, word_colour

KEPT, LOST, LOCKED, UNWRITTEN = "kept", "lost", "out of reach", "not acknowledged"
_SETTINGS_PX = (LEFT_PX + 40, LEFT_PX + 82, LEFT_PX + 150)
_STRIP_PX, _STRIP_END_PX = LEFT_PX + 222, RIGHT_PX - 176
_COUNTS_PX = (RIGHT_PX - 122, RIGHT_PX - 76, RIGHT_PX - 6)
_ROW_PX = 25
_BAR_PX = 13


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One run: its settings as they are written, and what became of each record, in order.

    Attributes: `fates` (`KEPT`, `LOST`, `LOCKED` or `UNWRITTEN`, one for each record sent at equal
    intervals), `silent_s` (for how many seconds nothing was acknowledged).
    """

    settings: tuple[str, ...]
    fates: tuple[str, ...]
    silent_s: int

    def count(self, *fates: str) -> int:
        """Return how many records met one of these fates."""
        return sum(fate in fates for fate in self.fates)


def outcome_table(
    rows: Sequence[OutcomeRow],
    *,
    title: str,
    heads: tuple[tuple[str, str], ...],
    moments: Sequence[tuple[float, str]] = (),
    chosen: Collection[int] = (),
    subtitle: str = "",
    sentence: str = "",
) -> Figure:
    """Draw runs below each other, so that settings can be compared.

    Args:
        heads: two lines above each of the three settings.
        moments: where in a strip something happened, from 0 to 1, and what; at most three.
        chosen: numbers of the rows that are ticked, from 1.
    """
    sheet = Sheet(title, subtitle)
    sheet.add(*_heads(sheet.take(34), heads))
    top_px = sheet.take(len(rows) * _ROW_PX + 6)
    sheet.add(*(_shade(top_px, number) for number in sorted(chosen)))
    sheet.add(*_moments(top_px, moments, len(rows)))
    for number, row in enumerate(rows, 1):
        sheet.add(*_row(top_px + (number - 1) * _ROW_PX, number, row, is_chosen=number in chosen))
    sheet.add(*_legend(sheet.take(20) + 13))
    told = [_told(number, row, is_chosen=number in chosen) for number, row in enumerate(rows, 1)]
    names = tuple(f"{first} {second}".strip().replace(" .", ".") for first, second in heads)
    columns = ("", "row", *names, "acked", "lost", "out of reach", "silent s")
    return sheet.figure(sentence, heads=columns, rows=told)


def _told(number: int, row: OutcomeRow, *, is_chosen: bool) -> tuple[object, ...]:
    acked = row.count(KEPT, LOST, LOCKED)
    marks = ("*" if is_chosen else "", number, *row.settings)
    return (*marks, acked, row.count(LOST), row.count(LOCKED), row.silent_s)


def _heads(y: float, heads: tuple[tuple[str, str], ...]) -> list[Shape]:
    counts = (("", "acked"), ("", "lost"), ("silent", "for"))
    left = [(x, head, "start") for x, head in zip(_SETTINGS_PX, heads, strict=True)]
    right = [(x, head, "end") for x, head in zip(_COUNTS_PX, counts, strict=True)]
    return [
        words(x, y + 11 + 15 * place, text, fill=MUTED, anchor=anchor)
        for x, head, anchor in (*left, *right)
        for place, text in enumerate(head)
        if text
    ]


def _moments(top_px: float, moments: Sequence[tuple[float, str]], rows: int) -> list[Shape]:
    """Draw a vertical rule through all strips for each moment, its name above."""
    drawn: list[Shape] = []
    for share, text in moments:
        x = _x(share)
        end = x + width_px(text, 12) > _STRIP_END_PX + 40
        drawn.append(line(x, top_px - 3, x, top_px + rows * _ROW_PX, stroke=MUTED))
        anchor, shift = ("end", -3) if end else (None, 3)
        drawn.append(words(x + shift, top_px - 8, text, fill=MUTED, anchor=anchor))
    return drawn


def _shade(top_px: float, number: int) -> Shape:
    y = top_px + (number - 1) * _ROW_PX + 1
    return rect(LEFT_PX, y, ROOM_PX, _ROW_PX - 2, fill=PANEL, rx=4)


def _row(y: float, number: int, row: OutcomeRow, *, is_chosen: bool) -> list[Shape]:
    base_px = y + 17
    drawn = [words(LEFT_PX + 20, base_px, f"{number}", bold=True)]
    if is_chosen:
        drawn.append(words(LEFT_PX + 4, base_px, "✓", bold=True, fill=word_colour(CONSUMER)))
    drawn += [words(x, base_px, it) for x, it in zip(_SETTINGS_PX, row.settings, strict=True)]
    lost = row.count(LOST)
    counts = (f"{row.count(KEPT, LOST, LOCKED)}", f"{lost}", f"{row.silent_s} s")
    for x, text, is_bad in zip(_COUNTS_PX, counts, (False, lost > 0, False), strict=True):
        fill = word_colour(ERROR) if is_bad else INK
        drawn.append(words(x, base_px, text, bold=is_bad, fill=fill, anchor="end"))
    return [*drawn, *_strip(y + 6, row)]


def _strip(y: float, row: OutcomeRow) -> list[Shape]:
    drawn, place = list[Shape](), 0
    for fate, run in groupby(row.fates):
        count = len(list(run))
        x, end = _x(place / len(row.fates)), _x((place + count) / len(row.fates))
        tip = f"{count} record{'' if count == 1 else 's'}: {fate}"
        drawn.append(group(*_bar(fate, x, end, y), tip=tip))
        place += count
    return drawn


def _bar(fate: str, x: float, end: float, y: float) -> list[Shape]:
    middle = y + _BAR_PX / 2
    if fate == UNWRITTEN:
        return [line(x, middle, end, middle, stroke=MUTED, stroke_dasharray="2 3")]
    if fate == LOCKED:
        hollow = rect(x + 1, y + 1, end - x - 2, _BAR_PX - 2, fill="none", stroke=LEADER)
        return [hollow]
    bar = rect(x, y, end - x, _BAR_PX, fill=LEADER if fate == KEPT else ERROR)
    return [bar] if fate == KEPT else [bar, _crosses(x, end, y)]


def _crosses(x: float, end: float, y: float) -> Shape:
    """Cross a bar out, once for every 12 px of it, so that lost is not told by colour alone."""
    count = max(1, int((end - x) // 12))
    step = (end - x) / count
    places = [x + step * (n + 0.5) for n in range(count)]
    d = "".join(f"M{it - 3:.1f} {y + 3.5:.1f}l6 6M{it + 3:.1f} {y + 3.5:.1f}l-6 6" for it in places)
    return path(d, stroke=ON, stroke_width=1.5)


def _x(share: float) -> float:
    return _STRIP_PX + (_STRIP_END_PX - _STRIP_PX) * share


def _legend(base_px: float) -> list[Shape]:
    drawn: list[Shape] = [line(LEFT_PX, base_px - 15, RIGHT_PX, base_px - 15, stroke=RULE)]
    x = LEFT_PX + 20.0
    for fate, text in (
        (KEPT, "acknowledged, kept"),
        (LOST, "acknowledged, lost"),
        (LOCKED, "acknowledged, nobody leads"),
        (UNWRITTEN, "not acknowledged"),
    ):
        drawn += _bar(fate, x, x + 24, base_px - 10)
        drawn.append(words(x + 30, base_px, text, fill=MUTED))
        x += 30 + width_px(text, 12) + 18
    return drawn
