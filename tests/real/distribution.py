"""Real Apache Kafka as a folder of jars: fetched once by Maven, kept outside the checkout."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
VERSION = POM.read_text().split("<kafka.version>")[1].split("<")[0]
JAVA = 17
DOWNLOAD_LIMIT_S = 600


class Unavailable(Exception):
    """Real Kafka cannot run here; the message is one line that says what to install."""


def cache_directory() -> Path:
    """`KAFKABOOK_CACHE`, else the platform's cache directory of the user."""
    chosen = os.environ.get("KAFKABOOK_CACHE")
    return Path(chosen) if chosen else user_cache_path("kafkabook", appauthor=False)


def jars() -> Path:
    """The folder of jars, downloaded (55 MB) when it is not in the cache yet.

    The name of the folder holds Kafka's version and a digest of the pom, so that a changed pom
    is fetched anew. The folder appears by one rename: what is there is whole. Two processes that
    come together wait for each other at a file lock. Raises Unavailable.
    """
    if sys.platform == "win32":
        raise Unavailable("real Kafka is run here on Linux and macOS only: use WSL")
    checked_java()
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()[:8]
    folder = cache_directory() / f"kafka-{VERSION}-{digest}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder.with_name(f"{folder.name}.lock")):
            if not folder.is_dir():
                download(folder)
    return folder


def checked_java() -> str:
    """What `java` says of its version; Unavailable unless it is new enough for Kafka 4."""
    advice = f"real Kafka {VERSION} needs Java {JAVA} or later: install a JDK (openjdk-{JAVA}-jdk)"
    if shutil.which("java") is None:
        raise Unavailable(advice)
    answer = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', answer.stderr)
    if found is None or int(found.group(1)) < JAVA:
        raise Unavailable(advice)
    return answer.stderr


def download(folder: Path) -> None:
    """Let Maven copy Kafka's jars beside `folder`, then rename them to `folder`."""
    if shutil.which("mvn") is None:
        raise Unavailable(f"real Kafka {VERSION} is fetched by Maven: install maven (mvn)")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".download-") as temporary:
        parts = Path(temporary, "lib")
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime"]
        command = ["mvn", "-q", "-B", "-f", str(POM), *goal, f"-DoutputDirectory={parts}"]
        answer = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=DOWNLOAD_LIMIT_S
        )
        if answer.returncode != 0:
            said = (answer.stdout.strip() or answer.stderr.strip() or "nothing").splitlines()[0]
            raise Unavailable(f"real Kafka {VERSION} needs Maven Central; mvn said: {said}")
        parts.rename(folder)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path`; the system frees it when the process dies."""
    import fcntl  # not on Windows, where no test comes this far

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
