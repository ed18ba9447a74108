"""Directories of a real broker, damaged in ways that a crash or a disk can damage them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from .batches import segment_batches
from .node import copy_of

Damage = Callable[[Path], object]


def torn_tail(directory: Path) -> None:
    """The last batch is cut in the middle, as by a power failure."""
    last = max(directory.glob("*.log"))
    *_, (position, _) = segment_batches(last)
    last.write_bytes(last.read_bytes()[: position + 40])


def zeroed_tail(directory: Path) -> None:
    """The file system had made room for bytes that never came."""
    last = max(directory.glob("*.log"))
    last.write_bytes(last.read_bytes() + bytes(300))


def flipped_bit(directory: Path) -> None:
    """One bit of a record in the second segment is wrong; whole batches follow it."""
    flip(sorted(directory.glob("*.log"))[1], 3000)


def removed_range(directory: Path) -> None:
    """Two whole batches in the middle of the second segment are gone."""
    path = sorted(directory.glob("*.log"))[1]
    starts = [position for position, _ in segment_batches(path)]
    data = path.read_bytes()
    path.write_bytes(data[: starts[2]] + data[starts[4] :])


def early_end(directory: Path) -> None:
    """The last batch of the second segment is gone, and a third one follows."""
    path = sorted(directory.glob("*.log"))[1]
    *_, (position, _) = segment_batches(path)
    path.write_bytes(path.read_bytes()[:position])


def no_indexes(directory: Path) -> None:
    """Nothing but the batches is left."""
    for path in directory.iterdir():
        if path.suffix in (".index", ".timeindex", ".txnindex", ".snapshot"):
            path.unlink()


def lying_indexes(directory: Path) -> None:
    """An offset and a timestamp of the first segment's indexes are not what the log says."""
    first = min(directory.glob("*.log"))
    flip(first.with_suffix(".index"), 11)
    flip(first.with_suffix(".timeindex"), 19)


def leftovers(directory: Path) -> None:
    """A cleaning and a deletion were under way when the process died."""
    first = min(directory.glob("*.log"))
    for suffix in (".log.cleaned", ".index.cleaned", ".log.deleted", ".timeindex.deleted"):
        first.with_suffix(suffix).write_bytes(b"half a file")
    (directory / f"{7:020d}.index").write_bytes(bytes(16))  # an index without its log


def nothing(directory: Path) -> None:
    """The files are sound; only the word of a clean stop is missing."""


def flip(path: Path, at: int) -> None:
    """Turn the lowest bit of one byte."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


DAMAGED: Mapping[str, tuple[str, Damage]] = {
    "sound-plain": ("plain", nothing),
    "sound-transactions": ("transactions", nothing),
    "sound-compacted": ("latest-transactions", nothing),
    "torn-tail": ("plain", torn_tail),
    "torn-transactions": ("transactions", torn_tail),
    "zeroed-tail": ("idempotent", zeroed_tail),
    "flipped-bit": ("plain", flipped_bit),
    "flipped-transactions": ("transactions", flipped_bit),
    "removed-range": ("plain", removed_range),
    "early-end": ("plain", early_end),
    "no-indexes": ("transactions", no_indexes),
    "lying-indexes": ("plain", lying_indexes),
    "leftovers": ("plain", leftovers),
}
"""By the topic that is given the directory: whose it was, and what was done to it."""


def damaged(directory_of: Callable[[str], Path], root: Path) -> dict[str, Path]:
    """Make every damaged directory below `root`."""
    made = {}
    for topic, (origin, damage) in DAMAGED.items():
        made[topic] = copy_of(directory_of(origin), root / f"{topic}-0")
        damage(made[topic])
    return made
