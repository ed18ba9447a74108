"""The sequence diagram: who said what to whom, from the top down, and what it changed.

It is drawn from a trace alone. Rows are events in their order, one below the other; they are not
to scale, so the time of each stands at the left.
"""

from collections.abc import Collection, Iterable, Sequence

from kafkabook.base.machine import Address
from kafkabook.base.trace import Entry
from kafkabook.viz.figure import Figure
from kafkabook.viz.letters import fitted, width_px
from kafkabook.viz.moments import moment_text
from kafkabook.viz.plain import plain
from kafkabook.viz.positions import room_px
from kafkabook.viz.scene import Shape, group, line, rect, words
from kafkabook.viz.sequence_marks import TIME_PX, Grid, actor_colour, labels, mark
from kafkabook.viz.sequence_rows import (
    DEFAULT_NOTES,
    Notes,
    SequenceRow,
    actor_name,
    actors_of,
    rows_of,
)
from kafkabook.viz.sheet import LEFT_PX, RIGHT_PX, Sheet
from kafkabook.viz.theme import (
    MUTED,
    PAPER,
    RULE,
)

MOST_ROWS = 14
_HEAD_PX = 30
_ROW_PX = 26
_LEAST_PX = 15
_LONG_MS = 1_000_000


def sequence(
    entries: Iterable[Entry],
    *,
    title: str,
    actors: Sequence[Address] | None = None,
    subtitle: str = "",
    sentence: str = "",
    caption: str = "",
    from_number: int | None = None,
    to_number: int | None = None,
    notes: Notes = DEFAULT_NOTES,
    without: Collection[str] = (),
) -> Figure:
    """Draw messages as arrows between life lines, and what they changed as notes on them.

    Args:
        entries: a `Trace`, or some of its entries.
        actors: the columns from left to right; without it everybody who takes part.
        from_number, to_number: the first and the last entry of the window, both included.
        notes: event class → what stands on the life line; other events are not drawn.
        without: names of messages that are left out, such as "BrokerHeartbeat".

    Raises:
        ValueError: more than 14 rows, or none; more actors than fit.
    """
    first, last = from_number or 0, float("inf") if to_number is None else to_number
    window = [entry for entry in entries if first <= entry.number <= last]
    rows = rows_of(window, notes=notes, without=without)
    columns = tuple(actors) if actors is not None else actors_of(rows)
    shown = [row for row in rows if row.sender in columns and row.receiver in (None, *columns)]
    _check(shown, columns)
    told = sentence or _told(shown, columns)
    sheet = Sheet(title, subtitle)
    grid = _grid(sheet, columns, len(shown), told, caption)
    sheet.add(*(part for actor in columns for part in _life_line(actor, shown, grid)))
    for place in range(len(shown)):
        sheet.add(*_time(shown, place, grid), mark(shown, place, grid))
    sheet.add(*labels(shown, grid))
    return sheet.figure(told, heads=_HEADS, rows=[_twin(row) for row in shown], caption=caption)


_HEADS = ("ms", "from", "to", "message or note")


def _check(rows: Sequence[SequenceRow], actors: Sequence[Address]) -> None:
    if not rows:
        raise ValueError("no message and no note in this window")
    if len(rows) > MOST_ROWS:
        raise ValueError(
            f"{len(rows)} rows, at most {MOST_ROWS} can be read: choose a window with from_number "
            f"and to_number (entries {rows[0].number} to {rows[-1].number}), or fewer actors"
        )
    if len(actors) > 7:
        raise ValueError(f"{len(actors)} actors, at most 7 fit: choose them with actors=")


def _grid(sheet: Sheet, actors: Sequence[Address], rows: int, told: str, caption: str) -> Grid:
    """Share what the sheet has left between the rows, and its width between the actors."""
    left_over_px = room_px(sheet, told, caption) - _HEAD_PX
    row_px = min(_ROW_PX, left_over_px / (rows + 0.5))
    if row_px < _LEAST_PX:
        raise ValueError(f"{rows} rows and this much text do not fit: choose a shorter window")
    gap_px = (RIGHT_PX - LEFT_PX - TIME_PX) / len(actors)
    columns = {
        actor: LEFT_PX + TIME_PX + (place + 0.5) * gap_px for place, actor in enumerate(actors)
    }
    top_px = sheet.take(_HEAD_PX + row_px * (rows + 0.5)) + _HEAD_PX
    return Grid(columns, gap_px, top_px, row_px)


def _life_line(actor: Address, rows: Sequence[SequenceRow], grid: Grid) -> list[Shape]:
    """Draw an actor's box, and its life line: dashed while it is down."""
    x, name = grid.columns[actor], actor_name(actor)
    wide_px = min(grid.gap_px - 8, width_px(name, 13, bold=True) + 24)
    box = rect(
        *(x - wide_px / 2, grid.top_px - _HEAD_PX + 1, wide_px, 24),
        fill=PAPER,
        stroke=actor_colour(actor),
        stroke_width=2.5,
        rx=5,
    )
    text = fitted(name, wide_px - 8, 13, bold=True)
    label = words(x, grid.top_px - _HEAD_PX + 18, text, size=13, bold=True, anchor="middle")
    turns = [(n, row.is_alive) for n, row in enumerate(rows) if _turns(row, actor)]
    edges = [(grid.top_px - 5, not (turns and turns[0][1]))]
    edges += [(grid.y(place), bool(alive)) for place, alive in turns]
    ends = [*(y for y, _ in edges[1:]), grid.y(len(rows) - 0.4)]
    lines = [_line(x, y, end, alive) for (y, alive), end in zip(edges, ends, strict=True)]
    return [*lines, group(box, label, tip=name, key=f"actor/{plain(str(actor))}")]


def _turns(row: SequenceRow, actor: Address) -> bool:
    return row.sender == actor and row.is_alive is not None


def _line(x: float, y: float, end: float, alive: bool) -> Shape:
    dash = None if alive else "3 4"
    return line(
        x, y, x, end, stroke=RULE if alive else MUTED, stroke_width=2, stroke_dasharray=dash
    )


def _time(rows: Sequence[SequenceRow], place: int, grid: Grid) -> list[Shape]:
    """Write a row's moment where it differs from the one above."""
    if place and rows[place].at_ms == rows[place - 1].at_ms:
        return []
    at_ms = rows[place].at_ms
    told = f"{at_ms} ms" if at_ms < _LONG_MS else moment_text(at_ms)
    return [words(LEFT_PX + TIME_PX - 10, grid.y(place) + 4, told, fill=MUTED, anchor="end")]


def _told(rows: Sequence[SequenceRow], actors: Sequence[Address]) -> str:
    """Count what passed, and what did not arrive."""
    messages = [row for row in rows if row.receiver is not None]
    fates = [row.fate for row in messages]
    lost = [f"{fates.count(it)} {it}" for it in ("lost", "held", "refused") if it in fates]
    took_ms = rows[-1].at_ms - rows[0].at_ms
    count = f"{len(messages)} {'message' if len(messages) == 1 else 'messages'}"
    told = f"{count} between {', '.join(map(actor_name, actors))} in {moment_text(took_ms)}"
    return f"{told}{': ' if lost else ''}{', '.join(lost)}."


def _twin(row: SequenceRow) -> tuple[object, ...]:
    to = "" if row.receiver is None else actor_name(row.receiver)
    sent = "" if row.sent_ms is None else f", sent at {row.sent_ms} ms"
    fate = f", {row.fate}" if row.fate else ""
    told = f"{plain(row.text)}{sent}{fate}{row.reason and ': '}{row.reason}"
    return (row.at_ms, actor_name(row.sender), to, told)
