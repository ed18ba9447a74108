"""The grade card: how far a part came, and the smallest case that shows why not further."""

from typing import Any

from kafkabook.viz.figure import MOST_HEIGHT_PX, Figure
from kafkabook.viz.letters import fitted, wrapped
from kafkabook.viz.plain import plain
from kafkabook.viz.sheet import LEFT_PX, ROOM_PX, Sheet
from kafkabook.viz.svg import rect, words
from kafkabook.viz.theme import CONSUMER, ERROR, INK, MUTED, PANEL, RULE, word_colour

_SIGN_PX = LEFT_PX + 330
_SPARE_PX = 156  # both answers, two lines why, two lines below
_COLOURS = {"✓": CONSUMER, "✗": ERROR}


def grade_card(mark: Any) -> Figure:
    """Draw a `grading.mark.Mark`: its rings, and the first failure with both answers."""
    title = f"{mark.exercise} {mark.title} {mark.stars} — {mark.points:g} of 10 points"
    sheet = Sheet(fitted(title, ROOM_PX, 17, bold=True))
    _bar(sheet, mark.points)
    for ring in mark.rings:
        base_px = sheet.take(21) + 15
        colour = word_colour(_COLOURS.get(ring.sign, MUTED))
        points = f"{ring.points:g} point{'' if ring.points == 1 else 's'}"
        sheet.add(
            words(LEFT_PX, base_px, ring.name, fill=MUTED),
            words(LEFT_PX + 30, base_px, fitted(ring.asks, 290, 13), size=13),
            words(_SIGN_PX, base_px, ring.sign, size=13, bold=True, fill=colour),
            words(_SIGN_PX + 90, base_px, points, fill=MUTED),
        )
    if mark.failure:
        _failure(sheet, mark, mark.failure)
    rows = [(ring.name, ring.asks, ring.sign) for ring in mark.rings]
    figure = sheet.figure(
        _two_lines(_sentence(mark), ROOM_PX - 24, 13),
        heads=("ring", "asks", ""),
        rows=rows,
        caption=_two_lines(_foot(mark), ROOM_PX, 12),
    )
    return Figure(figure.title, figure.svg, str(mark), figure.caption)


def _bar(sheet: Sheet, points: float) -> None:
    """Draw ten points as a bar, so that a page of cards can be skimmed."""
    top_px = sheet.take(18)
    wide = 320.0
    sheet.add(rect(LEFT_PX, top_px, wide, 8, fill=RULE, rx=4))
    if points:
        colour = CONSUMER if points >= 10 else word_colour(CONSUMER)
        sheet.add(rect(LEFT_PX, top_px, wide * min(points, 10) / 10, 8, fill=colour, rx=4))


def _failure(sheet: Sheet, mark: Any, failure: Any) -> None:
    sheet.take(6)
    for text in wrapped(plain(failure.headline, 300), ROOM_PX, 14, bold=True)[:2]:
        sheet.add(words(LEFT_PX, sheet.take(19) + 15, text, size=14, bold=True))
    found = f", found among {failure.tried}, seed {mark.seed}" if failure.tried else ""
    if failure.shown:
        lead = f"Smallest counter-example{found}:"
        sheet.add(words(LEFT_PX, sheet.take(19) + 14, lead, fill=MUTED))
        _shown(sheet, failure.shown)
    for name, value, colour in (
        ("yours", failure.yours, ERROR),
        ("should be", failure.should_be, CONSUMER),
    ):
        if value:
            base_px = sheet.take(20) + 15
            shown = fitted(plain(value), ROOM_PX - 100, 12, mono=True)
            fill = word_colour(colour)
            sheet.add(words(LEFT_PX + 76, base_px, name, bold=True, fill=fill, anchor="end"))
            sheet.add(words(LEFT_PX + 90, base_px, shown, mono=True))


def _shown(sheet: Sheet, lines: tuple[str, ...]) -> None:
    """Lay the few lines that matter on a panel."""
    kept = lines[: max(int((MOST_HEIGHT_PX - _SPARE_PX - sheet.take(0)) // 16), 1)]
    if len(lines) > len(kept):
        kept = (*kept[:-1], f"… {len(lines) - len(kept) + 1} more lines in the text")
    top_px = sheet.take(len(kept) * 16 + 14) + 2
    sheet.add(rect(LEFT_PX, top_px, ROOM_PX, len(kept) * 16 + 8, fill=PANEL, rx=4))
    for place, text in enumerate(kept):
        shown = fitted(plain(text), ROOM_PX - 20, 12, mono=True)
        sheet.add(words(LEFT_PX + 10, top_px + 16 + place * 16, shown, mono=True, fill=INK))


def _sentence(mark: Any) -> str:
    if mark.failure and mark.failure.because:
        return str(mark.failure.because)
    if mark.hint:
        return str(mark.hint)
    return "All rings hold." if mark.passed else ""


def _two_lines(text: str, room_px: float, size_px: float) -> str:
    """Cut a text after two lines; the twin holds all of it."""
    lines = wrapped(plain(text, 600), room_px - size_px, size_px)
    return " ".join(lines[:2]) + ("…" if len(lines) > 2 else "")


def _foot(mark: Any) -> str:
    flags = [f"Flag: the part {flag}." for flag in mark.flags]
    again = [f"Reproduce: {mark.reproduce}."] if mark.failure and mark.reproduce else []
    left = [f"Not checked yet: {mark.not_checked}."] if mark.failure and mark.not_checked else []
    return " ".join((*again, *left, *flags, *filter(None, [mark.badge])))
