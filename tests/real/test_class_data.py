"""Classes that are kept between starts: only the speed hangs on them, never whether Kafka runs."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from . import class_data
from .class_data import ARCHIVE, CHECKSUM
from .history import Recorded
from .node import classes, java

pytestmark = pytest.mark.real


def ended(command: list[str]) -> tuple[int, str]:
    """How a process ended, and what it said where tools give their answers."""
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return answer.returncode, answer.stdout


def kept(folder: Path, content: bytes) -> Path:
    """A place with an archive of that content."""
    written, place = folder / "written.jsa", folder / "cache" / "classes"
    place.parent.mkdir(exist_ok=True)
    written.write_bytes(content)
    class_data.keep(written, place)
    return place


def test_what_the_first_broker_left_is_taken_wherever_java_can(recorded: Recorded) -> None:
    """A JVM that must share and cannot ends with 1: ours is taken if the JDK's own archive is."""
    can, _ = ended(["java", "-XX:+UseSerialGC", "-Xshare:on", "-version"])
    takes, _ = ended([*java("-version")[:-1], "-Xshare:on", "-version"])
    assert (can == 0) == class_data.is_kept(classes())
    assert can == takes


def test_java_starts_in_silence_with_an_archive_that_is_none(
    kafka_jars: Path, tmp_path: Path
) -> None:
    """A tool's answer is read line by line: a complaint in it would count as a fault in a file."""
    place = kept(tmp_path, b"no classes")
    taken = class_data.options(place)
    assert f"-XX:SharedArchiveFile={place / ARCHIVE}" in taken
    assert (0, "") == ended(["java", *taken, "-version"])


@pytest.mark.parametrize(
    "damage",
    [
        lambda place: (place / ARCHIVE).write_bytes(b"class"),
        lambda place: (place / ARCHIVE).write_bytes(b"classed"),
        lambda place: (place / ARCHIVE).unlink(),
        lambda place: (place / CHECKSUM).write_text("half a num"),
        lambda place: (place / CHECKSUM).unlink(),
    ],
)
def test_what_is_not_as_it_was_written_is_not_taken(
    damage: Callable[[Path], object], tmp_path: Path
) -> None:
    """Java dies by SIGBUS of an archive that was cut; the next clean stop replaces it."""
    place = kept(tmp_path, b"classes")
    assert class_data.options(place)
    damage(place)
    assert [] == class_data.options(place)
    assert class_data.options(kept(tmp_path, b"classes"))


def test_without_an_archive_one_is_written_if_somebody_wants_it(tmp_path: Path) -> None:
    """Tools and brokers that are killed would pay and leave nothing."""
    written = tmp_path / "written.jsa"
    assert [] == class_data.options(tmp_path)
    assert f"-XX:ArchiveClassesAtExit={written}" == class_data.options(tmp_path, written)[-1]


def test_of_two_sessions_the_first_keeps_its_classes(tmp_path: Path) -> None:
    """A JVM may be reading them just now; nothing of the second is left in the cache."""
    place = kept(tmp_path, b"first")
    assert place == kept(tmp_path, b"second")
    assert b"first" == (place / ARCHIVE).read_bytes()
    assert [place] == list(place.parent.iterdir())


def test_a_cache_that_cannot_be_written_to_fails_nothing(tmp_path: Path) -> None:
    """The tests have run by then: only the next start is slow."""
    written = tmp_path / "written.jsa"
    written.write_text("classes")
    class_data.keep(written, tmp_path / "no such folder" / "classes")
    assert [written] == list(tmp_path.iterdir())
