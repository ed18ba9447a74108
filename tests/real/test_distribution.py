"""Where Kafka's jars come from: one download, whole or not at all, and one line when it fails."""

import subprocess
import sys
from pathlib import Path

import pytest

from .class_data import place_of
from .distribution import Unavailable, jars

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="real Kafka is not run there")

JAVA = "echo 'openjdk version \"21.0.1\"' >&2"
MAVEN = """
echo asked >> "$KAFKABOOK_CACHE/asked"
for word; do case $word in -DoutputDirectory=*) folder=${word#*=};; esac; done
mkdir "$folder" && sleep 0.3 && touch "$folder/kafka.jar"
"""
IN_ANOTHER_PROCESS = "from real.distribution import jars; print(*jars().iterdir())"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without Java and Maven and with an empty cache; programs go into the folder."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (tmp_path / "cache").mkdir()
    monkeypatch.setenv("KAFKABOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(programs))
    return programs


def install(machine: Path, name: str, script: str) -> None:
    """Put a program into the machine's only folder of programs."""
    program = machine / name
    program.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
    program.chmod(0o755)


def test_without_java_one_line_says_what_to_install(machine: Path) -> None:
    """A skip that does not name the missing thing is a riddle."""
    with pytest.raises(Unavailable) as caught:
        jars()
    expected = "real Kafka 4.3.1 needs Java 17 or later: install a JDK (openjdk-17-jdk)"
    assert expected == str(caught.value)


def test_a_java_of_old_is_as_good_as_none(machine: Path) -> None:
    """Kafka 4 on Java 11 would die with a class file version that tells a learner nothing."""
    install(machine, "java", "echo 'openjdk version \"11.0.2\"' >&2")
    with pytest.raises(Unavailable, match=r"needs Java 17 or later"):
        jars()


def test_without_maven_one_line_says_what_to_install(machine: Path) -> None:
    """Java alone is not enough while the cache is empty."""
    install(machine, "java", JAVA)
    with pytest.raises(Unavailable) as caught:
        jars()
    assert "real Kafka 4.3.1 is fetched by Maven: install maven (mvn)" == str(caught.value)


def test_a_download_that_fails_leaves_nothing_behind(machine: Path) -> None:
    """Half a folder of jars would fail every later run, and nobody would know why."""
    install(machine, "java", JAVA)
    install(machine, "mvn", 'echo "no route to the repository"; exit 1')
    with pytest.raises(Unavailable, match="mvn said: no route to the repository$"):
        jars()
    assert [] == [path.name for path in (machine.parent / "cache").iterdir() if path.is_dir()]


def test_two_processes_download_once(machine: Path) -> None:
    """Tests often run side by side: the second waits at the lock and finds the work done."""
    install(machine, "java", JAVA)
    install(machine, "mvn", MAVEN)
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS]
    here = Path(__file__).parent.parent
    both = [subprocess.Popen(command, cwd=here, stdout=subprocess.PIPE) for _ in range(2)]
    answers = {process.communicate(timeout=30)[0] for process in both}
    assert 1 == len(answers)
    assert answers.pop().endswith(b"/kafka.jar\n")
    assert "asked\n" == (machine.parent / "cache" / "asked").read_text()


def test_another_java_keeps_its_classes_elsewhere(machine: Path) -> None:
    """Two versions that are used in turn would throw each other's archive away."""
    install(machine, "mvn", MAVEN)
    places = []
    for version in ("21.0.1", "21.0.2"):
        install(machine, "java", JAVA.replace("21.0.1", version))
        places += [place_of(["-XX:+UseSerialGC"]), place_of([])]
    assert 4 == len(set(places))
    assert {jars().parent} == {place.parent for place in places}
