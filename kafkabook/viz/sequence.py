"""The sequence diagram: who said what to whom, from the top down, and what it changed.

It is drawn from a trace alone. Rows are events in their order, one below the other; they are not
to scale, so the time of each stands at the left.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from kafkabook.base.machine import Address
from kafkabook.base.plain import plain
from kafkabook.base.trace import Entry
from kafkabook.viz.figure import WIDTH_PX, Figure, in_every_width
from kafkabook.viz.letters import fitted, width_px
from kafkabook.viz.moments import moment_text
from kafkabook.viz.positions import room_px
from kafkabook.viz.scene import Shape, group, line, rect, words
from kafkabook.viz.sequence_marks import TIME_PX, Grid, actor_colour, labels, mark, said
from kafkabook.viz.sequence_rows import (
    DEFAULT_NOTES,
    Notes,
    SequenceRow,
    actor_name,
    actors_of,
    rows_of,
)
from kafkabook.viz.sheet import LEFT_PX, Sheet
from kafkabook.viz.theme import (
    MUTED,
    PAPER,
    RULE,
)

MOST_ROWS = 14
_HEAD_PX, _HEAD_LINE_PX = 30, 16
_HEAD_EDGES_PX = 7  # of a head's box and the gap to the next one
_ROW_PX, _LEAST_PX = 28, 18
_TALL_ROW_PX, _TALL_LEAST_PX = 38, 37  # where words have a line of their own
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
    return _drawn(tuple(shown), columns, title, subtitle, told, caption)


@in_every_width
def _drawn(
    rows: Sequence[SequenceRow],
    actors: Sequence[Address],
    title: str,
    subtitle: str,
    told: str,
    caption: str,
    *,
    width_px: int = WIDTH_PX,
) -> Figure:
    """Draw rows, to which nobody adds any more."""
    sheet = Sheet(title, subtitle, width_px=width_px)
    grid = _grid(sheet, actors, rows, told, caption)
    sheet.add(*(part for actor in actors for part in _life_line(actor, rows, grid)))
    for place in range(len(rows)):
        sheet.add(*_time(rows, place, grid), mark(rows, place, grid))
    sheet.add(*labels(rows, grid))
    return sheet.figure(told, heads=_HEADS, rows=[_twin(row) for row in rows], caption=caption)


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


def _grid(
    sheet: Sheet, actors: Sequence[Address], rows: Sequence[SequenceRow], told: str, caption: str
) -> Grid:
    """Share what the sheet has left between the rows, and its width between the actors.

    Where columns are too near for names on the arrows, names stand below them, if there is room.
    """
    left_over_px = room_px(sheet, told, caption) - _HEAD_PX - _HEAD_LINE_PX
    most_px, count = left_over_px / (len(rows) + 0.5), len(rows) + 0.5
    if most_px < _LEAST_PX:
        raise ValueError(f"{len(rows)} rows and this much text do not fit: choose a shorter window")
    gap_px = (sheet.room_px - TIME_PX) / len(actors)
    first_px = LEFT_PX + TIME_PX + 0.5 * gap_px
    columns = {actor: first_px + place * gap_px for place, actor in enumerate(actors)}
    tall = most_px >= _TALL_LEAST_PX and any(not _is_wide_enough(row, columns) for row in rows)
    row_px = min(_TALL_ROW_PX if tall else _ROW_PX, most_px)
    lines = max(len(_head_lines(actor, gap_px - _HEAD_EDGES_PX)) for actor in actors)
    head_px = _HEAD_PX + (lines - 1) * _HEAD_LINE_PX
    top_px = sheet.take(head_px + row_px * count) + head_px
    return Grid(columns, gap_px, top_px, row_px, sheet.right_px, tall)


def _is_wide_enough(row: SequenceRow, columns: Mapping[Address, float]) -> bool:
    """Say whether a message's name fits on its arrow."""
    if row.receiver is None:
        return True
    return width_px(said(row)) <= abs(columns[row.sender] - columns[row.receiver]) - 24


def _life_line(actor: Address, rows: Sequence[SequenceRow], grid: Grid) -> list[Shape]:
    """Draw an actor's box, and its life line: dashed while it is down."""
    x, name, key = grid.columns[actor], actor_name(actor), plain(str(actor))
    wide_px = min(grid.gap_px - 4, width_px(name, bold=True) + 24)
    lines = _head_lines(actor, grid.gap_px - _HEAD_EDGES_PX)
    high_px = 24 + (len(lines) - 1) * _HEAD_LINE_PX
    box = rect(
        *(x - wide_px / 2, grid.top_px - 5 - high_px, wide_px, high_px),
        fill=PAPER,
        stroke=actor_colour(actor),
        stroke_width=2.5,
        rx=5,
    )
    base_px = grid.top_px + 12 - high_px
    label = [
        words(
            *(x, base_px + place * _HEAD_LINE_PX, text),
            bold=width_px(text, bold=True) <= grid.gap_px - _HEAD_EDGES_PX,
            anchor="middle",
        )
        for place, text in enumerate(lines)
    ]
    turns = [(n, row.is_alive) for n, row in enumerate(rows) if _turns(row, actor)]
    edges = [(grid.top_px - 5, not (turns and turns[0][1]))]
    edges += [(grid.y(place), bool(alive)) for place, alive in turns]
    ends = [*(y for y, _ in edges[1:]), grid.y(len(rows) - 0.4)]
    life = [
        _line(x, y, end, alive, f"life/{key}/{place}")
        for place, ((y, alive), end) in enumerate(zip(edges, ends, strict=True))
    ]
    return [*life, group(box, *label, tip=name, key=f"actor/{key}")]


def _head_lines(actor: Address, room_px: float) -> list[str]:
    """Return an actor's name, or its parts below each other where it is too wide."""
    name = actor_name(actor)
    parts = name.replace("-", " ").split() if width_px(name, bold=True) > room_px else [name]
    lines = parts if len(parts) <= 2 else [parts[0], " ".join(parts[1:])]
    return [fitted(text, room_px) if width_px(text) > room_px else text for text in lines]


def _turns(row: SequenceRow, actor: Address) -> bool:
    return row.sender == actor and row.is_alive is not None


def _line(x: float, y: float, end: float, alive: bool, key: str) -> Shape:
    stroke, dash = (RULE, None) if alive else (MUTED, "3 4")
    return line(x, y, x, end, stroke=stroke, stroke_width=2, stroke_dasharray=dash, key=key)


def _time(rows: Sequence[SequenceRow], place: int, grid: Grid) -> list[Shape]:
    """Write a row's moment where it differs from the one above."""
    row = rows[place]
    if place and row.at_ms == rows[place - 1].at_ms:
        return []
    told = f"{row.at_ms} ms" if row.at_ms < _LONG_MS else moment_text(row.at_ms)
    told = fitted(told, TIME_PX - 4)
    x, y, key = LEFT_PX + TIME_PX - 4, grid.y(place) + 4, f"time/{row.number}"
    return [words(x, y, told, fill=MUTED, anchor="end", key=key)]


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
