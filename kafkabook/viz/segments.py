"""The segment strip: the files of a partition, drawn to scale by their bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kafkabook.base.units import bytes_text
from kafkabook.log.events import SegmentRolled
from kafkabook.viz.figure import WIDTH_PX, Figure, in_every_width
from kafkabook.viz.letters import fitted, width_px
from kafkabook.viz.moments import moment_text, span_text
from kafkabook.viz.scene import Shape, group, line, rect, words
from kafkabook.viz.shapes import cross
from kafkabook.viz.sheet import LEFT_PX, Sheet
from kafkabook.viz.theme import CELL, ERROR, INK, LEADER, MUTED, PAPER, word_colour

_LEAST_PX = 76  # a day in figures
_GAP_PX = 6
_HIGH_PX = 46
_ROW_PX = _HIGH_PX + 64


@dataclass(frozen=True, slots=True)
class SegmentBar:
    """One segment as it is drawn.

    Attributes: offsets from `base_offset` up to but not `next_offset`; `size_bytes`; the first and
    largest timestamp in ms, None if it holds no record; `state` is active, closed or deleted; `why`
    is what closed or deleted it.
    """

    base_offset: int
    next_offset: int
    size_bytes: int
    first_timestamp_ms: int | None = None
    largest_timestamp_ms: int | None = None
    state: str = "closed"
    why: str = ""


def segment_strip(
    log: Any,
    *,
    title: str = "",
    subtitle: str = "",
    deleted: Sequence[Any] = (),
    why: Sequence[str] = (),
    sentence: str = "",
    caption: str = "",
) -> Figure:
    """Draw the segments of a log from the oldest to the active one, in rows if they are many.

    Args:
        log: a `PartitionLog`, or `SegmentBar`s.
        deleted: segments that are gone, oldest first; they stand before the others as ghosts.
        why: for each segment but the last, what closed it; without it the log's trace is asked.
        sentence: what is to be seen; without it sizes and the log start are told.
    """
    gone = tuple(_bar_of(segment, state="deleted") for segment in deleted)
    bars = gone + bars_of(log, why)
    name = getattr(log, "name", "the log")
    asked = title or f"Which files hold {name}?"
    return _strips(bars, asked, subtitle, sentence or _told(bars), caption)


@in_every_width
def _strips(
    bars: Sequence[SegmentBar],
    title: str,
    subtitle: str,
    told: str,
    caption: str,
    *,
    width_px: int = WIDTH_PX,
) -> Figure:
    sheet = Sheet(title, subtitle, width_px=width_px)
    lines = _lines(bars, sheet.room_px)
    scale = min((_scale(own, sheet.room_px) for own in lines), default=1.0)
    for own in lines:
        top_px, left_px = sheet.take(_ROW_PX) + 18, float(LEFT_PX)
        for bar, wide_px in zip(own, _widths(own, scale, sheet.room_px), strict=True):
            sheet.add(_drawn(bar, left_px, top_px, wide_px))
            left_px += wide_px + _GAP_PX
    rows = [_row(bar) for bar in bars]
    return sheet.figure(told, heads=_HEADS, rows=rows, caption=caption)


def _lines(bars: Sequence[SegmentBar], room_px: float) -> list[Sequence[SegmentBar]]:
    """Share bars between as many lines as they need to be read."""
    most = max(int((room_px + _GAP_PX) // (_LEAST_PX + _GAP_PX)), 1)
    count = -(-len(bars) // most)
    a_line = -(-len(bars) // max(count, 1))
    return [bars[n : n + a_line] for n in range(0, len(bars), max(a_line, 1))]


def bars_of(log: Any, why: Sequence[str] = ()) -> tuple[SegmentBar, ...]:
    """Return the bars of a `PartitionLog`, of its segments, or `SegmentBar`s as they are."""
    whole = log.snapshot() if hasattr(log, "snapshot") else log
    segments = tuple(getattr(whole, "segments", whole))
    closed_by = {rolled.closed_base: rolled.reason for rolled in _rolls(log)}
    if all(isinstance(segment, SegmentBar) for segment in segments):
        return segments
    reasons = (*why, *(closed_by.get(segment.base_offset, "") for segment in segments[len(why) :]))
    closed = zip(segments[:-1], reasons, strict=False)
    active = _bar_of(segments[-1], state="active")
    return (*(_bar_of(segment, why=str(reason)) for segment, reason in closed), active)


def _rolls(log: Any) -> list[Any]:
    return [entry.event for entry in log.trace.of(SegmentRolled)] if hasattr(log, "trace") else []


def file_number(base_offset: int) -> str:
    """Return the twenty digits that Kafka names a segment's files by."""
    return f"{base_offset:020d}"


_HEADS = ("segment", "state", "offsets", "bytes", "timestamps", "why")


def _bar_of(segment: Any, *, state: str = "closed", why: str = "") -> SegmentBar:
    """Take a segment's facts, snapshot or bar; Kafka's -1 for "no timestamp" becomes None."""
    first = getattr(segment, "first_timestamp_ms", None)
    largest = segment.largest_timestamp_ms
    return SegmentBar(
        segment.base_offset,
        segment.next_offset,
        segment.size_bytes,
        None if first == -1 else first,
        None if largest == -1 else largest,
        state,
        getattr(segment, "why", why),
    )


def _scale(bars: Sequence[SegmentBar], room_px: float) -> float:
    """Return how many px a byte may take, so that a line is full."""
    total = sum(bar.size_bytes for bar in bars) or 1
    return (room_px - _GAP_PX * (len(bars) - 1)) / total


def _widths(bars: Sequence[SegmentBar], scale: float, room_px: float) -> list[float]:
    """Draw bars to scale; what would be too narrow for its name is drawn wider."""
    room_px -= _GAP_PX * (len(bars) - 1)
    widths = [max(_LEAST_PX, scale * bar.size_bytes) for bar in bars]
    spare = sum(width - _LEAST_PX for width in widths) or 1.0
    over = max(sum(widths) - room_px, 0.0)
    return [width - over * (width - _LEAST_PX) / spare for width in widths]


def _drawn(bar: SegmentBar, x: float, y: float, wide: float) -> Shape:
    ghost, active = bar.state == "deleted", bar.state == "active"
    frame = rect(
        *(x + 1.5, y, wide - 3, _HIGH_PX),
        fill=PAPER if ghost else CELL,
        stroke=MUTED if ghost else LEADER,
        stroke_width=3 if active else 1.4,
        stroke_dasharray="4 3" if ghost else None,
        rx=4,
    )
    crossed = (cross(x + 6, y + 5, wide - 12, _HIGH_PX - 10, stroke=ERROR),) if ghost else ()
    faint = [group(*crossed, stroke_opacity=".35")] if ghost else []
    return group(frame, *faint, *_labels(bar, x, y, wide), tip=_tip(bar), key=_id(bar))


def _labels(bar: SegmentBar, x: float, y: float, wide: float) -> list[Shape]:
    ghost = bar.state == "deleted"
    name = f"{file_number(bar.base_offset)}.log"
    if width_px(name, mono=True) > wide - 6:
        name = fitted(f"…{bar.base_offset}", wide, mono=True)
    last = bar.next_offset - 1
    inside = "empty" if last < bar.base_offset else f"{bar.base_offset}–{last}"
    inside = fitted(inside, wide - 8, 14, bold=True)
    middle, ink = x + wide / 2, MUTED if ghost else INK
    told = [
        words(middle, y - 6, name, mono=True, fill=MUTED, anchor="middle"),
        words(middle, y + 20, inside, size=14, bold=True, fill=ink, anchor="middle"),
        words(middle, y + 37, bytes_text(bar.size_bytes), fill=MUTED, anchor="middle"),
        words(middle, y + _HIGH_PX + 17, _span(bar, wide), fill=MUTED, anchor="middle"),
    ]
    under = fitted(_said(bar, wide), wide, bold=True)
    colour = word_colour(ERROR) if ghost else word_colour(LEADER)
    told.append(words(middle, y + _HIGH_PX + 34, under, bold=True, fill=colour, anchor="middle"))
    if bar.why and not ghost:
        edge_px = x + wide + 1.5
        told.append(line(edge_px, y - 4, edge_px, y + _HIGH_PX + 4, stroke=LEADER))
    return told


def _said(bar: SegmentBar, wide: float) -> str:
    """Return what became of a segment, at the length that fits."""
    verb = {"closed": "closed by ", "deleted": "deleted by "}.get(bar.state, "")
    whole = verb + bar.why
    short = bar.why if bar.state == "closed" else bar.state
    return whole if bar.why and width_px(whole, bold=True) <= wide else short


def _span(bar: SegmentBar, wide: float) -> str:
    if bar.largest_timestamp_ms is None:
        return ""
    last = moment_text(bar.largest_timestamp_ms)
    known = bar.first_timestamp_ms is not None
    span = span_text(bar.first_timestamp_ms or 0, bar.largest_timestamp_ms)
    short = moment_text(bar.largest_timestamp_ms, day_only=True)
    said = (span if known else f"up to {last}", f"up to {last}", last, f"up to {short}", short)
    return next((text for text in said if width_px(text) <= wide), fitted(short, wide))


def _tip(bar: SegmentBar) -> str:
    return f"{file_number(bar.base_offset)}.log · {bar.state} · {bar.size_bytes} bytes {bar.why}"


def _id(bar: SegmentBar) -> str:
    return f"segment/{bar.base_offset}"


def _told(bars: Sequence[SegmentBar]) -> str:
    gone = [bar for bar in bars if bar.state == "deleted"]
    kept = [bar for bar in bars if bar.state != "deleted"]
    total = bytes_text(sum(bar.size_bytes for bar in kept))
    held = f"{len(kept)} segments hold {total}; only the last, thick-framed, is written to."
    told = f"1 segment holds {total}; it is written to." if len(kept) == 1 else held
    return told if not gone else f"{told} {len(gone)} deleted."


def _row(bar: SegmentBar) -> tuple[object, ...]:
    stamps = [ms for ms in (bar.first_timestamp_ms, bar.largest_timestamp_ms) if ms is not None]
    span = f"{'–'.join(map(str, stamps))} ms" if stamps else ""
    offsets = f"{bar.base_offset}–{bar.next_offset - 1}"
    name = file_number(bar.base_offset)
    return (name, bar.state, offsets, bar.size_bytes, span, bar.why)
