"""Kafka's classes as a JVM has them once it has read them: kept beside the jars for later starts.

Half of a broker's start goes into finding, reading and checking 7000 classes. A JVM that ends
cleanly can write down what it made of them (50 MB), and later ones take that as it is. It is
written by a broker that the tests run anyway, after all its work, and costs less than two starts.

Source: JEP 350; the options in `java`'s manual, "Class data sharing".
"""

import contextlib
import hashlib
import shutil
import tempfile
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from .distribution import checked_java, jars

ARCHIVE, CHECKSUM = "classes.jsa", "crc32"
QUIET = ("-Xlog:disable", "-XX:+IgnoreUnrecognizedVMOptions")
"""A JVM that cannot do it runs without, and says nothing where a tool's answer is read."""


def place_of(java_options: Sequence[str]) -> Path:
    """The folder for the classes of this Kafka in this Java with these options.

    The JVM itself looks whether an archive fits: one of another Java, or of jars that were fetched
    again since, would lie there and be of no use.
    """
    folder = jars()
    made_by = [checked_java(), str(folder.stat().st_mtime_ns), *java_options]
    digest = hashlib.sha256("\n".join(made_by).encode()).hexdigest()[:8]
    return folder.with_name(f"{folder.name}-classes-{digest}")


def options(place: Path, written: Path | None = None) -> list[str]:
    """For a JVM that starts: take the classes that are kept in `place`, unless they do not fit.

    Args:
        written: where none are kept yet, a file that gets them when this JVM ends cleanly.
    """
    if is_kept(place):
        return [*QUIET, "-Xshare:auto", f"-XX:SharedArchiveFile={place / ARCHIVE}"]
    return [*QUIET, f"-XX:ArchiveClassesAtExit={written}"] if written else []


def is_kept(place: Path) -> bool:
    """Whether there is an archive, and as it was written: a JVM dies of one that was cut."""
    try:
        expected = int((place / CHECKSUM).read_text())
        file = (place / ARCHIVE).stat()
    except (OSError, ValueError):
        return False
    return expected == checksum(place / ARCHIVE, file.st_size, file.st_mtime_ns)


@cache
def checksum(path: Path, size_bytes: int, modified_ns: int) -> int:
    """CRC-32 of a file that has this size and this time; 0.07 s, and then known."""
    return zlib.crc32(path.read_bytes())


def keep(written: Path, place: Path) -> None:
    """Put a new archive into its place by one rename, unless another session did meanwhile.

    Where the cache cannot be written to, later starts are as slow as this one.
    """
    with (
        contextlib.suppress(OSError),
        tempfile.TemporaryDirectory(dir=place.parent, prefix=".classes-") as temporary,
    ):
        parts = Path(temporary, "parts")
        parts.mkdir()
        shutil.move(written, parts / ARCHIVE)
        (parts / CHECKSUM).write_text(str(zlib.crc32((parts / ARCHIVE).read_bytes())))
        if not is_kept(place):
            shutil.rmtree(place, ignore_errors=True)
        parts.rename(place)
