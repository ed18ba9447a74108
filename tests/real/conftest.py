"""One real broker for the whole session, and the directories that it leaves behind.

Directories: `recorded` (after a clean stop), `killed` (after kill -9), and by name
`real_plain_directory`, `real_codecs_directory`, `real_idempotent_directory`,
`real_transactional_directory`, `real_append_time_directory`, `real_compacted_directory`,
`real_offsets_directory`, `real_transaction_state_directory`, `real_killed_directory`.
They are shared: copy one before changing it. Of our own making are `our_logs`; `served` is what a
consumer is given of those and of `damaged_directories` when a broker finds them in its place.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafkabook.log.partition_log import PartitionLog

from . import history, ours
from .damage import damaged
from .distribution import Unavailable, jars
from .kafka import RealKafka

MISSING = pytest.StashKey[str]()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say once why the tests beside real Kafka were skipped, also when pytest is quiet."""
    if MISSING in config.stash:
        terminalreporter.write_line(f"tests/real was skipped: {config.stash[MISSING]}")


@pytest.fixture(scope="session")
def kafka_jars(pytestconfig: pytest.Config) -> Path:
    """Kafka's jars; where they cannot be had the test skips, or fails if nothing may skip."""
    try:
        return jars()
    except Unavailable as reason:
        pytestconfig.stash[MISSING] = str(reason)
        if os.environ.get("KAFKABOOK_REQUIRE_ALL") == "1":
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def kafka_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the session's broker and the copies of its directories live."""
    return tmp_path_factory.mktemp("kafka")


@pytest.fixture(scope="session")
def kafka(kafka_jars: Path, kafka_folder: Path) -> Iterator[RealKafka]:
    """One combined node, started; use it through the fixtures below, which stop and start it."""
    with RealKafka.combined(kafka_folder, history.LONG_SESSION) as kafka:
        yield kafka


@pytest.fixture(scope="session")
def recorded(kafka: RealKafka, kafka_folder: Path) -> history.Recorded:
    """Everything that the broker wrote until its clean stop."""
    return history.record(kafka, kafka_folder)


@pytest.fixture(scope="session")
def killed(kafka: RealKafka, recorded: history.Recorded, kafka_folder: Path) -> Path:
    """A copy of `log.dirs` after the broker ran again, wrote more and was killed."""
    return history.crash(kafka, kafka_folder)


@pytest.fixture(scope="session")
def our_logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, PartitionLog]:
    """A log of ours of each kind, in real directories; by topic, see `ours.KINDS`."""
    return ours.all_kinds(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="session")
def damaged_directories(
    recorded: history.Recorded, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """Copies of the broker's directories, damaged; by topic, see `damage.DAMAGED`."""
    return damaged(recorded.directory, tmp_path_factory.mktemp("damaged"))


@pytest.fixture(scope="session")
def served(
    kafka: RealKafka,
    killed: Path,
    our_logs: dict[str, PartitionLog],
    damaged_directories: dict[str, Path],
) -> history.Served:
    """What a consumer is given of our logs and the damaged ones; the broker is killed then."""
    places = {topic: ours.directory_of(log) for topic, log in our_logs.items()}
    return history.serve(kafka, {**places, **damaged_directories})


@pytest.fixture(scope="session")
def real_plain_directory(recorded: history.Recorded) -> Path:
    """Uncompressed records in several segments, cleanly closed."""
    return recorded.directory("plain")


@pytest.fixture(scope="session")
def real_codecs_directory(recorded: history.Recorded) -> Path:
    """All four codecs, compressed by librdkafka and by the broker."""
    return recorded.directory("codecs")


@pytest.fixture(scope="session")
def real_idempotent_directory(recorded: history.Recorded) -> Path:
    """Batches of three idempotent producers, and snapshots of their state."""
    return recorded.directory("idempotent")


@pytest.fixture(scope="session")
def real_transactional_directory(recorded: history.Recorded) -> Path:
    """Committed, aborted, interleaved transactions, and one that is still open."""
    return recorded.directory("transactions")


@pytest.fixture(scope="session")
def real_append_time_directory(recorded: history.Recorded) -> Path:
    """Batches that carry the broker's time of append."""
    return recorded.directory("append-time")


@pytest.fixture(scope="session")
def real_compacted_directory(recorded: history.Recorded) -> Path:
    """A log that the real cleaner passed over twice."""
    return recorded.directory("latest")


@pytest.fixture(scope="session")
def real_offsets_directory(recorded: history.Recorded) -> Path:
    """`__consumer_offsets`: groups of both protocols, and one deleted."""
    return recorded.directory("__consumer_offsets")


@pytest.fixture(scope="session")
def real_transaction_state_directory(recorded: history.Recorded) -> Path:
    """`__transaction_state`: every state that a transaction passes through."""
    return recorded.directory("__transaction_state")


@pytest.fixture(scope="session")
def real_killed_directory(killed: Path) -> Path:
    """The plain log with two leader epochs, its newest index files still preallocated."""
    return killed / "plain-0"
