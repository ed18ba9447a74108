"""A trace as a figure: what happened, in order, the last of it if there is much."""

from dataclasses import replace

from kafkabook.base.trace import Entry, Event, Trace
from kafkabook.viz.figure import Figure
from kafkabook.viz.letters import fitted, width_px
from kafkabook.viz.moments import moment_text
from kafkabook.viz.plain import plain
from kafkabook.viz.scene import group, line, rect, words
from kafkabook.viz.sheet import LEFT_PX, RIGHT_PX, Sheet
from kafkabook.viz.theme import LEADER, MUTED, PANEL, RULE

_MOST_ROWS = 14
_ROW_PX = 20
_TIME_PX = LEFT_PX + 108
_EVENT_PX = LEFT_PX + 124


def trace_view(trace: Trace, *, title: str = "", caption: str = "") -> Figure:
    """Draw the last entries of a trace; the twin holds all of them."""
    sheet = Sheet(title or f"What happened in {trace.place or 'this run'}?")
    entries = list(trace)
    hidden = max(len(entries) - _MOST_ROWS, 0)
    if hidden:
        sheet.add(words(_EVENT_PX, sheet.take(18) + 12, f"… {hidden} earlier", fill=MUTED))
    top_px = sheet.take(0)
    for row, entry in enumerate(entries[hidden:]):
        _row(sheet, entry, shaded=row % 2 == 0)
    axis_px = _TIME_PX + 8
    sheet.add(line(axis_px, top_px, axis_px, sheet.take(0), stroke=RULE, stroke_width=2))
    kinds = len({type(entry.event) for entry in entries})
    told = f"{len(entries)} events of {kinds} kinds." if entries else "Nothing happened yet."
    drawn = sheet.figure(told, caption=caption)
    return replace(drawn, text=f"{drawn.title}\n{told}\n{trace}".rstrip())


def _row(sheet: Sheet, entry: Entry, *, shaded: bool) -> None:
    y = sheet.take(_ROW_PX)
    if shaded:
        sheet.add(rect(LEFT_PX, y, RIGHT_PX - LEFT_PX, _ROW_PX, fill=PANEL))
    name = type(entry.event).__name__
    sentence = plain(placed_sentence(entry.event))
    name_px = width_px(name, 12, bold=True) + 10
    room_px = RIGHT_PX - _EVENT_PX - name_px
    fits = width_px(sentence, 12) <= room_px
    sheet.add(
        words(_TIME_PX, y + 14, moment_text(entry.at_ms), fill=MUTED, anchor="end"),
        rect(_TIME_PX + 5, y + 7, 6, 6, fill=LEADER, rx=3),
        group(
            words(_EVENT_PX, y + 14, name, bold=True),
            words(_EVENT_PX + name_px, y + 14, fitted(sentence, room_px, 12)),
            tip=str(entry) if fits else f"{sentence} {entry}",
            key=f"event/{entry.number}",
        ),
    )


def placed_sentence(event: Event) -> str:
    """Return an event's sentence, with its partition in front where it does not name that.

    >>> placed_sentence(Event())
    'Event()'
    """
    sentence, partition = event.sentence(), getattr(event, "partition", "")
    return sentence if partition in sentence else f"{partition}: {sentence}"
