"""The segment map: batches to scale, the sparse index that points into them, and one lookup.

A lookup is three movements: take the largest index entry not above the offset, read batch headers
from the byte it names, stop at the batch that holds the offset. `lookup_frames` shows them in turn.
"""

from collections.abc import Sequence
from typing import Any

from kafkabook.base.units import bytes_text
from kafkabook.viz.figure import WIDTH_PX, Figure, in_every_width
from kafkabook.viz.letters import fitted, width_px
from kafkabook.viz.scene import Shape, group, number, path, rect, words
from kafkabook.viz.segments import file_number
from kafkabook.viz.shapes import arrow_head
from kafkabook.viz.sheet import LEFT_PX, Sheet
from kafkabook.viz.theme import CELL, FOLLOWER, INK, LEADER, MUTED, ON, PAPER, RULE

_HIGH_PX = 36
_MOST_ENTRIES, _LEAST_ENTRIES = 6, 3
_ENTRY_PX = 128  # "420 → byte 9216" in its frame
_HIGH_INDEX_PX = 172


class Lookup:
    """One lookup over the batches and index entries of a segment, worked out but not drawn.

    Args:
        batches: have `base_offset`, `last_offset`, `position`, `size_bytes`.
        entries: pairs (offset, position), both ascending.
        find: the offset looked for.
    """

    def __init__(self, batches: Sequence[Any], entries: Sequence[Any], find: int) -> None:
        below = [place for place, entry in enumerate(entries) if entry[0] <= find]
        self.floor = below[-1] if below else None
        begin = entries[self.floor][1] if self.floor is not None else 0
        read = [n for n, batch in enumerate(batches) if batch.position >= begin]
        hit = next((n for n in read if batches[n].last_offset >= find), None)
        self.begin_byte = begin
        self.scanned = [n for n in read if hit is None or n <= hit]
        self.hit = hit


@in_every_width
def segment_map(
    segment: Any,
    *,
    find: int | None = None,
    scanned: int | None = None,
    title: str = "",
    subtitle: str = "",
    sentence: str = "",
    caption: str = "",
    width_px: int = WIDTH_PX,
) -> Figure:
    """Draw a segment's batches and its offset index, with a lookup if `find` is given.

    Args:
        segment: a `SegmentSnapshot`, or anything with `base_offset`, `batches` and `index`.
        find: the offset to look up.
        scanned: how many batch headers have been read so far; None for the whole lookup, -1 for
            the question alone, 0 for the index entry.
    """
    batches, entries = segment.batches, segment.index
    lookup = None if find is None else Lookup(batches, entries, find)
    asked = f"How does a broker find offset {find} without reading the whole file?"
    default = "Where do the entries of the index point?" if find is None else asked
    sheet = Sheet(title or default, subtitle, width_px=width_px)
    done = _progress(lookup, scanned)
    _draw(sheet, segment, lookup, done)
    told = sentence or _told(segment, lookup, find, done)
    rows = [
        (b.base_offset, b.last_offset, b.position, b.size_bytes, _state(n, lookup, done))
        for n, b in enumerate(batches)
    ]
    heads = ("first", "last", "at byte", "bytes", "lookup")
    return sheet.figure(told, heads=heads, rows=rows, caption=caption)


def lookup_frames(segment: Any, find: int, **look: Any) -> list[Figure]:
    """Return a lookup picture by picture: question, index entry, each header read, hit."""
    steps = len(Lookup(segment.batches, segment.index, find).scanned)
    return [segment_map(segment, find=find, scanned=n, **look) for n in range(-1, steps + 1)]


def _progress(lookup: Lookup | None, scanned: int | None) -> int:
    if lookup is None:
        return -1
    return len(lookup.scanned) if scanned is None else scanned


def _state(place: int, lookup: Lookup | None, done: int) -> str:
    if lookup is None or done < 1 or place not in lookup.scanned[:done]:
        return ""
    return "hit" if place == lookup.hit else "header read"


def _draw(sheet: Sheet, segment: Any, lookup: Lookup | None, done: int) -> None:
    name = file_number(segment.base_offset)
    top_px = sheet.take(_HIGH_INDEX_PX) + 20
    total = max((b.position + b.size_bytes for b in segment.batches), default=1)
    scale = sheet.room_px / total
    size, right_px = bytes_text(total), sheet.right_px
    sheet.add(
        words(LEFT_PX, top_px - 7, f"{name}.log", bold=True, mono=True, key="log"),
        words(right_px, top_px - 7, size, fill=MUTED, anchor="end", key="log/size"),
    )
    for place, batch in enumerate(segment.batches):
        state = _state(place, lookup, done)
        sheet.add(_batch(batch, LEFT_PX + batch.position * scale, top_px, scale, state))
    floor = lookup.floor if lookup and done >= 0 else None
    sheet.add(*_entries(segment.index, floor, top_px, scale, right_px))


def _batch(batch: Any, x: float, y: float, scale: float, state: str) -> Shape:
    wide = batch.size_bytes * scale
    fill = {"hit": LEADER, "header read": FOLLOWER}.get(state, CELL)
    opacity = ".45" if state == "header read" else None
    block = rect(
        *(x + 1, y, max(wide - 2, 0.8), _HIGH_PX),
        fill=fill,
        fill_opacity=opacity,
        stroke=LEADER,
        stroke_width=2 if state else 1.2,
        rx=3,
    )
    said = (_offsets(batch), str(batch.base_offset))
    text = next((it for it in said if width_px(it, bold=True) <= wide - 6), "")
    ink = ON if state == "hit" else INK
    label = words(x + wide / 2, y + 22, text, bold=True, anchor="middle", fill=ink)
    tip = f"offsets {batch.base_offset} to {batch.last_offset} · byte {batch.position}"
    tip += f" · {batch.size_bytes} bytes"
    marks = (block, label) if text else (block,)
    return group(*marks, tip=tip, key=f"batch/{batch.base_offset}")


def _entries(
    entries: Sequence[Any], floor: int | None, y: float, scale: float, right_px: float
) -> list[Shape]:
    """Draw the entries around the one that is used, each with an arrow to its byte."""
    fit = int((right_px - LEFT_PX) // _ENTRY_PX)
    most = max(min(_MOST_ENTRIES, fit), _LEAST_ENTRIES)
    first = max(0, min((floor or 0) - most // 2, len(entries) - most))
    shown = list(entries)[first : first + most]
    room_px = (right_px - LEFT_PX) / most
    wanted = [LEFT_PX + entry[1] * scale for entry in shown]
    lefts = _spread([x - room_px / 2 for x in wanted], room_px, right_px)
    marks = [words(LEFT_PX, y + 140, _index_told(len(shown), len(entries)), bold=True, key="index")]
    for place, (entry, left, target) in enumerate(zip(shown, lefts, wanted, strict=True)):
        used = first + place == floor
        marks.append(_entry(entry, left, y, target, room_px, used=used))
    return marks


def _index_told(shown: int, count: int) -> str:
    if not count:
        return ".index, empty: begin at byte 0"
    some = "" if shown == count else f"{shown} of "
    return f".index, {some}{count} entr{'y' if count == 1 else 'ies'}"


def _spread(lefts: list[float], room_px: float, right_px: float) -> list[float]:
    """Move boxes apart so that none overlaps, within the sheet."""
    placed: list[float] = []
    for left in lefts:
        placed.append(max(left, placed[-1] + room_px if placed else LEFT_PX))
    limit = right_px - room_px
    for place in range(len(placed) - 1, -1, -1):
        placed[place] = min(placed[place], limit)
        limit = placed[place] - room_px
    return placed


def _entry(
    entry: Any, left: float, y: float, target: float, room_px: float, *, used: bool
) -> Shape:
    text = f"{entry[0]} → byte {entry[1]}"
    if width_px(text, mono=True) > room_px - 18:
        text = f"{entry[0]} → {entry[1]}"
    text = fitted(text, room_px - 18, mono=True)
    wide = width_px(text, mono=True) + 14
    colour = LEADER if used else MUTED
    frame = rect(
        *(left, y + 92, wide, 24), fill=PAPER, stroke=colour, stroke_width=2.2 if used else 1, rx=4
    )
    start_x, foot = left + wide / 2, y + _HIGH_PX + 3
    d = f"M{number(start_x)} {number(y + 92)}C{number(start_x)} {number(y + 66)} "
    d += f"{number(target)} {number(y + 72)} {number(target)} {number(foot + 8)}"
    curve = path(d, stroke=colour if used else RULE, stroke_width=2.2 if used else 1.4)
    head = arrow_head(target, foot, 0, -1, fill=colour)
    label = words(start_x, y + 108.5, text, mono=True, bold=used, anchor="middle")
    tip = f"offset {entry[0]} begins at byte {entry[1]} or later"
    return group(curve, head, frame, label, tip=tip, key=f"entry/{entry[0]}")


def _told(segment: Any, lookup: Lookup | None, find: int | None, done: int) -> str:
    batches, entries = segment.batches, segment.index
    if lookup is None:
        return f"{len(batches)} batches, {len(entries)} index entries: a sparse index."
    if done < 0:
        return f"Offset {find} is asked for. The file holds {len(batches)} batches."
    told = f"The index has no entry at or below {find}: the scan begins at byte 0."
    if lookup.floor is not None:
        entry = entries[lookup.floor]
        told = f"The largest entry not above {find} is {entry[0]}, at byte {entry[1]}."
    if done < 1:
        return told
    last = batches[lookup.scanned[:done][-1]] if lookup.scanned else None
    count = f"{min(done, len(lookup.scanned))} batch header{'' if done == 1 else 's'} read"
    if last is None or done < len(lookup.scanned) or lookup.hit is None:
        return f"{told} {count}, not there yet."
    return f"{told} {count} from there; batch {_offsets(last)} holds offset {find}."


def _offsets(batch: Any) -> str:
    one = batch.base_offset == batch.last_offset
    return str(batch.base_offset) if one else f"{batch.base_offset}–{batch.last_offset}"
