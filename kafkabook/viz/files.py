"""What lies on the disk: every file of a partition's directory, and what of it would survive."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kafkabook.base.plain import plain
from kafkabook.base.units import bytes_text
from kafkabook.viz.figure import WIDTH_PX, Figure, in_every_width
from kafkabook.viz.letters import fitted, width_px
from kafkabook.viz.scene import Shape, group, rect, words
from kafkabook.viz.shapes import cross, hatch
from kafkabook.viz.sheet import LEFT_PX, Sheet
from kafkabook.viz.theme import CELL, ERROR, LEADER, MUTED, PAPER

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
_BAR_LEFT_PX = 284
_BAR_PX, _SIZE_PX = 120, 72
_BELOW_PX = 19  # from a name to its bar, where the bar stands below it


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
    return _directory(tuple(sorted(sizes_bytes.items())), title, subtitle, sentence, caption)


@in_every_width
def _directory(
    sizes: Sequence[tuple[str, int]],
    title: str,
    subtitle: str,
    sentence: str,
    caption: str,
    *,
    width_px: int = WIDTH_PX,
) -> Figure:
    sheet = Sheet(title, subtitle, width_px=width_px)
    most = max((size for _, size in sizes), default=0) or 1
    for name, size in sizes[:_MOST_ROWS]:
        y, place = sheet.take(22), _place(sheet)
        sheet.add(_named(name, y, sheet))
        sheet.take(place.below_px)
        _purpose(sheet, name, size / most, y, place)
        size_px = place.size_px
        told = bytes_text(size)
        sheet.add(words(size_px, y + 14, told, anchor="end", key=f"file/{name}/size"))
    _more(sheet, len(sizes))
    total = bytes_text(sum(size for _, size in sizes))
    rows = [(name, size, what_it_is(name)) for name, size in sizes]
    told = sentence or f"{len(sizes)} files, {total} in all."
    return sheet.figure(told, heads=("file", "bytes", "what it is"), rows=rows, caption=caption)


@in_every_width
def disk_view(
    files: Sequence[FileBytes],
    *,
    title: str = "What would a power failure leave?",
    subtitle: str = "",
    sentence: str = "",
    caption: str = "",
    width_px: int = WIDTH_PX,
) -> Figure:
    """Draw for each file what is flushed (solid), only written (hatched) and lost (crossed out)."""
    sheet = Sheet(title, subtitle, width_px=width_px)
    most = max((it.size_bytes + it.lost_bytes for it in files), default=0) or 1
    place = _place(sheet)
    _key(sheet, place)
    for it in files[:_MOST_ROWS]:
        y = sheet.take(23)
        sheet.add(_named(it.name, y, sheet))
        scale = (sheet.right_px - place.bar_px - (0 if place.below_px else _SIZE_PX)) / most
        sheet.take(place.below_px)
        sheet.add(*_shares(it, scale, place.bar_px, y + place.below_px))
        told, key = bytes_text(it.size_bytes), f"file/{it.name}/size"
        sheet.add(words(sheet.right_px, y + 14, told, anchor="end", fill=MUTED, key=key))
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


class _Place(NamedTuple):
    """Where a row's bar begins, where its size ends, and how far below its name the bar stands."""

    bar_px: float
    size_px: float
    below_px: float


def _place(sheet: Sheet) -> _Place:
    """Return where bars stand: beside names, or on a narrow sheet below them."""
    if sheet.width_px == WIDTH_PX:
        return _Place(_BAR_LEFT_PX, _BAR_LEFT_PX + _BAR_PX + _SIZE_PX, 0)
    return _Place(LEFT_PX, sheet.right_px, _BELOW_PX)


def _named(name: str, y: float, sheet: Sheet) -> Shape:
    room_px = min(_BAR_LEFT_PX - LEFT_PX - 12, sheet.room_px - _SIZE_PX)
    shown = fitted(plain(name), room_px, mono=True)
    return group(words(LEFT_PX, y + 14, shown, mono=True), tip=name, key=f"file/{name}")


def _purpose(sheet: Sheet, name: str, share: float, y: float, place: _Place) -> None:
    """Draw how large a file is, and write what it is for."""
    y += place.below_px
    key, wide_px = f"file/{name}", max(_BAR_PX * share, 1 if share else 0)
    what_px = (place.bar_px + _BAR_PX if place.below_px else place.size_px) + 10
    what = fitted(what_it_is(name), sheet.right_px - what_px)
    sheet.add(
        rect(place.bar_px, y + 4, _BAR_PX, 12, fill=CELL, rx=2, key=f"{key}/most"),
        rect(place.bar_px, y + 4, wide_px, 12, fill=LEADER, rx=2, key=f"{key}/bar"),
        words(what_px, y + 14, what, fill=MUTED, key=f"{key}/what"),
    )


def _shares(it: FileBytes, scale: float, x: float, y: float) -> list[Shape]:
    marks = []
    for size_bytes, state in (
        (it.flushed_bytes, "flushed"),
        (it.unflushed_bytes, "only written"),
        (it.lost_bytes, "lost"),
    ):
        if size_bytes:
            key = f"file/{it.name}/{state}"
            marks.append(_share(x, y + 3, max(size_bytes * scale, 2), state, key))
            x += max(size_bytes * scale, 2)
    return marks


def _share(x: float, y: float, wide: float, state: str, key: str) -> Shape:
    if state == "flushed":
        return rect(x, y, wide, 14, fill=LEADER, rx=2, key=key)
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
    return group(frame, inside if state == "only written" else gone, key=key)


def _key(sheet: Sheet, place: _Place) -> None:
    y, x = sheet.take(24), float(place.bar_px)
    for state in ("flushed", "only written", "lost"):
        sample = _share(x, y, 22, state, f"legend/{state}")
        sheet.add(sample, words(x + 28, y + 11, state, fill=MUTED, key=f"legend/{state}/told"))
        x += 28 + width_px(state) + 24


def _more(sheet: Sheet, count: int) -> None:
    if count > _MOST_ROWS:
        text = f"and {count - _MOST_ROWS} more files"
        sheet.add(words(LEFT_PX, sheet.take(18) + 13, text, fill=MUTED, key="more"))


def _told(files: Sequence[FileBytes]) -> str:
    flushed = bytes_text(sum(it.flushed_bytes for it in files))
    waiting = sum(it.unflushed_bytes for it in files)
    lost = sum(it.lost_bytes for it in files)
    told = f"{flushed} are safe on the disk."
    told += f" {bytes_text(waiting)} are only in the page cache." if waiting else ""
    return told + (f" {bytes_text(lost)} are lost." if lost else "")
