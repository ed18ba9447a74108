"""The grade card: how far a part came, and the smallest case that shows why not further."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from kafkabook.base.plain import plain
from kafkabook.viz.figure import WIDTH_PX, Figure, in_every_width, most_height_px
from kafkabook.viz.letters import fitted, wrapped, wrapped_code
from kafkabook.viz.scene import rect, words
from kafkabook.viz.sheet import LEFT_PX, Sheet, first_lines
from kafkabook.viz.theme import CONSUMER, ERROR, INK, MUTED, PANEL, RULE, word_colour

_RINGS_PX = 350  # of a ring's name and what it asks, at most
_SIGN_PX, _POINTS_PX = 84, 58  # room for "not reached", and for "4 points"
_COLOURS = {"✓": CONSUMER, "✗": ERROR}
_MOST_LETTERS = 700


class _CardLines(NamedTuple):
    """Some lines of a card: how high one is, and how high is what stands around them."""

    lines: tuple[str, ...]
    line_px: int
    around_px: int = 0

    @property
    def least_px(self) -> int:
        """How high the first two lines are: below that nothing is told."""
        return self.around_px + min(len(self.lines), 2) * self.line_px if self.lines else 0


class _Failed(NamedTuple):
    """Everything that a card tells below its rings, in the order of the card."""

    headline: _CardLines
    shown: _CardLines
    yours: _CardLines
    should_be: _CardLines
    because: _CardLines
    foot: _CardLines


@in_every_width
def grade_card(mark: Any, *, width_px: int = WIDTH_PX) -> Figure:
    """Draw a `grading.mark.Mark`: its rings, and the first failure with both answers.

    What would make it higher than a figure may be is left to the text, and the card says so.
    """
    title = f"{mark.exercise} {mark.title} {mark.stars} — {mark.points:g} of 10 points"
    sheet = Sheet(title, width_px=width_px)
    _bar(sheet, mark.points)
    _rings(sheet, mark)
    left_over_px = most_height_px(width_px) - 8 - sheet.take(0)
    told = _fitting(_all_told(mark, sheet.room_px), left_over_px)
    if mark.failure:
        _failure(sheet, mark, told)
    figure = sheet.figure(" ".join(told.because.lines), caption=" ".join(told.foot.lines))
    return replace(figure, text=str(mark))


def _rings(sheet: Sheet, mark: Any) -> None:
    sign_px = LEFT_PX + min(_RINGS_PX, sheet.room_px - _SIGN_PX - _POINTS_PX)
    for ring in mark.rings:
        base_px, key = sheet.take(21) + 15, f"ring/{ring.name}"
        colour = word_colour(_COLOURS.get(ring.sign, MUTED))
        points = f"{ring.points:g} point{'' if ring.points == 1 else 's'}"
        asks = fitted(ring.asks, sign_px - LEFT_PX - 38)
        sheet.add(
            words(LEFT_PX, base_px, ring.name, fill=MUTED, key=key),
            words(LEFT_PX + 30, base_px, asks, key=f"{key}/asks"),
            words(sign_px, base_px, ring.sign, bold=True, fill=colour, key=f"{key}/sign"),
            words(sign_px + _SIGN_PX, base_px, points, fill=MUTED, key=f"{key}/points"),
        )


def _all_told(mark: Any, room_px: float) -> _Failed:
    """Break everything into lines, none of it cut."""
    failure = mark.failure
    headline = plain(failure.headline, _MOST_LETTERS) if failure else ""
    yours, should_be = (failure.yours, failure.should_be) if failure else ("", "")
    return _Failed(
        _CardLines(tuple(wrapped(headline, room_px, 14, bold=True)), 19, 6),
        _CardLines(_code(failure.shown if failure else (), room_px - 20), 16, 33),
        _CardLines(_code((yours,) if yours else (), room_px - 100), 16, 4),
        _CardLines(_code((should_be,) if should_be else (), room_px - 100), 16, 4),
        _CardLines(_prose(_sentence(mark), room_px - 24), 18, 22),
        _CardLines(_prose(_foot(mark), room_px), 17, 4),
    )


def _prose(text: str, room_px: float) -> tuple[str, ...]:
    return tuple(wrapped(plain(text, _MOST_LETTERS), room_px))


def _code(texts: Sequence[str], room_px: float) -> tuple[str, ...]:
    plain_texts = (plain(text, _MOST_LETTERS) for text in texts)
    return tuple(line for text in plain_texts for line in wrapped_code(text, room_px))


def _fitting(told: _Failed, room_px: float) -> _Failed:
    """Share the height that is left: sentences first, then both answers, then the evidence."""
    spare_px = room_px - sum(part.least_px for part in told)
    kept = {}
    for name in ("headline", "because", "foot", "should_be", "yours", "shown"):
        part: _CardLines = getattr(told, name)
        more = max(min(len(part.lines) - 2, int(spare_px // part.line_px)), 0)
        spare_px -= more * part.line_px
        lines = first_lines(list(part.lines), 2 + more)
        kept[name] = part._replace(lines=tuple(lines))
    return told._replace(**kept)


def _bar(sheet: Sheet, points: float) -> None:
    """Draw ten points as a bar, so that a page of cards can be skimmed."""
    top_px = sheet.take(18)
    wide = min(_RINGS_PX, sheet.room_px)
    sheet.add(rect(LEFT_PX, top_px, wide, 8, fill=RULE, rx=4, key="ten"))
    if points:
        colour = CONSUMER if points >= 10 else word_colour(CONSUMER)
        share_px = wide * min(points, 10) / 10
        sheet.add(rect(LEFT_PX, top_px, share_px, 8, fill=colour, rx=4, key="points"))


def _failure(sheet: Sheet, mark: Any, told: _Failed) -> None:
    failure = mark.failure
    sheet.take(6)
    for text in told.headline.lines:
        sheet.add(words(LEFT_PX, sheet.take(19) + 15, text, size=14, bold=True))
    if told.shown.lines:
        found = f", found among {failure.tried}, seed {mark.seed}" if failure.tried else ""
        lead = f"{failure.evidence}{found}:"
        sheet.add(words(LEFT_PX, sheet.take(19) + 14, lead, fill=MUTED))
        _shown(sheet, told.shown.lines)
    _answer(sheet, "yours", told.yours, ERROR)
    _answer(sheet, "should be", told.should_be, CONSUMER)


def _answer(sheet: Sheet, name: str, told: _CardLines, colour: str) -> None:
    for place, text in enumerate(told.lines):
        base_px = sheet.take(told.line_px) + 13
        if place == 0:
            fill = word_colour(colour)
            sheet.add(words(LEFT_PX + 76, base_px, name, bold=True, fill=fill, anchor="end"))
        sheet.add(words(LEFT_PX + 90, base_px, text, mono=True))
    sheet.take(told.around_px if told.lines else 0)


def _shown(sheet: Sheet, lines: tuple[str, ...]) -> None:
    """Lay the few lines that matter on a panel."""
    top_px = sheet.take(len(lines) * 16 + 14) + 2
    sheet.add(rect(LEFT_PX, top_px, sheet.room_px, len(lines) * 16 + 8, fill=PANEL, rx=4))
    for place, text in enumerate(lines):
        sheet.add(words(LEFT_PX + 10, top_px + 16 + place * 16, text, mono=True, fill=INK))


def _sentence(mark: Any) -> str:
    if mark.failure:
        loss = mark.failure.loss
        told = (
            loss.told[: 1 if loss.why_not or loss.lines or not loss.promise else 2] if loss else ()
        )
        return " ".join(filter(None, (str(mark.failure.because), *told)))
    if mark.hint:
        return str(mark.hint)
    return " ".join(("All rings hold.", *mark.debrief)) if mark.passed else ""


def _foot(mark: Any) -> str:
    flags = [f"Flag: the part {flag}." for flag in mark.flags]
    again = [f"Reproduce: {mark.reproduce}."] if mark.failure and mark.reproduce else []
    left = [f"Not checked yet: {mark.not_checked}."] if mark.failure and mark.not_checked else []
    return " ".join((*again, *left, *flags, *filter(None, [mark.badge])))
