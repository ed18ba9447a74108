"""What became of every record under every setting: a table with one strip of time in each row.

A strip reads from left to right. Kept is a full bar, lost a crossed one, out of reach a hollow one;
where nothing was acknowledged there is only a thin line.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from kafkabook.viz.figure import WIDTH_PX, Figure, in_every_width
from kafkabook.viz.letters import fitted, width_px
from kafkabook.viz.scene import Shape, group, line, path, rect, words
from kafkabook.viz.sheet import LEFT_PX, Sheet
from kafkabook.viz.theme import CONSUMER, ERROR, INK, LEADER, MUTED, ON, PANEL, RULE, word_colour

KEPT, LOST, LOCKED, UNWRITTEN = "kept", "lost", "out of reach", "not acknowledged"
_SETTINGS_PX = (LEFT_PX + 38, LEFT_PX + 80, LEFT_PX + 154)
_SETTING_PX = (38, 70, 70)  # how wide each may be
_COUNTS_PX = (96, 56, 4)  # from the right edge to where a count ends
_ROW_PX, _BAR_PX, _HEAD_PX = 26, 13, 36
_BELOW_PX = 20  # from a row's words to its strip, where that stands below them
_LEGEND_PX = 20


class _Plan(NamedTuple):
    """Where rows and their strips stand; a narrow sheet has strips below the words of their row."""

    top_px: float
    row_px: float
    strip_px: float
    strip_end_px: float
    below_px: float
    right_px: float

    def x(self, share: float) -> float:
        """Return where a share of the time stands."""
        return self.strip_px + (self.strip_end_px - self.strip_px) * share

    def y(self, number: int) -> float:
        """Return the upper edge of a row, counted from 1."""
        return self.top_px + (number - 1) * self.row_px


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


@in_every_width
def outcome_table(
    rows: Sequence[OutcomeRow],
    *,
    title: str,
    heads: tuple[tuple[str, str], ...],
    moments: Sequence[tuple[float, str]] = (),
    chosen: Collection[int] = (),
    subtitle: str = "",
    sentence: str = "",
    width_px: int = WIDTH_PX,
) -> Figure:
    """Draw runs below each other, so that settings can be compared.

    Args:
        heads: two lines above each of the three settings.
        moments: where in a strip something happened, from 0 to 1, and what; at most three.
        chosen: numbers of the rows that are ticked, from 1.
    """
    sheet = Sheet(title, subtitle, width_px=width_px)
    sheet.add(*_heads(sheet.take(_HEAD_PX), heads, sheet.right_px))
    plan = _plan(sheet, len(rows), bool(moments))
    sheet.add(*(_shade(plan, sheet.room_px, number) for number in sorted(chosen)))
    sheet.add(*_moments(plan, moments, len(rows)))
    for number, row in enumerate(rows, 1):
        sheet.add(*_row(plan, number, row, is_chosen=number in chosen))
    _legend(sheet)
    told = [_told(number, row, is_chosen=number in chosen) for number, row in enumerate(rows, 1)]
    names = tuple(f"{first} {second}".strip().replace(" .", ".") for first, second in heads)
    columns = ("", "row", *names, "acked", "lost", "out of reach", "silent s")
    return sheet.figure(sentence, heads=columns, rows=told)


def _told(number: int, row: OutcomeRow, *, is_chosen: bool) -> tuple[object, ...]:
    acked = row.count(KEPT, LOST, LOCKED)
    marks = ("*" if is_chosen else "", number, *row.settings)
    return (*marks, acked, row.count(LOST), row.count(LOCKED), row.silent_s)


def _plan(sheet: Sheet, rows: int, has_moments: bool) -> _Plan:
    right_px = sheet.right_px
    if sheet.width_px == WIDTH_PX:
        top_px = sheet.take(rows * _ROW_PX + 6)
        return _Plan(top_px, _ROW_PX, LEFT_PX + 236, right_px - 172, 0, right_px)
    row_px = _ROW_PX + _BELOW_PX
    sheet.take(18 if has_moments else 0)
    top_px = sheet.take(rows * row_px + 6)
    return _Plan(top_px, row_px, LEFT_PX + 20, right_px - 6, _BELOW_PX, right_px)


def _heads(y: float, heads: tuple[tuple[str, str], ...], right_px: float) -> list[Shape]:
    counts = (("", "acked"), ("", "lost"), ("silent", "for"))
    left = [(x, head, "start") for x, head in zip(_SETTINGS_PX, heads, strict=True)]
    right = [(right_px - x, head, "end") for x, head in zip(_COUNTS_PX, counts, strict=True)]
    return [
        words(x, y + 12 + 16 * place, text, fill=MUTED, anchor=anchor, key=f"head/{n}/{place}")
        for n, (x, head, anchor) in enumerate((*left, *right))
        for place, text in enumerate(head)
        if text
    ]


def _moments(plan: _Plan, moments: Sequence[tuple[float, str]], rows: int) -> list[Shape]:
    """Draw a vertical rule through all strips for each moment, its name above.

    A name stands right of its rule, or left of it where the sheet ends or the next name begins.
    """
    drawn: list[Shape] = []
    for place, (share, text) in enumerate(moments):
        x, wide_px = plan.x(share), width_px(text) + 8
        after = moments[place + 1 :]
        next_px = plan.x(after[0][0]) if after else min(plan.strip_end_px + 40, plan.right_px)
        anchor, shift = ("end", -3) if x + wide_px > next_px else (None, 3)
        key, base_px = f"moment/{place}", plan.top_px - 8
        drawn += [
            _rule(plan, x, rows, key),
            words(x + shift, base_px, text, fill=MUTED, anchor=anchor, key=f"{key}/told"),
        ]
    return drawn


def _rule(plan: _Plan, x: float, rows: int, key: str) -> Shape:
    """Draw a rule through all strips, and through no words between them."""
    if not plan.below_px:
        return line(x, plan.top_px - 3, x, plan.y(rows + 1), stroke=MUTED, key=key)
    tops = [plan.y(number) + plan.below_px + 1 for number in range(1, rows + 1)]
    d = "".join(f"M{x:.1f} {top:.1f}v22" for top in tops)
    return path(d, stroke=MUTED, key=key)


def _shade(plan: _Plan, room_px: float, number: int) -> Shape:
    y, high_px = plan.y(number) + 1, plan.row_px - 2
    return rect(LEFT_PX, y, room_px, high_px, fill=PANEL, rx=4, key=f"chosen/{number}")


def _row(plan: _Plan, number: int, row: OutcomeRow, *, is_chosen: bool) -> list[Shape]:
    y = plan.y(number)
    base_px, key = y + 18, f"row/{number}"
    drawn = [words(LEFT_PX + 20, base_px, f"{number}", bold=True, key=key)]
    if is_chosen:
        fill = word_colour(CONSUMER)
        tick = words(LEFT_PX + 4, base_px, "✓", bold=True, fill=fill, key=f"{key}/chosen")
        drawn.append(tick)
    drawn += [
        words(x, base_px, fitted(it, _SETTING_PX[n]), key=f"{key}/setting/{n}")
        for n, (x, it) in enumerate(zip(_SETTINGS_PX, row.settings, strict=True))
    ]
    lost = row.count(LOST)
    counts = (f"{row.count(KEPT, LOST, LOCKED)}", f"{lost}", f"{row.silent_s} s")
    for n, text in enumerate(counts):
        x, is_bad = plan.right_px - _COUNTS_PX[n], n == 1 and lost > 0
        fill = word_colour(ERROR) if is_bad else INK
        told = words(x, base_px, text, bold=is_bad, fill=fill, anchor="end", key=f"{key}/count/{n}")
        drawn.append(told)
    return [*drawn, *_strip(plan, y + 6 + plan.below_px, row, key)]


def _strip(plan: _Plan, y: float, row: OutcomeRow, key: str) -> list[Shape]:
    drawn, place = list[Shape](), 0
    for fate, run in groupby(row.fates):
        count = len(list(run))
        x, end = (plan.x(n / len(row.fates)) for n in (place, place + count))
        tip = f"{count} record{'' if count == 1 else 's'}: {fate}"
        drawn.append(group(*_bar(fate, x, end, y), tip=tip, key=f"{key}/record/{place}"))
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


def _legend(sheet: Sheet) -> None:
    """Say what each kind of bar means, in as many lines as it takes."""
    base_px = sheet.take(_LEGEND_PX) + 13
    sheet.add(line(LEFT_PX, base_px - 15, sheet.right_px, base_px - 15, stroke=RULE, key="foot"))
    x = LEFT_PX + 6.0
    for fate, text in (
        (KEPT, "acknowledged, kept"),
        (LOST, "acknowledged, lost"),
        (LOCKED, "acknowledged, nobody leads"),
        (UNWRITTEN, "not acknowledged"),
    ):
        wide_px = 30 + width_px(text)
        if x + wide_px > sheet.right_px:
            x, base_px = LEFT_PX + 6.0, sheet.take(_LEGEND_PX) + 13
        told = words(x + 30, base_px, text, fill=MUTED)
        sheet.add(group(*_bar(fate, x, x + 24, base_px - 10), told, key=f"legend/{fate}"))
        x += wide_px + 18
