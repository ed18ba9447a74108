"""The reader's own copy: chapters without outputs, and exercises, which an update never destroys.

An update refreshes what the reader did not touch, keeps what they did and says so. Whatever it does
overwrite lies in `.kafkabook/backup/` first.
"""

import hashlib
import shutil
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path

from kafkabook import __version__
from kafkabook.book.manifest import Manifest, read_manifest, write_manifest
from kafkabook.book.notebooks import fingerprint, for_jupyterlab
from kafkabook.book.sources import BookError, Sources, inside

BACKUPS = ".kafkabook/backup"


class Fate(StrEnum):
    """What an update does with one file."""

    NEW = "new"
    UNCHANGED = "unchanged"
    REFRESHED = "refreshed"
    RESTORED = "restored"
    KEPT = "kept: yours"
    BESIDE = "kept: yours, the new version lies beside it"


@dataclass(frozen=True, slots=True)
class Placed:
    """One line of the report: which file, what became of it, and where the other version lies."""

    name: str
    fate: Fate
    other: str = ""


def fate_of(*, ours: str, laid: str | None, here: str | None) -> Fate:
    """Decide by three fingerprints: the one we bring, the one laid last, the one found now.

    >>> fate_of(ours="v2", laid="v1", here="v1"), fate_of(ours="v2", laid="v1", here="edited")
    (<Fate.REFRESHED: 'refreshed'>, <Fate.BESIDE: 'kept: yours, the new version lies beside it'>)
    """
    if here is None:
        return Fate.NEW if laid is None else Fate.RESTORED
    if here == ours:
        return Fate.UNCHANGED
    if here == laid:
        return Fate.REFRESHED
    return Fate.KEPT if laid == ours else Fate.BESIDE


def lay(sources: Sources, folder: Path) -> tuple[Placed, ...]:
    """Lay or update the working copy in `folder` and tell what became of each file.

    Raises:
        BookError: `folder` is a file, is the checkout itself, or a name would leave it.
    """
    _check_folder(sources, folder)
    folder.mkdir(parents=True, exist_ok=True)
    laid = dict(read_manifest(folder).files)
    placed = [_place(folder, name, _for_reader(path), laid) for name, path in sources.for_readers()]
    write_manifest(folder, Manifest(__version__, laid))
    _sign(folder, [file.name for file in placed if file.fate not in (Fate.KEPT, Fate.BESIDE)])
    return tuple(placed)


def _check_folder(sources: Sources, folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise BookError(f"{folder} is a file; please name a folder for your working copy")
    if folder.resolve() in (sources.root.resolve(), *sources.root.resolve().parents):
        raise BookError(f"{folder} holds the book's own sources; please name another folder")


def _for_reader(path: Path) -> bytes:
    data = path.read_bytes()
    return for_jupyterlab(data) if path.suffix == ".ipynb" else data


def _place(folder: Path, name: str, data: bytes, laid: dict[str, str]) -> Placed:
    """Do what `fate_of` says, and remember in `laid` what the reader has now been offered."""
    path, ours = inside(folder, name), fingerprint(data)
    here = fingerprint(path.read_bytes()) if path.is_file() else None
    fate = fate_of(ours=ours, laid=laid.get(name), here=here)
    laid[name] = ours
    if fate in (Fate.UNCHANGED, Fate.KEPT):
        return Placed(name, fate)
    if fate is Fate.BESIDE:
        beside = path.with_name(f"{path.stem}.new{path.suffix}")
        _write(folder, beside, data)
        return Placed(name, fate, beside.relative_to(folder).as_posix())
    return Placed(name, fate, _write(folder, path, data))


def _write(folder: Path, path: Path, data: bytes) -> str:
    """Write `data`; what lay there goes to the backups first. Return where, or nothing."""
    backup = _backed_up(folder, path) if path.is_file() and path.read_bytes() != data else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.part")
    fresh.write_bytes(data)
    fresh.replace(path)
    return backup


def _backed_up(folder: Path, path: Path) -> str:
    version = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    within = path.relative_to(folder)
    name = f"{BACKUPS}/{within.with_name(f'{path.stem}.{version}{path.suffix}').as_posix()}"
    backup = inside(folder, name)
    backup.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, backup)
    return name


def _sign(folder: Path, names: list[str]) -> None:
    """Sign the notebooks that say exactly what we shipped, so that their pictures are shown.

    A file that the reader changed is left to the reader's own trust.
    """
    nbformat = import_module("nbformat")  # 0.2 s, and only needed here
    notary = import_module("nbformat.sign").NotebookNotary()
    for name in names:
        if name.endswith(".ipynb"):
            notary.sign(nbformat.read(folder / name, as_version=4))
