"""What lies on the disk: every file of a partition's directory, and what of it would survive."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kafkabook.base.units import bytes_text
from kafkabook.viz.figure import Figure
from kafkabook.viz.letters import fitted
from kafkabook.viz.plain import plain
from kafkabook.viz.scene import Shape, group, rect, words
from kafkabook.viz.shapes import cross, hatch
from kafkabook.viz.sheet import LEFT_PX, RIGHT_PX, Sheet
from kafkabook.viz.theme import CELL, ERROR, LEADER, MUTED, PAPER, word_colour

_WHAT = (
    ("leader-epoch-checkpoint", "where each leader's records begin"),
    ("partition.metadata", "the id of the topic"),
    ("replication-offset-checkpoint", "high watermarks of all partitions"),
    ("recovery-point-offset-checkpoint", "up to where all is flushed"),
    ("log-start-offset-checkpoint", "log starts after deletions"),
    ("cleaner-offset-checkpoint", "up to where compaction has come"),
    ("meta.properties", "which broker this directory belongs to"),
    (".kafka_cleanshutdown", "the last stop was an orderly one"),
    (".log", "record batches, one after another"),
    (".timeindex", "timestamp → offset, sparse"),
    (".index", "offset → byte in the .log, sparse"),
    (".snapshot", "producers' last sequences"),
    (".txnindex", "aborted transactions"),
    (".deleted", "renamed, waiting to be removed"),
    (".cleaned", "written by compaction, not yet in use"),
    (".swap", "compacted, about to replace its originals"),
)
_MOST_ROWS = 13
_BAR_LEFT_PX = 300
_BAR_PX = 120


class FileBytes(NamedTuple):
    """One file: what is on the disk, what is only in the page cache, what a crash took."""

    name: str
    flushed_bytes: int
    unflushed_bytes: int = 0
    lost_bytes: int = 0

    @property
    def size_bytes(self) -> int:
        """Size as a program sees it."""
        return self.flushed_bytes + self.unflushed_bytes


def what_it_is(name: str) -> str:
    """Say in a few words what a file of a log directory is for.

    >>> what_it_is("00000000000000000042.timeindex")
    'timestamp → offset, sparse'
    """
    ending = name.removesuffix(".deleted") if name.endswith(".deleted") else name
    told = next((what for end, what in _WHAT if ending.endswith(end)), "not Kafka's")
    return f"{told}, going" if ending != name else told


def files_view(
    sizes_bytes: Mapping[str, int],
    *,
    title: str = "Which files make a partition?",
    subtitle: str = "",
    sentence: str = "",
    caption: str = "",
) -> Figure:
    """Draw a directory: each file, its size in bytes, and what it is for."""
    sheet = Sheet(title, subtitle)
    names = sorted(sizes_bytes)
    most = max(sizes_bytes.values(), default=0) or 1
    for name in names[:_MOST_ROWS]:
        y = sheet.take(21)
        sheet.add(_named(name, y), *_size(sizes_bytes[name], most, y))
        what = fitted(what_it_is(name), RIGHT_PX - _BAR_LEFT_PX - _BAR_PX - 80, 12)
        sheet.add(words(_BAR_LEFT_PX + _BAR_PX + 80, y + 14, what, fill=MUTED))
    _more(sheet, len(names))
    total = bytes_text(sum(sizes_bytes.values()))
    rows = [(name, sizes_bytes[name], what_it_is(name)) for name in names]
    told = sentence or f"{len(names)} files, {total} in all."
    return sheet.figure(told, heads=("file", "bytes", "what it is"), rows=rows, caption=caption)


def disk_view(
    files: Sequence[FileBytes],
    *,
    title: str = "What would a power failure leave?",
    subtitle: str = "",
    sentence: str = "",
    caption: str = "",
) -> Figure:
    """Draw for each file what is flushed (solid), only written (hatched) and lost (crossed out)."""
    sheet = Sheet(title, subtitle)
    most = max((it.size_bytes + it.lost_bytes for it in files), default=0) or 1
    _key(sheet)
    for it in files[:_MOST_ROWS]:
        y = sheet.take(23)
        sheet.add(_named(it.name, y), *_shares(it, (RIGHT_PX - _BAR_LEFT_PX - 76) / most, y))
        sheet.add(words(RIGHT_PX, y + 14, bytes_text(it.size_bytes), anchor="end", fill=MUTED))
    _more(sheet, len(files))
    rows = [(it.name, it.flushed_bytes, it.unflushed_bytes, it.lost_bytes) for it in files]
    heads = ("file", "flushed", "only written", "lost")
    return sheet.figure(sentence or _told(files), heads=heads, rows=rows, caption=caption)


def bytes_on(disk: Any, folder: str = "") -> list[FileBytes]:
    """Return what a `log.disk.Disk` holds in a folder, flushed and not."""
    found = []
    for name in sorted(disk.list(folder)):
        path = f"{folder}/{name}" if folder else name
        waiting = disk.unflushed_bytes(path)
        found.append(FileBytes(name, disk.size(path) - waiting, waiting))
    return found


def _named(name: str, y: float) -> Shape:
    shown = fitted(plain(name), _BAR_LEFT_PX - LEFT_PX - 12, 12, mono=True)
    return group(words(LEFT_PX, y + 14, shown, mono=True), tip=name, key=f"file/{name}")


def _size(size_bytes: int, most_bytes: int, y: float) -> list[Shape]:
    wide = max(_BAR_PX * size_bytes / most_bytes, 1 if size_bytes else 0)
    text = bytes_text(size_bytes)
    return [
        rect(_BAR_LEFT_PX, y + 4, _BAR_PX, 12, fill=CELL, rx=2),
        rect(_BAR_LEFT_PX, y + 4, wide, 12, fill=LEADER, rx=2),
        words(_BAR_LEFT_PX + _BAR_PX + 68, y + 14, text, anchor="end"),
    ]


def _shares(it: FileBytes, scale: float, y: float) -> list[Shape]:
    x, marks = float(_BAR_LEFT_PX), []
    for size_bytes, state in (
        (it.flushed_bytes, "flushed"),
        (it.unflushed_bytes, "only written"),
        (it.lost_bytes, "lost"),
    ):
        if size_bytes:
            marks.append(_share(x, y + 3, max(size_bytes * scale, 2), state))
            x += max(size_bytes * scale, 2)
    return marks


def _share(x: float, y: float, wide: float, state: str) -> Shape:
    if state == "flushed":
        return rect(x, y, wide, 14, fill=LEADER, rx=2)
    colour = LEADER if state == "only written" else ERROR
    frame = rect(
        *(x + 1, y + 0.5, max(wide - 2, 1), 13),
        fill=CELL if state == "only written" else PAPER,
        stroke=colour,
        stroke_dasharray=None if state == "only written" else "3 2",
        rx=2,
    )
    inside = hatch(x + 1, y, max(wide - 2, 1), 14, stroke=colour)
    gone = cross(x + 3, y + 2, max(wide - 6, 1), 10, stroke=colour)
    return group(frame, inside if state == "only written" else gone)


def _key(sheet: Sheet) -> None:
    y, x = sheet.take(24), float(_BAR_LEFT_PX)
    for state in ("flushed", "only written", "lost"):
        sheet.add(_share(x, y, 22, state), words(x + 28, y + 11, state, fill=MUTED))
        x += 128


def _more(sheet: Sheet, count: int) -> None:
    if count > _MOST_ROWS:
        text = f"and {count - _MOST_ROWS} more files"
        sheet.add(words(LEFT_PX, sheet.take(18) + 13, text, fill=word_colour(MUTED)))


def _told(files: Sequence[FileBytes]) -> str:
    flushed = bytes_text(sum(it.flushed_bytes for it in files))
    waiting = sum(it.unflushed_bytes for it in files)
    lost = sum(it.lost_bytes for it in files)
    told = f"{flushed} are safe on the disk."
    told += f" {bytes_text(waiting)} are only in the page cache." if waiting else ""
    return told + (f" {bytes_text(lost)} are lost." if lost else "")
