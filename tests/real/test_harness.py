"""The harness itself: what it starts, stops and copies is what the oracle stands on."""

from pathlib import Path

import pytest

from .damage import flip
from .distribution import VERSION
from .dump import dump, segment_files
from .history import TOPICS, Recorded
from .kafka import RealKafka
from .node import copy_of, free_ports

pytestmark = pytest.mark.real


def files(directory: Path, suffix: str) -> dict[str, int]:
    """Names without the suffix, and sizes in bytes."""
    return {path.stem: path.stat().st_size for path in directory.glob(f"*{suffix}")}


def test_ports_are_all_different() -> None:
    """Ports that are chosen one by one may be given twice."""
    ports = free_ports(20)
    assert 20 == len(set(ports))


def test_three_brokers_get_a_controller_that_is_none_of_them(
    kafka_jars: Path, tmp_path: Path
) -> None:
    """With combined nodes the second kill would take the controller's quorum along."""
    kafka = RealKafka.cluster(tmp_path)
    texts = [(node.folder / "server.properties").read_text() for node in kafka.nodes]
    roles = [text.split("process.roles=")[1].split("\n")[0] for text in texts]
    assert ["controller", "broker", "broker", "broker"] == roles
    assert [100, 1, 2, 3] == [node.node_id for node in kafka.nodes]
    assert all("offsets.topic.replication.factor=3\n" in text for text in texts)


def test_the_broker_is_of_the_version_that_the_book_speaks_of(
    kafka: RealKafka, recorded: Recorded
) -> None:
    """An oracle of another version would vouch for other rules."""
    (node,) = kafka.brokers
    assert "4.3.1" == VERSION
    assert f"Kafka version: {VERSION} (" in (node.folder / "node.log").read_text()


def test_a_clean_stop_leaves_trimmed_files_and_a_sign(recorded: Recorded) -> None:
    """What the tests below compare to the byte is only there after a clean stop."""
    plain = recorded.directory("plain")
    assert (recorded.directories / ".kafka_cleanshutdown").exists()
    assert len(files(plain, ".log")) > 2
    assert max(files(plain, ".index").values()) < 1000
    assert f"{400:020d}" in files(plain, ".snapshot")


def test_a_kill_leaves_preallocated_indexes_and_no_sign(killed: Path) -> None:
    """The state that recovery is for; and a restart has begun a new leader epoch."""
    newest = max(files(killed / "plain-0", ".index").items())
    assert not (killed / ".kafka_cleanshutdown").exists()
    assert 10 * 1024 * 1024 == newest[1]
    checkpoint = (killed / "plain-0" / "leader-epoch-checkpoint").read_text().splitlines()
    assert ["0", "2", "0 0"] == checkpoint[:3]
    assert checkpoint[3].endswith(" 400")


def test_the_tool_finds_no_fault_in_what_the_broker_wrote(recorded: Recorded) -> None:
    """The check must be silent on good files, or its silence on ours means nothing."""
    directories = [recorded.directory(topic) for topic in TOPICS]
    dumped = dump(segment_files(*directories), "--print-data-log")
    assert () == dumped.faults
    received = recorded.received["read_uncommitted"]
    assert {topic: len(received[topic]) for topic in TOPICS} == {
        topic: sum(not record.is_control for record in dumped.records(recorded.directory(topic)))
        for topic in TOPICS
    }


def test_every_kind_of_file_was_recorded(recorded: Recorded) -> None:
    """An oracle that never saw an aborted transaction or a tombstone proves nothing about them."""
    transactions = recorded.directory("transactions")
    assert 3 * 34 == sum(files(transactions, ".txnindex").values())
    committed = recorded.received["read_committed"]["transactions"]
    assert 0 < len(committed) < len(recorded.received["read_uncommitted"]["transactions"])
    for before, after in (
        (cleaning.before, cleaning.after)
        for cleanings in recorded.cleanings.values()
        for cleaning in cleanings
    ):
        assert sum(files(after, ".log").values()) < sum(files(before, ".log").values())


def test_the_tool_finds_one_wrong_bit_in_each_kind_of_file(
    recorded: Recorded, tmp_path: Path
) -> None:
    """The negative control: were the check blind, every test that trusts it would pass."""
    bad = copy_of(recorded.directory("plain"), tmp_path / "plain-0")
    flip(bad / f"{0:020d}.log", 5000)
    flip(bad / f"{0:020d}.index", 11)  # an offset
    flip(bad / f"{0:020d}.timeindex", 19)  # a timestamp
    faults = dump(segment_files(bad)).faults
    assert 1 == sum(fault.endswith("isvalid: false") for fault in faults)
    assert any(fault.startswith("Mismatches in :") for fault in faults)
    assert any("Index timestamp: " in fault for fault in faults)
