"""Where the notebooks are: in a checkout beside the package, in a wheel inside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_PACKAGE = Path(__file__).resolve().parent.parent


class BookError(Exception):
    """What the reader asked for cannot be done; the message is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The folder that holds `chapters/` and `exercises/`, and whether it is a checkout."""

    root: Path
    is_checkout: bool

    def chapters(self) -> tuple[Path, ...]:
        """Return the chapter notebooks in reading order."""
        return tuple(sorted((self.root / "chapters").glob("[0-9][0-9]_*.ipynb")))

    def around(self) -> tuple[Path, ...]:
        """Return the notebooks around the chapters, which belong to no part of the notes."""
        return tuple(sorted((self.root / "chapters").glob("[a-z]*.ipynb"), reverse=True))

    def for_readers(self) -> Iterator[tuple[str, Path]]:
        """Yield what a reader works on, each as its name in the working copy and its file."""
        exercises = sorted((self.root / "exercises").glob("[0-9][0-9]_*/*"))
        for path in (*self.chapters(), *self.around(), *exercises):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(self.root).as_posix(), path


def find_sources() -> Sources:
    """Return the checkout around this package, else the notebooks that its wheel carries.

    Raises:
        BookError: neither is there, so the installation is not whole.
    """
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "chapters").is_dir():
        return Sources(checkout, is_checkout=True)
    if (_PACKAGE / "notebooks" / "chapters").is_dir():
        return Sources(_PACKAGE / "notebooks", is_checkout=False)
    raise BookError(f"no notebooks beside or inside {_PACKAGE}: please install kafkabook again")


def inside(folder: Path, name: str) -> Path:
    """Return the path of `name` in `folder`, refusing any that would leave it.

    Raises:
        BookError: an absolute name, one with `..` or a backslash, or a link that leads outside.

    >>> inside(Path("work"), "chapters/00_start_here.ipynb").as_posix()
    'work/chapters/00_start_here.ipynb'
    """
    parts = PurePosixPath(name).parts
    plain = parts and not {"..", "/"} & set(parts) and not any(mark in name for mark in "\\:\0")
    path = folder.joinpath(*parts) if plain else folder
    if not plain or not path.resolve().is_relative_to(folder.resolve()):
        raise BookError(f"{name!r} would lie outside of {folder}, so nothing was written there")
    return path
