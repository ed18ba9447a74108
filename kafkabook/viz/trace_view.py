"""A trace as a figure: what happened, in order, the last of it if there is much."""

from collections.abc import Sequence
from dataclasses import replace

from kafkabook.base.plain import plain
from kafkabook.base.trace import Entry, Trace
from kafkabook.viz.figure import WIDTH_PX, Figure, in_every_width, most_height_px
from kafkabook.viz.letters import fitted, width_px, wrapped
from kafkabook.viz.moments import moment_text
from kafkabook.viz.scene import group, line, rect, words
from kafkabook.viz.sheet import LEFT_PX, Sheet
from kafkabook.viz.theme import LEADER, MUTED, PANEL, RULE

_MOST_ROWS = 14
_LINE_PX = 20
_TIME_ROOM_PX = 108
_NARROW_TIME_PX = 70
_WORDS_PX = 110  # about what stands below the entries


def trace_view(trace: Trace, *, title: str = "", caption: str = "") -> Figure:
    """Draw the last entries of a trace; the twin holds all of them."""
    asked = title or f"What happened in {trace.place or 'this run'}?"
    return _drawn(tuple(trace), str(trace), asked, caption)


@in_every_width
def _drawn(
    entries: Sequence[Entry],
    whole: str,
    title: str,
    caption: str,
    *,
    width_px: int = WIDTH_PX,
) -> Figure:
    """Draw entries, to which nobody adds any more; `whole` is all of them in words."""
    sheet = Sheet(title, width_px=width_px)
    hidden = max(len(entries) - _MOST_ROWS, 0)
    axis_px = LEFT_PX + (_TIME_ROOM_PX if width_px == WIDTH_PX else _NARROW_TIME_PX) + 8
    if hidden:
        earlier = f"… {hidden} earlier"
        sheet.add(words(axis_px + 8, sheet.take(18) + 12, earlier, fill=MUTED, key="earlier"))
    top_px, shown = sheet.take(0), entries[hidden:]
    lines = _lines(shown, sheet, axis_px + 8)
    for entry, texts in zip(shown, lines, strict=True):
        _row(sheet, entry, texts, axis_px)
    sheet.add(
        line(axis_px, top_px, axis_px, sheet.take(0), stroke=RULE, stroke_width=2, key="axis")
    )
    kinds = len({type(entry.event) for entry in entries})
    told = f"{len(entries)} events of {kinds} kinds." if entries else "Nothing happened yet."
    drawn = sheet.figure(told, caption=caption)
    return replace(drawn, text=f"{drawn.title}\n{told}\n{whole}".rstrip())


def _lines(entries: Sequence[Entry], sheet: Sheet, left_px: float) -> list[list[str]]:
    """Break each sentence into the lines that it gets on a narrow sheet: two, or one if many."""
    if sheet.width_px == WIDTH_PX:
        return [[] for _ in entries]
    room_px = sheet.right_px - left_px
    told = [plain(entry.event.placed_sentence()) for entry in entries]
    broken = [wrapped(sentence, room_px) for sentence in told]
    high_px = sum(_LINE_PX * (1 + min(len(it), 2)) for it in broken)
    most = 2 if high_px <= most_height_px(sheet.width_px) - sheet.take(0) - _WORDS_PX else 1
    return [[*texts[: most - 1], *_rest(" ".join(texts[most - 1 :]), room_px)] for texts in broken]


def _rest(text: str, room_px: float) -> list[str]:
    return [fitted(text, room_px)] if text else []


def _row(sheet: Sheet, entry: Entry, texts: Sequence[str], axis_px: float) -> None:
    """Draw one entry; on a narrow sheet its sentence has lines of its own."""
    name, key, name_px = type(entry.event).__name__, f"event/{entry.number}", axis_px + 8
    high_px = _LINE_PX * (1 + len(texts))
    y, sentence = sheet.take(high_px), plain(entry.event.placed_sentence())
    beside_px = name_px + width_px(name, bold=True) + 10
    room_px = sheet.right_px - beside_px
    whole = " ".join(texts) == sentence if texts else width_px(sentence) <= room_px
    at = fitted(moment_text(entry.at_ms), axis_px - LEFT_PX - 8)
    told = [
        words(name_px, y + 14 + _LINE_PX * place, text) for place, text in enumerate(texts, 1)
    ] or [words(beside_px, y + 14, fitted(sentence, room_px))]
    if entry.number % 2 == 0:
        sheet.add(rect(LEFT_PX, y, sheet.room_px, high_px, fill=PANEL, key=f"{key}/ground"))
    shown = fitted(name, sheet.right_px - name_px, bold=True)
    tip = str(entry) if whole else f"{sentence} {entry}"
    sheet.add(
        words(axis_px - 8, y + 14, at, fill=MUTED, anchor="end", key=f"{key}/time"),
        rect(axis_px - 3, y + 7, 6, 6, fill=LEADER, rx=3, key=f"{key}/dot"),
        group(words(name_px, y + 14, shown, bold=True), *told, tip=tip, key=key),
    )
